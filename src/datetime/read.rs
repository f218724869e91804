//! Every form of a time on record (carriers 3.7, T1 to T9; XML Schema part 2), read to one value.
//!
//! A number is a whole run of digits, so no text has two readings and the order in which the forms
//! are tried does not matter.

mod forms;
mod leaf;
mod usual;

use alloc::string::String;

use nom::Offset;

use self::forms::{day_first, duration, iso, rfc2822};
use self::leaf::Zone;
use super::{Timestamp, Value};
use crate::deviation::{DeviationKind, Flags};

/// Reads a text; see [`Timestamp::parse`].
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let text = trim(text);
    if text.is_empty() {
        return None;
    }
    Some(recognise(text, &mut Notes::default()).unwrap_or_else(|| raw(text)))
}

/// Reads a text and reports what is irregular about its form, each with its byte in `text`.
///
/// The value is that of [`Timestamp::parse`]. White space around the text is not reported.
pub(crate) fn read(text: &str, flags: &mut Flags) -> Option<Timestamp> {
    let trimmed = trim(text);
    if trimmed.is_empty() {
        return None;
    }
    let mut notes = Notes::default();
    let Some(value) = recognise(trimmed, &mut notes) else {
        flags.push(DeviationKind::ValueUnreadable, text.offset(trimmed));
        return Some(raw(trimmed));
    };
    for (kind, place) in notes.iter() {
        flags.push(kind, text.offset(place));
    }
    Some(value)
}

/// The value of a text in one of the forms. Its first byte tells most of those apart.
///
/// A form that reads the text notes what is irregular about it; one that does not notes nothing.
fn recognise<'a>(text: &'a str, notes: &mut Notes<'a>) -> Option<Timestamp> {
    match text.as_bytes() {
        [b'0'..=b'9', ..] => usual::iso(text)
            .or_else(|| usual::compact(text, notes))
            .or_else(|| iso(text, notes))
            .or_else(|| day_first(text, notes))
            .or_else(|| rfc2822(text, notes))
            .map(Timestamp::from),
        [b'-' | b'P', ..] => duration(text).map(Timestamp::from),
        _ => usual::rfc2822(text, notes).or_else(|| rfc2822(text, notes)).map(Timestamp::from),
    }
}

/// Deviations of one text, each with the rest of the text from the byte that a person would look at.
#[derive(Default)]
struct Notes<'a>([Option<(DeviationKind, &'a str)>; MAX_NOTES]);

/// An RFC 2822 date can have the most: the form, the names, the weekday, six gaps, the hour and the zone.
const MAX_NOTES: usize = 11;

impl<'a> Notes<'a> {
    fn push(&mut self, kind: DeviationKind, place: &'a str) {
        if let Some(free) = self.0.iter_mut().find(|note| note.is_none()) {
            *free = Some((kind, place));
        }
    }

    fn iter(&self) -> impl Iterator<Item = (DeviationKind, &'a str)> {
        self.0.iter().flatten().copied()
    }

    /// Blanks where one blank belongs. The place is the first byte that is not that blank.
    fn gap(&mut self, blanks: &'a str) {
        if blanks != " " {
            self.push(DeviationKind::DateTimeSpacing, blanks.strip_prefix(' ').unwrap_or(blanks));
        }
    }

    /// Blanks where nothing belongs.
    fn no_gap(&mut self, blanks: &'a str) {
        if !blanks.is_empty() {
            self.push(DeviationKind::DateTimeSpacing, blanks);
        }
    }

    /// A number in a form that gives it two digits.
    fn two_digits(&mut self, digits: &'a str) {
        if digits.len() == 1 {
            self.push(DeviationKind::DateTimeOneDigit, digits);
        }
    }

