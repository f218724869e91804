//! How a service is built on [`tongsa`]: a gateway that customers send messages through, and a simulator of the three
//! carriers to try it against.
//!
//! The library decides what the bytes mean; what is left for a service is what stands here: HTTP, routing, accounts,
//! trying again, logs. `services/README.md` shows both at work.
//!
//! * [`gateway`]: canonical JSON in, a carrier's answer out; reports and subscribers' messages in, events out.
//! * [`simulator`]: S, K and L as HTTP servers, which refuse what surprises them.
//! * [`net`]: HTTP, a client and a server, bounded in time and space.
//! * [`json`], [`log`]: what both say of a message, to people and to programs.
//! * [`command`], [`settings`]: the command line and the configuration file.
#![forbid(unsafe_code)]
#![cfg_attr(not(test), warn(unreachable_pub, clippy::unwrap_used, clippy::panic, clippy::unreachable))]

pub mod command;
pub mod gateway;
pub mod json;
pub mod log;
pub mod net;
pub mod settings;
pub mod simulator;

use jiff::tz::{self, TimeZone};
use tongsa::{DateTime, Status, Text};

/// The time, in Korea, in whole seconds. The library has no clock: a service tells it.
pub fn now() -> Option<DateTime> {
    let now = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second()).ok()?;
    DateTime::try_from(now.to_zoned_datetime(TimeZone::fixed(tz::offset(9)))).ok()
}

/// A status of this code and text; a text that no status can hold is left out.
pub fn status(code: u32, text: &str) -> Status {
    let mut status = Status::default();
    status.code = Some(code.into());
    status.text = Text::new(text).ok();
    status
}

/// A lock that a panic elsewhere does not take away: what it guards is whole after every statement.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
