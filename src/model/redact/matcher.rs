//! The texts that are looked for, and where they stand in another text.

use std::collections::HashSet;
use std::ops::Range;

use aho_corasick::AhoCorasick;

use crate::model::{Digest, Secret};

/// Texts that are looked for, all at once. More may be added at any time.
///
/// They lie in tiers, each at least twice as large as the next, so that a run which learns one after the other builds
/// each search a few times only, and every text is read through by a handful of searches however many there are.
#[derive(Default)]
pub(super) struct Matcher {
    seen: HashSet<String>,
    salt: String,
    salted: HashSet<String>,
    tiers: Vec<Tier>,
}

struct Tier {
    forms: Vec<String>,
    /// None where the searcher refused them, which takes gigabytes: then nothing is shown at all.
    search: Option<AhoCorasick>,
}

impl Tier {
    fn new(forms: Vec<String>) -> Self {
        // Standard matching is what finds every overlapping one.
        let search = AhoCorasick::new(&forms).ok();
        Self { forms, search }
    }
}

impl Matcher {
    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.tiers.is_empty()
    }

    /// Notes secrets that were declared, to salt with.
    pub fn add_salt(&mut self, secrets: &[Secret]) {
        for secret in secrets {
            if !self.salted.insert(secret.expose().to_owned()) {
                continue;
            }
            let next = format!("{}{:?}", self.salt, secret.expose());
            self.salt = Digest::of(next.as_bytes()).sha256;
        }
    }

    /// A digest of every declared secret: whoever would guess one from what is salted with it must guess all.
    pub fn salt(&self) -> Digest {
        Digest::of(self.salt.as_bytes())
    }

    /// Whether this is looked for already.
    pub fn contains(&self, form: &str) -> bool {
        self.seen.contains(form)
    }

    /// Looks for these as well.
    pub fn add(&mut self, forms: impl IntoIterator<Item = String>) {
        let mut fresh: Vec<String> = forms
            .into_iter()
            .filter(|form| self.seen.insert(form.clone()))
            .collect();
        if fresh.is_empty() {
            return;
        }
        while let Some(last) = self.tiers.pop_if(|tier| tier.forms.len() < 2 * fresh.len()) {
            fresh.extend(last.forms);
        }
        self.tiers.push(Tier::new(fresh));
    }

    /// Where any of them stands, in order, those that overlap or touch as one.
    pub fn spans(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for tier in &self.tiers {
            match &tier.search {
                Some(search) => {
                    found.extend(search.find_overlapping_iter(text).map(|one| one.range()));
                }
                None => found.push(0..text.len()),
            }
        }
        joined(&mut found);
        found
    }

    /// Whether any of them stands in it.
    pub fn finds(&self, text: &str) -> bool {
        self.tiers.iter().any(|tier| match &tier.search {
            Some(search) => search.is_match(text),
            None => true,
        })
    }
}

/// Puts stretches in order, those that overlap or touch as one.
pub(super) fn joined(spans: &mut Vec<Range<usize>>) {
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    spans.dedup_by(|next, before| {
        let touches = next.start <= before.end;
        if touches {
            before.end = before.end.max(next.end);
        }
        touches
    });
}
