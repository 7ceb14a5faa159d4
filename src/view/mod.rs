//! How a run is shown: a terminal, plain lines, JSON.
//!
//! Results go to standard output, everything else to standard error. Foreign text reaches neither with its control
//! characters.

mod count;
mod cut;
pub mod diagnostics;
mod effect;
pub mod failure;
mod field;
mod folded_diagnostic;
mod line;
mod lines;
mod messages;
mod paint;
pub mod plan;
mod print;
mod run;
mod sheet;
mod style;
mod table;
mod terminal;
mod verification;

pub use crate::model::visible::{one_line, visible};
pub use line::is_told_whole;
pub use lines::Lines;
pub use plan::Section;
pub use print::{Json, print, say};
pub use run::run;
pub use sheet::Sheet;
pub use style::{Reader, Style};
pub use table::table;
pub use terminal::Terminal;
pub use verification::verification;
