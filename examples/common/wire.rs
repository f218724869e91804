//! The pieces of a payload by what its lines and tags look like: header fields, MIME delimiters, content, markup.
//!
//! Malformed input has pieces too, and nothing is judged. Whoever looks at them here asks the decoder what they mean.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;

use encoding_rs::EUC_KR;

/// Header fields that begin with an enumerated word and go on in parameters.
pub const TYPED_FIELDS: &[&str] = &["content-type", "content-disposition"];

/// First bytes of media that a reader knows them by.
pub const MAGIC: &[&[u8]] = &[b"\xFF\xD8\xFF", b"GIF87a", b"GIF89a", b"\x89PNG\r\n\x1A\n", b"MThd", b"RIFF", b"SIS"];

/// A stretch of the file.
#[derive(Debug)]
pub enum Piece {
    /// The request or status line.
    StartLine,
    /// A line of a header field; `name` is that of the field, in lower case, for its further lines too.
    Field {
        /// Of the field.
        name: String,
        /// In the header of a part, not of the entity.
        in_part: bool,
    },
    /// The empty line behind a header.
    Blank,
    /// A delimiter line.
    Delimiter {
        /// Where its boundary stands in the file.
        boundary: Range<usize>,
        /// Something stands behind the boundary.
        close: bool,
    },
    /// What a part holds, or the entity, or what stands around parts.
    Content(Part),
}

/// What the header of a part says of its content, in lower case.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Without parameters.
    pub media_type: String,
    /// The transfer encoding.
    pub encoding: String,
    /// The charset that the part says, else that of the message.
    pub charset: Option<Vec<u8>>,
}

impl Part {
    /// Takes note of a line of a field.
    fn read(&mut self, name: &str, line: &[u8]) {
        let text = String::from_utf8_lossy(line).to_ascii_lowercase();
        let value = text.split_once(':').map_or("", |(_, value)| value.trim());
        match name {
            "content-type" => {
                if !value.is_empty() {
                    self.media_type = value.split([';', ' ', '\t']).next().unwrap_or_default().into();
                }
                self.charset = parameter(line, b"charset").map(|range| line[range].to_vec()).or(self.charset.take());
            }
            "content-transfer-encoding" => {
                self.encoding = value.split([';', ' ', '<']).next().unwrap_or_default().into();
            }
            _ => {}
        }
    }

    /// The content is base64, whether it says so or only looks so.
    pub fn is_base64(&self, content: &[u8]) -> bool {
        let heads: [&[u8]; 5] = [b"/9j/", b"R0lGOD", b"iVBORw", b"TVRoZA", b"UklGR"];
        let is_symbol = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=\r\n \t".contains(byte);
        let unsaid = matches!(&*self.encoding, "" | "7bit" | "8bit" | "binary");
        let looks_so =
            || heads.iter().any(|head| content.trim_ascii_start().starts_with(head)) && content.iter().all(is_symbol);
        self.encoding == "base64" || (unsaid && looks_so())
    }

    fn is_media(&self, content: &[u8]) -> bool {
        let is = |heads: &[&str]| heads.iter().any(|head| self.media_type.starts_with(head));
        if content.trim_ascii_start().starts_with(b"<") || is(&["text/", "multipart/"]) {
            return false;
        }
        let is_control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\r' | b'\n');
        is(&["image/", "audio/", "video/"])
            || MAGIC.iter().any(|magic| content.starts_with(magic))
            || content.iter().any(is_control)
    }
}

/// What a part holds, its transfer encoding undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// An image, sound or the like.
    Media,
    /// Tags, and text between them.
    Markup(Charset),
    /// Text alone.
    Text(Charset),
}

impl Part {
    /// What the bytes are, of which the transfer encoding is undone.
    pub fn holds(&self, bytes: &[u8]) -> Holds {
        if self.is_media(bytes) {
            return Holds::Media;
        }
        let begins = bytes.trim_ascii_start().starts_with(b"<") && self.media_type != "text/plain";
        let is_markup = begins || memchr::memmem::find(bytes, b"Envelope").is_some();
        let declaration = bytes.split(|&byte| byte == b'>').next().unwrap_or_default();
        let said = parameter(declaration, b"encoding").filter(|_| is_markup).map(|range| &bytes[range]);
        let charset = Charset::of(bytes, said.or(self.charset.as_deref()));
        if is_markup || self.media_type.ends_with("html") || self.media_type.ends_with("xml") {
            Holds::Markup(charset)
        } else {
            Holds::Text(charset)
        }
    }
}

