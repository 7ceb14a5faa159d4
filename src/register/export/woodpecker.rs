//! Secrets of a repository in Woodpecker CI.

use super::{
    format::Format,
    script::{Ci, script},
};

/// A script for `woodpecker-cli` (Woodpecker, "CLI", `repo secret`): a value that begins with `@` names the file that has
/// it, and the file of standard input has a name on every Unix.
pub const WOODPECKER: Format = Format {
    name: "woodpecker",
    about: "a script that sets secrets of a repository by `woodpecker-cli`, private keys included",
    file: "woodpecker.sh",
    program: true,
    render: |selection, folder| script(&CI, selection, folder),
    beside: &[],
};

const CI: Ci = Ci {
    head: "\
Sets secrets of a repository in Woodpecker, by `woodpecker-cli` of version 3.
WOODPECKER_SERVER and WOODPECKER_TOKEN say where and as whom; WOODPECKER_REPO is OWNER/REPOSITORY.
Woodpecker knows secrets alone, by names in lower case: `from_secret: web_ssh_user`. It knows no environments: those of
PLACE begin with this script's argument where it has one, `production_` for example.",
    needs: &["woodpecker-cli"],
    functions: r#"
if [ $# -eq 0 ]; then place=; fi
: "${WOODPECKER_REPO:?is not set}"
known=$(woodpecker-cli repo secret ls --repository "$WOODPECKER_REPO" --format '{{ .Name }}' </dev/null)

plain() {
    name=$(printf %s "$place$1" | tr '[:upper:]' '[:lower:]')
    verb=add
    if printf '%s\n' "$known" | grep -Fqx -- "$name"; then verb=update; fi
    woodpecker-cli repo secret "$verb" --repository "$WOODPECKER_REPO" --name "$name" --value @/dev/stdin
    echo "Set $name"
}

secret() {
    plain "$1"
}
"#,
    reserved: &[],
    lines: true,
    suffix: "",
};
