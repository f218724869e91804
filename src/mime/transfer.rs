//! Content-Transfer-Encoding (RFC 2045 6).

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::Range;

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;

use super::{Encoding, Tree, media_type};
use crate::deviation::{DeviationKind, Flags};

/// Symbols without padding: the reader has judged that already.
const SYMBOLS: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The content of a part, its transfer encoding undone. `body` is what the tree was parsed from.
///
/// What is not encoded comes out as it stands in `body`. Trouble is flagged once, at the first byte of it.
pub(crate) fn content<'b>(tree: &Tree<'_>, part: usize, body: &'b [u8], flags: &mut Flags) -> Cow<'b, [u8]> {
    let (encoding, range) = encoded(tree, part, body);
    let text = &body[range.clone()];
    match encoding {
        Encoding::Base64 => base64(text, range.start, flags).into(),
        Encoding::QuotedPrintable => quoted_printable(text, range.start, flags).into(),
        _ => text.into(),
    }
}

/// As [`content`], to be kept: what is not encoded is a slice of `body`.
pub(crate) fn decode(tree: &Tree<'_>, part: usize, body: &Bytes, flags: &mut Flags) -> Bytes {
    match content(tree, part, body, flags) {
        Cow::Borrowed(_) => body.slice(encoded(tree, part, body).1),
        Cow::Owned(content) => content.into(),
    }
}

/// How a part's body is encoded, and where it is. What is no part is empty.
fn encoded(tree: &Tree<'_>, part: usize, body: &[u8]) -> (Encoding, Range<usize>) {
    let Some(part) = tree.parts.get(part) else {
        return (Encoding::Binary, 0..0);
    };
    let end = part.body.end.min(body.len());
    let start = part.body.start.min(end);
    (if part.is_multipart { Encoding::Binary } else { part.encoding }, start..end)
}

/// As many symbols as are decoded at one go.
const GROUP: usize = 2048;

/// Lines of base64 that the strict reading takes, which is what nearly every part holds.
pub(crate) fn whole_lines(text: &[u8]) -> Option<Vec<u8>> {
    // A guess that is wrong leaves a line break among the symbols, and so gives nothing.
    decode_lines(text, true).or_else(|| decode_lines(text, false))
}

/// With `guess`, a line break is first looked for where it would be in a line as long as the last.
fn decode_lines(text: &[u8], guess: bool) -> Option<Vec<u8>> {
    let mut group = Group::with_capacity(text.len() / 4 * 3 + 3);
    let mut len = usize::MAX;
    let mut rest = text;
    loop {
        let (line, behind) = if let Some((line, [b'\r', b'\n', behind @ ..])) = rest.split_at_checked(len) {
            (line, behind)
        } else if let Some(end) = memchr::memchr(b'\n', rest) {
            let line = &rest[..end];
            (line.strip_suffix(b"\r").unwrap_or(line), &rest[end + 1..])
        } else {
            group.push_line(rest.strip_suffix(b"\r").unwrap_or(rest))?;
            group.flush(&STANDARD)?;
            return Some(group.out);
        };
        group.push_line(line)?;
        len = if guess { line.len() } else { usize::MAX };
        rest = behind;
    }
}

/// Symbols that wait for those of the next lines, and what those before them have given.
struct Group {
    symbols: [u8; GROUP],
    count: usize,
    out: Vec<u8>,
}

impl Group {
    fn with_capacity(len: usize) -> Self {
        Self { symbols: [0; GROUP], count: 0, out: Vec::with_capacity(len) }
    }

    /// Adds a line. `None` where symbols that had to be decoded cannot be.
    fn push_line(&mut self, mut line: &[u8]) -> Option<()> {
        while !line.is_empty() {
            if self.count == GROUP {
                // Padding has no place before the end.
                self.flush(&STANDARD_NO_PAD)?;
            }
            let (symbols, further) = line.split_at(line.len().min(GROUP - self.count));
            self.symbols[self.count..][..symbols.len()].copy_from_slice(symbols);
            self.count += symbols.len();
            line = further;
        }
        Some(())
    }

    fn flush(&mut self, engine: &GeneralPurpose) -> Option<()> {
        // Filled where it is at hand, so that no byte of the large text is written twice.
        let mut bytes = [0; GROUP / 4 * 3];
        let len = engine.decode_slice(&self.symbols[..self.count], &mut bytes).ok()?;
        self.out.extend_from_slice(&bytes[..len]);
        self.count = 0;
        Some(())
    }
}

