//! One user's shell: what waits goes out as one request, and what comes back is taken apart.

pub mod allowance;
pub mod call;
pub mod frame;
pub mod liveness;
pub mod nonce;
pub mod queue;
pub mod quote;
pub mod shell;
pub mod step;
pub mod streams;
pub mod unsound;
