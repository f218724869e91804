//! The civil date-time with its offset, and the calendar behind it.

use core::fmt;

use super::line::Line;

/// Offset from UTC. `Z` is kept apart from `+00:00`.
///
/// ```
/// use tongsa::UtcOffset;
/// assert_eq!(UtcOffset::KST.minutes(), 540);
/// assert_eq!(UtcOffset::Z.minutes(), UtcOffset::Minutes(0).minutes());
/// assert_ne!(UtcOffset::Z, UtcOffset::Minutes(0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UtcOffset {
    /// `Z`: UTC.
    Z,
    /// Minutes east of UTC. A [`DateTime`] holds −840 to 840 only, as xs:dateTime does.
    Minutes(i16),
}

impl UtcOffset {
    /// Korea, +09:00: where a carrier's date without an offset is read.
    pub const KST: Self = Self::Minutes(9 * 60);

    /// XML Schema part 2, 3.2.7.3: a time zone is at most fourteen hours away.
    const MAX_MINUTES: i16 = 14 * 60;

    /// Minutes east of UTC; 0 for `Z`.
    pub const fn minutes(self) -> i16 {
        match self {
            Self::Z => 0,
            Self::Minutes(minutes) => minutes,
        }
    }

    /// Whether xs:dateTime can say it.
    fn is_valid(self) -> bool {
        (-Self::MAX_MINUTES..=Self::MAX_MINUTES).contains(&self.minutes())
    }
}

/// A civil date-time with its offset from UTC, years 1 to 9999.
///
/// Two are equal if all their components are: the same instant under another offset is another value.
///
/// ```
/// use tongsa::{DateTime, UtcOffset};
/// let seoul = DateTime::new(2024, 8, 1, 9, 30, 0, 500_000_000, UtcOffset::KST).ok_or("no such date")?;
/// assert_eq!(seoul.to_string(), "2024-08-01T09:30:00.5+09:00");
///
/// let utc = seoul.with_offset(UtcOffset::Z).ok_or("beyond the calendar")?;
/// assert_eq!(utc.to_string(), "2024-08-01T00:30:00.5Z");
/// assert_eq!(utc.unix_seconds(), seoul.unix_seconds());
/// assert_ne!(utc, seoul);
///
/// assert_eq!(DateTime::new(2023, 2, 29, 0, 0, 0, 0, UtcOffset::Z), None);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    nanosecond: u32,
    offset: UtcOffset,
}

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

impl DateTime {
    /// The date-time of these components, if there is one.
    ///
    /// Year 1 to 9999, a day that the month has, hour 0 to 23, minute and second 0 to 59 (no leap second),
    /// nanosecond below 1,000,000,000, offset −14:00 to +14:00.
    #[expect(clippy::too_many_arguments, reason = "one a component, in the order they are written")]
    pub fn new(
        year: u16,
        month: u8,
        day: u8,
        hour: u8,
        minute: u8,
        second: u8,
        nanosecond: u32,
        offset: UtcOffset,
    ) -> Option<Self> {
        let valid = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60
            && nanosecond < 1_000_000_000
            && offset.is_valid();
        valid.then_some(Self { year, month, day, hour, minute, second, nanosecond, offset })
    }

