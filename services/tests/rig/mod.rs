//! The gateway and the simulator in one process, on loopback and ports that are free, and what a customer and an operator
//! use of them.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{HeaderMap, Request, StatusCode, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tongsa::Carrier;
use tongsa_services::gateway;
use tongsa_services::simulator::{self, Simulator};
use tracing::subscriber::DefaultGuard;

/// What must come comes within this time, on a busy machine too.
pub const SOON: Duration = Duration::from_secs(60);

/// The subscriber's text in every message here: no log has it.
pub const TEXT: &str = "8월 3일 14시에 예약되었습니다";

/// A log that can be read.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// The lines so far.
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Takes what is logged in this thread from now on. A test's runtime has one thread.
    fn start() -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_max_level(tracing::Level::DEBUG)
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }
}

/// A service that was started, and how to stop it.
pub struct Running {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    fn start<F: Future<Output = ()> + Send + 'static>(serve: impl FnOnce(Stopped) -> F) -> Self {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(Stopped(stopped)));
        Self { stop: Some(stop), task }
    }

    /// Tells it to stop, and waits until it has.
    pub async fn stop(mut self) {
        self.tell();
        timeout(SOON, self.task).await.expect("a service stops when it is told to").unwrap();
    }

    /// Tells it to stop.
    fn tell(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
    }

    /// Tells it to stop as soon as the log says this; the task fails where the log does not say so in time.
    pub fn tell_when(&mut self, log: Log, said: &'static str) -> JoinHandle<()> {
        let stop = self.stop.take().expect("it was not told yet");
        tokio::spawn(async move {
            let is_said = async {
                while !log.text().contains(said) {
                    tokio::task::yield_now().await;
                }
            };
            timeout(SOON, is_said).await.unwrap_or_else(|_| panic!("the log does not say: {said}"));
            stop.send(()).expect("a service that waits to be told");
        })
    }
}

/// Ready when a service is told to stop.
pub struct Stopped(oneshot::Receiver<()>);

impl Stopped {
    async fn wait(self) {
        let _ = self.0.await;
    }
}

/// Both services, and a client.
pub struct Rig {
    pub gateway: SocketAddr,
    pub admin: SocketAddr,
    pub carriers: [SocketAddr; 3],
    pub running: Running,
    simulator: Running,
    pub log: Log,
    _logging: DefaultGuard,
    http: Client<HttpConnector, Full<Bytes>>,
    after: u64,
}

/// How the services differ from the usual: lines of TOML, at the top and for each carrier.
#[derive(Clone, Copy, Default)]
pub struct Setup {
    pub gateway: &'static str,
    pub gateway_s: &'static str,
    pub simulator: &'static str,
    /// The ids of the gateway's accounts, in the place of the right ones.
    pub vasp_id: Option<&'static str>,
    pub cp_id: Option<&'static str>,
    /// Where the customer listens.
    pub customer: Option<SocketAddr>,
    /// Where S listens in the place of the simulator.
    pub s: Option<SocketAddr>,
}

impl Rig {
    pub async fn start(setup: Setup) -> Self {
        let (log, logging) = Log::start();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = listener.local_addr().unwrap();

        let simulator = setup.simulator;
        let config = format!(
            r#"
            report_after_ms = 0
            admin = "127.0.0.1:0"
            {simulator}
            [carriers.s]
            listen = "127.0.0.1:0"
            webhook = "http://{gateway}/webhooks/s"
            accounts = [{{ vasp_id = "99", cp_id = "1000000001" }}]
            [carriers.k]
            listen = "127.0.0.1:0"
            webhook = "http://{gateway}/webhooks/k"
            accounts = [{{ vasp_id = "hub01", cp_id = "hub01_02_001" }}]
            [carriers.l]
            listen = "127.0.0.1:0"
            webhook = "http://{gateway}/"
            accounts = [{{ vasp_id = "vasp01", cp_id = "1000000001" }}]
            "#
        );
        let simulator = Simulator::bind(&simulator::Config::parse(&config).unwrap()).await.unwrap();
        let [s, k, l] = [Carrier::S, Carrier::K, Carrier::L].map(|carrier| simulator.address(carrier).unwrap());
        let admin = simulator.admin().unwrap();
        let simulator = Running::start(|stopped| simulator.serve(stopped.wait()));

        let customer = setup.customer.map(|address| format!("customer = \"http://{address}/events\""));
        let Setup { gateway: top, gateway_s, .. } = setup;
        let config = format!(
            r#"
            {top}
            {customer}
            [routes]
            "01000001" = "s"
            "01000002" = "k"
            "01000003" = "l"
            [carriers.s]
            url = "http://{s}"
            account = {{ vasp_id = "{vasp_s}", vas_id = "1", cp_id = "{cp}", relay_id = "0000" }}
            defaults = {{ origin_code = "100000000" }}
            {gateway_s}
            [carriers.k]
            url = "http://{k}"
            account = {{ vasp_id = "{vasp_k}", vas_id = "sub01", cp_id = "{cp_k}", billing = "01000000009" }}
            defaults = {{ service_type = "MMSMT1", message_class = "GENERAL", delivery_report = true, read_reply = false, origin_code = "100000000" }}
            [carriers.l]
            url = "http://{l}"
            account = {{ vasp_id = "{vasp_l}", cp_id = "{cp}", billing = "01000000009" }}
            defaults = {{ origin_code = "100000000" }}
            "#,
            customer = customer.unwrap_or_default(),
            s = setup.s.unwrap_or(s),
            cp = setup.cp_id.unwrap_or("1000000001"),
            cp_k = setup.cp_id.unwrap_or("hub01_02_001"),
            vasp_s = setup.vasp_id.unwrap_or("99"),
            vasp_k = setup.vasp_id.unwrap_or("hub01"),
            vasp_l = setup.vasp_id.unwrap_or("vasp01"),
        );
        let config = gateway::Config::parse(&config).unwrap();
        let running = Running::start(|stopped| gateway::serve(listener, config, stopped.wait()));
        let http = Client::builder(TokioExecutor::new()).build_http();
        Self { gateway, admin, carriers: [s, k, l], running, simulator, log, _logging: logging, http, after: 0 }
    }

