//! Which charset a part is in, and text to and from its bytes.
//!
//! Markup is found in the raw bytes and only runs of text are decoded, so a charset is fit for this crate when it
//! contains ASCII and no byte of a longer character equals a markup byte. UTF-8 and CP949 are so (the trail bytes of
//! CP949 are 41-5A, 61-7A, 81-FE), and so are the other charsets that [`encoding_rs`] calls ASCII-compatible; the rest
//! is refused by name.

mod decode;
mod encode;
mod label;

use encoding_rs::{DecoderResult, EUC_KR, Encoding, UTF_8};

#[cfg(any(test, fuzzing))]
pub(crate) use decode::decodes;
pub(crate) use decode::{choose, decode, decode_onto, is_plain, len_max, plain};
pub(crate) use encode::{Repertoire, can_encode, encode, encode_with, push};
pub(crate) use label::{LabelError, label};

/// How bytes become text.
///
/// US-ASCII has no variant: its label gives [`EucKr`](Self::EucKr), which contains it. So 8-bit bytes under that label
/// are read as Korean, and as UTF-8 with a conflict where they cannot be Korean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    /// A label that means KS X 1001. It is decoded as CP949, its superset.
    EucKr,
    /// CP949, called UHC too: KS X 1001 and the 8,822 Hangul syllables that it lacks.
    Cp949,
    /// UTF-8.
    Utf8,
    /// Any further ASCII-compatible charset.
    Other(&'static Encoding),
}

impl Charset {
    /// The converter.
    pub(crate) fn encoding(self) -> &'static Encoding {
        match self {
            Self::EucKr | Self::Cp949 => EUC_KR,
            Self::Utf8 => UTF_8,
            Self::Other(encoding) => encoding,
        }
    }
}

/// Length in bytes of the character at the start of `bytes`; 0 when there is none.
///
/// Bytes that are no character count one each. Where a decoder takes two bytes for one undecodable character (CP949:
/// a lead byte and an 8-bit byte that make no pair), they count together: else the walk would fall out of step.
#[inline]
pub(crate) fn char_len(bytes: &[u8], charset: Charset) -> usize {
    match (bytes, charset) {
        ([], _) => 0,
        ([byte, ..], _) if byte.is_ascii() => 1,
        (_, Charset::EucKr | Charset::Cp949) => cp949_len(bytes),
        (_, Charset::Utf8) => utf8_len(bytes),
        (_, Charset::Other(encoding)) => other_len(bytes, encoding),
    }
}

/// A lead byte takes any 8-bit byte with it, and of the ASCII letters those that it makes a pair with.
#[inline]
fn cp949_len(bytes: &[u8]) -> usize {
    match bytes {
        [0x81..=0xFE, 0x80..=0xFF, ..] => 2,
        [lead, trail, ..] if is_extension(*lead, *trail) => 2,
        _ => 1,
    }
}

/// UTF-8 sequences are of one to four bytes (RFC 3629 section 3).
fn utf8_len(bytes: &[u8]) -> usize {
    let first = head(bytes).utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    first.map_or(1, char::len_utf8)
}

/// The shortest start of `bytes` that decodes is one character.
fn other_len(bytes: &[u8], encoding: &'static Encoding) -> usize {
    let head = head(bytes);
    let character = (1..=head.len()).find(|&len| only_char(&head[..len], encoding).is_ok());
    character.or_else(|| only_char(head, encoding).err()).unwrap_or(1)
}

/// As many bytes as the longest character of any charset has.
fn head(bytes: &[u8]) -> &[u8] {
    bytes.get(..4).unwrap_or(bytes)
}

/// The character that `bytes` are, or how many of them the decoder gives up at the start.
fn only_char(bytes: &[u8], encoding: &'static Encoding) -> Result<char, usize> {
    if let [byte] = bytes
        && byte.is_ascii()
    {
        return Ok(char::from(*byte));
    }
    let mut text = [0; 32];
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let (result, _, written) = decoder.decode_to_utf8_without_replacement(bytes, &mut text, true);
    let text = text[..written].utf8_chunks().next().map_or("", |chunk| chunk.valid());
    match (result, text.chars().next()) {
        (DecoderResult::InputEmpty, Some(c)) => Ok(c),
        (DecoderResult::Malformed(len, _), _) => Err(len.into()),
        _ => Err(1),
    }
}

/// Whether the pair is one of the 8,822 that CP949 has beyond KS X 1001: all are Hangul, with a lead or a trail byte
/// below A1.
const fn is_extension(lead: u8, trail: u8) -> bool {
    match lead {
        0x81..=0xA0 => matches!(trail, b'A'..=b'Z' | b'a'..=b'z' | 0x81..=0xFE),
        0xA1..=0xC5 => matches!(trail, b'A'..=b'Z' | b'a'..=b'z' | 0x81..=0xA0),
        0xC6 => matches!(trail, b'A'..=b'R'),
        _ => false,
    }
}

/// How many bytes of ASCII these begin with.
pub(crate) fn ascii_len(bytes: &[u8]) -> usize {
    let (blocks, _) = bytes.as_chunks::<64>();
    let is_ascii = |block: &&[u8; 64]| block.iter().fold(0, |all, byte| all | byte).is_ascii();
    let whole = blocks.iter().take_while(is_ascii).count() * 64;
    whole + Encoding::ascii_valid_up_to(&bytes[whole..])
}

/// Whether a character means that text was damaged before it came here (S-43).
pub(crate) fn is_damage(c: char) -> bool {
    matches!(c, '\u{2592}' | '\u{FFFD}')
}

/// Whether no message can hold the character: XML 1.0 section 2.2 excludes it.
pub(crate) fn is_excluded(c: char) -> bool {
    matches!(c, '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}')
}

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
