//! `type "/" subtype` and its parameters (RFC 2045 5.1, RFC 2183 2), read leniently.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::field;
use crate::deviation::{DeviationKind, Flag, Flags};

/// A Content-Type, read: a view of what has its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MediaType<'p> {
    essence: Essence<'p>,
    /// The parameters in order.
    pub(crate) params: &'p [Param<'p>],
    /// Where the type begins.
    pub(crate) offset: usize,
}

/// A Content-Type with a list of parameters of its own.
#[derive(Clone, Debug)]
pub(crate) struct ContentType<'a> {
    head: TypeHead<'a>,
    params: Vec<Param<'a>>,
}

/// A Content-Type whose parameters stand in a list of many.
#[derive(Clone, Debug)]
pub(super) struct TypeHead<'a> {
    essence: Essence<'a>,
    params: Range<usize>,
    offset: usize,
}

/// `type "/" subtype`, as written.
#[derive(Clone, Copy, Debug)]
struct Essence<'a> {
    kind: &'a [u8],
    subtype: &'a [u8],
}

impl Essence<'_> {
    fn is_multipart(&self) -> bool {
        self.kind.eq_ignore_ascii_case(b"multipart")
    }
}

/// One parameter of a media type or a disposition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Param<'a> {
    /// The name as written; letter case does not count.
    pub(crate) name: &'a [u8],
    /// The value without quotes and escapes.
    pub(crate) value: Cow<'a, [u8]>,
    /// Where the name begins.
    pub(crate) offset: usize,
}

/// How many parameters a message has, about.
const PARAMS: usize = 12;

impl<'p> MediaType<'p> {
    /// The value of the first parameter with this name.
    pub(crate) fn param(&self, name: &str) -> Option<&'p [u8]> {
        param(self.params, name).map(|param| &*param.value)
    }

    /// The first parameter `charset`.
    pub(crate) fn charset(&self) -> Option<&'p Param<'p>> {
        param(self.params, "charset")
    }

    /// Whether it is this `type/subtype`; letter case does not count.
    pub(crate) fn is(&self, essence: &str) -> bool {
        let (kind, subtype) = (self.essence.kind, self.essence.subtype);
        let slash = kind.len();
        let text = essence.as_bytes();
        text.len() == slash + 1 + subtype.len()
            && text[slash] == b'/'
            && text[slash + 1..].eq_ignore_ascii_case(subtype)
            && text[..slash].eq_ignore_ascii_case(kind)
    }

    /// `type/subtype` in lower case.
    pub(crate) fn essence(&self) -> String {
        let mut text = String::with_capacity(self.essence.kind.len() + 1 + self.essence.subtype.len());
        push_lower(&mut text, self.essence.kind);
        text.push('/');
        push_lower(&mut text, self.essence.subtype);
        text
    }

    /// Whether the type is `multipart`, of whatever subtype (L-15).
    pub(crate) fn is_multipart(&self) -> bool {
        self.essence.is_multipart()
    }
}

impl<'a> ContentType<'a> {
    /// The type with its parameters.
    pub(crate) fn media_type(&self) -> MediaType<'_> {
        self.head.with(&self.params)
    }

    /// The type and its parameters apart.
    pub(super) fn into_parts(self) -> (TypeHead<'a>, Vec<Param<'a>>) {
        (self.head, self.params)
    }
}

