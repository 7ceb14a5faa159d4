//! What is said to the two agents on the host, as texts for a POSIX shell, and what they print.
//!
//! The agent of Systems Manager takes the code of an activation as an argument and in no other way. The code is good for
//! one machine, is spent by the very call, and its activation is taken away right after it.

use crate::model::host::{Command, Ran};
use crate::model::instance::AgentsSeen;
use crate::model::{Content, Failure, Secret};

/// Where the agent of Systems Manager is and how its unit is called: Ubuntu has it as a snap, AWS as a package.
const SSM: &str = r#"
ssm=$(command -v amazon-ssm-agent || :)
unit=amazon-ssm-agent.service
if [ -x /snap/amazon-ssm-agent/current/amazon-ssm-agent ]; then
	ssm=/snap/amazon-ssm-agent/current/amazon-ssm-agent
	unit=snap.amazon-ssm-agent.amazon-ssm-agent.service
fi
"#;

/// Prints `NAME=VALUE` lines. Of the file that says who the host is, which holds its private key, only the id and the
/// region are read.
const LOOK: &str = r#"
[ -n "$ssm" ] && echo ssm_agent=yes
[ -x /usr/libexec/amazon-ecs-init ] && echo ecs_agent=yes
who=/var/lib/amazon/ssm/Vault/Store/RegistrationKey
# The file need not end with a line's end.
first() {
	found=$(sed -n "$1" "$2" 2>/dev/null | head -n 1)
	echo "$3=$found"
}
first 's/.*"instanceID"[[:space:]]*:[[:space:]]*"\(mi-[0-9a-f]*\)".*/\1/p' "$who" machine
first 's/.*"region"[[:space:]]*:[[:space:]]*"\([a-z0-9-]*\)".*/\1/p' "$who" machine_region
# The last line counts, as for the agent.
last() {
	found=$(sed -n "s/^$1=//p" "$2" 2>/dev/null | tail -n 1)
	echo "$3=$found"
}
last ECS_CLUSTER /etc/ecs/ecs.config cluster
last AWS_DEFAULT_REGION /var/lib/ecs/ecs.config region
last ECS_EXTERNAL /var/lib/ecs/ecs.config external
up() { systemctl -q is-active "$1" && systemctl -q is-enabled "$1"; }
up "$unit" 2>/dev/null && up ecs.service 2>/dev/null && echo running=yes
exit 0
"#;

/// Registers the host by the activation on standard input: its id, its code, the region, a line each.
const REGISTER: &str = r#"
set -eu
read -r id
read -r code
read -r region
[ -n "$ssm" ] || { echo 'amazon-ssm-agent is not installed' >&2; exit 1; }
systemctl stop "$unit" 2>/dev/null || :
"$ssm" -register -y -code "$code" -id "$id" -region "$region"
"#;

/// Sets the agent of ECS to the cluster and the region on standard input, a line each, and starts both; with `anew` in the
/// third line it forgets the instance that it was. Lines of others in its files stay.
const JOIN: &str = r#"
set -eu
read -r cluster
read -r region
read -r state
set_in() { # file name value
	mkdir -p "${1%/*}"
	kept=
	[ ! -f "$1" ] || kept=$(grep -v "^$2=" "$1" || :)
	umask 077
	printf '%s\n' ${kept:+"$kept"} "$2=$3" >"$1.landfall"
	[ ! -f "$1" ] || chmod --reference="$1" "$1.landfall"
	mv "$1.landfall" "$1"
}
if [ "$state" = anew ]; then
	systemctl stop ecs.service 2>/dev/null || :
	rm -rf /var/lib/ecs/data
fi
set_in /etc/ecs/ecs.config ECS_CLUSTER "$cluster"
set_in /var/lib/ecs/ecs.config AWS_DEFAULT_REGION "$region"
set_in /var/lib/ecs/ecs.config ECS_EXTERNAL true
systemctl enable --now "$unit"
# Its unit may come after cloud-init's end: who asks for its start does not wait for it.
systemctl enable ecs.service
systemctl restart --no-block ecs.service
"#;

/// Has the host forget who it is.
const RETIRE: &str = r#"
set -eu
systemctl disable --now ecs.service 2>/dev/null || :
[ -z "$ssm" ] || systemctl disable --now "$unit" 2>/dev/null || :
rm -rf /var/lib/ecs/data
rm -f /var/lib/amazon/ssm/Vault/Store/RegistrationKey
for file in /etc/ecs/ecs.config /var/lib/ecs/ecs.config; do
	[ ! -f "$file" ] || sed -i -e '/^ECS_CLUSTER=/d' -e '/^AWS_DEFAULT_REGION=/d' -e '/^ECS_EXTERNAL=/d' "$file"
done
"#;

/// Asks what there is.
pub(super) fn look() -> Command {
    script(LOOK)
}

/// Registers the host by an activation.
pub(super) fn register(id: &str, code: &Secret, region: &str) -> Command {
    let words = format!("{id}\n{}\n{region}\n", code.expose());
    Command {
        stdin: Some(Content::secret(words)),
        ..script(REGISTER)
    }
}

/// Sets the agent of ECS to a cluster, in which it is an instance `anew` or the one that it was.
pub(super) fn join(cluster: &str, region: &str, anew: bool) -> Command {
    let state = if anew { "anew" } else { "kept" };
    Command {
        stdin: Some(Content::public(format!("{cluster}\n{region}\n{state}\n"))),
        ..script(JOIN)
    }
}

/// Has the host forget who it is.
pub(super) fn retire() -> Command {
    script(RETIRE)
}

fn script(text: &str) -> Command {
    Command {
        script: Some(format!("{SSM}{text}")),
        ..Command::default()
    }
}

/// What [`LOOK`] printed.
pub(super) fn read(printed: &str) -> AgentsSeen {
    let value = |name: &str| {
        let of = |line: &str| Some(line.strip_prefix(name)?.strip_prefix('=')?.to_owned());
        printed.lines().find_map(of).unwrap_or_default()
    };
    AgentsSeen {
        ssm_agent: value("ssm_agent") == "yes",
        ecs_agent: value("ecs_agent") == "yes",
        machine: value("machine"),
        machine_region: value("machine_region"),
        cluster: value("cluster"),
        region: value("region"),
        external: value("external") == "true",
        running: value("running") == "yes",
    }
}

/// The failure of a text that ended badly.
pub(super) fn refused(what: &str, ran: &Ran) -> Failure {
    Failure::new("the host could not do it", what).quoting(ran.printed().why())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_printed_is_not_there() {
        assert_eq!(read(""), AgentsSeen::default());
        let seen = read("ssm_agent=yes\nmachine=mi-0123\ncluster=edge\nexternal=true\n");
        assert!(seen.ssm_agent && !seen.ecs_agent && seen.external && !seen.running);
        assert_eq!(
            (seen.machine.as_str(), seen.cluster.as_str()),
            ("mi-0123", "edge")
        );
        assert_eq!(seen.region, "");
    }

    #[test]
    fn a_code_is_in_the_secret_input_and_nowhere_else() {
        let command = register("id", &Secret::new("C0DE".to_owned()), "eu-west-1");
        assert!(!format!("{command:?}").contains("C0DE"));
        assert!(!serde_json::to_string(&command).unwrap().contains("C0DE"));
        assert_eq!(command.stdin.unwrap().text(), Some("id\nC0DE\neu-west-1\n"));
    }
}
