//! The header of a part: fields until a blank line, or until what can only be the body.

use core::ops::Range;

use super::{Line, Scanner};
use crate::deviation::DeviationKind;
use crate::error::Fatal;
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
    /// The length of the name, and where the value begins.
    Field {
        name: usize,
        value: usize,
    },
    /// No field, but fields go on behind it.
    Malformed,
    /// The body begins without a blank line (S-01, K-02).
    Body,
}

/// A field whose further lines may still come.
struct RawField<'a> {
    name: &'a [u8],
    offset: usize,
    value: Range<usize>,
    last: Line,
}

impl<'a> Scanner<'a, '_> {
    /// `MIME-part-headers`, RFC 2045 3; the line that ends them: blank, or else the first of the body.
    pub(super) fn header_block(&mut self, head: usize) -> Result<usize, Fatal> {
        let first = self.tree.fields.len();
        let mut raw: Option<RawField<'a>> = None;
        let mut at = head;
        while let Some(line) = self.line(at) {
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
                LineKind::Field { name, value } => {
                    self.read_field(raw.take());
                    if self.tree.fields.len() - first >= self.limits.fields {
                        return Err(Fatal::limit("header fields", self.limits.fields, line.start));
                    }
                    raw = Some(RawField {
                        name: &self.body[line.start..line.start + name],
                        offset: line.start,
                        value: line.start + value..line.end,
                        last: line,
                    });
                }
            }
            if let Some(raw) = &mut raw {
                raw.value.end = line.end;
                raw.last = line;
                let allowed = self.limits.field_len;
                if raw.value.end - raw.offset > allowed {
                    return Err(Fatal::limit("bytes in a header field", allowed, raw.offset + allowed));
                }
            }
            self.note_line_end(line.next);
            at = line.next;
        }
        self.read_field(raw);
        Ok(at)
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
        } else if let Some((name, value)) = field::field_line(text) {
            LineKind::Field { name, value }
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
        let Some(RawField { name, offset, value, .. }) = raw else { return };
        if let Some(index) = memchr::memchr(b'_', name) {
            self.flags.push(DeviationKind::FieldUnderscore, offset + index);
        }
        let id = FieldId::of(name);
        let structured = id != FieldId::Other || field::is_structured(name);
        let text = field::text(&self.body[value.clone()], structured, value.start, self.flags);
        let value_offset = value.start + text.start;
        let (raw, plain) = (text.raw, text.plain);
        self.tree.fields.push(PartField { id, name, offset, value_offset, raw, plain, end: value.end });
    }
}
