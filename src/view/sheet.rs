//! What is written on: whether it shows colours, and how wide it is.

use textwrap::core::{Word, display_width};
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm, wrap};

/// Columns that a sentence needs to be read: where fewer are left beside what stands before it, it goes on further left.
const LEAST: usize = 40;

/// A stream, as a text for it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sheet {
    /// Whether it gets colours.
    pub colour: bool,
    /// How many columns it has; none where it is no terminal. What a program reads is never broken.
    pub width: Option<usize>,
}

impl Sheet {
    /// Without colours and of any width: a file, a pipe.
    pub const PLAIN: Self = Self {
        colour: false,
        width: None,
    };

    /// A sentence behind what stands at the beginning of its line, broken at words and going on below its own beginning. What
    /// stands in backticks is to be copied, and stays whole, however long it is.
    pub fn sentence(self, before: &str, text: &str) -> String {
        let column = display_width(before);
        let hanging = match self.width {
            Some(width) => column.min(width.saturating_sub(LEAST)),
            None => column,
        };
        self.folded(before, text, &" ".repeat(hanging))
    }

    /// The same, going on behind this margin.
    pub(super) fn folded(self, before: &str, text: &str, margin: &str) -> String {
        let Some(width) = self.width else {
            return format!("{before}{text}");
        };
        let options = Options::new(width)
            .initial_indent(before)
            .subsequent_indent(margin)
            .word_separator(WordSeparator::Custom(words))
            .word_splitter(WordSplitter::NoHyphenation)
            .wrap_algorithm(WrapAlgorithm::FirstFit)
            .break_words(false);
        wrap(text, options).join("\n")
    }

    /// Each line of a text as a sentence, going on as far from the edge as it begins.
    pub fn sentences(self, text: &str) -> String {
        let lines = text.lines().map(|line| {
            let (indent, sentence) = line.split_at(line.len() - line.trim_start().len());
            self.sentence(indent, sentence)
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Whether each word of a text fits behind so many columns.
    pub(super) fn holds(self, columns: usize, text: &str) -> bool {
        self.width
            .is_none_or(|width| words(text).all(|word| columns + display_width(&word) <= width))
    }

    /// Whether these lines fit.
    pub(super) fn fits<'a>(self, mut lines: impl Iterator<Item = &'a str>) -> bool {
        self.width
            .is_none_or(|width| lines.all(|line| display_width(line) <= width))
    }
}

/// The words of a line, each with the blanks behind it. From a backtick to the next all is one word.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut rest = line;
    Box::new(std::iter::from_fn(move || {
        let blanks = end_of_word(rest);
        let next = rest[blanks..].find(|c| c != ' ');
        let (word, behind) = rest.split_at(next.map_or(rest.len(), |next| blanks + next));
        rest = behind;
        (!word.is_empty()).then(|| Word::from(word))
    }))
}

/// Where the first word ends: at a blank that stands in no backticks.
fn end_of_word(text: &str) -> usize {
    let mut from = 0;
    while let Some(found) = text[from..].find([' ', '`']) {
        let at = from + found;
        if text[at..].starts_with(' ') {
            return at;
        }
        // A backtick that is alone is a character like others.
        from = match text[at + 1..].find('`') {
            Some(closing) => at + 1 + closing + 1,
            None => at + 1,
        };
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrow(width: usize) -> Sheet {
        Sheet {
            colour: false,
            width: Some(width),
        }
    }

    #[test]
    fn a_sentence_is_broken_at_words_and_goes_on_below_its_beginning() {
        let text = "Nothing was changed, and the rest of it is as it was declared.";
        insta::assert_snapshot!(narrow(50).sentence("  left: ", text), @r"
          left: Nothing was changed, and the rest of it is
                as it was declared.
        ");
        let whole = format!("  left: {text}");
        assert_eq!(Sheet::PLAIN.sentence("  left: ", text), whole);
        assert_eq!(narrow(80).sentence("  left: ", text), whole);
    }

    #[test]
    fn what_is_to_be_copied_stays_whole() {
        let text = "Say `landfall host trust 203.0.113.7 --replace` on this machine, and look into /var/log/a-rather-long-path/of.log.";
        insta::assert_snapshot!(narrow(42).sentence("", text), @r"
        Say
        `landfall host trust 203.0.113.7 --replace`
        on this machine, and look into
        /var/log/a-rather-long-path/of.log.
        ");
        assert_eq!(
            narrow(12).sentence("", "one ` backtick alone"),
            "one `\nbacktick\nalone"
        );
    }

    #[test]
    fn colours_take_no_columns_and_little_room_is_not_kept() {
        let painted = "\u{1b}[33maaaa bbbb\u{1b}[0m";
        assert_eq!(narrow(9).sentence("", painted), painted);
        // Forty columns are kept free of a hanging indent.
        assert_eq!(
            narrow(50).sentence(&format!("{:30}", ""), &"word ".repeat(6)),
            format!("{:30}word word word word\n{:10}word word", "", "")
        );
    }

    #[test]
    fn each_line_of_a_text_keeps_its_indent() {
        assert_eq!(
            narrow(44).sentences("one\n  two three four five six seven eight nine ten"),
            "one\n  two three four five six seven eight nine\n  ten"
        );
    }
}
