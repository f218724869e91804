//! The writing half: the SMIL part, the text part, the media.

use alloc::vec::Vec;

use super::super::parts::{Account, MediaForm, PLACEHOLDER, Place, Writer, loss, on_one_line};
use super::super::{Form, Target};
use super::layout::{Shown, ShownMedia};
use super::{
    FIRST_MEDIA, OWN_HREF, Reference, Style, is_empty, is_own_id, own_fields, reference, scene, scene_id, text, text_id,
};
use crate::deviation::{DeviationKind, Quirks};
use crate::loss::Loss;
use crate::mm7::href_reads_as;
use crate::model::{Content, ContentId, PartFields, Prose, Slot, SlotSet, Text, Value};
use crate::xml;

/// What has a place in the parts.
pub(in super::super) const CARRIED: SlotSet = SlotSet::of(&[
    Slot::ContentText,
    Slot::ContentMedia,
    Slot::ContentFields,
    Slot::Scene,
    Slot::SceneId,
    Slot::SceneName,
    Slot::SceneFields,
    Slot::TextId,
    Slot::TextName,
    Slot::Background,
    Slot::Runs,
]);

/// What is to be written.
#[derive(Debug)]
pub(in super::super) struct Plan<'m> {
    style: &'static Style,
    content: &'m Content,
    target: Target,
}

impl<'m> Plan<'m> {
    pub(in super::super) fn new(style: &'static Style, content: &'m Content, target: Target) -> Self {
        Self { style, content, target }
    }

    /// Whether there is anything to write.
    pub(in super::super) fn has_parts(&self) -> bool {
        !is_empty(self.content)
    }

    /// The reference to the presentation, where the message leaves it to the dialect.
    pub(in super::super) fn href(&self) -> Option<&'static str> {
        let own = match &self.content.href {
            Some(href) => href_reads_as(href.as_str()).0 == OWN_HREF,
            None => self.content.presentation.scene_id.is_none(),
        };
        (own && self.has_parts()).then_some(OWN_HREF)
    }

    pub(in super::super) fn write(&self, form: &Form, boundary: &[u8], writer: &mut Writer<'_>) {
        account_for_own(self.style, self.content, writer.account);
        // What the scene says of a part is what its header field can hold.
        let shown = Shown::of(self.content, |text| on_one_line(text, self.target));
        // The account has the SMIL part behind the others.
        let scene = writer.account.aside(|account| {
            self.write_scene(&shown, boundary, &mut Writer { body: writer.body, account });
        });
        self.write_text(boundary, writer);
        self.write_media(&shown, form.media, boundary, writer);
        writer.account.append(scene);
    }

    fn write_scene(&self, shown: &Shown<'_>, boundary: &[u8], writer: &mut Writer<'_>) {
        let presentation = &self.content.presentation;
        let head = Head {
            media_type: self.style.types.map(|(scene, _)| scene),
            id: (&scene_id(self.content, self.target.repertoire).0.text(), Slot::SceneId),
            name: (presentation.scene_name.as_ref().map_or(self.style.names.0, Text::as_str), Slot::SceneName),
            fields: (&presentation.scene_fields, Slot::SceneFields),
        };
        writer.body.delimiter(boundary);
        let found = writer.account.aside(|account| {
            head.write(self.style, &mut Writer { body: writer.body, account });
        });
        writer.body.begin_body();
        match &presentation.scene {
            Some(scene) => self.write_given(scene, shown, writer),
            None => self.document("smil", writer, |xml| scene::write_own(self.style, shown, xml)),
        }
        writer.account.append(found);
        self.end_document(writer);
    }

    /// The message's own scene as far as it reads back, else the dialect's.
    fn write_given(&self, given: &Prose, shown: &Shown<'_>, writer: &mut Writer<'_>) {
        let (given, own) = (given.as_str(), self.style.layout.canonical(shown));
        let (begin, before) = (writer.body.out.len(), writer.body.quirks);
        let mut read = None;
        if given != own {
            self.document("smil", writer, |xml| {
                let (written, found) = scene::write_given(self.style, given, xml);
                read = found.filter(|read| !read.is_empty());
                written
            });
        }
        if read.is_none() {
            writer.body.out.truncate(begin);
            writer.body.quirks = before;
            self.document("smil", writer, |xml| scene::write_own(self.style, shown, xml));
        }
        // The dialect's own is no news.
        let after = read.filter(|read| *read != own).unwrap_or_default();
        if after != given {
            writer.account.losses.push(loss(Slot::Scene.path().into(), given, &after, Vec::new()));
        }
    }

    fn write_text(&self, boundary: &[u8], writer: &mut Writer<'_>) {
        let content = self.content;
        let Some(id) = text_id(content) else { return };
        let one = [text::one_piece(content)];
        let several = text::pieces(content).unwrap_or_else(|runs| {
            writer.account.losses.push(Loss::dropped(Slot::Runs.path(), Value::Runs(runs.into())));
            None
        });
        let head = Head {
            media_type: self.style.types.map(|(_, text)| text),
            id: (&id.text(), Slot::TextId),
            name: (content.presentation.text_name.as_ref().map_or(self.style.names.1, Text::as_str), Slot::TextName),
            fields: (&content.fields, Slot::ContentFields),
        };
        writer.body.delimiter(boundary);
        head.write(self.style, writer);
        writer.body.begin_body();
        let pieces = several.as_deref().unwrap_or(&one);
        self.document("xt", writer, |xml| text::write(self.style, content, pieces, xml));
        self.end_document(writer);
    }

    fn write_media(&self, shown: &Shown<'_>, form: MediaForm, boundary: &[u8], writer: &mut Writer<'_>) {
        for (index, (media, ShownMedia { id, .. })) in self.content.media.iter().zip(&shown.media).enumerate() {
            writer.body.delimiter(boundary);
            let id = media.content_id.as_ref().map_or(&**id, |id| id.as_str());
            writer.media(index, media, Some(id), form);
        }
    }

    /// A document, behind what has been written.
    fn document(
        &self,
        root: &'static str,
        writer: &mut Writer<'_>,
        write: impl FnOnce(xml::Writer) -> (Vec<u8>, Quirks),
    ) {
        let body = &mut *writer.body;
        let out = core::mem::take(&mut body.out);
        (body.out, body.quirks) = write(xml::Writer::behind(out, self.target.repertoire, body.quirks, root));
    }

    fn end_document(&self, writer: &mut Writer<'_>) {
        if self.style.guessed_length {
            writer.body.end_body();
        } else {
            writer.body.end_body_and_tell_length();
        }
    }
}

