//! Policy documents as IAM hands them out: JSON, percent-encoded as in a URL (RFC 3986).

use percent_encoding::percent_decode_str;

use crate::model::{Failure, Value};

/// The document, decoded; `what` is what was being read.
pub(super) fn decode(text: &str, what: &str) -> Result<Value, Failure> {
    let unreadable =
        |why: String| Failure::new("AWS sent a policy that cannot be read", what).why(why);
    if !is_encoded(text) {
        return Err(unreadable("It is wrongly encoded.".into()));
    }
    let bytes: Vec<u8> = percent_decode_str(text).collect();
    serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))
}

/// Whether two hexadecimal digits follow each percent sign.
fn is_encoded(text: &str) -> bool {
    let digits = |rest: &str| {
        let digits = rest.bytes().take(2).filter(u8::is_ascii_hexdigit);
        digits.count() == 2
    };
    text.split('%').skip(1).all(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_signs_are_decoded_and_a_cut_one_is_refused() {
        let value = decode("%7B%22a%22%3A%20%22b+c%22%7d", "reading").unwrap();
        assert_eq!(value, serde_json::json!({"a": "b+c"}));
        assert!(decode("%7B%2", "reading").is_err());
        assert!(decode("%zz", "reading").is_err());
        let cut = decode("%7B%7", "reading").unwrap_err();
        assert_eq!(cut.why, "It is wrongly encoded.");
    }
}
