//! The writer: well-formed XML, or, on request, quirks that the reader undoes exactly.

use alloc::string::String;
use alloc::vec::Vec;

use super::grammar::{EACH, zero_bytes};
use crate::charset::{self, Repertoire, can_encode, encode};
use crate::deviation::{DeviationKind, QuirkSet, Quirks};
use crate::digits;

/// Where the names of the open elements stand in what has been written, the outermost first. As many as a message
/// commonly has need no allocation.
#[derive(Default)]
struct Open {
    near: [Name; 8],
    far: Vec<Name>,
    count: usize,
}

#[derive(Clone, Copy, Default)]
struct Name {
    at: usize,
    len: usize,
    /// Of an element of a table.
    tags: Option<&'static Tags>,
}

impl Open {
    fn push(&mut self, name: Name) {
        match self.near.get_mut(self.count) {
            Some(place) => *place = name,
            None => self.far.push(name),
        }
        self.count += 1;
    }

    fn pop(&mut self) -> Option<Name> {
        self.count = self.count.checked_sub(1)?;
        self.near.get(self.count).copied().or_else(|| self.far.pop())
    }

    /// The innermost first.
    fn iter(&self) -> impl Iterator<Item = Name> {
        let near = self.near.iter().take(self.count).rev();
        self.far.iter().rev().chain(near).copied()
    }
}

/// The tags of an element of a table, made with the table. To copy a whole array takes less than to copy some of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tags {
    start: [u8; Self::LEN],
    end: [u8; Self::LEN],
    /// How long the name is.
    len: usize,
}

impl Tags {
    const LEN: usize = 32;

    /// The tags of an element of this name, which is in ASCII.
    pub(crate) const fn of(name: &str) -> Self {
        Self::in_namespace("", name)
    }

    /// The same with a prefix.
    pub(crate) const fn in_namespace(prefix: &str, local: &str) -> Self {
        assert!(prefix.is_ascii() && local.is_ascii(), "a name beyond ASCII");
        let mut tags = Self { start: [b' '; Self::LEN], end: [b' '; Self::LEN], len: 0 };
        tags.append(prefix);
        if !prefix.is_empty() {
            tags.append(":");
        }
        tags.append(local);
        tags.start[0] = b'<';
        tags.start[tags.len + 1] = b'>';
        tags.end[0] = b'<';
        tags.end[1] = b'/';
        tags.end[tags.len + 2] = b'>';
        tags
    }

    const fn append(&mut self, text: &str) {
        let mut index = 0;
        while index < text.len() {
            self.start[self.len + 1] = text.as_bytes()[index];
            self.end[self.len + 2] = text.as_bytes()[index];
            self.len += 1;
            index += 1;
        }
    }
}

/// Appends so much of an array.
#[inline]
fn put(out: &mut Vec<u8>, array: &[u8; Tags::LEN], len: usize) {
    let end = out.len() + len;
    out.extend_from_slice(array);
    out.truncate(end);
}

/// What stands around the value of an attribute.
struct AttributeFrame {
    before: &'static str,
    opening: &'static str,
    closing: &'static str,
    /// A `<` in the value stands as it is (S-08).
    raw_lt: bool,
}

/// The quirks of XML.
pub(crate) const QUIRKS: QuirkSet = QuirkSet::of(&[
    DeviationKind::XmlPadding,
    DeviationKind::XmlDeclarationBlank,
    DeviationKind::QuoteTypographic,
    DeviationKind::QuoteMissing,
    DeviationKind::AttributeSeparator,
    DeviationKind::AttributeLt,
    DeviationKind::EndTagBlank,
    DeviationKind::EndTagRepeatedStart,
    DeviationKind::EndTagMismatch,
    DeviationKind::TextAfterRoot,
]);

/// Writes one document. Names and their order are the caller's; what is escaped, and where a quirk
/// goes, is decided here.
///
/// A site (the declaration, an attribute, an end tag, the end) takes one quirk at most, the first
/// in the order of [`DeviationKind`], and only where the reader gives the same tree and flags that
/// very kind.
pub(crate) struct Writer {
    /// What has been written, behind what stood there before.
    pub(crate) out: Vec<u8>,
    /// The characters that can be written; the others become references.
    pub(crate) repertoire: Repertoire,
    /// The quirks wanted and those written.
    pub(crate) quirks: Quirks,
    /// There is some quirk of XML to write.
    has_quirk: bool,
    /// Every tag begins a line, as the relay's serializer has it (spec section 3.4).
    pub(crate) lines: bool,
    /// Where the document begins.
    begin: usize,
    open: Open,
    pending: Pending,
    /// The root element, as a dialect's list of quirks names it.
    root: &'static str,
}

