//! Each dialect is told from the others, answers go back in that of their request, and what the malformed one writes is
//! really malformed: independent parsers of XML and MIME say so.
#![cfg(feature = "serde")]

mod harness;

use bytes::Bytes;
use encoding_rs::EUC_KR;
use harness::messages;
use mail_parser::{MessageParser, MimeHeaders as _};
use proptest::prelude::*;
use serde_json::json;
use tongsa::{Carrier, Config, Decoded, DialectId, Entity, Message, Status, Tolerance};

const S: [DialectId; 3] = [DialectId::SLive, DialectId::STest, DialectId::SMalformed];

/// Decodes without a hint of the dialect.
fn unaided(carrier: Carrier, entity: &Entity) -> Decoded {
    let codec = carrier.codec(Config { tolerance: Tolerance::Lenient, ..Config::default() });
    codec.decode(entity).unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(&entity.to_http())))
}

fn encode(dialect: DialectId, message: &Message) -> Entity {
    dialect.codec(Config::default()).encode(message).expect("nothing is refused").entity
}

fn message(value: serde_json::Value) -> Message {
    serde_json::from_value(value).expect("a canonical message")
}

/// Any submit with the least that tells the three dialects of S apart, whatever else it holds: an origin code, which stands
/// behind the sender or inside (S-16), and text, whose parts are typed or not (S-31) and in a charset of either name (S-03).
/// Neither does by itself: see `lists_the_dialects_of_a_submit_that_says_too_little`.
fn submit() -> impl Strategy<Value = Message> {
    messages::message_of("submit_req", 0.4).prop_map(|message| {
        let mut value = serde_json::to_value(&message).expect("a message is JSON");
        for (record, key, text) in [("sender", "origin_code", "100000000"), ("content", "text", "안녕하세요")] {
            if value[record].is_null() {
                value[record] = json!({});
            }
            if value[record][key].is_null() {
                value[record][key] = text.into();
            }
        }
        self::message(value)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn tells_every_submit_of_s_apart(dialect in proptest::sample::select(&S[..]), message in submit()) {
        let encoded = dialect.codec(Config::default()).encode(&message).expect("nothing is refused");
        let decoded = unaided(Carrier::S, &encoded.entity);
        prop_assert_eq!(&decoded.candidates[..], &[dialect][..]);
        prop_assert_eq!(decoded.dialect, dialect);
        prop_assert_eq!(decoded.message, message.apply(&encoded.losses).expect("an account of this message"));
    }
}

/// A full submit: text in a colour, an icon in it, an image.
fn full() -> Message {
    let fields = json!({ "X-SKT-Content-Usage": "0", "X-SKT-CIDSID": "1000000000", "X-SKT-Service-Type": "1" });
    message(json!({
        "operation": "submit_req", "transaction_id": "00042", "mm7_version": "5.3.0",
        "sender": { "vasp_id": "99", "vas_id": "1", "cp_id": "1000000001", "relay_id": "0000",
                    "origin_code": "100000000", "callback": "01000000001" },
        "recipients": { "to": [{ "number": "01000000002" }] },
        "message_class": "Personal", "timestamp": "2024-08-01T09:30:00+09:00", "expiry": "2024-08-08T09:30:00+09:00",
        "delivery_report": true, "read_reply": false, "priority": "Normal", "distribution": false, "adaptations": true,
        "subject": "제목",
        "content": {
            "text": "안녕하세요", "fields": fields,
            "media": [
                { "media_type": "image/jpeg", "content_id": "1000000000123456789002", "name": "IMG0001.jpeg",
                  "fields": fields, "data": "/9j/2Q==" },
                { "media_type": "image/sis", "content_id": "1000000000123456789003", "name": "a.sis",
                  "fields": fields, "data": "U0lT" },
            ],
            "presentation": {
                "runs": [{ "text": { "color": 2, "chars": 5 } },
                         { "icon": { "content_id": "1000000000123456789003", "name": "a.sis" } }]
            }
        }
    }))
}

fn submit_rsp() -> Message {
    message(json!({
        "operation": "submit_rsp", "transaction_id": "00042", "mm7_version": "5.3.0", "message_id": "aB3_xY9zQ1k",
        "status": { "code": 1000, "text": "Success" }
    }))
}

#[test]
fn lists_the_dialects_of_a_small_answer_that_tie() {
    // The prefix and the declaration are free, so live and test answers are the same to every reader.
    for dialect in [DialectId::SLive, DialectId::STest] {
        let decoded = unaided(Carrier::S, &encode(dialect, &submit_rsp()));
        assert_eq!(decoded.candidates, S, "{dialect}");
        assert_eq!(decoded.dialect, DialectId::SLive);
        assert_eq!(decoded.message.status().and_then(|status| status.code.as_ref()?.number()), Some(1000));
    }
    // The interface document's are XML in no dialect but its own.
    let decoded = unaided(Carrier::S, &encode(DialectId::SMalformed, &submit_rsp()));
    assert_eq!((decoded.dialect, &decoded.candidates[..]), (DialectId::SMalformed, &[DialectId::SMalformed][..]));
}

#[test]
fn lists_the_dialects_of_a_submit_that_says_too_little() {
    // Without parts the test service's is the interface document's, but for what makes that malformed.
    let code_alone = message(json!({ "operation": "submit_req", "sender": { "origin_code": "100000000" } }));
    let decoded = unaided(Carrier::S, &encode(DialectId::STest, &code_alone));
    assert_eq!(decoded.candidates, [DialectId::STest, DialectId::SMalformed]);
    // With a scene of its own that refers to nothing, a submit of the network has the forms that all have.
    let text_alone = message(json!({
        "operation": "submit_req", "content": { "text": "안녕하세요", "presentation": { "scene": "<smil/>" } }
    }));
    let decoded = unaided(Carrier::S, &encode(DialectId::SLive, &text_alone));
    assert_eq!(decoded.candidates, [DialectId::SLive, DialectId::SMalformed]);
    assert_eq!(decoded.dialect, DialectId::SLive);
}

/// The entity with this replaced in its body.
fn replaced(entity: &Entity, from: &str, to: &str) -> Entity {
    let at = memchr::memmem::find(&entity.body, from.as_bytes()).unwrap_or_else(|| panic!("no {from}"));
    let body = [&entity.body[..at], to.as_bytes(), &entity.body[at + from.len()..]].concat();
    Entity { body: Bytes::from(body), ..entity.clone() }
}

fn holds(entity: &Entity, text: &str) -> bool {
    memchr::memmem::find(&entity.body, text.as_bytes()).is_some()
}

const REL_5: &str = "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-";

/// The answer to a request by a codec that is fixed to no dialect.
fn answer(decoded: &Decoded, expected: &str) -> Entity {
    let reply = decoded.reply(Status::new(1000, "Success").unwrap()).expect("a request");
    assert_eq!(reply.message.operation().code(), expected);
    let encoded = decoded.dialect.carrier().codec(Config::default()).encode_reply(&reply).expect("nothing is refused");
    let fixed = decoded.dialect.codec(Config::default()).encode_reply(&reply).expect("nothing is refused");
    assert_eq!(encoded.entity, fixed.entity, "in the dialect of the request");
    assert!(encoded.losses.is_empty() && encoded.violations.is_empty(), "{encoded:?}");
    let read = unaided(decoded.dialect.carrier(), &encoded.entity);
    assert!(read.candidates.contains(&decoded.dialect));
    assert_eq!(read.message, reply_as_read(&reply.message, &read));
    encoded.entity
}

/// What a reply says, with the outcome that only reading gives it.
fn reply_as_read(reply: &Message, read: &Decoded) -> Message {
    let mut value = serde_json::to_value(reply).unwrap();
    value["status"]["outcome"] = serde_json::to_value(&read.message).unwrap()["status"]["outcome"].clone();
    message(value)
}

#[test]
fn answers_in_the_dialect_and_namespace_of_the_request() {
    let declared = b"<?xml version=\"1.0\" encoding=\"euc-kr\" ?><env:Envelope xmlns:env=\"";
    let plain = b"<?xml version=\"1.0\" encoding=\"euc-kr\"?><env:Envelope xmlns:env=\"";
    let cases: [(_, &[u8], _); 5] = [
        (DialectId::SLive, b"<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"", "1-0"),
        (DialectId::STest, declared, "1-0"),
        // A1 B0 is a quotation mark in EUC-KR.
        (DialectId::SMalformed, b"<?xml version=\"1.0\" encoding=\"ksc5601\"?><env:Envelope xmlns:env=\xa1\xb0", "1-0"),
        (DialectId::K, plain, "1-2"),
        (DialectId::L, plain, "1-2"),
    ];
    for (dialect, start, revision) in cases {
        let request = replaced(&encode(dialect, &full()), ">00042<", ">\n   00042 \n<");
        let decoded = unaided(dialect.carrier(), &request);
        assert_eq!(decoded.dialect, dialect);
        assert_eq!(decoded.context.transaction_id_raw.as_deref(), Some("\n   00042 \n"));
        let answer = answer(&decoded, "submit_rsp");
        assert!(answer.body.starts_with(start), "{dialect}: {}", String::from_utf8_lossy(&answer.body));
        assert!(holds(&answer, &format!("{REL_5}{revision}")), "{dialect}");
        assert!(holds(&answer, ">\n   00042 \n</mm7:TransactionID>"), "{dialect}");
    }
}

#[test]
fn answers_a_report_in_its_namespace() {
    let report = message(json!({
        "operation": "delivery_report_req", "transaction_id": "7", "mm7_version": "5.3.0", "message_id": "aB3_xY9zQ1k",
        "recipient": { "number": "01000000002" }, "from": { "number": "01000000001" },
        "timestamp": "2024-08-01T09:30:00+09:00", "status": { "code": 1000 }
    }));
    // K-13: reports of K come in either; S and L have one, and one that they do not have is echoed all the same.
    for dialect in DialectId::ALL.iter().copied() {
        let own = encode(dialect, &report);
        let own_revision = if holds(&own, &format!("{REL_5}1-0")) { "1-0" } else { "1-2" };
        for revision in ["1-0", "1-2"] {
            let mut request = replaced(&own, ">7<", "> 7\n<");
            if revision != own_revision {
                for _ in 0..2 {
                    request = replaced(&request, &format!("MM7-{own_revision}"), &format!("MM7-{revision}"));
                }
            }
            let decoded = unaided(dialect.carrier(), &request);
            let answer = answer(&decoded, "delivery_report_rsp");
            let namespaces = memchr::memmem::find_iter(&answer.body, REL_5.as_bytes());
            let revisions: Vec<_> = namespaces.map(|at| &answer.body[at + REL_5.len()..][..3]).collect();
            assert_eq!(revisions, [revision.as_bytes(); 2], "{dialect}");
            assert!(holds(&answer, "> 7\n</mm7:TransactionID>"), "{dialect}");
        }
    }
}

/// Envelope, SMIL and XT of a submit, as text: what stands between their first `<` and the next delimiter.
fn documents(entity: &Entity) -> [String; 3] {
    // Beside the documents stand images, which are no text.
    let (text, ..) = EUC_KR.decode(&entity.body);
    let parts: Vec<&str> = text.split("\r\n--").collect();
    ["Envelope", "smil", "xt"].map(|root| {
        let holds = |part: &&&str| part.contains(&format!("<{root} ")) || part.contains(&format!("<env:{root} "));
        let part = parts.iter().find(holds).unwrap_or_else(|| panic!("no {root}"));
        // A document begins its line; remarks in the fields above do not.
        let start = part.find("\r\n<").expect("a document") + 2;
        // The text behind the envelope is not what this is about.
        let document = part[start..].trim_end_matches("\r\nMMS Body");
        assert!(!document.contains(char::REPLACEMENT_CHARACTER));
        document.to_owned()
    })
}

#[test]
fn writes_documents_that_an_xml_parser_takes_or_refuses() {
    for document in documents(&encode(DialectId::SLive, &full())) {
        if let Err(error) = roxmltree::Document::parse(&document) {
            panic!("{error}\n{document}");
        }
    }
    let malformed = documents(&encode(DialectId::SMalformed, &full()));
    for (document, name) in malformed.iter().zip(["envelope", "SMIL", "XT"]) {
        assert!(roxmltree::Document::parse(document).is_err(), "the {name} is well-formed\n{document}");
    }
    let decoded = unaided(Carrier::S, &encode(DialectId::SMalformed, &full()));
    assert_eq!((decoded.message, decoded.dialect), (full(), DialectId::SMalformed));
}

/// Type and Content-ID of every part, as mail-parser reads them.
fn parts_of_another_parser(entity: &Entity) -> Vec<(String, Option<String>)> {
    let media_type = entity.header("content-type").expect("a type");
    let mail = [b"Content-Type: ", media_type, b"\r\n\r\n", &entity.body].concat();
    let mail = MessageParser::default().parse(&mail).expect("a message");
    mail.parts
        .iter()
        .map(|part| {
            let media_type = part.content_type().map_or_else(String::new, |media_type| {
                format!("{}/{}", media_type.ctype(), media_type.subtype().unwrap_or_default())
            });
            (media_type, part.content_id().map(String::from))
        })
        .collect()
}

#[test]
fn writes_parts_that_a_mail_parser_takes_or_mistakes() {
    let part = |media_type: &str, id: &str| (media_type.to_owned(), (!id.is_empty()).then(|| id.to_owned()));
    assert_eq!(
        parts_of_another_parser(&encode(DialectId::SLive, &full())),
        [
            part("multipart/related", ""),
            part("text/xml", "start_MM7_SOAP"),
            part("multipart/related", ""),
            part("application/smil", "1000000000100000000000"),
            part("text/x-sktxt", "1000000000100000000001"),
            part("image/jpeg", "1000000000123456789002"),
            part("image/sis", "1000000000123456789003"),
        ]
    );
    // S-01: the envelope is a header field of the part behind it. S-26: every id is the remark behind it.
    assert_eq!(
        parts_of_another_parser(&encode(DialectId::SMalformed, &full())),
        [
            part("multipart/related", ""),
            part("multipart/related", "!-- note --"),
            part("application/smil", "!-- note --"),
            part("text/skt-xt", "!-- note --"),
            part("image/jpeg", "!-- note --"),
            part("image/sis", "!-- note --"),
        ]
    );
}

/// What a carrier's codec says of an entity is what one fixed to the dialect that it found says, whatever stands out of order.
#[test]
fn judges_unaided_as_the_dialect_that_it_finds() {
    for dialect in S {
        for operation in ["submit_req", "submit_rsp", "delivery_report_req", "deliver_req", "read_reply_req"] {
            for message in messages::full(operation, dialect.code()) {
                let entity = encode(dialect, &message);
                let text = entity.body.clone();
                // Elements of the operation, each with all in it, by the tags of the first that is closed as it is opened.
                for swapped in swaps(&text) {
                    let entity = Entity { body: swapped.into(), ..entity.clone() };
                    let decoded = unaided(Carrier::S, &entity);
                    let codec = decoded.dialect.codec(harness::lenient());
                    let fixed = codec.decode(&entity).expect("it was read");
                    assert_eq!(decoded.message, fixed.message);
                    assert_eq!(
                        decoded.deviations,
                        fixed.deviations,
                        "{dialect} {operation}\n{}",
                        String::from_utf8_lossy(&entity.body)
                    );
                }
            }
        }
    }
}

/// The body with each two of its simple elements in the place of each other.
fn swaps(body: &[u8]) -> Vec<Vec<u8>> {
    let mut elements = Vec::new();
    let mut at = 0;
    while let Some(open) = body[at..].iter().position(|&byte| byte == b'<').map(|found| at + found) {
        at = open + 1;
        let name = body[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
        let Some(content) = body[at + name..].strip_prefix(b">").filter(|_| name > 0) else { continue };
        let len = content.iter().take_while(|&&byte| byte != b'<').count();
        let end = [b"</", &body[at..at + name], b">"].concat();
        if content[len..].starts_with(&end) {
            let behind = at + name + 1 + len + end.len();
            elements.push(open..behind);
            at = behind;
        }
    }
    let mut swapped = Vec::new();
    for (nth, one) in elements.iter().enumerate() {
        for other in &elements[nth + 1..] {
            swapped.push(
                [
                    &body[..one.start],
                    &body[other.clone()],
                    &body[one.end..other.start],
                    &body[one.clone()],
                    &body[other.end..],
                ]
                .concat(),
            );
        }
    }
    swapped
}
