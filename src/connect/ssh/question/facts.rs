//! Facts under Ansible's names, read from the raw texts that the host sent.

use std::collections::BTreeMap;

use serde_json::json;

use super::{network, raw::Raw, system};
use crate::model::{Map, Value};

/// All facts. None when the host's answer is not what the prelude sends.
pub fn read(bytes: &[u8]) -> Option<Value> {
    let whole = String::from_utf8_lossy(bytes);
    let mut words = whole.split_terminator('\0');
    let mut raw = BTreeMap::new();
    loop {
        let name = words.next()?;
        if name == "environment" {
            break;
        }
        raw.insert(name, words.next()?);
    }
    let raw = Raw(raw);
    let mut facts = Map::new();
    system::add(&raw, &mut facts)?;
    network::add(&raw, &mut facts);
    add_user(&raw, &mut facts)?;
    facts.insert("date_time".to_owned(), date_time(&raw)?);
    facts.insert("mounts".to_owned(), mounts(&raw));
    facts.insert("env".to_owned(), environment(&raw, words));
    facts.insert("gather_subset".to_owned(), json!(["all"]));
    facts.insert("module_setup".to_owned(), json!(true));
    Some(Value::Object(facts))
}

fn add_user(raw: &Raw, facts: &mut Map) -> Option<()> {
    let fields: Vec<&str> = raw.text("user").split(':').collect();
    let [name, _, uid, gid, gecos, dir, shell] = fields[..] else {
        return None;
    };
    let ids: Vec<u32> = raw
        .text("ids")
        .split(' ')
        .filter_map(|id| id.parse().ok())
        .collect();
    let [real_user, effective_user, real_group, effective_group] = ids[..] else {
        return None;
    };
    for (key, value) in [
        ("user_id", json!(name)),
        ("user_uid", json!(uid.parse::<u32>().ok()?)),
        ("user_gid", json!(gid.parse::<u32>().ok()?)),
        ("user_gecos", json!(gecos)),
        ("user_dir", json!(dir)),
        ("user_shell", json!(shell)),
        ("real_user_id", json!(real_user)),
        ("effective_user_id", json!(effective_user)),
        ("real_group_id", json!(real_group)),
        ("effective_group_id", json!(effective_group)),
    ] {
        facts.insert(key.to_owned(), value);
    }
    Some(())
}

fn date_time(raw: &Raw) -> Option<Value> {
    let words: Vec<&str> = raw.text("date").split(' ').collect();
    let [
        year,
        month,
        day,
        hour,
        minute,
        second,
        epoch,
        zone,
        offset,
        weekday,
        weekday_number,
        _,
        week,
        nano,
    ] = words[..]
    else {
        return None;
    };
    let date = format!("{year}-{month}-{day}");
    let time = format!("{hour}:{minute}:{second}");
    let utc = jiff::Timestamp::from_second(epoch.parse().ok()?).ok()?;
    let micro = nano.get(..6).unwrap_or("000000");
    let basic = format!("{year}{month}{day}T{hour}{minute}{second}");
    Some(json!({
        "year": year, "month": month, "day": day,
        "hour": hour, "minute": minute, "second": second,
        "date": date, "time": time,
        "epoch": epoch, "epoch_int": epoch,
        "iso8601": utc.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "iso8601_micro": utc.strftime(&format!("%Y-%m-%dT%H:%M:%S.{micro}Z")).to_string(),
        "iso8601_basic": format!("{basic}{micro}"),
        "iso8601_basic_short": basic,
        "tz": zone, "tz_dst": zone, "tz_offset": offset,
        "weekday": weekday, "weekday_number": weekday_number, "weeknumber": week,
    }))
}

/// `device mount type options dump pass`, then `size blocks available free inodes inodes-free` where they are known.
fn mounts(raw: &Raw) -> Value {
    let mut found = Vec::new();
    for line in raw.lines("mounts") {
        let words: Vec<&str> = line.split(' ').collect();
        let [device, mount, kind, options, dump, pass, sizes @ ..] = &words[..] else {
            continue;
        };
        if *kind == "none" {
            continue;
        }
        let number = |text: &&str| text.parse::<u64>().unwrap_or(0);
        let mut one = json!({
            "device": unescaped(device), "mount": unescaped(mount), "fstype": kind, "options": options,
            "dump": number(dump), "passno": number(pass), "uuid": "N/A",
        });
        if let ([size, blocks, available, _, inodes, inodes_free], Value::Object(map)) =
            (&sizes.iter().map(number).collect::<Vec<_>>()[..], &mut one)
        {
            for (key, value) in [
                ("size_total", size * blocks),
                ("size_available", size * available),
                ("block_size", *size),
                ("block_total", *blocks),
                ("block_available", *available),
                ("block_used", blocks.saturating_sub(*available)),
                ("inode_total", *inodes),
                ("inode_available", *inodes_free),
                ("inode_used", inodes.saturating_sub(*inodes_free)),
            ] {
                map.insert(key.to_owned(), json!(value));
            }
        }
        found.push(one);
    }
    Value::Array(found)
}

/// The kernel writes blanks and backslashes of a path as `\040` and the like.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part
            .get(..3)
            .and_then(|code| u8::from_str_radix(code, 8).ok())
        {
            Some(byte) => {
                clean.push(char::from(byte));
                clean.push_str(&part[3..]);
            }
            None => {
                clean.push('\\');
                clean.push_str(part);
            }
        }
    }
    clean
}

/// The user's environment; the language that the prelude set for itself is taken out again.
fn environment<'a>(raw: &Raw, entries: impl Iterator<Item = &'a str>) -> Value {
    let mut map = Map::new();
    for entry in entries {
        if let Some((name, value)) = entry.split_once('=') {
            map.insert(name.to_owned(), json!(value));
        }
    }
    match raw.text("language") {
        "" => drop(map.remove("LC_ALL")),
        own => drop(map.insert("LC_ALL".to_owned(), json!(own))),
    }
    Value::Object(map)
}
