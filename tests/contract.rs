//! What other tools rely on: the canonical JSON, answers and their echoes, media that is not copied.
#![cfg(feature = "serde")]

use bytes::Bytes;
use serde_json::{Value, json};
use tongsa::{
    Codec, Config, DialectId, Entity, FaultDetail, L, Message, OnUnmappable, Outcome, Prose, Reason, Status, SubmitReq,
    Text, Tolerance,
};

fn lenient() -> L {
    L::new(Config { tolerance: Tolerance::Lenient, ..Config::default() })
}

fn message(value: Value) -> Message {
    serde_json::from_value(value).expect("a canonical message")
}

#[test]
fn keeps_the_canonical_json() {
    let submit = json!({
        "operation": "submit_req", "transaction_id": "00042", "mm7_version": "5.3.0",
        "sender": { "vasp_id": "99", "vas_id": "1", "cp_id": "1000000001", "relay_id": "0000", "origin_code": "100000000",
                    "billing": "01000000009", "callback": "01000000001", "alias": "1004" },
        "recipients": { "to": [{ "number": "01000000002" }], "cc": [{ "email": "a@b.kr" }], "bcc": [{ "short_code": "#3030" }] },
        "message_class": "Personal", "timestamp": "2024-08-01T09:30:00+09:00", "expiry": "2024-08-08T09:30:00+09:00",
        "delivery_report": true, "read_reply": false, "priority": "Normal", "subject": "제목",
        "content": { "text": "안녕하세요", "media": [{ "media_type": "image/jpeg", "content_id": "1", "name": "IMG0001.jpeg",
                     "fields": { "X-SKT-Service-Type": "0" }, "data": "/9j/2Q==" }] },
        "extensions": [{ "path": "A/B", "value": "c" }]
    });
    let answer = json!({
        "operation": "submit_rsp", "transaction_id": "00042", "message_id": "aB3_xY9zQ1k",
        "status": { "code": 2101, "text": "Invalid Content", "outcome": "rejected", "reason": "content_invalid" }
    });
    let report = json!({
        "operation": "delivery_report_req", "message_id": "1", "recipient": { "number": "01000000002" },
        "from": { "number": "01000000009" }, "timestamp": "2024-08-01T09:30:00Z", "mm_status": "Retrieved",
        "status": { "text": "OK", "outcome": "success" }
    });
    for value in [submit, answer, report] {
        assert_eq!(serde_json::to_value(message(value.clone())).unwrap(), value);
    }
    let shown = json!({ "operation": "submit_req", "content": { "text": "a", "presentation": {} } });
    assert_eq!(message(shown).content().unwrap().text, Some(Prose::new("a").unwrap()));
}

#[test]
fn refuses_keys_that_no_message_has() {
    for value in [
        json!({ "operation": "submit_req", "subjekt": "a" }),
        json!({ "operation": "submit_req", "sender": { "cid": "a" } }),
        json!({ "operation": "submit_req", "subject": " " }),
        json!({ "operation": "submit_req", "content": { "media": [{ "media_type": "multipart/mixed", "data": "" }] } }),
        json!({ "operation": "delivery_report_req", "mm_status": "1000" }),
        json!({ "operation": "no_such" }),
    ] {
        assert!(serde_json::from_value::<Message>(value.clone()).is_err(), "{value}");
    }
}

#[test]
fn reads_times_and_booleans_however_they_are_written() {
    let raw = message(json!({ "operation": "submit_req", "timestamp": "01-08-2024 09:30:00", "read_reply": "TRUE" }));
    let canonical = json!({ "operation": "submit_req", "timestamp": "2024-08-01T09:30:00+09:00", "read_reply": true });
    assert_eq!(serde_json::to_value(raw).unwrap(), canonical);
}

#[test]
fn says_what_a_status_means_at_this_carrier() {
    let outcome = |value: Value| {
        let decoded = lenient().decode(&lenient().encode(&message(value)).unwrap().entity).unwrap();
        let status = decoded.message.status().unwrap().clone();
        (status.outcome, status.reason)
    };
    let answer = |code: Value| outcome(json!({ "operation": "submit_rsp", "status": { "code": code } }));
    assert_eq!(answer(json!(1000)), (Some(Outcome::Success), None));
    assert_eq!(answer(json!(1100)), (Some(Outcome::PartialSuccess), None));
    assert_eq!(answer(json!(4006)), (Some(Outcome::Retry), Some(Reason::ServiceUnavailable)));
    assert_eq!(answer(json!(4030)), (Some(Outcome::Throttled), Some(Reason::Overload)));
    assert_eq!(answer(json!(7103)), (Some(Outcome::Throttled), Some(Reason::TrafficExceeded)));
    assert_eq!(answer(json!(6102)), (Some(Outcome::Rejected), Some(Reason::NumberPorted)));
    assert_eq!(answer(json!(5555)), (Some(Outcome::Rejected), Some(Reason::Unknown)));
    assert_eq!(answer(json!("n/a")), (Some(Outcome::Rejected), Some(Reason::Unknown)));
    let report = |code: u32| outcome(json!({ "operation": "delivery_report_req", "status": { "code": code } }));
    assert_eq!(report(4003), (Some(Outcome::Throttled), Some(Reason::OperationUnsupported)), "in a report: send again");
    assert_eq!(report(4006), (Some(Outcome::Rejected), Some(Reason::ServiceUnavailable)));
    let word = |word: &str| outcome(json!({ "operation": "delivery_report_req", "mm_status": word })).0;
    assert_eq!(word("Retrieved"), Some(Outcome::Success));
    assert_eq!(word("Expired"), Some(Outcome::Rejected));
}

