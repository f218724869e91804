//! tongsa (통사, the interpreter) reads and writes the MM7 dialects of mobile carriers: multimedia messages in SOAP 1.1
//! in MIME, in EUC-KR, well-formed or not.
//!
//! # The promise
//!
//! * **No I/O.** Bytes go in and values come out. There is no socket, file, clock or random number in the crate, and the
//!   same input gives the same output; where a time or an id is needed, the caller passes it in.
//! * **Nothing is silent.** A decoder says what it tolerated, with byte offsets; an encoder says what the wire cannot
//!   hold and what the carrier will refuse. What is read back is what was written, less exactly the losses it named.
//! * **No input breaks it.** Any bytes give a value, or an error with its place; in time that grows with the input, and in
//!   memory that is bounded by it and by [`Limits`].
//!
//! The way of a message, in and out:
//!
//! ```text
//!          bytes                    lossless, does not judge              judges                      value
//! Entity ─► mime parts ─► xml tokens/tree (raw bytes, spans) ─► soap ─► mm7 table of the dialect ─► Message + deviations
//!                                charset runs                                                          │
//! Entity ◄─ mime emit  ◄─ xml emit                           ◄─ soap ◄─ mm7 table of the dialect ◄─ Message   → losses
//! ```
//!
//! # A first decode
//!
//! A [`Codec`] speaks for one carrier. What it read stands in [`Decoded`]: the [`Message`], the dialect, and the
//! [`Deviation`]s. [`Decoded::surprises`] gives those that the dialect does not prescribe: what a service logs.
//!
//! ```
//! use tongsa::{Codec, Config, Entity, L, Message, Outcome};
//!
//! let body = r#"<?xml version="1.0" encoding="euc-kr"?><env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Header><mm7:TransactionID xmlns:mm7="http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-2" env:mustUnderstand="1">tid </mm7:TransactionID></env:Header><env:Body><mm7:RSErrorRsp xmlns:mm7="http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-2"><StatusText>SUBS is ported</StatusText><MM7Version>5.3.0</MM7Version><StatusCode>6102</StatusCode></mm7:RSErrorRsp></env:Body></env:Envelope>"#;
//! let entity = Entity::new(body).with_header("Content-Type", "text/xml; charset=\"euc-kr\"");
//!
//! let decoded = L::new(Config::default()).decode(&entity)?;
//! let Message::RsErrorRsp(error) = &decoded.message else { panic!("an error") };
//! assert_eq!(error.status.outcome, Some(Outcome::Rejected));
//! assert_eq!(error.status.code.as_ref().and_then(|code| code.number()), Some(6102));
//!
//! let surprises: Vec<_> = decoded.surprises().map(ToString::to_string).collect();
//! assert_eq!(surprises, ["mm7/scalar-padded at byte 249 (Envelope/Header/TransactionID)"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Which carrier, which dialect?
//!
//! S speaks three dialects, and its codec says which it read: [`Decoded::dialect`] is the one that surprises least, and
//! [`Decoded::candidates`] lists the others that fit as well. A codec fixed to a dialect ([`Config::dialect`]) judges by that
//! one: what it did not expect is how a payload differs from the format that was promised. [`detect`] and [`decode`] find
//! out the carrier too.
//!
//! ```
//! use tongsa::{Codec, Config, DialectId, Message, SubmitReq, Subject, Tolerance};
//!
//! let mut submit = SubmitReq::default();
//! submit.subject = Some(Subject::new("제목")?);
//! let entity = DialectId::SMalformed.codec(Config::default()).encode(&submit.into())?.entity;
//!
//! let decoded = tongsa::decode(&entity, &Config::default())?;
//! assert_eq!(decoded.dialect, DialectId::SMalformed);
//! let promised = DialectId::STest.codec(Config { tolerance: Tolerance::Lenient, ..Config::default() });
//! let differs: Vec<_> = promised.decode(&entity)?.surprises().map(|found| found.kind.code()).collect();
//! assert!(differs.contains(&"xml/quote-typographic"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A first encode
//!
//! [`Codec::encode`] always gives one [`Entity`] (only [`OnUnmappable::Refuse`] makes it fail). What the wire cannot
//! hold is a [`Loss`], what the carrier will refuse a [`Violation`]; the caller decides before sending.
//!
//! ```
//! use tongsa::{Address, Codec, Config, L, Message, Prose, Subject, SubmitReq, Text};
//!
//! let mut submit = SubmitReq::default();
//! submit.transaction_id = Some(Text::new("00042")?);
//! submit.recipients.to.push(Address::number("01000000002")?);
//! submit.subject = Some(Subject::new("제목")?);
//! submit.content.text = Some(Prose::new("안녕하세요 😀")?);
//! let message = Message::from(submit);
//!
//! let encoded = L::new(Config::default()).encode(&message)?;
//! assert_eq!(encoded.losses[0].to_string(), "content.text: unmappable U+1F600 at 6");
//! assert!(encoded.violations.iter().any(|violation| violation.to_string() == "sender.vasp_id: missing (l)"));
//! // The account is complete: this is what will be read at the other end.
//! let arrives = message.apply(&encoded.losses)?;
//! assert_eq!(arrives.content().and_then(|content| content.text.as_ref()).unwrap().as_str(), "안녕하세요 ?");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A first translation
//!
//! [`translate`] reads an entity of one carrier and writes it for another; [`translate_message`] does the same with a message.
//! What has a meaning for one carrier alone does not cross: the account with it, its vendors' fields, its presentation, its
//! status codes (which go through their meaning). [`Translated::losses`] has every value that did not come along as it was,
//! [`Translated::supplied`] every one that the source did not have, [`Translated::violations`] what the target will refuse.
//!
//! ```
//! use tongsa::{Account, Carrier, Config, Message, Prose, SubmitReq, Text, TranslateOptions, translate_message};
//!
//! let mut submit = SubmitReq::default();
//! submit.sender.vasp_id = Some(Text::new("99")?);
//! submit.content.text = Some(Prose::new("안녕하세요")?);
//! submit.priority = Some(tongsa::Priority::High);
//!
//! let (s, k) = (Carrier::S.codec(Config::default()), Carrier::K.codec(Config::default()));
//! let mut account = Account::default();
//! account.vasp_id = Some(Text::new("hub01")?);
//! account.cp_id = Some(Text::new("hub01_02_001")?);
//! let mut options = TranslateOptions::default();
//! options.account = Some(account);
//!
//! let translated = translate_message(&*s, &*k, &Message::from(submit), &options)?;
//! let lost: Vec<_> = translated.losses.iter().map(ToString::to_string).collect();
//! assert_eq!(lost, ["sender.vasp_id: narrowed", "priority: dropped"]);
//! assert_eq!(translated.supplied[0].path, "sender.cp_id");
//! assert!(translated.violations.iter().any(|violation| violation.path == "service_type"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Tolerance
//!
//! There is one parse, the most lenient. A deviation is noticed in one place and allowed in one place: the gate behind
//! the parse accepts or refuses by [`Tolerance`], so what a stricter one accepts, a looser one accepts with the same
//! value. [`Strict`](Tolerance::Strict) takes what the dialect prescribes, [`Observed`](Tolerance::Observed), the default, also
//! what is on record for the carrier, [`Lenient`](Tolerance::Lenient) whatever can be recovered.
//!
//! A [`DecodeError`] says what, at which byte, and which tolerance would have accepted; [`DecodeError::status_hint`] and
//! [`Codec::refusal`] are the answer that is owed.
//!
//! ```
//! use tongsa::{Codec, Config, L, Message, Party, QuirkSet, SubmitRsp, Text, Tolerance};
//!
//! let mut answer = SubmitRsp::default();
//! answer.mm7_version = Some(Text::new("5.3.0")?);
//! answer.message_id = Some(Text::new("hUQXqFNi")?);
//! let message = Message::from(answer);
//! // S is known for blanks in end tags; L is not.
//! let quirks = QuirkSet::from_codes("xml/end-tag-blank")?;
//! let odd = L::new(Config { quirks, ..Config::default() }).encode(&message)?.entity;
//!
//! let error = L::new(Config::default()).decode(&odd).unwrap_err();
//! let said = "xml/end-tag-blank: A blank between `</` and the name at byte 252 (Envelope/Body/SubmitRsp/MM7Version)";
//! assert_eq!(error.to_string(), said);
//! assert_eq!(error.accepted_under(), Some(Tolerance::Lenient));
//! assert_eq!(error.status_hint(), 2007);
//! let lenient = L::new(Config { tolerance: Tolerance::Lenient, ..Config::default() });
//! assert_eq!(lenient.decode(&odd)?.message, message);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Losses
//!
//! A [`Loss`] has the path of a field in the canonical JSON, what happened to it ([`LossKind`]), and the value before and after.
//! The paths of one account are disjoint, and [`Message::apply`] with all of them gives what the other end will read: not
//! a field, recipient or emoji disappears without one. What reads back, a character reference say, is no loss. What the wire
//! holds and the carrier refuses is a [`Violation`] beside it.
//!
//! ```
//! use tongsa::{Codec, Config, K, Message, Prose, SubmitReq, Text, Tolerance, Value};
//!
//! let mut submit = SubmitReq::default();
//! submit.transaction_id = Some(Text::new("20240801093000:1")?);
//! submit.service_code = Some(Text::new("0000")?);
//! submit.content.text = Some(Prose::new("8월 3일 😀")?);
//! let message = Message::from(submit);
//! let codec = K::new(Config { tolerance: Tolerance::Lenient, ..Config::default() });
//!
//! let encoded = codec.encode(&message)?;
//! let lost: Vec<_> = encoded.losses.iter().map(ToString::to_string).collect();
//! assert_eq!(lost, ["service_code: dropped", "content.text: unmappable U+1F600 at 6"]);
//! assert_eq!(encoded.losses[1].after, Some(Value::Text("8월 3일 ?".into())));
//! assert_eq!(codec.decode(&encoded.entity)?.message, message.apply(&encoded.losses)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Quirks
//!
//! A quirk is a deviation that can also be written and leaves the message equal. [`Config::quirks`] asks for some, and
//! [`Encoded::quirks`] says which the message gave occasion to: for a test of the other side's tolerance, or of one's own.
//! Damage is recognised and never written.
//!
//! ```
//! use tongsa::{Codec, Config, DeviationKind, DialectId, Message, QuirkSet, SubmitReq, Subject, Tolerance};
//!
//! let mut submit = SubmitReq::default();
//! submit.subject = Some(Subject::new("제목")?);
//! let message = Message::from(submit);
//! let quirks = QuirkSet::from_codes("mm7/scalar-padded, datetime/korean-names")?;
//! let config = Config { quirks, tolerance: Tolerance::Lenient, ..Config::default() };
//! let live = DialectId::SLive.codec(config);
//!
//! let encoded = live.encode(&message)?;
//! // There is no date in the message whose names could be Korean.
//! assert_eq!(encoded.quirks.iter().collect::<Vec<_>>(), [DeviationKind::ScalarPadded]);
//! let decoded = live.decode(&encoded.entity)?;
//! assert_eq!(decoded.message, message);
//! assert!(decoded.surprises().any(|found| found.kind == DeviationKind::ScalarPadded));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Answers, and what to do about them
//!
//! [`Decoded::reply`] makes the answer to a request, with the echoes that the carrier wants; [`Codec::encode_reply`] writes it. A
//! status means what the carrier's own table says: [`Status::advice`] is the decision, so a service needs no code of any carrier.
//!
//! ```
//! use tongsa::{Advice, Codec, Config, Entity, L, Message, Status};
//! use std::time::Duration;
//!
//! # let refused = { let mut answer = tongsa::RsErrorRsp::default(); answer.status = Status::new(7103, "TPS over")?;
//! #     L::new(Config::default()).encode(&answer.into())?.entity };
//! let answer = L::new(Config { tolerance: tongsa::Tolerance::Lenient, ..Config::default() }).decode(&refused)?;
//! match answer.message.status().and_then(Status::advice) {
//!     Some(advice) if advice.sends_again() => assert_eq!(advice.pause(), Duration::from_secs(1)),
//!     advice => panic!("too much was sent, and {advice:?} says otherwise"),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The carriers take one recipient a message: [`Message::split_recipients`]. What a whole service looks like stands in the
//! repository's `services/`, and how many of them run at any size in `docs/scaling.md`.
//!
//! # Adding a carrier
//!
//! A dialect is data: one table an operation, from element path to field and format, that drives the reader and the writer; a
//! form of content; a table of status codes. `docs/adding-a-carrier.md` adds an invented one, in a file of fewer than 150 lines
//! that is compiled and held to the promises above. `docs/dialects/` describes those that are there, as their tables
//! have them, and `docs/catalogue.md` the irregularities on record.
//!
//! # Features
//!
//! * `serde` (on by default): [`Message`] as canonical JSON and back; [`Loss`] and [`Violation`] as JSON. The JSON Schema
//!   of a message is `docs/message.schema.json` in the package.
//! * `http`: [`Entity`] from and to `http::Request<Bytes>` and `http::Response<Bytes>`, which axum, hyper and reqwest share;
//!   `HttpError` says why one cannot be the other.
//! * `chrono`, `jiff`, `time`: [`Timestamp`], [`DateTime`] and [`Duration`] from and to the types of these crates, whose
//!   clocks stay off; `TimestampError` has the table.
//!
//! Features only add, and none changes what a codec does. Without default features the crate is `no_std` with `alloc`, and
//! stays so with any feature but `http`: that crate needs `std`.
#![no_std]
#![forbid(unsafe_code)]
#![warn(clippy::missing_errors_doc)]
// What tests may do and the library may not.
#![cfg_attr(not(any(test, fuzzing)), warn(unreachable_pub, clippy::unwrap_used, clippy::panic, clippy::unreachable))]

