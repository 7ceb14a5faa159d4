//! The program itself, as its users run it: a folder, a command line, what it prints and how it ends.

mod apply;
mod check;
mod deploy_user;
mod destroy;
mod door;
mod interrupted;
mod leaks;
mod lost;
mod memory;
mod moved;
mod partly;
mod parts;
mod private;
mod project;
mod proxy;
mod questions;
mod refused;
mod rehearse;
mod removal;
mod saved;
mod siblings;
mod stacks;
mod team;
