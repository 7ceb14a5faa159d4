//! The shapes of names, as patterns that both the schema and the check use.
//!
//! A pattern stands with the sentence that is shown when a text does not match it. Where a text may be rendered, any
//! text with `{{` in it passes here and is checked again by its consumer.

use std::sync::OnceLock;

use fancy_regex::Regex;
use schemars::{Schema, SchemaGenerator, json_schema};

use crate::model::Value;

/// What a name may be in a place that reaches an argument vector: nothing that could be read as an option.
pub const HOST: &str = "^[A-Za-z0-9][A-Za-z0-9._:-]*$";
/// Names of things in this file, and of the file itself.
pub const NAME: &str = "^[A-Za-z0-9][A-Za-z0-9._-]*$";

/// A pattern, and what is said of a text that does not match it.
pub struct Shape {
    pattern: &'static str,
    message: &'static str,
    /// The pattern, read once; none where it cannot be.
    regex: OnceLock<Option<Regex>>,
}

impl Shape {
    const fn new(pattern: &'static str, message: &'static str) -> Self {
        Self {
            pattern,
            message,
            regex: OnceLock::new(),
        }
    }

    /// What a text is not; none when it has the shape.
    pub fn refuses(&self, text: &str) -> Option<&'static str> {
        let regex = self.regex.get_or_init(|| Regex::new(self.pattern).ok());
        let fits = regex.as_ref();
        let fits = fits.is_some_and(|regex| regex.is_match(text).unwrap_or(false));
        (!fits).then_some(self.message)
    }
}

/// A text of this shape, with what is said of one that has another.
pub fn text(pattern: &str, message: &str) -> Schema {
    json_schema!({ "type": "string", "pattern": pattern, "patternErrorMessage": message })
}

/// The same for a key that may be absent.
pub fn optional(pattern: &str, message: &str) -> Schema {
    json_schema!({ "type": ["string", "null"], "pattern": pattern, "patternErrorMessage": message })
}

/// The same for a text that may hold `{{ … }}`.
fn rendered(pattern: &str, message: &str) -> Schema {
    text(&format!(r"(?:{pattern})|\{{\{{"), message)
}

/// A text that is used before anything is rendered.
pub fn early(_: &mut SchemaGenerator) -> Schema {
    text(
        r"^(?![\s\S]*\{[{%#])[\s\S]+$",
        "this is used before anything is rendered: a text that is not empty, without `{{`",
    )
}

/// The same for one that may be empty.
pub fn early_prefix(_: &mut SchemaGenerator) -> Schema {
    text(
        r"^(?![\s\S]*\{[{%#])",
        "this is used before anything is rendered: a text without `{{`",
    )
}

