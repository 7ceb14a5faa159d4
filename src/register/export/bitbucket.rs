//! Variables of a deployment environment of Bitbucket Pipelines.

use super::{
    format::Format,
    script::{Ci, script},
};

/// A script for the API (Bitbucket Cloud, "REST API", Pipelines, `deployments_config`), for there is no program of
/// Atlassian's. Pipelines take no line breaks: of a host's keys there is one, and private keys are in base64, as Bitbucket's
/// manual has it ("Use multiple SSH keys").
pub const BITBUCKET: Format = Format {
    name: "bitbucket",
    about: "a script that sets variables of a Bitbucket deployment environment through its API, and private keys as secured ones",
    file: "bitbucket.sh",
    program: true,
    render: |selection, folder| script(&CI, selection, folder),
    beside: &[],
};

const CI: Ci = Ci {
    head: "\
Sets variables of a deployment environment of a Bitbucket repository. It needs curl and jq.
BITBUCKET_TOKEN is an access token that may edit the repository's pipeline variables; BITBUCKET_REPOSITORY is
WORKSPACE/REPOSITORY. The environment is made by hand: Repository settings, Deployments.
Its argument is the environment's name, in any case of letters, if that is not PLACE.
Secured variables are in base64, since a variable has one line: `printf %s \"$PEM_FILE_CONTENT_BASE64\" | base64 -d`.",
    needs: &["curl", "jq"],
    functions: r#"
: "${BITBUCKET_TOKEN:?is not set}" "${BITBUCKET_REPOSITORY:?is not set}"
case $BITBUCKET_REPOSITORY in
*[!A-Za-z0-9._/-]*)
    echo "BITBUCKET_REPOSITORY is not WORKSPACE/REPOSITORY" >&2
    exit 1
    ;;
esac

# A request: METHOD PATH, its body as JSON by standard input. curl reads token and body from there as well.
request() {
    {
        printf 'header = '
        printf %s "$BITBUCKET_TOKEN" | jq -Rs '"Authorization: Bearer " + .'
        jq -rs '.[] | "data-raw = " + (tojson | tojson)'
    } | curl --config - --silent --show-error --fail --request "$1" --header 'Content-Type: application/json' \
        --url "${BITBUCKET_API:-https://api.bitbucket.org/2.0}/repositories/$BITBUCKET_REPOSITORY/$2"
}

# Whatever a list has, an object a line.
list() {
    page=1
    while [ -n "$page" ]; do
        answer=$(request GET "$1?pagelen=100&page=$page" </dev/null)
        printf %s "$answer" | jq -c '.values[]'
        next=$(printf %s "$answer" | jq -r '.next // empty')
        page=${next:+$((page + 1))}
    done
}

environments=$(list environments/)
environment=$(printf %s "$environments" |
    jq -r --arg name "$place" 'select((.name | ascii_downcase) == ($name | ascii_downcase)) | .uuid | @uri')
if [ -z "$environment" ]; then
    echo "there is no deployment environment $place: make it in Repository settings, Deployments" >&2
    exit 1
fi
variables=deployments_config/environments/$environment/variables
known=$(list "$variables")

# Its name, and its body as JSON by standard input.
put() {
    there=$(printf %s "$known" | jq -r --arg key "$1" 'select(.key == $key) | .uuid | @uri')
    if [ -n "$there" ]; then
        request PUT "$variables/$there" >/dev/null
    else
        request POST "$variables" >/dev/null
    fi
    echo "Set $1"
}

plain() {
    jq -Rs --arg key "$1" '{$key, value: ., secured: false}' | put "$1"
}

secret() {
    jq -Rs --arg key "$1" '{$key, value: @base64, secured: true}' | put "$1"
}
"#,
    reserved: &[],
    lines: false,
    suffix: "_BASE64",
};
