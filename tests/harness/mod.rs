//! The promises of the crate as functions of a codec and an input, and arbitrary messages to try them on.
//!
//! One harness for the property tests, the in-crate tests of the accounting and the fuzz targets, so that they cannot
//! drift apart. A law that does not hold is an `Err` that says which.

#![allow(dead_code, reason = "each user takes its part")]

pub mod messages;

use std::collections::BTreeSet;
use std::panic;
use std::path::{Path, PathBuf};
use std::prelude::rust_2024::*;

use tongsa::{
    Codec, Config, Decoded, Deviation, DeviationKind, DialectId, Encoded, Entity, Evidence, Limits, Location, Loss,
    Message, QuirkSet, Space, Tolerance, TranslateOptions, Violation, ViolationKind, translate_message,
};

/// What a broken law says.
pub type Law = Result<(), String>;

/// Makes the codecs of one dialect.
pub type Codecs<'a> = &'a dyn Fn(Config) -> Box<dyn Codec>;

/// The dialects that every law is held against.
pub const DIALECTS: &[DialectId] = DialectId::ALL;

/// The codecs that are fixed to a dialect.
pub fn codecs(dialect: DialectId) -> impl Fn(Config) -> Box<dyn Codec> {
    move |config| dialect.codec(config)
}

/// The carrier whose vector this is, by its folder, and the vector's name there: `submit_req/text`.
pub fn carrier_of(vector: &Path) -> (tongsa::Carrier, String) {
    let stem = vector.with_extension("");
    let names: Vec<_> = stem.iter().map(|name| name.to_string_lossy()).collect();
    let [.., carrier, operation, case] = &names[..] else { panic!("{}: no vector", vector.display()) };
    (carrier.parse().expect("the folder of a carrier"), format!("{operation}/{case}"))
}

/// Every `.http` file of the vectors, in order. None found is a broken checkout, not a test that passes.
pub fn vectors() -> Vec<PathBuf> {
    let mut folders = Vec::from([Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")]);
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the vectors are in the repository") {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "http") {
                found.push(path);
            }
        }
    }
    assert!(found.len() >= 200, "only {} vectors found", found.len());
    found.sort();
    found
}

/// The configuration that takes whatever can be recovered.
pub fn lenient() -> Config {
    Config { tolerance: Tolerance::Lenient, ..Config::default() }
}

fn check(holds: bool, what: impl FnOnce() -> String) -> Law {
    if holds { Ok(()) } else { Err(what()) }
}

/// A message as canonical JSON.
pub fn show(message: &Message) -> String {
    serde_json::to_string(message).unwrap_or_default()
}

/// Promises 2, 3 and 6: what is decoded is what was encoded with exactly the reported losses; no surprise that is not
/// announced by a violation; a second pass loses nothing.
pub fn accounts_for_every_loss(codecs: Codecs<'_>, message: &Message) -> Law {
    let codec = codecs(lenient());
    let encoded = codec.encode(message).map_err(|error| error.to_string())?;
    disjoint(&encoded.losses)?;
    let expected = message.apply(&encoded.losses).map_err(|error| error.to_string())?;
    let decoded = decode(&*codec, &encoded.entity)?;
    check(decoded.message == expected, || {
        let losses: Vec<_> = encoded.losses.iter().map(ToString::to_string).collect();
        format!("read {}\nnot  {}\nlosses {losses:?}\nwire {}", show(&decoded.message), show(&expected), wire(&encoded))
    })?;
    announced(&decoded, &encoded.violations, QuirkSet::EMPTY, &encoded)?;

    let again = codec.encode(&decoded.message).map_err(|error| error.to_string())?;
    check(again.losses.is_empty(), || format!("a second pass loses {:?}", again.losses))?;
    let twice = decode(&*codec, &again.entity)?;
    check(twice.message == decoded.message, || "a second pass reads another message".into())?;

    if encoded.violations.is_empty() {
        let strict = codecs(Config { tolerance: Tolerance::Strict, ..Config::default() });
        let strictly =
            strict.decode(&encoded.entity).map_err(|error| format!("strictly: {error}\n{}", wire(&encoded)))?;
        check(strictly == decoded, || "the tolerance changes the value".into())?;
    }
    Ok(())
}

