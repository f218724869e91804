//! Bad input gets one clear error: what, at which byte, in which part. Nothing panics.

use tongsa::{Codec, Config, DecodeErrorKind, DialectId, Entity, L, Limits, Tolerance};

fn lenient() -> L {
    L::new(Config { tolerance: Tolerance::Lenient, ..Config::default() })
}

fn error(entity: &Entity) -> String {
    match lenient().decode(entity) {
        Ok(decoded) => panic!("decoded to {:?}", decoded.message),
        Err(error) => error.to_string(),
    }
}

const RELATED: &str = "multipart/related; type=\"text/xml\"";

fn multipart(body: impl Into<bytes::Bytes>) -> Entity {
    Entity::new(body).with_header("Content-Type", format!("{RELATED}; boundary=\"b\""))
}

#[test]
fn names_what_is_wrong_and_where() {
    assert_eq!(error(&Entity::new("")), "the body is empty at byte 0");
    assert_eq!(error(&Entity::new(" \r\n\t ")), "the body is empty at byte 0");
    assert_eq!(error(&Entity::new("Server Error")), "neither XML nor MIME at byte 0");
    let no_boundary = Entity::new("no delimiter").with_header("Content-Type", RELATED);
    assert_eq!(error(&no_boundary), "a multipart without a boundary, and no delimiter line to take it from at byte 0");
    assert_eq!(error(&multipart("--b--")), "no root part: the multipart holds no part at byte 0");
    assert_eq!(
        error(&multipart("--b\r\nContent-Type: text/xml\r\n\r\nno element\r\n--b--")),
        "no XML element at byte 31 (part[0])"
    );
    let body = |operation: &str| format!("<e:Envelope xmlns:e=\"u\"><e:Body>{operation}</e:Body></e:Envelope>");
    assert_eq!(
        error(&Entity::new(body("<x:Unheard/>"))),
        "unknown operation Unheard at byte 32 (Envelope/Body/Unheard)"
    );
    assert_eq!(error(&Entity::new(body(""))), "an empty SOAP body at byte 24 (Envelope/Body)");
    assert_eq!(error(&Entity::new("<a/>")), "no SOAP Body element at byte 0 (a)");
    assert_eq!(error(&Entity::new("<!DOCTYPE a><a/>")), "a document type declaration at byte 0");
    assert_eq!(
        error(&Entity::new("<?xml version='1.0' encoding='utf-16'?><a/>")),
        "charset UTF-16 is not supported at byte 30"
    );
}

#[test]
fn refuses_what_is_too_much_at_the_byte_where_it_is() {
    let deep = "<a>".repeat(100_000);
    assert_eq!(error(&Entity::new(deep)), "more than 64 elements inside one another at byte 192");
    let long = format!("--b\r\nX-Long: {}\r\n\r\n<a/>\r\n--b--", "x".repeat(1 << 20));
    assert_eq!(error(&multipart(long)), "more than 8192 bytes in a header field at byte 8197 (part[0])");
    let parts = "--b\r\n\r\nx\r\n".repeat(100);
    assert!(error(&multipart(parts)).starts_with("more than 64 MIME parts at byte "));
    let fields = format!("--b\r\n{}\r\n<a/>\r\n--b--", "X-A: b\r\n".repeat(200));
    assert!(error(&multipart(fields)).starts_with("more than 128 header fields at byte "));
    let attributes = (0..2000).fold(String::new(), |list, n| list + &format!(" a{n}=\"\""));
    assert!(
        error(&Entity::new(format!("<a{attributes}/>")))
            .starts_with("more than 1024 attributes of one element at byte ")
    );
    let angles = vec![b'<'; 10 << 20];
    assert_eq!(error(&Entity::new(angles)), "no XML element at byte 0");
    let body = vec![b'<'; (16 << 20) + 1];
    assert_eq!(error(&Entity::new(body)), format!("more than 16777216 bytes of body at byte {}", 16 << 20));
}

