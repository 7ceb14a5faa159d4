//! Asks the world what is, each question once.
