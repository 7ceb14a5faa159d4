//! The table of the kinds: where each says what holds for its things.

use super::{
    aws, certificate::Certificate, instance::Instance, key::Key, machine, nature::Nature,
    registration::Registration, swarm::Swarm,
};
use crate::model::Kind;

/// What holds for every thing of this kind.
pub fn nature(kind: Kind) -> &'static Nature {
    match kind {
        Kind::Key => &Key::NATURE,
        Kind::Certificate => &Certificate::NATURE,
        Kind::Role => &aws::Role::NATURE,
        Kind::Bucket => &aws::Bucket::NATURE,
        Kind::Object => &aws::Object::NATURE,
        Kind::Stack => &aws::Stack::NATURE,
        Kind::TaskDefinition => &aws::TaskDefinition::NATURE,
        Kind::Service => &aws::Service::NATURE,
        Kind::Job => &aws::Job::NATURE,
        Kind::Host => &machine::NATURE,
        Kind::Swarm => &Swarm::NATURE,
        Kind::Instance => &Instance::NATURE,
        Kind::Target => &Registration::NATURE,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::Map;

    fn same(kind: Kind, values: Value) -> Option<String> {
        let values: Map = serde_json::from_value(values).unwrap();
        nature(kind).name(&values).map(|name| name.same)
    }

    #[test]
    fn two_spellings_of_one_thing_are_one_name() {
        let short = same(Kind::Service, json!({ "cluster": "main", "name": "web" }));
        let arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/main";
        assert_eq!(
            same(Kind::Service, json!({ "cluster": arn, "name": "web" })),
            short
        );
        assert_eq!(short.as_deref(), Some("main/web"));
        assert_eq!(
            same(Kind::Role, json!({ "name": "Web" })),
            same(Kind::Role, json!({ "name": "web" }))
        );
        assert_eq!(
            same(Kind::Key, json!({ "file": "keys/./a/../ci" })).as_deref(),
            Some("keys/ci")
        );
        assert_ne!(
            same(Kind::Stack, json!({ "name": "Web" })),
            same(Kind::Stack, json!({ "name": "web" }))
        );
    }

    #[test]
    fn a_template_that_is_not_filled_in_yet_is_compared_whole() {
        let service =
            |cluster: &str| same(Kind::Service, json!({ "cluster": cluster, "name": "web" }));
        assert_ne!(
            service("{{ vars.a | default('x/main') }}"),
            service("{{ vars.b | default('x/main') }}")
        );
    }

    #[test]
    fn what_is_recorded_beside_the_values_is_an_attribute_of_the_kind() {
        use super::super::nature::Extra;
        for &kind in Kind::ALL {
            let nature = nature(kind);
            if let Extra::Attribute(name) = nature.recorded.extra {
                assert!(nature.attributes.contains(&name), "{kind:?}: {name}");
            }
            if let Some(open) = nature.open {
                assert!(nature.attributes.contains(&open), "{kind:?}: {open}");
            }
        }
    }
}
