//! Carrier K: the dialect `k`.
//!
//! MM7 1-2 under the name 1.0 in submits and errors, 1-0 in reports and in the answer to an Echo (K-13). The envelope's
//! prefix is `env`, the operation's `mm7`, and everything below the operation stands in no namespace (K-07). Submits are
//! what a production relay sends ([C] of spec sections 5.2 and 5.3); answers, errors, reports, read replies and Echo
//! are those of K's document ([D], sections 5.5 to 5.9). DeliverReq and DeliverRsp (in 1-0, like everything that K sends
//! of itself), Cancel, Replace and Fault have no sample: they are inferred, the order of TS 23.140 Rel-5 in this
//! dialect's conventions, which are Status before MM7Version and no Content element (K-12, K-20).

use alloc::vec::Vec;

use super::{codec, rules};
use crate::carrier_id::{Carrier, DialectId};
use crate::charset::Repertoire;
use crate::codec::{Codec, Config, DecodeError, Decoded, EncodeError, Encoded, Party, Reply, WireContext};
use crate::content::{Form as ContentForm, Kind, MediaForm};
use crate::datetime::Form::{DayFirst, Iso};
use crate::deviation::DeviationKind;
use crate::entity::Entity;
use crate::mime::BoundaryForm;
use crate::mm7::{
    BoolForm, Classification, CodeRow, DELIVERY_STATUSES, Declaration, Dialect, FLAT_CODE, FLAT_DETAILS, FLAT_TEXT,
    Format, Frame, MESSAGE_CLASSES, MM7_1_0, MM7_1_2, Node, PRIORITIES, Prescriptions, READ_STATUSES, Site, VERSIONS,
    group, leaf, shape,
};
use crate::model::{FaultDetail, FieldRef, Message, Operation, Outcome, Reason, Slot};
use crate::violation::Violation;

codec! {
    /// The codec of carrier K.
    ///
    /// ```
    /// use tongsa::{Codec, Config, K, Message, SubmitRsp, Text, Status};
    /// let codec = K::new(Config::default());
    /// let mut answer = SubmitRsp::default();
    /// answer.transaction_id = Some(Text::new("20240801093000:KTF:1")?);
    /// answer.mm7_version = Some(Text::new("1.0")?);
    /// answer.message_id = Some(Text::new("00000001_20240801093000000")?);
    /// answer.status = Status::new(1000, "SUCCESS")?;
    /// let message = Message::from(answer);
    /// let encoded = codec.encode(&message)?;
    /// assert!(encoded.losses.is_empty());
    /// let decoded = codec.decode(&encoded.entity)?;
    /// assert_eq!(decoded.message, message);
    /// assert_eq!(decoded.surprises().count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "KT")]
    #[doc(alias = "KTF")]
    K, [DIALECT]
}

// --- dialect (spec sections 2, 3, 5, 14)

pub(crate) static DIALECT: Dialect = Dialect {
    id: DialectId::K,
    repertoire: Repertoire::KsX1001,
    charset_label: "euc-kr",
    multipart_charset: "EUC-KR",
    root_id: ("Content-Id", ROOT_ID),
    root_quoted: false,
    root_encoding: true,
    start: ROOT_ID,
    request_line: "POST / HTTP/1.1",
    operations: &[
        shape(Operation::SubmitReq, &SENT, SUBMIT_REQ),
        shape(Operation::SubmitRsp, &RECEIVED, SUBMIT_RSP),
        shape(Operation::DeliveryReportReq, &REPORTED, DELIVERY_REPORT_REQ),
        shape(Operation::DeliveryReportRsp, &REPORT_ANSWERED, ANSWER),
        shape(Operation::RsErrorRsp, &ERROR, ERROR_RSP),
        shape(Operation::DeliverReq, &REPORTED, DELIVER_REQ),
        shape(Operation::DeliverRsp, &REPORT_ANSWERED, DELIVER_RSP),
        shape(Operation::ReadReplyReq, &REPORTED, READ_REPLY_REQ),
        shape(Operation::ReadReplyRsp, &REPORT_ANSWERED, ANSWER),
        shape(Operation::CancelReq, &SENT, CANCEL_REQ),
        shape(Operation::CancelRsp, &RECEIVED, ANSWER),
        shape(Operation::ReplaceReq, &SENT, REPLACE_REQ),
        shape(Operation::ReplaceRsp, &RECEIVED, ANSWER),
        shape(Operation::VaspErrorRsp, &ERROR, ERROR_RSP),
        shape(Operation::Fault, &RECEIVED, FAULT),
        shape(Operation::EchoReq, &SENT, ECHO_REQ),
        shape(Operation::EchoRsp, &REPORTED, ECHO_RSP),
    ],
    prescribed: Prescriptions::new(
        &[
            (DeviationKind::CharsetOnMultipart, Site::Entity),
            (DeviationKind::ContentIdForm, Site::RootPart),
            (DeviationKind::ContentIdForm, Site::TextPart),
            (DeviationKind::ContentIdForm, Site::MediaPart),
            (DeviationKind::ContentIdDuplicate, Site::MediaPart),
            (DeviationKind::RelatedTypeMissing, Site::Container),
            (DeviationKind::FieldEightBit, Site::TextPart),
            (DeviationKind::FieldEightBit, Site::MediaPart),
            (DeviationKind::HtmlStructure, Site::TextPart),
            (DeviationKind::ImageReference, Site::TextPart),
        ],
        &[],
    ),
    quirks: &[],
    refused: &[],
    content: &CONTENT,
    version: "1.0",
    codes: CODES,
    generic_codes: &[
        (Outcome::Success, 1000),
        (Outcome::PartialSuccess, 1000),
        (Outcome::Retry, 3000),
        (Outcome::Throttled, 4202),
        (Outcome::AccountFault, 4100),
        (Outcome::Rejected, 9999),
    ],
    refusal: Operation::RsErrorRsp,
    classify,
    rules,
};

