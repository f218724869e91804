//! Each quirk by itself: written where a message gives occasion, reported by name, and the message equal.
#![cfg(feature = "serde")]

mod harness;

use harness::{DIALECTS, codecs, messages};
use serde_json::{Value, json};
use tongsa::{Carrier, Config, DeviationKind, DialectId, Encoded, Message, QuirkSet, Tolerance};

/// Quirks that no message of a dialect gives occasion to: it prescribes them, or only another carrier's forms have the
/// place for them.
fn no_occasion(dialect: DialectId) -> Vec<DeviationKind> {
    use DeviationKind as Kind;
    let mut none = match dialect {
        // References stand bare there anyway.
        DialectId::SLive => vec![Kind::ReferenceScheme],
        // No `start` names the root there, and no date is one of RFC 2822.
        DialectId::STest => {
            vec![Kind::StartUnmatched, Kind::DateTimeSpacing, Kind::DateTimeWeekday, Kind::DateTimeKoreanNames]
        }
        DialectId::SMalformed => vec![
            // What it writes of itself is no news.
            Kind::BlankLineMissing,
            Kind::FieldComment,
            Kind::FieldNbsp,
            Kind::EncodingUndeclared,
            Kind::CharsetLabel,
            Kind::XmlDeclarationBlank,
            Kind::QuoteTypographic,
            Kind::QuoteMissing,
            Kind::AttributeSeparator,
            Kind::AttributeLt,
            Kind::EndTagBlank,
            Kind::EndTagRepeatedStart,
            Kind::TextAfterRoot,
            Kind::HrefBracketed,
            Kind::DateTimeSpacing,
            Kind::DateTimeWeekday,
            // That leaves no place for these: every Content-ID has its remark, the operation no end tag, every reference
            // its brackets, and the charset one wrong name already.
            Kind::ContentIdUnbracketed,
            Kind::ContentIdDoubled,
            Kind::CharsetLabelConflict,
            Kind::EndTagMismatch,
            Kind::HrefColonMissing,
            Kind::ReferenceScheme,
            Kind::DateTimeKoreanNames,
        ],
        // K writes its children unqualified and no Content element.
        DialectId::K => {
            vec![Kind::ElementUnqualified, Kind::NameMisspelled, Kind::HrefColonMissing, Kind::HrefBracketed]
        }
        DialectId::L => vec![Kind::ElementUnqualified],
        dialect => panic!("{dialect}"),
    };
    if dialect.carrier() == Carrier::S {
        // No date of S has the form of ISO 8601.
        none.push(Kind::DateTimeOneDigit);
    } else {
        // Only S has a presentation that refers to parts, and dates of RFC 2822.
        none.extend([Kind::ReferenceScheme, Kind::DateTimeSpacing, Kind::DateTimeWeekday, Kind::DateTimeKoreanNames]);
    }
    none.sort_unstable();
    none
}

fn occasions(dialect: DialectId) -> Vec<Message> {
    let full = messages::operations().into_iter().flat_map(|operation| messages::full(operation, dialect.code()));
    let empty = messages::operations().into_iter().map(|operation| {
        serde_json::from_value(serde_json::json!({ "operation": operation })).expect("every operation may be empty")
    });
    let angle = serde_json::json!({
        "operation": "submit_req", "extensions": [{ "path": "A/@b", "value": "<c>" }],
    });
    full.chain(empty).chain([serde_json::from_value(angle).expect("a message")]).collect()
}

#[test]
fn writes_each_quirk_somewhere() {
    let mut wrong = Vec::new();
    for &dialect in DIALECTS {
        let mut silent = Vec::new();
        for kind in QuirkSet::all().iter() {
            let quirks = QuirkSet::from_iter([kind]);
            let mut written = false;
            for message in occasions(dialect) {
                harness::reports_every_quirk(&codecs(dialect), &message, quirks)
                    .unwrap_or_else(|error| panic!("{dialect} {kind}: {error}"));
                let codec = dialect.codec(Config { quirks, ..Config::default() });
                written |= codec.encode(&message).expect("nothing is refused").quirks.contains(kind);
            }
            if !written {
                silent.push(kind);
            }
        }
        wrong.extend((silent != no_occasion(dialect)).then(|| format!("{dialect}: {silent:?}")));
    }
    assert!(wrong.is_empty(), "without occasion: {wrong:#?}");
}

