//! Each quirk by itself: written where a message gives occasion, reported by name, and the message equal.
#![cfg(feature = "serde")]

mod harness;

use harness::{DIALECTS, codecs, messages};
use tongsa::{Config, DeviationKind, DialectId, Message, QuirkSet, Tolerance};

/// Quirks that no message of a dialect gives occasion to: it prescribes them, or only another carrier's forms have the
/// place for them.
fn no_occasion(dialect: DialectId) -> Vec<DeviationKind> {
    use DeviationKind as Kind;
    let mut none = vec![
        // Only S writes a `<` in an attribute (S-08), a presentation that refers to parts, and dates of RFC 2822.
        Kind::AttributeLt,
        Kind::ReferenceScheme,
        Kind::DateTimeSpacing,
        Kind::DateTimeWeekday,
        Kind::DateTimeKoreanNames,
    ];
    match dialect {
        // K writes its children unqualified, its recipient by the standard's name, and no Content element.
        DialectId::K => none.extend([
            Kind::ElementUnqualified,
            Kind::NameMisspelled,
            Kind::RecipientElement,
            Kind::HrefColonMissing,
            Kind::HrefBracketed,
        ]),
        // L writes both itself; it writes T8 only in reports.
        DialectId::L => none.extend([Kind::ElementUnqualified, Kind::RecipientElement]),
        dialect => panic!("{dialect}"),
    }
    none.sort_unstable();
    none
}

fn occasions(dialect: DialectId) -> Vec<Message> {
    let full = messages::operations().into_iter().flat_map(|operation| messages::full(operation, dialect.code()));
    let empty = messages::operations().into_iter().map(|operation| {
        serde_json::from_value(serde_json::json!({ "operation": operation })).expect("every operation may be empty")
    });
    full.chain(empty).collect()
}

#[test]
fn writes_each_quirk_somewhere() {
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
        assert_eq!(silent, no_occasion(dialect), "{dialect}");
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
