//! What the configs and secrets of a stack hold, compared with the files that they are made from.
//!
//! Under one name a Swarm keeps what it was given first, and refuses anything else there. What a config holds can be read
//! again; what a secret holds cannot, so that each bears a label from which its file is known again: `SALT:SUM`, the sum
//! of the salt and the content. The salt is the run that made it and its name, so that two secrets that are the same do
//! not look so. Whoever may read labels may use the engine, and so read the secret itself.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::project::Project;
use super::stack_file::{PROOF, Part, PartKind, StackFile};
use super::stack_state::unread;
use crate::model::Failure;
use crate::model::host::Command;

/// Prints the SHA-256 of a salt and a file. Ends with 44 where the file may not be read or is none.
const SUM: &str = r#"
[ -f "$FILE" ] && [ -r "$FILE" ] || exit 44
{ printf %s "$SALT" && cat <"$FILE"; } | sha256sum
"#;

/// A config or secret as the Swarm has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Held {
    name: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    /// In Base64; none of a secret.
    #[serde(default)]
    data: Option<String>,
}

/// What a part's file is to what the Swarm has under the part's name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    /// The Swarm has nothing of that name.
    New,
    /// It is the same; the sum of it, with its salt.
    Same(String),
    /// It is another.
    Another,
    /// The file may not be read, or nothing tells what the secret holds: docker itself compares when it is told to deploy.
    Unknown,
}

