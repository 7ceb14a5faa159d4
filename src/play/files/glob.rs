//! File names with wildcards.

/// Whether a file's name fits a pattern of `*` and `?`.
pub fn fits(pattern: &str, name: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => name.is_empty(),
        Some('*') => {
            let rest = rest.as_str();
            name.char_indices()
                .map(|(index, _)| index)
                .chain([name.len()])
                .any(|index| fits(rest, &name[index..]))
        }
        Some('?') => {
            let mut left = name.chars();
            left.next().is_some() && fits(rest.as_str(), left.as_str())
        }
        Some(c) => name
            .strip_prefix(c)
            .is_some_and(|name| fits(rest.as_str(), name)),
    }
}
