//! A command that is run once on a host, in a container of what is deployed.

use super::answers::Service;
use super::compose::Compose;
use super::env_file::{self, NAME};
use super::project::Project;
use super::site::Site;
use crate::model::host::Command;
use crate::model::{Class, Failure, HostTarget};

/// The command that runs these words in a new container of a service, with the images that were deployed.
///
/// Without a service it is the only one that runs an image of the target's. Fails when that is none or more than one.
pub async fn one_off(
    site: &Site<'_>,
    host: &HostTarget,
    service: Option<&str>,
    words: &[String],
) -> Result<Command, Failure> {
    let doing = format!("running a command at `{}`", site.target.name);
    if host.swarm.is_some() {
        return Err(Failure::new("this target runs no commands yet", doing)
            .class(Class::Refused)
            .why("It is a stack of a Swarm; one-off commands run on hosts with compose so far.")
            .left_behind("Nothing was run.")
            .help("Run it in a container that is there: `docker exec` on the node that `docker service ps` names."));
    }
    let compose = Compose::of(host, &doing)?;
    let (dotenv, images) = (compose.beside(".env"), compose.beside(NAME));
    let (known, dotenv) = futures::try_join!(site.content(&images), site.is_file(&dotenv))?;
    let Some(known) = known else {
        return Err(Failure::new("nothing was deployed yet", doing)
            .why(format!("There is no {images} on the host."))
            .left_behind("Nothing was run.")
            .help(format!("Deploy first: `{}`", site.target.deploy_command())));
    };
    let project = Project::new(site, compose.dotenv(dotenv));
    let services = project.services(NAME).await?;
    let images = env_file::read(site.target, &known).into_values();
    let images: Vec<String> = images.collect();
    let name = named(&services, &images, service).map_err(|why| {
        Failure::new("it is not clear which service is meant", doing)
            .why(why)
            .left_behind("Nothing was run.")
            .help("Name one: --service NAME")
    })?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Ok(project.compose.run(NAME, name, &words))
}

/// The service that is meant, or why that is not clear.
fn named<'a>(
    services: &'a [Service],
    images: &[String],
    wanted: Option<&str>,
) -> Result<&'a str, String> {
    let names = |some: &[&Service]| {
        let names: Vec<&str> = some.iter().map(|one| one.name.as_str()).collect();
        names.join(", ")
    };
    if let Some(wanted) = wanted {
        let found = services.iter().find(|service| service.name == wanted);
        let all: Vec<&Service> = services.iter().collect();
        return found.map(|service| service.name.as_str()).ok_or_else(|| {
            format!(
                "There is no service `{wanted}`; there are: {}.",
                names(&all)
            )
        });
    }
    let ours = |service: &&Service| {
        service.is_kept_running()
            && service
                .image
                .as_ref()
                .is_some_and(|image| images.contains(image))
    };
    let found: Vec<&Service> = services.iter().filter(ours).collect();
    match found.as_slice() {
        [only] => Ok(&only.name),
        [] => Err("No service that is kept running runs an image that was deployed.".to_owned()),
        several => Err(format!(
            "Several run images that were deployed: {}.",
            names(several)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::deploy::answers::services;

    #[test]
    fn without_a_name_it_is_the_only_service_that_runs_what_was_deployed() {
        let config = |more: &str| {
            let config = format!(
                "{{\"services\": {{\"app\": {{\"image\": \"a:1\"}}, \"db\": {{\"image\": \"postgres:16\"}}, \
                 \"migrate\": {{\"image\": \"a:1\", \"profiles\": [\"before-deploy\"]}}{more}}}}}"
            );
            services(&config, &config).unwrap()
        };
        let images = ["a:1".to_owned()];
        let one = config("");
        assert_eq!(named(&one, &images, None), Ok("app"));
        assert_eq!(named(&one, &images, Some("db")), Ok("db"));
        assert!(named(&one, &images, Some("-v")).is_err());
        assert!(named(&one, &[], None).is_err());
        let two = config(", \"worker\": {\"image\": \"a:1\"}");
        assert!(
            named(&two, &images, None)
                .unwrap_err()
                .contains("app, worker")
        );
    }
}
