//! What holds for every message.

use std::vec;

use proptest::prelude::*;

use super::*;
use crate::deviation::QuirkSet;

/// Pieces that bodies and headers are made of here, chosen for what they can be mistaken for.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            &b"--"[..], b"\r\n", b"\n", b"\r", b"--b", b"--b--", b"--c", b"\n--b\n", b"\r\n--c--\r\n", b"------=_Part_0_", b"a: b",
            b"Content-Type: multipart/mixed; boundary=c\r\n", b"Content-Type: text/plain;", b"boundary=c", b"<", b"<!--", b"</a>",
            b"\n--abcdefgh\n", b"\"", b";", b" ", b"\t", b"\xA0", b"\xC2\xA0", b"\xE2\x80\x94", b"=", b"Content-ID: <<", b"_",
            b"Content-Transfer-Encoding: base64\r\n", b"\r\n\r\n",
        ]).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

/// A leaf without anything irregular, but for its body.
fn leaf() -> impl Strategy<Value = PartOut> {
    let types = [
        "text/plain; charset=\"euc-kr\"",
        "application/smil",
        "image/jpeg; \r\n\tname=\"a b.jpg\"",
        "text/xml; charset=euc-kr",
    ];
    let body = prop_oneof![
        noise(),
        noise().prop_map(|text| [&b"<a>"[..], &text].concat()),
        prop::collection::vec(any::<u8>(), 0..200)
    ];
    (prop::sample::select(types.to_vec()), body, any::<bool>(), any::<bool>(), "[ -;=-~]{0,20}").prop_map(
        |(kind, body, base64, disposition, value)| {
            let encoding = if base64 { "base64" } else { "8bit" };
            let mut fields = vec![
                ("Content-Type".into(), kind.into()),
                ("Content-Transfer-Encoding".into(), encoding.into()),
                ("X-Kmms-Value".into(), value.into_bytes()),
            ];
            if disposition {
                fields.push(("Content-Disposition".into(), b"attachment; filename=\"a;b.jpg\"".to_vec()));
            }
            let body = if base64 { BodyOut::Base64(body.into()) } else { BodyOut::Bytes(body.into()) };
            PartOut { fields, body }
        },
    )
}

/// A message of two and more parts, some of them multiparts, with ids and boundaries as an encoder gives them.
fn tree_out() -> impl Strategy<Value = (String, Vec<PartOut>)> {
    let entry = prop_oneof![3 => leaf().prop_map(Ok), 1 => prop::collection::vec(leaf(), 1..4).prop_map(Err)];
    (leaf(), prop::collection::vec(entry, 1..4)).prop_map(|(first, entries)| {
        let mut parts = vec![first];
        for entry in entries {
            parts.push(match entry {
                Ok(leaf) => leaf,
                Err(inner) => {
                    let boundary = boundary(
                        BoundaryForm::Relay,
                        &[b"inner", &[u8::try_from(parts.len()).unwrap_or(0)]],
                        &bodies(&inner),
                    );
                    let value = format!("multipart/mixed; \r\n\tboundary=\"{boundary}\"").into_bytes();
                    let fields = vec![("Content-Type".into(), value)];
                    PartOut { fields, body: BodyOut::Parts { boundary, parts: inner } }
                }
            });
        }
        for (n, part) in parts.iter_mut().enumerate() {
            part.fields.push(("Content-ID".into(), format!("<{n}@x>").into_bytes()));
        }
        (boundary(BoundaryForm::Relay, &[b"outer"], &bodies(&parts)), parts)
    })
}

fn bodies(parts: &[PartOut]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    for part in parts {
        match &part.body {
            BodyOut::Bytes(bytes) => found.push(&**bytes),
            BodyOut::Base64(_) => {}
            BodyOut::Parts { parts, .. } => found.extend(bodies(parts)),
        }
    }
    found
}

/// Fields as they read, and the content of a leaf.
type Flat = Vec<(String, Vec<(String, Vec<u8>)>, Option<Bytes>)>;

