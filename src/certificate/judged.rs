//! What would keep a browser from trusting a chain and its key for these names.

use jiff::Timestamp;
use x509_parser::prelude::{FromDer as _, X509Certificate, X509Version};

use super::fault::{Fault, other_order, too_short};
use super::strength::{SHORTEST, Signed, short, signed, weak};
use super::{chain::Chain, names::covers, private_key};

/// Everything that is wrong with a chain and its private key for these names at this time; nothing where a server can use
/// them. Whether its root is trusted is for whoever connects to say.
pub fn faults(chain: &Chain, key: &[u8], names: &[String], now: Timestamp) -> Vec<Fault> {
    let mut found = Vec::new();
    found.extend(private_key::fault(chain, key));
    found.extend(faults_of_served(chain, names, now));
    found
}

/// Everything that is wrong with a chain that a server showed, for these names at this time.
pub fn faults_of_served(chain: &Chain, names: &[String], now: Timestamp) -> Vec<Fault> {
    let mut found = Vec::new();
    found.extend(of_version(chain));
    found.extend(of_strength(chain));
    found.extend(of_order(chain));
    found.extend(of_names(chain, names));
    found.extend(of_time(chain, now));
    found
}

/// Before its third version a certificate could hold no names; only a root, which nobody looks at, may be as old.
fn of_version(chain: &Chain) -> Option<Fault> {
    let old = |(position, one): (usize, X509Certificate<'_>)| {
        (one.version() != X509Version::V3 && !(position > 0 && one.subject() == one.issuer()))
            .then_some((position, one.version().0 + 1))
    };
    let (position, version) = parsed(chain).find_map(old)?;
    Some(Fault {
        summary: "the certificate is of an old version",
        why: format!(
            "{} is one of X.509 version {version}, which holds no names (subject alternative names); no browser takes it.",
            named(chain, position)
        ),
        help: "have it issued anew as version 3 with its names (`openssl x509 -req` makes one only with `-extfile`, and `subjectAltName` in that file)",
    })
}

/// A server of today loads no chain with a short key, or with a signature of a broken hash; nobody checks a root's own.
fn of_strength(chain: &Chain) -> Vec<Fault> {
    let mut found = Vec::new();
    for (position, one) in parsed(chain) {
        let named = named(chain, position);
        if let Some(bits) = short(&one) {
            found.push(too_short(format!(
                "{named} has a key of RSA with {bits} bits; browsers and servers take {SHORTEST} or more."
            )));
        }
        if let Some(hash) = weak(&one)
            && one.subject() != one.issuer()
        {
            found.push(Fault {
                summary: "a signature is too weak",
                why: format!("{named} is signed with {hash}, which browsers and servers refuse."),
                help: "have it issued anew, signed with SHA-256 or better",
            });
        }
    }
    found
}

/// `Certificate 1 (CN=site.example.org)`.
fn named(chain: &Chain, position: usize) -> String {
    format!(
        "Certificate {} ({})",
        position + 1,
        chain.facts()[position].subject
    )
}

fn parsed(chain: &Chain) -> impl Iterator<Item = (usize, X509Certificate<'_>)> {
    let read = |(position, one)| Some((position, X509Certificate::from_der(one).ok()?.1));
    let all = chain.certificates().iter().map(AsRef::<[u8]>::as_ref);
    all.enumerate().filter_map(read)
}

/// Each certificate is signed by the one behind it (RFC 8446, section 4.4.2, asks for it of all but the last TLS). What
/// cannot be checked is not passed, nor called unsigned.
fn of_order(chain: &Chain) -> Option<Fault> {
    let (all, facts) = (chain.certificates(), chain.facts());
    if let Some(leaf) = facts
        .first()
        .filter(|leaf| leaf.authority && facts.len() > 1)
    {
        return Some(other_order(format!(
            "It begins with an authority's certificate, {}.",
            leaf.subject
        )));
    }
    let links = all.windows(2).map(|pair| signed(&pair[1], &pair[0]));
    let links: Vec<Signed> = links.collect();
    if let Some(broken) = links.iter().position(|link| *link == Signed::No) {
        let why = format!(
            "{} is not signed by certificate {} ({}).",
            named(chain, broken),
            broken + 2,
            facts[broken + 1].subject
        );
        let elsewhere = || {
            all.iter()
                .any(|one| signed(one, &all[broken]) != Signed::No)
        };
        return Some(match !facts[broken].self_signed && elsewhere() {
            true => other_order(why),
            false => Fault {
                summary: "the chain is broken",
                why,
                help: "take out what does not belong to it, and add the certificate of each authority in between",
            },
        });
    }
    links.iter().enumerate().find_map(|(position, link)| match link {
        Signed::Unknown(kind) => Some(Fault {
            summary: "a signature cannot be checked",
            why: format!("{} is signed in a way that is not known here: {kind}.", named(chain, position)),
            help: "have it issued by an authority that signs with RSA, ECDSA on P-256 or P-384, or Ed25519",
        }),
        _ => None,
    })
}

