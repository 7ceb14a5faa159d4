//! What is a secret by its name, or by its own shape.

/// Ends of words that say a secret: `PGPASSWORD` is one word.
const ENDS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "secrets",
    "token",
    "tokens",
    "credential",
    "credentials",
    "apikey",
    "accesskey",
    "privatekey",
    "secretkey",
];

/// Whole words that say it, too short to be looked for at the end of others.
const WORDS: &[&str] = &["pass", "pw", "creds", "salt"];

/// Words before `key` that make it a secret wherever it stands: `API_KEY_STAGING`.
const KEYS: &[&str] = &[
    "access",
    "api",
    "encryption",
    "master",
    "private",
    "secret",
    "signing",
];

/// Words that make a name one of a key that everybody may know.
const OPEN: &[&str] = &[
    "authorized",
    "cache",
    "foreign",
    "host",
    "kms",
    "object",
    "partition",
    "primary",
    "pub",
    "public",
    "publishable",
    "routing",
    "site",
    "sort",
    "tag",
    "verification",
];

/// Last words of names that speak about a secret and do not hold it: `TOKEN_TTL`, `AWS_ACCESS_KEY_ID`.
const ABOUT: &[&str] = &[
    "algorithm",
    "arn",
    "bucket",
    "count",
    "days",
    "dir",
    "directory",
    "enabled",
    "endpoint",
    "expiry",
    "field",
    "file",
    "folder",
    "format",
    "header",
    "hours",
    "id",
    "ids",
    "issuer",
    "length",
    "lifetime",
    "limit",
    "manager",
    "max",
    "min",
    "minutes",
    "name",
    "names",
    "parameter",
    "path",
    "policy",
    "port",
    "prefix",
    "provider",
    "region",
    "required",
    "rotation",
    "seconds",
    "size",
    "store",
    "timeout",
    "ttl",
    "type",
    "uri",
    "url",
    "user",
    "username",
    "validity",
    "version",
];

/// Whether what goes by this name is a secret.
pub fn is_secret(name: &str) -> bool {
    let words = words(name);
    let says = |word: &String| {
        WORDS.contains(&word.as_str()) || ENDS.iter().any(|end| word.ends_with(end))
    };
    match words.last() {
        Some(last) if !ABOUT.contains(&last.as_str()) => words.iter().any(says) || is_key(&words),
        _ => false,
    }
}

fn is_key(words: &[String]) -> bool {
    if words.iter().any(|word| OPEN.contains(&word.as_str())) {
        return false;
    }
    let of_secrets = words
        .windows(2)
        .any(|pair| KEYS.contains(&pair[0].as_str()) && matches!(pair[1].as_str(), "key" | "keys"));
    of_secrets || words.last().is_some_and(|last| last == "key")
}

/// The words of `DB_PASS`, `db-pass`, `DbPass` and `DBPass`: `db`, `pass`. Numbers are none.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    let mut characters = name.chars().peekable();
    while let Some(c) = characters.next() {
        let begins = c.is_uppercase()
            && (before.is_lowercase() || characters.peek().is_some_and(|next| next.is_lowercase()));
        if begins || c.is_alphabetic() != before.is_alphabetic() {
            words.push(String::new());
        }
        if c.is_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The password in a text such as `postgres://user:password@host/db` (RFC 3986, section 3.2.1).
pub fn password(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let authority = rest
        .split(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\''))
        .next()?;
    let (user, _) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    Some(password).filter(|password| !password.is_empty())
}

/// Words that many values are: to hide them would hide nothing, and take them out of every sentence.
pub fn is_common(value: &str) -> bool {
    let word = value.trim().to_ascii_lowercase();
    matches!(
        word.as_str(),
        "" | "true" | "false" | "yes" | "no" | "on" | "off" | "none" | "null"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_by_their_names() {
        for name in [
            "API_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "CLIENT_SECRET",
            "GITHUB_TOKEN",
            "DB_PASS",
            "PRIVATE_KEY",
            "PRIVATE_KEY_PEM",
            "SECRET_KEY_BASE",
            "PGPASSWORD",
            "MYSQL_PWD",
            "GOOGLE_CREDENTIALS",
            "db.password-2",
            "DBPassword",
            "clientSecret",
            "APIKey",
            "API_KEY_STAGING",
            "SENDGRID_KEY",
            "API_KEYS",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "",
            "AWS_ACCESS_KEY_ID",
            "KEY_PREFIX",
            "PUBLIC_KEY",
            "PRIMARY_KEY",
            "STRIPE_PUBLISHABLE_KEY",
            "SecretsBucket",
            "KeyName",
            "TOKEN_TTL",
            "PASSWORD_MIN_LENGTH",
            "PASSENGER_APP",
            "BYPASS",
            "COMPASS",
            "KEYBOARD",
            "MONKEY",
            "deploy_keys",
            "DATABASE_URL",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn a_password_is_found_in_an_address() {
        assert_eq!(password("postgres://u:p%40w@h:5432/db"), Some("p%40w"));
        assert_eq!(password("redis://:p@h"), Some("p"));
        for text in [
            "https://a.example.org:8080/@scope",
            "ssh://git@h/x",
            "http://u:@h",
            "a:b@c",
        ] {
            assert_eq!(password(text), None, "{text}");
        }
    }
}
