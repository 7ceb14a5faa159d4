//! Reads what the user declared, and says everything that is wrong with it at once.
