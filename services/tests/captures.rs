//! Real payloads over HTTP, where they are present beside the project.

mod rig;

use std::fs;
use std::path::{Path, PathBuf};

use axum::http::{HeaderName, Request, StatusCode, header};
use bytes::Bytes;
use http_body_util::Full;
use rig::{Rig, Setup};
use tongsa::{Carrier, Config, Entity, Limits, Tolerance};

/// The files, and what they hold as HTTP.
fn captures() -> Vec<(String, Entity)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/captures");
    let Ok(files) = fs::read_dir(&folder) else {
        eprintln!("skipped: no captures beside the project");
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    let name = |file: &Path| file.file_name().unwrap().to_string_lossy().into_owned();
    let read = |file: &PathBuf| {
        let bytes = Bytes::from(fs::read(file).unwrap());
        Some((name(file), Entity::parse_http(bytes, &Limits::default()).ok()?.entity))
    };
    files.iter().filter_map(read).collect()
}

/// As a client sends it: without what no HTTP library takes, and what the client says itself.
fn post(to: std::net::SocketAddr, path: &str, entity: &Entity) -> Request<Full<Bytes>> {
    const FRAMING: [HeaderName; 4] =
        [header::CONNECTION, header::CONTENT_LENGTH, header::HOST, header::TRANSFER_ENCODING];
    let mut entity = entity.clone();
    entity.start_line = Some(format!("POST http://{to}{path} HTTP/1.1").into());
    entity.headers.retain(|field| HeaderName::from_bytes(&field.name).is_ok_and(|name| !FRAMING.contains(&name)));
    Request::try_from(entity).unwrap().map(Full::new)
}

#[tokio::test]
async fn takes_what_a_relay_in_production_sends() {
    let rig = Rig::start(Setup::default()).await;
    for (name, entity) in captures().into_iter().filter(|(name, _)| name.starts_with("gateway-")) {
        let (at, path) = match name.as_bytes()[8] {
            b's' => (0, "/mmsr41/mm7"),
            b'k' => (1, "/"),
            _ => (2, "//"),
        };
        let (status, _, body) = rig.request(post(rig.carriers[at], path, &entity)).await;
        assert_eq!(status, StatusCode::OK, "{name}");
        let codec = Carrier::ALL[at].codec(Config::default());
        let answer = codec.decode(&Entity::new(body)).unwrap().message;
        let status = answer.status().unwrap();
        let code = status.code.as_ref().and_then(tongsa::Code::number);
        // One has lost its sender and recipient on the way.
        let taken = name != "gateway-l-lossy.http";
        assert_eq!(code == Some(1000), taken, "{name}: {status:?}");
    }
    rig.stop().await;
}

#[tokio::test]
async fn survives_whatever_has_been_seen_at_a_webhook() {
    let rig = Rig::start(Setup::default()).await;
    for (name, entity) in captures() {
        for path in ["/", "/webhooks/s", "/webhooks/k", "/webhooks/l"] {
            let (status, _, body) = rig.request(post(rig.gateway, path, &entity)).await;
            match status {
                StatusCode::OK => {
                    let lenient = Config { tolerance: Tolerance::Lenient, ..Config::default() };
                    let answer = tongsa::decode(&Entity::new(body), &lenient).unwrap().message;
                    assert!(answer.status().is_some_and(|status| status.code.is_some()), "{name} to {path}");
                }
                // An answer, or nothing of a carrier's.
                status => assert_eq!(status, StatusCode::BAD_REQUEST, "{name} to {path}"),
            }
        }
    }
    let (status, _, _) = rig.get(rig.gateway, "/health").await;
    assert_eq!(status, StatusCode::OK);
    rig.stop().await;
}