/// What the file is made of, one piece behind the other.
pub fn pieces(file: &[u8]) -> Vec<(Range<usize>, Piece)> {
    let boundaries = Boundaries::of(file);
    let mut pieces: Vec<(Range<usize>, Piece)> = Vec::new();
    let head = file.trim_ascii_start();
    let bare = head.starts_with(b"<") || head.starts_with(b"--");
    let mut in_header = !bare;
    let mut in_part = bare;
    let mut field: Option<String> = None;
    let mut part = Part::default();
    // A part that names no charset is in that of the message.
    let mut message_charset = None;
    let mut start = 0;
    let mut lines = file.split_inclusive(|&byte| byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let range = start..start + line.len();
        start = range.end;
        let text = line.trim_ascii_end();
        let next = lines.peek().map_or(&[][..], |next| next);
        if let Some((len, close)) = boundaries.delimiter(text).filter(|_| in_part || !in_header) {
            (in_header, in_part, field) = (!close, true, None);
            part = Part { charset: message_charset.clone(), ..Part::default() };
            let boundary = range.start + 2..range.start + 2 + len;
            pieces.push((range, Piece::Delimiter { boundary, close }));
            continue;
        }
        if in_header {
            if text.is_empty() && line.len() <= 2 {
                in_header = false;
                pieces.push((range, Piece::Blank));
                continue;
            }
            if range.start == 0 && (text.starts_with(b"HTTP/") || text.windows(6).any(|head| head == b" HTTP/")) {
                pieces.push((range, Piece::StartLine));
                continue;
            }
            let folded = matches!(line[0], b' ' | b'\t') && field.is_some();
            let colon = memchr::memchr(b':', text).filter(|_| !folded);
            // A fold that was lost (S-24), or a line that is no field, among others.
            let typed = field.as_ref().is_some_and(|name| TYPED_FIELDS.contains(&&**name));
            let equals = memchr::memchr(b'=', text).filter(|&at| text.get(at + 1).is_some_and(|&byte| byte != b'='));
            let lost = colon.is_none() && (typed && equals.is_some() || heads_part(next));
            if !text.starts_with(b"<") && (folded || lost || colon.is_some() || !in_part) {
                if let Some(colon) = colon {
                    field = Some(
                        String::from_utf8_lossy(text[..colon].trim_ascii()).to_ascii_lowercase().replace('_', "-"),
                    );
                }
                let name = field.clone().unwrap_or_default();
                part.read(&name, line);
                message_charset = message_charset.or(part.charset.clone());
                pieces.push((range, Piece::Field { name, in_part }));
                continue;
            }
            in_header = false;
        }
        match pieces.last_mut() {
            Some((content, Piece::Content(_))) => content.end = range.end,
            _ => pieces.push((range, Piece::Content(part.clone()))),
        }
    }
    pieces
}

/// The boundaries of a file: those that a parameter names, that of a delimiter at the start, and those of lines with a part's
/// header behind them.
struct Boundaries<'f> {
    known: BTreeSet<&'f [u8]>,
    /// How long they are, the longest first.
    lens: BTreeSet<Reverse<usize>>,
}

impl<'f> Boundaries<'f> {
    fn of(file: &'f [u8]) -> Self {
        let mut known = BTreeSet::new();
        let mut rest = file;
        while let Some(range) = parameter(rest, b"boundary") {
            known.insert(&rest[range.clone()]);
            rest = &rest[range.end..];
        }
        let first = file.trim_ascii_start().split(|&byte| byte == b'\n').next().unwrap_or_default();
        known.extend(first.trim_ascii_end().strip_prefix(b"--"));
        // Those that nothing declares, L-20.
        let mut lines = file.split(|&byte| byte == b'\n').peekable();
        while let Some(line) = lines.next() {
            let boundary = line.trim_ascii_end().strip_prefix(b"--");
            known.extend(boundary.filter(|_| lines.peek().is_some_and(|next| heads_part(next))));
        }
        known.remove(&b""[..]);
        let lens = known.iter().map(|boundary| Reverse(boundary.len())).collect();
        Self { known, lens }
    }

