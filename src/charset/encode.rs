//! Text to bytes.

use alloc::vec::Vec;

use encoding_rs::{EUC_KR, EncoderResult, Encoding};

use super::{Charset, is_damage, is_excluded, is_extension};

/// The characters that a dialect can write as themselves.
///
/// U+2592 and U+FFFD are in none: read back, they would be taken for damage (S-43). Nor are U+FFFE and U+FFFF, which
/// no message holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repertoire {
    /// ASCII and KS X 1001: EUC-KR in the strict sense.
    KsX1001,
    /// ASCII and CP949.
    Cp949,
    /// Unicode.
    Utf8,
}

impl Repertoire {
    /// The charset that reads what is written.
    pub(crate) fn charset(self) -> Charset {
        match self {
            Self::KsX1001 => Charset::EucKr,
            Self::Cp949 => Charset::Cp949,
            Self::Utf8 => Charset::Utf8,
        }
    }
}

/// Appends `text` to `out`.
///
/// For a character outside the repertoire `unmappable` writes what it wants in its place; it is given the character
/// and its index, counted in characters of `text`.
pub(crate) fn encode(
    text: &str,
    repertoire: Repertoire,
    out: &mut Vec<u8>,
    mut unmappable: impl FnMut(&mut Vec<u8>, char, usize),
) {
    let (ascii, rest) = text.split_at_checked(ascii_len(text)).unwrap_or((text, ""));
    out.extend_from_slice(ascii.as_bytes());
    if rest.is_empty() || push_whole(rest, repertoire, out) {
        return;
    }
    for (nth, c) in rest.chars().enumerate() {
        match u8::try_from(c) {
            Ok(byte) if byte.is_ascii() => out.push(byte),
            _ => match encoded(c, repertoire, &mut [0; 4]) {
                Some(bytes) => out.extend_from_slice(bytes),
                None => unmappable(out, c, ascii.len() + nth),
            },
        }
    }
}

/// Appends a text at one go, if all of it is in the repertoire; else appends nothing.
fn push_whole(text: &str, repertoire: Repertoire, out: &mut Vec<u8>) -> bool {
    if repertoire == Repertoire::Utf8 {
        return false;
    }
    // No pair is longer than its character in UTF-8.
    let start = out.len();
    out.resize(start + text.len(), 0);
    let (result, _, written) =
        EUC_KR.new_encoder().encode_from_utf8_without_replacement(text, out.get_mut(start..).unwrap_or_default(), true);
    out.truncate(start + written);
    let whole = result == EncoderResult::InputEmpty
        && out.get(start..).is_some_and(|bytes| pairs_are_in(bytes, repertoire == Repertoire::KsX1001));
    if !whole {
        out.truncate(start);
    }
    whole
}

/// Whether no pair is the mark of damage (U+2592), and where `strict` none is beyond KS X 1001.
fn pairs_are_in(mut bytes: &[u8], strict: bool) -> bool {
    loop {
        bytes = match *bytes {
            [] => return true,
            [byte, ref rest @ ..] if byte.is_ascii() => rest,
            [lead, trail, ref rest @ ..] if [lead, trail] != [0xA2, 0xC6] && !(strict && is_extension(lead, trail)) => {
                rest
            }
            _ => return false,
        }
    }
}

/// How many ASCII characters the text begins with.
fn ascii_len(text: &str) -> usize {
    Encoding::ascii_valid_up_to(text.as_bytes())
}

/// Whether the character is in the repertoire.
pub(crate) fn can_encode(c: char, repertoire: Repertoire) -> bool {
    c.is_ascii() || encoded(c, repertoire, &mut [0; 4]).is_some()
}

/// A character beyond ASCII, as bytes.
fn encoded(c: char, repertoire: Repertoire, bytes: &mut [u8; 4]) -> Option<&[u8]> {
    if is_damage(c) || is_excluded(c) {
        return None;
    }
    if repertoire == Repertoire::Utf8 {
        return Some(c.encode_utf8(bytes).as_bytes());
    }
    let mut utf8 = [0; 4];
    let (result, _, _) =
        EUC_KR.new_encoder().encode_from_utf8_without_replacement(c.encode_utf8(&mut utf8), bytes, true);
    match bytes {
        _ if result != EncoderResult::InputEmpty => None,
        [lead, trail, ..] if repertoire == Repertoire::KsX1001 && is_extension(*lead, *trail) => None,
        [pair @ .., _, _] => Some(pair),
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    /// The bytes, with `[c@index]` for what cannot be mapped.
    fn encoded_text(text: &str, repertoire: Repertoire) -> Vec<u8> {
        let mut out = b">".to_vec();
        encode(text, repertoire, &mut out, |out, c, index| {
            out.extend_from_slice(format!("[{:X}@{index}]", u32::from(c)).as_bytes());
        });
        out
    }

    #[test]
    fn appends_ascii_as_it_is() {
        for repertoire in [Repertoire::KsX1001, Repertoire::Cp949, Repertoire::Utf8] {
            assert_eq!(encoded_text("a<\r\n\t\x7F", repertoire), b">a<\r\n\t\x7F");
            assert_eq!(encoded_text("", repertoire), b">");
        }
    }

    #[test]
    fn counts_characters_that_it_cannot_map_from_the_start_of_the_text() {
        assert_eq!(encoded_text("ab가😀c똠\u{2014}", Repertoire::KsX1001), b">ab\xB0\xA1[1F600@3]c[B620@5][2014@6]");
        assert_eq!(encoded_text("😀", Repertoire::Cp949), b">[1F600@0]");
    }

    #[test]
    fn writes_what_each_repertoire_has() {
        // B620 is a syllable that only CP949 has.
        assert_eq!(encoded_text("똠", Repertoire::Cp949), b">\x8Cc");
        assert_eq!(encoded_text("똠", Repertoire::KsX1001), b">[B620@0]");
        assert_eq!(encoded_text("똠😀", Repertoire::Utf8), ">똠😀".as_bytes());
        // Spec 3.5: the euro sign, circled digits, the wave dash and curly quotes are in EUC-KR.
        assert_eq!(encoded_text("€①∼“”®", Repertoire::KsX1001), b">\xA2\xE6\xA8\xE7\xA1\xAD\xA1\xB0\xA1\xB1\xA2\xE7");
    }

    #[test]
    fn refuses_characters_that_would_read_back_as_damage() {
        for repertoire in [Repertoire::KsX1001, Repertoire::Cp949, Repertoire::Utf8] {
            assert_eq!(encoded_text("▒a\u{FFFD}\u{FFFE}", repertoire), b">[2592@0]a[FFFD@2][FFFE@3]");
            for c in ['▒', '\u{FFFD}', '\u{FFFE}', '\u{FFFF}'] {
                assert!(!can_encode(c, repertoire), "{c:?}");
            }
        }
    }

    #[test]
    fn lets_what_cannot_be_mapped_be_left_out() {
        let mut out = Vec::new();
        encode("a😀b", Repertoire::KsX1001, &mut out, |_, _, _| {});
        assert_eq!(out, b"ab");
    }
}
