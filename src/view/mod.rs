//! How a run is shown: a terminal, plain lines, JSON.