/// RFC 2045 6.8. Padding ends a run of symbols; what follows it is a malformed second run, decoded too.
fn base64(text: &[u8], base: usize, flags: &mut Flags) -> Vec<u8> {
    if let Some(out) = whole_lines(text) {
        return out;
    }
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut run = Vec::with_capacity(text.len());
    let mut first_bad = None;
    // How many `=` the run that has just ended still lacks, once the first has come.
    let mut owed: Option<usize> = None;
    for (index, &byte) in text.iter().enumerate() {
        let fine = match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {
                run.push(byte);
                owed.take().is_none()
            }
            b'=' => {
                let lacking = owed.or(match run.len() % 4 {
                    2 => Some(2),
                    3 => Some(1),
                    _ => None,
                });
                append_run(&mut run, &mut out);
                owed = lacking.map(|count| count.saturating_sub(1));
                lacking.is_some_and(|count| count > 0)
            }
            _ => media_type::is_blank(byte),
        };
        if !fine {
            first_bad.get_or_insert(base + index);
        }
    }
    if run.len() % 4 != 0 || owed.is_some_and(|count| count > 0) {
        first_bad.get_or_insert(base + text.len());
    }
    append_run(&mut run, &mut out);
    if let Some(offset) = first_bad {
        flags.push(DeviationKind::Base64Malformed, offset);
    }
    out
}

/// Decodes a run of symbols; a single one at its end holds no whole byte.
fn append_run(run: &mut Vec<u8>, out: &mut Vec<u8>) {
    if run.len() % 4 == 1 {
        run.pop();
    }
    // Symbols of the alphabet, and not one too many: there is nothing left that could fail.
    let _ = SYMBOLS.decode_vec(&*run, out);
    run.clear();
}

/// RFC 2045 6.7. Octets in lower-case hexadecimal are read too, as its note (1) suggests.
fn quoted_printable(text: &[u8], base: usize, flags: &mut Flags) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut first_bad = None;
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        let offset = base + text.len() - rest.len();
        let blanks = rest.iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
        rest = if byte == b'=' {
            if let Some(octet) = tail.first_chunk().copied().and_then(hex_octet) {
                out.push(octet);
                &tail[2..]
            } else if let Some(next) = behind_soft_break(tail) {
                if next.is_empty() && !tail.ends_with(b"\n") {
                    // Rule (5): a soft break has a line behind it.
                    first_bad.get_or_insert(offset);
                }
                next
            } else {
                first_bad.get_or_insert(offset);
                out.push(byte);
                tail
            }
        } else if blanks > 0 {
            let (padding, next) = rest.split_at(blanks);
            // Rule (3): blanks at the end of an encoded line have been added in transport.
            if !matches!(next, [] | [b'\n', ..] | [b'\r', b'\n', ..]) {
                out.extend_from_slice(padding);
            }
            next
        } else {
            if !byte.is_ascii() {
                first_bad.get_or_insert(offset);
            }
            out.push(byte);
            tail
        };
    }
    if let Some(offset) = first_bad {
        flags.push(DeviationKind::QuotedPrintableMalformed, offset);
    }
    out
}

/// Behind the line end of a soft line break (RFC 2045 6.7 rule 5); the end of the text may stand for it.
fn behind_soft_break(tail: &[u8]) -> Option<&[u8]> {
    let padding = tail.iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
    match &tail[padding..] {
        [] => Some(&[]),
        [b'\r', b'\n', rest @ ..] | [b'\n', rest @ ..] => Some(rest),
        _ => None,
    }
}

