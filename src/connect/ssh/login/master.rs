//! ssh's own process, which holds the connection that our sessions share.

use std::{
    io::{self, Read as _},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use openssh::{Error, Session};

use super::{options::known_hosts_word, settings::Settings};
use crate::connect::leftovers;
use crate::model::{Failure, Login};

/// How long ssh's own process outlives us when we are killed and cannot end it: half a minute, in which the next run
/// has long connected by itself. One whose sessions do not end lives on, and the next run ends it.
const IDLE: &str = "ControlPersist=30s";

/// How much of ssh's complaint is read.
const LOG: u64 = 64 << 10;

/// A connection, and the socket by which it is shared and ended.
#[derive(Debug)]
pub struct Master {
    /// What sessions are opened by.
    pub session: Arc<Session>,
    /// ssh's control socket.
    pub socket: PathBuf,
}

/// The connection of before, where there was one: it stands until it is ended.
#[derive(Debug)]
pub struct Former(pub Option<Master>);

impl Former {
    /// Ends it.
    pub async fn end(self) {
        if let Some(master) = self.0 {
            leftovers::exit(&master.socket).await;
        }
    }
}

/// What ssh is told, beside its configuration.
pub struct Request<'a> {
    pub login: &'a Login,
    pub settings: &'a Settings,
    /// Where the configuration lies and the socket will.
    pub folder: &'a Path,
    /// Tells the connections of one folder apart.
    pub number: u64,
}

/// Connects. The process that does it ends with the future, so that giving up leaves nothing behind.
///
/// Fails with ssh's own words when it is not let in.
pub async fn connect(call: &Request<'_>) -> Result<Result<Master, Error>, Failure> {
    let socket = call.folder.join(call.number.to_string());
    let log = call.folder.join(format!("{}.log", call.number));
    let mut command = tokio::process::Command::new("ssh");
    command
        .arg("-E")
        .arg(&log)
        .arg("-S")
        .arg(&socket)
        .args(["-M", "-f", "-N", "-o", IDLE])
        .args(["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"])
        .arg("-o")
        .arg(format!(
            "ConnectTimeout={}",
            call.settings.connect_timeout.as_secs()
        ))
        .args(["-o", "ServerAliveInterval=10"])
        .args(["-p", &call.login.port.to_string(), "-l", &call.login.user]);
    if let Some(identity) = &call.login.identity {
        command.args(["-o", "IdentitiesOnly=yes", "-i", identity]);
    }
    let known_hosts = known_hosts_word(&call.settings.known_hosts)?;
    command
        .arg("-F")
        .arg(call.folder.join("config"))
        .arg("-o")
        .arg(format!("UserKnownHostsFile={known_hosts}"))
        .args(["--", &call.login.address])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let ended = match command.status().await {
        Ok(ended) => ended,
        Err(error) => return Ok(Err(Error::Connect(error))),
    };
    if ended.success() {
        let session = Session::resume_mux(socket.clone().into(), Some(log.into()));
        return Ok(Ok(Master {
            session: Arc::new(session),
            socket,
        }));
    }
    let mut said = Vec::new();
    if let Ok(file) = std::fs::File::open(&log) {
        // What cannot be read says nothing; that ssh failed is known.
        let _ = file.take(LOG).read_to_end(&mut said);
    }
    let said = String::from_utf8_lossy(&said).replace('\r', "");
    Ok(Err(Error::Connect(io::Error::other(
        said.trim().to_owned(),
    ))))
}
