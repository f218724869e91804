//! The unit that HTTP carries: header fields and a body; and the `.http` file that holds one.

#[cfg(feature = "http")]
mod http;

use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use bytes::Bytes;

#[cfg(feature = "http")]
pub use self::http::HttpError;
use crate::limits::Limits;
use crate::location::Space;
use crate::mime::{self, Form};

/// A header field of an entity. Name and value may be any bytes: relays send a field whose name is two quotes (X-01).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// What stands before the first colon.
    pub name: Bytes,
    /// What stands behind it, without the blanks around it, folded lines joined.
    pub value: Bytes,
}

/// An HTTP message: start line, header fields in order, body. `Debug` does not print the body.
///
/// ```
/// use tongsa::Entity;
///
/// let entity = Entity::new("<a/>").with_header("Content-Type", "text/xml; charset=euc-kr");
/// assert_eq!(entity.header("content-type"), Some(&b"text/xml; charset=euc-kr"[..]));
/// assert_eq!(entity.to_http(), b"Content-Type: text/xml; charset=euc-kr\r\n\r\n<a/>");
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Entity {
    /// The request or status line, without its line break.
    pub start_line: Option<Bytes>,
    /// The header fields, in order.
    pub headers: Vec<Field>,
    /// The body, undecoded.
    pub body: Bytes,
}

impl fmt::Debug for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entity")
            .field("start_line", &self.start_line)
            .field("headers", &self.headers)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

impl Entity {
    /// An entity without header fields.
    pub fn new(body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..Self::default() }
    }

    /// Adds a header field behind the others.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<Bytes>, value: impl Into<Bytes>) -> Self {
        let (name, value) = (name.into(), value.into());
        self.headers.push(Field { name, value });
        self
    }

    /// The value of the first field with this name; ASCII letter case does not count.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.get(self.header_index(name)?).map(|field| &*field.value)
    }

    /// Which field is the first with this name; ASCII letter case does not count.
    pub fn header_index(&self, name: &str) -> Option<usize> {
        self.headers.iter().position(|field| field.name.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// Reads a `.http` file: an optional request or status line, header fields, a blank line, the body. CRLF or LF.
    ///
    /// A file whose first byte that is no blank is `<`, or that begins with `--`, is a bare body. The body is a slice
    /// of the file, whatever a Content-Length says. Of the limits, those on header fields apply.
    ///
    /// ```
    /// use tongsa::{Entity, Limits, Space};
    ///
    /// let file = "POST /mm7 HTTP/1.1\r\nContent-Type: text/xml\r\n\r\n<a/>";
    /// let file = Entity::parse_http(file.into(), &Limits::default())?;
    /// assert_eq!(file.entity.start_line.as_deref(), Some(&b"POST /mm7 HTTP/1.1"[..]));
    /// assert_eq!(file.entity.body, "<a/>");
    /// assert_eq!(file.file_offset(Space::Body, 1), 47);
    ///
    /// let error = Entity::parse_http("Server Error".into(), &Limits::default()).unwrap_err();
    /// assert_eq!(error.to_string(), "a header section without end at byte 12");
    /// # Ok::<(), tongsa::EntityError>(())
    /// ```
    ///
    /// # Errors
    /// When the header section has no end, holds a line that is no field, or passes a limit.
    pub fn parse_http(file: Bytes, limits: &Limits) -> Result<HttpFile, EntityError> {
        if mime::form(&file).0 != Form::Other {
            let layout = Layout { fields: Vec::new(), body: 0, len: file.len() };
            return Ok(HttpFile { entity: Self::new(file), layout });
        }
        let mut lines = Lines { file: &file, at: 0 };
        let mut fields = Vec::new();
        let mut open: Option<FieldLayout> = None;
        let mut start_line = None;
        let body = loop {
            let Some(line) = lines.next() else {
                return Err(EntityError::new(What::EndMissing, file.len()));
            };
            let text = &file[line.clone()];
            if text.is_empty() {
                break lines.at;
            }
            if line.start == 0 && is_start_line(text) {
                check_len(limits, line.start, line.end)?;
                start_line = Some(file.slice(line));
            } else if matches!(text[0], b' ' | b'\t') {
                // obs-fold, RFC 9112 5.2.
                let Some(field) = &mut open else {
                    return Err(EntityError::new(What::FoldStray, line.start));
                };
                check_len(limits, field.name.start, line.end)?;
                field.lines.push(trimmed(&file, line));
            } else {
                let Some(colon) = memchr::memchr(b':', text).map(|colon| line.start + colon) else {
                    return Err(EntityError::new(What::ColonMissing, line.start));
                };
                fields.extend(open.take());
                if fields.len() >= limits.fields {
                    return Err(EntityError::new(What::Fields(limits.fields), line.start));
                }
                check_len(limits, line.start, line.end)?;
                open = Some(FieldLayout {
                    name: line.start..colon,
                    lines: Vec::from([trimmed(&file, colon + 1..line.end)]),
                });
            }
        };
        fields.extend(open.take());
        let entity = Self {
            start_line,
            headers: fields.iter().map(|field| field.read(&file)).collect(),
            body: file.slice(body..),
        };
        let layout = Layout { fields, body, len: file.len() };
        Ok(HttpFile { entity, layout })
    }

    /// The `.http` form: start line, fields as `name: value`, a blank line, the body; line ends are CRLF.
    ///
    /// A body that [`parse_http`](Self::parse_http) takes for bare stands alone when there is nothing before it. Line
    /// breaks in the start line, a name or a value become blanks.
    pub fn to_http(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.body.len() + 1024);
        let mut put = |pieces: [&[u8]; 4]| {
            let one_line = |byte: &u8| {
                if matches!(byte, b'\r' | b'\n') { b' ' } else { *byte }
            };
            for piece in &pieces[..3] {
                out.extend(piece.iter().map(one_line));
            }
            out.extend_from_slice(pieces[3]);
        };
        if let Some(line) = &self.start_line {
            put([line, b"", b"", b"\r\n"]);
        }
        for field in &self.headers {
            put([&field.name, b": ", &field.value, b"\r\n"]);
        }
        let alone = self.start_line.is_none() && self.headers.is_empty();
        if !(alone && mime::form(&self.body).0 != Form::Other) {
            put([b"", b"", b"", b"\r\n"]);
        }
        out.extend_from_slice(&self.body);
        out
    }
}

