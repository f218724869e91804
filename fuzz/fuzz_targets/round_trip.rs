//! See `tests/harness/targets.rs`: the target is there, so that `cargo test` can replay what it found.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target};

#[path = "../../tests/harness/mod.rs"]
mod harness;
mod mutate;
#[path = "../../tests/harness/targets.rs"]
mod targets;

fuzz_target!(|input: &[u8]| -> Corpus { if targets::round_trip(input) { Corpus::Keep } else { Corpus::Reject } });

fuzz_mutator!(|data: &mut [u8], len: usize, max_len: usize, seed: u32| { mutate::mutate(data, len, max_len, seed) });
