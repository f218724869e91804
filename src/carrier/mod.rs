//! One module a carrier, each with the same sections in the same order: dialect, tables, content, status codes, rules.

pub(crate) mod k;
pub(crate) mod l;
mod rules;
pub(crate) mod s;
#[cfg(all(test, feature = "serde"))]
mod tests;
#[cfg(test)]
pub(crate) mod z;

use alloc::boxed::Box;

use crate::carrier_id::{Carrier, DialectId};
use crate::codec::{Codec, Config};
use crate::mm7::{Classification, CodeRow};
use crate::model::{FieldRef, Message, MmStatus, Operation, Outcome, Reason, Slot};

/// What the standard's words for MMStatus mean (spec section 6.6): `Retrieved` is success, every other word a failure.
fn classify_word(message: &Message) -> Option<Classification> {
    let Message::DeliveryReportReq(report) = message else { return None };
    Some(match report.mm_status.as_ref()? {
        MmStatus::Retrieved => (Outcome::Success, None),
        MmStatus::Expired => (Outcome::Rejected, Some(Reason::Expired)),
        MmStatus::Rejected => (Outcome::Rejected, Some(Reason::RecipientRefused)),
        MmStatus::Forwarded => (Outcome::Rejected, Some(Reason::Forwarded)),
        _ => (Outcome::Rejected, Some(Reason::Unknown)),
    })
}

/// What a carrier's table of codes says of a message's status. A report means success, `throttled`, or failure; a code
/// that the table does not have is a failure for reasons unknown.
fn classify_code(message: &Message, codes: &[CodeRow], throttled: &[u32]) -> Option<Classification> {
    let report = matches!(message.operation(), Operation::DeliveryReportReq | Operation::ReadReplyReq);
    let Some(FieldRef::Code(code)) = message.get(Slot::StatusCode) else { return None };
    let unknown = (Outcome::Rejected, Some(Reason::Unknown));
    let Some(number) = code.number() else { return Some(unknown) };
    let row = codes.iter().find(|(known, ..)| *known == number);
    let (outcome, reason) = row.map_or(unknown, |&(_, outcome, reasons)| (outcome, reasons.first().copied()));
    Some(match outcome {
        Outcome::Success | Outcome::PartialSuccess => (outcome, reason),
        _ if report && throttled.contains(&number) => (Outcome::Throttled, reason),
        _ if report => (Outcome::Rejected, reason),
        _ => (outcome, reason),
    })
}

macro_rules! codec {
    ($(#[$meta:meta])* $name:ident, [$($dialect:path),+]) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name {
            config: Config,
            /// The carrier's, in the order that breaks ties; one where the configuration names it.
            dialects: &'static [&'static Dialect],
        }

        impl $name {
            /// A codec of this carrier. A dialect of another carrier in `config` is not this carrier's to speak and is
            /// passed over.
            pub fn new(config: Config) -> Self {
                const ALL: &[&Dialect] = &[$(&$dialect),+];
                let named = ALL.chunks(1).find(|one| Some(one[0].id) == config.dialect);
                Self { config, dialects: named.unwrap_or(ALL) }
            }

            /// The dialect to write.
            fn writes(&self, context: Option<&WireContext>) -> &'static Dialect {
                let named = context.and_then(|context| self.dialects.iter().find(|known| known.id == context.dialect));
                named.unwrap_or(&self.dialects[0])
            }

            /// Decodes without one of the two readings of XML.
            #[cfg(any(test, fuzzing))]
            #[allow(dead_code, reason = "carrier Z is not held to it")]
            pub(crate) fn decode_without(
                &self,
                without: crate::xml::Without,
                entity: &Entity,
            ) -> Result<Decoded, DecodeError> {
                crate::decode::decode_in(without.arenas(), self.dialects, &self.config, entity)
            }

            /// A codec of a changed table, for tests of the accounting.
            #[cfg(all(test, feature = "serde"))]
            #[allow(dead_code, reason = "what a codec does is in its dialects, so that of one carrier stands for all")]
            pub(crate) const fn with_dialects(config: Config, dialects: &'static [&'static Dialect]) -> Self {
                Self { config, dialects }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new(Config::default())
            }
        }

        impl Codec for $name {
            fn carrier(&self) -> Carrier {
                self.dialects[0].id.carrier()
            }

            fn decode(&self, entity: &Entity) -> Result<Decoded, DecodeError> {
                crate::decode::decode(self.dialects, &self.config, entity)
            }

            fn encode(&self, message: &Message) -> Result<Encoded, EncodeError> {
                crate::encode::encode(self.writes(None), &self.config, message, None)
            }

            fn encode_reply(&self, reply: &Reply) -> Result<Encoded, EncodeError> {
                let context = Some(&reply.context);
                crate::encode::encode(self.writes(context), &self.config, &reply.message, context)
            }

            fn check(&self, message: &Message) -> Vec<Violation> {
                crate::encode::check(self.writes(None), message)
            }

            fn version(&self) -> &'static str {
                self.writes(None).version
            }

            fn classify(&self, message: &Message) -> Option<Classification> {
                (self.writes(None).classify)(message)
            }

            fn nearest_code(&self, outcome: Outcome, reason: Option<Reason>) -> u32 {
                // Every dialect has a code for every outcome.
                self.writes(None).nearest_code(outcome, reason).unwrap_or_default()
            }

            fn refusal(&self, error: &DecodeError, by: Party) -> Reply {
                Reply::refusal(self.writes(error.context()), error, by)
            }
        }
    };
}
pub(crate) use codec;

impl Carrier {
    /// The codec of this carrier.
    ///
    /// ```
    /// use tongsa::{Carrier, Config};
    /// assert_eq!(Carrier::L.codec(Config::default()).carrier(), Carrier::L);
    /// ```
    pub fn codec(self, config: Config) -> Box<dyn Codec> {
        match self {
            Self::S => Box::new(s::S::new(config)),
            Self::K => Box::new(k::K::new(config)),
            Self::L => Box::new(l::L::new(config)),
            #[cfg(test)]
            Self::Z => Box::new(z::Z::new(config)),
        }
    }
}

impl DialectId {
    /// The codec of its carrier, fixed to this dialect.
    ///
    /// ```
    /// use tongsa::{Carrier, Config, DialectId};
    /// assert_eq!(DialectId::K.codec(Config::default()).carrier(), Carrier::K);
    /// ```
    pub fn codec(self, mut config: Config) -> Box<dyn Codec> {
        config.dialect = Some(self);
        self.carrier().codec(config)
    }
}
