//! The flags that every command takes.

use std::path::PathBuf;

use clap::Args;

/// The flags that every command takes.
#[derive(Debug, Args)]
pub struct GlobalFlags {
    /// Print JSON, one object a line, for programs to read
    #[arg(long, global = true)]
    pub json: bool,
    /// Work in this folder, or in the nearest above it that has `environments/`
    #[arg(short = 'C', long, global = true, value_name = "FOLDER")]
    pub directory: Option<PathBuf>,
}
