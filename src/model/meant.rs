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
    candidates(given, names.into_iter().map(|name| (name, name)), told)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// What was probably meant, the likeliest first: each is told by the name that stands before it.
pub fn likely<'a, T>(
    given: &str,
    named: impl IntoIterator<Item = (&'a str, T)>,
    told: usize,
) -> Vec<T> {
    let mut likely: Vec<(f64, T)> = candidates(given, named, told).collect();
    likely.sort_by(|a, b| b.0.total_cmp(&a.0));
    likely.into_iter().map(|(_, one)| one).collect()
}

/// Whether it is one of these names but for a slip of the fingers: what is only like one may be a word of its own.
pub fn is_slip<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> bool {
    given.len() <= LIKE && names.into_iter().any(|name| slipped(given, name))
}

/// Those whose names are like the given one, with how like they are.
fn candidates<'a, T>(
    given: &str,
    named: impl IntoIterator<Item = (&'a str, T)>,
    told: usize,
) -> impl Iterator<Item = (f64, T)> {
    let sought = if told >= SOUGHT || given.len() > LIKE {
        0
    } else {
        AMONG
    };
    named
        .into_iter()
        .take(sought)
        .filter(|(name, _)| name.len() <= LIKE)
        .filter_map(|(name, one)| Some((likeness(given, name)?, one)))
}

/// How like a name is to the given one; none where it is not. Names that differ in upper and lower case are: `VPC`, `Vpc`.
fn likeness(given: &str, name: &str) -> Option<f64> {
    let of = |given: &str, name: &str| {
        let likeness = strsim::jaro_winkler(given, name);
        // A long common beginning, or a slip of the fingers.
        (likeness > 0.85 || slipped(given, name)).then_some(likeness)
    };
    // Of two that are as like, the one that is written the same way is meant.
    let whatever_case = of(&given.to_lowercase(), &name.to_lowercase()).map(|like| like * 0.97);
    [of(given, name), whatever_case]
        .into_iter()
        .flatten()
        .reduce(f64::max)
}

/// Whether they differ by one letter in four at the most: left out, put in, taken for another, or two of them exchanged.
fn slipped(given: &str, name: &str) -> bool {
    let slips = given.len().div_ceil(4);
    name.chars().count().abs_diff(given.chars().count()) <= slips
        && strsim::damerau_levenshtein(given, name) <= slips
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
        None if names.clone().next().is_none() => format!("{words}: none"),
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
            likely(
                "user_2",
                ["use", "user", "port"].map(|name| (name, name)),
                0
            ),
            ["user", "use"]
        );
        assert_eq!(nearest("VPC", ["Vpc", "Subnet"], 0), Some("Vpc"));
        assert_eq!(nearest("vpcid", ["VpcId", "Vpc"], 0), Some("VpcId"));
        assert_eq!(nearest("PORT", names(), 0), Some("port"));
        assert!(is_slip("prot", names()));
        // It begins like `address` and goes on as something else.
        assert_eq!(nearest("addresses_of_hosts", names(), 0), Some("address"));
        assert!(!is_slip("addresses_of_hosts", names()));
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
