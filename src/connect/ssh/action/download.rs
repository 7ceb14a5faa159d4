//! Fetching a URL on the host, and checking keys that came that way here.

use crate::connect::ssh::{Host, action, exchange::call::Call, question::absolute};
use crate::model::{
    Content, Failure, Outcome, Progress,
    host_action::{Download, HostAction, WriteFile, shown_url},
    openpgp,
};

/// Keys are small; more than this is something else.
const KEYS: usize = 4 << 20;

/// The call that looks what a URL gives.
pub fn look(url: &str) -> Result<Call, Failure> {
    Ok(Call::new("lf_fetched").words(located(url)?).long())
}

/// Whether a URL holds a password, as a word, and the URL. One that a program could misread is refused.
fn located(url: &str) -> Result<[&str; 2], Failure> {
    let shown = shown_url(url);
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    if !matches!(scheme, Some("http" | "https" | "file"))
        || url.contains(|c: char| c.is_whitespace() || c.is_control() || c == '"' || c == '\\')
    {
        return Err(Failure::new(
            "a URL that cannot be fetched",
            format!("The URL is {shown:?}."),
        )
        .help("Use `http://`, `https://` or `file://`."));
    }
    Ok([if shown == url { "no" } else { "yes" }, url])
}

/// The call that fetches; keys are handed over, to be checked here.
pub fn call(download: &Download) -> Result<Call, Failure> {
    let sum = download
        .sha256
        .clone()
        .unwrap_or_default()
        .to_ascii_lowercase();
    Ok(Call::new("lf_download")
        .word(if download.keys.is_some() { "yes" } else { "no" })
        .words(located(&download.url)?)
        .word(absolute(&download.path)?)
        .word(sum)
        .words(action::words(&download.access)?))
}

impl Host {
    /// Fetches, checks, and puts in place; what does not pass a check never gets its name.
    pub async fn download(
        &self,
        action: &HostAction,
        download: &Download,
        progress: &Progress,
    ) -> Result<Outcome, Failure> {
        let mut reply = self.step(call(download)?, progress).await?;
        let Some(keys) = &download.keys else {
            return action::outcome(action, reply).map(|_| Outcome::Done);
        };
        let bytes = std::mem::take(&mut reply.out);
        action::outcome(action, reply)?;
        let refuse = |why: String| {
            Failure::new(
                "the signing key is not the expected one",
                format!("Fetching {} to {}.", download.shown_url(), download.path),
            )
            .why(why)
            .left("The file is as it was.")
            .help("Compare with the fingerprint that the publisher names; do not take this one on trust.")
        };
        if bytes.len() > KEYS {
            return Err(refuse("What came is too long for a key.".to_owned()));
        }
        let binary = openpgp::binary(&bytes).map_err(&refuse)?;
        if !keys.fingerprints.is_empty() {
            openpgp::check(&binary, &keys.fingerprints).map_err(&refuse)?;
        }
        let file = HostAction::Write(WriteFile {
            path: download.path.clone(),
            // Never what came: another reader of armours may find keys in it that were not checked.
            content: Content::public(keys.form.stored(binary)),
            access: download.access.clone(),
            validate: None,
            backup: false,
            follow: false,
        });
        let reply = self.step(action::call(&file)?, progress).await?;
        action::outcome(&file, reply).map(|_| Outcome::Done)
    }
}
