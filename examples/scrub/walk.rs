//! The walk through a file: header fields, MIME delimiters, markup, text, media.
//!
//! It reads malformed input by what lines and tags look like, keeps what the tables here name, and takes everything else for
//! a secret. Whether it saw what the decoder sees is checked afterwards.

use std::ops::Range;

use super::layers;
use super::names::Names;
use super::text::{Charset, Rule, scrub};

/// Header fields whose values are kept: none says who.
const KEPT_FIELDS: &[&str] = &[
    "content-length",
    "content-transfer-encoding",
    "content-encoding",
    "content-language",
    "mime-version",
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "connection",
    "keep-alive",
    "transfer-encoding",
    "cache-control",
    "pragma",
    "expect",
    "vary",
];

/// Header fields that hold enumerated words, codes or times.
const PLAIN_FIELDS: &[&str] = &[
    "date",
    "expires",
    "last-modified",
    "x-skt-content-usage",
    "x-skt-service-type",
    "x-kmms-redistribution",
    "x-skt-video-attributes",
];

/// Header fields that begin with an enumerated word, and of whose parameters those of [`KEPT_PARAMETERS`] are kept.
const TYPED_FIELDS: &[&str] = &["content-type", "content-disposition"];

/// Parameters of a media type that say what it is.
const KEPT_PARAMETERS: &[&str] = &["type", "charset", "start-info", "format", "delsp"];

/// Elements that hold enumerated words, codes or times.
const PLAIN_ELEMENTS: &[&str] = &[
    "MM7Version",
    "MessageClass",
    "Priority",
    "DeliveryReport",
    "ReadReply",
    "DistributionIndicator",
    "MMStatus",
    "StatusCode",
    "TimeStamp",
    "ExpiryDate",
    "EarliestDeliveryTime",
    "Date",
    "DateTime",
    "ChargedParty",
    "faultcode",
    "DeliveryCondition",
    "CalledNet",
];

/// Elements whose words of formats are kept, as in a name.
const VALUE_ELEMENTS: &[&str] = &["MMSRelayServerID"];

/// Attributes whose values are kept: namespaces, layout, colours.
const KEPT_ATTRIBUTES: &[&str] = &[
    "mustunderstand",
    "version",
    "encoding",
    "standalone",
    "allowadaptations",
    "allowadaptatiions",
    "begin",
    "dur",
    "end",
    "repeatcount",
    "width",
    "height",
    "left",
    "top",
    "right",
    "bottom",
    "z-index",
    "fit",
    "background-color",
    "backgroundcolor",
    "bgcolor",
    "color",
    "size",
    "align",
    "valign",
    "border",
    "type",
    "valuetype",
    "charset",
    "encodingstyle",
    "schemalocation",
    "nil",
    "displayonly",
    "distributionprotection",
];

/// First bytes of media that a reader knows them by.
const MAGIC: &[&[u8]] = &[b"\xFF\xD8\xFF", b"GIF87a", b"GIF89a", b"\x89PNG\r\n\x1A\n", b"MThd", b"RIFF", b"SIS"];

/// Whether an element or attribute of this name holds no secret.
pub fn is_plain(name: &str) -> bool {
    PLAIN_ELEMENTS.contains(&name) || KEPT_ATTRIBUTES.contains(&&*name.to_ascii_lowercase())
}

/// Replaces every secret of a `.http` file in its place, or gathers them.
pub fn walk(file: &mut [u8], names: &mut Names) {
    for (range, piece) in pieces(file) {
        let bytes = &mut file[range];
        match piece {
            Piece::StartLine => start_line(bytes, names),
            Piece::Field { name, in_part } => field(bytes, &name, in_part, names),
            Piece::Delimiter => line(bytes, Rule::Value, names),
            Piece::Content(part) => content(bytes, &part, names),
        }
    }
}

/// A stretch of the file.
#[derive(Debug)]
enum Piece {
    StartLine,
    /// A line of a header field; `name` is that of the field, in lower case, for its further lines too.
    Field {
        name: String,
        in_part: bool,
    },
    Delimiter,
    Content(Part),
}

