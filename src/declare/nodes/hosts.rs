//! Key pairs and hosts.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use serde_json::json;

use super::{certificates, draft::Draft, files, instances, sources, sshd_users, variables};
use crate::declare::{
    environment::Host,
    playbook,
    secrecy::{is_literal, is_secret, password},
};
use crate::model::playbook::Playbook;
use crate::model::private::MEMORY;
use crate::model::{Address, Kind, Map, Place, Severity, Spec, Value, without_brackets};

/// A node for each key pair.
pub fn keys(draft: &mut Draft<'_>) {
    let environment = draft.environment;
    for (name, key) in &environment.keys {
        let file = match (&draft.given.overrides.keys, &key.file) {
            (Some(folder), _) => folder.join(name).to_string_lossy().into_owned(),
            (None, Some(file)) => files::resolve(draft.given.root, file),
            (None, None) => {
                let file = format!("{MEMORY}/keys/{}/{name}", draft.given.name);
                files::resolve(draft.given.root, &file)
            }
        };
        if key
            .comment
            .iter()
            .any(|text| text.contains(char::is_control))
        {
            draft.error(
                "a comment of several lines",
                "a public key is one line, and its comment is the end of it",
                &["keys", name, "comment"],
                "",
            );
        }
        let comment = key
            .comment
            .clone()
            .unwrap_or_else(|| format!("{name}@{}-{}", environment.project, draft.given.name));
        let values = json!({ "file": file, "comment": comment });
        draft.resource(Address::new(Kind::Key, name), values, []);
    }
}

/// A node for each host.
pub fn hosts(draft: &mut Draft<'_>) {
    let environment = draft.environment;
    let mut addresses: BTreeMap<(&str, u16), &str> = BTreeMap::new();
    for (name, host) in &environment.hosts {
        if let Some((machine, port)) = with_port(&host.address) {
            draft.error(
                "an address with a port",
                "an address is a name or an IP address alone",
                &["hosts", name, "address"],
                format!("write `address = \"{machine}\"` and `port = {port}`"),
            );
        }
        if !draft.given.faults.touch(&["hosts", name, "port"])
            && let Some(other) =
                addresses.insert((without_brackets(&host.address), host.port), name)
        {
            draft.warning(
                "two hosts have one address",
                format!("`{other}` has it as well"),
                &["hosts", name, "address"],
                "both playbooks will run on the same machine",
            );
        }
        let playbooks = playbooks(draft, name, host);
        variables::check(draft, name, host, &playbooks);
        sshd_users::check(draft, name, host, &playbooks);
        for (variable, value) in &host.vars {
            let text = value.as_str().unwrap_or_default();
            if is_literal(text) && (is_secret(variable) || password(text).is_some()) {
                draft.warn_of_clear_text(
                    format!("everybody who has this file reads `{variable}`"),
                    &["hosts", name, "vars", variable],
                );
            }
        }
        let vars = certificates::given(draft, name, host);
        let vars = instances::given(draft, name, vars);
        let spec = Spec::Host {
            login: login(draft, name, host),
            playbooks,
            vars,
            r#become: host.r#become,
        };
        let address = Address::new(Kind::Host, name);
        draft.node(address, Place::Host(name.clone()), spec, []);
    }
}

/// An address with a port behind it, apart; an IPv6 address has more than one colon.
fn with_port(address: &str) -> Option<(&str, u16)> {
    let (machine, port) = address.split_once(':')?;
    Some((machine, port.parse().ok()?)).filter(|_| !machine.is_empty())
}

/// The host's playbooks in their order, those that can be read.
fn playbooks(draft: &mut Draft<'_>, name: &str, host: &Host) -> Vec<Arc<Playbook>> {
    if host.playbook.is_some() && !host.playbooks.is_empty() {
        draft.error(
            "a host's playbooks are named twice",
            "`playbook` names one as well",
            &["hosts", name, "playbooks"],
            "put all of them into `playbooks`, in the order in which they are walked",
        );
    }
    draft.each_once(["hosts", name, "playbooks"], &host.playbooks);
    let one = host.playbook.iter();
    let one = one.filter_map(|file| playbook_of(draft, file, &["hosts", name, "playbook"]));
    let mut read: Vec<_> = one.collect();
    for (index, file) in host.playbooks.iter().enumerate() {
        let index = index.to_string();
        let path = ["hosts", name, "playbooks", &index];
        read.extend(playbook_of(draft, file, &path));
    }
    read
}

/// The playbook, read. Each is read once, however many hosts have it.
fn playbook_of(draft: &mut Draft<'_>, name: &str, path: &[&str]) -> Option<Arc<Playbook>> {
    if let Some(read) = draft.playbooks.get(name) {
        return read.clone();
    }
    let read = sources::playbook(draft, name, path).and_then(|(source, base)| {
        let (playbook, mut found) = playbook::readable(&source, name, base);
        let whole = found.iter().all(|one| one.severity != Severity::Error);
        draft.found.append(&mut found);
        let playbook = playbook.map(Arc::new);
        draft.readable.extend(playbook.clone());
        playbook.filter(|_| whole)
    });
    draft.playbooks.insert(name.to_owned(), read.clone());
    read
}

fn login(draft: &mut Draft<'_>, name: &str, host: &Host) -> Map {
    if let Some(login) = draft.given.overrides.hosts.get(name) {
        return match serde_json::to_value(login) {
            Ok(Value::Object(login)) => login,
            _ => Map::new(),
        };
    }
    let mut login = Map::from_iter([
        ("address".to_owned(), without_brackets(&host.address).into()),
        ("port".to_owned(), host.port.into()),
        ("user".to_owned(), host.user.as_str().into()),
    ]);
    if let Some(file) = &host.sudo_password_file {
        files::readable(draft, file, &["hosts", name, "sudo_password_file"]);
        let path = files::resolve(draft.given.root, file);
        login.insert("sudo_password_file".to_owned(), path.into());
    }
    if let Some(file) = &host.identity {
        identity(draft, name, file);
        let path = files::resolve(draft.given.root, file);
        login.insert("identity".to_owned(), path.into());
    }
    login
}

/// The key to log in with must be there, unless this environment makes it. An agent may hold the private half of one
/// whose public half alone lies here.
fn identity(draft: &mut Draft<'_>, name: &str, file: &str) {
    let Some(path) = files::filled_in(draft, file) else {
        return;
    };
    let made = draft.environment.keys.iter().any(|(name, key)| {
        let default = format!(".landfall/keys/{}/{name}", draft.given.name);
        files::filled_in(draft, key.file.as_ref().unwrap_or(&default))
            .is_some_and(|file| file == path)
    });
    let made = made || draft.given.faults.touch(&["keys"]);
    let mut public = path.into_os_string();
    public.push(".pub");
    let public = PathBuf::from(public);
    if !made && !public.exists() {
        files::readable(draft, file, &["hosts", name, "identity"]);
    }
}
