//! What is said to an engine over its own socket.
//!
//! `docker swarm join` takes the token as an argument, which every process of the host can read, and `docker swarm init`
//! prints one. The engine's API takes it in the body of a request. `docker system dial-stdio` carries a request from its
//! standard input to the engine's socket and the answer back, as docker's own `ssh://` connections do, so that the host
//! needs no other program.

use serde_json::json;

use crate::model::host::Command;
use crate::model::{Content, Secret, Value};

/// The port by which managers speak to all others (Docker's manual, "Run Docker Engine in swarm mode").
const PORT: u16 = 2377;

/// Fails with the engine's words unless the engine answers with 200. The answer of `init` is the node's id; of `join` it is
/// empty.
const SCRIPT: &str = r#"answer=$(docker system dial-stdio) || exit 1
case $answer in
"HTTP/1."?" 200 "*) ;;
*)
	printf '%s\n' "$answer" | tail -n 1 >&2
	exit 1
	;;
esac"#;

/// Makes a Swarm of the engine, with this label: one that is cut off right after it is known by it.
pub fn init(address: Option<&str>, label: &(String, String)) -> Command {
    let listen = format!("0.0.0.0:{PORT}");
    let (name, value) = label;
    let mut body = json!({ "ListenAddr": listen, "Spec": { "Labels": { name: value } } });
    advertise(&mut body, address);
    Command {
        stdin: Some(Content::public(post("/swarm/init", &body))),
        ..script()
    }
}

/// Has the engine join the Swarm of a manager at this address.
pub fn join(address: Option<&str>, manager: &str, token: &Secret) -> Command {
    let listen = format!("0.0.0.0:{PORT}");
    let mut body = json!({
        "ListenAddr": listen,
        "RemoteAddrs": [at_port(manager)],
        "JoinToken": token.expose(),
    });
    advertise(&mut body, address);
    Command {
        stdin: Some(Content::secret(post("/swarm/join", &body))),
        ..script()
    }
}

fn advertise(body: &mut Value, address: Option<&str>) {
    if let Some(address) = address {
        body["AdvertiseAddr"] = Value::from(address);
    }
}

fn script() -> Command {
    Command {
        script: Some(SCRIPT.to_owned()),
        ..Command::default()
    }
}

/// `10.0.0.1:2377`, `[fd00::1]:2377`.
fn at_port(address: &str) -> String {
    match address.contains(':') {
        true => format!("[{address}]:{PORT}"),
        false => format!("{address}:{PORT}"),
    }
}

/// A request without a version in its path is of the newest that the engine knows.
fn post(path: &str, body: &Value) -> String {
    let body = body.to_string();
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_in_the_secret_body_and_nowhere_else() {
        let token = Secret::new("SWMTKN-1-x".to_owned());
        let command = join(None, "fd00::1", &token);
        assert!(!format!("{command:?}").contains("SWMTKN"));
        assert!(!serde_json::to_string(&command).unwrap().contains("SWMTKN"));
        let body = command.stdin.unwrap();
        assert!(body.is_secret());
        let text = body.text().unwrap();
        assert!(
            text.contains(r#""RemoteAddrs":["[fd00::1]:2377"]"#),
            "{text}"
        );
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains(&format!("Content-Length: {}\r\n", body.len())),
            "{head}"
        );
    }
}
