//! The form a dialect writes a time in, and the quirks it can be given.

use alloc::string::{String, ToString};
use core::ops::Deref;

use super::civil::{DateTime, UtcOffset};
use super::line::Line;
use super::{Timestamp, Value};
use crate::deviation::{DeviationKind, Quirks};

/// Monday to Sunday, as RFC 2822 section 3.3 and as S-12 names them.
pub(super) const WEEKDAYS: [(&str, &str); 7] =
    [("Mon", "월"), ("Tue", "화"), ("Wed", "수"), ("Thu", "목"), ("Fri", "금"), ("Sat", "토"), ("Sun", "일")];

/// January to December (RFC 2822 section 3.3).
pub(super) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What a Korean month has behind its number (S-12).
const KOREAN_MONTH: &str = "월";

/// The form a dialect writes a field in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `2024-08-01T09:30:00+09:00` (T7): xs:dateTime.
    Iso,
    /// `01-08-2024 09:30:00` (T5), Korean time.
    DayFirst,
    /// `20240801093000` (T4), Korean time.
    Compact,
    /// `Thu, 1 Aug 2024 09:30:00 +0900` (T1, with the 24-hour clock).
    Rfc2822,
    /// `목, 1 8월 2024 09:30:00 +0900` (T2, with the 24-hour clock).
    #[cfg_attr(
        not(any(test, fuzzing)),
        expect(dead_code, reason = "damage of one relay that no dialect writes; it is read")
    )]
    Rfc2822Korean,
    /// `Fri,  01 Aug 2024 09:30:00 +0900` (T3): two blanks, two digits, and Friday whatever the day.
    Rfc2822Sample,
}

impl Form {
    /// Every form.
    #[cfg(any(test, fuzzing))]
    pub(crate) const ALL: [Self; 6] =
        [Self::Iso, Self::DayFirst, Self::Compact, Self::Rfc2822, Self::Rfc2822Korean, Self::Rfc2822Sample];

    /// What reading a date-time in this form back always reports: the dialect prescribes it with the form.
    pub(crate) const fn flags(self) -> &'static [DeviationKind] {
        use DeviationKind as Kind;
        match self {
            Self::Iso => &[],
            Self::DayFirst => &[Kind::DateTimeDayFirst, Kind::DateTimeZoneMissing],
            Self::Compact => &[Kind::DateTimeCompact, Kind::DateTimeZoneMissing],
            Self::Rfc2822 => &[Kind::DateTimeRfc2822],
            Self::Rfc2822Sample => &[Kind::DateTimeRfc2822, Kind::DateTimeSpacing, Kind::DateTimeWeekday],
            Self::Rfc2822Korean => &[Kind::DateTimeRfc2822, Kind::DateTimeKoreanNames],
        }
    }

    /// Whether its hours may be those of a 12-hour clock (S-11): a dialect that writes them prescribes the doubt.
    pub(crate) const fn is_rfc2822(self) -> bool {
        matches!(self, Self::Rfc2822 | Self::Rfc2822Korean | Self::Rfc2822Sample)
    }

    /// The value as this form can say it; `None` if in Korean time it is not in the years 1 to 9999.
    fn narrow(self, value: DateTime) -> Option<DateTime> {
        match self {
            Self::Iso => Some(value),
            Self::DayFirst | Self::Compact => value.whole_second().with_offset(UtcOffset::KST),
            Self::Rfc2822 | Self::Rfc2822Korean | Self::Rfc2822Sample => Some(value.whole_second()),
        }
    }

    /// The quirks that this form can show on this value, in the order of the kinds.
    fn occasions(self, value: &DateTime) -> &'static [DeviationKind] {
        use DeviationKind as Kind;
        match self {
            Self::Iso if value.month() < 10 || value.day() < 10 => &[Kind::DateTimeOneDigit],
            Self::Iso | Self::DayFirst | Self::Compact | Self::Rfc2822Sample => &[],
            Self::Rfc2822 => &[Kind::DateTimeSpacing, Kind::DateTimeWeekday, Kind::DateTimeKoreanNames],
            Self::Rfc2822Korean => &[Kind::DateTimeSpacing, Kind::DateTimeWeekday],
        }
    }
}

/// The text of a time.
pub(crate) enum TimeText {
    Line(Line),
    Other(String),
}

impl Deref for TimeText {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Line(line) => line.as_str(),
            Self::Other(text) => text,
        }
    }
}

/// The text written, and the value it reads back as where that is another than the one given.
pub(crate) struct Written {
    /// The text.
    pub(crate) text: TimeText,
    /// What the form could not say, said: another offset, or whole seconds.
    pub(crate) reads_as: Option<Timestamp>,
}

