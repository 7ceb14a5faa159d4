//! Races against a user who owns the folder in which root works: whatever they exchange, nothing outside is written, read
//! or changed, and nothing that is only root's is read by them.

use std::collections::BTreeMap;

use landfall::connect::ssh::Host;
use landfall::model::{Address, Content, Events, Goal, Kind, Value, World};
use landfall::resource::host::{Context, realize};
use serde_json::json;

use crate::modules_on_a_host::{KEY, connect};
use crate::support::lab::TestHost;

/// How often each module works while its folder is exchanged under it.
const ROUNDS: usize = 200;

/// What nobody but root may come to know.
const SECRET: &str = "only-roots-own";

/// The user's part: each name is exchanged as fast as it goes, every stage is looked into and given away.
const ATTACK: &str = r#"
use strict; my ($d, @names) = @ARGV; chdir $d or die; my ($n, $loops) = (0, 0); my $out = "/srv/outside";
open my $l, ">>", "/srv/leak"; select((select($l), $| = 1)[0]);
sub look { for my $p (@_) { if (sysopen my $x, $p, 04000) { my $t = join "", <$x>; print $l "$p\n" if $t =~ /only-roots-own/ } } }
while (1) {
  opendir my $h, "." or next; my @all = grep { !/^\.\.?$/ } readdir $h; closedir $h;
  for my $e (@all, @names, "sub") {
    $n++;
    if ($e =~ /^\.landfall/) {
      if (-l $e) { unlink $e; next }
      look($e, "$e/$e"); rename $e, "was$n"; symlink(($n % 2 ? "$out/file" : "$out/dir"), $e);
    }
    elsif ($e eq "sub") {
      if ($n % 3) { unlink "sub"; rename "away", "sub"; mkdir "sub" } else { rename "sub", "away"; symlink "$out/dir", "sub" }
    }
    elsif ($e =~ /^was/ || $e =~ /~$/ || $e =~ /^new/) { look($e); if ($n % 20 == 0) { rmdir $e; unlink $e } }
    elsif (grep { $_ eq $e } @names) {
      look($e); my $k = $n % 5;
      if ($k == 0) { unlink "new"; symlink "$out/file", "new"; rename "new", $e }
      elsif ($k == 1) { unlink "new"; if (sysopen my $x, "new", 0101, 0666) { print $x "a=1\nb=2\n"; close $x; rename "new", $e } }
      elsif ($k == 2) { rename $e, "was$n" unless -d $e; unlink "was$n" }
      elsif ($k == 3) { unlink "new"; symlink "$out/dir/secret", "new"; rename "new", $e }
    }
  }
  # Now and then a rest, so that something is done at all.
  select undef, undef, undef, ($loops++ % 60 ? 0.0002 : 0.06);
}
"#;

/// What lies outside, told so that any change shows.
const OUTSIDE: &str = "find /srv/outside -printf '%p %U %G %m %s %n %T@ %C@ %l\\n' | sort; cat /srv/outside/file /srv/outside/dir/*";

/// Each module that writes, at these paths: `P` is a name in the user's folder, or one in a folder in it.
fn tasks() -> Vec<(&'static str, Value)> {
    // What gives access away comes before what nobody else may read.
    vec![
        (
            "file",
            json!({"path": "P", "state": "touch", "owner": "app", "mode": "0666"}),
        ),
        (
            "file",
            json!({"path": "P", "state": "file", "owner": "app", "mode": "0666"}),
        ),
        (
            "file",
            json!({"path": "P", "state": "link", "src": "/etc/hostname", "force": true, "owner": "app"}),
        ),
        (
            "file",
            json!({"path": "P", "state": "hard", "src": "/srv/app/own", "force": true}),
        ),
        (
            "file",
            json!({"path": "/srv/app/sub/x/y", "state": "directory", "owner": "app", "mode": "0777"}),
        ),
        (
            "file",
            json!({"path": "/srv/app", "state": "directory", "recurse": true, "follow": false, "owner": "app",
            "mode": "u=rwX,go=rwX"}),
        ),
        ("file", json!({"path": "P", "state": "absent"})),
        (
            "copy",
            json!({"dest": "P", "content": "x", "owner": "app", "mode": "0666", "follow": true}),
        ),
        (
            "replace",
            json!({"path": "P", "regexp": "^(.)=", "replace": "\\1 = "}),
        ),
        (
            "authorized_key",
            json!({"user": "app", "path": "P", "key": KEY, "manage_dir": true}),
        ),
        (
            "cron",
            json!({"name": "n", "job": "/bin/true", "user": "root", "cron_file": "P"}),
        ),
        (
            "sysctl",
            json!({"name": "kernel.x", "value": "1", "sysctl_file": "P", "reload": false}),
        ),
        (
            "apt_repository",
            json!({"repo": "deb http://repository.invalid/debian trixie main", "filename": "f",
            "update_cache": false}),
        ),
        ("slurp", json!({"src": "P"})),
        (
            "copy",
            json!({"dest": "P", "content": SECRET, "owner": "root", "mode": "0600"}),
        ),
        (
            "copy",
            json!({"dest": "P", "content": SECRET, "owner": "root", "mode": "0600", "backup": true,
            "validate": "grep only %s"}),
        ),
        (
            "copy",
            json!({"dest": "P", "src": "/srv/large", "remote_src": true, "owner": "root", "mode": "0600"}),
        ),
        (
            "template",
            json!({"dest": "P", "src": "t", "owner": "root", "mode": "0600"}),
        ),
        (
            "lineinfile",
            json!({"path": "P", "line": "only-roots-own=1", "create": true, "mode": "0600", "owner": "root"}),
        ),
        (
            "blockinfile",
            json!({"path": "P", "block": "only-roots-own=1", "create": true, "mode": "0600", "owner": "root",
            "backup": true}),
        ),
        (
            "get_url",
            json!({"dest": "P", "url": "file:///srv/secret", "mode": "0600", "owner": "root", "force": true}),
        ),
    ]
}

