//! Points in time as the carriers write them: read in every form on record, written in the dialect's.
//!
//! TS 23.140 gives its time fields the types xs:dateTime and xs:duration (mm7 1.5). The carriers also send
//! RFC 2822 dates, Korean names, bare digits and day-first dates (carriers 3.7, forms T1 to T9). All of
//! them become one value, and what was irregular about the form is reported beside it.

mod civil;
mod duration;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
mod interop;
mod line;
#[cfg(test)]
mod oracle;
mod read;
mod write;

use alloc::string::String;
use core::fmt;

pub use civil::{DateTime, UtcOffset};
pub use duration::Duration;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
pub use interop::TimestampError;
pub(crate) use read::read;
pub(crate) use write::{Form, TimeText, can_write, write};

/// A date-time, a duration, or the raw text of something that is neither.
///
/// ```
/// use tongsa::{DateTime, Timestamp, UtcOffset};
/// // Three carriers, one moment.
/// let s = Timestamp::parse("목, 1 8월 2024 09:30:00 +0900");
/// let k = Timestamp::parse("01-08-2024 09:30:00");
/// let l = Timestamp::parse("2024-08-1T09:30:00+09:00");
/// let moment = DateTime::new(2024, 8, 1, 9, 30, 0, 0, UtcOffset::KST).map(Timestamp::from);
/// assert!(s == moment && k == moment && l == moment);
///
/// // What cannot be read is kept, and is no error.
/// let odd = Timestamp::parse(" 31-02-2024 09:30:00 ").ok_or("empty")?;
/// assert_eq!(odd.raw(), Some("31-02-2024 09:30:00"));
/// # Ok::<(), &str>(())
/// ```
///
/// A raw text is by construction one that [`parse`](Self::parse) cannot read, so the text that
/// [`Display`](fmt::Display) gives always parses to an equal value.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Timestamp(Value);

/// What a [`Timestamp`] is. Only `parse` makes a `Raw`.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Value {
    DateTime(DateTime),
    Duration(Duration),
    Raw(String),
}

impl Timestamp {
    /// Reads a date-time or duration in any of the forms the carriers write; anything else is kept raw.
    ///
    /// White space around the text is dropped, and a text of nothing else is `None`. A date-time
    /// without an offset is of Korea (+09:00). In a raw text, U+FFFD replaces the characters that no
    /// XML can hold.
    ///
    /// ```
    /// use tongsa::Timestamp;
    /// let read = |text| Timestamp::parse(text).map(|time| time.to_string());
    /// assert_eq!(read("20240801093000").as_deref(), Some("2024-08-01T09:30:00+09:00"));
    /// assert_eq!(read("Thu, 1 Aug 2024 00:30:00 GMT").as_deref(), Some("2024-08-01T00:30:00Z"));
    /// assert_eq!(read("P7D").as_deref(), Some("P7D"));
    /// assert_eq!(read("tomorrow").as_deref(), Some("tomorrow"));
    /// assert_eq!(read(" \r\n"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        read::parse(text)
    }

    /// The date-time, if it is one.
    pub const fn date_time(&self) -> Option<DateTime> {
        match self.0 {
            Value::DateTime(value) => Some(value),
            Value::Duration(_) | Value::Raw(_) => None,
        }
    }

    /// The duration, if it is one.
    pub const fn duration(&self) -> Option<Duration> {
        match self.0 {
            Value::Duration(value) => Some(value),
            Value::DateTime(_) | Value::Raw(_) => None,
        }
    }

    /// The text, if it could be read as neither.
    pub fn raw(&self) -> Option<&str> {
        match &self.0 {
            Value::Raw(text) => Some(text),
            Value::DateTime(_) | Value::Duration(_) => None,
        }
    }
}

impl From<DateTime> for Timestamp {
    fn from(value: DateTime) -> Self {
        Self(Value::DateTime(value))
    }
}

impl From<Duration> for Timestamp {
    fn from(value: Duration) -> Self {
        Self(Value::Duration(value))
    }
}

