//! Which tasks a run is limited to.

/// The tags a run was limited to: `--tags` and `--skip-tags`. By default everything runs but what is tagged `never`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags {
    /// Only tasks with one of these; empty for all. `tagged`, `untagged` and `all` are understood.
    pub only: Vec<String>,
    /// No task with one of these.
    pub skip: Vec<String>,
}

impl Tags {
    /// Whether a task that has, or inherited, these tags is to run.
    pub fn let_run(&self, tags: &[String]) -> bool {
        self.wanted(tags) && !self.unwanted(tags)
    }

    fn wanted(&self, tags: &[String]) -> bool {
        let named = self.only.iter().any(|tag| has(tags, tag));
        let all = self.only.is_empty() || self.only.iter().any(|tag| tag == "all");
        let always = has(tags, "always");
        let never = has(tags, "never");
        let kind = (self.only.iter().any(|tag| tag == "tagged") && !tags.is_empty())
            || (self.only.iter().any(|tag| tag == "untagged") && tags.is_empty());
        named || always || (all || kind) && !never
    }

    fn unwanted(&self, tags: &[String]) -> bool {
        self.skip.iter().any(|skip| match skip.as_str() {
            "all" => !has(tags, "always") || has(&self.skip, "always"),
            "tagged" => !tags.is_empty(),
            "untagged" => tags.is_empty(),
            tag => has(tags, tag),
        })
    }
}

fn has(tags: &[String], tag: &str) -> bool {
    tags.iter().any(|own| own == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn tags_choose_as_ansible_does() {
        for (only, skip, tags, runs) in [
            ("", "", "", true),
            ("", "", "never", false),
            ("", "", "never debug", false),
            ("debug", "", "never debug", true),
            ("web", "", "", false),
            ("web", "", "always", true),
            ("web", "always", "always", false),
            ("web", "web", "web", false),
            ("tagged", "", "x", true),
            ("tagged", "", "", false),
            ("untagged", "", "", true),
            ("all", "x", "x", false),
            ("", "untagged", "", false),
        ] {
            let filter = Tags {
                only: words(only),
                skip: words(skip),
            };
            assert_eq!(filter.let_run(&words(tags)), runs, "{only}|{skip}|{tags}");
        }
    }
}
