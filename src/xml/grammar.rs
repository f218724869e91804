//! The small pieces of XML's grammar: white space, names, references, quotes.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::combinator::map;
use nom::error::{Error, ErrorKind};
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

use super::tree::TextClass;
use crate::charset::Charset;

/// `S`, XML 1.0 section 2.3, one byte of it.
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// `NameStartChar`, section 2.3; bytes above ASCII count whole, for their characters are not looked
/// at.
pub(super) const fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':') || !byte.is_ascii()
}

/// `NameChar`, section 2.3.
pub(super) const fn is_name_byte(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
}

/// `Char`, section 2.2.
const fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// What `bytes` holds from `at` on; nothing when that is behind its end.
pub(super) fn from(bytes: &[u8], at: usize) -> &[u8] {
    bytes.get(at..).unwrap_or_default()
}

/// `S?`: the input behind it.
#[inline]
pub(super) fn skip_space(input: &[u8]) -> &[u8] {
    let mut rest = input;
    while let [byte, tail @ ..] = rest
        && is_space(*byte)
    {
        rest = tail;
    }
    rest
}

/// What a byte is in a name, for names are most of a document: [`NAME`], [`COLON`], or 0 for what ends it.
const NAME_CLASSES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte <= u8::MAX as usize {
        #[allow(clippy::cast_possible_truncation, reason = "at most 255")]
        let value = byte as u8;
        table[byte] = match value {
            b':' => COLON,
            _ if is_name_byte(value) => NAME,
            _ => 0,
        };
        byte += 1;
    }
    table
};
const NAME: u8 = 1;
const COLON: u8 = 2;

/// How many bytes `(NameChar)*` takes, section 2.3, and how many of them stand before the local name: those up to the last
/// colon.
#[inline]
pub(crate) fn name_len(input: &[u8]) -> (usize, usize) {
    let (mut at, mut local) = (0, 0);
    while let Some(&byte) = input.get(at) {
        let class = NAME_CLASSES[usize::from(byte)];
        if class != NAME {
            if class != COLON {
                break;
            }
            local = at + 1;
        }
        at += 1;
    }
    (at, local)
}

/// Whether the name at the start of `input` is this one, without a prefix.
#[inline]
pub(crate) fn is_named(input: &[u8], name: &[u8]) -> bool {
    // Mostly another is longer or shorter, and that is told by one byte.
    input.get(name.len()).is_some_and(|&byte| NAME_CLASSES[usize::from(byte)] == 0) && behind(input, name).is_some()
}

/// What stands behind this name, if `input` begins with it. Names are short, and most are compared by two or three words.
#[inline]
pub(super) fn behind<'a>(input: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (head, behind) = input.split_at_checked(name.len())?;
    let word = |word: &[u8; 8]| u64::from_ne_bytes(*word);
    let words =
        |text: &[[u8; 8]], other: &[[u8; 8]]| text.iter().zip(other).all(|(one, other)| word(one) == word(other));
    let same = match (head.last_chunk(), name.last_chunk()) {
        (Some(one), Some(other)) => word(one) == word(other) && words(head.as_chunks().0, name.as_chunks().0),
        _ => head.iter().zip(name).all(|(one, other)| one == other),
    };
    same.then_some(behind)
}

/// `Name ::= NameStartChar (NameChar)*`, section 2.3.
#[inline]
pub(super) fn name(input: &[u8]) -> IResult<&[u8], &[u8]> {
    match input.first() {
        Some(&first) if is_name_start(first) => {
            let (name, rest) = input.split_at(name_len(input).0);
            Ok((rest, name))
        }
        _ => Err(nom::Err::Error(Error::new(input, ErrorKind::TakeWhile1))),
    }
}

/// How many bytes of text stand before the next `<`, `&` or `]`, and what kind of text it is.
#[inline]
pub(super) fn text_len(input: &[u8]) -> (usize, TextClass) {
    let plain = plain_len(input);
    let odd = Stops::TEXT.find(from(input, plain)).unwrap_or(input.len() - plain);
    let len = plain + odd;
    let (text, _) = input.split_at(len);
    let ink = if skip_space(text).is_empty() { TextClass::NOTHING } else { TextClass::INKED };
    let oddness = if odd == 0 { TextClass::NOTHING } else { TextClass::ODD };
    (len, ink.with(oddness))
}

