//! A role that was just made: IAM's changes reach ECS within seconds, and until then it takes the role for a wrong one.

use aws_sdk_ecs::error::{ProvideErrorMetadata, SdkError};

/// What ECS says then. It has no code of its own for it; that of its service-linked role comes with the first service of an
/// account, which makes that role.
const SAID: &[&str] = &[
    "role is not valid",
    "unable to assume role",
    "unable to assume the role",
    "unable to assume the service linked role",
];

/// Whether an error may be one of a role that is not known everywhere yet. One that is wrong is refused in the same words,
/// so that it is told only when patience ends.
pub(super) fn role_is_new<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    let coded = matches!(
        error.code(),
        Some("ClientException" | "InvalidParameterException")
    );
    let said = error.message().unwrap_or_default().to_lowercase();
    coded && SAID.iter().any(|words| said.contains(words))
}