/// A remark behind an id and a no-break space behind a disposition's type are written where the reader undoes them exactly,
/// whatever stands in the id and in the name.
#[test]
fn writes_a_remark_where_it_is_undone() {
    for (text, plain) in [
        ("a1._", true),
        ("a@b", false),
        ("a(b", false),
        ("(a)", false),
        ("a) (b", false),
        ("a<b", false),
        ("a>b", false),
        ("a b", false),
        ("a\"b", false),
        ("a\\", false),
        ("a;b", false),
        ("가", false),
    ] {
        // No id has angle brackets.
        let id = text.replace(['<', '>'], "_");
        let media =
            serde_json::json!({ "media_type": "image/jpeg", "content_id": id, "name": text, "data": "/9j/2Q==" });
        let message = serde_json::json!({ "operation": "submit_req", "content": { "media": [media] } });
        let message: Message = serde_json::from_value(message).expect("a message");
        for &dialect in DIALECTS {
            for kind in [DeviationKind::FieldComment, DeviationKind::FieldNbsp] {
                let quirks = QuirkSet::from_iter([kind]);
                harness::reports_every_quirk(&codecs(dialect), &message, quirks)
                    .unwrap_or_else(|error| panic!("{dialect} {text}: {error}"));
                let encoded =
                    dialect.codec(Config { quirks, ..Config::default() }).encode(&message).expect("an entity");
                // The malformed dialect writes a remark of itself.
                let own = dialect == DialectId::SMalformed;
                assert!(
                    !plain || own || kind != DeviationKind::FieldComment || !encoded.quirks.is_empty(),
                    "{dialect} {text}"
                );
            }
        }
    }
}

#[test]
fn refuses_each_quirk_strictly() {
    for &dialect in DIALECTS {
        let none = no_occasion(dialect);
        for kind in QuirkSet::all().iter().filter(|kind| !none.contains(kind)) {
            let codec = dialect.codec(Config { quirks: QuirkSet::from_iter([kind]), ..Config::default() });
            let strict = dialect.codec(Config { tolerance: Tolerance::Strict, ..Config::default() });
            for message in occasions(dialect) {
                let encoded = codec.encode(&message).expect("nothing is refused");
                if encoded.quirks.is_empty() || !encoded.violations.is_empty() {
                    continue;
                }
                let error = strict.decode(&encoded.entity).expect_err("a quirk is no part of the dialect");
                assert_eq!(*error.kind(), tongsa::DecodeErrorKind::Refused(kind), "{dialect}: {error}");
            }
        }
    }
}

/// Encodes a message with this content and these quirks, and holds that they are reported and change nothing.
fn encode(dialect: DialectId, content: &Value, quirks: QuirkSet) -> Encoded {
    let message = json!({ "operation": "submit_req", "content": content });
    let message: Message = serde_json::from_value(message).expect("a message");
    harness::reports_every_quirk(&codecs(dialect), &message, quirks)
        .unwrap_or_else(|error| panic!("{dialect} {quirks:?} {content}: {error}"));
    dialect.codec(Config { quirks, ..Config::default() }).encode(&message).expect("nothing is refused")
}

