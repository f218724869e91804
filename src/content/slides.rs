//! S: a SMIL document that shows a text document (XT) and media (spec sections 4.3 to 4.5).
//!
//! Every shape on record is read; what is written is the dialect's ([`Style`]). A scene that is the dialect's own for the
//! text and media it shows is no news and does not stand in the message; neither do the ids, names and colours that
//! the dialect gives of itself.

mod scene;
mod text;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;
use smol_str::{SmolStr, format_smolstr};

use super::parts::{Fields, PLACEHOLDER, Writer, loss};
use super::{Form, Notes, Output, PartId, Roles, read_fields, read_id, read_name, read_plain, read_text_head};
use crate::charset::{self, Charset, Repertoire, can_encode};
use crate::codec::EncodeError;
use crate::decode::push_joined;
use crate::deviation::{DeviationKind, Flag, Flags};
use crate::limits::Limits;
use crate::loss::Loss;
use crate::mime::{self, BodyOut, Encoding, FieldId, PartOut, Tree};
use crate::mm7::{Site, href_reads_as};
use crate::model::text::TextLike as _;
use crate::model::{Content, ContentId, MediaType, Prose, Slot, Text, Value};
use crate::xml::{self, Arenas};

pub(crate) use scene::Layout;

/// How a dialect writes its presentation.
#[derive(Debug)]
pub(crate) struct Style {
    /// The scene that it makes of itself.
    pub(crate) layout: Layout,
    /// The name of the charset in the documents' declarations.
    pub(crate) encoding: &'static str,
    /// The SMIL document has a declaration too.
    pub(crate) scene_declaration: bool,
    /// Every tag begins a line.
    pub(crate) lines: bool,
    pub(crate) reference: Reference,
    /// The types of both parts; `None` for parts without Content-Type (S-31).
    pub(crate) types: Option<(&'static str, &'static str)>,
    /// The file names of both parts.
    pub(crate) names: (&'static str, &'static str),
    /// The lengths of both parts are guesses (S-29), and stand before the other fields.
    pub(crate) guessed_length: bool,
    /// The element of a run of text that has no colour.
    pub(crate) text_element: &'static str,
}

/// How a document refers to a part (S-33).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// Its id alone.
    Bare,
    /// `cid:` and its id.
    Scheme,
    /// `cid:<id>`.
    Bracketed,
}

/// The background that every dialect gives a text.
const BACKGROUND: &str = "#FFFFFF";

/// The id that a dialect gives the SMIL part (0), the text part (1) or the n-th media part (n + 2), in the shape of S's
/// 22 digits (S-40).
fn own_id(index: usize) -> SmolStr {
    format_smolstr!("{OWN_ID}{index:02}")
}

/// What all of them begin with.
const OWN_ID: &str = "10000000001000000000";

/// Whether this is that id.
fn is_own_id(id: &str, index: usize) -> bool {
    id.starts_with(OWN_ID) && id == own_id(index)
}

/// The reference to the SMIL part that a dialect writes of itself.
fn own_href() -> String {
    alloc::format!("cid:{}", own_id(SCENE))
}

const SCENE: usize = 0;
const TEXT: usize = 1;
const FIRST_MEDIA: usize = 2;

// --- which part is which

/// SMIL, by its type or, without one, its root element (S-31, S-32).
pub(super) fn is_scene(tree: &Tree<'_>, leaf: usize, body: &Bytes) -> bool {
    is_document(tree, leaf, body, &["application/smil", "application/smil+xml"], b"smil")
}

/// Both names of the text document's type (S-32).
const TEXT_TYPES: &[&str] = &["text/x-sktxt", "text/skt-xt"];

/// The text document; both names of its type are on record (S-32).
pub(super) fn is_text(tree: &Tree<'_>, leaf: usize, body: &Bytes) -> bool {
    is_document(tree, leaf, body, TEXT_TYPES, b"xt")
}

fn is_document(tree: &Tree<'_>, leaf: usize, body: &Bytes, types: &[&str], root: &[u8]) -> bool {
    let part = tree.part(leaf);
    match part.content_type() {
        Some(media_type) => types.iter().any(|known| media_type.is(known)),
        None => part.field(FieldId::ContentType).is_none() && root_name(&body[part.body.clone()]) == root,
    }
}

