//! The gateway and the simulator with each other: messages each way, refusals, and sending again.

mod rig;

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use rig::{Rig, Setup, TEXT, deliver, image, submit};
use serde_json::{Value, json};

#[tokio::test]
async fn sends_through_each_carrier_and_hears_what_became_of_it() {
    let mut rig = Rig::start(Setup::default()).await;
    for (carrier, dialect, number) in
        [("s", "s-live", "01000001234"), ("k", "k", "01000002234"), ("l", "l", "01000003234")]
    {
        let mut message = submit(&[number]);
        message["content"]["media"] = json!([image("IMG0001.jpeg"), image("IMG0002.jpeg")]);
        message["priority"] = json!("High");
        let (status, sent) = rig.send_one(&message).await;
        assert_eq!(
            (status, &sent["outcome"], &sent["tries"]),
            (StatusCode::OK, &json!("success"), &json!(1)),
            "{sent}"
        );
        assert_eq!((&sent["carrier"], &sent["dialect"]), (&json!(carrier), &json!(dialect)));
        assert_eq!(sent["status"]["code"], 1000);
        assert_eq!(sent["violations"], json!([]));
        assert!(sent["deviations"].as_array().unwrap().iter().all(|deviation| deviation["expected"] == true), "{sent}");
        // S alone has a place for it.
        let lost: Vec<_> = sent["losses"].as_array().unwrap().iter().map(|loss| loss["path"].clone()).collect();
        let expected: &[&str] = if carrier == "s" { &[] } else { &["priority"] };
        assert_eq!(lost, expected, "{carrier}");
        let supplied: Vec<_> = sent["supplied"].as_array().unwrap().iter().map(|value| value["path"].clone()).collect();
        for path in ["transaction_id", "mm7_version", "timestamp", "sender.vasp_id", "sender.cp_id"] {
            assert!(supplied.contains(&json!(path)), "{carrier} {path}");
        }

        let report = rig.events_until(1).await.remove(0);
        assert_eq!((&report["carrier"], &report["dialect"]), (&json!(carrier), &json!(dialect)));
        assert_eq!(report["message"]["operation"], "delivery_report_req");
        assert_eq!(report["message"]["message_id"], sent["message_id"]);
        assert_eq!(report["message"]["recipient"]["number"], number);
        assert_eq!(report["message"]["status"]["outcome"], "success");

        let mut message = deliver();
        message["content"]["media"] = json!([image("IMG0003.jpeg")]);
        let (status, answer) = rig.deliver(carrier, &message).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(answer["operation"], "deliver_rsp");
        assert_eq!(answer["status"]["outcome"], "success", "{answer}");
        let event = rig.events_until(1).await.remove(0);
        assert_eq!(event["dialect"], dialect);
        assert_eq!(event["message"]["content"]["text"], TEXT);
        assert_eq!(event["message"]["content"]["media"][0]["data"], message["content"]["media"][0]["data"]);
        assert_eq!(event["message"]["from"], message["from"]);
    }
    let log = rig.stop().await;
    assert!(log.contains(r#"loss code="dropped" path="priority""#), "{log}");
    assert!(!log.contains("surprise"), "each speaks as the other expects: {log}");
}

#[tokio::test]
async fn sends_one_message_a_recipient() {
    let mut rig = Rig::start(Setup { gateway: "recipients_max = 4", ..Setup::default() }).await;
    let mut message = submit(&["01000001234", "01000002234"]);
    message["recipients"]["cc"] = json!([{ "number": "01000001235" }]);
    message["recipients"]["bcc"] = json!([{ "number": "01000003234" }]);
    message["transaction_id"] = json!("00042");
    let (status, results) = rig.send(&message).await;
    assert_eq!(status, StatusCode::OK);
    let got: Vec<_> = results.iter().map(|sent| (&sent["carrier"], &sent["recipient"]["number"])).collect();
    let [s, k, l] = ["s", "k", "l"].map(|carrier| json!(carrier));
    let numbers = ["01000001234", "01000002234", "01000001235", "01000003234"].map(|number| json!(number));
    assert_eq!(got, [(&s, &numbers[0]), (&k, &numbers[1]), (&s, &numbers[2]), (&l, &numbers[3])]);
    assert_ne!(results[0]["transaction_id"], results[2]["transaction_id"], "an id pairs one answer with one request");
    // The tables have a place for Cc and Bcc, and every carrier wants one recipient, in To: there he goes.
    for (index, sent) in results.iter().enumerate() {
        assert_eq!((&sent["outcome"], &sent["violations"]), (&json!("success"), &json!([])), "{sent}");
        let supplied = sent["supplied"].as_array().unwrap().iter().find(|value| value["path"] == "recipients.to");
        let expected = (index >= 2).then(|| json!([{ "number": numbers[index] }]));
        assert_eq!(supplied.map(|supplied| &supplied["value"]), expected.as_ref(), "{sent}");
    }
    let reports = rig.events_until(4).await;
    for sent in &results {
        let of_it = |report: &&Value| report["message"]["message_id"] == sent["message_id"];
        let report = reports.iter().find(of_it).expect("a report of each");
        assert_eq!(report["message"]["recipient"], sent["recipient"]);
        assert_eq!(report["message"]["status"]["outcome"], "success", "{report}");
    }

    let one = json!({ "number": "01000001234" });
    let mut message = submit(&[]);
    message["recipients"]["to"] = json!([one, one, one, one, one]);
    let (status, _, body) = rig.post(rig.gateway, "/messages", message.to_string()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(body, r#"{"error":"recipients: 5 found, 4 allowed"}"#);
    rig.stop().await;
}

#[tokio::test]
async fn rehearses_the_switch_from_one_dialect_to_another() {
    const DIALECTS: [(&str, &str); 3] = [
        ("dialect = \"s-live\"", "s-live"),
        ("dialect = \"s-test\"", "s-test"),
        ("dialect = \"s-malformed\"", "s-malformed"),
    ];
    for (gateway_s, written) in DIALECTS {
        for (simulator, expected) in DIALECTS {
            let mut rig = Rig::start(Setup { gateway_s, simulator, ..Setup::default() }).await;
            let (status, sent) = rig.send_one(&submit(&["01000001234"])).await;
            if written == expected {
                assert_eq!((status, &sent["outcome"]), (StatusCode::OK, &json!("success")), "{written}: {sent}");
                assert_eq!(rig.events_until(1).await[0]["message"]["message_id"], sent["message_id"]);
            } else {
                let expectation = (StatusCode::UNPROCESSABLE_ENTITY, &json!("rejected"), &json!("format_invalid"));
                assert_eq!((status, &sent["outcome"], &sent["reason"]), expectation, "{written} to {expected}: {sent}");
                // In S's words: an answer like any other, 2007, and what surprised.
                assert_eq!(sent["status"]["code"], 2007);
                assert!(sent["message_id"].is_string(), "S-49");
                let details = sent["status"]["details"].as_str().expect("the surprises");
                let log = rig.log.text();
                let surprises: Vec<_> = log.lines().filter(|line| line.contains("surprise code=")).collect();
                assert!(!surprises.is_empty());
                for named in details.split("; ").filter(|named| !named.ends_with("more")) {
                    let code = format!("code=\"{}\"", named.split(' ').next().unwrap());
                    assert!(surprises.iter().any(|line| line.contains(&code)), "{code} of {named}");
                }
                assert!(details.contains(" at byte "), "{details}");
            }
            // What S sends of itself is read in each of its dialects, and another than configured is told.
            let (status, answer) = rig.deliver("s", &deliver()).await;
            assert_eq!((status, &answer["status"]["outcome"]), (StatusCode::OK, &json!("success")), "{answer}");
            let event = rig.events_until(1).await.remove(0);
            assert_eq!((&event["dialect"], &event["message"]["content"]["text"]), (&json!(expected), &json!(TEXT)));
            let log = rig.stop().await;
            assert_eq!(log.contains("another dialect than configured"), written != expected, "{log}");
        }
    }
}

#[tokio::test]
async fn waits_when_it_is_throttled_and_sends_again() {
    let rig = Rig::start(Setup::default()).await;
    for (carrier, number, code) in [("s", "01000001234", 4008), ("k", "01000002234", 4202), ("l", "01000003234", 7103)]
    {
        rig.force(carrier, code, 1).await;
        let began = Instant::now();
        let (status, sent) = rig.send_one(&submit(&[number])).await;
        let expected = (StatusCode::OK, &json!("success"), &json!(2));
        assert_eq!((status, &sent["outcome"], &sent["tries"]), expected, "{sent}");
        assert!(began.elapsed() >= Duration::from_secs(1), "the next full second");
    }
    let log = rig.stop().await;
    let again = r#"to be sent again outcome="throttled" reason="traffic_exceeded" pause_ms=1000"#;
    assert_eq!(log.matches(again).count(), 3, "{log}");
}

#[tokio::test]
async fn sends_again_a_bounded_number_of_times() {
    let rig = Rig::start(Setup { gateway: "tries = 3\npause_ms = 10", ..Setup::default() }).await;
    rig.force("s", 4006, 4).await;
    let (status, sent) = rig.send_one(&submit(&["01000001234"])).await;
    assert_eq!((status, &sent["outcome"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("retry")));
    assert_eq!((&sent["tries"], &sent["status"]["code"]), (&json!(3), &json!(4006)));
    let (status, sent) = rig.send_one(&submit(&["01000001234"])).await;
    assert_eq!((status, &sent["tries"]), (StatusCode::OK, &json!(2)), "the fourth of four");
    rig.stop().await;
}

#[tokio::test]
async fn keeps_no_customer_waiting_for_an_overload_to_pass() {
    let rig = Rig::start(Setup::default()).await;
    rig.force("l", 4030, 1).await;
    let message = submit(&["01000003234"]);
    let (status, headers, body) = rig.post(rig.gateway, "/messages", message.to_string()).await;
    let body: Value = serde_json::from_slice(&body).unwrap();
    let sent = &body["results"][0];
    assert_eq!(
        (status, &sent["outcome"], &sent["tries"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("throttled"), &json!(1))
    );
    let seconds: u64 = headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((31..=60).contains(&seconds), "a minute, of which 30 seconds would have been waited: {seconds}");

    // L is to be left alone; the others are not.
    let (status, sent) = rig.send_one(&message).await;
    assert_eq!(
        (status, &sent["outcome"], &sent["tries"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("not_sent"), &json!(0))
    );
    let (status, _) = rig.send_one(&submit(&["01000001234"])).await;
    assert_eq!(status, StatusCode::OK);
    rig.stop().await;
}

#[tokio::test]
async fn does_not_send_again_what_the_account_is_refused_for() {
    let rig = Rig::start(Setup { vasp_id: Some("77"), ..Setup::default() }).await;
    for (number, code, outcome, http) in [
        ("01000001234", 2002, "account_fault", StatusCode::BAD_GATEWAY),
        ("01000002234", 4100, "account_fault", StatusCode::BAD_GATEWAY),
        // L's table has no fault of the account.
        ("01000003234", 4001, "rejected", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let (status, sent) = rig.send_one(&submit(&[number])).await;
        assert_eq!((status, &sent["outcome"], &sent["tries"]), (http, &json!(outcome), &json!(1)), "{sent}");
        assert_eq!((&sent["status"]["code"], &sent["reason"]), (&json!(code), &json!("identification_invalid")));
    }
    let log = rig.stop().await;
    assert_eq!(log.lines().filter(|line| line.contains("ERROR") && line.contains("account fault")).count(), 2, "{log}");
}

#[tokio::test]
async fn is_refused_as_an_unknown_content_provider_by_each_carriers_code() {
    let rig = Rig::start(Setup { cp_id: Some("2000000002"), ..Setup::default() }).await;
    for (number, code) in [("01000001234", 2102), ("01000002234", 2000), ("01000003234", 6024)] {
        let (status, sent) = rig.send_one(&submit(&[number])).await;
        assert_eq!((status, &sent["outcome"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("rejected")), "{sent}");
        assert_eq!((&sent["status"]["code"], &sent["tries"]), (&json!(code), &json!(1)));
    }
    rig.stop().await;
}

#[tokio::test]
async fn puts_its_own_account_in_the_place_of_a_customers() {
    let rig = Rig::start(Setup::default()).await;
    let mut message = submit(&["01000001234"]);
    message["sender"]["cp_id"] = json!("2000000002");
    let (status, sent) = rig.send_one(&message).await;
    assert_eq!(status, StatusCode::OK);
    let narrowed = json!({ "path": "sender.cp_id", "kind": "narrowed", "before": "2000000002", "after": "1000000001" });
    assert_eq!(sent["losses"], json!([narrowed]));
    rig.stop().await;
}

#[tokio::test]
async fn lets_the_simulator_refuse_what_breaks_a_carriers_rules() {
    let rig = Rig::start(Setup { gateway: "send_violations = true", ..Setup::default() }).await;
    let mut message = submit(&["01000001234"]);
    message["content"]["media"] = json!([{ "media_type": "image/png", "data": "iVBORw==" }]);
    for (number, code) in [("01000001234", 2004), ("01000002234", 2160), ("01000003234", 2004)] {
        message["recipients"]["to"][0]["number"] = json!(number);
        let (status, sent) = rig.send_one(&message).await;
        assert_eq!((status, &sent["tries"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(1)));
        assert_eq!((&sent["status"]["code"], &sent["reason"]), (&json!(code), &json!("content_refused")), "{sent}");
        assert_eq!(sent["violations"][0]["path"], "content.media[0].media_type");
    }
    let log = rig.stop().await;
    assert!(log.contains(r#"violation code="bad_format" path="content.media[0].media_type" required_by="s-live""#));
}
