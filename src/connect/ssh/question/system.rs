//! Facts about the system: what is installed, what it runs on.

use std::collections::BTreeMap;

use serde_json::json;

use super::raw::Raw;
use crate::model::{Map, Value};

/// Distributions whose family has another name than they have.
const FAMILIES: [(&str, &[&str]); 5] = [
    (
        "Debian",
        &[
            "debian",
            "ubuntu",
            "raspbian",
            "linuxmint",
            "pop",
            "kali",
            "devuan",
        ],
    ),
    (
        "RedHat",
        &[
            "rhel",
            "centos",
            "fedora",
            "rocky",
            "almalinux",
            "ol",
            "amzn",
        ],
    ),
    (
        "Suse",
        &["sles", "opensuse", "opensuse-leap", "opensuse-tumbleweed"],
    ),
    ("Alpine", &["alpine"]),
    ("Archlinux", &["arch", "manjaro"]),
];

/// Adds them. None when the host's answer lacks what every Linux has.
pub fn add(raw: &Raw, facts: &mut Map) -> Option<()> {
    let mut put = |key: &str, value: Value| drop(facts.insert(key.to_owned(), value));
    let words: Vec<&str> = raw.text("uname").split(' ').collect();
    let [system, nodename, kernel, machine] = words[..] else {
        return None;
    };
    let architecture = match machine {
        "i486" | "i586" | "i686" => "i386",
        other => other,
    };
    put("system", json!(system));
    put("kernel", json!(kernel));
    put("kernel_version", json!(raw.text("uname_version")));
    put("machine", json!(machine));
    put("architecture", json!(architecture));
    put("userspace_architecture", json!(architecture));
    put("userspace_bits", json!(raw.text("bits")));
    put("nodename", json!(nodename));
    put(
        "hostname",
        json!(nodename.split('.').next().unwrap_or(nodename)),
    );
    let fqdn = match raw.text("fqdn") {
        "" => nodename,
        fqdn => fqdn,
    };
    put("fqdn", json!(fqdn));
    put(
        "domain",
        json!(fqdn.split_once('.').map_or("", |(_, domain)| domain)),
    );

    distribution(raw, &mut put);
    let memory = memory(raw);
    let mebibytes = |key: &str| memory.get(key).copied().unwrap_or(0) / 1024;
    put("memtotal_mb", json!(mebibytes("MemTotal")));
    put("memfree_mb", json!(mebibytes("MemFree")));
    put("swaptotal_mb", json!(mebibytes("SwapTotal")));
    put("swapfree_mb", json!(mebibytes("SwapFree")));
    put(
        "processor_vcpus",
        json!(raw.number("cpuinfo").or(raw.number("cpus"))),
    );
    put("processor_nproc", json!(raw.number("cpus")));
    put("uptime_seconds", json!(raw.number("uptime")));
    put("service_mgr", json!(service_manager(raw.text("init"))));
    put("pkg_mgr", json!(package_manager(raw.text("pkg_mgr"))));
    put("boot_id", json!(raw.text("boot_id")));
    put("machine_id", json!(raw.text("machine_id")));
    put("reboot_required", json!(raw.text("reboot") == "yes"));
    put("selinux", selinux(raw.text("selinux")));
    let armoured = if raw.text("apparmor").is_empty() {
        "disabled"
    } else {
        "enabled"
    };
    put("apparmor", json!({ "status": armoured }));
    put("product_name", json!(or_none(raw.text("product"))));
    put("system_vendor", json!(or_none(raw.text("vendor"))));
    virtualization(raw, &mut put);
    for line in raw.lines("keys") {
        let mut words = line.split(' ');
        if let (Some(kind), Some(key)) = (words.next(), words.next()) {
            let short = match kind {
                "ssh-ed25519" => "ed25519",
                "ssh-rsa" => "rsa",
                kind if kind.starts_with("ecdsa") => "ecdsa",
                _ => continue,
            };
            put(&format!("ssh_host_key_{short}_public"), json!(key));
            put(&format!("ssh_host_key_{short}_public_keytype"), json!(kind));
        }
    }
    Some(())
}