impl<'a> TypeHead<'a> {
    /// The type with its parameters, which are among these.
    pub(super) fn with<'p>(&self, params: &'p [Param<'a>]) -> MediaType<'p> {
        MediaType { essence: self.essence, params: &params[self.params.clone()], offset: self.offset }
    }

    pub(super) fn is_multipart(&self) -> bool {
        self.essence.is_multipart()
    }

    /// Where the type begins.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    /// The boundary, if there is one that can stand in a delimiter line.
    pub(super) fn boundary(&self, params: &[Param<'a>]) -> Option<Cow<'a, [u8]>> {
        let boundary = param(&params[self.params.clone()], "boundary")?;
        let fits = !boundary.value.is_empty() && memchr::memchr2(b'\r', b'\n', &boundary.value).is_none();
        fits.then(|| boundary.value.clone())
    }
}

/// Letter case does not count.
impl PartialEq for Essence<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.kind.eq_ignore_ascii_case(other.kind) && self.subtype.eq_ignore_ascii_case(other.subtype)
    }
}

impl Eq for Essence<'_> {}

impl Param<'_> {
    /// Whether this is its name; letter case does not count.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Appends the name in lower case.
    pub(crate) fn write_name(&self, out: &mut String) {
        push_lower(out, self.name);
    }
}

/// The first parameter with this name.
pub(super) fn param<'p, 'a>(params: &'p [Param<'a>], name: &str) -> Option<&'p Param<'a>> {
    params.iter().find(|param| param.is(name))
}

/// What is irregular about the parameters of a multipart type: a charset, and no `type` on
/// `multipart/related` (RFC 2387 3.1, S-22). Nothing for other types.
///
/// The parts of a body are checked by [`parse`](super::parse()); the entity's own Content-Type is its caller's.
pub(crate) fn multipart_params(media: &MediaType<'_>) -> impl Iterator<Item = Flag> + use<> {
    let is_multipart = media.is_multipart();
    let charset = if is_multipart { media.charset() } else { None };
    let charset = charset.map(|param| Flag::new(DeviationKind::CharsetOnMultipart, param.offset));
    let untyped = is_multipart && media.is("multipart/related") && media.param("type").is_none();
    let related = untyped.then(|| Flag::new(DeviationKind::RelatedTypeMissing, media.offset));
    charset.into_iter().chain(related)
}

/// Reads the value of a Content-Type field; `base` is the offset of its first byte.
///
/// `None` when no `type/subtype` begins it. Remarks, no-break spaces and 8-bit bytes are flagged as in a part's field.
pub(crate) fn media_type<'a>(value: &'a [u8], base: usize, flags: &mut Flags) -> Option<ContentType<'a>> {
    let text = field::text(value, true, base, flags);
    let mut params = Vec::new();
    let field = Source { value: text.raw, base: base + text.start, plain: text.plain };
    let head = content_type(field, &mut params, flags)?;
    Some(ContentType { head, params })
}

/// The value of a field, read by [`field::text`].
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// As it stands on the wire.
    pub(super) value: &'a [u8],
    /// The offset of its first byte.
    pub(super) base: usize,
    /// Whether it is ASCII on one line.
    pub(super) plain: bool,
}

/// `content := "Content-Type" ":" type "/" subtype *(";" parameter)`, RFC 2045 5.1, with the blanks of RFC 822 3.1.4
/// between the tokens.
pub(super) fn content_type<'a>(
    field: Source<'a>,
    params: &mut Vec<Param<'a>>,
    flags: &mut Flags,
) -> Option<TypeHead<'a>> {
    let start = cfws(field.value);
    let (kind, rest) = token(start)?;
    let (subtype, rest) = token(cfws(cfws(rest).strip_prefix(b"/")?))?;
    let offset = field.base + field.value.len() - start.len();
    let params = parameters(field, rest, params, flags);
    let essence = Essence { kind, subtype };
    Some(TypeHead { essence, params, offset })
}

/// `disposition := "Content-Disposition" ":" disposition-type *(";" disposition-parm)`, RFC 2183 2. The parameters.
pub(super) fn disposition<'a>(field: Source<'a>, params: &mut Vec<Param<'a>>, flags: &mut Flags) -> Range<usize> {
    let start = cfws(field.value);
    let rest = match token(start) {
        Some((_, rest)) if attribute(start).is_none() => rest,
        _ => start,
    };
    parameters(field, rest, params, flags)
}

