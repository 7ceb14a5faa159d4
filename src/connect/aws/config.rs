//! Credentials, region, endpoint and TLS, as AWS's own tools take them from environment and profile.

use std::{env, fs};

use aws_config::{AppName, BehaviorVersion, ConfigLoader, Region, SdkConfig, retry::RetryConfig};
use aws_sdk_sts::config::{Credentials, SharedHttpClient};
use aws_smithy_http_client::{
    Builder, ConnectorBuilder,
    proxy::ProxyConfig,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};

use super::{Patience, sts};
use crate::model::iam::Caller;
use crate::model::{Class, Failure};

/// Where to connect, beside what the environment and the profile say.
#[derive(Clone, Default)]
pub struct Settings {
    /// The region.
    pub region: String,
    /// The only account that will do; any when absent.
    pub account: Option<String>,
    /// The profile; else that of `AWS_PROFILE`.
    pub profile: Option<String>,
    /// Where all services answer; else what `AWS_ENDPOINT_URL` and the like say.
    pub endpoint: Option<String>,
    /// An access key's id and secret; else what the credential chain finds.
    pub credentials: Option<(String, String)>,
}

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
    /// The region.
    pub region: String,
    /// Who the calls are made as.
    pub caller: Caller,
    /// How long to wait for AWS to agree with itself.
    pub patience: Patience,
}

/// Clients for these settings, once their account is known to be the right one.
pub(super) async fn connect(settings: Settings) -> Result<Clients, Failure> {
    let sdk = load(&settings).await?;
    let caller = sts::caller(&first_client(&sdk)).await?;
    same_account(&settings, &caller)?;
    Ok(clients(&sdk, settings, caller))
}

async fn load(settings: &Settings) -> Result<SdkConfig, Failure> {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new(settings.region.clone()));
    if let Ok(name) = AppName::new("landfall") {
        loader = loader.app_name(name);
    }
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(endpoint) = &settings.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    if let Some((id, secret)) = &settings.credentials {
        loader = loader.credentials_provider(Credentials::new(id, secret, None, None, "settings"));
    }
    if let Some(http) = own_authorities()? {
        loader = loader.http_client(http);
    }
    Ok(patient(loader).load().await)
}

/// IAM throttles whole accounts, so that three attempts, the SDK's default, are few. What the user says is kept.
fn patient(loader: ConfigLoader) -> ConfigLoader {
    let said = ["AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"];
    if said.iter().any(|name| env::var_os(name).is_some()) {
        loader
    } else {
        loader.retry_config(RetryConfig::standard().with_max_attempts(8))
    }
}

/// A client that trusts the authorities in the file that `AWS_CA_BUNDLE` names, which the SDK does not read by itself.
fn own_authorities() -> Result<Option<SharedHttpClient>, Failure> {
    let Some(path) = env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()) else {
        return Ok(None);
    };
    let failed = |why: String| {
        Failure::new(
            "the bundle of certificate authorities cannot be used",
            format!("reading AWS_CA_BUNDLE={}", path.display()),
        )
        .why(why)
        .help("Let AWS_CA_BUNDLE name a file of PEM certificates, or unset it.")
    };
    let pem = fs::read(&path).map_err(|error| failed(error.to_string()))?;
    if !String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") {
        return Err(failed("It holds no PEM certificate.".to_owned()));
    }
    let tls = TlsContext::builder()
        .with_trust_store(TrustStore::empty().with_pem_certificate(pem))
        .build()
        .map_err(|error| failed(error.to_string()))?;
    Ok(Some(Builder::new().build_with_connector_fn(
        move |settings, components| {
            let mut connector = ConnectorBuilder::default()
                .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
                .tls_context(tls.clone())
                .proxy_config(ProxyConfig::from_env());
            connector.set_connector_settings(settings.cloned());
            connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
            connector.build()
        },
    )))
}

/// The client of the first call: without network or credentials it shall say so soon.
fn first_client(sdk: &SdkConfig) -> aws_sdk_sts::Client {
    let few = RetryConfig::standard().with_max_attempts(3);
    let config = aws_sdk_sts::config::Builder::from(sdk).retry_config(few);
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
        .left("Nothing was changed.")
        .help("Set AWS_PROFILE, or `profile` under `[aws]`, to credentials of the environment's account.")),
        _ => Ok(()),
    }
}

fn clients(sdk: &SdkConfig, settings: Settings, caller: Caller) -> Clients {
    // Emulators and most S3 look-alikes answer on one name, not on one name a bucket.
    let path_style = sdk.endpoint_url().is_some() || env::var_os("AWS_ENDPOINT_URL_S3").is_some();
    let s3 = aws_sdk_s3::config::Builder::from(sdk)
        .force_path_style(path_style)
        .build();
    Clients {
        cloudformation: aws_sdk_cloudformation::Client::new(sdk),
        ecs: aws_sdk_ecs::Client::new(sdk),
        iam: aws_sdk_iam::Client::new(sdk),
        logs: aws_sdk_cloudwatchlogs::Client::new(sdk),
        s3: aws_sdk_s3::Client::from_conf(s3),
        region: settings.region,
        caller,
        patience: Patience::default(),
    }
}
