//! The shapes of names, as patterns that both the schema and the check use.
//!
//! A pattern stands with the sentence that is shown when a text does not match it. Where a text may be rendered, any
//! text with `{{` in it passes here and is checked again by its consumer.

use schemars::{Schema, SchemaGenerator, json_schema};

use crate::model::Value;

/// What a name may be in a place that reaches an argument vector: nothing that could be read as an option.
pub const HOST: &str = "^[A-Za-z0-9][A-Za-z0-9._:-]*$";
/// Names of things in this file, and of the file itself.
pub const NAME: &str = "^[A-Za-z0-9][A-Za-z0-9._-]*$";

fn text(pattern: &str, message: &str) -> Schema {
    json_schema!({ "type": "string", "pattern": pattern, "patternErrorMessage": message })
}

/// The same for a text that may hold `{{ … }}`.
fn rendered(pattern: &str, message: &str) -> Schema {
    text(&format!(r"(?:{pattern})|\{{\{{"), message)
}

/// The names of things in this file.
pub fn name() -> Value {
    text(
        NAME,
        "a name starts with a letter or a digit and goes on with letters, digits, `.`, `_` and `-`",
    )
    .to_value()
}

/// A project's name: it becomes part of names in AWS, where stack names are the strictest.
pub fn project(_: &mut SchemaGenerator) -> Schema {
    text(
        "^[A-Za-z][A-Za-z0-9-]{0,39}$",
        "a project's name starts with a letter and goes on with letters, digits and `-`, 40 at the most",
    )
}

/// A host's name or address.
pub fn host(_: &mut SchemaGenerator) -> Schema {
    rendered(
        HOST,
        "a host is a name or an IP address: letters, digits, `.`, `_`, `:` and `-`, and no `-` in front",
    )
}

/// A user's name on a host.
pub fn user(_: &mut SchemaGenerator) -> Schema {
    rendered(
        HOST,
        "a user's name holds letters, digits, `.`, `_`, `:` and `-`, and no `-` in front",
    )
}

/// A port.
pub fn port(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 1, "maximum": 65535, "default": 22 })
}

/// An AWS account.
pub fn account(_: &mut SchemaGenerator) -> Schema {
    text("^[0-9]{12}$", "an AWS account is 12 digits, in quotes")
}

/// An AWS region.
pub fn region(_: &mut SchemaGenerator) -> Schema {
    text(
        "^[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}$",
        "a region looks like `eu-west-1`",
    )
}

/// A bucket of S3, by S3's own rules (Amazon S3 user guide, "General purpose bucket naming rules").
pub fn bucket(_: &mut SchemaGenerator) -> Schema {
    rendered(BUCKET, BUCKET_MESSAGE)
}

/// A bucket whose name is needed before anything is rendered.
pub fn literal_bucket(_: &mut SchemaGenerator) -> Schema {
    text(BUCKET, BUCKET_MESSAGE)
}

const BUCKET: &str =
    r"^(?!xn--)(?!.*\.\.)(?![0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$";
const BUCKET_MESSAGE: &str = "a bucket's name has 3 to 63 small letters, digits, `.` and `-`, starts and ends with a letter or a digit, and is no IP address";

/// An IAM role (IAM API reference, `CreateRole`).
pub fn role(_: &mut SchemaGenerator) -> Schema {
    rendered(
        "^[A-Za-z0-9_+=,.@-]{1,64}$",
        "a role's name has at most 64 letters, digits and `_+=,.@-`",
    )
}

/// A service that may assume a role.
pub fn service_principal(_: &mut SchemaGenerator) -> Schema {
    text(
        r"^[a-z0-9][a-z0-9.-]*\.amazonaws\.com(\.cn)?$",
        "a service is named as in `ec2.amazonaws.com`",
    )
}

/// A CloudFormation stack (CloudFormation API reference, `CreateStack`).
pub fn stack(_: &mut SchemaGenerator) -> Schema {
    rendered(
        "^[A-Za-z][A-Za-z0-9-]{0,127}$",
        "a stack's name starts with a letter and goes on with letters, digits and `-`, 128 at the most",
    )
}

/// A template or playbook: a name, or a path inside the project.
pub fn file_name(_: &mut SchemaGenerator) -> Schema {
    text(
        r"^[A-Za-z0-9_][A-Za-z0-9._/-]*$",
        "this is a name or a path inside the project, without `{{`",
    )
}

/// A task family, service or cluster of ECS (ECS API reference, `RegisterTaskDefinition`).
pub fn ecs(_: &mut SchemaGenerator) -> Schema {
    rendered(
        "^[A-Za-z0-9_-]{1,255}$",
        "ECS takes letters, digits, `_` and `-`, 255 at the most",
    )
}
