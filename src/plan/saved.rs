//! A plan in a file: what was decided, so that exactly that is applied or nothing.

use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{LeftOut, Plan, Work};
use crate::model::{Account, Class, Digest, Failure, Value, shell_word};
use crate::reading;

/// The form of the file. A newer form is refused, and so is the first, which does not say what account it is about.
const FORM: u64 = 2;

/// A plan as it was written down. It holds nothing secret: contents that are secret are digests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// The form of the file.
    form: u64,
    /// The project's name.
    pub project: String,
    /// The environment's name.
    pub environment: String,
    /// The digest of the environment's file.
    pub declaration: String,
    /// The AWS account it is about; none when nothing of it is in AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// The names that were typed for it, so that what holds data may be taken away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub typed: Vec<String>,
    /// The hosts that were said to be gone for good.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
    /// What of the environment it is not about, which its apply leaves out as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// When it was made: RFC 3339, UTC.
    pub made: String,
    /// Every section, as it is serialised.
    sections: Vec<Value>,
    /// The digest of all the above, so that an edited or cut file is noticed.
    #[serde(default)]
    seal: String,
}

/// No plan is larger. What is read as JSON takes up to forty times its length (a list of digits, measured), and no run
/// shall need more than 256 MiB for that.
const LARGEST: u64 = 6 << 20;

/// What a plan is about, beside what was decided.
pub struct About<'a> {
    /// The project's name.
    pub project: &'a str,
    /// The environment's name.
    pub environment: &'a str,
    /// The text of the environment's file.
    pub declaration: &'a str,
    /// The AWS account; none when nothing was asked of one.
    pub account: Option<Account>,
    /// The names that were typed, so that what holds data may be taken away.
    pub typed: &'a [String],
    /// The hosts that were said to be gone for good.
    pub gone: &'a [String],
}

impl Saved {
    /// Writes a whole plan down. Fails for a plan that is not whole.
    pub fn new(plan: &Plan, work: &Work, about: About<'_>) -> Result<Self, Failure> {
        if !plan.is_whole() {
            return Err(
                Failure::new("an incomplete plan cannot be saved", "saving the plan")
                    .left_behind("No file was written.")
                    .help("Repair what failed, then plan again."),
            );
        }
        let sections = plan
            .sections
            .iter()
            .map(serde_json::to_value)
            .collect::<Result<_, _>>();
        let mut saved = Self {
            form: FORM,
            project: about.project.to_owned(),
            environment: about.environment.to_owned(),
            declaration: Digest::of(about.declaration.as_bytes()).sha256,
            account: about.account,
            typed: about.typed.to_vec(),
            gone: about.gone.to_vec(),
            left_out: work.left_out.clone(),
            made: jiff::Timestamp::now()
                .strftime("%Y-%m-%dT%H:%M:%SZ")
                .to_string(),
            sections: sections
                .map_err(|error| Failure::bug(format!("a section cannot be written: {error}")))?,
            seal: String::new(),
        };
        saved.seal = saved.digest()?;
        Ok(saved)
    }

    /// The file's text. Refuses a plan that could not be read again.
    pub fn write(&self) -> Result<String, Failure> {
        let text = self.text()?;
        if text.len() as u64 <= LARGEST {
            return Ok(text);
        }
        Err(
            Failure::new("the plan is too large to be saved", "saving the plan")
                .why(format!(
                    "It has {} bytes, and {LARGEST} at the most are read again.",
                    text.len()
                ))
                .left_behind("No file was written.")
                .help("Plan parts of the environment by themselves: --limit NAME"),
        )
    }

    fn text(&self) -> Result<String, Failure> {
        serde_json::to_string_pretty(self)
            .map(|text| text + "\n")
            .map_err(|error| Failure::bug(format!("a plan cannot be written: {error}")))
    }

