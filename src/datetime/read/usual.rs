//! The spellings that nearly every time has, read at one go. Whatever else there is, [`forms`](super::forms) reads; of those
//! that it has too it makes the same.

use super::super::civil::{DateTime, UtcOffset};
use super::super::write::{MONTHS, WEEKDAYS};
use super::Notes;
use crate::deviation::DeviationKind;

/// `Fri, 5 Jul 2024 03:51:54 +0900` (T1).
pub(super) fn rfc2822<'a>(text: &'a str, notes: &mut Notes<'a>) -> Option<DateTime> {
    let (weekday, rest) = text.as_bytes().split_first_chunk::<3>()?;
    let (day, rest) = match rest {
        [b',', b' ', day, b' ', rest @ ..] => (number([*day])?, rest),
        [b',', b' ', tens, day, b' ', rest @ ..] => (number([*tens, *day])?, rest),
        _ => return None,
    };
    let &[m0, m1, m2, b' ', y0, y1, y2, y3, b' ', ref time @ .., b' ', sign, z0, z1, z2, z3] =
        <&[u8; 23]>::try_from(rest).ok()?
    else {
        return None;
    };
    let weekday = 1 + WEEKDAYS.iter().position(|(english, _)| english.as_bytes() == weekday)?;
    let month = 1 + MONTHS.iter().position(|name| name.as_bytes() == [m0, m1, m2])?;
    let offset = offset(sign, [z0, z1], [z2, z3])?;
    let value = at(number([y0, y1, y2, y3])?, u8::try_from(month).ok()?, day, *time, offset)?;

    notes.push(DeviationKind::DateTimeRfc2822, text);
    if weekday != usize::from(value.weekday()) {
        notes.push(DeviationKind::DateTimeWeekday, text);
    }
    Some(value)
}

/// `2024-07-05T03:51:54+09:00` and `2024-07-05T03:51:54Z` (T7, T9), in which there is nothing to note.
pub(super) fn iso(text: &str) -> Option<DateTime> {
    let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', ref time @ ..] = text.as_bytes().first_chunk::<19>()?
    else {
        return None;
    };
    let offset = match text.as_bytes()[19..] {
        [b'Z'] => UtcOffset::Z,
        [sign, h0, h1, b':', n0, n1] => offset(sign, [h0, h1], [n0, n1])?,
        _ => return None,
    };
    at(number([y0, y1, y2, y3])?, number([m0, m1])?, number([d0, d1])?, *time, offset)
}

/// `20240705035154` (T4, S-13), which has no other spelling.
pub(super) fn compact<'a>(text: &'a str, notes: &mut Notes<'a>) -> Option<DateTime> {
    let &[y0, y1, y2, y3, m0, m1, d0, d1, h0, h1, n0, n1, s0, s1] = <&[u8; 14]>::try_from(text.as_bytes()).ok()?;
    let time = [h0, h1, b':', n0, n1, b':', s0, s1];
    let value = at(number([y0, y1, y2, y3])?, number([m0, m1])?, number([d0, d1])?, time, UtcOffset::KST)?;

    notes.push(DeviationKind::DateTimeCompact, text);
    notes.zone(None, false, text);
    Some(value)
}

/// The date-time with its time of day as `03:51:54`.
fn at(year: u16, month: u8, day: u8, time: [u8; 8], offset: UtcOffset) -> Option<DateTime> {
    let [h0, h1, b':', n0, n1, b':', s0, s1] = time else { return None };
    DateTime::new(year, month, day, number([h0, h1])?, number([n0, n1])?, number([s0, s1])?, 0, offset)
}

fn offset(sign: u8, hours: [u8; 2], minutes: [u8; 2]) -> Option<UtcOffset> {
    let (hours, minutes): (i16, i16) = (number(hours)?, number(minutes)?);
    let east = hours * 60 + minutes;
    match sign {
        _ if minutes >= 60 => None,
        b'+' => Some(UtcOffset::Minutes(east)),
        b'-' => Some(UtcOffset::Minutes(-east)),
        _ => None,
    }
}

