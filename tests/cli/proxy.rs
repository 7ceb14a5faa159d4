//! A proxy in front of the emulator: it remembers every request, and holds one back until it is told to let it go.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

/// One request that passed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// Method and path.
    pub line: String,
    /// The operation, where a header names it.
    pub operation: String,
    /// What was asked.
    pub body: String,
}

#[derive(Default)]
struct State {
    seen: Vec<Request>,
    /// What a request holds that is kept back.
    held_back: Option<String>,
    holding: bool,
}

/// A running proxy. Its threads end with the test binary.
pub struct Proxy {
    pub endpoint: String,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Proxy {
    /// One in front of this endpoint.
    pub fn before(endpoint: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let upstream = endpoint.strip_prefix("http://").unwrap().to_owned();
        let state: Arc<(Mutex<State>, Condvar)> = Arc::default();
        let shared = state.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, upstream, state) = (client.unwrap(), upstream.clone(), shared.clone());
                // A client that has gone, as one that was killed, ends its own thread only.
                std::thread::spawn(move || drop(pass(client, &upstream, &state)));
            }
        });
        Self {
            endpoint: format!("http://127.0.0.1:{port}"),
            state,
        }
    }

    /// Keeps the next request back that holds this text.
    pub fn hold_back(&self, text: &str) {
        self.state.0.lock().unwrap().held_back = Some(text.to_owned());
    }

    /// Waits until a request is kept back.
    pub fn wait_for_one(&self) {
        let (state, changed) = &*self.state;
        let guard = state.lock().unwrap();
        drop(changed.wait_while(guard, |state| !state.holding).unwrap());
    }

    /// Lets it go on.
    pub fn let_go(&self) {
        let (state, changed) = &*self.state;
        state.lock().unwrap().holding = false;
        changed.notify_all();
    }

    /// What passed since the last time this was asked.
    pub fn take(&self) -> Vec<Request> {
        std::mem::take(&mut self.state.0.lock().unwrap().seen)
    }
}

/// One request a connection: the answer says that the connection is closed after it.
fn pass(
    mut client: TcpStream,
    upstream: &str,
    state: &(Mutex<State>, Condvar),
) -> std::io::Result<()> {
    let mut raw = Vec::new();
    let mut piece = [0; 16 * 1024];
    let (head, length) = loop {
        let count = client.read(&mut piece)?;
        if count == 0 {
            return Ok(());
        }
        raw.extend_from_slice(&piece[..count]);
        if let Some(end) = raw.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&raw[..end]).into_owned();
            let length = header(&head, "content-length").parse().unwrap_or(0);
            break (head, end + 4 + length);
        }
    };
    while raw.len() < length {
        let count = client.read(&mut piece)?;
        if count == 0 {
            return Ok(());
        }
        raw.extend_from_slice(&piece[..count]);
    }
    let body = raw.split_off(head.len() + 4);
    note(&head, &body, state);
    let mut server = TcpStream::connect(upstream)?;
    server.write_all(format!("{head}\r\nconnection: close\r\n\r\n").as_bytes())?;
    server.write_all(&body)?;
    std::io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Both)
}

fn note(head: &str, body: &[u8], (state, changed): &(Mutex<State>, Condvar)) {
    let line = head.lines().next().unwrap_or_default();
    let request = Request {
        line: line.trim_end_matches(" HTTP/1.1").to_owned(),
        operation: header(head, "x-amz-target"),
        body: String::from_utf8_lossy(body).into_owned(),
    };
    let mut guard = state.lock().unwrap();
    let keep = guard.held_back.as_ref().is_some_and(|text| {
        request.line.contains(text)
            || request.operation.contains(text)
            || request.body.contains(text)
    });
    guard.seen.push(request);
    if keep {
        guard.held_back = None;
        guard.holding = true;
        changed.notify_all();
        drop(changed.wait_while(guard, |state| state.holding).unwrap());
    }
}

fn header(head: &str, name: &str) -> String {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
        .unwrap_or_default()
}
