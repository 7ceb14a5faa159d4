//! Mistakes in files, each shown with its line and a caret.

use std::{borrow::Cow, ops::Range};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Sheet, cut, folded_diagnostic::folded, visible};
use crate::model::{Diagnostic, Severity};

/// Mistakes that are shown: who has corrected these may ask again.
pub const MOST: usize = 50;

/// Bytes of a file that is given to the renderer whole.
const SMALL: usize = 16 << 10;

/// Characters of what stands beside the caret, which may quote the file.
const LABEL: usize = 400;

/// Characters of the advice, which may name all that is there.
const HELP: usize = 1000;

/// Columns that the number of a line takes with what parts it from the line, where there are thousands of them.
const GUTTER: usize = 8;

/// Shows every mistake as `file:line:column`, the line with a caret and a label, and the help below it.
///
/// They come in the order of files and lines, and no more than [`MOST`]; the same mistake given twice is shown once.
pub fn render(diagnostics: &[Diagnostic], sheet: Sheet) -> String {
    let mut renderer = if sheet.colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    if let Some(width) = sheet.width {
        // Of a line that is longer, the part around the caret is shown.
        renderer = renderer.term_width(width.saturating_sub(GUTTER).max(GUTTER));
    }
    let mut text = String::new();
    let all = in_order(diagnostics);
    for diagnostic in all.iter().take(MOST) {
        let place = Place::of(diagnostic);
        let shown = renderer.render(&[group(diagnostic, &place)]);
        cut::lines(&safe(&shown, sheet.colour)).for_each(|line| {
            text.push_str(&folded(&line, sheet));
            text.push('\n');
        });
        text.push('\n');
    }
    if all.len() > MOST {
        text.push_str(&more(all.len() - MOST));
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// That there are so many more than were shown.
pub fn more(count: usize) -> String {
    format!("… and {} more", cut::number(count))
}

/// By file as first met, then by place.
fn in_order(diagnostics: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut files: Vec<&str> = Vec::new();
    for diagnostic in diagnostics {
        let name = &*diagnostic.span.source.name;
        if !files.contains(&name) {
            files.push(name);
        }
    }
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| {
        let name = &*diagnostic.span.source.name;
        let file = files.iter().position(|file| *file == name);
        (file, diagnostic.span.range.start, diagnostic.severity)
    });
    sorted.dedup();
    sorted
}

/// What the renderer leaves of characters that show nothing of themselves; where it colours, escapes are its own.
fn safe(shown: &str, colour: bool) -> Cow<'_, str> {
    if colour {
        let parts: Vec<Cow<'_, str>> = shown.split('\u{1b}').map(visible).collect();
        Cow::Owned(parts.join("\u{1b}"))
    } else {
        visible(shown)
    }
}

/// The part of a file that a mistake is shown with: the renderer reads all that it is given, for each mistake anew.
struct Place<'a> {
    text: &'a str,
    line: usize,
    range: Range<usize>,
}

impl<'a> Place<'a> {
    fn of(diagnostic: &'a Diagnostic) -> Self {
        let text = &*diagnostic.span.source.text;
        let range = within(diagnostic);
        if text.len() <= SMALL {
            return Self {
                text,
                line: 1,
                range,
            };
        }
        let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let rest = &text[range.end..];
        let line = rest.split('\n').next().unwrap_or_default();
        // What stands before it counts for its column; of what stands behind, more than a screen is not shown anyway.
        let most = floor(text, range.start + SMALL);
        let end = (range.end + line.len()).min(most);
        Self {
            text: &text[start..end],
            line: text[..start].matches('\n').count() + 1,
            range: range.start - start..range.end.min(end) - start,
        }
    }
}

