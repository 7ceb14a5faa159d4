//! Certificates that a host orders: what is looked at before, and the variables by which the host's playbook has them.

use serde_json::json;

use super::{draft::Draft, files};
use crate::declare::environment::{Acme, BY_DNS, Certificate};
use crate::declare::secrecy::is_literal;
use crate::model::{Address, Kind, Map, Value};

/// The variable with the certificates that the host orders: a list of mappings.
pub const ORDERED: &str = "acme_certificates";
/// The variable with their credentials, by their names; apart, because they are secret.
pub const CREDENTIALS: &str = "acme_credentials";
/// The variable with their names.
pub const RENEWED: &str = "certificate_renewals";

/// The directories of Let's Encrypt (letsencrypt.org, "ACME protocol updates" and "Staging environment").
const PRODUCTION: &str = "https://acme-v02.api.letsencrypt.org/directory";
const STAGING: &str = "https://acme-staging-v02.api.letsencrypt.org/directory";
/// Where it keeps its terms, the subscriber agreement (RFC 8555, 7.1.1: `termsOfService`).
const LETS_ENCRYPT_TERMS: &str = "https://letsencrypt.org/repository/";
/// Its name in CAA records, for both (letsencrypt.org, "Certificate Authority Authorization").
const LETS_ENCRYPT: &str = "letsencrypt.org";

/// A node for the certificate: nothing of it is made here, and what must hold before it is ordered is looked at.
pub fn certificate(draft: &mut Draft<'_>, name: &str, certificate: &Certificate, acme: &Acme) {
    let at = ["certificates", name, "acme"];
    if certificate.self_signed || certificate.chain.is_some() || certificate.key.is_some() {
        draft.error(
            "a certificate comes from two places",
            "its host orders it, and it is given or made here as well",
            &["certificates", name],
            "take `acme` out, or `chain`, `key` and `self_signed`",
        );
        return;
    }
    if !acme.agree_terms {
        draft.error(
            "the terms of the authority are not agreed to",
            format!("`{name}` is ordered from {}", directory(acme)),
            &at,
            format!("{}, and add `agree_terms = true`", terms(acme)),
        );
    }
    fits(draft, name, certificate, acme);
    if let Some(file) = &acme.ca {
        files::readable(draft, file, &["certificates", name, "acme", "ca"]);
    }
    let host = host(draft, name, acme);
    let mut values = json!({
        "domains": certificate.domains,
        "acme": {
            "by_dns": acme.challenge == BY_DNS,
            "host": host,
            "addresses": acme.addresses,
            "resolver": acme.resolver,
            "caa": caa(acme),
        },
    });
    if let Some(file) = &acme.ca {
        values["ca"] = Value::from(files::resolve(draft.given.root, file));
    }
    draft.resource(Address::new(Kind::Certificate, name), values, []);
}

/// What belongs to one challenge or client only, and what each needs.
fn fits(draft: &mut Draft<'_>, name: &str, certificate: &Certificate, acme: &Acme) {
    let by_dns = acme.challenge == BY_DNS;
    let star = |domain: &String| domain.starts_with("*.");
    if let Some(position) = certificate.domains.iter().position(star)
        && !by_dns
    {
        draft.error(
            "this name is proven by the DNS alone",
            format!("no authority takes `{}` for a star", acme.challenge),
            &["certificates", name, "domains", &position.to_string()],
            format!("name each host, or take `challenge = \"{BY_DNS}\"`"),
        );
    }
    let webroot = acme.challenge == "webroot";
    let container = acme.client == "container";
    let pairs = [
        (
            "webroot",
            acme.webroot.is_some(),
            webroot,
            "challenge = \"webroot\"",
        ),
        (
            "image",
            acme.image.is_some(),
            container,
            "client = \"container\"",
        ),
    ];
    for (key, given, wanted, of) in pairs {
        match (given, wanted) {
            (true, false) => draft.error(
                "this belongs to something else",
                format!("`{key}` is used with `{of}`"),
                &["certificates", name, "acme", key],
                format!("take it out, or write `{of}`"),
            ),
            // One of another shape was told, and is not missing.
            (false, true)
                if !draft
                    .given
                    .faults
                    .cover(&["certificates", name, "acme", key]) =>
            {
                draft.error(
                    "a key is missing",
                    format!("`{of}` needs `{key}`"),
                    &["certificates", name, "acme"],
                    format!("add `{key} = \"…\"`"),
                );
            }
            _ => {}
        }
    }
    credentials_fit(draft, name, acme, by_dns);
    if Some(directory(acme)) == acme.staging.as_deref() {
        draft.error(
            "an order is tried where it is made",
            "this is `directory` as well",
            &["certificates", name, "acme", "staging"],
            "take it out: then nothing is tried before",
        );
    }
}

