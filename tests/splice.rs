//! Two vectors spliced: the head of one up to a border, the tail of another from a border.
//!
//! A border is where a delimiter line begins or ends, where a header block ends, where the root element begins or ends,
//! and where the file's head ends. Each vector is spliced with a few others, spread over its own and the other carriers;
//! one pair of borders in sixteen is taken. `TONGSA_EVERY_SPLICE=1 cargo test --release --test splice` takes more vectors
//! and every pair, and holds the whole law of the harness.
//!
//! No reader panics, and every error lies inside. Where the head is cut before its outermost close delimiter and the tail
//! has another boundary, the splice is an error, or has a surprise that the head has not, or says what one of the two
//! vectors says: never a third thing without a word. Of one boundary, or of none, a splice at matching borders is a
//! well-formed message that nobody can tell from an original; there is no more to hold then.
#![cfg(feature = "serde")]

mod harness;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::thread;

use bytes::Bytes;
use tongsa::{Codec, Config, DeviationKind, Entity, Limits, Message, Tolerance};

struct Vector {
    name: String,
    carrier: tongsa::Carrier,
    entity: Entity,
    borders: BTreeSet<usize>,
    boundary: Option<Vec<u8>>,
    /// What it says, and its surprises; none for a broken one.
    read: Option<(Message, BTreeSet<DeviationKind>)>,
    /// Where the outermost close delimiter ends, or the root's end tag in bare XML.
    end: usize,
}

impl Vector {
    fn new(path: &PathBuf) -> Option<Self> {
        let (carrier, name) = harness::carrier_of(path);
        let file = fs::read(path).expect("a readable file");
        let entity = Entity::parse_http(Bytes::from(file), &Limits::default()).ok()?.entity;
        let decoded = lenient(carrier).decode(&entity).ok();
        let read = decoded.map(|decoded| {
            let surprises = decoded.surprises().map(|found| found.kind).collect();
            (decoded.message, surprises)
        });
        let boundary = harness::boundary(&entity).map(<[u8]>::to_vec);
        let borders = borders(&entity.body);
        let end = harness::end(&entity).unwrap_or(usize::MAX);
        Some(Self { name: format!("{carrier}/{name}"), carrier, entity, borders, boundary, read, end })
    }
}

fn lenient(carrier: tongsa::Carrier) -> Box<dyn Codec> {
    carrier.codec(Config { tolerance: Tolerance::Lenient, ..Config::default() })
}

/// The borders of a body; its head is no part of it, so 0 is one.
fn borders(body: &[u8]) -> BTreeSet<usize> {
    let mut found = BTreeSet::from([0, body.len()]);
    let mut at = 0;
    for line in body.split_inclusive(|&byte| byte == b'\n') {
        if line.starts_with(b"--") {
            found.extend([at, at + line.len()]);
        } else if line.trim_ascii().is_empty() {
            found.insert(at + line.len());
        }
        at += line.len();
    }
    for (tag, behind) in [(&b"Envelope"[..], false), (b"Envelope>", true)] {
        for place in memchr::memmem::find_iter(body, tag) {
            let open = memchr::memrchr(b'<', &body[..place]).unwrap_or(0);
            found.insert(if behind { place + tag.len() } else { open });
        }
    }
    found
}

/// The vectors to splice one with: some of the same carrier and some of the others, spread evenly.
fn partners(index: usize, count: usize, every: bool) -> impl Iterator<Item = usize> {
    let step = if every { 7 } else { 61 };
    (1..).map(move |nth| nth * step).take_while(move |&ahead| ahead < count).map(move |ahead| (index + ahead) % count)
}

#[test]
fn a_splice_is_an_error_or_a_surprise_or_whole() {
    let every = std::env::var_os("TONGSA_EVERY_SPLICE").is_some();
    let vectors: Vec<Vector> = harness::vectors().iter().filter_map(Vector::new).collect();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (count, wrong): (usize, Vec<String>) = thread::scope(|scope| {
        let share = |first: usize| {
            let (mut count, mut wrong) = (0, Vec::new());
            for index in (first..vectors.len()).step_by(threads) {
                for other in partners(index, vectors.len(), every) {
                    let (head, tail) = (&vectors[index], &vectors[other]);
                    for (nth, &cut) in head.borders.iter().enumerate() {
                        for (mth, &from) in tail.borders.iter().enumerate() {
                            if !every && (nth * 5 + mth + index) % 16 != 0 {
                                continue;
                            }
                            count += 1;
                            if let Err(error) = check(head, cut, tail, from, every) {
                                wrong.push(format!("{} to {cut}, {} from {from}: {error}", head.name, tail.name));
                            }
                        }
                    }
                }
            }
            (count, wrong)
        };
        let workers: Vec<_> = (0..threads).map(|first| scope.spawn(move || share(first))).collect();
        let shares = workers.into_iter().map(|worker| worker.join().expect("no panic"));
        shares.fold((0, Vec::new()), |(count, mut wrong), (more, found)| {
            wrong.extend(found);
            (count + more, wrong)
        })
    });
    println!("{count} splices");
    assert!(count > 10_000, "{count} splices");
    assert!(wrong.is_empty(), "{} wrong of {count}\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

/// Holds the law against the head of one vector, with its header fields, and the tail of another.
fn check(head: &Vector, cut: usize, tail: &Vector, from: usize, every: bool) -> harness::Law {
    let body = [&head.entity.body[..cut], &tail.entity.body[from..]].concat();
    let entity = Entity { body: body.into(), ..head.entity.clone() };
    if every {
        harness::survives(&|config| head.carrier.codec(config), &entity)?;
    }
    let decoded = match lenient(head.carrier).decode(&entity) {
        Err(error) if error.at().offset <= entity.body.len().max(8192) => return Ok(()),
        Err(error) => return Err(format!("{error} lies outside")),
        Ok(decoded) => decoded,
    };
    // What is missing at the end is news here, even where the head had no end of its own.
    let known = |kind: DeviationKind| {
        kind != DeviationKind::CloseDelimiterMissing
            && head.read.as_ref().is_some_and(|(_, kinds)| kinds.contains(&kind))
    };
    let length = DeviationKind::ContentLengthMismatch;
    if decoded.surprises().any(|found| found.kind != length && !known(found.kind)) {
        return Ok(());
    }
    let says = |vector: &Vector| vector.read.as_ref().is_some_and(|(message, _)| *message == decoded.message);
    if says(head) || says(tail) {
        return Ok(());
    }
    // What is cut off before its end and goes on with delimiters of another boundary cannot be clean.
    if head.boundary.is_some() && head.boundary != tail.boundary && cut < head.end {
        return Err(format!("clean, and neither: {}", serde_json::to_string(&decoded.message).unwrap_or_default()));
    }
    Ok(())
}
