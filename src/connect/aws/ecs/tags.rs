//! Tags, between ECS's own form and ours.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::Tag;

/// Tags that ECS told, by their keys.
pub(super) fn tags_of(tags: Option<Vec<Tag>>) -> BTreeMap<String, String> {
    let tags = tags.unwrap_or_default().into_iter();
    tags.filter_map(|tag| Some((tag.key?, tag.value?)))
        .collect()
}

/// Tags as ECS takes them.
pub(super) fn sdk_tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    let tags = tags.iter();
    tags.map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}
