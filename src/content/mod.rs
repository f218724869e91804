//! Between the parts of a message and its text, its media and how they are shown.
//!
//! A dialect's [`Form`] says which kinds of parts it has. Reading gives everything that stands on the wire; what the
//! dialect would write of itself is then taken out ([`merge`]), so that a message has a presentation only where it is
//! another than the dialect's own. Writing goes the other way.

mod html;
mod parts;
mod plain;
mod slides;

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::charset::{self, Charset, Repertoire};
use crate::codec::OnUnmappable;
use crate::deviation::{DeviationKind, Flag, Flags};
use crate::error::DecodeErrorKind;
use crate::limits::Limits;
use crate::location::{Location, Stretch};
use crate::mime::{self, BoundaryForm, Encoding, FieldId, Tree};
use crate::mm7::Site;
use crate::model::text::TextLike as _;
use crate::model::{
    Content, ContentId, FieldName, Media, MediaType, PartFields, Presentation, Prose, Slot, SlotSet, Text,
};

use crate::xml::Arenas;

pub(crate) use parts::{Account, MediaForm, Place};
pub(crate) use slides::{Id, Layout, Reference, Style};

/// How a dialect writes its content.
#[derive(Debug)]
pub(crate) struct Form {
    /// The type of the multipart around the parts.
    pub(crate) container: &'static str,
    /// Its Content-ID, brackets included.
    pub(crate) container_id: Option<&'static str>,
    pub(crate) boundary: BoundaryForm,
    pub(crate) media: MediaForm,
    pub(crate) kind: Kind,
}

/// What stands beside the media.
#[derive(Debug)]
pub(crate) enum Kind {
    /// L: plain text.
    Plain,
    /// K: plain text, or HTML around it where there are images.
    Html,
    /// S: SMIL and its text document.
    Slides(&'static Style),
}

/// What characters may be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) repertoire: Repertoire,
    pub(crate) on_unmappable: OnUnmappable,
}

/// What is to be written of a content.
#[derive(Debug)]
pub(crate) struct Plan<'m> {
    form: &'static Form,
    content: &'m Content,
    target: Target,
    kind: KindPlan<'m>,
}

#[derive(Debug)]
enum KindPlan<'m> {
    Plain,
    Html(html::Plan<'m>),
    Slides(slides::Plan<'m>),
}

impl<'m> Plan<'m> {
    pub(crate) fn new(form: &'static Form, content: &'m Content, target: Target) -> Self {
        let kind = match &form.kind {
            Kind::Plain => KindPlan::Plain,
            Kind::Html => KindPlan::Html(html::Plan::new(content, target)),
            Kind::Slides(style) => KindPlan::Slides(slides::Plan::new(style, content, target)),
        };
        Self { form, content, target, kind }
    }

    /// Whether there is anything to write.
    pub(crate) fn has_parts(&self) -> bool {
        match &self.kind {
            KindPlan::Plain => plain::has_parts(self.content),
            KindPlan::Html(plan) => plan.has_parts(),
            KindPlan::Slides(plan) => plan.has_parts(),
        }
    }

    /// Whether the parts stand beside the root part, without a multipart around them.
    pub(crate) fn is_flat(&self) -> bool {
        matches!(&self.kind, KindPlan::Html(plan) if plan.is_flat())
    }

    /// The reference to the presentation, where the message leaves it to the dialect.
    pub(crate) fn href(&self) -> Option<&'static str> {
        if let KindPlan::Slides(plan) = &self.kind { plan.href() } else { None }
    }

    /// The parts, each behind its delimiter, and what writing them costs.
    pub(crate) fn write(&self, boundary: &[u8], body: &mut mime::Writer) -> Account {
        let mut account = Account::new(self.target);
        let writer = &mut parts::Writer { body, account: &mut account };
        match &self.kind {
            KindPlan::Plain => plain::write(self.form, self.content, boundary, writer),
            KindPlan::Html(plan) => plan.write(self.form, boundary, writer),
            KindPlan::Slides(plan) => plan.write(self.form, boundary, writer),
        }
        account
    }

    /// What it costs where there is nothing to write.
    pub(crate) fn write_nothing(&self) -> Account {
        let mut account = Account::new(self.target);
        if let KindPlan::Html(plan) = &self.kind {
            plan.account_for_nothing(&mut account);
        }
        account
    }

    /// About how many bytes the parts take.
    pub(crate) fn len_hint(&self) -> usize {
        let len = |text: &Option<Prose>| text.as_ref().map_or(0, |text| text.as_str().len());
        let media = |media: &Media| match self.form.media {
            MediaForm::Base64 => MEDIA_HEAD_LEN + mime::base64_len(&media.data),
            MediaForm::Raw => MEDIA_HEAD_LEN + media.data.len(),
        };
        let texts = len(&self.content.text) + len(&self.content.presentation.scene);
        2 * PART_LEN + texts + self.content.media.iter().map(media).sum::<usize>()
    }

    /// Whether a part has this Content-ID.
    pub(crate) fn has_id(&self, id: &str) -> bool {
        let is_it = |part: PartId<'_>| parts::on_one_line(part.id.text(), self.target) == id;
        part_ids(self.form, self.content, self.target.repertoire).any(is_it)
    }
}

