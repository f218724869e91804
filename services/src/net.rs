//! HTTP: a client and a server loop, of requests and responses that feature `http` of the library makes of entities. Both
//! are bounded in time and space, and both have hyper skip header fields that HTTP does not allow: X-01, a field named by
//! two quotes, in what relays send. The message is read, and the field is gone.

use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::server::conn::http1;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tongsa::Entity;

use crate::json::Problem;

/// Sends requests over plain HTTP, and keeps its connections.
#[derive(Clone, Debug)]
pub struct Client {
    http: legacy::Client<HttpConnector, Full<Bytes>>,
    patience: Duration,
    body_max: usize,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// Nothing was sent.
    #[error("no connection: {0}")]
    Connect(String),
    /// It was sent, wholly or in part, and may have been taken.
    #[error("no answer: {0}")]
    Answer(String),
}

impl Client {
    /// One exchange takes `patience` at most, half of it for the connection; an answer has `body_max` bytes at most.
    pub fn new(patience: Duration, body_max: usize) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(patience / 2));
        let http = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .http1_ignore_invalid_headers_in_responses(true)
            .build(connector);
        Self { http, patience, body_max }
    }

    /// Posts JSON; gives the status of the answer.
    pub async fn post_json(&self, uri: Uri, json: Vec<u8>) -> Result<StatusCode, PostError> {
        let mut request = Request::new(json.into());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri;
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(self.send(request).await?.status())
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, PostError> {
        let exchange = async {
            let response = self.http.request(request.map(Full::new)).await.map_err(|error| {
                if error.is_connect() { PostError::Connect(cause(&error)) } else { PostError::Answer(cause(&error)) }
            })?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, self.body_max).collect().await;
            let body = body.map_err(|error| PostError::Answer(cause(&*error)))?.to_bytes();
            Ok(Response::from_parts(head, body))
        };
        let late = |_| PostError::Answer(format!("nothing within {} ms", self.patience.as_millis()));
        timeout(self.patience, exchange).await.map_err(late)?
    }
}

/// The innermost cause: what the layers above it say adds nothing.
fn cause(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// Bounds of a server.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections at a time; more wait to be accepted.
    pub connections: NonZeroUsize,
    /// How long a request's header may take, and so how long a connection may be idle; the same for its body.
    pub patience: Duration,
    /// Header fields of a request.
    pub fields: usize,
    /// Bytes of a request's body.
    pub body_max: usize,
    /// How long the requests that are being answered may take when the server is told to stop.
    pub grace: Duration,
}

/// Serves until `stop` is ready, then answers what has been asked.
///
/// `axum::serve` does the same with a line, but has no place for the bounds, nor for the skipping of header fields.
pub async fn serve(listener: TcpListener, router: Router, bounds: Bounds, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(bounds.patience)
        .max_headers(bounds.fields)
        .ignore_invalid_headers(true);
    let room = Arc::new(Semaphore::new(bounds.connections.get()));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            let room = Arc::clone(&room).acquire_owned().await;
            (listener.accept().await, room)
        };
        let (accepted, room) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let service = TowerToHyperService::new(router.clone());
                let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
                tokio::spawn(async move {
                    if let Err(error) = connection.await {
                        tracing::debug!(error = cause(&error), "a connection ended early");
                    }
                    drop(room);
                });
            }
            // Out of files, say: they come back as connections end.
            Err(error) => {
                tracing::warn!(error = cause(&error), "no connection accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    if timeout(bounds.grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests are still being answered; they are cut off");
    }
}

/// The body of a request.
pub async fn read(body: Body, bounds: &Bounds) -> Result<Bytes, Problem> {
    let Bounds { patience, body_max, .. } = *bounds;
    match timeout(patience, Limited::new(body, body_max).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, format!("more than {body_max} bytes of body")))
        }
        Ok(Err(error)) => Err(Problem::bad_request(format!("the body broke off: {}", cause(&*error)))),
        Err(_) => {
            let error = format!("the body did not come within {} ms", patience.as_millis());
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, error))
        }
    }
}

/// An entity as the answer to a request. What a codec encodes always is one.
pub fn answer(entity: Entity) -> Result<Response<Body>, Problem> {
    let response = Response::try_from(entity);
    let response = response.map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok(response.map(Body::from))
}
