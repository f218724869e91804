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

/// The syllables of KS X 1001 in its order, a row of it on each line: rows B0 to C8.
const SYLLABLES: &str = include_str!("syllables.txt");

/// The first syllable of Unicode, and how many there are.
const FIRST: u32 = '가' as u32;
const COUNT: usize = '힣' as usize - '가' as usize + 1;

/// The pair of every syllable; 0 where KS X 1001 has none.
static PAIRS: [u16; COUNT] = {
    let mut pairs = [0; COUNT];
    let (mut rest, mut lead, mut trail) = (SYLLABLES.as_bytes(), 0xB0, 0xA1);
    loop {
        match rest {
            // All are of three bytes in UTF-8.
            [one, two, three, behind @ ..] if *one >= 0x80 => {
                let c = (*one as usize & 0xF) << 12 | (*two as usize & 0x3F) << 6 | *three as usize & 0x3F;
                pairs[c - FIRST as usize] = lead << 8 | trail;
                trail += 1;
                rest = behind;
            }
            [_line_end, behind @ ..] => {
                (lead, trail) = (lead + 1, 0xA1);
                rest = behind;
            }
            [] => break pairs,
        }
    }
};

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
    let mut index = ascii.len();
    encode_with(
        rest,
        repertoire,
        out,
        |_| false,
        |out, c, before| {
            index += before;
            if !push(c, repertoire, out) {
                unmappable(out, c, index);
            }
            index += 1;
        },
    );
}

/// Appends `text` to `out`, and has `other` append what it wants for a character of ASCII that is `special`, and for
/// others from time to time, among them all that are outside the repertoire. It is told how many characters stand between
/// that and the one before.
pub(crate) fn encode_with(
    text: &str,
    repertoire: Repertoire,
    out: &mut Vec<u8>,
    special: impl Fn(u8) -> bool,
    mut other: impl FnMut(&mut Vec<u8>, char, usize),
) {
    let mut rest = text;
    loop {
        // What is appended all at once takes no look for each character at the room there is.
        let mut run = [0; 128];
        let (mut len, mut count) = (0, 0);
        let mut bytes = rest.as_bytes();
        while let Some(place) = run.get_mut(len..).and_then(<[u8]>::first_chunk_mut) {
            match *bytes {
                [byte @ ..=0x7F, ref behind @ ..] if !special(byte) => {
                    *place = [byte, 0];
                    len += 1;
                    bytes = behind;
                }
                [lead @ 0xEA..=0xED, second, third, ref behind @ ..] if repertoire != Repertoire::Utf8 => {
                    let c = u32::from(lead & 0xF) << 12 | u32::from(second & 0x3F) << 6 | u32::from(third & 0x3F);
                    *place = syllable(c).to_be_bytes();
                    if *place == [0, 0] {
                        break;
                    }
                    len += 2;
                    bytes = behind;
                }
                _ => break,
            }
            count += 1;
        }
        out.extend_from_slice(run.get(..len).unwrap_or_default());
        let mut chars = rest.get(rest.len() - bytes.len()..).unwrap_or_default().chars();
        let Some(c) = chars.next() else { return };
        other(out, c, count);
        rest = chars.as_str();
    }
}

/// Appends a character, if it is in the repertoire.
#[inline]
pub(crate) fn push(c: char, repertoire: Repertoire, out: &mut Vec<u8>) -> bool {
    if let Ok(byte @ ..=0x7F) = u8::try_from(c) {
        out.push(byte);
        return true;
    }
    if repertoire == Repertoire::Utf8 {
        let sound = !is_lost(c);
        if sound {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        return sound;
    }
    let pair = pair(c, repertoire);
    if let Some(pair) = pair {
        out.extend_from_slice(&pair);
    }
    pair.is_some()
}

/// Whether the character is in the repertoire.
pub(crate) fn can_encode(c: char, repertoire: Repertoire) -> bool {
    c.is_ascii() || if repertoire == Repertoire::Utf8 { !is_lost(c) } else { pair(c, repertoire).is_some() }
}

/// The pair of a character beyond ASCII in a repertoire of pairs.
#[inline]
fn pair(c: char, repertoire: Repertoire) -> Option<[u8; 2]> {
    match syllable(c.into()) {
        0 => other_pair(c, repertoire),
        pair => Some(pair.to_be_bytes()),
    }
}

/// The pair of a syllable of KS X 1001; 0 for other characters.
#[inline]
fn syllable(c: u32) -> u16 {
    PAIRS.get(c.wrapping_sub(FIRST) as usize).copied().unwrap_or(0)
}

/// The same of one that is no syllable of KS X 1001.
fn other_pair(c: char, repertoire: Repertoire) -> Option<[u8; 2]> {
    let (mut utf8, mut pair) = ([0; 4], [0; 4]);
    let text = c.encode_utf8(&mut utf8);
    let (result, _, _) = EUC_KR.new_encoder().encode_from_utf8_without_replacement(text, &mut pair, true);
    let [lead, trail, ..] = pair;
    let is_beyond = repertoire == Repertoire::KsX1001 && is_extension(lead, trail);
    (result == EncoderResult::InputEmpty && !is_beyond && !is_lost(c)).then_some([lead, trail])
}

/// Whether a character beyond ASCII is in no repertoire.
fn is_lost(c: char) -> bool {
    is_damage(c) || is_excluded(c)
}

/// How many ASCII characters the text begins with.
fn ascii_len(text: &str) -> usize {
    Encoding::ascii_valid_up_to(text.as_bytes())
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
