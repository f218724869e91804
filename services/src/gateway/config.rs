//! The gateway's configuration.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};

use serde::Deserialize;
use tongsa::{
    Account, Carrier, DialectId, Flag, Limits, MessageClass, Number, Subject, Text, Tolerance, TranslateOptions,
};

use crate::net::Bounds;
use crate::settings::{Millis, Url, Word, parse};

/// The gateway's configuration. `services/gateway.toml` is one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Which carrier a number belongs to: by the longest prefix.
    pub routes: BTreeMap<String, Word<Carrier>>,
    /// The carrier of every number that no prefix is for, and of addresses that are no numbers.
    pub default_carrier: Option<Word<Carrier>>,
    /// The carriers.
    pub carriers: Carriers,
    /// Whether a message that its carrier will refuse is sent all the same.
    pub send_violations: bool,
    /// How often a message is sent at most.
    pub tries: NonZeroU32,
    /// What lies between two tries, where the carrier's status asks for no other pause.
    pub pause_ms: Millis,
    /// How long a customer is kept waiting for the last try to begin.
    pub patience_ms: Millis,
    /// How long one exchange with a carrier or a customer may take, and how long a request.
    pub timeout_ms: Millis,
    /// How long what is being answered may take when the gateway is told to stop.
    pub grace_ms: Millis,
    /// Connections to the gateway at a time.
    pub connections: NonZeroUsize,
    /// Messages on their way to one carrier at a time.
    pub in_flight: NonZeroU32,
    /// Recipients of one message.
    pub recipients_max: usize,
    /// Bytes of a body; the library's limit.
    pub body_max: usize,
    /// Where events are posted. Without it they wait for `GET /events`.
    pub customer: Option<Url>,
    /// Bytes of events that wait. What finds no room is not taken from the carrier, which sends it again.
    pub events_max: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            routes: BTreeMap::new(),
            default_carrier: None,
            carriers: Carriers::default(),
            send_violations: false,
            tries: NonZeroU32::MIN.saturating_add(3),
            pause_ms: Millis::new(1000),
            patience_ms: Millis::new(30_000),
            timeout_ms: Millis::new(10_000),
            grace_ms: Millis::new(10_000),
            connections: NonZeroUsize::MIN.saturating_add(255),
            in_flight: NonZeroU32::MIN.saturating_add(7),
            recipients_max: 100,
            body_max: Limits::default().body,
            customer: None,
            events_max: 64 << 20,
        }
    }
}

/// The carriers that the gateway has an account with.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carriers {
    /// S.
    pub s: Option<CarrierConfig>,
    /// K.
    pub k: Option<CarrierConfig>,
    /// L.
    pub l: Option<CarrierConfig>,
}

/// One carrier.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarrierConfig {
    /// Where it takes messages. Without a path, that of the carrier's interface document.
    pub url: Url,
    /// The dialect to write, and to judge its answers by; the carrier's own where it has one.
    pub dialect: Option<Word<DialectId>>,
    /// Which deviations are accepted of it; those on record where nothing is said.
    pub tolerance: Option<Word<Tolerance>>,
    /// The account with it: goes into every message, in the place of whatever a customer wrote there.
    #[serde(default)]
    pub account: Account,
    /// What a message gets where it has nothing.
    #[serde(default)]
    pub defaults: Defaults,
}

/// What a message gets where it has nothing, in the keys of the canonical JSON.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Defaults {
    /// K wants one: `MMSMT1`.
    pub service_type: Option<Text>,
    /// K wants one: `GENERAL`.
    pub message_class: Option<MessageClass>,
    /// Whether a report is wanted.
    pub delivery_report: Option<Flag>,
    /// Whether a read reply is wanted.
    pub read_reply: Option<Flag>,
    /// All three want one.
    pub subject: Option<Subject>,
    /// `sender.origin_code`.
    pub origin_code: Option<Text>,
    /// `sender.callback`.
    pub callback: Option<Number>,
}

impl Carriers {
    /// The configuration of one.
    pub fn get(&self, carrier: Carrier) -> Option<&CarrierConfig> {
        match carrier {
            Carrier::S => self.s.as_ref(),
            Carrier::K => self.k.as_ref(),
            Carrier::L => self.l.as_ref(),
            _ => None,
        }
    }
}

impl CarrierConfig {
    /// The codec's configuration.
    pub fn codec(&self, limits: Limits) -> tongsa::Config {
        tongsa::Config {
            tolerance: self.tolerance.map(|Word(tolerance)| tolerance).unwrap_or_default(),
            limits,
            ..tongsa::Config::default()
        }
    }

    /// How the library puts the account in.
    pub fn options(&self) -> TranslateOptions {
        let mut options = TranslateOptions::default();
        options.account = Some(self.account.clone());
        options
    }
}

impl Config {
    /// The configuration in a text; else one line that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse::<Self>(text)?.checked()
    }

    /// Itself, with another dialect for S.
    pub fn with_dialect(mut self, dialect: DialectId) -> Result<Self, String> {
        let s = self.carriers.s.as_mut().ok_or("there is no [carriers.s] to speak another dialect")?;
        s.dialect = Some(Word(dialect));
        self.checked()
    }

    /// Itself, where its parts fit each other: what the types do not say.
    fn checked(self) -> Result<Self, String> {
        if Carrier::ALL.iter().all(|carrier| self.carriers.get(*carrier).is_none()) {
            return Err("no carrier: [carriers.s], [carriers.k] or [carriers.l] is wanted".into());
        }
        let routes = self.routes.iter().map(|(prefix, carrier)| (format!("routes.\"{prefix}\""), *carrier));
        let default = self.default_carrier.map(|carrier| ("default_carrier".to_owned(), carrier));
        for (key, Word(carrier)) in routes.chain(default) {
            if self.carriers.get(carrier).is_none() {
                return Err(format!("{key}: there is no [carriers.{carrier}]"));
            }
        }
        for &carrier in Carrier::ALL {
            let named = self.carriers.get(carrier).and_then(|config| config.dialect);
            if let Some(Word(dialect)) = named.filter(|Word(dialect)| dialect.carrier() != carrier) {
                return Err(format!("carriers.{carrier}.dialect: {dialect} is no dialect of {carrier}"));
            }
        }
        Ok(self)
    }

    /// The library's limits, with the body's as configured.
    pub fn limits(&self) -> Limits {
        Limits { body: self.body_max, ..Limits::default() }
    }

    /// The server's bounds.
    pub fn bounds(&self) -> Bounds {
        Bounds {
            connections: self.connections,
            patience: self.timeout_ms.duration(),
            fields: self.limits().fields,
            body_max: self.body_max,
            grace: self.grace_ms.duration(),
        }
    }
}
