//! `jiff`: `ZonedDateTime`, `Span` and `SignedDuration`.

use ::jiff::tz::{Offset, TimeZone};
use ::jiff::{SignedDuration, Span, ZonedDateTime, civil};

use super::{OURS, TimestampError, date_time, duration, length, timestamp};
use crate::{DateTime, Duration};

/// The same date, time and offset, in a time zone that is that offset. Feature `jiff`.
///
/// Fails for the last days of the year 9999: jiff's instants end on 9999-12-30, 22 hours UTC.
///
/// ```
/// use jiff::{SignedDuration, Span, ToSpan as _, ZonedDateTime};
/// use tongsa::{DateTime, Timestamp, TimestampError};
///
/// let sent = Timestamp::parse("목, 1 8월 2024 09:30:00 +0900").ok_or("empty")?;
/// let there = ZonedDateTime::try_from(&sent)?;
/// assert_eq!(there.to_string(), "2024-08-01T09:30:00+09:00[+09:00]");
/// assert_eq!(Timestamp::try_from(&there + 1.week())?.to_string(), "2024-08-08T09:30:00+09:00");
///
/// let year = Timestamp::parse("P1Y").ok_or("empty")?;
/// assert_eq!(Span::try_from(&year)?.get_years(), 1);
/// assert_eq!(SignedDuration::try_from(&year), Err(TimestampError::NoFixedLength));
/// assert_eq!(ZonedDateTime::try_from(&year), Err(TimestampError::IsDuration));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl TryFrom<DateTime> for ZonedDateTime {
    type Error = TimestampError;

    fn try_from(value: DateTime) -> Result<Self, TimestampError> {
        let [month, day, hour, minute, second] =
            [value.month(), value.day(), value.hour(), value.minute(), value.second()].map(u8::cast_signed);
        let (year, nanosecond) = (value.year().cast_signed(), value.nanosecond().cast_signed());
        let zoned = civil::DateTime::new(year, month, day, hour, minute, second, nanosecond).and_then(|local| {
            let offset = Offset::from_seconds(i32::from(value.offset().minutes()) * 60)?;
            local.to_zoned_datetime(TimeZone::fixed(offset))
        });
        zoned.map_err(|_| TimestampError::Range("jiff::ZonedDateTime"))
    }
}

/// The same date and time, under the offset that the time zone has then; an offset of 0 is `Z`. Feature `jiff`.
///
/// The name of a time zone has no place in a message. Fails for a year outside 1 to 9999, and for an offset that is not
/// in whole minutes or more than 14 hours.
impl TryFrom<ZonedDateTime> for DateTime {
    type Error = TimestampError;

    fn try_from(value: ZonedDateTime) -> Result<Self, TimestampError> {
        let local = value.datetime();
        let small = [local.month(), local.day(), local.hour(), local.minute(), local.second()].map(i8::cast_unsigned);
        let nanosecond = local.subsec_nanosecond().cast_unsigned();
        date_time(local.year().into(), small, nanosecond, value.offset().seconds())
    }
}

/// The same components. Feature `jiff`.
///
/// Fails for a component that is longer than jiff's calendar: 19,998 years.
impl TryFrom<Duration> for Span {
    type Error = TimestampError;

    fn try_from(value: Duration) -> Result<Self, TimestampError> {
        let span = Self::new()
            .try_years(value.years())
            .and_then(|span| span.try_months(value.months()))
            .and_then(|span| span.try_days(value.days()))
            .and_then(|span| span.try_hours(value.hours()))
            .and_then(|span| span.try_minutes(value.minutes()))
            .and_then(|span| span.try_seconds(value.seconds()))
            .and_then(|span| span.try_nanoseconds(value.nanoseconds()))
            .map_err(|_| TimestampError::Range("jiff::Span"))?;
        Ok(if value.is_negative() { span.negate() } else { span })
    }
}

/// The same components; a week is 7 days, and what is shorter than a second is summed. Feature `jiff`.
///
/// Fails for a component that is more than a `u32` counts.
impl TryFrom<Span> for Duration {
    type Error = TimestampError;

    fn try_from(value: Span) -> Result<Self, TimestampError> {
        let small = |count: u64| u32::try_from(count).map_err(|_| OURS);
        // All of one sign, or zero; each far below what an i64 holds, and so are their sums but for the last.
        let months = value.get_months().unsigned_abs();
        let days = u64::from(value.get_weeks().unsigned_abs()) * 7 + u64::from(value.get_days().unsigned_abs());
        let [minutes, seconds, milliseconds, microseconds, nanoseconds] = [
            value.get_minutes(),
            value.get_seconds(),
            value.get_milliseconds(),
            value.get_microseconds(),
            value.get_nanoseconds(),
        ]
        .map(i64::unsigned_abs);
        let microseconds = microseconds + nanoseconds / 1000;
        let milliseconds = milliseconds + microseconds / 1000;
        let seconds = seconds + milliseconds / 1000;
        let nanosecond = (milliseconds % 1000 * 1000 + microseconds % 1000) * 1000 + nanoseconds % 1000;
        let duration = Self::new(
            value.get_years().unsigned_abs().into(),
            months,
            small(days)?,
            value.get_hours().unsigned_abs(),
            small(minutes)?,
            small(seconds)?,
            small(nanosecond)?,
        )
        .ok_or(OURS)?;
        Ok(if value.is_negative() { duration.negated() } else { duration })
    }
}

/// The same length. Feature `jiff`. Fails for years and months; a `Span` keeps them.
impl TryFrom<Duration> for SignedDuration {
    type Error = TimestampError;

    fn try_from(value: Duration) -> Result<Self, TimestampError> {
        let (seconds, nanoseconds) = length(value)?;
        Ok(Self::new(seconds, nanoseconds))
    }
}

/// The same length, in days of 24 hours, hours, minutes and seconds. Feature `jiff`.
///
/// Fails for more days than a `u32` counts.
impl TryFrom<SignedDuration> for Duration {
    type Error = TimestampError;

    fn try_from(value: SignedDuration) -> Result<Self, TimestampError> {
        duration(value.as_secs(), value.subsec_nanos())
    }
}

timestamp! { "jiff":
    DateTime as ZonedDateTime,
    Duration as Span,
    Duration as SignedDuration,
}