/// RFC 3339, xs:duration, or the raw text.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::DateTime(value) => value.fmt(f),
            Value::Duration(value) => value.fmt(f),
            Value::Raw(text) => f.write_str(text),
        }
    }
}

/// The text that `Display` gives, in quotes.
impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::DateTime(value) => write!(f, "\"{value}\""),
            Value::Duration(value) => write!(f, "\"{value}\""),
            Value::Raw(text) => fmt::Debug::fmt(text, f),
        }
    }
}

/// Whether the hour may be of a 12-hour clock whose half of the day was not written (S-11).
pub(crate) fn may_be_twelve_hour(value: &DateTime) -> bool {
    (1..=12).contains(&value.hour())
}

#[cfg(feature = "serde")]
impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl serde::de::Visitor<'_> for Text {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the text of a date-time or duration")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
                Timestamp::parse(text).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
pub(crate) mod strategies {
    //! Arbitrary values, for the property tests of this and other modules.

    use alloc::string::String;

    use proptest::prelude::*;

    use super::{DateTime, Duration, Timestamp, UtcOffset};

    /// Any valid offset.
    pub(crate) fn offset() -> impl Strategy<Value = UtcOffset> {
        prop_oneof![
            2 => Just(UtcOffset::Z),
            3 => Just(UtcOffset::KST),
            3 => (-840_i16..=840).prop_map(UtcOffset::Minutes),
        ]
    }

    /// Any valid date-time; the borders of the calendar come up often.
    pub(crate) fn date_time() -> impl Strategy<Value = DateTime> {
        let year = prop_oneof![
            4 => 1990_u16..2050,
            1 => 1_u16..=9999,
            1 => Just(1_u16),
            1 => Just(9999_u16),
        ];
        let nanosecond = prop_oneof![
            3 => Just(0_u32),
            1 => 0_u32..1_000_000_000,
            1 => (0_u32..1000).prop_map(|milli| milli * 1_000_000),
        ];
        (year, 1_u8..=12, 1_u8..=31, 0_u8..24, 0_u8..60, 0_u8..60, nanosecond, offset()).prop_filter_map(
            "no such day",
            |(year, month, day, hour, minute, second, nanosecond, offset)| {
                DateTime::new(year, month, day, hour, minute, second, nanosecond, offset)
            },
        )
    }

    /// Any duration.
    pub(crate) fn duration() -> impl Strategy<Value = Duration> {
        let part = || prop_oneof![3 => Just(0_u32), 2 => 0_u32..100, 1 => any::<u32>()];
        (any::<bool>(), [part(), part(), part(), part(), part(), part()], 0_u32..1_000_000_000, any::<bool>())
            .prop_filter_map(
                "always valid",
                |(negative, [years, months, days, hours, minutes, seconds], fraction, fractional)| {
                    let nanosecond = if fractional { fraction } else { 0 };
                    let value = Duration::new(years, months, days, hours, minutes, seconds, nanosecond)?;
                    Some(if negative { value.negated() } else { value })
                },
            )
    }

    /// Dates and durations in every form, and what else stands in them.
    const PIECES: [&str; 28] = [
        "Thu, 1 Aug 2024 03:15:00 +0900",
        "1 Feb 24 03:15 GMT",
        "목, 1 8월 2024 03:15:00 KST",
        "?, 1 8? 2024 03:15:00 +0900",
        "20240801093000",
        "01-08-2024 09:30:00",
        "2024-08-4T09:30:00",
        "2024-12-31T24:00:00.5+09:00",
        "-P1Y2M3DT4H5M6.5S",
        "P7D",
        "Fri",
        "월",
        "?",
        "\u{FFFD}",
        "\u{1}",
        "\u{FFFF}",
        ",",
        " ",
        "\n",
        "0",
        "1",
        "29",
        "-",
        ":",
        "T",
        "Z",
        "+0900",
        ".5",
    ];