/// A byte of `token`, RFC 2045 5.1: any printable ASCII but the tspecials.
pub(crate) const fn is_token(byte: u8) -> bool {
    TOKEN[byte as usize]
}

/// The bytes of `token`.
const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        table[byte as usize] = !matches!(
            byte,
            b'(' | b')' | b'<' | b'>' | b'@' | b',' | b';' | b':' | b'\\' | b'"' | b'/' | b'[' | b']' | b'?' | b'='
        );
        byte += 1;
    }
    table
};

/// A blank, or a byte of a line break inside a folded field.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// The bytes of 128 and more that the input begins with.
pub(super) fn high_run(input: &[u8]) -> &[u8] {
    let end = input.iter().position(u8::is_ascii).unwrap_or(input.len());
    &input[..end]
}

/// Whether a run of 8-bit bytes holds nothing but no-break spaces, of UTF-8 (C2 A0) or of Latin-1 (A0) (S-27).
///
/// Only a whole run counts: A0 is also a trail byte of CP949 and of UTF-8.
pub(super) fn is_nbsp(run: &[u8]) -> bool {
    let mut rest = run;
    while let Some(next) = rest.strip_prefix(b"\xC2\xA0").or(rest.strip_prefix(b"\xA0")) {
        rest = next;
    }
    !run.is_empty() && rest.is_empty()
}

/// Appends a token in lower case.
fn push_lower(out: &mut String, token: &[u8]) {
    out.extend(token.iter().map(|byte| char::from(byte.to_ascii_lowercase())));
}

/// `token := 1*<any (US-ASCII) CHAR except SPACE, CTLs, or tspecials>`, RFC 2045 5.1, and what is behind it.
fn token(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let len = input.iter().position(|&byte| !is_token(byte)).unwrap_or(input.len());
    if len > 0 { Some(input.split_at(len)) } else { None }
}

/// `attribute "="`, RFC 2045 5.1, and what is behind it; the blanks on either side of the sign are taken too.
fn attribute(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, rest) = token(input)?;
    Some((name, cfws(cfws(rest).strip_prefix(b"=")?)))
}

/// `quoted-string = <"> *(qtext/quoted-pair) <">`, RFC 822 3.3.
fn quoted_string(input: &[u8]) -> Option<Quoted<'_>> {
    let content = input.strip_prefix(b"\"")?;
    let mut escaped = false;
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', content.get(at..)?)?;
        if content[at] == b'"' {
            return Some(Quoted { content: &content[..at], escaped, rest: &content[at + 1..] });
        }
        // quoted-pair
        escaped = true;
        at += 2;
    }
}

/// A quoted string: what is between the quotes, as it stands; whether there are quoted pairs in it; what is behind it.
struct Quoted<'a> {
    content: &'a [u8],
    escaped: bool,
    rest: &'a [u8],
}

/// Behind blanks and comments (RFC 822 3.1.4, 3.3), no-break spaces among them. A comment without end takes the rest.
#[inline]
fn cfws(input: &[u8]) -> &[u8] {
    let mut rest = input;
    while let Some((&byte, tail)) = rest.split_first()
        && !is_token(byte)
        && byte != b'"'
    {
        rest = match byte {
            b'(' => behind_comment(rest),
            0x80.. if is_nbsp(high_run(rest)) => &rest[high_run(rest).len()..],
            _ if is_blank(byte) => tail,
            _ => return rest,
        }
    }
    rest
}

/// `comment = "(" *(ctext / quoted-pair / comment) ")"`, RFC 822 3.3.
fn behind_comment(input: &[u8]) -> &[u8] {
    let mut rest = input;
    let mut depth = 0_usize;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'(' => depth += 1,
            b')' if depth == 1 => break,
            b')' => depth -= 1,
            b'\\' => rest = tail.get(1..).unwrap_or_default(),
            _ => {}
        }
    }
    rest
}

