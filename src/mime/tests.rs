//! The irregularities that the layer reads and writes, one by one.

mod laws;
mod oracle;

use std::string::ToString;
use std::vec;

use bytes::Bytes;

use super::*;
use crate::deviation::DeviationKind as Kind;
use crate::deviation::{QuirkSet, Quirks};
use crate::error::{DecodeErrorKind, Fatal};
use crate::laws::work;
use crate::limits::Limits;

fn typed(content_type: &str) -> Option<ContentType<'_>> {
    media_type(content_type.as_bytes(), 0, &mut Flags::default())
}

fn try_parse<'a>(body: &'a [u8], content_type: &'a str) -> Result<(Tree<'a>, Flags), Fatal> {
    let mut flags = Flags::default();
    let tree = parse(body, typed(content_type), &Limits::default(), &mut flags)?;
    Ok((tree, flags))
}

#[track_caller]
fn parsed<'a>(body: &'a str, content_type: &'a str) -> (Tree<'a>, Flags) {
    try_parse(body.as_bytes(), content_type).expect("a tree")
}

fn kinds(flags: &Flags) -> Vec<Kind> {
    flags.iter().map(|flag| flag.kind).collect()
}

/// What stands where a flag points.
fn at<'b>(body: &'b str, flags: &Flags, kind: Kind) -> Option<&'b str> {
    let flag = flags.iter().find(|flag| flag.kind == kind)?;
    body.get(flag.offset..)
}

fn text<'b>(tree: &Tree<'_>, part: usize, body: &'b str) -> &'b str {
    &body[tree.parts[part].body.clone()]
}

/// The name of a parameter in lower case.
fn lower_name(param: &Param<'_>) -> String {
    let mut name = String::new();
    param.write_name(&mut name);
    name
}

const TYPE: &str = "multipart/related; boundary=b; type=\"text/xml\"; start=\"<r@x>\"";

/// A part that has nothing irregular, with more header lines.
fn part(fields: &str, body: &str) -> String {
    format!("--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n{fields}\r\n{body}\r\n")
}

/// A root part before it, and the close behind it.
fn message(parts: &str) -> String {
    part("Content-ID: <r@x>\r\n", "<a/>") + parts + "--b--"
}

#[test]
fn splits_a_nested_message_and_names_its_parts() {
    let body = "--b\r\nContent-Type: text/xml\r\nContent-ID: <r@x>\r\n\r\n<a/>\r\n\
        --b\r\nContent-Type: multipart/mixed; \r\n\tboundary=\"c d\"\r\n\r\n\
        --c d\r\nContent-Type: text/plain\r\n\r\nhello\r\n\r\n\
        --c d \t\r\nContent-Type: image/jpeg; name=x\r\n\r\n\r\n\
        --c d--\r\n\r\n--b--\r\nepilogue\r\n--b\r\n";
    let (tree, mut flags) = parsed(body, TYPE);
    let paths: Vec<_> = (0..tree.parts.len()).map(|part| tree.path(part)).collect();
    assert_eq!(paths, ["", "part[0]", "part[1]", "part[1].part[0]", "part[1].part[1]"]);
    assert_eq!(tree.leaves().collect::<Vec<_>>(), [1, 3, 4]);
    assert_eq!(text(&tree, 1, body), "<a/>");
    assert_eq!(text(&tree, 3, body), "hello\r\n");
    assert_eq!(text(&tree, 4, body), "");
    assert!(text(&tree, 2, body).ends_with("--c d--\r\n"), "its epilogue is the multipart's");
    assert_eq!(tree.root(&mut flags), 1);
    assert!(tree.parts[0].complete && tree.parts[2].complete);
    assert_eq!(kinds(&flags), []);
    assert_eq!(&*tree.part(2).fields()[0].value(), b"multipart/mixed;  boundary=\"c d\"");
    let offset = |needle: &str| body.find(needle).unwrap_or(usize::MAX);
    assert_eq!(tree.path_at(offset("hello")), "part[1].part[0]");
    assert_eq!(tree.path_at(offset("name=x")), "part[1].part[1]/Content-Type");
    assert_eq!(tree.path_at(offset("boundary=\"c")), "part[1]/Content-Type");
    assert_eq!(tree.path_at(offset("--c d--")), "part[1]");
    assert_eq!(tree.path_at(offset("epilogue")), "");
}

