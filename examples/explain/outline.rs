//! What the pieces of a payload make: header fields, parts inside parts, documents, elements inside elements.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use super::layers;
use super::wire::{self, Attribute, Charset, Holds, Piece, TagKind, Token};

/// Where things stand in a file. Every range counts in the file.
#[derive(Debug, Default)]
pub struct Outline {
    /// The request or status line.
    pub start_line: Option<Range<usize>>,
    /// The entity, with an empty path, then its parts in the order of the file.
    pub parts: Vec<Part>,
    /// Delimiter lines that open no part, and what stands around parts.
    pub rest: Vec<Range<usize>>,
}

/// A part, or the entity.
#[derive(Debug, Default)]
pub struct Part {
    /// As in the paths of the library: `part[1].part[0]`.
    pub path: String,
    /// The part or entity around it.
    pub parent: usize,
    /// Its delimiter line.
    pub delimiter: Range<usize>,
    /// The fields of its header.
    pub fields: Vec<Field>,
    /// The empty line behind the header.
    pub blank: Option<Range<usize>>,
    /// What it holds, with the line end before the next delimiter.
    pub content: Range<usize>,
    /// What its header says of that.
    pub says: wire::Part,
    /// There are parts in it.
    pub is_multipart: bool,
}

/// A header field.
#[derive(Debug)]
pub struct Field {
    /// In lower case.
    pub name: String,
    /// Its lines.
    pub lines: Range<usize>,
    /// What stands before the colon.
    pub own: Range<usize>,
    /// What stands behind it, without blanks around.
    pub value: Range<usize>,
}

impl Field {
    /// The value before its first parameter.
    pub fn essence(&self, file: &[u8]) -> Range<usize> {
        let value = &file[self.value.clone()];
        let len = memchr::memchr2(b';', b'\n', value).unwrap_or(value.len());
        self.value.start..self.value.start + value[..len].trim_ascii_end().len()
    }

    /// The parameters; none where the field has no such.
    pub fn parameters(&self, file: &[u8]) -> Vec<Attribute> {
        if !wire::TYPED_FIELDS.contains(&&*self.name) {
            return Vec::new();
        }
        let start = self.essence(file).end;
        let found = wire::attributes(&file[start..self.value.end], b"; \t\r\n");
        found.into_iter().map(|attribute| shifted(attribute, start)).collect()
    }
}

/// More multiparts inside one another than the decoder takes.
const MULTIPARTS: usize = 32;

/// More parts than the decoder takes.
const PARTS: usize = 1024;

impl Outline {
    /// The pieces of a file, put together.
    pub fn of(file: &[u8]) -> Self {
        let mut outline = Self::default();
        outline.parts.push(Part::default());
        // The boundaries of the multiparts that are open, the parts they are, and how many parts were in them.
        let mut open: Vec<(Vec<u8>, usize, usize)> = Vec::new();
        let mut part = 0;
        let mut closed = false;
        for (range, piece) in wire::pieces(file) {
            match piece {
                Piece::StartLine => outline.start_line = Some(range),
                Piece::Field { name, .. } => outline.field(file, part, name, range),
                Piece::Blank => {
                    outline.parts[part].content = range.end..range.end;
                    outline.parts[part].blank = Some(range);
                }
                Piece::Delimiter { boundary, close } => {
                    let boundary = &file[boundary];
                    match open.iter().rposition(|(known, ..)| known == boundary) {
                        Some(level) => open.truncate(level + 1),
                        None if close || open.len() > MULTIPARTS || outline.parts.len() > PARTS => {
                            outline.rest.push(range);
                            continue;
                        }
                        // L-20: behind content, what nothing declares goes on beside the part, else inside it.
                        None if file[outline.parts[part].content.clone()].trim_ascii().is_empty() => {
                            open.push((boundary.to_vec(), part, 0));
                        }
                        None => {
                            let parent = outline.parts[part].parent;
                            let beside = outline.parts.iter().skip(1).filter(|other| other.parent == parent).count();
                            open.push((boundary.to_vec(), parent, beside));
                        }
                    }
                    let Some((_, parent, count)) = open.last_mut() else { continue };
                    outline.parts[*parent].is_multipart = true;
                    closed = close;
                    if close {
                        part = outline.parts[*parent].parent;
                        open.pop();
                        outline.rest.push(range);
                        continue;
                    }
                    let dot = if outline.parts[*parent].path.is_empty() { "" } else { "." };
                    let path = format!("{}{dot}part[{count}]", outline.parts[*parent].path);
                    *count += 1;
                    part = outline.parts.len();
                    let parent = *parent;
                    let content = range.end..range.end;
                    outline.parts.push(Part { path, parent, delimiter: range, content, ..Part::default() });
                }
                // An epilogue.
                Piece::Content(_) if closed => outline.rest.push(range),
                Piece::Content(says) => {
                    outline.parts[part].content = range;
                    outline.parts[part].says = says;
                }
            }
        }
        outline
    }

