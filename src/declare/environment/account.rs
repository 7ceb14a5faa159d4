//! `[aws]` and `[backend]`: read before anything is rendered, so they hold no `{{ … }}`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::shape;

/// The AWS account and region of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Aws {
    /// The region.
    #[schemars(schema_with = "shape::region")]
    pub region: String,
    /// The account's 12 digits. Credentials of any other account are refused.
    #[serde(default)]
    #[schemars(schema_with = "shape::account")]
    pub account: Option<String>,
    /// The profile of `~/.aws/config`, whose credentials win over `AWS_ACCESS_KEY_ID`; the SDK's own choice when absent.
    #[serde(default)]
    #[schemars(schema_with = "shape::early")]
    pub profile: Option<String>,
}

/// Where targets, ledger, lock and journal are kept: a folder or an S3 bucket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backend {
    /// A folder, relative to the project's root.
    #[serde(default)]
    #[schemars(schema_with = "shape::early")]
    pub path: Option<String>,
    /// A bucket, for teams that work from more than one machine.
    #[serde(default)]
    #[schemars(schema_with = "shape::literal_bucket")]
    pub s3: Option<String>,
    /// What the keys in the bucket start with; the project's name when absent.
    #[serde(default)]
    #[schemars(schema_with = "shape::early_prefix")]
    pub prefix: Option<String>,
}
