//! Fetching a URL on the host, and checking keys that came that way here.

use super::{Host, action, frame::Call, question::absolute};
use crate::model::{
    Content, Failure, Outcome, Progress,
    host_action::{Download, HostAction, WriteFile},
};

/// Keys are small; more than this is something else.
const KEYS: usize = 4 << 20;

/// The call that fetches; with keys to check or to take out of their armour, the bytes are handed over.
pub(super) fn call(download: &Download) -> Result<Call, Failure> {
    let scheme = download.url.split_once("://").map(|(scheme, _)| scheme);
    if !matches!(scheme, Some("http" | "https" | "file"))
        || download.url.contains(char::is_whitespace)
    {
        return Err(Failure::new(
            "a URL that cannot be fetched",
            format!("The URL is {:?}.", download.url),
        )
        .help("Use `http://`, `https://` or `file://`."));
    }
    let sum = download
        .sha256
        .clone()
        .unwrap_or_default()
        .to_ascii_lowercase();
    Ok(Call::new("lf_download")
        .word(if hands_over(download) { "yes" } else { "no" })
        .word(&download.url)
        .word(absolute(&download.path)?)
        .word(sum)
        .words(action::words(&download.access)?))
}

fn hands_over(download: &Download) -> bool {
    download.dearmor || !download.fingerprints.is_empty()
}

impl Host {
    /// Fetches, checks, and puts in place; what does not pass a check never gets its name.
    pub(super) async fn download(
        &self,
        action: &HostAction,
        download: &Download,
        progress: &Progress,
    ) -> Result<Outcome, Failure> {
        let mut reply = self.step(call(download)?, progress).await?;
        if !hands_over(download) {
            return action::outcome(action, reply).map(|_| Outcome::Done);
        }
        let bytes = std::mem::take(&mut reply.out);
        action::outcome(action, reply)?;
        let refuse = |why: String| {
            Failure::new(
                "the signing key is not the expected one",
                format!("Fetching {} to {}.", download.url, download.path),
            )
            .why(why)
            .left("The file is as it was.")
            .help("Compare with the fingerprint that the publisher names; do not take this one on trust.")
        };
        if bytes.len() > KEYS {
            return Err(refuse("What came is too long for a key.".to_owned()));
        }
        let binary = super::openpgp::binary(&bytes).map_err(&refuse)?;
        if !download.fingerprints.is_empty() {
            super::openpgp::check(&binary, &download.fingerprints).map_err(&refuse)?;
        }
        let file = HostAction::Write(WriteFile {
            path: download.path.clone(),
            content: Content::public(if download.dearmor { binary } else { bytes }),
            access: download.access.clone(),
            validate: None,
            backup: false,
        });
        let reply = self.step(action::call(&file)?, progress).await?;
        action::outcome(&file, reply).map(|_| Outcome::Done)
    }
}
