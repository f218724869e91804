use chrono::{DateTime as There, FixedOffset, NaiveDate, TimeDelta};
use proptest::prelude::*;
use tongsa::{DateTime, Duration, Timestamp, TimestampError};

use crate::times::{date_time, duration, keeps_length, keeps_own_length, parse, refuses_other_kinds, with_z};

#[test]
fn refuses_a_timestamp_of_another_kind() {
    refuses_other_kinds::<There<FixedOffset>, TimeDelta>();
    assert_eq!(TimeDelta::try_from(&parse("P1M")), Err(TimestampError::NoFixedLength));
}

#[test]
fn refuses_what_no_message_holds() {
    let back = |year, second, nanosecond, offset: i32| {
        let date = NaiveDate::from_ymd_opt(year, 12, 31).unwrap();
        let local = date.and_hms_nano_opt(23, 59, second, nanosecond).unwrap();
        let there = local.and_local_timezone(FixedOffset::east_opt(offset).unwrap()).unwrap();
        DateTime::try_from(there).map(|value| value.to_string())
    };
    assert_eq!(back(9999, 59, 0, -50_400).as_deref(), Ok("9999-12-31T23:59:59-14:00"));
    assert_eq!(back(2016, 59, 1_500_000_000, 0), Err(TimestampError::LeapSecond));
    assert_eq!(back(0, 59, 0, 0), Err(TimestampError::Year(0)));
    assert_eq!(back(10_000, 59, 0, 0), Err(TimestampError::Year(10_000)));
    assert_eq!(back(-70_000, 59, 0, 0), Err(TimestampError::Year(-70_000)), "no year by another count");
    assert_eq!(back(1907, 59, 0, 30_472), Err(TimestampError::Offset(30_472)), "Seoul, before it had a zone");
    assert_eq!(back(2024, 59, 0, 50_460), Err(TimestampError::Offset(50_460)));
    assert_eq!(back(2024, 59, 0, -1), Err(TimestampError::Offset(-1)));
    let range = Err(TimestampError::Range("tongsa::Duration"));
    assert_eq!(Duration::try_from(TimeDelta::MAX), range);
    assert_eq!(Duration::try_from(TimeDelta::MIN), range);
}

proptest! {
    #[test]
    fn keeps_every_date_time(value in date_time()) {
        let there = There::<FixedOffset>::from(value);
        prop_assert_eq!(there.timestamp(), value.unix_seconds());
        prop_assert_eq!(DateTime::try_from(there), Ok(with_z(value)));
        prop_assert_eq!(There::try_from(&Timestamp::from(value)), Ok(there));
        prop_assert_eq!(Timestamp::try_from(there), Ok(with_z(value).into()));
    }

    #[test]
    fn keeps_every_length(value in duration()) {
        keeps_length::<TimeDelta>(value)?;
    }

    #[test]
    fn keeps_every_length_of_its_own(
        seconds in -3_000_000_000_000_i64..3_000_000_000_000,
        nanosecond in 0_u32..1_000_000_000,
    ) {
        keeps_own_length(TimeDelta::new(seconds, nanosecond).unwrap())?;
    }
}