/// `*(";" parameter)`, RFC 2045 5.1. `input` is the tail of the field. Which of the parameters they are.
fn parameters<'a>(field: Source<'a>, input: &'a [u8], params: &mut Vec<Param<'a>>, flags: &mut Flags) -> Range<usize> {
    let at = |rest: &[u8]| field.base + field.value.len() - rest.len();
    let first_param = params.len();
    let mut semicolon = None;
    let mut rest = cfws(input);
    while let Some(&first) = rest.first() {
        let offset = at(rest);
        if first == b';' {
            if semicolon.replace(offset).is_some() {
                flags.push(DeviationKind::ParameterSeparator, offset);
            }
            rest = &rest[1..];
        } else if let Some((name, tail)) = attribute(rest) {
            if semicolon.take().is_none() {
                flags.push(DeviationKind::ParameterSeparator, offset);
            }
            let parsed = parameter_value(tail, name.ends_with(b"*"), field.plain);
            if parsed.irregular {
                flags.push(DeviationKind::ParameterQuote, at(tail));
            }
            if params.capacity() == 0 {
                params.reserve(PARAMS);
            }
            params.push(Param { name, value: parsed.bytes, offset });
            rest = parsed.rest;
        } else {
            // No parameter: what stands here up to the next semicolon separates nothing.
            flags.push(DeviationKind::ParameterSeparator, offset);
            semicolon = None;
            rest = &rest[until_semicolon(rest)..];
        }
        rest = cfws(rest);
    }
    if let Some(offset) = semicolon {
        flags.push(DeviationKind::ParameterSeparator, offset);
    }
    first_param..params.len()
}

/// The value of a parameter, without its quotes, and what stands behind it.
struct Value<'a> {
    bytes: Cow<'a, [u8]>,
    rest: &'a [u8],
    irregular: bool,
}

/// `value := token / quoted-string`, RFC 2045 5.1; also in single quotes, without the closing quote, or bare with
/// reserved characters inside. The apostrophes of an `extended` one (RFC 2231 7) are no quotes. `one_line` says
/// that the field has no folds.
fn parameter_value(input: &[u8], extended: bool, one_line: bool) -> Value<'_> {
    if let Some(Quoted { content, escaped, rest }) = quoted_string(input) {
        let bytes = if one_line && !escaped { content.into() } else { unescape(content) };
        return Value { bytes, rest, irregular: false };
    }
    if let Some(unclosed) = input.strip_prefix(b"\"") {
        let (content, rest) = unclosed.split_at(until_semicolon(unclosed));
        return Value { bytes: unescape(content.trim_ascii_end()), rest, irregular: true };
    }
    if let Some((content, rest)) = single_quoted(input).filter(|_| !extended) {
        return Value { bytes: unescape(content), rest, irregular: true };
    }
    if let Some((token, rest @ ([] | [b';', ..]))) = token(input) {
        return Value { bytes: Cow::Borrowed(token), rest, irregular: false };
    }
    let (content, rest) = input.split_at(bare(input));
    let content = without_comment(content);
    let reserved = |&byte: &u8| byte.is_ascii() && !is_token(byte);
    let irregular = content.is_empty() || content.iter().any(reserved);
    Value { bytes: Cow::Borrowed(content), rest, irregular }
}

/// What stands in single quotes, if the closing one ends the value, and the rest.
fn single_quoted(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let content = input.strip_prefix(b"'")?;
    let ends = |index: usize| content.get(index + 1).is_none_or(|&b| b == b';' || is_blank(b));
    // A handful of apostrophes inside is enough, and keeps a list of unclosed ones linear.
    let close = memchr::memchr2_iter(b'\'', b';', content)
        .take(8)
        .take_while(|&index| content[index] == b'\'')
        .find(|&index| ends(index))?;
    Some((&content[..close], &content[close + 1..]))
}

