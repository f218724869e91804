//! One carrier: how it judges what is submitted, and what it answers.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::Uri;
use tokio::time::Instant;
use tongsa::{
    Address, Carrier, Code, Codec, Decoded, DeliverReq, DeliveryReportReq, Deviation, DialectId, Entity, Message,
    MmStatus, Outcome, Party, Reason, Reply, RsErrorRsp, Status, SubmitReq, Text, Timestamp, Tolerance, VaspErrorRsp,
    Violation, ViolationKind,
};
use tracing::{Span, info, info_span};

use super::config::{CarrierConfig, Config, Known};
use crate::{lock, log, now, status};

/// Surprises named in an answer; the log has all of them.
const NAMED_MAX: usize = 8;

/// One carrier at work.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) carrier: Carrier,
    pub(super) dialect: DialectId,
    /// What it refuses submits by, and writes with.
    codec: Box<dyn Codec>,
    /// The same dialect, with nothing refused that can be read: for all surprises, and for answers.
    pub(super) reader: Box<dyn Codec>,
    pub(super) webhook: Uri,
    accounts: Option<Vec<Known>>,
    rate: Option<u32>,
    window: Mutex<Window>,
    forced: Mutex<VecDeque<Status>>,
    count: AtomicU64,
}

/// Submits since the beginning of a second.
#[derive(Debug)]
struct Window {
    since: Instant,
    count: u32,
}

/// An answer, and the report that follows where a message was taken.
pub(super) struct Answered {
    pub(super) reply: Reply,
    pub(super) report: Option<Message>,
}

impl Desk {
    pub(super) fn new(carrier: Carrier, config: &Config) -> Self {
        let (CarrierConfig { accounts, rate, .. }, dialect) = config.of(carrier);
        let codec = |tolerance| dialect.codec(tongsa::Config { tolerance, ..tongsa::Config::default() });
        Self {
            carrier,
            dialect,
            codec: codec(config.tolerance.0),
            reader: codec(Tolerance::Lenient),
            webhook: config.of(carrier).0.webhook(carrier),
            accounts,
            rate,
            window: Mutex::new(Window { since: Instant::now(), count: 0 }),
            forced: Mutex::default(),
            count: AtomicU64::new(1),
        }
    }

    /// The span of what it does.
    pub(super) fn span(&self) -> Span {
        info_span!("carrier", carrier = self.carrier.code(), dialect = self.dialect.code())
    }

