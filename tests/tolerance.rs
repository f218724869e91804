//! The gate, for each deviation: `Strict` refuses it where the dialect does not prescribe it, `Observed` accepts it from a
//! carrier that has it on record and refuses it from one that has not, `Lenient` accepts it from everybody.
#![cfg(feature = "serde")]

mod harness;

use std::collections::BTreeSet;
use std::fs;

use harness::messages;
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
    inputs
}

#[test]
fn accepts_and_refuses_each_deviation_by_the_record() {
    let mut shown = Shown::default();
    for entity in inputs() {
        for &dialect in DialectId::ALL {
            shown.look(dialect, &entity);
        }
    }
    let mut unseen = Vec::new();
    for &kind in DeviationKind::ALL {
        if !shown.strictly_refused.contains(&kind) {
            unseen.push(format!("{kind} is nowhere refused strictly"));
        }
        for carrier in [Carrier::S, Carrier::K, Carrier::L] {
            let on_record = kind.observed().contains(&carrier);
            if on_record && !shown.accepted_on_record.contains(&(kind, carrier)) {
                unseen.push(format!("{kind} is nowhere accepted from {carrier}, which has it on record"));
            }
            if !on_record && !shown.refused_off_record.contains(&(kind, carrier)) {
                unseen.push(format!("{kind} is nowhere refused from {carrier}, which has it not on record"));
            }
        }
    }
    assert!(unseen.is_empty(), "{} unseen:\n{}", unseen.len(), unseen.join("\n"));
}
