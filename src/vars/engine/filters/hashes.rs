//! Filters that digest.

use minijinja::{Error, value::Value as Jinja};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::table::Table;
use crate::vars::engine::{arguments::bind, mistake::wrong, python::text};

pub(super) const TABLE: Table = &[
    ("hash", hash),
    ("checksum", |values| digest::<Sha1>(&values[0])),
    ("sha1", |values| digest::<Sha1>(&values[0])),
];

fn hash(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, kind] = bind(values, ["value", "hashtype"])?;
    let value = value.unwrap_or(Jinja::UNDEFINED);
    let kind = kind.map_or(Ok("sha1".to_owned()), |kind| text(&kind))?;
    match kind.as_str() {
        "sha1" => digest::<Sha1>(&value),
        "sha224" => digest::<Sha224>(&value),
        "sha256" => digest::<Sha256>(&value),
        "sha384" => digest::<Sha384>(&value),
        "sha512" => digest::<Sha512>(&value),
        _ => Err(wrong(format!(
            "`hash` has no `{kind}`; it has sha1, sha224, sha256, sha384, sha512"
        ))),
    }
}

fn digest<D: Digest>(value: &Jinja) -> Result<Jinja, Error> {
    Ok(Jinja::from(hex::encode(D::digest(text(value)?))))
}