/// The name of the first element, behind white space, declaration and comments.
fn root_name(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes.trim_ascii_start();
    loop {
        let end: &[u8] = if rest.starts_with(b"<!--") {
            b"-->"
        } else if rest.starts_with(b"<?") {
            b">"
        } else {
            break;
        };
        let Some(at) = memchr::memmem::find(rest, end) else { return b"" };
        rest = rest[at + end.len()..].trim_ascii_start();
    }
    let Some(name) = rest.strip_prefix(b"<") else { return b"" };
    let len = name.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    &name[..len]
}

// --- reading

/// A document of a part: its bytes and where they stand.
struct Source<'t> {
    tree: &'t Tree<'t>,
    bytes: Bytes,
    charset: Charset,
    /// What its offsets count from.
    base: usize,
    /// The part's body, where its bytes are encoded and so have no offsets of their own.
    encoded_at: Option<usize>,
    notes: &'t mut Notes,
}

impl<'t> Source<'t> {
    fn new(tree: &'t Tree<'t>, index: usize, body: &Bytes, notes: &'t mut Notes) -> Self {
        let part = tree.part(index);
        let bytes = mime::decode(tree, index, body, &mut notes.flags);
        let encoded = matches!(part.encoding, Encoding::Base64 | Encoding::QuotedPrintable);
        let base = if encoded { 0 } else { part.body.start };
        let param = part.content_type().and_then(|media_type| media_type.charset());
        let param = param.map(|param| (&*param.value, param.offset));
        let declared = xml::declared_encoding(&bytes);
        let place = |offset: usize| if encoded { part.body.start } else { base + offset };
        let declared = declared.map(|(name, offset)| (name, place(offset)));
        let mut label = None;
        for (name, offset) in [param, declared].into_iter().flatten() {
            match charset::label(name) {
                Ok(found) => {
                    if !found.registered {
                        notes.flags.push(DeviationKind::CharsetLabel, offset);
                    }
                    label = label.or(Some(found.charset));
                }
                Err(_) => notes.flags.push(DeviationKind::CharsetUnknown, offset),
            }
        }
        let mut flags = Flags::default();
        let charset = charset::choose(&bytes, label, base, &mut flags);
        let mut source =
            Self { tree, charset, base, encoded_at: encoded.then_some(part.body.start), notes, bytes: Bytes::new() };
        source.flags(&flags, |_, _| ());
        source.bytes = bytes;
        source
    }

    /// A finding; `inner` says the path in the document.
    fn note(&mut self, kind: DeviationKind, offset: usize, inner: impl FnOnce(&mut String)) {
        let offset = self.encoded_at.unwrap_or(offset);
        let paths = &mut self.notes.paths;
        let start = paths.len();
        push_joined(paths, |out| self.tree.write_path(self.tree.part_at(offset), out), inner);
        let path = start..paths.len();
        self.notes.inside.push((Flag::new(kind, offset), path));
    }

    fn flags(&mut self, flags: &Flags, path_at: impl Fn(usize, &mut String)) {
        for flag in flags.iter() {
            self.note(flag.kind, flag.offset, |out| path_at(flag.offset, out));
        }
        if let Some(offset) = flags.overflow() {
            self.notes.overflow.get_or_insert(self.encoded_at.unwrap_or(offset));
        }
    }

