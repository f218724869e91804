//! Irregularities written on purpose: each is the inverse of one repair of the reader, and the reader is asked whether
//! it is.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use memchr::memmem;

use super::super::media_type::Param;
use super::super::{FieldId, field, parse};
use crate::deviation::{DeviationKind, Flags, Quirks};
use crate::limits::Limits;

/// Those whose site is a header field, in catalogue order.
const OF_A_FIELD: [DeviationKind; 9] = [
    DeviationKind::CharsetOnMultipart,
    DeviationKind::ParameterQuote,
    DeviationKind::ParameterSeparator,
    DeviationKind::FoldLost,
    DeviationKind::FieldComment,
    DeviationKind::FieldNbsp,
    DeviationKind::FieldUnderscore,
    DeviationKind::ContentIdUnbracketed,
    DeviationKind::ContentIdDoubled,
];

/// Whether a quirk is to be written at a field of this name, if the value has a place for it.
pub(super) fn has_occasion(name: &str, quirks: &Quirks) -> bool {
    OF_A_FIELD.into_iter().any(|kind| quirks.prescribes(kind, name) || quirks.wanted.contains(kind))
}

/// The field with the first quirk that is wanted and that the reader undoes here.
pub(super) fn field<'p>(name: &'p str, value: Cow<'p, [u8]>, quirks: &mut Quirks) -> (Cow<'p, str>, Cow<'p, [u8]>) {
    let given = *quirks;
    let wanted = |kind: DeviationKind| given.prescribes(kind, name) || given.wanted.contains(kind);
    for kind in OF_A_FIELD.into_iter().filter(|&kind| wanted(kind)) {
        let other = match kind {
            DeviationKind::FieldUnderscore => underscored(name).map(|name| (name, value.to_vec())),
            _ => mutated(kind, name, &value).map(|value| (name.into(), value)),
        };
        if let Some((other_name, other)) = other
            && is_undone(kind, (name, &value), (&other_name, &other))
            && quirks.take_at(kind, name)
        {
            return (Cow::Owned(other_name), Cow::Owned(other));
        }
    }
    (Cow::Borrowed(name), value)
}

fn is_undone(kind: DeviationKind, plain: (&str, &[u8]), quirky: (&str, &[u8])) -> bool {
    let sure = is_sure(kind, plain.0, plain.1);
    debug_assert!(!sure || undone(kind, plain, quirky), "{kind} is not undone");
    sure || undone(kind, plain, quirky)
}

/// Whether the reader need not be asked: a remark behind an id, or a no-break space behind the type of a disposition, of
/// letters and digits alone.
fn is_sure(kind: DeviationKind, name: &str, value: &[u8]) -> bool {
    let inside = match kind {
        DeviationKind::FieldComment if field::same_name(name.as_bytes(), b"content-id") => {
            value.strip_prefix(b"<").and_then(|value| value.strip_suffix(b">"))
        }
        DeviationKind::FieldNbsp => {
            value.strip_prefix(b"attachment; filename=\"").and_then(|value| value.strip_suffix(b"\""))
        }
        _ => None,
    };
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_');
    inside.is_some_and(|inside| !inside.is_empty() && inside.iter().all(is_plain))
}

/// L-16: vendor fields only.
fn underscored(name: &str) -> Option<String> {
    let vendor = name.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("x-"));
    vendor.then(|| name.replace('-', "_"))
}

