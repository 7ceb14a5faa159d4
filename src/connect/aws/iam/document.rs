//! Policy documents as IAM hands them out: JSON, percent-encoded as in a URL (RFC 3986).

use crate::model::{Failure, Value};

/// The document, decoded; `what` is what was being read.
pub(super) fn decode(text: &str, what: &str) -> Result<Value, Failure> {
    let unreadable =
        |why: String| Failure::new("AWS sent a policy that cannot be read", what).why(why);
    let bytes = percent_decode(text).ok_or_else(|| unreadable("It is wrongly encoded.".into()))?;
    serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))
}

fn percent_decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => digit(rest.next()?)? * 16 + digit(rest.next()?)?,
            byte => byte,
        });
    }
    Some(bytes)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|value| value as u8)
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
    }
}