#[test]
fn lets_the_body_decide_between_xml_and_mime() {
    let (tree, flags) = parsed(" \r\n<a/>", "text/xml");
    assert_eq!((tree.parts.len(), kinds(&flags)), (1, [].into()));
    assert_eq!(tree.leaves().collect::<Vec<_>>(), [0]);
    assert_eq!(tree.parts[0].body, 0..7);
    assert!(tree.part(0).content_type().is_some());
    let (tree, flags) = parsed("<a/>", TYPE);
    assert_eq!((tree.parts.len(), kinds(&flags)), (1, [Kind::BodyTypeMismatch].into()));
    let (tree, flags) = parsed("\n--q\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--q--", "text/xml");
    assert_eq!(tree.parts.len(), 2);
    assert_eq!(kinds(&flags), [Kind::BodyTypeMismatch, Kind::LineEndLf]);
    let (tree, flags) = parsed("preamble\r\n--b\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--b--", TYPE);
    assert_eq!((tree.parts.len(), kinds(&flags)), (2, [].into()));
}

#[test]
fn refuses_what_is_no_message() {
    let fatal = |body: &str, content_type: &str| try_parse(body.as_bytes(), content_type).err().map(|fatal| fatal.kind);
    assert_eq!(fatal(" \r\n\0", TYPE), Some(DecodeErrorKind::BodyEmpty));
    assert_eq!(fatal("Server Error", ""), Some(DecodeErrorKind::NotMm7));
    assert_eq!(fatal("{}", "application/json"), Some(DecodeErrorKind::NotMm7));
    assert_eq!(fatal("Server Error", "multipart/related"), Some(DecodeErrorKind::NoBoundary));
    assert_eq!(fatal("--\r\n", ""), Some(DecodeErrorKind::NoBoundary));
    assert_eq!(fatal("Server Error", TYPE), Some(DecodeErrorKind::NoRootPart));
    assert_eq!(fatal("--b--", TYPE), Some(DecodeErrorKind::NoRootPart));
    let nested = "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b--";
    assert_eq!(fatal(nested, TYPE), Some(DecodeErrorKind::NoRootPart));
}

#[test]
fn takes_the_boundary_from_the_first_line() {
    let body = "--x y \r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--x y--";
    for (content_type, expected) in [
        ("", &[][..]),
        ("multipart/related; type=x", &[Kind::BoundaryMissing]),
        ("multipart/related; type=x; boundary=\"\"", &[Kind::BoundaryMissing]),
        (TYPE, &[Kind::BoundaryUndeclared]),
    ] {
        let (tree, flags) = parsed(body, content_type);
        assert_eq!((tree.parts.len(), &*kinds(&flags)), (2, expected), "{content_type}");
        assert_eq!(text(&tree, 1, body), "<a/>");
    }
    // A first line that only looks like a delimiter is preamble when the declared boundary does occur.
    let (tree, flags) = parsed("--x\r\n--b\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--b--", TYPE);
    assert_eq!((tree.parts.len(), kinds(&flags)), (2, [].into()));
}

#[test]
fn takes_the_boundary_of_a_nested_multipart_from_its_first_line() {
    for (boundary, expected) in [("", Kind::BoundaryMissing), ("; boundary=other", Kind::BoundaryUndeclared)] {
        let nested = format!(
            "--b\r\nContent-Type: multipart/mixed{boundary}\r\n\r\n--c\r\nContent-Type: text/plain\r\n\r\nx\r\n--c--\r\n"
        );
        let body = message(&nested);
        let (tree, flags) = parsed(&body, TYPE);
        assert_eq!((tree.parts.len(), kinds(&flags)), (4, [expected].into()));
        assert!(at(&body, &flags, expected).is_some_and(|text| text.starts_with("--c\r\n")));
    }
    let body = message("--b\r\nContent-Type: multipart/mixed\r\n\r\nopaque\r\n");
    let (tree, flags) = parsed(&body, TYPE);
    assert_eq!(kinds(&flags), [Kind::BoundaryMissing]);
    assert!(!tree.parts[2].is_multipart);
    assert_eq!(text(&tree, 2, &body), "opaque");
}

