//! Parts to body, as the SOAP and mail libraries of the relays write it (spec section 3.3).

mod quirk;

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::slice;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use memchr::memmem;

use super::field;
use crate::deviation::{DeviationKind, Quirks};

/// A part to write.
#[derive(Clone, Debug)]
pub(crate) struct PartOut {
    /// The header fields in order. A `\r\n\t` in a value is a fold and stays one; any other line break becomes a blank.
    /// A field whose name is none ([`is_field_name`](super::is_field_name)) cannot be said and is left out.
    pub(crate) fields: Vec<(Cow<'static, str>, Vec<u8>)>,
    /// What stands behind the blank line.
    pub(crate) body: BodyOut,
}

/// The body of a part to write.
#[derive(Clone, Debug)]
pub(crate) enum BodyOut {
    /// As it is.
    Bytes(Bytes),
    /// To be encoded, in lines of 76 characters that end in CRLF.
    Base64(Bytes),
    /// A nested multipart; its boundary stands in the part's Content-Type.
    Parts { boundary: String, parts: Vec<PartOut> },
}

/// The shape of a boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BoundaryForm {
    /// `----=_Part_{n}_{10 digits}.{13 digits}`: what the relays' libraries write.
    Relay,
    /// `StoryParts {n} {10 digits}.{13 digits}`, with blanks (S-23): the example of the standard.
    Story,
}