    /// The document, if there is any element in it, read by `read`.
    fn document<T>(
        &mut self,
        limits: &Limits,
        arenas: &mut Arenas,
        read: impl FnOnce(&xml::Document<'_>, Charset, &mut Flags) -> T,
    ) -> Option<T> {
        let mut flags = Flags::default();
        let bytes = self.bytes.clone();
        let taken = core::mem::take(arenas);
        match xml::parse_in(taken, &bytes, self.base, self.charset, limits, &mut flags) {
            Ok(document) => {
                let value = read(&document, self.charset, &mut flags);
                self.flags(&flags, |offset, out| document.push_path_at(offset, out));
                *arenas = document.into_arenas();
                Some(value)
            }
            Err(fatal) => {
                self.note(DeviationKind::DocumentUnreadable, fatal.offset, |_| ());
                None
            }
        }
    }
}

/// Everything that stands on the wire, the dialect's own included; the parts that could not be read and so are media.
pub(super) fn read<'t>(
    tree: &'t Tree<'t>,
    roles: &Roles,
    body: &Bytes,
    limits: &Limits,
    arenas: &mut Arenas,
    content: &mut Content,
    notes: &mut Notes,
) -> Vec<usize> {
    let mut unreadable = Vec::new();
    if let Some(part) = roles.scene {
        let scene = Source::new(tree, part, body, notes).document(limits, arenas, scene::read);
        match scene.flatten() {
            Some(scene) => {
                content.presentation.scene = Prose::from_wire_text(scene);
                content.presentation.scene_id = read_id(tree, part, notes);
                content.presentation.scene_name = read_name(tree, part, notes);
                content.presentation.scene_fields = read_fields(tree, part, notes);
            }
            None => unreadable.push(part),
        }
    }
    if let Some(part) = roles.text {
        if !is_text(tree, part, body) {
            read_plain(tree, part, body, content, notes);
            return unreadable;
        }
        let text = Source::new(tree, part, body, notes).document(limits, arenas, text::read);
        match text {
            Some(text) => {
                content.text = Prose::from_wire_text(text.text);
                content.presentation.background = text.background;
                content.presentation.runs = text.runs;
                read_text_head(tree, part, content, notes);
            }
            None => unreadable.push(part),
        }
    }
    unreadable
}

/// What a reader makes of a reference: the id of a part, and how the reference departs from `cid:id`.
fn reference(value: &str) -> (Cow<'_, str>, Option<DeviationKind>) {
    let (href, finding) = href_reads_as(value);
    match href {
        Cow::Borrowed(href) => match href.strip_prefix("cid:") {
            Some(id) => (Cow::Borrowed(id), finding),
            None if href.is_empty() => (Cow::Borrowed(value), finding),
            // Of another scheme: no reference to a part.
            None if href.contains("://") => (Cow::Borrowed(value), None),
            None => {
                let id = href.trim_matches(|c| crate::model::text::is_blank(c) || matches!(c, '<' | '>'));
                if id.is_empty() {
                    (Cow::Borrowed(value), None)
                } else {
                    (Cow::Borrowed(id), Some(DeviationKind::ReferenceScheme))
                }
            }
        },
        Cow::Owned(href) => (Cow::Owned(href.trim_start_matches("cid:").into()), finding),
    }
}

/// The id that `content.href` names, if it can stand as a Content-ID.
fn href_id(content: &Content, repertoire: Repertoire) -> Option<ContentId> {
    let href = href_reads_as(content.href.as_ref()?.as_str()).0;
    let id = href.strip_prefix("cid:")?;
    let fits = |c: char| !matches!(c, '\r' | '\n' | '\t') && can_encode(c, repertoire);
    ContentId::new(id).ok().filter(|found| found.as_str() == id && id.chars().all(fits))
}

// --- what a dialect makes of itself

/// Takes out what the dialect would write again without being told.
pub(super) fn strip_own(style: &Style, content: &mut Content) {
    if let Some(scene) = &content.presentation.scene
        && style.layout.is_own(scene.as_str(), content, &Ids::of(content))
    {
        content.presentation.scene = None;
    }
    let is = |found: &Option<ContentId>, index| found.as_ref().is_some_and(|found| is_own_id(found.as_str(), index));
    for (index, media) in content.media.iter_mut().enumerate() {
        if is(&media.content_id, index + FIRST_MEDIA) {
            media.content_id = None;
        }
    }
    let presentation = &mut content.presentation;
    let mut own_href = false;
    if let Some(href) = &content.href {
        let href = href_reads_as(href.as_str()).0;
        let named = href.strip_prefix("cid:");
        if named.is_some() && presentation.scene_id.as_ref().map(ContentId::as_str) == named {
            presentation.scene_id = None;
        }
        own_href = named.is_some_and(|id| is_own_id(id, SCENE));
    }
    if own_href {
        content.href = None;
    }
    if is(&presentation.scene_id, SCENE) {
        presentation.scene_id = None;
    }
    if is(&presentation.text_id, TEXT) {
        presentation.text_id = None;
    }
    let own_name = |name: &Option<Text>, own: &str| name.as_ref().is_some_and(|name| name.as_str() == own);
    if own_name(&presentation.scene_name, style.names.0) {
        presentation.scene_name = None;
    }
    if own_name(&presentation.text_name, style.names.1) {
        presentation.text_name = None;
    }
    if own_name(&presentation.background, BACKGROUND) {
        presentation.background = None;
    }
    if text::is_own(&presentation.runs) {
        presentation.runs.clear();
    }
}

