//! What names an image, by the grammar of references (distribution/reference, `reference.go`).

use std::fmt;

use crate::model::Failure;

/// A name may have so many bytes, and a tag so many characters, by that grammar.
const LONGEST_NAME: usize = 255;
const LONGEST_TAG: usize = 128;

/// An image's repository with the tag, the digest or both that tell which of its images is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
}

impl Reference {
    /// Reads a reference. Refuses what is none, and one that has neither tag nor digest: it would mean `latest`.
    pub fn read(text: &str) -> Result<Self, Failure> {
        let refuse = |why: &str| {
            Err(Failure::new(
                "this is no image to deploy",
                format!("`{}` was to be deployed.", text.escape_debug()),
            )
            .why(why)
            .left_behind("Nothing was changed.")
            .help("Write it as REPOSITORY:TAG or REPOSITORY@sha256:DIGEST, for example docker.io/example/review:1.4"))
        };
        let (named, digest) = match text.split_once('@') {
            Some((named, digest)) => (named, Some(digest)),
            None => (text, None),
        };
        // A colon before the last slash belongs to a port.
        let colon = named
            .rfind(':')
            .filter(|colon| named.rfind('/').is_none_or(|slash| slash < *colon));
        let (repository, tag) = match colon {
            Some(colon) => (&named[..colon], Some(&named[colon + 1..])),
            None => (named, None),
        };
        if !is_repository(repository) {
            return refuse("Its repository is not one that a registry can have.");
        }
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return refuse(
                "Its tag is not one: letters, digits, `_`, `.` and `-`, 128 at the most.",
            );
        }
        if digest.is_some_and(|digest| !is_digest(digest)) {
            return refuse("Its digest is not `sha256:` and 64 hexadecimal digits in lower case.");
        }
        if tag.is_none() && digest.is_none() {
            return refuse(
                "It has no tag and no digest, so that it would mean whatever was pushed last.",
            );
        }
        Ok(Self {
            repository: repository.to_owned(),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// Where it is kept, as it was written.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The digest of its manifest, where it has one.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// The repository under its whole name, as Docker completes it: `nginx` is `docker.io/library/nginx`.
pub fn whole(repository: &str) -> String {
    let (domain, path) = match repository.split_once('/') {
        Some((domain, path)) if is_domain(domain) => (domain, path),
        _ => ("docker.io", repository),
    };
    let domain = match domain {
        "index.docker.io" => "docker.io",
        other => other,
    };
    match (domain, path.contains('/')) {
        ("docker.io", false) => format!("docker.io/library/{path}"),
        _ => format!("{domain}/{path}"),
    }
}

/// The words after `docker` that log in to the registry of a repository.
pub fn login(repository: &str) -> String {
    let whole = whole(repository);
    match whole.split_once('/') {
        Some((registry, _)) if registry != "docker.io" => format!("login {registry}"),
        _ => "login".to_owned(),
    }
}

/// The repository in the words that name an image, whatever follows it.
pub fn repository_of(words: &str) -> &str {
    let named = words.split('@').next().unwrap_or(words);
    match (named.rfind(':'), named.rfind('/')) {
        (Some(colon), None) => &named[..colon],
        (Some(colon), Some(slash)) if colon > slash => &named[..colon],
        _ => named,
    }
}

/// Whether the words name an image by its own id, which no registry knows.
pub fn is_id(words: &str) -> bool {
    is_digest(words)
}

/// `sha256:` and 64 digits.
pub fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|digits| {
        digits.len() == 64
            && digits
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}

/// Whether the first part of a name is a registry's: it has a dot or a port, or is this machine.
fn is_domain(part: &str) -> bool {
    part.contains(['.', ':']) || part == "localhost" || part.bytes().any(|c| c.is_ascii_uppercase())
}

fn is_repository(text: &str) -> bool {
    let (domain, path) = match text.split_once('/') {
        Some((domain, path)) if is_domain(domain) => (Some(domain), path),
        _ => (None, text),
    };
    text.len() <= LONGEST_NAME
        && domain.is_none_or(is_host)
        && path.split('/').all(is_path_component)
}

/// A name of letters, digits and `-` between dots, and a port or none.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (text, None),
    };
    let digits = |port: &str| !port.is_empty() && port.bytes().all(|c| c.is_ascii_digit());
    let label = |label: &str| {
        let inner = label
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || c == b'-');
        inner && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    name.split('.').all(label) && port.is_none_or(digits)
}

/// Letters in lower case and digits, with `.`, `_`, `__` or any number of `-` between them.
fn is_path_component(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !text.starts_with(plain) || !text.ends_with(plain) {
        return false;
    }
    text.split(plain).all(|between| {
        matches!(between, "" | "." | "_" | "__") || between.bytes().all(|c| c == b'-')
    })
}

fn is_tag(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.starts_with(plain)
        && text.len() <= LONGEST_TAG
        && text.chars().all(|c| plain(c) || c == '.' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:39bca3e03795d365026703cc9b2adca83fcb906bef10a8a07d5ab2b4ea5f7571";

    #[test]
    fn what_names_an_image_is_read_and_written_as_it_was() {
        for text in [
            "nginx:stable",
            "example/review:1.4",
            "docker.io/example/review:1.4",
            "localhost:5000/a:1",
            "registry.example.org:5000/team/app__x/y-z:v1_2.3",
            &format!("example/review@{DIGEST}"),
            &format!("example/review:1.4@{DIGEST}"),
        ] {
            assert_eq!(Reference::read(text).unwrap().to_string(), text);
        }
        let port = Reference::read("localhost:5000/a:1").unwrap();
        assert_eq!(port.repository(), "localhost:5000/a");
    }

    #[test]
    fn what_is_no_image_or_means_the_latest_is_refused() {
        for text in [
            "",
            "nginx",
            "localhost:5000/a",
            "nginx:",
            ":1",
            "Nginx:1",
            "a//b:1",
            "a b:1",
            "a:1 --privileged",
            "-a:1",
            "a:-1",
            "a:1\nIMAGE_B=x",
            "a:$(id)",
            "a@sha256:12",
            &format!("a@{}", DIGEST.to_uppercase()),
            "_a:1",
            "a___b:1",
            "example.org:port/a:1",
            &format!("a:{}", "1".repeat(129)),
            &format!("{}:1", "a".repeat(256)),
        ] {
            assert!(Reference::read(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_repository_is_compared_under_its_whole_name() {
        assert_eq!(whole("nginx"), "docker.io/library/nginx");
        assert_eq!(whole("example/review"), "docker.io/example/review");
        assert_eq!(
            whole("index.docker.io/example/review"),
            "docker.io/example/review"
        );
        assert_eq!(whole("localhost:5000/a"), "localhost:5000/a");
        assert_eq!(whole("docker.io/nginx"), "docker.io/library/nginx");
        assert_eq!(repository_of("localhost:5000/a"), "localhost:5000/a");
        assert_eq!(repository_of(&format!("a/b:1@{DIGEST}")), "a/b");
    }
}