fn placed(args: &Value, path: &str) -> Value {
    match args {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), placed(value, path)))
            .collect(),
        Value::String(text) if text == "P" => json!(path),
        other => other.clone(),
    }
}

/// Decides and acts once; gives whether all was done, and what was registered.
async fn once(host: &Host, module: &str, args: &Value) -> (bool, Value) {
    let (events, _reader) = Events::channel();
    let progress = events.progress(&Address::new(Kind::Host, "test"));
    let context = Context {
        content: (module == "template").then(|| Content::public(SECRET)),
        environment: BTreeMap::new(),
        ..Context::default()
    };
    let task = realize(module, args.as_object().unwrap(), &context)
        .unwrap()
        .unwrap();
    let Ok(decision) = task.decide(host, Goal::Present).await else {
        return (false, Value::Null);
    };
    for action in &decision.change.actions {
        if host.act(action, &progress).await.is_err() {
            return (false, Value::Null);
        }
    }
    (true, decision.change.result)
}

#[tokio::test]
async fn nothing_outside_a_users_folder_is_touched_while_they_exchange_what_is_in_it() {
    let test = TestHost::boot("races", "root").await;
    let host = connect(&test).await;
    std::fs::write(test.folder.path().join("attack.pl"), ATTACK).unwrap();
    let copied = std::process::Command::new("docker")
        .arg("cp")
        .arg(test.folder.path().join("attack.pl"))
        .arg(format!("{}:/srv/attack.pl", test.container))
        .status();
    assert!(copied.unwrap().success());
    test.exec(&[
        "sh",
        "-c",
        "set -e; useradd -m app; cd /srv; mkdir -p outside/dir app/sub; echo kept >outside/file; \
         echo from-outside >outside/dir/secret; chmod 600 outside/dir/secret; : >app/own; chown -R app app; \
         : >leak; chown app leak; chmod 644 attack.pl; echo only-roots-own >secret; chmod 600 secret; \
         (echo only-roots-own; head -c 300000 /dev/zero) >large; chmod 600 large; \
         chown app /etc/apt/sources.list.d; for d in '/srv/app f own' '/etc/apt/sources.list.d f.list'; do \
         setpriv --reuid app --clear-groups perl attack.pl $d >/dev/null 2>&1 </dev/null & done",
    ]);
    let before = test.exec(&["sh", "-c", OUTSIDE]);
    let mut all = (0, 0);
    for (module, args) in tasks() {
        let (mut done, mut refused) = (0, 0);
        for round in 0..ROUNDS {
            let path = ["/srv/app/f", "/srv/app/sub/f"][round % 2];
            let (well, result) = once(&host, module, &placed(&args, path)).await;
            *if well { &mut done } else { &mut refused } += 1;
            assert!(
                result["content"] != json!("ZnJvbS1vdXRzaWRlCg=="),
                "what is outside was read"
            );
        }
        assert_eq!(test.exec(&["sh", "-c", OUTSIDE]), before, "{module} {args}");
        eprintln!("{module}: {done} done, {refused} refused");
        (all.0, all.1) = (all.0 + done, all.1 + refused);
    }
    // Neither was everything refused, nor did the user come too late each time.
    assert!(all.0 > 5 * ROUNDS && all.1 > ROUNDS, "{all:?}");
    assert_eq!(test.exec(&["cat", "/srv/leak"]), "");
    assert_eq!(
        test.exec(&["sh", "-c", "grep -rl from-outside /srv/app || true"]),
        ""
    );
}