    fn field(&mut self, file: &[u8], part: usize, name: String, range: Range<usize>) {
        let line = &file[range.clone()];
        let fields = &mut self.parts[part].fields;
        let end = range.start + line.trim_ascii_end().len();
        let colon = memchr::memchr(b':', line).filter(|_| !matches!(line[0], b' ' | b'\t'));
        let Some(colon) = colon else {
            // A further line of the field above it.
            match fields.last_mut() {
                Some(field) => (field.lines.end, field.value.end) = (range.end, end),
                None => {
                    fields.push(Field { name, own: range.start..range.start, value: range.start..end, lines: range });
                }
            }
            return;
        };
        let own = range.start..range.start + colon;
        let blanks = line[colon + 1..].len() - line[colon + 1..].trim_ascii_start().len();
        let value = (own.end + 1 + blanks).min(end)..end;
        fields.push(Field { name, own, value, lines: range });
    }
}

/// What a part holds, its transfer encoding undone.
#[derive(Debug)]
pub struct Document<'f> {
    /// Its bytes.
    pub bytes: Cow<'f, [u8]>,
    /// Where they begin in the file; where they are encoded, every place in them is this.
    pub start: usize,
    /// They stand in the file as they are.
    pub is_verbatim: bool,
    /// What they are.
    pub holds: Holds,
}

impl<'f> Document<'f> {
    /// What a part holds; none for a multipart, or where nothing stands.
    pub fn of(file: &'f [u8], part: &Part) -> Option<Self> {
        let bytes = &file[part.content.clone()];
        if part.is_multipart || bytes.trim_ascii().is_empty() {
            return None;
        }
        let start = part.content.start;
        let inside = wire::Part { encoding: String::new(), ..part.says.clone() };
        let mut opened = None;
        if part.says.is_base64(bytes) {
            layers::base64(&mut bytes.to_vec(), |content| opened = Some(content.to_vec()));
        } else if part.says.encoding == "quoted-printable" {
            layers::quoted_printable(&mut bytes.to_vec(), |content| opened = Some(content.to_vec()));
        }
        Some(match opened {
            Some(content) => {
                let holds = inside.holds(&content);
                Self { bytes: content.into(), start, is_verbatim: false, holds }
            }
            None => Self { bytes: bytes.into(), start, is_verbatim: true, holds: part.says.holds(bytes) },
        })
    }

    /// The place in the file of a byte.
    pub fn place(&self, at: usize) -> usize {
        if self.is_verbatim { self.start + at } else { self.start }
    }

    /// How its bytes become characters; in media, none do.
    pub fn charset(&self) -> Charset {
        match self.holds {
            Holds::Markup(charset) | Holds::Text(charset) => charset,
            Holds::Media => Charset::Cp949,
        }
    }
}

/// How far out the start tag of an end tag is looked for: the decoder goes no deeper.
const DEPTH: usize = 64;

