//! A run that is killed, or loses a host, before or after any of its actions: the next run brings everything to what is
//! declared, every handler that was owed has run, and nothing is left over, here or there.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::link::Link;
use super::project::{LOG, Project, Ran, Running};
use crate::support::lab::TestHost;

const ADDED: &str = r#"
env = [".env.secret"]

[stacks.log]
template = "log"

[keys.deploy]

[hosts.one]
address = "127.0.0.1"
port = ONE
user = "root"
identity = "IDENTITY-ONE"
playbook = "app"
vars = { token = "{{ env.TOKEN }}", key = "{{ keys.deploy.public }}" }

[hosts.two]
address = "127.0.0.1"
port = TWO
user = "admin"
identity = "IDENTITY-TWO"
playbook = "app"
vars = { token = "{{ env.TOKEN }}", key = "{{ keys.deploy.public }}" }

[targets.one]
host = "one"

[targets.two]
host = "two"
"#;

const TEMPLATE: &str = "TOKEN={{ token }}\n";

/// What a handler saw last shows whether it ran after the last change.
const PLAYBOOK: &str = r#"
- hosts: all
  become: true
  tasks:
    - name: Folder
      ansible.builtin.file: { path: /srv/app, state: directory, mode: "0750" }
    - name: User
      ansible.builtin.user: { name: deploy, shell: /bin/bash }
    - name: Key
      ansible.builtin.authorized_key: { user: deploy, key: "{{ key }}" }
    - name: Settings
      ansible.builtin.template: { src: app.env.j2, dest: /srv/app/env, mode: "0600" }
      notify: seen
    - name: Line
      ansible.builtin.lineinfile: { path: /srv/app/hosts, line: "db 10.0.0.1", create: true }
      notify: [seen, counted]
    - name: Made once
      ansible.builtin.command: { cmd: "cp /srv/app/env /srv/app/made", creates: /srv/app/made }
    - name: Mine
      become: false
      ansible.builtin.copy: { dest: "/tmp/{{ ansible_user_id }}.own", content: "own\n" }
      notify: seen
  handlers:
    - name: seen
      ansible.builtin.shell: cat /srv/app/env /srv/app/hosts /tmp/*.own >/srv/app/seen
    - name: counted
      ansible.builtin.shell: cp /srv/app/hosts /srv/app/counted
"#;

const TOKEN: &str = "Kills-Vb7nRt2wLx9";

/// Two hosts, which the rounds of one test share: booting them takes longer than everything else of a round.
struct Stage {
    hosts: [TestHost; 2],
    /// What was on each after its boot.
    bare: [String; 2],
}

impl Stage {
    async fn boot() -> Self {
        let one = TestHost::boot("kill-one", "root");
        let two = TestHost::boot("kill-two", "admin");
        let (one, two) = tokio::join!(one, two);
        let hosts = [one, two];
        let bare = [0, 1].map(|index| found(&hosts[index]));
        Self { hosts, bare }
    }

    /// Makes the hosts what they were after their boot.
    fn clean(&self) {
        for (host, bare) in self.hosts.iter().zip(&self.bare) {
            host.exec(&["sh", "-c", CLEAN]);
            assert_eq!(&found(host), bare, "on the host of {}", host.login.user);
        }
    }
}

/// Takes away whatever a round has made. What a run must not leave behind was looked for before.
const CLEAN: &str = r#"
if id deploy >/dev/null 2>&1; then
    pkill -KILL -u deploy
    userdel -r deploy 2>/dev/null
fi
rm -rf /srv/app /tmp/*.own /tmp/landfall* /run/landfall /var/lib/landfall /root/.local /home/admin/.local \
    /home/admin/.sudo_as_admin_successful
"#;

/// What lies where a round makes something.
fn found(host: &TestHost) -> String {
    let look = "find /srv /home /root /tmp -mindepth 1 | sort; ls -d /run/landfall /var/lib/landfall 2>/dev/null; \
                getent passwd | cut -d: -f1,6 | sort";
    host.exec(&["sh", "-c", look])
}

/// The hosts as they were after their boot, behind links that can be cut, an account, and a project over all of them.
struct Scene<'a> {
    project: Project,
    hosts: [(&'a TestHost, Link); 2],
    halts: tempfile::TempDir,
    scratch: tempfile::TempDir,
}

impl<'a> Scene<'a> {
    async fn set(stage: &'a Stage, account: &str) -> Self {
        stage.clean();
        let hosts = stage.hosts.each_ref().map(|host| {
            let link = Link::to(&host.login.address, host.login.port);
            (host, link)
        });
        let project = Project::small(account, "").await;
        project.write(".env.secret", &format!("TOKEN={TOKEN}\n"));
        project.write("stacks/log.yaml", LOG);
        project.write("playbooks/app.yml", PLAYBOOK);
        project.write("playbooks/templates/app.env.j2", TEMPLATE);
        let mut added = ADDED.replace("\nenv = [\".env.secret\"]\n", "");
        let mut known = String::new();
        for ((host, link), name) in hosts.iter().zip(["ONE", "TWO"]) {
            let identity = host.folder.path().join("id").display().to_string();
            added = added
                .replace(&format!("IDENTITY-{name}"), &identity)
                .replace(name, &link.port.to_string());
            for line in fs::read_to_string(&host.known_hosts).unwrap().lines() {
                let (_, key) = line.split_once(' ').unwrap();
                known += &format!("[127.0.0.1]:{} {key}\n", link.port);
            }
        }
        project.write("environments/known_hosts", &known);
        project.declare(&added);
        let environment = project.read("environments/test.toml");
        let bucket = format!("bucket = \"{}\"\n", project.bucket());
        let with_env = format!("{bucket}env = [\".env.secret\"]\n");
        project.write(
            "environments/test.toml",
            &environment.replace(&bucket, &with_env),
        );
        Self {
            project,
            hosts,
            halts: tempfile::tempdir().unwrap(),
            scratch: tempfile::tempdir().unwrap(),
        }
    }

    /// Starts an apply that stands still at this place.
    fn apply(&self, at: &str) -> Running {
        for file in ["halted", "go"] {
            let _ = fs::remove_file(self.halts.path().join(file));
        }
        fs::write(self.halts.path().join("at"), at).unwrap();
        let mut command = self.project.command(&["apply", "test", "--yes"]);
        command
            .env("LANDFALL_HALTS", self.halts.path())
            .env("TMPDIR", self.scratch.path());
        Running::of(&mut command)
    }

    /// Waits until the run stands still there.
    fn halted(&self, run: &mut Running, at: &str) {
        let begun = Instant::now();
        while !self.halts.path().join("halted").exists() {
            assert!(run.is_running(), "it ended before {at}:\n{}", run.said());
            assert!(
                begun.elapsed() < Duration::from_secs(120),
                "{at}:\n{}",
                run.said()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn go(&self) {
        fs::write(self.halts.path().join("go"), "").unwrap();
    }

    /// Every place of a run that is not stopped.
    fn places(&self) -> Vec<String> {
        self.apply("").end().ends(0);
        let passed = fs::read_to_string(self.halts.path().join("passed")).unwrap();
        let places: Vec<String> = passed.lines().map(str::to_owned).collect();
        assert!(places.len() > 40, "{places:#?}");
        places
    }

    /// Runs it again, and looks at what came of it all.
    fn converges(&self, at: &str) {
        let again = self.apply("").end();
        assert_eq!(
            again.code,
            Some(0),
            "after {at}:\n{}{}",
            again.out,
            again.err
        );
        let plan = self.project.run(&["plan", "test", "--detailed-exitcode"]);
        assert_eq!(plan.code, Some(0), "after {at}:\n{}{}", plan.out, plan.err);
        for (host, _) in &self.hosts {
            self.holds(host, at);
        }
        let left: Vec<_> = fs::read_dir(self.scratch.path()).unwrap().collect();
        assert!(left.is_empty(), "left here after {at}: {left:?}");
        let masters = std::process::Command::new("pgrep")
            .args(["-f", &self.scratch.path().display().to_string()])
            .output()
            .unwrap();
        assert!(
            masters.stdout.is_empty(),
            "ssh left here after {at}: {masters:?}"
        );
        let leftovers = leftovers(&self.project.root().join(".landfall"));
        assert!(leftovers.is_empty(), "left after {at}: {leftovers:?}");
    }

    fn holds(&self, host: &TestHost, at: &str) {
        let user = &host.login.user;
        let seen = host.exec(&["cat", "/srv/app/seen"]);
        assert_eq!(
            seen,
            format!("TOKEN={TOKEN}\ndb 10.0.0.1\nown\n"),
            "{user} after {at}"
        );
        assert_eq!(
            host.exec(&["cat", "/srv/app/counted"]),
            "db 10.0.0.1\n",
            "{user} after {at}"
        );
        let access = host.exec(&["stat", "-c", "%a %U", "/srv/app/env", "/srv/app"]);
        assert_eq!(access, "600 root\n750 root\n", "{user} after {at}");
        // Neither a stage nor a note nor a process of ours.
        let left = host.exec(&["sh", "-c", LEFT]);
        assert_eq!(left, "", "left on the host of {user} after {at}");
    }
}

/// Names whatever of ours is still on a host a moment after a run has ended.
const LEFT: &str = r#"
for turn in 1 2 3 4 5 6 7 8 9 10; do
    left=$(
        find / -xdev \( -name '*.landfall*' -o -path '*/landfall/*' \) ! -type d 2>/dev/null
        find /run /tmp \( -name '*.landfall*' -o -path '*/landfall*/*' \) ! -type d 2>/dev/null
        pgrep -a -f 'lf_[s]erve'
    )
    [ -n "$left" ] || exit 0
    sleep 0.3
done
echo "$left"
"#;

/// What of a run in the project's memory would be left: a lock, or a file that is half-written.
fn leftovers(folder: &Path) -> Vec<String> {
    super::project::listing(folder)
        .into_iter()
        .filter_map(|line| Some(line.strip_prefix(folder.to_str()?)?.to_owned()))
        .filter(|name| name.contains("/lock.json") || name.contains("/.tmp"))
        .collect()
}

/// The places of this share of a run, each with an account of its own.
async fn share(
    stage: &Stage,
    (part, shares): (u64, u64),
    account: u64,
    chosen: impl Fn(&str) -> bool,
) -> Vec<(String, String)> {
    let account = account + part * 200;
    let places = Scene::set(stage, &account.to_string()).await.places();
    let mut places: Vec<String> = places.into_iter().filter(|at| chosen(at)).collect();
    // Places of nodes that go on beside each other come in any order; a share is always the same.
    places.sort();
    places
        .into_iter()
        .zip(0..)
        .filter(|(_, index)| index % shares == part)
        .map(|(at, index)| (at, (account + 1 + index).to_string()))
        .collect()
}

/// How many tests run beside each other over the places.
const SHARES: u64 = 3;

async fn killed(part: u64) {
    let stage = Stage::boot().await;
    for (at, account) in share(&stage, (part, SHARES), 600000010000, |_| true).await {
        let scene = Scene::set(&stage, &account).await;
        let mut run = scene.apply(&at);
        scene.halted(&mut run, &at);
        run.signal(Signal::SIGKILL);
        assert_eq!(run.end().code, None);
        scene.converges(&at);
    }
}

/// The link of the host that a place is on; none for what is in AWS or here.
fn link<'a>(scene: &'a Scene<'_>, at: &str) -> Option<&'a Link> {
    let [one, two] = &scene.hosts;
    match at {
        _ if at.contains(" hosts.one ") => Some(&one.1),
        _ if at.contains(" hosts.two ") => Some(&two.1),
        _ => None,
    }
}

fn is_before_on_a_host(at: &str) -> bool {
    at.starts_with("before hosts.")
}

/// Cuts the connection before the action reaches the host.
async fn cut_before() {
    let stage = Stage::boot().await;
    for (at, account) in share(&stage, (0, 1), 600000020000, is_before_on_a_host).await {
        let scene = Scene::set(&stage, &account).await;
        let mut run = scene.apply(&at);
        scene.halted(&mut run, &at);
        link(&scene, &at).unwrap().cut();
        scene.go();
        ended_half_way(run.end(), &at);
        scene.converges(&at);
    }
}

/// Cuts the connection when the host has done the action, and before its answer comes.
async fn cut_after() {
    let stage = Stage::boot().await;
    for (at, account) in share(&stage, (0, 1), 600000030000, is_before_on_a_host).await {
        let scene = Scene::set(&stage, &account).await;
        let mut run = scene.apply(&at);
        scene.halted(&mut run, &at);
        let link = link(&scene, &at).unwrap();
        link.withhold();
        scene.go();
        let begun = Instant::now();
        while link.withheld() == 0 {
            assert!(begun.elapsed() < Duration::from_secs(60), "no answer: {at}");
            std::thread::sleep(Duration::from_millis(10));
        }
        // The last mark of the answer comes when the action has ended.
        std::thread::sleep(Duration::from_millis(300));
        link.cut();
        ended_half_way(run.end(), &at);
        scene.converges(&at);
    }
}

/// The other host and AWS went on, so that what was cut is only a part.
fn ended_half_way(run: Ran, at: &str) {
    assert!(
        matches!(run.code, Some(1 | 4 | 7)),
        "after {at}: {:?}\n{}{}",
        run.code,
        run.out,
        run.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_at_any_action_is_repaired_by_the_next_first_share() {
    killed(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_at_any_action_is_repaired_by_the_next_second_share() {
    killed(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_at_any_action_is_repaired_by_the_next_third_share() {
    killed(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_cut_from_a_host_before_any_action_is_repaired_by_the_next() {
    cut_before().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_cut_from_a_host_after_any_action_is_repaired_by_the_next() {
    cut_after().await;
}