/// More than most parts of a document have beside the text.
const PART_LEN: usize = 768;
/// As much as stands above most media.
const MEDIA_HEAD_LEN: usize = 256;

/// The slots that have a place in the parts.
pub(crate) const fn carried(form: &Form) -> SlotSet {
    match form.kind {
        Kind::Plain => plain::CARRIED,
        Kind::Html => html::CARRIED,
        Kind::Slides(_) => slides::CARRIED,
    }
}

/// Whether the message says what Content-ID some part has.
pub(crate) fn has_given_id(content: &Content) -> bool {
    let Presentation { scene_id, text_id, .. } = &content.presentation;
    let some = scene_id.is_some() || text_id.is_some() || content.href.is_some();
    some || content.media.iter().any(|media| media.content_id.is_some())
}

/// The Content-ID of a part that will be written.
#[derive(Clone, Debug)]
pub(crate) struct PartId<'m> {
    /// The field of the message that it is.
    pub(crate) place: Place<'static>,
    pub(crate) id: Id<'m>,
    pub(crate) site: Site,
}

/// The Content-IDs of the parts that will be written, in their order.
pub(crate) fn part_ids<'m>(
    form: &Form,
    content: &'m Content,
    repertoire: Repertoire,
) -> impl Iterator<Item = PartId<'m>> + Clone {
    let slides = matches!(form.kind, Kind::Slides(_));
    let slides = slides.then(|| slides::part_ids(content, repertoire));
    let others = slides.is_none().then(|| {
        let text = content.presentation.text_id.as_ref();
        let text = text.map(|id| (Place::Slot(Slot::TextId), id, Site::TextPart));
        let media = content.media.iter().enumerate().filter_map(|(index, media)| {
            Some((Place::Media(index, "content_id"), media.content_id.as_ref()?, Site::MediaPart))
        });
        let given = |(place, id, site): (_, &'m ContentId, _)| PartId { place, id: Id::given(id), site };
        text.into_iter().chain(media).map(given)
    });
    slides.into_iter().flatten().chain(others.into_iter().flatten())
}

/// What each part is for.
#[derive(Debug)]
pub(crate) struct Roles {
    root: usize,
    scene: Option<usize>,
    text: Option<usize>,
}

impl Roles {
    /// The root part is given; of the other leaves the first presentation and the first text of the form's kind have
    /// these roles, the rest are media.
    pub(crate) fn new(tree: &Tree<'_>, root: usize, body: &Bytes, form: Option<&Form>) -> Self {
        let mut roles = Self { root, scene: None, text: None };
        let first = |is: &dyn Fn(usize) -> bool| tree.leaves().find(|&leaf| leaf != root && is(leaf));
        let plain = |leaf: usize| is_text(tree, leaf, body);
        match form.map_or(&Kind::Plain, |form| &form.kind) {
            Kind::Plain => roles.text = first(&plain),
            Kind::Html => roles.text = first(&|leaf| plain(leaf) || html::is_html(tree, leaf)),
            Kind::Slides(_) => {
                roles.scene = first(&|leaf| slides::is_scene(tree, leaf, body));
                let scene = roles.scene;
                roles.text = first(&|leaf| Some(leaf) != scene && slides::is_text(tree, leaf, body))
                    .or_else(|| first(&|leaf| Some(leaf) != scene && plain(leaf)));
            }
        }
        roles
    }

