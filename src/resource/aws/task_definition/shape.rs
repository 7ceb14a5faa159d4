//! The shapes of what a container is declared by, as patterns of the JSON Schema of environment files.
//!
//! A text with `{{` in it passes: what it is rendered to is ECS's to judge.

use schemars::{Schema, SchemaGenerator, json_schema};

/// An image (ECS API reference, `ContainerDefinition`; the `+` is of digests).
pub fn image(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": r"^[A-Za-z0-9][A-Za-z0-9._/:@#+-]*$|\{\{",
        "patternErrorMessage": "an image is named as in `nginx:1.29`: letters, digits and `._/:@-`",
    })
}

/// Ports from 1 to 65535; a host's port may be 0, which means any.
pub fn ports(_: &mut SchemaGenerator) -> Schema {
    let port =
        "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";
    json_schema!({ "type": "array", "items": {
        "type": "string",
        "pattern": format!(r"^((0|{port}):)?{port}(/(tcp|udp))?$|\{{\{{"),
        "patternErrorMessage": "a port is `80`, `8080:80` or `53/udp`, and 65535 at the most",
    } })
}
