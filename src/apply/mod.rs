//! Does what was decided.