    /// Whether a leaf has none of the other roles.
    fn is_media(&self, leaf: usize) -> bool {
        leaf != self.root && Some(leaf) != self.text && Some(leaf) != self.scene
    }

    /// What stands at the place of a syntax layer's finding.
    pub(crate) fn site_at(&self, tree: &Tree<'_>, flag: Flag) -> Site {
        let part = tree.part_at(flag.offset);
        if part == 0 && tree.part(0).is_multipart {
            Site::Entity
        } else if part == self.root {
            Site::RootPart
        } else if tree.part(part).is_multipart {
            Site::Container
        } else if Some(part) == self.text {
            Site::TextPart
        } else if Some(part) == self.scene {
            Site::ScenePart
        } else {
            Site::MediaPart
        }
    }
}

/// Text that the subscriber reads: `text/plain` or no type at all, and neither an attachment nor bytes of an image.
fn is_text(tree: &Tree<'_>, leaf: usize, body: &[u8]) -> bool {
    let part = tree.part(leaf);
    let attached = part.field(FieldId::Disposition).is_some();
    match part.content_type() {
        Some(media_type) => media_type.is("text/plain") && !attached,
        None => !attached && sniff(&body[part.body.clone()]).is_none(),
    }
}

/// The type that the first bytes tell of (S-31, K-23).
fn sniff(bytes: &[u8]) -> Option<MediaType> {
    let jpeg = bytes.starts_with(b"\xFF\xD8");
    jpeg.then_some(MediaType::JPEG)
}

/// An image in base64 that no header field names (S-31).
fn unnamed_base64(bytes: &[u8]) -> Option<Bytes> {
    // FF D8 FF.
    let image = bytes.starts_with(b"/9j/").then(|| mime::whole_base64(bytes))??;
    Some(image.into())
}

/// What was noticed in the content parts.
#[derive(Debug)]
pub(crate) struct Notes {
    /// The charset of the message, which its header fields have too (S-28).
    charset: Charset,
    pub(crate) flags: Flags,
    /// Inside a document: with the path, as a stretch of `paths`.
    pub(crate) inside: Vec<(Flag, Stretch)>,
    /// The paths of findings, one behind the other.
    pub(crate) paths: String,
    /// Where the first stood that found no room.
    pub(crate) overflow: Option<usize>,
    /// The first limit that a document passes.
    pub(crate) stop: Option<(DecodeErrorKind, Location)>,
}

impl Notes {
    /// Nothing yet, in a message of this charset; paths go behind those of `paths`.
    pub(crate) fn new(charset: Charset, paths: String) -> Self {
        Self { charset, flags: Flags::default(), inside: Vec::new(), paths, overflow: None, stop: None }
    }

    /// What was found in a text, in which offsets count from its start; `place` tells where that is.
    fn move_to(&mut self, found: &Flags, place: impl FnOnce() -> usize) {
        let mut found = found.iter().peekable();
        if found.peek().is_some() {
            let place = place();
            found.for_each(|flag| self.flags.push(flag.kind, place + flag.offset));
        }
    }
}

/// Everything that stands in the content parts.
pub(crate) fn read(
    tree: &Tree<'_>,
    roles: &Roles,
    form: &Form,
    body: &Bytes,
    limits: &Limits,
    arenas: &mut Arenas,
    notes: &mut Notes,
) -> Content {
    let mut content = Content::default();
    let mut unreadable = Vec::new();
    match form.kind {
        Kind::Plain => {
            if let Some(part) = roles.text {
                read_plain(tree, part, body, &mut content, notes);
                content.fee_code = content.fields.remove(plain::FEE_FIELD);
            }
        }
        Kind::Html => html::read(tree, roles, body, &mut content, notes),
        Kind::Slides(_) => unreadable = slides::read(tree, roles, body, limits, arenas, &mut content, notes),
    }
    let media = tree.leaves().filter(|leaf| roles.is_media(*leaf) || unreadable.contains(leaf));
    content.media = media.map(|part| read_media(tree, part, body, notes)).collect();
    content
}

