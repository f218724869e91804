//! The line to one carrier: its codec, its account, one exchange.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::{Request, Uri};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tongsa::{
    Carrier, Codec, Decoded, DialectId, EncodeError, Entity, Message, SubmitReq, Text, Timestamp, TranslateOptions,
    Translated, translate_message,
};

use super::config::{CarrierConfig, Config, Defaults};
use crate::net::{Client, PostError};
use crate::{lock, log, now};

/// What came back of one exchange.
pub(super) enum Answer {
    /// The carrier's word.
    Status(Box<Decoded>),
    /// It has not taken the message.
    NotTaken(String),
    /// It may have taken it; nobody knows.
    Unknown(String),
}

/// The line to one carrier.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) carrier: Carrier,
    pub(super) dialect: DialectId,
    codec: Box<dyn Codec>,
    url: Uri,
    options: TranslateOptions,
    defaults: Defaults,
    sent: AtomicU64,
    held: Mutex<Instant>,
    /// A permit a message on its way.
    pub(super) room: Semaphore,
}

impl Line {
    pub(super) fn new(carrier: Carrier, config: &CarrierConfig, gateway: &Config) -> Option<Self> {
        let own = || DialectId::ALL.iter().copied().find(|dialect| dialect.carrier() == carrier);
        let dialect = config.dialect.map(|named| named.0).or_else(own)?;
        Some(Self {
            carrier,
            dialect,
            codec: dialect.codec(config.codec(gateway.limits())),
            url: config.url.0.clone(),
            options: config.options(),
            defaults: config.defaults.clone(),
            sent: AtomicU64::new(1),
            held: Mutex::new(Instant::now()),
            room: Semaphore::new(gateway.in_flight.get() as usize),
        })
    }

    /// Puts in what the carrier wants and the customer did not say; returns it.
    ///
    /// The library invents nothing, so ids, times and defaults are the service's to give. The account is not among them:
    /// [`translate_message`] puts that in, and says so.
    pub(super) fn fill(&self, submit: &mut SubmitReq) -> Vec<Value> {
        let mut filled = Vec::new();
        address_to(submit, &mut filled);
        let own = &self.defaults;
        fill(&mut submit.transaction_id, "transaction_id", || self.transaction_id(), &mut filled);
        fill(&mut submit.mm7_version, "mm7_version", || Text::new(self.codec.version()).ok(), &mut filled);
        fill(&mut submit.timestamp, "timestamp", || now().map(Timestamp::from), &mut filled);
        fill(&mut submit.service_type, "service_type", || own.service_type.clone(), &mut filled);
        fill(&mut submit.message_class, "message_class", || own.message_class.clone(), &mut filled);
        fill(&mut submit.delivery_report, "delivery_report", || own.delivery_report.clone(), &mut filled);
        fill(&mut submit.read_reply, "read_reply", || own.read_reply.clone(), &mut filled);
        fill(&mut submit.subject, "subject", || own.subject.clone(), &mut filled);
        fill(&mut submit.sender.origin_code, "sender.origin_code", || own.origin_code.clone(), &mut filled);
        fill(&mut submit.sender.callback, "sender.callback", || own.callback.clone(), &mut filled);
        filled
    }

    /// The message as this carrier takes it, with the account.
    pub(super) fn translate(&self, submit: SubmitReq) -> Result<Translated, EncodeError> {
        translate_message(&*self.codec, &*self.codec, &submit.into(), &self.options)
    }

    /// Five digits, as S's document has it. K refuses an id that it has seen, ever (2163), so there the time goes before.
    fn transaction_id(&self) -> Option<Text> {
        let count = self.sent.fetch_add(1, Ordering::Relaxed) % 100_000;
        let time = match self.carrier {
            Carrier::K => jiff::Timestamp::now().strftime("%Y%m%d%H%M%S%3f").to_string(),
            _ => String::new(),
        };
        Text::new(format!("{time}{count:05}")).ok()
    }