    /// The year, 1 to 9999.
    pub const fn year(&self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(&self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    pub const fn day(&self) -> u8 {
        self.day
    }

    /// The hour, 0 to 23.
    pub const fn hour(&self) -> u8 {
        self.hour
    }

    /// The minute, 0 to 59.
    pub const fn minute(&self) -> u8 {
        self.minute
    }

    /// The second, 0 to 59.
    pub const fn second(&self) -> u8 {
        self.second
    }

    /// The nanosecond, 0 to 999,999,999.
    pub const fn nanosecond(&self) -> u32 {
        self.nanosecond
    }

    /// The offset from UTC.
    pub const fn offset(&self) -> UtcOffset {
        self.offset
    }

    /// The day of the week as ISO 8601 counts: 1 is Monday, 7 is Sunday.
    pub fn weekday(&self) -> u8 {
        // Day 0 of the Unix epoch was a Thursday.
        let from_monday = (self.days() + 3).rem_euclid(7);
        u8::try_from(from_monday + 1).unwrap_or(7)
    }

    /// Whole seconds since 1970-01-01T00:00:00Z; negative before.
    pub fn unix_seconds(&self) -> i64 {
        self.local_seconds() - i64::from(self.offset.minutes()) * 60
    }

    /// The same instant under another offset.
    ///
    /// `None` if the offset is invalid, or if the date there is not in the years 1 to 9999.
    pub fn with_offset(&self, offset: UtcOffset) -> Option<Self> {
        let local = self.unix_seconds() + i64::from(offset.minutes()) * 60;
        Self::from_local_seconds(local, self.nanosecond, offset)
    }

    /// The same time of day on a 12-hour clock, in the half of the day that is nearer to `other`; as it stands where both
    /// are as near.
    pub(crate) fn nearer_half(&self, other: &Self) -> Self {
        let distance = |time: &Self| (time.unix_seconds() - other.unix_seconds()).unsigned_abs();
        let twelve = self.other_half();
        if distance(&twelve) < distance(self) { twelve } else { *self }
    }

    /// Twelve hours earlier or later, on the same day.
    pub(crate) const fn other_half(&self) -> Self {
        Self { hour: (self.hour + 12) % 24, ..*self }
    }

    /// This date-time to the whole second, the rest cut off.
    pub(super) const fn whole_second(self) -> Self {
        Self { nanosecond: 0, ..self }
    }

    /// The same time of the next day.
    pub(super) fn next_day(&self) -> Option<Self> {
        Self::from_local_seconds(self.local_seconds() + SECONDS_A_DAY, self.nanosecond, self.offset)
    }

    /// Days since 1970-01-01 of the local calendar.
    fn days(&self) -> i64 {
        days_from_civil(self.year, self.month, self.day)
    }

    /// Seconds since 1970-01-01T00:00:00 on the local clock.
    fn local_seconds(&self) -> i64 {
        let time = (i64::from(self.hour) * 60 + i64::from(self.minute)) * 60 + i64::from(self.second);
        self.days() * SECONDS_A_DAY + time
    }

    /// The inverse of [`local_seconds`](Self::local_seconds).
    fn from_local_seconds(seconds: i64, nanosecond: u32, offset: UtcOffset) -> Option<Self> {
        let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_A_DAY))?;
        let time = seconds.rem_euclid(SECONDS_A_DAY);
        let hour = u8::try_from(time / 3600).ok()?;
        let minute = u8::try_from(time / 60 % 60).ok()?;
        let second = u8::try_from(time % 60).ok()?;
        Self::new(year, month, day, hour, minute, second, nanosecond, offset)
    }
}

/// RFC 3339: the fraction has the digits it needs, `Z` stays `Z`.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = Line::EMPTY;
        super::write::rfc3339(&mut line, self);
        f.write_str(line.as_str())
    }
}

/// As `Display`.
impl fmt::Debug for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Days of a month of the proleptic Gregorian calendar; 0 for a month that is none.
const fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

// Years are counted from March in the two functions below, so that the leap day ends a year, and in eras of
// 400 years, each of 146,097 days.

const DAYS_AN_ERA: i64 = 146_097;

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAYS: i64 = 719_468;

/// Days since 1970-01-01.
fn days_from_civil(year: u16, month: u8, day: u8) -> i64 {
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let march_year = year - i64::from(month <= 2);
    let march_month = (month + 9) % 12;
    let (era, year_of_era) = (march_year.div_euclid(400), march_year.rem_euclid(400));
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_AN_ERA + day_of_era - EPOCH_DAYS
}

