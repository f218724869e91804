//! What every codec offers, whichever carrier it speaks for.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::carrier_id::{Carrier, DialectId};
use crate::datetime::DateTime;
use crate::deviation::{Deviation, DeviationKind, QuirkSet};
use crate::entity::Entity;
use crate::error::DecodeErrorKind;
use crate::limits::Limits;
use crate::location::Location;
use crate::loss::Loss;
use crate::mm7::Dialect;
use crate::model::{Message, Operation, Outcome, Reason, Status};
use crate::violation::Violation;

/// A carrier's wire format: parses it and writes it. Object-safe, so that a service can hold one per carrier.
///
/// ```
/// use tongsa::{Carrier, Codec, Config, L};
/// let codecs: Vec<Box<dyn Codec>> = vec![Box::new(L::new(Config::default()))];
/// assert_eq!(codecs[0].carrier(), Carrier::L);
/// ```
pub trait Codec: fmt::Debug + Send + Sync {
    /// The carrier.
    fn carrier(&self) -> Carrier;

    /// What an entity says, and how it departs from the standards in saying it.
    ///
    /// ```
    /// use tongsa::{Codec, Config, Entity, L, Message};
    /// let entity = Entity::new(std::fs::read("examples/payloads/l-report.xml")?);
    /// let decoded = L::new(Config::default()).decode(&entity)?;
    /// let Message::DeliveryReportReq(report) = decoded.message else { panic!("a report") };
    /// assert_eq!(report.mm_status, Some(tongsa::MmStatus::Retrieved));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When nothing can be made of it, or it departs in a way that the tolerance does not accept.
    fn decode(&self, entity: &Entity) -> Result<Decoded, DecodeError>;

    /// A message as this carrier takes it, with an account of what it cannot hold and what the carrier will refuse.
    ///
    /// ```
    /// use tongsa::{Address, Codec, Config, K, SubmitReq};
    /// let mut submit = SubmitReq::default();
    /// submit.recipients.to = vec![Address::number("01000000002")?, Address::number("01000000003")?];
    /// let encoded = K::new(Config::default()).encode(&submit.into())?;
    /// assert!(encoded.losses.is_empty());
    /// assert_eq!(encoded.violations.last().unwrap().to_string(), "recipients: 2 found, 1 allowed (k)");
    /// assert_eq!(encoded.entity.start_line.as_deref(), Some(&b"POST / HTTP/1.1"[..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Only if the configuration refuses characters that the charset does not have.
    fn encode(&self, message: &Message) -> Result<Encoded, EncodeError>;

    /// An answer, with the echoes of its request that this carrier wants.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    fn encode_reply(&self, reply: &Reply) -> Result<Encoded, EncodeError>;

    /// What the carrier will refuse about a message, before it is written: [`Encoded::violations`] without the entity.
    fn check(&self, message: &Message) -> Vec<Violation>;

    /// The MM7Version that it writes of itself.
    fn version(&self) -> &'static str;

    /// What the carrier's own table (`docs/dialects/`) says of a message's status; `None` where the message has none. A decoder
    /// has done so already.
    ///
    /// ```
    /// use tongsa::{Carrier, Codec, Config, Message, Outcome, Reason, Status, SubmitRsp};
    /// let mut answer = SubmitRsp::default();
    /// answer.status = Status::new(4006, "Service Unavailable")?;
    /// let message = Message::from(answer);
    /// let says = |carrier: Carrier| carrier.codec(Config::default()).classify(&message);
    /// assert_eq!(says(Carrier::L), Some((Outcome::Retry, Some(Reason::ServiceUnavailable))));
    /// assert_eq!(says(Carrier::K), Some((Outcome::Rejected, Some(Reason::Unknown))), "K's table does not have it");
    /// # Ok::<(), tongsa::TextError>(())
    /// ```
    fn classify(&self, message: &Message) -> Option<(Outcome, Option<Reason>)>;

    /// The carrier's code that says this most nearly: of the same reason and outcome, else of the same reason, else of the
    /// same outcome.
    ///
    /// ```
    /// use tongsa::{Carrier, Codec, Config, Outcome, Reason};
    /// let k = Carrier::K.codec(Config::default());
    /// assert_eq!(k.nearest_code(Outcome::Throttled, Some(Reason::TrafficExceeded)), 4202);
    /// ```
    fn nearest_code(&self, outcome: Outcome, reason: Option<Reason>) -> u32;

