//! What was probably meant by a name that nobody knows.

/// Mistakes for which it is sought: it takes a look at every name there is, and nobody reads the advice on more of them.
const SOUGHT: usize = 100;
/// Names among which it is sought.
const AMONG: usize = 10_000;
/// Bytes of a name that may be a misspelt one: how like two are costs the product of their lengths.
const LIKE: usize = 200;
/// Names that an advice lists.
const LISTED: usize = 50;

/// The name that was probably meant; none where none is near, or where that many mistakes were told before.
pub fn nearest<'a>(
    given: &str,
    names: impl IntoIterator<Item = &'a str>,
    told: usize,
) -> Option<&'a str> {
    if told >= SOUGHT || given.len() > LIKE {
        return None;
    }
    let slips = given.len().div_ceil(4);
    let length = given.chars().count();
    names
        .into_iter()
        .take(AMONG)
        .filter(|name| name.len() <= LIKE)
        .map(|name| (strsim::jaro_winkler(given, name), name))
        .filter(|(likeness, name)| {
            // A long common beginning, or one slip of the fingers in a short name.
            *likeness > 0.85
                || (name.chars().count().abs_diff(length) <= slips
                    && strsim::damerau_levenshtein(given, name) <= slips)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// Advice: the name that was probably meant, else those that there are, behind these words.
pub fn advice<'a, Names>(given: &str, names: Names, told: usize, words: &str) -> String
where
    Names: IntoIterator<Item = &'a str>,
    Names::IntoIter: Clone,
{
    let names = names.into_iter();
    match nearest(given, names.clone(), told) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{words}: {}", listed(names)),
    }
}

/// Names one after the other, as many as somebody reads.
fn listed<'a>(mut names: impl Iterator<Item = &'a str>) -> String {
    let shown: Vec<&str> = names.by_ref().take(LISTED).collect();
    let shown = shown.join(", ");
    match names.count() {
        0 => shown,
        more => format!("{shown}, … and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_of_them_is_meant_and_else_all_are_named() {
        let names = || ["address", "port", "user"];
        assert_eq!(nearest("adress", names(), 0), Some("address"));
        assert_eq!(nearest("prot", names(), 0), Some("port"));
        assert_eq!(nearest("playbook", names(), 0), None);
        assert_eq!(nearest("adress", names(), SOUGHT), None);
        assert_eq!(
            advice("adress", names(), 0, "there are"),
            "did you mean `address`?"
        );
        assert_eq!(
            advice("x", names(), 0, "there are"),
            "there are: address, port, user"
        );
    }

    #[test]
    fn of_many_names_the_first_are_listed() {
        let names: Vec<String> = (0..52).map(|n| format!("name{n}")).collect();
        let said = advice("other", names.iter().map(String::as_str), 0, "there are");
        assert!(said.ends_with("name49, … and 2 more"), "{said}");
    }
}
