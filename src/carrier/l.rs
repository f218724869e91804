//! Carrier L: the dialect `l`.
//!
//! MM7 1-2 under the name 5.3.0. The envelope's prefix is `env`, the operation's `mm7`, and everything below the
//! operation stands in no namespace (L-06). Submits are what a production relay sends ([C] of spec section 6.2), reports and
//! errors what the live network sends ([P], sections 6.5 and 6.6). DeliverReq, DeliverRsp, ReadReply, Cancel, Replace, VASPErrorRsp and
//! Fault have no sample: they are inferred, the order of TS 23.140 Rel-5 in this dialect's conventions. L has no Echo.

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
    self, BoolForm, CHARGED_PARTIES, Classification, CodeRow, DELIVERY_STATUSES, Declaration, Dialect, FLAT, FLAT_CODE,
    FLAT_DETAILS, FLAT_TEXT, Format, Frame, MESSAGE_CLASSES, MM7_1_2, Node, PRIORITIES, Prescriptions, READ_STATUSES,
    Site, VERSIONS, group, leaf, shape,
};
use crate::model::{FaultDetail, Message, Operation, Outcome, Reason, Slot};
use crate::violation::{Violation, ViolationKind};

codec! {
    /// The codec of carrier L.
    ///
    /// ```
    /// use tongsa::{Codec, Config, L, Message, SubmitRsp, Text, Status};
    /// let codec = L::new(Config::default());
    /// let mut answer = SubmitRsp::default();
    /// answer.transaction_id = Some(Text::new("tid")?);
    /// answer.mm7_version = Some(Text::new("5.3.0")?);
    /// answer.message_id = Some(Text::new("hUQXqFNi")?);
    /// answer.status = Status::new(1000, "Success")?;
    /// let message = Message::from(answer);
    /// let encoded = codec.encode(&message)?;
    /// assert!(encoded.losses.is_empty());
    /// let decoded = codec.decode(&encoded.entity)?;
    /// assert_eq!(decoded.message, message);
    /// assert_eq!(decoded.surprises().count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "LGT")]
    #[doc(alias = "LGU+")]
    L, [DIALECT]
}

// --- dialect (spec sections 2, 3, 6, 14)

pub(crate) static DIALECT: Dialect = Dialect {
    id: DialectId::L,
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
        shape(Operation::DeliveryReportReq, &RECEIVED, DELIVERY_REPORT_REQ),
        shape(Operation::DeliveryReportRsp, &SENT, ANSWER),
        shape(Operation::RsErrorRsp, &RECEIVED, RS_ERROR_RSP),
        shape(Operation::DeliverReq, &RECEIVED, DELIVER_REQ),
        shape(Operation::DeliverRsp, &SENT, DELIVER_RSP),
        shape(Operation::ReadReplyReq, &RECEIVED, READ_REPLY_REQ),
        shape(Operation::ReadReplyRsp, &SENT, ANSWER),
        shape(Operation::CancelReq, &SENT, CANCEL_REQ),
        shape(Operation::CancelRsp, &RECEIVED, ANSWER),
        shape(Operation::ReplaceReq, &SENT, REPLACE_REQ),
        shape(Operation::ReplaceRsp, &RECEIVED, ANSWER),
        shape(Operation::VaspErrorRsp, &SENT, ANSWER),
        shape(Operation::Fault, &RECEIVED, FAULT),
        shape(Operation::EchoReq, &SENT, ECHO_REQ),
        shape(Operation::EchoRsp, &RECEIVED, ANSWER),
    ],
    prescribed: Prescriptions::new(
        &[
            (DeviationKind::CharsetOnMultipart, Site::Entity),
            (DeviationKind::ContentIdForm, Site::RootPart),
            (DeviationKind::ContentIdForm, Site::Container),
            (DeviationKind::ContentIdForm, Site::TextPart),
            (DeviationKind::ContentIdForm, Site::MediaPart),
            (DeviationKind::ContentIdDoubled, Site::Container),
            (DeviationKind::ContentIdDuplicate, Site::Container),
            (DeviationKind::ContentTypeMissing, Site::TextPart),
            (DeviationKind::EncodingUndeclared, Site::TextPart),
            (DeviationKind::FieldEightBit, Site::TextPart),
            (DeviationKind::FieldEightBit, Site::MediaPart),
        ],
        &[],
    ),
    quirks: &[],
    refused: &[Operation::EchoReq, Operation::EchoRsp],
    content: &CONTENT,
    version: "5.3.0",
    codes: CODES,
    generic_codes: &[
        (Outcome::Success, 1000),
        (Outcome::PartialSuccess, 1100),
        (Outcome::Retry, 4006),
        (Outcome::Throttled, 7103),
        (Outcome::AccountFault, 4001),
        (Outcome::Rejected, 2000),
    ],
    refusal: Operation::RsErrorRsp,
    classify,
    rules: refuse,
};

