//! `type "/" subtype` and its parameters (RFC 2045 5.1, RFC 2183 2), read leniently.

use alloc::string::String;
use alloc::vec::Vec;

use nom::branch::alt;
use nom::bytes::complete::{is_not, take, take_while1};
use nom::character::complete::char;
use nom::combinator::recognize;
use nom::multi::many0_count;
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};

use super::field;
use crate::deviation::{DeviationKind, Flag, Flags};

/// A Content-Type, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MediaType {
    /// `type/subtype` in lower case.
    pub(crate) essence: String,
    /// The parameters in order.
    pub(crate) params: Vec<Param>,
    /// Where the type begins.
    pub(crate) offset: usize,
}

/// One parameter of a media type or a disposition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Param {
    /// The name in lower case.
    pub(crate) name: String,
    /// The value without quotes and escapes.
    pub(crate) value: Vec<u8>,
    /// Where the name begins.
    pub(crate) offset: usize,
}

impl MediaType {
    /// The value of the first parameter with this name (in lower case).
    pub(crate) fn param(&self, name: &str) -> Option<&[u8]> {
        param(&self.params, name).map(|param| &*param.value)
    }

    /// Whether the type is `multipart`, of whatever subtype (L-15).
    pub(crate) fn is_multipart(&self) -> bool {
        self.essence.starts_with("multipart/")
    }

    /// The boundary, if there is one that can stand in a delimiter line.
    pub(crate) fn boundary(&self) -> Option<&[u8]> {
        self.param("boundary").filter(|value| !value.is_empty() && !value.iter().any(|byte| b"\r\n".contains(byte)))
    }
}

/// The first parameter with this name (in lower case).
pub(super) fn param<'p>(params: &'p [Param], name: &str) -> Option<&'p Param> {
    params.iter().find(|param| param.name == name)
}

/// What is irregular about the parameters of a multipart type: a charset, and no `type` on
/// `multipart/related` (RFC 2387 3.1, S-22). Nothing for other types.
///
/// The parts of a body are checked by [`parse`](super::parse()); the entity's own Content-Type is its caller's.
pub(crate) fn multipart_params(media: &MediaType) -> impl Iterator<Item = Flag> {
    let charset = param(&media.params, "charset")
        .filter(|_| media.is_multipart())
        .map(|param| Flag::new(DeviationKind::CharsetOnMultipart, param.offset));
    let untyped = media.essence == "multipart/related" && media.param("type").is_none();
    let related = untyped.then(|| Flag::new(DeviationKind::RelatedTypeMissing, media.offset));
    charset.into_iter().chain(related)
}

/// Reads the value of a Content-Type field; `base` is the offset of its first byte.
///
/// `None` when no `type/subtype` begins it. Remarks, no-break spaces and 8-bit bytes are flagged as in a part's field.
pub(crate) fn media_type(value: &[u8], base: usize, flags: &mut Flags) -> Option<MediaType> {
    let text = field::text(value, true, base, flags);
    content_type(text.raw, base + text.start, flags)
}

/// `content := "Content-Type" ":" type "/" subtype *(";" parameter)`, RFC 2045 5.1. Of a field read by [`field::text`].
pub(super) fn content_type(value: &[u8], base: usize, flags: &mut Flags) -> Option<MediaType> {
    let start = cfws(value);
    let (rest, essence) = essence(start).ok()?;
    Some(MediaType {
        essence: lower(essence.0) + "/" + &lower(essence.1),
        params: parameters(value, rest, base, flags),
        offset: base + value.len() - start.len(),
    })
}

/// `disposition := "Content-Disposition" ":" disposition-type *(";" disposition-parm)`, RFC 2183 2. The parameters.
pub(super) fn disposition(value: &[u8], base: usize, flags: &mut Flags) -> Vec<Param> {
    let start = cfws(value);
    let rest = match token(start) {
        Ok((rest, _)) if attribute(start).is_err() => rest,
        _ => start,
    };
    parameters(value, rest, base, flags)
}

/// A byte of `token`, RFC 2045 5.1: any printable ASCII but the tspecials.
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&byte)
}

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

fn lower(token: &[u8]) -> String {
    token.iter().map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}