/// What the innermost element still lacks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pending {
    /// Only its end tag.
    End,
    /// The `>` of its start tag, in which no attribute stands.
    StartTag,
    /// The `>` of its start tag.
    StartTagWithAttribute,
    /// Its end tag, which waits for what follows it: whether its quirk can be undone depends on that.
    Settlement,
}

impl Writer {
    #[cfg(any(test, fuzzing))]
    /// A writer that has written nothing.
    pub(crate) fn new(repertoire: Repertoire, quirks: Quirks, root: &'static str) -> Self {
        Self::behind(Vec::new(), repertoire, quirks, root)
    }

    /// A writer of a document behind what has been written.
    pub(crate) fn behind(out: Vec<u8>, repertoire: Repertoire, quirks: Quirks, root: &'static str) -> Self {
        Self {
            begin: out.len(),
            out,
            repertoire,
            has_quirk: quirks.any_of(QUIRKS),
            quirks,
            lines: false,
            open: Open::default(),
            pending: Pending::End,
            root,
        }
    }

    /// `<?xml version="1.0" encoding="euc-kr" ?>`, the blank before `?>` (X-07) on request.
    pub(crate) fn declaration(&mut self, encoding: &str, blank_before_end: bool) {
        let blank = if self.quirks.prescribes(DeviationKind::XmlDeclarationBlank, self.root) {
            " "
        } else if self.out.len() == self.begin && self.quirks.take(DeviationKind::XmlPadding) {
            self.out.extend_from_slice(b"\r\n");
            ""
        } else if self.quirks.take(DeviationKind::XmlDeclarationBlank) {
            " "
        } else {
            ""
        };
        for piece in ["<?", blank, "xml version=\"1.0\" encoding=\"", encoding, "\""] {
            self.out.extend_from_slice(piece.as_bytes());
        }
        self.out.extend_from_slice(if blank_before_end { b" ?>" } else { b"?>" });
    }

    /// Begins an element: `<name`.
    pub(crate) fn start(&mut self, name: &str) {
        self.start_with(|xml| encode_name(name, xml.repertoire, &mut xml.out));
    }

    /// Begins an element of a table: `<prefix:local`, `<local` without a prefix.
    pub(crate) fn start_in(&mut self, prefix: &'static str, local: &'static str) {
        self.start_with(|xml| xml.name(prefix, local));
    }

    fn start_with(&mut self, name: impl FnOnce(&mut Self)) {
        self.begin_inside();
        self.begin_line();
        self.out.push(b'<');
        let at = self.out.len();
        name(self);
        self.open.push(Name { at, len: self.out.len() - at, tags: None });
        self.pending = Pending::StartTag;
    }

    /// Begins an element of a table.
    pub(crate) fn start_tagged(&mut self, tags: &'static Tags) {
        self.begin_inside();
        self.begin_line();
        let at = self.out.len() + 1;
        // Without the `>`, before which an attribute may stand.
        put(&mut self.out, &tags.start, tags.len + 1);
        self.open.push(Name { at, len: tags.len, tags: Some(tags) });
        self.pending = Pending::StartTag;
    }

    /// An element of a table that holds text alone.
    pub(crate) fn leaf(&mut self, tags: &'static Tags, text: &str) {
        if self.has_quirk || text.is_empty() {
            self.start_tagged(tags);
            self.text(text);
            return self.end();
        }
        self.begin_inside();
        self.begin_line();
        put(&mut self.out, &tags.start, tags.len + 2);
        self.escaped_text(text);
        put(&mut self.out, &tags.end, tags.len + 3);
    }

    /// Adds an attribute to the element just begun.
    pub(crate) fn attribute(&mut self, name: &str, value: &str) {
        self.attribute_with(|xml| encode_name(name, xml.repertoire, &mut xml.out), value);
    }

