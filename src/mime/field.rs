//! Header fields of a part (RFC 5322 2.2, RFC 2045 3): which lines are fields, and what a field's value reads as.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::FieldId;
use super::media_type::{high_run, is_blank, is_nbsp, is_token};
use crate::charset;
use crate::deviation::{DeviationKind, Flags};

/// Whether two field names are the same: letter case does not count, and `_` is `-` (L-16).
pub(super) fn same_name(a: &[u8], b: &[u8]) -> bool {
    let fold = |byte: u8| {
        if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() }
    };
    a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| fold(a) == fold(b))
}

/// Whether the field's value has a grammar of its own, in which a no-break space can only be meant as a blank (S-27).
pub(super) fn is_structured(name: &[u8]) -> bool {
    name.get(..8).is_some_and(|head| same_name(head, b"content-"))
}

#[cfg(any(test, fuzzing))]
/// Whether a field with this name can be read back: `field-name`, RFC 5322 3.6.8, as narrow as RFC 2045 `token`.
pub(crate) fn is_field_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().copied().all(is_token)
}

/// A line that begins a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FieldLine {
    /// Which it is.
    pub(super) id: FieldId,
    /// The length of the name.
    pub(super) name: usize,
    /// Whether an underscore is in it.
    pub(super) underscored: bool,
    /// Where the value begins.
    pub(super) value: usize,
}

/// `field-name *WSP ":"`, RFC 5322 4.5.8.
pub(super) fn field_line(line: &[u8]) -> Option<FieldLine> {
    let usual = usual_field(line);
    if usual.is_some() {
        return usual;
    }
    let (mut name, mut underscored) = (0, false);
    while let Some(&byte) = line.get(name)
        && is_token(byte)
    {
        underscored |= byte == b'_';
        name += 1;
    }
    let blanks = line[name..].iter().take_while(|&&byte| is_wsp(byte)).count();
    let colon = name + blanks;
    let is_field = name > 0 && line.get(colon) == Some(&b':');
    is_field.then(|| FieldLine { id: FieldId::of(&line[..name]), name, underscored, value: colon + 1 })
}

/// A field that nearly every part has, in its usual spelling and with the colon right behind it.
fn usual_field(line: &[u8]) -> Option<FieldLine> {
    let rest = line.strip_prefix(b"Content-")?;
    let usual: [(&[u8], FieldId); 6] = [
        (b"Type:", FieldId::ContentType),
        (b"ID:", FieldId::ContentId),
        (b"Id:", FieldId::ContentId),
        (b"Disposition:", FieldId::Disposition),
        (b"Length:", FieldId::Length),
        (b"Transfer-Encoding:", FieldId::TransferEncoding),
    ];
    let &(tail, id) = usual.iter().find(|(tail, _)| rest.starts_with(tail))?;
    let value = b"Content-".len() + tail.len();
    Some(FieldLine { id, name: value - 1, underscored: false, value })
}

/// Whether `line` is the continuation of `previous` and lost the blank it began with (S-24).
pub(super) fn is_lost_fold(previous: &[u8], line: &[u8]) -> bool {
    previous.trim_ascii_end().ends_with(b";")
        && memchr::memchr2(b':', b'=', line).is_some_and(|index| line[index] == b'=')
}

pub(super) fn is_wsp(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Behind a line break and the blanks that begin the next line: what unfolds to one blank (RFC 5322 2.2.3, S-25).
pub(super) fn behind_fold(input: &[u8]) -> &[u8] {
    let rest =
        (input.strip_prefix(b"\r\n")).or(input.strip_prefix(b"\n")).or(input.strip_prefix(b"\r")).unwrap_or(input);
    let blanks = rest.iter().take_while(|&&byte| is_wsp(byte)).count();
    &rest[blanks..]
}

/// The value of a field.
pub(super) struct Text<'a> {
    /// As it stands on the wire, without the remark and the blanks around it.
    pub(super) raw: &'a [u8],
    /// Where `raw` begins in what was given.
    pub(super) start: usize,
    /// Whether it reads as it stands: see [`unfold`].
    pub(super) plain: bool,
}