    /// The negative answer to a request that could not be decoded, as this carrier gives it or wants it, with the echoes of
    /// the request as far as they are known. `by` is who answers, where the request does not tell.
    ///
    /// ```
    /// use tongsa::{Codec, Config, Entity, K, Party};
    /// let codec = K::new(Config::default());
    /// let request = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><SendReq/></e:Body></e:Envelope>";
    /// let error = codec.decode(&Entity::new(request)).unwrap_err();
    /// let reply = codec.refusal(&error, Party::Carrier);
    /// assert_eq!(reply.message.operation().code(), "rs_error_rsp");
    /// assert_eq!(reply.message.status().unwrap().code.as_ref().unwrap().number(), Some(2103));
    /// ```
    fn refusal(&self, error: &DecodeError, by: Party) -> Reply;
}

/// Who answers a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Party {
    /// The VASP: of what a carrier sends.
    Vasp,
    /// The carrier: of what a VASP submits.
    Carrier,
}

/// How a codec behaves. The default decodes any dialect of the carrier under [`Tolerance::Observed`] and writes no quirks.
///
/// ```
/// use tongsa::{Codec, Config, DialectId, S, SubmitReq, Tolerance};
/// let config = Config { dialect: Some(DialectId::STest), tolerance: Tolerance::Strict, ..Config::default() };
/// let entity = S::new(config.clone()).encode(&SubmitReq::default().into())?.entity;
/// // What it lacks is mandatory, so it is not what the dialect prescribes.
/// assert!(S::new(config).decode(&entity).is_err());
/// # Ok::<(), tongsa::EncodeError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The dialect to judge by and to write; the carrier's own where `None`.
    pub dialect: Option<DialectId>,
    /// Which deviations a decoder accepts.
    pub tolerance: Tolerance,
    /// Bounds on what a decoder takes.
    pub limits: Limits,
    /// Deviations to write on purpose, where the message gives occasion.
    pub quirks: QuirkSet,
    /// What to do with characters that the charset does not have.
    pub on_unmappable: OnUnmappable,
    /// When the payload was received: of the two hours that a time of S's 12-hour clock may mean, the nearer one counts
    /// (S-11). Without it the hour stands as it was written, and the deviation says that it is in doubt.
    pub received_at: Option<DateTime>,
}

/// Which deviations a decoder accepts. There is one parse; the tolerance only accepts or refuses its findings.
///
/// ```
/// use tongsa::{Tolerance, UnknownTolerance};
/// assert!(Tolerance::Strict < Tolerance::Observed && Tolerance::Observed < Tolerance::Lenient);
/// assert_eq!("lenient".parse(), Ok::<_, UnknownTolerance>(Tolerance::Lenient));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tolerance {
    /// Only what the dialect prescribes.
    Strict,
    /// Also what is on record for the carrier.
    #[default]
    Observed,
    /// Whatever can be recovered.
    Lenient,
}

impl Tolerance {
    /// The word the commands take.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Observed => "observed",
            Self::Lenient => "lenient",
        }
    }

    pub(crate) fn accepts(self, deviation: &Deviation, carrier: Carrier) -> bool {
        deviation.expected
            || match self {
                Self::Strict => false,
                Self::Observed => deviation.kind.observed().contains(&carrier),
                Self::Lenient => true,
            }
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// No tolerance has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown tolerance: {0}")]
pub struct UnknownTolerance(String);

impl FromStr for Tolerance {
    type Err = UnknownTolerance;

    fn from_str(name: &str) -> Result<Self, UnknownTolerance> {
        [Self::Strict, Self::Observed, Self::Lenient]
            .into_iter()
            .find(|tolerance| tolerance.code() == name)
            .ok_or_else(|| UnknownTolerance(name.into()))
    }
}

/// What to do with characters that the charset does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnUnmappable {
    /// A character reference in XML, which reads back; `?` elsewhere, with a loss.
    #[default]
    CharRefOrReplace,
    /// An error where it would be a loss.
    Refuse,
}

