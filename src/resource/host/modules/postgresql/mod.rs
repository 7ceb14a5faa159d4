//! Modules about PostgreSQL.

pub mod postgresql_db;
pub mod postgresql_user;
