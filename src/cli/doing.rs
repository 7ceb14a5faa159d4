//! What a command was doing when it could not go on, in its own words.

/// How a command ended that could not go on.
#[derive(Debug, Clone, Copy)]
pub struct Doing {
    /// How it ended.
    pub summary: &'static str,
    /// What was being done.
    pub what: &'static str,
}

/// What `plan` does.
pub const PLANNING: Doing = Doing {
    summary: "the plan is incomplete",
    what: "planning the environment",
};

/// A command that decides first, and then changes things.
#[derive(Debug, Clone, Copy)]
pub struct Changing {
    /// What it does before anything is changed.
    pub before: Doing,
    /// What it does then.
    pub during: Doing,
}

/// What `apply` does.
pub const APPLYING: Changing = Changing {
    before: Doing {
        summary: "nothing was applied",
        what: "deciding what the apply has to do",
    },
    during: Doing {
        summary: "the apply failed",
        what: "applying the environment",
    },
};

/// What `destroy` does.
pub const DESTROYING: Changing = Changing {
    before: Doing {
        summary: "nothing was destroyed",
        what: "deciding what there is to take away",
    },
    during: Doing {
        summary: "the destroy failed",
        what: "taking the environment away",
    },
};