/// Promise 2: a message that the dialect can say comes back as it was, without a loss and without a surprise.
pub fn says(codecs: Codecs<'_>, message: &Message) -> Law {
    let codec = codecs(lenient());
    let encoded = codec.encode(message).map_err(|error| error.to_string())?;
    check(encoded.losses.is_empty(), || format!("loses {:?}", encoded.losses))?;
    let decoded = decode(&*codec, &encoded.entity)?;
    check(decoded.message == *message, || format!("read {}\nnot {}", show(&decoded.message), show(message)))?;
    announced(&decoded, &encoded.violations, QuirkSet::EMPTY, &encoded)
}

/// Promises 2 and 3 on the way from one carrier to another: what the target reads is the source's message with exactly the
/// reported losses, and what was supplied besides; a second pass loses nothing.
pub fn translates(from: DialectId, to: DialectId, message: &Message, options: &TranslateOptions) -> Law {
    let (source, target) = (from.codec(lenient()), to.codec(lenient()));
    let translated =
        translate_message(&*source, &*target, message, options).map_err(|error| format!("{from} to {to}: {error}"))?;
    disjoint(&translated.losses)?;
    let applied = message.apply(&translated.losses).map_err(|error| error.to_string())?;
    let mut expected = serde_json::to_value(&applied).map_err(|error| error.to_string())?;
    for supplied in &translated.supplied {
        let mut at = &mut expected;
        for key in supplied.path.split('.') {
            if at.is_null() {
                *at = serde_json::json!({});
            }
            at = &mut at[key];
        }
        check(at.is_null(), || format!("{} was there, and is said to be supplied", supplied.path))?;
        *at = serde_json::to_value(&supplied.value).map_err(|error| error.to_string())?;
    }
    let expected: Message = serde_json::from_value(expected).map_err(|error| error.to_string())?;
    let decoded = decode(&*target, &translated.entity)?;
    check(decoded.message == expected, || {
        let losses: Vec<_> = translated.losses.iter().map(ToString::to_string).collect();
        format!(
            "{from} to {to} read {}\nnot  {}\nlosses {losses:?}\nsupplied {:?}",
            show(&decoded.message),
            show(&expected),
            translated.supplied
        )
    })?;
    let again = target.encode(&decoded.message).map_err(|error| error.to_string())?;
    check(again.losses.is_empty(), || format!("{from} to {to}: a second pass loses {:?}", again.losses))?;
    check(decode(&*target, &again.entity)?.message == decoded.message, || "a second pass reads another message".into())
}

/// Promise 4: the message is equal, and the surprises are the quirks that were written.
pub fn reports_every_quirk(codecs: Codecs<'_>, message: &Message, quirks: QuirkSet) -> Law {
    let plain = codecs(lenient()).encode(message).map_err(|error| error.to_string())?;
    let codec = codecs(Config { quirks, ..lenient() });
    let encoded = codec.encode(message).map_err(|error| error.to_string())?;
    check(encoded.losses == plain.losses, || "quirks change the losses".into())?;
    check(encoded.quirks.iter().all(|kind| quirks.contains(kind)), || "a quirk nobody asked for".into())?;
    let decoded = decode(&*codec, &encoded.entity)?;
    let expected = message.apply(&encoded.losses).map_err(|error| error.to_string())?;
    check(decoded.message == expected, || {
        format!(
            "with {:?} read {}\nnot {}\nwire {}",
            encoded.quirks,
            show(&decoded.message),
            show(&expected),
            wire(&encoded)
        )
    })?;
    announced(&decoded, &encoded.violations, encoded.quirks, &encoded)
}

/// What the first line has for a boundary, where it looks like a delimiter.
pub fn boundary(entity: &Entity) -> Option<&[u8]> {
    let first = entity.body.trim_ascii_start().strip_prefix(b"--")?;
    let end = first.iter().position(u8::is_ascii_whitespace)?;
    Some(&first[..end])
}

