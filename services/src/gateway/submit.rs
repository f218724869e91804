//! A customer's message on its way to the carriers: one for each recipient, sent until the carrier has a final word.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until, timeout_at};
use tongsa::{Address, Advice, Carrier, Decoded, Loss, Message, Outcome, Status, SubmitReq, Text, Violation};
use tracing::{Instrument as _, error, info, info_span, warn};

use super::State;
use super::line::{Answer, Line, message_id};
use crate::{json, log};

/// What became of the message for one recipient: the canonical result.
#[derive(Debug, Default, Serialize)]
pub struct Sent {
    /// The recipient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Address>,
    /// The carrier that it was routed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<&'static str>,
    /// The dialect that it was written in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<&'static str>,
    /// The transaction id that it had there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<Text>,
    /// How often it was sent.
    pub tries: u32,
    /// The carrier's id: reports name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<Text>,
    /// The carrier's status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The outcome that the carrier's table gives; `not_sent` where the carrier has not got it, `unknown` where nobody
    /// knows whether it has.
    pub outcome: &'static str,
    /// Why, in the library's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// Why, where it is not the carrier who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// After how many seconds it is worth sending again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// What the wire does not hold.
    pub losses: Vec<Loss>,
    /// What the message did not have and the gateway put in.
    pub supplied: Vec<Value>,
    /// What the carrier refuses.
    pub violations: Vec<Violation>,
    /// What was irregular about the answer.
    pub deviations: Vec<Value>,
    /// The HTTP status that says it.
    #[serde(skip)]
    pub http: StatusCode,
}

/// Neither the carrier's nor the library's word: the gateway's own.
const NOT_SENT: &str = "not_sent";
const UNKNOWN: &str = "unknown";

impl Sent {
    /// Not sent, and never will be as it is.
    fn refuse(mut self, error: impl Into<String>) -> Self {
        (self.outcome, self.http) = (NOT_SENT, StatusCode::UNPROCESSABLE_ENTITY);
        self.error = Some(error.into());
        self
    }

    fn answered(&mut self, decoded: &Decoded) {
        let status = decoded.message.status().cloned().unwrap_or_default();
        let outcome = status.outcome;
        self.message_id = message_id(&decoded.message).cloned();
        self.outcome = outcome.map_or(UNKNOWN, Outcome::as_str);
        self.reason = status.reason.map(tongsa::Reason::as_str);
        self.error = outcome.is_none().then(|| "the carrier gives no status".to_owned());
        self.status = Some(status);
        self.deviations = decoded.deviations.iter().map(json::deviation).collect();
        self.http = match outcome {
            Some(Outcome::Success | Outcome::PartialSuccess) => StatusCode::OK,
            Some(Outcome::Retry | Outcome::Throttled) => StatusCode::SERVICE_UNAVAILABLE,
            Some(Outcome::Rejected) => StatusCode::UNPROCESSABLE_ENTITY,
            // The account is the gateway's, and so is the fault.
            _ => StatusCode::BAD_GATEWAY,
        };
    }

    fn fails(&mut self, outcome: &'static str, http: StatusCode, error: String) {
        (self.outcome, self.http, self.error) = (outcome, http, Some(error));
    }

    /// It has to wait longer than the customer would; `error` is why, where no answer says so.
    fn waits(&mut self, until: Instant, error: &str) {
        if self.tries == 0 {
            self.fails(NOT_SENT, StatusCode::SERVICE_UNAVAILABLE, error.to_owned());
        }
        self.retry_at(until);
    }

    fn retry_at(&mut self, until: Instant) {
        let pause = until.saturating_duration_since(Instant::now());
        self.retry_after = Some(pause.as_secs() + u64::from(pause.subsec_nanos() > 0));
    }
}

/// Of several results the one HTTP status: success where something was taken, so that nobody sends all of it again.
pub(super) fn http_status(results: &[Sent]) -> StatusCode {
    let taken = results.iter().find(|sent| sent.http == StatusCode::OK);
    taken.or_else(|| results.first()).map_or(StatusCode::UNPROCESSABLE_ENTITY, |sent| sent.http)
}

impl State {
    /// Sends a message to each of its recipients; the results are in the order of the recipients.
    ///
    /// Each is a task of its own, which goes on when the customer hangs up: a message is not left between being sent and
    /// being answered.
    pub(super) async fn submit(self: &Arc<Self>, submit: SubmitReq) -> Vec<Sent> {
        let split = Message::from(submit).split_recipients();
        let several = split.len() > 1;
        // What is split is of the same operation.
        let submits = split.into_iter().filter_map(|message| match message {
            Message::SubmitReq(submit) => Some(submit),
            _ => None,
        });
        let send = |mut submit: SubmitReq| {
            if several {
                // An id pairs one answer with one request.
                submit.transaction_id = None;
            }
            let state = Arc::clone(self);
            let span = info_span!("submit", submission = self.next_submission());
            tokio::spawn(async move { state.submit_one(submit).await }.instrument(span))
        };
        let tasks: Vec<_> = submits.map(send).collect();
        let mut results = Vec::with_capacity(tasks.len());
        for task in tasks {
            results.push(task.await.unwrap_or_else(|_| {
                let mut sent = Sent::default();
                sent.fails(UNKNOWN, StatusCode::INTERNAL_SERVER_ERROR, "the gateway failed".into());
                sent
            }));
        }
        results
    }

