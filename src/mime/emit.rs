//! Parts to body, as the SOAP and mail libraries of the relays write it (spec section 3.3).

mod boundary;
mod quirk;
#[cfg(any(test, fuzzing))]
mod tree;

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;

#[cfg(any(test, fuzzing))]
pub(crate) use boundary::boundary;
pub(crate) use boundary::{Boundary, BoundaryForm, Digest, free_number};
#[cfg(any(test, fuzzing))]
pub(crate) use tree::{BodyOut, PartOut, emit};

use super::field;
use crate::deviation::{DeviationKind, QuirkSet, Quirks};
use crate::digits::Digits;

/// How a line ends that is no content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineEnd {
    CrLf,
    /// A quirk.
    Lf,
}

impl LineEnd {
    /// What the quirks want.
    pub(crate) fn wanted(quirks: &Quirks) -> Self {
        if quirks.wanted.contains(DeviationKind::LineEndLf) { Self::Lf } else { Self::CrLf }
    }

    const fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::CrLf => b"\r\n",
            Self::Lf => b"\n",
        }
    }
}

/// The quirks of header fields and between them.
const QUIRKS: QuirkSet = QuirkSet::of(&[
    DeviationKind::CharsetOnMultipart,
    DeviationKind::ParameterQuote,
    DeviationKind::ParameterSeparator,
    DeviationKind::BlankLineMissing,
    DeviationKind::FoldLost,
    DeviationKind::FieldComment,
    DeviationKind::FieldNbsp,
    DeviationKind::FieldUnderscore,
    DeviationKind::LineEndLf,
    DeviationKind::ContentIdUnbracketed,
    DeviationKind::ContentIdDoubled,
]);

/// As much as is copied before it is looked at, so that it is still at hand.
const CHUNK_LEN: usize = 8192;

/// Writes a multipart body into one buffer, part by part: no preamble, and nothing behind the outermost close delimiter
/// (X-06).
///
/// A part is a [`delimiter`](Self::delimiter), its [`field`](Self::field)s, and a body: [`verbatim`](Self::verbatim), in
/// [`base64`](Self::base64), or what the caller appends between [`begin_body`](Self::begin_body) and
/// [`end_body`](Self::end_body).
///
/// Quirks are written where they are wanted and where the reader undoes them exactly, at most one at each of: the
/// line ends as a whole, a header block, a field, the outermost close delimiter.
pub(crate) struct Writer {
    /// The body so far.
    pub(crate) out: Vec<u8>,
    pub(crate) quirks: Quirks,
    line_end: LineEnd,
    /// There is some quirk to write in header fields or between them.
    has_quirk: bool,
    /// Of the part being written: the first field says that it is XML; `None` before there is a field.
    is_xml: Option<bool>,
    /// The blank line above its body.
    blank_line: Range<usize>,
    /// Some body ends in a CR.
    ends_in_cr: bool,
    /// The forms of the boundaries.
    forms: &'static [BoundaryForm],
    /// How many delimiters have been written.
    pub(crate) delimiters: usize,
    /// Between them stands nothing that begins like one.
    is_parted: bool,
    /// Up to where that is known.
    searched: usize,
}

impl Writer {
    /// A writer that has written nothing, with room for so many bytes, of parts with boundaries of these forms.
    pub(crate) fn new(capacity: usize, forms: &'static [BoundaryForm], line_end: LineEnd, quirks: Quirks) -> Self {
        Self {
            out: Vec::with_capacity(capacity),
            has_quirk: quirks.any_of(QUIRKS),
            quirks,
            line_end,
            is_xml: None,
            blank_line: 0..0,
            ends_in_cr: false,
            forms,
            delimiters: 0,
            is_parted: true,
            searched: 0,
        }
    }

