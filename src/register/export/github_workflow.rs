//! A workflow of GitHub Actions that deploys with what the form `github` has set.

use std::path::Path;

use serde_json::json;

use super::{
    format::Format,
    record::upper,
    script::allowed_among,
    selection::Selection,
    variables::{named, variables},
};
use crate::model::{EcsTarget, Failure, HostTarget, Profile, Target, TargetKind};

/// A file of `.github/workflows` (GitHub, "Workflow syntax for GitHub Actions"): a job a target, on demand.
pub const GITHUB_WORKFLOW: Format = Format {
    name: "github_workflow",
    about: "a workflow of GitHub Actions that deploys with what `github` has set",
    file: "deploy.yml",
    program: false,
    render,
    beside: &[],
};

fn render(selection: &Selection<'_>, _: Option<&Path>) -> Result<String, Failure> {
    let place = selection.place()?;
    // Of targets whose variables cannot be told apart, the jobs could not be either.
    variables(selection)?;
    let mut text = format!(
        "# Deploys with the variables and secrets that the form `github` sets in the environment {place}.\n\
         # Plain is what comes from `vars`; secret is what comes from `secrets`.\n\
         # Whatever images the compose file on a host (by images.env beside it, where a deployment of Landfall has chosen them) or a\n\
         # service's task definition names are pulled anew.\n\
         name: {}\non:\n  workflow_dispatch:\npermissions:\n  contents: read\njobs:\n",
        json!(format!("Deploy to {place}"))
    );
    for target in selection.targets {
        let job = upper(&target.name).to_ascii_lowercase();
        text.push_str(&format!(
            "  deploy_{job}:\n    runs-on: ubuntu-latest\n    environment: {}\n    concurrency: {}\n",
            json!(place),
            json!(format!("deploy-{place}-{job}")),
        ));
        text.push_str(&match &target.kind {
            TargetKind::Ecs(ecs) => service(selection, target, ecs)?,
            TargetKind::Host(host) => self::host(selection, target, host)?,
        });
    }
    Ok(text)
}

/// With a role, GitHub's token is what logs in, and no key is kept anywhere.
fn service(selection: &Selection<'_>, target: &Target, ecs: &EcsTarget) -> Result<String, Failure> {
    let login = match ecs.role {
        Some(_) => format!(
            "          role-to-assume: {}\n",
            vars(selection, target, "AWS_ROLE_ARN")?
        ),
        None => "          # This target has no role: keys of a user who may deploy, set by hand.\n          \
                 aws-access-key-id: ${{ secrets.AWS_ACCESS_KEY_ID }}\n          \
                 aws-secret-access-key: ${{ secrets.AWS_SECRET_ACCESS_KEY }}\n"
            .to_owned(),
    };
    let permissions = match ecs.role {
        Some(_) => "    permissions:\n      contents: read\n      id-token: write\n",
        None => "",
    };
    let mut names = vec!["ECS_SERVICE".to_owned()];
    let further = ecs.services.keys();
    names.extend(further.map(|name| format!("ECS_{}_SERVICE", upper(name))));
    let words: Vec<String> = names.iter().map(|name| format!("\"${name}\"")).collect();
    names.insert(0, "ECS_CLUSTER".to_owned());
    Ok([
        permissions,
        "    steps:\n      - uses: aws-actions/configure-aws-credentials@v5\n        with:\n",
        &login,
        &format!(
            "          aws-region: {}\n",
            vars(selection, target, "AWS_REGION")?
        ),
        "      - name: Deploy\n        env:\n",
        &environment(selection, target, &names)?,
        "        run: |\n",
        &SERVICES.replace("WORDS", &words.join(" ")),
    ]
    .concat())
}

const SERVICES: &str = r#"          for service in WORDS; do
            aws ecs update-service --cluster "$ECS_CLUSTER" --service "$service" --force-new-deployment \
              --query service.serviceArn --output text
          done
          for service in WORDS; do
            aws ecs wait services-stable --cluster "$ECS_CLUSTER" --services "$service"
          done
"#;