const ROOT_ID: &str = "</tnn-200102/mm7-submit>";

/// What the VASP sends, as the relay's library writes it [C].
static SENT: Frame = Frame::new(MM7_1_2);
/// What K answers [D].
static RECEIVED: Frame = Frame { declaration: Declaration::Plain, ..Frame::new(MM7_1_2) };
/// K's errors, whose TransactionID is empty (K-09).
static ERROR: Frame = Frame { declaration: Declaration::Plain, empty_transaction_id: true, ..Frame::new(MM7_1_2) };
/// What K sends of itself [D].
static REPORTED: Frame = Frame { declaration: Declaration::Plain, ..Frame::new(MM7_1_0) };
/// What the VASP answers to that.
static REPORT_ANSWERED: Frame = Frame::new(MM7_1_0);

/// K-17.
const BOOL: Format = Format::Bool(BoolForm::Upper);
/// T5 (K-16), of what the VASP sends. T6 of the document is read too.
const SUBMIT_TIME: Format = Format::Time(DayFirst);
/// T7, of what K sends.
const REPORT_TIME: Format = Format::Time(Iso);
/// `1.0`, and `1.6` in a sample: K's own count (K-15).
const VERSION: Format = Format::Word { words: VERSIONS, open: true };
const PRIORITY: Format = Format::Word { words: PRIORITIES, open: false };
/// K writes `GENERAL` (K-18).
const MESSAGE_CLASS: Format = Format::Word { words: MESSAGE_CLASSES, open: true };

// --- tables (spec sections 5.2, 5.5 to 5.9)

/// ServiceType comes first (K-12); four elements are K's own (K-14).
const SUBMIT_REQ: &[Node] = &[
    leaf("ServiceType", Slot::ServiceType, Format::Text).required().vendor(),
    MM7_VERSION,
    group(
        "SenderIdentification",
        &[
            leaf("VASPID", Slot::VaspId, Format::Text).required(),
            leaf("VASID", Slot::VasId, Format::Text).required(),
            leaf("CPID", Slot::CpId, Format::Text).required().vendor(),
            leaf("SenderAddress", Slot::Billing, Format::BareNumber).required(),
            leaf("CallBack", Slot::Callback, Format::Text).required().vendor(),
        ],
    )
    .mandatory(),
    RECIPIENTS.mandatory(),
    leaf("MessageClass", Slot::MessageClass, MESSAGE_CLASS).required(),
    leaf("TimeStamp", Slot::Timestamp, SUBMIT_TIME).required(),
    leaf("Subject", Slot::Subject, Format::Text).required(),
    leaf("DeliveryReport", Slot::DeliveryReport, BOOL).required(),
    leaf("ReadReply", Slot::ReadReply, BOOL).required(),
    leaf("ResellerCode", Slot::OriginCode, Format::Text).required().vendor(),
];

/// K takes one recipient (code 4201, spec 3.6); what the message has is written, and more is a violation.
const RECIPIENTS: Node = group(
    "Recipients",
    &[
        leaf("To", Slot::To, Format::Addresses).required(),
        leaf("Cc", Slot::Cc, Format::Addresses),
        leaf("Bcc", Slot::Bcc, Format::Addresses),
    ],
);

