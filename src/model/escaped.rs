//! Bytes as text that can be edited, and back, whatever they are: those that are no UTF-8 become characters of their own,
//! as Python's `surrogateescape` has them.

/// Where the characters begin that stand for bytes. They are the last ones there are (plane 16, private use), which no
/// text means anything by.
const FIRST: u32 = 0x10_ff00;

/// Text from which [`bytes`] makes these bytes again.
///
/// Characters that would stand for bytes are taken apart into bytes themselves, so that nothing is ever confused.
pub fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if u32::from(character) >= FIRST {
                text.extend(character.encode_utf8(&mut [0; 4]).bytes().map(stand_in))
            } else {
                text.push(character)
            }
        }
        text.extend(chunk.invalid().iter().copied().map(stand_in));
    }
    text
}

/// The bytes of such a text.
pub fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        let byte = u32::from(character)
            .checked_sub(FIRST)
            .and_then(|byte| u8::try_from(byte).ok());
        match byte {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

fn stand_in(byte: u8) -> char {
    char::from_u32(FIRST + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        let odd = ["caf\u{e9} \u{10ffe9}\u{10ffff}".as_bytes(), b"\xe9\xff"].concat();
        for given in [&all[..], &odd, b"", b"caf\xe9 x", "é".as_bytes()] {
            assert_eq!(bytes(&text(given)), given);
        }
        assert_eq!(text("é\r\n".as_bytes()), "é\r\n");
        assert_eq!(text(b"a\xe9b").chars().count(), 3);
    }
}