    /// Sends once.
    pub(super) async fn exchange(&self, client: &Client, entity: &Entity) -> Answer {
        let mut request = match Request::try_from(entity.clone()) {
            Ok(request) => request,
            Err(error) => return Answer::NotTaken(error.to_string()),
        };
        *request.uri_mut() = target(&self.url, request.uri());
        let answer = match client.send(request).await {
            Ok(answer) => answer,
            Err(error @ PostError::Connect(_)) => return Answer::NotTaken(error.to_string()),
            Err(error @ PostError::Answer(_)) => return Answer::Unknown(error.to_string()),
        };
        let status = answer.status();
        // The body before the HTTP status: an MM7 fault comes with 500.
        match self.codec.decode(&answer.into()) {
            Ok(decoded) => {
                log::surprises(&decoded.deviations);
                match &decoded.message {
                    // SOAP has failed before MM7 had a word in it.
                    Message::Fault(fault) if fault.status.outcome.is_none() => {
                        let code = fault.fault_code.as_ref().map_or("none", Text::as_str);
                        Answer::NotTaken(format!("a fault, code {code}, under HTTP {}", status.as_u16()))
                    }
                    message if message.status().is_some() && message.operation().answer().is_none() => {
                        Answer::Status(Box::new(decoded))
                    }
                    other => Answer::Unknown(format!("the carrier answered with {}", other.operation())),
                }
            }
            Err(error) if status.is_success() => {
                log::refused(&error);
                Answer::Unknown(format!("an answer that cannot be read: {error}"))
            }
            Err(_) => Answer::NotTaken(format!("HTTP {}", status.as_u16())),
        }
    }

    /// Sends nothing for so long: the carrier has said that it is too much.
    pub(super) fn hold(&self, pause: Duration) {
        let mut held = lock(&self.held);
        *held = (*held).max(Instant::now() + pause);
    }

    /// Until when nothing is sent.
    pub(super) fn held(&self) -> Instant {
        *lock(&self.held)
    }
}

/// Where to send: `base`, and where that names no path, the path that the carrier's requests have.
fn target(base: &Uri, request: &Uri) -> Uri {
    let mut parts = base.clone().into_parts();
    if base.path() == "/" {
        parts.path_and_query = request.path_and_query().cloned().or(parts.path_and_query);
    }
    Uri::from_parts(parts).unwrap_or_else(|_| base.clone())
}

fn fill<T: Clone + Serialize>(
    field: &mut Option<T>,
    path: &str,
    value: impl FnOnce() -> Option<T>,
    filled: &mut Vec<Value>,
) {
    if field.is_none()
        && let Some(value) = value()
    {
        filled.push(json!({ "path": path, "value": value }));
        *field = Some(value);
    }
}

/// Every carrier wants a recipient in To, and who was split off Cc or Bcc gets a message of his own: he stands in To there.
fn address_to(submit: &mut SubmitReq, filled: &mut Vec<Value>) {
    let recipients = &mut submit.recipients;
    if recipients.cc.is_empty() && recipients.bcc.is_empty() {
        return;
    }
    recipients.to.append(&mut recipients.cc);
    recipients.to.append(&mut recipients.bcc);
    filled.push(json!({ "path": "recipients.to", "value": recipients.to }));
}

/// The carrier's id of a message, where this is the answer that has one.
pub(super) fn message_id(answer: &Message) -> Option<&Text> {
    match answer {
        Message::SubmitRsp(answer) => answer.message_id.as_ref(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sends_where_the_configuration_or_else_the_carrier_says() {
        let to = |base, path| target(&Uri::from_static(base), &Uri::from_static(path)).to_string();
        assert_eq!(to("http://192.0.2.1:10001", "/mmsr41/mm7"), "http://192.0.2.1:10001/mmsr41/mm7");
        assert_eq!(to("http://192.0.2.1:10001/", "/mmsr41/mm7"), "http://192.0.2.1:10001/mmsr41/mm7");
        assert_eq!(to("http://192.0.2.1/proxy", "/mmsr41/mm7"), "http://192.0.2.1/proxy");
    }
}