/// A boundary of that form: a pure function of `seed`.
///
/// `n` is the smallest number for which the delimiter occurs in none of `avoid`.
pub(crate) fn boundary(form: BoundaryForm, seed: &[&[u8]], avoid: &[&[u8]]) -> String {
    let (head, separator) = match form {
        BoundaryForm::Relay => ("------=_Part_", '_'),
        BoundaryForm::Story => ("--StoryParts ", ' '),
    };
    let first = fnv1a(0xcbf2_9ce4_8422_2325, seed);
    let second = first.rotate_left(32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let tail = format!("{separator}{:010}.{:013}", first % 10_000_000_000, second % 10_000_000_000_000);
    let mut taken = BTreeSet::new();
    for text in avoid {
        for at in memmem::find_iter(text, head.as_bytes()) {
            let behind = &text[at + head.len()..];
            // No number that could be reached has more digits than this.
            let digits = behind.iter().take(20).take_while(|byte| byte.is_ascii_digit()).count();
            if behind[digits..].starts_with(tail.as_bytes()) {
                taken.insert(String::from_utf8_lossy(&behind[..digits]).into_owned());
            }
        }
    }
    let mut n = 0_u64;
    while taken.contains(&format!("{n}")) {
        n += 1;
    }
    format!("{}{n}{tail}", &head[2..])
}

/// FNV-1a, 64 bit; every piece ends in a byte that no text has.
fn fnv1a(state: u64, pieces: &[&[u8]]) -> u64 {
    let step = |state: u64, byte: &u8| (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let piece = |state: u64, piece: &&[u8]| step(piece.iter().fold(state, step), &0xFF);
    pieces.iter().fold(state, piece)
}

/// The multipart body: no preamble, and nothing behind the outermost close delimiter.
///
/// Quirks are written where they are wanted and where the reader undoes them exactly, at most one at each of: the
/// line ends as a whole, a header block, a field, the outermost close delimiter.
pub(crate) fn emit(boundary: &str, parts: &[PartOut], quirks: &mut Quirks) -> Vec<u8> {
    let lf = quirks.wanted.contains(DeviationKind::LineEndLf)
        && quirk::survives_lf(parts)
        && quirks.take(DeviationKind::LineEndLf);
    let mut writer =
        Writer { out: Vec::with_capacity(len(boundary, parts)), line_end: if lf { b"\n" } else { b"\r\n" }, quirks };
    let rest = parts.iter();
    let mut open = Vec::from([Frame { boundary, rest }]);
    while let Some(frame) = open.last_mut() {
        let boundary = frame.boundary;
        writer.put(&[b"--", boundary.as_bytes()]);
        let Some(part) = frame.rest.next() else {
            open.pop();
            writer.close(open.is_empty());
            continue;
        };
        writer.end_line();
        writer.header_block(part);
        match &part.body {
            BodyOut::Bytes(bytes) => writer.put(&[bytes]),
            BodyOut::Base64(bytes) => writer.base64(bytes),
            BodyOut::Parts { boundary, parts } => {
                let rest = parts.iter();
                open.push(Frame { boundary, rest });
                continue;
            }
        }
        writer.end_line();
    }
    writer.out
}

/// A multipart being written.
struct Frame<'p> {
    boundary: &'p str,
    rest: slice::Iter<'p, PartOut>,
}

/// How many bytes [`emit`] writes without quirks; a few more where a field or a fold is left out.
fn len(boundary: &str, parts: &[PartOut]) -> usize {
    let mut sum = boundary.len() + 4;
    let mut open = Vec::from([(boundary, parts)]);
    while let Some((boundary, parts)) = open.pop() {
        for part in parts {
            let field = |(name, value): &(Cow<'_, str>, Vec<u8>)| name.len() + value.len() + 4;
            sum += boundary.len() + 8 + part.fields.iter().map(field).sum::<usize>();
            sum += match &part.body {
                BodyOut::Bytes(bytes) => bytes.len(),
                BodyOut::Base64(bytes) => bytes.len().div_ceil(3) * 4 + bytes.len() / 57 * 2,
                BodyOut::Parts { boundary, parts } => {
                    open.push((boundary, parts));
                    boundary.len() + 6
                }
            };
        }
    }
    sum
}

struct Writer<'q> {
    out: Vec<u8>,
    line_end: &'static [u8],
    quirks: &'q mut Quirks,
}

impl Writer<'_> {
    fn put(&mut self, pieces: &[&[u8]]) {
        for piece in pieces {
            self.out.extend_from_slice(piece);
        }
    }

    fn end_line(&mut self) {
        self.put(&[self.line_end]);
    }

    /// The mark of a close delimiter. Behind an inner one stand its own line end and that of the outer delimiter.
    fn close(&mut self, outermost: bool) {
        if !outermost {
            self.put(&[b"--", self.line_end, self.line_end]);
        } else if self.quirks.take(DeviationKind::CloseDelimiterDash) {
            self.put(&["\u{2014}".as_bytes()]);
        } else {
            self.put(&[b"--"]);
        }
    }

    fn header_block(&mut self, part: &PartOut) {
        for (name, value) in &part.fields {
            if field::is_field_name(name.as_bytes()) {
                let (name, value) = quirk::field(name, wire_value(value), self.quirks);
                self.put(&[name.as_bytes(), b": "]);
                self.folded(&value);
                self.end_line();
            }
        }
        let markup = matches!(&part.body, BodyOut::Bytes(bytes) if bytes.starts_with(b"<"));
        let media_type = part.fields.first().map_or(&b""[..], |(_, value)| value);
        let name = if media_type.starts_with(b"text/xml") { "text/xml" } else { "" };
        if !(markup && self.quirks.take_at(DeviationKind::BlankLineMissing, name)) {
            self.end_line();
        }
    }

    /// A value whose folds get the line end in force.
    fn folded(&mut self, value: &[u8]) {
        let mut rest = value;
        while let Some(at) = memmem::find(rest, b"\r\n") {
            self.put(&[&rest[..at], self.line_end]);
            rest = &rest[at + 2..];
        }
        self.put(&[rest]);
    }

    /// RFC 2045 6.8: lines of at most 76 characters. They are content: their line end is always CRLF.
    fn base64(&mut self, bytes: &[u8]) {
        for (index, chunk) in bytes.chunks(57).enumerate() {
            let mut line = [0; 76];
            let len = STANDARD.encode_slice(chunk, &mut line).unwrap_or(0);
            let line_end: &[u8] = if index == 0 { b"" } else { b"\r\n" };
            self.put(&[line_end, line.get(..len).unwrap_or_default()]);
        }
    }
}

