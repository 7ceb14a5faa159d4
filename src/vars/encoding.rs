//! The bytes of template files: those that are no text stay what they are, and a rendered text is written as it was asked.

use crate::model::Value;

/// How a rendered template is written. What has no form in it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Ascii,
    Latin1,
    /// With a mark of the order at the start, lower byte first.
    Utf16,
    Utf16Le,
    Utf16Be,
}

/// A byte that is no text in UTF-8 travels through a rendering as two characters, one for each half of it. Unicode sets
/// them aside for such a use: no text that is exchanged has them.
const UPPER: u32 = 0xFDD0;
const LOWER: u32 = 0xFDE0;

/// The text of a file; its bytes that are no text come back with [`Encoding::written`].
pub(super) fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let halves = [UPPER + u32::from(byte >> 4), LOWER + u32::from(byte & 15)];
            text.extend(halves.into_iter().filter_map(char::from_u32));
        }
    }
    text
}

/// The half of a byte that a character stands for.
fn half(c: char, base: u32) -> Option<u8> {
    let half = u32::from(c).checked_sub(base)?;
    u8::try_from(half).ok().filter(|half| *half < 16)
}

impl Encoding {
    /// The encoding of this name, as Python spells it.
    pub fn named(value: &Value) -> Result<Self, String> {
        let name = value.as_str().unwrap_or_default();
        match name.to_lowercase().replace(['_', ' '], "-").as_str() {
            "" | "utf-8" | "utf8" | "u8" => Ok(Self::Utf8),
            "ascii" | "us-ascii" | "646" => Ok(Self::Ascii),
            "latin-1" | "latin1" | "l1" | "iso-8859-1" | "iso8859-1" | "8859" | "cp819" => {
                Ok(Self::Latin1)
            }
            "utf-16" | "utf16" | "u16" => Ok(Self::Utf16),
            "utf-16-le" | "utf-16le" => Ok(Self::Utf16Le),
            "utf-16-be" | "utf-16be" => Ok(Self::Utf16Be),
            _ => Err(format!(
                "`output_encoding` has no `{name}` here; there are utf-8, ascii, latin-1, utf-16, utf-16-le, utf-16-be"
            )),
        }
    }

    /// A rendered text as bytes.
    pub fn written(self, text: &str) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::with_capacity(text.len());
        if self == Self::Utf16 {
            bytes.extend([0xFF, 0xFE]);
        }
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let lower = chars.peek().and_then(|next| half(*next, LOWER));
            if let (Some(upper), Some(lower)) = (half(c, UPPER), lower) {
                bytes.push(upper << 4 | lower);
                chars.next();
            } else {
                self.character(c, &mut bytes)?;
            }
        }
        Ok(bytes)
    }

    fn character(self, c: char, bytes: &mut Vec<u8>) -> Result<(), String> {
        let missing = || format!("`{c}` has no form in the `output_encoding`");
        match self {
            Self::Utf8 => bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Self::Ascii if !c.is_ascii() => return Err(missing()),
            Self::Ascii | Self::Latin1 => bytes.push(u8::try_from(c).map_err(|_| missing())?),
            Self::Utf16 | Self::Utf16Le => {
                let units = c.encode_utf16(&mut [0; 2]).to_vec();
                bytes.extend(units.into_iter().flat_map(u16::to_le_bytes));
            }
            Self::Utf16Be => {
                let units = c.encode_utf16(&mut [0; 2]).to_vec();
                bytes.extend(units.into_iter().flat_map(u16::to_be_bytes));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back_through_a_rendering() {
        let bytes: Vec<u8> = (0..=255).chain("grüße €".bytes()).collect();
        assert_eq!(Encoding::Utf8.written(&text(&bytes)).unwrap(), bytes);
        assert_eq!(Encoding::Latin1.written("ü").unwrap(), [0xFC]);
    }
}