/// The ids of the parts as they stand on the wire.
struct Ids {
    scene: SmolStr,
    /// `None` without a text part.
    text: Option<SmolStr>,
    media: Vec<SmolStr>,
}

impl Ids {
    /// Of a content as it was read: a part without id gets the dialect's.
    fn of(content: &Content) -> Self {
        let presentation = &content.presentation;
        let id = |id: &Option<ContentId>, index| id.as_ref().map_or_else(|| own_id(index), |id| id.as_str().into());
        Self {
            scene: id(&presentation.scene_id, SCENE),
            text: has_text_part(content).then(|| id(&presentation.text_id, TEXT)),
            media: content.media.iter().enumerate().map(|(n, media)| id(&media.content_id, n + FIRST_MEDIA)).collect(),
        }
    }
}

/// The ids of the parts that will be written.
pub(super) fn part_ids(content: &Content, repertoire: Repertoire) -> Vec<PartId> {
    let mut list = Vec::new();
    if is_empty(content) {
        return list;
    }
    let mut ids = Ids::of(content);
    let scene = if content.presentation.scene_id.is_none()
        && let Some(id) = href_id(content, repertoire)
    {
        ids.scene = id.as_str().into();
        Slot::ContentHref
    } else {
        Slot::SceneId
    };
    list.push(PartId { path: scene.path().into(), id: ids.scene.into(), site: Site::ScenePart });
    list.extend(ids.text.map(|id| PartId { path: Slot::TextId.path().into(), id: id.into(), site: Site::TextPart }));
    for (index, id) in ids.media.into_iter().enumerate() {
        list.push(PartId {
            path: alloc::format!("content.media[{index}].content_id"),
            id: id.into(),
            site: Site::MediaPart,
        });
    }
    list
}

/// Whether there is nothing to write.
fn is_empty(content: &Content) -> bool {
    let presentation = &content.presentation;
    let has_scene = presentation.scene.is_some()
        || presentation.scene_id.is_some()
        || presentation.scene_name.is_some()
        || !presentation.scene_fields.is_empty();
    !has_scene && !has_text_part(content) && content.media.is_empty()
}

/// Whether there is anything for a text part to hold. Media of its type would be taken for it, were there none.
fn has_text_part(content: &Content) -> bool {
    let presentation = &content.presentation;
    content.text.is_some()
        || content.media.iter().any(|media| TEXT_TYPES.contains(&media.media_type.essence()))
        || !content.fields.is_empty()
        || presentation.text_id.is_some()
        || presentation.text_name.is_some()
        || presentation.background.is_some()
        || !presentation.runs.is_empty()
}

// --- writing

const CARRIED: [Slot; 11] = [
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
];

