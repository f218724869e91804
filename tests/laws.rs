//! The promises as property tests, for every dialect.
//!
//! `PROPTEST_CASES=100000 cargo test --release --test laws` runs them for long.
#![cfg(feature = "serde")]

mod harness;

use harness::{Law, codecs, messages};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};
use tongsa::{Config, DialectId, Entity};

fn holds(law: Law) -> Result<(), TestCaseError> {
    law.map_err(TestCaseError::fail)
}

fn dialect() -> impl Strategy<Value = DialectId> {
    proptest::sample::select(harness::DIALECTS)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn accounts_for_every_loss(dialect in dialect(), message in messages::message()) {
        holds(harness::accounts_for_every_loss(&codecs(dialect), &message))?;
    }

    #[test]
    fn reports_every_quirk(dialect in dialect(), message in messages::message(), quirks in messages::quirks()) {
        holds(harness::reports_every_quirk(&codecs(dialect), &message, quirks))?;
    }

    #[test]
    fn notices_truncation(dialect in dialect(), message in messages::message(), step in 1..7usize) {
        let entity = dialect.codec(Config::default()).encode(&message).unwrap().entity;
        let from_end = entity.body.len().saturating_sub(80);
        let prefixes = (0..from_end).step_by(step * 13).chain(from_end..entity.body.len());
        holds(harness::notices_truncation(&codecs(dialect), &entity, prefixes))?;
    }

    #[test]
    fn survives_any_bytes(dialect in dialect(), bytes in proptest::collection::vec(any::<u8>(), 0..200), multipart in any::<bool>()) {
        let mut entity = Entity::new(bytes);
        if multipart {
            entity = entity.with_header("Content-Type", "multipart/related; boundary=b");
        }
        holds(harness::survives(&codecs(dialect), &entity))?;
    }

    #[test]
    fn survives_damage_to_its_own_output(dialect in dialect(), message in messages::message(), edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut entity = dialect.codec(Config::default()).encode(&message).unwrap().entity;
        let mut body = entity.body.to_vec();
        for (index, byte) in edits {
            let index = index.index(body.len());
            body[index] = byte;
        }
        entity.body = body.into();
        holds(harness::survives(&codecs(dialect), &entity))?;
    }
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(600)
}

/// Messages that the strategies find seldom.
#[test]
fn accounts_for_what_is_awkward() {
    let content = |content: Value| json!({ "operation": "submit_req", "content": content });
    let extensions = |list: &[&str]| {
        let list: Vec<_> = list.iter().map(|path| json!({ "path": path, "value": "1" })).collect();
        json!({ "operation": "submit_req", "subject": "a", "recipients": { "to": [{ "number": "1" }, { "number": "2" }] },
                "extensions": list })
    };
    let messages = [
        content(json!({ "text": "a", "href": "cid:뷁😀" })),
        content(json!({ "text": "a", "href": "cid:a\tb" })),
        content(json!({ "text": "a", "href": "cid:" })),
        content(json!({ "text": "a", "href": "http://a/" })),
        content(json!({ "media": [{ "media_type": "text/x-sktxt", "data": "AAAA" }] })),
        content(json!({ "text": "a", "media": [{ "media_type": "application/smil", "data": "AAAA" }] })),
        json!({ "operation": "submit_req", "sender": { "callback": "01000000001", "alias": "01000000001" } }),
        json!({ "operation": "submit_req", "sender": { "alias": "01000000001" } }),
        extensions(&["A[2]", "A"]),
        extensions(&["A", "A[3]", "A[2]"]),
        extensions(&["A", "A", "A/B", "A/@b", "A/@b"]),
        extensions(&["/A", "/TransactionID[2]", "/TransactionID/@mustUnderstand", "/TransactionID/@b"]),
        extensions(&["Subject", "Subject[2]", "Subject/@b", "Subject/B", "Subject[3]"]),
        extensions(&[
            "Recipients/To/Number",
            "Recipients/To/Number[3]",
            "Recipients/To/Number[2]/@b",
            "Recipients/To[2]",
        ]),
        extensions(&["Recipients/@b", "Recipients[2]/To", "Recipients/Cc", "Recipients/X", "Recipients/Cc/X"]),
        extensions(&["Priority", "Priority[2]", "TimeStamp/@b", "MM7Version", "SenderIdentification/VASID"]),
        extensions(&["Content", "Content/@href", "Content/@b", "Content/X"]),
        extensions(&["이름", "이름/@속성", "뷁", "A/뷁"]),
    ];
    for message in messages {
        let message: tongsa::Message = serde_json::from_value(message).expect("a message");
        for &dialect in harness::DIALECTS {
            harness::accounts_for_every_loss(&codecs(dialect), &message)
                .unwrap_or_else(|error| panic!("{dialect}: {error}"));
        }
    }
}

/// Which extensions stay behind: those alone that the reader would take for something else, or not give back.
#[test]
fn keeps_every_extension_that_can_be_kept() {
    for (paths, lost) in [
        (&["A", "A[2]", "A/@b", "A/B", "B"][..], &[][..]),
        (&["A[2]"], &[0]),
        (&["A", "A[3]"], &[1]),
        (&["/A", "/TransactionID/@b"], &[]),
        (&["/TransactionID/@mustUnderstand", "/TransactionID/@b"], &[0]),
        (&["Subject[2]", "Subject/@b"], &[]),
        (&["Subject"], &[0]),
        (&["Priority"], &[0]),
        (&["Recipients/To/Number[2]/@b", "Recipients/To/X"], &[]),
        (&["Recipients/To/Number[3]"], &[0]),
        (&["Recipients/X", "Recipients/@b"], &[]),
        (&["Recipients/Cc/X"], &[0]),
        (&["A/@b", "A/@b"], &[1]),
        (&["이름", "A/뷁"], &[1]),
    ] {
        let list: Vec<_> = paths.iter().map(|path| json!({ "path": path, "value": "1" })).collect();
        let to = json!([{ "number": "1" }, { "number": "2" }]);
        let message = json!({ "operation": "submit_req", "transaction_id": "1", "subject": "a",
            "recipients": { "to": to }, "extensions": list });
        let message: tongsa::Message = serde_json::from_value(message).expect("a message");
        let encoded = DialectId::SLive.codec(Config::default()).encode(&message).expect("nothing is refused");
        let read = message.apply(&encoded.losses).expect("an account of this message");
        let read = serde_json::to_value(&read).expect("JSON");
        let kept = read["extensions"].as_array().into_iter().flatten().map(|one| one["path"].as_str().expect("a path"));
        let lost: Vec<_> = lost.iter().map(|&index: &usize| paths[index]).collect();
        let mut expected = paths.to_vec();
        lost.iter().for_each(|path| {
            expected.swap_remove(expected.iter().rposition(|one| one == path).expect("it"));
        });
        expected.sort_unstable();
        let mut kept: Vec<_> = kept.collect();
        kept.sort_unstable();
        assert_eq!(kept, expected, "{paths:?}");
    }
}
