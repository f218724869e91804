//! What the wire can carry and the carrier will refuse.

use alloc::string::String;
use core::fmt;

use crate::carrier_id::DialectId;

/// A value, or the want of one, for which the carrier will refuse the message. It is written as it stands: the caller
/// decides before sending.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Keys of the canonical JSON, joined by dots.
    pub path: String,
    /// What is wrong.
    pub kind: ViolationKind,
    /// The dialect whose rule it is.
    pub required_by: DialectId,
}

/// What a carrier will refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ViolationKind {
    /// A required field is absent.
    Missing,
    /// More of them than the carrier takes.
    TooMany {
        /// How many there are.
        found: usize,
        /// How many it takes.
        allowed: usize,
    },
    /// More bytes than the carrier takes.
    TooLarge {
        /// How many there are.
        found: usize,
        /// How many it takes.
        allowed: usize,
    },
    /// Not of the form that the carrier wants.
    BadFormat {
        /// The form.
        expected: &'static str,
    },
    /// The carrier has no such operation on record; what is written is the standard's shape in its conventions.
    NotSupported,
}

impl ViolationKind {
    /// The word in the canonical JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooMany { .. } => "too_many",
            Self::TooLarge { .. } => "too_large",
            Self::BadFormat { .. } => "bad_format",
            Self::NotSupported => "not_supported",
        }
    }
}

/// `content.media: 4 found, 3 allowed (l)`.
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path)?;
        match &self.kind {
            ViolationKind::Missing => f.write_str("missing")?,
            ViolationKind::TooMany { found, allowed } => write!(f, "{found} found, {allowed} allowed")?,
            ViolationKind::TooLarge { found, allowed } => write!(f, "{found} bytes, {allowed} allowed")?,
            ViolationKind::BadFormat { expected } => write!(f, "expected {expected}")?,
            ViolationKind::NotSupported => f.write_str("not supported")?,
        }
        write!(f, " ({})", self.required_by)
    }
}

/// `{"path": …, "kind": "too_many", "found": 4, "allowed": 3, "required_by": "l"}`
#[cfg(feature = "serde")]
impl serde::Serialize for Violation {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("path", &self.path)?;
        map.serialize_entry("kind", self.kind.code())?;
        match &self.kind {
            ViolationKind::TooMany { found, allowed } | ViolationKind::TooLarge { found, allowed } => {
                map.serialize_entry("found", found)?;
                map.serialize_entry("allowed", allowed)?;
            }
            ViolationKind::BadFormat { expected } => map.serialize_entry("expected", expected)?,
            ViolationKind::Missing | ViolationKind::NotSupported => {}
        }
        map.serialize_entry("required_by", self.required_by.code())?;
        map.end()
    }
}