/// Writes a time in a form, with at most one of the quirks wanted.
///
/// Durations and raw texts are written as they stand, whatever the form. `None` if the form has no offset
/// and the date-time is outside the years 1 to 9999 in Korea.
pub(crate) fn write(value: &Timestamp, form: Form, quirks: &mut Quirks) -> Option<Written> {
    let Value::DateTime(given) = value.0 else {
        return Some(Written { text: TimeText::Other(value.to_string()), reads_as: None });
    };
    let said = form.narrow(given)?;
    let quirk = form.occasions(&said).iter().copied().find(|&kind| quirks.take(kind));
    let mut text = Line::EMPTY;
    match form {
        Form::Iso if quirk.is_some() => one_digit(&mut text, &said),
        Form::Iso => rfc3339(&mut text, &said),
        Form::DayFirst => day_first(&mut text, &said),
        Form::Compact => compact(&mut text, &said),
        Form::Rfc2822 => rfc2822(&mut text, &said, false, quirk),
        Form::Rfc2822Korean => rfc2822(&mut text, &said, true, quirk),
        Form::Rfc2822Sample => rfc2822_sample(&mut text, &said),
    }
    Some(Written { text: TimeText::Line(text), reads_as: (said != given).then(|| said.into()) })
}

/// Whether [`write`] can say it: in a form without an offset, not what leaves the years 1 to 9999 at +09:00.
pub(crate) fn can_write(value: &Timestamp, form: Form) -> bool {
    match value.0 {
        Value::DateTime(given) => form.narrow(given).is_some(),
        Value::Duration(_) | Value::Raw(_) => true,
    }
}

/// RFC 3339 section 5.6, `date-time`.
pub(super) fn rfc3339(out: &mut Line, value: &DateTime) {
    year(out, value);
    out.put([b'-']);
    two(out, value.month());
    out.put([b'-']);
    two(out, value.day());
    full_time(out, value);
}

/// T8: as [`rfc3339`], with the day, else the month, in one digit.
fn one_digit(out: &mut Line, value: &DateTime) {
    year(out, value);
    out.put([b'-']);
    if value.day() < 10 {
        two(out, value.month());
        out.put([b'-']);
        unpadded(out, value.day());
    } else {
        unpadded(out, value.month());
        out.put([b'-']);
        two(out, value.day());
    }
    full_time(out, value);
}

/// T5.
fn day_first(out: &mut Line, value: &DateTime) {
    two(out, value.day());
    out.put([b'-']);
    two(out, value.month());
    out.put([b'-']);
    year(out, value);
    out.put([b' ']);
    time_of_day(out, value);
}

/// T4.
fn compact(out: &mut Line, value: &DateTime) {
    year(out, value);
    two(out, value.month());
    two(out, value.day());
    two(out, value.hour());
    two(out, value.minute());
    two(out, value.second());
}

/// RFC 2822 section 3.3, `date-time`, T1 and T2.
fn rfc2822(out: &mut Line, value: &DateTime, korean: bool, quirk: Option<DeviationKind>) {
    let korean = korean || quirk == Some(DeviationKind::DateTimeKoreanNames);
    let days_ahead = usize::from(quirk == Some(DeviationKind::DateTimeWeekday));
    // `cycle` makes the day after Sunday Monday.
    let weekday = WEEKDAYS.iter().cycle().nth(usize::from(value.weekday()) - 1 + days_ahead);
    let &(english_weekday, korean_weekday) = weekday.unwrap_or(&("", ""));
    out.text(if korean { korean_weekday } else { english_weekday });
    out.text(if quirk == Some(DeviationKind::DateTimeSpacing) { ",  " } else { ", " });
    unpadded(out, value.day());
    out.put([b' ']);
    if korean {
        unpadded(out, value.month());
        out.text(KOREAN_MONTH);
    } else {
        month(out, value);
    }
    year_to_zone(out, value);
}

/// T3.
fn rfc2822_sample(out: &mut Line, value: &DateTime) {
    out.text("Fri,  ");
    two(out, value.day());
    out.put([b' ']);
    month(out, value);
    year_to_zone(out, value);
}

/// RFC 2822 section 3.3, `month-name`.
fn month(out: &mut Line, value: &DateTime) {
    out.text(MONTHS.get(usize::from(value.month()) - 1).copied().unwrap_or_default());
}

