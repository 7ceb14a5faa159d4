//! Reading records that anything may have happened to: cut, emptied, edited, merged, put there by somebody else.

use serde::de::DeserializeOwned;

/// No record is larger: a ledger of five thousand things is not. What is read as JSON takes up to forty times its length
/// (a list of digits, measured), and no run shall need more than 256 MiB for that.
pub(super) const LARGEST: u64 = 4 << 20;

/// No journal is larger, by far. It is read line by line, and of each line a few words.
pub(super) const LARGEST_LOG: u64 = 64 << 20;

/// Why a file of this length is not read; none where it may be.
pub(super) fn too_large(bytes: u64, largest: u64) -> Option<String> {
    (bytes > largest).then(|| {
        format!(
            "It has {bytes} bytes; landfall writes no such file beyond {largest}, and reads none."
        )
    })
}

/// The value, or what is wrong with the file as sentences. A byte order mark, which some editors put there, is passed
/// over.
pub(super) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    serde_json::from_slice(text).map_err(|error| {
        let what = match text {
            [] => "It is empty".to_owned(),
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
                "It is UTF-16 text, and must be UTF-8".to_owned()
            }
            _ if text.iter().all(|byte| *byte == 0) => {
                "It holds nothing but NUL bytes, as after a power cut".to_owned()
            }
            _ => match merge_mark(text) {
                Some(line) => format!("Line {line} is the mark of a merge that was not ended"),
                None if error.is_eof() => "It is cut off".to_owned(),
                None if error.is_data() => "It is JSON of another kind".to_owned(),
                None => "It is not JSON".to_owned(),
            },
        };
        format!("{what}: {error}.")
    })
}

/// The number of the first line that git wrote where two versions differed.
fn merge_mark(text: &[u8]) -> Option<usize> {
    let marked = |line: &[u8]| {
        [b"<<<<<<< ", b">>>>>>> "]
            .iter()
            .any(|mark| line.starts_with(*mark))
    };
    let line = text.split(|byte| *byte == b'\n').position(marked)?;
    Some(line + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Value;

    #[test]
    fn what_happened_to_a_file_is_said() {
        let why = |bytes: &[u8]| json::<Value>(bytes).unwrap_err();
        assert!(why(b"").starts_with("It is empty: EOF"));
        assert!(why(b"\xEF\xBB\xBF").starts_with("It is empty"));
        assert!(why(b"\0\0").starts_with("It holds nothing but NUL bytes"));
        assert!(why(b"\xFF\xFE{\0}\0").starts_with("It is UTF-16 text"));
        assert!(why(b"{\"a\": [1,").starts_with("It is cut off: EOF"));
        assert!(why(b"{\n<<<<<<< HEAD\n").starts_with("Line 2 is the mark of a merge"));
        assert!(why(b"project = 1").starts_with("It is not JSON"));
        assert!(
            json::<u64>(b"\"a\"")
                .unwrap_err()
                .starts_with("It is JSON of another kind")
        );
        assert_eq!(
            json::<Value>(b"\xEF\xBB\xBF[1]"),
            Ok(serde_json::json!([1]))
        );
    }
}