/// `token := 1*<any (US-ASCII) CHAR except SPACE, CTLs, or tspecials>`, RFC 2045 5.1.
fn token(input: &[u8]) -> IResult<&[u8], &[u8]> {
    take_while1(is_token).parse(input)
}

/// `type "/" subtype`, RFC 2045 5.1, with the blanks of RFC 822 3.1.4 between the tokens.
fn essence(input: &[u8]) -> IResult<&[u8], (&[u8], &[u8])> {
    let (rest, kind) = terminated(token, char('/')).parse(input).or_else(|_| {
        let (rest, kind) = token(input)?;
        char('/').parse(cfws(rest)).map(|(rest, _)| (rest, kind))
    })?;
    token(cfws(rest)).map(|(rest, subtype)| (rest, (kind, subtype)))
}

/// `attribute "="`, RFC 2045 5.1; the blanks on either side of the sign are taken too.
fn attribute(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let (rest, name) = token(input)?;
    let (rest, _) = char('=').parse(cfws(rest))?;
    Ok((cfws(rest), name))
}

/// `quoted-string = <"> *(qtext/quoted-pair) <">`, RFC 822 3.3. What is between the quotes, as it stands.
fn quoted_string(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let qtext = is_not("\\\"");
    let quoted_pair = preceded(char('\\'), take(1_usize));
    let content = recognize(many0_count(alt((qtext, quoted_pair))));
    delimited(char('"'), content, char('"')).parse(input)
}

