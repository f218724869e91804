//! What a team would write without tongsa, of the best-kept crates, for one dialect and nothing else: no tolerance, no
//! places, no presentation, no account of losses. Each is checked to read or write the same values before it is timed.

pub mod floor;
pub mod mail;
pub mod soap;
pub mod strict;
pub mod write;

use std::fmt;

/// Why a rival gives up; none says where.
pub struct Refused(String);

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<T: fmt::Display> From<T> for Refused {
    fn from(error: T) -> Self {
        Self(error.to_string())
    }
}
