//! Which name servers are asked.

use std::fs;
use std::net::{IpAddr, SocketAddr};

use crate::model::Failure;

/// Where this machine's own are written (resolv.conf(5)).
const CONFIGURATION: &str = "/etc/resolv.conf";
/// How many of them are used, as resolv.conf(5) says.
const MOST: usize = 3;
/// The port of the DNS.
const PORT: u16 = 53;

/// The one that is given, else those of this machine in their order.
///
/// Fails when the given one is no address, and when this machine has none.
pub fn name_servers(given: Option<&str>) -> Result<Vec<SocketAddr>, Failure> {
    let failed = |why: String| {
        Failure::new(
            "no name server can be asked",
            "looking up names in the DNS".to_owned(),
        )
        .why(why)
        .help("Name one by `resolver`, for example \"9.9.9.9\".")
    };
    if let Some(text) = given {
        let one = server(text);
        let one = one.ok_or_else(|| failed(format!("`{text}` is no IP address.")))?;
        return Ok(vec![one]);
    }
    let text = fs::read_to_string(CONFIGURATION)
        .map_err(|error| failed(format!("{CONFIGURATION}: {error}")))?;
    let found = listed(&text);
    if found.is_empty() {
        return Err(failed(format!("{CONFIGURATION} names none.")));
    }
    Ok(found)
}

fn server(text: &str) -> Option<SocketAddr> {
    let with_port = text.parse().ok();
    with_port.or_else(|| Some(SocketAddr::new(text.parse::<IpAddr>().ok()?, PORT)))
}

fn listed(text: &str) -> Vec<SocketAddr> {
    let lines = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("nameserver")).then(|| words.next())?
    });
    lines.filter_map(server).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_server_is_an_address_with_or_without_a_port() {
        let text = |server: SocketAddr| server.to_string();
        assert_eq!(
            server("192.0.2.1").map(text).as_deref(),
            Some("192.0.2.1:53")
        );
        assert_eq!(
            server("[2001:db8::1]:8053").map(text).as_deref(),
            Some("[2001:db8::1]:8053")
        );
        assert_eq!(server("dns.example.org"), None);
    }

    #[test]
    fn those_of_the_machine_are_read_in_their_order() {
        let text = "# nameserver 192.0.2.9\nsearch example.org\nnameserver 192.0.2.1\nnameserver  2001:db8::1 # two\n\
                    nameserver 192.0.2.3\nnameserver 192.0.2.4\n";
        let found: Vec<String> = listed(text).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["192.0.2.1:53", "[2001:db8::1]:53", "192.0.2.3:53"]);
    }
}
