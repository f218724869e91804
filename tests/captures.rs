//! Real payloads, where they are present beside the project: read to the values that a person reads in them.
#![cfg(feature = "serde")]

mod harness;

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::{Value, json};
use tongsa::{Carrier, Codec, Config, DeviationKind, Entity, L, Limits, Tolerance};

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures");
    if !folder.is_dir() {
        eprintln!("skipped: no captures beside the project");
        return None;
    }
    Some(folder)
}

fn entity(folder: &Path, name: &str) -> tongsa::HttpFile {
    let bytes = fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    Entity::parse_http(Bytes::from(bytes), &Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The message that a carrier's codec reads under the default tolerance, and the codes of its surprises.
fn read_as(carrier: Carrier, folder: &Path, name: &str) -> (Value, Vec<&'static str>) {
    let decoded = carrier.codec(Config::default()).decode(&entity(folder, name).entity);
    let decoded = decoded.unwrap_or_else(|error| panic!("{name}: {error}"));
    let surprises = decoded.surprises().map(|deviation| deviation.kind.code()).collect();
    (serde_json::to_value(&decoded.message).unwrap(), surprises)
}

/// The same as carrier L's codec reads it.
fn read(folder: &Path, name: &str) -> (Value, Vec<&'static str>) {
    read_as(Carrier::L, folder, name)
}

fn gateway() -> Value {
    json!({
        "operation": "submit_req", "transaction_id": "tid", "mm7_version": "5.3.0",
        "sender": { "vasp_id": "vasp01", "cp_id": "1000000001", "origin_code": "100000000",
                    "billing": "01000000009", "callback": "0200000000" },
        "recipients": { "to": [{ "number": "01000000002" }] },
        "timestamp": "2024-08-01T09:30:00+09:00",
        "subject": "제목 똠 & <x> €",
        "content": { "text": "안녕하세요 테스트입니다.\n2줄 <a> & b", "fee_code": "800100000000" }
    })
}

#[test]
fn reads_a_submit_of_the_relay() {
    let Some(folder) = folder() else { return };
    let (message, surprises) = read(&folder, "gateway-l-0.http");
    assert_eq!(message, gateway());
    assert_eq!(surprises, [""; 0]);

    let (mut message, surprises) = read(&folder, "gateway-l-1.http");
    let media = message["content"].as_object_mut().unwrap().remove("media").unwrap();
    assert_eq!(message, gateway());
    assert_eq!(surprises, [""; 0]);
    assert_eq!(media[0]["media_type"], "image/jpeg");
    assert_eq!(media[0]["name"], "IMG0");
    assert_eq!(
        media[0]["fields"],
        json!({ "X-Kmms-redistribution": "TRUE", "Content-Category": "Photo", "X-Kmms-SVCCODE": "800100000000" })
    );
    assert_eq!(media[0]["data"].as_str().unwrap().len(), 160, "120 bytes");
}

#[test]
fn points_at_the_bytes_of_the_relays_irregularities() {
    let Some(folder) = folder() else { return };
    let bytes = fs::read(folder.join("gateway-l-0.http")).unwrap();
    let file = entity(&folder, "gateway-l-0.http");
    let decoded = L::new(Config::default()).decode(&file.entity).unwrap();
    let at = |kind: DeviationKind| {
        let found = decoded.deviations.iter().find(|deviation| deviation.kind == kind);
        let at = &found.unwrap_or_else(|| panic!("no {kind}")).at;
        &bytes[file.file_offset(at.space, at.offset)..]
    };
    assert!(at(DeviationKind::ContentIdDoubled).starts_with(b"<</tnn-200102/mm7-submit>>"), "L-13");
    assert!(at(DeviationKind::EncodingUndeclared).starts_with(b"\xbe\xc8\xb3\xe7"), "L-14: the first 8-bit byte");
    assert!(at(DeviationKind::ContentTypeMissing).starts_with(b"\r\n\xbe\xc8\xb3\xe7"), "L-14: the end of the header");
    assert!(at(DeviationKind::CharsetOnMultipart).starts_with(b"charset=\"EUC-KR\""), "X-02");
    assert!(at(DeviationKind::VendorElement).starts_with(b"<CallBack>"), "L-18");
    assert!(at(DeviationKind::DateTimeDayFirst).starts_with(b"01-08-2024 09:30:00"), "T5");
}

#[test]
fn reads_what_the_lossy_relay_left() {
    let Some(folder) = folder() else { return };
    let (message, surprises) = read(&folder, "gateway-l-lossy.http");
    assert_eq!(
        message,
        json!({ "operation": "submit_req", "transaction_id": "tid", "mm7_version": "5.3.0", "subject": "제목",
                "content": { "text": "???????? ????", "fee_code": "800100000000" } })
    );
    assert_eq!(surprises, ["mm7/element-missing", "mm7/element-missing"]);
}

#[test]
fn reads_the_samples_of_the_interface_document() {
    let Some(folder) = folder() else { return };
    let (message, surprises) = read(&folder, "lgt-1.txt");
    assert_eq!(
        message,
        json!({ "operation": "delivery_report_req", "transaction_id": "01010004_20050611105724121", "mm7_version": "5.3.0",
                "message_id": "01010004_20050611105724121", "recipient": { "number": "0190000001" },
                "from": { "number": "0190000002" }, "timestamp": "2005-06-04T10:55:59+09:00", "called_net": "01990",
                "mm_status": "Expired", "status": { "outcome": "rejected", "reason": "expired" } })
    );
    assert!(surprises.contains(&"datetime/one-digit") && surprises.contains(&"mm7/scalar-padded"), "{surprises:?}");

    let (message, surprises) = read(&folder, "lgt-3.txt");
    assert_eq!(message["sender"]["callback"], "01000000002");
    assert_eq!(message["sender"]["cp_id"], "1528800827");
    assert_eq!(message["timestamp"], "2024-07-02T20:46:43+09:00");
    assert!(message["subject"].as_str().unwrap().starts_with("MCMP "), "{message}");
    assert_eq!(surprises, [""; 0], "its text is damaged before it was encoded, and decodes");

    let (message, surprises) = read(&folder, "lgt-4.txt");
    assert_eq!(
        message,
        json!({ "operation": "submit_rsp", "transaction_id": "23088", "mm7_version": "5.3.0", "message_id": "hUQXqFNi",
                "status": { "code": 1000, "text": "Success", "outcome": "success" } })
    );
    assert_eq!(surprises, ["mm7/scalar-padded"]);
}

#[test]
fn reads_a_submit_of_ks_relay() {
    let Some(folder) = folder() else { return };
    let submit = json!({
        "operation": "submit_req", "transaction_id": "20240701000000:KTF:1", "mm7_version": "1.0", "service_type": "MMSMT1",
        "sender": { "vasp_id": "hub01", "vas_id": "sub01", "cp_id": "hub01_02_001", "origin_code": "100000000",
                    "billing": "01000000009", "callback": "0200000000" },
        "recipients": { "to": [{ "number": "01000000002" }] },
        "message_class": "GENERAL", "timestamp": "2024-08-01T09:30:00+09:00", "delivery_report": true, "read_reply": false,
        "subject": "제목 똠 & <x> €",
        "content": { "text": "안녕하세요 테스트입니다.\n2줄 <a> & b" }
    });
    let (message, surprises) = read_as(Carrier::K, &folder, "gateway-k-0.http");
    assert_eq!(message, submit);
    assert_eq!(surprises, [""; 0]);

    let (mut message, surprises) = read_as(Carrier::K, &folder, "gateway-k-1.http");
    let content = message["content"].as_object_mut().unwrap();
    let (media, shown) = (content.remove("media").unwrap(), content.remove("presentation").unwrap());
    assert_eq!(message, submit);
    assert_eq!(surprises, [""; 0]);
    assert_eq!(media[0]["media_type"], "image/jpeg");
    assert_eq!((&media[0]["content_id"], &media[0]["name"]), (&json!("a.jpeg"), &json!("a.jpeg")));
    assert_eq!(media[0]["data"].as_str().unwrap().len(), 160, "120 bytes");
    assert_eq!(
        shown,
        json!({ "frame": { "before": "<HTML><HEAD></HEAD></HTML><IMG SRC=\"IMG0\">", "after": "</BODY></HTML>" } })
    );
}

#[test]
fn reads_the_samples_of_ks_interface_document() {
    let Some(folder) = folder() else { return };
    let read = |name| read_as(Carrier::K, &folder, name);
    assert_eq!(
        read("kt-1.txt"),
        (
            json!({ "operation": "rs_error_rsp", "mm7_version": "1.0",
                    "status": { "code": 2150, "text": "MIME_ERROR", "outcome": "rejected", "reason": "format_invalid" } }),
            vec![]
        )
    );
    assert_eq!(
        read("kt-3.txt"),
        (
            json!({ "operation": "delivery_report_req", "transaction_id": "c9131c:10822bc0263:-7c16t-uapl-05/10.0.0.1",
                    "mm7_version": "1.0", "message_id": "01210005_20051215130409809", "recipient": { "number": "0180000001" },
                    "from": { "number": "0160000002" }, "timestamp": "2005-12-15T13:04:27+09:00",
                    "status": { "code": 1000, "outcome": "success" } }),
            vec!["mm7/scalar-padded"]
        )
    );
    assert_eq!(
        read("kt-4.txt"),
        (
            json!({ "operation": "delivery_report_rsp", "transaction_id": "b76fa:10945acbcd1:2985t-uapl-05/10.0.0.1",
                    "mm7_version": "1.0", "status": { "code": 1000, "text": "OK", "outcome": "success" } }),
            vec!["mm7/scalar-padded"]
        )
    );
    assert_eq!(
        read("kt-7.txt"),
        (
            json!({ "operation": "submit_rsp", "transaction_id": "23088", "mm7_version": "1.0",
                    "message_id": "01210006_20051215103126269",
                    "status": { "code": 1000, "text": "SUCCESS", "outcome": "success" } }),
            vec!["mm7/scalar-padded"]
        )
    );
    assert_eq!(
        read("kt-8.txt"),
        (
            json!({ "operation": "submit_req", "transaction_id": "23088", "mm7_version": "1.6", "service_type": "MMSMT1",
                    "sender": { "vasp_id": "testhub", "vas_id": "testhub", "cp_id": "testhub_01_001",
                                "origin_code": "123456789", "billing": "0160000001", "callback": "0900000001" },
                    "recipients": { "to": [{ "number": "0160000002" }] }, "message_class": "GENERAL",
                    "timestamp": "2003-09-24T14:11:28+09:00", "delivery_report": true, "read_reply": true,
                    "subject": "LTS TEST",
                    "content": { "text": "안녕하세요. ~~ 반갑습니다. ", "presentation": { "frame": {
                        "before": "<HTML><HEAD></HEAD><BODY>", "after": "</BODY></HTML>\n" } } } }),
            vec![
                "mime/line-end-lf",
                "mime/blank-line-missing",
                "charset/label-conflict",
                "soap/namespace-slash",
                "mm7/scalar-padded",
                "mime/blank-line-missing",
                "charset/conflict",
                "mime/close-delimiter-dash",
            ]
        ),
        "K-01 to K-05, K-08"
    );
}

#[test]
fn writes_the_relays_bytes_again() {
    let Some(folder) = folder() else { return };
    let names = ["gateway-k-0.http", "gateway-k-1.http", "gateway-l-0.http", "gateway-l-1.http"];
    for name in names {
        let carrier = if name.contains("-k-") { Carrier::K } else { Carrier::L };
        let captured = entity(&folder, name).entity;
        let message = carrier.codec(Config::default()).decode(&captured).unwrap().message;
        let encoded = carrier.codec(Config::default()).encode(&message).unwrap();
        assert!(encoded.losses.is_empty() && encoded.violations.is_empty(), "{encoded:?}");
        let named = |entity: &Entity| {
            let media_type = entity.header("content-type").unwrap().to_vec();
            (
                without_boundaries(&media_type, &media_type, &entity.body),
                without_boundaries(&entity.body, &media_type, &entity.body),
            )
        };
        assert!(named(&encoded.entity) == named(&captured), "{name}");
    }
}

/// The bytes with each boundary of the message replaced by a number, in the order of their occurrence.
fn without_boundaries(bytes: &[u8], media_type: &[u8], body: &[u8]) -> Vec<u8> {
    let mut boundaries: Vec<Vec<u8>> = Vec::new();
    for source in [media_type, body] {
        let mut rest = source;
        while let Some(at) = memchr::memmem::find(rest, b"boundary=\"") {
            rest = &rest[at + 10..];
            let end = rest.iter().position(|&b| b == b'"').unwrap();
            boundaries.push(rest[..end].to_vec());
        }
    }
    let mut bytes = bytes.to_vec();
    for (index, boundary) in boundaries.iter().enumerate() {
        while let Some(at) = memchr::memmem::find(&bytes, boundary) {
            bytes.splice(at..at + boundary.len(), format!("{{boundary {index}}}").into_bytes());
        }
    }
    bytes
}

#[test]
fn survives_every_capture_and_damage_to_it() {
    let Some(folder) = folder() else { return };
    let mut count = 0;
    for file in fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        let bytes = Bytes::from(fs::read(&path).unwrap());
        if path.extension().is_some_and(|extension| extension == "md") {
            continue;
        }
        count += 1;
        let step = (bytes.len() / 40).max(1);
        for &dialect in harness::DIALECTS {
            for end in (0..bytes.len()).step_by(step).chain([bytes.len()]) {
                let Ok(file) = Entity::parse_http(bytes.slice(..end), &Limits::default()) else { continue };
                harness::survives(&harness::codecs(dialect), &file.entity)
                    .unwrap_or_else(|error| panic!("{} cut at {end}, {dialect}: {error}", path.display()));
            }
            let Ok(file) = Entity::parse_http(bytes.clone(), &Limits::default()) else { continue };
            let lenient = dialect.codec(Config { tolerance: Tolerance::Lenient, ..Config::default() });
            if let Err(error) = lenient.decode(&file.entity) {
                assert!(error.at().offset <= file.entity.body.len(), "{}: {error}", path.display());
            }
        }
    }
    assert!(count > 50, "{count} captures");
}
