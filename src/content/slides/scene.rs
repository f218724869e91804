//! SMIL: read to a canonical form, written in a dialect's.
//!
//! The canonical form is a text: elements and attributes by local name, attributes in alphabetical order, references as
//! the id of a part, no declaration, no namespace, no comment, no blanks between tags.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use smol_str::format_smolstr;

use super::super::parts::Writer;
use super::{Ids, Style, Track, in_lines, reference, write_reference};
use crate::charset::{self, Charset, can_encode};
use crate::deviation::{DeviationKind, Flags};
use crate::limits::Limits;
use crate::model::Content;
use crate::model::text::trim;
use crate::xml::{self, Attribute, Document, Element, Step};

const NAMESPACE: &str = "http://www.w3.org/2001/SMIL20/Language";

/// The scene that a dialect makes of text and media (spec section 4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Of the later relay [C]: image and text over each other.
    Live,
    /// Of the test service [W early]: the text in the lower fifth, shown behind the images (S-37).
    Test,
    /// Of the interface document [D]: images above, text below, film first.
    Sample,
}

impl Layout {
    /// The canonical form of the scene for these parts.
    pub(super) fn own(self, content: &Content, ids: &Ids) -> String {
        let mut text = String::with_capacity(1024);
        self.write(content, ids, &mut Builder::new(&mut |piece| text.push_str(piece)));
        text
    }

    /// Whether this is the canonical form of the scene for these parts.
    pub(super) fn is_own(self, scene: &str, content: &Content, ids: &Ids) -> bool {
        let mut rest = Some(scene);
        let mut take = |piece: &str| rest = rest.and_then(|rest| rest.strip_prefix(piece));
        self.write(content, ids, &mut Builder::new(&mut take));
        rest == Some("")
    }

