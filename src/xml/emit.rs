//! The writer: well-formed XML, or, on request, quirks that the reader undoes exactly.

use alloc::string::String;
use alloc::vec::Vec;

use crate::charset::{Repertoire, can_encode, encode};
use crate::deviation::{DeviationKind, Quirks};

/// An element whose end tag has not been written yet.
#[derive(Clone, Copy)]
struct Open {
    /// Where its name begins in `names`.
    name: usize,
    /// Attributes written so far.
    attributes: usize,
}

/// What stands around the value of an attribute.
struct AttributeFrame {
    before: &'static str,
    opening: &'static str,
    closing: &'static str,
    /// A `<` in the value stands as it is (S-08).
    raw_lt: bool,
}

/// Writes one document. Names and their order are the caller's; what is escaped, and where a quirk
/// goes, is decided here.
///
/// A site (the declaration, an attribute, an end tag, the end) takes one quirk at most, the first
/// in the order of [`DeviationKind`], and only where the reader gives the same tree and flags that
/// very kind.
pub(crate) struct Writer {
    /// What has been written.
    pub(crate) out: Vec<u8>,
    /// The characters that can be written; the others become references.
    pub(crate) repertoire: Repertoire,
    /// The quirks wanted and those written.
    pub(crate) quirks: Quirks,
    open: Vec<Open>,
    /// The open elements' names as written, one behind the other.
    names: Vec<u8>,
    /// The start tag of the innermost element still lacks its `>`.
    in_tag: bool,
    /// The root element, as a dialect's list of quirks names it.
    root: &'static str,
    /// The end tag of the innermost element waits for what follows it: whether its quirk can be
    /// undone depends on that.
    end_pending: bool,
}

impl Writer {
    /// A writer that has written nothing.
    pub(crate) const fn new(repertoire: Repertoire, quirks: Quirks, root: &'static str) -> Self {
        Self {
            out: Vec::new(),
            repertoire,
            quirks,
            open: Vec::new(),
            names: Vec::new(),
            in_tag: false,
            root,
            end_pending: false,
        }
    }

