//! The calendar, the reader and the writer against jiff.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use jiff::civil;
use jiff::fmt::{rfc2822, temporal};
use jiff::tz::Offset;
use proptest::prelude::*;

use super::strategies::{date_time, duration, offset};
use super::write::{MONTHS, WEEKDAYS};
use super::{DateTime, Duration, Form, Timestamp, UtcOffset, read, write};
use crate::deviation::{DeviationKind as Kind, Flags, Quirks};
use crate::tape::{Tally, Tape, for_any_tape};

const RFC_2822: rfc2822::DateTimeParser = rfc2822::DateTimeParser::new();
const TEMPORAL: temporal::DateTimeParser = temporal::DateTimeParser::new();
const SPAN: temporal::SpanParser = temporal::SpanParser::new();

/// Local fields, the nanosecond and the seconds of the offset; no offset where none was written.
type Fields = (civil::DateTime, Option<i32>);

fn ours(text: &str) -> (Option<Timestamp>, Vec<Kind>) {
    let mut flags = Flags::default();
    let value = read(text, &mut flags);
    (value, flags.iter().map(|flag| flag.kind).collect())
}

/// A number that jiff has in a narrower type.
fn small<T: TryFrom<u32>>(number: u32) -> T {
    T::try_from(number).unwrap_or_else(|_| panic!("{number} is of the calendar"))
}

/// From the month down to the second.
fn parts_of_the_year(value: &DateTime) -> [u8; 5] {
    [value.month(), value.day(), value.hour(), value.minute(), value.second()]
}

fn civil_of(value: &DateTime) -> civil::DateTime {
    let [month, day, hour, minute, second] = parts_of_the_year(value).map(|part| small::<i8>(part.into()));
    let nanosecond = small(value.nanosecond());
    civil::date(small(value.year().into()), month, day).at(hour, minute, second, nanosecond)
}

fn offset_of(value: &DateTime) -> Offset {
    Offset::from_seconds(i32::from(value.offset().minutes()) * 60).expect("fourteen hours are few")
}

fn fields(value: &DateTime) -> Fields {
    (civil_of(value), Some(offset_of(value).seconds()))
}

/// Seconds since 1970; `None` where jiff's timestamps end: 9999-12-30T22:00:00Z.
fn unix_seconds(local: civil::DateTime, offset: Offset) -> Option<i64> {
    let whole = local.with().subsec_nanosecond(0).build().expect("it has the whole second too");
    Some(offset.to_timestamp(whole).ok()?.as_second())
}

/// What jiff reads in an RFC 3339 or xs:dateTime text.
fn their_iso(text: &str) -> Option<Fields> {
    let pieces = TEMPORAL.parse_pieces(text).ok()?;
    let plain = pieces.time_zone_annotation().is_none();
    let local = pieces.date().to_datetime(pieces.time()?);
    plain.then_some((local, pieces.to_numeric_offset().map(Offset::seconds)))
}

/// What jiff reads in an RFC 2822 text.
fn their_rfc2822(text: &str) -> Option<Fields> {
    let zoned = RFC_2822.parse_zoned_datetime(text).ok()?;
    Some((zoned.datetime(), Some(zoned.offset().seconds())))
}

/// Sign, and the seven components.
fn their_duration(text: &str) -> Option<(bool, [u64; 7])> {
    let span = SPAN.parse_span(text).ok()?;
    let (years, months, days) = (span.get_years(), span.get_months(), span.get_days());
    assert_eq!(span.get_weeks(), 0, "{text}");
    let fraction = (span.get_milliseconds() * 1000 + span.get_microseconds()) * 1000 + span.get_nanoseconds();
    let parts = [
        years.into(),
        months.into(),
        days.into(),
        span.get_hours().into(),
        span.get_minutes(),
        span.get_seconds(),
        fraction,
    ];
    Some((span.is_negative(), parts.map(i64::unsigned_abs)))
}

fn parts(value: &Duration) -> (bool, [u64; 7]) {
    let parts = [
        value.years(),
        value.months(),
        value.days(),
        value.hours(),
        value.minutes(),
        value.seconds(),
        value.nanoseconds(),
    ];
    (value.is_negative(), parts.map(u64::from))
}

/// Whether jiff's spans hold it: none is longer than its calendar.
fn spans_hold(value: &Duration) -> bool {
    value.years() <= 19_998 && value.months() <= 239_976 && value.days() <= 7_304_484 && value.hours() <= 175_307_616
}