const ROOT_ID: &str = "</tnn-200102/mm7-submit>";

/// What the VASP sends, as the relay's library writes it [C].
static SENT: Frame = Frame::new(MM7_1_2);
/// What L sends [P].
static RECEIVED: Frame = Frame { declaration: Declaration::Plain, ..Frame::new(MM7_1_2) };

const BOOL: Format = Format::Bool(BoolForm::Capitalised);
/// T5, of what the VASP sends.
const SUBMIT_TIME: Format = Format::Time(DayFirst);
/// T7, of what L sends.
const REPORT_TIME: Format = Format::Time(Iso);
const VERSION: Format = Format::Word { words: VERSIONS, open: false };
const PRIORITY: Format = Format::Word { words: PRIORITIES, open: false };
const CHARGED_PARTY: Format = Format::Word { words: CHARGED_PARTIES, open: false };
/// L's document writes `137` (L-07).
const MESSAGE_CLASS: Format = Format::Word { words: MESSAGE_CLASSES, open: true };

// --- tables (spec sections 6.2, 6.5, 6.6)

/// [C], with the elements of [D] that it lacks in the order of [D].
const SUBMIT_REQ: &[Node] = &[
    leaf("MM7Version", Slot::Mm7Version, VERSION).mandatory(),
    group(
        "SenderIdentification",
        &[
            leaf("VASPID", Slot::VaspId, Format::Text).required(),
            leaf("VASID", Slot::CpId, Format::Text).required(),
            leaf("SenderAddress", Slot::Billing, Format::BareNumber).required(),
            leaf("CallBack", Slot::Callback, Format::Text).vendor(),
        ],
    )
    .mandatory(),
    RECIPIENTS.mandatory(),
    leaf("ServiceCode", Slot::ServiceCode, Format::Text),
    leaf("LinkedID", Slot::LinkedId, Format::Text),
    leaf("MessageClass", Slot::MessageClass, MESSAGE_CLASS),
    leaf("TimeStamp", Slot::Timestamp, SUBMIT_TIME).required(),
    leaf("EarliestDeliveryTime", Slot::EarliestDelivery, SUBMIT_TIME),
    leaf("DeliveryReport", Slot::DeliveryReport, BOOL),
    leaf("ReadReply", Slot::ReadReply, BOOL),
    leaf("ChargedParty", Slot::ChargedParty, CHARGED_PARTY),
    leaf("DistributionIndicator", Slot::Distribution, BOOL),
    leaf("KisaOrigCode", Slot::OriginCode, Format::Text).required().vendor(),
    leaf("Subject", Slot::Subject, Format::Text).required(),
    CONTENT_ELEMENT,
];

/// L takes one recipient (code 3003, spec 3.6); what the message has is written, and more is a violation.
const RECIPIENTS: Node = group(
    "Recipients",
    &[
        leaf("To", Slot::To, Format::Addresses).required(),
        leaf("Cc", Slot::Cc, Format::Addresses),
        leaf("Bcc", Slot::Bcc, Format::Addresses),
    ],
);

const CONTENT_ELEMENT: Node = group(
    "Content",
    &[
        leaf("@href", Slot::ContentHref, Format::Href),
        leaf("@allowAdaptations", Slot::Adaptations, BOOL),
        leaf("@allowAdaptatiions", Slot::Adaptations, BOOL).noting(&[DeviationKind::NameMisspelled]).read_only(),
        leaf("#", Slot::ContentText, Format::Text).noting(&[DeviationKind::ContentInline]).read_only(),
    ],
);

