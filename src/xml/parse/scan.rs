//! What stands between the tags: text, references, comments, instructions, the prolog and what
//! follows the root.

use alloc::vec::Vec;
use core::ops::Range;

use memchr::memmem;

use super::super::grammar::{Stops, from, is_name_start, is_space, reference, skip_space, stray_ampersands};
use super::super::tree::{AttributeNode, TextClass};
use super::tag::Closer;
use crate::charset::Charset;
use crate::deviation::{DeviationKind, Flags};
use crate::error::{DecodeErrorKind, Fatal};

/// What a `<` begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Markup {
    Start,
    End,
    Comment,
    Instruction,
    Doctype,
    CharacterData,
}

/// A place in the input, moving on only.
pub(super) struct Scanner<'a, 'f> {
    pub(super) input: &'a [u8],
    pub(super) pos: usize,
    pub(super) charset: Charset,
    pub(super) max_attributes: usize,
    base: usize,
    pub(super) flags: &'f mut Flags,
    /// The byte behind the last stray markup, for a run of them is one deviation.
    stray_end: usize,
}

impl<'a, 'f> Scanner<'a, 'f> {
    pub(super) fn new(
        input: &'a [u8],
        base: usize,
        charset: Charset,
        max_attributes: usize,
        flags: &'f mut Flags,
    ) -> Self {
        Self { input, pos: 0, charset, max_attributes, base, flags, stray_end: usize::MAX }
    }

    pub(super) fn flag(&mut self, kind: DeviationKind, at: usize) {
        self.flags.push(kind, self.base + at);
    }

    pub(super) fn fatal(&self, kind: DecodeErrorKind, at: usize) -> Fatal {
        Fatal::new(kind, self.base + at)
    }

    pub(super) fn fatal_limit(&self, what: &'static str, allowed: usize, at: usize) -> Fatal {
        Fatal::limit(what, allowed, self.base + at)
    }

