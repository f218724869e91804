//! The lines of the picture: stretches of the file as a person reads them, and the marks under them.

use std::collections::BTreeSet;
use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use super::outline::{Document, Elements, Outline, Part};
use super::picture::Role;
use super::wire::{Charset, Holds, TagKind, Token};

/// How many columns of media or of what is encoded are shown, before what is behind is only counted.
const SHOWN: usize = 64;

/// How far a line may go beyond its width, so that an attribute is not torn.
const BEYOND: usize = 24;

/// One line of the picture.
#[derive(Debug, Default)]
pub struct Row {
    /// What of the file it shows.
    pub range: Range<usize>,
    /// It is the content of an encoded part, which does not stand in the file as it is.
    pub is_decoded: bool,
    /// What is read.
    pub view: View,
    /// What it says, as `sender.vasp_id: "99"`.
    pub slots: Vec<String>,
    /// What is underlined.
    pub marks: Vec<Mark>,
}

impl Row {
    /// Puts a mark under bytes of the row, of which so many are shown.
    pub fn mark(&mut self, bytes: Range<usize>, shown: usize, mark: Mark) {
        let span = self.view.span(bytes.start.min(shown)..bytes.end.min(shown));
        self.marks.push(Mark { span, ..mark });
    }
}

/// Something under a row.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Where in the text of the row.
    pub span: Range<usize>,
    /// How it is shown.
    pub role: Role,
    /// What is said.
    pub label: String,
    /// A sentence more.
    pub note: Option<String>,
}

/// A stretch of bytes as characters that a terminal shows, each in the columns that it takes.
#[derive(Debug, Default)]
pub struct View {
    /// The characters.
    pub text: String,
    /// The columns that they take.
    pub width: usize,
    /// Where each character begins, in the bytes and in `text`, and their end.
    places: Vec<(usize, usize)>,
}

impl View {
    /// Bytes behind an indentation.
    pub fn of(bytes: &[u8], charset: Charset, indent: usize) -> Self {
        let mut view = Self { text: " ".repeat(indent), width: indent, places: Vec::new() };
        let mut at = 0;
        while at < bytes.len() {
            let (len, c) = charset.first(&bytes[at..]);
            view.places.push((at, view.text.len()));
            match c {
                Some('\t') => {
                    view.text.push_str("    ");
                    view.width += 4;
                }
                Some(c) if is_plain(c) => {
                    view.text.push(c);
                    view.width += c.width().unwrap_or(0);
                }
                _ => {
                    bytes[at..at + len].iter().for_each(|byte| view.text.push_str(&format!("\\x{byte:02X}")));
                    view.width += 4 * len;
                }
            }
            at += len;
        }
        view.places.push((bytes.len(), view.text.len()));
        view
    }

    /// What bytes have become, by where they stand in the stretch: at least one character, or the end.
    pub fn span(&self, bytes: Range<usize>) -> Range<usize> {
        let place = |index: usize| self.places.get(index).map_or(self.text.len(), |(_, at)| *at);
        let first = self.places.partition_point(|(at, _)| *at <= bytes.start).saturating_sub(1);
        let end = self.places.partition_point(|(at, _)| *at < bytes.end).max(first + 1);
        place(first)..place(end)
    }

    /// The most bytes, not fewer than a character, that take no more than these columns.
    fn fits(&self, columns: usize) -> usize {
        let mut width = 0;
        let mut places = self.places.iter();
        while let Some((at, start)) = places.next() {
            let end = places.clone().next().map_or(self.text.len(), |(_, end)| *end);
            width += width_of(&self.text[*start..end]);
            if width > columns && *at > 0 {
                return *at;
            }
        }
        self.places.last().map_or(0, |(at, _)| *at)
    }
}

/// Whether a character is only shown, and moves neither the cursor nor the letters around it: a payload is no friend.
pub fn is_plain(c: char) -> bool {
    let moves = matches!(c, '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}');
    !c.is_control() && !moves && u32::from(c) < 0xE_0000
}

/// The columns that a text takes.
pub fn width_of(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}

/// The lines of a file, each byte in one; `ends` are the start tags that the decoder takes for end tags.
pub fn rows(file: &[u8], outline: &Outline, ends: &BTreeSet<usize>, width: usize) -> Vec<Row> {
    let mut rows =
        Rows { bytes: file, start: 0, is_decoded: false, charset: Charset::of(file, None), width, list: Vec::new() };
    rows.list.reserve(64);
    let whole = outline.start_line.iter().chain(&outline.rest);
    whole.for_each(|range| rows.lines(range.clone()));
    for part in &outline.parts {
        rows.lines(part.delimiter.clone());
        part.fields.iter().for_each(|field| rows.lines(field.lines.clone()));
        part.blank.iter().for_each(|range| rows.lines(range.clone()));
        rows.content(file, part, ends);
    }
    let mut list = rows.list;
    list.sort_by_key(|row| (row.range.start, !row.is_decoded));
    list
}

/// The lines of a stretch that stands at `start` of its file.
pub fn of_stretch(bytes: &[u8], charset: Charset, start: usize, width: usize) -> Vec<Row> {
    let mut rows = Rows { bytes, start, is_decoded: false, charset, width, list: Vec::new() };
    rows.lines(0..bytes.len());
    rows.list
}

