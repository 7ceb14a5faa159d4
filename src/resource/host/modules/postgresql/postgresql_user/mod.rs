//! `postgresql_user`: a role of the PostgreSQL server on the host.

mod scram;

use async_trait::async_trait;
use serde_json::json;

use crate::model::{Change, Effect, Failure, Probe, Secret, Shown};
use crate::resource::Resource;

use crate::resource::host::access::field;
use crate::resource::host::arguments::Arguments;
use crate::resource::host::context::Context;
use crate::resource::host::psql::{Server, literal, name, psql_arguments};

/// The arguments of `postgresql_user`.
pub const ARGUMENTS: &[&str] = psql_arguments![
    "name",
    "user",
    "password",
    "role_attr_flags",
    "state",
    "encrypted",
    "no_password_changes",
    "db",
    "fail_on_user",
];

/// Attributes with the column that says whether a role has them.
const FLAGS: &[(&str, &str)] = &[
    ("LOGIN", "rolcanlogin"),
    ("SUPERUSER", "rolsuper"),
    ("CREATEROLE", "rolcreaterole"),
    ("CREATEDB", "rolcreatedb"),
    ("INHERIT", "rolinherit"),
    ("REPLICATION", "rolreplication"),
    ("BYPASSRLS", "rolbypassrls"),
];

/// A role.
pub struct Role {
    name: String,
    password: Option<Secret>,
    /// Attributes with whether the role has them.
    flags: Vec<(usize, bool)>,
    present: bool,
    change_password: bool,
    server: Server,
}

/// What the server says.
pub enum Observed {
    /// It cannot be asked: it is not there yet.
    Silent,
    /// There is no such role.
    Missing,
    /// The role's attributes, in the order of the table, and its password's verifier.
    There(Vec<bool>, String),
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<Role, Failure> {
    let mut flags = Vec::new();
    for word in arguments.list(&["role_attr_flags"])?.unwrap_or_default() {
        let word = word.to_ascii_uppercase();
        let plain = |flag: &str| FLAGS.iter().position(|(known, _)| *known == flag);
        match (plain(&word), word.strip_prefix("NO").and_then(plain)) {
            (Some(index), _) => flags.push((index, true)),
            (None, Some(index)) => flags.push((index, false)),
            (None, None) => {
                return Err(arguments.wrong(format!("`role_attr_flags` has no word {word}")));
            }
        }
    }
    if !flags.iter().any(|(index, _)| *index == 0) {
        flags.insert(0, (0, true));
    }
    Ok(Role {
        name: arguments.need(&["name", "user"])?,
        password: arguments
            .text(&["password"])?
            .filter(|password| !password.is_empty())
            .map(Secret::new),
        flags,
        present: arguments.choice(&["state"], &["present", "absent"])? == "present",
        change_password: !arguments.flag(&["no_password_changes"], false)?,
        server: Server::read(arguments)?,
    })
}

#[async_trait]
impl Resource for Role {
    type Observed = Observed;

    async fn observe(&self, world: &dyn Probe) -> Result<Observed, Failure> {
        let columns: Vec<_> = FLAGS.iter().map(|(_, column)| *column).collect();
        let sql = format!(
            "SELECT {}, coalesce(rolpassword, '') FROM pg_authid WHERE rolname = {};\n",
            columns.join(", "),
            literal(&self.name)
        );
        let Some(rows) = self.server.ask(world, &sql).await? else {
            return Ok(Observed::Silent);
        };
        let Some(row) = rows.first() else {
            return Ok(Observed::Missing);
        };
        let mut cells: Vec<_> = row.split('\t').collect();
        let verifier = cells.pop().unwrap_or_default().to_owned();
        Ok(Observed::There(
            cells.into_iter().map(|cell| cell == "t").collect(),
            verifier,
        ))
    }

    fn plan(&self, seen: &Observed) -> Result<Change, Failure> {
        let change = match (seen, self.present) {
            (Observed::There(flags, verifier), true) => self.update(flags, verifier),
            (Observed::There(..), false) => Change::new(Effect::Delete)
                .field("role", Shown::Value(json!(self.name)), Shown::Absent)
                .action(
                    self.server
                        .act(&format!("DROP ROLE {};\n", name(&self.name)), false),
                ),
            (Observed::Missing, false) => Change::none(),
            (_, true) => self.create(matches!(seen, Observed::Silent)),
            (Observed::Silent, false) => Change::new(Effect::Delete)
                .field("role", Shown::Unknown, Shown::Absent)
                .action(self.server.act(
                    &format!("DROP ROLE IF EXISTS {};\n", name(&self.name)),
                    false,
                )),
        };
        Ok(change.result(json!({"user": self.name})))
    }
}

impl Role {
    fn create(&self, silent: bool) -> Change {
        let words: Vec<_> = self
            .flags
            .iter()
            .map(|(flag, on)| spelled(*flag, *on))
            .collect();
        let mut sql = format!("CREATE ROLE {} WITH {}", name(&self.name), words.join(" "));
        if let Some(password) = &self.password {
            sql.push_str(&format!(" PASSWORD {}", literal(password.expose())));
        }
        sql.push_str(";\n");
        let change = Change::new(Effect::Create)
            .field("role", Shown::Absent, Shown::Value(json!(self.name)))
            .action(self.server.act(&sql, self.password.is_some()));
        if silent {
            change.note("The PostgreSQL server cannot be asked yet.")
        } else {
            change
        }
    }

    fn update(&self, flags: &[bool], verifier: &str) -> Change {
        let mut change = Change::new(Effect::Update);
        let mut words = Vec::new();
        for (flag, on) in &self.flags {
            if flags.get(*flag) != Some(on) {
                change
                    .diff
                    .push(field(FLAGS[*flag].0, &(!on).to_string(), &on.to_string()));
                words.push(spelled(*flag, *on));
            }
        }
        let password = self.password.as_ref().filter(|password| {
            self.change_password && !scram::belongs(verifier, password.expose())
        });
        if let Some(password) = password {
            change = change.field(
                "password",
                Shown::Value(json!("another")),
                Shown::Value(json!("the one given")),
            );
            words.push(format!("PASSWORD {}", literal(password.expose())));
        }
        if words.is_empty() {
            return change;
        }
        let sql = format!(
            "ALTER ROLE {} WITH {};\n",
            name(&self.name),
            words.join(" ")
        );
        change.action(self.server.act(&sql, password.is_some()))
    }
}

fn spelled(flag: usize, on: bool) -> String {
    format!("{}{}", if on { "" } else { "NO" }, FLAGS[flag].0)
}