/// Reads what stands behind a field's colon; `base` is the offset of its first byte.
pub(super) fn text<'a>(input: &'a [u8], structured: bool, base: usize, flags: &mut Flags) -> Text<'a> {
    if is_simple(input) {
        let (start, raw) = trimmed(input);
        return Text { raw, start, plain: true };
    }
    let cut = remark(input);
    if let Some(cut) = cut {
        flags.push(DeviationKind::FieldComment, base + cut);
    }
    let (start, raw) = trimmed(&input[..cut.unwrap_or(input.len())]);
    if charset::is_plain(raw) {
        return Text { raw, start, plain: true };
    }
    let ascii = raw.is_ascii();
    if !ascii {
        unfold(raw, structured, base + start, flags);
    }
    Text { raw, start, plain: ascii && memchr::memchr2(b'\r', b'\n', raw).is_none() }
}

/// What the reader makes of an unstructured field value that is written on one line: line breaks are blanks, a remark
/// is cut off, the blanks around it are gone.
pub(crate) fn field_text_reads_as(value: &[u8]) -> Cow<'_, [u8]> {
    let text = text(value, false, 0, &mut Flags::default());
    if text.plain { Cow::Borrowed(text.raw) } else { unfold(text.raw, false, 0, &mut Flags::default()) }
}

/// Whether a value is ASCII on one line, without control characters and without an angle that could begin a remark.
fn is_simple(value: &[u8]) -> bool {
    simple_len(value) == value.len()
}

/// How many bytes at the start are ASCII, no control character and no opening angle. Eight bytes at a time.
fn simple_len(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const BLANKS: u64 = u64::from_ne_bytes([b' '; 8]);
    const ANGLES: u64 = u64::from_ne_bytes([b'<'; 8]);
    const HIGH_BITS: u64 = u64::from_ne_bytes([0x80; 8]);
    let (words, rest) = bytes.as_chunks();
    for (nth, &word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(word);
        let angles = word ^ ANGLES;
        // The lowest of these bits is of the first byte that is none of those. Above it they may be of any.
        let others = (word | word.wrapping_sub(BLANKS) | (angles.wrapping_sub(ONES) & !angles)) & HIGH_BITS;
        if others != 0 {
            return nth * 8 + (others.trailing_zeros() / 8) as usize;
        }
    }
    let simple = |&&byte: &&u8| matches!(byte, b' '..=0x7F) && byte != b'<';
    bytes.len() - rest.len() + rest.iter().take_while(simple).count()
}

/// The length of a field's value up to the line break behind it, and that of the line break: `None` where the value is
/// not ASCII on one line, has control characters or could have a remark, and at the end of the input.
pub(super) fn plain_line(input: &[u8]) -> Option<(usize, usize)> {
    let mut len = 0;
    loop {
        len += simple_len(&input[len..]);
        match &input[len..] {
            [b'\r', b'\n', ..] => return Some((len, 2)),
            [b'\n', ..] => return Some((len, 1)),
            [b'<', behind @ ..] if !begins_remark(behind) => len += 1,
            _ => return None,
        }
    }
}

/// Whether a remark has begun with the angle before these bytes.
fn begins_remark(behind: &[u8]) -> bool {
    behind.starts_with(b"--") || behind.starts_with(b"!--")
}

fn trim(value: &[u8]) -> &[u8] {
    trimmed(value).1
}

/// The value without the blanks around it, and where it begins; at 0 where it is empty.
pub(super) fn trimmed(value: &[u8]) -> (usize, &[u8]) {
    let Some(start) = value.iter().position(|&byte| !is_blank(byte)) else { return (0, &[]) };
    let end = value.iter().rposition(|&byte| !is_blank(byte)).map_or(start, |last| last + 1);
    (start, &value[start..end])
}

