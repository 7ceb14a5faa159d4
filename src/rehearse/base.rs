//! The image throwaway hosts are made from: a distribution with systemd and sshd, and no Python.

use std::time::Duration;

use super::{Say, engine::Engine, label, program};
use crate::connect::leftovers;
use crate::model::{Digest, Failure};

/// What Ubuntu users have. It comes from an image registry.
const UBUNTU: &str = "ubuntu:24.04";
/// What is built where no image registry is in reach: the Debian release nearest to it.
const SUITE: &str = "trixie";
/// What a bare server has beside the smallest base system. Without Python, which a host need not have.
const PACKAGES: &[&str] = &[
    "systemd",
    "systemd-sysv",
    "dbus",
    "libpam-systemd",
    "openssh-server",
    "sudo",
    "iproute2",
    "ca-certificates",
    "gnupg",
];
/// The first process of a host.
const BOOT: &str = include_str!("boot.sh");
/// Where the registry does not answer, it usually says so at once; a silent one is given this long.
const PULL: Duration = Duration::from_secs(120);

/// The image's name, made first if this engine does not have it.
///
/// Fails when it can neither be pulled nor built here.
pub async fn image(engine: &Engine, say: Say<'_>) -> Result<String, Failure> {
    // The name changes with the recipe, so an old image is never taken for a new one.
    let recipe = Digest::of(format!("{UBUNTU} {SUITE} {PACKAGES:?} {BOOT} {PREPARE}").as_bytes());
    let name = format!(
        "landfall-rehearsal:{}",
        recipe.sha256.get(..12).unwrap_or(&recipe.sha256)
    );
    if engine
        .docker("looking for the base image", &["image", "inspect", &name])
        .await
        .is_ok()
    {
        return Ok(name);
    }
    let _building = lock().await?;
    if engine
        .docker("looking for the base image", &["image", "inspect", &name])
        .await
        .is_ok()
    {
        return Ok(name);
    }
    let bare = bare(engine, say).await?;
    say("Preparing the base image: systemd and sshd");
    prepare(engine, &bare, &name).await?;
    Ok(name)
}

/// Two rehearsals that begin together build it once.
async fn lock() -> Result<std::fs::File, Failure> {
    let broken = |error: String| {
        Failure::new("the base image could not be locked", "building it").why(error)
    };
    let folder = super::cache()?;
    std::fs::create_dir_all(&folder).map_err(|error| broken(error.to_string()))?;
    let file = std::fs::File::create(folder.join("base.lock"))
        .map_err(|error| broken(error.to_string()))?;
    tokio::task::spawn_blocking(move || file.lock().map(|()| file))
        .await
        .map_err(|error| broken(error.to_string()))?
        .map_err(|error| broken(error.to_string()))
}

/// An image with the distribution and nothing else: Ubuntu's from the registry, else Debian's built here.
async fn bare(engine: &Engine, say: Say<'_>) -> Result<String, Failure> {
    if engine
        .docker("looking for the image", &["image", "inspect", UBUNTU])
        .await
        .is_ok()
    {
        return Ok(UBUNTU.to_owned());
    }
    say(&format!("Pulling {UBUNTU}"));
    let pull = engine.docker("pulling the base image", &["pull", "--quiet", UBUNTU]);
    let pulled = match tokio::time::timeout(PULL, pull).await {
        Ok(pulled) => pulled.map(|_| ()),
        Err(_) => Err(Failure::new(
            "the image registry does not answer",
            "pulling the base image",
        )),
    };
    match pulled {
        Ok(()) => Ok(UBUNTU.to_owned()),
        Err(refused) => {
            say(&format!(
                "No image registry is in reach; building a Debian {SUITE} base from this machine's mirror"
            ));
            debootstrap(engine).await.map_err(|failure| {
                let first = refused.why.lines().last().unwrap_or_default().to_owned();
                failure.left_behind(format!(
                    "Nothing. Pulling {UBUNTU} had failed before: {first}"
                ))
            })
        }
    }
}