    /// Whether the line is a delimiter, and then how long its boundary is, and whether it closes: something stands behind it.
    fn delimiter(&self, text: &[u8]) -> Option<(usize, bool)> {
        let text = text.strip_prefix(b"--")?;
        let is_known = |len: usize| text.get(..len).is_some_and(|head| self.known.contains(head));
        let len = self.lens.iter().map(|Reverse(len)| *len).find(|&len| is_known(len))?;
        Some((len, text.len() > len))
    }
}

/// Where the value of a parameter stands, without its quotes.
pub fn parameter(bytes: &[u8], name: &[u8]) -> Option<Range<usize>> {
    let blanks = |at: usize| at + bytes[at..].iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
    let equals = |at: usize| {
        let head = bytes[at..].get(..name.len())?;
        let equals = head.eq_ignore_ascii_case(name).then(|| blanks(at + name.len()))?;
        (bytes.get(equals) == Some(&b'=')).then_some(equals)
    };
    let equals = (0..bytes.len()).find_map(equals)?;
    Some(value(bytes, blanks(equals + 1), b";\r\n \t"))
}

/// A value that begins here: to its second quote, or to a byte that ends it.
pub fn value(bytes: &[u8], start: usize, ends: &[u8]) -> Range<usize> {
    if let Some(quote @ (b'"' | b'\'')) = bytes.get(start).copied() {
        let rest = &bytes[start + 1..];
        let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        if let Some(len) = memchr::memchr(quote, &rest[..line]) {
            return start + 1..start + 1 + len;
        }
    }
    let rest = bytes.get(start..).unwrap_or_default();
    start..start + rest.iter().position(|byte| ends.contains(byte)).unwrap_or(rest.len())
}

/// Whether the line is the first of a part's header, or may be.
fn heads_part(line: &[u8]) -> bool {
    line.get(..8).is_some_and(|head| head.eq_ignore_ascii_case(b"content-"))
}

/// A name, what it is said to be, and what stands before it.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Where its name stands.
    pub name: Range<usize>,
    /// Where its value stands, without ASCII quotes.
    pub value: Range<usize>,
}

/// Names with values: attributes, or parameters. `ends` are the bytes that end a value without quotes.
pub fn attributes(bytes: &[u8], ends: &[u8]) -> Vec<Attribute> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(equals) = memchr::memchr(b'=', &bytes[at..]).map(|equals| at + equals) {
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:*".contains(byte);
        let end = bytes[at..equals].trim_ascii_end().len() + at;
        let start = end - bytes[at..end].iter().rev().take_while(|byte| is_name(byte)).count();
        let blanks = bytes[equals + 1..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let value = value(bytes, equals + 1 + blanks, ends);
        at = value.end.max(equals + 1);
        found.push(Attribute { name: start..end, value });
    }
    found
}

/// What markup is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// What stands between tags.
    Text,
    /// `<!-- … -->`.
    Comment,
    /// `<![CDATA[ … ]]>`.
    CData,
    /// A tag, or what looks like one.
    Tag {
        /// Where its name stands, with the prefix.
        name: Range<usize>,
        /// Which one.
        kind: TagKind,
    },
}

/// What a tag looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagKind {
    /// `<a>`.
    Start,
    /// `</a>`.
    End,
    /// `<a/>`.
    Empty,
    /// `<?a?>`.
    Instruction,
    /// `<!a>`.
    Declaration,
}

/// Tags and the text between them, one behind the other.
pub fn tokens(bytes: &[u8]) -> Vec<(Range<usize>, Token)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let tag = (at..bytes.len()).find(|&at| is_tag(&bytes[at..])).unwrap_or(bytes.len());
        if tag > at {
            found.push((at..tag, Token::Text));
        }
        let rest = &bytes[tag..];
        if rest.is_empty() {
            break;
        }
        let (len, token) = markup(rest);
        at = tag + len;
        let token = match token {
            Token::Tag { name, kind } => Token::Tag { name: tag + name.start..tag + name.end, kind },
            other => other,
        };
        found.push((tag..at, token));
    }
    found
}

