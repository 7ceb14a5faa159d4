//! Text that must come through rendering letter for letter.

/// A template that yields this text: CloudFormation's own `{{resolve:…}}` and a shell's `${#…}` are none of ours.
pub fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, opening) = rest.split_at(at);
        out.push_str(before);
        match ["{{", "{%", "{#"]
            .into_iter()
            .find(|open| opening.starts_with(open))
        {
            Some(open) => {
                out.push_str("{{ '");
                out.push_str(open);
                out.push_str("' }}");
                rest = &opening[open.len()..];
            }
            None => {
                out.push('{');
                rest = &opening[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::literal;
    use crate::model::playbook::Base;
    use crate::vars::{Renderer, Scope};

    #[test]
    fn what_looks_like_a_template_comes_through_unchanged() {
        for text in [
            "a: '{{resolve:ssm:/x:1}}'\nb: !Sub \"${A} ${!B}\"\n",
            "{{{% {# #} %}}}\n\n  trailing {",
            "{\"a\": {\"b\": [1]}}\n",
            "plain",
        ] {
            let renderer = Renderer::new(Base::Shipped);
            assert_eq!(renderer.text(&literal(text), &Scope::new()).unwrap(), text);
        }
    }
}