    async fn submit_one(&self, mut submit: SubmitReq) -> Sent {
        let lists = [&submit.recipients.to, &submit.recipients.cc, &submit.recipients.bcc];
        let recipient = lists.into_iter().flatten().next().cloned();
        let route = recipient.as_ref().map(|recipient| self.route(recipient));
        let sent = Sent { recipient, ..Sent::default() };
        let line = match route {
            None => return sent.refuse("recipients: nobody to send it to"),
            Some(None) => {
                info!("unroutable");
                return sent
                    .refuse("recipients: no carrier: no prefix in [routes] fits, and there is no default_carrier");
            }
            Some(Some(line)) => line,
        };
        let span = info_span!("line", carrier = line.carrier.code(), dialect = line.dialect.code());
        self.submit_over(line, &mut submit, sent).instrument(span).await
    }

    async fn submit_over(&self, line: &Line, submit: &mut SubmitReq, mut sent: Sent) -> Sent {
        (sent.carrier, sent.dialect) = (Some(line.carrier.code()), Some(line.dialect.code()));
        sent.supplied = line.fill(submit);
        sent.transaction_id.clone_from(&submit.transaction_id);
        let translated = match line.translate(std::mem::take(submit)) {
            Ok(translated) => translated,
            Err(error) => return sent.refuse(error.to_string()),
        };
        log::losses(&translated.losses);
        log::violations(&translated.violations);
        sent.supplied.extend(translated.supplied.iter().map(|supplied| json!(supplied)));
        (sent.losses, sent.violations) = (translated.losses, translated.violations);
        if !sent.violations.is_empty() && !self.config.send_violations {
            sent = sent.refuse("the carrier will refuse it: see violations");
        } else {
            self.send(line, &translated.entity, &mut sent).await;
        }
        info!(
            outcome = sent.outcome,
            reason = sent.reason,
            code = sent.status.as_ref().and_then(|status| status.code.as_ref()?.number()),
            tries = sent.tries,
            message_id = sent.message_id.as_ref().map(Text::as_str),
            error = sent.error,
            "submitted"
        );
        sent
    }

    /// Sends until there is a final answer, the tries are used up, or the customer has waited long enough.
    async fn send(&self, line: &Line, entity: &tongsa::Entity, sent: &mut Sent) {
        let deadline = Instant::now() + self.config.patience_ms.duration();
        let Ok(Ok(_room)) = timeout_at(deadline, line.room.acquire()).await else {
            sent.waits(deadline, "too many messages on their way to this carrier");
            return;
        };
        let mut next = Instant::now();
        loop {
            let at = next.max(line.held());
            if at > deadline {
                sent.waits(at, "the carrier takes no more for now");
                return;
            }
            sleep_until(at).await;
            sent.tries += 1;
            let answer = line.exchange(&self.client, entity).await;
            let Some(pause) = self.settle(line, answer, sent) else { return };
            next = Instant::now() + pause;
            if sent.tries >= self.config.tries.get() {
                sent.retry_at(next);
                return;
            }
            info!(
                outcome = sent.outcome,
                reason = sent.reason,
                error = sent.error,
                pause_ms = u64::try_from(pause.as_millis()).ok(),
                "to be sent again"
            );
        }
    }

    /// Notes one answer. `Some` is how long to wait before it is sent again.
    fn settle(&self, line: &Line, answer: Answer, sent: &mut Sent) -> Option<Duration> {
        let pause = self.config.pause_ms.duration();
        // Of several answers the last one counts.
        (sent.message_id, sent.status, sent.reason, sent.error) = (None, None, None, None);
        sent.deviations.clear();
        match answer {
            Answer::NotTaken(error) => {
                sent.fails(NOT_SENT, StatusCode::BAD_GATEWAY, error);
                Some(pause)
            }
            Answer::Unknown(error) => {
                sent.fails(UNKNOWN, StatusCode::GATEWAY_TIMEOUT, error);
                None
            }
            Answer::Status(decoded) => {
                let echoed = decoded.context.transaction_id_raw.as_deref().map_or("", str::trim);
                if !echoed.is_empty() && sent.transaction_id.as_ref().is_none_or(|id| id.as_str() != echoed) {
                    warn!("the answer is to another transaction");
                }
                sent.answered(&decoded);
                match decoded.message.status().and_then(Status::advice)? {
                    Advice::Retry { .. } => Some(pause),
                    Advice::Throttled { pause, .. } => {
                        line.hold(pause);
                        Some(pause)
                    }
                    advice @ Advice::AccountFault { .. } => {
                        // Nothing that is sent helps before somebody has mended it.
                        error!(reason = sent.reason, remedy = advice.remedy(), "account fault");
                        None
                    }
                    _ => None,
                }
            }
        }
    }

    /// The line of the longest prefix, or the default.
    fn route(&self, recipient: &Address) -> Option<&Line> {
        let prefixes = self.config.routes.iter().filter(|(prefix, _)| match recipient {
            Address::Number(number) => number.as_str().starts_with(prefix.as_str()),
            _ => false,
        });
        let carrier = prefixes.max_by_key(|(prefix, _)| prefix.len()).map(|(_, carrier)| *carrier);
        self.line(carrier.or(self.config.default_carrier)?.0)
    }

    /// The line to a carrier.
    pub(super) fn line(&self, carrier: Carrier) -> Option<&Line> {
        self.lines.iter().find(|line| line.carrier == carrier)
    }
}
