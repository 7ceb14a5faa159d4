//! An API on this machine, which keeps what it was asked.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// What was asked once.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Method and path: `GET /api/v2/context`.
    pub line: String,
    /// The headers, a line each.
    pub headers: String,
    pub body: Value,
}

/// Answers on a port of its own until the test ends.
pub struct Api {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Api {
    pub fn start(answer: impl Fn(&Asked) -> Value + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let one = read(&mut BufReader::new(&stream));
                let text = answer(&one).to_string();
                kept.lock().unwrap().push(one);
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    text.len()
                );
                stream.write_all((head + &text).as_bytes()).unwrap();
            }
        });
        Self { url, asked }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The bodies of requests that begin so, by the last part of their paths.
    pub fn bodies(&self, begin: &str) -> Vec<(String, Value)> {
        let all = self.asked().into_iter();
        all.filter(|one| one.line.starts_with(begin))
            .map(|one| (one.line.rsplit('/').next().unwrap().to_owned(), one.body))
            .collect()
    }
}

fn read(from: &mut impl BufRead) -> Asked {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        from.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let length = lines.iter().find_map(|line| {
        line.to_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    let mut body = vec![0; length.unwrap_or(0)];
    from.read_exact(&mut body).unwrap();
    let first = lines.remove(0);
    Asked {
        line: first.trim_end_matches(" HTTP/1.1").to_owned(),
        headers: lines.join("\n"),
        body: match body.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&body).unwrap(),
        },
    }
}
