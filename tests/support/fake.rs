//! An endpoint that answers what a test says, or does not: silence, drops, floods, pages of somebody else's.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// One request.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Method and path: `GET /bucket/key`.
    pub line: String,
    head: String,
    pub body: String,
}

impl Asked {
    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut named = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.next().map_or("", |(_, value)| value.trim())
    }

    /// The service it was signed for: `s3`, `sts`, `iam`, `cloudformation`, `ecs`, `logs`.
    pub fn service(&self) -> &str {
        let scope = self.header("authorization").split('/');
        scope.into_iter().nth(3).unwrap_or_default()
    }

    /// The access key that signed it, which is the account, as emulators have it.
    pub fn key(&self) -> &str {
        let rest = self.header("authorization").split_once("Credential=");
        rest.and_then(|(_, rest)| rest.split('/').next())
            .unwrap_or_default()
    }

    /// The answer of another endpoint to it.
    pub fn passed_on(&self, endpoint: &str) -> Answer {
        let mut server = TcpStream::connect(endpoint.trim_start_matches("http://")).unwrap();
        let head = format!("{}\r\nconnection: close\r\n\r\n", self.head);
        server.write_all(head.as_bytes()).unwrap();
        server.write_all(self.body.as_bytes()).unwrap();
        let mut raw = Vec::new();
        server.read_to_end(&mut raw).unwrap();
        Answer::Raw(raw)
    }

    /// Whether it asks this of a service that names its operations in the body or in a header.
    pub fn is(&self, operation: &str) -> bool {
        self.body.contains(&format!("Action={operation}&"))
            || self
                .header("x-amz-target")
                .ends_with(&format!(".{operation}"))
    }
}

/// What comes back.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A whole answer: status, headers as lines, body.
    Whole(u16, &'static str, String),
    /// Nothing, and the connection stays open.
    Silence,
    /// The head at once, then a byte of the body every second, without end.
    Drops,
    /// The head at once, then a body without end, as fast as it is taken.
    Flood,
    /// These bytes, head and body.
    Raw(Vec<u8>),
    /// The head with this length of a body, of which only this comes before the connection ends.
    Cut(usize, &'static str),
}

impl Answer {
    /// A whole answer without headers of its own.
    pub fn whole(status: u16, body: impl Into<String>) -> Self {
        Self::Whole(status, "", body.into())
    }

    /// What STS answers to whoever signed with his account's number.
    pub fn caller(asked: &Asked) -> Self {
        let account = asked.key();
        Self::whole(
            200,
            format!(
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::{account}:user/me</Arn>\
                 <UserId>U</UserId><Account>{account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
            ),
        )
    }
}

/// A running endpoint. Its threads end with the test binary.
pub struct Fake {
    pub endpoint: String,
    seen: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    /// One that answers so. Who we are is answered as STS does, unless `answer` has something for it.
    pub fn answering(answer: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (answer, noted) = (Arc::new(answer), Arc::clone(&seen));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (answer, noted) = (Arc::clone(&answer), Arc::clone(&noted));
                // A client that has gone ends its own thread only.
                thread::spawn(move || drop(serve(client, &*answer, &noted)));
            }
        });
        Self {
            endpoint: format!("http://127.0.0.1:{port}"),
            seen,
        }
    }

    /// What was asked so far.
    pub fn seen(&self) -> Vec<Asked> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(
    mut client: TcpStream,
    answer: &(dyn Fn(&Asked) -> Option<Answer> + Send + Sync),
    noted: &Mutex<Vec<Asked>>,
) -> std::io::Result<()> {
    let asked = read(&mut client)?;
    noted.lock().unwrap().push(asked.clone());
    let head_only = asked.line.starts_with("HEAD ");
    let said = answer(&asked).unwrap_or_else(|| match asked.service() {
        "sts" => Answer::caller(&asked),
        _ => Answer::whole(500, ""),
    });
    match said {
        Answer::Whole(status, headers, body) => {
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n{headers}connection: close\r\n\r\n",
                body.len()
            );
            client.write_all(head.as_bytes())?;
            if !head_only {
                client.write_all(body.as_bytes())?;
            }
            Ok(())
        }
        Answer::Silence => loop {
            thread::sleep(Duration::from_secs(3600));
        },
        Answer::Drops => {
            client.write_all(ENDLESS.as_bytes())?;
            loop {
                client.write_all(b"1\r\n \r\n")?;
                thread::sleep(Duration::from_secs(1));
            }
        }
        Answer::Flood => {
            client.write_all(ENDLESS.as_bytes())?;
            let piece = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
            loop {
                client.write_all(piece.as_bytes())?;
            }
        }
        Answer::Raw(bytes) => client.write_all(&bytes),
        Answer::Cut(length, body) => {
            let head = format!("HTTP/1.1 200 X\r\ncontent-length: {length}\r\n\r\n");
            client.write_all(head.as_bytes())?;
            client.write_all(body.as_bytes())
        }
    }
}

const ENDLESS: &str = "HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n";

fn read(client: &mut TcpStream) -> std::io::Result<Asked> {
    let mut raw = Vec::new();
    let mut piece = [0; 16 * 1024];
    let mut whole = None;
    while whole.is_none_or(|whole| raw.len() < whole) {
        let count = client.read(&mut piece)?;
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        raw.extend_from_slice(&piece[..count]);
        if whole.is_none()
            && let Some(end) = raw.windows(4).position(|window| window == b"\r\n\r\n")
        {
            let asked = asked(&raw[..end], b"");
            whole = Some(end + 4 + asked.header("content-length").parse().unwrap_or(0));
        }
    }
    let end = raw.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.unwrap_or_default();
    Ok(asked(&raw[..end], &raw[end + 4..]))
}

fn asked(head: &[u8], body: &[u8]) -> Asked {
    let head = String::from_utf8_lossy(head).into_owned();
    let line = head.lines().next().unwrap_or_default();
    Asked {
        line: line.trim_end_matches(" HTTP/1.1").to_owned(),
        body: String::from_utf8_lossy(body).into_owned(),
        head,
    }
}
