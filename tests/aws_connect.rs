//! How AWS is connected to: the environment's own authorities, and answers that are no answers.

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt};

use sha1::{Digest, Sha1};

use crate::support::{
    connected::{connect, connect_with},
    lab::emulator,
    sts::Sts,
};

#[test]
fn an_authority_of_ones_own_is_trusted_only_where_the_environment_names_it() {
    let server = Sts::start();
    let (endpoint, certificate, key) = (server.endpoint(), server.certificate(), server.key());
    let bundle = certificate.to_str().unwrap();
    let trusted = connect(&[
        ("LANDFALL_TEST_KEY", "AKIATEST"),
        ("LANDFALL_TEST_CONNECT_TO", &endpoint),
        ("AWS_CA_BUNDLE", bundle),
    ]);
    assert!(trusted.contains("connected"), "{trusted}");
    // The endpoint may be the environment's as well.
    let variables = [
        ("LANDFALL_TEST_KEY", "AKIATEST"),
        ("LANDFALL_TEST_CONNECT_TO", ""),
        ("AWS_ENDPOINT_URL", &endpoint),
        ("AWS_CA_BUNDLE", bundle),
    ];
    let trusted = connect(&variables);
    assert!(trusted.contains("connected"), "{trusted}");

    let foreign = connect(&[
        ("LANDFALL_TEST_KEY", "AKIATEST"),
        ("LANDFALL_TEST_CONNECT_TO", &endpoint),
    ]);
    assert!(foreign.contains("AWS could not be reached"), "{foreign}");

    for (bundle, why) in [
        (key.to_str().unwrap(), "It holds no PEM certificate."),
        ("/nonexistent/bundle.pem", "No such file or directory"),
    ] {
        let refused = connect(&[
            ("LANDFALL_TEST_KEY", "AKIATEST"),
            ("LANDFALL_TEST_CONNECT_TO", &endpoint),
            ("AWS_CA_BUNDLE", bundle),
        ]);
        assert!(
            refused.contains("the bundle of certificate authorities cannot be used"),
            "{refused}"
        );
        assert!(refused.contains(why), "{refused}");
    }
}

#[test]
fn without_credentials_one_is_told_how_to_get_some() {
    let told = connect(&[("LANDFALL_TEST_CONNECT_TO", "http://127.0.0.1:9")]);
    assert!(told.contains("AWS could not be reached"), "{told}");
    assert!(told.contains("help: Set AWS_PROFILE"), "{told}");
}

#[test]
fn a_profile_that_is_not_there_is_told_as_missing_credentials() {
    let variables = [
        ("LANDFALL_TEST_CONNECT_TO", "http://127.0.0.1:9"),
        ("AWS_PROFILE", "nowhere"),
    ];
    let told = connect(&variables);
    assert!(told.contains("help: Set AWS_PROFILE"), "{told}");
}

/// Nothing listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

#[test]
fn a_broken_bundle_of_authorities_is_named_and_breaks_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.pem");
    let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
    for (text, why) in [
        (format!("{begin}\nAAAA\n{end}\n"), "cannot be read"),
        (format!("{begin}\n!?*\n{end}\n"), "is broken"),
        (format!("{begin}\nAAAA\n"), "is broken"),
        (String::new(), "It holds no PEM certificate."),
        (
            format!("\u{feff}{begin}\nAAAA\n{end}\n"),
            "a byte order mark",
        ),
    ] {
        fs::write(&broken, &text).unwrap();
        let refused = connect(&[
            ("LANDFALL_TEST_KEY", "AKIATEST"),
            ("LANDFALL_TEST_CONNECT_TO", NOWHERE),
            ("AWS_CA_BUNDLE", broken.to_str().unwrap()),
        ]);
        let summary = "the bundle of certificate authorities cannot be used";
        assert!(
            refused.contains(summary) && refused.contains(why),
            "{refused}"
        );
    }
}

