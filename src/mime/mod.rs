//! The MIME layer (RFC 2045, 2046, 2387): one flat tree over the body, lossless; it flags and never judges.
//!
//! [`parse`] finds the parts by their delimiters alone, [`decode`] undoes a transfer encoding, [`Writer`] writes a
//! multipart body. All offsets count from the first byte of the body.

mod check;
mod emit;
mod field;
mod media_type;
mod parse;
mod transfer;

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

#[cfg(any(test, fuzzing))]
pub(crate) use emit::{BodyOut, PartOut, boundary, emit};
pub(crate) use emit::{Boundary, BoundaryForm, Digest, LineEnd, Writer, base64_len, free_number};
use field::content_id;
pub(crate) use field::field_text_reads_as;
pub(crate) use media_type::{MediaType, Param, media_type, multipart_params};
pub(crate) use parse::{Form, form, parse};
pub(crate) use transfer::{decode, whole_lines as whole_base64};

use crate::deviation::{DeviationKind, Flags};
use crate::location;

/// The parts of a body.
#[derive(Clone, Debug)]
pub(crate) struct Tree<'a> {
    /// The entity itself, then the parts in document order, each behind its parent.
    pub(crate) parts: Vec<Part<'a>>,
    /// The `start` parameter of the entity's Content-Type (RFC 2387 3.2).
    start: Option<Vec<u8>>,
}

/// A body part, or the entity (the first of a [`Tree`]), which has no fields here.
#[derive(Clone, Debug)]
pub(crate) struct Part<'a> {
    /// The multipart that holds it; the entity is its own parent.
    pub(crate) parent: usize,
    /// It is the nth child of its parent, counted from 0.
    pub(crate) index: usize,
    /// The header fields, in order.
    pub(crate) fields: Vec<PartField<'a>>,
    /// The offset of the first header byte.
    pub(crate) head: usize,
    /// The body, undecoded.
    pub(crate) body: Range<usize>,
    /// Whether the body was split into parts.
    pub(crate) is_multipart: bool,
    /// Of a multipart: whether its close delimiter stands there.
    pub(crate) complete: bool,
    /// Where the line begins that ends the header.
    header_end: usize,
    content_type: Option<MediaType>,
    disposition: Vec<Param>,
}

/// A header field of a part.
#[derive(Clone, Debug)]
pub(crate) struct PartField<'a> {
    /// The name as written.
    pub(crate) name: &'a [u8],
    /// The value: unfolded, its remark cut off, without the blanks around it.
    pub(crate) value: Cow<'a, [u8]>,
    /// The offset of the name.
    pub(crate) offset: usize,
    /// The offset of the first byte of the value.
    pub(crate) value_offset: usize,
    /// The value before unfolding.
    raw: &'a [u8],
    /// Where the field ends, folded lines and remark included.
    end: usize,
}

/// A Content-Transfer-Encoding (RFC 2045 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    SevenBit,
    EightBit,
    Binary,
    Base64,
    QuotedPrintable,
    /// No field; read as binary (S-30).
    Undeclared,
    /// None of RFC 2045; read as binary.
    Unknown,
}

/// A file name, undecoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileName<'p> {
    /// The bytes, quoted pairs and percent escapes resolved.
    pub(crate) bytes: Cow<'p, [u8]>,
    /// The charset label that the RFC 2231 form names.
    pub(crate) charset: Option<&'p [u8]>,
}

