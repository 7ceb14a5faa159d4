//! What is too long to be read is shown by its beginning.

use std::borrow::Cow;

/// Lines of one part of a message: more than a few screens nobody reads, and what matters of them was lost above.
const LINES: usize = 200;

/// Characters of one line, which is some screens as well.
const LINE: usize = 4000;

/// The text, or its first characters and how many more there are.
pub fn text(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some((end, _)) => {
            let more = number(text[end..].chars().count());
            Cow::Owned(format!("{}… ({more} more characters)", &text[..end]))
        }
    }
}

/// The lines, or the first of them and how many more there are.
pub fn lines(whole: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let more = whole.lines().skip(LINES).count();
    let note = (more > 0).then(|| Cow::Owned(format!("… and {} more lines", number(more))));
    let first = whole.lines().take(LINES);
    first.map(|line| text(line, LINE)).chain(note)
}

/// `99,980`.
pub fn number(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_beginning_of_what_is_long_is_shown() {
        assert_eq!(text("éé", 2), "éé");
        assert_eq!(text("ééé", 2), "éé… (1 more characters)");
        let many = "x\n".repeat(1205);
        let shown: Vec<Cow<'_, str>> = lines(&many).collect();
        assert_eq!(shown.len(), 201);
        assert_eq!(shown[200], "… and 1,005 more lines");
    }

    #[test]
    fn large_numbers_are_written_in_groups() {
        assert_eq!(
            [0, 999, 1000, 99_980, 1_234_567].map(number),
            ["0", "999", "1,000", "99,980", "1,234,567"]
        );
    }
}
