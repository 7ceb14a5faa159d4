//! Fetching a URL on the host, and checking keys that came that way here.

use super::{call::call, outcome::outcome};
use crate::connect::ssh::host::Host;
use crate::model::{
    Content, Failure, Outcome, Progress,
    host_action::{Download, HostAction, WriteFile},
    openpgp,
};

/// Keys are small; more than this is something else.
const KEYS: usize = 4 << 20;

/// Fetches, checks, and puts in place; what does not pass a check never gets its name.
pub async fn download(
    host: &Host,
    action: &HostAction,
    download: &Download,
    progress: &Progress,
) -> Result<Outcome, Failure> {
    let mut reply = host.step(call(action)?, progress).await?;
    let Some(keys) = &download.keys else {
        return outcome(action, reply).map(|_| Outcome::Done);
    };
    let bytes = std::mem::take(&mut reply.out);
    outcome(action, reply)?;
    let refuse = |why: String| {
        Failure::new(
            "the signing key is not the expected one",
            format!("Fetching {} to {}.", download.shown_url(), download.path),
        )
        .why(why)
        .left_behind("The file is as it was.")
        .help(
            "Compare with the fingerprint that the publisher names; do not take this one on trust.",
        )
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
    let reply = host.step(call(&file)?, progress).await?;
    outcome(&file, reply).map(|_| Outcome::Done)
}
