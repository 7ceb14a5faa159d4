//! Where AWS answers, when that is said.

use std::collections::BTreeMap;
use std::env;

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

use crate::model::Failure;
use crate::model::account::ALL;

/// The services that are asked, as profiles name them, and their variables' ends.
const SERVICES: [(&str, &str); 9] = [
    ("STS", "STS"),
    ("SSO", "SSO"),
    ("SSO OIDC", "SSO_OIDC"),
    ("CloudFormation", "CLOUDFORMATION"),
    ("CloudWatch Logs", "CLOUDWATCH_LOGS"),
    ("ECS", "ECS"),
    ("IAM", "IAM"),
    ("S3", "S3"),
    ("SSM", "SSM"),
];

/// Refuses an endpoint that is no URL before a request is made of it: signing takes a host for granted.
pub(super) fn check(sdk: &SdkConfig) -> Result<(), Failure> {
    if let Some(url) = sdk.endpoint_url() {
        usable(url, "AWS_ENDPOINT_URL or the profile's `endpoint_url`")?;
    }
    for (service, variable) in SERVICES {
        if let Some(url) = of_service(sdk, service) {
            let said = format!("AWS_ENDPOINT_URL_{variable} or the profile's services");
            usable(&url, &said)?;
        }
    }
    Ok(())
}

/// The endpoints that were named, by service; none where AWS's own answer.
pub(super) fn named(sdk: &SdkConfig) -> BTreeMap<String, String> {
    let services = SERVICES.iter().filter_map(|(service, _)| {
        let url = of_service(sdk, service)?;
        Some(((*service).to_owned(), url))
    });
    let all = sdk
        .endpoint_url()
        .map(|url| (ALL.to_owned(), url.to_owned()));
    services.chain(all).collect()
}

/// Whether S3 answers somewhere else than at AWS.
pub(super) fn is_said_for_s3(sdk: &SdkConfig) -> bool {
    sdk.endpoint_url().is_some()
        || env::var_os("AWS_ENDPOINT_URL_S3").is_some()
        || of_service(sdk, "S3").is_some()
}

fn of_service(sdk: &SdkConfig, service: &str) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id(service)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()?;
    sdk.service_config()?.load_config(key)
}

fn usable(url: &str, said: &str) -> Result<(), Failure> {
    let Some(why) = wrong(url) else {
        return Ok(());
    };
    Err(Failure::new(
        "the endpoint of AWS is no URL",
        format!("taking `{url}` from {said}"),
    )
    .why(why)
    .left_behind("Nothing was changed.")
    .help("Write it as `http://127.0.0.1:4566` or `https://aws.example`, or say none."))
}

/// What keeps a text from being `http://HOST[:PORT][/PATH]` (RFC 3986, section 3); none when it is.
fn wrong(url: &str) -> Option<&'static str> {
    let lower = url.to_ascii_lowercase();
    let scheme = ["http://", "https://"]
        .into_iter()
        .find(|scheme| lower.starts_with(scheme));
    let Some(rest) = scheme.and_then(|scheme| url.get(scheme.len()..)) else {
        return Some("It does not begin with `http://` or `https://`.");
    };
    let allowed = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c);
    if !rest.chars().all(allowed) {
        return Some("It has a character that no URL has.");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Some("A user or password belongs into no endpoint.");
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(inner) => match inner.split_once(']') {
            Some(parts) => parts,
            None => return Some("Its address in brackets does not end."),
        },
        None => match authority.split_once(':') {
            Some((host, _)) => (host, &authority[host.len()..]),
            None => (authority, ""),
        },
    };
    if host.is_empty() {
        return Some("It names no host.");
    }
    match port.strip_prefix(':') {
        Some(port) if port.parse::<u16>().is_err() => Some("Its port is no number up to 65535."),
        None if !port.is_empty() => Some("Behind its host stands neither a port nor a path."),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_url_with_a_host() {
        for url in [
            "http://127.0.0.1:4566",
            "HTTPS://aws.example/path",
            "http://[::1]:4566/",
            "http://localhost",
        ] {
            assert_eq!(wrong(url), None, "{url}");
        }
        for url in [
            "",
            "localhost:4566",
            "localhost",
            "//host",
            "http:/host",
            "http://",
            "http://:80",
            "http:///path",
            "http://host:http",
            "http://host:99999",
            "http://host name",
            "http://hóst",
            "http://[::1",
            "http://[]:1",
            "http://[::1]x",
            "http://u:p@host",
            "http://a\nb",
            "ftp://host",
            "é",
        ] {
            assert!(wrong(url).is_some(), "{url}");
        }
    }
}
