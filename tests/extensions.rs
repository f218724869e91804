//! The namespace of an extension, a URI whatever bytes stand on the wire; and an extension beside a field of its name.
#![cfg(feature = "serde")]

mod harness;

use serde_json::json;
use tongsa::{Config, DialectId, Entity, Message};

const OPEN: &str = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Header/><e:Body>\
    <m:SubmitReq xmlns:m=\"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-2\">";
const CLOSE: &str = "</m:SubmitReq></e:Body></e:Envelope>";

#[test]
fn reads_a_namespace_as_a_uri() {
    for (name, expected) in [
        (&b"urn:a"[..], "urn:a"),
        // The first and the last byte that stay, and their neighbours.
        (b"u a!b~", "u a!b~"),
        (b"u\x1F", "u%1F"),
        (b"u\x7F", "u%7F"),
        (b"u\x80", "u%80"),
        (b"u\xFF", "u%FF"),
        (b"u&#x7F;&#xB0;", "u%7F%C2%B0"),
        // A character of EUC-KR by its bytes, and one of UTF-8.
        (b"u\xB0\xA1", "u%B0%A1"),
        ("u가".as_bytes(), "u%EA%B0%80"),
        // White space in a value is a blank, and by a reference itself.
        (b"u\ta", "u a"),
        (b"u\r\na", "u a"),
        (b"u&#x9;a&#xA;&#xD;", "u%09a%0A%0D"),
        // What was escaped stays as it is.
        (b"u%7F%", "u%7F%"),
        (b"&lt;&amp;&quot;", "<&\""),
    ] {
        let inside = [b"<p:x xmlns:p=\"", name, b"\" p:a=\"1\">2</p:x>"].concat();
        let entity = Entity::new([OPEN.as_bytes(), &inside, CLOSE.as_bytes()].concat());
        for &dialect in DialectId::ALL {
            let decoded = dialect.codec(harness::lenient()).decode(&entity).expect("a message");
            let extensions = serde_json::to_value(&decoded.message).expect("JSON")["extensions"].take();
            let wanted = json!([
                { "path": "x/@a", "ns": expected, "value": "1" },
                { "path": "x", "ns": expected, "value": "2" },
            ]);
            assert_eq!(extensions, wanted, "{dialect} {:?}", String::from_utf8_lossy(name));
            harness::says(&harness::codecs(dialect), &decoded.message)
                .unwrap_or_else(|error| panic!("{dialect} {expected}: {error}"));
        }
    }
}

/// What the reader would make another name of is not written.
#[test]
fn drops_an_extension_whose_namespace_is_no_uri() {
    let (longest, longer) = ("u".repeat(256), "u".repeat(257));
    for (ns, kept) in [
        ("urn:a", true),
        ("u a!b~", true),
        ("u%7F", true),
        (&longest, true),
        (&longer, false),
        ("u\u{7F}", false),
        ("u\u{80}", false),
        ("u가", false),
        ("u\ta", false),
        ("u\na", false),
    ] {
        let extensions = ["A", "B/@b"].map(|path| json!({ "path": path, "ns": ns, "value": "1" }));
        let message = json!({ "operation": "submit_req", "extensions": extensions });
        let message: Message = serde_json::from_value(message).expect("a message");
        for &dialect in DialectId::ALL {
            let encoded = dialect.codec(Config::default()).encode(&message).expect("nothing is refused");
            let losses: Vec<_> = encoded.losses.iter().map(ToString::to_string).collect();
            let expected: &[&str] = if kept { &[] } else { &["extensions[0]: dropped", "extensions[1]: dropped"] };
            assert_eq!(losses, expected, "{dialect} {ns:?}");
            harness::accounts_for_every_loss(&harness::codecs(dialect), &message)
                .unwrap_or_else(|error| panic!("{dialect} {ns:?}: {error}"));
        }
    }
}

/// One address is the field; the second of its kind, and what stands in the first besides, are kept and written again.
#[test]
fn keeps_what_stands_beside_an_address() {
    for (carrier, inside, kept) in [
        (
            "k",
            "<Recipient><Number>1</Number><Number>2</Number><Number>3</Number></Recipient>",
            &[("Recipient/Number[2]", "2"), ("Recipient/Number[3]", "3")][..],
        ),
        ("k", "<Recipient><Number a=\"2\">1</Number></Recipient>", &[("Recipient/Number/@a", "2")]),
        ("l", "<Recipients><Number>1</Number><Number>2</Number></Recipients>", &[("Recipients/Number[2]", "2")]),
        ("s-live", "<Recipient><Number>1</Number><Number>2</Number></Recipient>", &[("Recipient/Number[2]", "2")]),
    ] {
        let dialect = DialectId::ALL.iter().copied().find(|known| known.code() == carrier).expect("a dialect");
        let report = format!("{OPEN}{inside}{CLOSE}").replace("SubmitReq", "DeliveryReportReq");
        let decoded = dialect.codec(harness::lenient()).decode(&Entity::new(report)).expect("a message");
        let extensions = serde_json::to_value(&decoded.message).expect("JSON")["extensions"].take();
        let expected: Vec<_> = kept.iter().map(|(path, value)| json!({ "path": path, "value": value })).collect();
        assert_eq!(extensions, json!(expected), "{carrier} {inside}");
        harness::says(&harness::codecs(dialect), &decoded.message)
            .unwrap_or_else(|error| panic!("{carrier} {inside}: {error}"));
    }
}
