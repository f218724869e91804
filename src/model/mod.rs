//! The canonical message: what a service means, without an XML name or a wire format in it.
//!
//! One struct an operation, all of them in [`Message`]. Fields that are absent on the wire are `None` or empty; every
//! text type refuses what no dialect can carry, so that whatever can be built can be encoded. Sources: TS 23.140
//! section 8.7 (through mm7.md) and spec section 12 of the carriers' interface documents.

mod address;
mod content;
mod extension;
mod presentation;
pub(crate) mod slot;
mod status;
pub(crate) mod text;
mod video;

use alloc::vec::Vec;

pub use address::{Address, Recipients, Sender};
pub use content::{Content, ContentId, FieldName, Media, MediaType, PartFields};
pub use extension::{Extension, ExtensionPath};
pub use presentation::{HtmlFrame, Presentation, Run};
pub use slot::Value;
pub use status::{Outcome, Reason, Status};
pub use text::{
    ChargedParty, Code, Flag, MessageClass, MmStatus, Number, OtherWord, Priority, Prose, Subject, Text, TextError,
};

pub use video::{InvalidVideoAttributes, VideoAttributes};

pub(crate) use extension::{NTH_MAX, PATH_LEN_MAX, Segment};
pub(crate) use slot::{FieldRef, FieldRefs, Slot, SlotSet, record};
pub(crate) use text::read_number;

use crate::datetime::Timestamp;
use slot::{Absent, Field, Record};

/// ReplyCharging (TS 23.140): the VASP pays for the reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields, default))]
#[non_exhaustive]
pub struct ReplyCharging {
    /// `@replyChargingSize`: the largest reply paid for, in bytes.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub size: Option<Code>,
    /// `@replyDeadline`: until when.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub deadline: Option<Timestamp>,
}

/// Which error a SOAP fault carries in its detail, and so who reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum FaultDetail {
    /// `RSErrorRsp`: the carrier.
    RsErrorRsp,
    /// `VASPErrorRsp`: the VASP.
    VaspErrorRsp,
}

impl FaultDetail {
    /// That of a fault which names none.
    pub(crate) const CARRIERS: Self = Self::RsErrorRsp;
}

