//! The background of S's text document: what a dialect gives of itself is no news, and any other stays. Its text: what the
//! elements in a run of it make of it.
#![cfg(feature = "serde")]

mod harness;

use serde_json::{Value, json};
use tongsa::{Config, Decoded, DialectId, Entity, Message};

/// S's dialects give every text the background `#FFFFFF`.
const DIALECTS: [DialectId; 3] = [DialectId::SLive, DialectId::STest, DialectId::SMalformed];
const OWN: &str = "bgcolor=\"#FFFFFF\"";

fn message(content: &Value) -> Message {
    serde_json::from_value(json!({ "operation": "submit_req", "content": content })).expect("a message")
}

fn background(message: &Message) -> Value {
    serde_json::to_value(message).expect("JSON")["content"]["presentation"]["background"].take()
}

/// Decodes a text whose document has `markup` where a dialect writes [`OWN`], in the tag of its body.
fn decode(dialect: DialectId, markup: &str) -> Decoded {
    let encoded = dialect.codec(Config::default()).encode(&message(&json!({ "text": "a" }))).expect("an entity");
    let body = encoded.entity.body.clone();
    let places: Vec<usize> = memchr::memmem::find_iter(&body, OWN).collect();
    let [place] = places[..] else { panic!("{dialect}: {places:?}") };
    let body = [&body[..place], markup.as_bytes(), &body[place + OWN.len()..]].concat();
    let entity = Entity { body: body.into(), ..encoded.entity };
    harness::survives(&harness::codecs(dialect), &entity).unwrap_or_else(|error| panic!("{dialect} {markup}: {error}"));
    dialect.codec(harness::lenient()).decode(&entity).expect("a message")
}

#[test]
fn reads_a_background_that_is_another_than_the_dialects_own() {
    for dialect in DIALECTS {
        for (markup, expected, dropped) in [
            (OWN, None, 0),
            ("bgcolor=\"#000000\"", Some("#000000"), 0),
            ("bgcolor='&#35;000000'", Some("#000000"), 0),
            // Not equal to the letter.
            ("bgcolor=\"#ffffff\"", Some("#ffffff"), 0),
            ("bgcolor=\"#FFFFFF0\"", Some("#FFFFFF0"), 0),
            ("bgcolor=\"white\"", Some("white"), 0),
            // Around it is trimmed as around any value.
            ("bgcolor=\" #FFFFFF\"", None, 0),
            ("bgcolor=\" #000000 \"", Some("#000000"), 0),
            // Nothing.
            ("", None, 0),
            ("bgcolor=\"\"", None, 0),
            ("bgcolor=\" \"", None, 0),
            // Markup that says nothing of it: another attribute, and the background of another element.
            ("color=\"#000000\"", None, 1),
            ("color=\"\"", None, 1),
            ("color=\"#000000\" bgcolor=\"#111111\"", Some("#111111"), 1),
            ("><div bgcolor=\"#000000\"></div", None, 1),
            // The first counts.
            ("bgcolor=\"#000000\"><body bgcolor=\"#111111\"></body", Some("#000000"), 1),
            ("bgcolor=\"#000000\"><body bgcolor=\"\"></body", Some("#000000"), 0),
            ("><body bgcolor=\"#111111\"></body", Some("#111111"), 0),
        ] {
            let decoded = decode(dialect, markup);
            assert_eq!(background(&decoded.message), json!(expected), "{dialect} {markup}");
            let flags = decoded.deviations.iter().filter(|found| found.kind.code() == "content/markup-dropped");
            assert_eq!(flags.count(), dropped, "{dialect} {markup}");
        }
    }
}

#[test]
fn writes_a_background_back() {
    for dialect in DIALECTS {
        for (background, written, losses) in [
            (None, "#FFFFFF", &[][..]),
            (Some("#000000"), "#000000", &[]),
            (Some("#ffffff"), "#ffffff", &[]),
            (Some("\"<&"), "&quot;&lt;&amp;", &[]),
            // The dialect's own is not read back.
            (Some("#FFFFFF"), "#FFFFFF", &["content.presentation.background: dropped"]),
        ] {
            let message = message(&json!({ "text": "a", "presentation": { "background": background } }));
            let encoded = dialect.codec(Config::default()).encode(&message).expect("an entity");
            let found: Vec<_> = encoded.losses.iter().map(ToString::to_string).collect();
            assert_eq!(found, losses, "{dialect} {background:?}");
            let body = String::from_utf8_lossy(&encoded.entity.body).into_owned();
            assert!(body.contains(&format!("<body bgcolor=\"{written}\">")), "{dialect} {background:?}\n{body}");
            harness::accounts_for_every_loss(&harness::codecs(dialect), &message)
                .unwrap_or_else(|error| panic!("{dialect} {background:?}: {error}"));
        }
        // Alone it needs a document too.
        let alone = message(&json!({ "presentation": { "background": "#000000" } }));
        harness::says(&harness::codecs(dialect), &alone).unwrap_or_else(|error| panic!("{dialect}: {error}"));
    }
}

/// It has a meaning for S alone.
#[test]
fn leaves_a_background_behind_on_the_way_to_another_carrier() {
    let message = message(&json!({ "text": "a", "presentation": { "background": "#000000" } }));
    for dialect in [DialectId::K, DialectId::L] {
        let encoded = dialect.codec(Config::default()).encode(&message).expect("an entity");
        let losses: Vec<_> = encoded.losses.iter().map(ToString::to_string).collect();
        assert_eq!(losses, ["content.presentation.background: dropped"], "{dialect}");
    }
}

/// Of a run only its text is shown, `br` is a line's end, and any other element is dropped but for the text in it.
#[test]
fn reads_the_text_of_a_run_through_the_elements_in_it() {
    for dialect in DIALECTS {
        for (run, expected, dropped) in [
            ("ab", "ab", 0),
            ("a<br/>b", "a\nb", 1),
            ("a<b>c</b>d", "acd", 1),
            ("a<b>c<br/>d</b>e", "ac\nde", 1),
            ("a<b><i>c</i></b><br/>d", "ac\nd", 1),
            ("a<!-- c -->b", "ab", 0),
        ] {
            let encoded =
                dialect.codec(Config::default()).encode(&message(&json!({ "text": "ZQZ" }))).expect("an entity");
            let body = encoded.entity.body.clone();
            let places: Vec<usize> = memchr::memmem::find_iter(&body, "ZQZ").collect();
            let [place] = places[..] else { panic!("{dialect}: {places:?}") };
            let body = [&body[..place], run.as_bytes(), &body[place + 3..]].concat();
            let entity = Entity { body: body.into(), ..encoded.entity };
            let decoded = dialect.codec(harness::lenient()).decode(&entity).expect("a message");
            let read = serde_json::to_value(&decoded.message).expect("JSON")["content"]["text"].take();
            assert_eq!(read, expected, "{dialect} {run}");
            let notes = decoded.deviations.iter().filter(|found| found.kind.code() == "content/markup-dropped").count();
            assert_eq!(notes, dropped, "{dialect} {run}");
        }
    }
}
