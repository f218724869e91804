//! Body to tree: one forward pass over the lines that begin with `--` (RFC 2046 5.1.1, spec section 10 steps 1-4).

mod block;

use alloc::borrow::Cow;
use alloc::vec::Vec;

use memchr::memmem;

use super::media_type::{self, ContentType};
use super::{Encoding, FieldId, Part, PartField, Tree, check, field};
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
    content_type: Option<ContentType<'a>>,
    limits: &Limits,
    flags: &mut Flags,
) -> Result<Tree<'a>, Fatal> {
    let (form, at) = form(body);
    let says_multipart = content_type.as_ref().is_some_and(|given| given.media_type().is_multipart());
    let agrees = match form {
        Form::Blank => return Err(Fatal::new(DecodeErrorKind::BodyEmpty, 0)),
        Form::Other if !says_multipart => return Err(Fatal::new(DecodeErrorKind::NotMm7, at)),
        Form::Xml => !says_multipart,
        Form::Mime | Form::Other => says_multipart || content_type.is_none(),
    };
    if !agrees {
        flags.push(DeviationKind::BodyTypeMismatch, 0);
    }
    if form == Form::Xml {
        return Ok(Tree::of_entity(body, content_type, agrees, (1, 0)));
    }
    let tree = Tree::of_entity(body, content_type, agrees, (PARTS, FIELDS));
    let mut scanner = Scanner {
        body,
        limits,
        flags,
        tree,
        open: Vec::new(),
        ahead: None,
        dashes: memmem::Finder::new(b"\n--"),
        bare_lf: false,
    };
    // Leading blanks are no part of the first delimiter line; a preamble is what stands before it otherwise.
    let at = if form == Form::Mime { at } else { 0 };
    let boundary = scanner.tree.declared.as_ref().and_then(|head| head.boundary(&scanner.tree.params));
    if !scanner.open_multipart(0, at, boundary, says_multipart)? {
        return Err(Fatal::new(DecodeErrorKind::NoBoundary, at));
    }
    scanner.scan(at)?;
    scanner.split_undeclared()?;
    let tree = scanner.tree;
    if tree.leaves().next().is_none() {
        return Err(Fatal::new(DecodeErrorKind::NoRootPart, at));
    }
    check::parts(&tree, body, flags);
    Ok(tree)
}

// The lists of an ordinary message are less than 1 KiB each, which allocators have at hand.

/// How many parts a message has, about.
const PARTS: usize = 6;
/// How many header fields its parts have, about.
const FIELDS: usize = 18;

struct Scanner<'a, 'r> {
    body: &'a [u8],
    limits: &'r Limits,
    flags: &'r mut Flags,
    tree: Tree<'a>,
    /// The multiparts whose close delimiter has not come yet, outermost first.
    open: Vec<Open<'a>>,
    /// The next delimiter, where it was looked for already.
    ahead: Option<Delimiter>,
    dashes: memmem::Finder<'static>,
    /// A bare LF has been flagged: once a message.
    bare_lf: bool,
}

