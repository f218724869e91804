//! Between the parts of a message and its text and media.

mod plain;

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::charset;
use crate::deviation::{DeviationKind, Flag, Flags};
use crate::mime::{self, Encoding, Tree};
use crate::mm7::Site;
use crate::model::text::TextLike as _;
use crate::model::{Content, ContentId, FieldName, Media, MediaType, PartFields, Prose, Text};

pub(crate) use plain::{Form, Output, write};

/// What each part is for.
#[derive(Debug)]
pub(crate) struct Roles {
    root: usize,
    text: Option<usize>,
    media: Vec<usize>,
}

impl Roles {
    /// The root part is given; of the other leaves the first that is plain text is the text, the rest are media.
    pub(crate) fn new(tree: &Tree<'_>, root: usize, body: &[u8]) -> Self {
        let mut roles = Self { root, text: None, media: Vec::new() };
        for leaf in tree.leaves().filter(|&leaf| leaf != root) {
            if roles.text.is_none() && is_text(tree, leaf, body) {
                roles.text = Some(leaf);
            } else {
                roles.media.push(leaf);
            }
        }
        roles
    }

    /// What stands at the place of a syntax layer's finding.
    pub(crate) fn site_at(&self, tree: &Tree<'_>, flag: Flag) -> Site {
        let part = tree.part_at(flag.offset);
        if part == 0 && tree.parts[0].is_multipart {
            Site::Entity
        } else if part == self.root {
            Site::RootPart
        } else if tree.parts[part].is_multipart {
            Site::Container
        } else if Some(part) == self.text {
            Site::TextPart
        } else {
            Site::MediaPart
        }
    }
}

/// Text that the subscriber reads: `text/plain` or no type at all, and neither an attachment nor bytes of an image.
fn is_text(tree: &Tree<'_>, leaf: usize, body: &[u8]) -> bool {
    let part = &tree.parts[leaf];
    let attached = part.field("Content-Disposition").is_some();
    match part.content_type() {
        Some(media_type) => media_type.essence == "text/plain" && !attached,
        None => !attached && sniff(&body[part.body.clone()]).is_none(),
    }
}

/// The type that the first bytes tell of (S-31, K-23).
fn sniff(bytes: &[u8]) -> Option<MediaType> {
    // `/9j/` is FF D8 FF in base64.
    let jpeg = bytes.starts_with(b"\xFF\xD8");
    jpeg.then_some(MediaType::JPEG)
}

/// Text and media of the content parts.
pub(crate) fn read(
    tree: &Tree<'_>,
    roles: &Roles,
    fee_field: Option<&str>,
    body: &Bytes,
    flags: &mut Flags,
) -> Content {
    let mut content = Content::default();
    if let Some(part) = roles.text {
        content.text = read_text(tree, part, body, flags);
        content.fields = read_fields(tree, part, flags);
        content.fee_code = fee_field.and_then(|name| content.fields.remove(name));
    }
    content.media = roles.media.iter().map(|&part| read_media(tree, part, body, flags)).collect();
    content
}

/// Puts what the parts say beside what the operation says.
pub(crate) fn merge(target: &mut Content, found: Content) {
    let href = target.href.take();
    *target = found;
    target.href = href;
}

fn read_text(tree: &Tree<'_>, index: usize, body: &Bytes, flags: &mut Flags) -> Option<Prose> {
    let part = &tree.parts[index];
    let bytes = mime::decode(tree, index, body, flags);
    let params = part.content_type().map_or(&[][..], |media_type| &media_type.params);
    let declared = params.iter().find(|param| param.name == "charset");
    let label = declared.and_then(|param| {
        let label = charset::label(&param.value).ok();
        match &label {
            None => flags.push(DeviationKind::CharsetUnknown, param.offset),
            Some(label) if !label.registered => flags.push(DeviationKind::CharsetLabel, param.offset),
            Some(_) => {}
        }
        label.map(|label| label.charset)
    });
    let verbatim = !matches!(part.encoding(), Encoding::Base64 | Encoding::QuotedPrintable);
    let mut found = Flags::default();
    let charset = charset::choose(&bytes, label, 0, &mut found);
    let text = charset::decode(&bytes, charset, 0, &mut found);
    for flag in found.iter() {
        flags.push(flag.kind, part.body.start + if verbatim { flag.offset } else { 0 });
    }
    Prose::from_wire(&text)
}

fn read_media(tree: &Tree<'_>, index: usize, body: &Bytes, flags: &mut Flags) -> Media {
    let part = &tree.parts[index];
    let data = mime::decode(tree, index, body, flags);
    // The name parameter is the name only where no Content-Disposition stands; else it stays with the type.
    let named_by_type = part.field("Content-Disposition").is_none();
    let mut media_type = part.content_type().and_then(|found| {
        let mut own = found.clone();
        if named_by_type {
            own.params.retain(|param| !matches!(&*param.name, "name" | "name*"));
        }
        MediaType::from_parsed(&own, |value| field_text(value, 0, &mut Flags::default()))
    });
    if media_type.is_none() && part.field("Content-Type").is_some() {
        flags.push(
            DeviationKind::ValueUnreadable,
            part.field("Content-Type").map_or(part.head, |field| field.value_offset),
        );
    }
    if media_type.is_none() {
        media_type = sniff(&data);
    }
    let mut media = Media::new(media_type.unwrap_or(MediaType::OCTET_STREAM), data);
    media.content_id = part.content_id().and_then(|id| ContentId::from_wire(&field_text(id, part.head, flags)));
    media.name = part.file_name().filter(|_| named_by_type || part.has_file_name()).and_then(|name| {
        let text = match name.charset.and_then(|label| charset::label(label).ok()) {
            Some(label) => charset::decode(&name.bytes, label.charset, part.head, flags).into_owned(),
            None => field_text(&name.bytes, part.head, flags),
        };
        Text::from_wire(&text)
    });
    media.fields = read_fields(tree, index, flags);
    media
}

/// The header fields that have no place of their own in the model.
fn read_fields(tree: &Tree<'_>, index: usize, flags: &mut Flags) -> PartFields {
    let mut fields = PartFields::default();
    for field in &tree.parts[index].fields {
        let Ok(name) = core::str::from_utf8(field.name) else {
            flags.push(DeviationKind::FieldNameInvalid, field.offset);
            continue;
        };
        if FieldName::is_reserved(name) {
            continue;
        }
        let Ok(name) = FieldName::new(name) else {
            flags.push(DeviationKind::FieldNameInvalid, field.offset);
            continue;
        };
        let Some(value) = Text::from_wire(&field_text(&field.value, field.value_offset, flags)) else { continue };
        if fields.get(name.as_str()).is_some() {
            flags.push(DeviationKind::FieldDuplicate, field.offset);
        } else {
            fields.insert(name, value);
        }
    }
    fields
}

/// The text of a header field's bytes: CP949, or UTF-8 where they can only be that.
fn field_text(bytes: &[u8], offset: usize, flags: &mut Flags) -> String {
    let mut ignored = Flags::default();
    let charset = charset::choose(bytes, None, offset, &mut ignored);
    charset::decode(bytes, charset, offset, flags).into_owned()
}
