//! What a carrier sends: reports and subscribers' messages, in any of its dialects, answered in kind.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, json};
use tongsa::{
    Carrier, Codec, DecodeError, Decoded, EncodeError, Entity, Operation, Outcome, Party, Reason, Reply, Status,
    Timestamp,
};
use tracing::{Instrument as _, info, info_span, warn};

use super::State;
use crate::json::{Problem, deviation};
use crate::{log, net, now, status};

impl State {
    /// Answers what a carrier sent; which carrier, the path says or the library finds out.
    pub(super) async fn receive(&self, carrier: Option<Carrier>, entity: &Entity) -> Result<Response, Problem> {
        let config = |carrier: Option<Carrier>| {
            let line = carrier.and_then(|carrier| self.config.carriers.get(carrier));
            let limits = self.config.limits();
            let config =
                line.map_or_else(|| tongsa::Config { limits, ..tongsa::Config::default() }, |line| line.codec(limits));
            // S writes hours of a 12-hour clock; the one that is nearer to now counts (S-11).
            tongsa::Config { received_at: now(), ..config }
        };
        let known = carrier.or_else(|| of(&tongsa::decode(entity, &config(None))));
        let Some(carrier) = known.filter(|carrier| self.line(*carrier).is_some()) else {
            info!("a request of no carrier that is configured");
            return Err(Problem::bad_request("nothing that one of the configured carriers sends"));
        };
        let codec = carrier.codec(config(Some(carrier)));
        let span = info_span!("webhook", carrier = carrier.code());
        async {
            match codec.decode(entity) {
                Ok(decoded) => self.take(&*codec, &decoded).await,
                Err(error) => {
                    log::surprises(error.deviations());
                    log::refused(&error);
                    answer(&*codec, &codec.refusal(&error, Party::Vasp))
                }
            }
        }
        .instrument(span)
        .await
    }

    async fn take(&self, codec: &dyn Codec, decoded: &Decoded) -> Result<Response, Problem> {
        log::surprises(&decoded.deviations);
        let configured = self.line(codec.carrier()).map(|line| line.dialect);
        if let Some(configured) = configured.filter(|dialect| !decoded.candidates.contains(dialect)) {
            warn!(dialect = decoded.dialect.code(), configured = configured.code(), "another dialect than configured");
        }
        let operation = decoded.message.operation();
        let outcome = match operation {
            Operation::DeliveryReportReq | Operation::DeliverReq | Operation::ReadReplyReq => {
                self.hand_on(decoded).await
            }
            Operation::EchoReq => Ok(()),
            _ => Err((Outcome::Rejected, Reason::OperationUnsupported)),
        };
        let said = match outcome {
            Ok(()) => status(1000, "Success"),
            Err((outcome, reason)) => status(codec.nearest_code(outcome, Some(reason)), reason.as_str()),
        };
        info!(operation = operation.code(), dialect = decoded.dialect.code(), code = number(&said), "received");
        let reply = decoded.reply(said);
        let reply = reply.ok_or_else(|| Problem::bad_request(format!("{operation} answers nothing that was asked")))?;
        answer(codec, &reply)
    }

    /// To the customer, or to where the customer fetches it. What cannot be handed on is the carrier's to send again.
    async fn hand_on(&self, decoded: &Decoded) -> Result<(), (Outcome, Reason)> {
        let deviations: Vec<_> = decoded.deviations.iter().map(deviation).collect();
        let event = |id: Option<u64>| {
            let mut event = Map::new();
            event.extend(id.map(|id| ("id".to_owned(), id.into())));
            event.insert("received".into(), json!(now().map(Timestamp::from)));
            event.insert("carrier".into(), decoded.dialect.carrier().code().into());
            event.insert("dialect".into(), decoded.dialect.code().into());
            event.insert("message".into(), json!(decoded.message));
            event.insert("deviations".into(), deviations.clone().into());
            json!(event).to_string().into_bytes()
        };
        let refused = match &self.config.customer {
            Some(customer) => match self.client.post_json(customer.0.clone(), event(None)).await {
                Ok(answered) if answered.is_success() => return Ok(()),
                Ok(answered) => format!("HTTP {}", answered.as_u16()),
                Err(error) => error.to_string(),
            },
            None => match self.events.push(|id| [event(Some(id)), b"\n".to_vec()].concat()) {
                Ok(()) => return Ok(()),
                Err(full) => full.to_string(),
            },
        };
        warn!(error = refused, "not handed on; the carrier is asked to send it again");
        Err((Outcome::Retry, Reason::ServiceUnavailable))
    }
}

/// The carrier that a decoded request is of, or one that could be decoded so far.
fn of(decoded: &Result<Decoded, DecodeError>) -> Option<Carrier> {
    let dialect = match decoded {
        Ok(decoded) => Some(decoded.dialect),
        Err(error) => error.context().map(|context| context.dialect),
    };
    dialect.map(tongsa::DialectId::carrier)
}

fn answer(codec: &dyn Codec, reply: &Reply) -> Result<Response, Problem> {
    // Only a configuration that refuses characters fails here, and none of ours does.
    let failed = |error: EncodeError| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    let encoded = codec.encode_reply(reply).map_err(failed)?;
    log::losses(&encoded.losses);
    log::violations(&encoded.violations);
    net::answer(encoded.entity)
}

fn number(status: &Status) -> Option<u32> {
    status.code.as_ref()?.number()
}