/// In answers Status comes first (K-12).
const STATUS: Node = group("Status", STATUS_LEAVES).mandatory();

const STATUS_LEAVES: &[Node] = &[
    leaf("StatusCode", Slot::StatusCode, Format::Code).mandatory(),
    leaf("StatusText", Slot::StatusText, Format::Text),
    leaf("Details", Slot::StatusDetails, Format::Text),
];

const MM7_VERSION: Node = leaf("MM7Version", Slot::Mm7Version, VERSION).mandatory();

/// Every answer that holds a status and no more.
const ANSWER: &[Node] = &[STATUS, MM7_VERSION, FLAT_CODE, FLAT_TEXT, FLAT_DETAILS];

const SUBMIT_RSP: &[Node] =
    &[STATUS, MM7_VERSION, leaf("MessageID", Slot::MessageId, Format::Text), FLAT_CODE, FLAT_TEXT, FLAT_DETAILS];

/// [D]: the version first. The simulator's order is read too.
const ERROR_RSP: &[Node] = &[MM7_VERSION, STATUS, FLAT_CODE, FLAT_TEXT, FLAT_DETAILS];

/// [D]. MMStatus holds the code (K-19); a word of the standard is read and written too.
const DELIVERY_REPORT_REQ: &[Node] = &[
    MM7_VERSION,
    leaf("MessageID", Slot::MessageId, Format::Text).mandatory(),
    leaf("Recipient", Slot::Recipient, Format::Address).mandatory(),
    leaf("Sender", Slot::From, Format::Address).mandatory(),
    leaf("TimeStamp", Slot::Timestamp, REPORT_TIME).mandatory(),
    leaf("MMStatus", Slot::StatusCode, Format::Digits).noting(&[DeviationKind::MmStatusNumeric]).mandatory(),
    leaf("MMStatus", Slot::MmStatus, Format::NoDigits { words: DELIVERY_STATUSES }),
    leaf("Recipients", Slot::Recipient, Format::Address).noting(&[DeviationKind::RecipientElement]).read_only(),
];

/// [D] (K-29).
const READ_REPLY_REQ: &[Node] = &[
    MM7_VERSION,
    leaf("MessageID", Slot::MessageId, Format::Text).mandatory(),
    leaf("Recipient", Slot::Recipient, Format::Address).mandatory(),
    leaf("Sender", Slot::From, Format::Address).mandatory(),
    leaf("TimeStamp", Slot::Timestamp, REPORT_TIME).mandatory(),
    leaf("MMStatus", Slot::StatusCode, Format::Digits).noting(&[DeviationKind::MmStatusNumeric]).mandatory(),
    leaf("MMStatus", Slot::MmStatus, Format::NoDigits { words: READ_STATUSES }),
    leaf("Recipients", Slot::Recipient, Format::Address).noting(&[DeviationKind::RecipientElement]).read_only(),
];

/// Section 5.9.
const ECHO_REQ: &[Node] = &[leaf("Echo", Slot::Echo, Format::Text), MM7_VERSION];

/// Section 5.9: the status is a code alone (K-30).
const ECHO_RSP: &[Node] = &[MM7_VERSION, STATUS, FLAT_CODE, FLAT_TEXT, FLAT_DETAILS];

// --- inferred from TS 23.140 Rel-5

const DELIVER_REQ: &[Node] = &[
    MM7_VERSION,
    leaf("MMSRelayServerID", Slot::RelayServerId, Format::Text),
    leaf("LinkedID", Slot::LinkedId, Format::Text),
    leaf("Sender", Slot::From, Format::Address).mandatory(),
    group(
        "Recipients",
        &[
            leaf("To", Slot::To, Format::Addresses),
            leaf("Cc", Slot::Cc, Format::Addresses),
            leaf("Bcc", Slot::Bcc, Format::Addresses),
        ],
    ),
    leaf("TimeStamp", Slot::Timestamp, REPORT_TIME),
    leaf("ReplyChargingID", Slot::ReplyChargingId, Format::Text),
    leaf("Priority", Slot::Priority, PRIORITY),
    leaf("Subject", Slot::Subject, Format::Text),
];

const DELIVER_RSP: &[Node] =
    &[STATUS, MM7_VERSION, leaf("ServiceCode", Slot::ServiceCode, Format::Text), FLAT_CODE, FLAT_TEXT, FLAT_DETAILS];

const CANCEL_SENDER: Node = group(
    "SenderIdentification",
    &[
        leaf("VASPID", Slot::VaspId, Format::Text),
        leaf("VASID", Slot::VasId, Format::Text),
        leaf("CPID", Slot::CpId, Format::Text).vendor(),
        leaf("SenderAddress", Slot::Billing, Format::BareNumber),
    ],
)
.mandatory();

