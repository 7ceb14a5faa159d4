//! Variables of GitLab CI: as a report of a job, and as a project's variables.

use std::path::Path;

use super::{
    env_file::on_one_line,
    format::Format,
    script::{Ci, script},
    selection::Selection,
    variables::variables,
};
use crate::model::Failure;

/// A dotenv report, `artifacts:reports:dotenv` (GitLab, "Pass dotenv variables to specific jobs"): a line a variable, no
/// quotes, no comments, no empty line. GitLab takes 5 KiB at most, and 20 to 150 variables by its edition, unless it was set
/// up otherwise: of many targets, one at a time.
pub const GITLAB: Format = Format {
    name: "gitlab",
    about: "plain variables as a dotenv report of a GitLab job",
    file: "gitlab.env",
    program: false,
    render: report,
    beside: &[],
};

/// A script for GitLab's `glab` (glab-variable-set(1), which cuts blanks off both ends of what it reads).
pub const GITLAB_VARIABLES: Format = Format {
    name: "gitlab_variables",
    about: "a script that sets variables of a GitLab project by `glab`, and private keys as protected ones",
    file: "gitlab.sh",
    program: true,
    render: |selection, folder| script(&CI, selection, folder),
    beside: &[],
};

const CI: Ci = Ci {
    head: "\
Sets variables of a GitLab project for the jobs of one environment.
Run it in the repository's folder, once `glab auth login` was done.
Its argument is the environment's name, if that is not to be PLACE.
Secrets are protected: only jobs of protected branches and tags get them. GitLab masks no value with line breaks.",
    needs: &["glab"],
    functions: r#"
# `glab variable update` cannot tell variables of one name in several environments apart; the others can.
put() {
    name=$1
    shift
    if glab variable get "$name" --scope "$place" >/dev/null 2>&1 </dev/null; then
        glab variable delete "$name" --scope "$place" </dev/null
    fi
    glab variable set "$name" --scope "$place" --raw "$@"
}

plain() {
    put "$1"
}

secret() {
    put "$1" --protected
}
"#,
    reserved: &[],
    lines: true,
    suffix: "",
};

fn report(selection: &Selection<'_>, _: Option<&Path>) -> Result<String, Failure> {
    let mut text = String::new();
    for one in variables(selection)? {
        let value = on_one_line(&one)?;
        if value.trim() != value {
            return Err(Failure::new(
                "a value cannot be exported",
                format!(
                    "`{}` begins or ends with a blank, which GitLab would cut off.",
                    one.name
                ),
            )
            .help("Export it as `dotenv`, `shell` or `json`."));
        }
        text.push_str(&format!("{}={value}\n", one.name));
    }
    Ok(text)
}
