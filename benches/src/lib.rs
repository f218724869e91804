//! What the benchmarks share: the messages, the rivals, and a clock that compares them in one run.

pub mod rivals;
pub mod rounds;
pub mod samples;
pub mod svg;
