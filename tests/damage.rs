//! Every byte of every vector flipped: a value or an error, never a panic.
//!
//! One bit a byte by default; `TONGSA_EVERY_BIT=1 cargo test --release --test damage` flips all eight, and holds the
//! whole law of the harness against each.
#![cfg(feature = "serde")]

mod harness;

use std::fs;
use std::path::Path;

use bytes::Bytes;
use harness::l;
use tongsa::{Codec, Config, Entity, L, Limits, Tolerance};

fn vectors(folder: &Path, check: &mut impl FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(folder).expect("the vectors are in the repository") {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            vectors(&path, check);
        } else if path.extension().is_some_and(|extension| extension == "http") {
            check(&path, &fs::read(&path).expect("a readable file"));
        }
    }
}

#[test]
fn survives_every_flipped_byte() {
    let every_bit = std::env::var_os("TONGSA_EVERY_BIT").is_some();
    let lenient = L::new(Config { tolerance: Tolerance::Lenient, ..Config::default() });
    let mut count = 0;
    vectors(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors"), &mut |path, bytes| {
        for index in 0..bytes.len() {
            let bits = if every_bit { 0..8 } else { index % 8..index % 8 + 1 };
            for bit in bits {
                let mut damaged = bytes.to_vec();
                damaged[index] ^= 1 << bit;
                let Ok(file) = Entity::parse_http(Bytes::from(damaged), &Limits::default()) else { continue };
                count += 1;
                if every_bit {
                    harness::survives(&l, &file.entity)
                        .unwrap_or_else(|error| panic!("{} byte {index} bit {bit}: {error}", path.display()));
                } else if let Err(error) = lenient.decode(&file.entity) {
                    assert!(error.at().offset <= file.entity.body.len(), "{}: {error}", path.display());
                }
            }
        }
    });
    assert!(count > 100_000, "{count} damaged inputs");
}
