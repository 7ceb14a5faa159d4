//! Decides what differs.