/// Year, month and day of a day since 1970-01-01; `None` if the year is none that u16 holds.
fn civil_from_days(days: i64) -> Option<(u16, u8, u8)> {
    let days = days.checked_add(EPOCH_DAYS)?;
    let (era, day_of_era) = (days.div_euclid(DAYS_AN_ERA), days.rem_euclid(DAYS_AN_ERA));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    Some((u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?))
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::ToString;

    use proptest::prelude::*;

    use super::super::strategies;
    use super::*;

    fn date(year: u16, month: u8, day: u8) -> Option<DateTime> {
        DateTime::new(year, month, day, 0, 0, 0, 0, UtcOffset::Z)
    }

    #[test]
    fn refuses_days_that_do_not_exist() {
        for (year, month, day) in
            [(2023, 2, 29), (1900, 2, 29), (2024, 2, 30), (2024, 4, 31), (2024, 1, 32), (2024, 1, 0)]
        {
            assert_eq!(date(year, month, day), None, "{year}-{month}-{day}");
        }
        for (year, month, day) in
            [(2024, 2, 29), (2000, 2, 29), (2023, 2, 28), (2024, 12, 31), (1, 1, 1), (9999, 12, 31)]
        {
            assert!(date(year, month, day).is_some(), "{year}-{month}-{day}");
        }
        for (year, month) in [(0, 1), (10_000, 1), (2024, 0), (2024, 13)] {
            assert_eq!(date(year, month, 1), None, "{year}-{month}");
        }
    }

    #[test]
    fn refuses_times_and_offsets_out_of_range() {
        let time = |hour, minute, second, nanosecond, offset| {
            DateTime::new(2024, 8, 1, hour, minute, second, nanosecond, UtcOffset::Minutes(offset)).is_some()
        };
        assert!(time(23, 59, 59, 999_999_999, 840) && time(0, 0, 0, 0, -840));
        assert!(!time(24, 0, 0, 0, 0));
        assert!(!time(0, 60, 0, 0, 0));
        assert!(!time(23, 59, 60, 0, 0), "a leap second");
        assert!(!time(0, 0, 0, 1_000_000_000, 0));
        assert!(!time(0, 0, 0, 0, 841) && !time(0, 0, 0, 0, -841) && !time(0, 0, 0, 0, i16::MIN));
    }

    #[test]
    fn takes_the_half_of_the_day_that_is_nearer() {
        let at = |hour| DateTime::new(2024, 8, 1, hour, 30, 0, 0, UtcOffset::KST).expect("a time");
        for (hour, other, nearer) in
            [(9, 21, 21), (9, 10, 9), (21, 8, 9), (12, 1, 0), (0, 13, 12), (3, 9, 3), (15, 9, 15)]
        {
            assert_eq!(at(hour).nearer_half(&at(other)), at(nearer), "{hour} at {other}");
        }
    }

    #[test]
    fn counts_seconds_from_the_unix_epoch() {
        let seconds = |year, month, day, offset| {
            DateTime::new(year, month, day, 9, 0, 0, 0, offset).map(|value| value.unix_seconds())
        };
        assert_eq!(seconds(1970, 1, 1, UtcOffset::KST), Some(0));
        assert_eq!(seconds(1970, 1, 1, UtcOffset::Z), Some(32_400));
        assert_eq!(seconds(2024, 8, 1, UtcOffset::KST), Some(1_722_470_400));
        assert_eq!(seconds(1, 1, 1, UtcOffset::KST), Some(-62_135_596_800));
    }

    #[test]
    fn knows_the_weekday() {
        let weekday = |year, month, day| date(year, month, day).map(|value| value.weekday());
        assert_eq!(weekday(2024, 8, 1), Some(4), "a Thursday");
        assert_eq!(weekday(2009, 8, 5), Some(3), "a Wednesday");
        assert_eq!(weekday(2024, 8, 4), Some(7), "a Sunday");
        assert_eq!(weekday(1, 1, 1), Some(1), "a Monday");
    }

    #[test]
    fn shows_rfc_3339_with_the_digits_it_needs() {
        let shown =
            |nanosecond, offset| DateTime::new(33, 4, 5, 6, 7, 8, nanosecond, offset).map(|value| value.to_string());
        assert_eq!(shown(0, UtcOffset::Z).as_deref(), Some("0033-04-05T06:07:08Z"));
        assert_eq!(shown(0, UtcOffset::Minutes(0)).as_deref(), Some("0033-04-05T06:07:08+00:00"));
        assert_eq!(shown(120_000_000, UtcOffset::KST).as_deref(), Some("0033-04-05T06:07:08.12+09:00"));
        assert_eq!(shown(1, UtcOffset::Minutes(-210)).as_deref(), Some("0033-04-05T06:07:08.000000001-03:30"));
        assert_eq!(date(2024, 8, 1).map(|value| format!("{value:?}")).as_deref(), Some("2024-08-01T00:00:00Z"));
    }

    #[test]
    fn refuses_an_offset_that_leaves_the_calendar() {
        let first = DateTime::new(1, 1, 1, 0, 0, 0, 0, UtcOffset::Z).expect("valid");
        assert_eq!(first.with_offset(UtcOffset::Minutes(-1)), None);
        let last = DateTime::new(9999, 12, 31, 23, 59, 59, 0, UtcOffset::Z).expect("valid");
        assert_eq!(last.with_offset(UtcOffset::KST), None);
        assert!(last.with_offset(UtcOffset::Minutes(-840)).is_some());
        assert_eq!(first.with_offset(UtcOffset::Minutes(841)), None, "no such offset");
    }

    proptest! {
        #[test]
        fn another_offset_is_the_same_instant(value in strategies::date_time(), offset in strategies::offset()) {
            if let Some(there) = value.with_offset(offset) {
                prop_assert_eq!(there.unix_seconds(), value.unix_seconds());
                prop_assert_eq!(there.nanosecond(), value.nanosecond());
                prop_assert_eq!(there.offset(), offset);
                prop_assert_eq!(there.with_offset(value.offset()), Some(value));
            } else {
                prop_assert!(value.year() == 1 || value.year() == 9999);
            }
        }

        #[test]
        fn the_next_day_has_the_next_weekday(value in strategies::date_time()) {
            if let Some(next) = value.next_day() {
                prop_assert_eq!(next.weekday(), value.weekday() % 7 + 1);
                prop_assert_eq!(next.unix_seconds() - value.unix_seconds(), SECONDS_A_DAY);
            } else {
                prop_assert_eq!((value.year(), value.month(), value.day()), (9999, 12, 31));
            }
        }
    }
}
