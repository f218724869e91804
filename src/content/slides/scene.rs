//! SMIL: read to a canonical form, written in a dialect's.
//!
//! The canonical form is a text: elements and attributes by local name, attributes in alphabetical order, references as
//! the id of a part, no declaration, no namespace, no comment, no blanks between tags.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

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
        scene.open("smil", &[]);
        scene.open("head", &[]);
        match self {
            Self::Live => {
                scene.open("layout", &[("background-color", "#E7E3E7")]);
                scene.open("root-layout", &[]);
                scene.region("image", ["100%", "0%", "0%", "100%"], "0");
                scene.region("text", ["100%", "0%", "0%", "100%"], "0");
                scene.close(2);
            }
            Self::Test => {
                scene.leaf("meta", &[("content", "4.0"), ("name", "mms_skt_version")]);
                scene.open("layout", &[]);
                scene.open("root-layout", &[("background-color", "#FFFFFF"), ("height", "377"), ("width", "220")]);
                if images {
                    scene.region("image", ["79%", "0%", "0%", "100%"], "0");
                }
                scene.region("text", ["21%", "0%", "79%", "100%"], "0");
                scene.close(2);
            }
            Self::Sample => {
                scene.leaf("meta", &[("content", "4.0"), ("name", "mms_skt_version")]);
                scene.open("layout", &[]);
                scene.leaf("root-layout", &[("background-color", "#FFFFFF"), ("height", "377"), ("width", "220")]);
                scene.region("image1", ["185", "0", "0", "220"], "0");
                scene.region("text1", ["192", "0", "185", "220"], "0");
                scene.region("video1", ["377", "0", "0", "220"], "0");
                scene.region("flashcon1", ["192", "0", "0", "220"], "1");
                scene.close(1);
            }
        }
        scene.close(1);
        scene.open("body", &[]);
        match self {
            Self::Live => {
                scene.open("par", &[("repeatCount", "indefinite")]);
                scene.open("seq", &[("repeatCount", "indefinite")]);
                scene.media(content, ids);
                scene.close(1);
                if let Some(id) = text {
                    scene.open(
                        "text",
                        &[
                            ("begin", "0"),
                            ("dur", "indefinite"),
                            ("region", "text"),
                            ("repeatCount", "indefinite"),
                            ("src", id),
                        ],
                    );
                    scene.scroll();
                    scene.close(1);
                }
                scene.close(1);
            }
            Self::Test => {
                scene.open("par", &[("repeatCount", "indefinite")]);
                scene.media(content, ids);
                scene.close(1);
                if let Some(id) = text {
                    scene.open("text", &[("region", "text"), ("repeatCount", "indefinite"), ("src", id)]);
                    scene.scroll();
                    scene.close(1);
                }
            }
            Self::Sample => {
                scene.open("seq", &[]);
                for (n, (_, id)) in shown(Track::Video).enumerate() {
                    scene.sample("video", "mc_video", n, "media", Some("video1"), None, id);
                }
                scene.open("par", &[("repeatCount", "indefinite")]);
                if images {
                    scene.open("seq", &[("repeatCount", "indefinite")]);
                    for (n, (_, id)) in shown(Track::Image).enumerate() {
                        scene.sample("img", "mc_image", n + 1, "5", Some("image1"), None, id);
                    }
                    scene.close(1);
                }
                if let Some(id) = text {
                    scene.leaf(
                        "text",
                        &[
                            ("begin", "0"),
                            ("dur", "15"),
                            ("id", "mc_text"),
                            ("region", "text1"),
                            ("repeatCount", "indefinite"),
                            ("src", id),
                            ("style", "normal"),
                        ],
                    );
                }
                if shown(Track::Flash).chain(shown(Track::Audio)).next().is_some() {
                    scene.open("seq", &[]);
                    for (n, (_, id)) in shown(Track::Flash).enumerate() {
                        scene.sample("img", "mc_flashcon", n, "media", Some("flashcon1"), None, id);
                    }
                    for (n, (_, id)) in shown(Track::Audio).enumerate() {
                        scene.sample("audio", "mc_audio", n, "media", None, Some("indefinite"), id);
                    }
                    scene.close(1);
                }
                scene.close(2);
            }
        }
        scene.close(2);
    }
}