/// What stands behind the month.
fn year_to_zone(out: &mut Line, value: &DateTime) {
    out.put([b' ']);
    year(out, value);
    out.put([b' ']);
    time_of_day(out, value);
    match value.offset() {
        UtcOffset::Z => out.text(" GMT"),
        UtcOffset::Minutes(minutes) => {
            out.put([b' ']);
            zone(out, minutes, "");
        }
    }
}

/// RFC 3339 section 5.6, `"T" full-time`.
fn full_time(out: &mut Line, value: &DateTime) {
    out.put([b'T']);
    time_of_day(out, value);
    if value.nanosecond() != 0 {
        fraction(out, value.nanosecond());
    }
    match value.offset() {
        UtcOffset::Z => out.put([b'Z']),
        UtcOffset::Minutes(minutes) => zone(out, minutes, ":"),
    }
}

/// `HH:mm:ss`.
fn time_of_day(out: &mut Line, value: &DateTime) {
    two(out, value.hour());
    out.put([b':']);
    two(out, value.minute());
    out.put([b':']);
    two(out, value.second());
}

/// A point and the digits of a fraction of a second, without zeros at the end.
pub(super) fn fraction(out: &mut Line, nanosecond: u32) {
    out.put([b'.']);
    let mut rest = nanosecond;
    let mut place = 100_000_000;
    while rest != 0 && place != 0 {
        digit(out, rest / place);
        rest %= place;
        place /= 10;
    }
}

/// Sign, hours, the separator and minutes of an offset.
fn zone(out: &mut Line, minutes: i16, separator: &str) {
    out.put([if minutes < 0 { b'-' } else { b'+' }]);
    let minutes = u32::from(minutes.unsigned_abs());
    digit(out, minutes / 600);
    digit(out, minutes / 60);
    out.text(separator);
    digit(out, minutes % 60 / 10);
    digit(out, minutes);
}

/// The year in four digits.
fn year(out: &mut Line, value: &DateTime) {
    let year = u32::from(value.year());
    out.put([1000, 100, 10, 1].map(|place| digit_of(year / place)));
}

/// Two digits.
fn two(out: &mut Line, number: u8) {
    out.put([digit_of((number / 10).into()), digit_of(number.into())]);
}

/// One digit, or two where it needs them.
fn unpadded(out: &mut Line, number: u8) {
    if number < 10 { digit(out, number.into()) } else { two(out, number) }
}

/// The last digit of a number.
fn digit(out: &mut Line, number: u32) {
    out.put([digit_of(number)]);
}