/// Where the outermost close delimiter ends, or in bare XML the root's end tag; `None` where it cannot be seen at a glance.
pub fn end(entity: &Entity) -> Option<usize> {
    if let Some(boundary) = boundary(entity) {
        let close = [b"--", boundary, b"--"].concat();
        return memchr::memmem::find(&entity.body, &close).map(|at| at + close.len());
    }
    let name = entity.body.windows(2).position(|pair| pair[0] == b'<' && pair[1].is_ascii_alphabetic())? + 1;
    let len = entity.body[name..].iter().position(|byte| b" \t\r\n/>".contains(byte))?;
    let at = memchr::memmem::find(&entity.body, &[b"</", &entity.body[name..name + len]].concat())?;
    memchr::memchr(b'>', &entity.body[at..]).map(|len| at + len + 1)
}

/// Promise 5, the second half: what is cut off shows. What is cut before its [end] gives an error or a surprise, and what
/// does not gives an equal message.
pub fn notices_truncation(codecs: Codecs<'_>, entity: &Entity, prefixes: impl Iterator<Item = usize>) -> Law {
    let codec = codecs(lenient());
    let whole = decode(&*codec, entity)?;
    let known: BTreeSet<_> = whole.surprises().map(|found| (found.kind, found.at.offset)).collect();
    let end = end(entity);
    for len in prefixes.filter(|&len| len < entity.body.len()) {
        let cut = Entity { body: entity.body.slice(..len), ..entity.clone() };
        let Ok(decoded) = codec.decode(&cut) else { continue };
        let surprising = decoded.surprises().any(|found| !known.contains(&(found.kind, found.at.offset)));
        check(surprising || decoded.message == whole.message, || {
            format!("{len} bytes of {} read as another message, and nothing says so", entity.body.len())
        })?;
        check(surprising || end.is_none_or(|end| len >= end), || {
            format!("{len} bytes of {} pass for the whole, and nothing says so", entity.body.len())
        })?;
    }
    Ok(())
}

/// Promises 5 and 6 for any bytes: a value or an error, the same whatever the tolerance, and offsets inside.
pub fn survives(codecs: Codecs<'_>, entity: &Entity) -> Law {
    let lenient = codecs(lenient()).decode(entity);
    let observed = codecs(Config::default()).decode(entity);
    let strict = codecs(Config { tolerance: Tolerance::Strict, ..Config::default() }).decode(entity);
    let deviations = match &lenient {
        Ok(decoded) => &decoded.deviations[..],
        Err(error) => error.deviations(),
    };
    for Deviation { kind, at, .. } in deviations {
        check(at.offset <= place_end(entity, at), || format!("{kind} at {at} lies outside"))?;
    }
    if let Ok(strict) = &strict {
        check(observed.as_ref() == Ok(strict), || "strict accepts what observed does not".into())?;
    }
    if let Ok(observed) = &observed {
        check(lenient.as_ref() == Ok(observed), || "observed accepts what lenient does not".into())?;
    }
    for refused in [&strict, &observed, &lenient].into_iter().filter_map(|result| result.as_ref().err()) {
        let accepting = refused.accepted_under().map(|tolerance| codecs(Config { tolerance, ..Config::default() }));
        let accepted = accepting.as_ref().map(|codec| codec.decode(entity).is_ok());
        check(accepted.unwrap_or(lenient.is_err()), || format!("{refused}, and that is not so"))?;
    }
    // Whatever was read can be written and read again.
    if let Ok(decoded) = lenient {
        accounts_for_every_loss(codecs, &decoded.message)?;
    }
    Ok(())
}

/// Promise 5: within tighter limits the value is the same, or there is an error with its place; never another value.
pub fn obeys_limits(codecs: Codecs<'_>, entity: &Entity, tolerance: Tolerance, limits: Limits) -> Law {
    let free = codecs(Config { tolerance, ..Config::default() }).decode(entity);
    let bound = codecs(Config { tolerance, limits, ..Config::default() }).decode(entity);
    match (&free, &bound) {
        (_, Ok(_)) => check(free == bound, || "limits change the value".into()),
        (_, Err(error)) => {
            check(error.at().offset <= place_end(entity, error.at()), || format!("{error} lies outside"))
        }
    }
}