/// A list of texts that are used before anything is rendered.
pub fn all_early(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": early(generator) })
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
pub static PROJECT: Shape = Shape::new(
    "^[A-Za-z][A-Za-z0-9-]{0,39}$",
    "a project's name starts with a letter and goes on with letters, digits and `-`, 40 at the most",
);

/// A project's name.
pub fn project(_: &mut SchemaGenerator) -> Schema {
    text(PROJECT.pattern, PROJECT.message)
}

/// A host's name or address. That of IPv6 may have brackets, and a zone behind it (RFC 4007, section 11).
pub static ADDRESS: Shape = Shape::new(
    r"^(?:[A-Za-z0-9][A-Za-z0-9._:-]*|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9][A-Za-z0-9._-]*)?|\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9][A-Za-z0-9._-]*)?\])$",
    "a host is a name or an IP address: letters, digits, `.`, `_`, `:` and `-`, and no `-` in front; a zone stands behind an address of IPv6: `fe80::1%eth0`",
);

/// A host's name or address.
pub fn host(_: &mut SchemaGenerator) -> Schema {
    rendered(ADDRESS.pattern, ADDRESS.message)
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

/// Ports, each once.
pub fn ports(generator: &mut SchemaGenerator) -> Schema {
    let mut one = port(generator);
    one.remove("default");
    json_schema!({ "type": ["array", "null"], "items": one })
}

/// The names of a certificate, each once. A certificate for a name with a star is for each name it stands for.
pub fn domains(_: &mut SchemaGenerator) -> Schema {
    let name = text(DOMAIN.pattern, DOMAIN.message);
    json_schema!({ "type": "array", "items": name, "minItems": 1 })
}

/// A host's name as a certificate has it (RFC 1123, section 2.1), or one with a star as its first label.
static DOMAIN: Shape = Shape::new(
    r"^(?=.{1,253}$)(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$",
    "a host's name in lower case, without `https://`, port or path: review.example.org",
);

/// An AWS account.
pub static ACCOUNT: Shape = Shape::new("^[0-9]{12}$", "an AWS account is 12 digits");

/// An AWS account, which TOML would take for a number.
pub fn account(_: &mut SchemaGenerator) -> Schema {
    text(ACCOUNT.pattern, &format!("{}, in quotes", ACCOUNT.message))
}

/// An AWS region.
pub static REGION: Shape = Shape::new(
    "^[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}$",
    "a region looks like `eu-west-1`",
);

/// An AWS region.
pub fn region(_: &mut SchemaGenerator) -> Schema {
    text(REGION.pattern, REGION.message)
}

/// A bucket's name, by S3's own rules (Amazon S3 user guide, "General purpose bucket naming rules").
pub static BUCKET: Shape = Shape::new(
    r"^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)(?!.*\.\.)(?![0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    "a bucket's name has 3 to 63 small letters, digits, `.` and `-`, starts and ends with a letter or a digit, is no IP address, and none that S3 keeps for itself: `xn--…`, `sthree-…`, `amzn-s3-demo-…`, `…-s3alias`, `…--ol-s3`, `….mrap`, `…--x-s3`, `…--table-s3`",
);

/// A bucket of S3.
pub fn bucket(_: &mut SchemaGenerator) -> Schema {
    rendered(BUCKET.pattern, BUCKET.message)
}

/// A bucket whose name is needed before anything is rendered.
pub fn literal_bucket(_: &mut SchemaGenerator) -> Schema {
    text(BUCKET.pattern, BUCKET.message)
}

/// An IAM role's name (IAM API reference, `CreateRole`).
pub static ROLE: Shape = Shape::new(
    "^[A-Za-z0-9_+=,.@-]{1,64}$",
    "a role's name has at most 64 letters, digits and `_+=,.@-`",
);

/// An IAM role.
pub fn role(_: &mut SchemaGenerator) -> Schema {
    rendered(ROLE.pattern, ROLE.message)
}

/// A service that may assume a role.
pub fn service_principal(_: &mut SchemaGenerator) -> Schema {
    text(
        r"^[a-z0-9][a-z0-9.-]*\.amazonaws\.com(\.cn)?$",
        "a service is named as in `ec2.amazonaws.com`",
    )
}

/// A CloudFormation stack's name (CloudFormation API reference, `CreateStack`).
pub static STACK: Shape = Shape::new(
    "^[A-Za-z][A-Za-z0-9-]{0,127}$",
    "a stack's name starts with a letter and goes on with letters, digits and `-`, 128 at the most",
);

/// A CloudFormation stack.
pub fn stack(_: &mut SchemaGenerator) -> Schema {
    rendered(STACK.pattern, STACK.message)
}

/// A template or playbook: a name, or a path inside the project.
pub fn file_name(_: &mut SchemaGenerator) -> Schema {
    text(
        r"^(?!(.*/)?\.\.(/|$))[A-Za-z0-9_][A-Za-z0-9._/-]*$",
        "this is a name or a path inside the project, without `..` and `{{`",
    )
}

/// Playbooks, each once.
pub fn file_names(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": file_name(generator), "minItems": 1 })
}

/// The name of a task family, container, service or cluster of ECS (ECS API reference, `RegisterTaskDefinition`).
pub static ECS: Shape = Shape::new(
    "^[A-Za-z0-9_-]{1,255}$",
    "ECS takes letters, digits, `_` and `-`, 255 at the most",
);

/// A task family, service or cluster of ECS.
pub fn ecs(_: &mut SchemaGenerator) -> Schema {
    rendered(ECS.pattern, ECS.message)
}

/// A cluster of ECS, by its name or its ARN.
pub fn cluster(_: &mut SchemaGenerator) -> Schema {
    rendered(
        r"^(?:arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:cluster/)?[A-Za-z0-9_-]{1,255}$",
        "a cluster's name, of letters, digits, `_` and `-`, or its ARN",
    )
}

/// A service of ECS, by its name or its ARN, whose older form has no cluster (ECS developer guide, "Amazon Resource Names
/// (ARNs) and IDs").
pub fn service(_: &mut SchemaGenerator) -> Schema {
    rendered(
        r"^(?:arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:service/(?:[A-Za-z0-9_-]{1,255}/)?)?[A-Za-z0-9_-]{1,255}$",
        "a service's name, of letters, digits, `_` and `-`, or its ARN",
    )
}

/// The name of a container, which is a key and never rendered.
pub fn container() -> Value {
    text(ECS.pattern, ECS.message).to_value()
}

/// Services of ECS by names of the user's own.
pub fn services(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object", "additionalProperties": service(generator), "propertyNames": name() })
}

/// Names of images as deployments call them, which become parts of variables' names.
pub fn image_name() -> Value {
    let message = "a name of lower-case letters, digits, `_` and `-` that begins with a letter";
    text("^[a-z][a-z0-9_-]*$", message).to_value()
}

/// A repository of images without tag or digest, as the grammar of references has it (distribution/reference).
static REPOSITORY: Shape = Shape::new(
    concat!(
        r"^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?/)?",
        r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$"
    ),
    "a repository as `docker pull` takes it, in lower case, without tag or digest: docker.io/example/app",
);

/// Repositories of images by the names that deployments call them.
pub fn images(_: &mut SchemaGenerator) -> Schema {
    let repository = rendered(REPOSITORY.pattern, REPOSITORY.message);
    json_schema!({ "type": "object", "additionalProperties": repository, "propertyNames": image_name() })
}

/// The managers of a Swarm: one at least.
pub fn managers(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "string" }, "minItems": 1 })
}

/// Addresses of hosts by their names: IP addresses, or the names of interfaces.
pub fn addresses(_: &mut SchemaGenerator) -> Schema {
    let address = rendered(
        r"^[A-Za-z0-9:][A-Za-z0-9._:-]*$",
        "an IP address of the host, or the name of its interface, without a port",
    );
    json_schema!({ "type": "object", "additionalProperties": address, "propertyNames": name() })
}

/// Labels of nodes by the names of hosts. Docker reads a label up to its first `=`.
pub fn node_labels(_: &mut SchemaGenerator) -> Schema {
    let label = text(
        r"^(?!landfall\.)[A-Za-z0-9][A-Za-z0-9._/-]*$",
        "a label's name has letters, digits, `.`, `_`, `/` and `-`; those that begin with `landfall.` are landfall's own",
    )
    .to_value();
    let value = text(r"^[^\x00-\x1f]*$", "a label's value is one line");
    let labels =
        json_schema!({ "type": "object", "additionalProperties": value, "propertyNames": label });
    json_schema!({ "type": "object", "additionalProperties": labels, "propertyNames": name() })
}