/// An entity, and where things stood in the file it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpFile {
    /// What the file holds.
    pub entity: Entity,
    layout: Layout,
}

impl HttpFile {
    /// The byte in the file that a [`Location`](crate::Location) means, from its `space` and `offset`.
    ///
    /// What lies behind the end of a field or of the body gives that end.
    ///
    /// ```
    /// use tongsa::{Entity, Limits, Space};
    ///
    /// let file = Entity::parse_http("A:  b;\r\n\tc\r\n\r\n<a/>".into(), &Limits::default())?;
    /// assert_eq!(file.entity.headers[0].value, "b; c");
    /// assert_eq!(file.file_offset(Space::Header(0), 3), 4, "`b`: counted as in `A: b; c`");
    /// assert_eq!(file.file_offset(Space::Header(0), 6), 9, "`c`");
    /// # Ok::<(), tongsa::EntityError>(())
    /// ```
    pub fn file_offset(&self, space: Space, offset: usize) -> usize {
        let Layout { fields, body, len } = &self.layout;
        match space {
            Space::Header(index) => fields.get(index).map_or(*body, |field| field.file_offset(offset)),
            Space::Body => body.saturating_add(offset).min(*len),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Layout {
    fields: Vec<FieldLayout>,
    body: usize,
    len: usize,
}

/// Where a field stands in the file: its name, and what each of its lines holds of the value.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FieldLayout {
    name: Range<usize>,
    lines: Vec<Range<usize>>,
}

impl FieldLayout {
    /// The lines that hold something.
    fn pieces(&self) -> impl Iterator<Item = &Range<usize>> {
        self.lines.iter().filter(|piece| !piece.is_empty())
    }

    /// The field, its lines joined by one blank each. On one line, it is a slice of the file.
    fn read(&self, file: &Bytes) -> Field {
        let mut pieces = self.pieces();
        let value = match (pieces.next(), pieces.next()) {
            (None, _) => Bytes::new(),
            (Some(only), None) => file.slice(only.clone()),
            (Some(_), Some(_)) => {
                let texts: Vec<&[u8]> = self.pieces().map(|piece| &file[piece.clone()]).collect();
                texts.join(&b' ').into()
            }
        };
        let name = file.slice(self.name.clone());
        Field { name, value }
    }

    /// See [`Space::Header`] for what the offset counts.
    fn file_offset(&self, offset: usize) -> usize {
        let first = self.pieces().next().map_or(self.name.end + 1, |piece| piece.start);
        let Some(mut rest) = offset.checked_sub(self.name.len() + 2) else {
            return (self.name.start + offset).min(first);
        };
        let mut end = first;
        for piece in self.pieces() {
            end = piece.end;
            if rest <= piece.len() {
                return piece.start + rest;
            }
            rest -= piece.len() + 1;
        }
        end
    }
}

/// Lines that end in CRLF or LF; what has no line end is none.
struct Lines<'f> {
    file: &'f [u8],
    at: usize,
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let rest = self.file.get(self.at..)?;
        let text = &rest[..memchr::memchr(b'\n', rest)?];
        let start = self.at;
        self.at += text.len() + 1;
        Some(start..start + text.strip_suffix(b"\r").unwrap_or(text).len())
    }
}