/// What the header of a part says of its content, in lower case.
#[derive(Clone, Debug, Default)]
struct Part {
    media_type: String,
    encoding: String,
    charset: Option<Vec<u8>>,
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
    fn is_base64(&self, content: &[u8]) -> bool {
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

/// What the file is made of, one piece behind the other.
fn pieces(file: &[u8]) -> Vec<(Range<usize>, Piece)> {
    let known = boundaries(file);
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
        if let Some(close) = delimiter(text, &known).filter(|_| in_part || !in_header) {
            (in_header, in_part, field) = (!close, true, None);
            part = Part { charset: message_charset.clone(), ..Part::default() };
            pieces.push((range, Piece::Delimiter));
            continue;
        }
        if in_header {
            if text.is_empty() && line.len() <= 2 {
                in_header = false;
                pieces.push((range, Piece::Field { name: String::new(), in_part }));
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

/// Every boundary that a parameter names, and those of delimiters at the start or with a part's header behind them.
fn boundaries(file: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut rest = file;
    while let Some(range) = parameter(rest, b"boundary") {
        found.push(&rest[range.clone()]);
        rest = &rest[range.end..];
    }
    let first = file.trim_ascii_start().split(|&byte| byte == b'\n').next().unwrap_or_default();
    found.extend(first.trim_ascii_end().strip_prefix(b"--"));
    // Those that nothing declares, L-20.
    let mut lines = file.split(|&byte| byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let boundary = line.trim_ascii_end().strip_prefix(b"--");
        found.extend(boundary.filter(|_| lines.peek().is_some_and(|next| heads_part(next))));
    }
    found.retain(|boundary| !boundary.is_empty());
    found
}

/// Where the value of a parameter stands, without its quotes.
fn parameter(bytes: &[u8], name: &[u8]) -> Option<Range<usize>> {
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
fn value(bytes: &[u8], start: usize, ends: &[u8]) -> Range<usize> {
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

/// Whether the line is a delimiter of one of the boundaries, and then whether it closes: something stands behind it.
fn delimiter(text: &[u8], known: &[&[u8]]) -> Option<bool> {
    let boundary = text.strip_prefix(b"--")?;
    let behind = known.iter().filter_map(|known| boundary.strip_prefix(*known)).min_by_key(|behind| behind.len())?;
    Some(!behind.is_empty())
}

fn line(bytes: &mut [u8], rule: Rule, names: &mut Names) {
    scrub(bytes, Charset::of(bytes, None), rule, false, names);
}

/// Method, version and status code stay.
fn start_line(bytes: &mut [u8], names: &mut Names) {
    let first = bytes.iter().position(|&byte| byte == b' ').unwrap_or(0);
    if bytes.starts_with(b"HTTP/") {
        let status = bytes[first..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b' ').count();
        line(&mut bytes[first + status..], Rule::Value, names);
        return;
    }
    let version = memchr::memmem::rfind(bytes, b" HTTP/").unwrap_or(bytes.len());
    let method = if bytes[..first].iter().all(u8::is_ascii_uppercase) { first } else { 0 };
    line(&mut bytes[method..version.max(method)], Rule::Value, names);
}

fn field(bytes: &mut [u8], name: &str, in_part: bool, names: &mut Names) {
    let is_token = |name: &[u8]| name.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let is_part_field = |name: &[u8]| {
        let head = name.get(..2).unwrap_or_default().to_ascii_lowercase();
        head.starts_with(b"x-") || head.starts_with(b"x_") || head.starts_with(b"co")
    };
    let colon = memchr::memchr(b':', bytes)
        .filter(|&colon| !matches!(bytes[0], b' ' | b'\t') && name.len() == bytes[..colon].trim_ascii().len());
    let (own, value) = bytes.split_at_mut(colon.map_or(0, |colon| colon + 1));
    let kept = is_token(own.strip_suffix(b":").unwrap_or_default()) && (!in_part || is_part_field(own));
    line(own, if kept { Rule::Markup } else { Rule::Value }, names);
    if KEPT_FIELDS.contains(&name) {
        line(value, Rule::Markup, names);
    } else if PLAIN_FIELDS.contains(&name) {
        line(value, Rule::Plain, names);
    } else if TYPED_FIELDS.contains(&name) {
        let is_type = |byte: &&u8| byte.is_ascii_alphanumeric() || b"/-+. \t".contains(byte);
        let charset = Charset::of(value, None);
        let typed = if colon.is_some() { value.iter().take_while(is_type).count() } else { 0 };
        let typed = if value.get(typed) == Some(&b'=') { 0 } else { typed };
        line(&mut value[..typed], Rule::Markup, names);
        attributes(&mut value[typed..], b"; \t\r\n", charset, KEPT_PARAMETERS, names);
    } else {
        line(value, Rule::Value, names);
    }
}

/// Names and values: the values of the names that are given stay, and the names.
fn attributes(bytes: &mut [u8], ends: &[u8], charset: Charset, kept: &[&str], names: &mut Names) {
    let mut at = 0;
    while at < bytes.len() {
        let Some(equals) = memchr::memchr(b'=', &bytes[at..]).map(|equals| at + equals) else { break };
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:*".contains(byte);
        let end = bytes[at..equals].trim_ascii_end().len() + at;
        let name = end - bytes[at..end].iter().rev().take_while(|byte| is_name(byte)).count();
        scrub(&mut bytes[at..name], charset, Rule::Value, true, names);
        let text = String::from_utf8_lossy(&bytes[name..end]).to_ascii_lowercase();
        let local = text.rsplit(':').next().unwrap_or_default();
        let keeps = kept.contains(&local) || text.starts_with("xmlns");
        scrub(&mut bytes[name..end], charset, Rule::Markup, false, names);
        let blanks = bytes[equals + 1..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let mut range = value(bytes, equals + 1 + blanks, ends);
        at = range.end.max(equals + 1);
        // `cid` without its colon.
        let has_scheme = bytes[range.clone()].get(..3).is_some_and(|head| head.eq_ignore_ascii_case(b"cid"));
        range.start += if has_scheme { 3 } else { 0 };
        scrub(&mut bytes[range], charset, if keeps { Rule::Markup } else { Rule::Value }, true, names);
    }
    scrub(&mut bytes[at..], charset, Rule::Value, true, names);
}

fn content(bytes: &mut [u8], part: &Part, names: &mut Names) {
    let inside = Part { encoding: String::new(), ..part.clone() };
    if part.is_base64(bytes) {
        layers::base64(bytes, |content| document(content, &inside, names));
    } else if part.encoding == "quoted-printable" {
        layers::quoted_printable(bytes, |content| document(content, &inside, names));
    } else {
        document(bytes, part, names);
    }
}

/// What a part holds, its transfer encoding undone.
fn document(bytes: &mut [u8], part: &Part, names: &mut Names) {
    if part.is_media(bytes) {
        let magic = MAGIC.iter().find(|magic| bytes.starts_with(magic)).map_or(0, |magic| magic.len());
        names.replace_media(&mut bytes[magic..]);
        return;
    }
    let begins = bytes.trim_ascii_start().starts_with(b"<") && part.media_type != "text/plain";
    let is_markup = begins || memchr::memmem::find(bytes, b"Envelope").is_some();
    let declaration = bytes.split(|&byte| byte == b'>').next().unwrap_or_default();
    let said = parameter(declaration, b"encoding").filter(|_| is_markup).map(|range| bytes[range].to_vec());
    let charset = Charset::of(bytes, said.or(part.charset.clone()).as_deref());
    if is_markup || part.media_type.ends_with("html") || part.media_type.ends_with("xml") {
        markup(bytes, charset, names);
    } else {
        scrub(bytes, charset, Rule::Text, false, names);
    }
}

/// Tags and the text between them. The text behind a start tag is that element's.
fn markup(bytes: &mut [u8], charset: Charset, names: &mut Names) {
    let mut rule = Rule::Text;
    let mut at = 0;
    while at < bytes.len() {
        let tag = (at..bytes.len()).find(|&at| is_tag(&bytes[at..])).unwrap_or(bytes.len());
        scrub(&mut bytes[at..tag], charset, rule, true, names);
        let rest = &mut bytes[tag..];
        let up_to = |end: &[u8]| memchr::memmem::find(rest, end).map_or(rest.len(), |found| found + end.len());
        at = tag;
        if rest.starts_with(b"<!--") {
            let len = up_to(b"-->");
            scrub(&mut rest[..len], charset, Rule::Text, false, names);
            at += len;
        } else if rest.starts_with(b"<![CDATA[") {
            let len = up_to(b"]]>").max(9);
            scrub(&mut rest[9..len], charset, rule, false, names);
            at += len;
        } else if !rest.is_empty() {
            let len = tag_len(rest);
            let tag = &mut rest[..len];
            let name = tag.iter().position(|byte| !b"<?/! ".contains(byte)).unwrap_or(len);
            let end = name + tag[name..].iter().take_while(|byte| !b" \t\r\n/>;,=".contains(byte)).count();
            let local = String::from_utf8_lossy(&tag[name..end]).into_owned();
            let local = local.rsplit(':').next().unwrap_or_default();
            let is_start = !tag[..name].contains(&b'/');
            rule = match local {
                _ if !is_start => Rule::Text,
                _ if PLAIN_ELEMENTS.contains(&local) => Rule::Plain,
                _ if VALUE_ELEMENTS.contains(&local) => Rule::Value,
                _ => Rule::Text,
            };
            scrub(&mut tag[..end], charset, Rule::Markup, false, names);
            attributes(&mut tag[end..], b" \t\r\n>", charset, KEPT_ATTRIBUTES, names);
            at += len;
        }
    }
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
