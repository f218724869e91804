//! S: a SMIL document that shows a text document (XT) and media (spec sections 4.3 to 4.5).
//!
//! Every shape on record is read; what is written is the dialect's ([`Style`]). A scene that is the dialect's own for the
//! text and media it shows is no news and does not stand in the message; neither do the ids, names and colours that
//! the dialect gives of itself.

mod layout;
mod scene;
mod text;
mod write;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use super::parts::Place;
use super::{Notes, PartId, Roles, read_fields, read_id, read_name, read_plain, read_text_head};
use crate::charset::{self, Charset, Repertoire, can_encode};
use crate::decode::push_joined;
use crate::deviation::{DeviationKind, Flag, Flags};
use crate::error::DecodeErrorKind;
use crate::limits::Limits;
use crate::location::{Location, Stretch};
use crate::mime::{self, Encoding, FieldId, Tree};
use crate::mm7::{Site, href_reads_as};
use crate::model::{Content, ContentId, Media, Prose, Slot, SlotSet, Text};
use crate::xml::{self, Arenas, Places as _, Stream, Tags};

pub(crate) use layout::Layout;
pub(super) use write::{CARRIED, Plan};

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
    pub(crate) text_element: Tags,
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

/// What the ids begin with that a dialect gives of itself, in the shape of S's 22 digits (S-40); two digits follow.
const OWN_ID: &str = "10000000001000000000";

/// The first of them: those of all parts that a carrier takes.
const OWN_IDS: [&str; 5] = [
    "1000000000100000000000",
    "1000000000100000000001",
    "1000000000100000000002",
    "1000000000100000000003",
    "1000000000100000000004",
];

/// The reference to the SMIL part that a dialect writes of itself.
const OWN_HREF: &str = "cid:1000000000100000000000";

/// Which part an id of the dialect's own names: the SMIL part, the text part, or the n-th media part (n + 2).
const SCENE: usize = 0;
const TEXT: usize = 1;
const FIRST_MEDIA: usize = 2;

/// The Content-ID of a part.
#[derive(Clone, Debug)]
pub(crate) enum Id<'m> {
    /// The message's.
    Given(Cow<'m, str>),
    /// The dialect's.
    Own(usize),
}

impl<'m> Id<'m> {
    fn new(given: Option<&'m ContentId>, index: usize) -> Self {
        given.map_or(Self::Own(index), Self::given)
    }

    pub(super) fn given(id: &'m ContentId) -> Self {
        Self::Given(id.as_str().into())
    }