    /// Adds an attribute of a table, with a prefix or without.
    pub(crate) fn attribute_in(&mut self, prefix: &'static str, local: &'static str, value: &str) {
        self.attribute_with(|xml| xml.name(prefix, local), value);
    }

    /// Adds an attribute of a table with a value in which every character stands for itself.
    pub(crate) fn constant_in(&mut self, prefix: &'static str, local: &'static str, value: &'static str) {
        debug_assert!(is_plain(value, IN_VALUE), "a value to escape");
        if self.has_quirk {
            return self.attribute_in(prefix, local, value);
        }
        self.pending = Pending::StartTagWithAttribute;
        self.out.push(b' ');
        self.name(prefix, local);
        self.out.extend_from_slice(b"=\"");
        self.out.extend_from_slice(value.as_bytes());
        self.out.push(b'"');
    }

    fn attribute_with(&mut self, name: impl FnOnce(&mut Self), value: &str) {
        debug_assert!(self.is_in_tag(), "an attribute behind the start tag");
        let later = self.pending == Pending::StartTagWithAttribute;
        self.pending = Pending::StartTagWithAttribute;
        if !self.has_quirk {
            self.out.push(b' ');
            name(self);
            self.out.extend_from_slice(b"=\"");
            self.value(value);
            self.out.push(b'"');
            return;
        }
        let frame = self.attribute_frame(value, later);
        self.out.extend_from_slice(frame.before.as_bytes());
        name(self);
        self.out.push(b'=');
        encode(frame.opening, self.repertoire, &mut self.out, reference);
        if frame.raw_lt {
            let escape = |c| if matches!(c, '<' | '>') { None } else { escape_in_value(c) };
            self.escaped(value, IN_VALUE, escape);
        } else {
            self.value(value);
        }
        encode(frame.closing, self.repertoire, &mut self.out, reference);
    }

    /// What stands around an attribute's value: what the dialect prescribes for the element, or else the first quirk asked
    /// for that has occasion.
    fn attribute_frame(&mut self, value: &str, later: bool) -> AttributeFrame {
        let quotes = match self.repertoire {
            Repertoire::Utf8 => ("»", "»"),
            Repertoire::KsX1001 | Repertoire::Cp949 => ("“", "”"),
        };
        let mut frame = AttributeFrame { before: " ", opening: "\"", closing: "\"", raw_lt: false };
        let local = self.local();
        let prescribed = |kind| self.quirks.prescribes(kind, local);
        let separated = later && prescribed(DeviationKind::AttributeSeparator);
        let typographic = prescribed(DeviationKind::QuoteTypographic);
        let missing = needs_no_quote(value) && prescribed(DeviationKind::QuoteMissing);
        let raw_lt = may_hold_lt(value) && prescribed(DeviationKind::AttributeLt);
        if separated {
            frame.before = "; ";
        }
        if typographic {
            (frame.opening, frame.closing) = quotes;
        } else if missing {
            frame.opening = "";
        }
        frame.raw_lt = raw_lt;
        if separated || typographic || missing || raw_lt {
            return frame;
        }
        if self.quirks.take(DeviationKind::QuoteTypographic) {
            (frame.opening, frame.closing) = quotes;
        } else if needs_no_quote(value) && self.quirks.take(DeviationKind::QuoteMissing) {
            frame.opening = "";
        } else if later && self.quirks.take(DeviationKind::AttributeSeparator) {
            frame.before = "; ";
        } else if may_hold_lt(value) && self.quirks.take(DeviationKind::AttributeLt) {
            frame.raw_lt = true;
        }
        frame
    }

    /// The local name of the innermost element.
    fn local(&self) -> &str {
        let name = self.open_names().next().unwrap_or_default();
        let local = memchr::memrchr(b':', name).map_or(name, |colon| &name[colon + 1..]);
        core::str::from_utf8(local).unwrap_or_default()
    }

