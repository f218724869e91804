//! Who sends and who receives.

use alloc::vec::Vec;
use core::fmt;

use super::record;
use super::slot::{Absent, Field, FieldRefs, Record, Slot};
use super::text::{Number, Text, TextError, TextLike};

/// One address (TS 23.140 section 8.7.8, `addressType`): exactly one of its three elements.
///
/// In JSON `{"number": "…"}`, `{"email": "…"}` or `{"short_code": "#3030"}`. `Debug` redacts the value.
///
/// ```
/// let to = tongsa::Address::number("01000000002")?;
/// assert_eq!(to.as_str(), "01000000002");
/// assert_eq!(format!("{to:?}"), "Number(<11 characters>)");
/// # Ok::<(), tongsa::TextError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Address {
    /// `Number`: a subscriber's number.
    Number(Number),
    /// `RFC2822Address`: an e-mail address.
    Email(Number),
    /// `ShortCode`: a service's code, `#3030` say.
    ShortCode(Number),
}

impl Address {
    /// A subscriber's number.
    ///
    /// # Errors
    /// As [`Number::new`].
    pub fn number(text: impl AsRef<str>) -> Result<Self, TextError> {
        Number::new(text).map(Self::Number)
    }

    /// An e-mail address. Its form is not checked.
    ///
    /// # Errors
    /// As [`Number::new`].
    pub fn email(text: impl AsRef<str>) -> Result<Self, TextError> {
        Number::new(text).map(Self::Email)
    }

    /// A short code.
    ///
    /// # Errors
    /// As [`Number::new`].
    pub fn short_code(text: impl AsRef<str>) -> Result<Self, TextError> {
        Number::new(text).map(Self::ShortCode)
    }

    /// The address without its kind.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Number(text) | Self::Email(text) | Self::ShortCode(text) => text.as_str(),
        }
    }

    pub(crate) const NUMBER: &str = "Number";
    pub(crate) const EMAIL: &str = "RFC2822Address";
    pub(crate) const SHORT_CODE: &str = "ShortCode";

    /// The element of the schema that holds this kind of address.
    pub(crate) const fn element(&self) -> &'static str {
        match self {
            Self::Number(_) => Self::NUMBER,
            Self::Email(_) => Self::EMAIL,
            Self::ShortCode(_) => Self::SHORT_CODE,
        }
    }

    /// The address of a child element; `None` for an element that is none of the schema's, or blank.
    pub(crate) fn from_element(name: &str, text: &str) -> Option<Self> {
        let kind = Self::kind(name)?;
        Number::from_wire(text).map(kind)
    }

    /// Which kind of address an element holds.
    pub(crate) fn kind(name: &str) -> Option<fn(Number) -> Self> {
        match name {
            Self::NUMBER => Some(Self::Number),
            Self::EMAIL => Some(Self::Email),
            Self::SHORT_CODE => Some(Self::ShortCode),
            _ => None,
        }
    }
}

/// The text of the address, without its kind.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

record! {
    /// The recipients of a message (TS 23.140 section 8.7.8, `Recipients`).
    Recipients {
        /// `To`.
        to: Vec<Address> => To,
        /// `Cc`.
        cc: Vec<Address> => Cc,
        /// `Bcc`.
        bcc: Vec<Address> => Bcc,
    }
}

impl Recipients {
    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.is_absent()
    }

    /// How many there are in all.
    pub fn count(&self) -> usize {
        self.to.len() + self.cc.len() + self.bcc.len()
    }
}

record! {
    /// The VASP, its accounts with one carrier, and the number it shows (`docs/translation.md` has who carries what).
    ///
    /// `vasp_id`, `vas_id`, `cp_id`, `relay_id` and `billing` are accounts: they belong to one carrier and do not cross
    /// to another. `origin_code` and `callback` do.
    Sender {
        /// `SenderIdentification/VASPID`: the VASP (a hub, a relay).
        vasp_id: Option<Text> => VaspId,
        /// `SenderIdentification/VASID`: the service. L has no place for it: its VASID is the `cp_id`.
        vas_id: Option<Text> => VasId,
        /// The content provider's id and key of its allotment: S `X-SKT-BPID`, K `CPID`, L `VASID`.
        cp_id: Option<Text> => CpId,
        /// S `X-SKT-RELAY-BPID`: the relay operator, four digits.
        relay_id: Option<Text> => RelayId,
        /// The originating operator's code, nine digits: S `X-SKT-ORIG-BPID`, K `ResellerCode`, L `KisaOrigCode`.
        origin_code: Option<Text> => OriginCode,
        /// K and L `SenderAddress`: the number that is billed. S has no place for it.
        billing: Option<Number> => Billing,
        /// The number the subscriber sees and calls back: S `SenderAddress`, K and L `CallBack`.
        callback: Option<Number> => Callback,
        /// S `X-SKT-Alias`, where it is another than `callback`.
        alias: Option<Number> => Alias,
    }
}