/// A document of S that passes a limit is refused, and not taken for media.
#[test]
fn refuses_a_document_that_is_nested_too_deep() {
    let file = std::fs::read("examples/payloads/s-submit.http").expect("a sample payload");
    let mut entity = Entity::parse_http(file.into(), &Limits::default()).expect("a file").entity;
    let bytes = entity.body.to_vec();
    let at = bytes.windows(5).position(|window| window == b"<par ").expect("a scene");
    // `smil` and `body` are around it; the envelope is six deep.
    entity.body = [&bytes[..at], "<a>".repeat(8).as_bytes(), "</a>".repeat(8).as_bytes(), &bytes[at..]].concat().into();
    let of_depth = |xml_depth| {
        let limits = Limits { xml_depth, ..Limits::default() };
        let config = Config { limits, tolerance: Tolerance::Lenient, ..Config::default() };
        DialectId::SLive.codec(config).decode(&entity).map_err(|error| error.to_string())
    };
    assert!(of_depth(10).is_ok());
    let seventh = at + "<a>".len() * 6;
    let expected = format!("more than 8 elements inside one another at byte {seventh} (part[1].part[0])");
    assert_eq!(of_depth(8).map(|decoded| decoded.dialect), Err(expected));
}

#[test]
fn says_which_tolerance_would_accept() {
    let answer = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body>\
        <m:SubmitRsp xmlns:m=\"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-2\">\
        <MM7Version>5.3.0</ MM7Version></m:SubmitRsp></e:Body></e:Envelope>";
    let refused = L::new(Config::default()).decode(&Entity::new(answer)).unwrap_err();
    assert_eq!(refused.accepted_under(), Some(Tolerance::Lenient));
    assert!(matches!(refused.kind(), DecodeErrorKind::Refused(_)), "{refused}");
    assert!(lenient().decode(&Entity::new(answer)).is_ok());
}

const OPEN: &str = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Header/><e:Body><m:SubmitReq \
    xmlns:m=\"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-2\">";

fn request(inside: &str) -> Entity {
    Entity::new(format!("{OPEN}{inside}</m:SubmitReq></e:Body></e:Envelope>"))
}

#[test]
fn refuses_too_many_and_too_long_fields_of_the_entity() {
    let many = (0..129).fold(request(""), |entity, _| entity.with_header("A", "b"));
    assert_eq!(error(&many), "more than 128 header fields at header field 128, byte 0");
    let long = request("").with_header("A", "b").with_header("Long", vec![b'x'; 8189]);
    assert_eq!(error(&long), "more than 8192 bytes in a header field at header field 1, byte 8192");
    // No finding is left out without a word: not of a header field either.
    let semicolons = request("").with_header("Content-Type", format!("text/xml{}", ";".repeat(8000)));
    assert_eq!(error(&semicolons), "more than 4096 deviations at header field 0, byte 4119");
    let empty = error(&request(&"<x/>".repeat(5000)));
    assert!(empty.starts_with("more than 4096 deviations at byte "), "{empty}");
    let entries = OPEN.replace("<e:Header/>", &"<e:Header/>".repeat(5000));
    let entries = Entity::new(format!("{entries}</m:SubmitReq></e:Body></e:Envelope>"));
    assert!(error(&entries).starts_with("more than 4096 deviations at byte "), "{}", error(&entries));
}

#[test]
fn refuses_the_long_name_of_a_namespace() {
    let named = |len: usize| request(&format!("<x xmlns=\"{}\">1</x>", "u".repeat(len)));
    assert!(lenient().decode(&named(256)).is_ok());
    let expected = format!("more than 256 bytes of a namespace's name at byte {}", OPEN.len() + 10);
    assert_eq!(error(&named(257)), expected);
}

#[test]
fn shortens_a_long_path_from_the_outside() {
    let long = "y".repeat(200);
    let decoded = lenient().decode(&request(&format!("<{long}><{long}><z> &amp; &x;</z></{long}></{long}>"))).unwrap();
    let place =
        |code: &str| decoded.deviations.iter().find(|found| found.kind.code() == code).unwrap().at.path.to_string();
    assert_eq!(place("xml/reference-unknown"), format!("…/{long}/z"));
    // A value with such a path is dropped, and that is said.
    assert_eq!(place("mm7/text-stray"), format!("…/{long}/z"));
    let longer = "y".repeat(300);
    let decoded = lenient().decode(&request(&format!("<{longer}>&x;</{longer}>"))).unwrap();
    assert!(decoded.deviations.iter().any(|found| found.at.path.as_str() == "…"), "{:?}", decoded.deviations);
}
