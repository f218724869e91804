//! What the status codes of K mean, row by row of a table written by hand from spec section 8.2.
#![cfg(feature = "serde")]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tongsa::{Codec, Config, K, Tolerance};

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