#[test]
fn every_way_to_credentials_trusts_the_authorities_of_the_bundle() {
    let server = Sts::start();
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = home.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.into_os_string().into_string().unwrap()
    };
    let config = format!(
        "[profile base]\n{KEYS}[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n\
         [profile sso]\nsso_start_url = {START}\nsso_region = eu-west-1\nsso_account_id = 123456789012\n\
         sso_role_name = r\n"
    );
    write(".aws/config", &config);
    let cache = hex::encode(Sha1::digest(START));
    let token = r#"{ "accessToken": "t", "expiresAt": "2099-01-01T00:00:00Z" }"#;
    write(&format!(".aws/sso/cache/{cache}.json"), token);
    let token = write("token", "of whoever runs this");
    let (endpoint, certificate) = (server.endpoint(), server.certificate());
    let container = format!("{endpoint}/keys");

    let role = ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r");
    let ways: [(&[(&str, &str)], &str); 6] = [
        (&[("LANDFALL_TEST_PROFILE", "role")], "AssumeRole AKIATEST"),
        (&[("AWS_PROFILE", "role")], "AssumeRole AKIATEST"),
        (
            &[("LANDFALL_TEST_PROFILE", "sso")],
            "GetRoleCredentials unsigned",
        ),
        (&[("AWS_PROFILE", "sso")], "GetRoleCredentials unsigned"),
        (
            &[role, ("AWS_WEB_IDENTITY_TOKEN_FILE", &token)],
            "AssumeRoleWithWebIdentity unsigned",
        ),
        (
            &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &container)],
            "Container unsigned",
        ),
    ];
    for (way, asked) in ways {
        let mut variables = vec![
            ("HOME", home.path().to_str().unwrap()),
            ("LANDFALL_TEST_CONNECT_TO", ""),
            ("AWS_ENDPOINT_URL", &endpoint),
            ("AWS_MAX_ATTEMPTS", "1"),
        ];
        variables.extend(way);
        let foreign = connect(&variables);
        assert!(!foreign.contains("connected"), "{way:?}: {foreign}");
        assert_eq!(server.asked(), "", "{way:?}");

        variables.push(("AWS_CA_BUNDLE", certificate.to_str().unwrap()));
        let trusted = connect(&variables);
        assert!(trusted.contains("connected"), "{way:?}: {trusted}");
        let all = format!("{asked}\nGetCallerIdentity AKIAGIVEN\n");
        assert_eq!(server.asked(), all, "{way:?}");
    }
}

/// Where a company's people log in.
const START: &str = "https://team.awsapps.com/start";

/// What is said with this text as `~/.aws/config`.
fn configured(config: &str, variables: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    fs::write(&file, config).unwrap();
    let mut all = vec![("AWS_CONFIG_FILE", file.to_str().unwrap())];
    all.extend(variables);
    if !variables
        .iter()
        .any(|(name, _)| *name == "LANDFALL_TEST_CONNECT_TO")
    {
        all.push(("LANDFALL_TEST_CONNECT_TO", NOWHERE));
    }
    connect(&all)
}

const KEYS: &str = "aws_access_key_id = AKIATEST\naws_secret_access_key = test\n";

#[test]
fn the_bundle_of_a_profile_is_the_one_that_is_used() {
    let config = format!("[profile team]\n{KEYS}ca_bundle = /nonexistent/team.pem\n");
    let told = configured(&config, &[("LANDFALL_TEST_PROFILE", "team")]);
    assert!(
        told.contains("/nonexistent/team.pem, which ca_bundle of the profile `team` names"),
        "{told}"
    );
}