    /// Adds text to the innermost element.
    pub(crate) fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.begin_inside();
            self.escaped_text(text);
        }
    }

    fn escaped_text(&mut self, text: &str) {
        if is_plain(text, IN_TEXT) {
            self.out.extend_from_slice(text.as_bytes());
        } else {
            self.escaped(text, IN_TEXT, escape_in_text);
        }
    }

    /// Adds markup as it stands: whole elements, or tags that match those that are added so later.
    pub(crate) fn markup(&mut self, markup: &str) {
        self.begin_inside();
        self.out.extend_from_slice(markup.as_bytes());
    }

    #[cfg(test)]
    /// Adds bytes as they stand.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.begin_inside();
            self.out.extend_from_slice(bytes);
        }
    }

    /// Closes the innermost element: `</name>`, or `/>` if nothing was written inside.
    pub(crate) fn end(&mut self) {
        if self.pending == Pending::Settlement {
            self.settle(true);
        }
        self.close_element();
    }

    /// Closes the innermost element as [`end`](Self::end) does, but here its end tag may be a start
    /// tag (S-06) or have another name (K-10), provided that the end tag of the parent follows.
    pub(crate) fn end_operation(&mut self) {
        if !self.has_quirk {
            return self.close_element();
        }
        if self.pending == Pending::Settlement {
            self.settle(false);
        }
        let wanted = |kind| self.quirks.wanted.contains(kind) || self.quirks.prescribes(kind, self.local());
        let irregular = [DeviationKind::EndTagRepeatedStart, DeviationKind::EndTagMismatch].into_iter().any(wanted);
        let blank = self.quirks.wanted.contains(DeviationKind::EndTagBlank);
        if irregular && !blank && !self.is_in_tag() && self.open.count > 1 {
            self.pending = Pending::Settlement;
        } else {
            self.close_element();
        }
    }

    /// The bytes, and the quirks written.
    pub(crate) fn finish(mut self) -> (Vec<u8>, Quirks) {
        self.end_document();
        (self.out, self.quirks)
    }

    /// What stands behind the root element; all elements are closed by then.
    pub(crate) fn end_document(&mut self) {
        if self.pending == Pending::Settlement {
            self.settle(false);
        }
        debug_assert!(self.open.count == 0, "an element is open");
        while self.open.count > 0 {
            self.close_element();
        }
        let closed = self.out.len() > self.begin && self.out.ends_with(b">");
        if closed && self.quirks.take_at(DeviationKind::TextAfterRoot, self.root) {
            self.out.extend_from_slice(b"\nMMS Body");
        }
    }

    /// What stands before a tag. Neither in text nor in a value does `>` stand at the end, so what ends in one is a tag.
    #[inline]
    fn begin_line(&mut self) {
        if self.lines && self.out.len() > self.begin && self.out.ends_with(b">") {
            self.out.extend_from_slice(b"\r\n");
        }
    }

    /// A name of a table, which is in ASCII.
    #[inline]
    fn name(&mut self, prefix: &'static str, local: &'static str) {
        debug_assert!(prefix.is_ascii() && local.is_ascii(), "a name beyond ASCII");
        if !prefix.is_empty() {
            self.out.extend_from_slice(prefix.as_bytes());
            self.out.push(b':');
        }
        self.out.extend_from_slice(local.as_bytes());
    }

    #[inline]
    const fn is_in_tag(&self) -> bool {
        matches!(self.pending, Pending::StartTag | Pending::StartTagWithAttribute)
    }

    /// What stands before anything inside the innermost element.
    #[inline]
    fn begin_inside(&mut self) {
        match self.pending {
            Pending::End => {}
            Pending::StartTag | Pending::StartTagWithAttribute => self.out.push(b'>'),
            Pending::Settlement => self.settle(false),
        }
        self.pending = Pending::End;
    }

    fn close_element(&mut self) {
        if self.is_in_tag() {
            self.out.extend_from_slice(b"/>");
            self.open.pop();
        } else if self.has_quirk && self.open.count > 0 {
            let kind = DeviationKind::EndTagBlank;
            let blank = self.quirks.prescribes(kind, self.local()) || self.quirks.take(kind);
            self.end_tag(if blank { b"</ " } else { b"</" }, b"");
        } else {
            self.end_tag(b"</", b"");
        }
        self.pending = Pending::End;
    }

    /// Writes the end tag that waits, now that it is known whether the end tag of its parent
    /// follows.
    fn settle(&mut self, parent_ends: bool) {
        self.pending = Pending::End;
        // A start tag before an end tag of the same name is an empty element.
        let told_apart = self.open_names().nth(1) != self.open_names().next();
        let prescribed = self.quirks.prescribes(DeviationKind::EndTagRepeatedStart, self.local());
        if parent_ends && told_apart && (prescribed || self.quirks.take(DeviationKind::EndTagRepeatedStart)) {
            self.end_tag(b"<", b"");
        } else if parent_ends && self.quirks.take(DeviationKind::EndTagMismatch) {
            let suffix = self.foreign_suffix();
            self.end_tag(b"</", &suffix);
        } else {
            self.end_tag(b"</", b"");
        }
    }

    /// The end tag of the innermost element.
    fn end_tag(&mut self, opening: &[u8], suffix: &[u8]) {
        let Some(Name { at, len, tags }) = self.open.pop() else { return };
        self.begin_line();
        if let (Some(tags), false) = (tags, self.has_quirk) {
            return put(&mut self.out, &tags.end, tags.len + 3);
        }
        self.out.extend_from_slice(opening);
        self.out.extend_from_within(at..at + len);
        self.out.extend_from_slice(suffix);
        self.out.push(b'>');
    }

    /// The open elements' names, the innermost first.
    fn open_names(&self) -> impl Iterator<Item = &[u8]> {
        self.open.iter().map(|Name { at, len, .. }| self.out.get(at..at + len).unwrap_or_default())
    }

    /// What makes the innermost name one that no open element has.
    fn foreign_suffix(&self) -> Vec<u8> {
        let mut suffix = Vec::from(*b"X");
        let name = self.open_names().next().unwrap_or_default();
        while self.open_names().any(|open| open.strip_prefix(name) == Some(&suffix)) {
            suffix.push(b'X');
        }
        suffix
    }

    /// The value of an attribute.
    fn value(&mut self, value: &str) {
        if is_plain(value, IN_VALUE) {
            self.out.extend_from_slice(value.as_bytes());
        } else {
            self.escaped(value, IN_VALUE, escape_in_value);
        }
    }

    /// Text with what `escape` names replaced, and references for characters outside the repertoire. Of ASCII it names
    /// none but those of the class.
    fn escaped(&mut self, text: &str, class: u8, escape: impl Fn(char) -> Option<&'static str>) {
        // No character takes more bytes than in UTF-8, but for those that are replaced.
        self.out.reserve(text.len());
        let repertoire = self.repertoire;
        let special = |byte| CLASSES[usize::from(byte)] & class != 0;
        charset::encode_with(text, repertoire, &mut self.out, special, |out, c, _| {
            if let Some(escaped) = escape(c) {
                out.extend_from_slice(escaped.as_bytes());
            } else if !charset::push(c, repertoire, out) {
                reference(out, c, 0);
            }
        });
    }
}

