//! What needs what, and the one walk over it that holds all concurrency.