    /// The offset of a form that writes it with or without a colon.
    fn zone(&mut self, zone: Option<Zone<'a>>, with_colon: bool, text: &'a str) {
        let Some(zone) = zone else {
            let (_, end) = text.split_at(text.len());
            return self.push(DeviationKind::DateTimeZoneMissing, end);
        };
        if let Some((has_colon, place)) = zone.colon
            && has_colon != with_colon
        {
            self.push(DeviationKind::DateTimeOffsetForm, place);
        }
    }
}

/// XML 1.0 production 3, `S`.
const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// What no message holds (XML 1.0 production 2). The grammar takes it for the U+FFFD that replaces it in a raw
/// text, so that the replacement makes nothing readable.
const fn is_unspeakable(c: char) -> bool {
    (c < ' ' && !is_blank(c)) || matches!(c, '\u{FFFE}' | '\u{FFFF}')
}

fn trim(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// A text that no form reads.
fn raw(text: &str) -> Timestamp {
    let spoken = text.chars().map(|c| if is_unspeakable(c) { char::REPLACEMENT_CHARACTER } else { c });
    Timestamp(Value::Raw(spoken.collect::<String>()))
}

#[cfg(test)]
mod tests {
    use std::string::ToString;
    use std::vec::Vec;
    use std::{format, fs};

    use DeviationKind::{
        DateTimeCompact as Compact, DateTimeDayFirst as DayFirst, DateTimeKoreanNames as KoreanNames,
        DateTimeOffsetForm as OffsetForm, DateTimeOneDigit as OneDigit, DateTimeRfc2822 as Rfc2822,
        DateTimeSpacing as Spacing, DateTimeWeekday as Weekday, DateTimeZoneMissing as ZoneMissing, ValueUnreadable,
    };
    use proptest::prelude::*;

    use super::super::strategies;
    use super::super::write::{MONTHS, WEEKDAYS};
    use super::*;

    /// A flag: kind and offset.
    type At = (DeviationKind, usize);

    /// The value as text, and the flags.
    fn reading(text: &str) -> (Option<String>, Vec<At>) {
        let mut flags = Flags::default();
        let value = read(text, &mut flags);
        let flags = flags.iter().map(|flag| (flag.kind, flag.offset)).collect();
        (value.map(|value| value.to_string()), flags)
    }

    #[track_caller]
    fn assert_reads(text: &str, value: &str, flags: &[At]) {
        assert_eq!(reading(text), (Some(value.into()), flags.to_vec()), "{text}");
    }

    /// The text is kept as it stands.
    #[track_caller]
    fn assert_unreadable(text: &str) {
        assert_reads(text, text, &[(ValueUnreadable, 0)]);
        assert_eq!(Timestamp::parse(text).as_ref().and_then(Timestamp::raw), Some(text));
    }

    #[test]
    fn reads_every_form_on_record() {
        let cases: &[(&str, &str, &[At])] = &[
            // T1
            ("Thu, 1 Aug 2024 03:15:00 +0900", "2024-08-01T03:15:00+09:00", &[(Rfc2822, 0)]),
            // T2
            ("목, 1 8월 2024 03:15:00 +0900", "2024-08-01T03:15:00+09:00", &[(Rfc2822, 0), (KoreanNames, 0)]),
            // T3
            (
                " Fri,  05 Aug 2009 03:15:00 +0900",
                "2009-08-05T03:15:00+09:00",
                &[(Rfc2822, 1), (Weekday, 1), (Spacing, 6)],
            ),
            // T4
            ("20240801093000", "2024-08-01T09:30:00+09:00", &[(Compact, 0), (ZoneMissing, 14)]),
            ("20431001031500", "2043-10-01T03:15:00+09:00", &[(Compact, 0), (ZoneMissing, 14)]),
            // T5
            ("01-08-2024 09:30:00", "2024-08-01T09:30:00+09:00", &[(DayFirst, 0), (ZoneMissing, 19)]),
            // T6
            ("2024-08-01T09:30:00", "2024-08-01T09:30:00+09:00", &[(ZoneMissing, 19)]),
            // T7
            ("2024-08-01T09:30:00+09:00", "2024-08-01T09:30:00+09:00", &[]),
            // T8
            ("2024-08-4T09:30:00+09:00", "2024-08-04T09:30:00+09:00", &[(OneDigit, 8)]),
            // T9
            ("2024-08-01T09:30:00Z", "2024-08-01T09:30:00Z", &[]),
            // xs:duration
            ("P7D", "P7D", &[]),
        ];
        for (text, value, flags) in cases {
            assert_reads(text, value, flags);
        }
    }

    #[test]
    fn reads_what_is_legal_without_a_flag() {
        for (text, value) in [
            ("2024-02-29T00:00:00-14:00", "2024-02-29T00:00:00-14:00"),
            ("2024-08-01T09:30:00.120+00:00", "2024-08-01T09:30:00.12+00:00"),
            ("2024-08-01T09:30:00.0000000010000Z", "2024-08-01T09:30:00.000000001Z"),
            ("2024-08-01T09:30:00-00:00", "2024-08-01T09:30:00+00:00"),
            ("2024-08-01t09:30:00z", "2024-08-01T09:30:00Z"),
            ("2024-12-31T24:00:00.0+09:00", "2025-01-01T00:00:00+09:00"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ] {
            assert_reads(text, value, &[]);
        }
    }

    #[test]
    fn reports_one_digit_of_month_day_and_hour() {
        assert_reads(
            "2014-3-4T5:34:50+08:00",
            "2014-03-04T05:34:50+08:00",
            &[(OneDigit, 5), (OneDigit, 7), (OneDigit, 9)],
        );
        assert_reads(
            "1-8-2024 9:30:00",
            "2024-08-01T09:30:00+09:00",
            &[(DayFirst, 0), (OneDigit, 0), (OneDigit, 2), (OneDigit, 9), (ZoneMissing, 16)],
        );
        assert_reads("Thu, 01 Aug 2024 9:30:00 +0900", "2024-08-01T09:30:00+09:00", &[(Rfc2822, 0), (OneDigit, 17)]);
    }

    #[test]
    fn reports_an_offset_in_the_other_form() {
        assert_reads("2024-08-01T09:30:00+0930", "2024-08-01T09:30:00+09:30", &[(OffsetForm, 22)]);
        assert_reads("Thu, 1 Aug 2024 09:30:00 -09:30", "2024-08-01T09:30:00-09:30", &[(Rfc2822, 0), (OffsetForm, 28)]);
    }

    #[test]
    fn reads_the_variants_of_rfc_2822() {
        let plain: &[_] = &[(Rfc2822, 0)];
        for (text, value) in [
            ("1 Aug 2024 09:30:00 +0900", "2024-08-01T09:30:00+09:00"),
            ("tHU, 01 aUG 2024 09:30:00 +0900", "2024-08-01T09:30:00+09:00"),
            ("Thu, 1 Aug 2024 09:30 +0900", "2024-08-01T09:30:00+09:00"),
            ("Thu, 1 Aug 24 09:30:00 -0000", "2024-08-01T09:30:00+00:00"),
            ("31 Dec 49 09:30:00 GMT", "2049-12-31T09:30:00Z"),
            ("1 Jan 50 09:30:00 ut", "1950-01-01T09:30:00Z"),
            ("1 Jan 124 09:30:00 UTC", "2024-01-01T09:30:00Z"),
            ("1 Jan 0024 09:30:00 Z", "0024-01-01T09:30:00Z"),
            ("1 Jan 2024 09:30:00 kst", "2024-01-01T09:30:00+09:00"),
            ("29 Feb 2024 23:59:59 +1400", "2024-02-29T23:59:59+14:00"),
        ] {
            assert_reads(text, value, plain);
        }
        assert_reads("Thu, 1 Aug 2024 09:30:00", "2024-08-01T09:30:00+09:00", &[(Rfc2822, 0), (ZoneMissing, 24)]);
    }

    #[test]
    fn reports_blanks_missing_and_doubled() {
        let value = "2024-08-01T09:30:00+09:00";
        assert_reads("Thu,1 Aug 2024 09:30:00 +0900", value, &[(Rfc2822, 0), (Spacing, 4)]);
        assert_reads("Thu,\t1 Aug 2024 09:30:00 +0900", value, &[(Rfc2822, 0), (Spacing, 4)]);
        assert_reads("Thu , 1 Aug 2024 09:30:00 +0900", value, &[(Rfc2822, 0), (Spacing, 3)]);
        assert_reads(
            "1Aug2024   09:30:00+0900",
            value,
            &[(Rfc2822, 0), (Spacing, 1), (Spacing, 4), (Spacing, 9), (Spacing, 19)],
        );
        assert_reads("1 Aug 2024 09:30:00  KST", value, &[(Rfc2822, 0), (Spacing, 20)]);
        assert_reads("01-08-2024\r\n09:30:00", value, &[(DayFirst, 0), (Spacing, 10), (ZoneMissing, 20)]);
    }

    #[test]
    fn reads_every_name_of_weekday_and_month() {
        for (number, (english, korean)) in WEEKDAYS.iter().enumerate() {
            let day = 5 + number; // 5 August 2024 was a Monday.
            let value = format!("2024-08-{day:02}T09:30:00Z");
            assert_reads(&format!("{english}, {day} Aug 2024 09:30:00 GMT"), &value, &[(Rfc2822, 0)]);
            let korean = format!("{korean}, {day} 8월 2024 09:30:00 GMT");
            assert_reads(&korean, &value, &[(Rfc2822, 0), (KoreanNames, 0)]);
        }
        for (number, name) in (1..).zip(MONTHS) {
            let value = format!("2024-{number:02}-01T09:30:00Z");
            assert_reads(&format!("1 {name} 2024 09:30:00 GMT"), &value, &[(Rfc2822, 0)]);
            let korean = format!("1 {number}월 2024 09:30:00 GMT");
            assert_reads(&korean, &value, &[(Rfc2822, 0), (KoreanNames, 2)]);
        }
    }

    #[test]
    fn reports_a_korean_weekday_that_does_not_match() {
        assert_reads(
            "금, 1 8월 2024 03:15:00 +0900",
            "2024-08-01T03:15:00+09:00",
            &[(Rfc2822, 0), (KoreanNames, 0), (Weekday, 0)],
        );
    }

    #[test]
    fn reads_korean_names_of_which_only_digits_remain() {
        let names = &[(Rfc2822, 0), (KoreanNames, 0)][..];
        for text in [
            "?, 1 8? 2024 03:15:00 +0900",
            "??, 1 8?? 2024 03:15:00 +0900",
            "\u{FFFD}\u{FFFD}, 1 8\u{FFFD}\u{FFFD} 2024 03:15:00 +0900",
            "▒▒, 1 8▒▒ 2024 03:15:00 +0900",
            "¸ñ, 1 8¿ù 2024 03:15:00 +0900",
            "占쏙옙, 1 8占쏙옙 2024 03:15:00 +0900",
            "ï¿½ï¿½, 1 8ï¿½ï¿½ 2024 03:15:00 +0900",
            "\u{0}\u{1}, 1 8\u{FFFE}\u{FFFF} 2024 03:15:00 +0900",
            ", 1 8 2024 03:15:00 +0900",
        ] {
            assert_reads(text, "2024-08-01T03:15:00+09:00", names);
        }
        assert_reads("1 8 2024 03:15:00 +0900", "2024-08-01T03:15:00+09:00", &[(Rfc2822, 0), (KoreanNames, 2)]);
        assert_unreadable("???????, 1 8? 2024 03:15:00 +0900");
        assert_unreadable("?, 1 ? 2024 03:15:00 +0900");
        assert_unreadable("?, 1 13? 2024 03:15:00 +0900");
    }

    #[test]
    fn reports_every_site_of_a_date_that_has_them_all() {
        let text = "금 ,  1  8월  2024  9:15:00  +09:00";
        let expected = [
            (Rfc2822, 0),
            (KoreanNames, 0),
            (Weekday, 0),
            (Spacing, 3),
            (Spacing, 6),
            (Spacing, 9),
            (Spacing, 15),
            (Spacing, 21),
            (OneDigit, 22),
            (Spacing, 30),
            (OffsetForm, 34),
        ];
        assert_eq!(expected.len(), MAX_NOTES);
        assert_reads(text, "2024-08-01T09:15:00+09:00", &expected);
    }

    #[test]
    fn reads_durations() {
        for (text, value) in [
            ("P1Y2M3DT4H5M6.5S", "P1Y2M3DT4H5M6.5S"),
            ("-P90D", "-P90D"),
            ("PT36H", "PT36H"),
            ("P2M", "P2M"),
            ("PT2M", "PT2M"),
            ("P0007D", "P7D"),
            ("P0Y7D", "P7D"),
            ("PT1.500S", "PT1.5S"),
            ("P0D", "PT0S"),
            ("-PT0S", "PT0S"),
            ("P4294967295Y", "P4294967295Y"),
        ] {
            assert_reads(text, value, &[]);
        }
    }

    #[test]
    fn keeps_what_is_no_duration_raw() {
        for text in [
            "P",
            "-P",
            "PT",
            "P1DT",
            "P1",
            "7D",
            "P1D1Y",
            "P1S",
            "PT1D",
            "+P1D",
            "P-1D",
            "p7d",
            "P1.5D",
            "PT1.S",
            "PT.5S",
            "P4294967296Y",
            "PT0.0000000001S",
            "P7D P7D",
        ] {
            assert_unreadable(text);
        }
    }

    #[test]
    fn keeps_dates_that_do_not_exist_raw() {
        for text in [
            "31-02-2024 09:30:00",
            "29-02-2023 09:30:00",
            "2023-02-29T09:30:00Z",
            "20240230093000",
            "20241301093000",
            "20240801240000",
            "Thu, 30 Feb 2024 09:30:00 +0900",
            "2024-08-01T25:00:00Z",
            "2024-08-01T24:00:01Z",
            "9999-12-31T24:00:00Z",
            "24-08-2024 24:00:00",
            "2024-08-01T09:60:00Z",
            "2024-08-01T09:30:60Z",
            "0000-01-01T00:00:00Z",
            "2024-08-01T09:30:00+14:01",
            "2024-08-01T09:30:00+08:60",
            "1 Aug 2024 09:30:00 +9900",
        ] {
            assert_unreadable(text);
        }
    }

    #[test]
    fn keeps_other_texts_raw() {
        for text in [
            "1",
            "tomorrow",
            "내일",
            "2024-08-01",
            "2024-08-01 09:30:00",
            "2024-08-01T09:30",
            "2024-08-01T09:30:0",
            "2024-08-01T09:30:00+09",
            "2024-08-01T09:30:00 +09:00",
            "2024-08-01T09:30:00KST",
            "2024-08-01T09:30:00.Z",
            "2024-08-01T09:30:00.0000000001Z",
            "12024-08-01T09:30:00Z",
            "-2024-08-01T09:30:00Z",
            "２０２４-08-01T09:30:00Z",
            "2024080109300",
            "202408010930000",
            "01-08-24 09:30:00",
            "01-08-202409:30:00",
            "01-08-2024T09:30:00",
            "01-08-2024 09:30",
            "Thu 1 Aug 2024 09:30:00 +0900",
            "Thursday, 1 Aug 2024 09:30:00 +0900",
            "Thu, 1 August 2024 09:30:00 +0900",
            "Thu, 1 Aug 202409:30:00 +0900",
            "Thu, 1 Aug 4 09:30:00 +0900",
            "Thu, 1 Aug 2024 09:30:00 EST",
            "Thu, 1 Aug 2024 09:30:00 +090",
            "Thu, 1 Aug 2024",
            "Thu, 001 Aug 2024 09:30:00 +0900",
            "Thu,",
            "2024-08-01T09:30:00Z x",
        ] {
            assert_unreadable(text);
        }
    }

    #[test]
    fn is_absent_when_there_is_nothing_but_white_space() {
        for text in ["", " ", "\t\r\n "] {
            assert_eq!(reading(text), (None, Vec::new()));
            assert_eq!(Timestamp::parse(text), None);
        }
        assert_reads("\u{A0}", "\u{A0}", &[(ValueUnreadable, 0)]);
    }

    #[test]
    fn counts_offsets_within_the_text_given() {
        assert_reads("\r\n 2024-08-4T09:30:00\t", "2024-08-04T09:30:00+09:00", &[(OneDigit, 11), (ZoneMissing, 21)]);
        assert_reads(" soon ", "soon", &[(ValueUnreadable, 1)]);
    }

    /// Every time in the captures, where these are present.
    #[test]
    fn reads_every_time_in_the_captures() {
        let Ok(folder) = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/captures")) else {
            std::eprintln!("skipped: no captures");
            return;
        };
        let mut count = 0;
        for file in folder {
            let bytes = fs::read(file.expect("an entry").path()).expect("a file");
            let text = String::from_utf8_lossy(&bytes);
            for name in ["TimeStamp>", "ExpiryDate>", "<Date>"] {
                for value in text.split(name).skip(1).filter_map(|rest| rest.split('<').next()) {
                    let value = value.trim();
                    // `1` stands in one sample for a time; the text between two elements is blank.
                    if !value.is_empty() && value != "1" && value.len() < 64 {
                        let (read, flags) = reading(value);
                        assert!(flags.iter().all(|&(kind, _)| kind != ValueUnreadable), "{value}: {read:?}");
                        count += 1;
                    }
                }
            }
        }
        assert!(count >= 30, "only {count} times found");
    }

    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![any::<String>(), strategies::date_like_text()]
    }

    proptest! {
        #[test]
        fn reads_any_text_and_its_own_text_again(text in any_text()) {
            prop_assert_eq!(Timestamp::parse(&text).is_none(), text.chars().all(is_blank));
            crate::laws::datetime(&text);
        }

        #[test]
        fn white_space_around_a_text_changes_nothing(
            text in any_text(),
            before in "[ \t\r\n]{0,3}",
            after in "[ \t\r\n]{0,3}",
        ) {
            let (value, flags) = reading(trim(&text));
            let (padded_value, padded_flags) = reading(&format!("{before}{}{after}", trim(&text)));
            prop_assert_eq!(padded_value, value);
            let moved = flags.iter().map(|&(kind, offset)| (kind, offset + before.len()));
            prop_assert_eq!(padded_flags, moved.collect::<Vec<_>>());
        }

        #[test]
        fn no_two_forms_read_one_text(text in strategies::date_like_text()) {
            let text = trim(&text);
            let readers: [fn(&str) -> bool; 5] = [
                |text| iso(text, &mut Notes::default()).is_some(),
                |text| rfc2822(text, &mut Notes::default()).is_some(),
                |text| day_first(text, &mut Notes::default()).is_some(),
                |text| usual::compact(text, &mut Notes::default()).is_some(),
                |text| duration(text).is_some(),
            ];
            let readings = readers.iter().filter(|reader| reader(text)).count();
            prop_assert!(readings <= 1);
            // The first byte leads to the one that reads it.
            prop_assert_eq!(recognise(text, &mut Notes::default()).is_some(), readings == 1);
        }
    }
}