    /// What is left of the input.
    pub(super) fn rest(&self) -> &'a [u8] {
        from(self.input, self.pos)
    }

    /// Where in the input a rest of it begins.
    pub(super) fn position_of(&self, rest: &[u8]) -> usize {
        self.input.len() - rest.len()
    }

    pub(super) fn skip_space(&mut self) {
        self.pos = self.position_of(skip_space(self.rest()));
    }

    /// Goes on behind the next `end`, or to the end of the input if there is none. Answers where
    /// `end` stands.
    fn skip_past(&mut self, end: &[u8]) -> Option<usize> {
        let found = memmem::find(self.rest(), end).map(|len| self.pos + len);
        self.pos = found.map_or(self.input.len(), |at| at + end.len());
        found
    }

    /// `prolog ::= XMLDecl? Misc* (doctypedecl Misc*)?`, section 2.8: up to the root's start tag,
    /// if there is one.
    ///
    /// A byte order mark is no deviation (appendix F). White space and NUL before the declaration
    /// are, and so is text before the root, as a whole. The range of the declared encoding
    /// goes to `declared`.
    pub(super) fn prolog(&mut self, declared: &mut Option<Range<usize>>) -> Result<bool, Fatal> {
        if self.rest().starts_with(b"\xEF\xBB\xBF") {
            self.pos += 3;
        }
        let start = self.pos;
        let padding = self.rest().iter().take_while(|&&byte| is_space(byte) || byte == 0).count();
        if is_declaration(from(self.input, start + padding)) {
            self.pos += padding;
        }
        let mut junk = false;
        let mut declaration = false;
        loop {
            self.skip_space();
            if self.pos >= self.input.len() {
                return Ok(false);
            }
            match markup(self.rest()) {
                Some(Markup::Start) => return Ok(true),
                Some(Markup::Comment) => self.comment(),
                Some(Markup::Instruction) if !declaration && is_declaration(self.rest()) => {
                    if self.pos > start && !junk {
                        self.flag(DeviationKind::XmlPadding, start);
                    }
                    declaration = true;
                    *declared = self.declaration()?;
                }
                Some(Markup::Instruction) => self.instruction(),
                Some(Markup::Doctype) => return Err(self.fatal(DecodeErrorKind::Doctype, self.pos)),
                Some(Markup::End | Markup::CharacterData) | None => {
                    if !junk {
                        self.flag(DeviationKind::MarkupStray, self.pos);
                    }
                    junk = true;
                    self.pos += 1;
                    // Of a run of them, the last alone may begin anything.
                    while let [b'<', b'<', ..] = self.rest() {
                        self.pos += 1;
                    }
                    let skipped = memchr::memchr(b'<', self.rest());
                    self.pos = skipped.map_or(self.input.len(), |len| self.pos + len);
                }
            }
        }
    }

    /// `XMLDecl ::= '<?xml' VersionInfo EncodingDecl? SDDecl? S? '?>'`, section 2.8, with the blank
    /// of S-36.
    fn declaration(&mut self) -> Result<Option<Range<usize>>, Fatal> {
        let start = self.pos;
        self.pos += 2;
        if self.rest().first().copied().is_some_and(is_space) {
            self.flag(DeviationKind::XmlDeclarationBlank, self.pos);
            self.skip_space();
        }
        self.pos += b"xml".len();
        if let Some((encoding, end)) = plain_declaration(self.rest()) {
            let start = self.pos;
            self.pos += end;
            return Ok(encoding.map(|encoding| start + encoding.start..start + encoding.end));
        }
        let mut attributes = Vec::new();
        self.tag(start, Closer::Declaration, &mut attributes)?;
        self.judge_declaration(start, &attributes);
        let encoding = attributes.iter().find(|attribute| attribute.name.of(self.input) == b"encoding");
        Ok(encoding.map(|attribute| attribute.value.range()))
    }

    /// `VersionInfo EncodingDecl? SDDecl?`, section 2.8: these names in this order, and none but them.
    fn judge_declaration(&mut self, start: usize, attributes: &[AttributeNode]) {
        let input = self.input;
        let name = |attribute: &AttributeNode| attribute.name.of(input);
        if attributes.first().map(name) != Some(b"version") {
            return self.flag(DeviationKind::AttributeMalformed, start);
        }
        let mut left = [&b"version"[..], b"encoding", b"standalone"].into_iter();
        if let Some(odd) = attributes.iter().find(|attribute| !left.any(|known| known == name(attribute))) {
            self.flag(DeviationKind::AttributeMalformed, odd.name.start());
        }
    }

    /// `Misc*` behind the root, section 2.8. White space and NUL are nothing to report;
    /// anything else ends the reading (S-09, S-42).
    pub(super) fn epilogue(&mut self) {
        loop {
            let blank = |&&byte: &&u8| is_space(byte) || byte == 0;
            self.pos += self.rest().iter().take_while(blank).count();
            if self.pos >= self.input.len() {
                return;
            }
            match markup(self.rest()) {
                Some(Markup::Comment) => self.comment(),
                Some(Markup::Instruction) if !is_declaration(self.rest()) => self.instruction(),
                _ => return self.flag(DeviationKind::TextAfterRoot, self.pos),
            }
        }
    }

    /// `CharData ::= [^<&]* - ([^<&]* ']]>' [^<&]*)`, section 2.4, and references: up to the next
    /// markup, or to the end; what kind of text it is.
    pub(super) fn char_data(&mut self) -> (Option<Markup>, TextClass) {
        // Markup behind markup, or behind white space, as between most elements.
        let behind = skip_space(self.rest());
        if let Some(markup) = markup(behind) {
            let at = self.position_of(behind);
            let class = if at == self.pos { TextClass::NOTHING } else { TextClass::ODD };
            self.pos = at;
            return (Some(markup), class);
        }
        while let Some(len) = Stops::TEXT.find(self.rest()) {
            self.pos += len;
            let rest = self.rest();
            match rest {
                [b'<', ..] => {
                    if let Some(markup) = markup(rest) {
                        return (Some(markup), TextClass::ANY);
                    }
                    self.stray(1);
                    while let [b'<', b'<', ..] = self.rest() {
                        self.stray(1);
                    }
                }
                [b'&', ..] => self.reference(),
                [b']', b']', b'>', ..] => self.stray(3),
                _ => self.pos += 1,
            }
        }
        self.pos = self.input.len();
        (None, TextClass::ANY)
    }

    /// Markup that is text: one deviation a run.
    fn stray(&mut self, len: usize) {
        if self.stray_end != self.pos {
            self.flag(DeviationKind::MarkupStray, self.pos);
        }
        self.pos += len;
        self.stray_end = self.pos;
    }

    /// `Reference`, section 4.1: flags one that stands for nothing.
    pub(super) fn reference(&mut self) {
        let stray = stray_ampersands(self.rest());
        if stray > 0 {
            return self.stray(stray);
        }
        let Ok((rest, meaning)) = reference(self.rest()) else {
            return self.stray(1);
        };
        if meaning.is_none() {
            self.flag(DeviationKind::ReferenceUnknown, self.pos);
        }
        self.pos = self.position_of(rest);
    }

    /// Flags the references of an attribute value, and leaves the place as it is.
    pub(super) fn references(&mut self, value: Range<usize>) {
        let pos = core::mem::replace(&mut self.pos, value.start);
        let bytes = self.input.get(value.clone()).unwrap_or_default();
        while let Some(len) = memchr::memchr(b'&', from(bytes, self.pos - value.start)) {
            self.pos += len;
            self.reference();
        }
        self.pos = pos;
    }

    /// `Comment ::= '<!--' ((Char - '-') | ('-' (Char - '-')))* '-->'`, section 2.5.
    pub(super) fn comment(&mut self) {
        let start = self.pos;
        self.pos += b"<!--".len();
        let text = self.pos;
        let Some(end) = self.skip_past(b"-->") else {
            return self.flag(DeviationKind::CommentMalformed, start);
        };
        // The first hyphen of `-->` may be the second of two.
        let dashes = memmem::find(self.input.get(text..=end).unwrap_or_default(), b"--");
        if let Some(len) = dashes {
            self.flag(DeviationKind::CommentMalformed, text + len);
        }
    }

    /// `PI ::= '<?' PITarget (S (Char* - (Char* '?>' Char*)))? '?>'`, section 2.6; `xml` is no
    /// target.
    pub(super) fn instruction(&mut self) {
        let start = self.pos;
        let misplaced = is_declaration(self.rest());
        self.pos += b"<?".len();
        if self.skip_past(b"?>").is_none() || misplaced {
            self.flag(DeviationKind::CommentMalformed, start);
        }
    }

    /// `CDSect ::= '<![CDATA[' (Char* - (Char* ']]>' Char*)) ']]>'`, section 2.7: the range of its
    /// text.
    pub(super) fn character_data_section(&mut self) -> Range<usize> {
        let start = self.pos;
        self.pos += CDATA.len();
        let text = self.pos;
        let Some(end) = self.skip_past(b"]]>") else {
            self.flag(DeviationKind::CommentMalformed, start);
            return text..self.pos;
        };
        text..end
    }
}

