//! The three crates against each other: one time of a message is the same in each.

use chrono::{FixedOffset, TimeDelta};
use jiff::{SignedDuration, ZonedDateTime};
use proptest::prelude::*;
use time::OffsetDateTime;

use crate::times::{date_time, duration};

proptest! {
    #[test]
    fn on_the_instant_and_the_day_of_the_week(value in date_time()) {
        let time = OffsetDateTime::from(value);
        let chrono = chrono::DateTime::<FixedOffset>::from(value);
        let instant = (time.unix_timestamp(), time.nanosecond());
        prop_assert_eq!(instant, (chrono.timestamp(), chrono.timestamp_subsec_nanos()));
        prop_assert_eq!(time.weekday().number_from_monday(), value.weekday());
        if let Ok(jiff) = ZonedDateTime::try_from(value) {
            let nanoseconds = jiff.timestamp().as_nanosecond();
            prop_assert_eq!(time.unix_timestamp_nanos(), nanoseconds);
            prop_assert_eq!(jiff.weekday().to_monday_one_offset().cast_unsigned(), value.weekday());
        }
    }

    #[test]
    fn on_the_length(value in duration()) {
        let time = time::Duration::try_from(value);
        let jiff = SignedDuration::try_from(value);
        let chrono = TimeDelta::try_from(value);
        prop_assert_eq!(time.map(|length| (length.whole_seconds(), length.subsec_nanoseconds())),
            jiff.map(|length| (length.as_secs(), length.subsec_nanos())));
        prop_assert_eq!(jiff.map(|length| (length.as_secs(), length.subsec_nanos())),
            chrono.map(|length| (length.num_seconds(), length.subsec_nanos())));
    }
}