/// An unquoted value without the comment at its end; parentheses elsewhere are more likely part of a file name.
fn without_comment(content: &[u8]) -> &[u8] {
    match memchr::memchr(b'(', content) {
        Some(open @ 1..) if behind_comment(&content[open..]).is_empty() => &content[..open],
        _ => content,
    }
}

/// How many bytes an unquoted value has: words up to a semicolon, or to blanks with a comment or a parameter behind
/// them.
fn bare(input: &[u8]) -> usize {
    let mut end = 0;
    let mut rest = input;
    while let Some(&first) = rest.first()
        && first != b';'
        && (end == 0 || attribute(rest).is_none())
    {
        let word = word(rest);
        if word == 0 {
            break;
        }
        rest = &rest[word..];
        end = input.len() - rest.len();
        rest = cfws(rest);
    }
    end
}

/// The length of the run without blank and semicolon.
fn word(input: &[u8]) -> usize {
    let mut rest = input;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = match byte {
            b';' => break,
            _ if is_blank(byte) => break,
            0x80.. if is_nbsp(high_run(rest)) => break,
            0x80.. => &rest[high_run(rest).len()..],
            _ => tail,
        };
    }
    input.len() - rest.len()
}

fn until_semicolon(input: &[u8]) -> usize {
    memchr::memchr(b';', input).unwrap_or(input.len())
}

