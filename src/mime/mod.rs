//! The MIME layer (RFC 2045, 2046, 2387): one flat tree over the body, lossless; it flags and never judges.
//!
//! [`parse`] finds the parts by their delimiters alone, [`content`] and [`decode`] undo a transfer encoding, [`Writer`]
//! writes a multipart body. All offsets count from the first byte of the body.
//!
//! A tree borrows from the body. It has three lists, of parts, of header fields and of parameters, in each of which
//! what belongs to one part stands together; a [`PartRef`] shows one part with what it has in them.

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
use core::ops::{Deref, Range};

#[cfg(any(test, fuzzing))]
pub(crate) use emit::{BodyOut, PartOut, boundary, emit};
pub(crate) use emit::{Boundary, BoundaryForm, Digest, LineEnd, Writer, base64_len, free_number};
use field::content_id;
pub(crate) use field::field_text_reads_as;
pub(crate) use media_type::{ContentType, MediaType, Param, is_token, media_type, multipart_params};
pub(crate) use parse::{Form, form, parse};
pub(crate) use transfer::{content, decode, whole_lines as whole_base64};

use crate::deviation::{DeviationKind, Flags};
use crate::location;
use media_type::{Source, TypeHead};

/// The parts of a body.
#[derive(Clone, Debug)]
pub(crate) struct Tree<'a> {
    /// The entity itself, then the parts in document order, each behind its parent.
    parts: Vec<Part<'a>>,
    /// The header fields of all parts, in the order of the wire.
    fields: Vec<PartField<'a>>,
    /// The parameters of the entity's type; then of each part those of its type and those of its disposition.
    params: Vec<Param<'a>>,
    /// The Content-Type that the entity declares.
    declared: Option<TypeHead<'a>>,
}

/// A body part, or the entity (the first of a [`Tree`]), which has no fields here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part<'a> {
    /// The multipart that holds it; the entity is its own parent.
    parent: u32,
    /// It is the nth child of its parent, counted from 0.
    index: u32,
    /// The offset of the first header byte.
    pub(crate) head: usize,
    /// The body, undecoded.
    pub(crate) body: Range<usize>,
    /// Whether the body was split into parts.
    pub(crate) is_multipart: bool,
    /// Of a multipart: whether its close delimiter stands there.
    pub(crate) complete: bool,
    /// The Content-Transfer-Encoding.
    pub(crate) encoding: Encoding,
    /// How many bytes of header stand before the line that ends it; of more than that number can say, no more.
    header_len: u32,
    /// Its stretch of the header fields.
    fields: Range<usize>,
    content_type: Option<TypeHead<'a>>,
    /// The stretch of the parameters that are of its disposition.
    disposition: Range<usize>,
}

impl Part<'_> {
    /// So many parts can be told apart by their places.
    const MOST: usize = u32::MAX as usize;

    pub(crate) const fn parent(&self) -> usize {
        self.parent as usize
    }

    const fn index(&self) -> usize {
        self.index as usize
    }

    /// Where the line begins that ends the header.
    const fn header_end(&self) -> usize {
        self.head + self.header_len as usize
    }
}

/// A part, and the tree that has its fields and parameters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartRef<'t, 'a> {
    tree: &'t Tree<'a>,
    part: &'t Part<'a>,
}

/// A header field of a part.
#[derive(Clone, Debug)]
pub(crate) struct PartField<'a> {
    /// Which it is.
    pub(crate) id: FieldId,
    /// The name as written.
    pub(crate) name: &'a [u8],
    /// The offset of the name.
    pub(crate) offset: usize,
    /// The offset of the first byte of the value.
    pub(crate) value_offset: usize,
    /// The value before unfolding: its remark cut off, without the blanks around it.
    raw: &'a [u8],
    /// Whether unfolding changes nothing.
    plain: bool,
    /// How long the field is, folded lines and remark included; of what is longer than that number can say, no more.
    len: u32,
}

/// The header fields that this layer or the content of a message knows by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldId {
    ContentType,
    ContentId,
    TransferEncoding,
    Disposition,
    Length,
    /// Any other.
    Other,
}

/// A Content-Transfer-Encoding (RFC 2045 6.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    SevenBit,
    EightBit,
    Binary,
    Base64,
    QuotedPrintable,
    /// No field; read as binary (S-30).
    #[default]
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

impl FieldId {
    /// The field with this name; letter case does not count, and `_` is `-` (L-16).
    fn of(name: &[u8]) -> Self {
        // No two of them are of one length.
        let (id, known): (_, &[u8]) = match name.len() {
            10 => (Self::ContentId, b"Content-ID"),
            12 => (Self::ContentType, b"Content-Type"),
            14 => (Self::Length, b"Content-Length"),
            19 => (Self::Disposition, b"Content-Disposition"),
            25 => (Self::TransferEncoding, b"Content-Transfer-Encoding"),
            _ => return Self::Other,
        };
        if name == known || field::same_name(name, known) { id } else { Self::Other }
    }
}

