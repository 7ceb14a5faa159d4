//! Where keys and records lie, and how git is told to leave them alone.

/// The folder of a project that keys and records are kept in, where no other is named.
pub const MEMORY: &str = ".landfall";

/// The file by which a folder tells git what to leave alone.
pub const GITIGNORE: &str = ".gitignore";

/// What stands in it where nothing in the folder is git's business: private keys, journals.
pub const IGNORE_ALL: &str =
    "# Keys and records of landfall: nothing of this belongs into git.\n*\n";
