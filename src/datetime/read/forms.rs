//! One function a form. Each is a grammar over the whole text, and then what is irregular about it.

use nom::branch::alt;
use nom::character::complete::{char, one_of};
use nom::combinator::{all_consuming, opt, verify};
use nom::sequence::{preceded, terminated};
use nom::{IResult, Parser};

use super::super::civil::{DateTime, UtcOffset};
use super::super::duration::Duration;
use super::Notes;
use super::leaf::{
    Time, Weekday, Zone, blanks, blanks1, component, digits, fraction, month, named_zone, number, offset, seconds,
    short_time_of_day, time_of_day, utc, weekday,
};
use crate::deviation::DeviationKind;

/// xs:dateTime (XML Schema part 2, 3.2.7.1; T6, T7, T9). One digit will do for month, day and hour
/// (T8), and an offset may lack its colon or be absent.
///
/// `year "-" month "-" day "T" hour ":" minute ":" second ["." digits] ["Z" / offset]`
pub(super) fn iso<'a>(text: &'a str, notes: &mut Notes<'a>) -> Option<DateTime> {
    let (rest, year) = terminated(digits(4, 4), char('-')).parse(text).ok()?;
    let (rest, month) = terminated(digits(1, 2), char('-')).parse(rest).ok()?;
    let (rest, day) = terminated(digits(1, 2), one_of("Tt")).parse(rest).ok()?;
    let (rest, time) = time_of_day(rest).ok()?;
    let (rest, nanosecond) = opt(fraction).parse(rest).ok()?;
    let (rest, zone) = opt(alt((utc, offset))).parse(rest).ok()?;
    let date = Date { year: number(year)?, month: number(month)?, day: number(day)? };
    let value = iso_value(&date, &time, nanosecond.unwrap_or(0), offset_of(zone)).filter(|_| rest.is_empty())?;

    notes.two_digits(month);
    notes.two_digits(day);
    notes.two_digits(time.hour);
    notes.zone(zone, true, text);
    Some(value)
}

/// The value of an xs:dateTime. `24:00:00` is the first instant of the next day (XML Schema part 2,
/// 3.2.7.1).
fn iso_value(date: &Date, time: &Time<'_>, nanosecond: u32, offset: UtcOffset) -> Option<DateTime> {
    if (time.hour, time.minute, time.second, nanosecond) == ("24", "00", "00", 0) {
        let midnight = Time { hour: "00", ..*time };
        return date.at(&midnight, 0, offset)?.next_day();
    }
    date.at(time, nanosecond, offset)
}

/// `dd-MM-yyyy HH:mm:ss` (T5, K-16).
pub(super) fn day_first<'a>(text: &'a str, notes: &mut Notes<'a>) -> Option<DateTime> {
    let (rest, day) = terminated(digits(1, 2), char('-')).parse(text).ok()?;
    let (rest, month) = terminated(digits(1, 2), char('-')).parse(rest).ok()?;
    let (rest, (year, gap)) = (digits(4, 4), blanks1).parse(rest).ok()?;
    let (_, time) = all_consuming(time_of_day).parse(rest).ok()?;
    let date = Date { year: number(year)?, month: number(month)?, day: number(day)? };
    let value = date.at(&time, 0, UtcOffset::KST)?;

    notes.push(DeviationKind::DateTimeDayFirst, text);
    notes.two_digits(day);
    notes.two_digits(month);
    notes.gap(gap);
    notes.two_digits(time.hour);
    notes.zone(None, false, text);
    Some(value)
}

