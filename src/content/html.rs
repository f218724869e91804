//! K: plain text, or HTML around it where there are images (spec section 5.3).
//!
//! What K and its relays write is no HTML that a parser would take (K-21), so it is scanned: the tags before the text and
//! those behind it are the frame, what stands between them is the text, in which nothing is escaped.

mod write;

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use bytes::Bytes;
use memchr::memmem;

use super::{Notes, Roles};
use crate::charset::{self, Charset};
use crate::deviation::{DeviationKind, Flags};
use crate::mime::{self, FieldId, Tree};
use crate::model::text::TextLike as _;
use crate::model::{Content, ContentId, HtmlFrame, Media, Prose, Text};

pub(super) use write::{CARRIED, Plan};

/// The Content-ID of K's plain text, without its brackets (K-06).
const PLAIN_ID: &str = "text/plain";
/// That of its HTML.
const HTML_ID: &str = "text/html";

/// What stands before the images in the dialect's own frame (K-21).
const OPENING: &str = "<HTML><HEAD></HEAD></HTML>";
/// What stands behind the text.
const CLOSING: &str = "</BODY></HTML>";

// --- reading

/// HTML that the subscriber reads, and no attachment.
pub(super) fn is_html(tree: &Tree<'_>, leaf: usize) -> bool {
    let part = tree.part(leaf);
    let html = part.content_type().is_some_and(|media_type| media_type.is("text/html"));
    html && part.field(FieldId::Disposition).is_none()
}

/// The text, and the frame around it as it stands.
pub(super) fn read(tree: &Tree<'_>, roles: &Roles, body: &Bytes, content: &mut Content, notes: &mut Notes) {
    let Some(part) = roles.text else { return };
    let own_id = if is_html(tree, part) { HTML_ID } else { PLAIN_ID };
    if is_html(tree, part) {
        let flags = &mut notes.flags;
        let text = super::open_text(tree, part, body, flags);
        let media = tree.leaves().filter(|leaf| roles.is_media(*leaf)).count();
        let html = scan(&text.bytes, media, text.charset);
        for flag in html.flags.iter() {
            flags.push(flag.kind, text.place(flag.offset));
        }
        notes.overflow = notes.overflow.or(html.flags.overflow().map(|offset| text.place(offset)));
        let names = PartNames::of(tree);
        for (offset, source) in &html.images {
            if !names.has(source) {
                flags.push(DeviationKind::ImageReference, text.place(*offset));
            }
        }
        content.text = Prose::from_wire(&html.text);
        content.presentation.frame = Some(html.frame);
        super::read_text_head(tree, part, content, notes);
    } else {
        super::read_plain(tree, part, body, content, notes);
    }
    content.presentation.text_id.take_if(|id| id.as_str() == own_id);
}

/// Takes the frame out that the dialect would write of itself.
pub(super) fn strip_own(content: &mut Content) {
    let own = own_frame(&content.media);
    content.presentation.frame.take_if(|frame| *frame == own);
}

/// The names that parts have: by Content-ID, and by file name or Content-Location (RFC 2387, RFC 2557).
struct PartNames<'t> {
    ids: BTreeSet<&'t [u8]>,
    others: BTreeSet<Cow<'t, [u8]>>,
}

impl<'t> PartNames<'t> {
    fn of(tree: &'t Tree<'t>) -> Self {
        let file_name = |part: mime::PartRef<'t, 't>| part.file_name().map(|name| name.bytes);
        let location = |part: mime::PartRef<'t, 't>| Some(part.field_named("Content-Location")?.value());
        Self {
            ids: tree.parts().filter_map(mime::PartRef::content_id).collect(),
            others: tree.parts().flat_map(|part| [file_name(part), location(part)]).flatten().collect(),
        }
    }

    fn has(&self, source: &[u8]) -> bool {
        self.ids.contains(source.strip_prefix(b"cid:").unwrap_or(source)) || self.others.contains(source)
    }
}

// --- the dialect's own frame