const CANCEL_REQ: &[Node] = &[MM7_VERSION, CANCEL_SENDER, leaf("MessageID", Slot::MessageId, Format::Text).mandatory()];

const REPLACE_REQ: &[Node] = &[
    MM7_VERSION,
    CANCEL_SENDER,
    leaf("MessageID", Slot::MessageId, Format::Text).mandatory(),
    leaf("ServiceCode", Slot::ServiceCode, Format::Text),
    leaf("TimeStamp", Slot::Timestamp, SUBMIT_TIME),
    leaf("ReadReply", Slot::ReadReply, BOOL),
    leaf("EarliestDeliveryTime", Slot::EarliestDelivery, SUBMIT_TIME),
    leaf("DistributionIndicator", Slot::Distribution, BOOL),
];

const FAULT: &[Node] = &[
    leaf("faultcode", Slot::FaultCode, Format::FaultCode).mandatory(),
    leaf("faultstring", Slot::FaultString, Format::Text).mandatory(),
    leaf("faultactor", Slot::FaultActor, Format::Text),
    group(
        "detail",
        &[
            group("RSErrorRsp", &[MM7_VERSION, STATUS]).when(FaultDetail::RsErrorRsp),
            group("VASPErrorRsp", &[MM7_VERSION, STATUS]).when(FaultDetail::VaspErrorRsp),
        ],
    ),
];

// --- content (spec section 5.3)

static CONTENT: ContentForm = ContentForm {
    container: "multipart/related",
    container_id: None,
    boundary: BoundaryForm::Relay,
    media: MediaForm::Base64,
    kind: Kind::Html,
};

// --- status codes (spec section 8.2)

