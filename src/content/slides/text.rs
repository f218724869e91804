//! XT, S's text document: runs of text in sixteen colours, and icons between them (spec section 4.5).

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::write::write_reference;
use super::{BACKGROUND, Style, reference};
use crate::charset::Charset;
use crate::deviation::{DeviationKind, Flags, Quirks};
use crate::model::text::TextLike as _;
use crate::model::{Content, ContentId, Run, Text};
use crate::xml::{
    self, Ahead, Attribute, Document, Element, Inside, Item, Items, Known, KnownName, KnownTag, Stream, Tags, name_len,
};

macro_rules! namespace {
    () => {
        "http://www.w3.org/1999/xhtml"
    };
}
const NAMESPACE: &str = namespace!();

/// What a text document says.
#[derive(Default)]
pub(super) struct XtText {
    /// The texts of all runs, joined by LF.
    pub(super) text: String,
    pub(super) background: Option<Text>,
    pub(super) runs: Vec<Run>,
}

/// Reads a document; markup that has no place is flagged.
pub(super) fn read(document: &Document<'_>, charset: Charset, flags: &mut Flags) -> XtText {
    let mut reader = Reader { charset, found: XtText::default(), flags, first: true };
    // What is still to be read of the elements around.
    let mut stack: Vec<Items<'_, '_>> = Vec::with_capacity(8);
    let mut next = Some(Item::Element(document.root()));
    loop {
        match next {
            Some(Item::Element(element)) => stack.extend(reader.element(element)),
            Some(Item::Text(text)) if text.is_white() => {}
            Some(Item::Text(text)) => {
                let text = text.read(charset, reader.flags);
                reader.run(Run::BLACK, text);
            }
            None if stack.pop().is_none() => return reader.found,
            None => {}
        }
        next = stack.last_mut().and_then(Iterator::next);
    }
}

/// The same from elements as they come; nothing where one of them has no place, or there is an icon.
pub(super) fn read_stream(stream: &mut Stream<'_, '_>, charset: Charset, flags: &mut Flags) -> Option<XtText> {
    let mut reader = Reader { charset, found: XtText::default(), flags, first: true };
    let mut element = stream.root(&KNOWN)?;
    loop {
        match element.local {
            b"xt" | b"head" | b"div" | b"body" => {
                reader.attributes(element.local, stream.attributes(&element));
                if let Inside::Text(..) = element.inside {
                    element.is_blank().then_some(())?;
                }
            }
            name => {
                let (Inside::Text(..), None) = (element.inside, stream.attributes(&element).next()) else {
                    return None;
                };
                let text = element.text(charset, reader.flags);
                reader.run(color(name)?, text);
            }
        }
        loop {
            if !stream.is_open() {
                return Some(reader.found);
            }
            match stream.ahead()? {
                Ahead::Start(tag) => {
                    stream.forget_attributes();
                    element = stream.start(name_len(tag))?;
                    break;
                }
                Ahead::End(_) => {}
            }
        }
    }
}

/// The start tag of the root element, as most have it.
const KNOWN: Known = Known {
    names: &[KnownName::new("xt")],
    tags: &[KnownTag::new(concat!(" xmlns=\"", namespace!(), "\">").as_bytes())],
};

/// `color3` is 3; the intermediate relays' `text` has no colour, and so is black.
fn color(name: &[u8]) -> Option<u8> {
    if name == b"text" {
        return Some(Run::BLACK);
    }
    let digits = name.strip_prefix(b"color")?;
    let number: u8 = core::str::from_utf8(digits).ok()?.parse().ok()?;
    // As it is written: neither `color01` nor `color+1`.
    (digits == b"0" || matches!(digits, [b'1'..=b'9', ..])).then_some(number)
}

struct Reader<'f> {
    charset: Charset,
    found: XtText,
    flags: &'f mut Flags,
    /// No run of text has been read.
    first: bool,
}

