//! SMIL: read to a canonical form, written in a dialect's.
//!
//! The canonical form is a text: elements and attributes by local name, attributes in alphabetical order, references as
//! the id of a part, no declaration, no namespace, no comment, no blanks between tags.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::layout::{Expected, Shown, Tags};
use super::write::{is_plain_id, write_reference};
use super::{Style, reference};
use crate::charset::{self, Charset, Repertoire, can_encode};
use crate::deviation::{DeviationKind, Flags, Quirks};
use crate::limits::Limits;
use crate::model::text::trim;
use crate::xml::{
    self, Ahead, Attribute, Document, Element, Inside, Known, KnownName, KnownTag, Step, Stream, WholeTag, name_len,
};

macro_rules! namespace {
    () => {
        "http://www.w3.org/2001/SMIL20/Language"
    };
}
const NAMESPACE: &str = namespace!();

/// More than most canonical forms take.
const LEN: usize = 1024;

/// Writes a scene: its canonical form, or the document of it in a dialect's style.
pub(super) struct Stage<'s> {
    xml: xml::Writer,
    /// `None` for the canonical form.
    style: Option<&'s Style>,
}

impl<'s> Stage<'s> {
    pub(super) fn canonical() -> Self {
        let out = Vec::with_capacity(LEN);
        Self { xml: xml::Writer::behind(out, Repertoire::Utf8, Quirks::default(), ""), style: None }
    }

    fn document(style: &'s Style, mut xml: xml::Writer) -> Self {
        xml.lines = style.lines;
        if style.scene_declaration {
            xml.declaration(style.encoding, false);
        }
        Self { xml, style: Some(style) }
    }

    pub(super) fn finish(self) -> (Vec<u8>, Quirks) {
        self.xml.finish()
    }

    /// The start tag of the root element.
    pub(super) fn root(&mut self) {
        // Behind a declaration it begins a line too.
        let declared = self.style.is_some_and(|style| style.scene_declaration && style.lines);
        self.xml.markup(match self.style {
            None => "<smil>",
            Some(_) if declared => concat!("\r\n<smil xmlns=\"", namespace!(), "\">"),
            Some(_) => concat!("<smil xmlns=\"", namespace!(), "\">"),
        });
    }

    pub(super) fn tags(&mut self, tags: &Tags) {
        self.xml.markup(if self.xml.lines { tags.in_lines } else { tags.together });
    }

    /// An element with these attributes; they stand in alphabetical order, a [`reference`](Self::reference) among them.
    pub(super) fn open<'v>(
        &mut self,
        name: &'static str,
        attributes: impl IntoIterator<Item = (&'static str, &'v str)>,
    ) {
        self.xml.start_in("", name);
        for (name, value) in attributes {
            self.attribute(name, value);
        }
    }

    /// The same where in every value all characters stand for themselves.
    pub(super) fn open_constant<const N: usize>(
        &mut self,
        name: &'static str,
        attributes: [(&'static str, &'static str); N],
    ) {
        self.xml.start_in("", name);
        for (name, value) in attributes {
            self.xml.constant_in("", name, value);
        }
    }

    pub(super) fn attribute(&mut self, name: &'static str, value: &str) {
        self.xml.attribute_in("", name, value);
    }

    /// The attribute that names a part.
    pub(super) fn reference(&mut self, id: &str) {
        match self.style {
            Some(style) if is_plain_id(id) => write_reference(style, id, &mut self.xml),
            _ => self.source(&reference(id).0),
        }
    }

    /// The same as the canonical form has it.
    fn source(&mut self, value: &str) {
        match self.style {
            Some(style) if is_plain_id(value) => write_reference(style, value, &mut self.xml),
            Some(style) if !value.is_empty() && !value.contains("://") => {
                write_reference(style, &reference(value).0, &mut self.xml);
            }
            _ => self.xml.attribute("src", value),
        }
    }

    pub(super) fn close(&mut self) {
        self.xml.end();
    }
}