/// ` version="…" encoding="…" ?>`, section 2.8, as nearly every document has it, the encoding or not: nothing to report.
/// The range of the encoding, and where the declaration ends.
fn plain_declaration(input: &[u8]) -> Option<(Option<Range<usize>>, usize)> {
    let (_, rest) = plain_attribute(input, b" version=\"")?;
    let (encoding, rest) = match plain_attribute(rest, b" encoding=\"") {
        Some((len, behind)) => {
            let end = input.len() - behind.len() - 1;
            (Some(end - len..end), behind)
        }
        None => (None, rest),
    };
    let behind = rest.strip_prefix(b" ").unwrap_or(rest).strip_prefix(b"?>")?;
    Some((encoding, input.len() - behind.len()))
}

/// The length of the value behind this beginning, and what stands behind its quote.
fn plain_attribute<'a>(input: &'a [u8], begin: &[u8]) -> Option<(usize, &'a [u8])> {
    let value = input.strip_prefix(begin)?;
    let len = memchr::memchr3(b'"', b'<', b'&', value)?;
    Some((len, value.get(len..)?.strip_prefix(b"\"")?))
}

const CDATA: &[u8] = b"<![CDATA[";

/// What the `<` at the start of `input` begins; nothing when it is a stray one, or none.
#[inline]
pub(super) fn markup(input: &[u8]) -> Option<Markup> {
    // A start tag, or an end tag, as nearly all are.
    match input {
        [b'<', b'/', byte, ..] if byte.is_ascii_alphabetic() => return Some(Markup::End),
        [b'<', byte, ..] if byte.is_ascii_alphabetic() => return Some(Markup::Start),
        [b'<', ..] => {}
        _ => return None,
    }
    let starts_name = |rest: &[u8]| rest.first().copied().is_some_and(is_name_start);
    match input {
        [b'<', b'/', rest @ ..] => starts_name(skip_space(rest)).then_some(Markup::End),
        [b'<', b'!', b'-', b'-', ..] => Some(Markup::Comment),
        [b'<', b'!', rest @ ..] if has_prefix_ignoring_case(rest, b"DOCTYPE") => Some(Markup::Doctype),
        [b'<', b'!', ..] => input.starts_with(CDATA).then_some(Markup::CharacterData),
        [b'<', b'?', rest @ ..] => (starts_name(rest) || is_declaration(input)).then_some(Markup::Instruction),
        [b'<', rest @ ..] => starts_name(rest).then_some(Markup::Start),
        _ => None,
    }
}

fn has_prefix_ignoring_case(bytes: &[u8], prefix: &[u8]) -> bool {
    bytes.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Whether an XML declaration starts here, blank of S-36 included.
fn is_declaration(input: &[u8]) -> bool {
    let Some(rest) = input.strip_prefix(b"<?") else {
        return false;
    };
    let Some(behind) = skip_space(rest).strip_prefix(b"xml") else {
        return false;
    };
    behind.first().is_none_or(|&byte| is_space(byte) || matches!(byte, b'?' | b'>'))
}
