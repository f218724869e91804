//! HTTP/1 framing (RFC 9112): the bytes of one direction to messages.
//!
//! The peers are careless, so a length is a claim: a message ends where its framing says only if another begins there or
//! nothing follows. Else it ends at the next start line, and that is told.

use memchr::memmem;

use super::tcp::Ending;

/// A message as its file holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where it begins in the bytes it was read from.
    pub offset: usize,
    /// The method of a request; none for a response.
    pub method: Option<Vec<u8>>,
    /// Start line, header fields, blank line, body.
    pub file: Vec<u8>,
}

/// What was irregular: the offset, a stable name, and what happened.
pub type Remark = (usize, &'static str, String);

/// The methods whose messages are looked for where a message should not begin.
const METHODS: [&[u8]; 9] = [b"POST", b"GET", b"PUT", b"HEAD", b"DELETE", b"OPTIONS", b"PATCH", b"CONNECT", b"TRACE"];

/// No start line is longer, in bytes.
const START_LINE: usize = 8 * 1024;

/// The messages in a run of bytes that ends as `ending` says.
///
/// `asked` are the methods of the requests that are answered here, in order; those that were answered are taken out. Where
/// it is empty no answer is taken for one to HEAD.
pub fn messages(
    bytes: &[u8],
    ending: Ending,
    asked: &mut dyn Iterator<Item = Vec<u8>>,
    remark: &mut dyn FnMut(Remark),
) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut at = 0;
    loop {
        at = bytes.len() - without_blank_lines(&bytes[at..]).len();
        let rest = &bytes[at..];
        let Some(start) = StartLine::parse(rest) else {
            let next = find_start(rest);
            if let Some(next) = next {
                remark((at, "http/skipped", format!("{next} bytes in front of a start line")));
                at += next;
                continue;
            }
            if could_begin(rest) && !rest.is_empty() {
                remark((at, "http/head-cut", cut(ending)));
            } else if !rest.is_empty() {
                remark((at, "http/skipped", format!("{} bytes without a start line", rest.len())));
            }
            return messages;
        };
        let Some(head) = Head::parse(rest, start.len) else {
            remark((at, "http/head-cut", cut(ending)));
            return messages;
        };
        let mut remark = |code, detail| remark((at, code, detail));
        let method = start.method.map(<[u8]>::to_vec);
        // An interim answer is not yet the answer.
        let to_head = method.is_none() && !start.is_interim() && asked.next().as_deref() == Some(b"HEAD");
        let body = Body::read(&rest[head.len..], &framing(&start, &head, to_head, &mut remark), ending, &mut remark);
        if head.value(b"content-encoding").is_some_and(|coding| !coding.eq_ignore_ascii_case(b"identity")) {
            remark("http/content-encoding", "the body is left as it is encoded".into());
        }
        let mut file = head.as_in_file(body.dechunked.is_some());
        match &body.dechunked {
            Some(dechunked) => file.extend_from_slice(dechunked),
            None => file.extend_from_slice(&rest[head.len..head.len + body.len]),
        }
        messages.push(Message { offset: at, method, file });
        at += head.len + body.len;
    }
}

fn cut(ending: Ending) -> String {
    let why = match ending {
        Ending::Gap => "bytes are missing",
        Ending::Closed => "the connection ends",
        Ending::CaptureEnd => "the capture ends",
    };
    format!("{why} before the message does")
}

/// `request-line / status-line`, RFC 9112 2.1.
struct StartLine<'b> {
    /// With its line end.
    len: usize,
    method: Option<&'b [u8]>,
    status: Option<[u8; 3]>,
}

