//! What can only be said of a whole part, or of all of them, once the tree stands.

use alloc::collections::BTreeSet;

use super::{Encoding, FieldId, PartField, PartRef, Tree, field, media_type};
use crate::charset;
use crate::deviation::{DeviationKind, Flags};

/// Flags what is irregular about the parts below the entity.
pub(super) fn parts(tree: &Tree<'_>, body: &[u8], flags: &mut Flags) {
    let mut ids = Ids::default();
    for part in tree.parts().skip(1) {
        duplicates(part, flags);
        content_type(part, flags);
        encoding(part, body, flags);
        if let Some(field) = part.field(FieldId::ContentId) {
            for kind in field::content_id_deviations(field.raw) {
                flags.push(kind, field.value_offset);
            }
            // RFC 2045 7: world-unique (S-38, L-13, K-22).
            if part.content_id().is_some_and(|id| !ids.insert(id)) {
                flags.push(DeviationKind::ContentIdDuplicate, field.value_offset);
            }
        }
        if let Some(field) = part.field(FieldId::Length) {
            length(field, part.body.len(), flags);
        }
    }
}

/// The Content-IDs of a message: a few are compared one by one.
#[derive(Default)]
struct Ids<'a> {
    first: [&'a [u8]; 8],
    count: usize,
    more: BTreeSet<&'a [u8]>,
}

impl<'a> Ids<'a> {
    /// Adds an id; whether it is a new one.
    fn insert(&mut self, id: &'a [u8]) -> bool {
        if self.first[..self.count].contains(&id) {
            return false;
        }
        match self.first.get_mut(self.count) {
            None => self.more.insert(id),
            Some(place) => {
                *place = id;
                self.count += 1;
                true
            }
        }
    }
}

/// RFC 2045 3: each of its fields stands once.
fn duplicates(part: PartRef<'_, '_>, flags: &mut Flags) {
    let (mut seen, mut again) = (0, 0);
    for field in part.fields().iter().filter(|field| field.id != FieldId::Other) {
        let bit = 1_u8 << field.id as u8;
        again |= seen & bit;
        seen |= bit;
    }
    if again == 0 {
        return;
    }
    for id in [FieldId::ContentType, FieldId::ContentId, FieldId::TransferEncoding, FieldId::Disposition] {
        for field in part.fields().iter().filter(|field| field.id == id).skip(1) {
            flags.push(DeviationKind::FieldDuplicate, field.offset);
        }
    }
}

/// RFC 2045 5: the type of a part, and the parameters of a multipart.
fn content_type(part: PartRef<'_, '_>, flags: &mut Flags) {
    if let Some(media) = part.content_type() {
        for flag in media_type::multipart_params(&media) {
            flags.push(flag.kind, flag.offset);
        }
    } else {
        // One that is there and cannot be read is as good as none.
        let offset = part.field(FieldId::ContentType).map_or(part.header_end(), |field| field.value_offset);
        flags.push(DeviationKind::ContentTypeMissing, offset);
    }
}

/// RFC 2045 6.1: 7bit unless declared; 6.4: a multipart is 7bit, 8bit or binary.
fn encoding(part: PartRef<'_, '_>, body: &[u8], flags: &mut Flags) {
    let declared = || part.field(FieldId::TransferEncoding).map_or(part.head, |field| field.value_offset);
    match part.encoding {
        Encoding::Undeclared if !part.is_multipart => {
            let text = body.get(part.body.clone()).unwrap_or_default();
            let ascii = charset::ascii_len(text);
            if ascii < text.len() {
                flags.push(DeviationKind::EncodingUndeclared, part.body.start + ascii);
            }
        }
        Encoding::Unknown => flags.push(DeviationKind::EncodingUnknown, declared()),
        Encoding::Base64 | Encoding::QuotedPrintable if part.is_multipart => {
            flags.push(DeviationKind::EncodingUnknown, declared());
        }
        _ => {}
    }
}

/// S-29: right is the length of the body, with or without a CRLF behind it. What is no number says nothing.
fn length(field: &PartField<'_>, len: usize, flags: &mut Flags) {
    let value = field.value();
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return;
    }
    let digit = |sum: usize, byte: &u8| sum.saturating_mul(10).saturating_add(usize::from(byte - b'0'));
    let declared = value.iter().fold(0, digit);
    if declared != len && declared != len + 2 {
        flags.push(DeviationKind::PartLengthMismatch, field.value_offset);
    }
}
