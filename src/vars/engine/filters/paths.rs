//! Filters on file names, as Python's `os.path` cuts them.

use minijinja::value::Value as Jinja;

use super::table::Table;
use crate::vars::engine::{
    arguments::{bind, items},
    mistake::wrong,
    python::text,
};

pub(super) const TABLE: Table = &[
    ("basename", |values| {
        let path = text(&values[0])?;
        Ok(Jinja::from(path.rsplit('/').next().unwrap_or("")))
    }),
    ("dirname", |values| {
        Ok(Jinja::from(dirname(&text(&values[0])?)))
    }),
    ("splitext", |values| {
        let path = text(&values[0])?;
        let start = path.rfind('/').map_or(0, |slash| slash + 1);
        let name = path[start..].trim_start_matches('.');
        let hidden = path.len() - name.len();
        let dot = name.rfind('.').map_or(path.len(), |dot| hidden + dot);
        Ok(Jinja::from(vec![
            Jinja::from(&path[..dot]),
            Jinja::from(&path[dot..]),
        ]))
    }),
    ("path_join", |values| {
        let parts = match values[0].as_str() {
            Some(_) => values.to_vec(),
            None => items(&values[0])?,
        };
        let mut out = String::new();
        for part in parts {
            let part = text(&part)?;
            if part.starts_with('/') {
                out.clear();
            } else if !out.is_empty() && !out.ends_with('/') {
                out.push('/');
            }
            out.push_str(&part);
        }
        Ok(Jinja::from(out))
    }),
    ("expanduser", |values| {
        let path = text(&values[0])?;
        let home = std::env::var("HOME").unwrap_or_default();
        Ok(Jinja::from(match path.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{home}{rest}"),
            _ => path,
        }))
    }),
    ("relpath", |values| {
        let [path, start] = bind(values, ["path", "start"])?;
        let path = text(&path.unwrap_or(Jinja::UNDEFINED))?;
        let start = start.ok_or_else(|| wrong("`relpath` needs where to start"))?;
        Ok(Jinja::from(relative(&path, &text(&start)?)))
    }),
];

fn dirname(path: &str) -> String {
    let head = path.rfind('/').map_or("", |slash| &path[..=slash]);
    let trimmed = head.trim_end_matches('/');
    if trimmed.is_empty() { head } else { trimmed }.to_owned()
}

fn relative(path: &str, start: &str) -> String {
    let parts = |path: &str| -> Vec<String> {
        path.split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .map(str::to_owned)
            .collect()
    };
    let (path, start) = (parts(path), parts(start));
    let shared = path.iter().zip(&start).take_while(|(a, b)| a == b).count();
    let mut out = vec!["..".to_owned(); start.len() - shared];
    out.extend_from_slice(&path[shared..]);
    if out.is_empty() {
        ".".to_owned()
    } else {
        out.join("/")
    }
}