/// A value as it can stand behind a colon: a CRLF with blanks and text behind it is a fold; other line breaks, with
/// the blanks behind them, become the one blank that they read as.
fn wire_value(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'\r', b'\n', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = memchr::memchr2(b'\r', b'\n', rest) {
        let (text, line_break) = rest.split_at(at);
        let behind = field::behind_fold(line_break);
        let fold = &line_break[..line_break.len() - behind.len()];
        out.extend_from_slice(text);
        let is_fold = fold.starts_with(b"\r\n") && fold.len() > 2;
        if is_fold && behind.first().is_some_and(|byte| !b"\r\n".contains(byte)) {
            out.extend_from_slice(fold);
        } else {
            out.push(b' ');
        }
        rest = behind;
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(fields: &[(&'static str, &str)], body: BodyOut) -> PartOut {
        let field = |&(name, value): &(&'static str, &str)| (name.into(), value.as_bytes().to_vec());
        PartOut { fields: fields.iter().map(field).collect(), body }
    }

    #[test]
    fn writes_the_layout_of_the_relays() {
        let inner = [
            part(&[], BodyOut::Bytes("text".into())),
            part(&[("Content-Transfer-Encoding", "base64")], BodyOut::Base64([0; 58].to_vec().into())),
        ];
        let parts = [
            part(&[("Content-Type", "text/xml"), ("Content-Id", "<r>")], BodyOut::Bytes("<a/>".into())),
            part(
                &[("Content-Type", "multipart/related; \r\n\tboundary=\"in\"")],
                BodyOut::Parts { boundary: "in".into(), parts: inner.to_vec() },
            ),
        ];
        let body = emit("out", &parts, &mut Quirks::default());
        let zeros = "A".repeat(76);
        let expected = std::format!(
            "--out\r\nContent-Type: text/xml\r\nContent-Id: <r>\r\n\r\n<a/>\r\n\
             --out\r\nContent-Type: multipart/related; \r\n\tboundary=\"in\"\r\n\r\n\
             --in\r\n\r\ntext\r\n\
             --in\r\nContent-Transfer-Encoding: base64\r\n\r\n{zeros}\r\nAAAA\r\n\
             --in--\r\n\r\n--out--"
        );
        // 58 zero bytes: 57 fill a line, and the last one is `AA==`.
        let expected = expected.replace("AAAA\r\n--in--", "AA==\r\n--in--");
        assert_eq!(String::from_utf8_lossy(&body), expected);
        assert_eq!(len("out", &parts), body.len());
    }

    #[test]
    fn lets_no_value_begin_a_line() {
        for (value, expected) in [
            ("a\r\nX: b", "a X: b"),
            ("a\nb\rc", "a b c"),
            ("a\r\n\tb", "a\r\n\tb"),
            ("a\r\n\t", "a "),
            ("a\r\n\t\r\n\tb", "a \r\n\tb"),
        ] {
            assert_eq!(&*wire_value(value.as_bytes()), expected.as_bytes(), "{value:?}");
        }
        let parts = [part(&[("no name", "x"), ("", "x"), ("A\r\nB", "x")], BodyOut::Bytes(Bytes::new()))];
        assert_eq!(emit("b", &parts, &mut Quirks::default()), b"--b\r\n\r\n\r\n--b--");
    }

    #[test]
    fn counts_a_boundary_up_past_those_in_the_text() {
        let seed: &[&[u8]] = &[b"seed"];
        let zeroth = boundary(BoundaryForm::Relay, seed, &[]);
        assert_eq!(zeroth, "----=_Part_0_8765954697.2042636747760", "FNV-1a, the same from version to version");
        let nth = |n: u64| zeroth.replace("_0_", &format!("_{n}_"));
        for (text, expected) in [
            (format!("x\r\n--{zeroth}--"), nth(1)),
            (format!("--{}", nth(1)), nth(0)),
            (format!("--{}--{}--{}", nth(1), nth(0), nth(3)), nth(2)),
            (format!("-{zeroth}--{}", zeroth.replace("_0_", "_00_")), nth(0)),
        ] {
            assert_eq!(boundary(BoundaryForm::Relay, seed, &[text.as_bytes()]), expected, "{text}");
        }
        assert_ne!(boundary(BoundaryForm::Relay, &[b"see", b"d"], &[]), zeroth, "the pieces count, not their sum");
    }

    proptest! {
        #[test]
        fn makes_boundaries_of_one_shape_that_no_text_holds(seed: Vec<Vec<u8>>, taken in 0_usize..5, noise: Vec<u8>) {
            let seed: Vec<&[u8]> = seed.iter().map(|piece| &**piece).collect();
            let mut text = noise;
            for _ in 0..taken {
                text.extend_from_slice(b"--");
                text.extend_from_slice(boundary(BoundaryForm::Relay, &seed, &[&text]).as_bytes());
            }
            let made = boundary(BoundaryForm::Relay, &seed, &[&text]);
            let delimiter = std::format!("--{made}");
            prop_assert!(memmem::find(&text, delimiter.as_bytes()).is_none());
            let digits: Vec<_> = made.split(['_', '.']).map(str::len).collect();
            prop_assert_eq!(digits, [5, 4, 1, 10, 13]);
            prop_assert!(made.len() <= 70, "RFC 2046 5.1.1");
        }
    }
}
