//! Which carrier and dialect is this? Ranked, with the evidence (spec section 10 step 10).

use alloc::vec::Vec;
use core::fmt;

use crate::carrier_id::{Carrier, DialectId};
use crate::codec::{Config, DecodeError, Decoded, Tolerance};
use crate::decode::Opened;
use crate::entity::Entity;
use crate::limits::Limits;
use crate::location::Location;
use crate::mime;
use crate::mm7::{MM7_1_0, MM7_1_2};
use crate::xml::{Document, Element, Namespace};

macro_rules! facts {
    ($($name:ident $code:literal $carrier:ident $doc:literal)*) => {
        /// Something on the wire that one carrier alone writes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Fact { $(#[doc = $doc] $name,)* }

        impl Fact {
            /// Every fact.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable name for other tools: `x-skt-name`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The carrier it speaks for.
            pub const fn carrier(self) -> Carrier {
                match self { $(Self::$name => Carrier::$carrier),* }
            }

            /// What it is, in a few words.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$name => $doc),* }
            }
        }
    };
}

facts! {
    SktElement "x-skt-element" S "An element whose name begins with `X-SKT`."
    SktField "x-skt-field" S "A part's header field whose name begins with `X-SKT`."
    SktRoot "start-mm7-soap" S "A Content-ID `start_MM7_SOAP`."
    SktText "sktxt-type" S "A part of S's text document type."
    SoapEnv "soap-env-prefix" S "The prefix SOAP-ENV with MM7 1-0."
    Version530Of10 "5.3.0-in-1-0" S "MM7Version 5.3.0 in MM7 1-0."
    ShortCode "hash-short-code" S "A short code that begins with `#` in a DeliverReq."
    KElement "service-type-cpid-reseller" K "An element ServiceType, CPID or ResellerCode."
    Version1 "version-1.x" K "MM7Version 1.x."
    KisaOrigCode "kisa-orig-code" L "An element KisaOrigCode."
    KmmsField "x-kmms-field" L "A part's header field whose name begins with `X-Kmms`."
    LgtRelay "lgt-relay" L "An MMSRelayServerID that begins with `LGT-`."
    Version530Of12 "5.3.0-in-1-2" L "MM7Version 5.3.0 in MM7 1-2."
}

/// The code, as in `decode --why`.
impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A fact and where it was first seen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Evidence {
    /// What was seen.
    pub fact: Fact,
    /// Where.
    pub at: Location,
}

/// `x-skt-element at byte 812 (part[0]/Envelope/Body/SubmitReq/SenderIdentification/X-SKT-BPID)`
impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.fact, self.at)
    }
}

/// What speaks for one carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Candidate {
    /// The carrier.
    pub carrier: Carrier,
    /// Its dialects with the fewest surprises, the most likely first; empty where the carrier's codec makes nothing of it.
    pub dialects: Vec<DialectId>,
    /// Facts that only this carrier writes, in the order of the wire.
    pub evidence: Vec<Evidence>,
    /// How many deviations surprise the first of `dialects`; `None` where there is none.
    pub surprises: Option<usize>,
}

/// The carriers, the most likely first: by the number of facts, then by the fewest surprises, then S, K, L.
///
/// ```
/// use tongsa::{Carrier, Config, Entity, Fact, Limits, detect};
/// let entity = Entity::new(concat!(
///     r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header/><e:Body><r:SubmitRsp "#,
///     r#"xmlns:r="http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-0">"#,
///     "<MM7Version>5.3.0</MM7Version><Status><StatusCode>1000</StatusCode></Status></r:SubmitRsp></e:Body></e:Envelope>",
/// ));
/// let detection = detect(&entity, &Limits::default())?;
/// let best = detection.best();
/// assert_eq!(best.carrier, Carrier::S);
/// assert_eq!(best.evidence[0].fact, Fact::Version530Of10);
/// # Ok::<(), tongsa::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Detection {
    /// All carriers.
    pub ranked: [Candidate; Carrier::ALL.len()],
}

impl Detection {
    /// The most likely carrier.
    pub const fn best(&self) -> &Candidate {
        &self.ranked[0]
    }
}

/// Which carrier and dialect an entity is most likely in, and why.
///
/// ```
/// use tongsa::{DialectId, Entity, Limits, detect};
/// let file = std::fs::read("examples/payloads/s-submit-malformed.http")?;
/// let entity = Entity::parse_http(file.into(), &Limits::default())?.entity;
/// let best = detect(&entity, &Limits::default())?.best().clone();
/// assert_eq!((best.dialects[0], best.surprises), (DialectId::SMalformed, Some(0)));
/// assert_eq!(best.evidence[0].fact.summary(), "MM7Version 5.3.0 in MM7 1-0.");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When no XML document can be found in it.
pub fn detect(entity: &Entity, limits: &Limits) -> Result<Detection, DecodeError> {
    let evidence = gather(entity, limits)?;
    let candidate = |carrier: Carrier| {
        let config = Config { tolerance: Tolerance::Lenient, limits: *limits, ..Config::default() };
        let (dialects, surprises) = match carrier.codec(config).decode(entity) {
            Ok(decoded) => {
                let surprises = decoded.surprises().count();
                (decoded.candidates, Some(surprises))
            }
            Err(_) => (Vec::new(), None),
        };
        let of_carrier = |evidence: &&Evidence| evidence.fact.carrier() == carrier;
        Candidate { carrier, dialects, evidence: evidence.iter().filter(of_carrier).cloned().collect(), surprises }
    };
    let mut ranked = core::array::from_fn(|index| candidate(Carrier::ALL[index]));
    ranked.sort_by_key(|candidate| {
        let facts = core::cmp::Reverse(candidate.evidence.len());
        (facts, candidate.surprises.is_none(), candidate.surprises)
    });
    Ok(Detection { ranked })
}