/// The number of so many digits.
fn number<T: TryFrom<u16>, const COUNT: usize>(digits: [u8; COUNT]) -> Option<T> {
    let digit = |number: u16, byte: u8| byte.is_ascii_digit().then(|| number * 10 + u16::from(byte - b'0'));
    T::try_from(digits.into_iter().try_fold(0, digit)?).ok()
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};
    use std::vec::Vec;
    use std::{format, vec};

    use proptest::prelude::*;

    use super::super::super::strategies;
    use super::super::forms;
    use super::*;

    /// A reading, with the kinds of what was noted and how much of the text is behind each place.
    type Reading = Option<(DateTime, Vec<(DeviationKind, usize)>)>;

    fn reading<'a>(text: &'a str, read: impl Fn(&'a str, &mut Notes<'a>) -> Option<DateTime>) -> Reading {
        let mut notes = Notes::default();
        let value = read(text, &mut notes)?;
        Some((value, notes.iter().map(|(kind, place)| (kind, place.len())).collect()))
    }

    /// Whether the usual spelling reads a text as the forms do, if it reads it at all.
    fn agrees(text: &str) -> bool {
        let (rfc2822, iso) = (reading(text, rfc2822), reading(text, |text, _| iso(text)));
        let compact = reading(text, compact);
        (rfc2822.is_none() || rfc2822 == reading(text, forms::rfc2822))
            && (iso.is_none() || iso == reading(text, forms::iso))
            && compact == spelled_out(text)
    }

    /// What fourteen digits are: the same time spelled out, by the forms.
    fn spelled_out(text: &str) -> Reading {
        if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let [date, time] = [&text[..8], &text[8..]];
        // Midnight at the end of a day is XML's alone.
        if time.starts_with("24") {
            return None;
        }
        let spelled = format!(
            "{}-{}-{}T{}:{}:{}+09:00",
            &date[..4],
            &date[4..6],
            &date[6..],
            &time[..2],
            &time[2..4],
            &time[4..]
        );
        let (value, noted) = reading(&spelled, forms::iso)?;
        assert!(noted.is_empty(), "{spelled}");
        Some((value, vec![(DeviationKind::DateTimeCompact, 14), (DeviationKind::DateTimeZoneMissing, 0)]))
    }

    #[test]
    fn reads_the_usual_spellings() {
        let value = |text: &str| {
            let notes = &mut Notes::default();
            let found = rfc2822(text, notes).or_else(|| iso(text)).or_else(|| compact(text, notes));
            found.map(|value| value.to_string())
        };
        for (text, expected) in [
            ("Fri, 5 Jul 2024 03:51:54 +0900", Some("2024-07-05T03:51:54+09:00")),
            ("Sat, 05 Jul 2024 03:51:54 -0330", Some("2024-07-05T03:51:54-03:30")),
            ("2024-07-05T03:51:54+09:00", Some("2024-07-05T03:51:54+09:00")),
            ("2024-07-05T03:51:54Z", Some("2024-07-05T03:51:54Z")),
            ("20240705035154", Some("2024-07-05T03:51:54+09:00")),
            ("20240705035160", None),
            ("2024070503515", None),
            ("Fri, 5 Jul 2024 03:51:54 +0960", None),
            ("Fri, 32 Jul 2024 03:51:54 +0900", None),
            ("Fri, 5 Jul 2024 3:51:54 +0900", None),
            ("fri, 5 Jul 2024 03:51:54 +0900", None),
            ("2024-07-05T24:00:00Z", None),
            ("2024-07-05T03:51:54", None),
            ("2024-07-05T03:51:54.5Z", None),
        ] {
            assert_eq!(value(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn agrees_with_the_forms_where_one_byte_is_another() {
        for text in [
            "Fri, 5 Jul 2024 03:51:54 +0900",
            "Fri, 15 Jul 2024 03:51:54 -0900",
            "2024-07-05T03:51:54+09:00",
            "2024-07-05T03:51:54Z",
            "20240705035154",
        ] {
            for at in 0..text.len() {
                for byte in 0..0x80 {
                    let mut bytes = text.as_bytes().to_vec();
                    bytes[at] = byte;
                    let other = String::from_utf8(bytes).expect("ASCII");
                    assert!(agrees(&other), "{other}");
                }
                assert!(agrees(&format!("{}{}", &text[..at], &text[at + 1..])), "{text} without {at}");
            }
        }
        assert!(vec!["", "F", "가나다라", "Fri,"].into_iter().all(agrees));
    }

    proptest! {
        #[test]
        fn agrees_with_the_forms(text in strategies::date_like_text()) {
            prop_assert!(agrees(&text));
        }
    }
}
