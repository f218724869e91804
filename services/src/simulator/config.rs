//! The simulator's configuration. Everything has a default: without a file it runs as the interface documents have it.

use std::net::SocketAddr;
use std::num::NonZeroU32;

use axum::http::Uri;
use serde::Deserialize;
use tongsa::{Carrier, DialectId, Text, Tolerance};

use crate::settings::{Millis, Url, Word, parse};

/// The simulator's configuration. `services/simulator.toml` is one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The dialect that S speaks: it refuses a submit that surprises under it, and writes its own messages in it.
    pub dialect: Word<DialectId>,
    /// What the carriers accept beside what their dialect prescribes.
    pub tolerance: Word<Tolerance>,
    /// Where the operator's requests are taken.
    pub admin: SocketAddr,
    /// How long after the answer the report is sent.
    pub report_after_ms: Millis,
    /// Reports that wait to be sent, of one carrier. A message for whose report there is no room is not taken.
    pub reports_max: NonZeroU32,
    /// The carriers.
    pub carriers: Carriers,
}

/// The three carriers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Carriers {
    /// S.
    pub s: CarrierConfig,
    /// K.
    pub k: CarrierConfig,
    /// L.
    pub l: CarrierConfig,
}

/// One carrier.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CarrierConfig {
    /// Where it listens: 127.0.0.1, and port 10001 for S, 11001 for K, 12001 for L (spec section 7).
    pub listen: Option<SocketAddr>,
    /// Where it sends reports and messages: the gateway's webhook at its default address.
    pub webhook: Option<Url>,
    /// Whom it knows; everybody where there is no list.
    pub accounts: Option<Vec<Known>>,
    /// Submits that it takes within a second; the next is throttled. Any number where there is none.
    pub rate: Option<u32>,
}

/// An account that a carrier knows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The VASP's id.
    pub vasp_id: Text,
    /// The content provider's id; L calls it VASID.
    pub cp_id: Text,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            dialect: Word(DialectId::SLive),
            tolerance: Word(Tolerance::Strict),
            admin: SocketAddr::from(([127, 0, 0, 1], 10080)),
            report_after_ms: Millis::new(1000),
            reports_max: NonZeroU32::MIN.saturating_add(999),
            carriers: Carriers::default(),
        }
    }
}

impl Config {
    /// The configuration in a text; else one line that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse::<Self>(text)?.checked()
    }

    /// Itself, where its dialect is one of S's: K and L have one each.
    pub fn checked(self) -> Result<Self, String> {
        let Word(dialect) = self.dialect;
        match dialect.carrier() {
            Carrier::S => Ok(self),
            _ => Err(format!("dialect: {dialect} is no dialect of s")),
        }
    }

    /// The configuration of a carrier, and the dialect it speaks.
    pub(super) fn of(&self, carrier: Carrier) -> (CarrierConfig, DialectId) {
        let (config, dialect) = match carrier {
            Carrier::K => (&self.carriers.k, DialectId::K),
            Carrier::L => (&self.carriers.l, DialectId::L),
            _ => (&self.carriers.s, self.dialect.0),
        };
        (config.clone(), dialect)
    }
}

impl CarrierConfig {
    pub(super) fn listen(&self, carrier: Carrier) -> SocketAddr {
        let port = match carrier {
            Carrier::K => 11001,
            Carrier::L => 12001,
            _ => 10001,
        };
        self.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], port)))
    }

    pub(super) fn webhook(&self, carrier: Carrier) -> Uri {
        let own = match carrier {
            Carrier::K => "http://127.0.0.1:8080/webhooks/k",
            Carrier::L => "http://127.0.0.1:8080/webhooks/l",
            _ => "http://127.0.0.1:8080/webhooks/s",
        };
        self.webhook.as_ref().map_or_else(|| Uri::from_static(own), |url| url.0.clone())
    }
}
