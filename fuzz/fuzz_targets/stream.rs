//! `.http` files, read from elements as they come and from the tree. The law is in `src/laws.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| tongsa::laws::stream_target(input));
