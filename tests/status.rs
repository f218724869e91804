//! What the status codes of K mean, row by row of a table written by hand from spec section 8.2, and which code of each
//! carrier says a reason.
#![cfg(feature = "serde")]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tongsa::{Carrier, Codec, Config, K, Outcome, Reason, Tolerance};

/// `code<TAB>outcome in an answer<TAB>outcome in a report<TAB>reason`; the reason `-` is none, and `a/b` differs in a
/// report.
const TABLE: &str = include_str!("status_k.tsv");

struct Row {
    answer: (&'static str, Option<&'static str>),
    report: (&'static str, Option<&'static str>),
}

fn table() -> BTreeMap<u32, Row> {
    let rows = TABLE.lines().skip(1).map(|line| {
        let [code, answer, report, reason] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let (in_answer, in_report) = reason.split_once('/').unwrap_or((reason, reason));
        let reason = |word| (word != "-").then_some(word);
        (
            code.parse().expect("a code"),
            Row { answer: (answer, reason(in_answer)), report: (report, reason(in_report)) },
        )
    });
    rows.collect()
}

/// Outcome and reason that the codec reads.
fn read(message: Value) -> (String, Option<String>) {
    let codec = K::new(Config { tolerance: Tolerance::Lenient, ..Config::default() });
    let message = serde_json::from_value(message).expect("a canonical message");
    let decoded = codec.decode(&codec.encode(&message).expect("no text").entity).expect("its own output");
    let status = decoded.message.status().cloned().expect("a status");
    (status.outcome.expect("an outcome").to_string(), status.reason.map(|reason| reason.to_string()))
}

fn answer(code: u32) -> (String, Option<String>) {
    read(json!({ "operation": "submit_rsp", "mm7_version": "1.0", "status": { "code": code } }))
}

fn report(code: u32) -> (String, Option<String>) {
    read(json!({ "operation": "delivery_report_req", "mm7_version": "1.0", "status": { "code": code } }))
}

fn shown((outcome, reason): (&str, Option<&str>)) -> (String, Option<String>) {
    (outcome.into(), reason.map(String::from))
}

#[test]
fn says_what_each_code_means_in_an_answer_and_in_a_report() {
    let table = table();
    assert_eq!(table.len(), 79, "the rows of the spec");
    for (code, row) in table {
        assert_eq!(answer(code), shown(row.answer), "{code} in an answer");
        assert_eq!(report(code), shown(row.report), "{code} in a report");
    }
}

#[test]
fn keeps_a_code_that_no_table_knows_and_says_that_it_is_unknown() {
    let table = table();
    for code in (0..10_000).filter(|code| !table.contains_key(code)) {
        assert_eq!(answer(code), shown(("rejected", Some("unknown"))), "{code}");
    }
    assert_eq!(report(2001), shown(("rejected", Some("unknown"))));
}

#[test]
fn says_what_a_word_in_a_report_means() {
    let word = |word: &str| {
        read(json!({ "operation": "delivery_report_req", "mm7_version": "1.0", "mm_status": word,
                     "status": { "outcome": "success" } }))
    };
    assert_eq!(word("Retrieved"), shown(("success", None)));
    assert_eq!(word("Expired"), shown(("rejected", Some("expired"))));
    assert_eq!(word("Rejected"), shown(("rejected", Some("recipient_refused"))));
    assert_eq!(word("Forwarded"), shown(("rejected", Some("forwarded"))));
    assert_eq!(word("Indeterminate"), shown(("rejected", Some("unknown"))));
}

/// `reason<TAB>code of S<TAB>of K<TAB>of L`, of a request that is rejected: written by hand from spec section 8. The last
/// codes of S, K and L, 4005, 9999 and 2000, say nothing of it.
const NEAREST: &str = include_str!("nearest_codes.tsv");

#[test]
fn says_each_reason_with_the_code_that_covers_it() {
    let mut rows = NEAREST.lines().skip(1);
    for &reason in Reason::ALL {
        let row = rows.next().unwrap_or_else(|| panic!("no row for {reason}"));
        let [word, s, k, l] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
        assert_eq!(word, reason.as_str());
        for (carrier, code) in [(Carrier::S, s), (Carrier::K, k), (Carrier::L, l)] {
            let nearest = carrier.codec(Config::default()).nearest_code(Outcome::Rejected, Some(reason));
            assert_eq!(nearest.to_string(), code, "{reason} of {carrier}");
        }
    }
    assert_eq!(rows.next(), None);
}

#[test]
fn says_an_outcome_where_there_is_no_reason() {
    // S, K, L
    for (outcome, codes) in [
        (Outcome::Success, [1000, 1000, 1000]),
        (Outcome::PartialSuccess, [1000, 1000, 1100]),
        (Outcome::Retry, [4006, 3000, 4006]),
        (Outcome::Throttled, [4008, 4202, 7103]),
        (Outcome::AccountFault, [2002, 4100, 4001]),
        (Outcome::Rejected, [4005, 9999, 2000]),
    ] {
        let nearest = |reason| {
            Carrier::ALL.iter().map(move |carrier| carrier.codec(Config::default()).nearest_code(outcome, reason))
        };
        assert!(nearest(None).eq(codes), "{outcome}");
        assert!(nearest(Some(Reason::Unknown)).eq(codes), "{outcome}, unknown");
    }
}

#[test]
fn prefers_the_reason_to_the_outcome_and_a_code_of_both_to_either() {
    let nearest =
        |carrier: Carrier, outcome, reason| carrier.codec(Config::default()).nearest_code(outcome, Some(reason));
    // K has codes of this reason under both outcomes.
    assert_eq!(nearest(Carrier::K, Outcome::AccountFault, Reason::ServiceDenied), 4102);
    assert_eq!(nearest(Carrier::K, Outcome::Retry, Reason::ServiceDenied), 4001);
    assert_eq!(nearest(Carrier::K, Outcome::AccountFault, Reason::IdentificationInvalid), 4100);
    assert_eq!(nearest(Carrier::S, Outcome::Retry, Reason::ServiceError), 4005);
    // A code that is read as the reason goes before one that covers it, whatever the outcome.
    assert_eq!(nearest(Carrier::K, Outcome::AccountFault, Reason::AddressInvalid), 4105);
    assert_eq!(nearest(Carrier::S, Outcome::Retry, Reason::ContentTooLarge), 2104);
    // No code of S has the reason: the outcome's.
    assert_eq!(nearest(Carrier::S, Outcome::Retry, Reason::ServerError), 4006);
    assert_eq!(nearest(Carrier::S, Outcome::Throttled, Reason::Overload), 4008);
}
