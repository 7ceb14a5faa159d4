//! What an environment file may hold. These types are the one source of truth: the JSON Schema is made from them,
//! the file is checked against that schema, and then read into them.

mod account;
mod acme;
mod certificates;
mod ecs;
mod hosts;
mod instances;
mod roles;
mod secrets;
pub mod shape;
mod stacks;
mod swarms;

use std::collections::BTreeMap;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::Deserialize;

pub use account::{Aws, Backend};
pub use acme::{Acme, BY_DNS};
pub use certificates::Certificate;
pub use ecs::{Job, Service, Task};
pub use hosts::{Host, Key, Target};
pub use instances::ContainerInstance;
pub use roles::{OneOrMany, Role};
pub use secrets::{SecretObject, Secrets};
pub use stacks::{ParameterValue, Stack};
pub use swarms::Swarm;

use crate::model::{Map, Value};

/// One environment of a project: what is to be made in AWS, which hosts are prepared, where one may then deploy.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// The project's name; part of every name that is made up.
    #[schemars(schema_with = "shape::project")]
    pub project: String,
    /// The AWS account and region. Needed as soon as anything in AWS is declared.
    pub aws: Option<Aws>,
    /// Where targets, ledger, lock and journal are kept; the folder `.landfall` by default.
    pub backend: Option<Backend>,
    /// SSH key pairs on the operator's machine, made where they are absent.
    #[serde(default)]
    #[schemars(extend("propertyNames" = shape::name()))]
    pub keys: BTreeMap<String, Key>,
    /// Certificates of hosts: the user's own, made for practice, or ordered by the host.
    #[serde(default)]
    #[schemars(extend("propertyNames" = shape::name()))]
    pub certificates: BTreeMap<String, Certificate>,
    /// IAM roles.
    #[serde(default)]
    #[schemars(extend("propertyNames" = shape::name()))]
    pub roles: BTreeMap<String, Role>,
    /// The secrets bucket, its objects, and the dotenv files.
    pub secrets: Option<Secrets>,
    /// CloudFormation stacks.
    #[serde(default)]
    #[schemars(extend("propertyNames" = shape::name()))]
    pub stacks: BTreeMap<String, Stack>,
    /// ECS task definitions.
    #[serde(default)]
    #[schemars(extend("propertyNames" = shape::name()))]
    pub tasks: BTreeMap<String, Task>,
    /// ECS services.
    #[serde(default)]
    #[schemars(extend("propertyNames" = shape::name()))]
    pub services: BTreeMap<String, Service>,
    /// ECS tasks that run once.
    #[serde(default)]
    #[schemars(extend("propertyNames" = shape::name()))]
    pub jobs: BTreeMap<String, Job>,
    /// Hosts that are reached by SSH.
    #[serde(default)]
    #[schemars(extend("propertyNames" = shape::name()))]
    pub hosts: BTreeMap<String, Host>,
    /// Docker Swarms of hosts that belong together.
    #[serde(default)]
    #[schemars(extend("propertyNames" = shape::name()))]
    pub swarms: BTreeMap<String, Swarm>,
    /// Hosts as container instances of ECS clusters.
    #[serde(default)]
    #[schemars(extend("propertyNames" = shape::name()))]
    pub container_instances: BTreeMap<String, ContainerInstance>,
    /// Where one may deploy once everything is there.
    #[serde(default)]
    #[schemars(extend("propertyNames" = shape::name()))]
    pub targets: BTreeMap<String, Target>,
    /// Variables of your own, for `{{ vars.NAME }}`.
    #[serde(default)]
    pub vars: Map,
}

/// The JSON Schema of an environment file, as `landfall schema` prints it.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Environment>();
    schema.insert("title".to_owned(), Value::from("A Landfall environment"));
    schema.to_value()
}