/// Says a canonical form piece by piece; attributes are given in alphabetical order.
struct Builder<'s> {
    say: &'s mut dyn FnMut(&str),
    /// The elements whose end tags have not been said.
    open: [&'static str; 8],
    depth: usize,
    /// The start tag of the innermost still lacks its `>`.
    in_tag: bool,
}

impl<'s> Builder<'s> {
    fn new(say: &'s mut dyn FnMut(&str)) -> Self {
        Self { say, open: [""; 8], depth: 0, in_tag: false }
    }

    fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        (self.say)(if self.in_tag { "><" } else { "<" });
        (self.say)(name);
        for (name, value) in attributes {
            for piece in [" ", name, "=\""] {
                (self.say)(piece);
            }
            self.value(if *name == "src" { reference(value).0 } else { (*value).into() });
            (self.say)("\"");
        }
        self.in_tag = true;
        // No scene is deeper.
        if let Some(open) = self.open.get_mut(self.depth) {
            *open = name;
        }
        self.depth += 1;
    }

    fn value(&mut self, value: Cow<'_, str>) {
        let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'&' | b'<' | b'>');
        if value.bytes().all(plain) {
            (self.say)(&value);
        } else {
            let mut escaped = String::new();
            xml::push_value(&mut escaped, &value);
            (self.say)(&escaped);
        }
    }

    fn close(&mut self, count: usize) {
        for _ in 0..count {
            self.depth = self.depth.saturating_sub(1);
            let name = self.open.get(self.depth).copied().unwrap_or_default();
            if core::mem::take(&mut self.in_tag) {
                (self.say)("/>");
            } else {
                ["</", name, ">"].into_iter().for_each(&mut self.say);
            }
        }
    }

    fn leaf(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.open(name, attributes);
        self.close(1);
    }

    fn region(&mut self, id: &str, [height, left, top, width]: [&str; 4], z_index: &str) {
        let attributes =
            [("height", height), ("id", id), ("left", left), ("top", top), ("width", width), ("z-index", z_index)];
        self.leaf("region", &attributes);
    }

    fn scroll(&mut self) {
        self.leaf("param", &[("name", "style"), ("value", "scroll"), ("valuetype", "data")]);
    }

    /// Media as the relays show them: in their order, with their file names as ids.
    fn media(&mut self, content: &Content, ids: &Ids) {
        for (media, id) in content.media.iter().zip(&ids.media) {
            let (name, region) = match Track::of(&media.media_type) {
                Track::Image | Track::Flash => ("img", true),
                Track::Video => ("video", true),
                Track::Audio => ("audio", false),
                Track::None => continue,
            };
            let mut attributes = Vec::new();
            if let Some(name) = &media.name {
                attributes.push(("id", name.as_str()));
            }
            if region {
                attributes.push(("region", "image"));
            }
            attributes.push(("src", id));
            self.leaf(name, &attributes);
        }
    }

    /// Media as the interface document shows them.
    #[allow(clippy::too_many_arguments, reason = "one attribute each")]
    fn sample(
        &mut self,
        name: &'static str,
        id: &str,
        n: usize,
        duration: &str,
        region: Option<&str>,
        repeat: Option<&str>,
        src: &str,
    ) {
        let id = if n == 0 { id.into() } else { alloc::format!("{id}{n}") };
        let mut attributes = alloc::vec![("begin", "0"), ("dur", duration), ("id", &*id)];
        attributes.extend(region.map(|region| ("region", region)));
        attributes.extend(repeat.map(|repeat| ("repeatCount", repeat)));
        attributes.push(("src", src));
        self.leaf(name, &attributes);
    }
}