/// The canonical form of a document, and what it departs in; `None` for a document of another language.
pub(super) fn read(document: &Document<'_>, charset: Charset, flags: &mut Flags) -> Option<String> {
    if document.root().local() != ROOT {
        flags.push(DeviationKind::DocumentUnreadable, document.root().offset());
        return None;
    }
    let mut scene = Canonical::new();
    let mut names = Names { charset, last: None };
    document.walk(|step| match step {
        Step::Open(element) => {
            let parent = element.parent().map(|parent| parent.local()).unwrap_or_default();
            let background = || element.attribute(BACKGROUND_COLOR).is_some();
            if is_misplaced(element.local(), parent, background, element.has_children()) {
                scene.misplaced(element.offset());
            }
            scene.open(names.of(element.local(), element.offset(), flags));
            for_attributes(element, charset, flags, |name, attribute, flags| {
                scene.attribute(name, attribute, charset, flags);
            });
            if !element.is_white() {
                scene.text(&element.text(charset, flags));
            }
        }
        Step::Close(element) => {
            scene.close(|| names.of(element.local(), element.offset(), &mut Flags::default()));
        }
    });
    scene.finish(flags)
}

/// The same from elements as they come, with what is flagged beyond their markup; nothing where more is to be put right
/// than references, which is the tree's affair.
pub(super) fn read_stream(stream: &mut Stream<'_, '_>, charset: Charset, flags: &mut Flags) -> Option<String> {
    let mut scene = Canonical::new();
    let mut expected = Expected::default();
    let mut element = stream.root(&KNOWN)?;
    if element.local != ROOT {
        return None;
    }
    // The start tag, where it is to be written as it stands.
    let mut whole: Option<&WholeTag> = None;
    loop {
        let elements = matches!(element.inside, Inside::Elements);
        let background = || match whole {
            Some(tag) => tag.has(BACKGROUND_COLOR),
            None => stream.attributes(&element).any(|attribute| attribute.local() == BACKGROUND_COLOR),
        };
        if is_misplaced(element.local, stream.around(&element), background, elements) {
            scene.misplaced(element.offset);
        }
        if let Some(tag) = whole {
            scene.open(tag.inside());
        } else {
            if !is_name(element.local) {
                return None;
            }
            scene.open(element.local);
            let mut last: &[u8] = b"";
            for attribute in stream.attributes(&element) {
                let name = attribute.local();
                if !is_name(name) || name <= last {
                    return None;
                }
                last = name;
                scene.attribute(name, &attribute, charset, flags);
            }
        }
        if !elements {
            element.is_blank().then(|| scene.close(|| element.local))?;
        }
        loop {
            if !stream.is_open() {
                return scene.finish(flags);
            }
            match stream.ahead()? {
                Ahead::Start(tag) => {
                    stream.forget_attributes();
                    whole = expected.tag(tag);
                    element = match whole {
                        Some(whole) => stream.start_whole(whole)?,
                        None => stream.start(name_len(tag))?,
                    };
                    break;
                }
                Ahead::End(name) => scene.close(|| name),
            }
        }
    }
}

const ROOT: &[u8] = b"smil";

/// The start tag of the root element, as most have it.
const KNOWN: Known = Known {
    names: &[KnownName::new("smil")],
    tags: &[KnownTag::new(concat!(" xmlns=\"", namespace!(), "\">").as_bytes())],
};

/// A canonical form that is being written.
struct Canonical {
    out: Vec<u8>,
    /// Whether the last start tag is still open.
    in_tag: bool,
    /// Where the first element stands that is out of place.
    misplaced: Option<usize>,
}

impl Canonical {
    fn new() -> Self {
        Self { out: Vec::with_capacity(LEN), in_tag: false, misplaced: None }
    }

    fn misplaced(&mut self, offset: usize) {
        self.misplaced.get_or_insert(offset);
    }

    /// Begins a start tag by its name, or by that and attributes as they are to stand.
    fn open(&mut self, name: &[u8]) {
        self.out.extend_from_slice(if self.in_tag { b"><" } else { b"<" });
        self.out.extend_from_slice(name);
        self.in_tag = true;
    }