struct Open<'a> {
    part: usize,
    boundary: Cow<'a, [u8]>,
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
        while let Some(found) = self.ahead.take().or_else(|| self.next_delimiter(at)) {
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
            if let Some(part) = self.open.pop().and_then(|open| self.tree.parts.get_mut(open.part)) {
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
        let delimiter = |(level, open): (usize, &Open<'_>)| {
            let (close, tail) = self.close_mark(rest.strip_prefix(&*open.boundary)?);
            let next = self.behind_padding(self.body.len() - tail.len())?;
            Some(Delimiter { level, start, close, next })
        };
        self.open.iter().enumerate().rev().find_map(delimiter)
    }

    /// `transport-padding CRLF`, RFC 2046 5.1.1, or `transport-padding` at the end of the body: what is behind it.
    fn behind_padding(&self, at: usize) -> Option<usize> {
        let rest = &self.body[at..];
        let padding = rest.iter().take_while(|&&byte| field::is_wsp(byte)).count();
        match &rest[padding..] {
            [] | [b'\r'] => Some(self.body.len()),
            [b'\n', ..] => Some(at + padding + 1),
            [b'\r', b'\n', ..] => Some(at + padding + 2),
            _ => None,
        }
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
            if let Some(part) = child.and_then(|child| self.tree.parts.get_mut(child)) {
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
        let part = self.tree.parts.len();
        let most = self.limits.parts.min(Part::MOST);
        if part > most {
            return Err(Fatal::limit("MIME parts", most, delimiter.start));
        }
        let Some(open) = self.open.last_mut() else {
            return Ok(delimiter.next);
        };
        let (parent, index) = (open.part, open.children);
        open.children += 1;
        open.child = Some(part);

        let first = self.tree.fields.len();
        let header_end = self.header_block(delimiter.next).map_err(|fatal| {
            let parent = self.tree.path(parent);
            let dot = if parent.is_empty() { "" } else { "." };
            fatal.within(alloc::format!("{parent}{dot}part[{index}]"))
        })?;
        let start = self.behind_padding(header_end).unwrap_or(header_end);
        #[allow(clippy::cast_possible_truncation, reason = "there are no more than `Part::MOST`")]
        let mut new = Part {
            parent: parent as u32,
            index: index as u32,
            fields: first..self.tree.fields.len(),
            head: delimiter.next,
            header_len: u32::try_from(header_end - delimiter.next).unwrap_or(u32::MAX),
            body: start..self.body.len(),
            ..Part::default()
        };
        self.read_known(&mut new);
        let multipart = new.content_type.as_ref().filter(|head| head.is_multipart());
        let multipart = multipart.map(|head| (head.offset(), head.boundary(&self.tree.params)));
        self.tree.parts.push(new);
        if let Some((offset, boundary)) = multipart
            && !self.open_multipart(part, start, boundary, true)?
        {
            self.flags.push(DeviationKind::BoundaryMissing, offset);
        }
        Ok(start)
    }

    /// What the header fields of a part say of it, the first of each name.
    fn read_known(&mut self, part: &mut Part<'a>) {
        let Tree { fields, params, .. } = &mut self.tree;
        let fields = &fields[part.fields.clone()];
        let first = |id: FieldId| fields.iter().find(|field: &&PartField<'a>| field.id == id);
        if let Some(field) = first(FieldId::ContentType) {
            part.content_type = media_type::content_type(field.source(), params, self.flags);
        }
        if let Some(field) = first(FieldId::Disposition) {
            part.disposition = media_type::disposition(field.source(), params, self.flags);
        }
        if let Some(field) = first(FieldId::TransferEncoding) {
            part.encoding = Encoding::of(&field.value());
        }
    }

    /// Makes a part whose body begins at `at` an open multipart, if a boundary can be had.
    ///
    /// The boundary is the `declared` one of the Content-Type; else that of the first line, if it looks like a
    /// delimiter; so too when the declared one never occurs.
    fn open_multipart(
        &mut self,
        part: usize,
        at: usize,
        declared: Option<Cow<'a, [u8]>>,
        says_multipart: bool,
    ) -> Result<bool, Fatal> {
        let level = self.open.len();
        let is_declared = declared.is_some();
        let first = if is_declared { None } else { self.first_dash_line(at) };
        let Some(boundary) = declared.or(first.map(|(_, token)| token.into())) else {
            return Ok(false);
        };
        if level >= self.limits.mime_depth {
            let fatal = Fatal::limit("multiparts inside one another", self.limits.mime_depth, at);
            return Err(fatal.within(self.tree.path(part).into_owned()));
        }
        self.open.push(Open { part, boundary, children: 0, child: None });
        if let Some((offset, _)) = first.filter(|_| says_multipart) {
            self.flags.push(DeviationKind::BoundaryMissing, offset);
        }
        if is_declared {
            self.look_ahead(at, level);
        }
        if let Some(part) = self.tree.parts.get_mut(part) {
            part.is_multipart = true;
        }
        Ok(true)
    }

    /// Looks for a delimiter with the declared boundary of the innermost multipart. Where its first line looks like
    /// another and it has none, that line's boundary is taken.
    fn look_ahead(&mut self, at: usize, level: usize) {
        let own = |found: &Delimiter| found.level == level;
        self.ahead = self.delimiter_at(at).filter(own);
        if self.ahead.is_none()
            && let Some((offset, token)) = self.first_dash_line(at)
        {
            // It ends at a delimiter of an enclosing multipart: one pass a level of nesting.
            self.ahead = self.next_delimiter(at).filter(own);
            if self.ahead.is_none()
                && let Some(open) = self.open.last_mut()
            {
                self.flags.push(DeviationKind::BoundaryUndeclared, offset);
                open.boundary = token.into();
            }
        }
    }

    /// The first line with text at or behind `at`, if it begins with `--` and is no delimiter of an open multipart:
    /// its offset, and what would be its boundary.
    fn first_dash_line(&self, at: usize) -> Option<(usize, &'a [u8])> {
        let blanks = self.body.get(at..)?.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if !self.body[at + blanks..].starts_with(b"--") {
            return None;
        }
        let line = self.line(at + blanks)?;
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
        let [entity, only] = &*self.tree.parts else {
            return Ok(());
        };
        if only.is_multipart {
            return Ok(());
        }
        let (complete, range, whole) = (entity.complete, only.body.clone(), self.body);
        self.body = &whole[..range.end];
        if let Some((at, boundary)) = self.undeclared_line(range.start) {
            self.open = Vec::from([Open { part: 0, boundary: boundary.into(), children: 1, child: Some(1) }]);
            // One such line alone may be text.
            if self.line(at).is_some_and(|line| self.next_delimiter(line.next).is_some()) {
                self.flags.push(DeviationKind::BoundaryUndeclared, at);
                self.scan(at)?;
            }
            self.open.clear();
        }
        self.body = whole;
        if let Some(entity) = self.tree.parts.first_mut() {
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