    /// The bytes, and the quirks written.
    pub(crate) fn finish(mut self) -> (Vec<u8>, Quirks) {
        if self.line_end == LineEnd::Lf {
            self.quirks.take(DeviationKind::LineEndLf);
        }
        (self.out, self.quirks)
    }

    /// Whether every body keeps its bytes when the delimiters begin with this line end: of a bare LF a CR at the end of a
    /// body would become part.
    pub(crate) fn survives_its_line_ends(&self) -> bool {
        !(self.line_end == LineEnd::Lf && self.ends_in_cr)
    }

    /// Whether what begins a delimiter stands nowhere but in those that were written.
    pub(crate) fn is_parted(&self) -> bool {
        self.is_parted
    }

    /// Looks for the head of a delimiter in what has been written since.
    fn search(&mut self) {
        let text = self.out.get(self.searched..).unwrap_or_default();
        self.is_parted &= !self.forms.iter().any(|form| form.begins_in(text));
        self.searched = self.out.len();
    }

    fn put(&mut self, pieces: &[&[u8]]) {
        for piece in pieces {
            self.out.extend_from_slice(piece);
        }
    }

    #[inline]
    fn end_line(&mut self) {
        // Of known lengths, for which no copy is called.
        match self.line_end {
            LineEnd::CrLf => self.out.extend_from_slice(b"\r\n"),
            LineEnd::Lf => self.out.push(b'\n'),
        }
    }

    /// Begins a part.
    pub(crate) fn delimiter(&mut self, boundary: &[u8]) {
        self.search();
        self.out.extend_from_slice(b"--");
        self.out.extend_from_slice(boundary);
        self.end_line();
        self.searched = self.out.len();
        self.delimiters += 1;
        self.is_xml = None;
    }

    /// The end of a multipart. Behind an inner one stand its own line end and that of the outer delimiter.
    pub(crate) fn close(&mut self, boundary: &[u8], outermost: bool) {
        self.search();
        self.put(&[b"--", boundary]);
        self.searched = self.out.len();
        self.delimiters += 1;
        if !outermost {
            self.put(&[b"--", self.line_end.as_bytes(), self.line_end.as_bytes()]);
        } else if self.quirks.take(DeviationKind::CloseDelimiterDash) {
            self.put(&["\u{2014}".as_bytes()]);
        } else {
            self.put(&[b"--"]);
        }
    }

    /// A header field with the value that is appended. A `\r\n\t` in it is a fold and stays one; any other line break
    /// becomes a blank. The name is one that can be read back.
    pub(crate) fn field(&mut self, name: &str, append_value: impl FnOnce(&mut Vec<u8>)) {
        debug_assert!(field::field_line(&[name.as_bytes(), b":"].concat()).is_some(), "no name of a field");
        let begin = self.out.len();
        self.begin_field(name);
        let value = self.out.len();
        append_value(&mut self.out);
        if self.has_quirk || memchr::memchr2(b'\r', b'\n', &self.out[value..]).is_some() {
            self.correct_field(begin, name, value);
        }
        self.end_line();
    }

    /// A header field with a value of the writer's own: pieces that may have folds, and no other line breaks.
    #[inline]
    pub(crate) fn constant<const N: usize>(&mut self, name: &str, value: [&[u8]; N]) {
        if self.has_quirk {
            return self.field(name, |out| value.iter().for_each(|piece| out.extend_from_slice(piece)));
        }
        self.begin_field(name);
        value.iter().for_each(|piece| self.out.extend_from_slice(piece));
        self.end_line();
    }

