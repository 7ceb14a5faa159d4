//! `ping`: whether the host answers, and nothing else.

use async_trait::async_trait;
use serde_json::json;

use crate::model::{Change, Failure, Probe};
use crate::resource::Resource;

use crate::resource::host::arguments::Arguments;
use crate::resource::host::ask;
use crate::resource::host::context::Context;

/// The arguments of `ping`.
pub const ARGUMENTS: &[&str] = &["data"];

/// A question that every host can answer.
pub struct Ping {
    data: String,
}

/// Reads the arguments. `crash` fails, as in Ansible, where it tries how a failure looks.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<Ping, Failure> {
    let data = arguments.text(&["data"])?;
    let data = data.unwrap_or_else(|| "pong".to_owned());
    if data == "crash" {
        return Err(arguments.wrong("`data: crash` asks for this failure"));
    }
    Ok(Ping { data })
}

#[async_trait]
impl Resource for Ping {
    type Observed = ();

    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        ask::stat(world, "/", true).await.map(drop)
    }

    fn plan(&self, (): &Self::Observed) -> Result<Change, Failure> {
        Ok(Change::none().result(json!({ "ping": self.data })))
    }
}