#[test]
fn takes_no_longer_line_for_a_delimiter() {
    let inside = "--bb\r\n--b -\r\n--b--x\r\n--b\u{2014}x\r\n --b\r\nx--b\r\n--b\r";
    let body = message(&part("", inside));
    let (tree, flags) = parsed(&body, TYPE);
    assert_eq!((tree.parts.len(), kinds(&flags)), (3, [].into()));
    assert_eq!(text(&tree, 2, &body), inside);
    // The boundary of one multipart may begin that of another.
    let body = message(
        "--b\r\nContent-Type: multipart/mixed; boundary=bc\r\n\r\n\
         --bc\r\nContent-Type: text/plain\r\n\r\n--bcd\r\n--bc--\r\n",
    );
    let (tree, flags) = parsed(&body, TYPE);
    assert_eq!((text(&tree, 3, &body), kinds(&flags)), ("--bcd", [].into()));
}

#[test]
fn closes_at_a_typographic_dash() {
    for dash in ["\u{2013}", "\u{2014}", "\u{2015}"] {
        let body = part("", "x") + "--b" + dash;
        let (tree, flags) = parsed(&body, "multipart/mixed; boundary=b");
        assert_eq!(kinds(&flags), [Kind::CloseDelimiterDash]);
        assert_eq!(at(&body, &flags, Kind::CloseDelimiterDash), Some(dash));
        assert!(tree.parts[0].complete);
    }
    for dash in [b"\xA1\xAA", b"\xA1\xA9"] {
        let body = [part("", "x").as_bytes(), b"--b", dash, b" \r\n"].concat();
        let flags = try_parse(&body, "").map(|(_, flags)| kinds(&flags));
        assert_eq!(flags, Ok([Kind::CloseDelimiterDash].into()));
    }
}

#[test]
fn closes_inner_multiparts_at_an_outer_delimiter_and_all_at_the_end() {
    let nested = "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: text/plain\r\n\r\nx";
    let body = message(&format!("{nested}\r\n"));
    let (tree, flags) = parsed(&body, TYPE);
    assert_eq!(kinds(&flags), [Kind::CloseDelimiterMissing]);
    assert_eq!(at(&body, &flags, Kind::CloseDelimiterMissing), Some("\r\n--b--"));
    assert_eq!(text(&tree, 3, &body), "x");
    assert!(tree.parts[0].complete && !tree.parts[2].complete);
    let (tree, flags) = parsed(nested, TYPE);
    assert_eq!(kinds(&flags), [Kind::CloseDelimiterMissing; 2]);
    assert_eq!(text(&tree, 2, nested), "x");
    assert!(!tree.parts[0].complete);
}

#[test]
fn takes_the_missing_inner_line_end_of_old_gateways() {
    let nested =
        "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: text/plain\r\n\r\nx\r\n--c--\r\n";
    let body = message(nested);
    let (tree, flags) = parsed(&body, TYPE);
    assert_eq!((text(&tree, 3, &body), kinds(&flags)), ("x", [].into()));
}

#[test]
fn begins_the_body_where_no_field_is() {
    for (header, body_text) in [
        ("", "<?xml version=\"1.0\" x=\"a:b\"?>"),
        ("Content-Disposition: attachment; filename=x;\r\n", "<smil a=\"b\"/>"),
        ("", "no field here\r\nnor here"),
        ("", "\u{c548}: x"),
        ("", "abc=\r\n"),
    ] {
        let body =
            message(&part(header, body_text).replace(&format!("\r\n\r\n{body_text}"), &format!("\r\n{body_text}")));
        let (tree, flags) = parsed(&body, TYPE);
        let flagged = kinds(&flags).into_iter().filter(|&kind| kind != Kind::ParameterSeparator);
        assert_eq!(flagged.collect::<Vec<_>>(), [Kind::BlankLineMissing], "{body}");
        assert!(at(&body, &flags, Kind::BlankLineMissing).is_some_and(|text| text.starts_with(body_text)));
        assert_eq!(text(&tree, 2, &body), body_text);
    }
    let body = message(&part(" \t\r\n", "x"));
    let (tree, flags) = parsed(&body, TYPE);
    assert_eq!((text(&tree, 2, &body), kinds(&flags)), ("\r\nx", [Kind::BlankLineMissing].into()));
}