    #[inline]
    fn begin_field(&mut self, name: &str) {
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b": ");
    }

    /// Writes a field again, on one line but for folds, and with its quirk.
    fn correct_field(&mut self, begin: usize, name: &str, value: usize) {
        self.is_xml.get_or_insert(self.out[value..].starts_with(b"text/xml"));
        let breaks = self.line_end == LineEnd::Lf || memchr::memchr2(b'\r', b'\n', &self.out[value..]).is_some();
        if !breaks && !quirk::has_occasion(name, &self.quirks) {
            return;
        }
        let given = self.out.split_off(value);
        self.out.truncate(begin);
        let (name, value) = quirk::field(name, wire_value(&given), &mut self.quirks);
        self.put(&[name.as_bytes(), b": "]);
        // Folds get the line end in force.
        let mut rest = &*value;
        while let Some(at) = memmem::find(rest, b"\r\n") {
            self.put(&[&rest[..at], self.line_end.as_bytes()]);
            rest = &rest[at + 2..];
        }
        self.put(&[rest]);
    }

    /// Ends the header; the body follows.
    pub(crate) fn begin_body(&mut self) {
        let begin = self.out.len();
        self.end_line();
        self.blank_line = begin..self.out.len();
    }

    /// What has been written since.
    pub(crate) fn body(&self) -> &[u8] {
        self.out.get(self.blank_line.end..).unwrap_or_default()
    }

    /// Ends a body that stands as it is.
    pub(crate) fn end_body(&mut self) {
        let body = self.out.get(self.blank_line.end..).unwrap_or_default();
        self.ends_in_cr |= body.ends_with(b"\r");
        let name = if self.is_xml == Some(true) { "text/xml" } else { "" };
        if body.starts_with(b"<") && self.quirks.take_at(DeviationKind::BlankLineMissing, name) {
            self.out.drain(self.blank_line.clone());
            self.searched = self.searched.min(self.blank_line.start);
        }
        self.end_line();
    }

    /// The same with its length in the last field of the header, which is known only now.
    pub(crate) fn end_body_and_tell_length(&mut self) {
        let (head, body) = (self.blank_line.start, self.blank_line.end);
        let end = self.out.len();
        self.constant("Content-Length", [Digits::of((end - body) as u64).as_bytes()]);
        let len = self.out.len() - end;
        self.out[head..].rotate_right(len);
        self.blank_line = head + len..body + len;
        self.end_body();
    }

    /// A body as it is.
    pub(crate) fn verbatim(&mut self, bytes: &[u8]) {
        self.begin_body();
        self.search();
        for (nth, chunk) in bytes.chunks(CHUNK_LEN).enumerate() {
            self.out.extend_from_slice(chunk);
            for at in boundary::suspects(chunk) {
                let around = boundary::around(bytes, nth * CHUNK_LEN + at);
                self.is_parted &= !self.forms.iter().any(|form| form.begins_in(around));
            }
        }
        // Between the line ends around it no delimiter is cut in two.
        self.searched = self.out.len();
        self.end_body();
    }

    /// A body in base64: lines of at most 76 characters (RFC 2045 6.8). They are content: their line end is always CRLF.
    pub(crate) fn base64(&mut self, bytes: &[u8]) {
        self.begin_body();
        self.search();
        let begin = self.out.len();
        // Many lines at once, because every beginning and end takes its time.
        let mut text = [0; 64 * 76];
        for chunk in bytes.chunks(64 * 57) {
            let len = STANDARD.encode_slice(chunk, &mut text).unwrap_or(0);
            let (lines, rest) = text[..len].as_chunks::<76>();
            for line in lines {
                self.out.extend_from_slice(line);
                self.out.extend_from_slice(b"\r\n");
            }
            self.out.extend_from_slice(rest);
        }
        if self.out[begin..].ends_with(b"\r\n") {
            self.out.truncate(self.out.len() - 2);
        }
        // No delimiter stands in base64.
        self.searched = self.out.len();
        self.end_line();
    }
}

