//! Requests and their answers, in both roles: as the VASP that a carrier sends to, and as the carrier that a VASP submits to.
#![cfg(feature = "serde")]

mod harness;

use harness::messages;
use tongsa::{Carrier, Config, DialectId, Entity, Message, Operation, Party, QuirkSet, Reason, Status, Tolerance};

fn config(tolerance: Tolerance) -> Config {
    Config { tolerance, ..Config::default() }
}

/// Every request that the dialect can say.
fn requests(dialect: DialectId) -> impl Iterator<Item = Message> {
    messages::operations()
        .into_iter()
        .flat_map(move |operation| messages::full(operation, dialect.code()))
        .filter(|message| message.operation().answer().is_some())
}

#[test]
fn answers_every_request_in_its_dialect() {
    for &dialect in DialectId::ALL {
        for request in requests(dialect) {
            let codec = dialect.codec(config(Tolerance::Lenient));
            let received = codec.decode(&codec.encode(&request).unwrap().entity).unwrap();
            let reply = received.reply(Status::new(1000, "Success").unwrap()).expect("a request has an answer");
            assert_eq!(Some(reply.message.operation()), request.operation().answer());
            assert_eq!(reply.context.dialect, dialect);
            let answer = codec.encode_reply(&reply).unwrap();
            let read = codec.decode(&answer.entity).unwrap();
            assert_eq!(read.message, reply.message, "{dialect} {}", request.operation());
            assert_eq!(read.context.namespace, received.context.namespace, "{dialect} {}", request.operation());
        }
    }
}

/// Who is told no, by which operation.
fn refused_by(carrier: Carrier, request: Operation) -> Operation {
    match (request, carrier) {
        (Operation::DeliverReq, _) => Operation::DeliverRsp,
        (Operation::DeliveryReportReq, _) => Operation::DeliveryReportRsp,
        (Operation::ReadReplyReq, _) => Operation::ReadReplyRsp,
        (_, Carrier::S) => Operation::SubmitRsp,
        (_, _) => Operation::RsErrorRsp,
    }
}

#[test]
fn refuses_what_it_could_not_read_in_the_carriers_words() {
    let quirks = QuirkSet::from_codes("soap/must-understand-missing").unwrap();
    for &dialect in DialectId::ALL {
        let format_invalid = match dialect.carrier() {
            Carrier::S | Carrier::L => 2007,
            _ => 2100,
        };
        for request in requests(dialect) {
            let odd = dialect.codec(Config { quirks, ..Config::default() }).encode(&request).unwrap();
            let strict = dialect.codec(config(Tolerance::Strict));
            let error = strict.decode(&odd.entity).expect_err("a quirk");
            let named = error.context().and_then(|context| context.operation);
            assert_eq!(named, Some(request.operation()), "{dialect}");
            let reply = strict.refusal(&error, Party::Carrier);
            assert_eq!(reply.message.operation(), refused_by(dialect.carrier(), request.operation()), "{dialect}");
            let answer = strict.encode_reply(&reply).unwrap();
            let read = dialect.codec(config(Tolerance::Lenient)).decode(&answer.entity).unwrap();
            assert_eq!(read.message, reply.message, "{dialect} {}", request.operation());
            let status = read.message.status().expect("an answer has a status");
            if error.reason() == Reason::FormatInvalid {
                assert_eq!(status.code.as_ref().unwrap().number(), Some(format_invalid), "{dialect}");
            }
            assert_eq!(status.reason, Some(error.reason()), "{dialect}: {error}");
            let json = serde_json::to_value(&read.message).unwrap();
            assert_eq!(json["transaction_id"], serde_json::to_value(&request).unwrap()["transaction_id"], "{dialect}");
        }
    }
}

#[test]
fn refuses_what_names_no_operation_by_who_answers() {
    for &dialect in DialectId::ALL {
        let codec = dialect.codec(config(Tolerance::Lenient));
        let error = codec.decode(&Entity::new("Server Error")).unwrap_err();
        let by = |party| codec.refusal(&error, party).message.operation();
        assert_eq!(by(Party::Vasp), Operation::VaspErrorRsp, "{dialect}");
        assert_eq!(by(Party::Carrier), refused_by(dialect.carrier(), Operation::SubmitReq), "{dialect}");
        let reply = codec.refusal(&error, Party::Vasp);
        assert!(codec.encode_reply(&reply).unwrap().losses.is_empty(), "{dialect}");
    }
}

#[test]
fn advises_by_the_carriers_own_table() {
    let advice = |carrier: Carrier, code: u32| {
        let codec = carrier.codec(config(Tolerance::Lenient));
        let answer = serde_json::json!({ "operation": "submit_rsp", "status": { "code": code } });
        let answer: Message = serde_json::from_value(answer).unwrap();
        let read = codec.decode(&codec.encode(&answer).unwrap().entity).unwrap().message;
        read.status().and_then(Status::advice).expect("a code means something").to_string()
    };
    assert_eq!(advice(Carrier::S, 1000), "done");
    assert_eq!(advice(Carrier::S, 4008), "wait 1 s, then send again: how much is sent in a second");
    assert_eq!(advice(Carrier::L, 4030), "wait 60 s, then send again: the load on the carrier");
    assert_eq!(
        advice(Carrier::K, 4104),
        "mend the account; wait 1 s, then send again: the account's ids, or the address that it sends from"
    );
    assert_eq!(advice(Carrier::S, 4006), "send again: the carrier's service");
    assert_eq!(advice(Carrier::L, 6102), "do not send again: the carrier: the number has moved");
    assert_eq!(advice(Carrier::K, 1234), "do not send again: nobody knows: the carrier's table does not have the code");
}
