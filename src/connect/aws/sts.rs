//! STS: who we are.

use aws_sdk_sts::Client;

use super::error::failed;
use crate::model::Failure;
use crate::model::iam::Caller;

/// Whose credentials these are.
pub(super) async fn caller(client: &Client) -> Result<Caller, Failure> {
    let identity = client
        .get_caller_identity()
        .send()
        .await
        .map_err(failed("sts:GetCallerIdentity", "asking AWS who we are"))?;
    Ok(Caller {
        account: identity.account.unwrap_or_default(),
        arn: identity.arn.unwrap_or_default(),
    })
}