/// A minimal Debian, built by debootstrap from the mirror that this machine's own apt uses.
async fn debootstrap(engine: &Engine) -> Result<String, Failure> {
    let what = "building a base image with debootstrap";
    if !program::found("debootstrap") || !nix::unistd::geteuid().is_root() {
        return Err(Failure::new("there is no base image for throwaway hosts", what)
            .why("Building one takes root and the program debootstrap.")
            .help("Rehearse once as root with `--install`; afterwards any user of Docker has the image."));
    }
    let mirror = mirror().await?;
    let no_room =
        |error: std::io::Error| Failure::new("there is no room to build an image", what).why(error);
    let folder = leftovers::folder(&std::env::temp_dir()).map_err(no_room)?;
    let root = folder.path().join("root").display().to_string();
    let args = ["--variant=minbase", SUITE, &root, &mirror];
    let building = program::start(what, "debootstrap", args)?;
    if let Some(pid) = building.id() {
        // It goes on when we are killed.
        leftovers::share(folder.path(), pid).map_err(no_room)?;
    }
    program::finish(what, "debootstrap", building, b"").await?;
    let archive = folder.path().join("root.tar").display().to_string();
    program::run(what, "tar", ["-C", &root, "-cf", &archive, "."], b"").await?;
    let name = format!("landfall-{SUITE}:bare");
    engine
        .docker("importing the base image", &["import", &archive, &name])
        .await?;
    Ok(name)
}

/// The first mirror of a Debian archive among this machine's own sources.
async fn mirror() -> Result<String, Failure> {
    let what = "looking for a Debian mirror";
    let sources = program::run(
        what,
        "apt-get",
        ["indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(SUITE)"],
        b"",
    )
    .await?;
    sources
        .lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(_, rest)| {
            rest.starts_with("Debian ") && !rest.contains("security") && !rest.contains("updates")
        })
        .map(|(uri, _)| uri.trim_end_matches('/').to_owned())
        .ok_or_else(|| {
            Failure::new("no Debian mirror is known", what)
                .why("None of this machine's apt sources is a Debian archive.")
                .help(
                    "Pull the image `ubuntu:24.04` into the engine by other means, then run again.",
                )
        })
}

/// Installs the packages, as the image's own apt does it.
const PREPARE: &str = r#"set -eu
export DEBIAN_FRONTEND=noninteractive
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
apt-get update -q
apt-get install -y -q --no-install-recommends "$@"
rm /usr/sbin/policy-rc.d
rm -f /etc/ssh/ssh_host_* /etc/apt/apt.conf.d/docker-*
apt-get clean
rm -rf /var/lib/apt/lists/*
cat >/usr/sbin/landfall-boot
chmod 755 /usr/sbin/landfall-boot
"#;

/// The container in which this process prepares the image.
fn container() -> String {
    format!("landfall-base-{}", std::process::id())
}

/// Takes away what a preparation that was called off has left.
pub async fn clear(engine: &Engine) {
    let args = ["rm", "--force", &container()];
    let _ = engine.docker("preparing the base image", &args).await;
}

async fn prepare(engine: &Engine, bare: &str, name: &str) -> Result<(), Failure> {
    let what = "preparing the base image";
    let (container, label) = (container(), label::of_this_process());
    let create = [
        "create",
        "--interactive",
        "--name",
        &container,
        "--label",
        &label,
        bare,
        "/bin/sh",
        "-c",
        PREPARE,
        "sh",
    ];
    let args: Vec<&str> = create
        .iter()
        .copied()
        .chain(PACKAGES.iter().copied())
        .collect();
    engine.docker(what, &args).await?;
    let started = engine
        .docker_with(
            what,
            &["start", "--attach", "--interactive", &container],
            BOOT.as_bytes(),
        )
        .await;
    let committed = match started {
        Ok(_) => {
            engine
                .docker(
                    what,
                    &[
                        "commit",
                        "--change",
                        "CMD [\"/sbin/init\"]",
                        // The image is no host of ours, so it does not pass the mark of one on.
                        "--change",
                        &format!("LABEL {}=", label::NAME),
                        &container,
                        name,
                    ],
                )
                .await
        }
        Err(failure) => Err(failure),
    };
    let removed = engine.docker(what, &["rm", "--force", &container]).await;
    committed.and(removed).map(|_| ())
}