/// What detection says: each carrier once, each fact at a place inside, and what it reads is what its carrier reads.
pub fn ranks_with_evidence(entity: &Entity, tolerance: Tolerance) -> Law {
    let config = Config { tolerance, ..Config::default() };
    let decoded = tongsa::decode(entity, &config);
    let detection = match tongsa::detect(entity, &config.limits) {
        Ok(detection) => detection,
        Err(error) => return check(decoded.is_err(), || format!("{error}, but it decodes")),
    };
    let carriers: BTreeSet<_> = detection.ranked.iter().map(|candidate| candidate.carrier.code()).collect();
    check(carriers.len() == tongsa::Carrier::ALL.len(), || format!("{carriers:?}"))?;
    for Evidence { fact, at, .. } in detection.ranked.iter().flat_map(|candidate| &candidate.evidence) {
        check(at.offset <= place_end(entity, at), || format!("{} at {at} lies outside", fact.code()))?;
    }
    let best = detection.best().carrier.codec(config).decode(entity);
    check(best == decoded, || "what is decoded is not what the best candidate reads".into())
}

/// The last offset that a place of this entity can have.
fn place_end(entity: &Entity, at: &Location) -> usize {
    match at.space {
        Space::Body => entity.body.len(),
        Space::Header(index) => entity.headers.get(index).map_or(0, |field| field.name.len() + 2 + field.value.len()),
        #[allow(
            unreachable_patterns,
            reason = "the type is open to users outside the crate, and this file is also inside it"
        )]
        _ => usize::MAX,
    }
}

fn decode(codec: &dyn Codec, entity: &Entity) -> Result<Decoded, String> {
    codec.decode(entity).map_err(|error| format!("{error}\n{}", String::from_utf8_lossy(&entity.to_http())))
}

fn wire(encoded: &Encoded) -> String {
    String::from_utf8_lossy(&encoded.entity.to_http()).into_owned()
}

/// No path of an account is another's, or stands above it.
fn disjoint(losses: &[Loss]) -> Law {
    let paths: Vec<&str> = losses.iter().map(|loss| loss.path.as_str()).collect();
    for (index, path) in paths.iter().enumerate() {
        for other in paths.iter().skip(index + 1) {
            let above = |a: &str, b: &str| {
                b.strip_prefix(a).is_some_and(|rest| rest.starts_with(['.', '[']) || rest.is_empty())
            };
            check(!above(path, other) && !above(other, path), || format!("{path} and {other} overlap"))?;
        }
    }
    Ok(())
}

/// The kind of violation that announces a surprise on our own output: it is the same fact, seen from the other side.
fn announces(violation: &Violation, kind: DeviationKind) -> bool {
    match kind {
        DeviationKind::ElementMissing => violation.kind == ViolationKind::Missing,
        DeviationKind::ValueUnreadable | DeviationKind::ValueNotEnumerated => {
            matches!(violation.kind, ViolationKind::BadFormat { .. })
        }
        DeviationKind::ContentIdDuplicate => violation.path.ends_with("_id") || violation.path == "content.href",
        DeviationKind::ExpiryFar => violation.path == "expiry",
        DeviationKind::ElementRepeated => matches!(violation.kind, ViolationKind::TooMany { .. }),
        _ => false,
    }
}

fn announced(decoded: &Decoded, violations: &[Violation], quirks: QuirkSet, encoded: &Encoded) -> Law {
    let mut surprises: BTreeSet<DeviationKind> = decoded.surprises().map(|deviation| deviation.kind).collect();
    surprises.retain(|&kind| quirks.contains(kind) || !violations.iter().any(|violation| announces(violation, kind)));
    let written: BTreeSet<DeviationKind> = quirks.iter().collect();
    check(surprises == written, || format!("surprises {surprises:?}, quirks {written:?}\n{}", wire(encoded)))
}