extern crate alloc;
#[cfg(test)]
extern crate self as tongsa;
#[cfg(any(test, fuzzing))]
#[macro_use]
extern crate std;

mod advice;
mod carrier;
mod carrier_id;
mod charset;
mod codec;
mod content;
mod datetime;
mod decode;
mod detect;
mod deviation;
mod digits;
mod encode;
mod entity;
mod error;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod laws;
mod limits;
mod location;
mod loss;
mod mime;
mod mm7;
mod model;
mod soap;
#[cfg(test)]
mod tape;
mod translate;
mod violation;
mod xml;

pub use advice::Advice;
pub use carrier::k::K;
pub use carrier::l::L;
pub use carrier::s::S;
pub use carrier_id::{Carrier, DialectId, UnknownName};
pub use codec::{
    Codec, Config, DecodeError, Decoded, EncodeError, Encoded, OnUnmappable, Party, Reply, Tolerance, UnknownTolerance,
    WireContext,
};
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
pub use datetime::TimestampError;
pub use datetime::{DateTime, Duration, Timestamp, UtcOffset};
pub use detect::{Candidate, Detection, Evidence, Fact, decode, detect};
pub use deviation::{Deviation, DeviationKind, QuirkSet, UnknownQuirk};
#[cfg(feature = "http")]
pub use entity::HttpError;
pub use entity::{Entity, EntityError, Field, HttpFile};
pub use error::DecodeErrorKind;
pub use limits::Limits;
pub use location::{Location, Path, Space};
pub use loss::{Loss, LossKind, NoSuchPath, UnmappableChar};
pub use model::{
    Address, CancelReq, CancelRsp, ChargedParty, Code, Content, ContentId, DeliverReq, DeliverRsp, DeliveryReportReq,
    DeliveryReportRsp, EchoReq, EchoRsp, Extension, ExtensionPath, Fault, FaultDetail, FieldName, Flag, HtmlFrame,
    InvalidVideoAttributes, Media, MediaType, Message, MessageClass, MmStatus, Number, Operation, OtherWord, Outcome,
    PartFields, Presentation, Priority, Prose, ReadReplyReq, ReadReplyRsp, Reason, Recipients, ReplaceReq, ReplaceRsp,
    ReplyCharging, RsErrorRsp, Run, Sender, Status, Subject, SubmitReq, SubmitRsp, Text, TextError, Value,
    VaspErrorRsp, VideoAttributes,
};
pub use translate::{Account, Supplied, TranslateError, TranslateOptions, Translated, translate, translate_message};
pub use violation::{Violation, ViolationKind};