/// The SMIL part, the text part, the media.
pub(super) fn write(
    form: &Form,
    style: &Style,
    content: &Content,
    writer: &mut Writer<'_>,
    output: &mut Output,
) -> Result<(), EncodeError> {
    CARRIED.into_iter().for_each(|slot| output.carried.insert(slot));
    let presentation = &content.presentation;
    if is_empty(content) {
        return Ok(());
    }
    account_for_own(style, content, writer);
    let mut ids = Ids::of(content);
    if presentation.scene_id.is_none() {
        match href_id(content, writer.target.repertoire) {
            Some(id) => ids.scene = id.as_str().into(),
            None if content.href.is_none() => output.href = Some(own_href()),
            None => {}
        }
    }
    if content.href.as_ref().is_some_and(|href| href_reads_as(href.as_str()).0 == own_href()) {
        output.href = Some(own_href());
    }

    let text = match &ids.text {
        Some(id) => Some(text_part(style, content, id, writer)?),
        None => None,
    };
    // What the scene says of a part is what its header field can hold.
    let mut shown = content.clone();
    let mut media_parts = Vec::with_capacity(content.media.len());
    for (index, media) in shown.media.iter_mut().enumerate() {
        media.content_id = media.content_id.take().or_else(|| ContentId::from_wire(&ids.media[index]));
        media_parts.push(writer.media(index, media, form.media)?);
        let path = |field: &str| alloc::format!("content.media[{index}].{field}");
        if let Some(after) = written_as(&writer.losses, &path("content_id")) {
            ids.media[index] = after.into();
        }
        if let Some(after) = written_as(&writer.losses, &path("name")) {
            media.name = Text::from_wire(after);
        }
    }
    if let Some(after) = written_as(&writer.losses, Slot::TextId.path()) {
        ids.text = Some(after.into());
    }

    let own = style.layout.own(&shown, &ids);
    let wanted = presentation.scene.as_ref().map_or(own.as_str(), |scene| scene.as_str());
    let (bytes, written) = scene::write(style, wanted, &own, writer);
    if let Some(given) = &presentation.scene
        && (given.as_str() != written || written == own)
    {
        let after = if written == own { "" } else { &written };
        writer.losses.push(loss(Slot::Scene.path().into(), given.as_str(), after, Vec::new()));
    }
    let head = Head {
        media_type: style.types.map(|(scene, _)| scene),
        id: (&ids.scene, Slot::SceneId),
        name: (presentation.scene_name.as_ref().map_or(style.names.0, |name| name.as_str()), Slot::SceneName),
        fields: (&presentation.scene_fields, Slot::SceneFields),
    };
    output.parts.push(head.part(style, bytes, writer)?);
    output.parts.extend(text);
    output.parts.append(&mut media_parts);
    Ok(())
}

fn text_part(style: &Style, content: &Content, id: &str, writer: &mut Writer<'_>) -> Result<PartOut, EncodeError> {
    let pieces = text::pieces(content).unwrap_or_else(|runs| {
        writer.losses.push(Loss::dropped(Slot::Runs.path(), Value::Runs(runs.into())));
        text::one_piece(content)
    });
    let bytes = text::write(style, content, &pieces, writer);
    let name = content.presentation.text_name.as_ref().map_or(style.names.1, |name| name.as_str());
    let head = Head {
        media_type: style.types.map(|(_, text)| text),
        id: (id, Slot::TextId),
        name: (name, Slot::TextName),
        fields: (&content.fields, Slot::ContentFields),
    };
    head.part(style, bytes, writer)
}

/// What was written of a field, where that is another than what the message has.
fn written_as<'l>(losses: &'l [Loss], path: &str) -> Option<&'l str> {
    let loss = losses.iter().find(|loss| loss.path == path)?;
    match &loss.after {
        Some(Value::Text(after)) => Some(after),
        _ => None,
    }
}

/// What the message says that the dialect writes anyway is not read back.
fn account_for_own(style: &Style, content: &Content, writer: &mut Writer<'_>) {
    let mut stripped = content.clone();
    stripped.presentation.scene = None;
    stripped.presentation.runs.clear();
    strip_own(style, &mut stripped);
    let mut gone = |path: String, before: &str| writer.losses.push(Loss::dropped(path, Value::Text(before.into())));
    for (index, (before, after)) in content.media.iter().zip(&stripped.media).enumerate() {
        if let (Some(id), None) = (&before.content_id, &after.content_id) {
            gone(alloc::format!("content.media[{index}].content_id"), id.as_str());
        }
    }
    let (before, after) = (&content.presentation, &stripped.presentation);
    if let (Some(href), None) = (&content.href, &stripped.href) {
        gone(Slot::ContentHref.path().into(), href.as_str());
    }
    for (slot, before, after) in
        [(Slot::SceneId, &before.scene_id, &after.scene_id), (Slot::TextId, &before.text_id, &after.text_id)]
    {
        if let (Some(id), None) = (before, after) {
            gone(slot.path().into(), id.as_str());
        }
    }
    for (slot, before, after) in [
        (Slot::SceneName, &before.scene_name, &after.scene_name),
        (Slot::TextName, &before.text_name, &after.text_name),
        (Slot::Background, &before.background, &after.background),
    ] {
        if let (Some(text), None) = (before, after) {
            gone(slot.path().into(), text.as_str());
        }
    }
}

