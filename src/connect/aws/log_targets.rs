//! The libraries whose log shows what must not be shown.

/// Libraries that write down whole requests at the level `trace`, headers and bodies, as byte strings, structures and
/// signed texts: a secret parameter and the credentials are in them in forms without number. Their `debug` has neither.
pub const TELL_BODIES: &[&str] = &[
    "aws_config",
    "aws_credential_types",
    "aws_runtime",
    "aws_sdk_cloudformation",
    "aws_sdk_cloudwatchlogs",
    "aws_sdk_ecs",
    "aws_sdk_iam",
    "aws_sdk_s3",
    "aws_sdk_sts",
    "aws_sigv4",
    "aws_smithy_checksums",
    "aws_smithy_http",
    "aws_smithy_http_client",
    "aws_smithy_json",
    "aws_smithy_query",
    "aws_smithy_runtime",
    "aws_smithy_runtime_api",
    "aws_smithy_types",
    "aws_smithy_xml",
    "h2",
    "hyper",
    "hyper_util",
    "rustls",
];