#[test]
fn a_profile_that_wants_the_code_of_a_device_is_refused_with_what_to_do() {
    let config = format!(
        "[profile base]\n{KEYS}[profile team]\nrole_arn = arn:aws:iam::123456789012:role/team\n\
         source_profile = base\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n"
    );
    let told = configured(&config, &[("LANDFALL_TEST_PROFILE", "team")]);
    for part in [
        "the profile asks for the code of a device",
        "mfa_serial = arn:aws:iam::123456789012:mfa/me",
        "credential_process = aws configure export-credentials --profile team",
    ] {
        assert!(told.contains(part), "{told}");
    }
    // Keys that win over AWS_PROFILE need no code.
    let keys = [
        ("AWS_PROFILE", "team"),
        ("AWS_ACCESS_KEY_ID", "AKIATEST"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let told = configured(&config, &keys);
    assert!(told.contains("AWS could not be reached"), "{told}");
}

#[test]
fn a_declared_profile_that_is_not_there_is_not_replaced_by_keys_of_the_environment() {
    let keys = [
        ("LANDFALL_TEST_PROFILE", "team"),
        ("AWS_ACCESS_KEY_ID", "AKIATEST"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let told = configured(&format!("[profile other]\n{KEYS}"), &keys);
    assert!(told.contains("the declared profile is not there"), "{told}");
    assert!(told.contains("There are: other."), "{told}");
}

#[test]
fn a_variable_that_names_another_endpoint_than_the_declared_profile_is_refused() {
    let config = format!("[profile team]\n{KEYS}endpoint_url = http://127.0.0.1:8\n");
    let variables = [
        ("LANDFALL_TEST_PROFILE", "team"),
        ("AWS_ENDPOINT_URL", NOWHERE),
        ("LANDFALL_TEST_CONNECT_TO", ""),
    ];
    let told = configured(&config, &variables);
    assert!(
        told.contains("a variable speaks against the declared profile")
            && told.contains("Unset AWS_ENDPOINT_URL."),
        "{told}"
    );
}

#[test]
fn an_endpoint_without_a_scheme_is_told_in_words() {
    for variable in [
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_S3",
        "AWS_ENDPOINT_URL_STS",
    ] {
        let told = connect(&[
            ("LANDFALL_TEST_KEY", "AKIATEST"),
            ("LANDFALL_TEST_CONNECT_TO", ""),
            (variable, "localhost:4566"),
        ]);
        assert!(told.contains("the endpoint of AWS is no URL"), "{told}");
        assert!(
            told.contains("taking `localhost:4566` from AWS_ENDPOINT_URL"),
            "{told}"
        );
    }
}

#[test]
fn settings_that_cannot_be_read_are_named() {
    for (variable, value) in [
        ("AWS_MAX_ATTEMPTS", "0"),
        ("AWS_MAX_ATTEMPTS", "many"),
        ("AWS_RETRY_MODE", "legacy"),
    ] {
        let told = connect(&[
            ("LANDFALL_TEST_KEY", "AKIATEST"),
            ("LANDFALL_TEST_CONNECT_TO", NOWHERE),
            (variable, value),
        ]);
        assert!(told.contains(&format!("reading {variable}")), "{told}");
    }
    let config = format!("[profile team]\n{KEYS}max_attempts = 0\n");
    let told = configured(&config, &[("LANDFALL_TEST_PROFILE", "team")]);
    assert!(
        told.contains("max_attempts of the profile `team`"),
        "{told}"
    );
    let told = configured("[profile team\n", &[("LANDFALL_TEST_PROFILE", "team")]);
    assert!(
        told.contains("the files of AWS profiles cannot be read"),
        "{told}"
    );
}

#[test]
fn no_variable_of_whatever_content_breaks_the_program() {
    let odd: [&[u8]; 5] = [
        b"",
        b"\xff\xfe",
        b"a\nb: c",
        "\u{e9} \u{202e}".as_bytes(),
        b"://%%%[",
    ];
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_CONFIG_FILE",
        "AWS_ENDPOINT_URL",
        "AWS_MAX_ATTEMPTS",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "HTTP_PROXY",
        "NO_PROXY",
        "HOME",
    ] {
        for value in odd {
            let keys = ["AWS_CONTAINER", "AWS_EC2", "AWS_WEB", "AWS_PROFILE"]
                .iter()
                .all(|without| !name.starts_with(without));
            let mut variables: Vec<(&str, &OsStr)> = vec![
                ("LANDFALL_TEST_CONNECT_TO", "".as_ref()),
                ("AWS_ENDPOINT_URL", NOWHERE.as_ref()),
                ("AWS_EC2_METADATA_SERVICE_NUM_ATTEMPTS", "1".as_ref()),
                ("AWS_MAX_ATTEMPTS", "1".as_ref()),
            ];
            if keys {
                variables.push(("AWS_ACCESS_KEY_ID", "AKIATEST".as_ref()));
                variables.push(("AWS_SECRET_ACCESS_KEY", "test".as_ref()));
            } else {
                variables.push(("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r".as_ref()));
                variables.push(("AWS_EC2_METADATA_DISABLED", "false".as_ref()));
            }
            variables.push((name, OsStr::from_bytes(value)));
            let told = connect_with(variables.iter().map(|(name, value)| (name, *value)));
            assert!(told.contains("what:"), "{name}={value:?}: {told}");
        }
    }
}

#[tokio::test]
async fn an_emulator_of_ours_is_not_disturbed_by_what_is_set_for_aws() {
    let endpoint = emulator().await;
    let told = connect(&[
        ("LANDFALL_TEST_KEY", "123456789012"),
        ("LANDFALL_TEST_ALONE", "1"),
        ("LANDFALL_TEST_CONNECT_TO", &endpoint),
        ("AWS_PROFILE", "nowhere"),
        ("AWS_SESSION_TOKEN", "left-over"),
        ("AWS_CA_BUNDLE", "/nonexistent/bundle.pem"),
        ("AWS_MAX_ATTEMPTS", "many"),
        ("AWS_USE_FIPS_ENDPOINT", "true"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
        ("AWS_ENDPOINT_URL", NOWHERE),
        ("AWS_ENDPOINT_URL_STS", NOWHERE),
        ("HTTP_PROXY", NOWHERE),
        ("http_proxy", NOWHERE),
    ]);
    assert!(told.contains("connected"), "{told}");
}
