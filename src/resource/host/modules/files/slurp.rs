//! `slurp`: what a file on the host holds, registered in base64.

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::model::{Change, Content, Failure, Probe};
use crate::resource::Resource;

use crate::resource::host::arguments::Arguments;
use crate::resource::host::ask;
use crate::resource::host::context::Context;

/// The arguments of `slurp`.
pub const ARGUMENTS: &[&str] = &["src", "path"];

/// A file to read.
pub struct Slurp {
    path: String,
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<Slurp, Failure> {
    Ok(Slurp {
        path: arguments.need_path(&["src", "path"])?,
    })
}

#[async_trait]
impl Resource for Slurp {
    type Observed = Option<Content>;

    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        ask::read(world, &self.path).await
    }

    fn plan(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        let content = seen.as_ref().ok_or_else(|| {
            Failure::new(
                "a file to be read is not there",
                format!("{} was to be read.", self.path),
            )
        })?;
        Ok(Change::none().result(json!({
            "content": STANDARD.encode(content.bytes()), "encoding": "base64", "source": self.path,
        })))
    }
}