const fn digit_of(number: u32) -> u8 {
    b'0' + (number % 10) as u8
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use DeviationKind::{DateTimeKoreanNames, DateTimeOneDigit, DateTimeSpacing, DateTimeWeekday};
    use proptest::prelude::*;

    use super::super::strategies;
    use super::*;
    use crate::deviation::QuirkSet;

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("not empty")
    }

    /// The text written, and the text of what it reads back as.
    fn written(value: &str, form: Form, wanted: &[DeviationKind]) -> (String, Option<String>, Vec<DeviationKind>) {
        let mut quirks = Quirks::new(wanted.iter().copied().collect(), &[]);
        let written = write(&time(value), form, &mut quirks).expect("within the calendar");
        ((*written.text).into(), written.reads_as.map(|value| value.to_string()), quirks.written.iter().collect())
    }

    #[test]
    fn writes_each_form() {
        for (form, text) in [
            (Form::Iso, "2024-08-01T09:05:00+09:00"),
            (Form::DayFirst, "01-08-2024 09:05:00"),
            (Form::Compact, "20240801090500"),
            (Form::Rfc2822, "Thu, 1 Aug 2024 09:05:00 +0900"),
            (Form::Rfc2822Korean, "목, 1 8월 2024 09:05:00 +0900"),
        ] {
            assert_eq!(written("2024-08-01T09:05:00+09:00", form, &[]), (text.into(), None, Vec::new()));
        }
    }

    #[test]
    fn writes_the_24_hour_clock() {
        assert_eq!(written("2024-12-25T15:15:00-03:30", Form::Rfc2822, &[]).0, "Wed, 25 Dec 2024 15:15:00 -0330");
    }

    #[test]
    fn says_what_a_form_narrows() {
        let narrowed = |value, form| {
            let (text, reads_as, _) = written(value, form, &[]);
            (text, reads_as)
        };
        let utc = "2024-08-01T20:30:00.5Z";
        assert_eq!(narrowed(utc, Form::Iso), (utc.into(), None));
        let korean = Some("2024-08-02T05:30:00+09:00".into());
        assert_eq!(narrowed(utc, Form::DayFirst), ("02-08-2024 05:30:00".into(), korean.clone()));
        assert_eq!(narrowed(utc, Form::Compact), ("20240802053000".into(), korean));
        let whole = Some("2024-08-01T20:30:00Z".into());
        assert_eq!(narrowed(utc, Form::Rfc2822), ("Thu, 1 Aug 2024 20:30:00 GMT".into(), whole));
        let whole = "2024-08-01T20:30:00Z";
        assert_eq!(narrowed(whole, Form::Rfc2822), ("Thu, 1 Aug 2024 20:30:00 GMT".into(), None));
    }

    #[test]
    fn refuses_a_date_that_is_beyond_the_calendar_in_korea() {
        let last = time("9999-12-31T20:00:00Z");
        let first = time("0001-01-01T00:00:00+14:00");
        for form in Form::ALL {
            let zoneless = matches!(form, Form::DayFirst | Form::Compact);
            assert_eq!(write(&last, form, &mut Quirks::default()).is_none(), zoneless);
            assert_eq!(write(&first, form, &mut Quirks::default()).is_none(), zoneless);
        }
    }

    #[test]
    fn writes_durations_and_raw_texts_as_they_stand() {
        let mut quirks = Quirks::new(QuirkSet::all(), &[]);
        for form in Form::ALL {
            for text in ["P7D", "31-02-2024 09:30:00", "soon"] {
                let written = write(&time(text), form, &mut quirks).expect("written");
                assert_eq!((&*written.text, written.reads_as), (text, None));
            }
        }
        assert!(quirks.written.is_empty());
    }

    #[test]
    fn writes_each_quirk() {
        let sunday = "2024-08-04T09:30:00+09:00";
        for (form, quirk, text) in [
            (Form::Rfc2822, DateTimeSpacing, "Sun,  4 Aug 2024 09:30:00 +0900"),
            (Form::Rfc2822, DateTimeWeekday, "Mon, 4 Aug 2024 09:30:00 +0900"),
            (Form::Rfc2822, DateTimeKoreanNames, "일, 4 8월 2024 09:30:00 +0900"),
            (Form::Rfc2822Korean, DateTimeSpacing, "일,  4 8월 2024 09:30:00 +0900"),
            (Form::Rfc2822Korean, DateTimeWeekday, "월, 4 8월 2024 09:30:00 +0900"),
            (Form::Iso, DateTimeOneDigit, "2024-08-4T09:30:00+09:00"),
        ] {
            assert_eq!(written(sunday, form, &[quirk]), (text.into(), None, [quirk].into()));
        }
        let late = "2024-08-14T09:30:00+09:00";
        let expected = ("2024-8-14T09:30:00+09:00".into(), None, [DateTimeOneDigit].into());
        assert_eq!(written(late, Form::Iso, &[DateTimeOneDigit]), expected);
    }

    #[test]
    fn writes_one_quirk_a_date_in_the_order_of_the_kinds() {
        let all = [DateTimeKoreanNames, DateTimeWeekday, DateTimeSpacing, DateTimeOneDigit];
        let quirks = |value, form, wanted: &[DeviationKind]| written(value, form, wanted).2;
        let early = "2024-08-01T09:30:00+09:00";
        assert_eq!(quirks(early, Form::Rfc2822, &all), [DateTimeSpacing]);
        assert_eq!(quirks(early, Form::Rfc2822, &all[..2]), [DateTimeWeekday]);
        assert_eq!(quirks(early, Form::Rfc2822Korean, &[DateTimeKoreanNames]), []);
        assert_eq!(quirks(early, Form::Iso, &all), [DateTimeOneDigit]);
        for none in ["2024-12-25T09:30:00+09:00", "2024-10-25T09:30:00+09:00", "2024-12-10T09:30:00+09:00"] {
            assert_eq!(quirks(none, Form::Iso, &all), [], "no occasion in {none}");
        }
        assert_eq!(quirks(early, Form::DayFirst, &all), []);
        assert_eq!(quirks(early, Form::Compact, &all), []);
    }

    fn quirk_set() -> impl Strategy<Value = QuirkSet> {
        let kinds = [DateTimeSpacing, DateTimeWeekday, DateTimeKoreanNames, DateTimeOneDigit];
        prop_oneof![
            Just(QuirkSet::EMPTY),
            Just(QuirkSet::all()),
            any::<[bool; 4]>().prop_map(move |wanted| {
                kinds.into_iter().zip(wanted).filter_map(|(kind, wanted)| wanted.then_some(kind)).collect()
            }),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            value in strategies::timestamp(),
            form in prop::sample::select(&Form::ALL[..]),
            wanted in quirk_set(),
        ) {
            crate::laws::writes_time(&value, form, wanted);
        }
    }
}
