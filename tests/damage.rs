//! Every byte of every vector flipped: a value or an error, never a panic.
//!
//! One bit a byte by default; `TONGSA_EVERY_BIT=1 cargo test --release --test damage` flips all eight, and holds the
//! whole law of the harness against each.
#![cfg(feature = "serde")]

mod harness;

use std::fs;
use std::path::Path;
use std::thread;

use bytes::Bytes;
use tongsa::{Config, Entity, Limits, Tolerance};

#[test]
fn survives_every_flipped_byte() {
    let vectors = harness::vectors();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let count: usize = thread::scope(|scope| {
        let share = |first: usize| vectors.iter().skip(first).step_by(threads).map(|path| flip(path)).sum::<usize>();
        let workers: Vec<_> = (0..threads).map(|first| scope.spawn(move || share(first))).collect();
        workers.into_iter().map(|worker| worker.join().expect("no panic")).sum()
    });
    assert!(count > 100_000, "{count} damaged inputs");
}

/// Flips the bytes of one vector, one after the other; how many inputs that gave.
fn flip(path: &Path) -> usize {
    let every_bit = std::env::var_os("TONGSA_EVERY_BIT").is_some();
    let mut count = 0;
    let (carrier, _) = harness::carrier_of(path);
    let codecs = |config: Config| carrier.codec(config);
    let lenient = codecs(Config { tolerance: Tolerance::Lenient, ..Config::default() });
    let bytes = fs::read(path).expect("a readable file");
    for index in 0..bytes.len() {
        let bits = if every_bit { 0..8 } else { index % 8..index % 8 + 1 };
        for bit in bits {
            let mut damaged = bytes.clone();
            damaged[index] ^= 1 << bit;
            let Ok(file) = Entity::parse_http(Bytes::from(damaged), &Limits::default()) else { continue };
            count += 1;
            if every_bit {
                harness::survives(&codecs, &file.entity)
                    .unwrap_or_else(|error| panic!("{} byte {index} bit {bit}: {error}", path.display()));
            } else if let Err(error) = lenient.decode(&file.entity) {
                assert!(error.at().offset <= file.entity.body.len(), "{}: {error}", path.display());
            }
        }
    }
    count
}
