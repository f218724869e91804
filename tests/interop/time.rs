use proptest::prelude::*;
use time::{Date, Duration as Length, Month, OffsetDateTime, Time, UtcOffset};
use tongsa::{DateTime, Duration, Timestamp, TimestampError};

use crate::times::{date_time, duration, keeps_length, keeps_own_length, parse, refuses_other_kinds, with_z};

#[test]
fn refuses_a_timestamp_of_another_kind() {
    refuses_other_kinds::<OffsetDateTime, Length>();
    assert_eq!(Length::try_from(&parse("P1M")), Err(TimestampError::NoFixedLength));
}

#[test]
fn refuses_what_no_message_holds() {
    let back = |year, offset| {
        let date = Date::from_calendar_date(year, Month::December, 31).unwrap();
        let time = Time::from_hms(23, 59, 59).unwrap();
        let there = OffsetDateTime::new_in_offset(date, time, UtcOffset::from_whole_seconds(offset).unwrap());
        DateTime::try_from(there).map(|value| value.to_string())
    };
    assert_eq!(back(9999, -50_400).as_deref(), Ok("9999-12-31T23:59:59-14:00"));
    assert_eq!(back(0, 0), Err(TimestampError::Year(0)));
    assert_eq!(back(-9999, 0), Err(TimestampError::Year(-9999)));
    assert_eq!(back(1907, 30_472), Err(TimestampError::Offset(30_472)), "Seoul, before it had a zone");
    assert_eq!(back(2024, 50_460), Err(TimestampError::Offset(50_460)));
    assert_eq!(back(2024, -1), Err(TimestampError::Offset(-1)));
    let range = Err(TimestampError::Range("tongsa::Duration"));
    assert_eq!(Duration::try_from(Length::MAX), range);
    assert_eq!(Duration::try_from(Length::MIN), range);
}

proptest! {
    #[test]
    fn keeps_every_date_time(value in date_time()) {
        let there = OffsetDateTime::from(value);
        prop_assert_eq!(there.unix_timestamp(), value.unix_seconds());
        prop_assert_eq!(DateTime::try_from(there), Ok(with_z(value)));
        prop_assert_eq!(OffsetDateTime::try_from(&Timestamp::from(value)), Ok(there));
        prop_assert_eq!(Timestamp::try_from(there), Ok(with_z(value).into()));
    }

    #[test]
    fn keeps_every_length(value in duration()) {
        keeps_length::<Length>(value)?;
    }

    #[test]
    fn keeps_every_length_of_its_own(
        seconds in -3_000_000_000_000_i64..3_000_000_000_000,
        nanosecond in 0_i32..1_000_000_000,
    ) {
        keeps_own_length(Length::new(seconds, nanosecond))?;
    }
}
