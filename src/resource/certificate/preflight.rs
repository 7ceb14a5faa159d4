//! Whether an authority would issue a certificate for a name, by what the DNS says.

use std::net::IpAddr;

use crate::model::network::Issuer;

/// How a host proves that a name is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Its web server answers.
    Http,
    /// The DNS does.
    Dns,
}

impl Method {
    /// As CAA records name it (RFC 8657, section 4).
    fn name(self) -> &'static str {
        match self {
            Self::Http => "http-01",
            Self::Dns => "dns-01",
        }
    }
}

/// What the DNS says of a name.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The name, with its star where it has one.
    pub name: String,
    /// How it is to be proven.
    pub method: Method,
    /// Where it leads; none where that does not matter, or is not known.
    pub addresses: Option<Vec<IpAddr>>,
    /// Who may issue for it, and the name that says so; none where none does.
    pub issuers: Option<(String, Vec<Issuer>)>,
    /// What could not be asked, as whole sentences.
    pub failed: Vec<String>,
}

/// The tags that every authority knows (RFC 8659, section 4; RFC 9495; CA/Browser Forum's contact properties).
const KNOWN: &[&str] = &[
    "issue",
    "issuewild",
    "issuemail",
    "iodef",
    "contactemail",
    "contactphone",
];

/// What would keep an authority of these names in CAA records from issuing, as whole sentences. `expected` are the host's
/// addresses; none where they do not matter.
pub fn faults(seen: &Seen, expected: &[IpAddr], authority: &[String]) -> Vec<String> {
    let mut faults = seen.failed.clone();
    if let Some(found) = &seen.addresses
        && !expected.is_empty()
    {
        faults.extend(misled(&seen.name, found, expected));
    }
    if let Some((at, records)) = &seen.issuers {
        faults.extend(forbidden(seen, at, records, authority));
    }
    faults
}

/// An authority asks any of the addresses, one of IPv6 first (letsencrypt.org, "IPv6 support"): all must be the host's.
fn misled(name: &str, found: &[IpAddr], expected: &[IpAddr]) -> Option<String> {
    let own = listed(expected);
    if found.is_empty() {
        return Some(format!(
            "{name} has no address in the DNS; it must lead to {own}."
        ));
    }
    let strange: Vec<IpAddr> = found
        .iter()
        .copied()
        .filter(|one| !expected.contains(one))
        .collect();
    if strange.is_empty() {
        return None;
    }
    Some(format!(
        "{name} leads to {}, and not to {own} alone.",
        listed(&strange)
    ))
}

