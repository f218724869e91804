//! The rules that the forms are made of.

use nom::branch::alt;
use nom::bytes::complete::take_while_m_n;
use nom::character::complete::{char, one_of};
use nom::combinator::{map, map_opt, opt, value, verify};
use nom::error::{Error, ErrorKind};
use nom::sequence::{preceded, separated_pair, terminated};
use nom::{IResult, Parser};

use super::super::civil::UtcOffset;
use super::super::write::{MONTHS, WEEKDAYS};
use super::{is_blank, is_unspeakable};

/// The time of day as the text spells it.
#[derive(Clone, Copy)]
pub(super) struct Time<'a> {
    pub(super) hour: &'a str,
    pub(super) minute: &'a str,
    pub(super) second: &'a str,
}

/// `hour ":" minute ":" second`
pub(super) fn time_of_day(i: &str) -> IResult<&str, Time<'_>> {
    let second = preceded(char(':'), digits(2, 2));
    map((hour_minute, second), |((hour, minute), second)| Time { hour, minute, second }).parse(i)
}

/// RFC 2822 section 3.3, `time-of-day`: the seconds may be absent.
pub(super) fn short_time_of_day(i: &str) -> IResult<&str, Time<'_>> {
    let second = map(opt(preceded(char(':'), digits(2, 2))), |second| second.unwrap_or("0"));
    map((hour_minute, second), |((hour, minute), second)| Time { hour, minute, second }).parse(i)
}

/// `hour ":" minute`
fn hour_minute(i: &str) -> IResult<&str, (&str, &str)> {
    separated_pair(digits(1, 2), char(':'), digits(2, 2)).parse(i)
}

/// The name of a weekday.
#[derive(Clone, Copy)]
pub(super) struct Weekday<'a> {
    /// 1 is Monday; unknown if the name was lost.
    pub(super) number: Option<u8>,
    /// Where it stands, if it is or was Korean.
    pub(super) korean: Option<&'a str>,
}

/// RFC 2822 section 3.3, `day-name`; S-12, also where the charset damaged or dropped it.
pub(super) fn weekday(i: &str) -> IResult<&str, Weekday<'_>> {
    let english = map_opt(letters, |name: &str| {
        let number = WEEKDAYS.iter().zip(1..).find(|((english, _), _)| english.eq_ignore_ascii_case(name))?.1;
        Some(Weekday { number: Some(number), korean: None })
    });
    let korean = map(korean_syllable, |name: &str| {
        let number = WEEKDAYS.iter().zip(1..).find(|((_, korean), _)| *korean == name).map(|(_, number)| number);
        Weekday { number, korean: Some(name) }
    });
    alt((english, korean)).parse(i)
}

/// A month of an RFC 2822 date.
#[derive(Clone, Copy)]
pub(super) struct Month<'a> {
    pub(super) number: u8,
    /// Where it stands, if it is or was Korean.
    pub(super) korean: Option<&'a str>,
}

/// RFC 2822 section 3.3, `month-name`; S-12: the number and `월`, or what the charset left of it.
pub(super) fn month(i: &str) -> IResult<&str, Month<'_>> {
    let english = map_opt(letters, |name: &str| {
        let number = MONTHS.iter().zip(1..).find(|(english, _)| english.eq_ignore_ascii_case(name))?.1;
        Some(Month { number, korean: None })
    });
    let korean = map_opt(terminated(digits(1, 2), korean_syllable), |digits: &str| {
        Some(Month { number: number(digits)?, korean: Some(digits) })
    });
    alt((english, korean)).parse(i)
}

/// A Korean syllable, or what is left of one: nothing, question marks, or stray characters (S-12, S-43).
///
/// Its two bytes of EUC-KR become two U+FFFD, and these are six bytes to whoever takes them for single-byte
/// text, so six characters are the most.
fn korean_syllable(i: &str) -> IResult<&str, &str> {
    take_while_m_n(0, 6, |c: char| c == '?' || !c.is_ascii() || is_unspeakable(c)).parse(i)
}

/// An offset, and where it has a colon or could have one.
#[derive(Clone, Copy)]
pub(super) struct Zone<'a> {
    pub(super) offset: UtcOffset,
    pub(super) colon: Option<(bool, &'a str)>,
}

/// XML Schema part 2, 3.2.7.3: `Z`; RFC 3339 section 5.6 allows `z`.
pub(super) fn utc(i: &str) -> IResult<&str, Zone<'_>> {
    value(Zone { offset: UtcOffset::Z, colon: None }, one_of("Zz")).parse(i)
}

