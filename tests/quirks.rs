//! Each quirk by itself: written where a message gives occasion, reported by name, and the message equal.
#![cfg(feature = "serde")]

mod harness;

use harness::{l, messages};
use tongsa::{Codec, Config, DeviationKind, L, Message, QuirkSet, Tolerance};

/// Quirks that no message of L gives occasion to: its dialect prescribes them, or only another carrier's forms have the
/// place for them.
const NO_OCCASION: &[DeviationKind] = &[
    // L writes these itself.
    DeviationKind::ElementUnqualified,
    DeviationKind::RecipientElement,
    // L writes no such date (T1), and T8 only in reports.
    DeviationKind::DateTimeSpacing,
    DeviationKind::DateTimeWeekday,
    DeviationKind::DateTimeKoreanNames,
];

fn occasions() -> Vec<Message> {
    let full = messages::operations().into_iter().flat_map(|operation| messages::full(operation, "l"));
    let empty = messages::operations().into_iter().map(|operation| {
        serde_json::from_value(serde_json::json!({ "operation": operation })).expect("every operation may be empty")
    });
    full.chain(empty).collect()
}

#[test]
fn writes_each_quirk_somewhere() {
    let mut silent = Vec::new();
    for kind in QuirkSet::all().iter() {
        let quirks = QuirkSet::from_iter([kind]);
        let mut written = false;
        for message in occasions() {
            harness::reports_every_quirk(&l, &message, quirks).unwrap_or_else(|error| panic!("{kind}: {error}"));
            let codec = L::new(Config { quirks, ..Config::default() });
            written |= codec.encode(&message).expect("nothing is refused").quirks.contains(kind);
        }
        if !written {
            silent.push(kind);
        }
    }
    assert_eq!(silent, NO_OCCASION);
}

#[test]
fn refuses_each_quirk_strictly() {
    for kind in QuirkSet::all().iter().filter(|kind| !NO_OCCASION.contains(kind)) {
        let codec = L::new(Config { quirks: QuirkSet::from_iter([kind]), ..Config::default() });
        let strict = L::new(Config { tolerance: Tolerance::Strict, ..Config::default() });
        for message in occasions() {
            let encoded = codec.encode(&message).expect("nothing is refused");
            if encoded.quirks.is_empty() || !encoded.violations.is_empty() {
                continue;
            }
            let error = strict.decode(&encoded.entity).expect_err("a quirk is no part of the dialect");
            assert_eq!(*error.kind(), tongsa::DecodeErrorKind::Refused(kind), "{error}");
        }
    }
}
