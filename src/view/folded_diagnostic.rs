//! The lines of a mistake's picture on a narrow terminal: what is said beside the caret, and the help, go on below.

use anstream::adapter::strip_str;

use super::Sheet;

/// Columns beside the caret, without which what is said begins on the next line.
const LEAST: usize = 24;

/// A line of the renderer's, on as many lines as it needs. Quoted source and paths stay as they are.
pub(super) fn folded(line: &str, sheet: Sheet) -> String {
    let plain = strip_str(line).to_string();
    let Some((width, said)) = sheet.width.zip(Said::find(&plain)) else {
        return line.to_owned();
    };
    if textwrap::core::display_width(&plain) <= width {
        return line.to_owned();
    }
    let (before, rest) = split(line, said.begins);
    let codes = &rest[..rest.len() - after_codes(rest).len()];
    let end = if codes.is_empty() { "" } else { "\u{1b}[0m" };
    let gutter = split(line, said.gutter).0;
    let column = textwrap::core::display_width(&plain[..said.begins]);
    let unpainted = Sheet {
        colour: false,
        width: Some(width),
    };
    let (first, text) = (&plain[..said.begins], &plain[said.begins..]);
    // Further left only where a word, or more than a few, would not fit otherwise.
    let below = [width.saturating_sub(2 * LEAST), said.gutter + 3];
    let below = below.map(|margin| margin.clamp(said.gutter + 1, column));
    let fitting = below.into_iter().find(|at| unpainted.holds(*at, text));
    let beside = column + LEAST <= width && (unpainted.holds(column, text) || fitting.is_none());
    let margin = match beside {
        true => column,
        false => fitting.unwrap_or(below[0]),
    };
    let margin = format!("{:1$}", "", margin - said.gutter);
    let margin_of_plain = format!("{}{margin}", &plain[..said.gutter]);
    let lines = if beside {
        unpainted.folded(first, text, &margin_of_plain)
    } else {
        // The first line is the caret's alone.
        let below = unpainted.folded(&margin_of_plain, text, &margin_of_plain);
        format!("{}\n{below}", first.trim_end())
    };
    let painted = lines.lines().enumerate().map(|(number, line)| {
        match (
            number,
            line.get(said.begins..),
            line.get(margin_of_plain.len()..),
        ) {
            (0, Some(text), _) if !text.is_empty() => format!("{before}{codes}{text}{end}"),
            (0, ..) => before.trim_end().to_owned(),
            (_, _, text) => format!("{gutter}{margin}{codes}{}{end}", text.unwrap_or_default()),
        }
    });
    painted.collect::<Vec<_>>().join("\n")
}

/// What a line says, in bytes of its plain text.
struct Said {
    /// Where the margin ends that each line has: `  |`, or nothing but blanks before the help.
    gutter: usize,
    /// Where it begins.
    begins: usize,
}

impl Said {
    /// Behind a caret, or behind `= help: `.
    fn find(plain: &str) -> Option<Self> {
        let blanks = plain.len() - plain.trim_start_matches(' ').len();
        if let Some(help) = plain[blanks..].strip_prefix("= help: ") {
            return Some(Self {
                gutter: blanks,
                begins: plain.len() - help.len(),
            });
        }
        let behind = plain[blanks..].strip_prefix('|')?;
        let mark = behind.trim_start_matches([' ', '|', '_']);
        let text = mark
            .strip_prefix('^')?
            .trim_start_matches('^')
            .strip_prefix(' ')?;
        Some(Self {
            gutter: blanks + 1,
            begins: plain.len() - text.len(),
        })
    }
}

/// The line up to so many bytes of its plain text, and the rest with the codes before it.
fn split(line: &str, plain: usize) -> (&str, &str) {
    let mut rest = line;
    let mut left = plain;
    while left > 0 {
        rest = after_codes(rest);
        let text = rest.find('\u{1b}').unwrap_or(rest.len()).min(left);
        if text == 0 {
            break;
        }
        rest = &rest[text..];
        left -= text;
    }
    line.split_at(line.len() - rest.len())
}

/// Without the codes of colours that it begins with.
fn after_codes(text: &str) -> &str {
    let mut rest = text;
    while let Some(code) = rest.strip_prefix("\u{1b}[") {
        rest = code.split_once('m').map_or("", |(_, behind)| behind);
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrow(line: &str) -> String {
        let sheet = Sheet {
            colour: true,
            width: Some(60),
        };
        folded(line, sheet)
    }

    #[test]
    fn what_is_said_goes_on_below_its_beginning() {
        let label =
            "  | ^^^^^^ `adress` is no key of a host; it is known by what every one of them has";
        let help = "  = help: take one of `address`, `user`, `port` and `vars`, or leave it out";
        let far = format!(
            "  | {:40}^^^^ this is where it is said too far to the right",
            ""
        );
        let beside = format!("  | {:24}^^^^ there is room for this beside the caret", "");
        let word = format!(
            "  | {:24}^^^^ there is nothing called `hosts.web-1.vars.directory`",
            ""
        );
        let source = format!("4 | adress = \"{}\"", "word ".repeat(20));
        let all = [label, help, &beside, &word, &far, &source]
            .map(narrow)
            .join("\n");
        insta::assert_snapshot!(all.replace(&"word ".repeat(20), "…"), @r#"
          | ^^^^^^ `adress` is no key of a host; it is known by what
          |        every one of them has
          = help: take one of `address`, `user`, `port` and `vars`,
                  or leave it out
          |                         ^^^^ there is room for this
          |                              beside the caret
          |                         ^^^^
          |         there is nothing called
          |         `hosts.web-1.vars.directory`
          |                                         ^^^^
          |         this is where it is said too far to the right
        4 | adress = "…"
        "#);
    }

    #[test]
    fn each_line_has_the_colours_of_the_first() {
        let label = "\u{1b}[94m  |\u{1b}[0m \u{1b}[91m^^\u{1b}[0m \u{1b}[91mone two three four five six seven eight nine ten eleven\u{1b}[0m";
        assert_eq!(
            narrow(label),
            "\u{1b}[94m  |\u{1b}[0m \u{1b}[91m^^\u{1b}[0m \u{1b}[91mone two three four five six seven eight nine ten\u{1b}[0m\n\
             \u{1b}[94m  |    \u{1b}[91meleven\u{1b}[0m"
        );
    }
}
