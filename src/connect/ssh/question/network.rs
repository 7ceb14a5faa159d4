//! Facts about the network.

use std::{collections::BTreeMap, net::Ipv4Addr};

use serde_json::json;

use super::raw::Raw;
use crate::model::{Map, Value};

/// Adds them. Without `ip` on the host there is only what the kernel's own table says.
pub fn add(raw: &Raw, facts: &mut Map) {
    let links = links(raw);
    let mut addresses = Vec::new();
    let mut by_link: BTreeMap<&str, Value> = BTreeMap::new();
    for line in raw.lines("addresses") {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (Some(link), Some(address)) = (words.get(1), after(&words, "inet")) else {
            continue;
        };
        let Some(entry) = ipv4(address, after(&words, "brd")) else {
            continue;
        };
        if !address.starts_with("127.") {
            addresses.push(entry["address"].clone());
        }
        by_link.entry(link).or_insert(entry);
    }
    let route: Vec<&str> = raw.text("route").split_whitespace().collect();
    let device = after(&route, "dev").or_else(|| default_device(raw));
    let mut default = Map::new();
    if let Some(device) = device {
        if let Some(Value::Object(entry)) = by_link.get(device) {
            default.clone_from(entry);
        }
        default.insert("interface".to_owned(), json!(device));
        default.insert("alias".to_owned(), json!(device));
        if let Some(source) = after(&route, "src") {
            default.insert("address".to_owned(), json!(source));
        }
        if let Some(gateway) = after(&route, "via") {
            default.insert("gateway".to_owned(), json!(gateway));
        }
        for key in ["mtu", "macaddress", "type"] {
            if let Some(value) = links.get(device).and_then(|link| link.get(key)) {
                default.insert(key.to_owned(), value.clone());
            }
        }
    }
    for (name, link) in &links {
        let mut link = link.clone();
        if let Some(entry) = by_link.get(name) {
            link.insert("ipv4".to_owned(), entry.clone());
        }
        facts.insert(name.replace(['-', '.', ':'], "_"), Value::Object(link));
    }
    let sixes: Vec<&str> = raw
        .lines("addresses6")
        .filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let address = after(&words, "inet6")?.split('/').next()?;
            (address != "::1").then_some(address)
        })
        .collect();
    let servers: Vec<&str> = raw
        .lines("dns")
        .filter_map(|line| Some(line.strip_prefix("nameserver")?.trim()))
        .collect();
    facts.insert("all_ipv4_addresses".to_owned(), Value::Array(addresses));
    facts.insert("all_ipv6_addresses".to_owned(), json!(sixes));
    facts.insert("default_ipv4".to_owned(), Value::Object(default));
    facts.insert("default_ipv6".to_owned(), json!({}));
    facts.insert("dns".to_owned(), json!({ "nameservers": servers }));
    facts.insert(
        "interfaces".to_owned(),
        json!(links.keys().collect::<Vec<_>>()),
    );
}

/// The word that follows this one.
fn after<'a>(words: &[&'a str], key: &str) -> Option<&'a str> {
    let at = words.iter().position(|word| *word == key)?;
    words.get(at + 1).copied()
}

fn ipv4(address: &str, broadcast: Option<&str>) -> Option<Value> {
    let (text, prefix) = address.split_once('/').unwrap_or((address, "32"));
    let number: u32 = text.parse::<Ipv4Addr>().ok()?.into();
    let length: u32 = prefix.parse().ok().filter(|length| *length <= 32)?;
    let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
    Some(json!({
        "address": text,
        "broadcast": broadcast.unwrap_or_default(),
        "netmask": Ipv4Addr::from(mask).to_string(),
        "network": Ipv4Addr::from(number & mask).to_string(),
        "prefix": prefix,
    }))
}

/// `2: eth0@if3: <BROADCAST,UP> mtu 1500 … link/ether 02:42:… brd …`
fn links<'a>(raw: &Raw<'a>) -> BTreeMap<&'a str, Map> {
    let mut found = BTreeMap::new();
    for line in raw.lines("links") {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(name) = words.get(1).and_then(|word| word.split(['@', ':']).next()) else {
            continue;
        };
        let mut link = Map::new();
        link.insert("device".to_owned(), json!(name));
        let flags = words.get(2).copied().unwrap_or_default();
        let up = flags
            .trim_matches(['<', '>'])
            .split(',')
            .any(|flag| flag == "UP");
        link.insert("active".to_owned(), json!(up));
        if let Some(mtu) = after(&words, "mtu").and_then(|mtu| mtu.parse::<u32>().ok()) {
            link.insert("mtu".to_owned(), json!(mtu));
        }
        if let Some(address) = after(&words, "link/ether") {
            link.insert("macaddress".to_owned(), json!(address));
            link.insert("type".to_owned(), json!("ether"));
        } else if line.contains("link/loopback") {
            link.insert("type".to_owned(), json!("loopback"));
        }
        found.insert(name, link);
    }
    found
}

/// The device of the kernel's route to everywhere.
fn default_device<'a>(raw: &Raw<'a>) -> Option<&'a str> {
    raw.lines("kernel_routes").find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        (words.get(1) == Some(&"00000000")).then(|| words[0])
    })
}