#[test]
fn ends_a_part_at_a_delimiter_inside_its_header() {
    let body = message("--b\r\nContent-Type: text/plain\r\n");
    let (tree, flags) = parsed(&body, TYPE);
    assert_eq!((text(&tree, 2, &body), kinds(&flags)), ("", [Kind::BlankLineMissing].into()));
    assert_eq!(at(&body, &flags, Kind::BlankLineMissing), Some("--b--"));
}

#[test]
fn keeps_a_malformed_line_out_of_the_fields() {
    let body = message(&part("what is this\r\nX-A: 1\r\n", "x"));
    let (tree, flags) = parsed(&body, TYPE);
    assert_eq!(kinds(&flags), [Kind::FieldMalformed]);
    assert_eq!(tree.part(2).fields().len(), 3);
    assert_eq!(tree.part(2).field_named("x-a").map(PartField::value).as_deref(), Some(&b"1"[..]));
}

#[test]
fn joins_lines_that_lost_their_fold() {
    let nested = "--b\r\nContent-Type: multipart/mixed;\r\nboundary=\"c\"\r\nX-A: y;\r\nz:=\r\n\r\n\
                  --c\r\nContent-Type: text/plain\r\n\r\nx\r\n--c--\r\n";
    let body = message(nested);
    let (tree, flags) = parsed(&body, TYPE);
    assert_eq!(kinds(&flags), [Kind::FoldLost]);
    assert!(at(&body, &flags, Kind::FoldLost).is_some_and(|text| text.starts_with("boundary")));
    assert_eq!(&*tree.part(2).fields()[0].value(), b"multipart/mixed; boundary=\"c\"");
    assert_eq!((tree.part(2).fields().len(), tree.parts.len()), (3, 4));
    // A delimiter is no continuation, whatever is in it.
    let body = "--b=\r\nContent-Type: text/plain;\r\n--b=--";
    let (tree, flags) = parsed(body, "multipart/mixed; boundary=\"b=\"");
    assert_eq!(kinds(&flags), [Kind::BlankLineMissing, Kind::ParameterSeparator]);
    assert!(tree.parts[0].complete);
}

#[test]
fn reads_remarks_spaces_and_eight_bit_bytes_in_fields() {
    let fields = "Content-ID: <i@x>   <-- \u{c548} -->\r\n\
                  Content-Disposition: attachment\u{a0};  filename=\"\u{d788}.sis\" <!-- n -->\r\n\
                  X_SKT_Type:   6 \r\nX-Empty:\r\n";
    let body = message(&part(fields, "x"));
    let (tree, flags) = parsed(&body, TYPE);
    assert_eq!(
        kinds(&flags),
        [Kind::FieldComment, Kind::FieldComment, Kind::FieldNbsp, Kind::FieldEightBit, Kind::FieldUnderscore]
    );
    assert!(at(&body, &flags, Kind::FieldComment).is_some_and(|text| text.starts_with("<-- ")));
    assert!(at(&body, &flags, Kind::FieldNbsp).is_some_and(|text| text.starts_with("\u{a0};")));
    assert!(at(&body, &flags, Kind::FieldEightBit).is_some_and(|text| text.starts_with("\u{d788}")));
    assert!(at(&body, &flags, Kind::FieldUnderscore).is_some_and(|text| text.starts_with("_SKT")));
    let part = tree.part(2);
    assert_eq!(part.content_id(), Some(&b"i@x"[..]));
    assert_eq!(part.file_name().map(|name| name.bytes.into_owned()), Some("\u{d788}.sis".into()));
    let field = part.field_named("X-SKT-Type");
    assert_eq!(field.map(|field| (field.value(), &body[field.value_offset..][..1])), Some((b"6"[..].into(), "6")));
    assert_eq!(part.field_named("x-empty").map(PartField::value).as_deref(), Some(&b""[..]));
    let path = tree.path_at(body.find("6 \r\n").unwrap_or(0));
    assert_eq!(path, "part[1]/X_SKT_Type");
}