impl<'b> StartLine<'b> {
    fn parse(bytes: &'b [u8]) -> Option<Self> {
        let line = line(&bytes[..bytes.len().min(START_LINE)])?;
        let len = line.len();
        let text = line.trim_ascii_end();
        if let Some(status) = text.strip_prefix(b"HTTP/") {
            let status = status.get(status.iter().position(|&byte| byte == b' ')?..)?.trim_ascii_start();
            let status = *status.first_chunk().filter(|status| status.iter().all(u8::is_ascii_digit))?;
            return Some(Self { len, method: None, status: Some(status) });
        }
        let blank = text.iter().position(|&byte| byte == b' ')?;
        let method = text.get(..blank).filter(|method| !method.is_empty() && method.iter().all(u8::is_ascii_uppercase));
        let version = text.get(text.len().checked_sub(9)?..)?;
        let is_version =
            |version: &[u8]| matches!(version, [b' ', b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9']);
        (is_version(version)).then_some(Self { len, method: Some(method?), status: None })
    }

    fn is_interim(&self) -> bool {
        self.status.is_some_and(|status| status[0] == b'1')
    }

    /// RFC 9112 6.3 (1).
    fn has_no_body(&self) -> bool {
        self.is_interim() || matches!(self.status.as_ref(), Some(b"204" | b"304"))
    }
}

/// The first line of the bytes with its line end.
fn line(bytes: &[u8]) -> Option<&[u8]> {
    memchr::memchr(b'\n', bytes).map(|end| &bytes[..=end])
}

/// RFC 9112 2.2: empty lines in front of a start line.
fn without_blank_lines(mut bytes: &[u8]) -> &[u8] {
    while let [b'\r', b'\n', rest @ ..] | [b'\n', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

/// Whether the bytes may be a start line of which more is to come.
fn could_begin(bytes: &[u8]) -> bool {
    let heads = METHODS.iter().copied().chain([&b"HTTP/"[..]]);
    let begins = |head: &[u8]| bytes.iter().zip(head).all(|(a, b)| a == b);
    memchr::memchr(b'\n', bytes).is_none()
        && bytes.len() < START_LINE
        && (heads.into_iter().any(begins) || bytes == b"\r")
}

/// Whether a message may begin here, or nothing does.
fn lines_up(bytes: &[u8]) -> bool {
    let bytes = without_blank_lines(bytes);
    StartLine::parse(bytes).is_some() || could_begin(bytes)
}

/// Where the next start line is, with a header field or a blank line behind it, wherever in a line it begins.
fn find_start(bytes: &[u8]) -> Option<usize> {
    for version in memmem::find_iter(bytes, b"HTTP/") {
        let before = &bytes[version.saturating_sub(START_LINE)..version];
        let before = &before[memchr::memrchr(b'\n', before).map_or(0, |end| end + 1)..];
        let request = before.strip_suffix(b" ").and_then(|text| {
            let method = &text[..memchr::memrchr(b' ', text)?];
            METHODS
                .iter()
                .find(|known| method.ends_with(known))
                .map(|known| text.len() + 1 - method.len() + known.len())
        });
        let start = version - request.unwrap_or(0);
        let Some(found) = StartLine::parse(&bytes[start..]) else { continue };
        let is_field = |line: &[u8]| line.trim_ascii().is_empty() || line.contains(&b':');
        if line(&bytes[start + found.len..]).is_none_or(is_field) {
            return Some(start);
        }
    }
    None
}

/// The start line and the header fields as they stand, to the blank line.
struct Head<'b> {
    /// With the blank line.
    len: usize,
    start: &'b [u8],
    /// Fields with the lines folded under them, and their line ends.
    fields: Vec<&'b [u8]>,
    blank: &'b [u8],
}

impl<'b> Head<'b> {
    fn parse(bytes: &'b [u8], start: usize) -> Option<Self> {
        let mut fields: Vec<&[u8]> = Vec::new();
        let mut len = start;
        loop {
            let line = line(&bytes[len..])?;
            len += line.len();
            if matches!(line, b"\r\n" | b"\n") {
                return Some(Self { len, start: &bytes[..start], fields, blank: line });
            }
            match fields.last_mut().filter(|_| matches!(line[0], b' ' | b'\t')) {
                Some(field) => *field = &bytes[len - line.len() - field.len()..len],
                None => fields.push(line),
            }
        }
    }

    /// The values of the fields of this name, in lower case.
    fn values(&self, name: &[u8]) -> impl Iterator<Item = &'b [u8]> {
        self.fields.iter().filter_map(move |field| value(field, name))
    }

    fn value(&self, name: &[u8]) -> Option<&'b [u8]> {
        self.values(name).next()
    }

    /// As it stands; what was undone of the framing is left out.
    fn as_in_file(&self, dechunked: bool) -> Vec<u8> {
        let keep = |field: &&&[u8]| !(dechunked && value(field, b"transfer-encoding").is_some());
        let fields: Vec<&[u8]> = self.fields.iter().filter(keep).copied().collect();
        [self.start, &fields.concat(), self.blank].concat()
    }
}

/// The field's value where it has this name.
fn value<'f>(field: &'f [u8], name: &[u8]) -> Option<&'f [u8]> {
    let colon = memchr::memchr(b':', field)?;
    field[..colon].trim_ascii_end().eq_ignore_ascii_case(name).then(|| field[colon + 1..].trim_ascii())
}

/// How a body says where it ends, RFC 9112 6.3.
enum Framing {
    Len(usize),
    Chunked,
    /// The end of the connection.
    Close,
}