/// An IMG for each image, then the text.
fn own_frame(media: &[Media]) -> HtmlFrame {
    let mut before = String::new();
    own_opening(media, |piece| before.push_str(piece));
    HtmlFrame { before: Prose::from_wire(&before), after: Prose::from_wire(CLOSING) }
}

/// What stands before the text in the dialect's own frame, piece by piece. All of it is ASCII.
fn own_opening(media: &[Media], mut push: impl FnMut(&str)) {
    push(OPENING);
    for (index, media) in media.iter().enumerate() {
        let id = media.content_id.as_ref().map(ContentId::as_str);
        let name = media.name.as_ref().map(Text::as_str);
        push("<IMG SRC=\"");
        match id.or(name).filter(|name| is_source(name)) {
            Some(name) => push(name),
            None => push(&alloc::format!("IMG{index}")),
        }
        push("\">");
    }
}

/// Whether a name stands in an attribute as it is. One with `?` may be what is left of another.
fn is_source(name: &str) -> bool {
    name.bytes().all(|byte| (byte.is_ascii_graphic() || byte == b' ') && !b"\"<>?".contains(&byte))
}

/// `<IMG SRC="…">`, as the dialect writes it: where the name begins and where it ends.
fn own_image(bytes: &[u8]) -> Option<(usize, usize)> {
    let start = b"<IMG SRC=\"";
    let rest = bytes.strip_prefix(start)?;
    let end = rest.iter().position(|byte| b"\"<>".contains(byte))?;
    rest[end..].starts_with(b"\">").then_some((start.len(), start.len() + end))
}

/// The images that the bytes begin with, and how many bytes they take.
fn own_images(bytes: &[u8], base: usize) -> (Vec<Source<'_>>, usize) {
    let (mut images, mut at) = (Vec::new(), 0);
    while let Some((start, end)) = own_image(&bytes[at..]) {
        images.push((base + at + start, &bytes[at + start..at + end]));
        at += end + 2;
    }
    (images, at)
}

// --- scanning

/// What an IMG names, and where that stands.
type Source<'a> = (usize, &'a [u8]);

/// What a scan finds in HTML; offsets count from its first byte.
struct Html<'a> {
    text: String,
    frame: HtmlFrame,
    images: Vec<Source<'a>>,
    flags: Flags,
}

/// The frame and the text in it. In the dialect's own layout, one IMG for each of the images, the text is what it is;
/// in any other, a BR in it is a line break and other known tags are dropped.
fn scan(bytes: &[u8], images: usize, charset: Charset) -> Html<'_> {
    let mut html =
        Html { text: String::new(), frame: HtmlFrame::default(), images: Vec::new(), flags: Flags::default() };
    let Range { start, end } = if let Some((found, text)) = own_layout(bytes, images) {
        let Range { start, end } = text.clone();
        html.images = found;
        html.flags.push(DeviationKind::HtmlStructure, end);
        html.text.push_str(&charset::decode(&bytes[start..end], charset, start, &mut html.flags));
        text
    } else {
        let text = text_between_tags(bytes);
        read_tokens(bytes, &text, charset, &mut html);
        text
    };
    let mut decode = |range: Range<usize>| {
        let base = range.start;
        Prose::from_wire(&charset::decode(&bytes[range], charset, base, &mut html.flags))
    };
    html.frame = HtmlFrame { before: decode(0..start), after: decode(end..bytes.len()) };
    html
}

/// The dialect's own layout: the images' names and where the text begins and ends.
fn own_layout(bytes: &[u8], images: usize) -> Option<(Vec<Source<'_>>, Range<usize>)> {
    let rest = bytes.strip_prefix(OPENING.as_bytes())?;
    let (found, len) = own_images(rest, OPENING.len());
    let text = rest[len..].trim_ascii_end().strip_suffix(CLOSING.as_bytes())?;
    let start = OPENING.len() + len;
    (found.len() == images).then_some((found, start..start + text.len()))
}