/// The content of a quoted string: `quoted-pair` resolved, folds read as one blank.
fn unescape(content: &[u8]) -> Cow<'_, [u8]> {
    let Some(plain) = memchr::memchr3(b'\\', b'\r', b'\n', content) else {
        return Cow::Borrowed(content);
    };
    let mut out = Vec::with_capacity(content.len());
    out.extend_from_slice(&content[..plain]);
    let mut rest = &content[plain..];
    while let Some((&byte, tail)) = rest.split_first() {
        rest = match (byte, tail.split_first()) {
            (b'\\', Some((&next, tail))) => {
                out.push(next);
                tail
            }
            (b'\r' | b'\n', _) => {
                out.push(b' ');
                field::behind_fold(rest)
            }
            _ => {
                out.push(byte);
                tail
            }
        };
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(value: &[u8]) -> (Option<ContentType<'_>>, Vec<(DeviationKind, usize)>) {
        let mut flags = Flags::default();
        let media = media_type(value, 100, &mut flags);
        (media, flags.iter().map(|flag| (flag.kind, flag.offset)).collect())
    }

    fn name_of(param: &Param<'_>) -> String {
        let mut name = String::new();
        param.write_name(&mut name);
        name
    }

    /// The value of a parameter of what [`read`] gave.
    fn param_of<'m>(media: Option<&'m ContentType<'_>>, name: &str) -> Option<&'m [u8]> {
        media.and_then(|media| media.media_type().param(name))
    }

    #[track_caller]
    fn reads(value: &str, expected: &[(&str, &str)], flags: &[(DeviationKind, usize)]) {
        let (media, found_flags) = read(value.as_bytes());
        let found: Vec<_> = media.iter().flat_map(|media| &media.params).collect();
        let found: Vec<_> = found.iter().map(|param| (name_of(param), &*param.value)).collect();
        let expected: Vec<_> = expected.iter().map(|&(name, value)| (name.into(), value.as_bytes())).collect();
        assert_eq!(found, expected, "{value}");
        let flags: Vec<_> = flags.iter().map(|&(kind, offset)| (kind, offset + 100)).collect();
        assert_eq!(found_flags, flags, "{value}");
    }

    #[test]
    fn reads_the_content_type_of_a_submit() {
        let value =
            "multipart/related; boundary=\"----=_Part_0_1.2\"; type=\"text/xml\"; charset=\"EUC-KR\"; start=\"<a>\"";
        let (media, flags) = read(value.as_bytes());
        let given = media.expect("a media type");
        let media = given.media_type();
        assert_eq!((&*media.essence(), media.offset), ("multipart/related", 100));
        assert_eq!(given.head.boundary(&given.params).as_deref(), Some(&b"----=_Part_0_1.2"[..]));
        assert_eq!(media.param("start"), Some(&b"<a>"[..]));
        assert!(flags.is_empty());
        let flagged: Vec<_> = multipart_params(&media).map(|flag| (flag.kind, flag.offset)).collect();
        assert_eq!(flagged, [(DeviationKind::CharsetOnMultipart, 165)]);
    }

    #[test]
    fn borrows_what_nothing_is_to_be_taken_out_of() {
        let (media, _) = read(b"a/b; c=d; e=\"f;g\"; h='i'; j=k l; m=\"n\\o\"; p=\"q\r\n\tr\"; s=\"t");
        let media = media.expect("a media type");
        let borrowed: Vec<_> = media.params.iter().map(|param| matches!(param.value, Cow::Borrowed(_))).collect();
        assert_eq!(borrowed, [true, true, true, true, false, false, true]);
    }

    #[test]
    fn tells_types_without_regard_to_case() {
        let (media, _) = read(b"Text / (c) XML");
        let given = media.expect("a media type");
        let media = given.media_type();
        assert!(media.is("text/xml") && media.is("TEXT/xml"));
        for other in ["", "text", "text/", "text/xm", "text/xml ", "tex/txml", "text-xml", "/textxml", "text/xmk"] {
            assert!(!media.is(other), "{other}");
        }
        assert!(!media.is_multipart());
    }

    #[test]
    fn reports_what_a_multipart_type_should_not_or_should_have() {
        let kinds = |value: &[u8]| {
            let (media, _) = read(value);
            let flags: Vec<_> =
                media.iter().flat_map(|media| multipart_params(&media.media_type())).map(|flag| flag.kind).collect();
            flags
        };
        assert_eq!(kinds(b"multipart/related; boundary=b"), [DeviationKind::RelatedTypeMissing]);
        assert_eq!(kinds(b"multipart/mixed; charset=b"), [DeviationKind::CharsetOnMultipart]);
        assert_eq!(kinds(b"text/xml; charset=euc-kr"), []);
    }

    #[test]
    fn accepts_every_legal_spelling() {
        for value in [
            "text/xml; charset=euc-kr",
            "text/xml;charset=\"euc-kr\"",
            "Text/XML ; CHARSET = \"euc\\-kr\"",
            " text / xml (a (nested) \\) comment);(b)charset=euc-kr(c)",
            "text/xml;\r\n\tcharset=euc-kr",
        ] {
            reads(value, &[("charset", "euc-kr")], &[]);
        }
        assert_eq!(read(b"TEXT/XML").0.map(|media| media.media_type().essence()).as_deref(), Some("text/xml"));
    }

    #[test]
    fn keeps_what_quotes_protect() {
        reads("a/b; n=\"x; y=z (c) \\\" 'q'\"", &[("n", "x; y=z (c) \" 'q'")], &[]);
        reads("a/b; boundary=\"Story Parts 1\"", &[("boundary", "Story Parts 1")], &[]);
    }

    #[test]
    fn reports_values_in_wrong_quotes_or_in_none() {
        use DeviationKind::ParameterQuote as Quote;
        reads("a/b; n='x y'", &[("n", "x y")], &[(Quote, 7)]);
        reads("a/b; n='x'; m=y", &[("n", "x"), ("m", "y")], &[(Quote, 7)]);
        reads("a/b; type=text/xml; m=y", &[("type", "text/xml"), ("m", "y")], &[(Quote, 10)]);
        reads("a/b; n=Story Parts 1 ; m=y", &[("n", "Story Parts 1"), ("m", "y")], &[(Quote, 7)]);
        reads("a/b; n=\"open ; m=y", &[("n", "open"), ("m", "y")], &[(Quote, 7)]);
        reads("a/b; n=IMG(1).jpg", &[("n", "IMG(1).jpg")], &[(Quote, 7)]);
        reads("a/b; n=; m=y", &[("n", ""), ("m", "y")], &[(Quote, 7)]);
        // A token may begin with an apostrophe.
        reads("a/b; n='x", &[("n", "'x")], &[]);
    }

    #[test]
    fn reports_separators_missing_or_spare() {
        use DeviationKind::ParameterSeparator as Separator;
        reads("a/b; n=x;", &[("n", "x")], &[(Separator, 8)]);
        reads("a/b;", &[], &[(Separator, 3)]);
        reads("a/b;; n=x", &[("n", "x")], &[(Separator, 4)]);
        reads("a/b n=x", &[("n", "x")], &[(Separator, 4)]);
        reads("a/b; n=x m=y", &[("n", "x"), ("m", "y")], &[(Separator, 9)]);
        reads("a/b; n=\"x\"m=y", &[("n", "x"), ("m", "y")], &[(Separator, 10)]);
        reads("a/b; junk; n=x", &[("n", "x")], &[(Separator, 5)]);
    }

    #[test]
    fn reads_no_break_spaces_as_blanks_outside_quotes() {
        let (media, flags) = read(b"a/b\xC2\xA0;\xA0n=x\xC2\xA0");
        assert_eq!(param_of(media.as_ref(), "n"), Some(&b"x"[..]));
        assert_eq!(flags, [(DeviationKind::FieldNbsp, 103)]);
        // In CP949 A0 is a trail byte, and so it is of many characters of UTF-8.
        let (media, flags) = read(b"a/b; n=\"\xC2\xA0\"; m=\xB1\xA0");
        assert_eq!(param_of(media.as_ref(), "n"), Some(&b"\xC2\xA0"[..]));
        assert_eq!(param_of(media.as_ref(), "m"), Some(&b"\xB1\xA0"[..]));
        assert_eq!(flags, [(DeviationKind::FieldEightBit, 108)]);
    }

    #[test]
    fn refuses_what_begins_with_no_type() {
        for value in ["", "  ", "text", "/xml", "text/", "; charset=x", "\"text/xml\""] {
            assert!(read(value.as_bytes()).0.is_none(), "{value}");
        }
    }

    #[test]
    fn reads_a_disposition_with_and_without_its_type() {
        for value in ["attachment; filename=\"a.xt\"", "filename=\"a.xt\"", ";filename=a.xt"] {
            let mut params = Vec::new();
            let field = Source { value: value.as_bytes(), base: 0, plain: true };
            assert_eq!(disposition(field, &mut params, &mut Flags::default()), 0..1);
            assert_eq!(param(&params, "filename").map(|param| &*param.value), Some(&b"a.xt"[..]), "{value}");
        }
    }

    proptest! {
        #[test]
        fn reads_any_bytes_and_flags_inside_them(value in proptest::collection::vec(
            prop_oneof![Just(b';'), Just(b'='), Just(b'"'), Just(b'\''), Just(b'('), Just(b'\\'), Just(b' '), Just(0xA0), Just(b'a'), any::<u8>()], 0..60)
        ) {
            let mut bytes = b"a/b".to_vec();
            bytes.extend(value);
            let (media, flags) = read(&bytes);
            let offsets = flags.iter().map(|flag| flag.1);
            let params = media.iter().flat_map(|media| media.params.iter().map(|param| param.offset));
            for offset in offsets.chain(params) {
                prop_assert!((100..=100 + bytes.len()).contains(&offset));
            }
        }

        #[test]
        fn keeps_any_value_in_quotes(value in "[ -~]{0,30}") {
            let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
            let text = std::format!("a/b; n=\"{quoted}\"");
            let (media, flags) = read(text.as_bytes());
            prop_assert_eq!(param_of(media.as_ref(), "n"), Some(value.as_bytes()));
            prop_assert!(flags.is_empty());
        }
    }
}