/// An ASCII character that does not stand for itself in text, in a value; a byte beyond ASCII.
const IN_TEXT: u8 = 1;
const IN_VALUE: u8 = 2;
const HIGH: u8 = 4;

/// The classes of every byte.
static CLASSES: [u8; 256] = {
    let mut classes = [HIGH; 256];
    let mut byte = 0;
    while byte < 0x80_u8 {
        let in_text = if escape_in_text(byte as char).is_some() { IN_TEXT } else { 0 };
        let in_value = if escape_in_value(byte as char).is_some() { IN_VALUE } else { 0 };
        classes[byte as usize] = in_text | in_value;
        byte += 1;
    }
    classes
};

/// Whether every character stands for itself where those of this class do not.
fn is_plain(text: &str, class: u8) -> bool {
    let bytes = text.as_bytes();
    // Mostly that can be told eight bytes at a time. The last eight are looked at with some before them.
    let in_words = bytes.last_chunk().is_some_and(|last| {
        bytes.as_chunks().0.iter().chain([last]).all(|chunk| is_plain_word(u64::from_le_bytes(*chunk)))
    });
    in_words || bytes.iter().all(|&byte| CLASSES[usize::from(byte)] & (class | HIGH) == 0)
}

/// The same of eight bytes: none is beyond ASCII, a control, or one of `"&<>`.
const fn is_plain_word(word: u64) -> bool {
    // `"` and `&` differ in one bit, and so do `<` and `>`.
    let quotes = zero_bytes((word & !(EACH * 0x04)) ^ (EACH * 0x22));
    let angles = zero_bytes((word & !(EACH * 0x02)) ^ (EACH * 0x3C));
    let controls = zero_bytes(word & (EACH * 0xE0));
    (word | quotes | angles | controls) & (EACH * 0x80) == 0
}

