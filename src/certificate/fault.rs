//! What may be wrong with a certificate, and what of it is found in more than one way.

/// Something that is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong, the same words each time.
    pub summary: &'static str,
    /// What is wrong with this one, as a whole sentence.
    pub why: String,
    /// What to do.
    pub help: &'static str,
}

/// A key that is too short; `why` says whose.
pub fn too_short(why: String) -> Fault {
    Fault {
        summary: "the key is too short",
        why,
        help: "make a new key, and have a certificate issued for it",
    }
}

/// A chain whose certificates are those of one, and stand otherwise than in its order.
pub fn other_order(why: String) -> Fault {
    Fault {
        summary: "the chain is in another order",
        why,
        help: "put the host's own certificate first, then the one that signed it, and so on",
    }
}
