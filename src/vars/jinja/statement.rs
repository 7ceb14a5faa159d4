//! `{% … %}`: each statement keeps its shape, its expressions are translated.

use super::{
    Escapes,
    emit::{arguments, called, emit},
    parse::{Parser, Use},
};

/// Writes a statement as the engine reads it, and notes what it names; refuses those that Ansible does not have.
pub(super) fn translate(
    text: &str,
    escapes: Escapes,
    uses: &mut Vec<Use>,
) -> Result<String, String> {
    let text = text.trim();
    let (tag, rest) = match text.find(|c: char| !c.is_alphanumeric() && c != '_') {
        Some(at) => (&text[..at], text[at..].trim()),
        None => (text, ""),
    };
    let mut parser = Parser::new(rest, escapes)?;
    let out = match tag {
        "if" | "elif" => format!("{tag} {}", emit(&parser.expression_or_tuple()?)),
        "for" => repeat(&mut parser)?,
        "set" => assign(&mut parser)?,
        "macro" => {
            let name = parser.identifier()?;
            format!("macro {name}({})", parameters(&mut parser)?)
        }
        "call" => call(&mut parser)?,
        "filter" => format!("filter {}", chain(&mut parser)?),
        "include" => {
            let what = emit(&parser.expression()?);
            let missing = parser.word("ignore") && parser.word("missing");
            context(&mut parser);
            let missing = if missing { " ignore missing" } else { "" };
            format!("include {what}{missing}")
        }
        "import" => {
            let what = emit(&parser.expression()?);
            if !parser.word("as") {
                return Err("`import` needs `as NAME`".to_owned());
            }
            let name = parser.identifier()?;
            context(&mut parser);
            format!("import {what} as {name}")
        }
        "from" => from(&mut parser)?,
        "extends" => format!("extends {}", emit(&parser.expression()?)),
        "with" => with(&mut parser)?,
        "autoescape" => format!("autoescape {}", emit(&parser.expression()?)),
        "block" => {
            let name = parser.identifier()?;
            let _ = parser.word("scoped") || parser.word("required");
            format!("block {name}")
        }
        "else" | "endif" | "endfor" | "endset" | "endmacro" | "endcall" | "endfilter"
        | "endwith" | "endautoescape" => tag.to_owned(),
        "endblock" => {
            let _ = parser.identifier();
            tag.to_owned()
        }
        "" => return Err("a statement is empty".to_owned()),
        _ => return Err(format!("there is no statement `{tag}`")),
    };
    parser.end()?;
    uses.append(&mut parser.uses);
    Ok(out)
}

fn repeat(parser: &mut Parser) -> Result<String, String> {
    let targets = parser.targets()?;
    if !parser.word("in") {
        return Err("`for` needs `in`".to_owned());
    }
    // A condition after the list filters it, so the list itself is read without `if`.
    let over = emit(&parser.or()?);
    let mut out = format!("for {targets} in _each({over})");
    if parser.word("if") {
        out.push_str(&format!(" if {}", emit(&parser.expression()?)));
    }
    if parser.word("recursive") {
        out.push_str(" recursive");
    }
    Ok(out)
}

fn assign(parser: &mut Parser) -> Result<String, String> {
    let targets = parser.targets()?;
    if parser.equals() {
        return Ok(format!(
            "set {targets} = {}",
            emit(&parser.expression_or_tuple()?)
        ));
    }
    if parser.pipe() {
        return Ok(format!("set {targets} | _made()|{}", chain(parser)?));
    }
    // The text between is paid for.
    Ok(format!("set {targets} | _made()"))
}

fn parameters(parser: &mut Parser) -> Result<String, String> {
    if !parser.open() {
        return Ok(String::new());
    }
    let args = parser.args()?;
    Ok(arguments(&args))
}

fn call(parser: &mut Parser) -> Result<String, String> {
    let parameters = if parser.open() {
        format!("({})", arguments(&parser.args()?))
    } else {
        String::new()
    };
    Ok(format!(
        "call{parameters} {}",
        called(&parser.expression()?)
    ))
}

/// `a(x)|b`: filters without a value before them.
fn chain(parser: &mut Parser) -> Result<String, String> {
    let mut parts = Vec::new();
    loop {
        let (name, args) = parser.filter()?;
        parts.push(format!("{name}({})", arguments(&args)));
        if !parser.pipe() {
            return Ok(parts.join("|"));
        }
    }
}

fn from(parser: &mut Parser) -> Result<String, String> {
    let what = emit(&parser.expression()?);
    if !parser.word("import") {
        return Err("`from` needs `import`".to_owned());
    }
    let mut names = Vec::new();
    loop {
        let name = parser.identifier()?;
        names.push(if parser.word("as") {
            format!("{name} as {}", parser.identifier()?)
        } else {
            name
        });
        if context(parser) || !parser.comma() {
            break;
        }
    }
    context(parser);
    Ok(format!("from {what} import {}", names.join(", ")))
}

fn with(parser: &mut Parser) -> Result<String, String> {
    let mut parts = Vec::new();
    loop {
        let name = parser.identifier()?;
        if !parser.equals() {
            return Err("`with` needs `NAME = …`".to_owned());
        }
        parts.push(format!("{name} = {}", emit(&parser.expression()?)));
        if !parser.comma() {
            return Ok(format!("with {}", parts.join(", ")));
        }
    }
}

/// `with context` and `without context`; the engine always gives the context.
fn context(parser: &mut Parser) -> bool {
    (parser.word("with") || parser.word("without")) && parser.word("context")
}
