//! `landfall init`: a commented environment to start from.

use std::io::Write;
use std::path::Path;

use clap::{ArgGroup, Args};

use crate::cli::{CommandError, Context, Exit, show};
use crate::declare::{
    self,
    init::{self, For},
};
use crate::model::{Failure, shell_word};
use crate::reading;

/// What `init` takes.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("place").args(["aws", "host"]).required(true).multiple(true)))]
pub struct InitArgs {
    /// The environment's name
    #[arg(default_value = "production")]
    pub name: String,
    /// The project's name; that of its folder by default
    #[arg(long)]
    pub project: Option<String>,
    /// Declare an AWS account: roles, secrets, a cluster
    #[arg(long)]
    pub aws: bool,
    /// The account's twelve digits, as `aws sts get-caller-identity` shows them
    #[arg(
        long,
        value_name = "DIGITS",
        requires = "aws",
        required_if_eq("aws", "true")
    )]
    pub account: Option<String>,
    /// The region
    #[arg(long, requires = "aws", default_value = "eu-west-1")]
    pub region: String,
    /// Declare a host at this address
    #[arg(long, value_name = "ADDRESS")]
    pub host: Option<String>,
}

/// Writes `environments/NAME.toml` and the lines that git must ignore, in the project that the folder belongs to, else
/// in the folder itself. Never overwrites a file.
pub fn run(args: &InitArgs, context: &Context) -> Result<Exit, CommandError> {
    let folder = context.folder.canonicalize().map_err(|error| {
        Failure::new(
            "the folder cannot be used",
            format!("looking into {}", context.folder.display()),
        )
        .why(error)
    })?;
    // A project in a project would be the one that every other command finds from there.
    let here = folder.clone();
    let folder = declare::find_root(&folder).unwrap_or(folder);
    let project = match &args.project {
        Some(project) => project.clone(),
        None => folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
    };
    if let Some(why) = init::refuses(&project) {
        return Err(Failure::new(
            "this cannot be a project's name",
            format!("writing an environment of `{project}`"),
        )
        .why(format!("{why}."))
        .help("Name it: --project NAME")
        .into());
    }
    refuse_values(args)?;
    let mut places = Vec::new();
    if let Some(account) = &args.account {
        places.push(For::Aws {
            region: &args.region,
            account,
        });
    }
    if let Some(address) = &args.host {
        places.push(For::Host { address });
    }
    if args.name.is_empty()
        || !args
            .name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_' && !args.aws)
    {
        return Err(Failure::new(
            "this cannot be an environment's name",
            format!("writing `{}`", args.name),
        )
        .why(if args.aws {
            // CloudFormation takes no `_` in a stack's name.
            "A name has letters, digits and `-`: it becomes part of names in AWS."
        } else {
            "A name has letters, digits, `-` and `_`."
        })
        .into());
    }
    let text = init::environment(&project, &args.name, &places)?;
    let path = folder
        .join(declare::FOLDER)
        .join(format!("{}.toml", args.name));
    create(&path, &text)?;
    ignore(&folder)?;
    show::note(
        context,
        &format!(
            "Written: {}. Read it, then: `landfall check {}`",
            path.strip_prefix(&here).unwrap_or(&path).display(),
            args.name
        ),
    );
    Ok(Exit::Done)
}

/// Refuses values of another shape than the environment takes, by the option that each was given with.
fn refuse_values(args: &InitArgs) -> Result<(), Failure> {
    let account = args.account.as_ref().map(|account| {
        let help = "`aws sts get-caller-identity` shows it.";
        ("account", account, init::refuses_account(account), help)
    });
    let region = {
        let help = "`aws configure get region` shows yours.";
        let refused = init::refuses_region(&args.region);
        ("region", &args.region, refused, help)
    };
    let address = args.host.as_ref().map(|address| {
        let help = "Give it as ssh takes it, without user and port.";
        ("host", address, init::refuses_address(address), help)
    });
    for (option, value, refused, help) in [account, Some(region), address].into_iter().flatten() {
        if let Some(why) = refused {
            let what = format!("reading `--{option} {}`", shell_word(value));
            return Err(Failure::new("an option has a wrong value", what)
                .why(format!("{why}."))
                .left_behind("Nothing was written.")
                .help(help));
        }
    }
    Ok(())
}

fn create(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        let failure = Failure::new(
            "the environment cannot be written",
            format!("writing {}", path.display()),
        )
        .why(&error);
        match error.kind() {
            std::io::ErrorKind::AlreadyExists => failure
                .left_behind("The file is as it was.")
                .help("Give the new environment another name, or change this one."),
            _ => failure,
        }
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = std::fs::File::create_new(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

fn ignore(folder: &Path) -> Result<(), Failure> {
    let path = folder.join(".gitignore");
    let failed = |error: std::io::Error| {
        Failure::new(
            "git cannot be told what to ignore",
            format!("writing {}", path.display()),
        )
        .why(error)
        .left_behind("The environment was written.")
        .help(format!(
            "Add these lines by hand: {}",
            init::GITIGNORE.join(" ")
        ))
    };
    let existing = match reading::text(&path, reading::WRITTEN) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.map_err(failed)?,
    };
    let added = init::gitignore(&existing);
    if added.is_empty() {
        return Ok(());
    }
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(failed)?;
    file.write_all(added.as_bytes()).map_err(failed)
}