/// A text part of plain text.
fn read_plain(tree: &Tree<'_>, part: usize, body: &Bytes, content: &mut Content, notes: &mut Notes) {
    content.text = read_text(tree, part, body, &mut notes.flags).and_then(Prose::from_wire_text);
    read_text_head(tree, part, content, notes);
}

/// What the header of a text part says beside its type.
fn read_text_head(tree: &Tree<'_>, part: usize, content: &mut Content, notes: &mut Notes) {
    content.fields = read_fields(tree, part, notes);
    content.presentation.text_id = read_id(tree, part, notes);
    content.presentation.text_name = read_name(tree, part, notes);
}

/// Puts what the parts say beside what the operation says, without what the dialect writes of itself.
pub(crate) fn merge(target: &mut Content, mut found: Content, form: &Form) {
    found.href = target.href.take();
    // Text in the Content element counts where there is no part for it.
    if found.text.is_none() {
        found.text = target.text.take();
    }
    match &form.kind {
        Kind::Plain => {}
        Kind::Html => html::strip_own(&mut found),
        Kind::Slides(style) => slides::strip_own(style, &mut found),
    }
    *target = found;
}

/// A part of text, opened.
struct OpenText<'b> {
    /// Its bytes, transfer encoding undone.
    bytes: Cow<'b, [u8]>,
    charset: Charset,
    /// Where its body begins in the entity's.
    start: usize,
    /// Whether the bytes stand in the body as they are; else every place in them is the part's start.
    verbatim: bool,
}

impl OpenText<'_> {
    /// The place of a byte in the entity's body.
    fn place(&self, offset: usize) -> usize {
        self.start + if self.verbatim { offset } else { 0 }
    }
}

/// The bytes of a part and the charset that they are in: what the part declares, else CP949.
fn open_text<'b>(tree: &Tree<'_>, index: usize, body: &'b [u8], flags: &mut Flags) -> OpenText<'b> {
    let part = tree.part(index);
    let bytes = mime::content(tree, index, body, flags);
    let declared = part.content_type().and_then(|media_type| media_type.charset());
    let label = declared.and_then(|param| {
        let label = charset::label(&param.value).ok();
        match &label {
            None => flags.push(DeviationKind::CharsetUnknown, param.offset),
            Some(label) if !label.registered => flags.push(DeviationKind::CharsetLabel, param.offset),
            Some(_) => {}
        }
        label.map(|label| label.charset)
    });
    let verbatim = !matches!(part.encoding, Encoding::Base64 | Encoding::QuotedPrintable);
    let mut found = Flags::default();
    let charset = charset::choose(&bytes, label, 0, &mut found);
    let text = OpenText { bytes, charset, start: part.body.start, verbatim };
    for flag in found.iter() {
        flags.push(flag.kind, text.place(flag.offset));
    }
    text
}

/// The text of a part, untouched.
fn read_text(tree: &Tree<'_>, index: usize, body: &Bytes, flags: &mut Flags) -> Option<String> {
    let open = open_text(tree, index, body, flags);
    let mut found = Flags::default();
    let text = charset::decode(&open.bytes, open.charset, 0, &mut found);
    for flag in found.iter() {
        flags.push(flag.kind, open.place(flag.offset));
    }
    (!text.is_empty()).then(|| text.into_owned())
}

