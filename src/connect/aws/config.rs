//! Credentials, region, endpoint and TLS, as AWS's own tools take them from environment and profile.

use std::collections::BTreeMap;
use std::env;

use aws_config::{AppName, BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};

use super::{
    Patience, attempts, authorities, credentials::Sendable, endpoint, error, limits,
    profile::Profile, settings::Settings, sts,
};
use crate::model::iam::Caller;
use crate::model::{Class, Failure};

/// A client a service, and whom they speak for.
#[derive(Debug, Clone)]
pub struct Clients {
    /// CloudFormation.
    pub cloudformation: aws_sdk_cloudformation::Client,
    /// ECS.
    pub ecs: aws_sdk_ecs::Client,
    /// IAM.
    pub iam: aws_sdk_iam::Client,
    /// CloudWatch Logs.
    pub logs: aws_sdk_cloudwatchlogs::Client,
    /// S3.
    pub s3: aws_sdk_s3::Client,
    /// Systems Manager.
    pub ssm: aws_sdk_ssm::Client,
    /// The region.
    pub region: String,
    /// The endpoints that were named, by service; none where AWS's own answer.
    pub endpoints: BTreeMap<String, String>,
    /// Who the calls are made as.
    pub caller: Caller,
    /// How long to wait for AWS to agree with itself.
    pub patience: Patience,
}

/// Clients for these settings, once their account is known to be the right one.
pub(super) async fn connect(settings: Settings) -> Result<Clients, Failure> {
    let sdk = load(&settings).await?;
    let caller = sts::caller(&first_client(&sdk)).await;
    let caller = caller.map_err(|failure| {
        let endpoints = endpoint::named(&sdk);
        error::at(failure, &endpoints, "STS", &settings.region)
    })?;
    same_account(&settings, &caller)?;
    Ok(clients(&sdk, settings, caller))
}

/// Refuses what is wrong with profiles, certificates and variables on this machine; nothing is asked.
pub async fn check(settings: &Settings) -> Result<(), Failure> {
    load(settings).await.map(drop)
}

async fn load(settings: &Settings) -> Result<SdkConfig, Failure> {
    if let (true, Some(endpoint)) = (settings.alone, &settings.endpoint) {
        return alone(settings, endpoint);
    }
    let profile = Profile::read(settings).await?;
    profile.refuse()?;
    let http = authorities::trusting(&profile)?;
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new(settings.region.clone()))
        .retry_config(attempts::configured(&profile)?)
        .timeout_config(limits::times())
        .http_client(http.clone());
    if let Ok(name) = AppName::new("landfall") {
        loader = loader.app_name(name);
    }
    if let Some(name) = &settings.profile {
        loader = loader.profile_name(name);
    }
    if let Some(endpoint) = &settings.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    if let Some(credentials) = profile.credentials(&settings.region, http) {
        loader = loader.credentials_provider(credentials);
    }
    if let Some(credentials) = given(settings) {
        loader = loader.credentials_provider(credentials);
    }
    let sdk = loader.load().await;
    endpoint::check(&sdk)?;
    Ok(match sdk.credentials_provider() {
        Some(found) => {
            let sendable = SharedCredentialsProvider::new(Sendable(found));
            sdk.into_builder().credentials_provider(sendable).build()
        }
        None => sdk,
    })
}

/// For an emulator of ours: what the user has set for AWS itself (profile, proxy, endpoints of services, authorities)
/// must not disturb it, so that neither variables nor files are read.
fn alone(settings: &Settings, endpoint: &str) -> Result<SdkConfig, Failure> {
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(settings.region.clone()))
        .retry_config(attempts::default())
        .timeout_config(limits::times())
        .http_client(authorities::local()?)
        .endpoint_url(endpoint);
    config.set_credentials_provider(given(settings).map(SharedCredentialsProvider::new));
    let sdk = config.build();
    endpoint::check(&sdk)?;
    Ok(sdk)
}

fn given(settings: &Settings) -> Option<Credentials> {
    let (id, secret) = settings.credentials.as_ref()?;
    Some(Credentials::new(id, secret, None, None, "settings"))
}

/// The client of the first call: without network or credentials it shall say so soon.
fn first_client(sdk: &SdkConfig) -> aws_sdk_sts::Client {
    let few = RetryConfig::standard().with_max_attempts(3);
    let config = aws_sdk_sts::config::Builder::from(sdk)
        .retry_config(few)
        .timeout_config(limits::first_call());
    aws_sdk_sts::Client::from_conf(config.build())
}

fn same_account(settings: &Settings, caller: &Caller) -> Result<(), Failure> {
    match &settings.account {
        Some(account) if *account != caller.account => Err(Failure::new(
            "the credentials belong to another account",
            format!("connecting to account {account} in {}", settings.region),
        )
        .class(Class::Refused)
        .why(format!(
            "They are those of {} in account {}.",
            caller.arn, caller.account
        ))
        .left_behind("Nothing was changed.")
        .help(match (&settings.profile, env::var_os("AWS_ACCESS_KEY_ID")) {
            (Some(profile), _) => format!(
                "Let `profile` under `[aws]` name one of the environment's account; `{profile}` is of another."
            ),
            (None, Some(_)) => "AWS_ACCESS_KEY_ID is set, and wins over AWS_PROFILE: unset it, or declare `profile` under \
                                `[aws]`, which wins over both."
                .to_owned(),
            (None, None) => "Set AWS_PROFILE, or `profile` under `[aws]`, to credentials of the environment's account."
                .to_owned(),
        })),
        _ => Ok(()),
    }
}

fn clients(sdk: &SdkConfig, settings: Settings, caller: Caller) -> Clients {
    // Emulators and most S3 look-alikes answer on one name, not on one name a bucket.
    let path_style = endpoint::is_said_for_s3(sdk);
    let s3 = aws_sdk_s3::config::Builder::from(sdk)
        .force_path_style(path_style)
        .build();
    Clients {
        cloudformation: aws_sdk_cloudformation::Client::new(sdk),
        ecs: aws_sdk_ecs::Client::new(sdk),
        iam: aws_sdk_iam::Client::new(sdk),
        logs: aws_sdk_cloudwatchlogs::Client::new(sdk),
        s3: aws_sdk_s3::Client::from_conf(s3),
        ssm: aws_sdk_ssm::Client::new(sdk),
        region: settings.region,
        endpoints: endpoint::named(sdk),
        caller,
        patience: Patience::default(),
    }
}