/// Where the text begins behind the first run of tags and ends before the last run of end tags. White space belongs
/// to a run where a tag of it stands on both sides, and behind the last.
fn text_between_tags(bytes: &[u8]) -> Range<usize> {
    // Behind the first run; and, once something else has come, where that has ended.
    let (mut behind, mut start) = (0, None);
    // Where the run of end tags began that has not ended, and what stood behind the first run then.
    let mut last = None;
    for token in Tokens::new(bytes) {
        match token.kind {
            TokenKind::Text if bytes[token.start..token.end].trim_ascii().is_empty() => continue,
            TokenKind::Text => start = start.or(Some(behind)),
            TokenKind::Start(_) | TokenKind::End(_) | TokenKind::Skipped => {}
        }
        last = if let TokenKind::End(_) = token.kind { last.or(Some((behind, token.start))) } else { None };
        behind = token.end;
    }
    let (behind, end) = last.unwrap_or((behind, bytes.len()));
    start.unwrap_or(behind)..end
}

/// Reads what stands between the tags: line breaks for BR and nothing for the other tags in the text, of which each is noted.
/// Notes the first tag that does not match (K-21), and gathers what the images name.
fn read_tokens<'a>(bytes: &'a [u8], text: &Range<usize>, charset: Charset, html: &mut Html<'a>) {
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut counts = [0_usize; TAGS.len()];
    let mut wrong = None;
    for token in Tokens::new(bytes) {
        let run = &bytes[token.start..token.end];
        if text.contains(&token.start) {
            match token.kind {
                TokenKind::Text => html.text.push_str(&charset::decode(run, charset, token.start, &mut html.flags)),
                TokenKind::Start(tag) if TAGS[tag].0 == "BR" => html.text.push('\n'),
                _ => html.flags.push(DeviationKind::MarkupDropped, token.start),
            }
        }
        match token.kind {
            TokenKind::Start(tag) if TAGS[tag].1 == End::Never => {
                if TAGS[tag].0 == "IMG" {
                    let (offset, source) = source(run);
                    html.images.push((token.start + offset, source));
                }
            }
            TokenKind::Start(tag) => {
                counts[tag] += 1;
                open.push((tag, token.start));
            }
            TokenKind::End(tag) if counts[tag] == 0 => wrong = wrong.or(Some(token.start)),
            TokenKind::End(tag) => {
                while let Some((other, _)) = open.pop() {
                    counts[other] -= 1;
                    if other == tag {
                        break;
                    }
                    if TAGS[other].1 == End::Always {
                        wrong = wrong.or(Some(token.start));
                    }
                }
            }
            TokenKind::Text | TokenKind::Skipped => {}
        }
    }
    let unclosed = open.iter().find(|(tag, _)| TAGS[*tag].1 == End::Always).map(|(_, offset)| *offset);
    if let Some(offset) = wrong.or(unclosed) {
        html.flags.push(DeviationKind::HtmlStructure, offset);
    }
}

/// The value of SRC in a tag; nothing, at the tag, where there is none.
fn source(tag: &[u8]) -> Source<'_> {
    let is_src = |at: usize| {
        tag[at..].get(..3).is_some_and(|name| name.eq_ignore_ascii_case(b"src"))
            && tag[at - 1].is_ascii_whitespace()
            && tag[at + 3..].trim_ascii_start().starts_with(b"=")
    };
    let Some(at) = (1..tag.len()).find(|&at| is_src(at)) else { return (0, b"") };
    let behind_name = tag[at + 3..].trim_ascii_start();
    let value = behind_name.get(1..).unwrap_or_default().trim_ascii_start();
    let start = tag.len() - value.len();
    if let [quote @ (b'"' | b'\''), value @ ..] = value {
        return (start + 1, value.split(|byte| byte == quote).next().unwrap_or_default());
    }
    let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>';
    (start, value.split(ends).next().unwrap_or_default())
}

// --- tokens

/// Whether an element has an end tag (HTML 4.01, index of elements).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Always,
    /// It may be left out.
    Optional,
    /// The element is empty.
    Never,
}

