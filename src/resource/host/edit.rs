//! A text file that is edited where it stands.

use crate::model::host::FileType;
use crate::model::{Change, Content, Effect, Failure, Probe, Shown, escaped};

use super::access::Wanted;
use super::arguments::Arguments;
use super::context::Context;
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
    /// Bytes that are not UTF-8 stay what they are. A file that is not there is an empty one where it may be created.
    pub fn plan(&self, seen: &Seen, edit: impl FnOnce(&str) -> String) -> Result<Change, Failure> {
        if matches!(&seen.stat, Some(stat) if stat.kind == FileType::Directory) {
            return Err(Failure::new(
                "a folder is no file to be edited",
                format!("{} is a folder.", self.place.path),
            )
            .help("Name the file in it."));
        }
        let Some(content) = &seen.content else {
            if self.create || seen.stat.is_some() {
                let new = edit("");
                return match new.is_empty() {
                    true => Ok(Change::none()),
                    false => self
                        .place
                        .plan(seen, &Content::public(escaped::bytes(&new))),
                };
            }
            return Ok(self.missing());
        };
        let new = edit(&escaped::text(content.bytes()));
        self.place
            .plan(seen, &Content::public(escaped::bytes(&new)))
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

/// The lines of a text, each with its end, so that those which are not edited stay as they are.
pub fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// A line without its end.
pub fn bare(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}

/// Ends the last line, so that another one may follow it.
pub fn ended(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}
