//! Each quirk by itself: written where a message gives occasion, reported by name, and the message equal.
#![cfg(feature = "serde")]

mod harness;

use harness::{DIALECTS, codecs, messages};
use tongsa::{Carrier, Config, DeviationKind, DialectId, Message, QuirkSet, Tolerance};

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
