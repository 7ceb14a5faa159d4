//! Which parts of an environment a run is about.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Work;
use crate::graph::Graph;
use crate::model::{Address, Failure};
use crate::play::fits;

/// How many names a message lists.
const SHOWN: usize = 20;

/// Why what is declared no more stays while something that is declared was left out: it may stand on just that.
pub(super) const WAITS: &str = "it is taken away when all that is declared was applied";

/// What a run keeps to, and what it leaves alone. Without names it is about everything.
///
/// A name is an address (`hosts.web-1`), what stands behind its section (`web-1`), or a section (`hosts`, `secrets`); `*`
/// and `?` are wildcards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Only these, with everything they need; what is taken away, with everything that needs it.
    pub limit: Vec<String>,
    /// Not these, nor what needs them; what is taken away, nor what it needs.
    pub exclude: Vec<String>,
}

/// A part of an environment that a run is not about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The part.
    pub address: Address,
    /// Why, as the rest of a sentence about it.
    pub why: String,
    /// Whether it is a host that did not answer, or did not let us in: then the run ends as partly done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unreached: bool,
}

impl Choice {
    /// Whether it names nothing, and so leaves nothing out.
    pub fn is_everything(&self) -> bool {
        self.limit.is_empty() && self.exclude.is_empty()
    }
}

impl Work {
    /// The chosen part of it. A name that fits nothing is refused, with what there is: what it is about, and what else is
    /// declared, which a destruction may have to do nothing about.
    pub fn choose(mut self, choice: &Choice, declared: &[Address]) -> Result<Self, Failure> {
        let mut every = self.addresses();
        let others = declared.iter().filter(|one| !every.contains(one));
        let others: Vec<Address> = others.cloned().collect();
        every.extend(others);
        let limit = named(&choice.limit, "--limit", &every)?;
        let exclude = named(&choice.exclude, "--exclude", &every)?;
        let unbuilt = self.build.with_dependents(exclude.clone());
        let unbuilt: BTreeSet<Address> = addresses(&self.build)
            .filter(|address| unbuilt.contains(address))
            .collect();
        let unremoved = self.remove.with_needs(exclude.clone());
        self.keep(|address| {
            if exclude.contains(address) {
                Some("--exclude names it".to_owned())
            } else if unbuilt.contains(address) || unremoved.contains(address) {
                Some("it hangs together with what --exclude names".to_owned())
            } else {
                None
            }
        });
        // What only an excluded part would have needed does not come along.
        let limit: BTreeSet<Address> = self
            .addresses()
            .into_iter()
            .filter(|address| limit.contains(address))
            .collect();
        let removed = self.remove.with_dependents(limit.clone());
        if !choice.limit.is_empty() {
            let built = self.build.with_needs(limit);
            self.keep(|address| {
                let kept = built.contains(address) || removed.contains(address);
                (!kept).then(|| "it is not among what --limit names".to_owned())
            });
        }
        if !unbuilt.is_empty() {
            // What is taken away by name was chosen knowingly.
            self.hold_removals_back(|address| removed.contains(address));
        }
        Ok(self)
    }

    /// What is left of it without what another run left out.
    pub fn without(mut self, left_out: &[LeftOut]) -> Self {
        self.keep(|address| {
            let out = left_out.iter().find(|out| out.address == *address);
            out.map(|out| out.why.clone())
        });
        for out in &mut self.left_out {
            out.unreached = left_out
                .iter()
                .any(|before| before.address == out.address && before.unreached);
        }
        self
    }

    /// The hosts that are left out because they did not answer, or did not let us in.
    pub fn unreached(&self) -> Vec<String> {
        let out = self.left_out.iter().filter(|out| out.unreached);
        out.map(|out| out.address.to_string()).collect()
    }

    /// Leaves out what is to be taken away, except what is kept in spite of it.
    pub(super) fn hold_removals_back(&mut self, except: impl Fn(&Address) -> bool) {
        let removals: BTreeSet<Address> = addresses(&self.remove).collect();
        self.keep(|address| {
            let held = removals.contains(address) && !except(address);
            held.then(|| WAITS.to_owned())
        });
    }

    /// Leaves out each part for which there is a reason to.
    pub(super) fn keep(&mut self, reason: impl Fn(&Address) -> Option<String>) {
        for address in self.addresses() {
            if let Some(why) = reason(&address) {
                self.left_out.push(LeftOut {
                    address,
                    why,
                    unreached: false,
                });
            }
        }
        let out: BTreeSet<&Address> = self.left_out.iter().map(|out| &out.address).collect();
        self.build = self.build.only(|address| !out.contains(address));
        self.remove = self.remove.only(|address| !out.contains(address));
        self.released.retain(|address| !out.contains(address));
    }

    /// Everything it is about, in the order it would be done.
    fn addresses(&self) -> Vec<Address> {
        addresses(&self.build)
            .chain(addresses(&self.remove))
            .chain(self.released.iter().cloned())
            .collect()
    }
}