    /// The path of its interface document, without slashes at its ends: a relay writes two of them for L.
    pub(super) const fn path(&self) -> &'static str {
        match self.carrier {
            Carrier::S => "mmsr41/mm7",
            _ => "",
        }
    }

    /// Lays down the answers to the next submits, whatever they are; false where that would be more than `max`.
    pub(super) fn force(&self, code: u32, text: Option<&str>, times: usize, max: usize) -> bool {
        let said = status(code, text.unwrap_or_else(|| self.text(code)));
        let mut forced = lock(&self.forced);
        let room = times <= max.saturating_sub(forced.len());
        if room {
            forced.extend(std::iter::repeat_n(said, times));
        }
        room
    }

    /// Answers a request; an answer is none, and the error says so. `has_room` is whether a report can follow.
    pub(super) fn answer(&self, entity: &Entity, has_room: bool) -> Result<Answered, String> {
        let decoded = match self.codec.decode(entity) {
            Ok(decoded) => decoded,
            Err(error) => {
                let all = self.reader.decode(entity);
                let deviations = all.as_ref().map_or(error.deviations(), |decoded| &decoded.deviations);
                log::surprises(deviations);
                log::refused(&error);
                let mut reply = self.codec.refusal(&error, Party::Carrier);
                if let Message::SubmitRsp(answer) = &mut reply.message {
                    answer.message_id = self.message_id();
                }
                name_surprises(&mut reply.message, deviations);
                return Ok(Answered { reply, report: None });
            }
        };
        log::surprises(&decoded.deviations);
        let mut report = None;
        let mut message_id = None;
        let said = match &decoded.message {
            Message::SubmitReq(_) if !has_room => self.say(Outcome::Retry, Reason::ServiceUnavailable),
            Message::SubmitReq(submit) => match self.judge(submit, &decoded.message) {
                Ok(()) => {
                    message_id = self.message_id();
                    report = Some(self.report(submit, message_id.clone()));
                    status(1000, self.text(1000))
                }
                Err(said) => said,
            },
            Message::EchoReq(_) => status(1000, self.text(1000)),
            _ => self.say(Outcome::Rejected, Reason::OperationUnsupported),
        };
        let operation = decoded.message.operation();
        info!(operation = operation.code(), code = said.code.as_ref().and_then(Code::number), "answered");
        let reply = self.reply(&decoded, said, message_id);
        let reply = reply.ok_or_else(|| format!("{operation} answers nothing that was asked"))?;
        Ok(Answered { reply, report })
    }

    /// What the carrier says to a submit that it can read.
    fn judge(&self, submit: &SubmitReq, message: &Message) -> Result<(), Status> {
        if let Some(forced) = lock(&self.forced).pop_front() {
            return if forced.code.as_ref().is_some_and(|code| code.number() == Some(1000)) {
                Ok(())
            } else {
                Err(forced)
            };
        }
        if let Some(accounts) = &self.accounts {
            let of_vasp = |known: &&Known| Some(&known.vasp_id) == submit.sender.vasp_id.as_ref();
            let mut known = accounts.iter().filter(of_vasp).peekable();
            if known.peek().is_none() {
                return Err(self.say(Outcome::AccountFault, Reason::IdentificationInvalid));
            }
            if known.all(|known| Some(&known.cp_id) != submit.sender.cp_id.as_ref()) {
                let code = self.unknown_cp();
                return Err(status(code, self.text(code)));
            }
        }
        if self.is_over() {
            return Err(self.say(Outcome::Throttled, Reason::TrafficExceeded));
        }
        let violations = self.codec.check(message);
        log::violations(&violations);
        match violations.first() {
            Some(violation) => Err(self.say(Outcome::Rejected, reason(violation))),
            None => Ok(()),
        }
    }

    /// Counts a submit, and says whether it is one too many.
    fn is_over(&self) -> bool {
        let Some(rate) = self.rate else { return false };
        let mut window = lock(&self.window);
        let now = Instant::now();
        if now.duration_since(window.since) >= Duration::from_secs(1) {
            *window = Window { since: now, count: 0 };
        }
        window.count = window.count.saturating_add(1);
        window.count > rate
    }

    /// The carrier's own code and text for this.
    fn say(&self, outcome: Outcome, reason: Reason) -> Status {
        let code = self.codec.nearest_code(outcome, Some(reason));
        status(code, self.text(code))
    }

    /// The answer in the operation that this carrier answers with: no is an error of its own at K and L, and at S an
    /// answer like any other, with a message id (S-49).
    fn reply(&self, decoded: &Decoded, said: Status, message_id: Option<Text>) -> Option<Reply> {
        let code = said.code.as_ref().and_then(Code::number);
        let mut reply = decoded.reply(said)?;
        let Message::SubmitRsp(answer) = &mut reply.message else { return Some(reply) };
        if message_id.is_some() || self.carrier == Carrier::S {
            answer.message_id = message_id.or_else(|| self.message_id());
            return Some(reply);
        }
        let answer = std::mem::take(answer);
        let fields = (answer.transaction_id, answer.mm7_version, answer.status);
        reply.message = if self.carrier == Carrier::K && matches!(code, Some(4100..=4105)) {
            let mut error = VaspErrorRsp::default();
            (error.transaction_id, error.mm7_version, error.status) = fields;
            error.into()
        } else {
            let mut error = RsErrorRsp::default();
            (error.transaction_id, error.mm7_version, error.status) = fields;
            error.into()
        };
        Some(reply)
    }

    /// What became of a message: it was delivered (spec sections 4.8, 5.7, 6.6).
    fn report(&self, submit: &SubmitReq, message_id: Option<Text>) -> Message {
        let mut report = DeliveryReportReq::default();
        report.transaction_id = self.transaction_id();
        report.mm7_version = Text::new(self.codec.version()).ok();
        report.message_id = message_id;
        report.recipient = submit.recipients.to.first().cloned();
        // K and L name the number that is billed, S the one that is shown (K-28, L-22).
        let from = if self.carrier == Carrier::S { &submit.sender.callback } else { &submit.sender.billing };
        report.from = from.clone().map(Address::Number);
        match self.carrier {
            Carrier::K => {
                report.timestamp = now().map(Timestamp::from);
                report.status.code = Some(1000.into());
            }
            Carrier::L => {
                report.timestamp = now().map(Timestamp::from);
                report.relay_server_id = Text::new("LGT-MMS-Relay").ok();
                report.mm_status = Some(MmStatus::Retrieved);
                report.status.text = Text::new("OK").ok();
            }
            _ => report.status = status(1000, "SUCCESS"),
        }
        report.into()
    }

    /// A subscriber's message, with what its sender's handset would not say.
    pub(super) fn complete(&self, deliver: &mut DeliverReq) {
        deliver.transaction_id = deliver.transaction_id.take().or_else(|| self.transaction_id());
        deliver.mm7_version = deliver.mm7_version.take().or_else(|| Text::new(self.codec.version()).ok());
        deliver.timestamp = deliver.timestamp.take().or_else(|| now().map(Timestamp::from));
    }

    /// The id of a request of its own.
    fn transaction_id(&self) -> Option<Text> {
        Text::new(format!("r{:08}", self.next())).ok()
    }

    /// An id of the carrier's shape (spec section 2).
    fn message_id(&self) -> Option<Text> {
        let count = self.next() % 100_000_000;
        let id = match self.carrier {
            Carrier::S => format!("sim{count:08}"),
            Carrier::K => format!("{count:08}_{}", jiff::Timestamp::now().strftime("%Y%m%d%H%M%S%3f")),
            _ => format!("{count:08}"),
        };
        Text::new(id).ok()
    }

    /// A number that nothing of this carrier has had.
    fn next(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn encode(&self, message: &Message) -> Result<tongsa::Encoded, tongsa::EncodeError> {
        self.codec.encode(message)
    }

    pub(super) fn encode_reply(&self, reply: &Reply) -> Result<tongsa::Encoded, tongsa::EncodeError> {
        self.codec.encode_reply(reply)
    }

    /// Spec section 7: the code for a content provider that is not known.
    const fn unknown_cp(&self) -> u32 {
        match self.carrier {
            Carrier::K => 2000,
            Carrier::L => 6024,
            _ => 2102,
        }
    }

    /// The text beside a code (spec section 8).
    fn text(&self, code: u32) -> &'static str {
        match (self.carrier, code) {
            (Carrier::K, 1000) => "SUCCESS",
            (_, 1000) => "Success",
            (Carrier::S, 2002) => "Address Error",
            (Carrier::S, 2003) => "Orig Address Error",
            (_, 2004) => "Multimedia Content refused",
            (_, 2007) => "Message Format Corrupt",
            (Carrier::S, 2101) => "Content Error",
            (Carrier::S, 2102) => "Client Error",
            (Carrier::S, 2104) => "Content Size Error",
            (Carrier::S, 4005) => "Service Error",
            (Carrier::S | Carrier::L, 4006) => "Service Unavailable",
            (Carrier::S, 4008) => "Exceed Max Trans",
            (Carrier::K, 2000) => "CLIENT_ERROR",
            (Carrier::K, 2100) => "MESSAGE_FORMAT_ERROR",
            (Carrier::K, 2103) => "SOAP_NOTSUPPORTED_METHOD",
            (Carrier::K, 2160) => "CONTENT_NOTSUPPORTED",
            (Carrier::K, 2200) => "RESELLERCODE_ERROR",
            (Carrier::K, 3000) => "SERVER_ERROR",
            (Carrier::K, 4100) => "HUB_AUTH_ERROR",
            (Carrier::K, 4101) => "HUB_NOTFOUND",
            (Carrier::K, 4201) => "RCPTCNT_OVER",
            (Carrier::K, 4202) => "HUB_OVER_INTRAFFIC",
            (Carrier::K, 4203) => "HUB_OVER_MESSAGESIZE",
            (Carrier::L, 2002) => "Address error",
            (Carrier::L, 3003) => "Multiple addresses not supported",
            (Carrier::L, 4001) => "Improper identification",
            (Carrier::L, 4003) => "Unsupported operation",
            (Carrier::L, 4004) => "Validation error",
            (Carrier::L, 4032) => "Kisacode error",
            (Carrier::L, 6024) => "Invalid AuthPassword",
            (Carrier::L, 7103) => "Traffic is over",
            _ => "Error",
        }
    }
}

