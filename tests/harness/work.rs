//! How long the work on an input takes, told so that other work on the machine does not count, and whether that grows as
//! the input does.

#![allow(dead_code, reason = "each user takes its part")]

use std::time::{Duration, Instant};
use std::{fs, thread};

/// The time that this thread has run, where the system says so.
fn ran() -> Option<Duration> {
    // A call of the system brings its account up to date.
    thread::yield_now();
    let account = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = account.split(' ').next()?.parse().ok()?;
    (nanoseconds > 0).then(|| Duration::from_nanos(nanoseconds))
}

/// How long this thread worked, by its own time, or by the clock's where the system does not tell; and what it made.
pub fn spent<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let (clock, before) = (Instant::now(), ran());
    let made = work();
    let own = ran().zip(before).map(|(after, before)| after.saturating_sub(before));
    (own.unwrap_or_else(|| clock.elapsed()), made)
}

/// Work on eight times as much takes eight times as long, and up to three times that where it no longer fits the caches.
/// What is quadratic takes 64 times as long.
pub const LINEAR: f64 = 24.0;

/// How many times as long work on eight times as much takes: the least of a few tries, for whatever disturbs one makes it
/// longer.
pub fn growth(work: impl Fn(usize) -> Duration, size: usize) -> f64 {
    // Less than this cannot be told.
    let least = Duration::from_micros(20);
    let mut growth = f64::INFINITY;
    for _ in 0..5 {
        let (one, eight) = (work(size), work(8 * size));
        growth = growth.min(eight.as_secs_f64() / one.max(least).as_secs_f64());
        if growth <= LINEAR {
            break;
        }
    }
    growth
}
