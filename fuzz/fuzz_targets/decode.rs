//! See `tests/harness/targets.rs`: the target is there, so that `cargo test` can replay what it found.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

#[path = "../../tests/harness/mod.rs"]
mod harness;
#[path = "../../tests/harness/targets.rs"]
mod targets;
fuzz_target!(|input: &[u8]| -> Corpus { if targets::decode(input) { Corpus::Keep } else { Corpus::Reject } });
