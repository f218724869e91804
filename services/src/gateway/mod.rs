//! The gateway: customers' messages out to the carriers, the carriers' reports and messages in to the customer.
//!
//! | request | what it does |
//! |---|---|
//! | `POST /messages` | canonical JSON of a `submit_req`: routed, translated, sent; answers with a result a recipient |
//! | `GET /events?after=ID&wait=S` | events behind the one with that id, one JSON object a line; waits S seconds for one |
//! | `POST /webhooks/{s,k,l}` | where a carrier sends reports and messages, in any of its dialects |
//! | `POST /` | the same for all of them: the library finds out who it is |
//! | `GET /health` | whether it runs |

mod config;
mod events;
mod line;
mod submit;
mod webhook;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State as AxumState};
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tongsa::{Carrier, Operation, SubmitReq};
use tracing::{debug, info};

pub use config::{CarrierConfig, Carriers, Config, Defaults};
pub use submit::Sent;

use crate::json::Problem;
use crate::net::Client;
use crate::{json, net};
use events::Events;
use line::Line;

/// What the handlers share.
struct State {
    config: Config,
    client: Client,
    lines: Vec<Line>,
    events: Events,
    submissions: AtomicU64,
}

impl State {
    fn new(config: Config) -> Self {
        let line = |&carrier| Line::new(carrier, config.carriers.get(carrier)?, &config);
        // Ids of events go on rising when the gateway is started anew, as long as the clock does.
        let micros = u64::try_from(jiff::Timestamp::now().as_microsecond()).unwrap_or_default();
        Self {
            client: Client::new(config.timeout_ms.duration(), config.body_max),
            lines: Carrier::ALL.iter().filter_map(line).collect(),
            events: Events::new(config.events_max, micros),
            submissions: AtomicU64::new(1),
            config,
        }
    }

    fn next_submission(&self) -> u64 {
        self.submissions.fetch_add(1, Ordering::Relaxed)
    }
}

/// Serves until `stop` is ready; then answers what has been asked, and waits for what is on its way to a carrier.
pub async fn serve(listener: TcpListener, config: Config, stop: impl Future<Output = ()>) {
    let (bounds, grace) = (config.bounds(), config.grace_ms.duration());
    let state = Arc::new(State::new(config));
    let router = Router::new()
        .route("/messages", post(messages))
        .route("/events", get(events))
        .route("/webhooks/{carrier}", post(webhook))
        .route("/", post(webhook_of_any))
        .route("/health", get(async || Json(json!({ "status": "ok" }))))
        .fallback(async || Problem::not_found("no such path; see services/README.md"))
        .with_state(Arc::clone(&state));
    if let Ok(address) = listener.local_addr() {
        info!(%address, "the gateway listens");
    }
    let stop = async {
        stop.await;
        state.events.close();
    };
    net::serve(listener, router, bounds, stop).await;
    let all = state.config.in_flight.get();
    let idle = async {
        for line in &state.lines {
            // The semaphore is never closed: a permit comes when its message is done.
            let _permits = line.room.acquire_many(all).await;
        }
    };
    if timeout(grace, idle).await.is_err() {
        tracing::warn!("messages are still on their way; their answers will not be heard");
    }
    info!("stopped");
}

/// `POST /messages`.
async fn messages(AxumState(state): AxumState<Arc<State>>, request: Request<Body>) -> Result<Response, Problem> {
    let body = net::read(request.into_body(), &state.config.bounds()).await?;
    let submit = json::read::<Value>(&body).and_then(|value| json::message::<SubmitReq>(value, Operation::SubmitReq));
    drop(body);
    let submit = submit.map_err(|error| {
        // Without the error, which may say a value.
        info!("what a customer posted is no message");
        Problem::bad_request(error)
    })?;
    let (count, max) = (submit.recipients.count(), state.config.recipients_max);
    if count > max {
        let error = format!("recipients: {count} found, {max} allowed");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error));
    }
    let results = state.submit(submit).await;
    let mut response = (submit::http_status(&results), Json(json!({ "results": results }))).into_response();
    let retry_after = results.iter().filter_map(|sent| sent.retry_after).max();
    if let Some(seconds) = retry_after.filter(|_| response.status() == StatusCode::SERVICE_UNAVAILABLE) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

/// What is asked for of the events.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// The id of the last event that the customer has.
    #[serde(default)]
    after: u64,
    /// How many seconds to wait for one.
    #[serde(default)]
    wait: u64,
}

/// The longest wait.
const WAIT_MAX: u64 = 60;

/// `GET /events`.
async fn events(
    AxumState(state): AxumState<Arc<State>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(Asked { after, wait }) = asked.map_err(|error| Problem::bad_request(error.body_text()))?;
    if state.config.customer.is_some() {
        return Err(Problem::not_found("events are posted to the customer, as configured"));
    }
    debug!(after, wait, "events are asked for");
    let page = state.events.after(after, Duration::from_secs(wait.min(WAIT_MAX))).await;
    let page = page.map_err(|error| Problem::bad_request(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], page.concat()).into_response())
}

/// `POST /webhooks/{carrier}`.
async fn webhook(
    AxumState(state): AxumState<Arc<State>>,
    Path(carrier): Path<String>,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let carrier = carrier.parse().ok().filter(|carrier| state.line(*carrier).is_some());
    let carrier = carrier.ok_or_else(|| Problem::not_found("no carrier of this name is configured"))?;
    received(&state, Some(carrier), request).await
}

/// `POST /`.
async fn webhook_of_any(AxumState(state): AxumState<Arc<State>>, request: Request<Body>) -> Result<Response, Problem> {
    received(&state, None, request).await
}

async fn received(state: &State, carrier: Option<Carrier>, request: Request<Body>) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    let body = net::read(body, &state.config.bounds()).await?;
    state.receive(carrier, &Request::from_parts(head, body).into()).await
}
