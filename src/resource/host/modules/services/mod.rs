//! Modules about what runs by itself.

pub mod cron;
pub mod service;