fn listed(addresses: &[IpAddr]) -> String {
    let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

/// Whether what stands at `at` keeps this authority from issuing (RFC 8659, section 4.2 and 4.3).
fn forbidden(seen: &Seen, at: &str, records: &[Issuer], authority: &[String]) -> Option<String> {
    let name = &seen.name;
    let strange = |record: &&Issuer| record.critical && !KNOWN.contains(&record.tag.as_str());
    if let Some(record) = records.iter().find(strange) {
        return Some(format!(
            "The CAA records of {at} have the critical tag `{}`, which no authority may pass over.",
            record.tag
        ));
    }
    let tagged =
        |tag: &str| -> Vec<&Issuer> { records.iter().filter(|one| one.tag == tag).collect() };
    let mut properties = tagged("issue");
    let wild = tagged("issuewild");
    if name.starts_with("*.") && !wild.is_empty() {
        properties = wild;
    }
    if properties.is_empty() {
        return None;
    }
    if authority.is_empty() {
        return Some(format!(
            "The CAA records of {at} say who may issue for {name}, and what the authority is called there is not known: \
             give its `caa`."
        ));
    }
    let allows = |record: &&Issuer| permits(&record.value, authority, seen.method);
    if properties.iter().any(allows) {
        return None;
    }
    let said: Vec<String> = properties
        .iter()
        .map(|record| format!("{} \"{}\"", record.tag, record.value))
        .collect();
    Some(format!(
        "The CAA records of {at} do not let {} issue for {name} by {}: {}.",
        authority.join(" or "),
        seen.method.name(),
        said.join(", ")
    ))
}

/// Whether a property's value names the authority, and this method where it names methods.
fn permits(value: &str, authority: &[String], method: Method) -> bool {
    let mut parts = value.split(';').map(str::trim);
    let issuer = parts.next().unwrap_or_default();
    if !authority.iter().any(|one| one.eq_ignore_ascii_case(issuer)) {
        return false;
    }
    let mut methods = parts.filter_map(|part| {
        let (key, value) = part.split_once('=')?;
        (key.trim() == "validationmethods").then(|| value.trim())
    });
    methods
        .next()
        .is_none_or(|named| named.split(',').any(|one| one.trim() == method.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(name: &str, records: &[(&str, &str)]) -> Seen {
        let issuer = |(tag, value): &(&str, &str)| Issuer {
            critical: tag.ends_with('!'),
            tag: tag.trim_end_matches('!').to_owned(),
            value: (*value).to_owned(),
        };
        Seen {
            name: name.to_owned(),
            method: Method::Http,
            addresses: None,
            issuers: Some((
                "example.org".to_owned(),
                records.iter().map(issuer).collect(),
            )),
            failed: Vec::new(),
        }
    }

    #[test]
    fn an_authority_may_issue_where_caa_records_let_it() {
        let ours = ["letsencrypt.org".to_owned()];
        let allowed: &[(&str, &[(&str, &str)])] = &[
            ("a.example.org", &[("iodef", "mailto:a@example.org")]),
            ("a.example.org", &[("issue", "letsencrypt.org")]),
            (
                "a.example.org",
                &[
                    ("issue", "other.example"),
                    ("issue", " LetsEncrypt.org ; a=b"),
                ],
            ),
            (
                "a.example.org",
                &[("issuewild", ";"), ("issue", "letsencrypt.org")],
            ),
            ("a.example.org", &[("issuewild", ";")]),
            (
                "*.example.org",
                &[("issue", ";"), ("issuewild", "letsencrypt.org")],
            ),
            (
                "a.example.org",
                &[("issue", "letsencrypt.org; validationmethods=dns-01,http-01")],
            ),
            (
                "a.example.org",
                &[("issue!", "letsencrypt.org"), ("unheard", "x")],
            ),
        ];
        for (name, records) in allowed {
            let found = faults(&seen(name, records), &[], &ours);
            assert!(found.is_empty(), "{name} {records:?}: {found:?}");
        }
        let refused: &[(&str, &[(&str, &str)])] = &[
            ("a.example.org", &[("issue", ";")]),
            ("a.example.org", &[("issue", "other.example")]),
            (
                "*.example.org",
                &[("issue", "letsencrypt.org"), ("issuewild", "other.example")],
            ),
            ("*.example.org", &[("issue", "other.example")]),
            (
                "a.example.org",
                &[("issue", "letsencrypt.org; validationmethods=dns-01")],
            ),
            (
                "a.example.org",
                &[("issue", "letsencrypt.org"), ("unheard!", "x")],
            ),
        ];
        for (name, records) in refused {
            let found = faults(&seen(name, records), &[], &ours);
            assert_eq!(found.len(), 1, "{name} {records:?}: {found:?}");
        }
        let unknown = faults(&seen("a.example.org", &[("issue", "x.example")]), &[], &[]);
        assert!(unknown[0].ends_with("give its `caa`."), "{unknown:?}");
    }

    #[test]
    fn every_address_of_a_name_must_be_the_hosts() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let own = [address("192.0.2.1"), address("2001:db8::1")];
        let leads = |found: &[&str]| {
            let mut seen = seen("a.example.org", &[]);
            seen.addresses = Some(found.iter().map(|one| address(one)).collect());
            faults(&seen, &own, &[])
        };
        assert!(leads(&["192.0.2.1"]).is_empty());
        assert!(leads(&["2001:db8::1", "192.0.2.1"]).is_empty());
        assert_eq!(
            leads(&["192.0.2.1", "2001:db8::2"]),
            ["a.example.org leads to 2001:db8::2, and not to 192.0.2.1, 2001:db8::1 alone."]
        );
        assert_eq!(
            leads(&[]),
            ["a.example.org has no address in the DNS; it must lead to 192.0.2.1, 2001:db8::1."]
        );
    }
}