macro_rules! operations {
    ($($(#[$meta:meta])* $name:ident $local:literal $doc:literal { $($body:tt)* })*) => {
        $(record! { $(#[$meta])* $name { $($body)* } })*

        /// One message: an operation of MM7 with its fields.
        ///
        /// In JSON one object, tagged by `operation` in snake case; what is absent has no key. Its schema is
        /// `docs/message.schema.json`.
        ///
        /// ```
        /// use tongsa::{Message, SubmitReq, Subject};
        /// let mut submit = SubmitReq::default();
        /// submit.subject = Some(Subject::new("제목")?);
        /// let message = Message::from(submit);
        /// assert_eq!(message.operation().code(), "submit_req");
        /// # #[cfg(feature = "serde")]
        /// assert_eq!(serde_json::to_string(&message)?, r#"{"operation":"submit_req","subject":"제목"}"#);
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(tag = "operation", rename_all = "snake_case"))]
        #[allow(clippy::large_enum_variant, reason = "a service moves it once; a box would be in the way of every match")]
        #[non_exhaustive]
        pub enum Message {
            $(#[doc = $doc] $name($name),)*
        }

        /// The kind of a message.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Operation {
            $(#[doc = $doc] $name,)*
        }

        impl Operation {
            /// Every operation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The local name of its element in the SOAP body.
            pub(crate) const fn local_name(self) -> &'static str {
                match self { $(Self::$name => $local),* }
            }

            /// A message of this kind in which nothing is set.
            pub fn empty(self) -> Message {
                match self { $(Self::$name => Message::$name(<$name>::ABSENT)),* }
            }
        }

        impl Message {
            /// The kind of this message.
            pub const fn operation(&self) -> Operation {
                match self { $(Self::$name(_) => Operation::$name),* }
            }

            fn record(&self) -> &dyn Record {
                match self { $(Self::$name(message) => message),* }
            }

            fn record_mut(&mut self) -> &mut dyn Record {
                match self { $(Self::$name(message) => message),* }
            }

            /// What the carrier sent beyond its interface document.
            pub fn extensions(&self) -> &[Extension] {
                match self { $(Self::$name(message) => &message.extensions),* }
            }

            /// The same, to change.
            pub fn extensions_mut(&mut self) -> &mut Vec<Extension> {
                match self { $(Self::$name(message) => &mut message.extensions),* }
            }
        }

        $(
            impl From<$name> for Message {
                fn from(message: $name) -> Self {
                    Self::$name(message)
                }
            }
        )*
    };
}

operations! {
    /// A VASP submits a message to subscribers (TS 23.140 section 8.7.1).
    #[doc(alias = "MM7_submit.REQ")]
    SubmitReq "SubmitReq" "`SubmitReq`: a message for subscribers." {
        /// `TransactionID` in the SOAP header: pairs the answer with the request.
        transaction_id: Option<Text> => TransactionId,
        /// `MM7Version`.
        mm7_version: Option<Text> => Mm7Version,
        /// K `ServiceType`.
        service_type: Option<Text> => ServiceType,
        /// `SenderIdentification` and the vendors' fields around it.
        sender: Sender => (..),
        /// `Recipients`.
        recipients: Recipients => (..),
        /// `ServiceCode`: for the carrier's billing.
        service_code: Option<Text> => ServiceCode,
        /// `LinkedID`: the message this one answers.
        linked_id: Option<Text> => LinkedId,
        /// `MessageClass`.
        message_class: Option<MessageClass> => MessageClass,
        /// `TimeStamp`: when it was submitted.
        timestamp: Option<Timestamp> => Timestamp,
        /// `ReplyCharging`.
        reply_charging: Option<ReplyCharging> => ReplyCharging,
        /// `EarliestDeliveryTime`.
        earliest_delivery: Option<Timestamp> => EarliestDelivery,
        /// `ExpiryDate`.
        expiry: Option<Timestamp> => Expiry,
        /// `DeliveryReport`: whether a report is wanted.
        delivery_report: Option<Flag> => DeliveryReport,
        /// `ReadReply`: whether a read reply is wanted.
        read_reply: Option<Flag> => ReadReply,
        /// `Priority`.
        priority: Option<Priority> => Priority,
        /// `Subject`.
        subject: Option<Subject> => Subject,
        /// `ChargedParty`.
        charged_party: Option<ChargedParty> => ChargedParty,
        /// `DistributionIndicator`: whether the message may be passed on.
        distribution: Option<Flag> => Distribution,
        /// `DeliveryCondition/DC` (Rel-6): 1 only to handsets with MMS, 2 only in the home network.
        delivery_condition: Vec<u32> => DeliveryCondition,
        /// `Content/@allowAdaptations`: whether the carrier may adapt the content to the handset.
        adaptations: Option<Flag> => Adaptations,
        /// Text and media.
        content: Content => (..),
        /// What the tables do not know.
        extensions: Vec<Extension> => _,
    }

    /// The answer to a `SubmitReq` (TS 23.140 section 8.7.1).
    #[doc(alias = "MM7_submit.RES")]
    SubmitRsp "SubmitRsp" "`SubmitRsp`: the answer to it." {
        /// `TransactionID` of the request.
        transaction_id: Option<Text> => TransactionId,
        /// `MM7Version`.
        mm7_version: Option<Text> => Mm7Version,
        /// `MessageID`: pairs later reports with the message.
        message_id: Option<Text> => MessageId,
        /// `Status`.
        status: Status => (..),
        /// What the tables do not know.
        extensions: Vec<Extension> => _,
    }

    /// A message from a subscriber to the VASP (TS 23.140 section 8.7.2).
    #[doc(alias = "MM7_deliver.REQ")]
    DeliverReq "DeliverReq" "`DeliverReq`: a message from a subscriber." {
        /// `TransactionID` in the SOAP header.
        transaction_id: Option<Text> => TransactionId,
        /// `MM7Version`.
        mm7_version: Option<Text> => Mm7Version,
        /// `MMSRelayServerID`.
        relay_server_id: Option<Text> => RelayServerId,
        /// `LinkedID`: to be given in a `SubmitReq` that answers.
        linked_id: Option<Text> => LinkedId,
        /// `Sender`: the subscriber.
        from: Option<Address> => From,
        /// `Recipients`: the service's short code.
        recipients: Recipients => (..),
        /// `TimeStamp`.
        timestamp: Option<Timestamp> => Timestamp,
        /// `ReplyChargingID`.
        reply_charging_id: Option<Text> => ReplyChargingId,
        /// `Priority`.
        priority: Option<Priority> => Priority,
        /// `Subject`.
        subject: Option<Subject> => Subject,
        /// `Content/@allowAdaptations`.
        adaptations: Option<Flag> => Adaptations,
        /// Text and media.
        content: Content => (..),
        /// What the tables do not know.
        extensions: Vec<Extension> => _,
    }

    /// The answer to a `DeliverReq` (TS 23.140 section 8.7.2).
    #[doc(alias = "MM7_deliver.RES")]
    DeliverRsp "DeliverRsp" "`DeliverRsp`: the answer to it." {
        /// `TransactionID` of the request.
        transaction_id: Option<Text> => TransactionId,
        /// `MM7Version`.
        mm7_version: Option<Text> => Mm7Version,
        /// `ServiceCode`.
        service_code: Option<Text> => ServiceCode,
        /// `Status`.
        status: Status => (..),
        /// What the tables do not know.
        extensions: Vec<Extension> => _,
    }

    /// What became of a submitted message (TS 23.140 section 8.7.4).
    #[doc(alias = "MM7_delivery_report.REQ")]
    DeliveryReportReq "DeliveryReportReq" "`DeliveryReportReq`: what became of a message." {
        /// `TransactionID` in the SOAP header.
        transaction_id: Option<Text> => TransactionId,
        /// `MM7Version`.
        mm7_version: Option<Text> => Mm7Version,
        /// `MMSRelayServerID`.
        relay_server_id: Option<Text> => RelayServerId,
        /// `MessageID` of the `SubmitRsp`.
        message_id: Option<Text> => MessageId,
        /// `Recipient`: the subscriber.
        recipient: Option<Address> => Recipient,
        /// `Sender`: at K and L the billing number, at S the callback (K-28, L-22).
        from: Option<Address> => From,
        /// `Date` in the schema, `TimeStamp` on these wires.
        timestamp: Option<Timestamp> => Timestamp,
        /// L `CalledNet`: a network's code.
        called_net: Option<Text> => CalledNet,
        /// `MMStatus`, where it is a word. Digits there are `status.code`.
        mm_status: Option<MmStatus> => MmStatus,
        /// The code in `MMStatus` or `Status`, and `StatusText`.
        status: Status => (..),
        /// What the tables do not know.
        extensions: Vec<Extension> => _,
    }

    /// The answer to a `DeliveryReportReq` (TS 23.140 section 8.7.4).
    #[doc(alias = "MM7_delivery_report.RES")]
    DeliveryReportRsp "DeliveryReportRsp" "`DeliveryReportRsp`: the answer to it." {
        /// `TransactionID` of the request.
        transaction_id: Option<Text> => TransactionId,
        /// `MM7Version`.
        mm7_version: Option<Text> => Mm7Version,
        /// `Status`.
        status: Status => (..),
        /// What the tables do not know.
        extensions: Vec<Extension> => _,
    }

    /// A subscriber has read or deleted a message (TS 23.140 section 8.7.5).
    #[doc(alias = "MM7_read_reply.REQ")]
    ReadReplyReq "ReadReplyReq" "`ReadReplyReq`: a subscriber has read a message." {
        /// `TransactionID` in the SOAP header.
        transaction_id: Option<Text> => TransactionId,
        /// `MM7Version`.
        mm7_version: Option<Text> => Mm7Version,
        /// `MMSRelayServerID`.
        relay_server_id: Option<Text> => RelayServerId,
        /// `MessageID` of the `SubmitRsp`.
        message_id: Option<Text> => MessageId,
        /// `Recipient`: the subscriber.
        recipient: Option<Address> => Recipient,
        /// `Sender`.
        from: Option<Address> => From,
        /// `TimeStamp`: when it was read.
        timestamp: Option<Timestamp> => Timestamp,
        /// `MMStatus`, where it is a word.
        mm_status: Option<MmStatus> => MmStatus,
        /// The code in `MMStatus`, and `StatusText`.
        status: Status => (..),
        /// What the tables do not know.
        extensions: Vec<Extension> => _,
    }

    /// The answer to a `ReadReplyReq` (TS 23.140 section 8.7.5).
    #[doc(alias = "MM7_read_reply.RES")]
    ReadReplyRsp "ReadReplyRsp" "`ReadReplyRsp`: the answer to it." {
        /// `TransactionID` of the request.
        transaction_id: Option<Text> => TransactionId,
        /// `MM7Version`.
        mm7_version: Option<Text> => Mm7Version,
        /// `Status`.
        status: Status => (..),
        /// What the tables do not know.
        extensions: Vec<Extension> => _,
    }

    /// A VASP takes a message back (TS 23.140 section 8.7.3).
    #[doc(alias = "MM7_cancel.REQ")]
    CancelReq "CancelReq" "`CancelReq`: take a message back." {
        /// `TransactionID` in the SOAP header.
        transaction_id: Option<Text> => TransactionId,
        /// `MM7Version`.
        mm7_version: Option<Text> => Mm7Version,
        /// `SenderIdentification` and the vendors' fields around it.
        sender: Sender => (..),
        /// `MessageID` of the message to take back.
        message_id: Option<Text> => MessageId,
        /// `CancelID` (Rel-6): a group of messages.
        cancel_id: Option<Text> => CancelId,
        /// What the tables do not know.
        extensions: Vec<Extension> => _,
    }

    /// The answer to a `CancelReq` (TS 23.140 section 8.7.3).
    #[doc(alias = "MM7_cancel.RES")]
    CancelRsp "CancelRsp" "`CancelRsp`: the answer to it." {
        /// `TransactionID` of the request.
        transaction_id: Option<Text> => TransactionId,
        /// `MM7Version`.
        mm7_version: Option<Text> => Mm7Version,
        /// `Status`.
        status: Status => (..),
        /// What the tables do not know.
        extensions: Vec<Extension> => _,
    }

    /// A VASP puts another message in the place of one (TS 23.140 section 8.7.3).
    #[doc(alias = "MM7_replace.REQ")]
    ReplaceReq "ReplaceReq" "`ReplaceReq`: put another message in its place." {
        /// `TransactionID` in the SOAP header.
        transaction_id: Option<Text> => TransactionId,
        /// `MM7Version`.
        mm7_version: Option<Text> => Mm7Version,
        /// `SenderIdentification` and the vendors' fields around it.
        sender: Sender => (..),
        /// `MessageID` of the message to replace.
        message_id: Option<Text> => MessageId,
        /// `ReplaceID` (Rel-6): a group of messages.
        replace_id: Option<Text> => ReplaceId,
        /// `ServiceCode`.
        service_code: Option<Text> => ServiceCode,
        /// `TimeStamp`.
        timestamp: Option<Timestamp> => Timestamp,
        /// `ReadReply`.
        read_reply: Option<Flag> => ReadReply,
        /// `EarliestDeliveryTime`.
        earliest_delivery: Option<Timestamp> => EarliestDelivery,
        /// `DistributionIndicator`.
        distribution: Option<Flag> => Distribution,
        /// `Content/@allowAdaptations`.
        adaptations: Option<Flag> => Adaptations,
        /// Text and media.
        content: Content => (..),
        /// What the tables do not know.
        extensions: Vec<Extension> => _,
    }

    /// The answer to a `ReplaceReq` (TS 23.140 section 8.7.3).
    #[doc(alias = "MM7_replace.RES")]
    ReplaceRsp "ReplaceRsp" "`ReplaceRsp`: the answer to it." {
        /// `TransactionID` of the request.
        transaction_id: Option<Text> => TransactionId,
        /// `MM7Version`.
        mm7_version: Option<Text> => Mm7Version,
        /// `Status`.
        status: Status => (..),
        /// What the tables do not know.
        extensions: Vec<Extension> => _,
    }

    /// The carrier could not make sense of a request (TS 23.140 section 8.7.6).
    #[doc(alias = "MM7_RS_error.RES")]
    RsErrorRsp "RSErrorRsp" "`RSErrorRsp`: the carrier refuses a request." {
        /// `TransactionID` of the request; K leaves it empty (K-09).
        transaction_id: Option<Text> => TransactionId,
        /// `MM7Version`.
        mm7_version: Option<Text> => Mm7Version,
        /// `Status`; at L flat (L-11).
        status: Status => (..),
        /// What the tables do not know.
        extensions: Vec<Extension> => _,
    }

    /// The VASP could not make sense of a request (TS 23.140 section 8.7.6).
    #[doc(alias = "MM7_VASP_error.RES")]
    VaspErrorRsp "VASPErrorRsp" "`VASPErrorRsp`: the VASP refuses a request." {
        /// `TransactionID` of the request.
        transaction_id: Option<Text> => TransactionId,
        /// `MM7Version`.
        mm7_version: Option<Text> => Mm7Version,
        /// `Status`.
        status: Status => (..),
        /// What the tables do not know.
        extensions: Vec<Extension> => _,
    }

    /// A SOAP fault (SOAP 1.1 section 4.4), with the MM7 error that its detail may hold.
    ///
    /// An error whose `detail` is absent equals one that names the carrier's: they are the same on the wire.
    Fault "Fault" "`Fault`: SOAP itself failed." {
        /// `TransactionID` of the request.
        transaction_id: Option<Text> => TransactionId,
        /// `faultcode`, without prefix: `Client`, `Server`, `Client.TransactionID`.
        fault_code: Option<Text> => FaultCode,
        /// `faultstring`.
        fault_string: Option<Text> => FaultString,
        /// `faultactor`.
        fault_actor: Option<Text> => FaultActor,
        /// Which error `detail` holds; the carrier's where this is absent. A decoder names it.
        detail: Option<FaultDetail> => FaultDetail,
        /// `MM7Version` of that error.
        mm7_version: Option<Text> => Mm7Version,
        /// `Status` of that error.
        status: Status => (..),
        /// What the tables do not know.
        extensions: Vec<Extension> => _,
    }

    /// K: is anybody there?
    EchoReq "EchoReq" "`EchoReq`: K's connectivity check." {
        /// `TransactionID` in the SOAP header.
        transaction_id: Option<Text> => TransactionId,
        /// `MM7Version`.
        mm7_version: Option<Text> => Mm7Version,
        /// `Echo`.
        echo: Option<Text> => Echo,
        /// What the tables do not know.
        extensions: Vec<Extension> => _,
    }

    /// The answer to an `EchoReq`.
    EchoRsp "EchoRsp" "`EchoRsp`: the answer to it." {
        /// `TransactionID` of the request.
        transaction_id: Option<Text> => TransactionId,
        /// `MM7Version`.
        mm7_version: Option<Text> => Mm7Version,
        /// `Status`.
        status: Status => (..),
        /// What the tables do not know.
        extensions: Vec<Extension> => _,
    }
}

impl Fault {
    /// The error that it holds, or says to hold.
    fn error(&self) -> Option<FaultDetail> {
        let holds = self.mm7_version.is_some() || self.status != Status::default();
        self.detail.or_else(|| holds.then_some(FaultDetail::CARRIERS))
    }
}

impl PartialEq for Fault {
    fn eq(&self, other: &Self) -> bool {
        let Self { transaction_id, fault_code, fault_string, fault_actor, detail: _, mm7_version, status, extensions } =
            self;
        self.error() == other.error()
            && *transaction_id == other.transaction_id
            && *fault_code == other.fault_code
            && *fault_string == other.fault_string
            && *fault_actor == other.fault_actor
            && *mm7_version == other.mm7_version
            && *status == other.status
            && *extensions == other.extensions
    }
}

impl Eq for Fault {}

impl Operation {
    /// The tag of the canonical JSON: `submit_req`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SubmitReq => "submit_req",
            Self::SubmitRsp => "submit_rsp",
            Self::DeliverReq => "deliver_req",
            Self::DeliverRsp => "deliver_rsp",
            Self::DeliveryReportReq => "delivery_report_req",
            Self::DeliveryReportRsp => "delivery_report_rsp",
            Self::ReadReplyReq => "read_reply_req",
            Self::ReadReplyRsp => "read_reply_rsp",
            Self::CancelReq => "cancel_req",
            Self::CancelRsp => "cancel_rsp",
            Self::ReplaceReq => "replace_req",
            Self::ReplaceRsp => "replace_rsp",
            Self::RsErrorRsp => "rs_error_rsp",
            Self::VaspErrorRsp => "vasp_error_rsp",
            Self::Fault => "fault",
            Self::EchoReq => "echo_req",
            Self::EchoRsp => "echo_rsp",
        }
    }

    /// The operation that answers this request; `None` for an answer.
    pub const fn answer(self) -> Option<Self> {
        match self {
            Self::SubmitReq => Some(Self::SubmitRsp),
            Self::DeliverReq => Some(Self::DeliverRsp),
            Self::DeliveryReportReq => Some(Self::DeliveryReportRsp),
            Self::ReadReplyReq => Some(Self::ReadReplyRsp),
            Self::CancelReq => Some(Self::CancelRsp),
            Self::ReplaceReq => Some(Self::ReplaceRsp),
            Self::EchoReq => Some(Self::EchoRsp),
            _ => None,
        }
    }
}

impl core::fmt::Display for Operation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.code())
    }
}