/// What the message says that the dialect writes anyway is not read back.
fn account_for_own(style: &Style, content: &Content, account: &mut Account) {
    for (index, media) in content.media.iter().enumerate() {
        if let Some(id) = media.content_id.as_ref().filter(|id| is_own_id(id, FIRST_MEDIA + index)) {
            account.dropped(Place::Media(index, "content_id"), id.as_str());
        }
    }
    let own = own_fields(style, content);
    let presentation = &content.presentation;
    for (slot, text) in [
        (Slot::ContentHref, content.href.as_ref().map(Text::as_str)),
        (Slot::SceneId, presentation.scene_id.as_ref().map(ContentId::as_str)),
        (Slot::TextId, presentation.text_id.as_ref().map(ContentId::as_str)),
        (Slot::SceneName, presentation.scene_name.as_ref().map(Text::as_str)),
        (Slot::TextName, presentation.text_name.as_ref().map(Text::as_str)),
        (Slot::Background, presentation.background.as_ref().map(Text::as_str)),
    ] {
        if let Some(text) = text.filter(|_| own.contains(slot)) {
            account.dropped(Place::Slot(slot), text);
        }
    }
}

/// What stands above a document.
struct Head<'c> {
    media_type: Option<&'static str>,
    id: (&'c str, Slot),
    name: (&'c str, Slot),
    fields: (&'c PartFields, Slot),
}

impl Head<'_> {
    /// All but a length that is known behind the document.
    fn write(&self, style: &Style, writer: &mut Writer<'_>) {
        if let Some(media_type) = self.media_type
            && !writer.takes(DeviationKind::ContentTypeMissing, || true)
        {
            writer.constant("Content-Type", media_type.as_bytes());
        }
        writer.content_id(Place::Slot(self.id.1), self.id.0);
        if style.guessed_length {
            writer.constant("Content-Length", PLACEHOLDER);
        }
        writer.disposition(Place::Slot(self.name.1), Some(self.name.0));
        writer.fields(|name| Place::Field(self.fields.1, name), self.fields.0, None);
    }
}

/// A reference to a part in the dialect's form, or another where that would not read back.
pub(super) fn write_reference(style: &Style, id: &str, xml: &mut xml::Writer) {
    let form = reference_form(style.reference, id, &mut xml.quirks);
    match form {
        Reference::Bare => xml.attribute_in("", "src", id),
        Reference::Scheme => xml.attribute_in("", "src", &alloc::format!("cid:{id}")),
        Reference::Bracketed => xml.attribute_in("", "src", &alloc::format!("cid:<{id}>")),
    }
}

/// Whether an id reads back from a reference of any form: letters and digits alone.
pub(super) fn is_plain_id(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !id.is_empty()
}

fn reference_form(form: Reference, id: &str, quirks: &mut Quirks) -> Reference {
    let plain = is_plain_id(id);
    let reads_back = |form: Reference| match form {
        _ if plain => true,
        Reference::Bare => reference(id).0 == id,
        Reference::Scheme => reference(&alloc::format!("cid:{id}")).0 == id,
        Reference::Bracketed => reference(&alloc::format!("cid:<{id}>")).0 == id,
    };
    if form == Reference::Scheme
        && quirks.wanted.contains(DeviationKind::ReferenceScheme)
        && reads_back(Reference::Bare)
        && reference(id).1 == Some(DeviationKind::ReferenceScheme)
        && quirks.take(DeviationKind::ReferenceScheme)
    {
        Reference::Bare
    } else if reads_back(form) {
        form
    } else if reads_back(Reference::Scheme) {
        Reference::Scheme
    } else {
        Reference::Bare
    }
}