impl Encoding {
    /// `mechanism`, RFC 2045 6.1, at the start of a field's value; a comment or a parameter behind it means nothing.
    fn of(value: &[u8]) -> Self {
        let end = |byte: &u8| b"; \t(".contains(byte);
        let mechanism = value.split(end).next().unwrap_or_default();
        let known = [
            ("7bit", Self::SevenBit),
            ("8bit", Self::EightBit),
            ("binary", Self::Binary),
            ("base64", Self::Base64),
            ("quoted-printable", Self::QuotedPrintable),
        ];
        let found = known.iter().find(|(name, _)| mechanism.eq_ignore_ascii_case(name.as_bytes()));
        found.map_or(Self::Unknown, |&(_, encoding)| encoding)
    }
}

impl<'a> Tree<'a> {
    /// A body of which nothing is known but its type.
    ///
    /// There is room for so many parts and so many of their header fields.
    fn of_entity(
        body: &[u8],
        content_type: Option<ContentType<'a>>,
        agrees: bool,
        (parts, fields): (usize, usize),
    ) -> Self {
        let (declared, params) = content_type.map(ContentType::into_parts).unzip();
        let own = declared.clone().filter(|_| agrees);
        let mut tree = Self {
            parts: Vec::with_capacity(parts),
            fields: Vec::with_capacity(fields),
            params: params.unwrap_or_default(),
            declared,
        };
        tree.parts.push(Part { body: 0..body.len(), content_type: own, ..Part::default() });
        tree
    }

    /// A part by its number, of which the tree's own functions tell.
    pub(crate) fn part(&self, part: usize) -> PartRef<'_, 'a> {
        PartRef { tree: self, part: &self.parts[part] }
    }

    /// All parts, the entity first.
    pub(crate) fn parts(&self) -> impl Iterator<Item = PartRef<'_, 'a>> {
        self.parts.iter().map(|part| PartRef { tree: self, part })
    }

    /// The Content-Type that was given to [`parse`], whether or not the body agrees with it.
    pub(crate) fn declared(&self) -> Option<MediaType<'_>> {
        self.declared.as_ref().map(|head| head.with(&self.params))
    }

    /// The parts that are no multipart, in document order; the entity only when it is none itself.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = usize> {
        let is_leaf = |(_, part): &(usize, &Part<'a>)| !part.is_multipart;
        self.parts.iter().enumerate().filter(is_leaf).map(|(part, _)| part)
    }

    /// `part[1].part[0]`; nothing for the entity.
    pub(crate) fn path(&self, part: usize) -> Cow<'static, str> {
        if self.parts.get(part).is_some_and(|found| part != 0 && found.parent() == 0 && found.index() == 0) {
            return "part[0]".into();
        }
        let mut path = String::new();
        self.write_path(part, &mut path);
        path.into()
    }

    /// Appends what [`path`](Self::path) gives.
    pub(crate) fn write_path(&self, part: usize, out: &mut String) {
        let mut chain = [0; PLAIN_DEPTH];
        let mut depth = 0;
        let mut at = part;
        while at != 0
            && let Some(part) = self.parts.get(at)
        {
            let Some(place) = chain.get_mut(depth) else {
                return out.push_str(&self.deep_path(at, &chain));
            };
            *place = part.index();
            depth += 1;
            at = part.parent();
        }
        for (nth, &index) in chain[..depth].iter().rev().enumerate() {
            out.push_str(if nth == 0 { "part[" } else { ".part[" });
            push_number(index, out);
            out.push(']');
        }
    }

    /// The path of a part deeper than [`PLAIN_DEPTH`]: `inner` are the indices from it outwards, `outer` is the next part.
    fn deep_path(&self, outer: usize, inner: &[usize]) -> String {
        let outwards = core::iter::successors(Some(outer), |&at| self.parts.get(at).map(Part::parent));
        let outer = outwards.take_while(|&at| at != 0).filter_map(|at| self.parts.get(at)).map(Part::index);
        let names = inner.iter().copied().chain(outer);
        location::names(names.map(|index| format!("part[{index}]").into_bytes().into()), b'.')
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
            at = part.parent();
        }
        at
    }

    /// The path of the deepest part that holds the offset, with `/Field-Name` inside one of its header fields.
    ///
    /// Delimiter lines belong to the multipart, and the end of a part no longer to the part.
    pub(crate) fn path_at(&self, offset: usize) -> String {
        let mut path = String::with_capacity(PLAIN_NAME);
        self.write_path_at(offset, &mut path);
        path
    }

    /// Appends what [`path_at`](Self::path_at) gives.
    pub(crate) fn write_path_at(&self, offset: usize, out: &mut String) {
        let deepest = self.part_at(offset);
        self.write_path(deepest, out);
        let fields = self.parts.get(deepest).map_or(&[][..], |part| &self.fields[part.fields.clone()]);
        let before = fields.partition_point(|field| field.offset <= offset).checked_sub(1);
        if let Some(field) = before.and_then(|index| fields.get(index)).filter(|field| field.holds(offset)) {
            out.push('/');
            match core::str::from_utf8(field.name) {
                Ok(name) if name.len() <= PLAIN_NAME => out.push_str(name),
                _ => out.push_str(&location::names(core::iter::once(field.name.into()), b'/')),
            }
        }
    }

    /// The root part (RFC 2387 3.2): the leaf that `start` names, else the first leaf.
    ///
    /// L gives the root's id in doubled brackets to another part (L-13), so a Content-ID that is `start` to the
    /// letter goes before one that is equal without brackets. A `start` that names none (S-39) is flagged at the
    /// Content-ID of the part taken for the root, or at its head.
    pub(crate) fn root(&self, flags: &mut Flags) -> usize {
        let first = self.leaves().next().unwrap_or(0);
        let entity = self.part(0);
        let Some(start) = entity.content_type().filter(|_| entity.is_multipart).and_then(|media| media.param("start"))
        else {
            return first;
        };
        let field_of = |part: usize| self.part(part).field(FieldId::ContentId);
        let named = (self.leaves()).find(|&part| field_of(part).is_some_and(|field| *field.value() == *start));
        let named = named.or_else(|| {
            let id = content_id(start);
            self.leaves().find(|&part| field_of(part).is_some_and(|field| content_id(field.raw) == id))
        });
        named.unwrap_or_else(|| {
            let offset = field_of(first).map_or(self.part(first).head, |field| field.value_offset);
            flags.push(DeviationKind::StartUnmatched, offset);
            first
        })
    }
}

