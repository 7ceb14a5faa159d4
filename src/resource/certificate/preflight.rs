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

/// What is said of a name before it is ordered, as whole sentences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// What would keep the authority from issuing.
    pub faults: Vec<String>,
    /// What may keep it from issuing, and cannot be known here.
    pub notes: Vec<String>,
}

/// What an authority of these names in CAA records would say of an order. `expected` are the host's addresses; none where
/// they do not matter.
pub fn judged(seen: &Seen, expected: &[IpAddr], authority: &[String]) -> Said {
    let mut said = Said {
        faults: seen.failed.clone(),
        notes: Vec::new(),
    };
    if let Some(found) = &seen.addresses
        && !expected.is_empty()
    {
        said.faults.extend(misled(&seen.name, found, expected));
    }
    if let Some((at, records)) = &seen.issuers {
        match permission(seen, at, records, authority) {
            Permission::Given => {}
            Permission::Bound(note) => said.notes.push(note),
            Permission::Refused(fault) => said.faults.push(fault),
        }
    }
    said
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

/// What CAA records come to.
enum Permission {
    Given,
    /// It is given to accounts alone of which nobody knows here whether they are the host's.
    Bound(String),
    Refused(String),
}

/// Whether what stands at `at` lets this authority issue (RFC 8659, section 4.2 and 4.3).
fn permission(seen: &Seen, at: &str, records: &[Issuer], authority: &[String]) -> Permission {
    let name = &seen.name;
    let strange = |record: &&Issuer| record.critical && !KNOWN.contains(&record.tag.as_str());
    if let Some(record) = records.iter().find(strange) {
        return Permission::Refused(format!(
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
        return Permission::Given;
    }
    if authority.is_empty() {
        return Permission::Refused(format!(
            "The CAA records of {at} say who may issue for {name}, and what the authority is called there is not known: \
             give its `caa`."
        ));
    }
    let grants: Vec<Grant> = properties
        .iter()
        .filter_map(|record| grant(&record.value, authority, seen.method))
        .collect();
    if grants.contains(&Grant::Anybody) {
        return Permission::Given;
    }
    let accounts: Vec<&str> = grants.iter().filter_map(Grant::account).collect();
    if !accounts.is_empty() {
        // The host has its account of the authority with its first order, and nobody is asked for it here. Whoever binds
        // the names to that account afterwards does well: to refuse would keep every later order back.
        return Permission::Bound(format!(
            "The CAA records of {at} let only the account {} order for {name}, and whether it is the host's is not known \
             here. A host that orders for the first time has a new account, and each trial at a `staging` directory one of \
             its own: both are refused. Let the records be without `accounturi` until the host has ordered, and give \
             `directory` without `staging` where they keep it.",
            accounts.join(" or ")
        ));
    }
    let said: Vec<String> = properties
        .iter()
        .map(|record| format!("{} \"{}\"", record.tag, record.value))
        .collect();
    Permission::Refused(format!(
        "The CAA records of {at} do not let {} issue for {name} by {}: {}.",
        authority.join(" or "),
        seen.method.name(),
        said.join(", ")
    ))
}

/// Whom a property lets order.
#[derive(Debug, PartialEq, Eq)]
enum Grant {
    Anybody,
    Account(String),
}

impl Grant {
    fn account(&self) -> Option<&str> {
        match self {
            Self::Anybody => None,
            Self::Account(account) => Some(account),
        }
    }
}

/// Whom a property's value lets order from this authority by this method; none where nobody. A value that is not written
/// as it must be lets nobody (RFC 8659, section 4.2), and so does a parameter that says two things (RFC 8657, section 3,
/// of accounts; authorities take methods alike).
fn grant(value: &str, authority: &[String], method: Method) -> Option<Grant> {
    let (issuer, parameters) = match value.split_once(';') {
        Some((issuer, parameters)) => (issuer.trim(), parameters.trim()),
        None => (value.trim(), ""),
    };
    if !authority.iter().any(|one| one.eq_ignore_ascii_case(issuer)) {
        return None;
    }
    let (mut methods, mut accounts) = (Vec::new(), Vec::new());
    for parameter in parameters.split(';').filter(|_| !parameters.is_empty()) {
        let (key, value) = parameter.split_once('=')?;
        let (key, value) = (key.trim(), value.trim());
        let is_label = !key.is_empty()
            && key
                .chars()
                .all(|one| one.is_ascii_alphanumeric() || one == '-');
        if !is_label || !value.chars().all(|one| one.is_ascii_graphic()) {
            return None;
        }
        match key {
            "validationmethods" => methods.push(value),
            "accounturi" => accounts.push(value),
            _ => {}
        }
    }
    let proven = match methods.as_slice() {
        [] => true,
        [named] => named.split(',').any(|one| one == method.name()),
        _ => false,
    };
    match accounts.as_slice() {
        [] if proven => Some(Grant::Anybody),
        [account] if proven && !account.is_empty() => Some(Grant::Account((*account).to_owned())),
        _ => None,
    }
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
            let found = judged(&seen(name, records), &[], &ours).faults;
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
            // What is not written as it must be lets nobody: a list has no blanks, a parameter its sign of equality.
            (
                "a.example.org",
                &[(
                    "issue",
                    "letsencrypt.org; validationmethods=dns-01, http-01",
                )],
            ),
            ("a.example.org", &[("issue", "letsencrypt.org; ca-only")]),
            (
                "a.example.org",
                &[(
                    "issue",
                    "letsencrypt.org; validationmethods=http-01; validationmethods=dns-01",
                )],
            ),
            // Whose account it is does not matter where the method does not fit.
            (
                "a.example.org",
                &[(
                    "issue",
                    "letsencrypt.org; accounturi=https://a.example/1; validationmethods=dns-01",
                )],
            ),
            (
                "a.example.org",
                &[(
                    "issue",
                    "letsencrypt.org; accounturi=https://a.example/1; accounturi=https://a.example/2",
                )],
            ),
        ];
        for (name, records) in refused {
            let found = judged(&seen(name, records), &[], &ours).faults;
            assert_eq!(found.len(), 1, "{name} {records:?}: {found:?}");
        }
        let unknown = judged(&seen("a.example.org", &[("issue", "x.example")]), &[], &[]).faults;
        assert!(unknown[0].ends_with("give its `caa`."), "{unknown:?}");
    }

    #[test]
    fn records_that_bind_to_an_account_are_spoken_of_and_keep_nothing_back() {
        let ours = ["letsencrypt.org".to_owned()];
        let bound =
            "letsencrypt.org; accounturi=https://acme.example/acct/1; validationmethods=http-01";
        let said = judged(&seen("a.example.org", &[("issue", bound)]), &[], &ours);
        assert_eq!(said.faults, Vec::<String>::new());
        assert!(
            said.notes[0].starts_with(
                "The CAA records of example.org let only the account https://acme.example/acct/1 order for a.example.org"
            ),
            "{said:?}"
        );
        // Another record lets everybody order there.
        let records = [("issue", bound), ("issue", "letsencrypt.org")];
        let said = judged(&seen("a.example.org", &records), &[], &ours);
        assert_eq!(said, Said::default());
    }

    #[test]
    fn every_address_of_a_name_must_be_the_hosts() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let own = [address("192.0.2.1"), address("2001:db8::1")];
        let leads = |found: &[&str]| {
            let mut seen = seen("a.example.org", &[]);
            seen.addresses = Some(found.iter().map(|one| address(one)).collect());
            judged(&seen, &own, &[]).faults
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