    /// Texts made of those pieces: some are dates, most are nearly dates.
    pub(crate) fn date_like_text() -> impl Strategy<Value = String> {
        let piece = || prop::sample::select(&PIECES[..]);
        let edited = (piece(), piece(), any::<prop::sample::Index>(), 0_usize..3).prop_map(
            |(text, inserted, place, removed)| {
                let place = place.index(text.chars().count() + 1);
                let (before, after) = (text.chars().take(place), text.chars().skip(place + removed));
                before.chain(inserted.chars()).chain(after).collect()
            },
        );
        let joined = prop::collection::vec(piece(), 0..6).prop_map(|pieces| pieces.concat());
        prop_oneof![4 => edited, 1 => joined]
    }

    /// Any time: date-time, duration or raw text.
    pub(crate) fn timestamp() -> impl Strategy<Value = Timestamp> {
        prop_oneof![
            4 => date_time().prop_map(Timestamp::from),
            1 => duration().prop_map(Timestamp::from),
            1 => any::<String>().prop_filter_map("empty", |text| Timestamp::parse(&text)),
            1 => date_like_text().prop_filter_map("empty", |text| Timestamp::parse(&text)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::ToString;

    use proptest::prelude::*;

    use super::strategies;
    use super::*;

    #[test]
    fn keeps_the_three_kinds_apart() {
        let time = Timestamp::parse("2024-08-01T09:30:00+09:00").expect("a date-time");
        assert!(time.date_time().is_some() && time.duration().is_none() && time.raw().is_none());
        let time = Timestamp::parse("P7D").expect("a duration");
        assert!(time.date_time().is_none() && time.duration().is_some() && time.raw().is_none());
        let time = Timestamp::parse("soon").expect("raw");
        assert!(time.date_time().is_none() && time.duration().is_none() && time.raw().is_some());
    }

    #[test]
    fn debug_is_the_text_in_quotes() {
        let debug = |text| Timestamp::parse(text).map(|time| format!("{time:?}"));
        assert_eq!(debug("20240801093000").as_deref(), Some("\"2024-08-01T09:30:00+09:00\""));
        assert_eq!(debug("P7D").as_deref(), Some("\"P7D\""));
        assert_eq!(debug("so\non").as_deref(), Some("\"so\\non\""));
    }

    #[test]
    fn replaces_what_no_message_holds_in_a_raw_text() {
        let raw = Timestamp::parse("a\u{0}b\u{1F}c\u{FFFE}d\u{FFFF}e\tf\r\ng\u{7F}").expect("raw");
        assert_eq!(raw.raw(), Some("a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}e\tf\r\ng\u{7F}"));
    }

    #[test]
    fn notices_hours_that_a_twelve_hour_clock_has() {
        let at = |hour| DateTime::new(2024, 8, 1, hour, 30, 0, 0, UtcOffset::KST).expect("valid");
        for (hour, ambiguous) in [(0, false), (1, true), (12, true), (13, false), (23, false)] {
            assert_eq!(may_be_twelve_hour(&at(hour)), ambiguous, "{hour}");
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn is_its_text_in_json() {
        let time: Timestamp = serde_json::from_str("\"Thu, 1 Aug 2024 09:30:00 GMT\"").expect("reads");
        assert_eq!(serde_json::to_string(&time).expect("writes"), "\"2024-08-01T09:30:00Z\"");
        let time: Timestamp = serde_json::from_str("\"so\\non\"").expect("reads");
        assert_eq!(time.raw(), Some("so\non"));
        assert!(serde_json::from_str::<Timestamp>("\" \"").is_err());
        assert!(serde_json::from_str::<Timestamp>("7").is_err());
    }

    proptest! {
        #[test]
        fn display_and_parse_are_inverse(time in strategies::timestamp()) {
            prop_assert_eq!(Timestamp::parse(&time.to_string()), Some(time));
        }

        #[cfg(feature = "serde")]
        #[test]
        fn json_keeps_every_time(time in strategies::timestamp()) {
            let json = serde_json::to_string(&time).expect("writes");
            prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).expect("reads"), time);
        }
    }
}