fn host(selection: &Selection<'_>, target: &Target, host: &HostTarget) -> Result<String, Failure> {
    if host.swarm.is_some() {
        return Err(Failure::new(
            "a workflow cannot be written",
            format!("`{}` is deployed as a stack of a Swarm.", target.name),
        )
        .why("`docker stack deploy` reads a file that landfall makes of the compose file; `docker compose up` would start it beside the Swarm.")
        .help(format!(
            "Let a job run `{}`, or leave this target out; `github` sets its variables, DEPLOY_SWARM among them.",
            target.deploy_command()
        )));
    }
    let docker = docker(target, host)?;
    if host.project.is_none() {
        return Err(Failure::new(
            "a workflow cannot be written",
            format!("The record of `{}` names no compose project that could be deployed.", target.name),
        )
        .help("Let the host's playbook say which: `compose_project`, its name, and `compose_file`, the file's path on the host."));
    }
    let names = [
        "DEST_HOST_ADDR",
        "DEST_HOST_PORT",
        "SSH_USER",
        "SSH_KNOWN_HOSTS",
        "COMPOSE_PROJECT_NAME",
        "COMPOSE_FILE",
    ]
    .map(str::to_owned);
    let key = named(selection, target, "PEM_FILE_CONTENT");
    Ok([
        "    steps:\n      - name: Deploy\n        env:\n",
        &environment(selection, target, &names)?,
        &format!("          PEM_FILE_CONTENT: ${{{{ secrets.{key} }}}}\n        run: |\n"),
        &COMPOSE.replace("DOCKER", docker),
    ]
    .concat())
}

// The shell of a step is bash, whose `@Q` quotes a value for the shell on the other side.
const COMPOSE: &str = r#"          umask 077
          folder=$(mktemp -d)
          trap 'rm -rf "$folder"' EXIT
          # GitHub cuts off the line end, without which ssh reads no key.
          printf '%s\n' "$PEM_FILE_CONTENT" >"$folder/key"
          printf '%s\n' "$SSH_KNOWN_HOSTS" >"$folder/known_hosts"
          on_host() {
            ssh -n -i "$folder/key" -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes \
              -o UserKnownHostsFile="$folder/known_hosts" -p "$DEST_HOST_PORT" "$SSH_USER@$DEST_HOST_ADDR" "$1"
          }
          # With another file of variables named, compose does not read `.env` of itself.
          beside=${COMPOSE_FILE%/*}
          files="set --; for file in ${beside@Q}/.env ${beside@Q}/images.env; do"
          files="$files if [ -e \"\$file\" ]; then set -- \"\$@\" --env-file \"\$file\"; fi; done"
          compose="DOCKER compose --project-name ${COMPOSE_PROJECT_NAME@Q} --file ${COMPOSE_FILE@Q} \"\$@\""
          on_host "$files; $compose pull --quiet"
          on_host "$files; $compose up --detach --remove-orphans --wait"
"#;

/// How the deploy user runs docker. Refuses a key that may only run the command of its own.
fn docker(target: &Target, host: &HostTarget) -> Result<&'static str, Failure> {
    match host.profile {
        Some(Profile::SudoDocker) => Ok("sudo docker"),
        Some(Profile::DockerGroup | Profile::Rootless) => Ok("docker"),
        Some(Profile::ForcedCommand) => Err(Failure::new(
            "a workflow cannot be written",
            format!(
                "The key of `{}` may run one command of its own, and not `docker compose`.",
                target.name
            ),
        )
        .help(format!(
            "Let a job run `{}`, or leave this target out.",
            target.deploy_command()
        ))),
        None if host.sudo.iter().any(|rule| rule.contains("docker")) => Ok("sudo docker"),
        None => Ok("docker"),
    }
}

/// Variables of a step under their names without a target's, a line each.
fn environment(
    selection: &Selection<'_>,
    target: &Target,
    names: &[String],
) -> Result<String, Failure> {
    let line = |name: &String| {
        let value = vars(selection, target, name)?;
        Ok(format!("          {name}: {value}\n"))
    };
    names.iter().map(line).collect()
}

/// The expression that becomes a variable's value.
fn vars(selection: &Selection<'_>, target: &Target, name: &str) -> Result<String, Failure> {
    let name = named(selection, target, name);
    allowed_among(&["GITHUB_"], &name)?;
    Ok(format!("${{{{ vars.{name} }}}}"))
}
