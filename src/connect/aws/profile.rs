//! The profile: what the SDK takes of it, and what it would pass over without a word.

use std::{env, fmt};

use aws_config::profile::{self, ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_sts::config::SharedHttpClient;
use aws_types::os_shim_internal::{Env, Fs};

use super::{Settings, credentials::is_sendable};
use crate::model::{Class, Failure, causes};

/// The profile that is in force: the declared one, else that of `AWS_PROFILE`, else `default`.
pub(super) struct Profile {
    set: ProfileSet,
    declared: bool,
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the profile `{}`", self.set.selected_profile())
    }
}

impl Profile {
    /// Reads the files of profiles. Refuses a declared profile that is in none.
    pub(super) async fn read(settings: &Settings) -> Result<Self, Failure> {
        let declared = settings.profile.clone();
        let name = declared.clone().map(Into::into);
        let set = profile::load(&Fs::real(), &Env::real(), &Default::default(), name)
            .await
            .map_err(|error| {
                Failure::new(
                    "the files of AWS profiles cannot be read",
                    "reading the AWS configuration",
                )
                .why(causes(&error))
                .left_behind("Nothing was changed.")
                .help("Correct ~/.aws/config and ~/.aws/credentials, or what AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name.")
            })?;
        let read = Self {
            set,
            declared: declared.is_some(),
        };
        match declared {
            Some(name) if read.set.get_profile(&name).is_none() => Err(read.missing(&name)),
            _ => Ok(read),
        }
    }

    /// What stands in it under this key.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.set.get(key).filter(|value| !value.is_empty())
    }

    /// Credentials of the declared profile, and of nothing else: the SDK's own chain looks at `AWS_ACCESS_KEY_ID` and
    /// its like first, and a session left in a shell would choose the account. None when no profile is declared.
    pub(super) fn credentials(
        &self,
        region: &str,
        http: SharedHttpClient,
    ) -> Option<ProfileFileCredentialsProvider> {
        let name = self.declared.then(|| self.set.selected_profile())?;
        let config = ProviderConfig::without_region()
            .with_region(Some(Region::new(region.to_owned())))
            .with_behavior_version(Some(BehaviorVersion::v2026_01_12()))
            .with_http_client(http);
        let provider = ProfileFileCredentialsProvider::builder().configure(&config);
        Some(provider.profile_name(name).build())
    }

    /// Refuses what the SDK ignores and what speaks against the declared profile.
    pub(super) fn refuse(&self) -> Result<(), Failure> {
        self.can_be_taken()?;
        self.stands_alone()
    }

    /// Nobody asks for the code of a device here: the role would be taken on without it, or not at all.
    fn can_be_taken(&self) -> Result<(), Failure> {
        let keys = env::var_os("AWS_ACCESS_KEY_ID").is_some_and(|key| !key.is_empty());
        if keys && !self.declared {
            return Ok(());
        }
        let mut name = self.set.selected_profile();
        let mut passed = Vec::new();
        while let Some(profile) = self.set.get_profile(name) {
            passed.push(name);
            for key in ["aws_access_key_id", "aws_session_token"] {
                if !profile.get(key).is_none_or(is_sendable) {
                    return Err(unsendable(name, key));
                }
            }
            if let (Some(_), Some(serial)) = (profile.get("role_arn"), profile.get("mfa_serial")) {
                return Err(code_wanted(self.set.selected_profile(), name, serial));
            }
            match profile.get("source_profile") {
                // A ring is the SDK's to tell.
                Some(source) if !passed.contains(&source) => name = source,
                _ => break,
            }
        }
        Ok(())
    }

    /// A declared profile that says where AWS answers is not overruled by a variable.
    fn stands_alone(&self) -> Result<(), Failure> {
        let Some(ours) = self.get("endpoint_url").filter(|_| self.declared) else {
            return Ok(());
        };
        let other = env::vars_os().find(|(name, value)| {
            name.to_str()
                .is_some_and(|name| name.starts_with("AWS_ENDPOINT_URL"))
                && !value.is_empty()
                && value != ours
        });
        let Some((variable, _)) = other else {
            return Ok(());
        };
        Err(Failure::new(
            "a variable speaks against the declared profile",
            format!("connecting to AWS as {self}"),
        )
        .class(Class::Refused)
        .why(format!(
            "The profile has `endpoint_url = {ours}`, and {} names another place.",
            variable.display()
        ))
        .left_behind("Nothing was changed.")
        .help(format!("Unset {}.", variable.display())))
    }

    fn missing(&self, name: &str) -> Failure {
        let mut known: Vec<&str> = self.set.profiles().collect();
        known.sort_unstable();
        let known = if known.is_empty() {
            "There is none.".to_owned()
        } else {
            format!("There are: {}.", known.join(", "))
        };
        Failure::new(
            "the declared profile is not there",
            format!("looking for the profile `{name}` of the AWS configuration"),
        )
        .class(Class::Refused)
        .why(known)
        .left_behind("Nothing was changed.")
        .help(format!(
            "Make it (`aws configure --profile {name}`, `aws configure sso --profile {name}`), or correct `profile` under [aws]. \
             Variables such as AWS_ACCESS_KEY_ID do not stand in for a profile that is declared."
        ))
    }
}

/// The first call of a chain of roles is made by the SDK itself, which takes its key for one that can be sent.
fn unsendable(name: &str, key: &str) -> Failure {
    Failure::new(
        "a profile has credentials that are none",
        format!("taking credentials of the profile `{name}`"),
    )
    .why(format!("Its `{key}` has a character that none has."))
    .left_behind("Nothing was changed.")
    .help("Copy it anew; it has letters, digits and a few signs.")
}

fn code_wanted(selected: &str, name: &str, serial: &str) -> Failure {
    Failure::new(
        "the profile asks for the code of a device",
        format!("taking credentials of the profile `{selected}`"),
    )
    .class(Class::Refused)
    .why(format!(
        "`mfa_serial = {serial}` of the profile `{name}` wants a code that changes, and landfall asks for none."
    ))
    .left_behind("Nothing was changed.")
    .help(format!(
        "Let the AWS command line ask: `aws sts get-caller-identity --profile {selected}` asks for the code and keeps the \
         session; then use a profile with `credential_process = aws configure export-credentials --profile {selected}`."
    ))
}