fn distribution(raw: &Raw, put: &mut impl FnMut(&str, Value)) {
    let release = variables(raw.lines("os_release"));
    let value = |key: &str| release.get(key).map_or("", String::as_str);
    let id = value("ID");
    let debian = raw.text("debian_version");
    let plain = debian.starts_with(|c: char| c.is_ascii_digit());
    let version = match id {
        "debian" if plain => debian,
        _ => value("VERSION_ID"),
    };
    let name = match id {
        "debian" => "Debian",
        "ubuntu" => "Ubuntu",
        "fedora" => "Fedora",
        "alpine" => "Alpine",
        "centos" => "CentOS",
        "rhel" => "RedHat",
        "rocky" => "Rocky",
        "almalinux" => "AlmaLinux",
        "amzn" => "Amazon",
        "arch" => "Archlinux",
        _ => value("NAME"),
    };
    let family = FAMILIES
        .iter()
        .find(|(_, members)| {
            members.contains(&id)
                || value("ID_LIKE")
                    .split(' ')
                    .any(|like| members.contains(&like))
        })
        .map_or(name, |(family, _)| family);
    let mut parts = version.split('.');
    let major = parts.next().unwrap_or_default();
    put("distribution", json!(name));
    put("os_family", json!(family));
    put("distribution_version", json!(version));
    put("distribution_major_version", json!(major));
    if id == "debian" {
        put("distribution_minor_version", json!(parts.next()));
    }
    put(
        "distribution_release",
        json!(or_none(value("VERSION_CODENAME"))),
    );
    put("distribution_file_path", json!("/etc/os-release"));
    put("distribution_file_variety", json!(name));
    put("distribution_file_parsed", json!(true));
    put("lsb", lsb(raw));
}

/// `Key: value` of `lsb_release -a`, or `DISTRIB_KEY=value` of its file; empty where there is neither.
fn lsb(raw: &Raw) -> Value {
    let file = variables(raw.lines("lsb"));
    let find = |long: &str, short: &str| {
        raw.lines("lsb")
            .find_map(|line| Some(line.strip_prefix(long)?.trim().to_owned()))
            .or_else(|| file.get(short).cloned())
    };
    let mut map = Map::new();
    for (key, long, short) in [
        ("codename", "Codename:", "DISTRIB_CODENAME"),
        ("description", "Description:", "DISTRIB_DESCRIPTION"),
        ("id", "Distributor ID:", "DISTRIB_ID"),
        ("release", "Release:", "DISTRIB_RELEASE"),
    ] {
        if let Some(value) = find(long, short) {
            map.insert(key.to_owned(), json!(value));
        }
    }
    if let Some(release) = map.get("release").and_then(Value::as_str) {
        let major = release.split('.').next().unwrap_or_default().to_owned();
        map.insert("major_release".to_owned(), json!(major));
    }
    Value::Object(map)
}

fn virtualization(raw: &Raw, put: &mut impl FnMut(&str, Value)) {
    let found = match raw.text("virtual_container") {
        "" | "none" => raw.text("virtual"),
        container => container,
    };
    let kind = match found {
        "" | "none" => "NA",
        "amazon" => "kvm",
        "microsoft" => "VirtualPC",
        "oracle" => "virtualbox",
        "vmware" => "VMware",
        "systemd-nspawn" => "container",
        other => other,
    };
    let guest = kind != "NA";
    put("virtualization_type", json!(kind));
    put(
        "virtualization_role",
        json!(if guest { "guest" } else { "NA" }),
    );
    let mut tech: Vec<&str> = guest.then_some(kind).into_iter().collect();
    if !["", "none"].contains(&raw.text("virtual_container")) && kind != "container" {
        tech.insert(0, "container");
    }
    put("virtualization_tech_guest", json!(tech));
    put("virtualization_tech_host", json!([]));
}

fn memory(raw: &Raw) -> BTreeMap<String, u64> {
    raw.lines("meminfo")
        .filter_map(|line| {
            let (key, rest) = line.split_once(':')?;
            let kibibytes = rest.split_whitespace().next()?.parse().ok()?;
            Some((key.to_owned(), kibibytes))
        })
        .collect()
}

fn selinux(enforce: &str) -> Value {
    match enforce {
        "" => json!({ "status": "disabled" }),
        "1" => json!({ "status": "enabled", "mode": "enforcing" }),
        _ => json!({ "status": "enabled", "mode": "permissive" }),
    }
}

fn service_manager(init: &str) -> &str {
    match init {
        "init" => "sysvinit",
        "" => "service",
        other => other,
    }
}

fn package_manager(found: &str) -> &str {
    match found {
        "apt-get" => "apt",
        "" => "unknown",
        other => other,
    }
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "NA" } else { text }
}

/// `KEY=value` lines, quotes taken off.
fn variables<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeMap<String, String> {
    lines
        .filter_map(|line| {
            let (key, value) = line.split_once('=')?;
            Some((key.to_owned(), value.trim_matches(['"', '\'']).to_owned()))
        })
        .collect()
}
