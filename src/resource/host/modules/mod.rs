//! The modules, by what they are about.

pub mod accounts;
pub mod commands;
pub mod files;
pub mod packages;
pub mod postgresql;
pub mod services;
pub mod system;
