//! A connection to AWS from an environment of the test's own. That of a running program cannot be changed, so the test
//! binary runs one test of itself with another one.

use std::{
    env,
    ffi::OsStr,
    process::{Command, Output},
};

use landfall::connect::aws::{Aws, Settings};

/// Says on standard error whether it got through; `connect` reads that.
#[tokio::test]
#[ignore = "no test of its own: the tests of connecting run it, each with another environment"]
async fn from_this_environment() {
    let endpoint = env::var("LANDFALL_TEST_CONNECT_TO");
    let endpoint = endpoint.expect("`connect` runs this, with variables that say where to");
    let settings = Settings {
        region: "eu-west-1".to_owned(),
        endpoint: Some(endpoint).filter(|endpoint| !endpoint.is_empty()),
        credentials: env::var("LANDFALL_TEST_KEY")
            .ok()
            .map(|key| (key, "test".to_owned())),
        profile: env::var("LANDFALL_TEST_PROFILE").ok(),
        alone: env::var_os("LANDFALL_TEST_ALONE").is_some(),
        ..Settings::default()
    };
    match Aws::connect(settings).await {
        Ok(_) => eprintln!("connected"),
        Err(failure) => eprintln!("{failure}"),
    }
}

/// What is said of a connection with these variables and no others.
pub fn connect(variables: &[(&str, &str)]) -> String {
    let variables = variables.iter().map(|(name, value)| (name, value.as_ref()));
    connect_with(variables)
}

pub fn connect_with<'a>(variables: impl Iterator<Item = (&'a &'a str, &'a OsStr)>) -> String {
    let home = tempfile::tempdir().unwrap();
    let Output { stdout, stderr, .. } = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture"])
        .arg("support::connected::from_this_environment")
        .env_clear()
        .env("HOME", home.path())
        // Nobody but a machine of AWS's own has credentials to give there.
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(variables)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&stderr).into_owned();
    let told = String::from_utf8_lossy(&stdout);
    assert!(told.contains("test result: ok. 1 passed"), "{told}{said}");
    said
}
