//! Every vector: input beside expected value or error, and the way back.
//!
//! `<case>.http` is what stood on the wire, `<case>.json` what must come of it: the strictest tolerance that accepts
//! it, the message and all deviations with their places in the file, or the error.
#![cfg(feature = "serde")]

mod harness;

use std::fs;
use std::path::Path;
use std::thread;

use bytes::Bytes;
use serde::Deserialize;
use tongsa::{Carrier, Codec, Config, Decoded, Deviation, DialectId, Entity, HttpFile, Limits, Message, Tolerance};

#[derive(Deserialize)]
#[serde(untagged)]
enum Expected {
    Value {
        tolerance: String,
        /// What unaided decoding chooses, for a carrier of several dialects, and what ties with it.
        dialect: Option<String>,
        #[serde(default)]
        candidates: Vec<String>,
        message: Box<Message>,
        deviations: Vec<Found>,
    },
    Error {
        error: String,
    },
}

#[derive(Deserialize, Debug, PartialEq)]
struct Found {
    code: String,
    offset: usize,
    path: String,
    expected: bool,
}

/// The dialect as a vector names it: none where the carrier has but one, and no candidates but where there is a tie.
#[derive(Debug, PartialEq)]
struct Chosen {
    dialect: Option<String>,
    candidates: Vec<String>,
}

impl Chosen {
    fn of(carrier: Carrier, decoded: &Decoded) -> Self {
        let several = DialectId::ALL.iter().filter(|dialect| dialect.carrier() == carrier).count() > 1;
        let tie = decoded.candidates.len() > 1;
        Self {
            dialect: several.then(|| decoded.dialect.code().into()),
            candidates: decoded.candidates.iter().filter(|_| tie).map(|dialect| dialect.code().into()).collect(),
        }
    }
}

impl Found {
    fn of(deviation: &Deviation, file: &HttpFile) -> Self {
        Self {
            code: deviation.kind.code().into(),
            offset: file.file_offset(deviation.at.space, deviation.at.offset),
            path: deviation.at.path.as_str().into(),
            expected: deviation.expected,
        }
    }
}

const TOLERANCES: [Tolerance; 3] = [Tolerance::Strict, Tolerance::Observed, Tolerance::Lenient];