impl Message {
    pub(crate) fn get(&self, slot: Slot) -> Option<FieldRef<'_>> {
        self.record().field(slot)?.get()
    }

    /// The fields that hold something.
    pub(crate) fn fields(&self) -> FieldRefs<'_> {
        let mut fields = FieldRefs::NONE;
        self.record().gather(&mut fields);
        fields
    }

    /// Whether this operation has such a field.
    pub(crate) fn has(&self, slot: Slot) -> bool {
        self.record().field(slot).is_some()
    }

    /// Puts a value in a field; false where the operation has no such field, or the field is of another type.
    pub(crate) fn set(&mut self, slot: Slot, value: Value) -> bool {
        self.record_mut().field_mut(slot).is_some_and(|field| field.set(value))
    }

    /// Puts a text in the field; one of another type refuses it.
    pub(crate) fn set_text(&mut self, slot: Slot, text: &str) -> bool {
        self.record_mut().field_mut(slot).is_some_and(|field| field.set_text(text))
    }

    /// Adds to a field that is a list of addresses; false where there is none.
    pub(crate) fn append(&mut self, slot: Slot, mut list: Vec<Address>) -> bool {
        let known = self.record_mut().field_mut(slot).and_then(|field| field.addresses());
        known.is_some_and(|known| {
            if known.is_empty() {
                *known = list;
            } else {
                known.append(&mut list);
            }
            !known.is_empty()
        })
    }

    /// Leaves a field absent, and gives what was there.
    pub(crate) fn take(&mut self, slot: Slot) -> Option<Value> {
        self.record_mut().field_mut(slot)?.take()
    }

    pub(crate) fn clear(&mut self, slot: Slot) {
        if let Some(field) = self.record_mut().field_mut(slot) {
            field.clear();
        }
    }

    /// The status of an answer or report.
    pub fn status(&self) -> Option<&Status> {
        match self {
            Self::SubmitRsp(message) => Some(&message.status),
            Self::DeliverRsp(message) => Some(&message.status),
            Self::DeliveryReportReq(message) => Some(&message.status),
            Self::DeliveryReportRsp(message) => Some(&message.status),
            Self::ReadReplyReq(message) => Some(&message.status),
            Self::ReadReplyRsp(message) => Some(&message.status),
            Self::CancelRsp(message) => Some(&message.status),
            Self::ReplaceRsp(message) => Some(&message.status),
            Self::RsErrorRsp(message) => Some(&message.status),
            Self::VaspErrorRsp(message) => Some(&message.status),
            Self::Fault(message) => Some(&message.status),
            Self::EchoRsp(message) => Some(&message.status),
            _ => None,
        }
    }

    pub(crate) fn status_mut(&mut self) -> Option<&mut Status> {
        match self {
            Self::SubmitRsp(message) => Some(&mut message.status),
            Self::DeliverRsp(message) => Some(&mut message.status),
            Self::DeliveryReportReq(message) => Some(&mut message.status),
            Self::DeliveryReportRsp(message) => Some(&mut message.status),
            Self::ReadReplyReq(message) => Some(&mut message.status),
            Self::ReadReplyRsp(message) => Some(&mut message.status),
            Self::CancelRsp(message) => Some(&mut message.status),
            Self::ReplaceRsp(message) => Some(&mut message.status),
            Self::RsErrorRsp(message) => Some(&mut message.status),
            Self::VaspErrorRsp(message) => Some(&mut message.status),
            Self::Fault(message) => Some(&mut message.status),
            Self::EchoRsp(message) => Some(&mut message.status),
            _ => None,
        }
    }

    /// One message a recipient, each otherwise the same, in the order of `To`, `Cc`, `Bcc`; every recipient stays in its own
    /// list. The three carriers take one recipient a message (code 4201 of K, 3003 of L). A message with one recipient or none comes
    /// back as it is.
    ///
    /// ```
    /// use tongsa::{Address, Message, SubmitReq};
    /// let mut submit = SubmitReq::default();
    /// submit.recipients.to = vec![Address::number("01000000002")?, Address::number("01000000003")?];
    /// submit.recipients.bcc = vec![Address::number("01000000004")?];
    /// let split = Message::from(submit).split_recipients();
    /// assert_eq!(split.len(), 3);
    /// let Message::SubmitReq(third) = &split[2] else { panic!("the same operation") };
    /// assert!(third.recipients.to.is_empty() && third.recipients.bcc.len() == 1);
    /// # Ok::<(), tongsa::TextError>(())
    /// ```
    pub fn split_recipients(&self) -> Vec<Self> {
        let recipients = match self {
            Self::SubmitReq(message) => &message.recipients,
            Self::DeliverReq(message) => &message.recipients,
            _ => return alloc::vec![self.clone()],
        };
        if recipients.count() <= 1 {
            return alloc::vec![self.clone()];
        }
        let mut split = Vec::with_capacity(recipients.count());
        let lists = [(Slot::To, &recipients.to), (Slot::Cc, &recipients.cc), (Slot::Bcc, &recipients.bcc)];
        for (slot, address) in lists.iter().flat_map(|(slot, list)| list.iter().map(move |address| (*slot, address))) {
            let mut message = self.clone();
            [Slot::To, Slot::Cc, Slot::Bcc].into_iter().for_each(|slot| message.clear(slot));
            message.set(slot, Value::Addresses(alloc::vec![address.clone()]));
            split.push(message);
        }
        split
    }

    /// Text and media, where the operation has a place for them.
    pub const fn content(&self) -> Option<&Content> {
        match self {
            Self::SubmitReq(message) => Some(&message.content),
            Self::DeliverReq(message) => Some(&message.content),
            Self::ReplaceReq(message) => Some(&message.content),
            _ => None,
        }
    }

    pub(crate) fn content_mut(&mut self) -> Option<&mut Content> {
        match self {
            Self::SubmitReq(message) => Some(&mut message.content),
            Self::DeliverReq(message) => Some(&mut message.content),
            Self::ReplaceReq(message) => Some(&mut message.content),
            _ => None,
        }
    }
}
