//! What apt says it would do, without doing it.

use crate::model::host::{Command, Ran};

/// What a simulated command of apt-get announced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simulation {
    /// Package, installed version if any, coming version.
    pub coming: Vec<(String, Option<String>, String)>,
    /// Packages that would go.
    pub going: Vec<String>,
    /// What apt objected to, when it did.
    pub refusal: Option<String>,
    /// Whether that was only that its lists do not have the package or the version.
    pub unheard_of: bool,
}

/// The same command of apt-get, simulated: no lock is taken.
pub fn simulated(command: &Command) -> Command {
    let mut simulated = command.clone();
    let options = ["-s", "-o", "Debug::NoLocking=1"].map(str::to_owned);
    simulated.argv.splice(1..1, options);
    simulated
        .environment
        .insert("LC_ALL".to_owned(), "C".to_owned());
    simulated
}

/// Reads `Inst name [old] (new origin [arch])` and `Remv name [old]`.
pub fn announced(ran: &Ran) -> Simulation {
    let mut found = Simulation::default();
    for line in ran.out().lines() {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("Inst"), Some(name)) => {
                let rest: Vec<_> = words.collect();
                let old = rest.first().and_then(|word| bracketed(word, '[', ']'));
                let new = rest
                    .iter()
                    .find_map(|word| word.strip_prefix('('))
                    .unwrap_or_default();
                found.coming.push((
                    name.to_owned(),
                    old.map(str::to_owned),
                    new.trim_end_matches(')').to_owned(),
                ));
            }
            // What was unpacked before and is only to be configured.
            (Some("Conf"), Some(name))
                if !found.coming.iter().any(|(coming, ..)| coming == name) =>
            {
                found.coming.push((name.to_owned(), None, String::new()));
            }
            (Some("Remv" | "Purg" | "Del"), Some(name)) => found.going.push(name.to_owned()),
            _ => {}
        }
    }
    if !ran.ok() {
        let err = ran.err();
        // What follows the first objection is mostly said because of it.
        let first = err.lines().find_map(|line| line.strip_prefix("E: "));
        found.unheard_of = first.is_some_and(|line| {
            line.starts_with("Unable to locate package")
                || line.contains("has no installation candidate")
                || line.starts_with("Version ") && line.ends_with("was not found")
        });
        found.refusal = Some(match first {
            Some(line) => line.to_owned(),
            None => format!("exit code {}", ran.rc),
        });
    }
    found
}

fn bracketed(word: &str, open: char, close: char) -> Option<&str> {
    word.strip_prefix(open)?.strip_suffix(close)
}
