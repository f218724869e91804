//! The carriers and their dialects, by name.

use core::fmt;
use core::str::FromStr;

/// A mobile carrier whose wire format this crate speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Carrier {
    /// S.
    #[doc(alias = "SKT")]
    S,
    /// K.
    #[doc(alias = "KT")]
    #[doc(alias = "KTF")]
    K,
    /// L.
    #[doc(alias = "LGT")]
    #[doc(alias = "LGU+")]
    L,
}

impl Carrier {
    /// Every carrier.
    pub const ALL: &'static [Self] = &[Self::S, Self::K, Self::L];

    /// `s`, `k` or `l`, as the commands take it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::S => "s",
            Self::K => "k",
            Self::L => "l",
        }
    }
}

impl fmt::Display for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// No carrier or dialect has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what}: {name}")]
pub struct UnknownName {
    what: &'static str,
    name: alloc::string::String,
}

impl FromStr for Carrier {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .iter()
            .copied()
            .find(|carrier| carrier.code() == name)
            .ok_or_else(|| UnknownName { what: "carrier", name: name.into() })
    }
}

macro_rules! dialects {
    ($($name:ident $code:literal $carrier:ident $doc:literal)*) => {
        /// A dialect: how one of a carrier's networks writes MM7 (spec section 14).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum DialectId { $(#[doc = $doc] $name,)* }

        impl DialectId {
            /// Every dialect this version decodes and encodes. Those of one carrier in the order that breaks ties.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name as the commands take it: `s-live`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The carrier that speaks it.
            pub const fn carrier(self) -> Carrier {
                match self { $(Self::$name => Carrier::$carrier),* }
            }
        }
    };
}

dialects! {
    SLive "s-live" S "`s-live`: S's commercial network."
    STest "s-test" S "`s-test`: S's test service."
    SMalformed "s-malformed" S "`s-malformed`: S's interface document to the letter, which is neither XML nor MIME."
    K "k" K "`k`: what K's network takes and sends."
    L "l" L "`l`: what L's network takes and sends."
}

impl fmt::Display for DialectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for DialectId {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .iter()
            .copied()
            .find(|dialect| dialect.code() == name)
            .ok_or_else(|| UnknownName { what: "dialect", name: name.into() })
    }
}