    fn attribute(&mut self, name: &[u8], attribute: &Attribute<'_, '_>, charset: Charset, flags: &mut Flags) {
        let out = &mut self.out;
        out.push(b' ');
        // Mostly it stands there as it is to be written.
        if name != b"src"
            && let Some(plain) = attribute.plain()
        {
            return out.extend_from_slice(plain);
        }
        out.extend_from_slice(name);
        out.extend_from_slice(b"=\"");
        let value = attribute.value(charset, flags);
        let mut value = &*value;
        let read;
        if name == b"src" {
            read = reference(value);
            value = &read.0;
            if let Some(kind) = read.1 {
                flags.push(kind, attribute.value_offset());
            }
        }
        if xml::is_plain_value(value.as_bytes()) {
            out.extend_from_slice(value.as_bytes());
        } else {
            let mut escaped = String::new();
            xml::push_value(&mut escaped, value);
            out.extend_from_slice(escaped.as_bytes());
        }
        out.push(b'"');
    }

    fn text(&mut self, text: &str) {
        let mut escaped = String::from(">");
        xml::push_text(&mut escaped, trim(text));
        self.out.extend_from_slice(escaped.as_bytes());
        self.in_tag = false;
    }

    fn close<'n>(&mut self, name: impl FnOnce() -> &'n [u8]) {
        if self.in_tag {
            self.out.extend_from_slice(b"/>");
            self.in_tag = false;
        } else {
            self.out.extend_from_slice(b"</");
            self.out.extend_from_slice(name());
            self.out.push(b'>');
        }
    }

    fn finish(self, flags: &mut Flags) -> Option<String> {
        if let Some(offset) = self.misplaced {
            flags.push(DeviationKind::SmilStructure, offset);
        }
        // Made of names, values and texts, each of which is UTF-8.
        String::from_utf8(self.out).ok()
    }
}

/// S-37: a background on `layout`, a region inside `root-layout`, an empty `par` or `seq`, a `text` outside either.
fn is_misplaced(local: &[u8], parent: &[u8], background: impl FnOnce() -> bool, has_children: bool) -> bool {
    match local {
        b"layout" => background(),
        b"region" => parent == b"root-layout",
        b"par" | b"seq" => !has_children,
        b"text" => parent == b"body",
        _ => false,
    }
}

const BACKGROUND_COLOR: &[u8] = b"background-color";

/// Gives each attribute with its name, by name; namespace declarations are none. Of one name the first counts.
fn for_attributes<'d, 'a>(
    element: Element<'d, 'a>,
    charset: Charset,
    flags: &mut Flags,
    mut each: impl FnMut(&[u8], &Attribute<'d, 'a>, &mut Flags),
) {
    // Mostly they stand in this order.
    let mut last: Option<&[u8]> = None;
    let in_order = |attribute: Attribute<'d, 'a>| {
        let name = attribute.local();
        last.replace(name).is_none_or(|before| before < name) && name.is_ascii()
    };
    if element.attributes().all(in_order) {
        for attribute in element.attributes() {
            each(&name(attribute.local(), charset, attribute.offset(), flags), &attribute, flags);
        }
        return;
    }
    let mut list = Vec::new();
    for attribute in element.attributes() {
        list.push((name(attribute.local(), charset, attribute.offset(), flags), attribute));
    }
    list.sort_by(|(one, _), (other, _)| one.cmp(other));
    list.dedup_by(|(later, _), (first, _)| later == first);
    for (name, attribute) in &list {
        each(name, attribute, flags);
    }
}

/// A name as text in UTF-8: letters, digits and `_`, `-`, `.`, the first of them a letter or `_`. What else stands in one is
/// no SMIL; it may be what a prefix was cut from (`a:3`).
fn name<'a>(local: &'a [u8], charset: Charset, offset: usize, flags: &mut Flags) -> Cow<'a, [u8]> {
    if is_name(local) {
        return Cow::Borrowed(local);
    }
    let (name, whole) = repaired(local, charset);
    if !whole {
        flags.push(DeviationKind::MarkupDropped, offset);
    }
    Cow::Owned(name.into_bytes())
}

/// The name that is made of one beyond ASCII, and whether it is what it was.
fn repaired(local: &[u8], charset: Charset) -> (String, bool) {
    let text = charset::decode(local, charset, 0, &mut Flags::default());
    let sound = local.first().is_some_and(|byte| !byte.is_ascii_digit() && !matches!(byte, b'-' | b'.'));
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if sound && text.chars().all(is_part) {
        return (text.into_owned(), true);
    }
    let mut name = String::with_capacity(text.len() + 1);
    if !sound {
        name.push('_');
    }
    name.extend(text.chars().map(|c| if is_part(c) { c } else { '_' }));
    (name, false)
}

