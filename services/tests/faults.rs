//! What goes wrong: customers, carriers and the network that do not do as they should.

mod rig;

use std::net::SocketAddr;

use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use http_body_util::Full;
use rig::{Rig, SOON, Setup, TEXT, deliver, submit};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tongsa::{Carrier, Config, DialectId, Entity, Message, Operation, Party, Tolerance};

#[tokio::test]
async fn says_where_a_customers_json_is_no_message() {
    let rig = Rig::start(Setup::default()).await;
    for (body, expected) in [
        ("", "no JSON: EOF while parsing a value at line 1 column 0"),
        ("{\n  \"operation\": submit_req\n}", "no JSON: expected value at line 2 column 16"),
        (r#"{"operation":"deliver_req"}"#, r#"operation: "deliver_req" is not taken here, "submit_req" is"#),
        (
            r#"{"operation":"submit_req","recipients":{"to":[{"number":1}]}}"#,
            "recipients.to[0].number: invalid type: integer `1`, expected a string",
        ),
    ] {
        let (status, headers, answer) = rig.post(rig.gateway, "/messages", body).await;
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!((status, &answer["error"]), (StatusCode::BAD_REQUEST, &json!(expected)), "{body}");
        assert_eq!(headers["content-type"], "application/json");
    }
    let log = rig.stop().await;
    assert_eq!(log.matches("what a customer posted is no message").count(), 4);
}

#[tokio::test]
async fn does_not_send_what_nobody_would_take() {
    let rig = Rig::start(Setup::default()).await;
    let not_sent = |(status, sent): (StatusCode, Value)| {
        assert_eq!((status, &sent["outcome"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("not_sent")), "{sent}");
        assert_eq!((&sent["tries"], sent.get("status")), (&json!(0), None));
        sent
    };
    let unroutable = not_sent(rig.send_one(&submit(&["01000009999"])).await);
    assert_eq!(
        unroutable["error"],
        "recipients: no carrier: no prefix in [routes] fits, and there is no default_carrier"
    );
    let nobody = not_sent(rig.send_one(&submit(&[])).await);
    assert_eq!(nobody["error"], "recipients: nobody to send it to");
    let mut message = submit(&["01000001234"]);
    message["sender"]["origin_code"] = json!("1");
    let violating = not_sent(rig.send_one(&message).await);
    assert_eq!(violating["error"], "the carrier will refuse it: see violations");
    let violation = json!({ "path": "sender.origin_code", "kind": "bad_format", "expected": "nine digits", "required_by": "s-live" });
    assert_eq!(violating["violations"], json!([violation]));

    // One who can be reached is, whoever else cannot.
    let (status, results) = rig.send(&submit(&["01000009999", "01000001234"])).await;
    assert_eq!((status, results.len()), (StatusCode::OK, 2));
    assert_eq!((&results[0]["outcome"], &results[1]["outcome"]), (&json!("not_sent"), &json!("success")));
    rig.stop().await;
}

#[tokio::test]
async fn bounds_what_it_reads() {
    let rig = Rig::start(Setup { gateway: "body_max = 2000", ..Setup::default() }).await;
    for path in ["/messages", "/webhooks/s", "/"] {
        let (status, _, body) = rig.post(rig.gateway, path, vec![b' '; 2001]).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        assert_eq!(body, r#"{"error":"more than 2000 bytes of body"}"#);
    }
    let mut request = Request::post(format!("http://{}/messages", rig.gateway));
    for index in 0..129 {
        request = request.header(format!("x-{index}"), "1");
    }
    let (status, _, _) = rig.request(request.body(Full::default()).unwrap()).await;
    assert_eq!(status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "128 fields, as the library has it");
    rig.stop().await;
}

#[tokio::test]
async fn does_not_wait_for_a_request_that_does_not_come() {
    let rig = Rig::start(Setup { gateway: "timeout_ms = 50", ..Setup::default() }).await;
    for (begun, expected) in [
        ("POST /messages HTTP/1.1\r\nHost: x\r\n", ""),
        ("POST /messages HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{", "HTTP/1.1 408 Request Timeout\r\n"),
    ] {
        let mut stream = TcpStream::connect(rig.gateway).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(SOON, stream.read_to_string(&mut answer)).await.expect("it hangs up").unwrap();
        assert!(answer.starts_with(expected), "{answer}");
    }
    rig.stop().await;
}

#[tokio::test]
async fn answers_a_broken_webhook_in_the_carriers_words() {
    let rig = Rig::start(Setup::default()).await;
    for (carrier, code) in [("s", 2007), ("k", 2100), ("l", 2007)] {
        for broken in ["Server Error", "<?xml version=\"1.0\"?><env:Envelope", "<a/>"] {
            let (status, headers, body) = rig.post(rig.gateway, &format!("/webhooks/{carrier}"), broken).await;
            assert_eq!(status, StatusCode::OK);
            assert_eq!(headers["content-type"], "text/xml; charset=\"euc-kr\"");
            let codec = carrier.parse::<Carrier>().unwrap().codec(lenient());
            let answer = codec.decode(&Entity::new(body)).unwrap().message;
            assert_eq!(answer.operation(), Operation::VaspErrorRsp, "{carrier}: {broken}");
            assert_eq!(answer.status().unwrap().code.as_ref().unwrap().number(), Some(code));
        }
    }
    // Where the operation can be read, the answer is its own, and echoes the transaction.
    let report = r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><m:TransactionID xmlns:m="http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-2" e:mustUnderstand="1">tid7</m:TransactionID></e:Header><e:Body><m:DeliveryReportReq xmlns:m="http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-2"><MM7Version>5.3.0</MM7Version><!-- <-- --></m:DeliveryReportReq><e:Body></e:Envelope>"#;
    let strict = Carrier::L.codec(Config::default());
    let error = strict.decode(&Entity::new(report)).expect_err("a comment with two hyphens inside");
    let expected = strict.refusal(&error, Party::Vasp).message;
    for path in ["/webhooks/l", "/"] {
        let (_, _, body) = rig.post(rig.gateway, path, report).await;
        let answer = strict.decode(&Entity::new(body)).unwrap().message;
        assert_eq!(answer, expected);
        let Message::DeliveryReportRsp(answer) = answer else { panic!("an answer to a report") };
        assert_eq!(answer.transaction_id.unwrap().as_str(), "tid7");
    }
    // Nothing says whose it is.
    let (status, _, body) = rig.post(rig.gateway, "/", "Server Error").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(body, r#"{"error":"nothing that one of the configured carriers sends"}"#);
    let (status, _, _) = rig.post(rig.gateway, "/webhooks/x", "<a/>").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let log = rig.stop().await;
    assert!(log.contains(r#"refused code="xml/comment-malformed" offset="#), "{log}");
}

#[tokio::test]
async fn answers_a_request_that_is_not_a_carriers_to_make() {
    let rig = Rig::start(Setup::default()).await;
    for &dialect in DialectId::ALL {
        let codec = dialect.codec(lenient());
        for operation in [Operation::CancelReq, Operation::SubmitReq] {
            let request = codec.encode(&operation.empty()).unwrap().entity;
            let (status, _, body) =
                rig.post(rig.gateway, &format!("/webhooks/{}", dialect.carrier()), request.body).await;
            assert_eq!(status, StatusCode::OK);
            let answer = codec.decode(&Entity::new(body)).unwrap().message;
            assert_eq!(answer.status().unwrap().outcome, Some(tongsa::Outcome::Rejected), "{dialect} {operation}");
        }
        let answer = codec.encode(&Operation::SubmitRsp.empty()).unwrap().entity;
        let (status, _, _) = rig.post(rig.gateway, &format!("/webhooks/{}", dialect.carrier()), answer.body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{dialect}");
    }
    rig.stop().await;
}

#[tokio::test]
async fn posts_events_and_leaves_to_the_carrier_what_is_not_taken() {
    let (sender, mut got) = mpsc::channel(8);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let customer = listener.local_addr().unwrap();
    // Takes what it gets, but for the first of each carrier.
    let take = async |State(sender): State<mpsc::Sender<Value>>, body: Bytes| {
        let event: Value = serde_json::from_slice(&body).unwrap();
        let first = event["message"]["transaction_id"] == "first";
        sender.send(event).await.unwrap();
        if first { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT }
    };
    let router = axum::Router::new().route("/events", post(take)).with_state(sender);
    let rig = Rig::start(Setup { customer: Some(customer), ..Setup::default() }).await;
    let bounds = tongsa_services::gateway::Config::default().bounds();
    let customer = tokio::spawn(tongsa_services::net::serve(listener, router, bounds, std::future::pending()));
    for (carrier, code) in [("s", 4006), ("k", 3000), ("l", 4006)] {
        let mut message = deliver();
        message["transaction_id"] = json!("first");
        let (_, answer) = rig.deliver(carrier, &message).await;
        assert_eq!(
            (&answer["status"]["code"], &answer["status"]["outcome"]),
            (&json!(code), &json!("retry")),
            "{answer}"
        );
        message["transaction_id"] = json!("again");
        let (_, answer) = rig.deliver(carrier, &message).await;
        assert_eq!(answer["status"]["outcome"], "success", "{answer}");
        for id in ["first", "again"] {
            let event = timeout(SOON, got.recv()).await.unwrap().unwrap();
            assert_eq!((&event["carrier"], &event["message"]["transaction_id"]), (&json!(carrier), &json!(id)));
            assert_eq!(event["message"]["content"]["text"], TEXT);
        }
    }
    let (status, _, _) = rig.get(rig.gateway, "/events").await;
    assert_eq!(status, StatusCode::NOT_FOUND, "they are posted");
    customer.abort();
    let log = rig.stop().await;
    assert_eq!(log.matches("not handed on").count(), 3, "{log}");
}

#[tokio::test]
async fn leaves_to_the_carrier_what_there_is_no_room_for() {
    let mut rig = Rig::start(Setup { gateway: "events_max = 6000", ..Setup::default() }).await;
    // Each event is between two and three thousand bytes, most of them deviations.
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(rig.deliver("s", &deliver()).await.1["status"]["code"].take());
    }
    assert_eq!((&codes[0], codes.last().unwrap()), (&json!(1000), &json!(4006)), "{codes:?}");
    let taken = codes.iter().filter(|code| **code == 1000).count();
    assert_eq!(rig.events_until(taken).await.len(), taken);
    let (status, _, body) = rig.get(rig.gateway, "/events?after=1").await;
    assert_eq!((status, body.is_empty()), (StatusCode::OK, false), "not forgotten before a later one is asked for");
    // Asking for what comes behind makes room.
    rig.forget().await;
    assert_eq!(rig.deliver("s", &deliver()).await.1["status"]["code"], 1000);
    rig.stop().await;
}

#[tokio::test]
async fn stops_when_it_is_told_though_somebody_waits_for_events() {
    let mut rig = Rig::start(Setup::default()).await;
    let told = rig.running.tell_when(rig.log.clone(), "events are asked for");
    let (status, _, body) = rig.get(rig.gateway, "/events?wait=60").await;
    assert!(status == StatusCode::OK && body.is_empty());
    told.await.unwrap();
    rig.stop().await;
}

/// A carrier of one answer after another: each connection gets the next, and is closed.
async fn carrier_of(answers: Vec<Vec<u8>>) -> (SocketAddr, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, requests) = mpsc::channel(answers.len().max(1));
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            // Up to the end of the outermost multipart.
            while !request.ends_with(b"--") {
                let mut buffer = [0; 4096];
                let count = stream.read(&mut buffer).await.unwrap();
                assert!(count > 0, "the request broke off");
                request.extend_from_slice(&buffer[..count]);
            }
            stream.write_all(&answer).await.unwrap();
            sender.send(String::from_utf8_lossy(&request).into_owned()).await.unwrap();
        }
    });
    (address, requests)
}

/// An answer as a relay's servlet writes it: with a field whose name is two quotes (X-01).
fn answer(status_line: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "{status_line}\r\nContent-Type: text/xml; charset=\"euc-kr\"\r\n\"\": \"\"\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn taken() -> Vec<u8> {
    let rsp = json!({ "operation": "submit_rsp", "transaction_id": "00001", "mm7_version": "5.3.0",
        "message_id": "aB3_xY9zQ1k", "status": { "code": 1000, "text": "Success" } });
    let rsp: Message = serde_json::from_value(rsp).unwrap();
    let entity = DialectId::SLive.codec(Config::default()).encode(&rsp).unwrap().entity;
    answer("HTTP/1.1 200 OK", &entity.body)
}

#[tokio::test]
async fn reads_an_answer_with_a_field_that_http_does_not_allow() {
    let (s, mut requests) = carrier_of(vec![taken()]).await;
    let rig = Rig::start(Setup { s: Some(s), ..Setup::default() }).await;
    let mut message = submit(&["01000001234"]);
    message["transaction_id"] = json!("00077");
    let (status, sent) = rig.send_one(&message).await;
    assert_eq!((status, &sent["message_id"]), (StatusCode::OK, &json!("aB3_xY9zQ1k")), "{sent}");
    assert_eq!(sent["transaction_id"], "00077", "the customer's own");
    let request = requests.recv().await.unwrap().to_lowercase();
    assert!(request.starts_with("post /mmsr41/mm7 http/1.1\r\n"), "the path of S's document: {request}");
    assert!(request.contains("soapaction: \"\"\r\n"));
    let log = rig.stop().await;
    assert!(log.contains("the answer is to another transaction"), "it says 00001: {log}");
}

#[tokio::test]
async fn sends_again_what_http_refused() {
    let busy = answer("HTTP/1.1 500 Internal Server Error", b"Server Error");
    let (s, _requests) = carrier_of(vec![busy.clone(), busy, taken()]).await;
    let rig = Rig::start(Setup { gateway: "pause_ms = 1", s: Some(s), ..Setup::default() }).await;
    let (status, sent) = rig.send_one(&submit(&["01000001234"])).await;
    assert_eq!((status, &sent["tries"], &sent["outcome"]), (StatusCode::OK, &json!(3), &json!("success")), "{sent}");
    assert_eq!(sent.get("error"), None, "the last answer counts");
    rig.stop().await;
}

#[tokio::test]
async fn reads_a_fault_under_500() {
    let fault = json!({ "operation": "fault", "fault_code": "Server", "fault_string": "Server error",
        "detail": "rs_error_rsp", "mm7_version": "5.3.0", "status": { "code": 4006, "text": "Service Unavailable" } });
    let fault: Message = serde_json::from_value(fault).unwrap();
    let fault = DialectId::SLive.codec(Config::default()).encode(&fault).unwrap();
    assert_eq!(fault.losses, []);
    let fault = fault.entity;
    let fault = answer("HTTP/1.1 500 Internal Server Error", &fault.body);
    let (s, _requests) = carrier_of(vec![fault, taken()]).await;
    let rig = Rig::start(Setup { gateway: "pause_ms = 1", s: Some(s), ..Setup::default() }).await;
    let (status, sent) = rig.send_one(&submit(&["01000001234"])).await;
    assert_eq!((status, &sent["tries"]), (StatusCode::OK, &json!(2)), "{sent}");
    let log = rig.stop().await;
    assert!(log.contains("to be sent again outcome=\"retry\" reason=\"service_unavailable\""), "{log}");
}

#[tokio::test]
async fn sends_again_after_a_fault_that_says_no_status() {
    let fault = json!({ "operation": "fault", "fault_code": "Server", "fault_string": "Server error" });
    let fault: Message = serde_json::from_value(fault).unwrap();
    let fault = DialectId::SLive.codec(Config::default()).encode(&fault).unwrap().entity;
    let (s, _requests) = carrier_of(vec![answer("HTTP/1.1 500 Internal Server Error", &fault.body)]).await;
    let rig = Rig::start(Setup { gateway: "pause_ms = 1\ntries = 2", s: Some(s), ..Setup::default() }).await;
    let (status, sent) = rig.send_one(&submit(&["01000001234"])).await;
    let expected = (StatusCode::BAD_GATEWAY, &json!("not_sent"), &json!(2));
    assert_eq!((status, &sent["outcome"], &sent["tries"]), expected, "{sent}");
    let log = rig.stop().await;
    assert!(
        log.contains("to be sent again outcome=\"not_sent\" error=\"a fault, code Server, under HTTP 500\""),
        "{log}"
    );
}

#[tokio::test]
async fn does_not_send_again_what_may_have_been_taken() {
    for (said, error) in [
        (Vec::new(), "no answer: "),
        (answer("HTTP/1.1 200 OK", b"OK"), "an answer that cannot be read: neither XML nor MIME at byte 0"),
    ] {
        let (s, _requests) = carrier_of(vec![said, taken()]).await;
        let rig = Rig::start(Setup { gateway: "pause_ms = 1", s: Some(s), ..Setup::default() }).await;
        let (status, sent) = rig.send_one(&submit(&["01000001234"])).await;
        let expected = (StatusCode::GATEWAY_TIMEOUT, &json!("unknown"), &json!(1));
        assert_eq!((status, &sent["outcome"], &sent["tries"]), expected, "{sent}");
        assert!(sent["error"].as_str().unwrap().starts_with(error), "{sent}");
        rig.stop().await;
    }
}

#[tokio::test]
async fn sends_again_where_nobody_listens() {
    // Bound, so that nobody else gets the port, and not listening.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let nobody = socket.local_addr().unwrap();
    let setup = Setup { gateway: "pause_ms = 1\ntries = 3", s: Some(nobody), ..Setup::default() };
    let rig = Rig::start(setup).await;
    let (status, sent) = rig.send_one(&submit(&["01000001234"])).await;
    let expected = (StatusCode::BAD_GATEWAY, &json!("not_sent"), &json!(3));
    assert_eq!((status, &sent["outcome"], &sent["tries"]), expected, "{sent}");
    assert!(sent["error"].as_str().unwrap().starts_with("no connection: "), "{sent}");
    rig.stop().await;
}

#[tokio::test]
async fn says_what_the_operator_asked_for_in_vain() {
    let rig = Rig::start(Setup::default()).await;
    for (path, body, status, error) in [
        ("/simulate/deliver", json!({ "carrier": "x", "message": {} }), 400, "carrier: unknown carrier: x"),
        (
            "/simulate/deliver",
            json!({ "carrier": "s", "message": submit(&[]) }),
            400,
            "message: operation: \"submit_req\" is not taken here, \"deliver_req\" is",
        ),
        ("/simulate/answer", json!({ "carrier": "s" }), 400, "missing field `code`"),
        (
            "/simulate/answer",
            json!({ "carrier": "s", "code": 4008, "times": 1001 }),
            422,
            "times: 1000 answers can be laid down at most",
        ),
        ("/simulate", json!({}), 404, "no such path; see services/README.md"),
    ] {
        let (got, _, answer) = rig.post(rig.admin, path, body.to_string()).await;
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!((got.as_u16(), &answer["error"]), (status, &json!(error)));
    }
    rig.stop().await;
}

fn lenient() -> Config {
    Config { tolerance: Tolerance::Lenient, ..Config::default() }
}
