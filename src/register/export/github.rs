//! Variables and secrets of a GitHub environment.

use super::{
    format::Format,
    script::{Ci, script},
};

/// A script for GitHub's `gh` (gh-variable-set(1), gh-secret-set(1), gh-api(1); both `set` cut line ends off).
pub const GITHUB: Format = Format {
    name: "github",
    about: "a script that sets variables of a GitHub environment by `gh`, and private keys as its secrets",
    file: "github.sh",
    program: true,
    render: |selection, folder| script(&CI, selection, folder),
    beside: &[],
};

const CI: Ci = Ci {
    head: "\
Sets the variables and secrets of an environment of a GitHub repository, and makes it where it is not there.
Run it in the repository's folder, or with GH_REPO=OWNER/REPOSITORY, once `gh auth login` was done.
Its argument is the environment's name, if that is not to be PLACE.",
    needs: &["gh"],
    functions: r#"
# An environment that is there keeps its rules.
gh api --silent "repos/{owner}/{repo}/environments/$place" 2>/dev/null ||
    gh api --silent --method PUT "repos/{owner}/{repo}/environments/$place"

plain() {
    gh variable set "$1" --env "$place"
}

secret() {
    gh secret set "$1" --env "$place"
}
"#,
    reserved: &["GITHUB_"],
    lines: true,
    suffix: "",
};