/// The tags that are known; any other is text.
const TAGS: [(&str, End); 53] = [
    ("A", End::Always),
    ("ADDRESS", End::Always),
    ("AREA", End::Never),
    ("B", End::Always),
    ("BASE", End::Never),
    ("BASEFONT", End::Never),
    ("BGSOUND", End::Never),
    ("BIG", End::Always),
    ("BLINK", End::Always),
    ("BODY", End::Optional),
    ("BR", End::Never),
    ("CENTER", End::Always),
    ("DIV", End::Always),
    ("EM", End::Always),
    ("EMBED", End::Never),
    ("FONT", End::Always),
    ("FORM", End::Always),
    ("H1", End::Always),
    ("H2", End::Always),
    ("H3", End::Always),
    ("H4", End::Always),
    ("H5", End::Always),
    ("H6", End::Always),
    ("HEAD", End::Optional),
    ("HR", End::Never),
    ("HTML", End::Optional),
    ("I", End::Always),
    ("IMG", End::Never),
    ("INPUT", End::Never),
    ("LI", End::Optional),
    ("LINK", End::Never),
    ("MAP", End::Always),
    ("MARQUEE", End::Always),
    ("META", End::Never),
    ("OBJECT", End::Always),
    ("OL", End::Always),
    ("P", End::Optional),
    ("PARAM", End::Never),
    ("PRE", End::Always),
    ("SCRIPT", End::Always),
    ("SMALL", End::Always),
    ("SPAN", End::Always),
    ("STRONG", End::Always),
    ("STYLE", End::Always),
    ("SUB", End::Always),
    ("SUP", End::Always),
    ("TABLE", End::Always),
    ("TBODY", End::Optional),
    ("TD", End::Optional),
    ("TITLE", End::Always),
    ("TR", End::Optional),
    ("U", End::Always),
    ("UL", End::Always),
];

/// Elements whose content is nothing that the subscriber reads.
const UNREAD: [&str; 3] = ["SCRIPT", "STYLE", "TITLE"];

/// A stretch of HTML.
#[derive(Clone, Copy, Debug)]
struct Token {
    kind: TokenKind,
    start: usize,
    end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TokenKind {
    Text,
    /// The tag's place in [`TAGS`].
    Start(usize),
    End(usize),
    /// A comment, a declaration, or an element whose content is not read.
    Skipped,
}

/// Splits HTML at its tags, in one pass: a tag holds no `<`, so none is looked at twice.
struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
    /// What stands at `at`, where the text before it was ended by it, and where that ends.
    ahead: Option<(TokenKind, usize)>,
    /// No end of these stands further on: of a comment, and of each of [`UNREAD`].
    endless: [bool; 1 + UNREAD.len()],
}

