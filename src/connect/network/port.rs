//! Whether a TCP connection is taken.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};

use crate::model::network::PortState;
use crate::model::{Class, Failure};

/// How long nobody may say anything. A host across the world answers within two seconds, the first packet lost or not.
const PATIENCE: Duration = Duration::from_secs(5);

/// What came of a connection to this port of any of the address's machines, and the connection where it was taken.
///
/// Fails when the address's name is not known.
pub async fn connect(address: &str, port: u16) -> Result<(PortState, Option<TcpStream>), Failure> {
    let unknown = |why: String| {
        Failure::new(
            "the address is not known",
            format!("connecting to {address}, port {port}"),
        )
        .class(Class::Unreachable)
        .why(why)
    };
    let found = lookup_host((address, port)).await;
    let found: Vec<_> = found.map_err(|error| unknown(error.to_string()))?.collect();
    if found.is_empty() {
        return Err(unknown("The name has no addresses.".to_owned()));
    }
    let mut silent = false;
    for one in found {
        match tokio::time::timeout(PATIENCE, TcpStream::connect(one)).await {
            Ok(Ok(stream)) => return Ok((PortState::Open, Some(stream))),
            Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => {}
            // A router that says there is no way there tells no more than one that says nothing.
            Ok(Err(_)) | Err(_) => silent = true,
        }
    }
    let state = if silent {
        PortState::Silent
    } else {
        PortState::Closed
    };
    Ok((state, None))
}