/// In answers Status comes first (L-19).
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

/// [P]: flat, and the text first (L-11). The standard's Status is read too.
const RS_ERROR_RSP: &[Node] = &[
    leaf("StatusText", Slot::StatusText, Format::Text).noting(FLAT),
    MM7_VERSION,
    leaf("StatusCode", Slot::StatusCode, Format::Code).noting(FLAT).mandatory(),
    leaf("Details", Slot::StatusDetails, Format::Text).noting(FLAT),
    STATUS.read_only(),
];

/// [P]: the sender before the recipient (L-23), who stands in `Recipients` (L-09).
const DELIVERY_REPORT_REQ: &[Node] = &[
    MM7_VERSION,
    leaf("MMSRelayServerID", Slot::RelayServerId, Format::Text),
    leaf("Sender", Slot::From, Format::Address).mandatory(),
    leaf("MessageID", Slot::MessageId, Format::Text).mandatory(),
    leaf("Recipients", Slot::Recipient, Format::Address).noting(&[DeviationKind::RecipientElement]).mandatory(),
    leaf("TimeStamp", Slot::Timestamp, REPORT_TIME).mandatory(),
    leaf("CalledNet", Slot::CalledNet, Format::Text).vendor(),
    leaf("MMStatus", Slot::MmStatus, Format::NoDigits { words: DELIVERY_STATUSES }).mandatory(),
    leaf("MMStatus", Slot::StatusCode, Format::Digits).noting(&[DeviationKind::MmStatusNumeric]),
    leaf("StatusText", Slot::StatusText, Format::Text),
    leaf("Recipient", Slot::Recipient, Format::Address).read_only(),
    leaf("Date", Slot::Timestamp, REPORT_TIME).read_only(),
];

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
    CONTENT_ELEMENT,
];

const DELIVER_RSP: &[Node] =
    &[STATUS, MM7_VERSION, leaf("ServiceCode", Slot::ServiceCode, Format::Text), FLAT_CODE, FLAT_TEXT, FLAT_DETAILS];

const READ_REPLY_REQ: &[Node] = &[
    MM7_VERSION,
    leaf("MMSRelayServerID", Slot::RelayServerId, Format::Text),
    leaf("MessageID", Slot::MessageId, Format::Text).mandatory(),
    leaf("Recipient", Slot::Recipient, Format::Address).mandatory(),
    leaf("Sender", Slot::From, Format::Address).mandatory(),
    leaf("TimeStamp", Slot::Timestamp, REPORT_TIME).mandatory(),
    leaf("MMStatus", Slot::MmStatus, Format::NoDigits { words: READ_STATUSES }).mandatory(),
    leaf("MMStatus", Slot::StatusCode, Format::Digits).noting(&[DeviationKind::MmStatusNumeric]),
    leaf("StatusText", Slot::StatusText, Format::Text),
    leaf("Recipients", Slot::Recipient, Format::Address).noting(&[DeviationKind::RecipientElement]).read_only(),
];

