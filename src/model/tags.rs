//! The tag by which we know what is ours in AWS.

/// It names the environment: `project/environment`.
pub const ENVIRONMENT: &str = "landfall:environment";