#[test]
fn has_the_calendar_of_jiff() {
    for year in 1..=9999_u16 {
        for month in 1..=12 {
            let first = civil::date(small(year.into()), small(u32::from(month)), 1);
            let days = first.days_in_month();
            let new = |day| DateTime::new(year, month, day, 0, 0, 0, 0, UtcOffset::Z);
            for day in [1, 28, small(days.unsigned_abs().into())] {
                let value = new(day).unwrap_or_else(|| panic!("{year}-{month}-{day}"));
                let local = civil_of(&value);
                assert_eq!(value.weekday(), local.weekday().to_monday_one_offset().unsigned_abs(), "{value}");
                if let Some(seconds) = unix_seconds(local, Offset::UTC) {
                    assert_eq!(value.unix_seconds(), seconds, "{value}");
                } else {
                    assert_eq!((year, month, day), (9999, 12, 31), "{value}");
                }
                let tomorrow = value.next_day().map(|next| civil_of(&next));
                assert_eq!(tomorrow, local.checked_add(jiff::Span::new().days(1)).ok(), "{value}");
            }
            assert_eq!(new(days.unsigned_abs() + 1), None, "{year}-{month}");
        }
    }
}

/// A date-time, spelled at will.
struct Spelling<'a> {
    value: DateTime,
    tape: Tape<'a>,
}

fn spelling() -> impl Strategy<Value = (DateTime, Vec<u8>)> {
    (date_time(), prop::collection::vec(any::<u8>(), 12))
}

impl Spelling<'_> {
    /// RFC 3339 section 5.6 and XML Schema part 2, 3.2.7.1.
    fn iso(&mut self) -> String {
        let [month, day, hour, minute, second] = parts_of_the_year(&self.value);
        let year = self.value.year();
        let mut text = format!("{year:04}-{month:02}-{day:02}");
        text += self.tape.pick(&["T", "T", "t"]);
        text += &format!("{hour:02}:{minute:02}:{second:02}");
        let nanosecond = format!("{:09}", self.value.nanosecond());
        let needed = nanosecond.trim_end_matches('0').len();
        let digits = needed.max(self.tape.pick(&[0, 0, 1, 3, 9]));
        if digits > 0 {
            text = text + "." + &nanosecond[..digits];
        }
        let minutes = self.value.offset().minutes();
        let zones = ["Z", "z", "+00:00", "-00:00"];
        text += &match (self.tape.pick(&[true, true, false]), minutes) {
            (false, _) => String::new(),
            (true, 0) => self.tape.pick(&zones).to_string(),
            (true, _) => self.zone(":"),
        };
        text
    }

    fn zone(&self, colon: &str) -> String {
        let minutes = self.value.offset().minutes();
        let east = minutes.unsigned_abs();
        format!("{}{:02}{colon}{:02}", if minutes < 0 { '-' } else { '+' }, east / 60, east % 60)
    }

    /// RFC 2822 section 3.3; the two-digit year and the names of Greenwich are of section 4.3.
    fn rfc2822(&mut self) -> String {
        let [month, day, hour, minute, second] = parts_of_the_year(&self.value);
        let year = self.value.year();
        let mut text = String::new();
        if self.tape.pick(&[true, true, false]) {
            text = text + WEEKDAYS[usize::from(self.value.weekday()) - 1].0 + ", ";
        }
        text += &if self.tape.pick(&[true, false]) { format!("{day:02} ") } else { format!("{day} ") };
        let name = MONTHS[usize::from(month) - 1];
        text = if self.tape.pick(&[0, 0, 0, 1]) == 1 { (text + name).to_uppercase() } else { text + name };
        let short = (1950..2050).contains(&year) && self.tape.pick(&[0, 0, 0, 1]) == 1;
        text += &if short { format!(" {:02} ", year % 100) } else { format!(" {year:04} ") };
        text += &format!("{hour:02}:{minute:02}");
        if second > 0 || self.tape.pick(&[true, true, false]) {
            text += &format!(":{second:02}");
        }
        text += &match self.value.offset().minutes() {
            0 => self.tape.pick(&[" GMT", " UT", " +0000", " -0000"]).to_string(),
            _ => " ".to_string() + &self.zone(""),
        };
        text
    }
}

/// The fields of both, and of ours the instant too.
fn assert_same(text: &str, value: &DateTime, theirs: Fields) {
    let (local, offset) = theirs;
    let offset = offset.unwrap_or(9 * 3600);
    assert_eq!(fields(value), (local, Some(offset)), "{text}");
    match unix_seconds(local, Offset::from_seconds(offset).expect("it was read")) {
        Some(seconds) => assert_eq!(value.unix_seconds(), seconds, "{text}"),
        None => assert_eq!((value.year(), value.month()), (9999, 12), "{text}"),
    }
}

