//! Writes down where one can now deploy.