/// Gives each vector with the name below its carrier's folder, and the codecs of that carrier, fixed to no dialect.
///
/// The vectors are shared out among the cores.
fn each(check: impl Fn((Carrier, &str), harness::Codecs<'_>, &[u8], Expected) -> Result<(), String> + Sync) {
    let one = |path: &Path| {
        let bytes = fs::read(path).expect("a readable file");
        let expected =
            fs::read(path.with_extension("json")).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let expected = serde_json::from_slice(&expected).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (carrier, name) = harness::carrier_of(path);
        let checked = check((carrier, &name), &|config| carrier.codec(config), &bytes, expected);
        checked.err().map(|error| format!("{}: {error}", path.display()))
    };
    let vectors = harness::vectors();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let wrong: Vec<String> = thread::scope(|scope| {
        let (one, vectors) = (&one, &vectors);
        let share =
            |first: usize| move || vectors.iter().skip(first).step_by(threads).filter_map(|path| one(path)).collect();
        let workers: Vec<_> = (0..threads).map(|first| scope.spawn(share(first))).collect();
        let found = |worker: thread::ScopedJoinHandle<'_, Vec<String>>| worker.join().expect("no panic");
        workers.into_iter().flat_map(found).collect()
    });
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

fn config(tolerance: Tolerance) -> Config {
    Config { tolerance, ..Config::default() }
}

fn open(bytes: &[u8]) -> Result<HttpFile, String> {
    Entity::parse_http(Bytes::copy_from_slice(bytes), &Limits::default()).map_err(|error| error.to_string())
}

/// The error as `decode` prints it: its place counts from the start of the file.
fn failure(codec: &dyn Codec, bytes: &[u8]) -> Result<(), String> {
    let file = open(bytes)?;
    match codec.decode(&file.entity) {
        Ok(_) => Ok(()),
        Err(error) => {
            let offset = file.file_offset(error.at().space, error.at().offset);
            let path = error.at().path.as_str();
            let path = if path.is_empty() { String::new() } else { format!(" ({path})") };
            Err(format!("{} at byte {offset}{path}", error.kind()))
        }
    }
}

#[test]
fn reads_every_vector_to_its_value_or_error() {
    each(|(carrier, _), codecs, bytes, expected| match expected {
        Expected::Error { error } => match failure(&*codecs(config(Tolerance::Lenient)), bytes) {
            Err(found) if found == error => Ok(()),
            found => Err(format!("expected the error {error:?}, found {found:?}")),
        },
        Expected::Value { tolerance, dialect, candidates, message, deviations } => {
            let tolerance: Tolerance = tolerance.parse().expect("a tolerance");
            let file = open(bytes)?;
            for stricter in TOLERANCES.into_iter().filter(|&other| other < tolerance) {
                match codecs(config(stricter)).decode(&file.entity) {
                    Ok(_) => return Err(format!("accepted under {stricter}")),
                    Err(error) if error.accepted_under() == Some(tolerance) => {}
                    Err(error) => return Err(format!("{error}: accepted under {:?}", error.accepted_under())),
                }
            }
            let decoded = codecs(config(tolerance)).decode(&file.entity).map_err(|error| error.to_string())?;
            let found: Vec<_> = decoded.deviations.iter().map(|deviation| Found::of(deviation, &file)).collect();
            if found != deviations {
                return Err(format!("deviations {found:#?}"));
            }
            let chosen = Chosen::of(carrier, &decoded);
            if chosen != (Chosen { dialect, candidates }) {
                return Err(format!("{chosen:?}"));
            }
            if decoded.message != *message {
                return Err(format!("message {:?}", serde_json::to_string(&decoded.message)));
            }
            Ok(())
        }
    });
}

/// The vectors whose message its carrier cannot write again as it was read. L: its submits have no offset (T5), so
/// another than +09:00 is narrowed; its plain text has no character reference for what KS X 1001 lacks; and a second
/// error in a fault would be read as the fault's own if it were written where it stood. K: its text has no character
/// reference either. S: it has one element for the time of a report and for the network, and one place of two for the
/// origin code, in which a second would be the first's repetition; and a header line has no reference for what was
/// undecodable.
const LOSSY: &[((Carrier, &str), &str)] = &[
    ((Carrier::K, "submit_req/text-damaged"), "content.text: unmappable U+2592 at 2"),
    ((Carrier::K, "submit_req/text-in-cp949"), "content.text: unmappable U+B620 at 0"),
    ((Carrier::K, "submit_req/text-undecodable"), "content.text: unmappable U+FFFD at 2 U+FFFD at 3"),
    ((Carrier::L, "fault/two-errors-in-detail"), "extensions[0]: dropped, extensions[1]: dropped"),
    ((Carrier::L, "submit_req/document-elements"), "timestamp: narrowed, earliest_delivery: narrowed"),
    ((Carrier::L, "submit_req/document-sample"), "timestamp: narrowed"),
    ((Carrier::L, "submit_req/text-in-cp949"), "content.text: unmappable U+B620 at 0"),
    ((Carrier::S, "delivery_report_req/called-net-and-timestamp"), "called_net: dropped"),
    ((Carrier::S, "delivery_report_req/time-twice"), "extensions[0]: dropped"),
    ((Carrier::S, "submit_req/image-name-undecodable"), "content.media[0].name: unmappable U+FFFD at 3"),
    ((Carrier::S, "submit_req/origin-code-in-both-places"), "extensions[0]: dropped"),
];

#[test]
fn writes_every_vector_so_that_it_reads_the_same() {
    each(|name, codecs, _, expected| {
        let Expected::Value { dialect, message, .. } = expected else { return Ok(()) };
        for dialect in DialectId::ALL.iter().filter(|dialect| dialect.carrier() == name.0) {
            harness::accounts_for_every_loss(&harness::codecs(*dialect), &message)?;
        }
        harness::accounts_for_every_loss(codecs, &message)?;
        // The dialect it was read in.
        let dialect = dialect.map(|dialect| dialect.parse().expect("a dialect"));
        let own = |config| name.0.codec(Config { dialect, ..config });
        let Some((_, losses)) = LOSSY.iter().find(|(lossy, _)| *lossy == name) else {
            return harness::says(&own, &message);
        };
        let encoded = own(Config::default()).encode(&message).map_err(|error| error.to_string())?;
        let found: Vec<_> = encoded.losses.iter().map(ToString::to_string).collect();
        if found.join(", ") == *losses { Ok(()) } else { Err(format!("loses {found:?}")) }
    });
}

#[test]
fn notices_every_truncation_of_every_vector() {
    each(|_, codecs, bytes, expected| {
        let Expected::Value { .. } = expected else { return Ok(()) };
        let entity = open(bytes)?.entity;
        harness::notices_truncation(codecs, &entity, 0..entity.body.len())
    });
}

#[test]
fn survives_every_truncation_of_every_broken_vector() {
    each(|_, codecs, bytes, expected| {
        let Expected::Error { .. } = expected else { return Ok(()) };
        for len in 0..bytes.len() {
            if let Ok(file) = open(&bytes[..len]) {
                harness::survives(codecs, &file.entity)?;
            }
        }
        Ok(())
    });
}