fn read_media(tree: &Tree<'_>, index: usize, body: &Bytes, notes: &mut Notes) -> Media {
    let part = tree.part(index);
    let mut data = mime::decode(tree, index, body, &mut notes.flags);
    let declared = part.field(FieldId::ContentType);
    if declared.is_none()
        && part.encoding == Encoding::Undeclared
        && let Some(image) = unnamed_base64(&data)
    {
        data = image;
    }
    // The name parameter is the name only where no Content-Disposition stands; else it stays with the type.
    let named_by_type = part.field(FieldId::Disposition).is_none();
    let mut media_type = part.content_type().and_then(|found| {
        MediaType::from_parsed(&found, |param| {
            let is_name = named_by_type && (param.is("name") || param.is("name*"));
            (!is_name).then(|| field_text(&param.value, notes.charset, 0, &mut Flags::default()))
        })
    });
    if let Some(field) = declared.filter(|_| media_type.is_none()) {
        notes.flags.push(DeviationKind::ValueUnreadable, field.value_offset);
    }
    if media_type.is_none() {
        media_type = sniff(&data);
    }
    let mut media = Media::new(media_type.unwrap_or(MediaType::OCTET_STREAM), data);
    media.content_id = read_id(tree, index, notes);
    media.name = read_name(tree, index, notes);
    media.fields = read_fields(tree, index, notes);
    media
}

fn read_id(tree: &Tree<'_>, index: usize, notes: &mut Notes) -> Option<ContentId> {
    let part = tree.part(index);
    let id = part.content_id()?;
    let mut found = Flags::default();
    let text = field_text(id, notes.charset, 0, &mut found);
    notes.move_to(&found, || place(part, &[FieldId::ContentId], id));
    ContentId::from_wire(&text)
}

fn read_name(tree: &Tree<'_>, index: usize, notes: &mut Notes) -> Option<Text> {
    let part = tree.part(index);
    let named_by_type = part.field(FieldId::Disposition).is_none();
    let name = part.file_name().filter(|_| named_by_type || part.has_file_name())?;
    let mut found = Flags::default();
    let text = match name.charset.and_then(|label| charset::label(label).ok()) {
        Some(label) => charset::decode(&name.bytes, label.charset, 0, &mut found),
        None => field_text(&name.bytes, notes.charset, 0, &mut found),
    };
    notes.move_to(&found, || place(part, &[FieldId::Disposition, FieldId::ContentType], &name.bytes));
    Text::from_wire(&text)
}

/// Where these bytes stand in the first of the fields that is there; its value's place where they are escaped in it.
fn place(part: mime::PartRef<'_, '_>, fields: &[FieldId], bytes: &[u8]) -> usize {
    let Some(field) = fields.iter().find_map(|&id| part.field(id)) else { return part.head };
    field.value_offset + memchr::memmem::find(&field.value(), bytes).unwrap_or_default()
}

/// As many names as are compared one by one.
const FEW_NAMES: usize = 16;

/// The header fields that have no place of their own in the model.
fn read_fields(tree: &Tree<'_>, index: usize, notes: &mut Notes) -> PartFields {
    let Notes { charset, flags, .. } = notes;
    let mut fields = PartFields::default();
    let mut count = 0;
    // The names behind the first few.
    let mut further = BTreeSet::new();
    for field in tree.part(index).fields() {
        if field.id != FieldId::Other {
            continue;
        }
        let name = core::str::from_utf8(field.name).ok().and_then(|name| FieldName::new(name).ok());
        let Some(name) = name else {
            flags.push(DeviationKind::FieldNameInvalid, field.offset);
            continue;
        };
        let value = field.value();
        let Some(value) = Text::from_wire(&field_text(&value, *charset, field.value_offset, flags)) else {
            continue;
        };
        let is_new = !fields.iter().take(FEW_NAMES).any(|(known, _)| *known == name)
            && (count < FEW_NAMES || further.insert(name.as_str().to_ascii_lowercase()));
        if is_new {
            fields.push_new(name, value);
            count += 1;
        } else {
            flags.push(DeviationKind::FieldDuplicate, field.offset);
        }
    }
    fields
}

/// The text of a header field's bytes: UTF-8 where the message is and they can be, or where they can be nothing else; CP949.
fn field_text<'b>(bytes: &'b [u8], message: Charset, offset: usize, flags: &mut Flags) -> Cow<'b, str> {
    if let Some(text) = charset::plain(bytes) {
        return text.into();
    }
    let declared = (message == Charset::Utf8 && core::str::from_utf8(bytes).is_ok()).then_some(message);
    let charset = charset::choose(bytes, declared, offset, &mut Flags::default());
    charset::decode(bytes, charset, offset, flags)
}
