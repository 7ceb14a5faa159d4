//! Whether a certificate is for a name.

use std::net::IpAddr;

use crate::model::CertificateFacts;

/// Whether the certificate is for this name or address (RFC 9525, section 6.3): letters of either case are one, and `*`
/// stands for exactly one label, the first.
pub fn covers(certificate: &CertificateFacts, name: &str) -> bool {
    let name = name.trim_end_matches('.').to_lowercase();
    let fits = |listed: &String| {
        if let (Ok(one), Ok(other)) = (listed.parse::<IpAddr>(), name.parse::<IpAddr>()) {
            return one == other;
        }
        let Some(rest) = listed.strip_prefix("*.") else {
            return *listed == name;
        };
        name.split_once('.')
            .is_some_and(|(label, parent)| !label.is_empty() && parent == rest)
    };
    certificate.names.iter().any(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_label() {
        let of = |names: &[&str]| CertificateFacts {
            names: names.iter().map(|&name| name.to_owned()).collect(),
            ..CertificateFacts::default()
        };
        let star = of(&["*.example.org", "203.0.113.7", "2001:db8::1"]);
        for name in [
            "www.example.org",
            "WWW.example.org.",
            "203.0.113.7",
            "2001:db8:0::1",
        ] {
            assert!(covers(&star, name), "{name}");
        }
        for name in [
            "example.org",
            "a.b.example.org",
            ".example.org",
            "203.0.113.8",
        ] {
            assert!(!covers(&star, name), "{name}");
        }
        assert!(!covers(&of(&["example.org"]), "*.example.org"));
    }
}