/// The range without the blanks at its ends.
fn trimmed(file: &[u8], range: Range<usize>) -> Range<usize> {
    let text = &file[range.clone()];
    let start = range.start + text.len() - text.trim_ascii_start().len();
    start..start + text.trim_ascii().len()
}

/// `request-line / status-line`, RFC 9112 2.1. A request line may lack the version.
fn is_start_line(line: &[u8]) -> bool {
    let Some(blank) = memchr::memchr(b' ', line) else {
        return false;
    };
    let (method, target) = (&line[..blank], line[blank..].trim_ascii());
    let is_target = [&b"/"[..], b"*", b"http://", b"https://"].iter().any(|head| target.starts_with(head));
    let versioned = memchr::memmem::rfind(target, b"HTTP/").is_some_and(|at| at == 0 || target[at - 1] == b' ');
    line.starts_with(b"HTTP/")
        || (!method.is_empty() && method.iter().all(u8::is_ascii_uppercase) && (is_target || versioned))
}

fn check_len(limits: &Limits, start: usize, end: usize) -> Result<(), EntityError> {
    if end - start > limits.field_len {
        return Err(EntityError::new(What::FieldLen(limits.field_len), start + limits.field_len));
    }
    Ok(())
}

/// Why a `.http` file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {offset}")]
pub struct EntityError {
    what: What,
    offset: usize,
}

impl EntityError {
    fn new(what: What, offset: usize) -> Self {
        Self { what, offset }
    }

    /// The byte in the file.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum What {
    #[error("a header section without end")]
    EndMissing,
    #[error("a header line without a colon")]
    ColonMissing,
    #[error("a folded line without a header field above it")]
    FoldStray,
    #[error("more than {0} header fields")]
    Fields(usize),
    #[error("more than {0} bytes in a header field")]
    FieldLen(usize),
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::ToString;
    use std::vec;

    use proptest::prelude::*;

    use super::*;

    fn parse(file: &str) -> HttpFile {
        Entity::parse_http(file.to_string().into(), &Limits::default()).expect(file)
    }

    fn refuses(file: &str, expected: &str) {
        let error = Entity::parse_http(file.to_string().into(), &Limits::default()).map(|_| ());
        assert_eq!(error.map_err(|error| error.to_string()), Err(expected.to_string()));
    }

    #[test]
    fn takes_a_file_without_header_for_a_bare_body() {
        for file in ["<a/>", " \r\n<a/>", "--b\r\nContent-Type: x\r\n\r\n", "\n--b\n", "", " \n", "\u{feff}<a/>"] {
            let http = parse(file);
            assert_eq!(http.entity, Entity::new(file.to_string()), "{file:?}");
            assert_eq!(http.file_offset(Space::Body, 0), 0);
        }
    }

    #[test]
    fn tells_start_lines_from_fields() {
        for line in [
            "POST / HTTP/1.1",
            "POST http://192.0.2.1:8080// HTTP/1.0",
            "GET /a:b",
            "HTTP/1.1 200 OK",
            "POST  HTTP/1.1",
        ] {
            let http = parse(&format!("{line}\nA: b\n\nbody"));
            assert_eq!(http.entity.start_line.as_deref(), Some(line.as_bytes()));
            assert_eq!(http.entity.header("a"), Some(&b"b"[..]));
        }
        let http = parse("Host: http://x/\n\n");
        assert_eq!(http.entity.start_line, None);
    }

    #[test]
    fn keeps_any_field_name_and_splits_at_the_first_colon() {
        let http = parse("HTTP/1.1 200 OK\r\n\"\": \"\"\r\n: empty\r\nuser-agent:\r\nHost: a:1\r\n\r\n<a/>");
        let fields: Vec<_> = http.entity.headers.iter().map(|field| (&*field.name, &*field.value)).collect();
        let expected: [(&[u8], &[u8]); 4] =
            [(b"\"\"", b"\"\""), (b"", b"empty"), (b"user-agent", b""), (b"Host", b"a:1")];
        assert_eq!(fields, expected);
        assert_eq!(http.entity.header_index("HOST"), Some(3));
        assert_eq!(http.entity.header("none"), None);
    }