proptest! {
    #[test]
    fn reads_xs_date_time_as_jiff_does((value, tape) in spelling()) {
        let text = Spelling { value, tape: Tape::new(&tape) }.iso();
        let theirs = their_iso(&text).expect("jiff reads it");
        let (read, kinds) = ours(&text);
        assert_same(&text, &read.and_then(|time| time.date_time()).expect("a date-time"), theirs);
        prop_assert_eq!(&kinds[..], if theirs.1.is_some() { &[][..] } else { &[Kind::DateTimeZoneMissing][..] });
    }

    #[test]
    fn reads_rfc_2822_as_jiff_does((value, tape) in spelling()) {
        let text = Spelling { value, tape: Tape::new(&tape) }.rfc2822();
        let (read, kinds) = ours(&text);
        let read = read.and_then(|time| time.date_time()).expect("a date-time");
        prop_assert_eq!(&kinds[..], &[Kind::DateTimeRfc2822][..]);
        match their_rfc2822(&text) {
            Some(theirs) => assert_same(&text, &read, theirs),
            // The end of jiff's timestamps.
            None => prop_assert!(value.year() == 9999 && value.month() == 12, "{}", text),
        }
    }

    #[test]
    fn reads_dates_without_zone_as_strptime_does(value in date_time()) {
        let [month, day, hour, minute, second] = parts_of_the_year(&value);
        let year = value.year();
        for (text, format, kind) in [
            (format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}"), "%Y%m%d%H%M%S", Kind::DateTimeCompact),
            (format!("{day:02}-{month:02}-{year:04} {hour:02}:{minute:02}:{second:02}"), "%d-%m-%Y %H:%M:%S",
                Kind::DateTimeDayFirst),
        ] {
            let theirs = civil::DateTime::strptime(format, &text).expect("jiff reads it");
            let (read, kinds) = ours(&text);
            assert_same(&text, &read.and_then(|time| time.date_time()).expect("a date-time"), (theirs, None));
            prop_assert_eq!(&kinds[..], &[kind, Kind::DateTimeZoneMissing][..]);
        }
    }

    #[test]
    fn reads_and_writes_durations_as_jiff_does(value in duration()) {
        let text = value.to_string();
        // Beyond its limits jiff refuses, or hands hours on to the minutes.
        if spans_hold(&value) {
            prop_assert_eq!(their_duration(&text), Some(parts(&value)), "{}", &text);
        }
        let (read, kinds) = ours(&text);
        prop_assert_eq!(read.and_then(|time| time.duration()), Some(value));
        prop_assert_eq!(&kinds[..], &[][..]);
    }

    #[test]
    fn writes_what_jiff_reads(value in date_time()) {
        for form in [Form::Iso, Form::Rfc2822, Form::DayFirst, Form::Compact, Form::Rfc2822Sample] {
            let Some(written) = write(&value.into(), form, &mut Quirks::default()) else {
                prop_assert!(matches!(value.year(), 1 | 9999), "{:?} {}", form, value);
                continue;
            };
            let said = written.reads_as.map_or(Some(value), |time| time.date_time()).expect("a date-time");
            let text = &*written.text;
            let strptime = |format| Some((civil::DateTime::strptime(format, text).ok()?, None));
            let theirs = match form {
                Form::Iso => their_iso(text),
                Form::DayFirst => strptime("%d-%m-%Y %H:%M:%S"),
                Form::Compact => strptime("%Y%m%d%H%M%S"),
                Form::Rfc2822Sample => {
                    // Friday, whatever the day (T3): jiff must be told to look away.
                    let friday = said.weekday() == 5;
                    prop_assert!(their_rfc2822(text).is_none() != friday || said.year() == 9999, "{}", text);
                    let relaxed = RFC_2822.relaxed_weekday(true).parse_zoned_datetime(text).ok();
                    relaxed.map(|zoned| (zoned.datetime(), Some(zoned.offset().seconds())))
                }
                _ => their_rfc2822(text),
            };
            match theirs {
                Some(theirs) => assert_same(text, &said, theirs),
                None => prop_assert!(form.is_rfc2822() && said.year() == 9999 && said.month() == 12, "{}", text),
            }
        }
    }

    #[test]
    fn changes_the_offset_as_jiff_does(value in date_time(), offset in offset()) {
        let there = Offset::from_seconds(i32::from(offset.minutes()) * 60).expect("fourteen hours are few");
        let moved = value.with_offset(offset).map(|value| civil_of(&value));
        if let Ok(instant) = offset_of(&value).to_timestamp(civil_of(&value)) {
            let theirs = Some(there.to_datetime(instant)).filter(|local| local.year() >= 1);
            prop_assert_eq!(moved, theirs, "{} {:?}", value, offset);
        } else {
            prop_assert_eq!((value.year(), value.month()), (9999, 12));
        }
    }
}