fn framing(
    start: &StartLine<'_>,
    head: &Head<'_>,
    to_head: bool,
    remark: &mut dyn FnMut(&'static str, String),
) -> Framing {
    if to_head || start.has_no_body() {
        return Framing::Len(0);
    }
    let codings: Vec<&[u8]> =
        head.values(b"transfer-encoding").flat_map(|value| value.split(|&byte| byte == b',')).collect();
    if let Some(last) = codings.last() {
        if last.trim_ascii().eq_ignore_ascii_case(b"chunked") {
            remark("http/dechunked", "the body without its chunks, and Transfer-Encoding left out".into());
            return Framing::Chunked;
        }
        return Framing::Close;
    }
    let lengths = head.values(b"content-length").flat_map(|value| value.split(|&byte| byte == b','));
    let mut lengths: Vec<Option<usize>> =
        lengths.map(|length| std::str::from_utf8(length.trim_ascii()).ok()?.parse().ok()).collect();
    lengths.dedup();
    match (&lengths[..], start.method) {
        ([Some(len)], _) => Framing::Len(*len),
        ([], Some(_)) => Framing::Len(0),
        ([], None) => Framing::Close,
        _ => {
            remark("http/length-unreadable", "a Content-Length that is no number, or several".into());
            Framing::Close
        }
    }
}

/// Where a body ends.
struct Body {
    /// In bytes of the wire.
    len: usize,
    /// Its content, where that is not what stands on the wire.
    dechunked: Option<Vec<u8>>,
}

impl Body {
    fn read(bytes: &[u8], framing: &Framing, ending: Ending, remark: &mut dyn FnMut(&'static str, String)) -> Self {
        let verbatim = |len| Self { len, dechunked: None };
        match *framing {
            Framing::Len(len) if bytes.get(len..).is_some_and(lines_up) => verbatim(len),
            Framing::Len(len) => {
                let next = find_start(bytes);
                let found = next.unwrap_or(bytes.len());
                if next.is_none() && len > found {
                    remark("http/body-cut", format!("{found} of {len} bytes: {}", cut(ending)));
                } else {
                    remark("http/length-wrong", format!("{len} bytes announced, {found} found"));
                }
                verbatim(found)
            }
            Framing::Close => {
                if let Some(next) = find_start(bytes) {
                    remark("http/length-missing", format!("no length announced, {next} bytes to the next start line"));
                    return verbatim(next);
                }
                if ending != Ending::Closed {
                    remark("http/body-cut", format!("{} bytes: {}", bytes.len(), cut(ending)));
                }
                verbatim(bytes.len())
            }
            Framing::Chunked => {
                let mut content = Vec::new();
                let len = match dechunk(bytes, &mut content) {
                    Ok(len) if lines_up(&bytes[len..]) => return Self { len, dechunked: Some(content) },
                    Ok(len) | Err(Chunks::Malformed(len)) => {
                        let end = find_start(&bytes[len..]).map_or(bytes.len(), |next| len + next);
                        remark("http/chunks-malformed", format!("{} bytes behind them are left out", end - len));
                        end
                    }
                    Err(Chunks::Cut) => {
                        remark("http/body-cut", format!("{} bytes: {}", content.len(), cut(ending)));
                        bytes.len()
                    }
                };
                Self { len, dechunked: Some(content) }
            }
        }
    }
}

/// Why chunks end before their end.
enum Chunks {
    Cut,
    /// Where.
    Malformed(usize),
}

/// RFC 9112 7.1. Appends the content; gives where the last chunk and its trailers end.
fn dechunk(bytes: &[u8], content: &mut Vec<u8>) -> Result<usize, Chunks> {
    let mut at = 0;
    loop {
        let size = line(&bytes[at..]).ok_or(Chunks::Cut)?;
        let digits = size.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let len = std::str::from_utf8(&size[..digits]).ok().and_then(|digits| usize::from_str_radix(digits, 16).ok());
        let len = len.filter(|_| matches!(size[digits..].trim_ascii_start(), [] | [b';', ..]));
        let len = len.ok_or(Chunks::Malformed(at))?;
        at += size.len();
        if len == 0 {
            // Trailers, to the blank line.
            loop {
                let trailer = line(&bytes[at..]).ok_or(Chunks::Cut)?;
                at += trailer.len();
                if trailer.trim_ascii().is_empty() {
                    return Ok(at);
                }
            }
        }
        let chunk = &bytes[at..];
        content.extend_from_slice(&chunk[..chunk.len().min(len)]);
        match chunk.get(len..).ok_or(Chunks::Cut)? {
            [b'\r', b'\n', ..] => at += len + 2,
            [b'\n', ..] => at += len + 1,
            [] | [b'\r'] => return Err(Chunks::Cut),
            _ => return Err(Chunks::Malformed(at + len)),
        }
    }
}