/// RFC 2822 section 4.3, `obs-zone`, as far as Korea and Greenwich; `UTC` and `KST` are in use as well.
pub(super) fn named_zone(i: &str) -> IResult<&str, Zone<'_>> {
    map_opt(letters, |name: &str| {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let offset = if is("KST") {
            UtcOffset::KST
        } else if is("GMT") || is("UT") || is("UTC") {
            UtcOffset::Z
        } else {
            return None;
        };
        Some(Zone { offset, colon: None })
    })
    .parse(i)
}

/// `("+" / "-") HH ":" mm` (xs:dateTime) or `("+" / "-") HHmm` (RFC 2822).
pub(super) fn offset(i: &str) -> IResult<&str, Zone<'_>> {
    let (rest, sign) = one_of("+-").parse(i)?;
    let colon = map(separated_pair(two_digits, char(':'), two_digits), |(hours, minutes)| (true, hours, minutes));
    let plain = map_opt(digits(4, 4), |digits: &str| {
        let (hours, minutes) = digits.split_at_checked(2)?;
        Some((false, number(hours)?, number(minutes)?))
    });
    let (rest, (has_colon, hours, minutes)) =
        verify(alt((colon, plain)), |&(_, _, minutes): &(bool, u8, u8)| minutes < 60).parse(rest)?;
    let east = i16::from(hours) * 60 + i16::from(minutes);
    let offset = UtcOffset::Minutes(if sign == '-' { -east } else { east });
    let place = i.get("+09".len()..).unwrap_or(i);
    Ok((rest, Zone { offset, colon: Some((has_colon, place)) }))
}

/// `"." 1*DIGIT`, in nanoseconds.
pub(super) fn fraction(i: &str) -> IResult<&str, u32> {
    preceded(char('.'), map_opt(digits(1, usize::MAX), nanoseconds)).parse(i)
}

/// The digits behind the point; `None` if a nanosecond is too coarse for them.
fn nanoseconds(digits: &str) -> Option<u32> {
    let (kept, rest) = digits.split_at_checked(9).unwrap_or((digits, ""));
    if rest.bytes().any(|digit| digit != b'0') {
        return None;
    }
    let count: u32 = number(kept)?;
    Some((kept.len()..9).fold(count, |count, _| count * 10))
}

/// A count and its designator.
pub(super) fn component<'a>(designator: char) -> impl Parser<&'a str, Output = u32, Error = Error<&'a str>> {
    terminated(map_opt(digits(1, usize::MAX), number), char(designator))
}

/// The seconds of a duration, with their fraction in nanoseconds.
pub(super) fn seconds(i: &str) -> IResult<&str, (u32, u32)> {
    let fraction = map(opt(fraction), Option::unwrap_or_default);
    terminated((map_opt(digits(1, usize::MAX), number), fraction), char('S')).parse(i)
}

/// A run of `min` to `max` digits with no further digit behind it.
pub(super) fn digits<'a>(min: usize, max: usize) -> impl Parser<&'a str, Output = &'a str, Error = Error<&'a str>> {
    run(min, max, |byte| byte.is_ascii_digit())
}

/// A run of ASCII letters.
fn letters(i: &str) -> IResult<&str, &str> {
    run(1, usize::MAX, |byte| byte.is_ascii_alphabetic()).parse(i)
}

/// All the bytes at the start that are of a kind of ASCII, if there are `min` to `max`.
fn run<'a>(
    min: usize,
    max: usize,
    is: impl Fn(u8) -> bool,
) -> impl Parser<&'a str, Output = &'a str, Error = Error<&'a str>> {
    move |i: &'a str| {
        let len = i.bytes().take_while(|&byte| is(byte)).count();
        let fits = i.split_at_checked(len).filter(|_| (min..=max).contains(&len));
        let (run, rest) = fits.ok_or(nom::Err::Error(Error::new(i, ErrorKind::TakeWhileMN)))?;
        Ok((rest, run))
    }
}

/// Two digits as a number.
fn two_digits(i: &str) -> IResult<&str, u8> {
    map_opt(digits(2, 2), number).parse(i)
}

/// The number of some digits, if the type holds it.
pub(super) fn number<T: TryFrom<u32>>(digits: &str) -> Option<T> {
    let digit = |number: u32, byte: u8| number.checked_mul(10)?.checked_add(u32::from(byte - b'0'));
    T::try_from(digits.bytes().try_fold(0, digit)?).ok()
}

/// White space, or nothing.
pub(super) fn blanks(i: &str) -> IResult<&str, &str> {
    run(0, usize::MAX, is_blank_byte).parse(i)
}

/// White space.
pub(super) fn blanks1(i: &str) -> IResult<&str, &str> {
    run(1, usize::MAX, is_blank_byte).parse(i)
}

fn is_blank_byte(byte: u8) -> bool {
    is_blank(char::from(byte))
}
