//! An expression as the engine reads it.

use super::{
    Expr,
    expression::{Args, Step},
};

/// Writes an expression so that the engine evaluates it as Ansible would.
pub(super) fn emit(expr: &Expr) -> String {
    match expr {
        Expr::Name(name, _) => name.clone(),
        Expr::Literal(text) => text.clone(),
        Expr::Text(text) => quoted(text),
        Expr::List(items) | Expr::Tuple(items) => format!("[{}]", all(items)),
        Expr::Dict(pairs) => format!(
            "{{{}}}",
            pairs
                .iter()
                .map(|(key, value)| format!("{}: {}", emit(key), emit(value)))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        Expr::Path(root, steps, _) => {
            let mut out = format!("_get({}, {}", quoted(&spelled(root)), emit(root));
            for step in steps {
                out.push_str(", ");
                out.push_str(&match step {
                    Step::Name(name) => quoted(name),
                    Step::Item(item) => emit(item),
                });
            }
            out + ")"
        }
        Expr::Slice(of, bounds) => {
            let bounds: Vec<String> = bounds
                .iter()
                .map(|bound| bound.as_deref().map(emit).unwrap_or_default())
                .collect();
            let third = if bounds[2].is_empty() { "" } else { ":" };
            format!(
                "_list_or_text({})[{}:{}{third}{}]",
                emit(of),
                bounds[0],
                bounds[1],
                bounds[2]
            )
        }
        // What macros and look-ups give is paid for.
        Expr::Call(..) => format!("_made({})", called(expr)),
        Expr::Method(on, name, args) => match &**on {
            // Blocks of the template itself are no values.
            Expr::Name(root, _) => format!("{root}.{name}({})", arguments(args)),
            on => format!("({}).{name}({})", emit(on), arguments(args)),
        },
        Expr::Filter(on, name, args) => format!("({}|{name}({}))", emit(on), arguments(args)),
        Expr::Test(on, name, args, negated) => format!(
            "({} is {}{name}({}))",
            emit(on),
            if *negated { "not " } else { "" },
            arguments(args)
        ),
        Expr::Not(inner) => format!("(not {})", emit(inner)),
        Expr::Sign(sign, inner) => format!("({sign}{})", emit(inner)),
        Expr::Binary("+", left, right) => format!("_add({}, {})", emit(left), emit(right)),
        Expr::Binary("*", left, right) => format!("_times({}, {})", emit(left), emit(right)),
        Expr::Binary("%", left, right) => match &**right {
            Expr::Tuple(items) => format!("_format({}, {})", emit(left), all(items)),
            right => format!("_modulo({}, {})", emit(left), emit(right)),
        },
        Expr::Binary(sign, left, right) => format!("({} {sign} {})", emit(left), emit(right)),
        Expr::Concat(parts) => format!("_cat({})", all(parts)),
        Expr::Compare(first, rest) => {
            let mut out = format!("_compare({}", emit(first));
            for (sign, value) in rest {
                out.push_str(&format!(", {}, {}", quoted(sign), emit(value)));
            }
            out + ")"
        }
        Expr::If {
            then,
            condition,
            other,
        } => format!(
            "({} if {} else {})",
            emit(then),
            emit(condition),
            other
                .as_deref()
                .map_or_else(|| "_nothing()".to_owned(), emit)
        ),
    }
}

/// As [`emit`], with a call as the engine has it.
pub(super) fn called(expr: &Expr) -> String {
    match expr {
        Expr::Call(on, args) => format!("{}({})", emit(on), arguments(args)),
        other => emit(other),
    }
}

pub(super) fn arguments(args: &Args) -> String {
    let mut parts: Vec<String> = args.positional.iter().map(emit).collect();
    parts.extend(
        args.named
            .iter()
            .map(|(name, value)| format!("{name}={}", emit(value))),
    );
    parts.join(", ")
}

fn all(items: &[Expr]) -> String {
    items.iter().map(emit).collect::<Vec<_>>().join(", ")
}

/// How messages name the start of a path.
fn spelled(expr: &Expr) -> String {
    match expr {
        Expr::Name(name, _) => name.clone(),
        _ => "…".to_owned(),
    }
}

/// A text in quotes, in the escapes that the engine takes back.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
