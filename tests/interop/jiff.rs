use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Span, ToSpan as _, ZonedDateTime, civil};
use proptest::prelude::*;
use tongsa::{DateTime, Duration, Timestamp, TimestampError};

use crate::times::{date_time, duration, keeps_length, keeps_own_length, parse, refuses_other_kinds, with_z};

#[test]
fn refuses_a_timestamp_of_another_kind() {
    refuses_other_kinds::<ZonedDateTime, SignedDuration>();
    refuses_other_kinds::<ZonedDateTime, Span>();
    assert_eq!(SignedDuration::try_from(&parse("P1M")), Err(TimestampError::NoFixedLength));
    assert_eq!(Span::try_from(&parse("P1M")).unwrap().fieldwise(), 1.month().fieldwise());
}

#[test]
fn refuses_what_no_message_holds() {
    let back = |year, offset| {
        let local = civil::date(year, 12, 30).at(1, 2, 3, 4);
        let there = local.to_zoned_datetime(TimeZone::fixed(Offset::from_seconds(offset).unwrap())).unwrap();
        DateTime::try_from(there).map(|value| value.to_string())
    };
    assert_eq!(back(9999, 50_400).as_deref(), Ok("9999-12-30T01:02:03.000000004+14:00"));
    assert_eq!(back(0, 0), Err(TimestampError::Year(0)));
    assert_eq!(back(-9999, 0), Err(TimestampError::Year(-9999)));
    assert_eq!(back(1907, 30_472), Err(TimestampError::Offset(30_472)), "Seoul, before it had a zone");
    assert_eq!(back(2024, 50_460), Err(TimestampError::Offset(50_460)));
    assert_eq!(back(2024, -1), Err(TimestampError::Offset(-1)));
    let range = Err(TimestampError::Range("tongsa::Duration"));
    assert_eq!(Duration::try_from(SignedDuration::MAX), range);
    assert_eq!(Duration::try_from(SignedDuration::MIN), range);
    assert_eq!(Duration::try_from(10_000_000_000_i64.minutes()), range);
}

#[test]
fn ends_where_the_instants_of_jiff_end() {
    let there = |text| ZonedDateTime::try_from(&parse(text)).map(|value| value.datetime().to_string());
    assert_eq!(there("9999-12-30T22:00:00Z").as_deref(), Ok("9999-12-30T22:00:00"));
    assert_eq!(there("9999-12-30T22:00:01Z"), Err(TimestampError::Range("jiff::ZonedDateTime")));
    assert_eq!(there("9999-12-31T12:00:00+14:00").as_deref(), Ok("9999-12-31T12:00:00"));
    let span = |text| Span::try_from(&parse(text)).map(|_| ());
    assert_eq!((span("P19998Y"), span("P19999Y")), (Ok(()), Err(TimestampError::Range("jiff::Span"))));
}

#[test]
fn sums_what_only_a_span_parts() {
    let value = |span| Duration::try_from(span).map(|value| value.to_string());
    assert_eq!(value(2.weeks().days(1).hours(30)).as_deref(), Ok("P15DT30H"));
    assert_eq!(
        value(-1.second().milliseconds(2500).microseconds(3).nanoseconds(1_000_004)).as_deref(),
        Ok("-PT3.501003004S")
    );
    assert_eq!(value(Span::new()).as_deref(), Ok("PT0S"));
}

proptest! {
    #[test]
    fn keeps_every_date_time(value in date_time()) {
        let there = ZonedDateTime::try_from(value);
        prop_assert_eq!(there.is_ok(), value.unix_seconds() <= jiff::Timestamp::MAX.as_second());
        if let Ok(there) = there {
            prop_assert_eq!(there.timestamp().as_nanosecond().div_euclid(1_000_000_000), value.unix_seconds().into());
            prop_assert_eq!(DateTime::try_from(there.clone()), Ok(with_z(value)));
            let through = ZonedDateTime::try_from(&Timestamp::from(value)).unwrap();
            prop_assert_eq!((through.datetime(), through.offset()), (there.datetime(), there.offset()));
            prop_assert_eq!(Timestamp::try_from(there), Ok(with_z(value).into()));
        }
    }

    #[test]
    fn keeps_every_component(value in duration()) {
        if let Ok(there) = Span::try_from(value) {
            prop_assert_eq!(Duration::try_from(there), Ok(value));
            prop_assert_eq!(Timestamp::try_from(there), Ok(value.into()));
        } else {
            let longest = [value.years(), value.months(), value.days(), value.hours()];
            let limits = [19_998, 239_976, 7_304_484, 175_307_616];
            prop_assert!(longest.iter().zip(limits).any(|(count, limit)| *count > limit));
        }
    }

    #[test]
    fn keeps_every_length(value in duration()) {
        keeps_length::<SignedDuration>(value)?;
    }

    #[test]
    fn keeps_every_length_of_its_own(
        seconds in -3_000_000_000_000_i64..3_000_000_000_000,
        nanosecond in 0_i32..1_000_000_000,
    ) {
        keeps_own_length(SignedDuration::new(seconds, nanosecond))?;
    }
}
