//! The file that `landfall init` writes, commented so that it explains itself.

use super::{document, environment::shape, schema};
use crate::model::{Diagnostic, Source};

/// What git must leave out: keys, local state, and the layer of secrets that belongs to one machine.
pub const GITIGNORE: &[&str] = &["/.landfall/", ".env.local"];

/// What a starting environment is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum For<'a> {
    /// An AWS account.
    Aws {
        /// Its region.
        region: &'a str,
        /// Its 12 digits.
        account: &'a str,
    },
    /// A host that is reached by SSH.
    Host {
        /// Its name or address.
        address: &'a str,
    },
}

/// What a project's name must be and this is not, as a sentence; none when it can be one.
pub fn refuses(project: &str) -> Option<&'static str> {
    shape::PROJECT.refuses(project)
}

/// The same of an AWS account.
pub fn refuses_account(account: &str) -> Option<&'static str> {
    shape::ACCOUNT.refuses(account)
}

/// The same of an AWS region.
pub fn refuses_region(region: &str) -> Option<&'static str> {
    shape::REGION.refuses(region)
}

/// The same of a host's name or address. One that is made from a template is known only when the environment is read.
pub fn refuses_address(address: &str) -> Option<&'static str> {
    shape::ADDRESS
        .refuses(address)
        .filter(|_| !address.contains("{{"))
}

/// A starting environment for these places, commented so that it explains itself.
///
/// Refuses a name, an address or an account of a wrong shape, shown in the text that they would have made.
///
/// What there is only one of in an account, or in the world, has the environment's name in its own: the next environment
/// of the project would have the same else.
pub fn environment(
    project: &str,
    name: &str,
    places: &[For<'_>],
) -> Result<String, Vec<Diagnostic>> {
    // A bucket's name has no upper case.
    let bucket = format!("{project}-{name}").to_lowercase();
    let mut text = fill(HEAD, &[("PROJECT", project), ("ENVIRONMENT", name)]);
    for place in places {
        text += &match place {
            For::Aws { region, account } => fill(
                AWS,
                &[
                    ("PROJECT", project),
                    ("ENVIRONMENT", name),
                    ("BUCKET", &bucket),
                    ("REGION", region),
                    ("ACCOUNT", account),
                ],
            ),
            For::Host { address } => fill(HOST, &[("PROJECT", project), ("ADDRESS", address)]),
        };
    }
    let source = Source::new("the new environment", text.as_str());
    let (tree, wrong) = document::parse(&source);
    let (shape, _) = schema::check(&tree, &source, &super::environment::schema());
    let mistakes = [wrong.grammar, wrong.numbers, shape].concat();
    if mistakes.is_empty() {
        Ok(text)
    } else {
        Err(mistakes)
    }
}

/// The lines of [`GITIGNORE`] that a `.gitignore` of this text does not have yet, as text to append.
pub fn gitignore(existing: &str) -> String {
    let mut added = String::new();
    for line in GITIGNORE {
        if !existing.lines().any(|old| old.trim() == *line) {
            if added.is_empty() && !existing.is_empty() && !existing.ends_with('\n') {
                added.push('\n');
            }
            added.push_str(line);
            added.push('\n');
        }
    }
    added
}

fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("<{name}>"), value)
    })
}

const HEAD: &str = r#"# An environment of Landfall. See what it would do:   landfall plan <ENVIRONMENT>
# Try it without an account and without a server:      landfall rehearse <ENVIRONMENT> --install
# Every key there is, for editors:                     landfall schema > landfall.schema.json
#
# Texts may hold {{ ... }}: {{ project }}, {{ vars.NAME }}, {{ env.NAME }} of the dotenv files,
# {{ secrets.bucket }}, {{ roles.NAME.arn }}, {{ stacks.NAME.outputs.OUTPUT }}, {{ keys.NAME.public }}.

project = "<PROJECT>"

# Where targets, ledger, lock and journal are kept. For a team:  s3 = "a-bucket"
[backend]
path = ".landfall"
"#;

