//! tongsa
#![no_std]
#![forbid(unsafe_code)]
// What tests may do and the library may not.
#![cfg_attr(not(test), warn(unreachable_pub, clippy::unwrap_used, clippy::panic, clippy::unreachable))]

extern crate alloc;
#[cfg(test)]
extern crate self as tongsa;
#[cfg(test)]
#[macro_use]
extern crate std;

mod carrier;
mod carrier_id;
mod charset;
mod codec;
mod content;
mod datetime;
mod decode;
mod deviation;
mod encode;
mod entity;
mod error;
mod limits;
mod location;
mod loss;
mod mime;
mod mm7;
mod model;
mod soap;
mod translate;
mod violation;
mod xml;

pub use carrier::l::L;
pub use carrier_id::{Carrier, DialectId, UnknownName};
pub use codec::{
    Codec, Config, DecodeError, Decoded, EncodeError, Encoded, OnUnmappable, Reply, Tolerance, UnknownTolerance,
    WireContext,
};
pub use datetime::{DateTime, Duration, Timestamp, UtcOffset};
pub use deviation::{Deviation, DeviationKind, QuirkSet, UnknownQuirk};
pub use entity::{Entity, EntityError, Field, HttpFile};
pub use error::DecodeErrorKind;
pub use limits::Limits;
pub use location::{Location, Path, Space};
pub use loss::{Loss, LossKind, NoSuchPath, UnmappableChar};
pub use model::{
    Address, CancelReq, CancelRsp, ChargedParty, Code, Content, ContentId, DeliverReq, DeliverRsp, DeliveryReportReq,
    DeliveryReportRsp, EchoReq, EchoRsp, Extension, ExtensionPath, Fault, FaultDetail, FieldName, Flag, Media,
    MediaType, Message, MessageClass, MmStatus, Number, Operation, OtherWord, Outcome, PartFields, Priority, Prose,
    ReadReplyReq, ReadReplyRsp, Reason, Recipients, ReplaceReq, ReplaceRsp, ReplyCharging, RsErrorRsp, Sender, Status,
    Subject, SubmitReq, SubmitRsp, Text, TextError, Value, VaspErrorRsp,
};
pub use translate::{Account, TranslateError, TranslateOptions, Translated, translate};
pub use violation::{Violation, ViolationKind};