/// The names of a document's elements: the same ones again and again.
struct Names<'a> {
    charset: Charset,
    /// The last that had to be repaired, what came of it, and whether that is what it was.
    last: Option<(&'a [u8], String, bool)>,
}

impl<'a> Names<'a> {
    /// [`name`] of an element.
    fn of(&mut self, local: &'a [u8], offset: usize, flags: &mut Flags) -> &[u8] {
        if is_name(local) {
            return local;
        }
        let known = self.last.take().filter(|(last, ..)| *last == local);
        let (_, name, whole) = self.last.insert(known.unwrap_or_else(|| {
            let (name, whole) = repaired(local, self.charset);
            (local, name, whole)
        }));
        if !*whole {
            flags.push(DeviationKind::MarkupDropped, offset);
        }
        name.as_bytes()
    }
}

/// Whether a name is one in ASCII.
fn is_name(local: &[u8]) -> bool {
    /// Which bytes stand in one.
    const PLAIN: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < 128_u8 {
            table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
            byte += 1;
        }
        table
    };
    let starts = |byte: &u8| !byte.is_ascii_digit() && !matches!(byte, b'-' | b'.');
    local.first().is_some_and(starts) && local.iter().all(|&byte| PLAIN[usize::from(byte)])
}

// --- writing

/// The document of the dialect's own scene, behind what has been written.
pub(super) fn write_own(style: &Style, shown: &Shown<'_>, xml: xml::Writer) -> (Vec<u8>, Quirks) {
    // What a dialect prescribes has its place in references; a quirk that is asked for may have it in any tag.
    if !xml.quirks.wanted.and(xml::QUIRKS).is_empty() {
        return write_canonical(style, &style.layout.canonical(shown), xml).0;
    }
    let mut stage = Stage::document(style, xml);
    style.layout.write(shown, &mut stage);
    stage.finish()
}

/// The document of a canonical form, behind what has been written; what the document reads back as, if it is markup and
/// can be written at all.
pub(super) fn write_given(style: &Style, scene: &str, xml: xml::Writer) -> ((Vec<u8>, Quirks), Option<String>) {
    let (begin, charset) = (xml.out.len(), xml.repertoire.charset());
    let (written, sound) = write_canonical(style, scene, xml);
    let read = |bytes: &[u8]| {
        let document = xml::parse(bytes, 0, charset, &Limits::default(), &mut Flags::default()).ok()?;
        self::read(&document, charset, &mut Flags::default())
    };
    let read = written.0.get(begin..).filter(|_| sound).and_then(read);
    (written, read)
}

/// The document of a canonical form; whether it is markup and can be written at all.
fn write_canonical(style: &Style, scene: &str, xml: xml::Writer) -> ((Vec<u8>, Quirks), bool) {
    let limits = Limits::default();
    let Ok(document) = xml::parse(scene.as_bytes(), 0, Charset::Utf8, &limits, &mut Flags::default()) else {
        return (xml.finish(), false);
    };
    let repertoire = xml.repertoire;
    let mut stage = Stage::document(style, xml);
    let (mut root, mut sound) = (true, true);
    document.walk(|step| match step {
        Step::Open(element) => {
            let fits = |name: &str| name.chars().all(|c| can_encode(c, repertoire));
            let text_of = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
            let name = text_of(&name(element.local(), Charset::Utf8, 0, &mut Flags::default()));
            sound &= fits(&name);
            stage.xml.start(if sound { &name } else { "_" });
            if core::mem::take(&mut root) {
                stage.xml.attribute("xmlns", NAMESPACE);
            }
            for_attributes(element, Charset::Utf8, &mut Flags::default(), |name, attribute, _| {
                let (name, value) = (text_of(name), attribute.value(Charset::Utf8, &mut Flags::default()));
                sound &= fits(&name);
                if name == "src" {
                    stage.source(&value);
                } else if sound {
                    stage.xml.attribute(&name, &value);
                }
            });
            let text = element.text(Charset::Utf8, &mut Flags::default());
            stage.xml.text(trim(&text));
        }
        Step::Close(_) => stage.close(),
    });
    (stage.finish(), sound)
}
