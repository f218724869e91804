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
    unmappable: impl FnMut(&mut Vec<u8>, char, usize),
) {
    let (ascii, rest) = text.split_at_checked(ascii_len(text)).unwrap_or((text, ""));
    out.extend_from_slice(ascii.as_bytes());
    if !(rest.is_empty() || encode_whole(rest, repertoire, out)) {
        push_runs(rest, ascii.len(), repertoire, out, unmappable);
    }
}

/// Appends a text at one go, if all of it is in the repertoire; else appends nothing.
pub(crate) fn encode_whole(text: &str, repertoire: Repertoire, out: &mut Vec<u8>) -> bool {
    if !is_sound(text) {
        return false;
    }
    if repertoire == Repertoire::Utf8 || text.is_ascii() {
        out.extend_from_slice(text.as_bytes());
        return true;
    }
    // No pair is longer than its character in UTF-8.
    let start = out.len();
    out.resize(start + text.len(), 0);
    let pairs = out.get_mut(start..).unwrap_or_default();
    let (result, _, written) = EUC_KR.new_encoder().encode_from_utf8_without_replacement(text, pairs, true);
    let whole = result == EncoderResult::InputEmpty
        && (repertoire == Repertoire::Cp949 || is_ks_x_1001(pairs.get(..written).unwrap_or_default(), text));
    out.truncate(if whole { start + written } else { start });
    whole
}

/// Whether no character means damage or is one that no message holds. Most text is told at a glance, by the bytes that
/// they begin with.
fn is_sound(text: &str) -> bool {
    // Without an early end, so that it runs over many bytes at a time.
    let suspect = text.bytes().fold(0, |found, byte| found | u8::from(matches!(byte, 0xE2 | 0xEF)));
    suspect == 0 || !text.chars().any(is_lost)
}

/// Whether a character beyond ASCII is in no repertoire.
fn is_lost(c: char) -> bool {
    is_damage(c) || !c.is_ascii() && is_excluded(c)
}

/// Whether no pair of a text in CP949 is one that KS X 1001 lacks: each of those has a byte below A1.
fn is_ks_x_1001(bytes: &[u8], text: &str) -> bool {
    // So many that their number is a byte, and many bytes are counted at a time.
    let few = |bytes: &[u8], from| bytes.iter().map(|&byte| u8::from(byte >= from)).sum::<u8>();
    let count = |bytes: &[u8], from| bytes.chunks(255).map(|bytes| usize::from(few(bytes, from))).sum::<usize>();
    // In UTF-8 a character beyond ASCII has one byte from C0 on, its first.
    count(bytes, 0xA1) == 2 * count(text.as_bytes(), 0xC0)
}

/// Appends a text of which something is outside the repertoire; its first character has this index.
fn push_runs(
    text: &str,
    first: usize,
    repertoire: Repertoire,
    out: &mut Vec<u8>,
    mut unmappable: impl FnMut(&mut Vec<u8>, char, usize),
) {
    if repertoire == Repertoire::Utf8 {
        for (index, c) in (first..).zip(text.chars()) {
            if is_lost(c) {
                unmappable(out, c, index);
            } else {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        return;
    }
    let mut run = alloc::vec![0; text.len()];
    let mut encoder = EUC_KR.new_encoder();
    let (mut rest, mut index) = (text, first);
    while !rest.is_empty() {
        // A run ends behind the first character that CP949 lacks.
        let (result, read, _) = encoder.encode_from_utf8_without_replacement(rest, &mut run, true);
        let (chars, behind) = rest.split_at_checked(read).unwrap_or((rest, ""));
        let lacked = if let EncoderResult::Unmappable(c) = result { Some(c) } else { None };
        let mapped = lacked.and_then(|c| chars.strip_suffix(c)).unwrap_or(chars);
        let mut bytes = &run[..];
        for c in mapped.chars() {
            let (own, others) = bytes.split_at_checked(if c.is_ascii() { 1 } else { 2 }).unwrap_or_default();
            match *own {
                [lead, trail] if !is_in(c, lead, trail, repertoire) => unmappable(out, c, index),
                _ => out.extend_from_slice(own),
            }
            bytes = others;
            index += 1;
        }
        if let Some(c) = lacked {
            unmappable(out, c, index);
            index += 1;
        }
        rest = behind;
    }
}

/// Whether a character with this pair in CP949 is in a repertoire of pairs.
fn is_in(c: char, lead: u8, trail: u8, repertoire: Repertoire) -> bool {
    let is_beyond = repertoire == Repertoire::KsX1001 && is_extension(lead, trail);
    !(is_beyond || is_damage(c))
}

/// How many ASCII characters the text begins with.
fn ascii_len(text: &str) -> usize {
    Encoding::ascii_valid_up_to(text.as_bytes())
}

/// Whether the character is in the repertoire.
pub(crate) fn can_encode(c: char, repertoire: Repertoire) -> bool {
    if c.is_ascii() {
        return true;
    }
    if repertoire == Repertoire::Utf8 || is_lost(c) {
        return !is_lost(c);
    }
    let (mut utf8, mut pair) = ([0; 4], [0; 4]);
    let text = c.encode_utf8(&mut utf8);
    let (result, _, _) = EUC_KR.new_encoder().encode_from_utf8_without_replacement(text, &mut pair, true);
    result == EncoderResult::InputEmpty && is_in(c, pair[0], pair[1], repertoire)
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