/// `part[1].part[0]`; nothing for the entity.
fn path(parts: &[Part<'_>], part: usize) -> String {
    let outwards = core::iter::successors(Some(part), |&at| parts.get(at).map(|part| part.parent));
    let below = outwards.take_while(|&at| at != 0).filter_map(|at| parts.get(at));
    location::names(below.map(|part| format!("part[{}]", part.index).into_bytes().into()), b'.')
}

impl<'a> Tree<'a> {
    /// The parts that are no multipart, in document order; the entity only when it is none itself.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = usize> {
        let is_leaf = |(_, part): &(usize, &Part<'a>)| !part.is_multipart;
        self.parts.iter().enumerate().filter(is_leaf).map(|(part, _)| part)
    }

    /// `part[1].part[0]`; nothing for the entity.
    pub(crate) fn path(&self, part: usize) -> String {
        path(&self.parts, part)
    }

    /// The deepest part that holds the offset; the entity where none does.
    pub(crate) fn part_at(&self, offset: usize) -> usize {
        // Parts stand in the order of their heads: the deepest is the last that begins before it, or holds that one.
        let holds = |part: &Part<'a>| part.head == offset || (part.head..part.body.end).contains(&offset);
        let mut at = self.parts.partition_point(|part| part.head <= offset).saturating_sub(1);
        while let Some(part) = self.parts.get(at)
            && at != 0
            && !holds(part)
        {
            at = part.parent;
        }
        at
    }

    /// The path of the deepest part that holds the offset, with `/Field-Name` inside one of its header fields.
    ///
    /// Delimiter lines belong to the multipart, and the end of a part no longer to the part.
    pub(crate) fn path_at(&self, offset: usize) -> String {
        let deepest = self.part_at(offset);
        let mut path = self.path(deepest);
        let fields = self.parts.get(deepest).map_or(&[][..], |part| &part.fields);
        let before = fields.partition_point(|field| field.offset <= offset).checked_sub(1);
        if let Some(field) = before.and_then(|index| fields.get(index)).filter(|field| offset < field.end) {
            path.push('/');
            path.push_str(&location::names(core::iter::once(field.name.into()), b'/'));
        }
        path
    }

    /// The root part (RFC 2387 3.2): the leaf that `start` names, else the first leaf.
    ///
    /// L gives the root's id in doubled brackets to another part (L-13), so a Content-ID that is `start` to the
    /// letter goes before one that is equal without brackets. A `start` that names none (S-39) is flagged at the
    /// Content-ID of the part taken for the root, or at its head.
    pub(crate) fn root(&self, flags: &mut Flags) -> usize {
        let first = self.leaves().next().unwrap_or(0);
        let Some(start) = &self.start else {
            return first;
        };
        let field_of = |part: usize| self.parts.get(part)?.field("content-id");
        let named =
            (self.leaves()).find(|&part| field_of(part).is_some_and(|field| *field.value == **start)).or_else(|| {
                let id = content_id(start);
                self.leaves().find(|&part| field_of(part).is_some_and(|field| content_id(field.raw) == id))
            });
        named.unwrap_or_else(|| {
            let head = self.parts.get(first).map_or(0, |part| part.head);
            let offset = field_of(first).map_or(head, |field| field.value_offset);
            flags.push(DeviationKind::StartUnmatched, offset);
            first
        })
    }
}

impl<'a> Part<'a> {
    /// The first field with this name; letter case does not count, and `_` is `-` (L-16).
    pub(crate) fn field(&self, name: &str) -> Option<&PartField<'a>> {
        self.fields.iter().find(|field| field::same_name(field.name, name.as_bytes()))
    }

    /// The Content-Type. Of the entity: the one given to [`parse`], unless the body disagrees with it.
    pub(crate) fn content_type(&self) -> Option<&MediaType> {
        self.content_type.as_ref()
    }

    /// The Content-Transfer-Encoding.
    pub(crate) fn encoding(&self) -> Encoding {
        let Some(field) = self.field("content-transfer-encoding") else {
            return Encoding::Undeclared;
        };
        // mechanism, RFC 2045 6.1; a comment or a parameter behind it means nothing.
        let end = |byte: &u8| b"; \t(".contains(byte);
        let mechanism = field.value.split(end).next().unwrap_or_default();
        let known = [
            ("7bit", Encoding::SevenBit),
            ("8bit", Encoding::EightBit),
            ("binary", Encoding::Binary),
            ("base64", Encoding::Base64),
            ("quoted-printable", Encoding::QuotedPrintable),
        ];
        let found = known.iter().find(|(name, _)| mechanism.eq_ignore_ascii_case(name.as_bytes()));
        found.map_or(Encoding::Unknown, |&(_, encoding)| encoding)
    }

    /// The Content-ID without brackets and blanks; `None` when nothing is left of it.
    pub(crate) fn content_id(&self) -> Option<&'a [u8]> {
        let id = content_id(self.field("content-id")?.raw);
        (!id.is_empty()).then_some(id)
    }

    /// Whether Content-Disposition itself names the file.
    pub(crate) fn has_file_name(&self) -> bool {
        self.disposition.iter().any(|param| matches!(&*param.name, "filename" | "filename*"))
    }

    /// `filename` of Content-Disposition (RFC 2183 2.3), else `name` of Content-Type (RFC 2046 4.5.1); of either, the
    /// form of RFC 2231 first. Not decoded: see [`FileName::charset`] (S-28).
    pub(crate) fn file_name(&self) -> Option<FileName<'_>> {
        let media = self.content_type().map_or(&[][..], |media| &media.params);
        let places =
            [(&*self.disposition, "filename*"), (&*self.disposition, "filename"), (media, "name*"), (media, "name")];
        places.iter().find_map(|&(params, name)| {
            let value = &*media_type::param(params, name)?.value;
            let file_name = if name.ends_with('*') {
                FileName::extended(value)
            } else {
                FileName { bytes: Cow::Borrowed(value), charset: None }
            };
            (!file_name.bytes.is_empty()).then_some(file_name)
        })
    }
}

impl<'p> FileName<'p> {
    /// `extended-value := [charset] "'" [language] "'" extended-other-values`, RFC 2231 7.
    fn extended(value: &'p [u8]) -> Self {
        let mut pieces = value.splitn(3, |&byte| byte == b'\'');
        let (charset, text) = match (pieces.next(), pieces.next(), pieces.next()) {
            (Some(charset), Some(_), Some(text)) => (Some(charset), text),
            _ => (None, value),
        };
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some((&byte, tail)) = rest.split_first() {
            let escaped = (byte == b'%').then(|| tail.first_chunk().copied().and_then(transfer::hex_octet)).flatten();
            bytes.push(escaped.unwrap_or(byte));
            rest = if escaped.is_some() { &tail[2..] } else { tail };
        }
        Self { bytes: Cow::Owned(bytes), charset: charset.filter(|label| !label.is_empty()) }
    }
}

#[cfg(test)]
mod tests;
