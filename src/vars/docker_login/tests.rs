use super::*;

fn settings(config: &str, registry: &str) -> Result<String, Failure> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    fs::write(&path, config).unwrap();
    let asked = Asked {
        registry: name(registry),
        path: path.as_path().into(),
    };
    let helper = |program: &str, registry: &str| match program {
        "empty" => Ok(None),
        "token" => Ok(Some(("<token>".to_owned(), Secret::new("t".to_owned())))),
        program => Ok(Some((program.to_owned(), Secret::new(registry.to_owned())))),
    };
    let settings = asked
        .read()
        .and_then(|config| asked.settings(&config, &helper))?;
    let content = settings.content;
    assert!(content.is_secret());
    Ok(content.text().unwrap().to_owned())
}

/// `auth` of the user `user` with the password `pass:word`.
const AUTH: &str = "dXNlcjpwYXNzOndvcmQ=";

#[test]
fn the_settings_hold_the_login_as_the_agent_reads_it() {
    let config = format!(
        r#"{{"auths": {{"https://index.docker.io/v1/": {{"auth": "{AUTH}", "email": "a@example.org"}}}}}}"#
    );
    let wanted = format!(
        "ECS_ENGINE_AUTH_TYPE=dockercfg\nECS_ENGINE_AUTH_DATA={{\"https://index.docker.io/v1/\":{{\"auth\":\"{AUTH}\",\"email\":\"a@example.org\"}}}}\n"
    );
    for registry in [
        "https://index.docker.io/v1/",
        "docker.io",
        "index.docker.io/v1/",
        "registry-1.docker.io",
    ] {
        assert_eq!(settings(&config, registry).unwrap(), wanted, "{registry}");
    }
}

#[test]
fn a_registry_is_found_with_or_without_its_scheme() {
    let config = format!(
        r#"{{"auths": {{"https://registry.example.org:5000/v2/": {{"auth": "{AUTH}"}}}}}}"#
    );
    let text = settings(&config, "registry.example.org:5000").unwrap();
    assert!(text.contains("{\"registry.example.org:5000\":{"), "{text}");
    assert!(settings(&config, "registry.example.org").is_err());
}

#[test]
fn a_helper_of_the_registry_comes_before_the_common_store_and_the_file() {
    let config = format!(
        r#"{{"auths": {{"ghcr.io": {{"auth": "{AUTH}"}}}}, "credsStore": "common", "credHelpers": {{"ghcr.io": "own"}}}}"#
    );
    let own = STANDARD.encode("own:ghcr.io");
    assert!(settings(&config, "ghcr.io").unwrap().contains(&own));
    let common = STANDARD.encode(format!("common:{HUB}"));
    assert!(settings(&config, "docker.io").unwrap().contains(&common));
    let config = config.replace("\"own\"", "\"empty\"");
    assert!(settings(&config, "ghcr.io").unwrap().contains(AUTH));
}

#[test]
fn what_is_no_login_is_refused_without_showing_it() {
    for (config, summary) in [
        ("{}".to_owned(), "docker is not logged in to the registry"),
        (
            r#"{"auths": {"ghcr.io": {}}}"#.to_owned(),
            "docker is not logged in to the registry",
        ),
        (
            r#"{"auths": {"ghcr.io": {"auth": "s3cret!"}}}"#.to_owned(),
            "the registry's credentials are damaged",
        ),
        (
            format!(
                r#"{{"auths": {{"ghcr.io": {{"auth": "{}"}}}}}}"#,
                STANDARD.encode("s3cret")
            ),
            "the registry's credentials are damaged",
        ),
        (
            format!(
                r#"{{"auths": {{"ghcr.io": {{"auth": "{}"}}}}}}"#,
                STANDARD.encode("s3cret:")
            ),
            "the registry's credentials are damaged",
        ),
        (
            r#"{"auths": {"ghcr.io": {"identitytoken": "s3cret"}}}"#.to_owned(),
            "the registry's login cannot be handed on",
        ),
        (
            r#"{"credsStore": "token"}"#.to_owned(),
            "the registry's login cannot be handed on",
        ),
        (
            r#"{"auths": {"ghcr.io": "s3cret"}}"#.to_owned(),
            "the docker configuration cannot be read",
        ),
    ] {
        let failure = settings(&config, "ghcr.io").unwrap_err();
        assert_eq!(failure.summary, summary, "{config}");
        assert!(!failure.to_string().contains("s3cret"), "{failure}");
    }
}

#[test]
fn a_file_that_is_not_there_says_how_to_log_in() {
    let failure = ecs_config(Some(Path::new("/nonexistent/config.json")), "ghcr.io").unwrap_err();
    let help = &failure.help;
    assert!(help.starts_with("Run `docker login ghcr.io` "), "{help}");
    assert!(help.contains("`docker_config` of the secret object"));
    let failure = ecs_config(Some(Path::new("/nonexistent/config.json")), "docker.io").unwrap_err();
    let help = &failure.help;
    assert!(help.starts_with("Run `docker login` "), "{help}");
}
