//! The gate, for each deviation: `Strict` refuses it where the dialect does not prescribe it, `Observed` accepts it from a
//! carrier that has it on record and refuses it from one that has not, `Lenient` accepts it from everybody.
#![cfg(feature = "serde")]

mod harness;

use std::collections::BTreeSet;
use std::fs;

use harness::messages;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use tongsa::{
    Carrier, Config, DecodeErrorKind, DeviationKind, DialectId, Entity, Limits, Message, QuirkSet, Tolerance,
};

/// What has been seen of each kind.
#[derive(Default)]
struct Shown {
    strictly_refused: BTreeSet<DeviationKind>,
    accepted_on_record: BTreeSet<(DeviationKind, Carrier)>,
    refused_off_record: BTreeSet<(DeviationKind, Carrier)>,
}

impl Shown {
    /// Decodes an entity by a dialect under each tolerance, and holds the three against the list of surprises.
    fn look(&mut self, dialect: DialectId, entity: &Entity) {
        let decode = |tolerance| dialect.codec(Config { tolerance, ..Config::default() }).decode(entity);
        let Ok(lenient) = decode(Tolerance::Lenient) else { return };
        let carrier = dialect.carrier();
        let surprises: Vec<DeviationKind> = lenient.surprises().map(|deviation| deviation.kind).collect();

        let strict = decode(Tolerance::Strict);
        match (surprises.first(), &strict) {
            (None, Ok(decoded)) => assert_eq!(*decoded, lenient),
            (Some(first), Err(error)) => {
                assert_eq!(*error.kind(), DecodeErrorKind::Refused(*first));
                self.strictly_refused.insert(*first);
            }
            _ => panic!("{dialect}: strictly {strict:?}, and the surprises are {surprises:?}"),
        }

        let observed = decode(Tolerance::Observed);
        let off_record = surprises.iter().find(|kind| !kind.observed().contains(&carrier));
        match (off_record, &observed) {
            (None, Ok(decoded)) => {
                assert_eq!(*decoded, lenient);
                self.accepted_on_record.extend(surprises.iter().map(|&kind| (kind, carrier)));
            }
            (Some(first), Err(error)) => {
                assert_eq!(*error.kind(), DecodeErrorKind::Refused(*first));
                assert_eq!(error.accepted_under(), Some(Tolerance::Lenient));
                self.refused_off_record.insert((*first, carrier));
            }
            _ => panic!("{dialect}: observed {observed:?}, and the surprises are {surprises:?}"),
        }
    }
}

/// Every vector, and what every dialect writes of full and of empty messages with each quirk.
fn inputs() -> Vec<Entity> {
    let open = |path: &std::path::PathBuf| {
        let bytes = fs::read(path).expect("a readable file");
        Entity::parse_http(bytes.into(), &Limits::default()).ok().map(|file| file.entity)
    };
    let mut inputs: Vec<Entity> = harness::vectors().iter().filter_map(open).collect();
    for &dialect in DialectId::ALL {
        for operation in messages::operations() {
            let empty: Message =
                serde_json::from_value(serde_json::json!({ "operation": operation })).expect("a message");
            let full = messages::full(operation, dialect.code());
            for message in full.iter().chain([&empty]) {
                for kind in QuirkSet::all().iter() {
                    let codec = dialect.codec(Config { quirks: QuirkSet::from_iter([kind]), ..Config::default() });
                    let encoded = codec.encode(message).expect("nothing is refused");
                    if encoded.quirks.contains(kind) {
                        inputs.push(encoded.entity);
                    }
                }
            }
        }
    }
    // Arbitrary messages, the same ones in every run, and a date with half an offset form.
    let mut runner = TestRunner::deterministic();
    for _ in 0..300 {
        let message = messages::message().new_tree(&mut runner).expect("a message").current();
        inputs.extend(
            DialectId::ALL
                .iter()
                .map(|dialect| dialect.codec(Config::default()).encode(&message).expect("nothing is refused").entity),
        );
    }
    for &dialect in DialectId::ALL {
        for message in messages::full("deliver_req", dialect.code()) {
            let mut entity = dialect.codec(Config::default()).encode(&message).expect("nothing is refused").entity;
            entity.body = with_date(&entity.body, "2024-08-01T09:30:00+0900").into();
            inputs.push(entity);
        }
        // Text in the Content element.
        let deliver = serde_json::json!({ "operation": "deliver_req", "transaction_id": "1", "mm7_version": "5.3.0",
                                          "from": { "number": "01000000003" }, "subject": "a" });
        let deliver: Message = serde_json::from_value(deliver).expect("a message");
        let mut entity = dialect.codec(Config::default()).encode(&deliver).expect("nothing is refused").entity;
        // `s-malformed` is no UTF-8, and one dialect of S is enough.
        let Ok(body) = String::from_utf8(entity.body.to_vec()) else { continue };
        entity.body = body.replace("</Subject>", "</Subject><Content>b</Content>").into_bytes().into();
        inputs.push(entity);
    }
    inputs
}