fn credentials_fit(draft: &mut Draft<'_>, name: &str, acme: &Acme, by_dns: bool) {
    let (id, secret) = (&acme.access_key_id, &acme.secret_access_key);
    let path = |key: &'static str| ["certificates", name, "acme", key].map(str::to_owned);
    for (key, value) in [("access_key_id", id), ("secret_access_key", secret)] {
        let path = path(key);
        let path = path.each_ref().map(String::as_str);
        if value.is_some() && !by_dns {
            let label = format!("`{key}` is used with `challenge = \"{BY_DNS}\"`");
            draft.error(
                "this belongs to something else",
                label,
                &path,
                "take it out",
            );
        }
        if value
            .as_ref()
            .is_some_and(|text| text.contains(['\n', '\r']))
        {
            draft.error("a text of several lines", "a key is one line", &path, "");
        }
    }
    if id.is_some() != secret.is_some() {
        draft.error(
            "half an access key",
            "its name and its secret are used together",
            &["certificates", name, "acme"],
            "give both `access_key_id` and `secret_access_key`, or neither: then the instance's role is used",
        );
    }
    if secret.as_ref().is_some_and(|secret| is_literal(secret)) {
        let path = path("secret_access_key");
        let label = "everybody who has this file reads it".to_owned();
        draft.warn_of_clear_text(label, &path.each_ref().map(String::as_str));
    }
}

/// The address of the host that orders it, where the names must lead to it; none where nobody orders it.
fn host(draft: &mut Draft<'_>, name: &str, acme: &Acme) -> Option<String> {
    let environment = draft.environment;
    let mut ordering = environment.hosts.iter().filter_map(|(host, declared)| {
        let mut given = declared.certificates.iter();
        let position = given.position(|given| given == name)?;
        Some((host, declared, position))
    });
    let Some((first, declared, _)) = ordering.next() else {
        draft.warning(
            "nobody orders this certificate",
            format!("no host has `{name}` among its `certificates`"),
            &["certificates", name],
            format!("add `certificates = [\"{name}\"]` to the host that orders it"),
        );
        return None;
    };
    if acme.challenge == BY_DNS {
        return None;
    }
    for (other, _, position) in ordering {
        draft.error(
            "two hosts answer for the same names",
            format!("`{first}` orders `{name}` as well, and only one of them is asked"),
            &["hosts", other, "certificates", &position.to_string()],
            format!("give it to one of them, or take `challenge = \"{BY_DNS}\"`"),
        );
    }
    Some(declared.address.clone())
}

fn directory(acme: &Acme) -> &str {
    acme.directory.as_deref().unwrap_or(PRODUCTION)
}

/// Where its terms are read. What another directory says of itself only the network knows.
fn terms(acme: &Acme) -> String {
    match directory(acme) {
        PRODUCTION | STAGING => format!("read them at {LETS_ENCRYPT_TERMS}"),
        other => {
            let trusted = acme.ca.as_ref();
            let trusted = trusted.map_or(String::new(), |ca| format!(" --cacert {ca}"));
            format!(
                "read them at the address that `curl -sS{trusted} {other}` shows as `termsOfService`"
            )
        }
    }
}

fn staging(acme: &Acme) -> &str {
    let usual = if directory(acme) == PRODUCTION {
        STAGING
    } else {
        ""
    };
    acme.staging.as_deref().unwrap_or(usual)
}

fn caa(acme: &Acme) -> Vec<String> {
    let lets_encrypt = [PRODUCTION, STAGING].contains(&directory(acme));
    if acme.caa.is_empty() && lets_encrypt {
        return vec![LETS_ENCRYPT.to_owned()];
    }
    acme.caa.clone()
}

/// What the host's playbook is told of it.
pub fn told(name: &str, certificate: &Certificate, acme: &Acme) -> Value {
    json!({
        "name": name,
        "domains": certificate.domains,
        "email": acme.email,
        "directory": directory(acme),
        "staging": staging(acme),
        "challenge": acme.challenge,
        "webroot": acme.webroot.as_deref().unwrap_or_default(),
        "client": acme.client,
        "image": acme.image.as_deref().unwrap_or_default(),
        "authorities": format!("{{{{ certificates['{name}'].authorities }}}}"),
        "preflight": format!("{{{{ certificates['{name}'].preflight }}}}"),
    })
}

/// The credentials that the playbook is told of, by the certificate's name.
pub fn credentials(acme: &Acme) -> Option<Map> {
    let (id, secret) = (
        acme.access_key_id.as_ref()?,
        acme.secret_access_key.as_ref()?,
    );
    Some(Map::from_iter([
        ("id".to_owned(), Value::from(id.as_str())),
        ("secret".to_owned(), Value::from(secret.as_str())),
    ]))
}