/// A quirk of a header field is written where the reader undoes it exactly, and nowhere else.
#[test]
fn writes_a_quirk_of_a_field_where_it_is_undone() {
    use DeviationKind as Kind;
    let named = |name: &str| json!({ "name": name });
    let typed = |media_type: &str| json!({ "media_type": media_type });
    let known = |id: &str| json!({ "content_id": id });
    let mut wrong = String::new();
    let noted = |name: &str, value: &str| json!({ "fields": { name: value } });
    for (kind, media, line) in [
        (Kind::ParameterQuote, named("a b"), "Content-Disposition: attachment; filename='a b'"),
        (Kind::ParameterQuote, named("a'b"), "Content-Disposition: attachment; filename='a'b'"),
        (Kind::ParameterQuote, named("a\\b"), "Content-Disposition: attachment; filename='a\\\\b'"),
        // The value would end before its last quote.
        (Kind::ParameterQuote, named("a;b=c"), "Content-Disposition: attachment; filename=\"a;b=c\""),
        (Kind::ParameterQuote, named("a\"b"), "Content-Disposition: attachment; filename=\"a\\\"b\""),
        (Kind::ParameterQuote, named("a'; b"), "Content-Disposition: attachment; filename=\"a'; b\""),
        (Kind::ParameterQuote, named("'a'"), "Content-Disposition: attachment; filename=''a''"),
        (Kind::ParameterQuote, json!({}), "Content-Disposition: attachment"),
        (Kind::ParameterQuote, typed("a/b; c=\"d e\"; f=\"g h\""), "Content-Type: a/b; c='d e'; f=\"g h\""),
        (Kind::ParameterQuote, typed("a/b; c=\"d\\\"e\""), "Content-Type: a/b; c=\"d\\\"e\""),
        (Kind::ParameterQuote, typed("a/b; c=d"), "Content-Type: a/b; c=d"),
        (Kind::ParameterQuote, noted("Content-Category", "\"a\""), "Content-Category: \"a\""),
        (Kind::ParameterSeparator, named("a"), "Content-Disposition: attachment; filename=\"a\";"),
        (Kind::ParameterSeparator, typed("a/b"), "Content-Type: a/b;"),
        (Kind::ParameterSeparator, noted("Content-Category", "a"), "Content-Category: a"),
        (Kind::FieldComment, named("a"), "Content-Disposition: attachment; filename=\"a\"   <!-- note -->"),
        (Kind::FieldComment, known("1@a"), "Content-ID: <1@a>   <!-- note -->"),
        (Kind::FieldComment, noted("Content-Category", "a"), "Content-Category: a   <!-- note -->"),
        // Behind an open quote or bracket it is text.
        (Kind::FieldComment, noted("Content-Category", "a\"b"), "Content-Category: a\"b"),
        (Kind::FieldComment, noted("Content-Category", "a <b"), "Content-Category: a <b"),
        // And it is in a field of no grammar.
        (Kind::FieldComment, noted("X-Note", "a"), "X-Note: a"),
        (Kind::FieldNbsp, named("a"), "Content-Disposition: attachment\u{a0}; filename=\"a\""),
        (Kind::FieldNbsp, json!({}), "Content-Disposition: attachment"),
        (Kind::FieldNbsp, typed("a/b; c=d"), "Content-Type: a/b; c=d"),
        (Kind::FieldUnderscore, noted("X-Note-A", "b-c"), "X_Note_A: b-c"),
        (Kind::FieldUnderscore, noted("x-note", "a"), "x_note: a"),
        (Kind::FieldUnderscore, noted("Foo-Note", "a"), "Foo-Note: a"),
        (Kind::FieldUnderscore, known("1@a"), "Content-ID: <1@a>"),
        (Kind::ContentIdUnbracketed, known("1@a"), "Content-ID: 1@a"),
        (Kind::ContentIdUnbracketed, known("1"), "Content-ID: 1"),
        (Kind::ContentIdUnbracketed, noted("X-Note", "<1@a>"), "X-Note: <1@a>"),
        (Kind::ContentIdDoubled, known("1@a"), "Content-ID: <<1@a>>"),
        (Kind::ContentIdDoubled, noted("X-Note", "<1@a>"), "X-Note: <1@a>"),
        (Kind::CharsetOnMultipart, noted("X-Note", "multipart/a"), "X-Note: multipart/a"),
        (Kind::CharsetOnMultipart, typed("a/b"), "Content-Type: a/b"),
    ] {
        let mut whole = json!({ "media_type": "a/b", "data": "AA==" });
        whole.as_object_mut().expect("an object").extend(media.as_object().expect("an object").clone());
        for dialect in [DialectId::SLive, DialectId::K, DialectId::L] {
            let encoded = encode(dialect, &json!({ "media": [whole] }), [kind].into_iter().collect());
            let body = String::from_utf8_lossy(&encoded.entity.body).into_owned();
            if !body.contains(&format!("\r\n{line}\r\n")) {
                let name = line.split_once(':').map_or(line, |(name, _)| name);
                let found = body.lines().rfind(|found| found.starts_with(name));
                wrong += &format!("{dialect} {kind}: {line:?}, not {found:?}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Lines end in a bare LF only where no body ends in CR, which would belong to the line end then.
#[test]
fn writes_bare_line_ends_where_no_body_ends_in_cr() {
    let lf: QuirkSet = [DeviationKind::LineEndLf].into_iter().collect();
    // Behind 0x00 a CR, a LF, and nothing, in base64.
    let [cr, line_feed, none] =
        ["AA0=", "AAo=", "AA=="].map(|data| json!({ "media": [{ "media_type": "a/b", "data": data }] }));
    let text = |text: &str| json!({ "text": text });
    for (dialect, content, written) in [
        (DialectId::L, text("a"), true),
        (DialectId::L, text("a\r"), false),
        (DialectId::L, text("a\rb"), true),
        (DialectId::L, text("a\r\n"), true),
        (DialectId::K, text("a\r"), false),
        // In base64 it is none.
        (DialectId::L, cr.clone(), true),
        (DialectId::SLive, cr.clone(), true),
        // As it is, two multiparts deep.
        (DialectId::SMalformed, cr, false),
        (DialectId::SMalformed, line_feed, true),
        (DialectId::SMalformed, none, true),
    ] {
        let encoded = encode(dialect, &content, lf);
        assert_eq!(encoded.quirks.contains(DeviationKind::LineEndLf), written, "{dialect} {content}");
        let first = memchr::memchr(b'\n', &encoded.entity.body).expect("a line end");
        assert_eq!(encoded.entity.body[first - 1] != b'\r', written, "{dialect} {content}");
    }
}