/// What stands above a document.
struct Head<'c> {
    media_type: Option<&'static str>,
    id: (&'c str, Slot),
    name: (&'c str, Slot),
    fields: (&'c crate::model::PartFields, Slot),
}

impl Head<'_> {
    fn part(self, style: &Style, bytes: Vec<u8>, writer: &mut Writer<'_>) -> Result<PartOut, EncodeError> {
        let mut fields = Fields::new();
        if let Some(media_type) = self.media_type
            && !writer.quirks.take(DeviationKind::ContentTypeMissing)
        {
            fields.push(("Content-Type".into(), media_type.into()));
        }
        let length = |length: Vec<u8>| (Cow::Borrowed("Content-Length"), length);
        fields.push(writer.content_id(self.id.1.path().into(), self.id.0)?);
        if style.guessed_length {
            fields.push(length(PLACEHOLDER.to_vec()));
        }
        fields.push(writer.disposition(self.name.1.path().into(), Some(self.name.0))?);
        writer.fields(self.fields.1.path(), self.fields.0, None, &mut fields)?;
        if !style.guessed_length {
            fields.push(length(alloc::format!("{}", bytes.len()).into_bytes()));
        }
        Ok(PartOut { fields, body: BodyOut::Bytes(bytes.into()) })
    }
}

/// A reference to a part in the dialect's form, or another where that would not read back.
fn write_reference(style: &Style, id: &str, writer: &mut xml::Writer) {
    let quirks = &mut writer.quirks;
    let forms = |form: Reference| match form {
        Reference::Bare => id.into(),
        Reference::Scheme => alloc::format!("cid:{id}"),
        Reference::Bracketed => alloc::format!("cid:<{id}>"),
    };
    let reads_back = |form: Reference| &*reference(&forms(form)).0 == id;
    let form = if style.reference == Reference::Scheme
        && reads_back(Reference::Bare)
        && reference(id).1 == Some(DeviationKind::ReferenceScheme)
        && quirks.take(DeviationKind::ReferenceScheme)
    {
        Reference::Bare
    } else if reads_back(style.reference) {
        style.reference
    } else if reads_back(Reference::Scheme) {
        Reference::Scheme
    } else {
        Reference::Bare
    };
    writer.attribute("src", &forms(form));
}

/// Every tag on a line of its own, as the relay's serializer has it (spec section 3.4). Neither in text nor in a value does
/// `>` stand as it is, so `><` is between tags.
fn in_lines(style: &Style, bytes: Vec<u8>) -> Vec<u8> {
    if !style.lines {
        return bytes;
    }
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 16);
    let mut last = 0;
    for at in memchr::memmem::find_iter(&bytes, b"><") {
        out.extend_from_slice(&bytes[last..=at]);
        out.extend_from_slice(b"\r\n");
        last = at + 1;
    }
    out.extend_from_slice(&bytes[last..]);
    out
}

/// Which place in a scene media have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Track {
    Image,
    /// A flash-like animation (`application/x-mm-dmf`).
    Flash,
    Audio,
    Video,
    /// None: an icon of the text, or what no scene shows.
    None,
}

impl Track {
    fn of(media_type: &MediaType) -> Self {
        match media_type.essence() {
            "image/sis" => Self::None,
            "application/x-mm-dmf" => Self::Flash,
            essence if essence.starts_with("image/") => Self::Image,
            essence if essence.starts_with("audio/") => Self::Audio,
            essence if essence.starts_with("video/") => Self::Video,
            _ => Self::None,
        }
    }
}
