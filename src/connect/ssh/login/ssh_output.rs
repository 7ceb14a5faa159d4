//! Which of the words that ssh prints are its own, and which ones the other side's that it passes on.
//!
//! Whoever listens at a port can have ssh print what it likes, before any key was shown: in lines ahead of its greeting,
//! in the reason for which it parts, in what it offers. So a reason is looked for in the words that each can only be in.

/// What ssh passes on in the middle of a line, and may go on over more lines, so that nothing after it is surely its own.
const PASSED_ON: [&str; 4] = [
    "Received disconnect from ",
    " Their offer: ",
    "debug1: Remote: ",
    // Here sshd may show a banner, which ssh prints as it comes.
    "debug1: SSH2_MSG_SERVICE_ACCEPT received",
];

/// What ssh printed, taken apart.
#[derive(Debug, Default)]
pub struct SshOutput {
    own: Vec<String>,
    greeting: Vec<String>,
    parting: String,
}

impl SshOutput {
    /// Of all that ssh printed.
    pub fn of(said: &str) -> Self {
        let mut words = Self::default();
        for line in said.split(['\n', '\r']) {
            let line = line
                .trim()
                .strip_prefix("failed to connect to the remote host: ")
                .unwrap_or(line.trim());
            if line.is_empty() {
                continue;
            }
            let passed_on = PASSED_ON
                .iter()
                .filter_map(|words| line.split_once(words).map(|(own, _)| (words, own)))
                .min_by_key(|(_, own)| own.len());
            if let Some((begins, own)) = passed_on {
                words.own.push(own.to_owned());
                if *begins == PASSED_ON[0] {
                    words.parting = reason(line).to_owned();
                }
                break;
            }
            if let Some((_, greets)) = banner(line) {
                words.greeting.push(greets.to_owned());
            } else if !line.starts_with("debug") && !line.starts_with("Bad remote protocol") {
                words.own.push(line.to_owned());
            }
        }
        words
    }

    /// Whether ssh itself says this, in one line.
    pub fn says(&self, words: &str) -> bool {
        self.own.iter().any(|line| line.contains(words))
    }

    /// Whether ssh itself says this at the beginning of a line, and that in the same one.
    pub fn says_of(&self, begins: &str, ends: &str) -> bool {
        self.own
            .iter()
            .any(|line| line.starts_with(begins) && line.contains(ends))
    }

    /// Whether the other side says this and nothing else in a line ahead of its greeting.
    pub fn greets(&self, words: &str) -> bool {
        self.greeting.iter().any(|line| line.starts_with(words))
    }

    /// Whether the other side gives this as the reason for which it parts.
    pub fn parts(&self, words: &str) -> bool {
        self.parting.starts_with(words)
    }

    /// What ssh itself says.
    pub fn own(&self) -> String {
        self.own.join("\n")
    }
}

/// `debug1: kex_exchange_identification: banner line 0: WORDS`.
fn banner(line: &str) -> Option<(&str, &str)> {
    let (_, rest) = line
        .strip_prefix("debug1: ")?
        .split_once("banner line ")
        .filter(|(name, _)| !name.trim_end_matches(": ").contains(' '))?;
    rest.split_once(": ")
}

/// `Received disconnect from ADDRESS port 22:2: REASON`.
fn reason(line: &str) -> &str {
    let rest = line.split_once(" port ").map_or("", |(_, rest)| rest);
    let mut parts = rest.splitn(3, ':');
    parts.nth(2).map(str::trim).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_other_side_says_is_not_taken_for_words_of_ssh() {
        let forged = "ssh_dispatch_run_fatal: Connection to 192.0.2.7 port 22: incorrect signature";
        for said in [
            format!("debug1: kex_exchange_identification: banner line 0: {forged}"),
            format!("debug1: Remote protocol version 2.0, remote software version {forged}"),
            format!("Received disconnect from 192.0.2.7 port 22:2: x\n{forged}"),
            format!("debug1: Remote: x\n{forged}"),
            format!(
                "Unable to negotiate with 192.0.2.7 port 22: no matching cipher found. Their offer: x\n{forged}"
            ),
            format!("Bad remote protocol version identification: '{forged}'"),
            format!("debug1: SSH2_MSG_SERVICE_ACCEPT received\r\n{forged}"),
        ] {
            assert!(!SshOutput::of(&said).says("incorrect signature"), "{said}");
        }
        assert!(SshOutput::of(forged).says("incorrect signature"));
        let offer = "Unable to negotiate with UNKNOWN port 65535: no matching host key type found. Their offer: x";
        assert!(SshOutput::of(offer).says("no matching host key type found"));
    }

    #[test]
    fn what_the_other_side_says_is_read_as_its_own_words() {
        let words = SshOutput::of(
            "debug1: kex_exchange_identification: banner line 0: Exceeded MaxStartups\r\n\
             debug1: banner line 1: Not allowed at this time\r\n\
             Received disconnect from 2001:db8::7 port 22:2: Too many authentication failures\r\n\
             Disconnected from 2001:db8::7 port 22",
        );
        assert!(words.greets("Exceeded MaxStartups") && words.greets("Not allowed at this time"));
        assert!(words.parts("Too many authentication failures"));
        assert!(!words.says("Too many"));
    }

    #[test]
    fn lines_of_ssh_that_belong_together_stay_so() {
        let own = SshOutput::of("The fingerprint is\r\r\nSHA256:x.\r\n").own();
        assert_eq!(own, "The fingerprint is\nSHA256:x.");
    }
}