fn addresses(graph: &Graph) -> impl Iterator<Item = Address> {
    graph.nodes().iter().map(|node| node.address.clone())
}

/// What these names mean, of everything there is.
fn named(names: &[String], flag: &str, every: &[Address]) -> Result<BTreeSet<Address>, Failure> {
    let mut found = BTreeSet::new();
    for name in names {
        let before = found.len();
        found.extend(every.iter().filter(|one| means(name, one)).cloned());
        if found.len() == before && !every.iter().any(|one| means(name, one)) {
            return Err(unknown(name, flag, every));
        }
    }
    Ok(found)
}

fn means(name: &str, address: &Address) -> bool {
    let whole = address.to_string();
    let sections = whole.match_indices('.').map(|(end, _)| &whole[..end]);
    (!address.name.is_empty() && fits(name, &address.name))
        || sections.chain([whole.as_str()]).any(|one| fits(name, one))
}

fn unknown(name: &str, flag: &str, every: &[Address]) -> Failure {
    let mut there: Vec<String> = every.iter().take(SHOWN).map(Address::to_string).collect();
    if every.len() > SHOWN {
        there.push(format!("{} more", every.len() - SHOWN));
    }
    let failure = Failure::new(
        "there is no such part of the environment",
        format!("choosing with {flag}"),
    )
    .why(format!(
        "`{name}` names nothing that is declared or that was made."
    ))
    .left_behind("Nothing was changed.");
    if there.is_empty() {
        failure
    } else {
        failure.help(format!("There is: {}.", there.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Map, Node, Origin, Place, Spec};

    fn node(address: &str, needs: &[&str]) -> Node {
        Node {
            address: address.parse().unwrap(),
            needs: needs.iter().map(|need| need.parse().unwrap()).collect(),
            place: Place::Aws,
            spec: Spec::Resource(Map::new()),
            at: Origin::new("x.toml", 1, 1),
        }
    }

    fn work() -> Work {
        Work {
            build: Graph::new(vec![
                node("roles.app", &[]),
                node("stacks.net", &["roles.app"]),
                node("hosts.web-1", &["stacks.net"]),
                node("hosts.web-2", &[]),
                node("targets.web-1", &["hosts.web-1"]),
            ])
            .unwrap(),
            remove: Graph::new(vec![
                node("stacks.old", &[]),
                node("targets.old", &["stacks.old"]),
            ])
            .unwrap(),
            released: vec![Address::new(Kind::Stack, "theirs")],
            left_out: Vec::new(),
        }
    }

    fn chosen(limit: &[&str], exclude: &[&str]) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let choice = Choice {
            limit: words(limit),
            exclude: words(exclude),
        };
        let work = work().choose(&choice, &[]).unwrap();
        let chosen: Vec<String> = work.addresses().iter().map(Address::to_string).collect();
        assert_eq!(chosen.len() + work.left_out.len(), 8, "{work:?}");
        chosen
    }

    #[test]
    fn without_names_everything_is_chosen() {
        assert_eq!(chosen(&[], &[]).len(), 8);
    }

    #[test]
    fn a_limit_brings_what_is_needed_and_takes_nothing_away_unasked() {
        let web_1 = ["roles.app", "stacks.net", "hosts.web-1", "targets.web-1"];
        assert_eq!(chosen(&["web-1"], &[]), web_1);
        assert_eq!(chosen(&["hosts.web-1"], &[]), web_1[..3]);
        assert_eq!(chosen(&["hosts.web-2"], &[]), ["hosts.web-2"]);
        assert_eq!(chosen(&["hosts.web-*"], &["web-1"]), ["hosts.web-2"]);
        assert_eq!(chosen(&["roles"], &[]), ["roles.app"]);
    }

    #[test]
    fn what_is_taken_away_brings_what_stands_on_it() {
        assert_eq!(chosen(&["stacks.old"], &[]), ["stacks.old", "targets.old"]);
        assert_eq!(chosen(&["targets.old"], &[]), ["targets.old"]);
    }

    #[test]
    fn an_exclusion_takes_along_what_needs_it_and_holds_removals_back() {
        assert_eq!(
            chosen(&[], &["stacks.net"]),
            ["roles.app", "hosts.web-2", "stacks.theirs"]
        );
        let all_but_the_old_stack = chosen(&[], &["targets.old"]);
        assert!(!all_but_the_old_stack.contains(&"stacks.old".to_owned()));
        assert_eq!(all_but_the_old_stack.len(), 6);
    }

    #[test]
    fn a_name_that_fits_nothing_is_refused() {
        let choice = Choice {
            limit: vec!["web-3".to_owned()],
            exclude: Vec::new(),
        };
        let failure = work().choose(&choice, &[]).unwrap_err();
        assert!(failure.why.contains("`web-3`"), "{failure}");
        assert!(failure.help.contains("hosts.web-2"), "{failure}");
    }
}
