//! What is remembered between runs: targets, ledger, lock, journal. None of it is secret.