#[test]
fn reports_content_ids_and_fields_that_stand_twice() {
    let fields = "Content-ID: r@x\r\nContent-Id: <q@x>\r\n";
    let body = message(&part(fields, "x"));
    let (tree, flags) = parsed(&body, TYPE);
    assert_eq!(kinds(&flags), [Kind::FieldDuplicate, Kind::ContentIdUnbracketed, Kind::ContentIdDuplicate]);
    assert_eq!(tree.part(2).content_id(), Some(&b"r@x"[..]), "the first counts");
    assert!(at(&body, &flags, Kind::FieldDuplicate).is_some_and(|text| text.starts_with("Content-Id: <q")));
}

#[test]
fn reports_types_and_encodings_that_are_missing_or_unknown() {
    let body = message(
        "--b\r\nX-Kmms-SVCCODE: 000000000000\r\n\r\n\u{c548}\r\n\
         --b\r\nContent-Type: nonsense\r\nContent-Transfer-Encoding: uuencode\r\n\r\n\u{c548}\r\n\
         --b\r\nContent-Type: multipart/related; charset=x; boundary=c\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         --c\r\nContent-Type: text/plain\r\n\r\nascii\r\n--c--\r\n",
    );
    let (tree, flags) = parsed(&body, TYPE);
    assert_eq!(
        kinds(&flags),
        [
            Kind::ContentTypeMissing,
            Kind::EncodingUndeclared,
            Kind::ContentTypeMissing,
            Kind::EncodingUnknown,
            Kind::CharsetOnMultipart,
            Kind::RelatedTypeMissing,
            Kind::EncodingUnknown
        ]
    );
    let missing = flags.iter().find(|flag| flag.kind == Kind::ContentTypeMissing);
    assert_eq!(missing.map(|flag| tree.path_at(flag.offset)).as_deref(), Some("part[1]"));
    assert!(at(&body, &flags, Kind::EncodingUndeclared).is_some_and(|text| text.starts_with('\u{c548}')));
    assert_eq!(tree.part(2).encoding, Encoding::Undeclared);
    assert_eq!(tree.part(3).encoding, Encoding::Unknown);
    assert_eq!(tree.part(3).content_type(), None);
}

#[test]
fn reports_a_length_that_is_neither_with_nor_without_line_end() {
    for (length, flagged) in
        [("4", false), ("6", false), ("5", true), ("0", true), ("4 b", false), ("99999999999999999999999", true)]
    {
        let body = message(&part(&format!("Content-Length: {length}\r\n"), "four"));
        let (_, flags) = parsed(&body, TYPE);
        assert_eq!(kinds(&flags).contains(&Kind::PartLengthMismatch), flagged, "{length}");
    }
}

#[test]
fn reports_bare_line_feeds_once_and_only_in_the_structure() {
    let body = message(&part("", "x\ny\n"));
    assert_eq!(kinds(&parsed(&body, TYPE).1), []);
    let lf = body.replace("\r\n", "\n");
    let (tree, flags) = parsed(&lf, TYPE);
    assert_eq!(kinds(&flags), [Kind::LineEndLf]);
    assert_eq!(flags.iter().next().map(|flag| flag.offset), Some(3));
    assert_eq!(text(&tree, 2, &lf), "x\ny\n");
}