/// What an entity says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decoded {
    /// The message.
    pub message: Message,
    /// The dialect it is in: the one with the fewest surprises.
    pub dialect: DialectId,
    /// Dialects with as few surprises, where there are several; the first is `dialect`.
    pub candidates: Vec<DialectId>,
    /// What an answer echoes.
    pub context: WireContext,
    /// What was tolerated, in the order of the wire.
    pub deviations: Vec<Deviation>,
}

impl Decoded {
    /// The deviations that the dialect does not prescribe: what a service logs. None of them has a value in it.
    pub fn surprises(&self) -> impl Iterator<Item = &Deviation> {
        self.deviations.iter().filter(|deviation| !deviation.expected)
    }

    /// The answer to this request; `None` where it is itself an answer.
    ///
    /// ```
    /// use tongsa::{Codec, Config, DeliveryReportReq, L, Message, Status, Text};
    /// let mut report = DeliveryReportReq::default();
    /// report.transaction_id = Some(Text::new("7")?);
    /// let codec = L::new(Config { tolerance: tongsa::Tolerance::Lenient, ..Config::default() });
    /// let received = codec.decode(&codec.encode(&report.into())?.entity)?;
    /// let reply = received.reply(Status::new(1000, "Success")?).expect("a report is a request");
    /// assert_eq!(reply.message.operation().code(), "delivery_report_rsp");
    /// let answer = codec.encode_reply(&reply)?;
    /// assert_eq!(codec.decode(&answer.entity)?.message, reply.message);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reply(&self, status: Status) -> Option<Reply> {
        Reply::to(&self.message, self.context.clone(), status)
    }
}

/// What of a request's form its answer repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WireContext {
    /// The dialect of the request.
    pub dialect: DialectId,
    /// The namespace of the operation, where it is one of MM7 (K-13).
    pub namespace: Option<String>,
    /// The text of TransactionID, untrimmed: carriers echo it so (X-15, L-05).
    pub transaction_id_raw: Option<String>,
    /// The operation.
    pub operation: Option<Operation>,
}

/// An answer and what it echoes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reply {
    /// The answer.
    pub message: Message,
    /// What of the request's form it repeats.
    pub context: WireContext,
}

impl Reply {
    /// Spec sections 4.7, 5.6 and 6.5: how a dialect says no to what it could not read.
    pub(crate) fn refusal(dialect: &Dialect, error: &DecodeError, by: Party) -> Self {
        use crate::model::{Code, Slot, Value};
        let own = || WireContext { dialect: dialect.id, namespace: None, transaction_id_raw: None, operation: None };
        let context = error.context().cloned().unwrap_or_else(own);
        let operation = match (context.operation.and_then(Operation::answer), by) {
            (Some(Operation::SubmitRsp | Operation::CancelRsp | Operation::ReplaceRsp | Operation::EchoRsp), _)
            | (None, Party::Carrier) => dialect.refusal,
            (Some(answer), _) => answer,
            (None, Party::Vasp) => Operation::VaspErrorRsp,
        };
        let mut message = operation.empty();
        if let Some(id) = &context.transaction_id_raw {
            message.set(Slot::TransactionId, Value::Text(id.clone()));
        }
        message.set(Slot::Mm7Version, Value::Text(dialect.version.into()));
        let code = dialect.nearest_code(Outcome::Rejected, Some(error.reason()));
        if let Some(code) = code.and_then(|code| Code::from_wire(&alloc::format!("{code}"))) {
            message.set(Slot::StatusCode, Value::Code(code));
        }
        let text = alloc::string::ToString::to_string(&error.kind());
        message.set(Slot::StatusText, Value::Text(text));
        dialect.set_outcome(&mut message);
        Self { message, context }
    }

    fn to(request: &Message, context: WireContext, status: Status) -> Option<Self> {
        use crate::model::{FieldRef, Slot};
        let mut message = request.operation().answer()?.empty();
        for slot in [Slot::TransactionId, Slot::Mm7Version] {
            if let Some(value) = request.get(slot).map(FieldRef::to_value) {
                message.set(slot, value);
            }
        }
        *message.status_mut()? = status;
        Some(Self { message, context })
    }
}

/// A message as the carrier takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Encoded {
    /// What to send.
    pub entity: Entity,
    /// What the wire cannot hold.
    pub losses: Vec<Loss>,
    /// What the carrier will refuse.
    pub violations: Vec<Violation>,
    /// The quirks that the message gave occasion to write, of those asked for.
    pub quirks: QuirkSet,
}

