//! The conversions to the types of other crates, a module a feature.

#[cfg(all(feature = "chrono", feature = "jiff", feature = "time"))]
#[path = "interop/agree.rs"]
mod agree;
#[cfg(feature = "chrono")]
#[path = "interop/chrono.rs"]
mod chrono_times;
#[cfg(feature = "http")]
#[path = "interop/http.rs"]
mod http_messages;
#[cfg(feature = "jiff")]
#[path = "interop/jiff.rs"]
mod jiff_times;
#[cfg(feature = "time")]
#[path = "interop/time.rs"]
mod time_times;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
#[path = "interop/times.rs"]
mod times;