impl<'a> Tokens<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, ahead: None, endless: [false; 1 + UNREAD.len()] }
    }

    /// The markup at `at`, where a `<` stands: what it is and where it ends.
    fn markup(&mut self, at: usize) -> Option<(TokenKind, usize)> {
        let rest = &self.bytes[at..];
        if rest.starts_with(b"<!--") {
            let end = self.end_of(0, at + 4, |rest| memmem::find(rest, b"-->").map(|end| end + 3))?;
            return Some((TokenKind::Skipped, end));
        }
        if let [b'<', b'!' | b'?', b'A'..=b'Z' | b'a'..=b'z', ..] = rest {
            return Some((TokenKind::Skipped, at + tag_len(rest)?));
        }
        let (is_end, name) = match rest {
            [b'<', b'/', name @ ..] => (true, name),
            [b'<', name @ ..] => (false, name),
            _ => return None,
        };
        let len = name.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let (name, behind) = name.split_at(len);
        let tag = tag_named(name)?;
        if !behind.first().is_some_and(|&byte| byte.is_ascii_whitespace() || b"/>".contains(&byte)) {
            return None;
        }
        let end = at + tag_len(rest)?;
        if is_end {
            return Some((TokenKind::End(tag), end));
        }
        let unread = UNREAD.iter().position(|known| *known == TAGS[tag].0);
        let skipped = unread.and_then(|index| self.end_of(1 + index, end, |rest| end_tag(rest, UNREAD[index])));
        Some(skipped.map_or((TokenKind::Start(tag), end), |end| (TokenKind::Skipped, end)))
    }

    /// Where something ends that begins at `from`; a search that fails is not made again.
    fn end_of(&mut self, which: usize, from: usize, find: impl Fn(&[u8]) -> Option<usize>) -> Option<usize> {
        if self.endless[which] {
            return None;
        }
        let end = self.bytes.get(from..).and_then(find);
        self.endless[which] = end.is_none();
        end.map(|end| from + end)
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let start = self.at;
        if start >= self.bytes.len() {
            return None;
        }
        if let Some((kind, end)) = self.ahead.take() {
            self.at = end;
            return Some(Token { kind, start, end });
        }
        let mut from = start;
        while let Some(found) = memchr::memchr(b'<', &self.bytes[from..]) {
            let at = from + found;
            // Mostly a tag; a `<` before anything else is text.
            if !self.bytes.get(at + 1).is_some_and(|byte| byte.is_ascii_alphabetic() || b"/!?".contains(byte)) {
                from = at + 1;
                continue;
            }
            match self.markup(at) {
                Some((kind, end)) if at == start => {
                    self.at = end;
                    return Some(Token { kind, start, end });
                }
                Some(ahead) => {
                    self.at = at;
                    self.ahead = Some(ahead);
                    return Some(Token { kind: TokenKind::Text, start, end: at });
                }
                None => from = at + 1,
            }
        }
        self.at = self.bytes.len();
        Some(Token { kind: TokenKind::Text, start, end: self.at })
    }
}

/// Where in [`TAGS`] the names begin that start with each letter, and where the last of them end.
const LETTERS: [usize; 27] = {
    let mut letters = [TAGS.len(); 27];
    let mut tag = TAGS.len();
    let mut letter = 26;
    while letter > 0 {
        letter -= 1;
        while tag > 0 && (TAGS[tag - 1].0.as_bytes()[0] - b'A') as usize >= letter {
            tag -= 1;
        }
        letters[letter] = tag;
    }
    letters
};

// The names of one letter stand together.
const _: () = {
    let mut tag = 1;
    while tag < TAGS.len() {
        assert!(TAGS[tag - 1].0.as_bytes()[0] <= TAGS[tag].0.as_bytes()[0], "a tag out of order");
        tag += 1;
    }
};

/// The place in [`TAGS`] of a name, whatever its letter case.
fn tag_named(name: &[u8]) -> Option<usize> {
    let letter = usize::from(name.first()?.to_ascii_uppercase().checked_sub(b'A')?);
    let (first, end) = (*LETTERS.get(letter)?, *LETTERS.get(letter + 1)?);
    let is = |(known, _): &(&str, End)| known.len() == name.len() && known.as_bytes().eq_ignore_ascii_case(name);
    TAGS[first..end].iter().position(is).map(|place| first + place)
}

/// How long a tag is: to its `>` outside quotes, or to the first where a quote is not closed; there is no `<` in it.
fn tag_len(tag: &[u8]) -> Option<usize> {
    let (mut quote, mut first) = (None, None);
    for (index, &byte) in tag.iter().enumerate().skip(1) {
        match (quote, byte) {
            (_, b'<') => break,
            (None, b'>') => return Some(index + 1),
            (_, b'>') => first = first.or(Some(index + 1)),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    first
}

/// Where the first end tag of this name ends.
fn end_tag(bytes: &[u8], name: &str) -> Option<usize> {
    let is_named =
        |at: &usize| bytes[at + 2..].get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()));
    let behind = memmem::find_iter(bytes, b"</").find(is_named)? + 2 + name.len();
    Some(behind + memchr::memchr(b'>', &bytes[behind..])? + 1)
}