fn flat_out(parts: &[PartOut], path: &str, out: &mut Flat) {
    for (index, part) in parts.iter().enumerate() {
        let path = format!("{path}part[{index}]");
        let field =
            |(name, value): &(Cow<'_, str>, Vec<u8>)| (name.to_string(), field_text_reads_as(value).into_owned());
        let fields = part.fields.iter().map(field).collect();
        match &part.body {
            BodyOut::Bytes(bytes) | BodyOut::Base64(bytes) => {
                out.push((path, fields, Some(bytes.clone())));
            }
            BodyOut::Parts { parts, .. } => {
                out.push((path.clone(), fields, None));
                flat_out(parts, &format!("{path}."), out);
            }
        }
    }
}

fn flat_in(tree: &Tree<'_>, body: &Bytes, flags: &mut Flags) -> Flat {
    let part = |(index, part): (usize, PartRef<'_, '_>)| {
        let name = |field: &PartField<'_>| String::from_utf8_lossy(field.name).into_owned();
        let field = |field: &PartField<'_>| (name(field), field.value().into_owned());
        let content = (!part.is_multipart).then(|| decode(tree, index, body, flags));
        (tree.path(index).into_owned(), part.fields().iter().map(field).collect(), content)
    };
    tree.parts().enumerate().skip(1).map(part).collect()
}

fn quirk_set() -> impl Strategy<Value = QuirkSet> {
    let all: Vec<_> = QuirkSet::all().iter().filter(|kind| kind.code().starts_with("mime/")).collect();
    let len = all.len();
    prop::sample::subsequence(all, 0..=len).prop_map(|kinds| kinds.into_iter().collect())
}

proptest! {
    #[test]
    fn reads_back_what_it_wrote((boundary, parts) in tree_out(), declared: bool) {
        let body = Bytes::from(emit(&boundary, &parts, &mut Quirks::default()));
        let content_type = if declared { format!("multipart/mixed; boundary=\"{boundary}\"") } else { String::new() };
        let (tree, mut flags) = try_parse(&body, &content_type).map_err(|fatal| TestCaseError::fail(format!("{fatal:?}")))?;
        let mut expected = Flat::new();
        flat_out(&parts, "", &mut expected);
        prop_assert_eq!(flat_in(&tree, &body, &mut flags), expected);
        prop_assert_eq!(kinds(&flags), []);
        prop_assert!(tree.parts.iter().all(|part| part.complete == part.is_multipart));
    }

    #[test]
    fn undoes_the_quirks_it_wrote_and_reports_them((boundary, parts) in tree_out(), wanted in quirk_set()) {
        let mut quirks = Quirks::new(wanted, &[]);
        let body = Bytes::from(emit(&boundary, &parts, &mut quirks));
        let (tree, mut flags) = try_parse(&body, "").map_err(|fatal| TestCaseError::fail(format!("{fatal:?}")))?;
        let plain = Bytes::from(emit(&boundary, &parts, &mut Quirks::default()));
        let (same, _) = try_parse(&plain, "").map_err(|fatal| TestCaseError::fail(format!("{fatal:?}")))?;
        prop_assert_eq!(tree.parts.len(), same.parts.len());
        for part in 1..same.parts.len() {
            let (one, other) = (tree.part(part), same.part(part));
            prop_assert_eq!(tree.path(part).into_owned(), same.path(part));
            prop_assert_eq!(one.content_id(), other.content_id());
            prop_assert_eq!(one.file_name(), other.file_name());
            prop_assert_eq!(one.encoding, other.encoding);
            let media = |part: PartRef<'_, '_>| part.content_type().map(|media| {
                // X-02: a charset on a multipart means nothing.
                let means = |param: &&super::super::Param<'_>| !media.is_multipart() || !param.is("charset");
                let params = media.params.iter().filter(means).map(|param| (lower_name(param), param.value.to_vec()));
                let params: Vec<_> = params.collect();
                (media.essence(), params)
            });
            prop_assert_eq!(media(one), media(other));
            let vendor =
                |part: PartRef<'_, '_>| part.field_named("x-kmms-value").map(|field| field.value().into_owned());
            prop_assert_eq!(vendor(one), vendor(other));
            if !one.is_multipart {
                prop_assert_eq!(decode(&tree, part, &body, &mut flags), decode(&same, part, &plain, &mut flags));
            }
        }
        let found: QuirkSet = kinds(&flags).into_iter().collect();
        prop_assert_eq!(found, quirks.written);
        prop_assert!(kinds(&flags).into_iter().all(Kind::is_quirk));
    }

    #[test]
    fn reads_any_bytes(body in noise(), content_type in noise(), tame: bool, quirky: u8) {
        let body = if quirky % 3 > 0 { [&b"--b\r\n"[..], &body].concat() } else { body };
        crate::laws::mime(&body, if tame { TYPE.as_bytes() } else { &content_type });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn flags_every_prefix_or_refuses_it((boundary, parts) in tree_out(), wanted in quirk_set(), declared: bool) {
        let mut quirks = Quirks::new(wanted, &[]);
        let body = emit(&boundary, &parts, &mut quirks);
        let content_type = if declared { format!("multipart/mixed; boundary=\"{boundary}\"") } else { String::new() };
        for end in 0..body.len() {
            if let Ok((tree, flags)) = try_parse(&body[..end], &content_type) {
                prop_assert!(kinds(&flags).contains(&Kind::CloseDelimiterMissing), "{} of {}", end, body.len());
                prop_assert!(!tree.parts[0].complete);
            }
        }
    }
}
