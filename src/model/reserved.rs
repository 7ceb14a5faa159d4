//! What is percent-encoded in URLs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// What is encoded in a part of a URL: all that is not unreserved (RFC 3986, section 2.3).
pub const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What is encoded in a path, in which the slash stands.
pub const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');
