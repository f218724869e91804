//! The simulator: carriers S, K and L as HTTP servers, at the ports and paths of their interface documents.
//!
//! Each takes submits in its dialect and refuses, in its own words, what surprises it; knows its accounts and its rate;
//! and sends a report after a while. One more port is the operator's:
//!
//! | request | what it does |
//! |---|---|
//! | `POST /simulate/deliver` `{"carrier": "s", "message": {…}}` | a subscriber's message, a `deliver_req`, to the webhook; answers with what the gateway said |
//! | `POST /simulate/answer` `{"carrier": "s", "code": 4008, "times": 1}` | the answer to the next submits |
//! | `GET /health` | whether it runs |

mod config;
mod desk;

use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State as AxumState;
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::sleep;
use tongsa::{Carrier, Code, DeliverReq, Limits, Loss, Message, Operation, Outcome, Status, Violation};
use tracing::{Instrument as _, info, warn};

pub use config::{CarrierConfig, Carriers, Config, Known};

use crate::command::{Failure, listen};
use crate::json::{Problem, deviation, message};
use crate::log;
use crate::net::{self, Bounds, Client};
use crate::settings::Word;
use desk::{Answered, Desk};

/// How long an exchange and a request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a report is sent at most, and what lies between.
const REPORT_TRIES: usize = 3;
const REPORT_PAUSE: Duration = Duration::from_secs(1);

/// The three carriers, bound to their ports.
#[derive(Debug)]
pub struct Simulator {
    offices: Vec<(TcpListener, Arc<Office>)>,
    admin: TcpListener,
}

/// A carrier with what it needs for HTTP.
#[derive(Debug)]
struct Office {
    desk: Desk,
    client: Client,
    report_after: Duration,
    /// A permit a report that waits.
    reports: Arc<Semaphore>,
}

impl Simulator {
    /// Binds the ports. Port 0 is any that is free.
    pub async fn bind(config: &Config) -> Result<Self, Failure> {
        let client = Client::new(PATIENCE, Limits::default().body);
        let mut offices = Vec::new();
        for &carrier in Carrier::ALL {
            let office = Office {
                desk: Desk::new(carrier, config),
                client: client.clone(),
                report_after: config.report_after_ms.duration(),
                reports: Arc::new(Semaphore::new(config.reports_max.get() as usize)),
            };
            offices.push((listen(config.of(carrier).0.listen(carrier)).await?, Arc::new(office)));
        }
        Ok(Self { offices, admin: listen(config.admin).await? })
    }

    /// Where a carrier listens.
    pub fn address(&self, carrier: Carrier) -> Option<SocketAddr> {
        let (listener, _) = self.offices.iter().find(|(_, office)| office.desk.carrier == carrier)?;
        listener.local_addr().ok()
    }

    /// Where the operator's requests are taken.
    pub fn admin(&self) -> Option<SocketAddr> {
        self.admin.local_addr().ok()
    }

    /// Serves until `stop` is ready. Reports that are not sent by then are not sent.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let bounds = Bounds {
            connections: NonZeroUsize::MIN.saturating_add(255),
            patience: PATIENCE,
            fields: Limits::default().fields,
            body_max: Limits::default().body,
            grace: Duration::from_secs(2),
        };
        let (stopped, stopping) = watch::channel(false);
        let offices: Arc<[_]> = self.offices.iter().map(|(_, office)| Arc::clone(office)).collect();
        let admin = Router::new()
            .route("/simulate/deliver", post(deliver))
            .route("/simulate/answer", post(force))
            .route("/health", get(async || Json(json!({ "status": "ok" }))))
            .fallback(async || Problem::not_found("no such path; see services/README.md"))
            .with_state((offices, bounds));
        let mut servers = tokio::task::JoinSet::new();
        let mut start = |what: &'static str, dialect: Option<&'static str>, listener: TcpListener, router| {
            if let Ok(address) = listener.local_addr() {
                info!(%address, dialect, "{what} listens");
            }
            let mut stopping = stopping.clone();
            servers.spawn(async move {
                let stop = async move {
                    // When the sender is gone, so is the simulator.
                    let _ = stopping.wait_for(|stopped| *stopped).await;
                };
                net::serve(listener, router, bounds, stop).await;
            });
        };
        for (listener, office) in self.offices {
            let (carrier, dialect) = (office.desk.carrier, office.desk.dialect);
            let router = Router::new().fallback(submitted).with_state((office, bounds));
            let what = match carrier {
                Carrier::S => "carrier s",
                Carrier::K => "carrier k",
                _ => "carrier l",
            };
            start(what, Some(dialect.code()), listener, router);
        }
        start("the operator's port", None, self.admin, admin);
        stop.await;
        let _ = stopped.send(true);
        while servers.join_next().await.is_some() {}
        info!("stopped");
    }
}