/// An element. Its ranges count in the document.
#[derive(Debug)]
pub struct Element {
    /// With the prefix.
    pub name: Range<usize>,
    /// Its start tag.
    pub start: Range<usize>,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
    /// The text directly in it.
    pub text: Vec<Range<usize>>,
    /// Which elements are in it.
    pub children: Vec<usize>,
    /// Its end tag; where it has none, nothing, where it ends.
    pub end: Range<usize>,
}

/// The elements of a document in the order of their start tags, and what the tags and text are made of.
#[derive(Debug)]
pub struct Elements {
    /// The elements.
    pub list: Vec<Element>,
    /// Those that are in no other.
    pub roots: Vec<usize>,
    /// The tokens, each with how many elements are around it.
    pub tokens: Vec<(Range<usize>, Token, usize)>,
}

impl Elements {
    /// The elements of markup. `ends` are the start tags that the decoder takes for end tags, by where they stand.
    pub fn of(bytes: &[u8], ends: &BTreeSet<usize>) -> Self {
        let tokens = wire::tokens(bytes);
        let local = |name: &Range<usize>| {
            let name = bytes[name.clone()].to_ascii_lowercase();
            name.rsplit(|&byte| byte == b':').next().unwrap_or_default().to_vec()
        };
        // A start tag to which there is no end tag is that of an empty element, as in HTML.
        let ended: BTreeSet<Vec<u8>> = tokens
            .iter()
            .filter_map(|(range, token)| match token {
                Token::Tag { name, kind: TagKind::End } => Some(local(name)),
                Token::Tag { name, .. } if ends.contains(&range.start) => Some(local(name)),
                _ => None,
            })
            .collect();
        let mut elements = Self { list: Vec::new(), roots: Vec::new(), tokens: Vec::new() };
        let mut open: Vec<(usize, Vec<u8>)> = Vec::new();
        for (range, mut token) in tokens {
            if let Token::Tag { kind, .. } = &mut token
                && ends.contains(&range.start)
            {
                *kind = TagKind::End;
            }
            let mut depth = open.len();
            match &token {
                Token::Text | Token::CData => {
                    if let Some(&(element, _)) = open.last() {
                        elements.list[element].text.push(range.clone());
                    }
                }
                Token::Tag { name, kind } => {
                    if *kind == TagKind::End {
                        let name = local(name);
                        let mut innermost = open.iter().enumerate().rev().take(DEPTH);
                        if let Some((level, _)) = innermost.find(|(_, (_, known))| *known == name) {
                            depth = level;
                            for (index, (element, _)) in open.drain(level..).enumerate() {
                                let end = if index == 0 { range.end } else { range.start };
                                elements.list[element].end = range.start..end;
                            }
                        }
                    } else if matches!(kind, TagKind::Start | TagKind::Empty) {
                        let index = elements.list.len();
                        match open.last() {
                            Some(&(parent, _)) => elements.list[parent].children.push(index),
                            None => elements.roots.push(index),
                        }
                        let attributes = wire::attributes(&bytes[name.end..range.end], b" \t\r\n>");
                        elements.list.push(Element {
                            name: name.clone(),
                            start: range.clone(),
                            attributes: attributes.into_iter().map(|found| shifted(found, name.end)).collect(),
                            text: Vec::new(),
                            children: Vec::new(),
                            end: range.end..range.end,
                        });
                        let name = local(name);
                        if *kind == TagKind::Start && ended.contains(&name) {
                            open.push((index, name));
                        }
                    }
                }
                Token::Comment => {}
            }
            elements.tokens.push((range, token, depth));
        }
        for (element, _) in open {
            elements.list[element].end = bytes.len()..bytes.len();
        }
        elements
    }
}

fn shifted(Attribute { name, value }: Attribute, by: usize) -> Attribute {
    Attribute { name: name.start + by..name.end + by, value: value.start + by..value.end + by }
}
