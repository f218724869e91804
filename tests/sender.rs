//! The sender's numbers: one as bare text or in the standard's `Number`, and S's alias beside it.
#![cfg(feature = "serde")]

mod harness;

use serde_json::{Value, json};
use tongsa::{Carrier, Config, Decoded, DialectId, Entity, Message};

const OPEN: &str = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Header/><e:Body>\
    <SubmitReq xmlns=\"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-0\">";
const CLOSE: &str = "</SubmitReq></e:Body></e:Envelope>";

/// Decodes a SubmitReq with this inside; what is read is written again with every loss accounted for.
fn decode(dialect: DialectId, inside: &str) -> Decoded {
    let entity = Entity::new(format!("{OPEN}{inside}{CLOSE}"));
    let decoded = dialect.codec(harness::lenient()).decode(&entity).expect("a message");
    harness::survives(&harness::codecs(dialect), &entity).unwrap_or_else(|error| panic!("{dialect} {inside}: {error}"));
    decoded
}

/// A field of the message's sender.
fn sender(message: &Message, field: &str) -> Value {
    serde_json::to_value(message).expect("JSON")["sender"][field].take()
}

/// What an element says that holds a number: what stands in it, the number, the extensions below the element, and the
/// deviations with their places in it.
type Reading =
    (&'static str, Option<&'static str>, &'static [(&'static str, &'static str)], &'static [(&'static str, usize)]);

const READINGS: &[Reading] = &[
    ("1", Some("1"), &[], &[("mm7/address-bare", 0)]),
    (" 1 ", Some("1"), &[], &[("mm7/scalar-padded", 1), ("mm7/address-bare", 1)]),
    ("1<!--2-->3", Some("13"), &[], &[("mm7/address-bare", 0)]),
    ("<Number>1</Number>", Some("1"), &[], &[]),
    ("<p:Number xmlns:p=\"u\">1</p:Number>", Some("1"), &[], &[]),
    ("<Number> 1 </Number>", Some("1"), &[], &[("mm7/scalar-padded", 9)]),
    // Bare text goes before a child, and the first child before the second.
    ("1<Number>2</Number>", Some("1"), &[("/Number", "2")], &[("mm7/address-bare", 0)]),
    ("<Number>2</Number>1", Some("1"), &[("/Number", "2")], &[("mm7/address-bare", 18)]),
    ("<Number>1</Number><Number>2</Number>", Some("1"), &[("/Number[2]", "2")], &[]),
    (
        "<Number>1</Number><Number>2</Number><Number>3</Number>",
        Some("1"),
        &[("/Number[2]", "2"), ("/Number[3]", "3")],
        &[],
    ),
    // Nothing, in every way.
    ("<Number/>", None, &[], &[("mm7/element-empty", 0)]),
    ("<Number> </Number>", None, &[], &[("mm7/element-empty", 0)]),
    (" <Number/> ", None, &[], &[("mm7/element-empty", 1)]),
    ("1<Number/>", Some("1"), &[], &[("mm7/address-bare", 0), ("mm7/element-empty", 1)]),
    // What stands beside or inside is kept.
    ("<Number a=\"2\">1</Number>", Some("1"), &[("/Number/@a", "2")], &[]),
    ("<Number a=\"2\"/>", None, &[("/Number/@a", "2")], &[]),
    ("<Number>1<X>2</X></Number>", Some("1"), &[("/Number/X", "2")], &[]),
    ("<RFC2822Address>2</RFC2822Address>", None, &[("/RFC2822Address", "2")], &[]),
    ("<RFC2822Address>2</RFC2822Address><Number>1</Number>", Some("1"), &[("/RFC2822Address", "2")], &[]),
    ("<X/><Number>1</Number>", Some("1"), &[], &[("mm7/element-empty", 0)]),
];

#[test]
fn reads_a_number_bare_or_in_its_child() {
    const AROUND: [&str; 2] = ["<SenderIdentification><SenderAddress>", "</SenderAddress></SenderIdentification>"];
    for &dialect in DialectId::ALL {
        for &(inside, number, extensions, notes) in READINGS {
            let decoded = decode(dialect, &AROUND.join(inside));
            let at = format!("{dialect} {inside}");
            let field = if dialect.carrier() == Carrier::S { "callback" } else { "billing" };
            assert_eq!(sender(&decoded.message, field), json!(number), "{at}");
            let kept: Vec<_> = decoded.message.extensions().iter().collect();
            let kept: Vec<_> = kept.iter().map(|one| (one.path.as_str(), one.value.as_str())).collect();
            let below = |path: &str| format!("SenderIdentification/SenderAddress{path}");
            let expected: Vec<_> = extensions.iter().map(|&(path, value)| (below(path), value)).collect();
            assert_eq!(kept, expected.iter().map(|(path, value)| (&**path, *value)).collect::<Vec<_>>(), "{at}");

            let start = OPEN.len() + AROUND[0].len();
            let inside = |offset: usize| (start..start + inside.len()).contains(&offset);
            let found = decoded.deviations.iter().filter(|found| inside(found.at.offset));
            let found: Vec<_> =
                found.map(|found| (found.kind.code(), found.at.offset - start, found.expected)).collect();
            // Every dialect writes the number bare, and nothing else of this.
            let expected: Vec<_> = notes.iter().map(|&(code, at)| (code, at, code == "mm7/address-bare")).collect();
            assert_eq!(found, expected, "{at}");
        }
    }
}

/// An attribute of the element itself stays, and alone it is no number.
#[test]
fn keeps_an_attribute_of_a_number() {
    for &dialect in DialectId::ALL {
        for (element, number) in [
            ("<SenderAddress a=\"2\">1</SenderAddress>", Some("1")),
            ("<SenderAddress a=\"2\"><Number>1</Number></SenderAddress>", Some("1")),
            ("<SenderAddress a=\"2\"/>", None),
        ] {
            let decoded = decode(dialect, &format!("<SenderIdentification>{element}</SenderIdentification>"));
            let field = if dialect.carrier() == Carrier::S { "callback" } else { "billing" };
            assert_eq!(sender(&decoded.message, field), json!(number), "{dialect} {element}");
            let [extension] = decoded.message.extensions() else { panic!("{dialect} {element}: {decoded:?}") };
            assert_eq!(extension.path.as_str(), "SenderIdentification/SenderAddress/@a", "{dialect} {element}");
            assert_eq!(extension.value.as_str(), "2");
        }
    }
}

/// S's dialects, and whether each writes an alias for every callback number (S-17).
const ALIASES: [(DialectId, bool); 3] =
    [(DialectId::SLive, true), (DialectId::STest, false), (DialectId::SMalformed, true)];

fn aliased(callback: Option<&str>, alias: Option<&str>) -> String {
    let callback = callback
        .map(|number| format!("<SenderIdentification><SenderAddress>{number}</SenderAddress></SenderIdentification>"));
    let alias = alias.map(|alias| {
        format!("<v:X-SKT xmlns:v=\"http://vmg.nate.com:8080/soap/skt-schema.xsd\"><X-SKT-Alias>{alias}</X-SKT-Alias></v:X-SKT>")
    });
    callback.unwrap_or_default() + &alias.unwrap_or_default()
}

#[test]
fn reads_an_alias_where_it_is_another_than_the_callback() {
    let (one, other) = ("01000000001", "1004");
    for (dialect, _) in ALIASES {
        for (callback, alias, said) in [
            (Some(one), None, None),
            (Some(one), Some(one), None),
            (Some(one), Some(" 01000000001 "), None),
            (Some(one), Some(other), Some(other)),
            // Another by a digit, shorter and longer.
            (Some(one), Some("01000000003"), Some("01000000003")),
            (Some(one), Some("0100000001"), Some("0100000001")),
            (Some(one), Some("010000000010"), Some("010000000010")),
            (None, Some(one), Some(one)),
            (None, None, None),
        ] {
            let inside = aliased(callback, alias);
            let decoded = decode(dialect, &inside);
            assert_eq!(sender(&decoded.message, "alias"), json!(said), "{dialect} {inside}");
            assert_eq!(sender(&decoded.message, "callback"), json!(callback), "{dialect} {inside}");
            assert!(decoded.message.extensions().is_empty(), "{dialect} {inside}");
        }
    }
}

#[test]
fn writes_an_alias_where_the_dialect_has_one() {
    for (dialect, filled) in ALIASES {
        for (callback, alias, written, losses) in [
            (Some("01000000001"), None, filled.then_some("01000000001"), &[][..]),
            (Some("01000000001"), Some("1004"), Some("1004"), &[]),
            (None, Some("1004"), Some("1004"), &[]),
            (None, None, None, &[]),
            // It would be read as none.
            (Some("01000000001"), Some("01000000001"), Some("01000000001"), &["sender.alias: dropped"]),
        ] {
            let message = json!({ "operation": "submit_req", "sender": { "callback": callback, "alias": alias } });
            let message: Message = serde_json::from_value(message).expect("a message");
            let encoded = dialect.codec(Config::default()).encode(&message).expect("nothing is refused");
            let found: Vec<_> = encoded.losses.iter().map(ToString::to_string).collect();
            assert_eq!(found, losses, "{dialect} {callback:?} {alias:?}");
            let wire = String::from_utf8_lossy(&encoded.entity.body).into_owned();
            let on_wire = wire.split_once("X-SKT-Alias>").and_then(|(_, rest)| rest.split_once("</"));
            assert_eq!(on_wire.map(|(alias, _)| alias), written, "{dialect} {callback:?} {alias:?}\n{wire}");
            harness::accounts_for_every_loss(&harness::codecs(dialect), &message)
                .unwrap_or_else(|error| panic!("{dialect} {callback:?} {alias:?}: {error}"));
        }
    }
}
