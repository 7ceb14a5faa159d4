//! The secrets bucket and its objects.

use serde_json::json;

use super::{draft::Draft, files};
use crate::declare::environment::SecretObject;
use crate::model::{Address, Kind, Value};

/// Nodes for the bucket and for each object, which needs the bucket.
pub fn bucket_and_objects(draft: &mut Draft<'_>) {
    let Some(secrets) = &draft.environment.secrets else {
        return;
    };
    let Some(bucket) = &secrets.bucket else {
        if !secrets.objects.is_empty() && !draft.given.faults.touch(&["secrets", "bucket"]) {
            draft.error(
                "a key is missing",
                "objects need `bucket` in [secrets]",
                &["secrets", "objects"],
                "a bucket's name is unique in all of AWS; take one that is hard to guess",
            );
        }
        for (key, object) in &secrets.objects {
            source(draft, key, object);
        }
        return;
    };
    let values = json!({ "name": bucket, "adopt": secrets.adopt, "owner": draft.owner() });
    draft.resource(Address::bucket(), values, []);
    for (key, object) in &secrets.objects {
        if let Some(source) = source(draft, key, object) {
            let values = json!({
                "bucket": bucket,
                "key": key,
                "source": source,
                "replaces": secrets.adopt,
                "owner": draft.owner(),
            });
            draft.resource(Address::new(Kind::Object, key), values, [Address::bucket()]);
        }
    }
}

fn source(draft: &mut Draft<'_>, key: &str, object: &SecretObject) -> Option<Value> {
    let path = ["secrets", "objects", key];
    let at = |last: &'static str| [path[0], path[1], path[2], last];
    match (&object.file, &object.registry, &object.docker_config) {
        (Some(file), None, None) => {
            files::readable(draft, file, &at("file"));
            Some(json!({ "file": files::resolve(draft.given.root, file) }))
        }
        (None, Some(url), config) => {
            if let Some(config) = config {
                files::readable(draft, config, &at("docker_config"));
            }
            let config = config
                .as_ref()
                .map(|config| files::resolve(draft.given.root, config));
            Some(json!({ "registry": { "url": url, "docker_config": config } }))
        }
        _ if draft.given.faults.touch(&path) => None,
        _ => {
            draft.error(
                "an object has one source",
                format!("`{key}` comes from a file or from a registry's credentials"),
                &path,
                "give `file`, or `registry` and perhaps `docker_config`",
            );
            None
        }
    }
}
