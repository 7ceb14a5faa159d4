//! The look-ups by which a task may loop.

/// How the items of a loop are made of what stands beside its keyword, named as Ansible names its look-ups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoopLookup {
    /// The items of a list as they are: the keyword `loop`.
    Loop,
    /// The items of a list, with one level of lists within it taken off.
    Items,
    /// The items of a list as they are; one value alone is the only item.
    List,
    /// The items of a list, with all levels of lists within it taken off.
    Flattened,
    /// The entries of mappings, as `key` and `value`.
    Dict,
    /// Every combination of an item of each list.
    Nested,
    /// The first items of all lists, then the second ones, and so on.
    Together,
    /// Each item of a list with each item of a list within it.
    Subelements,
    /// As [`LoopLookup::Items`], each behind its index.
    IndexedItems,
    /// Numbers from a start to an end.
    Sequence,
    /// The first of some files that is there.
    FirstFound,
    /// The files whose names fit a pattern.
    FileGlob,
}

impl LoopLookup {
    /// Every look-up by the name behind `with_`.
    pub const NAMED: &[(&str, Self)] = &[
        ("loop", Self::Loop),
        ("items", Self::Items),
        ("list", Self::List),
        ("flattened", Self::Flattened),
        ("dict", Self::Dict),
        ("nested", Self::Nested),
        ("cartesian", Self::Nested),
        ("together", Self::Together),
        ("subelements", Self::Subelements),
        ("indexed_items", Self::IndexedItems),
        ("sequence", Self::Sequence),
        ("first_found", Self::FirstFound),
        ("fileglob", Self::FileGlob),
    ];

    /// The look-up of this name; none for one that is not known.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, lookup)| *lookup)
    }
}