/// As many parts inside one another as surely have room in a path.
const PLAIN_DEPTH: usize = 8;

/// As long a name as surely has room in a path.
const PLAIN_NAME: usize = 128;

/// Appends a number in digits.
fn push_number(number: usize, out: &mut String) {
    if number >= 10 {
        push_number(number / 10, out);
    }
    out.push(char::from(b"0123456789"[number % 10]));
}

impl<'t, 'a> PartRef<'t, 'a> {
    /// The header fields, in order.
    pub(crate) fn fields(self) -> &'t [PartField<'a>] {
        &self.tree.fields[self.part.fields.clone()]
    }

    /// The first of the fields that are this one.
    pub(crate) fn field(self, id: FieldId) -> Option<&'t PartField<'a>> {
        self.fields().iter().find(|field| field.id == id)
    }

    /// The first field with this name; letter case does not count, and `_` is `-` (L-16).
    pub(crate) fn field_named(self, name: &str) -> Option<&'t PartField<'a>> {
        self.fields().iter().find(|field| field::same_name(field.name, name.as_bytes()))
    }

    /// The Content-Type. Of the entity: the one given to [`parse`], unless the body disagrees with it.
    pub(crate) fn content_type(self) -> Option<MediaType<'t>> {
        self.part.content_type.as_ref().map(|head| head.with(&self.tree.params))
    }

    /// The Content-ID without brackets and blanks; `None` when nothing is left of it.
    pub(crate) fn content_id(self) -> Option<&'a [u8]> {
        let id = content_id(self.field(FieldId::ContentId)?.raw);
        (!id.is_empty()).then_some(id)
    }

    /// The parameters of Content-Disposition.
    fn disposition(self) -> &'t [Param<'a>] {
        &self.tree.params[self.part.disposition.clone()]
    }

    /// Whether Content-Disposition itself names the file.
    pub(crate) fn has_file_name(self) -> bool {
        self.disposition().iter().any(|param| param.is("filename") || param.is("filename*"))
    }

    /// `filename` of Content-Disposition (RFC 2183 2.3), else `name` of Content-Type (RFC 2046 4.5.1); of either, the
    /// form of RFC 2231 first. Not decoded: see [`FileName::charset`] (S-28).
    pub(crate) fn file_name(self) -> Option<FileName<'t>> {
        let media = self.content_type().map_or(&[][..], |media| media.params);
        let disposition = self.disposition();
        let places = [(disposition, "filename*"), (disposition, "filename"), (media, "name*"), (media, "name")];
        places.iter().find_map(|&(params, name)| {
            let value: &'t [u8] = &media_type::param(params, name)?.value;
            let file_name = if name.ends_with('*') {
                FileName::extended(value)
            } else {
                FileName { bytes: Cow::Borrowed(value), charset: None }
            };
            (!file_name.bytes.is_empty()).then_some(file_name)
        })
    }
}

impl<'a> Deref for PartRef<'_, 'a> {
    type Target = Part<'a>;

    fn deref(&self) -> &Part<'a> {
        self.part
    }
}

impl<'a> PartField<'a> {
    /// Whether a byte at or behind its name is of the field.
    fn holds(&self, offset: usize) -> bool {
        u32::try_from(offset - self.offset).is_ok_and(|place| place < self.len)
    }

    /// The value for the grammars of it.
    fn source(&self) -> Source<'a> {
        Source { value: self.raw, base: self.value_offset, plain: self.plain }
    }

    /// The value: unfolded, its remark cut off, without the blanks around it.
    pub(crate) fn value(&self) -> Cow<'a, [u8]> {
        if self.plain {
            return Cow::Borrowed(self.raw);
        }
        field::unfold(self.raw, field::is_structured(self.name), self.value_offset, &mut Flags::default())
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
