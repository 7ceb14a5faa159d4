//! Certificates, and the variables by which a host's playbook has them.

use serde_json::json;

use super::{acme, draft::Draft, files};
use crate::declare::environment::{Acme, Certificate, Host};
use crate::model::private::MEMORY;
use crate::model::{Address, Kind, Map, Value};

/// The variable with the certificates: a list of mappings with `name`, `domains`, `chain` and `key`.
const CERTIFICATES: &str = "tls_certificates";
/// The variable with the names of all of them.
const DOMAINS: &str = "certificate_domains";

/// A node for each certificate.
pub fn certificates(draft: &mut Draft<'_>) {
    let environment = draft.environment;
    for (name, certificate) in &environment.certificates {
        draft.each_once(["certificates", name, "domains"], &certificate.domains);
        for (word, file) in [("chain", &certificate.chain), ("key", &certificate.key)] {
            if file.as_ref().is_some_and(|text| text.contains('\n')) {
                draft.error(
                    "a text in the place of its file",
                    format!("`{word}` is the path of a file"),
                    &["certificates", name, word],
                    "put the text into a file that only you may read, and name that",
                );
            }
        }
        if let Some(ordered) = ordered(draft, certificate) {
            acme::certificate(draft, name, certificate, ordered);
            continue;
        }
        if let Some((chain, key)) = both(draft, name, certificate) {
            let values = json!({
                "domains": certificate.domains,
                "chain": chain,
                "key": key,
                "made": certificate.self_signed || certificate.acme.is_some(),
            });
            draft.resource(Address::new(Kind::Certificate, name), values, []);
        }
    }
}

/// How its host orders it; none where it does not, and in a rehearsal, whose hosts nobody can reach: there it signs itself.
fn ordered<'a>(draft: &Draft<'_>, certificate: &'a Certificate) -> Option<&'a Acme> {
    let rehearsed = draft.given.overrides.keys.is_some();
    certificate.acme.as_ref().filter(|_| !rehearsed)
}

/// The files of the chain and of the key.
fn both(draft: &mut Draft<'_>, name: &str, certificate: &Certificate) -> Option<(String, String)> {
    let path = ["certificates", name];
    match (
        &certificate.chain,
        &certificate.key,
        certificate.self_signed || certificate.acme.is_some(),
    ) {
        (None, None, true) => Some(made(draft, name)),
        (Some(chain), Some(key), false) => {
            let root = draft.given.root;
            Some((files::resolve(root, chain), files::resolve(root, key)))
        }
        _ if draft.given.faults.touch(&path) => None,
        (Some(_), _, true) | (_, Some(_), true) => {
            draft.error(
                "a certificate comes from two places",
                "it is given by its files, and made here as well",
                &path,
                "take `self_signed` out, or `chain` and `key`",
            );
            None
        }
        (Some(_), None, false) | (None, Some(_), false) => {
            draft.error(
                "half a certificate",
                "a certificate is used with its private key",
                &path,
                "give both `chain` and `key`",
            );
            None
        }
        (None, None, false) => {
            draft.error(
                "a certificate comes from nowhere",
                format!("nothing says where `{name}` comes from"),
                &path,
                "give `chain` and `key`, or `acme` to have it ordered, or `self_signed = true` for practice",
            );
            None
        }
    }
}

/// Where one that is made here lies: beside the key pairs of a rehearsal, else in the project's own folder.
fn made(draft: &Draft<'_>, name: &str) -> (String, String) {
    let folder = match &draft.given.overrides.keys {
        Some(folder) => folder.join("certificates").to_string_lossy().into_owned(),
        None => files::resolve(
            draft.given.root,
            &format!("{MEMORY}/certificates/{}", draft.given.name),
        ),
    };
    (
        format!("{folder}/{name}.crt"),
        format!("{folder}/{name}.key"),
    )
}

/// The host's variables with the certificates it is given.
pub fn given(draft: &mut Draft<'_>, name: &str, host: &Host) -> Map {
    let mut vars = host.vars.clone();
    if host.certificates.is_empty() {
        return vars;
    }
    let path = ["hosts", name, "certificates"];
    if host.playbook.is_none() && host.playbooks.is_empty() {
        draft.error(
            "nobody places these certificates",
            format!("`{name}` has no playbook"),
            &path,
            "add `playbook = \"docker-host\"`, or take them out",
        );
    }
    let mut list = Vec::new();
    let mut domains: Vec<&str> = Vec::new();
    let (mut asked, mut renewed, mut secrets) = (Vec::new(), Vec::new(), Map::new());
    for (position, certificate) in host.certificates.iter().enumerate() {
        let all = &draft.environment.certificates;
        let position = position.to_string();
        let path = ["hosts", name, "certificates", position.as_str()];
        let Some(declared) = all.get(certificate) else {
            let names = all.keys().map(String::as_str);
            draft.undeclared(Kind::Certificate, certificate, &path, names);
            continue;
        };
        for domain in &declared.domains {
            if domains.contains(&domain.as_str()) {
                draft.error(
                    "two certificates for one name",
                    format!("another certificate of `{name}` is for {domain} as well"),
                    &path,
                    "give the host one of them",
                );
            }
            domains.push(domain);
        }
        if let Some(acme) = ordered(draft, declared) {
            let credentials = acme::credentials(acme);
            secrets.extend(credentials.map(|one| (certificate.clone(), Value::Object(one))));
            renewed.push(certificate.as_str());
            asked.push(acme::told(certificate, declared, acme));
            continue;
        }
        let of = |attribute: &str| format!("{{{{ certificates['{certificate}'].{attribute} }}}}");
        list.push(json!({
            "name": certificate,
            "domains": declared.domains,
            "chain": of("chain"),
            "key": of("key"),
        }));
    }
    let mut more = vec![
        (CERTIFICATES, Value::from(list)),
        (DOMAINS, Value::from(domains)),
    ];
    if !asked.is_empty() {
        more.push((acme::ORDERED, Value::from(asked)));
        more.push((acme::CREDENTIALS, Value::Object(secrets)));
        more.push((acme::RENEWED, Value::from(renewed)));
    }
    for (variable, value) in more {
        if vars.insert(variable.to_owned(), value).is_some() {
            draft.error(
                "a variable is given twice",
                format!("`certificates` of the host gives `{variable}` as well"),
                &["hosts", name, "vars", variable],
                "take one of them out",
            );
        }
    }
    vars
}
