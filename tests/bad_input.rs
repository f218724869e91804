//! Bad input gets one clear error: what, at which byte, in which part. Nothing panics, and memory stays bounded.

mod alloc_peak;

use alloc_peak::peak;
use tongsa::{Carrier, Codec, Config, DecodeErrorKind, Entity, L, Limits, Tolerance};

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

/// Shapes that make a careless parser slow, deep or large, each of about `len` bytes.
fn hostile(len: usize) -> Vec<(&'static str, Entity)> {
    let repeat = |piece: &str| piece.repeat(len / piece.len());
    let envelope = |inside: String| {
        format!("<e:Envelope xmlns:e=\"u\"><e:Body><m:SubmitReq>{inside}</m:SubmitReq></e:Body></e:Envelope>")
    };
    let content = |inside: String| {
        multipart(format!("--b\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--b\r\n\r\n{inside}\r\n--b--"))
    };
    let html = |piece: &str| {
        let root = envelope(String::new());
        let html = repeat(piece);
        multipart(format!(
            "--b\r\nContent-Type: text/xml\r\n\r\n{root}\r\n--b\r\nContent-Type: text/html\r\n\r\n{html}\r\n--b--"
        ))
    };
    vec![
        ("html: start tags", html("<B>")),
        ("html: end tags", html("</B>")),
        ("html: tags around letters", html("<I>a</B>")),
        ("html: images", html("<IMG SRC=x>")),
        ("html: comments without end", html("<!--")),
        ("html: titles without end", html("<TITLE>")),
        ("html: end tags without end", html("<TITLE></TITLE")),
        ("html: quotes without end", html("<B \"")),
        ("html: open angle brackets", html("<")),
        ("open angle brackets", Entity::new(repeat("<"))),
        ("nested elements", Entity::new(repeat("<a>"))),
        ("unknown elements", Entity::new(envelope(repeat("<x>1</x>")))),
        ("empty elements", Entity::new(envelope(repeat("<x/>")))),
        ("stray end tags", Entity::new(envelope(repeat("</y>")))),
        ("references", Entity::new(envelope(format!("<Subject>{}</Subject>", repeat("&#65;"))))),
        ("unknown references", Entity::new(envelope(format!("<Subject>{}</Subject>", repeat("&x;"))))),
        ("one long value", Entity::new(envelope(format!("<Subject>{}</Subject>", repeat("x"))))),
        ("bad bytes", Entity::new([b"<a>".as_slice(), &vec![0xFF; len]].concat())),
        ("look-alike delimiters", content(repeat("\r\n--bb"))),
        ("empty lines", content(repeat("\r\n"))),
        (
            "base64 of nothing",
            multipart(format!(
                "--b\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--b\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--",
                repeat("=\r\n")
            )),
        ),
        ("one long line", content(repeat("x"))),
        (
            "recipients",
            Entity::new(envelope(format!("<Recipients><To>{}</To></Recipients>", repeat("<Number>1</Number>")))),
        ),
    ]
}

/// Peak memory beyond the input stays within a small multiple of it, at any size; the multiple is the worst shape's.
#[test]
fn keeps_memory_within_a_small_multiple_of_the_input() {
    let limits = Limits { body: 64 << 20, ..Limits::default() };
    let mut table = String::new();
    let mut worst: f64 = 0.0;
    for len in [1 << 16, 1 << 20, 4 << 20] {
        for (name, entity) in hostile(len) {
            for carrier in [Carrier::K, Carrier::L] {
                let codec = carrier.codec(Config { tolerance: Tolerance::Lenient, limits, ..Config::default() });
                let (used, _) = peak(|| codec.decode(&entity).is_ok());
                #[allow(clippy::cast_precision_loss, reason = "a ratio to read")]
                let ratio = used as f64 / len as f64;
                worst = worst.max(ratio);
                table += &format!("{carrier} {name:28} {len:9} {ratio:6.2}\n");
            }
        }
    }
    assert!(worst < 40.0, "{table}");
    println!("{table}");
}
