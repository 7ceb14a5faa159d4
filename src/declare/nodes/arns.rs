//! ARNs in the place of names. What is done with them is done in the environment's own account and region, by the name at
//! their end.

use super::draft::Draft;

/// Notes an ARN of another account or region. One that a template gives is known later.
pub fn check(draft: &mut Draft<'_>, text: &str, path: &[&str]) {
    let Some(aws) = draft.environment.aws.as_ref() else {
        return;
    };
    let mut parts = text.split(':');
    if parts.next() != Some("arn") || text.contains("{{") {
        return;
    }
    // arn:PARTITION:SERVICE:REGION:ACCOUNT:NAME
    let (Some(region), Some(account)) = (parts.nth(2), parts.next()) else {
        return;
    };
    let other = if region != aws.region {
        format!(
            "it is in `{region}`, and the environment in `{}`",
            aws.region
        )
    } else if let Some(own) = aws.account.as_ref().filter(|own| *own != account) {
        format!("it is of account {account}, and the environment of {own}")
    } else {
        return;
    };
    let help = "declare it in an environment of that account and region";
    draft.error("this ARN is from elsewhere", other, path, help);
}