#[test]
fn finds_the_root_by_start_to_the_letter_then_without_brackets() {
    let root = |start: &str, ids: &[&str]| {
        let parts: String = ids.iter().map(|id| part(&format!("Content-ID: {id}\r\n"), "x")).collect();
        let body = parts + "--b--";
        let content_type = format!("multipart/related; boundary=b; start=\"{start}\"");
        let (tree, _) = parsed(&body, &content_type);
        let mut flags = Flags::default();
        (tree.root(&mut flags), kinds(&flags))
    };
    assert_eq!(root("<b>", &["<a>", "<b>"]), (2, [].into()));
    assert_eq!(root("b", &["<a>", "<b>"]), (2, [].into()));
    assert_eq!(root("<b>", &["a", "b"]), (2, [].into()));
    assert_eq!(root("</x>", &["<</x>>", "</x>"]), (2, [].into()));
    assert_eq!(root("<B>", &["<a>", "<b>"]), (1, [Kind::StartUnmatched].into()));
    let (tree, mut flags) = parsed("--b\r\n\r\nx\r\n--b--", "multipart/mixed; boundary=b");
    assert_eq!(tree.root(&mut flags), 1);
}

#[test]
fn splits_a_single_part_at_a_boundary_that_nobody_declared() {
    let envelope = "<?xml version=\"1.0\"?>\r\n<e>\r\n</e >";
    let hidden = "--hidden_1\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\nZm9v\r\n";
    let whole = |close: &str| format!("--b\r\nContent-Type: text/xml\r\n\r\n{envelope}\r\n\r\n{hidden}{close}--b--");
    for (close, expected) in [
        ("--hidden_1--\r\n", &[Kind::BoundaryUndeclared, Kind::BlankLineMissing][..]),
        (
            hidden,
            &[Kind::BoundaryUndeclared, Kind::BlankLineMissing, Kind::BlankLineMissing, Kind::CloseDelimiterMissing],
        ),
    ] {
        let body = whole(close);
        let (tree, flags) = parsed(&body, TYPE);
        assert_eq!(kinds(&flags), expected, "{body}");
        assert!(at(&body, &flags, Kind::BoundaryUndeclared).is_some_and(|text| text.starts_with("--hidden_1\r\n")));
        assert_eq!(text(&tree, 1, &body), format!("{envelope}\r\n"));
        assert_eq!((&*tree.path(2), text(&tree, 2, &body)), ("part[1]", "Zm9v"));
        assert!(tree.parts[0].complete);
        assert_eq!(decode(&tree, 2, &Bytes::from(body.clone()), &mut Flags::default()), "foo");
    }
    // One line alone is text; so is what a subject holds; and so is anything in a message of two parts.
    let subject = "<e><s>\n--hidden_1\n--hidden_1\n</s></e>";
    for body in [
        whole(""),
        format!("--b\r\nContent-Type: text/xml\r\n\r\n{subject}\r\n--b--"),
        whole("--hidden_1--\r\n--b\r\nContent-Type: text/plain\r\n\r\n\r\n"),
    ] {
        assert_eq!(kinds(&parsed(&body, TYPE).1), [], "{body}");
    }
}

#[test]
fn reads_file_names_in_every_form() {
    let name = |fields: &str| {
        let body = message(&part(fields, "x"));
        let (tree, _) = parsed(&body, TYPE);
        let name = tree.part(2).file_name();
        name.map(|name| (name.bytes.into_owned(), name.charset.map(<[u8]>::to_vec)))
    };
    let plain = |text: &str| Some((text.as_bytes().to_vec(), None));
    assert_eq!(name("Content-Disposition: attachment; filename=\"a \\\"b\\\".jpg\"\r\n"), plain("a \"b\".jpg"));
    assert_eq!(name("Content-Disposition: attachment\r\n"), None);
    assert_eq!(name("Content-Disposition: attachment; filename=\"\"\r\n"), None);
    let typed = "--b\r\nContent-Type: image/gif; name=a.gif\r\n\r\nx\r\n";
    let body = message(typed);
    let (tree, _) = parsed(&body, TYPE);
    assert_eq!(tree.part(2).file_name().map(|name| name.bytes.into_owned()), Some(b"a.gif".to_vec()));
    assert_eq!(
        name("Content-Disposition: attachment; filename=x; filename*=EUC-KR'ko'%c7%D1%zz%4\r\n"),
        Some((b"\xC7\xD1%zz%4".to_vec(), Some(b"EUC-KR".to_vec())))
    );
    assert_eq!(name("Content-Disposition: attachment; filename*=''a%20b\r\n"), plain("a b"));
}

