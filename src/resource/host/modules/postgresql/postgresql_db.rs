//! `postgresql_db`: a database of the PostgreSQL server on the host.

use async_trait::async_trait;
use serde_json::json;

use crate::model::{Change, Effect, Failure, Probe, Shown};
use crate::resource::Resource;

use crate::resource::host::access::field;
use crate::resource::host::arguments::Arguments;
use crate::resource::host::context::Context;
use crate::resource::host::psql::{Server, literal, name, psql_arguments};

/// The arguments of `postgresql_db`.
pub const ARGUMENTS: &[&str] = psql_arguments![
    "name",
    "db",
    "owner",
    "encoding",
    "lc_collate",
    "lc_ctype",
    "template",
    "state",
    "force",
];

/// A database.
pub struct Database {
    name: String,
    owner: Option<String>,
    encoding: Option<String>,
    collate: Option<String>,
    ctype: Option<String>,
    template: Option<String>,
    present: bool,
    server: Server,
}

/// What the server says: that it cannot be asked, that there is none, or its owner, encoding, order and classes.
pub enum Observed {
    /// It cannot be asked: it is not there yet.
    Silent,
    /// There is no such database.
    Missing,
    /// Owner, encoding, `lc_collate`, `lc_ctype`.
    There([String; 4]),
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<Database, Failure> {
    let word = |names: &[&'static str]| -> Result<Option<String>, Failure> {
        Ok(arguments.text(names)?.filter(|text| !text.is_empty()))
    };
    Ok(Database {
        name: arguments.need(&["name", "db"])?,
        owner: word(&["owner"])?,
        encoding: word(&["encoding"])?,
        collate: word(&["lc_collate"])?,
        ctype: word(&["lc_ctype"])?,
        template: word(&["template"])?,
        present: arguments.choice(&["state"], &["present", "absent"])? == "present",
        server: Server::read(arguments)?,
    })
}

#[async_trait]
impl Resource for Database {
    type Observed = Observed;

    async fn observe(&self, world: &dyn Probe) -> Result<Observed, Failure> {
        let sql = format!(
            "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype \
             FROM pg_database WHERE datname = {};\n",
            literal(&self.name)
        );
        let Some(rows) = self.server.ask(world, &sql).await? else {
            return Ok(Observed::Silent);
        };
        let Some(row) = rows.first() else {
            return Ok(Observed::Missing);
        };
        let mut cells = row.split('\t').map(str::to_owned);
        Ok(Observed::There(std::array::from_fn(|_| {
            cells.next().unwrap_or_default()
        })))
    }

    fn plan(&self, seen: &Observed) -> Result<Change, Failure> {
        let change = match (seen, self.present) {
            (Observed::Missing, false) => Change::none(),
            (Observed::Missing, true) => self.create(),
            (Observed::Silent, true) => self
                .create()
                .note("The PostgreSQL server cannot be asked yet."),
            (Observed::There(is), true) => self.update(is)?,
            (_, false) => Change::new(Effect::Delete)
                .field("database", Shown::Value(json!(self.name)), Shown::Absent)
                .action(self.server.act(
                    &format!("DROP DATABASE IF EXISTS {};\n", name(&self.name)),
                    false,
                )),
        };
        Ok(change.result(json!({"db": self.name})))
    }
}

impl Database {
    fn create(&self) -> Change {
        let mut sql = format!("CREATE DATABASE {}", name(&self.name));
        if let Some(owner) = &self.owner {
            sql.push_str(&format!(" OWNER {}", name(owner)));
        }
        let special = self.encoding.is_some() || self.collate.is_some() || self.ctype.is_some();
        // The usual template has an encoding of its own that a new database could not differ from.
        let usual = special.then(|| "template0".to_owned());
        if let Some(template) = self.template.clone().or(usual) {
            sql.push_str(&format!(" TEMPLATE {}", name(&template)));
        }
        for (word, value) in [
            ("ENCODING", &self.encoding),
            ("LC_COLLATE", &self.collate),
            ("LC_CTYPE", &self.ctype),
        ] {
            if let Some(value) = value {
                sql.push_str(&format!(" {word} {}", literal(value)));
            }
        }
        sql.push_str(";\n");
        Change::new(Effect::Create)
            .field("database", Shown::Absent, Shown::Value(json!(self.name)))
            .action(self.server.act(&sql, false))
    }

    fn update(&self, is: &[String; 4]) -> Result<Change, Failure> {
        let same = |wanted: &str, is: &str| {
            wanted
                .replace('-', "")
                .eq_ignore_ascii_case(&is.replace('-', ""))
        };
        for (word, wanted, is) in [
            ("encoding", &self.encoding, &is[1]),
            ("lc_collate", &self.collate, &is[2]),
            ("lc_ctype", &self.ctype, &is[3]),
        ] {
            if let Some(wanted) = wanted.as_ref().filter(|wanted| !same(wanted, is)) {
                return Err(Failure::new(
                    "a database cannot change this",
                    format!(
                        "{} has the {word} {is}, and {wanted} was asked for.",
                        self.name
                    ),
                )
                .help("Make a new database and move the data, or ask for what it has."));
            }
        }
        let mut change = Change::new(Effect::Update);
        match &self.owner {
            Some(owner) if *owner != is[0] => {
                change.diff.push(field("owner", &is[0], owner));
                let sql = format!(
                    "ALTER DATABASE {} OWNER TO {};\n",
                    name(&self.name),
                    name(owner)
                );
                Ok(change.action(self.server.act(&sql, false)))
            }
            _ => Ok(change),
        }
    }
}