/// A text that the reader takes as legal in its form and jiff reads otherwise or refuses: the name, an example, whether a
/// text is such a one, and why.
type Difference = (&'static str, &'static str, fn(&str) -> bool, &'static str);

const DIFFERENCES: [Difference; 4] = [
    (
        "end of the day",
        "2024-12-31T24:00:00Z",
        |text| text.contains("T24:00:00") || text.contains("t24:00:00"),
        "xs:dateTime has it (XML Schema part 2, 3.2.7.1), RFC 3339 has not",
    ),
    (
        "zeros beyond the nanosecond",
        "2024-08-01T09:30:00.0000000010Z",
        |text| text.split_once('.').is_some_and(|(_, rest)| rest.len() > 9),
        "jiff reads nine digits; more are legal, and say nothing when they are zeros",
    ),
    (
        "zone KST",
        "1 Aug 2024 09:30:00 KST",
        |text| text.ends_with("KST"),
        "jiff reads every unknown name as UTC, nine hours off",
    ),
    (
        "long duration",
        "PT4000000000H",
        |text| ours(text).0.and_then(|time| time.duration()).is_some_and(|value| !spans_hold(&value)),
        "jiff's spans end with its calendar",
    ),
];

/// Both readings of a text that ours finds nothing wrong with: `None` where it does, or where they agree.
fn differs(text: &str) -> Option<String> {
    let (value, kinds) = ours(text);
    let value = value?;
    // White space around a value is its element's matter.
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let (ours, theirs) = match (value.date_time(), value.duration(), &kinds[..]) {
        (Some(value), _, []) => (format!("{:?}", Some(fields(&value))), format!("{:?}", their_iso(text))),
        (Some(value), _, [Kind::DateTimeRfc2822]) => {
            (format!("{:?}", Some(fields(&value))), format!("{:?}", their_rfc2822(text)))
        }
        (_, Some(value), []) => (format!("{:?}", Some(parts(&value))), format!("{:?}", their_duration(text))),
        _ => return None,
    };
    (ours != theirs).then(|| format!("{text}: {ours} {theirs}"))
}

/// What an edit may put in.
const PIECES: [&str; 36] = [
    "0", "1", "2", "5", "9", "60", "24", "29", "31", "-", "+", ":", "T", "t", " ", "Z", "z", ".", ",", "00", "P", "Y",
    "M", "D", "H", "S", "W", "GMT", "UTC", "KST", "Mon", "Feb", "(x)", "[UTC]", "+09:00", "\u{661}",
];

fn edited(tape: &mut Tape<'_>, text: &str) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for _ in 0..=tape.below(2) {
        let at = tape.below(text.len().max(1)).min(text.len());
        let removed = tape.below(7).min(text.len() - at);
        let put = if tape.once_in(4) { "" } else { tape.pick(&PIECES) };
        text.splice(at..at + removed, put.chars());
    }
    text.into_iter().collect()
}

#[test]
fn finds_nothing_wrong_only_where_jiff_does_not() {
    const TEXTS: [&str; 10] = [
        "2024-08-01T09:30:00+09:00",
        "2024-02-29T23:59:59.5Z",
        "2000-12-31T00:00:00-14:00",
        "0001-01-01T00:00:00+00:00",
        "Thu, 1 Aug 2024 09:30:00 +0900",
        "29 Feb 24 23:59 GMT",
        "Sun, 31 Dec 2000 00:00:00 -1400",
        "P1Y2M3DT4H5M6.5S",
        "-P7D",
        "PT0S",
    ];
    let tally = Tally::default();
    for_any_tape(64, 24, |tape| {
        let text = tape.pick(&TEXTS);
        let text = edited(tape, text);
        let (value, kinds) = ours(&text);
        let legal = matches!(kinds[..], [] | [Kind::DateTimeRfc2822]);
        tally.note(match value {
            Some(value) if value.raw().is_some() => "raw",
            _ if legal => "legal",
            _ => "reported",
        });
        if let Some(shown) = differs(&text) {
            assert!(DIFFERENCES.iter().any(|(_, _, is, _)| is(&text)), "{shown}");
        }
    });
    tally.assert_at_least(&[("legal", 100), ("raw", 400), ("reported", 40)]);
    for (name, example, is, _) in DIFFERENCES {
        assert!(is(example), "{name}");
        assert!(differs(example).is_some(), "{name} is none any more");
    }
}
