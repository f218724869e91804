//! Replaces what is private in a payload, so that it can be shared: numbers, ids, names, text and media become invented ones of
//! the same length and class, the same for the same, and the payload deviates from the standards where it did.
//!
//! What stands for what depends on the key alone. Keep it secret: telephone numbers are few, and who has the key can try
//! them all.

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "each command uses its part of the shared module")]
mod common;

#[path = "../common/layers.rs"]
pub mod layers;
pub mod names;
pub mod text;
pub mod walk;
#[path = "../common/wire.rs"]
pub mod wire;

use std::collections::BTreeSet;
use std::process::ExitCode;

use bytes::Bytes;
use common::{Arguments, Failure};
use names::{Names, is_mobile, is_said};
use serde_json::Value;
use tongsa::{Carrier, Config, Entity, Limits, Tolerance};

const USAGE: &str = "usage: scrub --key KEY FILE.http|-";

/// Words shorter than this may stand in the output by chance, or because there is no other.
const TELLING: usize = 4;

/// Media no longer than this, in characters of base64, are little but the bytes that a reader knows them by.
const MAGIC: usize = 16;

/// There are ten thousand invented telephone numbers; with half of them in use, there is another for the next.
const NUMBERS: usize = 5_000;

/// How often other words are drawn where those of the round before make another payload.
const ROUNDS: u32 = 8;

#[allow(dead_code, reason = "tests bring their own")]
fn main() -> ExitCode {
    common::run(USAGE, |arguments| common::print(&command(arguments)?))
}

/// What the command writes to standard output.
pub fn command(arguments: Vec<String>) -> Result<Vec<u8>, Failure> {
    let arguments = Arguments::parse(arguments, &["--key"], &[])?;
    let key = arguments.option::<String>("--key")?.filter(|key| !key.is_empty());
    let key = key.ok_or_else(|| Failure::usage("--key is missing"))?;
    let file = arguments.file()?;
    scrub(&common::read(file)?, &key).map_err(|error| Failure::input(format!("{file}: {error}")))
}

/// The file with everything private replaced.
///
/// # Errors
/// Where what is left would tell something of the original, or be decoded with other deviations.
pub fn scrub(file: &[u8], key: &str) -> Result<Vec<u8>, String> {
    let mut error = String::new();
    for round in 0..ROUNDS {
        match scrub_once(file, key, round) {
            Ok(scrubbed) => return Ok(scrubbed),
            Err(found) => error = found,
        }
    }
    Err(error)
}

fn scrub_once(file: &[u8], key: &str, round: u32) -> Result<Vec<u8>, String> {
    let mut names = Names::new(key, round);
    walk::walk(&mut file.to_vec(), &mut names);
    if names.originals().iter().filter(|word| is_mobile(word)).count() > NUMBERS {
        return Err(format!("more than {NUMBERS} telephone numbers"));
    }
    names.start();
    let mut scrubbed = file.to_vec();
    walk::walk(&mut scrubbed, &mut names);
    let (before, after) = (Reading::of(file), Reading::of(&scrubbed));
    if let Some((old, new)) = before.facts.iter().zip(&after.facts).find(|(old, new)| !names.are_same(old, new)) {
        return Err(format!("not scrubbed, it would read otherwise: {new} and not {old}"));
    }
    if before.facts.len() != after.facts.len() {
        return Err("not scrubbed, it would read otherwise".into());
    }
    if let Some(path) = leak(&names, &before, &after, &scrubbed, key) {
        return Err(format!("not scrubbed, something would be left: {path}"));
    }
    Ok(scrubbed)
}

/// What the decoders make of a file.
#[derive(Debug, PartialEq)]
pub struct Reading {
    /// For each carrier: dialects, and deviations or the error, with their places.
    pub facts: Vec<String>,
    /// The paths and texts of the messages' values.
    pub values: Vec<(String, String)>,
}

