//! A text file that is edited where it stands.

use crate::model::host::FileType;
use crate::model::{Change, Content, Effect, Failure, Probe, Shown, escaped};

use super::access::WantedAccess;
use super::arguments::Arguments;
use super::command_action::must_exist;
use super::context::Context;
use super::managed_file::{FileSeen, ManagedFile};

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
    file: ManagedFile,
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
        let wanted = WantedAccess::read(arguments)?;
        Ok(Self {
            file: ManagedFile::read(arguments, path, wanted, context.secret)?,
            create,
        })
    }

    /// Asks what it holds.
    pub async fn observe(&self, world: &dyn Probe) -> Result<FileSeen, Failure> {
        self.file.observe(world).await
    }

    /// What must be done so that it holds what `edit` makes of it.
    ///
    /// Bytes that are not UTF-8 stay what they are. A file that is not there is an empty one where it may be created.
    pub fn plan(
        &self,
        seen: &FileSeen,
        edit: impl FnOnce(&str) -> String,
    ) -> Result<Change, Failure> {
        if matches!(&seen.stat, Some(stat) if stat.kind == FileType::Directory) {
            return Err(Failure::new(
                "a folder is no file to be edited",
                format!("{} is a folder.", self.file.path),
            )
            .help("Name the file in it."));
        }
        let Some(content) = &seen.content else {
            if self.create || seen.stat.is_some() {
                let new = edit("");
                return if new.is_empty() {
                    Ok(Change::none())
                } else {
                    self.file.plan(seen, &Content::public(escaped::bytes(&new)))
                };
            }
            return Ok(self.missing());
        };
        let new = edit(&escaped::text(content.bytes()));
        self.file.plan(seen, &Content::public(escaped::bytes(&new)))
    }

    /// An earlier task may bring it, else the host says that it did not.
    fn missing(&self) -> Change {
        let path = &self.file.path;
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
pub fn without_line_end(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}

/// Ends the last line, so that another one may follow it.
pub fn end_last_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}
