//! A text file that is edited where it stands.

use crate::model::{Change, Content, Effect, Failure, Probe, Shown};

use super::Context;
use super::access::Wanted;
use super::arguments::Arguments;
use super::place::{Place, Seen};
use super::run::must_exist;

/// The arguments that all editing modules share.
macro_rules! edit_arguments {
    ($($name:literal),* $(,)?) => {
        &[
            "path", "dest", "name", "destfile", "mode", "owner", "group", "validate", "backup", "encoding", $($name),*
        ]
    };
}
pub(super) use edit_arguments;

/// A text file.
pub struct TextFile {
    place: Place,
    create: bool,
}

impl TextFile {
    /// Reads the shared arguments; `create` says whether a file that is not there is made.
    pub fn read(
        arguments: &Arguments<'_>,
        context: &Context,
        create: bool,
    ) -> Result<Self, Failure> {
        let path = arguments.need_path(&["path", "dest", "destfile", "name"])?;
        let wanted = Wanted::read(arguments)?;
        Ok(Self {
            place: Place::read(arguments, path, wanted, context.secret)?,
            create,
        })
    }

    /// Asks what it holds.
    pub async fn observe(&self, world: &dyn Probe) -> Result<Seen, Failure> {
        self.place.observe(world).await
    }

    /// What must be done so that it holds what `edit` makes of it.
    ///
    /// Fails when it is not UTF-8. A file that is not there is an empty one where it may be created.
    pub fn plan(&self, seen: &Seen, edit: impl FnOnce(&str) -> String) -> Result<Change, Failure> {
        let Some(content) = &seen.content else {
            if self.create || seen.stat.is_some() {
                let new = edit("");
                return match new.is_empty() {
                    true => Ok(Change::none()),
                    false => self.place.plan(seen, &Content::public(new)),
                };
            }
            return Ok(self.missing());
        };
        let text = content.text().ok_or_else(|| {
            Failure::new(
                "a file to be edited is not text",
                format!("{} is not UTF-8.", self.place.path),
            )
        })?;
        self.place.plan(seen, &Content::public(edit(text)))
    }

    /// An earlier task may bring it, else the host says that it did not.
    fn missing(&self) -> Change {
        let path = &self.place.path;
        Change::new(Effect::Update)
            .field(path, Shown::Unknown, Shown::Unknown)
            .note(format!(
                "{path} is not there yet, and this task does not make it."
            ))
            .action(must_exist(path))
    }
}

/// The text of these lines, which end as the first line of the text that was edited does.
pub fn joined<S: AsRef<str>>(lines: &[S], edited: &str) -> String {
    let first = edited.split_inclusive('\n').next().unwrap_or_default();
    let end = if first.ends_with("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    lines.iter().flat_map(|line| [line.as_ref(), end]).collect()
}

/// The lines of a text, each without its end.
pub fn lines(text: &str) -> Vec<&str> {
    text.split_terminator('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .collect()
}
