//! The header of a part: fields until a blank line, or until what can only be the body.

use core::ops::Range;

use super::{Line, Scanner};
use crate::deviation::DeviationKind;
use crate::error::Fatal;
use crate::mime::field::FieldLine;
use crate::mime::{FieldId, PartField, field};

/// What a line in a header block is.
enum LineKind {
    Blank,
    /// Blanks alone, which obs-FWS (RFC 5322 4.2) would make a continuation; nobody means one.
    BlankWithSpace,
    /// Of an open multipart: the part ends without a body.
    Delimiter,
    /// `obs-FWS`, RFC 5322 4.2.
    Continuation,
    /// S-24.
    LostFold,
    Field(FieldLine),
    /// No field, but fields go on behind it.
    Malformed,
    /// The body begins without a blank line (S-01, K-02).
    Body,
}

/// A field whose further lines may still come.
struct RawField<'a> {
    id: FieldId,
    name: &'a [u8],
    underscored: bool,
    offset: usize,
    value: Range<usize>,
    last: Line,
}

/// See [`PartField::len`].
fn length(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

impl<'a> Scanner<'a, '_> {
    /// `MIME-part-headers`, RFC 2045 3; the line that ends them: blank, or else the first of the body.
    pub(super) fn header_block(&mut self, head: usize) -> Result<usize, Fatal> {
        let first = self.tree.fields.len();
        let mut raw: Option<RawField<'a>> = None;
        let mut at = head;
        loop {
            if let Some(next) = self.plain_field(at, first, &mut raw)? {
                at = next;
                continue;
            }
            let Some(line) = self.line(at) else { break };
            match self.line_kind(line, raw.as_ref()) {
                LineKind::Blank => {
                    self.note_line_end(line.next);
                    break;
                }
                LineKind::BlankWithSpace | LineKind::Delimiter | LineKind::Body => {
                    self.flags.push(DeviationKind::BlankLineMissing, line.start);
                    break;
                }
                LineKind::Malformed => {
                    self.flags.push(DeviationKind::FieldMalformed, line.start);
                    self.read_field(raw.take());
                }
                LineKind::Continuation => {}
                LineKind::LostFold => self.flags.push(DeviationKind::FoldLost, line.start),
                LineKind::Field(field) => {
                    self.read_field(raw.take());
                    self.room_for_field(first, line.start)?;
                    raw = Some(self.raw_field(field, line));
                }
            }
            if let Some(raw) = &mut raw {
                raw.value.end = line.end;
                raw.last = line;
                self.fits(raw.offset, raw.value.end)?;
            }
            self.note_line_end(line.next);
            at = line.next;
        }
        self.read_field(raw);
        Ok(at)
    }

    /// Reads a line that is a field and all of it, with a value that reads as it stands; what is behind the line. Nearly
    /// every line is such.
    ///
    /// The line behind it cannot belong to it: it begins with no blank, and this one does not end in the semicolon of a
    /// lost fold. `open` is the field above it, to which nothing is added any more.
    fn plain_field(
        &mut self,
        at: usize,
        first: usize,
        open: &mut Option<RawField<'a>>,
    ) -> Result<Option<usize>, Fatal> {
        let body = self.body;
        // A delimiter begins with a hyphen.
        let rest @ [b'A'..=b'Z' | b'a'..=b'z', ..] = &body[at..] else { return Ok(None) };
        let Some(FieldLine { id, name, underscored, value }) = field::field_line(rest) else { return Ok(None) };
        let Some((len, line_break)) = field::plain_line(&rest[value..]) else { return Ok(None) };
        let line = &rest[..value + len];
        let next = at + line.len() + line_break;
        let (start, raw) = field::trimmed(&line[value..]);
        if matches!(body.get(next), Some(b' ' | b'\t')) || raw.ends_with(b";") {
            return Ok(None);
        }
        if open.is_some() {
            self.read_field(open.take());
        }
        self.room_for_field(first, at)?;
        self.fits(at, at + line.len())?;
        if line_break == 1 {
            self.note_line_end(next);
        }
        let name = &line[..name];
        self.note_underscore(name, at, underscored);
        let (value_offset, len) = (at + value + start, length(line.len()));
        self.tree.fields.push(PartField { id, name, offset: at, value_offset, raw, plain: true, len });
        Ok(Some(next))
    }

    /// L-16.
    fn note_underscore(&mut self, name: &[u8], offset: usize, underscored: bool) {
        if underscored {
            let index = name.iter().position(|&byte| byte == b'_').unwrap_or_default();
            self.flags.push(DeviationKind::FieldUnderscore, offset + index);
        }
    }

    /// Fails where the part has as many fields as are allowed, `first` being the first of them.
    fn room_for_field(&self, first: usize, offset: usize) -> Result<(), Fatal> {
        if self.tree.fields.len() - first >= self.limits.fields {
            return Err(Fatal::limit("header fields", self.limits.fields, offset));
        }
        Ok(())
    }

    /// Fails where a field is longer than is allowed.
    fn fits(&self, offset: usize, end: usize) -> Result<(), Fatal> {
        let allowed = self.limits.field_len;
        if end - offset > allowed {
            return Err(Fatal::limit("bytes in a header field", allowed, offset + allowed));
        }
        Ok(())
    }

    /// The field that a line begins.
    fn raw_field(&self, field: FieldLine, line: Line) -> RawField<'a> {
        let FieldLine { id, name, underscored, value } = field;
        let name = &self.body[line.start..line.start + name];
        RawField { id, name, underscored, offset: line.start, value: line.start + value..line.end, last: line }
    }

    /// What a line in a header block is, `field` being the one above it.
    fn line_kind(&self, line: Line, field: Option<&RawField<'a>>) -> LineKind {
        let text = &self.body[line.start..line.end];
        if text.is_empty() {
            LineKind::Blank
        } else if self.delimiter_at(line.start).is_some() {
            LineKind::Delimiter
        } else if text.iter().copied().all(field::is_wsp) {
            LineKind::BlankWithSpace
        } else if text.first().is_some_and(|&byte| field::is_wsp(byte)) && field.is_some() {
            LineKind::Continuation
        } else if text.starts_with(b"<") {
            LineKind::Body
        } else if field.is_some_and(|field| field::is_lost_fold(self.text(field.last), text)) {
            LineKind::LostFold
        } else if let Some(field) = field::field_line(text) {
            LineKind::Field(field)
        } else if self.line(line.next).is_some_and(|next| self.is_field(next)) {
            LineKind::Malformed
        } else {
            LineKind::Body
        }
    }

    fn is_field(&self, line: Line) -> bool {
        self.delimiter_at(line.start).is_none() && field::field_line(self.text(line)).is_some()
    }

    /// Adds a field, if there is one, all of whose lines have come.
    fn read_field(&mut self, raw: Option<RawField<'a>>) {
        let Some(RawField { id, name, underscored, offset, value, .. }) = raw else { return };
        self.note_underscore(name, offset, underscored);
        let structured = id != FieldId::Other || field::is_structured(name);
        let text = field::text(&self.body[value.clone()], structured, value.start, self.flags);
        let value_offset = value.start + text.start;
        let (raw, plain) = (text.raw, text.plain);
        let len = length(value.end - offset);
        self.tree.fields.push(PartField { id, name, offset, value_offset, raw, plain, len });
    }
}
