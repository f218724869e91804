//! The carriers and their dialects, by name.

use core::fmt;
use core::str::FromStr;

/// Declares the carriers and their dialects: one row a dialect, under its carrier.
macro_rules! carriers {
    ($(
        $(#[$meta:meta])*
        $carrier:ident $code:literal { $($dialect:ident $name:literal $doc:literal)* }
    )*) => {
        /// A mobile carrier whose wire format this crate speaks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Carrier {
            $($(#[$meta])* $carrier,)*
            /// The invented carrier of `docs/adding-a-carrier.md`: in no list, and in tests alone.
            #[cfg(test)]
            Z,
        }

        impl Carrier {
            /// Every carrier.
            pub const ALL: &'static [Self] = &[$(Self::$carrier),*];

            /// `s`, `k` or `l`, as the commands take it.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$carrier => $code,)*
                    #[cfg(test)]
                    Self::Z => "z",
                }
            }
        }

        /// A dialect: how one of a carrier's networks writes MM7 (`docs/dialects/` describes each).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum DialectId {
            $($(#[doc = $doc] $dialect,)*)*
            /// That of the invented carrier.
            #[cfg(test)]
            Z,
        }

        impl DialectId {
            /// Every dialect this version decodes and encodes. Those of one carrier in the order that breaks ties.
            pub const ALL: &'static [Self] = &[$($(Self::$dialect),*),*];

            /// The name as the commands take it: `s-live`.
            pub const fn code(self) -> &'static str {
                match self {
                    $($(Self::$dialect => $name,)*)*
                    #[cfg(test)]
                    Self::Z => "z",
                }
            }

            /// The carrier that speaks it.
            pub const fn carrier(self) -> Carrier {
                match self {
                    $($(Self::$dialect => Carrier::$carrier,)*)*
                    #[cfg(test)]
                    Self::Z => Carrier::Z,
                }
            }
        }
    };
}

carriers! {
    /// S.
    #[doc(alias = "SKT")]
    S "s" {
        SLive "s-live" "`s-live`: S's commercial network."
        STest "s-test" "`s-test`: S's test service."
        SMalformed "s-malformed" "`s-malformed`: S's interface document to the letter, which is neither XML nor MIME."
    }
    /// K.
    #[doc(alias = "KT")]
    #[doc(alias = "KTF")]
    K "k" { K "k" "`k`: what K's network takes and sends." }
    /// L.
    #[doc(alias = "LGT")]
    #[doc(alias = "LGU+")]
    L "l" { L "l" "`l`: what L's network takes and sends." }
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