/// Why an entity could not be decoded: what, at which byte, in which part and element.
///
/// ```
/// use tongsa::{Codec, Config, Entity, L};
/// let error = L::new(Config::default()).decode(&Entity::new("")).unwrap_err();
/// assert_eq!(error.to_string(), "the body is empty at byte 0");
/// assert_eq!(error.status_hint(), 2007);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at {at}", kind = self.kind(), at = self.at())]
pub struct DecodeError(Box<DecodeErrorInner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct DecodeErrorInner {
    kind: DecodeErrorKind,
    at: Location,
    deviations: Vec<Deviation>,
    accepted_under: Option<Tolerance>,
    context: Option<WireContext>,
}

impl DecodeError {
    pub(crate) fn new(kind: DecodeErrorKind, at: Location, deviations: Vec<Deviation>) -> Self {
        Self(Box::new(DecodeErrorInner { kind, at, deviations, accepted_under: None, context: None }))
    }

    pub(crate) fn accepted_by(mut self, tolerance: Option<Tolerance>) -> Self {
        self.0.accepted_under = tolerance;
        self
    }

    pub(crate) fn with_context(mut self, context: WireContext) -> Self {
        self.0.context = Some(context);
        self
    }

    /// What is wrong.
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.0.kind
    }

    /// Where.
    pub fn at(&self) -> &Location {
        &self.0.at
    }

    /// The deviations found before it.
    pub fn deviations(&self) -> &[Deviation] {
        &self.0.deviations
    }

    /// What of the request is known that an answer repeats.
    pub fn context(&self) -> Option<&WireContext> {
        self.0.context.as_ref()
    }

    /// The strictest tolerance under which this entity decodes; `None` where there is none.
    ///
    /// ```
    /// use tongsa::{Codec, Config, Entity, Limits, S, Tolerance};
    /// let strict = S::new(Config { tolerance: Tolerance::Strict, ..Config::default() });
    /// let file = std::fs::read("examples/payloads/s-submit-short.http")?;
    /// let entity = Entity::parse_http(file.into(), &Limits::default())?.entity;
    /// assert_eq!(strict.decode(&entity).unwrap_err().accepted_under(), Some(Tolerance::Lenient));
    /// assert_eq!(strict.decode(&Entity::new("Server Error")).unwrap_err().accepted_under(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn accepted_under(&self) -> Option<Tolerance> {
        self.0.accepted_under
    }

    /// The MM7 status code to answer with (TS 23.140 section 8.7.8): 2004, 2007, 4003 or 4004. [`Codec::refusal`] makes
    /// the answer, with the carrier's own code.
    ///
    /// ```
    /// use tongsa::{Codec, Config, Entity, L, Limits};
    /// let codec = L::new(Config { limits: Limits { body: 8, ..Limits::default() }, ..Config::default() });
    /// let error = codec.decode(&Entity::new("<env:Envelope/>")).unwrap_err();
    /// assert_eq!(error.to_string(), "more than 8 bytes of body at byte 8");
    /// assert_eq!(error.status_hint(), 2004);
    /// ```
    pub fn status_hint(&self) -> u32 {
        match self.reason() {
            Reason::OperationUnsupported => 4003,
            Reason::ContentRefused => 2004,
            Reason::ValidationFailed => 4004,
            _ => 2007,
        }
    }

    /// What is wrong, in the words of a status.
    pub fn reason(&self) -> Reason {
        match self.kind() {
            DecodeErrorKind::UnknownOperation(_) => Reason::OperationUnsupported,
            DecodeErrorKind::LimitExceeded { .. } => Reason::ContentRefused,
            DecodeErrorKind::Refused(DeviationKind::ElementMissing) | DecodeErrorKind::NoOperation => {
                Reason::ValidationFailed
            }
            _ => Reason::FormatInvalid,
        }
    }
}

/// Why a message could not be encoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A character that the charset does not have, where the caller asked to refuse it.
    #[error("{path}: the charset has no U+{:04X} (character {index})", u32::from(*char))]
    Unmappable {
        /// The field.
        path: String,
        /// The character.
        char: char,
        /// Which character of the field it is, from 0.
        index: usize,
    },
}
