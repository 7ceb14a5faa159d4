//! ECS.

mod act;
mod ask;
mod definition;
mod describe;
mod job;
mod register;
mod run;
mod service;
mod steady;
mod stopped;
mod tags;

pub(super) use act::act;
pub(super) use ask::ask;