impl Reading {
    /// Reads a file as every carrier's codec does, most leniently.
    pub fn of(file: &[u8]) -> Self {
        let mut reading = Self { facts: Vec::new(), values: Vec::new() };
        let file = match Entity::parse_http(Bytes::copy_from_slice(file), &Limits::default()) {
            Ok(file) => file,
            Err(error) => {
                reading.facts.push(error.to_string());
                return reading;
            }
        };
        let place = |at: &tongsa::Location| format!("at byte {} ({})", common::offset(at, &file), at.path);
        let found = |found: &tongsa::Deviation| format!("{} {} {}", found.kind, place(&found.at), found.expected);
        for carrier in [Carrier::S, Carrier::K, Carrier::L] {
            let codec = carrier.codec(Config { tolerance: Tolerance::Lenient, ..Config::default() });
            match codec.decode(&file.entity) {
                Ok(decoded) => {
                    reading.facts.push(format!("{carrier}: {:?}", decoded.candidates));
                    reading.facts.extend(decoded.deviations.iter().map(found));
                    let message = serde_json::to_value(&decoded.message).unwrap_or_default();
                    gather(String::new(), &message, &mut reading.values);
                }
                Err(error) => {
                    reading.facts.push(format!("{carrier}: {} {}", error.kind(), place(error.at())));
                    reading.facts.extend(error.deviations().iter().map(found));
                }
            }
        }
        let best = tongsa::detect(&file.entity, &Limits::default()).map(|detection| detection.best().carrier);
        reading
            .facts
            .push(best.map_or_else(|error| error.kind().to_string(), |carrier| format!("most likely {carrier}")));
        reading
    }
}

/// The values of a canonical message that are enumerated, times, or looked at elsewhere: markup with the bytes, media apart.
const KEPT_KEYS: &[&str] = &[
    "operation",
    "mm7_version",
    "message_class",
    "priority",
    "timestamp",
    "expiry",
    "earliest_delivery",
    "charged_party",
    "mm_status",
    "code",
    "outcome",
    "reason",
    "detail",
    "media_type",
    "fields",
    "presentation",
    "distribution",
    "delivery_condition",
    "fault_code",
    "reply_charging",
    "delivery_report",
    "read_reply",
    "adaptations",
    "called_net",
    "data",
];

fn gather(path: String, value: &Value, values: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) if map.contains_key("path") && map.contains_key("value") => {
            // An element that the model does not know.
            let path = map["path"].as_str().unwrap_or_default();
            let name = path.rsplit(['/', '@']).next().unwrap_or_default();
            if !walk::is_plain(name.split('[').next().unwrap_or_default()) {
                gather(format!("extension {path}"), &map["value"], values);
            }
        }
        Value::Object(map) => {
            // Other media are documents, of which the markup stays.
            let media_type = map.get("media_type").and_then(Value::as_str).unwrap_or_default();
            let is_media = ["image/", "audio/", "video/"].iter().any(|head| media_type.starts_with(head));
            let data = map.get("data").and_then(Value::as_str).filter(|data| is_media && data.len() > MAGIC);
            values.extend(data.map(|data| (format!("{path}.data"), data.to_owned())));
            for (key, value) in map.iter().filter(|(key, _)| !KEPT_KEYS.contains(&&***key)) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                gather(path, value, values);
            }
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| gather(format!("{path}[{index}]"), value, values));
        }
        Value::String(text) => values.push((path, text.clone())),
        _ => {}
    }
}

/// Where something of the original would be left, if anywhere.
fn leak(names: &Names, before: &Reading, after: &Reading, scrubbed: &[u8], key: &str) -> Option<String> {
    // Of what the walk took for secret.
    let mut left = Names::new(key, 0);
    walk::walk(&mut scrubbed.to_vec(), &mut left);
    let telling = |word: &&Vec<char>| word.len() >= TELLING;
    if left.originals().iter().filter(telling).any(|word| names.originals().contains(word)) {
        return Some("a word of the original".into());
    }
    // Of mobile numbers, wherever they stand.
    let is_left = |word: &&Vec<char>| {
        let number: String = word.iter().collect();
        is_mobile(word) && memchr::memmem::find(scrubbed, number.as_bytes()).is_some()
    };
    if names.originals().iter().any(|word| is_left(&word)) {
        return Some("a telephone number of the original".into());
    }
    // Of what the decoder reads.
    let words = |text: &str| -> BTreeSet<String> {
        let words =
            text.split(|c| !is_said(c)).filter(|word| word.chars().count() >= TELLING && !text::is_format(word));
        words.map(str::to_owned).collect()
    };
    let secrets: BTreeSet<String> = before.values.iter().flat_map(|(_, text)| words(text)).collect();
    let left = after.values.iter().find(|(path, text)| {
        if path.rsplit('.').next() == Some("data") {
            before.values.contains(&(path.clone(), text.clone()))
        } else {
            !words(text).is_disjoint(&secrets)
        }
    });
    left.map(|(path, _)| path.clone())
}
