//! What each dialect writes, byte for byte: a full message of each operation, plain and with every quirk asked for.
//!
//! The round trips hold whatever the writer writes, as long as the reader takes it back; here a change of the wire shows,
//! of a prefix, a declaration or the order of fields. `TONGSA_WRITE_WIRE=1 cargo test --test wire` writes the files anew;
//! then `git diff` says what a carrier will see.
#![cfg(feature = "serde")]

mod harness;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use harness::messages;
use serde_json::json;
use tongsa::{Config, DialectId, Message, QuirkSet};

/// A message of the operation that says nothing, and where it can have content one with text and media alone: what a
/// dialect writes of itself.
fn little(operation: &str) -> Vec<Message> {
    let media =
        json!([{ "media_type": "image/jpeg", "data": "/9j/2Q==" }, { "media_type": "image/png", "data": "AAAA" }]);
    let with_content = json!({ "operation": operation, "content": { "text": "안녕", "media": media } });
    let messages = [json!({ "operation": operation }), with_content];
    messages.into_iter().filter_map(|message| serde_json::from_value(message).ok()).collect()
}

/// Every file with what should be in it.
fn wire() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire");
    let mut files = Vec::new();
    for &dialect in DialectId::ALL {
        for operation in messages::operations() {
            let full = messages::full(operation, dialect.code());
            for (nth, message) in full.iter().chain(&little(operation)).enumerate() {
                for (suffix, quirks) in [("", QuirkSet::EMPTY), ("-quirks", QuirkSet::all())] {
                    let encoded = dialect.codec(Config { quirks, ..Config::default() }).encode(message);
                    let entity = encoded.unwrap_or_else(|error| panic!("{dialect} {operation}: {error}")).entity;
                    let name = format!("{dialect}/{operation}-{nth}{suffix}.http");
                    files.push((folder.join(name), entity.to_http()));
                }
            }
        }
    }
    files
}

#[test]
fn is_what_it_was() {
    let files = wire();
    assert!(files.len() >= 5 * 17 * 2, "only {} files", files.len());
    let names: BTreeSet<_> = files.iter().map(|(path, _)| path).collect();
    assert_eq!(names.len(), files.len());
    for (path, bytes) in &files {
        if std::env::var_os("TONGSA_WRITE_WIRE").is_some() {
            fs::create_dir_all(path.parent().expect("a folder")).expect("a writable folder");
            fs::write(path, bytes).expect("a writable file");
        }
        let written = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (was, is) = (String::from_utf8_lossy(&written), String::from_utf8_lossy(bytes));
        assert!(written == *bytes, "{}\nwas {was}\nis  {is}", path.display());
    }
}