fn of_names(chain: &Chain, names: &[String]) -> Option<Fault> {
    let leaf = chain.leaf()?;
    // One of an old version has no names, which is told with it.
    if leaf.names.is_empty() && of_version(chain).is_some() {
        return None;
    }
    let missing: Vec<&str> = names
        .iter()
        .filter(|name| !covers(leaf, name))
        .map(String::as_str)
        .collect();
    if missing.is_empty() {
        return None;
    }
    let its = match leaf.names.as_slice() {
        [] => "it names none in its subject alternative names, and a common name does not count"
            .to_owned(),
        names => format!("it is for {}", names.join(", ")),
    };
    Some(Fault {
        summary: "the certificate is for other names",
        why: format!("It is not for {}: {its}.", missing.join(", ")),
        help: "take these names out of `domains`, or have a certificate issued that is for all of them",
    })
}

fn of_time(chain: &Chain, now: Timestamp) -> Option<Fault> {
    let outside =
        |one: &&crate::model::CertificateFacts| now < one.not_before || now >= one.not_after;
    let one = chain.facts().iter().find(outside)?;
    Some(if now < one.not_before {
        Fault {
            summary: "the certificate is not valid yet",
            why: format!("{} begins to be valid on {}.", one.subject, one.not_before),
            help: "look at this machine's clock, or wait until then",
        }
    } else {
        Fault {
            summary: "the certificate has expired",
            why: format!("{} was valid until {}.", one.subject, one.not_after),
            help: "have it issued anew",
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CA: &str = include_str!("../../tests/certificates/ca.pem");
    const SITE: &str = include_str!("../../tests/certificates/site.pem");
    const KEY: &str = include_str!("../../tests/certificates/site.key");

    fn found(chain: &[&str], key: &str) -> Vec<Fault> {
        let chain = Chain::from_pem(chain.concat().as_bytes()).unwrap();
        // Within the time that all of them are valid.
        let now = "2050-01-01T00:00:00Z".parse().unwrap();
        faults(
            &chain,
            key.as_bytes(),
            &["site.example.org".to_owned()],
            now,
        )
    }

    /// The summary and the reason of the only fault.
    fn only(chain: &[&str], key: &str) -> (&'static str, String) {
        let found = found(chain, key);
        assert_eq!(found.len(), 1, "{found:?}");
        (found[0].summary, found[0].why.clone())
    }

    #[test]
    fn a_chain_and_its_key_are_good() {
        assert_eq!(found(&[SITE, CA], KEY), []);
        assert_eq!(found(&[SITE], KEY), []);
        assert_eq!(
            found(&[CA, SITE], KEY)[0].summary,
            "the chain is in another order"
        );
    }

    #[test]
    fn an_old_version_is_told_and_no_other_key() {
        let old = include_str!("../../tests/certificates/version1.pem");
        for chain in [&[old, CA][..], &[old]] {
            let (summary, why) = only(chain, KEY);
            assert_eq!(summary, "the certificate is of an old version");
            assert!(why.contains("X.509 version 1"), "{why}");
        }
    }

    #[test]
    fn a_signature_of_sha1_is_told_and_no_broken_chain() {
        let sha1 = include_str!("../../tests/certificates/sha1.pem");
        for chain in [&[sha1, CA][..], &[sha1]] {
            let (summary, why) = only(chain, KEY);
            assert_eq!(summary, "a signature is too weak");
            assert!(why.contains("signed with SHA-1"), "{why}");
        }
    }

    #[test]
    fn a_signature_that_cannot_be_checked_is_told_as_such() {
        let one = include_str!("../../tests/certificates/by-p521.pem");
        let authority = include_str!("../../tests/certificates/p521.pem");
        assert_eq!(
            only(&[one, authority], KEY).0,
            "a signature cannot be checked"
        );
        assert_eq!(only(&[one, CA], KEY).0, "the chain is broken");
    }

    #[test]
    fn a_short_key_is_told_with_its_length() {
        let short = include_str!("../../tests/certificates/short.pem");
        let key = include_str!("../../tests/certificates/short.key");
        let (summary, why) = only(&[short, CA], key);
        assert_eq!(summary, "the key is too short");
        assert!(why.contains("1024 bits"), "{why}");
        let (summary, why) = only(&[SITE, CA], key);
        assert_eq!(summary, "the key is too short");
        assert!(
            why.contains("The private key is one of RSA with 1024 bits"),
            "{why}"
        );
    }

    #[test]
    fn a_key_in_a_form_that_no_server_loads_is_refused() {
        let marked = format!("\u{feff}{KEY}");
        assert!(only(&[SITE, CA], &marked).1.contains("byte order mark"));
        let glued = format!("{}{SITE}", KEY.trim_end());
        assert_eq!(
            only(&[SITE, CA], &glued).0,
            "the private key cannot be read"
        );
        // A key may bring its certificate: its file stays with its owner.
        assert_eq!(found(&[SITE, CA], &format!("{KEY}{SITE}")), []);
    }
}
