//! `stat`: what is at a path, registered and nothing else.

use async_trait::async_trait;
use serde_json::json;

use crate::model::host::{Algorithm, FileType, Stat as Seen};
use crate::model::{Change, Failure, Probe, Value};
use crate::resource::Resource;

use crate::resource::host::access::octal;
use crate::resource::host::arguments::Arguments;
use crate::resource::host::ask;
use crate::resource::host::context::Context;

/// The arguments of `stat`.
pub const ARGUMENTS: &[&str] = &[
    "path",
    "dest",
    "name",
    "follow",
    "get_checksum",
    "checksum_algorithm",
    "checksum",
    "checksum_algo",
    "get_mime",
    "get_attributes",
];

/// A question about a path.
pub struct Stat {
    path: String,
    follow: bool,
    /// How its checksum is made, if wanted.
    sum: Option<Algorithm>,
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<Stat, Failure> {
    let algorithm = arguments.choice(
        &["checksum_algorithm", "checksum", "checksum_algo"],
        &[
            "sha1sum", "sha1", "md5", "sha224", "sha256", "sha384", "sha512",
        ],
    )?;
    let algorithm = match algorithm {
        "md5" => Algorithm::Md5,
        "sha224" => Algorithm::Sha224,
        "sha256" => Algorithm::Sha256,
        "sha384" => Algorithm::Sha384,
        "sha512" => Algorithm::Sha512,
        _ => Algorithm::Sha1,
    };
    Ok(Stat {
        path: arguments.need_path(&["path", "dest", "name"])?,
        follow: arguments.flag(&["follow"], false)?,
        sum: arguments
            .flag(&["get_checksum"], true)?
            .then_some(algorithm),
    })
}

#[async_trait]
impl Resource for Stat {
    type Observed = (Option<Seen>, Option<String>);

    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        let stat = ask::stat(world, &self.path, self.follow);
        let Some(algorithm) = self.sum else {
            return Ok((stat.await?, None));
        };
        let sum = ask::checksum(world, &self.path, self.follow, algorithm);
        futures::try_join!(stat, sum)
    }

    fn plan(&self, (stat, sum): &Self::Observed) -> Result<Change, Failure> {
        let Some(seen) = stat else {
            return Ok(Change::none().result(json!({"stat": {"exists": false}})));
        };
        let mut result = described(&self.path, seen);
        if seen.kind == FileType::File
            && let Some(sum) = sum
        {
            result["checksum"] = json!(sum);
        }
        Ok(Change::none().result(json!({ "stat": result })))
    }
}

fn described(path: &str, seen: &Seen) -> Value {
    let bit = |bit: u32| seen.mode & bit != 0;
    let mut result = json!({
        "exists": true, "path": path, "mode": octal(seen.mode),
        "isreg": seen.kind == FileType::File, "isdir": seen.kind == FileType::Directory,
        "islnk": seen.kind == FileType::Link, "isblk": seen.kind == FileType::Block,
        "ischr": seen.kind == FileType::Character, "isfifo": seen.kind == FileType::Pipe,
        "issock": seen.kind == FileType::Socket,
        "uid": seen.uid, "gid": seen.gid, "pw_name": seen.owner, "gr_name": seen.group,
        "size": seen.size, "inode": seen.inode, "nlink": seen.links,
        "atime": seen.atime, "mtime": seen.mtime, "ctime": seen.ctime,
        "rusr": bit(0o400), "wusr": bit(0o200), "xusr": bit(0o100),
        "rgrp": bit(0o040), "wgrp": bit(0o020), "xgrp": bit(0o010),
        "roth": bit(0o004), "woth": bit(0o002), "xoth": bit(0o001),
        "isuid": bit(0o4000), "isgid": bit(0o2000),
    });
    if let Some(permitted) = seen.permitted {
        result["readable"] = json!(permitted.read);
        result["writeable"] = json!(permitted.write);
        result["executable"] = json!(permitted.execute);
    }
    if let Some(target) = &seen.target {
        result["lnk_target"] = json!(target);
    }
    result
}