const CANCEL_SENDER: Node = group(
    "SenderIdentification",
    &[
        leaf("VASPID", Slot::VaspId, Format::Text),
        leaf("VASID", Slot::CpId, Format::Text),
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
    CONTENT_ELEMENT,
];

const FAULT: &[Node] = &[
    leaf("faultcode", Slot::FaultCode, Format::FaultCode).mandatory(),
    leaf("faultstring", Slot::FaultString, Format::Text).mandatory(),
    leaf("faultactor", Slot::FaultActor, Format::Text),
    group(
        "detail",
        &[
            group("RSErrorRsp", &[STATUS, MM7_VERSION]).when(FaultDetail::RsErrorRsp),
            group("VASPErrorRsp", &[STATUS, MM7_VERSION]).when(FaultDetail::VaspErrorRsp),
        ],
    ),
];

/// L has no such operation; written so that nothing is lost, and listed as not supported.
const ECHO_REQ: &[Node] = &[leaf("Echo", Slot::Echo, Format::Text), leaf("MM7Version", Slot::Mm7Version, VERSION)];

// --- content (spec section 6.3)

static CONTENT: ContentForm = ContentForm {
    container: "multipart/mixed",
    // The root part's id again, in brackets of its own (L-13).
    container_id: Some("<</tnn-200102/mm7-submit>>"),
    boundary: BoundaryForm::Relay,
    media: MediaForm::Base64,
    kind: Kind::Plain,
};

// --- status codes (spec section 8.3)

/// Code and what the later relay makes of it in a submit's answer. 4030 asks for a pause, so it is throttling.
const CODES: &[CodeRow] = &[
    (1000, Outcome::Success, &[]),
    (1100, Outcome::PartialSuccess, &[]),
    (2000, Outcome::Rejected, &[Reason::ClientError]),
    (2001, Outcome::Rejected, &[Reason::OperationRestricted]),
    (2002, Outcome::Rejected, &[Reason::AddressInvalid]),
    (2003, Outcome::Rejected, &[Reason::AddressUnknown]),
    (2004, Outcome::Rejected, &[Reason::ContentRefused, Reason::ContentTooLarge, Reason::ContentInvalid]),
    (2005, Outcome::Rejected, &[Reason::MessageUnknown]),
    (2006, Outcome::Rejected, &[Reason::LinkedIdUnknown]),
    (2007, Outcome::Rejected, &[Reason::FormatInvalid]),
    (3000, Outcome::Rejected, &[Reason::ServerError, Reason::NetworkError]),
    (3001, Outcome::Rejected, &[Reason::NotPossible, Reason::Expired]),
    (3002, Outcome::Rejected, &[Reason::MessageRejected, Reason::Spam]),
    (3003, Outcome::Rejected, &[Reason::TooManyRecipients]),
    (4000, Outcome::Rejected, &[Reason::ServiceError]),
    (4001, Outcome::Rejected, &[Reason::IdentificationInvalid]),
    (4002, Outcome::Rejected, &[Reason::VersionUnsupported]),
    (4003, Outcome::Rejected, &[Reason::OperationUnsupported]),
    (4004, Outcome::Rejected, &[Reason::ValidationFailed]),
    (4005, Outcome::Rejected, &[Reason::ServiceError]),
    (4006, Outcome::Retry, &[Reason::ServiceUnavailable]),
    (4007, Outcome::Retry, &[Reason::ServiceDenied]),
    (4030, Outcome::Throttled, &[Reason::Overload]),
    (4032, Outcome::Rejected, &[Reason::OriginCodeInvalid]),
    // The earlier table had 6012 for it.
    (6102, Outcome::Rejected, &[Reason::NumberPorted]),
    (6012, Outcome::Rejected, &[Reason::NumberPorted]),
    (6014, Outcome::Rejected, &[Reason::RecipientRefused]),
    (6024, Outcome::Rejected, &[Reason::PasswordInvalid]),
    (6025, Outcome::Rejected, &[Reason::PasswordExpired]),
    (6072, Outcome::Rejected, &[Reason::HandsetUnsupported]),
    (7103, Outcome::Throttled, &[Reason::TrafficExceeded]),
];

/// Codes that in a report mean: submit again. Any other that is no success is a failure there.
const REPORT_THROTTLED: &[u32] = &[4003, 4030, 7103];

/// The word decides where there is one (L-12).
fn classify(message: &Message) -> Option<Classification> {
    super::classify_word(message).or_else(|| super::classify_code(message, CODES, REPORT_THROTTLED))
}

// --- what L refuses (spec section 3.6)

fn refuse(message: &Message, out: &mut Vec<Violation>) {
    rules::check(&DIALECT, &["image/jpeg"], "image/jpeg", message, out);
    if let Some(code) = message.content().and_then(|content| content.fee_code.as_ref())
        && !rules::is_digits(code.as_str(), 12)
    {
        let kind = ViolationKind::BadFormat { expected: "twelve digits" };
        out.push(mm7::violation("content.fee_code".into(), kind, DialectId::L));
    }
}