/// What a carrier's port gets.
async fn submitted(
    AxumState((office, bounds)): AxumState<(Arc<Office>, Bounds)>,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    if head.uri.path().trim_matches('/') != office.desk.path() {
        return Err(Problem::not_found("no such path at this carrier"));
    }
    if head.method != Method::POST {
        return Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "POST is wanted"));
    }
    let body = net::read(body, &bounds).await?;
    let span = office.desk.span();
    let _entered = span.clone().entered();
    let room = Arc::clone(&office.reports).try_acquire_owned().ok();
    let answered = office.desk.answer(&Request::from_parts(head, body).into(), room.is_some());
    let Answered { reply, report } = answered.map_err(Problem::bad_request)?;
    if let (Some(report), Some(room)) = (report, room) {
        tokio::spawn(Arc::clone(&office).send_report(report, room).instrument(span));
    }
    let encoded = office.desk.encode_reply(&reply);
    let encoded = encoded.map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    net::answer(encoded.entity)
}

impl Office {
    /// Sends a report after a while, again where it is not taken.
    async fn send_report(self: Arc<Self>, report: Message, _room: OwnedSemaphorePermit) {
        sleep(self.report_after).await;
        for tries in 1..=REPORT_TRIES {
            match self.post(&report).await {
                Ok(posted) if posted.status.outcome == Some(Outcome::Success) => {
                    info!(tries, "report taken");
                    return;
                }
                Ok(posted) => {
                    let code = posted.status.code.as_ref().and_then(Code::number);
                    warn!(tries, code, "report not taken");
                }
                Err(problem) => warn!(tries, error = problem.error(), "report not taken"),
            }
            if tries < REPORT_TRIES {
                sleep(REPORT_PAUSE).await;
            }
        }
        warn!("report given up");
    }

    /// Posts a message of the carrier's to the webhook, and reads the answer.
    async fn post(&self, message: &Message) -> Result<Posted, Problem> {
        let encoded = self.desk.encode(message);
        let encoded = encoded.map_err(|error| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
        log::losses(&encoded.losses);
        let bad_gateway = |error| Problem::new(StatusCode::BAD_GATEWAY, error);
        let mut request = Request::try_from(encoded.entity).map_err(|error| bad_gateway(error.to_string()))?;
        *request.uri_mut() = self.desk.webhook.clone();
        let answer = self.client.send(request).await.map_err(|error| bad_gateway(error.to_string()))?;
        let http = answer.status();
        let decoded = self.desk.reader.decode(&answer.into()).map_err(|error| {
            bad_gateway(format!("an answer that cannot be read, under HTTP {}: {error}", http.as_u16()))
        })?;
        log::surprises(&decoded.deviations);
        Ok(Posted {
            operation: decoded.message.operation().code(),
            status: decoded.message.status().cloned().unwrap_or_default(),
            losses: encoded.losses,
            violations: encoded.violations,
            deviations: decoded.deviations.iter().map(deviation).collect(),
        })
    }
}

/// What the gateway said to a message, and what was lost when it was written.
#[derive(Serialize)]
struct Posted {
    operation: &'static str,
    status: Status,
    losses: Vec<Loss>,
    violations: Vec<Violation>,
    deviations: Vec<Value>,
}

type Admin = AxumState<(Arc<[Arc<Office>]>, Bounds)>;

/// `POST /simulate/deliver`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deliver {
    carrier: Word<Carrier>,
    message: Value,
}

async fn deliver(AxumState((offices, bounds)): Admin, request: Request<Body>) -> Result<Json<Posted>, Problem> {
    let Deliver { carrier, message: value } = asked(request, &bounds).await?;
    let office = office(&offices, carrier)?;
    let mut deliver = message::<DeliverReq>(value, Operation::DeliverReq)
        .map_err(|error| Problem::bad_request(format!("message: {error}")))?;
    office.desk.complete(&mut deliver);
    office.post(&deliver.into()).instrument(office.desk.span()).await.map(Json)
}

/// `POST /simulate/answer`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Force {
    carrier: Word<Carrier>,
    code: u32,
    text: Option<String>,
    #[serde(default = "once")]
    times: usize,
}

const fn once() -> usize {
    1
}

/// Answers that can be laid down in advance at a time.
const FORCED_MAX: usize = 1000;

async fn force(AxumState((offices, bounds)): Admin, request: Request<Body>) -> Result<StatusCode, Problem> {
    let Force { carrier, code, text, times } = asked(request, &bounds).await?;
    if !office(&offices, carrier)?.desk.force(code, text.as_deref(), times, FORCED_MAX) {
        let error = format!("times: {FORCED_MAX} answers can be laid down at most");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error));
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn asked<T: DeserializeOwned>(request: Request<Body>, bounds: &Bounds) -> Result<T, Problem> {
    let body = net::read(request.into_body(), bounds).await?;
    crate::json::read(&body).map_err(Problem::bad_request)
}

fn office(offices: &[Arc<Office>], Word(carrier): Word<Carrier>) -> Result<&Office, Problem> {
    let office = offices.iter().find(|office| office.desk.carrier == carrier);
    // Every carrier has one.
    office.map(Arc::as_ref).ok_or_else(|| Problem::not_found("no such carrier"))
}
