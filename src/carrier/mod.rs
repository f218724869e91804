//! One module a carrier, each with the same sections in the same order: dialect, tables, content, status codes, rules.

pub(crate) mod l;

macro_rules! codec {
    ($(#[$meta:meta])* $name:ident, $dialect:path) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name {
            config: Config,
            dialect: &'static Dialect,
        }

        impl $name {
            /// A codec of this carrier. A dialect of another carrier in `config` is not this carrier's to speak and is
            /// passed over.
            pub const fn new(config: Config) -> Self {
                Self { config, dialect: &$dialect }
            }

            /// A codec of a changed table, for tests of the accounting.
            #[cfg(all(test, feature = "serde"))]
            pub(crate) const fn with_dialect(config: Config, dialect: &'static Dialect) -> Self {
                Self { config, dialect }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new(Config::default())
            }
        }

        impl Codec for $name {
            fn carrier(&self) -> Carrier {
                self.dialect.id.carrier()
            }

            fn decode(&self, entity: &Entity) -> Result<Decoded, DecodeError> {
                crate::decode::decode(self.dialect, &self.config, entity)
            }

            fn encode(&self, message: &Message) -> Result<Encoded, EncodeError> {
                crate::encode::encode(self.dialect, &self.config, message, None)
            }

            fn encode_reply(&self, reply: &Reply) -> Result<Encoded, EncodeError> {
                crate::encode::encode(self.dialect, &self.config, &reply.message, Some(&reply.context))
            }

            fn check(&self, message: &Message) -> Vec<Violation> {
                crate::encode::check(self.dialect, message)
            }
        }
    };
}
pub(crate) use codec;