/// The value with the irregularity, if it has a place for it.
fn mutated(kind: DeviationKind, name: &str, value: &[u8]) -> Option<Vec<u8>> {
    let name = name.as_bytes();
    let disposition = field::same_name(name, b"content-disposition");
    let parameters = disposition || field::same_name(name, b"content-type");
    match kind {
        DeviationKind::CharsetOnMultipart if !disposition && value.starts_with(b"multipart/") => {
            Some([value, b"; charset=\"EUC-KR\""].concat())
        }
        DeviationKind::ParameterQuote if parameters => {
            let open = memchr::memchr(b'"', value)?;
            let close = open + 1 + memchr::memchr(b'"', value.get(open + 1..)?)?;
            let mut out = value.to_vec();
            *out.get_mut(open)? = b'\'';
            *out.get_mut(close)? = b'\'';
            Some(out)
        }
        DeviationKind::ParameterSeparator if parameters => Some([value, b";"].concat()),
        DeviationKind::FoldLost => {
            let fold = memmem::find(value, b"\r\n\t")?;
            let behind = &value[fold + 3..];
            // In column 0 it could be a delimiter.
            (!behind.starts_with(b"--")).then(|| [&value[..fold + 2], behind].concat())
        }
        DeviationKind::FieldComment if field::is_structured(name) => Some([value, b"   <!-- note -->"].concat()),
        DeviationKind::FieldNbsp if disposition => {
            let (kind, rest) = value.split_at(memchr::memchr(b';', value)?);
            Some([kind, "\u{a0}".as_bytes(), rest].concat())
        }
        DeviationKind::ContentIdUnbracketed if field::same_name(name, b"content-id") => {
            Some(value.strip_prefix(b"<")?.strip_suffix(b">")?.to_vec())
        }
        DeviationKind::ContentIdDoubled if field::same_name(name, b"content-id") && value.starts_with(b"<") => {
            Some([b"<", value, b">"].concat())
        }
        _ => None,
    }
}

/// Whether the reader makes the same of both fields, and flags this kind besides and nothing else.
fn undone(kind: DeviationKind, plain: (&str, &[u8]), quirky: (&str, &[u8])) -> bool {
    let (Some((meaning, mut kinds)), Some((same, mut other))) = (read(plain), read(quirky)) else {
        return false;
    };
    if kinds.contains(&kind) {
        return false;
    }
    kinds.push(kind);
    kinds.sort_unstable();
    other.sort_unstable();
    meaning == same && kinds == other
}

/// What the layers above take from a field.
#[derive(PartialEq)]
enum Meaning {
    Type(String, Vec<Meant>),
    Name(Option<(Vec<u8>, Option<Vec<u8>>)>, Vec<Meant>),
    Id(Option<Vec<u8>>),
    Text(Vec<u8>),
}

/// The name of a parameter in lower case, and its value.
type Meant = (String, Vec<u8>);

/// Reads a message whose first part has this one field; the second part makes it one when the first is a multipart.
fn read((name, value): (&str, &[u8])) -> Option<(Meaning, Vec<DeviationKind>)> {
    let head = format!("--q\r\n{name}: ");
    let message = [head.as_bytes(), value, b"\r\n\r\n\r\n--q\r\nContent-Type: text/plain\r\n\r\n\r\n--q--"].concat();
    let limits = Limits { field_len: usize::MAX, ..Limits::default() };
    let mut flags = Flags::default();
    let tree = parse(&message, None, &limits, &mut flags).ok()?;
    let part = tree.parts().nth(1)?;
    let [field] = part.fields() else {
        return None;
    };
    let meant = |params: &[Param<'_>]| {
        let meant = |param: &Param<'_>| {
            let mut name = String::new();
            param.write_name(&mut name);
            (name, param.value.to_vec())
        };
        params.iter().map(meant).collect::<Vec<_>>()
    };
    let meaning = if let Some(media) = part.content_type() {
        let mut params = meant(media.params);
        if media.is_multipart() {
            // it means nothing there.
            params.retain(|(name, _)| name != "charset");
        }
        Meaning::Type(media.essence(), params)
    } else if field.id == FieldId::Disposition {
        let name = part.file_name();
        let name = name.map(|name| (name.bytes.into_owned(), name.charset.map(<[u8]>::to_vec)));
        Meaning::Name(name, meant(part.disposition()))
    } else if field.id == FieldId::ContentId {
        Meaning::Id(part.content_id().map(<[u8]>::to_vec))
    } else {
        Meaning::Text(field.value().into_owned())
    };
    Some((meaning, flags.iter().map(|flag| flag.kind).collect()))
}
