//! ECS.

mod act;
mod ask;
mod definition;
mod deployment;
mod describe;
mod images;
mod job;
mod register;
mod reimage;
mod run;
mod service;
mod steady;
mod stopped;
mod tags;

pub(super) use act::act;
pub(super) use ask::ask;
