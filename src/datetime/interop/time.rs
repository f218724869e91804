//! `time`: `OffsetDateTime` and `Duration`.

use ::time::{Date, Month, OffsetDateTime, Time, UtcOffset};

use super::{TimestampError, date_time, duration, length, timestamp};
use crate::{DateTime, Duration};

/// The same date, time and offset. Feature `time`.
///
/// ```
/// use time::OffsetDateTime;
/// use tongsa::{DateTime, Timestamp, TimestampError};
///
/// let sent = Timestamp::parse("목, 1 8월 2024 09:30:00 +0900").ok_or("empty")?;
/// let there = OffsetDateTime::try_from(&sent)?;
/// assert_eq!((there.hour(), there.offset().whole_hours()), (9, 9));
/// assert_eq!(Timestamp::try_from(there + time::Duration::WEEK)?.to_string(), "2024-08-08T09:30:00+09:00");
///
/// let week = Timestamp::parse("P7D").ok_or("empty")?;
/// assert_eq!(time::Duration::try_from(&week)?, time::Duration::WEEK);
/// assert_eq!(OffsetDateTime::try_from(&week), Err(TimestampError::IsDuration));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl From<DateTime> for OffsetDateTime {
    fn from(value: DateTime) -> Self {
        let build = || {
            let month = Month::try_from(value.month())?;
            let date = Date::from_calendar_date(value.year().into(), month, value.day())?;
            let time = Time::from_hms_nano(value.hour(), value.minute(), value.second(), value.nanosecond())?;
            let offset = UtcOffset::from_whole_seconds(i32::from(value.offset().minutes()) * 60)?;
            Ok::<_, ::time::error::ComponentRange>(Self::new_in_offset(date, time, offset))
        };
        build().expect("time has the same calendar, up to the year 9999, and offsets of a day")
    }
}

/// The same date, time and offset; an offset of 0 is `Z`. Feature `time`.
///
/// Fails for a year outside 1 to 9999, and an offset that is not in whole minutes or more than 14 hours.
impl TryFrom<OffsetDateTime> for DateTime {
    type Error = TimestampError;

    fn try_from(value: OffsetDateTime) -> Result<Self, TimestampError> {
        let (year, month, day) = value.to_calendar_date();
        let (hour, minute, second, nanosecond) = value.to_hms_nano();
        date_time(year, [month.into(), day, hour, minute, second], nanosecond, value.offset().whole_seconds())
    }
}

/// The same length. Feature `time`. Fails for years and months.
impl TryFrom<Duration> for ::time::Duration {
    type Error = TimestampError;

    fn try_from(value: Duration) -> Result<Self, TimestampError> {
        let (seconds, nanoseconds) = length(value)?;
        Ok(Self::new(seconds, nanoseconds))
    }
}

/// The same length, in days of 24 hours, hours, minutes and seconds. Feature `time`.
///
/// Fails for more days than a `u32` counts.
impl TryFrom<::time::Duration> for Duration {
    type Error = TimestampError;

    fn try_from(value: ::time::Duration) -> Result<Self, TimestampError> {
        duration(value.whole_seconds(), value.subsec_nanoseconds())
    }
}

timestamp! { "time":
    DateTime as OffsetDateTime,
    Duration as ::time::Duration,
}
