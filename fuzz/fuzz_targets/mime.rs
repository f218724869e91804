//! Bodies: a length, as many bytes of Content-Type, and then the body. The laws are in `src/laws.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| tongsa::laws::mime_target(input));