/// Why a carrier refuses a message that breaks one of its rules.
fn reason(violation: &Violation) -> Reason {
    match (&violation.kind, violation.path.as_str()) {
        (ViolationKind::TooMany { .. }, "recipients") => Reason::TooManyRecipients,
        (_, path) if path.starts_with("recipients") => Reason::AddressInvalid,
        (_, "sender.origin_code") => Reason::OriginCodeInvalid,
        (ViolationKind::TooLarge { .. }, _) => Reason::ContentTooLarge,
        (ViolationKind::TooMany { .. } | ViolationKind::BadFormat { .. }, path) if path.starts_with("content") => {
            Reason::ContentRefused
        }
        (ViolationKind::Missing, _) => Reason::ValidationFailed,
        _ => Reason::FormatInvalid,
    }
}

/// Says in the answer's details what surprised, each with its byte.
fn name_surprises(answer: &mut Message, deviations: &[Deviation]) {
    let surprises: Vec<_> = deviations.iter().filter(|deviation| !deviation.expected).collect();
    let mut named: Vec<_> = surprises.iter().take(NAMED_MAX).map(ToString::to_string).collect();
    if surprises.len() > NAMED_MAX {
        named.push(format!("{} more", surprises.len() - NAMED_MAX));
    }
    let details = Text::new(named.join("; ")).ok();
    match answer {
        Message::SubmitRsp(answer) => answer.status.details = details,
        Message::RsErrorRsp(answer) => answer.status.details = details,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use tongsa::{EchoReq, Operation, Recipients, Sender};

    use super::*;

    fn desk(carrier: Carrier, config: &str) -> Desk {
        Desk::new(carrier, &Config::parse(config).unwrap())
    }

    /// The answer to a message that is written in the carrier's dialect.
    fn ask(desk: &Desk, message: &Message) -> Answered {
        let entity = desk.encode(message).unwrap().entity;
        desk.answer(&entity, true).unwrap_or_else(|error| panic!("{error}"))
    }

    fn code(answered: &Answered) -> u32 {
        answered.reply.message.status().unwrap().code.as_ref().and_then(Code::number).unwrap()
    }

    /// A submit that S takes.
    fn submit() -> SubmitReq {
        let text = |text: &str| Text::new(text).ok();
        let mut sender = Sender::default();
        sender.vasp_id = text("99");
        sender.vas_id = text("1");
        sender.cp_id = text("1000000001");
        sender.relay_id = text("0000");
        sender.origin_code = text("100000000");
        sender.callback = tongsa::Number::new("01000000001").ok();
        let mut recipients = Recipients::default();
        recipients.to.push(Address::number("01000001234").unwrap());
        let mut submit = SubmitReq::default();
        submit.transaction_id = text("00042");
        submit.mm7_version = text("5.3.0");
        (submit.sender, submit.recipients) = (sender, recipients);
        submit.timestamp = Timestamp::parse("2024-08-01T09:30:00+09:00");
        submit.subject = tongsa::Subject::new("제목").ok();
        submit.content.text = tongsa::Prose::new("안녕하세요").ok();
        submit
    }

    #[tokio::test(start_paused = true)]
    async fn throttles_what_is_too_much_within_a_second() {
        let desk = desk(Carrier::S, "[carriers.s]\nrate = 2\n");
        let submit = submit().into();
        let ask = || code(&ask(&desk, &submit));
        assert_eq!([ask(), ask(), ask(), ask()], [1000, 1000, 4008, 4008]);
        tokio::time::advance(Duration::from_millis(999)).await;
        assert_eq!(ask(), 4008);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!([ask(), ask(), ask()], [1000, 1000, 4008]);
    }

    #[test]
    fn answers_no_as_each_carrier_does() {
        for (carrier, code, expected) in [
            (Carrier::S, 4008, Operation::SubmitRsp),
            (Carrier::K, 4202, Operation::RsErrorRsp),
            (Carrier::K, 4104, Operation::VaspErrorRsp),
            (Carrier::L, 7103, Operation::RsErrorRsp),
        ] {
            let desk = desk(carrier, "tolerance = \"observed\"");
            assert!(desk.force(code, None, 1, 1));
            let no = ask(&desk, &submit().into());
            assert_eq!(no.reply.message.operation(), expected);
            assert!(no.report.is_none());
            let yes = ask(&desk, &submit().into());
            let losses = desk.encode_reply(&yes.reply).unwrap().losses;
            assert!(losses.is_empty(), "{carrier}: {losses:?}");
            // S gives a message id with each of them (S-49).
            assert_eq!(matches!(no.reply.message, Message::SubmitRsp(_)), carrier == Carrier::S);
        }
        assert!(!desk(Carrier::S, "").force(4008, None, 2, 1), "more than there is room for");
    }

    #[test]
    fn reports_lose_nothing_and_surprise_nobody() {
        for dialect in ["s-live", "s-test", "s-malformed"] {
            for &carrier in Carrier::ALL {
                let desk = desk(carrier, &format!("dialect = \"{dialect}\"\ntolerance = \"observed\""));
                let mut submit = submit();
                submit.sender.billing = tongsa::Number::new("01000000009").ok();
                if carrier == Carrier::K {
                    submit.service_type = Text::new("MMSMT1").ok();
                    submit.message_class = tongsa::MessageClass::new("GENERAL").ok();
                    submit.delivery_report = Some(true.into());
                    submit.read_reply = Some(false.into());
                }
                let report = ask(&desk, &submit.into()).report.expect("a report");
                let encoded = desk.encode(&report).unwrap();
                assert!(encoded.losses.is_empty() && encoded.violations.is_empty(), "{dialect} {carrier}");
                let read = desk.reader.decode(&encoded.entity).unwrap();
                assert_eq!(read.message, report);
                assert_eq!(read.surprises().count(), 0, "{dialect} {carrier}");
            }
        }
    }

    #[test]
    fn says_no_to_what_breaks_a_rule_by_the_code_for_it() {
        let desk = desk(Carrier::L, "tolerance = \"observed\"");
        let ask = |change: fn(&mut SubmitReq)| {
            let mut submit = submit();
            submit.sender.billing = tongsa::Number::new("01000000009").ok();
            change(&mut submit);
            code(&ask(&desk, &submit.into()))
        };
        assert_eq!(ask(|_| ()), 1000);
        assert_eq!(ask(|submit| submit.recipients.to.push(Address::number("01000001235").unwrap())), 3003);
        assert_eq!(ask(|submit| submit.sender.origin_code = Text::new("1").ok()), 4032);
        assert_eq!(ask(|submit| submit.subject = None), 4004);
        let large = |submit: &mut SubmitReq| {
            submit.content.media.push(tongsa::Media::new(tongsa::MediaType::JPEG, vec![0; 102_401]));
        };
        assert_eq!(ask(large), 2004);
    }

    #[test]
    fn answers_what_is_no_submit() {
        let k = desk(Carrier::K, "");
        let mut echo = EchoReq::default();
        echo.transaction_id = Text::new("echo").ok();
        echo.mm7_version = Text::new("1.0").ok();
        echo.echo = Text::new("Echo").ok();
        assert_eq!(code(&ask(&k, &echo.into())), 1000);
        let s = desk(Carrier::S, "tolerance = \"observed\"");
        let answer = ask(&s, &Operation::CancelReq.empty()).reply.message;
        assert_eq!((answer.operation(), answer.status().unwrap().outcome), (Operation::CancelRsp, None));
        let error = s.answer(&s.encode(&Operation::SubmitRsp.empty()).unwrap().entity, true).map(|_| ());
        assert_eq!(error, Err("submit_rsp answers nothing that was asked".into()));
    }

    #[test]
    fn takes_no_submit_whose_report_has_no_room() {
        let desk = desk(Carrier::S, "");
        let entity = desk.encode(&submit().into()).unwrap().entity;
        let answered = desk.answer(&entity, false).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((code(&answered), answered.report.is_none()), (4006, true));
    }
}