fn with_date(body: &[u8], date: &str) -> Vec<u8> {
    let find = |text: &[u8]| body.windows(text.len()).position(|window| window == text).expect("a time");
    let (start, end) = (find(b"<TimeStamp>") + b"<TimeStamp>".len(), find(b"</TimeStamp>"));
    [&body[..start], date.as_bytes(), &body[end..]].concat()
}

/// Kinds that `Strict` never names: the one carrier whose payloads can hold them prescribes them, or another kind at the
/// same place comes first.
const STRICTLY_UNSEEN: &[DeviationKind] = &[
    DeviationKind::StatusInReport,
    DeviationKind::SmilStructure,
    DeviationKind::HtmlStructure,
    DeviationKind::ImageReference,
    DeviationKind::DateTimeTwelveHour,
];

/// Where a kind cannot be seen, and why.
const UNSEEN: &[(DeviationKind, &[Carrier], &str)] = {
    use Carrier::{K, L, S};
    use DeviationKind as Kind;
    const PRESCRIBED: &str = "prescribed by every dialect of it, wherever it can stand";
    const NO_PLACE: &str = "its tables and content have no place where it could stand";
    const MASKED: &str = "stands only beside datetime/rfc2822, which is refused before it";
    &[
        (Kind::ContentIdForm, &[L], PRESCRIBED),
        (Kind::ElementUnqualified, &[K, L], PRESCRIBED),
        (Kind::VendorElement, &[K, L], PRESCRIBED),
        (Kind::MmStatusNumeric, &[K, L], PRESCRIBED),
        (Kind::StatusInReport, &[S], PRESCRIBED),
        (Kind::StatusInReport, &[K, L], NO_PLACE),
        (Kind::NameMisspelled, &[K], NO_PLACE),
        (Kind::ContentInline, &[K], NO_PLACE),
        (Kind::HrefColonMissing, &[K], NO_PLACE),
        (Kind::HrefBracketed, &[K], NO_PLACE),
        (Kind::ReferenceScheme, &[K, L], NO_PLACE),
        (Kind::SmilStructure, &[S], PRESCRIBED),
        (Kind::SmilStructure, &[K, L], NO_PLACE),
        (Kind::HtmlStructure, &[K], PRESCRIBED),
        (Kind::HtmlStructure, &[S, L], NO_PLACE),
        (Kind::ImageReference, &[K], PRESCRIBED),
        (Kind::ImageReference, &[S, L], NO_PLACE),
        (Kind::MarkupDropped, &[L], NO_PLACE),
        (Kind::DocumentUnreadable, &[K, L], NO_PLACE),
        (Kind::DateTimeWeekday, &[K, L], MASKED),
        (Kind::DateTimeKoreanNames, &[K, L], MASKED),
        // K and L report no such doubt and have no expiry.
        (Kind::DateTimeTwelveHour, &[K, L], NO_PLACE),
        (Kind::ExpiryFar, &[K, L], NO_PLACE),
    ]
};

#[test]
fn accepts_and_refuses_each_deviation_by_the_record() {
    let mut shown = Shown::default();
    for entity in inputs() {
        for &dialect in DialectId::ALL {
            shown.look(dialect, &entity);
        }
    }
    let mut wrong = Vec::new();
    for &kind in DeviationKind::ALL {
        for carrier in [Carrier::S, Carrier::K, Carrier::L] {
            let on_record = kind.observed().contains(&carrier);
            let seen = if on_record { &shown.accepted_on_record } else { &shown.refused_off_record };
            let seen = seen.contains(&(kind, carrier));
            let excepted = UNSEEN.iter().find(|(known, carriers, _)| *known == kind && carriers.contains(&carrier));
            match (seen, excepted) {
                (true, None) | (false, Some(_)) => {}
                (true, Some((_, _, why))) => wrong.push(format!("{kind} is seen with {carrier}: {why}")),
                (false, None) => {
                    let what = if on_record { "accepted from" } else { "refused from" };
                    wrong.push(format!("{kind} is nowhere {what} {carrier} under observed"));
                }
            }
        }
        let everywhere_prescribed = STRICTLY_UNSEEN.contains(&kind);
        if shown.strictly_refused.contains(&kind) == everywhere_prescribed {
            wrong.push(format!("{kind} strictly refused: {}", !everywhere_prescribed));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