/// Behind blanks and comments (RFC 822 3.1.4, 3.3), no-break spaces among them. A comment without end takes the rest.
fn cfws(input: &[u8]) -> &[u8] {
    let mut rest = input;
    loop {
        rest = match rest.split_first() {
            Some((&byte, tail)) if is_blank(byte) => tail,
            Some((b'(', _)) => behind_comment(rest),
            Some((0x80.., _)) if is_nbsp(high_run(rest)) => &rest[high_run(rest).len()..],
            _ => return rest,
        }
    }
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

/// `*(";" parameter)`, RFC 2045 5.1. `input` is the tail of `value`, whose first byte has the offset `base`.
fn parameters(value: &[u8], input: &[u8], base: usize, flags: &mut Flags) -> Vec<Param> {
    let at = |rest: &[u8]| base + value.len() - rest.len();
    let mut params = Vec::new();
    let mut semicolon = None;
    let mut rest = cfws(input);
    while let Some(&first) = rest.first() {
        let offset = at(rest);
        if first == b';' {
            if semicolon.replace(offset).is_some() {
                flags.push(DeviationKind::ParameterSeparator, offset);
            }
            rest = &rest[1..];
        } else if let Ok((tail, name)) = attribute(rest) {
            if semicolon.take().is_none() {
                flags.push(DeviationKind::ParameterSeparator, offset);
            }
            let parsed = parameter_value(tail, name.ends_with(b"*"));
            if parsed.irregular {
                flags.push(DeviationKind::ParameterQuote, at(tail));
            }
            let (name, value) = (lower(name), parsed.bytes);
            params.push(Param { name, value, offset });
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
    params
}

/// The value of a parameter, without its quotes, and what stands behind it.
struct Value<'a> {
    bytes: Vec<u8>,
    rest: &'a [u8],
    irregular: bool,
}

/// `value := token / quoted-string`, RFC 2045 5.1; also in single quotes, without the closing quote, or bare with
/// reserved characters inside. The apostrophes of an `extended` one (RFC 2231 7) are no quotes.
fn parameter_value(input: &[u8], extended: bool) -> Value<'_> {
    let (bytes, rest, irregular) = if let Ok((rest, content)) = quoted_string(input) {
        (unescape(content), rest, false)
    } else if let Some(unclosed) = input.strip_prefix(b"\"") {
        let (content, rest) = unclosed.split_at(until_semicolon(unclosed));
        (unescape(content.trim_ascii_end()), rest, true)
    } else if let Some((content, rest)) = single_quoted(input).filter(|_| !extended) {
        (unescape(content), rest, true)
    } else {
        let (content, rest) = input.split_at(bare(input));
        let content = without_comment(content);
        let reserved = |&byte: &u8| byte.is_ascii() && !is_token(byte);
        let irregular = content.is_empty() || content.iter().any(reserved);
        (content.to_vec(), rest, irregular)
    };
    Value { bytes, rest, irregular }
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
        && (end == 0 || attribute(rest).is_err())
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
fn unescape(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len());
    let mut rest = content;
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
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(value: &[u8]) -> (Option<MediaType>, Vec<(DeviationKind, usize)>) {
        let mut flags = Flags::default();
        let media = media_type(value, 100, &mut flags);
        (media, flags.iter().map(|flag| (flag.kind, flag.offset)).collect())
    }

    #[track_caller]
    fn reads(value: &str, expected: &[(&str, &str)], flags: &[(DeviationKind, usize)]) {
        let (media, found_flags) = read(value.as_bytes());
        let found: Vec<_> = media.iter().flat_map(|media| &media.params).collect();
        let found: Vec<_> = found.iter().map(|param| (&*param.name, &*param.value)).collect();
        let expected: Vec<_> = expected.iter().map(|&(name, value)| (name, value.as_bytes())).collect();
        assert_eq!(found, expected, "{value}");
        let flags: Vec<_> = flags.iter().map(|&(kind, offset)| (kind, offset + 100)).collect();
        assert_eq!(found_flags, flags, "{value}");
    }

    #[test]
    fn reads_the_content_type_of_a_submit() {
        let value =
            "multipart/related; boundary=\"----=_Part_0_1.2\"; type=\"text/xml\"; charset=\"EUC-KR\"; start=\"<a>\"";
        let (media, flags) = read(value.as_bytes());
        let media = media.expect("a media type");
        assert_eq!((&*media.essence, media.offset), ("multipart/related", 100));
        assert_eq!(media.boundary(), Some(&b"----=_Part_0_1.2"[..]));
        assert_eq!(media.param("start"), Some(&b"<a>"[..]));
        assert!(flags.is_empty());
        let flagged: Vec<_> = multipart_params(&media).map(|flag| (flag.kind, flag.offset)).collect();
        assert_eq!(flagged, [(DeviationKind::CharsetOnMultipart, 165)]);
    }

    #[test]
    fn reports_what_a_multipart_type_should_not_or_should_have() {
        let kinds = |value: &[u8]| {
            let (media, _) = read(value);
            let flags: Vec<_> = media.iter().flat_map(multipart_params).map(|flag| flag.kind).collect();
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
        assert_eq!(read(b"TEXT/XML").0.map(|media| media.essence).as_deref(), Some("text/xml"));
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
        assert_eq!(media.as_ref().and_then(|media| media.param("n")), Some(&b"x"[..]));
        assert_eq!(flags, [(DeviationKind::FieldNbsp, 103)]);
        // In CP949 A0 is a trail byte, and so it is of many characters of UTF-8.
        let (media, flags) = read(b"a/b; n=\"\xC2\xA0\"; m=\xB1\xA0");
        assert_eq!(media.as_ref().and_then(|media| media.param("n")), Some(&b"\xC2\xA0"[..]));
        assert_eq!(media.as_ref().and_then(|media| media.param("m")), Some(&b"\xB1\xA0"[..]));
        assert_eq!(flags, [(DeviationKind::FieldEightBit, 108)]);
    }

    #[test]
    fn refuses_what_begins_with_no_type() {
        for value in ["", "  ", "text", "/xml", "text/", "; charset=x", "\"text/xml\""] {
            assert_eq!(read(value.as_bytes()).0, None, "{value}");
        }
    }

    #[test]
    fn reads_a_disposition_with_and_without_its_type() {
        for value in ["attachment; filename=\"a.xt\"", "filename=\"a.xt\"", ";filename=a.xt"] {
            let params = disposition(value.as_bytes(), 0, &mut Flags::default());
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
            let (media, flags) = read(std::format!("a/b; n=\"{quoted}\"").as_bytes());
            prop_assert_eq!(media.as_ref().and_then(|media| media.param("n")), Some(value.as_bytes()));
            prop_assert!(flags.is_empty());
        }
    }
}
