//! `reboot`: the host restarts, and the run waits until it is back.

use async_trait::async_trait;
use serde_json::json;

use crate::model::host_action::HostAction;
use crate::model::{Change, Effect, Failure, Probe, Shown};
use crate::resource::Resource;

use crate::resource::host::arguments::Arguments;
use crate::resource::host::context::Context;

/// The arguments of `reboot`.
pub const ARGUMENTS: &[&str] = &["reboot_timeout", "reboot_timeout_sec", "msg"];

/// A restart.
pub struct Reboot {
    timeout: u64,
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<Reboot, Failure> {
    let timeout = arguments
        .integer(&["reboot_timeout", "reboot_timeout_sec"])?
        .unwrap_or(600);
    Ok(Reboot {
        timeout: u64::try_from(timeout)
            .ok()
            .filter(|seconds| *seconds > 0)
            .ok_or_else(|| arguments.wrong("`reboot_timeout` must be more than 0 seconds"))?,
    })
}

#[async_trait]
impl Resource for Reboot {
    type Observed = ();

    async fn observe(&self, _: &dyn Probe) -> Result<(), Failure> {
        Ok(())
    }

    fn plan(&self, (): &()) -> Result<Change, Failure> {
        Ok(Change::new(Effect::Run)
            .field(
                "host",
                Shown::Value(json!("running")),
                Shown::Value(json!("restarted")),
            )
            .action(HostAction::Reboot {
                timeout: self.timeout,
            })
            .result(json!({"rebooted": true})))
    }
}