struct Rows<'b> {
    bytes: &'b [u8],
    /// Where the bytes begin in the file; where they do not stand in it as they are, their place.
    start: usize,
    is_decoded: bool,
    charset: Charset,
    width: usize,
    list: Vec<Row>,
}

impl Rows<'_> {
    fn content(&mut self, file: &[u8], part: &Part, ends: &BTreeSet<usize>) {
        let Some(document) = Document::of(file, part) else { return self.lines(part.content.clone()) };
        if !document.is_verbatim || document.holds == Holds::Media {
            self.head(part.content.clone());
        }
        if document.holds == Holds::Media {
            return;
        }
        let mut inner = Rows {
            bytes: &document.bytes,
            start: if document.is_verbatim { document.start } else { part.content.end },
            is_decoded: !document.is_verbatim,
            charset: document.charset(),
            width: self.width,
            list: Vec::new(),
        };
        let all = 0..document.bytes.len();
        match document.holds {
            Holds::Markup(_) => {
                let ends = ends.iter().filter_map(|end| end.checked_sub(document.start));
                let ends = if document.is_verbatim { ends.collect() } else { BTreeSet::new() };
                inner.markup(&Elements::of(&document.bytes, &ends));
            }
            _ => inner.lines(all),
        }
        self.list.append(&mut inner.list);
    }

    /// What is no text to read: how it begins, and how much there is.
    fn head(&mut self, range: Range<usize>) {
        let bytes = &self.bytes[range.clone()];
        let line = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |len| len + 1).min(SHOWN);
        self.push(range.start..range.start + line, 0);
        let rest = range.start + line..range.end;
        if !self.bytes[rest.clone()].trim_ascii().is_empty() {
            let more = format!("… {} bytes more", rest.len());
            let view = View { width: width_of(&more), text: more, places: vec![(0, 0)] };
            self.list.push(Row { range: rest, view, ..Row::default() });
        }
    }

    fn lines(&mut self, range: Range<usize>) {
        let mut start = range.start;
        for line in self.bytes[range].split_inclusive(|&byte| byte == b'\n') {
            self.wrapped(start..start + line.len(), 0);
            start += line.len();
        }
    }

    /// A line for each element that begins, and for each that ends behind another.
    fn markup(&mut self, elements: &Elements) {
        let mut start = 0;
        let mut indent = 0;
        let mut behind_end = false;
        for (range, token, depth) in &elements.tokens {
            let is_break = match token {
                Token::Tag { kind: TagKind::End, .. } => behind_end,
                Token::Tag { .. } => true,
                _ => false,
            };
            if is_break && !self.bytes[start..range.start].trim_ascii().is_empty() {
                self.broken(start..range.start, indent);
                let breaks = self.bytes[..range.start].ends_with(b"\n");
                (start, indent) = (range.start, if breaks { 0 } else { 2 * depth });
            }
            if let Token::Tag { kind, .. } = token {
                behind_end = matches!(kind, TagKind::End | TagKind::Empty);
            }
            // Its own line breaks.
            if let Some(last) = memchr::memrchr(b'\n', &self.bytes[range.clone()]) {
                let next = range.start + last + 1;
                self.broken(start..next, indent);
                (start, indent) = (next, 0);
            }
        }
        self.broken(start..self.bytes.len(), indent);
    }

    /// At its own line breaks; the indentation is that of the first line.
    fn broken(&mut self, range: Range<usize>, mut indent: usize) {
        let mut start = range.start;
        for line in self.bytes[range].split_inclusive(|&byte| byte == b'\n') {
            self.wrapped(start..start + line.len(), indent);
            (start, indent) = (start + line.len(), 0);
        }
    }

    /// In lines that are not too wide, broken at blanks.
    fn wrapped(&mut self, range: Range<usize>, mut indent: usize) {
        let mut start = range.start;
        let text = range.start..range.start + self.bytes[range.clone()].trim_ascii_end().len();
        let inner = indent + 4 + self.bytes[text.clone()].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        while start < text.end {
            let room = self.width.saturating_sub(indent).max(20);
            // No character takes more than four bytes, nor less than one column.
            let look = start..text.end.min(start + 4 * (room + BEYOND));
            let view = View::of(&self.bytes[look.clone()], self.charset, 0);
            if look.end == text.end && view.width <= room {
                break;
            }
            let bytes = &self.bytes[look];
            let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
            let head = bytes.iter().take_while(|byte| blank(byte)).count();
            let before = bytes[..view.fits(room)].iter().rposition(blank).filter(|&at| at > head).map(|at| at + 1);
            let far = view.fits(room + BEYOND);
            let behind = || bytes[..far].iter().skip(head).position(blank).map(|at| head + at + 1);
            let len = before.or_else(behind).unwrap_or(if far == bytes.len() { far } else { view.fits(room) });
            if len == bytes.len() {
                break;
            }
            self.push(start..start + len, indent);
            (start, indent) = (start + len, inner);
        }
        self.push(start..range.end, indent);
    }

    fn push(&mut self, range: Range<usize>, indent: usize) {
        if range.is_empty() {
            return;
        }
        let text = range.start..range.start + self.bytes[range.clone()].trim_ascii_end().len();
        let view = View::of(&self.bytes[text], self.charset, indent);
        let range =
            if self.is_decoded { self.start..self.start } else { self.start + range.start..self.start + range.end };
        self.list.push(Row { range, is_decoded: self.is_decoded, view, ..Row::default() });
    }
}
