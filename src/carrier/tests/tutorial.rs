//! `docs/adding-a-carrier.md`: the invented carrier that it adds, and that the page shows the file as it is.

use std::prelude::rust_2024::*;

use proptest::prelude::*;
use tongsa::{Codec, Config, DeviationKind, DialectId, Entity, Message, MmStatus, Operation, Outcome, Tolerance};

use crate::mm7::tests::harness::{self, messages};

const PAGE: &str = include_str!("../../../docs/adding-a-carrier.md");
const SOURCE: &str = include_str!("../z.rs");
const TESTS: &str = include_str!("tutorial.rs");

/// The blocks of the page in this language, joined.
fn blocks(language: &str) -> String {
    let mut inside = false;
    let mut joined = String::new();
    for line in PAGE.lines() {
        match (inside, line.strip_prefix("```")) {
            (false, Some(opened)) => inside = opened == language,
            (true, Some("")) => inside = false,
            (true, _) => {
                joined.push_str(line);
                joined.push('\n');
            }
            (false, None) => {}
        }
    }
    joined
}

/// What counts of a text that is shown in pieces: its lines, but for the empty ones.
fn lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.is_empty()).collect()
}

#[test]
fn shows_the_file_in_the_page_piece_by_piece() {
    assert_eq!(lines(&blocks("rust")), lines(SOURCE), "docs/adding-a-carrier.md and src/carrier/z.rs");
    assert!(SOURCE.lines().count() < 150, "a new dialect is said to take less than 150 lines");
    let payload = blocks("xml");
    assert_eq!(payload.trim_end(), REPORT);
}

/// `// [quoted` and `// quoted]` stand around what the page shows of this file.
#[test]
fn shows_the_tests_in_the_page() {
    let quoted =
        TESTS.split("// [quoted\n").skip(1).filter_map(|rest| rest.split_once("// quoted]")).map(|(one, _)| one);
    let quoted: String = quoted.collect();
    assert_eq!(lines(&blocks("rust,ignore")), lines(&quoted));
}

// [quoted
fn z(tolerance: Tolerance) -> Box<dyn Codec> {
    DialectId::Z.codec(Config { tolerance, ..Config::default() })
}

#[test]
fn decodes_a_payload_and_writes_it_back() {
    let decoded = z(Tolerance::Strict).decode(&Entity::new(REPORT)).expect("to the letter");
    let Message::DeliveryReportReq(report) = &decoded.message else { unreachable!("a report") };
    assert_eq!(report.mm_status, Some(MmStatus::Retrieved));
    assert_eq!(report.status.outcome, Some(Outcome::Success));
    let written = z(Tolerance::Strict).encode(&decoded.message).expect("every message can be written");
    assert_eq!((written.losses, written.violations), (vec![], vec![]));
    assert_eq!(String::from_utf8_lossy(&written.entity.body), REPORT);
}

#[test]
fn reports_a_deviation_at_its_byte() {
    let broken = Entity::new(REPORT.replace("</Recipient>", "</ Recipient>"));
    let error = z(Tolerance::Observed).decode(&broken).unwrap_err();
    assert_eq!(error.accepted_under(), Some(Tolerance::Lenient), "nobody has seen this of Z");
    let decoded = z(Tolerance::Lenient).decode(&broken).expect("recovered");
    let surprises: Vec<_> = decoded.surprises().map(|found| (found.kind, found.at.offset)).collect();
    let blank = REPORT.find("</Recipient>").expect("it") + "</".len();
    assert_eq!(surprises, [(DeviationKind::EndTagBlank, blank)]);
}

proptest! {
    #[test]
    fn keeps_the_promises(message in messages::message(), quirks in messages::quirks()) {
        let codecs = |config: Config| -> Box<dyn Codec> { DialectId::Z.codec(config) };
        harness::accounts_for_every_loss(&codecs, &message).map_err(TestCaseError::fail)?;
        harness::reports_every_quirk(&codecs, &message, quirks).map_err(TestCaseError::fail)?;
    }
}
// quoted]

const REPORT: &str = concat!(
    r#"<?xml version="1.0" encoding="euc-kr" ?>"#,
    r#"<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Header>"#,
    r#"<mm7:TransactionID xmlns:mm7="http://z.example/2026/vas" env:mustUnderstand="1">0042</mm7:TransactionID>"#,
    r#"</env:Header><env:Body><DeliveryReportReq xmlns="http://z.example/2026/vas"><MM7Version>6.8.0</MM7Version>"#,
    r#"<MessageID>z-7</MessageID><Recipient><Number>01000000002</Number></Recipient>"#,
    r#"<Date>2026-11-26T09:30:00+09:00</Date><MMStatus>Retrieved</MMStatus></DeliveryReportReq></env:Body></env:Envelope>"#,
);

/// What a dialect has no table for is written with nothing in it, and never passes for something that the carrier takes.
#[test]
fn says_what_the_carrier_does_not_have() {
    for operation in [Operation::CancelReq, Operation::EchoRsp] {
        let encoded = z(Tolerance::Strict).encode(&operation.empty()).expect("every message can be written");
        let listed: Vec<_> = encoded.violations.iter().map(ToString::to_string).collect();
        assert!(listed.contains(&"operation: not supported (z)".into()), "{listed:?}");
    }
}
