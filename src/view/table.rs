//! Lists as columns.

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};

use super::{Sheet, one_line, paint::Paint};

/// The rows in columns below their headings, without lines. Where that is too wide, each row is a block of its own.
pub fn table(headings: &[&str], rows: &[Vec<String>], sheet: Sheet) -> String {
    let text = columns(headings, rows);
    if sheet.fits(text.lines()) {
        return text;
    }
    let blocks = rows.iter().map(|row| block(headings, row, sheet));
    blocks.collect::<Vec<_>>().join("\n")
}

/// A row with its first cell as its name, and what else it has below that.
fn block(headings: &[&str], row: &[String], sheet: Sheet) -> String {
    let paint = Paint::new(sheet);
    let width = headings.iter().skip(1).map(|name| name.len()).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    let mut cells = headings.iter().zip(row);
    if let Some((_, name)) = cells.next().filter(|(_, name)| !name.is_empty()) {
        text.push_str(&format!("{}\n", paint.strong(one_line(name))));
    }
    for (heading, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
        let cell = one_line(cell);
        // What is one word, as a digest is, has a line of its own where it does not fit behind its heading.
        if sheet.holds(width + 4, &cell) {
            let heading = paint.quiet(format!("{heading:width$}"));
            text.push_str(&paint.sentence(&format!("  {heading}  "), &cell));
        } else {
            let below = paint.sentence("    ", &cell);
            text.push_str(&format!("  {}\n{below}", paint.quiet(heading)));
        }
        text.push('\n');
    }
    text
}

fn columns(headings: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(headings.iter().map(|heading| heading.to_uppercase()));
    for row in rows {
        table.add_row(row.iter().map(|cell| one_line(cell)));
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_wide_is_a_block_a_row() {
        let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        let rows = [
            row([
                "site",
                "on the host web-1",
                "www.example.org shop.example.org",
                "Its renewal failed: the port is taken.",
            ]),
            row(["own", "certificates/own.pem", "", "good"]),
        ];
        let narrow = Sheet {
            colour: false,
            width: Some(60),
        };
        let headings = ["certificate", "seen", "names", "state"];
        insta::assert_snapshot!(table(&headings, &rows, narrow), @r"
        site
          seen   on the host web-1
          names  www.example.org shop.example.org
          state  Its renewal failed: the port is taken.

        own
          seen   certificates/own.pem
          state  good
        ");
        let wide = table(&headings, &rows, Sheet::PLAIN);
        assert!(wide.trim_start().starts_with("CERTIFICATE"), "{wide}");
    }

    #[test]
    fn a_word_that_does_not_fit_behind_its_heading_has_its_own_line() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let row = ["r1", "done", "app", "example/app:1", &digest].map(str::to_owned);
        let narrow = Sheet {
            colour: false,
            width: Some(80),
        };
        let headings = ["release", "state", "name", "image", "digest"];
        let text = table(&headings, &[row[..4].to_vec(), row.to_vec()], narrow);
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        let block = format!("  image   example/app:1\n  digest\n    {digest}\n");
        assert!(text.ends_with(&block), "{text}");
    }

    #[test]
    fn columns_are_aligned_and_cells_stay_on_their_line() {
        let rows = [
            vec!["web".to_owned(), "ecs".to_owned(), "review/web".to_owned()],
            vec![
                "web-1".to_owned(),
                "host".to_owned(),
                "deploy@203.0.113.7\n".to_owned(),
            ],
        ];
        insta::assert_snapshot!(table(&["name", "kind", "where"], &rows, Sheet::PLAIN), @r"
        NAME   KIND  WHERE
        web    ecs   review/web
        web-1  host  deploy@203.0.113.7\n
        ");
    }
}
