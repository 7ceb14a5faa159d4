//! ECS.

mod act;
mod ask;
mod definition;
mod deployment;
mod describe;
mod images;
mod instances;
mod job;
mod new_role;
mod one_off;
mod register;
mod reimage;
mod run;
mod service;
mod start;
mod steady;
mod stopped;
mod tags;

pub(super) use act::act;
pub(super) use ask::ask;
pub use one_off::OneOff;
pub(super) use one_off::run_once;
