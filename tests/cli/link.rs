//! A link in front of a host's sshd that can be cut, and that can keep what the host says to itself.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct State {
    open: Mutex<Vec<TcpStream>>,
    withholding: AtomicBool,
    withheld: AtomicUsize,
}

/// A link. Its threads end with the test binary.
pub struct Link {
    pub port: u16,
    state: Arc<State>,
}

impl Link {
    /// One to this host.
    pub fn to(address: &str, port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let host = (address.to_owned(), port);
        let link = Self {
            port: listener.local_addr().unwrap().port(),
            state: Arc::default(),
        };
        let state = link.state.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let Ok(server) = TcpStream::connect(&host) else {
                    continue;
                };
                let mut open = state.open.lock().unwrap();
                open.extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                drop(open);
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                std::thread::spawn(move || pass(from, to, None));
                let state = state.clone();
                std::thread::spawn(move || pass(server, client, Some(&state)));
            }
        });
        link
    }

    /// From now on nothing of what the host says gets through.
    pub fn withhold(&self) {
        self.state.withheld.store(0, Ordering::SeqCst);
        self.state.withholding.store(true, Ordering::SeqCst);
    }

    /// How many bytes were kept since.
    pub fn withheld(&self) -> usize {
        self.state.withheld.load(Ordering::SeqCst)
    }

    /// Cuts every connection; new ones get through.
    pub fn cut(&self) {
        for stream in self.state.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.state.withholding.store(false, Ordering::SeqCst);
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, host: Option<&State>) {
    let mut bytes = [0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if let Some(state) = host.filter(|state| state.withholding.load(Ordering::SeqCst)) {
            state.withheld.fetch_add(count, Ordering::SeqCst);
        } else if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