fn group<'a>(diagnostic: &'a Diagnostic, place: &Place<'a>) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let source = &diagnostic.span.source;
    let snippet = Snippet::source(place.text)
        .line_start(place.line)
        .path(visible(&source.name))
        .annotation(
            AnnotationKind::Primary
                .span(place.range.clone())
                .label(shown(&diagnostic.label, LABEL)),
        );
    let group = level.primary_title(diagnostic.summary).element(snippet);
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(shown(help, HELP))),
        None => group,
    }
}

fn shown(text: &str, most: usize) -> String {
    cut::text(&visible(text), most).into_owned()
}

/// The span, moved onto characters that exist: a reader may point just behind the end of its text.
fn within(diagnostic: &Diagnostic) -> Range<usize> {
    let text = &diagnostic.span.source.text;
    let start = floor(text, diagnostic.span.range.start);
    start..floor(text, diagnostic.span.range.end).max(start)
}

/// The nearest offset at or before this at which a character begins.
fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Source, Span};

    const COLOURED: Sheet = Sheet {
        colour: true,
        width: None,
    };

    fn span(name: &str, text: &str, range: Range<usize>) -> Span {
        Span {
            source: Source::new(name, text),
            range,
        }
    }

    #[test]
    fn mistakes_of_several_files_come_in_the_order_of_their_lines() {
        let web = "project = \"review\"\n\n[hosts.web]\nadress = \"é203.0.113.7\"\nuser = 1\n";
        let play = "- hosts: all\n  tasks: []\n";
        let at = |word: &str| {
            let start = web.find(word).unwrap();
            span("environments/web.toml", web, start..start + word.len())
        };
        let shown = render(
            &[
                Diagnostic::error("wrong type", "this is a number, not text", at("1\n")),
                Diagnostic::error("unknown key", "`adress` is no key of a host", at("adress"))
                    .help("did you mean `address`?"),
                Diagnostic::warning(
                    "nothing to do",
                    "this play has no tasks",
                    span("playbooks/web.yml", play, 15..20),
                ),
                Diagnostic::error("wrong type", "this is a number, not text", at("1\n")),
            ],
            Sheet::PLAIN,
        );
        insta::assert_snapshot!(shown, @r#"
        error: unknown key
         --> environments/web.toml:4:1
          |
        4 | adress = "é203.0.113.7"
          | ^^^^^^ `adress` is no key of a host
          |
          = help: did you mean `address`?

        error: wrong type
         --> environments/web.toml:5:8
          |
        5 | user = 1
          |        ^ this is a number, not text

        warning: nothing to do
         --> playbooks/web.yml:2:3
          |
        2 |   tasks: []
          |   ^^^^^ this play has no tasks
        "#);
    }

    #[test]
    fn a_mistake_of_an_empty_or_whole_file_has_a_place_too() {
        let empty = Diagnostic::error(
            "empty file",
            "nothing is declared",
            span("a.toml", "", 0..0),
        );
        let whole = Diagnostic::error(
            "not UTF-8",
            "this is not text",
            span("b.toml", "x\ny", 3..900),
        );
        insta::assert_snapshot!(render(&[empty, whole], Sheet::PLAIN), @r"
        error: empty file
         --> a.toml:1:1
          |
        1 |
          | ^ nothing is declared

        error: not UTF-8
         --> b.toml:2:2
          |
        2 | y
          |  ^ this is not text
        ");
    }

    #[test]
    fn control_characters_of_a_file_do_not_reach_the_terminal() {
        let text = "a = \"\u{1b}[31mred\"\n";
        let shown = render(
            &[Diagnostic::error(
                "bad\u{1b}",
                "l\u{1b}abel",
                span("a\u{1b}.toml", text, 4..5),
            )],
            Sheet::PLAIN,
        );
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    }

    #[test]
    fn colours_are_there_only_when_asked_for() {
        let one = [Diagnostic::error("a", "b", span("a.toml", "x", 0..1))];
        assert!(render(&one, COLOURED).contains("\u{1b}["));
        assert!(!render(&one, Sheet::PLAIN).contains("\u{1b}["));
        assert_eq!(render(&[], COLOURED), "");
    }
}
