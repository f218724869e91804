//! Body to tree: one forward pass over the lines that begin with `--` (RFC 2046 5.1.1, spec section 10 steps 1-4).

mod block;

use alloc::vec::Vec;

use memchr::memmem;

use super::media_type::{self, MediaType};
use super::{Part, Tree, check, field};
use crate::deviation::{DeviationKind, Flags};
use crate::error::{DecodeErrorKind, Fatal};
use crate::limits::Limits;

/// What a body is, by its first byte that is no blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// It begins with `--`.
    Mime,
    /// It begins with `<`.
    Xml,
    /// There is none.
    Blank,
    /// It begins with something else.
    Other,
}

/// What the body is, and the offset of the byte that tells. White space, NUL (X-05) and a byte order mark are blank.
pub(crate) fn form(body: &[u8]) -> (Form, usize) {
    let mark = if body.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let text = &body[mark..];
    let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    let at = text.iter().take_while(|&byte| blank(byte)).count();
    let form = match &text[at..] {
        [] => Form::Blank,
        [b'<', ..] => Form::Xml,
        [b'-', b'-', ..] => Form::Mime,
        _ => Form::Other,
    };
    (form, mark + at)
}

/// Splits a body into its parts. `content_type` is that of the entity.
///
/// The body decides between MIME and XML, whatever the type says (spec section 10 step 1). XML gives a tree of the
/// entity alone. Fatal are a blank body, one that is neither, a multipart without boundary or without a part, and
/// whatever passes the limits; the length of the body is the caller's to check.
pub(crate) fn parse<'a>(
    body: &'a [u8],
    content_type: Option<&MediaType>,
    limits: &Limits,
    flags: &mut Flags,
) -> Result<Tree<'a>, Fatal> {
    let (form, at) = form(body);
    let says_multipart = content_type.is_some_and(MediaType::is_multipart);
    let agrees = match form {
        Form::Blank => return Err(Fatal::new(DecodeErrorKind::BodyEmpty, 0)),
        Form::Other if !says_multipart => return Err(Fatal::new(DecodeErrorKind::NotMm7, at)),
        Form::Xml => !says_multipart,
        Form::Mime | Form::Other => says_multipart || content_type.is_none(),
    };
    if !agrees {
        flags.push(DeviationKind::BodyTypeMismatch, 0);
    }
    let entity =
        Part { body: 0..body.len(), content_type: content_type.filter(|_| agrees).cloned(), ..Part::default() };
    let start = (entity.content_type.as_ref()).and_then(|media| media.param("start"));
    let start = start.map(<[u8]>::to_vec);
    if form == Form::Xml {
        let parts = Vec::from([entity]);
        return Ok(Tree { parts, start: None });
    }
    let mut scanner = Scanner {
        body,
        limits,
        flags,
        parts: Vec::from([entity]),
        open: Vec::new(),
        dashes: memmem::Finder::new(b"\n--"),
        bare_lf: false,
    };
    // Leading blanks are no part of the first delimiter line; a preamble is what stands before it otherwise.
    let at = if form == Form::Mime { at } else { 0 };
    if !scanner.open_multipart(0, at, content_type)? {
        return Err(Fatal::new(DecodeErrorKind::NoBoundary, at));
    }
    scanner.scan(at)?;
    scanner.split_undeclared()?;
    let parts = scanner.parts;
    let tree = Tree { parts, start };
    if tree.leaves().next().is_none() {
        return Err(Fatal::new(DecodeErrorKind::NoRootPart, at));
    }
    check::parts(&tree, body, flags);
    Ok(tree)
}

impl Default for Part<'_> {
    fn default() -> Self {
        Self {
            parent: 0,
            index: 0,
            fields: Vec::new(),
            head: 0,
            body: 0..0,
            is_multipart: false,
            complete: false,
            header_end: 0,
            content_type: None,
            disposition: Vec::new(),
        }
    }
}

struct Scanner<'a, 'r> {
    body: &'a [u8],
    limits: &'r Limits,
    flags: &'r mut Flags,
    parts: Vec<Part<'a>>,
    /// The multiparts whose close delimiter has not come yet, outermost first.
    open: Vec<Open>,
    dashes: memmem::Finder<'static>,
    /// A bare LF has been flagged: once a message.
    bare_lf: bool,
}