    fn write(self, content: &Content, ids: &Ids, scene: &mut Builder<'_>) {
        let shown = |track: Track| {
            let media = content.media.iter().zip(&ids.media);
            media.filter(move |(media, _)| Track::of(&media.media_type) == track)
        };
        let text = ids.text.as_deref();
        let images = shown(Track::Image).next().is_some();
        match self {
            Self::Live => {
                scene.say(concat!(
                    r##"<smil><head><layout background-color="#E7E3E7"><root-layout>"##,
                    r#"<region height="100%" id="image" left="0%" top="0%" width="100%" z-index="0"/>"#,
                    r#"<region height="100%" id="text" left="0%" top="0%" width="100%" z-index="0"/>"#,
                    r#"</root-layout></layout></head><body><par repeatCount="indefinite">"#,
                ));
                scene.open(r#"<seq repeatCount="indefinite""#);
                scene.media(content, ids);
                scene.close("</seq>");
                if let Some(id) = text {
                    scene.open(r#"<text begin="0" dur="indefinite" region="text" repeatCount="indefinite""#);
                    scene.source(id);
                    scene.say(concat!(r#"<param name="style" value="scroll" valuetype="data"/>"#, "</text>"));
                }
                scene.say("</par></body></smil>");
            }
            Self::Test => {
                scene.say(concat!(
                    r#"<smil><head><meta content="4.0" name="mms_skt_version"/><layout>"#,
                    r##"<root-layout background-color="#FFFFFF" height="377" width="220">"##,
                ));
                if images {
                    scene.say(r#"<region height="79%" id="image" left="0%" top="0%" width="100%" z-index="0"/>"#);
                }
                scene.say(concat!(
                    r#"<region height="21%" id="text" left="0%" top="79%" width="100%" z-index="0"/>"#,
                    "</root-layout></layout></head><body>",
                ));
                scene.open(r#"<par repeatCount="indefinite""#);
                scene.media(content, ids);
                scene.close("</par>");
                if let Some(id) = text {
                    scene.open(r#"<text region="text" repeatCount="indefinite""#);
                    scene.source(id);
                    scene.say(concat!(r#"<param name="style" value="scroll" valuetype="data"/>"#, "</text>"));
                }
                scene.say("</body></smil>");
            }
            Self::Sample => {
                scene.say(concat!(
                    r#"<smil><head><meta content="4.0" name="mms_skt_version"/><layout>"#,
                    r##"<root-layout background-color="#FFFFFF" height="377" width="220"/>"##,
                    r#"<region height="185" id="image1" left="0" top="0" width="220" z-index="0"/>"#,
                    r#"<region height="192" id="text1" left="0" top="185" width="220" z-index="0"/>"#,
                    r#"<region height="377" id="video1" left="0" top="0" width="220" z-index="0"/>"#,
                    r#"<region height="192" id="flashcon1" left="0" top="0" width="220" z-index="1"/>"#,
                    "</layout></head><body><seq>",
                ));
                for (n, (_, id)) in shown(Track::Video).enumerate() {
                    scene.sample(r#"<video begin="0" dur="media" id="mc_video"#, n, r#"" region="video1""#, id);
                }
                scene.open(r#"<par repeatCount="indefinite""#);
                if images {
                    scene.say(r#"<seq repeatCount="indefinite">"#);
                    for (n, (_, id)) in shown(Track::Image).enumerate() {
                        scene.sample(r#"<img begin="0" dur="5" id="mc_image"#, n + 1, r#"" region="image1""#, id);
                    }
                    scene.say("</seq>");
                }
                if let Some(id) = text {
                    scene.open(r#"<text begin="0" dur="15" id="mc_text" region="text1" repeatCount="indefinite""#);
                    scene.source(id);
                    scene.tag(r#" style="normal""#);
                    scene.close("");
                }
                if shown(Track::Flash).chain(shown(Track::Audio)).next().is_some() {
                    scene.say("<seq>");
                    for (n, (_, id)) in shown(Track::Flash).enumerate() {
                        scene.sample(r#"<img begin="0" dur="media" id="mc_flashcon"#, n, r#"" region="flashcon1""#, id);
                    }
                    for (n, (_, id)) in shown(Track::Audio).enumerate() {
                        let repeat = r#"" repeatCount="indefinite""#;
                        scene.sample(r#"<audio begin="0" dur="media" id="mc_audio"#, n, repeat, id);
                    }
                    scene.say("</seq>");
                }
                scene.close("</par>");
                scene.say("</seq></body></smil>");
            }
        }
    }
}

/// Says a canonical form piece by piece.
struct Builder<'s> {
    out: &'s mut dyn FnMut(&str),
    /// A start tag still lacks its `>`.
    in_tag: bool,
}

impl<'s> Builder<'s> {
    fn new(out: &'s mut dyn FnMut(&str)) -> Self {
        Self { out, in_tag: false }
    }

    /// Markup, behind the start tag.
    fn say(&mut self, piece: &str) {
        if core::mem::take(&mut self.in_tag) {
            (self.out)(">");
        }
        (self.out)(piece);
    }

    /// A start tag, to which attributes may be added.
    fn open(&mut self, tag: &str) {
        self.say(tag);
        self.in_tag = true;
    }

    /// More of that start tag.
    fn tag(&mut self, piece: &str) {
        (self.out)(piece);
    }

    /// The end tag, or the end of a start tag behind which nothing came.
    fn close(&mut self, end_tag: &str) {
        (self.out)(if core::mem::take(&mut self.in_tag) { "/>" } else { end_tag });
    }

    fn attribute(&mut self, begin: &str, value: &str) {
        (self.out)(begin);
        if xml::is_plain_value(value) {
            (self.out)(value);
        } else {
            let mut escaped = String::new();
            xml::push_value(&mut escaped, value);
            (self.out)(&escaped);
        }
        (self.out)("\"");
    }

    fn source(&mut self, id: &str) {
        self.attribute(" src=\"", &reference(id).0);
    }

    /// Media as the relays show them: in their order, with their file names as ids.
    fn media(&mut self, content: &Content, ids: &Ids) {
        for (media, id) in content.media.iter().zip(&ids.media) {
            let (tag, region) = match Track::of(&media.media_type) {
                Track::Image | Track::Flash => ("<img", r#" region="image""#),
                Track::Video => ("<video", r#" region="image""#),
                Track::Audio => ("<audio", ""),
                Track::None => continue,
            };
            self.open(tag);
            if let Some(name) = &media.name {
                self.attribute(" id=\"", name.as_str());
            }
            self.tag(region);
            self.source(id);
            self.close("");
        }
    }

    /// Media as the interface document shows them: the n-th of their kind has its number behind its id, the zeroth none.
    fn sample(&mut self, begin: &str, n: usize, behind: &str, id: &str) {
        self.open(begin);
        if n > 0 {
            self.tag(&format_smolstr!("{n}"));
        }
        self.tag(behind);
        self.source(id);
        self.close("");
    }
}

/// The canonical form of a document, and what it departs in; `None` for a document of another language.
pub(super) fn read(document: &Document<'_>, charset: Charset, flags: &mut Flags) -> Option<String> {
    if document.root().local() != b"smil" {
        flags.push(DeviationKind::DocumentUnreadable, document.root().offset());
        return None;
    }
    let mut out = Vec::with_capacity(1024);
    let mut structure = None;
    let mut in_tag = false;
    document.walk(|step| match step {
        Step::Open(element) => {
            if structure.is_none() && is_misplaced(element) {
                structure = Some(element.offset());
            }
            out.extend_from_slice(if in_tag { b"><" } else { b"<" });
            out.extend_from_slice(&name(element.local(), charset, element.offset(), flags));
            for_attributes(element, charset, flags, |name, attribute, flags| {
                out.push(b' ');
                out.extend_from_slice(name);
                out.extend_from_slice(b"=\"");
                if name != b"src" && attribute.is_plain() {
                    out.extend_from_slice(attribute.raw());
                } else {
                    let value = attribute.value(charset, flags);
                    let mut value = &*value;
                    let read = reference(value);
                    if name == b"src" {
                        value = &read.0;
                        if let Some(kind) = read.1 {
                            flags.push(kind, attribute.value_offset());
                        }
                    }
                    let mut escaped = String::new();
                    xml::push_value(&mut escaped, value);
                    out.extend_from_slice(escaped.as_bytes());
                }
                out.push(b'"');
            });
            in_tag = true;
            if !element.is_white() {
                let text = element.text(charset, flags);
                let mut escaped = String::from(">");
                xml::push_text(&mut escaped, trim(&text));
                out.extend_from_slice(escaped.as_bytes());
                in_tag = false;
            }
        }
        Step::Close(_) if in_tag => {
            out.extend_from_slice(b"/>");
            in_tag = false;
        }
        Step::Close(element) => {
            out.extend_from_slice(b"</");
            out.extend_from_slice(&name(element.local(), charset, element.offset(), &mut Flags::default()));
            out.push(b'>');
        }
    });
    if let Some(offset) = structure {
        flags.push(DeviationKind::SmilStructure, offset);
    }
    // Made of names, values and texts, each of which is UTF-8.
    String::from_utf8(out).ok()
}

/// S-37: a background on `layout`, a region inside `root-layout`, an empty `par` or `seq`, a `text` outside either.
fn is_misplaced(element: Element<'_, '_>) -> bool {
    let inside = |name: &[u8]| element.parent().is_some_and(|parent| parent.local() == name);
    match element.local() {
        b"layout" => element.attribute(b"background-color").is_some(),
        b"region" => inside(b"root-layout"),
        b"par" | b"seq" => !element.has_children(),
        b"text" => inside(b"body"),
        _ => false,
    }
}

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

/// A name as text in UTF-8: letters, digits and `_`, `-`, `.`. What else stands in one is no SMIL.
fn name<'a>(local: &'a [u8], charset: Charset, offset: usize, flags: &mut Flags) -> Cow<'a, [u8]> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if !local.is_empty() && local.iter().all(plain) {
        return Cow::Borrowed(local);
    }
    let text = charset::decode(local, charset, offset, &mut Flags::default());
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let name: String = text.chars().map(|c| if is_name(c) { c } else { '_' }).collect();
    if name.is_empty() || *name != *text {
        flags.push(DeviationKind::MarkupDropped, offset);
    }
    Cow::Owned(if name.is_empty() { b"_".to_vec() } else { name.into_bytes() })
}

/// The document of a canonical form in the dialect's style, and the form that it reads back as: `own` where what is wanted
/// cannot be written.
pub(super) fn write(style: &Style, wanted: &str, own: &str, writer: &mut Writer<'_>) -> (Vec<u8>, String) {
    let before = *writer.quirks;
    let found = emit(style, wanted, writer);
    if wanted == own {
        return (found.map_or_else(Vec::new, |(bytes, _)| bytes), own.into());
    }
    match found {
        Some((bytes, read)) if !read.is_empty() => (bytes, read),
        _ => {
            *writer.quirks = before;
            (emit(style, own, writer).map_or_else(Vec::new, |(bytes, _)| bytes), own.into())
        }
    }
}

/// The bytes, and what they read back as; `None` for what is no markup.
fn emit(style: &Style, scene: &str, writer: &mut Writer<'_>) -> Option<(Vec<u8>, String)> {
    let limits = Limits::default();
    let document = xml::parse(scene.as_bytes(), 0, Charset::Utf8, &limits, &mut Flags::default()).ok()?;
    let repertoire = writer.target.repertoire;
    let mut out = xml::Writer::new(repertoire, *writer.quirks, "smil");
    if style.scene_declaration {
        out.declaration(style.encoding, false);
    }
    let (mut root, mut sound) = (true, true);
    document.walk(|step| match step {
        Step::Open(element) => {
            let fits = |name: &str| name.chars().all(|c| can_encode(c, repertoire));
            let text_of = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
            let name = text_of(&name(element.local(), Charset::Utf8, 0, &mut Flags::default()));
            sound &= fits(&name);
            out.start(if sound { &name } else { "_" });
            if core::mem::take(&mut root) {
                out.attribute("xmlns", NAMESPACE);
            }
            for_attributes(element, Charset::Utf8, &mut Flags::default(), |name, attribute, _| {
                let (name, value) = (text_of(name), attribute.value(Charset::Utf8, &mut Flags::default()));
                sound &= fits(&name);
                if name == "src" && !value.is_empty() && !value.contains("://") {
                    write_reference(style, &reference(&value).0, &mut out);
                } else if sound {
                    out.attribute(&name, &value);
                }
            });
            let text = element.text(Charset::Utf8, &mut Flags::default());
            out.text(trim(&text));
        }
        Step::Close(_) => out.end(),
    });
    if !sound {
        return None;
    }
    let (bytes, quirks) = out.finish();
    *writer.quirks = quirks;
    let bytes = in_lines(style, bytes);
    let charset = repertoire.charset();
    let read = xml::parse(&bytes, 0, charset, &limits, &mut Flags::default()).ok()?;
    let read = self::read(&read, charset, &mut Flags::default())?;
    Some((bytes, read))
}