    #[test]
    fn maps_locations_to_the_file() {
        let text = "A: 1\r\nLong:   x;\r\n \t y=1 \r\n\t\r\nEmpty:\r\n\r\nbody";
        let http = parse(text);
        assert_eq!(http.entity.headers[1].value, "x; y=1");
        // As in `Long: x; y=1`.
        let offset = |offset| http.file_offset(Space::Header(1), offset);
        let find = |needle| text.find(needle).unwrap_or(0);
        assert_eq!(offset(0), find("Long"));
        assert_eq!(offset(4), find(":   x"));
        assert_eq!(offset(5), find(":   x") + 1);
        assert_eq!(offset(6), find("x;"));
        assert_eq!(offset(8), find("x;") + 2, "the fold, at the end of its line");
        assert_eq!(offset(9), find("y=1"));
        assert_eq!(offset(99), find("y=1") + 3);
        assert_eq!(http.file_offset(Space::Header(2), 7), find("Empty:") + 6);
        assert_eq!(http.file_offset(Space::Body, 2), find("dy"));
        assert_eq!(http.file_offset(Space::Body, usize::MAX), text.len());
        assert_eq!(http.file_offset(Space::Header(9), 0), find("body"));
    }

    #[test]
    fn refuses_header_sections_it_cannot_read() {
        refuses("A: b\r\n", "a header section without end at byte 6");
        refuses("A: b\r\n\r", "a header section without end at byte 7");
        refuses("A: b\nno colon\n\n", "a header line without a colon at byte 5");
        refuses("POST / HTTP/1.1\n folded\n\n", "a folded line without a header field above it at byte 16");
        let limits = Limits { fields: 1, field_len: 8, ..Limits::default() };
        let error = |file: &'static str| {
            Entity::parse_http(file.into(), &limits).map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(error("A: 12345\n\n"), Ok(()));
        assert_eq!(error("A: 12345\nB: 1\n\n"), Err("more than 1 header fields at byte 9".to_string()));
        assert_eq!(error("A: 123456\n\n"), Err("more than 8 bytes in a header field at byte 8".to_string()));
        assert_eq!(error("A: 1\n 23456\n\n"), Err("more than 8 bytes in a header field at byte 8".to_string()));
    }

    #[test]
    fn prints_no_body() {
        let debug = format!("{:?}", Entity::new("01000000001").with_header("A", "b"));
        assert!(debug.contains("11 bytes") && !debug.contains("0100"), "{debug}");
    }

    #[test]
    fn hands_out_slices_of_the_file() {
        let file = Bytes::from("A: b\r\n\r\nbody".to_string());
        let http = Entity::parse_http(file.clone(), &Limits::default());
        let body = http.map(|http| http.entity.body.as_ptr() as usize);
        assert_eq!(body.ok(), Some(file.as_ptr() as usize + 8));
    }

    proptest! {
        #[test]
        fn reads_back_what_it_wrote(
            start in prop::option::of(prop::sample::select(vec!["POST /mm7 HTTP/1.1", "HTTP/1.1 200 OK"])),
            fields in prop::collection::vec(("[a-zA-Z\"][a-zA-Z0-9\" -]{0,10}", "([!-~]([ -~]{0,20}[!-~])?)?"), 0..5),
            body: Vec<u8>,
            head in prop::sample::select(vec!["", "<", "--", " <", "\r\n", "\r\n--b\r\n", "A: b\r\n"]),
        ) {
            let body = [head.as_bytes(), &body].concat();
            let mut entity = Entity::new(body);
            entity.start_line = start.map(Bytes::from);
            for (name, value) in fields {
                entity = entity.with_header(name, value);
            }
            let looks_like_one = start.is_none() && entity.headers.first().is_some_and(|field| {
                is_start_line(&[&field.name, &b": "[..], &field.value].concat())
            });
            prop_assume!(!looks_like_one);
            let http = Entity::parse_http(entity.to_http().into(), &Limits::default());
            prop_assert_eq!(http.map(|http| http.entity), Ok(entity));
        }

        #[test]
        fn reads_any_bytes(pieces in prop::collection::vec(prop_oneof![
            prop::sample::select(vec![&b"\r\n"[..], b"\n", b":", b" ", b"\t", b"A: b\r\n", b"POST / HTTP/1.1\r\n", b"<", b"--", b"\r"]).prop_map(<[u8]>::to_vec),
            prop::collection::vec(any::<u8>(), 0..3),
        ], 0..20), offset: u8) {
            crate::laws::entity(&pieces.concat(), offset.into());
        }
    }
}