/// How long a body is in base64.
pub(crate) const fn base64_len(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(3) * 4 + bytes.len() / 57 * 2
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
    use alloc::string::String;
    use std::format;

    use bytes::Bytes;
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
    }

    #[test]
    fn writes_base64_in_lines_of_76_characters() {
        for len in [0, 1, 56, 57, 58, 114, 64 * 57 - 1, 64 * 57, 64 * 57 + 1, 128 * 57] {
            let bytes: Vec<u8> = (0..len).map(|n| u8::try_from(n % 251).unwrap_or(0)).collect();
            let mut writer = Writer::new(0, &[], LineEnd::CrLf, Quirks::default());
            writer.base64(&bytes);
            let text = String::from_utf8(writer.out).expect("ASCII");
            let text = text.strip_prefix("\r\n").and_then(|text| text.strip_suffix("\r\n")).expect("two line ends");
            let lines: Vec<&str> = text.split("\r\n").collect();
            assert!(lines[..lines.len() - 1].iter().all(|line| line.len() == 76), "{len}");
            assert_eq!(lines.last().map(|line| line.is_empty()), Some(len == 0), "{len}");
            assert_eq!(STANDARD.decode(lines.concat()).expect("base64"), bytes);
            assert_eq!(base64_len(&bytes), text.len() + if len > 0 && len % 57 == 0 { 2 } else { 0 }, "{len}");
        }
    }

    #[test]
    fn puts_the_length_of_a_body_in_its_header() {
        let mut writer = Writer::new(0, &[], LineEnd::CrLf, Quirks::default());
        writer.field("A", |out| out.push(b'b'));
        writer.begin_body();
        writer.out.extend_from_slice(b"<body/>");
        writer.end_body_and_tell_length();
        assert_eq!(String::from_utf8_lossy(&writer.out), "A: b\r\nContent-Length: 7\r\n\r\n<body/>\r\n");
    }

    #[test]
    fn makes_another_digest_of_other_pieces() {
        let text = b"a digest of more than one block of bytes, and some more";
        let mut seen = std::collections::BTreeSet::new();
        for at in 0..text.len() {
            let (one, other) = text.split_at(at);
            let mut changed = *text;
            changed[at] ^= 1;
            let pieces: [&[&[u8]]; 4] = [&[one], &[one, b"\0"], &[one, other], &[&changed]];
            for digest in pieces.map(|pieces| pieces.iter().fold(Digest::EMPTY, |digest, piece| digest.with(piece))) {
                assert!(seen.insert(digest), "{at}");
            }
        }
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
        assert_eq!(zeroth, "----=_Part_0_5060472067.2824044736091", "the same in every run, on every machine");
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

    #[test]
    fn looks_for_what_every_delimiter_begins_with() {
        for form in [BoundaryForm::Relay, BoundaryForm::Story] {
            let delimiter = [b"--", Boundary::new(form, 0, Digest::EMPTY).as_bytes()].concat();
            assert!(form.begins_in(&delimiter), "{form:?}");
            assert!(!form.begins_in(&delimiter[1..]), "{form:?}: a parameter");
        }
    }

    #[test]
    fn finds_a_delimiter_wherever_it_stands_in_binary() {
        const FORMS: &[BoundaryForm] = &[BoundaryForm::Relay, BoundaryForm::Story];
        for form in FORMS {
            let boundary = Boundary::new(*form, 0, Digest::EMPTY);
            for noise in [0xFF, b'a'] {
                for at in (0..=70).chain(CHUNK_LEN - 70..CHUNK_LEN + 70) {
                    for behind in [0, 1, 40] {
                        let body = |text: &[u8]| [&std::vec![noise; at], text, &std::vec![noise; behind]].concat();
                        let mut writer = Writer::new(0, FORMS, LineEnd::CrLf, Quirks::default());
                        writer.verbatim(&body(&[b"-".as_slice(), boundary.as_bytes()].concat()));
                        assert!(writer.is_parted(), "{form:?} {noise} {at} {behind}");
                        writer.verbatim(&body(&[b"--".as_slice(), boundary.as_bytes()].concat()));
                        assert!(!writer.is_parted(), "{form:?} {noise} {at} {behind}");
                    }
                }
            }
        }
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