    /// `<?xml version="1.0" encoding="euc-kr" ?>`, the blank before `?>` on request.
    pub(crate) fn declaration(&mut self, encoding: &str, blank_before_end: bool) {
        let blank = if self.quirks.prescribes(DeviationKind::XmlDeclarationBlank, self.root) {
            " "
        } else if self.out.is_empty() && self.quirks.take(DeviationKind::XmlPadding) {
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
        self.settle(false);
        self.close_start_tag();
        let begin = self.names.len();
        encode_name(name, self.repertoire, &mut self.names);
        self.open.push(Open { name: begin, attributes: 0 });
        self.out.push(b'<');
        self.out.extend_from_slice(self.names.get(begin..).unwrap_or_default());
        self.in_tag = true;
    }

    /// Adds an attribute to the element just begun.
    pub(crate) fn attribute(&mut self, name: &str, value: &str) {
        debug_assert!(self.in_tag, "an attribute behind the start tag");
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let later = open.attributes > 0;
        open.attributes += 1;
        let frame = self.attribute_frame(value, later);
        self.out.extend_from_slice(frame.before.as_bytes());
        encode_name(name, self.repertoire, &mut self.out);
        self.out.push(b'=');
        encode(frame.opening, self.repertoire, &mut self.out, reference);
        if frame.raw_lt {
            self.escaped(value, |c| if matches!(c, '<' | '>') { None } else { escape_in_value(c) });
        } else {
            self.escaped(value, escape_in_value);
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
            self.settle(false);
            self.close_start_tag();
            self.escaped(text, escape_in_text);
        }
    }

    #[cfg(test)]
    /// Adds bytes as they stand.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.settle(false);
            self.close_start_tag();
            self.out.extend_from_slice(bytes);
        }
    }

    /// Closes the innermost element: `</name>`, or `/>` if nothing was written inside.
    pub(crate) fn end(&mut self) {
        self.settle(true);
        self.close_element();
    }

    /// Closes the innermost element as [`end`](Self::end) does, but here its end tag may be a start
    /// tag (S-06) or have another name (K-10), provided that the end tag of the parent follows.
    pub(crate) fn end_operation(&mut self) {
        self.settle(false);
        let wanted = |kind| self.quirks.wanted.contains(kind) || self.quirks.prescribes(kind, self.local());
        let irregular = [DeviationKind::EndTagRepeatedStart, DeviationKind::EndTagMismatch].into_iter().any(wanted);
        let blank = self.quirks.wanted.contains(DeviationKind::EndTagBlank);
        if irregular && !blank && !self.in_tag && self.open.len() > 1 {
            self.end_pending = true;
        } else {
            self.close_element();
        }
    }

    /// The bytes, and the quirks written. All elements are closed by then.
    pub(crate) fn finish(mut self) -> (Vec<u8>, Quirks) {
        self.settle(false);
        debug_assert!(self.open.is_empty(), "an element is open");
        while !self.open.is_empty() {
            self.close_element();
        }
        if self.out.ends_with(b">") && self.quirks.take_at(DeviationKind::TextAfterRoot, self.root) {
            self.out.extend_from_slice(b"\nMMS Body");
        }
        (self.out, self.quirks)
    }

    fn close_start_tag(&mut self) {
        if core::mem::take(&mut self.in_tag) {
            self.out.push(b'>');
        }
    }

    fn close_element(&mut self) {
        if core::mem::take(&mut self.in_tag) {
            self.out.extend_from_slice(b"/>");
        } else if !self.open.is_empty() {
            let blank = self.quirks.prescribes(DeviationKind::EndTagBlank, self.local())
                || self.quirks.take(DeviationKind::EndTagBlank);
            self.end_tag(if blank { b"</ " } else { b"</" }, b"");
        }
        self.pop();
    }

    /// Writes the end tag that waits, now that it is known whether the end tag of its parent
    /// follows.
    fn settle(&mut self, parent_ends: bool) {
        if !core::mem::take(&mut self.end_pending) {
            return;
        }
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
        self.pop();
    }

    fn end_tag(&mut self, opening: &[u8], suffix: &[u8]) {
        self.out.extend_from_slice(opening);
        let name = self.open.last().and_then(|open| self.names.get(open.name..));
        self.out.extend_from_slice(name.unwrap_or_default());
        self.out.extend_from_slice(suffix);
        self.out.push(b'>');
    }

    fn pop(&mut self) {
        if let Some(open) = self.open.pop() {
            self.names.truncate(open.name);
        }
    }

    /// The open elements' names, the innermost first.
    fn open_names(&self) -> impl Iterator<Item = &[u8]> {
        let ends = core::iter::once(self.names.len()).chain(self.open.iter().rev().map(|open| open.name));
        self.open.iter().rev().zip(ends).map(|(open, end)| self.names.get(open.name..end).unwrap_or_default())
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

    /// Text with what `escape` names replaced, and references for characters outside the
    /// repertoire.
    fn escaped(&mut self, text: &str, escape: impl Fn(char) -> Option<&'static str>) {
        let mut rest = text;
        while let Some(at) = rest.find(|c| escape(c).is_some()) {
            let (plain, from) = rest.split_at(at);
            encode(plain, self.repertoire, &mut self.out, reference);
            let mut chars = from.chars();
            let written = chars.next().and_then(&escape).unwrap_or_default();
            self.out.extend_from_slice(written.as_bytes());
            rest = chars.as_str();
        }
        encode(rest, self.repertoire, &mut self.out, reference);
    }
}

/// A name; characters outside the repertoire are the caller's mistake.
fn encode_name(name: &str, repertoire: Repertoire, out: &mut Vec<u8>) {
    debug_assert!(name.chars().all(|c| can_encode(c, repertoire)), "a name outside the repertoire");
    encode(name, repertoire, out, |out, _, _| out.push(b'_'));
}

/// A character outside the repertoire: `&#46624;` (spec section 3.4).
fn reference(out: &mut Vec<u8>, c: char, _index: usize) {
    out.extend_from_slice(alloc::format!("&#{};", u32::from(c)).as_bytes());
}

/// Text as a writer of UTF-8 writes it.
pub(crate) fn push_text(out: &mut String, text: &str) {
    push_escaped(out, text, escape_in_text);
}

/// Whether the value of an attribute stands for itself in quotes: ASCII, and none of what is escaped there.
pub(crate) fn is_plain_value(value: &str) -> bool {
    let special = |byte: u8| !(b' '..=b'~').contains(&byte) || matches!(byte, b'"' | b'&' | b'<' | b'>');
    // Without an early end, so that it runs over many bytes at a time.
    !value.bytes().fold(false, |found, byte| found | special(byte))
}

/// The value of an attribute as a writer of UTF-8 writes it, without its quotes.
pub(crate) fn push_value(out: &mut String, value: &str) {
    if is_plain_value(value) {
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
    use crate::deviation::QuirkSet;

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
