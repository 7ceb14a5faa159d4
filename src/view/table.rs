//! Lists as columns.

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};

use super::one_line;

/// The rows in columns below their headings, without lines.
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
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
    fn columns_are_aligned_and_cells_stay_on_their_line() {
        let rows = [
            vec!["web".to_owned(), "ecs".to_owned(), "review/web".to_owned()],
            vec![
                "web-1".to_owned(),
                "host".to_owned(),
                "deploy@203.0.113.7\n".to_owned(),
            ],
        ];
        insta::assert_snapshot!(table(&["name", "kind", "where"], &rows), @r"
        NAME   KIND  WHERE
        web    ecs   review/web
        web-1  host  deploy@203.0.113.7\n
        ");
    }
}