/// Where a remark begins, `<--` or `<!--` (S-26): outside quoted strings, where it is text, and outside `<...>`.
fn remark(value: &[u8]) -> Option<usize> {
    enum In {
        Text,
        Quotes,
        Angles,
    }
    let begins = |at: usize| begins_remark(&value[at + 1..]);
    if !memchr::memchr_iter(b'<', value).any(begins) {
        return None;
    }
    let mut state = In::Text;
    let mut at = 0;
    while let Some(&byte) = value.get(at) {
        state = match (state, byte) {
            (In::Text, b'<') => {
                if begins(at) {
                    return Some(at);
                }
                In::Angles
            }
            (In::Text, b'"') => In::Quotes,
            (In::Quotes, b'\\') => {
                at += 1;
                In::Quotes
            }
            (In::Quotes, b'"') | (In::Angles, b'>') => In::Text,
            (state, _) => state,
        };
        at += 1;
    }
    None
}

/// Folds read as one blank, in structured fields also no-break spaces outside quotes; flags 8-bit bytes. ASCII on one
/// line comes out as it is.
pub(super) fn unfold<'a>(raw: &'a [u8], structured: bool, base: usize, flags: &mut Flags) -> Cow<'a, [u8]> {
    let mut out = Vec::with_capacity(raw.len());
    let (mut nbsp, mut eight_bit) = (None, None);
    let mut quoted = false;
    let mut rest = raw;
    while let Some((&byte, tail)) = rest.split_first() {
        let offset = base + raw.len() - rest.len();
        rest = match (byte, tail.first()) {
            (b'\r' | b'\n', _) => {
                out.push(b' ');
                behind_fold(rest)
            }
            (b'\\', Some(&next)) if quoted && next.is_ascii() && !is_blank(next) => {
                out.extend_from_slice(&[byte, next]);
                &tail[1..]
            }
            (0x80.., _) => {
                let (run, tail) = rest.split_at(high_run(rest).len());
                if structured && !quoted && is_nbsp(run) {
                    nbsp.get_or_insert(offset);
                    out.push(b' ');
                } else {
                    eight_bit.get_or_insert(offset);
                    out.extend_from_slice(run);
                }
                tail
            }
            _ => {
                quoted ^= byte == b'"';
                out.push(byte);
                tail
            }
        };
    }
    for (kind, found) in [(DeviationKind::FieldNbsp, nbsp), (DeviationKind::FieldEightBit, eight_bit)] {
        if let Some(offset) = found {
            flags.push(kind, offset);
        }
    }
    if nbsp.is_some() {
        out = trim(&out).to_vec();
    }
    if out == raw { Cow::Borrowed(raw) } else { Cow::Owned(out) }
}

/// The Content-ID inside a raw value, without any brackets and blanks (S-26, S-39, L-13).
pub(super) fn content_id(raw: &[u8]) -> &[u8] {
    if let Some(id) = bracketed(raw) {
        return id;
    }
    let Some(open) = memchr::memchr(b'<', raw) else {
        let end = raw.iter().rposition(|&byte| byte != b'>' && !is_blank(byte));
        return trim(&raw[..end.map_or(0, |last| last + 1)]);
    };
    let inside = &raw[open..];
    let skip = |&&byte: &&u8| byte == b'<' || is_blank(byte);
    let inside = &inside[inside.iter().take_while(skip).count()..];
    trim(&inside[..memchr::memchr(b'>', inside).unwrap_or(inside.len())])
}

/// What is between the brackets, where all is there that should be: one bracket on either side, and no blank.
fn bracketed(raw: &[u8]) -> Option<&[u8]> {
    let id = raw.strip_prefix(b"<")?.strip_suffix(b">")?;
    let plain = |byte: &u8| !matches!(byte, b'<' | b'>') && !is_blank(*byte);
    id.iter().all(plain).then_some(id)
}

/// What is irregular about a raw Content-ID: `"<" left "@" right ">"`, RFC 2045 7 and RFC 5322 3.6.4.
pub(super) fn content_id_deviations(raw: &[u8]) -> impl Iterator<Item = DeviationKind> + use<> {
    let (brackets, is_form) = match bracketed(raw) {
        Some(id) => (None, is_message_id(id)),
        None => brackets(raw),
    };
    let form = (!is_form).then_some(DeviationKind::ContentIdForm);
    brackets.into_iter().chain(form)
}

