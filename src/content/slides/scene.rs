//! SMIL: read to a canonical form, written in a dialect's.
//!
//! The canonical form is a text: elements and attributes by local name, attributes in alphabetical order, references as
//! the id of a part, no declaration, no namespace, no comment, no blanks between tags.

use alloc::string::String;
use alloc::vec::Vec;

use super::layout::{Shown, Tags};
use super::write::{is_plain_id, write_reference};
use super::{Style, reference};
use crate::charset::{self, Charset, Repertoire, can_encode};
use crate::deviation::{DeviationKind, Flags, Quirks};
use crate::limits::Limits;
use crate::model::text::trim;
use crate::xml::{self, Document, Element};

const NAMESPACE: &str = "http://www.w3.org/2001/SMIL20/Language";

/// Writes a scene: its canonical form, or the document of it in a dialect's style.
pub(super) struct Stage<'s> {
    xml: xml::Writer,
    /// `None` for the canonical form.
    style: Option<&'s Style>,
}

impl<'s> Stage<'s> {
    pub(super) fn canonical() -> Self {
        Self { xml: xml::Writer::new(Repertoire::Utf8, Quirks::default(), ""), style: None }
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
            Some(_) if declared => "\r\n<smil xmlns=\"http://www.w3.org/2001/SMIL20/Language\">",
            Some(_) => "<smil xmlns=\"http://www.w3.org/2001/SMIL20/Language\">",
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

    pub(super) fn attribute(&mut self, name: &'static str, value: &str) {
        self.xml.attribute_in("", name, value);
    }

    /// The attribute that names a part.
    pub(super) fn reference(&mut self, id: &str) {
        if is_plain_id(id) {
            return self.source(id);
        }
        self.source(&reference(id).0);
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
    if document.root().local() != b"smil" {
        flags.push(DeviationKind::DocumentUnreadable, document.root().offset());
        return None;
    }
    let mut out = Stage::canonical().xml;
    let mut structure = None;
    let mut found = Flags::default();
    walk(document.root(), charset, flags, |step| match step {
        Step::Open(element, parent) => {
            if is_misplaced(element, parent) && structure.is_none() {
                structure = Some(element.offset());
            }
            out.start(&name(element.local(), charset, element.offset(), &mut found));
            for (name, value, offset) in attributes(element, charset, &mut found) {
                if name == "src" {
                    let (id, finding) = reference(&value);
                    if let Some(kind) = finding {
                        found.push(kind, offset);
                    }
                    out.attribute("src", &id);
                } else {
                    out.attribute(&name, &value);
                }
            }
        }
        Step::Text(text) => out.text(text),
        Step::Close => out.end(),
    });
    if let Some(offset) = structure {
        flags.push(DeviationKind::SmilStructure, offset);
    }
    flags.extend(&found);
    // The writer of UTF-8 writes UTF-8.
    String::from_utf8(out.finish().0).ok()
}

/// S-37: a background on `layout`, a region inside `root-layout`, an empty `par` or `seq`, a `text` outside either.
fn is_misplaced(element: Element<'_, '_>, parent: &[u8]) -> bool {
    match element.local() {
        b"layout" => element.attribute(b"background-color").is_some(),
        b"region" => parent == b"root-layout",
        b"par" | b"seq" => !element.has_children(),
        b"text" => parent == b"body",
        _ => false,
    }
}

/// Name, value and place of the attributes, by name; namespace declarations are none. Of one name the first counts.
fn attributes(element: Element<'_, '_>, charset: Charset, flags: &mut Flags) -> Vec<(String, String, usize)> {
    let mut list: Vec<(String, String, usize)> = Vec::new();
    for attribute in element.attributes() {
        let name = name(attribute.local(), charset, attribute.offset(), flags);
        let value = attribute.value(charset, &mut Flags::default()).into_owned();
        list.push((name, value, attribute.value_offset()));
    }
    list.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    list.dedup_by(|(later, ..), (first, ..)| later == first);
    list
}

/// A name as text: letters, digits and `_`, `-`, `.`. What else stands in one is no SMIL.
fn name(local: &[u8], charset: Charset, offset: usize, flags: &mut Flags) -> String {
    let text = charset::decode(local, charset, offset, &mut Flags::default());
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if !text.is_empty() && text.chars().all(is_name) {
        return text.into_owned();
    }
    flags.push(DeviationKind::MarkupDropped, offset);
    let name: String = text.chars().map(|c| if is_name(c) { c } else { '_' }).collect();
    if name.is_empty() { "_".into() } else { name }
}

enum Step<'s, 'd, 'a> {
    /// An element and the name of its parent.
    Open(Element<'d, 'a>, &'s [u8]),
    Text(&'s str),
    Close,
}

/// Every element in the order of the document, its text before its children; without recursion.
fn walk(root: Element<'_, '_>, charset: Charset, flags: &mut Flags, mut step: impl FnMut(Step<'_, '_, '_>)) {
    let mut stack = alloc::vec![Some((root, &b""[..]))];
    while let Some(top) = stack.pop() {
        let Some((element, parent)) = top else {
            step(Step::Close);
            continue;
        };
        step(Step::Open(element, parent));
        let text = element.text(charset, flags);
        let text = trim(&text);
        if !text.is_empty() {
            step(Step::Text(text));
        }
        stack.push(None);
        let first = stack.len();
        stack.extend(element.children().map(|child| Some((child, element.local()))));
        stack[first..].reverse();
    }
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
    walk(document.root(), Charset::Utf8, &mut Flags::default(), |step| match step {
        Step::Open(element, _) => {
            let fits = |name: &str| name.chars().all(|c| can_encode(c, repertoire));
            let name = name(element.local(), Charset::Utf8, 0, &mut Flags::default());
            sound &= fits(&name);
            stage.xml.start(if sound { &name } else { "_" });
            if core::mem::take(&mut root) {
                stage.xml.attribute("xmlns", NAMESPACE);
            }
            for (name, value, _) in attributes(element, Charset::Utf8, &mut Flags::default()) {
                sound &= fits(&name);
                if name == "src" {
                    stage.source(&value);
                } else if sound {
                    stage.xml.attribute(&name, &value);
                }
            }
        }
        Step::Text(text) => stage.xml.text(text),
        Step::Close => stage.close(),
    });
    (stage.finish(), sound)
}
