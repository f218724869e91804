//! What the three crates of times have in common.

use proptest::prelude::*;
use tongsa::{DateTime, Duration, Timestamp, TimestampError, UtcOffset};

/// Any date-time; the ends of the calendar come up often.
pub fn date_time() -> impl Strategy<Value = DateTime> {
    let year = prop_oneof![4 => 1900_u16..2100, 2 => 1_u16..=9999, 1 => Just(1_u16), 1 => Just(9999_u16)];
    let nanosecond = prop_oneof![Just(0_u32), 0_u32..1_000_000_000, Just(999_999_999)];
    let minutes = prop_oneof![-840_i16..=840, Just(-840_i16), Just(840), Just(540)];
    let offset = prop_oneof![1 => Just(UtcOffset::Z), 3 => minutes.prop_map(UtcOffset::Minutes)];
    (year, 1_u8..=12, 1_u8..=31, 0_u8..24, 0_u8..60, 0_u8..60, nanosecond, offset).prop_filter_map(
        "no such day",
        |(year, month, day, hour, minute, second, nanosecond, offset)| {
            DateTime::new(year, month, day, hour, minute, second, nanosecond, offset)
        },
    )
}

/// Any duration.
pub fn duration() -> impl Strategy<Value = Duration> {
    let part = || prop_oneof![3 => Just(0_u32), 3 => 0_u32..100, 1 => any::<u32>(), 1 => Just(u32::MAX)];
    let nanoseconds = prop_oneof![Just(0_u32), 0_u32..1_000_000_000];
    (any::<bool>(), [part(), part(), part(), part(), part(), part()], nanoseconds).prop_filter_map(
        "always valid",
        |(negative, [years, months, days, hours, minutes, seconds], nanoseconds)| {
            let value = Duration::new(years, months, days, hours, minutes, seconds, nanoseconds)?;
            Some(if negative { value.negated() } else { value })
        },
    )
}

/// What comes back of a date-time: no crate keeps `+00:00` apart from `Z`.
pub fn with_z(value: DateTime) -> DateTime {
    let offset = if value.offset().minutes() == 0 { UtcOffset::Z } else { value.offset() };
    value.with_offset(offset).expect("the same offset")
}

/// The same length in days, hours, minutes and seconds; `None` where it has none, or more days than a u32 counts.
pub fn balanced(value: Duration) -> Option<Duration> {
    if value.years() != 0 || value.months() != 0 {
        return None;
    }
    let [days, hours, minutes, seconds] =
        [value.days(), value.hours(), value.minutes(), value.seconds()].map(u64::from);
    let whole = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
    let small = |count: u64| u32::try_from(count).ok();
    let (days, hours) = (small(whole / 86_400)?, small(whole / 3600 % 24)?);
    let (minutes, seconds) = (small(whole / 60 % 60)?, small(whole % 60)?);
    let balanced = Duration::new(0, 0, days, hours, minutes, seconds, value.nanoseconds())?;
    Some(if value.is_negative() { balanced.negated() } else { balanced })
}

pub fn parse(text: &str) -> Timestamp {
    Timestamp::parse(text).expect(text)
}

/// That a crate's date-times and lengths refuse what is neither, and each the other.
pub fn refuses_other_kinds<D, L>()
where
    D: for<'t> TryFrom<&'t Timestamp, Error = TimestampError> + std::fmt::Debug,
    L: for<'t> TryFrom<&'t Timestamp, Error = TimestampError> + std::fmt::Debug,
{
    let date_time = |text| D::try_from(&parse(text)).map(|_| ());
    let length = |text| L::try_from(&parse(text)).map(|_| ());
    assert_eq!(date_time("soon"), Err(TimestampError::Raw));
    assert_eq!(length("soon"), Err(TimestampError::Raw));
    assert_eq!(date_time("P7D"), Err(TimestampError::IsDuration));
    assert_eq!(length("20240801093000"), Err(TimestampError::IsDateTime));
    assert_eq!((date_time("20240801093000"), length("P7D")), (Ok(()), Ok(())));
}

/// That a crate's lengths keep a duration that has a length, and no other, by itself and as a timestamp.
pub fn keeps_length<L>(value: Duration) -> Result<(), TestCaseError>
where
    L: TryFrom<Duration, Error = TimestampError> + Copy + std::fmt::Debug + PartialEq,
    L: for<'t> TryFrom<&'t Timestamp, Error = TimestampError>,
    Duration: TryFrom<L>,
    Timestamp: TryFrom<L>,
{
    let there = L::try_from(value);
    prop_assert_eq!(there.is_ok(), value.years() == 0 && value.months() == 0);
    if let Ok(there) = there {
        prop_assert_eq!(Duration::try_from(there).ok(), balanced(value));
        prop_assert_eq!(L::try_from(&Timestamp::from(value)), Ok(there));
        prop_assert_eq!(Timestamp::try_from(there).ok(), balanced(value).map(Timestamp::from));
    }
    Ok(())
}

/// That a crate's own length comes back, if its days can be counted.
pub fn keeps_own_length<L>(there: L) -> Result<(), TestCaseError>
where
    L: TryFrom<Duration, Error = TimestampError> + Copy + std::fmt::Debug + PartialEq,
    Duration: TryFrom<L, Error = TimestampError>,
{
    let value = Duration::try_from(there).expect("few enough days");
    prop_assert_eq!(L::try_from(value), Ok(there));
    Ok(())
}
