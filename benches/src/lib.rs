//! What the benchmarks share: the messages, the rivals, a clock that compares them in one run, and what is made of its times.

pub mod fit;
pub mod rivals;
pub mod rounds;
pub mod samples;
pub mod svg;