/// A name; characters outside the repertoire are the caller's mistake.
fn encode_name(name: &str, repertoire: Repertoire, out: &mut Vec<u8>) {
    debug_assert!(name.chars().all(|c| can_encode(c, repertoire)), "a name outside the repertoire");
    encode(name, repertoire, out, |out, _, _| out.push(b'_'));
}

/// A character outside the repertoire: `&#46624;` (spec section 3.4).
fn reference(out: &mut Vec<u8>, c: char, _index: usize) {
    out.extend_from_slice(b"&#");
    digits::push(out, u32::from(c).into());
    out.push(b';');
}

/// Text as a writer of UTF-8 writes it.
pub(crate) fn push_text(out: &mut String, text: &str) {
    push_escaped(out, text, escape_in_text);
}

/// Whether the value of an attribute stands for itself in quotes: ASCII, and none of what is escaped there.
pub(crate) fn is_plain_value(value: &[u8]) -> bool {
    let special = |byte: u8| !(b' '..=b'~').contains(&byte) || matches!(byte, b'"' | b'&' | b'<' | b'>');
    // Without an early end, so that it runs over many bytes at a time.
    !value.iter().fold(false, |found, &byte| found | special(byte))
}

/// The value of an attribute as a writer of UTF-8 writes it, without its quotes.
pub(crate) fn push_value(out: &mut String, value: &str) {
    if is_plain_value(value.as_bytes()) {
        return out.push_str(value);
    }
    push_escaped(out, value, escape_in_value);
}

fn push_escaped(out: &mut String, text: &str, escape: impl Fn(char) -> Option<&'static str>) {
    let mut plain = 0;
    for (at, c) in text.char_indices() {
        let escaped = escape(c);
        if escaped.is_none() && can_encode(c, Repertoire::Utf8) {
            continue;
        }
        out.push_str(&text[plain..at]);
        match escaped {
            Some(escaped) => out.push_str(escaped),
            None => out.push_str(&alloc::format!("&#{};", u32::from(c))),
        }
        plain = at + c.len_utf8();
    }
    out.push_str(&text[plain..]);
}

/// `CharData`, XML 1.0 section 2.4; a raw CR would be read as LF (section 2.11).
const fn escape_in_text(c: char) -> Option<&'static str> {
    match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '\r' => Some("&#13;"),
        _ => None,
    }
}

/// `AttValue`, section 2.3; raw white space would be read as blanks (section 3.3.3), and a
/// typographic quote could be taken for the closing one (S-35).
const fn escape_in_value(c: char) -> Option<&'static str> {
    match c {
        '"' => Some("&quot;"),
        '\t' => Some("&#9;"),
        '\n' => Some("&#10;"),
        '«' => Some("&#171;"),
        '»' => Some("&#187;"),
        '‘' => Some("&#8216;"),
        '’' => Some("&#8217;"),
        '“' => Some("&#8220;"),
        '”' => Some("&#8221;"),
        '„' => Some("&#8222;"),
        _ => escape_in_text(c),
    }
}

/// Whether a `<` in the value can stand as it is: there is one, and a document that is cut off inside the value does not
/// look whole.
fn may_hold_lt(value: &str) -> bool {
    value.contains('<') && !value.contains("/>")
}