#[test]
fn hands_out_unencoded_parts_as_slices() {
    let body = Bytes::from(message(&part("", "raw \u{c548}")));
    let mut flags = Flags::default();
    let (tree, _) = try_parse(&body, TYPE).expect("a tree");
    let raw = decode(&tree, 2, &body, &mut flags);
    assert_eq!(raw.as_ptr() as usize, body.as_ptr() as usize + tree.parts[2].body.start);
    assert_eq!(decode(&tree, 99, &body, &mut flags), Bytes::new());
}

#[test]
fn holds_to_the_limits() {
    let nested =
        "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: text/plain\r\n\r\nx\r\n--c--\r\n";
    let body = message(nested);
    let exact = Limits { parts: 3, mime_depth: 2, fields: 3, field_len: 41, ..Limits::default() };
    let fatal = |limits: &Limits| {
        let found = parse(body.as_bytes(), typed(TYPE), limits, &mut Flags::default()).err();
        found.map(|fatal| (fatal.kind.to_string(), body[fatal.offset..].chars().take(8).collect::<String>()))
    };
    assert_eq!(fatal(&exact), None);
    let expect = |limits: Limits, what: &str, text: &str| {
        assert_eq!(fatal(&limits), Some((what.to_string(), text.to_string())));
    };
    expect(Limits { parts: 2, ..exact }, "more than 2 MIME parts", "--c\r\nCon");
    expect(Limits { mime_depth: 1, ..exact }, "more than 1 multiparts inside one another", "--c\r\nCon");
    expect(Limits { fields: 2, ..exact }, "more than 2 header fields", "Content-");
    expect(Limits { field_len: 40, ..exact }, "more than 40 bytes in a header field", "c\r\n\r\n--c");
}

