//! `[certificates.NAME.acme]`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::shape;

/// How a certificate is ordered from an authority that speaks ACME (RFC 8555). The host orders it, and its key stays there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Acme {
    /// Where the authority writes to.
    #[schemars(schema_with = "email")]
    pub email: String,
    /// Whether you agree to the terms of the authority (those of Let's Encrypt stand at <https://letsencrypt.org/repository/>).
    /// Nothing is ordered otherwise.
    #[serde(default)]
    pub agree_terms: bool,
    /// The authority's directory; Let's Encrypt's where it is absent.
    #[serde(default)]
    #[schemars(schema_with = "directory")]
    pub directory: Option<String>,
    /// The directory where each order is tried before; Let's Encrypt's staging where `directory` is absent, else none.
    #[serde(default)]
    #[schemars(schema_with = "directory")]
    pub staging: Option<String>,
    /// How the host proves that the names are its own: `standalone` answers on port 80 while nothing else does; `webroot`
    /// puts files where the web server on port 80 finds them, and is `standalone` until there is one; `dns-route53`
    /// writes into a zone of Amazon Route 53.
    #[schemars(schema_with = "challenge")]
    pub challenge: String,
    /// With `webroot`: the directory on the host that the web server has as the root of `/.well-known/acme-challenge/`. It
    /// lies in folders that are root's alone where the files belong to the user of a rootless engine.
    #[serde(default)]
    #[schemars(schema_with = "place")]
    pub webroot: Option<String>,
    /// What orders: `package`, which is the distribution's certbot and brings Python, or `container`, which is an image
    /// of it.
    #[serde(default = "package")]
    #[schemars(schema_with = "client")]
    pub client: String,
    /// With `container`: the image, `docker.io/certbot/certbot:v4.0.0`.
    #[serde(default)]
    #[schemars(schema_with = "image")]
    pub image: Option<String>,
    /// Certificates of authorities, PEM, by which the directory itself is trusted beside the usual ones.
    pub ca: Option<String>,
    /// The name server by which the names are looked up before anything is ordered: an IP address, with or without a port.
    #[serde(default)]
    #[schemars(schema_with = "resolver")]
    pub resolver: Option<String>,
    /// The addresses that the names must lead to, where it is not that of the host: behind a router or a balancer.
    #[serde(default)]
    #[schemars(schema_with = "addresses")]
    pub addresses: Vec<String>,
    /// The names that the authority has in CAA records; `letsencrypt.org` where `directory` is absent.
    #[serde(default)]
    #[schemars(schema_with = "caa")]
    pub caa: Vec<String>,
    /// With `dns-route53`: the access key that may write into the zone; that of the instance where it is absent.
    pub access_key_id: Option<String>,
    /// With `dns-route53`: its secret, from a dotenv file: `{{ env.NAME }}`.
    pub secret_access_key: Option<String>,
}

/// The challenge that the DNS answers, and no web server.
pub const BY_DNS: &str = "dns-route53";

fn package() -> String {
    "package".to_owned()
}

fn challenge(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["standalone", "webroot", BY_DNS] })
}

fn client(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["package", "container"], "default": "package" })
}

fn email(_: &mut SchemaGenerator) -> Schema {
    shape::text(
        "^[A-Za-z0-9][A-Za-z0-9._+-]*@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+$",
        "an address of e-mail: ops@example.org",
    )
}

fn directory(_: &mut SchemaGenerator) -> Schema {
    shape::optional(
        "^https://[A-Za-z0-9\\[][A-Za-z0-9.:\\]/_~-]*$",
        "a directory of ACME is an address that begins with `https://`",
    )
}

fn place(_: &mut SchemaGenerator) -> Schema {
    shape::optional(
        "^/(?!(.*/)?\\.\\.(/|$))[A-Za-z0-9._/-]+$",
        "a directory on the host: an absolute path, without `..`, blanks and `{{`",
    )
}

fn image(_: &mut SchemaGenerator) -> Schema {
    shape::optional(
        "^[A-Za-z0-9][A-Za-z0-9._:/@-]*$",
        "an image as `docker run` takes it: docker.io/certbot/certbot:v4.0.0",
    )
}

fn resolver(_: &mut SchemaGenerator) -> Schema {
    shape::optional(
        "^(?:[0-9.]+|[0-9.]+:[0-9]{1,5}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*|\\[[0-9a-fA-F:.]+\\]:[0-9]{1,5})$",
        "a name server is an IP address, with or without a port: 192.0.2.53",
    )
}

fn addresses(_: &mut SchemaGenerator) -> Schema {
    let one = shape::text(
        "^(?:[0-9]+(?:\\.[0-9]+){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*)$",
        "an IP address",
    );
    json_schema!({ "type": "array", "items": one })
}

fn caa(_: &mut SchemaGenerator) -> Schema {
    let one = shape::text(
        "^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$",
        "the name of an authority, as in CAA records: letsencrypt.org",
    );
    json_schema!({ "type": "array", "items": one })
}