impl Project<'_> {
    /// Whether the Swarm has every config and secret as its file is. Where that cannot be seen it has not.
    ///
    /// Refuses a file that is another than what the Swarm has under its name: docker would, with half of the work done.
    pub(super) async fn contents_stand(&self, images: &str) -> Result<bool, Failure> {
        let file = self.stack_file(images).await?;
        let found = self.found(&file).await?;
        let changed: Vec<&Part> = found
            .iter()
            .filter(|(_, found)| *found == Found::Another)
            .map(|(part, _)| *part)
            .collect();
        if !changed.is_empty() {
            return Err(self.changed(&changed));
        }
        Ok(found
            .iter()
            .all(|(_, found)| matches!(found, Found::Same(_))))
    }

    /// The stack's file as it is deployed: each secret with its proof, where its file may be read.
    pub(super) async fn proven(&self, mut file: StackFile) -> Result<StackFile, Failure> {
        let mut proofs = Vec::new();
        for (part, found) in self.found(&file).await? {
            let proof = match (part.kind, found) {
                (PartKind::Config, _) => None,
                (PartKind::Secret, Found::Same(proof)) => Some(proof),
                (PartKind::Secret, Found::New | Found::Another | Found::Unknown) => {
                    self.proof(part, &self.salt(part)).await?
                }
            };
            proofs.extend(proof.map(|proof| (part.clone(), proof)));
        }
        for (part, proof) in proofs {
            file.prove(&part, &proof);
        }
        Ok(file)
    }

    /// What is advised where a part's file changed under the same name.
    pub(super) fn name_anew(&self, key: &str) -> String {
        format!(
            "What a Swarm's config or secret holds never changes: in {} give it another name whenever its file changes, for \
             example `name: {key}-${{VERSION}}` with `VERSION=2` in the .env beside it, and deploy again.",
            self.compose.file()
        )
    }

    fn salt(&self, part: &Part) -> String {
        format!("{}.{}", self.site.run, part.name)
    }

    fn changed(&self, parts: &[&Part]) -> Failure {
        let each: Vec<String> = parts
            .iter()
            .map(|part| {
                let (noun, name, file) = (part.kind.noun(), &part.name, &part.file);
                format!("The {noun} `{name}` was made when {file} held something else.")
            })
            .collect();
        let key = parts.first().map_or("", |part| part.key.as_str());
        Failure::new(
            "a config or secret of the stack changed under the same name",
            format!("deploying to `{}`", self.site.target.name),
        )
        .why(each.join("\n"))
        .left_behind("Nothing was changed.")
        .help(self.name_anew(key))
    }

    async fn found<'a>(&self, file: &'a StackFile) -> Result<Vec<(&'a Part, Found)>, Failure> {
        let (configs, secrets) = futures::try_join!(
            self.in_swarm(PartKind::Config, file),
            self.in_swarm(PartKind::Secret, file)
        )?;
        let held = |part: &Part| {
            let all = match part.kind {
                PartKind::Config => &configs,
                PartKind::Secret => &secrets,
            };
            all.iter().find(|held| held.name == part.name)
        };
        let each = file.parts.iter().map(|part| async move {
            let found = self.compared(part, held(part)).await?;
            Ok::<_, Failure>((part, found))
        });
        futures::future::try_join_all(each).await
    }

    async fn compared(&self, part: &Part, held: Option<&Held>) -> Result<Found, Failure> {
        let Some(held) = held else {
            return Ok(Found::New);
        };
        let Some(proof) = held.proof() else {
            return Ok(Found::Unknown);
        };
        let salt = proof.split_once(':').map_or("", |(salt, _)| salt);
        Ok(match self.proof(part, salt).await? {
            Some(now) if now == proof => Found::Same(proof),
            Some(_) => Found::Another,
            None => Found::Unknown,
        })
    }

    /// What the Swarm has of the parts of one kind.
    async fn in_swarm(&self, kind: PartKind, file: &StackFile) -> Result<Vec<Held>, Failure> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Inspected {
            spec: Held,
        }
        let looking = "looking at the stack's configs and secrets";
        let parts = || file.parts.iter().filter(|part| part.kind == kind);
        if parts().next().is_none() {
            return Ok(Vec::new());
        }
        let words = [kind.noun(), "ls", "--format", "{{.Name}}"];
        let listed = self.printed(looking, self.compose.docker(&words)).await?;
        let there = |part: &&Part| listed.lines().any(|name| name.trim() == part.name);
        let mut words = vec![kind.noun(), "inspect"];
        words.extend(parts().filter(there).map(|part| part.name.as_str()));
        if words.len() == 2 {
            return Ok(Vec::new());
        }
        let printed = self.printed(looking, self.compose.docker(&words)).await?;
        let inspected: Vec<Inspected> =
            serde_json::from_str(&printed).map_err(|error| unread("inspect", &error))?;
        Ok(inspected.into_iter().map(|one| one.spec).collect())
    }

    /// The sum of a salt and a part's file, with the salt; none where the file may not be read or is none.
    async fn proof(&self, part: &Part, salt: &str) -> Result<Option<String>, Failure> {
        let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let command = Command {
            script: Some(SUM.to_owned()),
            environment: BTreeMap::from([variable("SALT", salt), variable("FILE", &part.file)]),
            ..Command::default()
        };
        let ran = self.site.ask(command).await?;
        match (ran.rc, ran.out().split_whitespace().next()) {
            (0, Some(sum)) => Ok(Some(format!("{salt}:{sum}"))),
            (44, _) => Ok(None),
            _ => {
                let doing = format!("reading {}", part.file);
                Err(self.failed(&doing, &ran, "Nothing was changed."))
            }
        }
    }
}

impl Held {
    /// The proof of what it holds: a secret's is its label, a config's is made from what it holds, without a salt.
    fn proof(&self) -> Option<String> {
        let Some(data) = &self.data else {
            return self.labels.get(PROOF).cloned();
        };
        let data = BASE64_STANDARD.decode(data).ok()?;
        Some(format!(":{}", hex::encode(Sha256::digest(data))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_proves_itself_and_a_secret_by_its_label_alone() {
        let held = |text: &str| serde_json::from_str::<Held>(text).unwrap();
        let config = held(r#"{"Name": "c", "Labels": {}, "Data": "b25lCg=="}"#);
        let sum = "2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806";
        assert_eq!(config.proof(), Some(format!(":{sum}")));
        let secret = held(r#"{"Name": "s", "Labels": {"landfall.proof": "run:00"}}"#);
        assert_eq!(secret.proof(), Some("run:00".to_owned()));
        assert_eq!(held(r#"{"Name": "s"}"#).proof(), None);
    }
}
