//! Variables of a CircleCI context.

use super::{
    format::Format,
    script::{Ci, script},
};

/// A script for the API (CircleCI, "API v2 Reference", Context).
///
/// CircleCI's own program has read values from standard input in its versions before 1 alone; since then it takes them as an
/// argument, where others could read them.
pub const CIRCLECI: Format = Format {
    name: "circleci",
    about: "a script that fills a context of CircleCI through its API, private keys included",
    file: "circleci.sh",
    program: true,
    render: |selection, folder| script(&CI, selection, folder),
    beside: &[],
};

const CI: Ci = Ci {
    head: "\
Fills a context of CircleCI, and makes it where it is not there. It needs curl and jq.
CIRCLE_TOKEN is a personal API token; CIRCLE_ORG is the organization's slug, gh/example or circleci/ID.
Its argument is the context's name, if that is not to be PLACE.
CircleCI keeps every value of a context as a secret.",
    needs: &["curl", "jq"],
    functions: r#"
: "${CIRCLE_TOKEN:?is not set}" "${CIRCLE_ORG:?is not set}"
case $CIRCLE_ORG in
*[!A-Za-z0-9._/-]*)
    echo "CIRCLE_ORG is no slug of an organization" >&2
    exit 1
    ;;
esac

# A request: METHOD PATH, its body as JSON by standard input. curl reads token and body from there as well.
request() {
    {
        printf 'header = '
        printf %s "$CIRCLE_TOKEN" | jq -Rs '"Circle-Token: " + .'
        jq -rs '.[] | "data-raw = " + (tojson | tojson)'
    } | curl --config - --silent --show-error --fail --request "$1" --header 'Content-Type: application/json' \
        --url "${CIRCLE_HOST:-https://circleci.com}/api/v2/$2"
}

context=
page=
while :; do
    answer=$(request GET "context?owner-slug=$CIRCLE_ORG${page:+&page-token=$page}" </dev/null)
    context=$(printf %s "$answer" | jq -r --arg name "$place" '.items[] | select(.name == $name) | .id')
    page=$(printf %s "$answer" | jq -r '.next_page_token // empty')
    if [ -n "$context" ] || [ -z "$page" ]; then break; fi
done
if [ -z "$context" ]; then
    answer=$(jq -n --arg name "$place" --arg slug "$CIRCLE_ORG" '{$name, owner: {$slug, type: "organization"}}' |
        request POST context)
    context=$(printf %s "$answer" | jq -er .id)
fi

plain() {
    jq -Rs '{value: .}' | request PUT "context/$context/environment-variable/$1" >/dev/null
    echo "Set $1"
}

secret() {
    plain "$1"
}
"#,
    reserved: &[],
    lines: true,
    suffix: "",
};