const AWS: &str = r#"
[aws]
region = "<REGION>"
account = "<ACCOUNT>" # credentials of any other account are refused

# ECS registers containers at the load balancer by this role.
[roles.ecsServiceRole]
name = "<PROJECT>-<ENVIRONMENT>-ecs-service"
service = "ecs.amazonaws.com"
policies = ["service-role/AmazonEC2ContainerServiceRole"]

# The cluster's instances wear this one. They may read exactly the objects that are named here.
[roles.ecsInstanceRole]
name = "<PROJECT>-<ENVIRONMENT>-ecs-instance"
service = "ec2.amazonaws.com"
policies = ["service-role/AmazonEC2ContainerServiceforEC2Role"]
instance_profile = true
reads = ["ecs.config"]

# A bucket's name is unique in all of AWS: take one that nobody has and nobody guesses.
[secrets]
bucket = "<BUCKET>-secrets-<ACCOUNT>"
# env = [".env.base", ".env.local"]           # dotenv files, for {{ env.NAME }}; a later one wins

# The ECS agent's settings, made from what `docker login` stored on this machine.
[secrets.objects."ecs.config"]
registry = "https://index.docker.io/v1/"

# A template of your own in stacks/, else the one that comes with Landfall.
[stacks.cluster]
template = "ecs-cluster"

[stacks.cluster.parameters]
SecretsBucket = "{{ secrets.bucket }}"
InstanceProfile = "{{ roles.ecsInstanceRole.instance_profile }}"
ServiceRole = "{{ roles.ecsServiceRole.name }}"

# Where one may then deploy.
[targets.web]
cluster = "{{ stacks.cluster.outputs.ClusterName }}"
service = "{{ stacks.cluster.outputs.ServiceName }}"
task = "{{ stacks.cluster.outputs.TaskFamily }}"
"#;

const HOST: &str = r#"
# An SSH key pair, made where it is absent, under .landfall/keys/. Hand its private half to CI. Who holds it may run
# docker as root, which is as much as root: `deploy_profile` in docker-host.yml has other ways.
[keys.deploy]

# First show it your trust:  landfall host trust <ADDRESS>
[hosts.host-1]
address = "<ADDRESS>"
user = "root"
playbook = "docker-host"

[hosts.host-1.vars]
deploy_user = "deploy"
deploy_keys = ["{{ keys.deploy.public }}"]
app_dir = "/srv/<PROJECT>"

[targets.host-1]
host = "host-1"
key = "deploy"  # CI logs in by this pair; the target is tried with it before it is registered
ports = [80, 443]  # what shall answer from outside beside sshd: whatever else does is told as a fault
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declare::{Overrides, load};

    #[test]
    fn what_is_written_can_be_loaded() {
        let aws = For::Aws {
            region: "eu-west-1",
            account: "123456789012",
        };
        let host = For::Host {
            address: "203.0.113.7",
        };
        for places in [vec![aws.clone()], vec![host.clone()], vec![aws, host]] {
            let root = tempfile::tempdir().unwrap();
            std::fs::create_dir(root.path().join("environments")).unwrap();
            let text = environment("Review", "new", &places).unwrap();
            std::fs::write(root.path().join("environments/new.toml"), text).unwrap();
            let declared = load(root.path(), "new", &Overrides::default()).unwrap();
            assert!(declared.nodes.len() >= 3);
            assert!(declared.warnings.is_empty(), "{:?}", declared.warnings);
        }
    }

    #[test]
    fn an_address_that_could_be_an_option_is_refused() {
        let address = "-oProxyCommand=reboot";
        let mistakes = environment("review", "new", &[For::Host { address }]).unwrap_err();
        assert_eq!(mistakes[0].summary, "this value has another shape");
    }

    #[test]
    fn lines_that_git_ignores_already_are_not_added_again() {
        assert_eq!(gitignore("/target"), "\n/.landfall/\n.env.local\n");
        assert_eq!(gitignore(&gitignore("")), "");
    }
}