/// Spec section 8.3, row by row: the codes of the table and no others are known.
/// `detail` says who reports an error; where it says nothing, the carrier does.
#[test]
fn writes_the_error_of_a_fault_that_does_not_say_whose_it_is() {
    for &dialect in DialectId::ALL {
        let codec = dialect.codec(Config { tolerance: Tolerance::Lenient, ..Config::default() });
        let fault = |detail: &str| {
            message(json!({ "operation": "fault", "fault_code": "Server", "fault_string": "Failed", "detail": detail,
                            "mm7_version": "5.3.0", "status": { "code": 2007, "text": "Message Format Corrupt" } }))
        };
        let carriers = fault("rs_error_rsp");
        let Message::Fault(mut unnamed) = carriers.clone() else { panic!("a fault") };
        unnamed.detail = None;
        let encoded = codec.encode(&unnamed.clone().into()).expect("an entity");
        assert!(encoded.losses.is_empty(), "{dialect}: {:?}", encoded.losses);
        assert_eq!(encoded.entity, codec.encode(&carriers).expect("an entity").entity, "{dialect}");
        let decoded = codec.decode(&encoded.entity).expect("our own output");
        assert_eq!(decoded.message, unnamed.clone().into(), "{dialect}");
        let Message::Fault(read) = &decoded.message else { panic!("a fault") };
        assert_eq!(read.detail, Some(FaultDetail::RsErrorRsp), "a decoder names it");
        assert_ne!(decoded.message, fault("vasp_error_rsp"));

        // Without an error there is nothing to name.
        let empty = message(json!({ "operation": "fault", "fault_code": "Server", "fault_string": "Failed" }));
        let Message::Fault(mut named) = empty.clone() else { panic!("a fault") };
        named.detail = Some(FaultDetail::RsErrorRsp);
        assert_ne!(empty, named.into());
        let encoded = codec.encode(&empty).expect("an entity");
        assert!(encoded.losses.is_empty() && codec.decode(&encoded.entity).expect("our own output").message == empty);
    }
}

#[test]
fn knows_every_code_of_the_interface_document() {
    let known = [
        1000, 1100, 2000, 2001, 2002, 2003, 2004, 2005, 2006, 2007, 3000, 3001, 3002, 3003, 4000, 4001, 4002, 4003,
        4004, 4005, 4006, 4007, 4030, 4032, 6012, 6014, 6024, 6025, 6072, 6102, 7103,
    ];
    for code in 0..10_000u32 {
        let value = json!({ "operation": "submit_rsp", "mm7_version": "5.3.0", "status": { "code": code } });
        let entity = lenient().encode(&message(value)).unwrap().entity;
        let decoded = lenient().decode(&entity).unwrap();
        let status = decoded.message.status().unwrap();
        assert_eq!(status.reason == Some(Reason::Unknown), !known.contains(&code), "{code}");
    }
}

#[test]
fn answers_with_the_echo_of_the_request() {
    let request = "<?xml version=\"1.0\" encoding=\"euc-kr\"?>\
        <env:Envelope xmlns:env=\"http://schemas.xmlsoap.org/soap/envelope/\"><env:Header>\
        <mm7:TransactionID xmlns:mm7=\"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-0\" \
        env:mustUnderstand=\"1\">\n  7 \n</mm7:TransactionID></env:Header><env:Body>\
        <mm7:DeliveryReportReq xmlns:mm7=\"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-0\">\
        <MM7Version>5.3.0</MM7Version><MMStatus>Retrieved</MMStatus></mm7:DeliveryReportReq></env:Body></env:Envelope>";
    let decoded = lenient().decode(&Entity::new(request)).unwrap();
    let reply = decoded.reply(Status::new(1000, "Success").unwrap()).unwrap();
    assert_eq!(serde_json::to_value(&reply.message).unwrap()["transaction_id"], "7");
    let answer = lenient().encode_reply(&reply).unwrap().entity;
    let wire = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(wire.contains(">\n  7 \n</mm7:TransactionID>"), "the echo is untrimmed: {wire}");
    assert!(wire.contains("REL-5-MM7-1-0\"><Status>"), "in the namespace of the request: {wire}");
    assert!(lenient().decode(&answer).unwrap().reply(Status::default()).is_none(), "an answer has no answer");
}