/// The canonical form of a document, and what it departs in; `None` for a document of another language.
pub(super) fn read(document: &Document<'_>, charset: Charset, flags: &mut Flags) -> Option<String> {
    if document.root().local() != b"smil" {
        flags.push(DeviationKind::DocumentUnreadable, document.root().offset());
        return None;
    }
    let mut out = String::with_capacity(1024);
    let mut structure = None;
    let mut in_tag = false;
    document.walk(|step| match step {
        Step::Open(element) => {
            if structure.is_none() && is_misplaced(element) {
                structure = Some(element.offset());
            }
            out.push_str(if in_tag { "><" } else { "<" });
            out.push_str(&name(element.local(), charset, element.offset(), flags));
            for_attributes(element, charset, flags, |name, value, offset, flags| {
                out.push(' ');
                out.push_str(name);
                out.push_str("=\"");
                if name == "src" {
                    let (id, finding) = reference(&value);
                    if let Some(kind) = finding {
                        flags.push(kind, offset);
                    }
                    xml::push_value(&mut out, &id);
                } else {
                    xml::push_value(&mut out, &value);
                }
                out.push('"');
            });
            in_tag = true;
            if !element.is_white() {
                let text = element.text(charset, flags);
                out.push('>');
                xml::push_text(&mut out, trim(&text));
                in_tag = false;
            }
        }
        Step::Close(_) if in_tag => {
            out.push_str("/>");
            in_tag = false;
        }
        Step::Close(element) => {
            out.push_str("</");
            out.push_str(&name(element.local(), charset, element.offset(), &mut Flags::default()));
            out.push('>');
        }
    });
    if let Some(offset) = structure {
        flags.push(DeviationKind::SmilStructure, offset);
    }
    Some(out)
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

/// Gives name, value and place of each attribute, by name; namespace declarations are none. Of one name the first counts.
fn for_attributes(
    element: Element<'_, '_>,
    charset: Charset,
    flags: &mut Flags,
    mut each: impl FnMut(&str, Cow<'_, str>, usize, &mut Flags),
) {
    let mut give = |name: &str, attribute: &Attribute<'_>, flags: &mut Flags| {
        let value = attribute.value(charset, flags);
        each(name, value, attribute.value_offset(), flags);
    };
    // Mostly they stand in this order.
    let in_order = |(one, other): (Attribute<'_>, Attribute<'_>)| {
        one.local() < other.local() && one.local().is_ascii() && other.local().is_ascii()
    };
    if element.attributes().zip(element.attributes().skip(1)).all(in_order) {
        for attribute in element.attributes() {
            give(&name(attribute.local(), charset, attribute.offset(), flags), &attribute, flags);
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
        give(name, attribute, flags);
    }
}

/// A name as text: letters, digits and `_`, `-`, `.`. What else stands in one is no SMIL.
fn name<'a>(local: &'a [u8], charset: Charset, offset: usize, flags: &mut Flags) -> Cow<'a, str> {
    let text = charset::decode(local, charset, offset, &mut Flags::default());
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if !text.is_empty() && text.chars().all(is_name) {
        return text;
    }
    flags.push(DeviationKind::MarkupDropped, offset);
    let name: String = text.chars().map(|c| if is_name(c) { c } else { '_' }).collect();
    if name.is_empty() { "_".into() } else { name.into() }
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
            let name = name(element.local(), Charset::Utf8, 0, &mut Flags::default());
            sound &= fits(&name);
            out.start(if sound { &name } else { "_" });
            if core::mem::take(&mut root) {
                out.attribute("xmlns", NAMESPACE);
            }
            for_attributes(element, Charset::Utf8, &mut Flags::default(), |name, value, _, _| {
                sound &= fits(name);
                if name == "src" && !value.is_empty() && !value.contains("://") {
                    write_reference(style, &reference(&value).0, &mut out);
                } else if sound {
                    out.attribute(name, &value);
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