impl Reader<'_> {
    /// What is to be read inside an element.
    fn element<'d, 'a>(&mut self, element: Element<'d, 'a>) -> Option<Items<'d, 'a>> {
        match element.local() {
            b"xt" | b"head" | b"div" | b"body" => self.attributes(element.local(), element.attributes()),
            b"style" => {
                self.style(element);
                return None;
            }
            b"img" => {
                self.icon(element);
                return None;
            }
            name => {
                if let Some(color) = color(name) {
                    self.colored(element, color);
                    return None;
                }
                self.drop(element.offset());
            }
        }
        Some(element.items())
    }

    fn run(&mut self, color: u8, text: Cow<'_, str>) {
        self.found.runs.push(Run::Text { color, chars: text.chars().count() });
        if core::mem::take(&mut self.first) {
            // Mostly the only one.
            self.found.text = text.into_owned();
        } else {
            self.found.text.push('\n');
            self.found.text.push_str(&text);
        }
    }

    fn drop(&mut self, offset: usize) {
        self.flags.push(DeviationKind::MarkupDropped, offset);
    }

    /// Those of a container of this name.
    fn attributes<'d>(&mut self, local: &[u8], attributes: impl Iterator<Item = Attribute<'d, 'd>>) {
        for attribute in attributes {
            let background = local == b"body" && attribute.local() == b"bgcolor";
            let value = attribute.value(self.charset, self.flags);
            match Text::from_wire(&value) {
                Some(value) if background && self.found.background.is_none() => self.found.background = Some(value),
                None if background => {}
                _ => self.drop(attribute.offset()),
            }
        }
    }

    /// The table of colours, which is the same for everybody.
    fn style(&mut self, element: Element<'_, '_>) {
        if !element.text(self.charset, self.flags).trim().is_empty() || element.has_children() {
            self.drop(element.offset());
        }
    }

    fn colored(&mut self, element: Element<'_, '_>, color: u8) {
        if let Some(attribute) = element.attributes().next() {
            self.drop(attribute.offset());
        }
        if !element.has_children() {
            let text = element.text(self.charset, self.flags);
            return self.run(color, text);
        }
        self.drop(element.children().next().map_or(element.offset(), |child| child.offset()));
        let mut text = String::new();
        let mut stack = alloc::vec![element.items()];
        while let Some(items) = stack.last_mut() {
            match items.next() {
                Some(Item::Text(piece)) => text.push_str(&piece.read(self.charset, self.flags)),
                Some(Item::Element(child)) if child.local() == b"br" => text.push('\n'),
                Some(Item::Element(child)) => stack.push(child.items()),
                None => drop(stack.pop()),
            }
        }
        self.run(color, text.into());
    }

    fn icon(&mut self, element: Element<'_, '_>) {
        let (mut content_id, mut name) = (None, None);
        for attribute in element.attributes() {
            let value = attribute.value(self.charset, self.flags);
            match attribute.local() {
                b"id" => name = Text::from_wire(&value),
                b"src" => {
                    let (id, finding) = reference(&value);
                    if let Some(kind) = finding {
                        self.flags.push(kind, attribute.value_offset());
                    }
                    content_id = ContentId::from_wire(&id);
                }
                _ => self.drop(attribute.offset()),
            }
        }
        self.found.runs.push(Run::Icon { content_id, name });
    }
}

/// Whether these are the runs that a dialect writes of itself: all text in one run without a colour, or none at all.
pub(super) fn is_own(runs: &[Run]) -> bool {
    matches!(runs, [] | [Run::Text { color: Run::BLACK, .. }])
}

/// All text in one run.
pub(super) fn one_piece(content: &Content) -> Piece<'_> {
    Piece::Text(Run::BLACK, content.text.as_ref().map_or("", |text| text.as_str()))
}

/// The runs to write, each with its text, where the message has any; those that do not fit its text as an error.
pub(super) fn pieces(content: &Content) -> Result<Option<Vec<Piece<'_>>>, &[Run]> {
    let text = content.text.as_ref().map_or("", |text| text.as_str());
    let given = &content.presentation.runs[..];
    if given.is_empty() {
        return Ok(None);
    }
    if is_own(given) {
        return Err(given);
    }
    let mut pieces = Vec::with_capacity(given.len());
    let mut rest = text;
    let mut first = true;
    for run in given {
        let Run::Text { color, chars } = run else {
            pieces.push(Piece::Icon(run));
            continue;
        };
        if !core::mem::take(&mut first) {
            rest = rest.strip_prefix('\n').ok_or(given)?;
        }
        let end = rest.char_indices().map(|(at, _)| at).chain([rest.len()]).nth(*chars).ok_or(given)?;
        let (own, behind) = rest.split_at(end);
        pieces.push(Piece::Text(*color, own));
        rest = behind;
    }
    if rest.is_empty() { Ok(Some(pieces)) } else { Err(given) }
}

/// A run with its text.
pub(super) enum Piece<'c> {
    Text(u8, &'c str),
    Icon(&'c Run),
}

static XT: Tags = Tags::of("xt");
static HEAD: Tags = Tags::of("head");
static BODY: Tags = Tags::of("body");
static DIV: Tags = Tags::of("div");
static IMG: Tags = Tags::of("img");

/// The document in the dialect's style.
pub(super) fn write(
    style: &'static Style,
    content: &Content,
    pieces: &[Piece<'_>],
    mut out: xml::Writer,
) -> (Vec<u8>, Quirks) {
    out.lines = style.lines;
    out.declaration(style.encoding, false);
    out.start_tagged(&XT);
    out.constant_in("", "xmlns", NAMESPACE);
    out.start_tagged(&HEAD);
    out.end();
    out.start_tagged(&BODY);
    let background = content.presentation.background.as_ref();
    out.attribute_in("", "bgcolor", background.map_or(BACKGROUND, |background| background.as_str()));
    out.start_tagged(&DIV);
    for piece in pieces {
        match piece {
            Piece::Text(color, text) => match *color {
                Run::BLACK => out.leaf(&style.text_element, text),
                color => {
                    out.start(&alloc::format!("color{color}"));
                    out.text(text);
                    out.end();
                }
            },
            Piece::Icon(Run::Icon { content_id, name }) => {
                out.start_tagged(&IMG);
                if let Some(name) = name {
                    out.attribute_in("", "id", name.as_str());
                }
                if let Some(id) = content_id {
                    write_reference(style, id.as_str(), &mut out);
                }
                out.end();
            }
            Piece::Icon(Run::Text { .. }) => {}
        }
    }
    out.end();
    out.end();
    out.end();
    out.finish()
}