/// Every kind that [`emit`] can write, and where it stands in one message.
#[test]
fn writes_each_quirk_where_it_has_a_place() {
    let leaf = |fields: &[(&'static str, &str)], body: &'static str| {
        let field = |&(name, value): &(&'static str, &str)| (name.into(), value.into());
        PartOut { fields: fields.iter().map(field).collect(), body: BodyOut::Bytes(body.into()) }
    };
    let parts = [
        leaf(&[("Content-Type", "text/xml; charset=\"euc-kr\""), ("Content-ID", "<r@x>")], "<a/>"),
        PartOut {
            fields: vec![("Content-Type".into(), b"multipart/mixed; \r\n\tboundary=\"c\"".into())],
            body: BodyOut::Parts {
                boundary: "c".into(),
                parts: vec![leaf(
                    &[
                        ("Content-Type", "image/gif"),
                        ("Content-Disposition", "attachment; filename=x"),
                        ("X-SKT-Type", "0"),
                    ],
                    "x",
                )],
            },
        },
    ];
    let written = |kind: Kind, parts: &[PartOut]| {
        let mut quirks = Quirks::new([kind].into_iter().collect(), &[]);
        let body = emit("b", parts, &mut quirks);
        let (_, flags) = try_parse(&body, "").expect("a tree");
        assert_eq!(kinds(&flags).into_iter().collect::<QuirkSet>(), quirks.written, "{kind}");
        String::from_utf8_lossy(&body).into_owned()
    };
    for (kind, piece) in [
        (Kind::ParameterQuote, "charset='euc-kr'"),
        (Kind::ParameterSeparator, "Content-Type: image/gif;\r\n"),
        (Kind::BlankLineMissing, "Content-ID: <r@x>\r\n<a/>"),
        (Kind::FoldLost, "multipart/mixed; \r\nboundary=\"c\""),
        (Kind::FieldComment, "Content-ID: <r@x>   <!-- note -->\r\n"),
        (Kind::FieldNbsp, "attachment\u{a0}; filename=x"),
        (Kind::FieldUnderscore, "X_SKT_Type: 0"),
        (Kind::LineEndLf, "multipart/mixed; \n\tboundary=\"c\"\n\n--c\n"),
        (Kind::CloseDelimiterDash, "--c--\r\n\r\n--b\u{2014}"),
        (Kind::ContentIdUnbracketed, "Content-ID: r@x\r\n"),
    ] {
        let body = written(kind, &parts);
        assert!(body.contains(piece), "{kind}: {body}");
    }
    // And where it has none: the reader would not undo it.
    let parts = [leaf(
        &[
            ("Content-Type", "text/plain; x=\"a' b\"; \r\n\ty:z"),
            ("Content-ID", "<<r@x>>"),
            ("Content-Disposition", "attachment"),
            ("X-\u{c548}", ""),
            ("Y-A", "a; \r\n\t--b=--"),
        ],
        "a: b\r",
    )];
    let plain = String::from_utf8_lossy(&emit("b", &parts, &mut Quirks::default())).into_owned();
    for kind in [
        Kind::ParameterQuote,
        Kind::BlankLineMissing,
        Kind::FoldLost,
        Kind::FieldNbsp,
        Kind::FieldUnderscore,
        Kind::LineEndLf,
        Kind::ContentIdUnbracketed,
    ] {
        let mut quirks = Quirks::new([kind].into_iter().collect(), &[]);
        let body = emit("b", &parts, &mut quirks);
        assert!(quirks.written.is_empty(), "{kind}");
        assert_eq!(String::from_utf8_lossy(&body), plain, "{kind}");
    }
}

#[test]
fn writes_the_first_of_several_quirks_at_one_site() {
    let fields = vec![("Content-Type".into(), b"text/xml; charset=\"euc-kr\"".to_vec())];
    let parts = [PartOut { fields, body: BodyOut::Bytes("<a/>".into()) }];
    let mut quirks = Quirks::new(QuirkSet::all(), &[]);
    let body = emit("b", &parts, &mut quirks);
    assert_eq!(String::from_utf8_lossy(&body), "--b\nContent-Type: text/xml; charset='euc-kr'\n<a/>\n--b\u{2014}");
    let written = [Kind::ParameterQuote, Kind::BlankLineMissing, Kind::LineEndLf, Kind::CloseDelimiterDash];
    assert_eq!(quirks.written, written.into_iter().collect());
}

#[test]
fn stays_linear_on_hostile_bodies() {
    const LEN: usize = 1 << 16;
    let most = usize::MAX >> 1;
    let limits = Limits { parts: most, fields: most, field_len: most, ..Limits::default() };
    let long = "x".repeat(4000);
    let mut nest = String::new();
    for level in 0..15 {
        let inner = level + 1;
        let head = ["--", &long, &level.to_string(), "\nContent-Type: multipart/mixed; boundary="];
        nest.extend(head.into_iter().chain([&*long, &*inner.to_string(), "\n\n"]));
    }
    let long = format!("--{long}\n");
    for (head, unit, tail) in [
        (&*nest, &*long, ""),
        (&*nest, "--x\n", ""),
        ("--b\n\n", "</a>\n--aaaaaaaa\n", ""),
        ("--b\n\n", ">\n--aaaaaaaa\n", ""),
        ("--b\n\n", "--b ", ""),
        ("--b\n\n", "\n--b  x", ""),
        ("--b\n", "x\nA:\n", ""),
        ("--b\n", "\n\n\n\n", ""),
        ("--b\nContent-Type: a/b; ", "a='x b='x ", "\n\nx"),
    ] {
        let read = |len: usize| {
            let body = [head, &unit.repeat(len / unit.len()), tail].concat();
            let work = || {
                for content_type in ["", TYPE] {
                    let _ = parse(body.as_bytes(), typed(content_type), &limits, &mut Flags::default());
                }
            };
            work::spent(work).0
        };
        let growth = work::growth(read, LEN);
        assert!(growth <= work::LINEAR, "{unit:.20?}: {growth:.0} times as long");
    }
    let taken = (0..2000)
        .map(|n| boundary(BoundaryForm::Relay, &[], &[]).replace("_0_", &format!("_{n}_")) + "--")
        .collect::<String>();
    assert!(boundary(BoundaryForm::Relay, &[], &[format!("--{taken}").as_bytes()]).starts_with("----=_Part_2000_"));
}
