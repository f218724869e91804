//! xs:duration (XML Schema part 2, 3.2.6).

use core::fmt;

use super::line::Line;

/// A duration by its components, as xs:duration has it.
///
/// Two are equal if all their components are: twelve months are not a year. A component that is not written
/// is zero, and a duration of zero has no sign.
///
/// ```
/// use tongsa::Duration;
/// let week = Duration::from_days(7);
/// assert_eq!(week.to_string(), "P7D");
/// let long = Duration::new(1, 2, 3, 4, 5, 6, 500_000_000).ok_or("nanoseconds out of range")?;
/// assert_eq!(long.negated().to_string(), "-P1Y2M3DT4H5M6.5S");
/// assert_eq!(Duration::default().to_string(), "PT0S");
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Duration {
    negative: bool,
    years: u32,
    months: u32,
    days: u32,
    hours: u32,
    minutes: u32,
    seconds: u32,
    nanoseconds: u32,
}

impl Duration {
    /// The duration of these components; `None` if the nanoseconds make a second.
    pub const fn new(
        years: u32,
        months: u32,
        days: u32,
        hours: u32,
        minutes: u32,
        seconds: u32,
        nanoseconds: u32,
    ) -> Option<Self> {
        if nanoseconds >= 1_000_000_000 {
            return None;
        }
        Some(Self { negative: false, years, months, days, hours, minutes, seconds, nanoseconds })
    }

    /// So many days.
    pub const fn from_days(days: u32) -> Self {
        Self { negative: false, years: 0, months: 0, days, hours: 0, minutes: 0, seconds: 0, nanoseconds: 0 }
    }

    /// The duration with the other sign; zero stays as it is.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self { negative: !self.negative && !self.is_zero(), ..self }
    }

    /// Whether it runs back in time.
    pub const fn is_negative(&self) -> bool {
        self.negative
    }

    /// Whether every component is zero.
    pub const fn is_zero(&self) -> bool {
        self.has_no_date() && self.has_no_time()
    }

    /// The years.
    pub const fn years(&self) -> u32 {
        self.years
    }

    /// The months.
    pub const fn months(&self) -> u32 {
        self.months
    }

    /// The days.
    pub const fn days(&self) -> u32 {
        self.days
    }

    /// The hours.
    pub const fn hours(&self) -> u32 {
        self.hours
    }

    /// The minutes.
    pub const fn minutes(&self) -> u32 {
        self.minutes
    }

    /// The whole seconds.
    pub const fn seconds(&self) -> u32 {
        self.seconds
    }

    /// The nanoseconds, 0 to 999,999,999.
    pub const fn nanoseconds(&self) -> u32 {
        self.nanoseconds
    }

    const fn has_no_date(&self) -> bool {
        self.years == 0 && self.months == 0 && self.days == 0
    }

    const fn has_no_time(&self) -> bool {
        self.hours == 0 && self.minutes == 0 && self.seconds == 0 && self.nanoseconds == 0
    }
}

/// xs:duration with the components that are not zero; `PT0S` if there is none.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("PT0S");
        }
        f.write_str(if self.negative { "-P" } else { "P" })?;
        component(f, self.years, 'Y')?;
        component(f, self.months, 'M')?;
        component(f, self.days, 'D')?;
        if self.has_no_time() {
            return Ok(());
        }
        f.write_str("T")?;
        component(f, self.hours, 'H')?;
        component(f, self.minutes, 'M')?;
        if self.nanoseconds == 0 {
            return component(f, self.seconds, 'S');
        }
        write!(f, "{}", self.seconds)?;
        let mut fraction = Line::EMPTY;
        super::write::fraction(&mut fraction, self.nanoseconds);
        f.write_str(fraction.as_str())?;
        f.write_str("S")
    }
}

/// As `Display`.
impl fmt::Debug for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn component(f: &mut fmt::Formatter<'_>, count: u32, designator: char) -> fmt::Result {
    if count == 0 { Ok(()) } else { write!(f, "{count}{designator}") }
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    #[test]
    fn shows_only_what_is_not_zero() {
        let shown = |value: Option<Duration>| value.map(|value| format!("{value}/{value:?}"));
        assert_eq!(shown(Duration::new(0, 0, 7, 0, 0, 0, 0)).as_deref(), Some("P7D/P7D"));
        assert_eq!(shown(Duration::new(1, 0, 0, 0, 0, 30, 0)).as_deref(), Some("P1YT30S/P1YT30S"));
        assert_eq!(shown(Duration::new(0, 1, 0, 0, 1, 0, 0)).as_deref(), Some("P1MT1M/P1MT1M"));
        assert_eq!(shown(Duration::new(0, 0, 0, 0, 0, 0, 10)).as_deref(), Some("PT0.00000001S/PT0.00000001S"));
        assert_eq!(shown(Duration::new(0, 0, 0, 0, 0, 0, 0)).as_deref(), Some("PT0S/PT0S"));
    }

    #[test]
    fn gives_each_component() {
        let value = Duration::new(2, 3, 4, 5, 6, 7, 8).expect("a duration");
        assert_eq!((value.years(), value.months(), value.days()), (2, 3, 4));
        assert_eq!((value.hours(), value.minutes(), value.seconds(), value.nanoseconds()), (5, 6, 7, 8));
    }

    #[test]
    fn refuses_nanoseconds_that_make_a_second() {
        assert!(Duration::new(0, 0, 0, 0, 0, 0, 999_999_999).is_some());
        assert_eq!(Duration::new(0, 0, 0, 0, 0, 0, 1_000_000_000), None);
    }

    #[test]
    fn zero_has_no_sign() {
        assert_eq!(Duration::default().negated(), Duration::default());
        let week = Duration::from_days(7);
        assert!(week.negated().is_negative() && !week.negated().negated().is_negative());
        assert_ne!(week.negated(), week);
    }

    #[test]
    fn compares_by_components() {
        assert_ne!(Duration::new(0, 12, 0, 0, 0, 0, 0), Duration::new(1, 0, 0, 0, 0, 0, 0));
    }
}
