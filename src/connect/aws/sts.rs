//! STS: who we are.

use aws_sdk_sts::Client;

use super::error::{failed, given};
use crate::model::Failure;
use crate::model::iam::Caller;

const WHAT: &str = "asking AWS who we are";

/// Whose credentials these are.
pub(super) async fn caller(client: &Client) -> Result<Caller, Failure> {
    let identity = client
        .get_caller_identity()
        .send()
        .await
        .map_err(failed("sts:GetCallerIdentity", WHAT))?;
    Ok(Caller {
        account: given(identity.account, "Account", WHAT)?,
        arn: given(identity.arn, "Arn", WHAT)?,
    })
}