    /// Stops both, and gives the log, which says nothing of a subscriber.
    pub async fn stop(self) -> String {
        self.running.stop().await;
        self.simulator.stop().await;
        let log = self.log.text();
        for private in ["0100000", TEXT, "예약", "/9j/"] {
            let line = log.lines().find(|line| line.contains(private));
            assert_eq!(line, None, "a log says {private}");
        }
        log
    }

    /// Any request.
    pub async fn request(&self, request: Request<Full<Bytes>>) -> (StatusCode, HeaderMap, Bytes) {
        let response = timeout(SOON, self.http.request(request)).await.expect("an answer").unwrap();
        let (head, body) = response.into_parts();
        let body = timeout(SOON, body.collect()).await.expect("its body").unwrap().to_bytes();
        (head.status, head.headers, body)
    }

    pub async fn post(&self, to: SocketAddr, path: &str, body: impl Into<Bytes>) -> (StatusCode, HeaderMap, Bytes) {
        let uri: Uri = format!("http://{to}{path}").parse().unwrap();
        self.request(Request::post(uri).body(Full::new(body.into())).unwrap()).await
    }

    pub async fn get(&self, to: SocketAddr, path: &str) -> (StatusCode, HeaderMap, Bytes) {
        let uri: Uri = format!("http://{to}{path}").parse().unwrap();
        self.request(Request::get(uri).body(Full::default()).unwrap()).await
    }

    /// Sends a message as a customer; gives the HTTP status and the results.
    pub async fn send(&self, message: &Value) -> (StatusCode, Vec<Value>) {
        let (status, _, body) = self.post(self.gateway, "/messages", message.to_string()).await;
        let mut body: Value = serde_json::from_slice(&body).unwrap();
        let results = body["results"].take();
        assert!(results.is_array(), "{body}");
        (status, results.as_array().unwrap().clone())
    }

    /// Sends a message to one recipient.
    pub async fn send_one(&self, message: &Value) -> (StatusCode, Value) {
        let (status, results) = self.send(message).await;
        assert_eq!(results.len(), 1);
        (status, results.into_iter().next().unwrap())
    }

    /// The events that have come since the last call; waits for one.
    pub async fn events(&mut self) -> Vec<Value> {
        let (status, _, body) = self.get(self.gateway, &format!("/events?after={}&wait=60", self.after)).await;
        assert_eq!(status, StatusCode::OK);
        let events: Vec<Value> = body
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect();
        self.after = events.last().expect("an event")["id"].as_u64().unwrap();
        events
    }

    /// So many events.
    pub async fn events_until(&mut self, count: usize) -> Vec<Value> {
        let mut events = Vec::new();
        while events.len() < count {
            events.append(&mut self.events().await);
        }
        assert_eq!(events.len(), count);
        events
    }

    /// Says that all events so far have come.
    pub async fn forget(&self) {
        let (status, _, body) = self.get(self.gateway, &format!("/events?after={}", self.after)).await;
        assert!(status == StatusCode::OK && body.is_empty());
    }

    /// Has the simulator send a subscriber's message; gives the HTTP status and what the gateway said.
    pub async fn deliver(&self, carrier: &str, message: &Value) -> (StatusCode, Value) {
        let asked = json!({ "carrier": carrier, "message": message });
        let (status, _, body) = self.post(self.admin, "/simulate/deliver", asked.to_string()).await;
        (status, serde_json::from_slice(&body).unwrap())
    }

    /// Lays down the answer to the next submits.
    pub async fn force(&self, carrier: &str, code: u32, times: usize) {
        let asked = json!({ "carrier": carrier, "code": code, "times": times });
        let (status, _, _) = self.post(self.admin, "/simulate/answer", asked.to_string()).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }
}

/// A message to these numbers.
pub fn submit(numbers: &[&str]) -> Value {
    let to: Vec<_> = numbers.iter().map(|number| json!({ "number": number })).collect();
    json!({
        "operation": "submit_req",
        "sender": { "callback": "01000000001" },
        "recipients": { "to": to },
        "subject": "예약 안내",
        "content": { "text": TEXT },
    })
}

/// A message from a subscriber.
pub fn deliver() -> Value {
    json!({
        "operation": "deliver_req",
        "from": { "number": "01000001234" },
        "recipients": { "to": [{ "short_code": "#3030" }] },
        "subject": "예약 문의",
        "content": { "text": TEXT },
    })
}

/// An image, as JSON has it.
pub fn image(name: &str) -> Value {
    json!({ "media_type": "image/jpeg", "name": name, "data": "/9j/4AAQSkZJRgABAQAAAQABAAD/2Q==" })
}