struct Open {
    part: usize,
    boundary: Vec<u8>,
    /// How many children there are, and the last of them while it has no end.
    children: usize,
    child: Option<usize>,
}

/// A line of `delimiter` or `close-delimiter`, RFC 2046 5.1.1.
struct Delimiter {
    level: usize,
    start: usize,
    /// Where the close mark stands, if there is one.
    close: Option<Close>,
    next: usize,
}

enum Close {
    Hyphens,
    /// A typographic dash (K-05), at this offset.
    Dash(usize),
}

/// One line: `start..end` without the line break, `next` behind it.
#[derive(Clone, Copy)]
struct Line {
    start: usize,
    end: usize,
    next: usize,
}

impl<'a> Scanner<'a, '_> {
    /// `multipart-body := [preamble CRLF] dash-boundary … close-delimiter [CRLF epilogue]`, RFC 2046 5.1.1, with all
    /// that is inside. Ends behind the outermost close delimiter, or where the body ends, which closes everything.
    fn scan(&mut self, at: usize) -> Result<(), Fatal> {
        let mut at = at;
        while let Some(found) = self.next_delimiter(at) {
            self.note_line_end(found.start);
            self.note_line_end(found.next);
            self.end_parts(found.level, self.before_line(found.start));
            at = found.next;
            let Some(close) = &found.close else {
                at = self.begin_part(&found)?;
                continue;
            };
            if let Close::Dash(offset) = *close {
                self.flags.push(DeviationKind::CloseDelimiterDash, offset);
            }
            if let Some(part) = self.open.pop().and_then(|open| self.parts.get_mut(open.part)) {
                part.complete = true;
            }
            if self.open.is_empty() {
                return Ok(());
            }
        }
        while self.open.pop().is_some() {
            self.flags.push(DeviationKind::CloseDelimiterMissing, self.body.len());
        }
        Ok(())
    }

    /// The next delimiter line of an open multipart at or behind `at`, which begins a line.
    fn next_delimiter(&self, at: usize) -> Option<Delimiter> {
        let mut line = at;
        loop {
            let found = self.delimiter_at(line);
            if found.is_some() {
                return found;
            }
            line += self.dashes.find(self.body.get(line..)?)? + 1;
        }
    }

    /// `delimiter := CRLF "--" boundary`, `close-delimiter := delimiter "--"`, `transport-padding`, RFC 2046 5.1.1.
    ///
    /// The innermost multipart goes first. Anything but padding behind it makes it no delimiter, so that a boundary
    /// which begins like another is never taken for it.
    fn delimiter_at(&self, start: usize) -> Option<Delimiter> {
        let rest = self.body.get(start..)?.strip_prefix(b"--")?;
        let delimiter = |(level, open): (usize, &Open)| {
            let (close, tail) = self.close_mark(rest.strip_prefix(&*open.boundary)?);
            let padding = tail.iter().take_while(|&&byte| field::is_wsp(byte)).count();
            let line_end = self.body.len() - tail.len() + padding;
            let next = match &tail[padding..] {
                [] | [b'\r'] => self.body.len(),
                [b'\n', ..] => line_end + 1,
                [b'\r', b'\n', ..] => line_end + 2,
                _ => return None,
            };
            Some(Delimiter { level, start, close, next })
        };
        self.open.iter().enumerate().rev().find_map(delimiter)
    }

    /// What closes a delimiter: two hyphens, or the dash that a word processor makes of them (K-05): U+2013 to U+2015
    /// in UTF-8; A1 A9 and A1 AA in CP949.
    fn close_mark<'t>(&self, tail: &'t [u8]) -> (Option<Close>, &'t [u8]) {
        let dash = || Some(Close::Dash(self.body.len() - tail.len()));
        match tail {
            [b'-', b'-', rest @ ..] => (Some(Close::Hyphens), rest),
            [0xE2, 0x80, 0x93..=0x95, rest @ ..] | [0xA1, 0xA9 | 0xAA, rest @ ..] => (dash(), rest),
            _ => (None, tail),
        }
    }

    /// Where the line break before a line begins; it belongs to the delimiter (RFC 2046 5.1.1).
    fn before_line(&self, start: usize) -> usize {
        match &self.body[..start] {
            [.., b'\r', b'\n'] => start - 2,
            [.., b'\n'] => start - 1,
            _ => start,
        }
    }

    /// Flags the line break that ends at `next` if it is a bare LF and the first one.
    fn note_line_end(&mut self, next: usize) {
        if !self.bare_lf && self.body[..next].ends_with(b"\n") && !self.body[..next].ends_with(b"\r\n") {
            self.bare_lf = true;
            self.flags.push(DeviationKind::LineEndLf, next - 1);
        }
    }

    /// A delimiter of the multipart at `level` ends its last part at `end`, and every multipart open inside it.
    fn end_parts(&mut self, level: usize, end: usize) {
        for depth in (level..self.open.len()).rev() {
            let child = self.open.get_mut(depth).and_then(|open| open.child.take());
            if let Some(part) = child.and_then(|child| self.parts.get_mut(child)) {
                // An empty body begins behind the line break that this delimiter shares with the header.
                part.body.end = end.max(part.body.start);
            }
            if depth > level {
                self.open.pop();
                self.flags.push(DeviationKind::CloseDelimiterMissing, end);
            }
        }
    }

    /// `body-part := MIME-part-headers [CRLF *OCTET]`, RFC 2046 5.1.1, up to where its body begins.
    fn begin_part(&mut self, delimiter: &Delimiter) -> Result<usize, Fatal> {
        let part = self.parts.len();
        if part > self.limits.parts {
            return Err(Fatal::limit("MIME parts", self.limits.parts, delimiter.start));
        }
        let Some(open) = self.open.last_mut() else {
            return Ok(delimiter.next);
        };
        let (parent, index) = (open.part, open.children);
        open.children += 1;
        open.child = Some(part);

        let (fields, header_end) = self.header_block(delimiter.next).map_err(|fatal| {
            let parent = super::path(&self.parts, parent);
            let dot = if parent.is_empty() { "" } else { "." };
            fatal.within(alloc::format!("{parent}{dot}part[{index}]"))
        })?;
        let start = self.blank_line(header_end);
        let mut new = Part {
            parent,
            index,
            fields,
            head: delimiter.next,
            header_end,
            body: start..self.body.len(),
            ..Part::default()
        };
        if let Some(field) = new.field("content-type") {
            new.content_type = media_type::content_type(field.raw, field.value_offset, self.flags);
        }
        if let Some(field) = new.field("content-disposition") {
            new.disposition = media_type::disposition(field.raw, field.value_offset, self.flags);
        }
        let media = new.content_type.clone().filter(MediaType::is_multipart);
        self.parts.push(new);
        if let Some(media) = media
            && !self.open_multipart(part, start, Some(&media))?
        {
            self.flags.push(DeviationKind::BoundaryMissing, media.offset);
        }
        Ok(start)
    }

    /// Makes a part whose body begins at `at` an open multipart, if a boundary can be had.
    ///
    /// The boundary is that of the Content-Type; else that of the first line, if it looks like a delimiter; so too
    /// when the declared one never occurs.
    fn open_multipart(&mut self, part: usize, at: usize, media: Option<&MediaType>) -> Result<bool, Fatal> {
        let level = self.open.len();
        let first = self.first_dash_line(at);
        let declared = media.and_then(MediaType::boundary);
        let Some(boundary) = declared.or(first.map(|(_, token)| token)) else {
            return Ok(false);
        };
        if level >= self.limits.mime_depth {
            let fatal = Fatal::limit("multiparts inside one another", self.limits.mime_depth, at);
            return Err(fatal.within(super::path(&self.parts, part)));
        }
        self.open.push(Open { part, boundary: boundary.to_vec(), children: 0, child: None });
        if let Some((offset, token)) = first {
            if declared.is_none() && media.is_some_and(MediaType::is_multipart) {
                self.flags.push(DeviationKind::BoundaryMissing, offset);
            }
            // The look-ahead ends at a delimiter of an enclosing multipart: one pass a level of nesting.
            if declared.is_some() && self.next_delimiter(at).is_none_or(|found| found.level != level) {
                self.flags.push(DeviationKind::BoundaryUndeclared, offset);
                if let Some(open) = self.open.last_mut() {
                    open.boundary = token.to_vec();
                }
            }
        }
        if let Some(part) = self.parts.get_mut(part) {
            part.is_multipart = true;
        }
        Ok(true)
    }

    /// The first line with text at or behind `at`, if it begins with `--` and is no delimiter of an open multipart:
    /// its offset, and what would be its boundary.
    fn first_dash_line(&self, at: usize) -> Option<(usize, &'a [u8])> {
        let blanks = self.body.get(at..)?.iter().take_while(|byte| byte.is_ascii_whitespace());
        let line = self.line(at + blanks.count())?;
        let begins = line.start == at || self.body[..line.start].ends_with(b"\n");
        let token = self.body[line.start..line.end].strip_prefix(b"--")?.trim_ascii_end();
        (begins && !token.is_empty() && self.delimiter_at(line.start).is_none()).then_some((line.start, token))
    }

    fn text(&self, line: Line) -> &'a [u8] {
        &self.body[line.start..line.end]
    }

    /// The line that begins at `at`; CRLF or LF ends it.
    fn line(&self, at: usize) -> Option<Line> {
        let rest = self.body.get(at..).filter(|rest| !rest.is_empty())?;
        let len = memchr::memchr(b'\n', rest);
        let text = &rest[..len.unwrap_or(rest.len())];
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        Some(Line { start: at, end: at + text.len(), next: len.map_or(self.body.len(), |len| at + len + 1) })
    }

    /// The only part of a multipart may hold delimiters that nobody declared (L-20): the part ends at the first of
    /// them, and what they introduce are its siblings.
    fn split_undeclared(&mut self) -> Result<(), Fatal> {
        let [entity, only] = &*self.parts else {
            return Ok(());
        };
        if only.is_multipart {
            return Ok(());
        }
        let (complete, range, whole) = (entity.complete, only.body.clone(), self.body);
        self.body = &whole[..range.end];
        if let Some((at, boundary)) = self.undeclared_line(range.start) {
            self.open = Vec::from([Open { part: 0, boundary: boundary.to_vec(), children: 1, child: Some(1) }]);
            // One such line alone may be text.
            if self.line(at).is_some_and(|line| self.next_delimiter(line.next).is_some()) {
                self.flags.push(DeviationKind::BoundaryUndeclared, at);
                self.scan(at)?;
            }
            self.open.clear();
        }
        self.body = whole;
        if let Some(entity) = self.parts.first_mut() {
            entity.complete = complete;
        }
        Ok(())
    }

    /// The first line behind an end tag that could be a delimiter: `--` and at least 8 characters of a boundary.
    ///
    /// Behind an end tag, because only there can the envelope be at its end: a subject may hold such lines too.
    fn undeclared_line(&self, from: usize) -> Option<(usize, &'a [u8])> {
        let mut at = from;
        loop {
            at += self.dashes.find(self.body.get(at..)?)? + 1;
            let token = self.line(at).map(|line| self.text(line).trim_ascii_end());
            let token = token.and_then(|text| text.strip_prefix(b"--")).unwrap_or_default();
            let is_boundary = (8..=70).contains(&token.len()) && token.iter().copied().all(is_boundary_char);
            if is_boundary && ends_in_end_tag(&self.body[from..at]) {
                return Some((at, token));
            }
        }
    }
}

/// `bchars := bcharsnospace / " "`, RFC 2046 5.1.1.
fn is_boundary_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte)
}

/// Whether the text ends in `</name>`, white space aside. No name is longer than the look-back.
fn ends_in_end_tag(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    let tail = &text[text.len().saturating_sub(256)..];
    let last = memchr::memrchr(b'<', tail).map(|at| &tail[at..]);
    last.is_some_and(|tag| tag.starts_with(b"</") && tag.ends_with(b">"))
}