    pub(super) fn text(self) -> Cow<'m, str> {
        match self {
            Self::Given(id) => id,
            Self::Own(index) => match OWN_IDS.get(index) {
                Some(&id) => id.into(),
                None => alloc::format!("{OWN_ID}{index:02}").into(),
            },
        }
    }

    /// Whether both stand the same on the wire.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Given(one), Self::Given(other)) => one == other,
            (Self::Own(one), Self::Own(other)) => one == other,
            (Self::Given(id), own) | (own, Self::Given(id)) => id.starts_with(OWN_ID) && own.clone().text() == *id,
        }
    }
}

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
        let path = Stretch::since(start, paths);
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

    /// The document, if there is any element in it: read by `stream` as it comes, or else by `tree`.
    fn document<T: From<U>, U>(
        &mut self,
        limits: &Limits,
        arenas: &mut Arenas,
        stream: impl FnOnce(&mut Stream<'_, '_>, Charset, &mut Flags) -> Option<U>,
        tree: impl FnOnce(&xml::Document<'_>, Charset, &mut Flags) -> T,
    ) -> Option<T> {
        let bytes = self.bytes.clone();
        match self.stream(&bytes, limits, arenas, stream) {
            Some(value) => Some(value.into()),
            None => self.parsed(&bytes, limits, arenas, tree),
        }
    }

    /// The same from a tree.
    #[cold]
    fn parsed<T>(
        &mut self,
        bytes: &[u8],
        limits: &Limits,
        arenas: &mut Arenas,
        read: impl FnOnce(&xml::Document<'_>, Charset, &mut Flags) -> T,
    ) -> Option<T> {
        let mut flags = Flags::default();
        let taken = core::mem::take(arenas);
        match xml::parse_in(taken, bytes, self.base, self.charset, limits, &mut flags) {
            Ok(document) => {
                let value = read(&document, self.charset, &mut flags);
                self.flags(&flags, |offset, out| document.push_path_at(offset, out));
                *arenas = document.into_arenas();
                Some(value)
            }
            Err(fatal) if matches!(fatal.kind, DecodeErrorKind::LimitExceeded { .. }) => {
                // Not for the document to be taken for media: a limit refuses and never changes what is read.
                let offset = self.encoded_at.unwrap_or(fatal.offset);
                let mut path = String::new();
                self.tree.write_path(self.tree.part_at(offset), &mut path);
                self.notes.stop.get_or_insert((fatal.kind, Location::body(offset, path)));
                None
            }
            Err(fatal) => {
                self.note(DeviationKind::DocumentUnreadable, fatal.offset, |_| ());
                None
            }
        }
    }

    /// The document as it comes, if that is as expected.
    fn stream<T>(
        &mut self,
        bytes: &[u8],
        limits: &Limits,
        arenas: &mut Arenas,
        read: impl FnOnce(&mut Stream<'_, '_>, Charset, &mut Flags) -> Option<T>,
    ) -> Option<T> {
        let (mut markup, mut flags) = (Flags::default(), Flags::default());
        let Some(stream) = &mut Stream::new(arenas, bytes, self.base, self.charset, limits, &mut markup) else {
            return None;
        };
        let value = read(stream, self.charset, &mut flags)?;
        let outline = stream.finish()?;
        self.flags(outline.flags, |offset, out| outline.push_path_at(offset, out));
        self.flags(&flags, |offset, out| outline.push_path_at(offset, out));
        Some(value)
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
        let scene = Source::new(tree, part, body, notes).document(limits, arenas, scene::read_stream, scene::read);
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
        let text = Source::new(tree, part, body, notes).document(limits, arenas, text::read_stream, text::read);
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
fn href_id(content: &Content, repertoire: Repertoire) -> Option<Cow<'_, str>> {
    let id = match href_reads_as(content.href.as_ref()?.as_str()).0 {
        Cow::Borrowed(href) => Cow::Borrowed(href.strip_prefix("cid:")?),
        Cow::Owned(href) => Cow::Owned(href.strip_prefix("cid:")?.into()),
    };
    let fits = |c: char| !matches!(c, '\r' | '\n' | '\t') && can_encode(c, repertoire);
    let is_id = ContentId::new(&*id).is_ok_and(|found| found.as_str() == id);
    (is_id && id.chars().all(fits)).then_some(id)
}

// --- what a dialect makes of itself

/// Takes out what the dialect would write again without being told.
pub(super) fn strip_own(style: &Style, content: &mut Content) {
    if content.presentation.scene.as_ref().is_some_and(|scene| scene.as_str() == style.layout.own(content)) {
        content.presentation.scene = None;
    }
    let own = own_fields(style, content);
    for (index, media) in content.media.iter_mut().enumerate() {
        media.content_id.take_if(|id| is_own_id(id, FIRST_MEDIA + index));
    }
    if own.contains(Slot::ContentHref) {
        content.href = None;
    }
    let presentation = &mut content.presentation;
    presentation.scene_id.take_if(|_| own.contains(Slot::SceneId));
    presentation.text_id.take_if(|_| own.contains(Slot::TextId));
    presentation.scene_name.take_if(|_| own.contains(Slot::SceneName));
    presentation.text_name.take_if(|_| own.contains(Slot::TextName));
    presentation.background.take_if(|_| own.contains(Slot::Background));
    if text::is_own(&presentation.runs) {
        presentation.runs.clear();
    }
}

/// The fields, beside scene, runs and the media's ids, whose value the dialect would write without being told.
fn own_fields(style: &Style, content: &Content) -> SlotSet {
    let presentation = &content.presentation;
    let href = content.href.as_ref().map(|href| href_reads_as(href.as_str()).0);
    let named = href.as_deref().and_then(|href| href.strip_prefix("cid:"));
    let is_scene = |id: &ContentId| is_own_id(id, SCENE) || named == Some(id.as_str());
    let is = |text: &Option<Text>, own: &str| text.as_ref().is_some_and(|text| text.as_str() == own);
    let mut own = SlotSet::default();
    for (slot, is_own) in [
        (Slot::ContentHref, href.as_deref() == Some(OWN_HREF)),
        (Slot::SceneId, presentation.scene_id.as_ref().is_some_and(is_scene)),
        (Slot::TextId, presentation.text_id.as_ref().is_some_and(|id| is_own_id(id, TEXT))),
        (Slot::SceneName, is(&presentation.scene_name, style.names.0)),
        (Slot::TextName, is(&presentation.text_name, style.names.1)),
        (Slot::Background, is(&presentation.background, BACKGROUND)),
    ] {
        if is_own {
            own.insert(slot);
        }
    }
    own
}

fn is_own_id(id: &ContentId, index: usize) -> bool {
    Id::new(Some(id), index).is(&Id::Own(index))
}

/// The id of the SMIL part, and whether the reference to it says so.
fn scene_id(content: &Content, repertoire: Repertoire) -> (Id<'_>, Slot) {
    match (&content.presentation.scene_id, href_id(content, repertoire)) {
        (None, Some(id)) => (Id::Given(id), Slot::ContentHref),
        (given, _) => (Id::new(given.as_ref(), SCENE), Slot::SceneId),
    }
}

/// That of the text part; `None` without one.
fn text_id(content: &Content) -> Option<Id<'_>> {
    has_text_part(content).then(|| Id::new(content.presentation.text_id.as_ref(), TEXT))
}

/// That of the n-th media part.
fn media_id(media: &Media, index: usize) -> Id<'_> {
    Id::new(media.content_id.as_ref(), FIRST_MEDIA + index)
}

/// The ids of the parts that will be written.
pub(super) fn part_ids(content: &Content, repertoire: Repertoire) -> impl Iterator<Item = PartId<'_>> + Clone {
    let some = !is_empty(content);
    let scene = some.then(|| {
        let (id, slot) = scene_id(content, repertoire);
        PartId { place: Place::Slot(slot), id, site: Site::ScenePart }
    });
    let text = text_id(content).map(|id| PartId { place: Place::Slot(Slot::TextId), id, site: Site::TextPart });
    let media = content.media.iter().enumerate().map(|(index, media)| {
        let place = Place::Media(index, "content_id");
        PartId { place, id: media_id(media, index), site: Site::MediaPart }
    });
    scene.into_iter().chain(text).chain(media)
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