/// How many bytes of printable ASCII other than `<`, `&` and `]` stand here.
#[inline]
fn plain_len(input: &[u8]) -> usize {
    let (words, tail) = input.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let odd = odd_bytes(u64::from_le_bytes(*word));
        if odd != 0 {
            return index * 8 + odd.trailing_zeros() as usize / 8;
        }
    }
    let is_odd = |byte: &u8| !(b' '..=b'~').contains(byte) || Stops::TEXT.table[usize::from(*byte)];
    input.len() - tail.len() + tail.iter().position(is_odd).unwrap_or(tail.len())
}

/// A byte in each place of a word.
pub(super) const EACH: u64 = 0x0101_0101_0101_0101;

/// The high bit of each byte that is nothing: exact for the lowest, and for those above it not. Other bits mean nothing.
#[inline]
pub(super) const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(EACH) & !word
}

/// The high bits of the bytes that are none of these, in an order where the first byte is the lowest: exact for the first
/// such byte, and for those behind it not.
#[inline]
const fn odd_bytes(word: u64) -> u64 {
    const fn is(word: u64, byte: u8) -> u64 {
        zero_bytes(word ^ (EACH * byte as u64))
    }
    let stops = is(word, b'<') | is(word, b'&') | is(word, b']');
    let controls = word.wrapping_sub(EACH * b' ' as u64) & !word;
    let delete = word.wrapping_add(EACH);
    (stops | controls | delete | word) & (EACH * 0x80)
}

/// Three bytes that a search stops at.
pub(super) struct Stops {
    bytes: [u8; 3],
    table: [bool; 256],
}

impl Stops {
    /// Where text ends, or a reference begins in it.
    pub(super) const TEXT: Self = Self::new([b'<', b'&', b']']);
    /// Where a value in double quotes ends, or is no plain one.
    pub(super) const DOUBLE: Self = Self::new([b'"', b'<', b'&']);
    /// The same of single quotes.
    pub(super) const SINGLE: Self = Self::new([b'\'', b'<', b'&']);

    /// So many bytes are looked at one by one before a search over many at a time pays.
    const NEAR: usize = 24;

    const fn new(bytes: [u8; 3]) -> Self {
        let mut table = [false; 256];
        let mut index = 0;
        while index < bytes.len() {
            table[bytes[index] as usize] = true;
            index += 1;
        }
        Self { bytes, table }
    }

    /// Where the first of them stands.
    #[inline]
    pub(super) fn find(&self, input: &[u8]) -> Option<usize> {
        let near = input.get(..Self::NEAR).unwrap_or(input);
        let mut at = 0;
        while let Some(&byte) = near.get(at) {
            if self.table[usize::from(byte)] {
                return Some(at);
            }
            at += 1;
        }
        let [one, two, three] = self.bytes;
        memchr::memchr3(one, two, three, input.get(at..)?).map(|behind| at + behind)
    }
}

/// Whether these bytes are text that stands for itself: printable ASCII without `&`.
#[inline]
pub(super) fn is_plain(raw: &[u8]) -> bool {
    // In a stretch without an early end, so that it runs over many bytes at a time.
    let is_odd = |stretch: &[u8]| {
        stretch.iter().fold(false, |found, &byte| found | (byte == b'&' || !(b' '..=b'~').contains(&byte)))
    };
    !raw.chunks(512).any(is_odd)
}

/// `EntityRef ::= '&' Name ';'`, section 4.1, of the five entities of section 4.6.
fn entity(input: &[u8]) -> IResult<&[u8], Option<char>> {
    let meaning = |name: &[u8]| match name {
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        _ => None,
    };
    map(name, meaning).parse(input)
}