/// RFC 2822 sections 3.3 and 4.3, `date-time`, in English or Korean (T1, T2, S-10, S-12).
///
/// `[day-of-week ","] day month year hour ":" minute [":" second] [zone]`
pub(super) fn rfc2822<'a>(text: &'a str, notes: &mut Notes<'a>) -> Option<DateTime> {
    let (rest, weekday) = opt(weekday_comma).parse(text).ok()?;
    let (rest, (day, day_gap)) = (digits(1, 2), blanks).parse(rest).ok()?;
    let (rest, month) = month(rest).ok()?;
    let (rest, month_gap) = blanks(rest).ok()?;
    let (rest, (year, year_gap)) = (digits(2, 4), blanks1).parse(rest).ok()?;
    let (rest, time) = short_time_of_day(rest).ok()?;
    let (rest, zone) = opt((blanks, alt((offset, utc, named_zone)))).parse(rest).ok()?;
    let (zone_gap, zone) = zone.unzip();
    let date = Date { year: full_year(year)?, month: month.number, day: number(day)? };
    let value = date.at(&time, 0, offset_of(zone)).filter(|_| rest.is_empty())?;

    notes.push(DeviationKind::DateTimeRfc2822, text);
    let korean_weekday = weekday.and_then(|weekday| weekday.day.korean);
    if let Some(name) = korean_weekday.or(month.korean) {
        notes.push(DeviationKind::DateTimeKoreanNames, name);
    }
    if let Some(WeekdayComma { day, comma_gap, gap }) = weekday {
        if day.number.is_some_and(|number| number != value.weekday()) {
            notes.push(DeviationKind::DateTimeWeekday, text);
        }
        notes.no_gap(comma_gap);
        notes.gap(gap);
    }
    notes.gap(day_gap);
    notes.gap(month_gap);
    notes.gap(year_gap);
    notes.two_digits(time.hour);
    if let Some(gap) = zone_gap {
        notes.gap(gap);
    }
    notes.zone(zone, false, text);
    Some(value)
}

/// A weekday, and the blanks on either side of the comma behind it.
#[derive(Clone, Copy)]
struct WeekdayComma<'a> {
    day: Weekday<'a>,
    comma_gap: &'a str,
    gap: &'a str,
}

/// RFC 2822 section 3.3, `day-of-week ","`.
fn weekday_comma(i: &str) -> IResult<&str, WeekdayComma<'_>> {
    let (rest, day) = weekday(i)?;
    let (rest, comma_gap) = terminated(blanks, char(',')).parse(rest)?;
    let (rest, gap) = blanks(rest)?;
    Ok((rest, WeekdayComma { day, comma_gap, gap }))
}

/// RFC 2822 section 4.3: two digits are of 1950 to 2049, three are counted from 1900.
fn full_year(digits: &str) -> Option<u16> {
    let year: u16 = number(digits)?;
    Some(match digits.len() {
        2 if year < 50 => 2000 + year,
        2 | 3 => 1900 + year,
        _ => year,
    })
}

/// xs:duration (XML Schema part 2, 3.2.6.1), with something behind `P` and behind `T`.
///
/// `["-"] "P" [nY] [nM] [nD] ["T" [nH] [nM] [n ["." digits] S]]`
pub(super) fn duration(text: &str) -> Option<Duration> {
    let date = (opt(component('Y')), opt(component('M')), opt(component('D')));
    let time = verify((opt(component('H')), opt(component('M')), opt(seconds)), |(hours, minutes, seconds)| {
        hours.is_some() || minutes.is_some() || seconds.is_some()
    });
    let whole = (opt(char('-')), preceded(char('P'), date), opt(preceded(char('T'), time)));
    let (_, (sign, (years, months, days), time)) = all_consuming(whole).parse(text).ok()?;

    if years.or(months).or(days).is_none() && time.is_none() {
        return None;
    }
    let (hours, minutes, seconds) = time.unwrap_or_default();
    let (seconds, nanoseconds) = seconds.unwrap_or_default();
    let value = Duration::new(
        years.unwrap_or(0),
        months.unwrap_or(0),
        days.unwrap_or(0),
        hours.unwrap_or(0),
        minutes.unwrap_or(0),
        seconds,
        nanoseconds,
    )?;
    Some(if sign.is_some() { value.negated() } else { value })
}

/// The date of a text.
struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    fn at(&self, time: &Time<'_>, nanosecond: u32, offset: UtcOffset) -> Option<DateTime> {
        let (hour, minute, second) = (number(time.hour)?, number(time.minute)?, number(time.second)?);
        DateTime::new(self.year, self.month, self.day, hour, minute, second, nanosecond, offset)
    }
}

/// The offset of a date-time; one without any is of Korea (carriers 3.7).
fn offset_of(zone: Option<Zone<'_>>) -> UtcOffset {
    zone.map_or(UtcOffset::KST, |zone| zone.offset)
}
