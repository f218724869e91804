//! From every dialect to every other: the account is complete, and the gateway's decisions are right.
#![cfg(feature = "serde")]

mod harness;

use harness::messages;
use proptest::prelude::*;
use serde_json::{Value, json};
use tongsa::{
    Account, Carrier, Config, DialectId, Message, Tolerance, TranslateOptions, Translated, translate_message,
};

fn dialect() -> impl Strategy<Value = DialectId> {
    proptest::sample::select(DialectId::ALL)
}

fn options() -> impl Strategy<Value = TranslateOptions> {
    let field = || proptest::option::of(messages::text());
    let account = (field(), field(), field(), field(), field()).prop_filter_map("not an account", |fields| {
        let (vasp_id, vas_id, cp_id, relay_id, billing) = fields;
        let mut account = json!({});
        for (key, value) in
            [("vasp_id", vasp_id), ("vas_id", vas_id), ("cp_id", cp_id), ("relay_id", relay_id), ("billing", billing)]
        {
            if let Some(value) = value {
                account[key] = value.into();
            }
        }
        serde_json::from_value::<Account>(account).ok()
    });
    proptest::option::of(account).prop_map(|account| {
        let mut options = TranslateOptions::default();
        options.account = account;
        options
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn accounts_for_everything(from in dialect(), to in dialect(), message in messages::message(), options in options()) {
        harness::translates(from, to, &message, &options).map_err(TestCaseError::fail)?;
    }

    /// What a source's decoder reads of its own wire, rather than any message.
    #[test]
    fn accounts_for_everything_that_was_read(from in dialect(), to in dialect(), message in messages::message()) {
        let codec = from.codec(Config { tolerance: Tolerance::Lenient, ..Config::default() });
        let read = codec.decode(&codec.encode(&message).unwrap().entity).unwrap().message;
        harness::translates(from, to, &read, &TranslateOptions::default()).map_err(TestCaseError::fail)?;
    }
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(600)
}

#[test]
fn accounts_for_every_field_between_every_pair() {
    for &from in DialectId::ALL {
        for &to in DialectId::ALL {
            for operation in messages::operations() {
                for message in messages::full(operation, from.code()) {
                    harness::translates(from, to, &message, &TranslateOptions::default())
                        .unwrap_or_else(|error| panic!("{operation}: {error}"));
                }
            }
        }
    }
}

fn translated(from: Carrier, to: Carrier, message: Value) -> Translated {
    let message: Message = serde_json::from_value(message).expect("a message");
    let codec = |carrier: Carrier| carrier.codec(Config::default());
    translate_message(&*codec(from), &*codec(to), &message, &TranslateOptions::default()).expect("nothing is refused")
}

fn losses(translated: &Translated) -> Vec<String> {
    translated.losses.iter().map(ToString::to_string).collect()
}

#[test]
fn takes_a_status_by_its_meaning() {
    use Carrier::{K, L, S};
    for (from, code, to, expected) in [
        (S, 4008, K, 4202),
        (S, 4008, L, 7103),
        (K, 4202, S, 4008),
        (L, 7103, K, 4202),
        // The standard's 2003 is an unknown address; S's is the originating operator, K's table has that as 2200.
        (S, 2003, K, 2200),
        (S, 2003, L, 4032),
        (L, 2003, S, 4005),
        // No table has it: rejected for reasons unknown.
        (L, 8888, K, 9999),
        (S, 1000, K, 1000),
    ] {
        let message = json!({ "operation": "submit_rsp", "mm7_version": "5.3.0", "status": { "code": code } });
        let translated = translated(from, to, message);
        let status = serde_json::to_value(&translated.message).unwrap()["status"]["code"].clone();
        assert_eq!(status, expected, "{from} {code} to {to}");
        let named = translated.losses.iter().find(|loss| loss.path == "status.code");
        assert_eq!(named.is_some(), code != expected, "{from} {code} to {to}: the original is in the loss");
    }
}

#[test]
fn takes_a_word_for_a_code_where_only_codes_are_read() {
    let report = json!({ "operation": "delivery_report_req", "message_id": "1", "mm_status": "Retrieved" });
    for to in [Carrier::S, Carrier::K] {
        let translated = translated(Carrier::L, to, report.clone());
        assert_eq!(losses(&translated), ["mm_status: dropped"], "{to}");
        assert_eq!(translated.supplied.len(), 1, "{to}");
        assert_eq!(translated.supplied[0].path, "status.code", "{to}");
        assert_eq!(serde_json::to_value(&translated.message).unwrap()["status"]["code"], 1000, "{to}");
    }
    let failed = json!({ "operation": "delivery_report_req", "message_id": "1", "status": { "code": 4305 } });
    let translated = translated(Carrier::K, Carrier::L, failed);
    assert_eq!(serde_json::to_value(&translated.message).unwrap()["status"]["code"], 6072, "a handset without MMS");
}

#[test]
fn lets_no_account_cross() {
    let message = json!({ "operation": "submit_req", "mm7_version": "1.0",
        "sender": { "vasp_id": "hub01", "vas_id": "sub01", "cp_id": "hub01_02_001", "billing": "01000000009",
                    "callback": "0200000000", "origin_code": "100000000" } });
    let message: Message = serde_json::from_value(message).unwrap();
    let mut options = TranslateOptions::default();
    options.account =
        serde_json::from_value(json!({ "vasp_id": "99", "cp_id": "1000000001", "relay_id": "0000" })).ok();
    let (k, s) = (Carrier::K.codec(Config::default()), Carrier::S.codec(Config::default()));
    let translated = translate_message(&*k, &*s, &message, &options).unwrap();
    let sender = &serde_json::to_value(&translated.message).unwrap()["sender"];
    assert_eq!(
        *sender,
        json!({ "vasp_id": "99", "cp_id": "1000000001", "relay_id": "0000", "origin_code": "100000000",
                "callback": "0200000000" })
    );
    let account: Vec<String> = losses(&translated);
    assert_eq!(
        account,
        [
            "mm7_version: narrowed",
            "sender.vasp_id: narrowed",
            "sender.vas_id: dropped",
            "sender.cp_id: narrowed",
            "sender.billing: dropped"
        ]
    );
    assert_eq!(translated.supplied[0].path, "sender.relay_id");
    let missing = translated.violations.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(missing.contains(&"sender.vas_id: missing (s-live)".to_owned()), "{missing:?}");
}

#[test]
fn brings_text_and_media_and_says_what_stays_behind() {
    let message = json!({ "operation": "submit_req", "content": {
        "text": "하나\n둘 😀", "href": "cid:a",
        "media": [{ "media_type": "image/jpeg", "content_id": "b", "name": "IMG0001.jpeg",
                    "fields": { "X-SKT-Service-Type": "0" }, "data": "/9j/2Q==" }],
        "presentation": { "runs": [{ "text": { "chars": 2 } }, { "text": { "color": 3, "chars": 3 } }] } } });
    let to_k = translated(Carrier::S, Carrier::K, message.clone());
    assert_eq!(
        losses(&to_k),
        [
            "content.href: dropped",
            "content.presentation.runs: dropped",
            "content.media[0].content_id: dropped",
            "content.media[0].fields.X-SKT-Service-Type: dropped",
            "content.text: unmappable U+1F600 at 5"
        ]
    );
    let text = String::from_utf8_lossy(&to_k.entity.body).into_owned();
    assert!(text.contains("<IMG SRC=\"IMG0001.jpeg\">"), "{text}");
    // S has character references.
    let back = translated(Carrier::K, Carrier::S, json!({ "operation": "submit_req", "content": { "text": "둘 😀" } }));
    assert_eq!(losses(&back), [""; 0]);
    assert!(String::from_utf8_lossy(&back.entity.body).contains("&#128512;"));
}

/// `docs/translation.md` is `tests/coverage.tsv`, which the tables are held against, as a page.
/// `TONGSA_WRITE_DOCS=1 cargo test --test translate` writes it again.
#[test]
fn documents_every_field_of_every_dialect() {
    let mut page = String::from(
        "# What each dialect carries\n\nFor every field of every operation: what becomes of it when a message is written in \
         the dialect. A field is a path of keys in the JSON of a message, whose schema is \
         [message.schema.json](message.schema.json).\n\n* `yes`: carried as it is;\n* `limit`: carried, and with some values a loss or a violation says what the \
         limit is: a form without offset, a charset without the character, a count or a size that the carrier refuses;\n* `–`: \
         no place; a loss.\n\nThis is the wire of each dialect by itself. From one carrier to another do not cross besides: the \
         account (`sender.vasp_id`, `vas_id`, `cp_id`, `relay_id`, `billing`), `content.href`, `content.fields` and the fields \
         and Content-IDs of media, `content.presentation`, and `extensions`; `mm7_version` and `status.code` become the \
         target's own. Each is a loss with the value before and after.\n\nGenerated from `tests/coverage.tsv`; a test holds \
         tables, list and page equal.\n",
    );
    let dialects: Vec<&str> = DialectId::ALL.iter().map(|dialect| dialect.code()).collect();
    for operation in messages::operations() {
        page += &format!(
            "\n## {operation}\n\n| field | {} |\n|---|{}\n",
            dialects.join(" | "),
            "---|".repeat(dialects.len())
        );
        for field in messages::fields(operation) {
            let cells = dialects.iter().map(|dialect| match messages::coverage(operation, field, dialect) {
                Some("carried") => "yes",
                Some("limited") => "limit",
                Some("lost") => "–",
                other => panic!("{operation} {field} {dialect}: {other:?}"),
            });
            page += &format!("| `{field}` | {} |\n", cells.collect::<Vec<_>>().join(" | "));
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/translation.md");
    if std::env::var_os("TONGSA_WRITE_DOCS").is_some() {
        std::fs::write(path, &page).expect("a writable file");
    }
    assert!(std::fs::read_to_string(path).is_ok_and(|found| found == page), "docs/translation.md is not the tables");
}

#[test]
fn splits_recipients_and_writes_all_of_them_otherwise() {
    let message = json!({ "operation": "submit_req", "subject": "a", "recipients": {
        "to": [{ "number": "01000000002" }, { "email": "a@example.com" }], "cc": [{ "number": "01000000003" }] } });
    let message: Message = serde_json::from_value(message).unwrap();
    for &dialect in DialectId::ALL {
        let codec = dialect.codec(Config { tolerance: Tolerance::Lenient, ..Config::default() });
        let encoded = codec.encode(&message).unwrap();
        assert_eq!(codec.decode(&encoded.entity).unwrap().message, message, "{dialect}: all of them are written");
        assert!(
            encoded
                .violations
                .iter()
                .any(|violation| violation.to_string() == format!("recipients: 3 found, 1 allowed ({dialect})")),
            "{dialect}: {:?}",
            encoded.violations
        );
        let split = message.split_recipients();
        assert_eq!(split.len(), 3);
        for message in split {
            let violations = codec.check(&message);
            assert!(!violations.iter().any(|violation| violation.path == "recipients"), "{violations:?}");
        }
    }
}