/// The character with the number that the digits say, if XML has it.
fn numbered(digits: &[u8], radix: u32) -> Option<char> {
    let number = digits.iter().fold(0u32, |number, &digit| {
        let digit = char::from(digit).to_digit(radix).unwrap_or(0);
        number.saturating_mul(radix).saturating_add(digit)
    });
    char::from_u32(number).filter(|&c| is_char(c))
}

/// `CharRef ::= '&#' [0-9]+ ';' | '&#x' [0-9a-fA-F]+ ';'`, section 4.1, without its ends.
fn character(input: &[u8]) -> IResult<&[u8], Option<char>> {
    let decimal = take_while1(|byte: u8| byte.is_ascii_digit());
    let hexadecimal = take_while1(|byte: u8| byte.is_ascii_hexdigit());
    preceded(
        tag("#"),
        alt((
            map(decimal, |digits| numbered(digits, 10)),
            map(preceded(tag("x"), hexadecimal), |digits| numbered(digits, 16)),
        )),
    )
    .parse(input)
}

/// `Reference ::= EntityRef | CharRef`, section 4.1; no character when it is a reference to
/// nothing.
pub(super) fn reference(input: &[u8]) -> IResult<&[u8], Option<char>> {
    // Most that are none are told by the next byte.
    if !input.get(1).is_some_and(|&byte| byte == b'#' || is_name_start(byte)) {
        return Err(nom::Err::Error(Error::new(input, ErrorKind::Tag)));
    }
    delimited(tag("&"), alt((character, entity)), tag(";")).parse(input)
}

/// How many `&` at the start of `input` can begin no reference: of many in a row that is all but the last.
#[inline]
pub(super) fn stray_ampersands(input: &[u8]) -> usize {
    input.iter().take_while(|&&byte| byte == b'&').count().saturating_sub(1)
}

/// The character that the reference at the start of `input` stands for, and the length of the
/// reference.
pub(super) fn resolve(input: &[u8]) -> Option<(char, usize)> {
    let (rest, c) = reference(input).ok()?;
    Some((c?, input.len() - rest.len()))
}

/// Which ASCII quote a quote stands for (S-02).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quote {
    /// `"`
    Double,
    /// `'`
    Single,
}

impl Quote {
    /// The ASCII quote, as a byte.
    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Double => b'"',
            Self::Single => b'\'',
        }
    }
}

/// `"` or `'`.
pub(super) const fn ascii_quote(byte: u8) -> Option<Quote> {
    match byte {
        b'"' => Some(Quote::Double),
        b'\'' => Some(Quote::Single),
        _ => None,
    }
}

/// The typographic quotes that are read as delimiters (S-02), and so never written raw inside a
/// value.
#[cfg(test)]
pub(super) const TYPOGRAPHIC: [char; 7] = ['«', '»', '“', '”', '„', '‘', '’'];

