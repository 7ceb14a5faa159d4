//! Speaking to a PostgreSQL server on the host through `psql`, with SQL on its standard input.

use crate::model::host::{Command, Ran};
use crate::model::host_action::HostAction;
use crate::model::{Content, Failure, Probe};

use super::arguments::Arguments;
use super::ask;
use super::command_action::run_command;

/// The arguments that say which server.
macro_rules! psql_arguments {
    ($($name:literal),* $(,)?) => {
        &["login_user", "login_unix_socket", "port", "login_port", "login_db", $($name),*]
    };
}
pub(super) use psql_arguments;

/// Root may not be a role of the server; the user `postgres` is one, and its peer is believed.
const AS_POSTGRES: &str =
    r#"if [ "$(id -u)" = 0 ]; then exec runuser -u postgres -- "$@"; else exec "$@"; fi"#;

/// A server on the host.
pub struct Server {
    options: Vec<String>,
}

impl Server {
    /// Reads which server.
    pub fn read(arguments: &Arguments<'_>) -> Result<Self, Failure> {
        let mut options = Vec::new();
        for (names, flag) in [
            (&["login_user"][..], "-U"),
            (&["login_unix_socket"], "-h"),
            (&["port", "login_port"], "-p"),
        ] {
            if let Some(value) = arguments.text(names)? {
                options.extend([flag.to_owned(), value]);
            }
        }
        Ok(Self { options })
    }

    /// Asks; the answer's rows are lines, their columns parted by tabs. None when the server cannot be asked.
    pub async fn ask(&self, world: &dyn Probe, sql: &str) -> Result<Option<Vec<String>>, Failure> {
        let ran: Ran = ask::run(world, self.command(Content::public(sql))).await?;
        Ok(ran
            .ok()
            .then(|| ran.out().lines().map(str::to_owned).collect()))
    }

    /// Does it; what is secret in it reaches neither the process list nor the server's log.
    pub fn act(&self, sql: &str, secret: bool) -> HostAction {
        let content = if secret {
            Content::secret(format!(
                "SET log_statement = 'none';\nSET log_min_error_statement = 'panic';\n\
                 SET log_min_duration_statement = -1;\n{sql}"
            ))
        } else {
            Content::public(sql)
        };
        run_command(self.command(content))
    }

    fn command(&self, sql: Content) -> Command {
        let words = [
            "sh",
            "-c",
            AS_POSTGRES,
            "sh",
            "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-F",
            "\t",
        ];
        let mut command = Command::new(words).stdin(sql);
        command.argv.extend(self.options.iter().cloned());
        command
            .argv
            .extend(["-v", "ON_ERROR_STOP=1", "-d", "postgres", "-f", "-"].map(str::to_owned));
        // The folder we stand in may be closed to the user postgres.
        command.chdir = Some("/".to_owned());
        command
    }
}

/// A name in SQL.
pub fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A text in SQL, whatever the server thinks of backslashes.
pub fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') {
        format!("E'{}'", quoted.replace('\\', "\\\\"))
    } else {
        format!("'{quoted}'")
    }
}
