//! Text in every charset, and the times in it. The laws are in `src/laws.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| tongsa::laws::charset_datetime_target(input));