/// The typographic quote that `bytes` begins with, and its length. `bytes` begins at a character.
pub(super) const fn typographic(bytes: &[u8], charset: Charset) -> Option<(Quote, usize)> {
    match (charset, bytes) {
        (Charset::EucKr | Charset::Cp949, [0xA1, 0xB0 | 0xB1, ..]) | (Charset::Utf8, [0xC2, 0xAB | 0xBB, ..]) => {
            Some((Quote::Double, 2))
        }
        (Charset::EucKr | Charset::Cp949, [0xA1, 0xAE | 0xAF, ..]) => Some((Quote::Single, 2)),
        (Charset::Utf8, [0xE2, 0x80, 0x9C..=0x9E, ..]) => Some((Quote::Double, 3)),
        (Charset::Utf8, [0xE2, 0x80, 0x98 | 0x99, ..]) => Some((Quote::Single, 3)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [`text_len`] byte by byte.
    fn text_len_by_bytes(input: &[u8]) -> (usize, TextClass) {
        let len = input.iter().position(|byte| b"<&]".contains(byte)).unwrap_or(input.len());
        let text = &input[..len];
        let ink = text.iter().any(|&byte| !is_space(byte));
        let odd = text.iter().any(|byte| !(b' '..=b'~').contains(byte));
        let class = |holds: bool, class: TextClass| if holds { class } else { TextClass::NOTHING };
        (len, class(ink, TextClass::INKED).with(class(odd, TextClass::ODD)))
    }

    #[test]
    fn tells_what_kind_of_text_stands_where() {
        for plain in [b'a', b' '] {
            for len in 0..40 {
                for at in 0..len {
                    for byte in 0..=u8::MAX {
                        let mut text = std::vec![plain; len];
                        text[at] = byte;
                        assert_eq!(text_len(&text), text_len_by_bytes(&text), "{byte:X} at {at} of {len}");
                        text[len / 2] = b'<';
                        text[len - 1] = 0x80;
                        assert_eq!(text_len(&text), text_len_by_bytes(&text), "{byte:X} at {at} of {len}, and more");
                    }
                }
            }
        }
    }

    #[test]
    fn compares_names_of_any_length() {
        let text: std::vec::Vec<u8> = (b'a'..=b'z').collect();
        for len in 0..text.len() {
            let name = &text[..len];
            assert_eq!(behind(&text, name), Some(&text[len..]));
            assert_eq!(behind(name, &text), None);
            for at in 0..len {
                let mut other = name.to_vec();
                other[at] = b'_';
                assert_eq!(behind(&text, &other), None, "{at} of {len}");
            }
        }
    }

    #[test]
    fn reads_the_references_of_xml_and_no_others() {
        for (input, c, len) in [
            ("&amp;x", '&', 5),
            ("&lt;", '<', 4),
            ("&gt;", '>', 4),
            ("&quot;", '"', 6),
            ("&apos;", '\'', 6),
            ("&#46624;", '똠', 8),
            ("&#xB620;", '똠', 8),
            ("&#x0000b620;", '똠', 12),
            ("&#13;", '\r', 5),
            ("&#x1F600;", '😀', 9),
            ("&#1114111;", '\u{10FFFF}', 10),
        ] {
            assert_eq!(resolve(input.as_bytes()), Some((c, len)), "{input}");
        }
        for unknown in ["&nbsp;", "&AMP;", "&#0;", "&#8;", "&#xFFFE;", "&#xD800;", "&#x110000;"] {
            assert_eq!(reference(unknown.as_bytes()), Ok((&b""[..], None)), "{unknown}");
        }
        assert_eq!(reference(b"&#99999999999999999999;"), Ok((&b""[..], None)));
        for stray in ["&", "&;", "& amp;", "&amp", "&#;", "&#x;", "&#xg;", "&#X41;", "&1;", "&a b;"] {
            assert!(reference(stray.as_bytes()).is_err(), "{stray}");
        }
    }

    #[test]
    fn reads_names_over_trail_bytes_that_are_letters() {
        // CP949 C0 41: a trail byte that is an ASCII letter.
        assert_eq!(name(b"mm7:X-1._\xC0\x41 a"), Ok((&b" a"[..], &b"mm7:X-1._\xC0\x41"[..])));
        for none in ["", "1a", "-a", ".a", " a", "<"] {
            assert!(name(none.as_bytes()).is_err(), "{none}");
        }
    }

    #[test]
    fn knows_the_typographic_quotes_of_both_charsets() {
        for quote in TYPOGRAPHIC {
            let class = if matches!(quote, '‘' | '’') { Quote::Single } else { Quote::Double };
            let mut buffer = [0; 4];
            let bytes = quote.encode_utf8(&mut buffer).as_bytes();
            assert_eq!(typographic(bytes, Charset::Utf8), Some((class, bytes.len())), "{quote}");
            let (bytes, _, lossy) = encoding_rs::EUC_KR.encode(core::str::from_utf8(bytes).unwrap_or(""));
            if !lossy {
                assert_eq!(typographic(&bytes, Charset::EucKr), Some((class, 2)), "{quote}");
            }
        }
        assert_eq!(typographic("‚".as_bytes(), Charset::Utf8), None);
        assert_eq!(typographic("»".as_bytes(), Charset::Cp949), None);
    }
}
