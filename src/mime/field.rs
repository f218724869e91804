//! Header fields of a part (RFC 5322 2.2, RFC 2045 3): which lines are fields, and what a field's value reads as.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::media_type::{high_run, is_blank, is_nbsp, is_token};
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

/// `field-name *WSP ":"`, RFC 5322 4.5.8: how long the name is, and where the value begins.
pub(super) fn field_line(line: &[u8]) -> Option<(usize, usize)> {
    let name = line.iter().take_while(|&&byte| is_token(byte)).count();
    let blanks = line[name..].iter().take_while(|&&byte| is_wsp(byte)).count();
    let colon = name + blanks;
    (name > 0 && line.get(colon) == Some(&b':')).then_some((name, colon + 1))
}

/// Whether `line` is the continuation of `previous` and lost the blank it began with (S-24).
pub(super) fn is_lost_fold(previous: &[u8], line: &[u8]) -> bool {
    let sign = line.iter().position(|&byte| matches!(byte, b':' | b'='));
    previous.trim_ascii_end().ends_with(b";") && sign.is_some_and(|index| line[index] == b'=')
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
    /// Unfolded.
    pub(super) value: Cow<'a, [u8]>,
}

/// Reads what stands behind a field's colon; `base` is the offset of its first byte.
pub(super) fn text<'a>(input: &'a [u8], structured: bool, base: usize, flags: &mut Flags) -> Text<'a> {
    let cut = remark(input);
    if let Some(cut) = cut {
        flags.push(DeviationKind::FieldComment, base + cut);
    }
    let kept = &input[..cut.unwrap_or(input.len())];
    let start = kept.iter().position(|&byte| !is_blank(byte)).unwrap_or(0);
    let raw = trim(kept);
    Text { raw, start, value: unfold(raw, structured, base + start, flags) }
}

/// What the reader makes of an unstructured field value that is written on one line: line breaks are blanks, a remark
/// is cut off, the blanks around it are gone.
pub(crate) fn field_text_reads_as(value: &[u8]) -> Cow<'_, [u8]> {
    text(value, false, 0, &mut Flags::default()).value
}

fn trim(value: &[u8]) -> &[u8] {
    let start = value.iter().position(|&byte| !is_blank(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|&byte| !is_blank(byte)).map_or(start, |last| last + 1);
    &value[start..end]
}

/// Where a remark begins, `<--` or `<!--` (S-26): outside quoted strings, where it is text, and outside `<...>`.
fn remark(value: &[u8]) -> Option<usize> {
    enum In {
        Text,
        Quotes,
        Angles,
    }
    let mut state = In::Text;
    let mut at = 0;
    while let Some(&byte) = value.get(at) {
        state = match (state, byte) {
            (In::Text, b'<') => {
                let behind = &value[at + 1..];
                if behind.starts_with(b"--") || behind.starts_with(b"!--") {
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

/// Folds read as one blank, in structured fields also no-break spaces outside quotes; flags 8-bit bytes.
fn unfold<'a>(raw: &'a [u8], structured: bool, base: usize, flags: &mut Flags) -> Cow<'a, [u8]> {
    if raw.is_ascii() && memchr::memchr2(b'\r', b'\n', raw).is_none() {
        return Cow::Borrowed(raw);
    }
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
    let Some(open) = memchr::memchr(b'<', raw) else {
        let end = raw.iter().rposition(|&byte| byte != b'>' && !is_blank(byte));
        return trim(&raw[..end.map_or(0, |last| last + 1)]);
    };
    let inside = &raw[open..];
    let skip = |&&byte: &&u8| byte == b'<' || is_blank(byte);
    let inside = &inside[inside.iter().take_while(skip).count()..];
    trim(&inside[..memchr::memchr(b'>', inside).unwrap_or(inside.len())])
}

/// What is irregular about a raw Content-ID: `"<" left "@" right ">"`, RFC 2045 7 and RFC 5322 3.6.4.
pub(super) fn content_id_deviations(raw: &[u8]) -> impl Iterator<Item = DeviationKind> {
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
    let form = (!whole || !is_message_id(id)).then_some(DeviationKind::ContentIdForm);
    brackets.into_iter().chain(form)
}

/// `id-left "@" id-right`, RFC 5322 3.6.4, coarsely.
fn is_message_id(id: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_graphic() && !b"<>@".contains(byte);
    let mut sides = id.splitn(2, |&byte| byte == b'@');
    matches!((sides.next(), sides.next()), (Some(left), Some(right))
        if [left, right].iter().all(|side| !side.is_empty() && side.iter().all(plain)))
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
            let read = text(value.as_bytes(), true, 0, &mut Flags::default()).value;
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
    fn tells_fields_from_other_lines() {
        assert_eq!(field_line(b"Content-Type: text/xml"), Some((12, 13)));
        assert_eq!(field_line(b"X_Kmms_SVCCODE :"), Some((14, 16)));
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