#[test]
fn refuses_unmappable_characters_when_asked() {
    let codec = L::new(Config { on_unmappable: OnUnmappable::Refuse, ..Config::default() });
    let mut submit = SubmitReq::default();
    submit.subject = tongsa::Subject::new("😀").ok();
    assert!(codec.encode(&submit.clone().into()).is_ok(), "a character reference is no loss");
    submit.content.text = Prose::new("가😀").ok();
    let error = codec.encode(&submit.into()).unwrap_err();
    assert_eq!(error.to_string(), "content.text: the charset has no U+1F600 (character 1)");
}

#[test]
fn lists_what_the_carrier_will_refuse() {
    let submit = message(json!({
        "operation": "submit_req",
        "sender": { "origin_code": "12345678" },
        "recipients": { "to": [{ "number": "01000000002" }, { "number": "01000000003" }] },
        "content": { "media": [
            { "media_type": "image/png", "data": "" }, { "media_type": "image/jpeg", "data": "" },
            { "media_type": "image/jpeg", "data": "" }, { "media_type": "image/jpeg", "data": "A".repeat(140_000) },
        ] }
    }));
    let found: Vec<_> = lenient().check(&submit).iter().map(ToString::to_string).collect();
    for expected in [
        "transaction_id: missing (l)",
        "mm7_version: missing (l)",
        "sender.cp_id: missing (l)",
        "sender.origin_code: expected nine digits (l)",
        "recipients: 2 found, 1 allowed (l)",
        "content.media: 4 found, 3 allowed (l)",
        "content.media[0].media_type: expected image/jpeg (l)",
        "content.media[3].data: 105000 bytes, 102400 allowed (l)",
    ] {
        assert!(found.iter().any(|found| found == expected), "{expected} not in {found:#?}");
    }
    assert_eq!(lenient().encode(&submit).unwrap().violations, lenient().check(&submit));
    let json = serde_json::to_value(lenient().check(&submit)).unwrap();
    assert!(json.as_array().unwrap().contains(&json!({
        "path": "content.media", "kind": "too_many", "found": 4, "allowed": 3, "required_by": "l"
    })));
}

/// L's code for information fees has twelve digits (spec section 6.3); no code is no violation.
#[test]
fn refuses_a_fee_code_that_has_not_twelve_digits() {
    for (code, refused) in
        [("800100000000", false), ("80010000000", true), ("8001000000000", true), ("80010000000a", true), ("", false)]
    {
        let mut content = json!({ "text": "a" });
        if !code.is_empty() {
            content["fee_code"] = json!(code);
        }
        let violations = lenient().check(&message(json!({ "operation": "submit_req", "content": content })));
        let found: Vec<_> = violations.iter().map(ToString::to_string).filter(|line| line.contains("fee")).collect();
        let expected: &[&str] = if refused { &["content.fee_code: expected twelve digits (l)"] } else { &[] };
        assert_eq!(found, expected, "{code}");
    }
}

#[test]
fn hands_out_binary_media_as_a_slice_of_the_input() {
    let mut submit = SubmitReq::default();
    submit.transaction_id = Text::new("1").ok();
    submit.content.media.push(tongsa::Media::new(tongsa::MediaType::JPEG, vec![0xFF; 1000]));
    let quirks = tongsa::QuirkSet::from_codes("mime/encoding-undeclared").unwrap();
    let binary = L::new(Config { quirks, ..Config::default() }).encode(&submit.into()).unwrap().entity;
    let decoded = lenient().decode(&binary).unwrap();
    let data: &Bytes = &decoded.message.content().unwrap().media[0].data;
    assert_eq!(data.len(), 1000);
    assert!(binary.body.as_ptr_range().contains(&data.as_ptr()), "copied");
}

#[test]
fn resolves_a_twelve_hour_clock_by_when_the_message_came() {
    // S-11: written at 15:15, and the expiry counted from it.
    let submit = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><SubmitReq \
        xmlns=\"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-0\">\
        <TimeStamp>Thu, 1 Aug 2024 03:15:00 +0900</TimeStamp><ExpiryDate>Thu, 8 Aug 2024 03:15:00 +0900</ExpiryDate>\
        </SubmitReq></e:Body></e:Envelope>";
    let times = |received_at: Option<&str>| {
        let received_at = received_at.map(|text| tongsa::Timestamp::parse(text).unwrap().date_time().unwrap());
        let config = Config { tolerance: Tolerance::Lenient, received_at, ..Config::default() };
        let decoded = tongsa::S::new(config).decode(&Entity::new(submit)).unwrap();
        let twelve = |found: &&tongsa::Deviation| found.kind == tongsa::DeviationKind::DateTimeTwelveHour;
        assert_eq!(decoded.deviations.iter().filter(twelve).count(), 2, "the doubt is reported all the same");
        let message = serde_json::to_value(&decoded.message).unwrap();
        (message["timestamp"].as_str().unwrap().to_owned(), message["expiry"].as_str().unwrap().to_owned())
    };
    let [early, late] =
        ["03", "15"].map(|hour| (format!("2024-08-01T{hour}:15:00+09:00"), format!("2024-08-08T{hour}:15:00+09:00")));
    assert_eq!(times(None), early);
    assert_eq!(times(Some("2024-08-01T03:15:02+09:00")), early);
    assert_eq!(times(Some("2024-08-01T06:15:02Z")), late);
}