    /// Reads a file. Refuses, beside what [`Saved::read`] refuses, one that others may write, one that is too large,
    /// before it is read, and one that is not UTF-8; a byte order mark is passed over.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let failed = |error: std::io::Error| {
            Failure::new("the plan cannot be read", format!("reading {name}"))
                .why(error)
                .left_behind("Nothing was changed.")
        };
        // Whoever may write it says what is left out, and which data may go.
        if let Some(open) = reading::open_to_others(path).map_err(failed)? {
            return Err(
                Failure::new("others may write the plan", format!("reading {name}"))
                    .class(Class::Refused)
                    .why(open.why)
                    .left_behind("Nothing was changed.")
                    .help(open.help),
            );
        }
        let bytes = reading::bytes(path, LARGEST).map_err(|error| match error.kind() {
            ErrorKind::FileTooLarge => {
                let length = std::fs::metadata(path).map_or(0, |file| file.len());
                refused(
                    &name,
                    None,
                    format!("It has {length} bytes; a saved plan has {LARGEST} at the most."),
                )
            }
            _ => failed(error),
        })?;
        let text = match bytes.as_slice() {
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Err("It is UTF-16 text, and must be UTF-8."),
            bytes => str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
                .map_err(|_| "It is not UTF-8 text."),
        };
        Self::read(
            text.map_err(|why| refused(&name, None, why.to_owned()))?,
            &name,
        )
    }

    /// Reads a file's text. Refuses what is no plan, one of a newer form, and one that was edited or cut.
    pub fn read(text: &str, name: &str) -> Result<Self, Failure> {
        let saved: Self = serde_json::from_str(text)
            .map_err(|error| refused(name, None, format!("It is no saved plan: {error}.")))?;
        let refused = |why: String| refused(name, Some(&saved.environment), why);
        if saved.form > FORM {
            return Err(refused(format!(
                "Its form is {}, and this program knows forms up to {FORM}.",
                saved.form
            )));
        }
        if saved.form < FORM {
            return Err(refused(
                "An earlier program made it, and it does not say in which AWS account.".to_owned(),
            ));
        }
        if saved.digest()? != saved.seal {
            return Err(refused("It was altered after it was saved.".to_owned()));
        }
        Ok(saved)
    }

    /// Refuses another account than the plan was made for, or the same at another endpoint, before anything is asked
    /// there. None is the account of a plan that is not about AWS.
    pub fn same_account(&self, now: Option<&Account>) -> Result<(), Failure> {
        let differences = match (&self.account, now) {
            (Some(then), Some(now)) => then.differences(now),
            (None, Some(now)) => vec![format!("it is about none, and not about {}", now.id)],
            (_, None) => Vec::new(),
        };
        if differences.is_empty() {
            return Ok(());
        }
        Err(Failure::new(
            "the plan was made for another AWS account or endpoint",
            format!("comparing the plan of {} with what this run speaks to", self.made),
        )
        .class(Class::Refused)
        .why(format!("Of the plan: {}.", differences.join("; ")))
        .left_behind("Nothing was changed.")
        .help(
            "Use the credentials and the endpoint that the plan was made with, or plan again here. `account` under \
             [aws] keeps an environment to one account.",
        ))
    }

    /// Compares with the plan of this moment. Refused with [`Class::Stale`], naming what moved.
    pub fn still_holds(&self, now: &Self) -> Result<(), Failure> {
        self.same_account(now.account.as_ref())?;
        let mut moved = Vec::new();
        if self.project != now.project {
            moved.push(format!("the project (it was saved in {})", self.project));
        }
        if self.declaration != now.declaration {
            moved.push("the environment's file".to_owned());
        }
        moved.extend(differing(&self.sections, &now.sections));
        if moved.is_empty() {
            return Ok(());
        }
        Err(Failure::new(
            "the plan is stale",
            format!("comparing the plan of {} with what is now", self.made),
        )
        .class(Class::Stale)
        .why(format!(
            "Since it was saved, this moved: {}.",
            moved.join(", ")
        ))
        .left_behind("Nothing was changed.")
        .help(format!(
            "Plan again and look at what differs: `landfall plan {}`",
            shell_word(&self.environment)
        )))
    }

    fn digest(&self) -> Result<String, Failure> {
        let unsealed = Self {
            seal: String::new(),
            ..self.clone()
        };
        Ok(Digest::of(unsealed.text()?.as_bytes()).sha256)
    }
}

fn refused(name: &str, environment: Option<&str>, why: String) -> Failure {
    Failure::new(
        "this is not a plan that can be applied",
        format!("reading {name}"),
    )
    .why(why)
    .left_behind("Nothing was changed.")
    .help(format!(
        "Make a new one: `landfall plan {} --out {}`",
        environment.map_or("ENV".to_owned(), shell_word),
        shell_word(name)
    ))
}

/// The addresses whose sections differ.
fn differing(before: &[Value], after: &[Value]) -> Vec<String> {
    let address = |section: &Value| section["address"].as_str().unwrap_or_default().to_owned();
    let differs = |section: &&Value, others: &[Value]| !others.contains(section);
    let mut names: Vec<String> = before
        .iter()
        .filter(|section| differs(section, after))
        .chain(after.iter().filter(|section| differs(section, before)))
        .map(address)
        .collect();
    names.sort();
    names.dedup();
    names
}