/// Decodes an entity of whichever carrier: of the configured dialect's, else of the one that [`detect`] finds.
///
/// ```
/// use tongsa::{Carrier, Codec, Config, DialectId, Message, SubmitRsp, Text, decode};
/// let mut answer = SubmitRsp::default();
/// answer.mm7_version = Some(Text::new("1.0")?);
/// let entity = DialectId::K.codec(Config::default()).encode(&answer.into())?.entity;
/// let decoded = decode(&entity, &Config::default())?;
/// assert_eq!(decoded.dialect.carrier(), Carrier::K);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Codec::decode`](crate::Codec::decode).
pub fn decode(entity: &Entity, config: &Config) -> Result<Decoded, DecodeError> {
    let carrier = match config.dialect {
        Some(dialect) => dialect.carrier(),
        None => most_evident(&gather(entity, &config.limits)?)
            .map_or_else(|| detect(entity, &config.limits).map(|detection| detection.best().carrier), Ok)?,
    };
    carrier.codec(config.clone()).decode(entity)
}

/// The carrier with more facts than any other: the first in [`Detection`], found without decoding. `None` on a tie, which
/// surprises decide.
fn most_evident(evidence: &[Evidence]) -> Option<Carrier> {
    let facts = |carrier: Carrier| evidence.iter().filter(|evidence| evidence.fact.carrier() == carrier).count();
    let mut ranked: [_; Carrier::ALL.len()] =
        core::array::from_fn(|index| (facts(Carrier::ALL[index]), Carrier::ALL[index]));
    ranked.sort_unstable_by_key(|(count, _)| core::cmp::Reverse(*count));
    (ranked[0].0 > ranked[1].0).then_some(ranked[0].1)
}

/// Each fact once, where it is first seen.
fn gather(entity: &Entity, limits: &Limits) -> Result<Vec<Evidence>, DecodeError> {
    let opened = Opened::plain(limits, entity)?;
    let mut found: Vec<Evidence> = Vec::new();
    let mut push = |fact: Fact, at: &dyn Fn() -> Location| {
        if !found.iter().any(|known| known.fact == fact) {
            found.push(Evidence { fact, at: at() });
        }
    };
    for part in opened.tree.parts() {
        for field in part.fields() {
            let at = || Location::body(field.offset, opened.tree.path_at(field.offset));
            let begins = |head: &[u8]| {
                let same = |(a, b): (&u8, &u8)| a.eq_ignore_ascii_case(b) || (*a == b'_' && *b == b'-');
                field.name.len() >= head.len() && field.name.iter().zip(head).all(same)
            };
            if begins(b"X-SKT") {
                push(Fact::SktField, &at);
            } else if begins(b"X-Kmms") {
                push(Fact::KmmsField, &at);
            }
        }
        if part.content_id() == Some(b"start_MM7_SOAP") {
            push(Fact::SktRoot, &|| Location::body(part.head, opened.tree.path_at(part.head)));
        }
        let is_xt = |media: mime::MediaType<'_>| media.is("text/x-sktxt") || media.is("text/skt-xt");
        if part.content_type().is_some_and(is_xt) {
            push(Fact::SktText, &|| Location::body(part.head, opened.tree.path_at(part.head)));
        }
    }
    opened.document(limits, |document, at| {
        in_document(document, opened.charset, &mut |fact, offset| push(fact, &|| at(offset)));
    })?;
    found.sort_by_key(|evidence| (evidence.at.space, evidence.at.offset));
    Ok(found)
}

fn in_document(document: &Document<'_>, charset: crate::charset::Charset, push: &mut dyn FnMut(Fact, usize)) {
    let root = document.root();
    let mut namespace: Option<&str> = None;
    let mut deliver = false;
    let mut stack = alloc::vec![root];
    while let Some(element) = stack.pop() {
        let offset = element.offset();
        let text = |element: Element<'_, '_>| {
            element.text(charset, &mut crate::deviation::Flags::default()).trim().to_ascii_lowercase()
        };
        if let Namespace::Uri(uri) = element.namespace() {
            namespace = [MM7_1_0, MM7_1_2].into_iter().find(|known| known.as_bytes() == uri).or(namespace);
        }
        match element.local() {
            local if local.starts_with(b"X-SKT") => push(Fact::SktElement, offset),
            b"ServiceType" | b"CPID" | b"ResellerCode" => push(Fact::KElement, offset),
            b"KisaOrigCode" => push(Fact::KisaOrigCode, offset),
            b"DeliverReq" => deliver = true,
            b"ShortCode" if deliver && text(element).starts_with('#') => push(Fact::ShortCode, offset),
            b"MMSRelayServerID" if text(element).starts_with("lgt-") => push(Fact::LgtRelay, offset),
            b"MM7Version" => match (&*text(element), namespace) {
                ("5.3.0", Some(MM7_1_0)) => push(Fact::Version530Of10, offset),
                ("5.3.0", Some(MM7_1_2)) => push(Fact::Version530Of12, offset),
                (version, _) if version.starts_with("1.") => push(Fact::Version1, offset),
                _ => {}
            },
            b"TransactionID" if root.prefix() == Some(b"SOAP-ENV") && namespace == Some(MM7_1_0) => {
                push(Fact::SoapEnv, root.offset());
            }
            _ => {}
        }
        let first = stack.len();
        stack.extend(element.children());
        stack[first..].reverse();
    }
}
