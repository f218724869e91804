//! `chrono`: `DateTime<FixedOffset>` and `TimeDelta`.

use ::chrono::{Datelike as _, FixedOffset, NaiveDate, TimeDelta, Timelike as _};

use super::{TimestampError, date_time, duration, length, timestamp};
use crate::{DateTime, Duration};

/// The same date, time and offset. Feature `chrono`.
///
/// ```
/// use chrono::{FixedOffset, TimeDelta};
/// use tongsa::{DateTime, Timestamp, TimestampError};
///
/// let sent = Timestamp::parse("목, 1 8월 2024 09:30:00 +0900").ok_or("empty")?;
/// let there = chrono::DateTime::<FixedOffset>::try_from(&sent)?;
/// assert_eq!(there.to_string(), "2024-08-01 09:30:00 +09:00");
/// assert_eq!(Timestamp::try_from(there + TimeDelta::days(7))?.to_string(), "2024-08-08T09:30:00+09:00");
///
/// let week = Timestamp::parse("P7D").ok_or("empty")?;
/// assert_eq!(TimeDelta::try_from(&week)?, TimeDelta::days(7));
/// assert_eq!(chrono::DateTime::<FixedOffset>::try_from(&week), Err(TimestampError::IsDuration));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl From<DateTime> for ::chrono::DateTime<FixedOffset> {
    fn from(value: DateTime) -> Self {
        let offset = FixedOffset::east_opt(i32::from(value.offset().minutes()) * 60);
        let date = NaiveDate::from_ymd_opt(value.year().into(), value.month().into(), value.day().into());
        let [hour, minute, second] = [value.hour(), value.minute(), value.second()].map(u32::from);
        let local = date.and_then(|date| date.and_hms_nano_opt(hour, minute, second, value.nanosecond()));
        let value = local.zip(offset).and_then(|(local, offset)| local.and_local_timezone(offset).single());
        value.expect("chrono has the same calendar, 262,000 years of it, and offsets of a day")
    }
}

/// The same date, time and offset; an offset of 0 is `Z`. Feature `chrono`.
///
/// Fails for a year outside 1 to 9999, an offset that is not in whole minutes or more than 14 hours, and a leap second.
impl TryFrom<::chrono::DateTime<FixedOffset>> for DateTime {
    type Error = TimestampError;

    fn try_from(value: ::chrono::DateTime<FixedOffset>) -> Result<Self, TimestampError> {
        let local = value.naive_local();
        let small = [local.month(), local.day(), local.hour(), local.minute(), local.second()];
        // None is above 59.
        let small = small.map(|part| u8::try_from(part).unwrap_or(u8::MAX));
        date_time(local.year(), small, local.nanosecond(), value.offset().local_minus_utc())
    }
}

/// The same length. Feature `chrono`. Fails for years and months.
impl TryFrom<Duration> for TimeDelta {
    type Error = TimestampError;

    fn try_from(value: Duration) -> Result<Self, TimestampError> {
        let (seconds, nanoseconds) = length(value)?;
        let whole = Self::try_seconds(seconds);
        let delta = whole.and_then(|whole| whole.checked_add(&Self::nanoseconds(nanoseconds.into())));
        delta.ok_or(TimestampError::Range("chrono::TimeDelta"))
    }
}

/// The same length, in days of 24 hours, hours, minutes and seconds. Feature `chrono`.
///
/// Fails for more days than a `u32` counts.
impl TryFrom<TimeDelta> for Duration {
    type Error = TimestampError;

    fn try_from(value: TimeDelta) -> Result<Self, TimestampError> {
        duration(value.num_seconds(), value.subsec_nanos())
    }
}

timestamp! { "chrono":
    DateTime as ::chrono::DateTime<FixedOffset>,
    Duration as TimeDelta,
}