/// Two hexadecimal digits, of either case.
pub(super) fn hex_octet(digits: [u8; 2]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let value = digit(digits[0])? * 16 + digit(digits[1])?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use std::string::String;

    use proptest::prelude::*;

    use super::*;

    type Decoder = fn(&[u8], usize, &mut Flags) -> Vec<u8>;

    #[track_caller]
    fn reads(decoder: Decoder, text: &str, expected: &[u8], bad: Option<usize>) {
        let mut flags = Flags::default();
        assert_eq!(decoder(text.as_bytes(), 1000, &mut flags), expected, "{text:?}");
        let offsets: Vec<_> = flags.iter().map(|flag| flag.offset).collect();
        let expected: Vec<_> = bad.map(|bad| bad + 1000).into_iter().collect();
        assert_eq!(offsets, expected, "{text:?}");
    }

    #[test]
    fn decodes_base64_and_reports_the_first_trouble() {
        reads(base64, "Zm9v\r\nYmE=", b"fooba", None);
        reads(base64, " Zg = =\n", b"f", None);
        reads(base64, "", b"", None);
        reads(base64, "Zm9v!YmE*=", b"fooba", Some(4));
        reads(base64, "Zm9vYmE", b"fooba", Some(7));
        reads(base64, "Zg=", b"f", Some(3));
        reads(base64, "Zm9v=", b"foo", Some(4));
        reads(base64, "Zg===", b"f", Some(4));
        reads(base64, "Zm9vZ", b"foo", Some(5));
        reads(base64, "Zg==Zg==", b"ff", Some(4));
    }

    #[test]
    fn decodes_quoted_printable_and_reports_the_first_trouble() {
        reads(quoted_printable, "a=3Db=\r\nc \t\r\nd", b"a=bc\r\nd", None);
        reads(quoted_printable, "=e3=E3 =  \nx", b"\xe3\xe3 x", None);
        reads(quoted_printable, "a=zb=4", b"a=zb=4", Some(1));
        reads(quoted_printable, "ab=", b"ab", Some(2));
        reads(quoted_printable, "\u{c548}=41", "\u{c548}A".as_bytes(), Some(0));
    }

    #[test]
    fn decodes_whole_lines_of_any_length_as_the_symbols_in_them() {
        let bytes: Vec<u8> = (0..9_000_u32).map(|n| u8::try_from(n * n % 251).unwrap_or(0)).collect();
        for len in (0..20).chain([1535, 1536, 1537, 3071, 3072, 3073, 4608, 9_000]) {
            let text = STANDARD.encode(&bytes[..len]);
            for (width, end) in
                [(1, "\n"), (76, "\r\n"), (76, "\n"), (2047, "\r\n"), (2048, "\n"), (2050, "\n"), (9999, "")]
            {
                let lines: Vec<_> = text.as_bytes().chunks(width).collect();
                let lines = [&lines.join(end.as_bytes())[..], b"\r\n"].concat();
                assert_eq!(whole_lines(&lines).as_deref(), Some(&bytes[..len]), "{len} in lines of {width}");
            }
        }
        // A line break where a shorter line ends, and one where a line as long as the last would end.
        assert_eq!(whole_lines(b"Zm9vYmFy\r\nZm9v\r\nYm\r\nFy\r\n").as_deref(), Some(&b"foobarfoobar"[..]));
        assert_eq!(whole_lines(b"Zm9vYmFy\r\nZm9vY\nm\r\nFy").as_deref(), Some(&b"foobarfoobar"[..]));
        assert_eq!(whole_lines(b"\r\n\r\nZm9v\r\n\r\n").as_deref(), Some(&b"foo"[..]));
    }

    #[test]
    fn refuses_whole_lines_with_anything_else_in_them() {
        let fine = STANDARD.encode([7; 3072]);
        for text in ["Zg", "Zg=", "Zh==", "Z", "Zg==Zg==", "Zm9v ", " Zm9v", "Zm9v\n=\n", "Zm\r9v", "Zm9v\r\r\n"] {
            assert_eq!(whole_lines(text.as_bytes()), None, "{text:?}");
            for other in [[&fine, text].concat(), [&fine[..2048], text, &fine].concat()] {
                assert!(whole_lines(other.as_bytes()).is_none(), "{text:?} in others");
            }
        }
        // Padding where one group ends and the next begins.
        for text in [[&fine[..2046], "==", &fine].concat(), [&fine[..2044], "Zg==", "Zm9v"].concat()] {
            assert!(whole_lines(text.as_bytes()).is_none());
        }
        assert_eq!(whole_lines(b"").as_deref(), Some(&b""[..]));
    }

    proptest! {
        #[test]
        fn undoes_base64(bytes: Vec<u8>, every in 1_usize..90) {
            let text = STANDARD.encode(&bytes);
            let lines: Vec<_> = text.as_bytes().chunks(every).collect();
            let mut flags = Flags::default();
            prop_assert_eq!(base64(&lines.join(&b"\r\n"[..]), 0, &mut flags), bytes);
            prop_assert_eq!(flags.iter().count(), 0);
        }

        #[test]
        fn undoes_quoted_printable(bytes: Vec<u8>) {
            let hex = |digit: u8| char::from(b"0123456789ABCDEF"[usize::from(digit)]);
            let mut text = String::new();
            for (index, byte) in bytes.iter().enumerate() {
                if byte.is_ascii_alphanumeric() {
                    text.push(char::from(*byte));
                } else {
                    text.extend(['=', hex(byte >> 4), hex(byte & 15)]);
                }
                if index % 20 == 19 && index + 1 < bytes.len() {
                    text += "= \r\n";
                }
            }
            let mut flags = Flags::default();
            prop_assert_eq!(quoted_printable(text.as_bytes(), 0, &mut flags), bytes);
            prop_assert_eq!(flags.iter().count(), 0);
        }

        #[test]
        fn decodes_any_bytes_to_no_more_than_they_are(text: Vec<u8>) {
            for decoder in [base64 as Decoder, quoted_printable] {
                let mut flags = Flags::default();
                prop_assert!(decoder(&text, 0, &mut flags).len() <= text.len());
                prop_assert!(flags.iter().all(|flag| flag.offset <= text.len()));
            }
        }
    }
}