/// Whether a value without its opening quote is read up to the closing one: no byte of it ends a
/// tag or a value.
fn needs_no_quote(value: &str) -> bool {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '_' | '/' | '-');
    !value.is_empty() && !value.ends_with('/') && value.chars().all(safe)
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::super::grammar::TYPOGRAPHIC;
    use super::*;

    fn writer(codes: &str) -> Writer {
        let wanted = QuirkSet::from_codes(codes).expect("quirks");
        Writer::new(Repertoire::Utf8, Quirks::new(wanted, &[]), "")
    }

    /// What a small envelope becomes under the quirks, and which of them were written.
    fn envelope(codes: &str) -> (String, QuirkSet) {
        let mut writer = writer(codes);
        writer.declaration("utf-8", false);
        writer.start("e");
        writer.start("s");
        writer.start("c");
        writer.attribute("a", "x y");
        writer.attribute("b", "cid:1");
        writer.end();
        writer.end_operation();
        writer.end();
        let (bytes, quirks) = writer.finish();
        (String::from_utf8(bytes).expect("UTF-8"), quirks.written)
    }

    #[test]
    fn writes_plain_xml_when_no_quirk_is_wanted() {
        let mut writer = writer("");
        writer.declaration("euc-kr", true);
        writer.start("p:a");
        writer.attribute("xmlns:p", "urn:p");
        writer.attribute("b", "\"'&<>\t\n\r“");
        writer.text("\"'&<>\t\n\r“");
        writer.start("c");
        writer.text("");
        writer.end();
        writer.raw(b"<!-- d -->");
        writer.end();
        let (bytes, quirks) = writer.finish();
        let expected = concat!(
            "<?xml version=\"1.0\" encoding=\"euc-kr\" ?>",
            "<p:a xmlns:p=\"urn:p\" b=\"&quot;'&amp;&lt;&gt;&#9;&#10;&#13;&#8220;\">",
            "\"'&amp;&lt;&gt;\t\n&#13;“<c/><!-- d --></p:a>",
        );
        assert_eq!(String::from_utf8_lossy(&bytes), expected);
        assert!(quirks.written.is_empty());
    }

    #[test]
    fn writes_references_for_what_the_repertoire_lacks() {
        for (repertoire, expected) in [
            (Repertoire::KsX1001, &b"<a b=\"\xB0\xA1&#46624;&#128512;\">\xB0\xA1&#46624;&#128512;</a>"[..]),
            (Repertoire::Cp949, b"<a b=\"\xB0\xA1\x8Cc&#128512;\">\xB0\xA1\x8Cc&#128512;</a>"),
        ] {
            let mut writer = Writer::new(repertoire, Quirks::default(), "");
            writer.start("a");
            writer.attribute("b", "가똠😀");
            writer.text("가똠😀");
            writer.end();
            assert_eq!(writer.finish().0, expected, "{repertoire:?}");
        }
    }

    #[test]
    fn tells_plain_text_as_the_table_of_classes_does() {
        for byte in 0..=0x7F_u8 {
            for len in [8, 9, 15, 16, 23] {
                for at in 0..len {
                    let mut text = std::vec![b'a'; len];
                    text[at] = byte;
                    let text = core::str::from_utf8(&text).expect("ASCII");
                    for class in [IN_TEXT, IN_VALUE] {
                        let special = CLASSES[usize::from(byte)] & class != 0;
                        assert_eq!(is_plain(text, class), !special, "{text:?}");
                    }
                }
            }
        }
        assert!(!is_plain("abcdefgh가", IN_TEXT));
    }

    #[test]
    fn escapes_between_characters_of_two_bytes() {
        for (text, expected) in [
            ("가", &b"\xB0\xA1"[..]),
            ("가&", b"\xB0\xA1&amp;"),
            ("<가>\r\n&&나\r", b"&lt;\xB0\xA1&gt;&#13;\n&amp;&amp;\xB3\xAA&#13;"),
            ("&#13;가", b"&amp;#13;\xB0\xA1"),
        ] {
            let mut writer = Writer::behind(b"<".to_vec(), Repertoire::KsX1001, Quirks::default(), "");
            writer.escaped_text(text);
            assert_eq!(writer.out, [b"<", expected].concat(), "{text:?}");
        }
    }

    #[test]
    fn closes_more_elements_than_have_a_place_of_their_own() {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
        let mut writer = writer("");
        names.iter().for_each(|name| writer.start(name));
        writer.text("1");
        names.iter().for_each(|_| writer.end());
        let tags = |tag: fn(&str) -> String| names.map(tag);
        let mut ends = tags(|name| std::format!("</{name}>"));
        ends.reverse();
        let expected = [tags(|name| std::format!("<{name}>")).concat(), "1".into(), ends.concat()].concat();
        assert_eq!(String::from_utf8_lossy(&writer.finish().0), expected);
    }

    #[test]
    fn escapes_every_typographic_quote_in_a_value() {
        for quote in TYPOGRAPHIC {
            let reference = alloc::format!("&#{};", u32::from(quote));
            assert_eq!(escape_in_value(quote), Some(reference.as_str()));
            assert_eq!(escape_in_text(quote), None);
        }
    }

    #[test]
    fn writes_each_quirk_where_it_can_be_undone() {
        for (code, expected) in [
            ("xml/padding", "\r\n<?xml version=\"1.0\" encoding=\"utf-8\"?><e><s><c a=\"x y\" b=\"cid:1\"/></s></e>"),
            (
                "xml/declaration-blank",
                "<? xml version=\"1.0\" encoding=\"utf-8\"?><e><s><c a=\"x y\" b=\"cid:1\"/></s></e>",
            ),
            ("xml/quote-typographic", "<?xml version=\"1.0\" encoding=\"utf-8\"?><e><s><c a=»x y» b=»cid:1»/></s></e>"),
            ("xml/quote-missing", "<?xml version=\"1.0\" encoding=\"utf-8\"?><e><s><c a=\"x y\" b=cid:1\"/></s></e>"),
            (
                "xml/attribute-separator",
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><e><s><c a=\"x y\"; b=\"cid:1\"/></s></e>",
            ),
            (
                "xml/end-tag-blank",
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><e><s><c a=\"x y\" b=\"cid:1\"/></ s></ e>",
            ),
            (
                "xml/end-tag-repeated-start",
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><e><s><c a=\"x y\" b=\"cid:1\"/><s></e>",
            ),
            (
                "xml/end-tag-mismatch",
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><e><s><c a=\"x y\" b=\"cid:1\"/></sX></e>",
            ),
            (
                "xml/text-after-root",
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><e><s><c a=\"x y\" b=\"cid:1\"/></s></e>\nMMS Body",
            ),
        ] {
            assert_eq!(envelope(code), (expected.into(), QuirkSet::from_codes(code).expect(code)));
        }
    }

    #[test]
    fn writes_one_quirk_a_site_in_the_order_of_the_kinds() {
        let (text, written) = envelope(
            "xml/padding,xml/declaration-blank,xml/quote-missing,xml/attribute-separator,\
             xml/end-tag-repeated-start,xml/end-tag-mismatch",
        );
        assert_eq!(text, "\r\n<?xml version=\"1.0\" encoding=\"utf-8\"?><e><s><c a=\"x y\" b=cid:1\"/><s></e>");
        let expected = "xml/padding,xml/quote-missing,xml/end-tag-repeated-start";
        assert_eq!(written, QuirkSet::from_codes(expected).expect(expected));
    }

    #[test]
    fn keeps_the_end_tag_where_its_quirk_could_not_be_undone() {
        let mut writer = writer("xml/end-tag-repeated-start,xml/end-tag-mismatch");
        writer.start("e");
        writer.start("s");
        writer.text("1");
        writer.end_operation();
        writer.text("2");
        writer.start("e");
        writer.text("3");
        writer.end_operation();
        writer.end_operation();
        let (bytes, quirks) = writer.finish();
        // Text follows the first; the second is followed by an end tag that might be irregular
        // itself; the root has no parent.
        assert_eq!(String::from_utf8_lossy(&bytes), "<e><s>1</s>2<e>3</e></e>");
        assert!(quirks.written.is_empty());
    }

    #[test]
    fn keeps_the_end_tag_of_an_element_in_one_of_the_same_name() {
        let mut writer = writer("xml/end-tag-repeated-start");
        for _ in 0..3 {
            writer.start("a");
        }
        writer.text("1");
        writer.end_operation();
        writer.end();
        writer.end();
        let (bytes, quirks) = writer.finish();
        assert_eq!(String::from_utf8_lossy(&bytes), "<a><a><a>1</a></a></a>");
        assert!(quirks.written.is_empty());
    }

    #[test]
    fn leaves_the_quote_off_only_where_the_value_is_plain() {
        for (value, plain) in [
            ("cid:a-1.b_c/d", true),
            ("", false),
            ("http://soap.example/", false),
            ("a b", false),
            ("a<b>", false),
            ("가", false),
        ] {
            assert_eq!(needs_no_quote(value), plain, "{value}");
        }
    }

    #[test]
    fn writes_a_foreign_name_that_no_open_element_has() {
        let mut writer = writer("xml/end-tag-mismatch");
        writer.start("aX");
        writer.start("a");
        writer.text("1");
        writer.end_operation();
        writer.end();
        assert_eq!(String::from_utf8_lossy(&writer.finish().0), "<aX><a>1</aXX></aX>");
    }
}
