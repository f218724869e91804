//! Times of a message as those of other crates and back, one module a crate.
//!
//! The way of each is the same: [`DateTime`] and [`Duration`] are converted to the types that hold the same, and a
//! [`Timestamp`] is converted as the one that it is.

#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "jiff")]
mod jiff;
#[cfg(feature = "time")]
mod time;

use core::convert::Infallible;

use super::{DateTime, Duration, Timestamp, UtcOffset};

/// Why a time cannot be one of another crate, or one of another crate cannot be a time of a message. Features `chrono`,
/// `jiff` and `time`.
///
/// | here | `chrono` | `jiff` | `time` |
/// |---|---|---|---|
/// | [`DateTime`] | `DateTime<FixedOffset>` | `ZonedDateTime` | `OffsetDateTime` |
/// | [`Duration`] | `TimeDelta` | `Span`, `SignedDuration` | `Duration` |
///
/// A [`Timestamp`] is converted as whichever of the two it is. What is converted there and back is equal, but that
///
/// * these crates do not keep `Z` apart from `+00:00`: what comes back has `Z`;
/// * only a `Span` keeps the components of a duration. From a length, days of 24 hours, hours, minutes and seconds are
///   made anew: `PT36H` comes back as `P1DT12H`, which is as long (XML Schema part 2, 3.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// A text that could not be read; [`Timestamp::raw`] has it.
    #[error("a text that is no time")]
    Raw,
    /// A date-time is asked for, and this is a duration.
    #[error("a duration, where a date-time is asked for")]
    IsDuration,
    /// A duration is asked for, and this is a date-time.
    #[error("a date-time, where a duration is asked for")]
    IsDateTime,
    /// The length of a duration is asked for, and years and months are not all of one length.
    #[error("years and months, which have no fixed length")]
    NoFixedLength,
    /// The year is none that a message can hold: 1 to 9999.
    #[error("the year {0}, outside 1 to 9999")]
    Year(i32),
    /// The offset from UTC, in seconds, is none that a message can hold: whole minutes, 14 hours at most.
    #[error("an offset of {0} seconds, which is not in whole minutes or more than 14 hours")]
    Offset(i32),
    /// A second within a leap second, which no message can hold.
    #[error("a leap second")]
    LeapSecond,
    /// The type that is asked for does not reach so far.
    #[error("outside the range of {0}")]
    Range(&'static str),
}

/// What cannot fail does not.
impl From<Infallible> for TimestampError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

const OURS: TimestampError = TimestampError::Range("tongsa::Duration");

/// The date-time of another crate's components: the year, month to second, nanosecond, seconds east of UTC.
fn date_time(
    year: i32,
    [month, day, hour, minute, second]: [u8; 5],
    nanosecond: u32,
    offset: i32,
) -> Result<DateTime, TimestampError> {
    let offset = match i16::try_from(offset / 60) {
        Ok(0) if offset == 0 => UtcOffset::Z,
        Ok(minutes @ -840..=840) if offset % 60 == 0 => UtcOffset::Minutes(minutes),
        _ => return Err(TimestampError::Offset(offset)),
    };
    let Ok(year @ 1..=9999) = u16::try_from(year) else { return Err(TimestampError::Year(year)) };
    // The calendars are the same, so nothing else is left to refuse.
    DateTime::new(year, month, day, hour, minute, second, nanosecond, offset).ok_or(TimestampError::LeapSecond)
}

/// How long it is: seconds and nanoseconds, both of its sign.
fn length(duration: Duration) -> Result<(i64, i32), TimestampError> {
    if duration.years() != 0 || duration.months() != 0 {
        return Err(TimestampError::NoFixedLength);
    }
    let hours = i64::from(duration.days()) * 24 + i64::from(duration.hours());
    let minutes = hours * 60 + i64::from(duration.minutes());
    let seconds = minutes * 60 + i64::from(duration.seconds());
    let sign = if duration.is_negative() { -1 } else { 1 };
    Ok((seconds * i64::from(sign), duration.nanoseconds().cast_signed() * sign))
}

/// The duration of a length in seconds and nanoseconds of the same sign.
fn duration(seconds: i64, nanoseconds: i32) -> Result<Duration, TimestampError> {
    let small = |seconds: u64| u32::try_from(seconds).map_err(|_| OURS);
    let whole = seconds.unsigned_abs();
    let (days, hours, minutes) = (small(whole / 86_400)?, small(whole / 3600 % 24)?, small(whole / 60 % 60)?);
    let duration = Duration::new(0, 0, days, hours, minutes, small(whole % 60)?, nanoseconds.unsigned_abs());
    let duration = duration.ok_or(OURS)?;
    Ok(if seconds < 0 || nanoseconds < 0 { duration.negated() } else { duration })
}

/// What a [`Timestamp`] may be.
trait Kind: Sized {
    fn of(time: &Timestamp) -> Result<Self, TimestampError>;
}

impl Kind for DateTime {
    fn of(time: &Timestamp) -> Result<Self, TimestampError> {
        let other = if time.duration().is_some() { TimestampError::IsDuration } else { TimestampError::Raw };
        time.date_time().ok_or(other)
    }
}

impl Kind for Duration {
    fn of(time: &Timestamp) -> Result<Self, TimestampError> {
        let other = if time.date_time().is_some() { TimestampError::IsDateTime } else { TimestampError::Raw };
        time.duration().ok_or(other)
    }
}

/// The conversion of one kind, whether it can fail or not.
fn convert<A, B: TryFrom<A>>(value: A) -> Result<B, TimestampError>
where
    TimestampError: From<B::Error>,
{
    Ok(value.try_into()?)
}

/// A [`Timestamp`] from and to what one of its kinds is converted from and to.
macro_rules! timestamp {
    ($feature:literal: $($kind:ident as $there:ty,)*) => { $(
        #[doc = concat!("Of a timestamp that is a `", stringify!($kind), "`. Feature `", $feature, "`.")]
        impl TryFrom<&crate::Timestamp> for $there {
            type Error = crate::TimestampError;

            fn try_from(time: &crate::Timestamp) -> Result<Self, crate::TimestampError> {
                super::convert(<crate::$kind as super::Kind>::of(time)?)
            }
        }

        #[doc = concat!("As a `", stringify!($kind), "`. Feature `", $feature, "`.")]
        impl TryFrom<$there> for crate::Timestamp {
            type Error = crate::TimestampError;

            fn try_from(value: $there) -> Result<Self, crate::TimestampError> {
                super::convert::<_, crate::$kind>(value).map(Self::from)
            }
        }
    )* };
}
use timestamp;