/// What is irregular about the brackets of a Content-ID, and whether it has the form of one but for them.
fn brackets(raw: &[u8]) -> (Option<DeviationKind>, bool) {
    let id = content_id(raw);
    let run = |bracket: u8| {
        let from = memchr::memchr(bracket, raw).unwrap_or(raw.len());
        raw[from..].iter().take_while(|&&byte| byte == bracket).count()
    };
    let (opening, closing) = (run(b'<'), run(b'>'));
    let brackets = match (opening, closing) {
        (1, 1) => None,
        (0, _) | (_, 0) if raw.is_empty() => None,
        (0, _) | (_, 0) => Some(DeviationKind::ContentIdUnbracketed),
        _ => Some(DeviationKind::ContentIdDoubled),
    };
    let whole = raw.len() == opening + id.len() + closing;
    (brackets, whole && is_message_id(id))
}

/// `id-left "@" id-right`, RFC 5322 3.6.4, coarsely.
fn is_message_id(id: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'@', id) else { return false };
    let plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'@');
    let (left, right) = (&id[..at], &id[at + 1..]);
    [left, right].iter().all(|side| !side.is_empty() && side.iter().all(plain))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cuts_remarks_outside_quotes_and_ids() {
        for (value, expected) in [
            ("6   <-- note -->", "6"),
            ("6 <!-- note", "6"),
            ("<C1>   <-- note -->", "<C1>"),
            ("<C1<-->", "<C1<-->"),
            ("attachment; filename=\"a<!--b\" <!-- c \" -->", "attachment; filename=\"a<!--b\""),
            ("\"a\\\"<!--\" <!--", "\"a\\\"<!--\""),
            ("a < b", "a < b"),
            ("<!-- all -->", ""),
        ] {
            assert_eq!(&*field_text_reads_as(value.as_bytes()), expected.as_bytes(), "{value}");
        }
    }

    #[test]
    fn takes_a_quoted_pair_for_no_end_of_the_quotes() {
        // U+00A0 is a blank outside quotes only.
        for (value, expected) in [
            ("a=\"b\\\"\u{a0}c\"", "a=\"b\\\"\u{a0}c\""),
            ("a=\"b\\\\\"\u{a0}c", "a=\"b\\\\\" c"),
            ("a=\"b\\ \"\u{a0}c", "a=\"b\\ \" c"),
        ] {
            let read = unfold(value.as_bytes(), true, 0, &mut Flags::default());
            assert_eq!(&*read, expected.as_bytes(), "{value}");
        }
    }

    #[test]
    fn reads_line_breaks_as_one_blank() {
        for (value, expected) in
            [("a; \r\n\tb", "a;  b"), ("a\r\n \t b", "a b"), ("a\nb\rc", "a b c"), ("\r\n a \r\n", "a")]
        {
            assert_eq!(&*field_text_reads_as(value.as_bytes()), expected.as_bytes(), "{value:?}");
        }
    }

    #[test]
    fn reads_plain_lines_as_values_of_any_sort() {
        for (line, plain) in [
            (&b" a; b=\"c\"\r\nx"[..], Some((9, 2))),
            (b"\n", Some((0, 1))),
            (b" <a@b>\r\n", Some((6, 2))),
            (b"<a><b<\n", Some((6, 1))),
            (b"a <-- b -->\r\n", None),
            (b"a <!-- b\n", None),
            (b"\"a <!-- b\"\n", None),
            (b"a\tb\n", None),
            (b"a\rb\n", None),
            (b"a\xB0\xA1\n", None),
            (b"abcdefghij", None),
            (b"", None),
        ] {
            assert_eq!(plain_line(line), plain, "{}", line.escape_ascii());
        }
        // Wherever it stands among the words.
        for len in 0..40 {
            let plain = b"a Z~\x7F!".iter().copied().cycle().take(len).collect::<Vec<_>>();
            assert_eq!(simple_len(&plain), len);
            for other in (0..b' ').chain([b'<']).chain(0x80..=0xFF) {
                assert_eq!(simple_len(&[&plain[..], &[other], b"<a\n\xFFb", &plain].concat()), len, "{other:X}");
            }
        }
    }

    #[test]
    fn tells_fields_from_other_lines() {
        let line = |id, name, value| Some(FieldLine { id, name, underscored: false, value });
        assert_eq!(field_line(b"Content-Type: text/xml"), line(FieldId::ContentType, 12, 13));
        let underscored = FieldLine { id: FieldId::Other, name: 14, underscored: true, value: 16 };
        assert_eq!(field_line(b"X_Kmms_SVCCODE :"), Some(underscored));
        for (name, id) in [
            ("Content-Type", FieldId::ContentType),
            ("Content-ID", FieldId::ContentId),
            ("Content-Id", FieldId::ContentId),
            ("Content-Disposition", FieldId::Disposition),
            ("Content-Length", FieldId::Length),
            ("Content-Transfer-Encoding", FieldId::TransferEncoding),
        ] {
            let len = name.len();
            let usual = usual_field(std::format!("{name}:").as_bytes());
            assert_eq!(usual, line(id, len, len + 1), "{name}");
            for (name, blanks) in [(name.to_uppercase(), 0), (name.replace('-', "_"), 0), (name.into(), 1)] {
                let text = std::format!("{name}{}: x", " ".repeat(blanks));
                assert_eq!(usual_field(text.as_bytes()), None, "{text}");
                let underscored = name.contains('_');
                let read = FieldLine { id, name: len, underscored, value: len + blanks + 1 };
                assert_eq!(field_line(text.as_bytes()), Some(read), "{text}");
            }
        }
        for name in ["Content-Typ", "Content-Types", "Content-Location", "Content-IDs", "XContent-ID", "Content+ID"] {
            let read = field_line(std::format!("{name}:").as_bytes());
            assert_eq!(read, line(FieldId::Other, name.len(), name.len() + 1), "{name}");
        }
        for line in ["", ": x", "boundary=\"a:b\"", "<a:b>", "no colon", "\u{c548}: x", "\"\": \"\""] {
            assert_eq!(field_line(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn strips_all_brackets_of_a_content_id() {
        for (raw, id, kinds) in [
            ("<a@b>", "a@b", &[][..]),
            ("a@b", "a@b", &[DeviationKind::ContentIdUnbracketed][..]),
            ("<a@b", "a@b", &[DeviationKind::ContentIdUnbracketed]),
            ("<</x/y>>", "/x/y", &[DeviationKind::ContentIdDoubled, DeviationKind::ContentIdForm]),
            ("<123>", "123", &[DeviationKind::ContentIdForm]),
            ("< a@b >", "a@b", &[DeviationKind::ContentIdForm]),
            ("a<b>", "b", &[DeviationKind::ContentIdForm]),
            ("<a>b", "a", &[DeviationKind::ContentIdForm]),
            ("<<>", "", &[DeviationKind::ContentIdDoubled, DeviationKind::ContentIdForm]),
            ("<a@b> junk", "a@b", &[DeviationKind::ContentIdForm]),
            ("<a@b@c>", "a@b@c", &[DeviationKind::ContentIdForm]),
            ("<>", "", &[DeviationKind::ContentIdForm]),
            ("", "", &[DeviationKind::ContentIdForm]),
        ] {
            assert_eq!(content_id(raw.as_bytes()), id.as_bytes(), "{raw}");
            assert_eq!(content_id_deviations(raw.as_bytes()).collect::<Vec<_>>(), kinds, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_it_has_read_as_the_same(value in proptest::collection::vec(
            prop_oneof![Just(b'<'), Just(b'!'), Just(b'-'), Just(b'"'), Just(b'\r'), Just(b'\n'), Just(b' '), any::<u8>()], 0..40)
        ) {
            let once = field_text_reads_as(&value).into_owned();
            prop_assert_eq!(field_text_reads_as(&once).into_owned(), once);
        }
    }
}
