//! A run on a terminal: a moving line for each node at work, finished ones above.

use std::collections::BTreeMap;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::line::line;
use super::messages::Messages;
use super::paint::Paint;
use super::{Sheet, one_line};
use crate::model::{Address, Event};

/// Shows events on standard error.
pub struct Terminal {
    paint: Paint,
    screen: MultiProgress,
    style: ProgressStyle,
    at_work: BTreeMap<Address, ProgressBar>,
    messages: Messages,
}

impl Terminal {
    /// A terminal for this sheet.
    pub fn new(sheet: Sheet) -> Self {
        Self::on(ProgressDrawTarget::stderr_with_hz(10), sheet)
    }

    fn on(target: ProgressDrawTarget, sheet: Sheet) -> Self {
        let template = if sheet.colour {
            "{spinner:.cyan} {prefix:.bold} {elapsed:.dim} {wide_msg:.dim}"
        } else {
            "{spinner} {prefix} {elapsed} {wide_msg}"
        };
        let style = ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        Self {
            paint: Paint::new(sheet),
            screen: MultiProgress::with_draw_target(target),
            style,
            at_work: BTreeMap::new(),
            messages: Messages::default(),
        }
    }

    /// Shows one event.
    pub fn show(&mut self, event: &Event) {
        if !self.messages.is_news(event) {
            return;
        }
        match event {
            Event::Started { address } => self.begin(address),
            Event::Acting {
                address,
                task: Some(task),
                ..
            }
            | Event::Decided {
                address,
                task: Some(task),
                ..
            } => self.doing(address, task),
            // The node's own line says it; it stays on the screen only in logs.
            Event::Said {
                address,
                line,
                message: false,
            } => return self.doing(address, line),
            Event::Finished { address, .. } | Event::Failed { address, .. } => self.end_of(address),
            _ => {}
        }
        if let Some(line) = line(event, self.paint) {
            // A terminal that is gone is no reason to stop working.
            let _ = self.screen.println(line);
        }
    }

    /// Moves the spinners.
    pub fn tick(&self) {
        for bar in self.at_work.values() {
            bar.tick();
        }
    }

    /// Takes the moving lines away.
    pub fn end(&mut self) {
        self.at_work.clear();
        let _ = self.screen.clear();
    }

    fn begin(&mut self, address: &Address) {
        let bar = self
            .screen
            .add(ProgressBar::new_spinner().with_style(self.style.clone()));
        bar.set_prefix(one_line(&address.to_string()));
        bar.tick();
        self.at_work.insert(address.clone(), bar);
    }

    fn doing(&self, address: &Address, text: &str) {
        if let Some(bar) = self.at_work.get(address) {
            bar.set_message(one_line(text.trim_end()));
        }
    }

    fn end_of(&mut self, address: &Address) {
        if let Some(bar) = self.at_work.remove(address) {
            bar.finish_and_clear();
            self.screen.remove(&bar);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;
    use crate::model::{Change, Effect, Kind};

    /// A terminal of 40 columns that keeps what is written to it.
    #[derive(Debug, Clone, Default)]
    struct Paper(Arc<Mutex<String>>);

    impl Paper {
        fn put(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }
    }

    impl TermLike for Paper {
        fn width(&self) -> u16 {
            40
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.put(text)?;
            self.put("\n")
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.put(text)
        }
        fn clear_line(&self) -> io::Result<()> {
            self.put("\n")
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_node_at_work_has_a_moving_line_that_fits_and_leaves_a_finished_one() {
        let paper = Paper::default();
        let mut terminal = Terminal::on(
            ProgressDrawTarget::term_like(Box::new(paper.clone())),
            Sheet::PLAIN,
        );
        let address = Address::new(Kind::Stack, "cluster");
        terminal.show(&Event::Started {
            address: address.clone(),
        });
        terminal.show(&Event::Acting {
            address: address.clone(),
            task: None,
            change: Change::new(Effect::Create),
        });
        terminal.show(&Event::Said {
            address: address.clone(),
            line: format!("\u{1b}[2J{}", "x".repeat(200)),
            message: false,
        });
        for bar in terminal.at_work.values() {
            bar.force_draw();
        }
        terminal.show(&Event::Finished {
            address: address.clone(),
            changes: 1,
        });
        assert!(terminal.at_work.is_empty());
        terminal.show(&Event::Said {
            address,
            line: "who deploys is as much as root".to_owned(),
            message: true,
        });
        terminal.end();
        let written = paper.0.lock().unwrap().clone();
        assert!(written.contains("+ stacks.cluster: creating"), "{written}");
        assert!(
            written.contains("  stacks.cluster: who deploys is as much as root"),
            "{written}"
        );
        assert!(written.contains("\\u{1b}[2Jxxx"), "{written}");
        assert!(
            written.contains("✓ stacks.cluster: done, 1 change"),
            "{written}"
        );
        assert!(!written.contains('\u{1b}'), "{written:?}");
        let said = written.lines().filter(|line| line.contains("xxx"));
        for line in said {
            assert!(line.chars().count() <= 40, "{line}");
        }
    }
}