/// What begins here, and its length.
fn markup(rest: &[u8]) -> (usize, Token) {
    let up_to = |end: &[u8]| memchr::memmem::find(rest, end).map_or(rest.len(), |found| found + end.len());
    if rest.starts_with(b"<!--") {
        return (up_to(b"-->"), Token::Comment);
    }
    if rest.starts_with(b"<![CDATA[") {
        return (up_to(b"]]>").max(9), Token::CData);
    }
    let len = tag_len(rest);
    let tag = &rest[..len];
    let start = tag.iter().position(|byte| !b"<?/! ".contains(byte)).unwrap_or(len);
    let end = start + tag[start..].iter().take_while(|byte| !b" \t\r\n/>;,=".contains(byte)).count();
    let kind = match &tag[..start] {
        head if head.contains(&b'?') => TagKind::Instruction,
        head if head.contains(&b'!') => TagKind::Declaration,
        head if head.contains(&b'/') => TagKind::End,
        _ if tag.ends_with(b"/>") => TagKind::Empty,
        _ => TagKind::Start,
    };
    (len, Token::Tag { name: start..end, kind })
}

/// A `<` that begins a tag, a comment or an instruction, well-formed or with blanks where none belong.
fn is_tag(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(b"<") else { return false };
    match rest.trim_ascii_start().first() {
        Some(b'/' | b'?') => true,
        Some(byte) => rest[0] == *byte && (byte.is_ascii_alphabetic() || b"_!".contains(byte)),
        None => false,
    }
}

/// To the `>` that no quotes hold, or to the next tag.
fn tag_len(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'>' => return at + 1,
            b'<' if is_tag(&bytes[at..]) => return at,
            b'=' => {
                let blanks = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                let start = at + 1 + blanks;
                let range = value(bytes, start, b" \t\r\n>");
                // Only quotes hold a `>`.
                at = if range.start > start { range.end + 1 } else { range.end.max(at + 1) };
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

/// How the bytes of a part become characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// CP949, and so KS X 1001.
    Cp949,
    /// UTF-8.
    Utf8,
}

impl Charset {
    /// What the bytes are: UTF-8 where they are that and no Korean of two bytes a character, or are said to be that.
    pub fn of(bytes: &[u8], said: Option<&[u8]>) -> Self {
        let is_utf8 = std::str::from_utf8(bytes).is_ok();
        let says_utf8 =
            said.is_some_and(|label| label.eq_ignore_ascii_case(b"utf-8") || label.eq_ignore_ascii_case(b"utf8"));
        let is_cp949 = || EUC_KR.decode_without_bom_handling_and_without_replacement(bytes).is_some();
        if is_utf8 && (says_utf8 || !is_cp949()) { Self::Utf8 } else { Self::Cp949 }
    }

    /// The length of the character at the start of the bytes, and the character; none for bytes that are none.
    pub fn first(self, bytes: &[u8]) -> (usize, Option<char>) {
        match (self, bytes) {
            (_, [byte, ..]) if byte.is_ascii() => (1, Some(char::from(*byte))),
            // A no-break space in UTF-8, which careless peers write into Korean (S-27); read as Korean it is a letter.
            (Self::Cp949, [0xC2, 0xA0, ..]) => (2, None),
            (Self::Cp949, pair) => {
                let pair = &pair[..pair.len().min(2)];
                let text = EUC_KR.decode_without_bom_handling_and_without_replacement(pair);
                match text.as_deref().map(|text| text.chars().next()) {
                    Some(c) => (pair.len(), c),
                    None => (if pair.get(1).is_some_and(|byte| !byte.is_ascii()) { 2 } else { 1 }, None),
                }
            }
            (Self::Utf8, _) => {
                let chunk = bytes[..bytes.len().min(4)].utf8_chunks().next();
                let c = chunk.and_then(|chunk| chunk.valid().chars().next());
                (c.map_or(1, char::len_utf8), c)
            }
        }
    }

    /// All characters; U+FFFD for bytes that are none.
    pub fn decode(self, bytes: &[u8]) -> String {
        let mut text = String::new();
        let mut at = 0;
        while at < bytes.len() {
            let (len, c) = self.first(&bytes[at..]);
            text.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
            at += len;
        }
        text
    }

    /// Writes a character in the place of one of the same length.
    pub fn write(self, c: char, bytes: &mut [u8]) {
        let mut utf8 = [0; 4];
        let text = c.encode_utf8(&mut utf8);
        match self {
            Self::Utf8 => bytes.copy_from_slice(text.as_bytes()),
            Self::Cp949 => bytes.copy_from_slice(&EUC_KR.encode(text).0),
        }
    }
}