/// Code and what the later relay makes of it in a submit's answer; of codes that only reports have, what the class
/// would be there.
const CODES: &[CodeRow] = &[
    (1000, Outcome::Success, &[]),
    (1001, Outcome::Success, &[]),
    (1002, Outcome::Success, &[]),
    (2000, Outcome::Rejected, &[Reason::ClientError]),
    (2100, Outcome::Rejected, &[Reason::FormatInvalid]),
    (2101, Outcome::Rejected, &[Reason::FormatInvalid]),
    (2102, Outcome::Rejected, &[Reason::ValidationFailed]),
    (2103, Outcome::Rejected, &[Reason::OperationUnsupported]),
    (2104, Outcome::Rejected, &[Reason::VersionUnsupported]),
    (2105, Outcome::Rejected, &[Reason::FormatInvalid]),
    (2106, Outcome::Rejected, &[Reason::FormatInvalid]),
    (2107, Outcome::Rejected, &[Reason::AddressInvalid]),
    (2108, Outcome::Rejected, &[Reason::IdentificationInvalid]),
    (2109, Outcome::Rejected, &[Reason::IdentificationInvalid]),
    (2110, Outcome::Rejected, &[Reason::AddressInvalid]),
    (2111, Outcome::Rejected, &[Reason::AddressInvalid]),
    (2112, Outcome::Rejected, &[Reason::FormatInvalid]),
    (2113, Outcome::Rejected, &[Reason::FormatInvalid]),
    (2114, Outcome::Rejected, &[Reason::FormatInvalid]),
    (2115, Outcome::Rejected, &[Reason::FormatInvalid, Reason::MessageUnknown]),
    (2116, Outcome::Rejected, &[Reason::FormatInvalid]),
    (2150, Outcome::Rejected, &[Reason::FormatInvalid]),
    (2151, Outcome::Rejected, &[Reason::FormatInvalid]),
    (2152, Outcome::Rejected, &[Reason::FormatInvalid]),
    (2154, Outcome::Rejected, &[Reason::ContentInvalid]),
    (2155, Outcome::Rejected, &[Reason::ContentInvalid]),
    (2160, Outcome::Rejected, &[Reason::ContentRefused]),
    (2161, Outcome::Rejected, &[Reason::ContentRefused]),
    (2162, Outcome::Rejected, &[Reason::FormatInvalid]),
    (2163, Outcome::Rejected, &[Reason::Duplicate]),
    (2200, Outcome::Rejected, &[Reason::OriginCodeInvalid]),
    (3000, Outcome::Retry, &[Reason::ServerError, Reason::ServiceUnavailable]),
    (3400, Outcome::Rejected, &[Reason::NetworkError]),
    (3430, Outcome::Rejected, &[Reason::FormatInvalid]),
    (3505, Outcome::Rejected, &[Reason::ValidationFailed]),
    (4000, Outcome::Retry, &[Reason::ServiceError]),
    (4001, Outcome::Retry, &[Reason::ServiceDenied]),
    (4100, Outcome::AccountFault, &[Reason::IdentificationInvalid, Reason::PasswordInvalid, Reason::PasswordExpired]),
    (4101, Outcome::AccountFault, &[Reason::IdentificationInvalid]),
    (4102, Outcome::AccountFault, &[Reason::ServiceDenied]),
    (4103, Outcome::AccountFault, &[Reason::ServiceDenied]),
    (4104, Outcome::AccountFault, &[Reason::IdentificationInvalid]),
    (4105, Outcome::AccountFault, &[Reason::AddressInvalid]),
    (4200, Outcome::Rejected, &[Reason::OperationRestricted]),
    (4201, Outcome::Rejected, &[Reason::TooManyRecipients]),
    (4202, Outcome::Throttled, &[Reason::TrafficExceeded, Reason::Overload]),
    (4203, Outcome::Rejected, &[Reason::ContentTooLarge]),
    (4300, Outcome::Rejected, &[Reason::AddressUnknown]),
    (4301, Outcome::Rejected, &[Reason::AddressUnknown]),
    (4302, Outcome::Rejected, &[Reason::NumberPorted]),
    (4303, Outcome::Rejected, &[Reason::NumberPorted]),
    (4304, Outcome::Rejected, &[Reason::RecipientBarred]),
    (4305, Outcome::Rejected, &[Reason::HandsetUnsupported]),
    (4306, Outcome::Rejected, &[Reason::Duplicate]),
    (4307, Outcome::Rejected, &[Reason::RecipientBarred]),
    (4400, Outcome::Rejected, &[Reason::Spam]),
    (4401, Outcome::Rejected, &[Reason::Spam]),
    (4402, Outcome::Rejected, &[Reason::Spam]),
    (4403, Outcome::Rejected, &[Reason::Spam]),
    (4404, Outcome::Rejected, &[Reason::RecipientRefused]),
    (5200, Outcome::Rejected, &[Reason::Unknown]),
    (5300, Outcome::Rejected, &[Reason::HandsetUnavailable]),
    (5310, Outcome::Rejected, &[Reason::HandsetFull]),
    (5320, Outcome::Rejected, &[Reason::HandsetFull]),
    (5330, Outcome::Rejected, &[Reason::Expired]),
    (5401, Outcome::Rejected, &[Reason::NetworkError]),
    (5403, Outcome::Rejected, &[Reason::HandsetUnavailable]),
    (5409, Outcome::Rejected, &[Reason::RecipientRefused]),
    (7400, Outcome::Rejected, &[Reason::NetworkError]),
    (7505, Outcome::Rejected, &[Reason::ValidationFailed]),
    (8200, Outcome::Rejected, &[Reason::Unknown]),
    (8300, Outcome::Rejected, &[Reason::HandsetUnavailable]),
    (8310, Outcome::Rejected, &[Reason::HandsetFull]),
    (8320, Outcome::Rejected, &[Reason::HandsetFull]),
    (8330, Outcome::Rejected, &[Reason::Expired]),
    (8401, Outcome::Rejected, &[Reason::NetworkError]),
    (8403, Outcome::Rejected, &[Reason::HandsetUnavailable]),
    (8408, Outcome::Rejected, &[Reason::RecipientRefused]),
    (9999, Outcome::Rejected, &[Reason::Unknown]),
];

/// The code that in a report means: submit again. Any other that is no success is a failure there.
const REPORT_THROTTLED: &[u32] = &[4202];

/// Accepted and billed, and not shown: the recipient's spam block took it. A report of it is no success (section 5.7).
const SUPPRESSED: u32 = 1001;

fn classify(message: &Message) -> Option<Classification> {
    let suppressed =
        matches!(message.get(Slot::StatusCode), Some(FieldRef::Code(code)) if code.number() == Some(SUPPRESSED));
    if suppressed && matches!(message.operation(), Operation::DeliveryReportReq | Operation::ReadReplyReq) {
        return Some((Outcome::Rejected, Some(Reason::Spam)));
    }
    super::classify_code(message, CODES, REPORT_THROTTLED).or_else(|| super::classify_word(message))
}

// --- what K refuses (spec section 3.6)

fn rules(message: &Message, out: &mut Vec<Violation>) {
    rules::check(&DIALECT, &["image/jpeg"], "image/jpeg", message, out);
}
