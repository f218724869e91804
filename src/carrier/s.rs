//! Carrier S: the dialects `s-live`, `s-test` and `s-malformed`.
//!
//! MM7 1-0 under the name 5.3.0. A submit stands in the default namespace and is the one operation of the three carriers
//! whose children are qualified as the schema has it (S-50); everything else has the prefix `mm7` and children in no
//! namespace. Text is shown by a SMIL document with a text document (XT) beside it, images carry `X-SKT-*` fields.
//!
//! * `s-live` is the commercial network: submits as the later relay writes them ([C] of spec section 4), answers as the
//!   network sends them ([P]: prefix `SOAP-ENV`, no declaration, a MessageID on errors too, S-45, S-49).
//! * `s-test` is the test service ([W] early): the originating operator inside SenderIdentification (S-16), compact dates, no
//!   X-SKT wrapper, a root id without brackets that `start` does not name (S-39), documents without type (S-31).
//! * `s-malformed` is the interface document to the letter: no XML and no MIME, and so no strict parser reads it.
//!
//! DeliverReq and DeliverRsp follow spec section 4.9. RSErrorRsp, VASPErrorRsp, ReadReply, Cancel, Replace and Fault have no
//! sample: they are inferred, the order of TS 23.140 Rel-5 in the dialect's conventions. S has no Echo.

use alloc::vec::Vec;

use super::{codec, rules};
use crate::carrier_id::{Carrier, DialectId};
use crate::charset::Repertoire;
use crate::codec::{Codec, Config, DecodeError, Decoded, EncodeError, Encoded, Party, Reply, WireContext};
use crate::content::{Form as ContentForm, Kind, Layout, MediaForm, Reference, Style};
use crate::datetime::Form::{Compact, Iso, Rfc2822, Rfc2822Sample};
use crate::deviation::{DeviationKind, Prescribed};
use crate::entity::Entity;
use crate::mime::BoundaryForm;
use crate::mm7::{
    self, BoolForm, Classification, CodeRow, DELIVERY_STATUSES, Declaration, Dialect, FLAT, FLAT_CODE, FLAT_DETAILS,
    FLAT_TEXT, Format, Frame, MESSAGE_CLASSES, MM7_1_0, Node, PRIORITIES, Prescriptions, READ_STATUSES, Site, VERSIONS,
    group, leaf, shape,
};
use crate::model::{FaultDetail, Message, Operation, Outcome, Reason, Slot};
use crate::violation::{Violation, ViolationKind};
use crate::xml::Tags;

codec! {
    /// The codec of carrier S.
    ///
    /// Without a dialect in the configuration it decodes all three and says which it was; it writes `s-live`.
    ///
    /// ```
    /// use tongsa::{Codec, Config, DialectId, Message, Prose, S, SubmitReq, Text};
    /// let mut submit = SubmitReq::default();
    /// submit.transaction_id = Some(Text::new("00042")?);
    /// submit.content.text = Some(Prose::new("안녕하세요")?);
    /// let message = Message::from(submit);
    /// let malformed = S::new(Config { dialect: Some(DialectId::SMalformed), ..Config::default() });
    /// let encoded = malformed.encode(&message)?;
    /// let decoded = S::new(Config::default()).decode(&encoded.entity)?;
    /// assert_eq!(decoded.dialect, DialectId::SMalformed);
    /// assert_eq!(decoded.message, message);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "SKT")]
    S, [LIVE, TEST, MALFORMED]
}

// --- dialects (spec sections 2, 3, 4, 14)

const BASE: Dialect = Dialect {
    id: DialectId::SLive,
    repertoire: Repertoire::KsX1001,
    charset_label: "euc-kr",
    multipart_charset: "EUC-KR",
    root_id: ("Content-Id", "<start_MM7_SOAP>"),
    root_quoted: false,
    root_encoding: false,
    start: "<start_MM7_SOAP>",
    request_line: "POST /mmsr41/mm7 HTTP/1.1",
    operations: &[
        shape(Operation::SubmitReq, &SUBMIT, LIVE_SUBMIT_REQ),
        shape(Operation::SubmitRsp, &LIVE_RECEIVED, SUBMIT_RSP),
        shape(Operation::DeliveryReportReq, &SENT, DELIVERY_REPORT_REQ),
        shape(Operation::DeliveryReportRsp, &SENT, ANSWER),
        shape(Operation::DeliverReq, &SENT, &deliver_req(LIVE_TIME)),
        shape(Operation::DeliverRsp, &SENT, DELIVER_RSP),
        shape(Operation::RsErrorRsp, &LIVE_RECEIVED, ANSWER),
        shape(Operation::VaspErrorRsp, &SENT, ANSWER),
        shape(Operation::ReadReplyReq, &SENT, &read_reply_req(LIVE_TIME)),
        shape(Operation::ReadReplyRsp, &SENT, ANSWER),
        shape(Operation::CancelReq, &SUBMIT, &cancel_req(LIVE_SENDER, ORIG_BPID.required())),
        shape(Operation::CancelRsp, &LIVE_RECEIVED, ANSWER),
        shape(Operation::ReplaceReq, &SUBMIT, &replace_req(LIVE_SENDER, ORIG_BPID.required(), LIVE_TIME)),
        shape(Operation::ReplaceRsp, &LIVE_RECEIVED, ANSWER),
        shape(Operation::Fault, &LIVE_RECEIVED, FAULT),
        shape(Operation::EchoReq, &SENT, ECHO_REQ),
        shape(Operation::EchoRsp, &LIVE_RECEIVED, ANSWER),
    ],
    prescribed: Prescriptions::new(
        &[
            (DeviationKind::CharsetOnMultipart, Site::Entity),
            (DeviationKind::ContentIdForm, Site::RootPart),
            (DeviationKind::ContentIdForm, Site::ScenePart),
            (DeviationKind::ContentIdForm, Site::TextPart),
            (DeviationKind::ContentIdForm, Site::MediaPart),
            (DeviationKind::ContentIdDuplicate, Site::MediaPart),
            (DeviationKind::RelatedTypeMissing, Site::Container),
            (DeviationKind::EncodingUndeclared, Site::RootPart),
            (DeviationKind::EncodingUndeclared, Site::ScenePart),
            (DeviationKind::EncodingUndeclared, Site::TextPart),
            (DeviationKind::FieldEightBit, Site::ScenePart),
            (DeviationKind::FieldEightBit, Site::TextPart),
            (DeviationKind::FieldEightBit, Site::MediaPart),
            (DeviationKind::ReferenceScheme, Site::ScenePart),
            (DeviationKind::ReferenceScheme, Site::TextPart),
            (DeviationKind::SmilStructure, Site::ScenePart),
        ],
        &[],
    ),
    quirks: &[],
    refused: NO_ECHO,
    content: &LIVE_CONTENT,
    version: "5.3.0",
    codes: CODES,
    generic_codes: &[
        (Outcome::Success, 1000),
        (Outcome::PartialSuccess, 1000),
        (Outcome::Retry, 4006),
        (Outcome::Throttled, 4008),
        (Outcome::AccountFault, 2002),
        (Outcome::Rejected, 4005),
    ],
    // S-49
    refusal: Operation::SubmitRsp,
    classify,
    rules: live_rules,
};

pub(crate) static LIVE: Dialect = BASE;

pub(crate) static TEST: Dialect = Dialect {
    id: DialectId::STest,
    // S-39: no brackets, and not what `start` names.
    root_id: ("Content-Id", "20240801093000_0000001"),
    operations: &[
        shape(Operation::SubmitReq, &SUBMIT, TEST_SUBMIT_REQ),
        shape(Operation::SubmitRsp, &SENT, SUBMIT_RSP),
        shape(Operation::DeliveryReportReq, &SENT, DELIVERY_REPORT_REQ),
        shape(Operation::DeliveryReportRsp, &SENT, ANSWER),
        shape(Operation::DeliverReq, &SENT, &deliver_req(TEST_TIME)),
        shape(Operation::DeliverRsp, &SENT, DELIVER_RSP),
        shape(Operation::RsErrorRsp, &SENT, ANSWER),
        shape(Operation::VaspErrorRsp, &SENT, ANSWER),
        shape(Operation::ReadReplyReq, &SENT, &read_reply_req(TEST_TIME)),
        shape(Operation::ReadReplyRsp, &SENT, ANSWER),
        shape(Operation::CancelReq, &SUBMIT, &cancel_req(INSIDE_SENDER, ORIG_BPID.read_only())),
        shape(Operation::CancelRsp, &SENT, ANSWER),
        shape(Operation::ReplaceReq, &SUBMIT, &replace_req(INSIDE_SENDER, ORIG_BPID.read_only(), TEST_TIME)),
        shape(Operation::ReplaceRsp, &SENT, ANSWER),
        shape(Operation::Fault, &SENT, FAULT),
        shape(Operation::EchoReq, &SENT, ECHO_REQ),
        shape(Operation::EchoRsp, &SENT, ANSWER),
    ],
    prescribed: Prescriptions::new(
        &[
            (DeviationKind::CharsetOnMultipart, Site::Entity),
            (DeviationKind::ContentIdForm, Site::RootPart),
            (DeviationKind::ContentIdUnbracketed, Site::RootPart),
            (DeviationKind::StartUnmatched, Site::RootPart),
            (DeviationKind::ContentIdForm, Site::ScenePart),
            (DeviationKind::ContentIdForm, Site::TextPart),
            (DeviationKind::ContentIdForm, Site::MediaPart),
            (DeviationKind::ContentTypeMissing, Site::ScenePart),
            (DeviationKind::ContentTypeMissing, Site::TextPart),
            (DeviationKind::RelatedTypeMissing, Site::Container),
            (DeviationKind::EncodingUndeclared, Site::RootPart),
            (DeviationKind::EncodingUndeclared, Site::ScenePart),
            (DeviationKind::EncodingUndeclared, Site::TextPart),
            (DeviationKind::FieldEightBit, Site::ScenePart),
            (DeviationKind::FieldEightBit, Site::TextPart),
            (DeviationKind::FieldEightBit, Site::MediaPart),
            (DeviationKind::SmilStructure, Site::ScenePart),
        ],
        &[],
    ),
    content: &TEST_CONTENT,
    rules: test_rules,
    ..BASE
};

pub(crate) static MALFORMED: Dialect = Dialect {
    id: DialectId::SMalformed,
    charset_label: "ksc5601",
    root_id: ("Content-ID", "<start_CID>"),
    root_quoted: true,
    start: "<start_CID>",
    operations: &[
        shape(Operation::SubmitReq, &SAMPLE_SUBMIT, MALFORMED_SUBMIT_REQ),
        shape(Operation::SubmitRsp, &SAMPLE, SUBMIT_RSP),
        shape(Operation::DeliveryReportReq, &SAMPLE, DELIVERY_REPORT_REQ),
        shape(Operation::DeliveryReportRsp, &SAMPLE, ANSWER),
        shape(Operation::DeliverReq, &SAMPLE, &deliver_req(MALFORMED_TIME)),
        shape(Operation::DeliverRsp, &SAMPLE, DELIVER_RSP),
        shape(Operation::RsErrorRsp, &SAMPLE, ANSWER),
        shape(Operation::VaspErrorRsp, &SAMPLE, ANSWER),
        shape(Operation::ReadReplyReq, &SAMPLE, &read_reply_req(MALFORMED_TIME)),
        shape(Operation::ReadReplyRsp, &SAMPLE, ANSWER),
        shape(Operation::CancelReq, &SAMPLE_SUBMIT, &cancel_req(INSIDE_SENDER, ORIG_BPID.read_only())),
        shape(Operation::CancelRsp, &SAMPLE, ANSWER),
        shape(
            Operation::ReplaceReq,
            &SAMPLE_SUBMIT,
            &replace_req(INSIDE_SENDER, ORIG_BPID.read_only(), MALFORMED_TIME),
        ),
        shape(Operation::ReplaceRsp, &SAMPLE, ANSWER),
        shape(Operation::Fault, &SAMPLE, FAULT),
        shape(Operation::EchoReq, &SAMPLE, ECHO_REQ),
        shape(Operation::EchoRsp, &SAMPLE, ANSWER),
    ],
    prescribed: Prescriptions::new(
        &[
            (DeviationKind::CharsetOnMultipart, Site::Entity),
            (DeviationKind::CharsetLabel, Site::RootPart),
            (DeviationKind::CharsetLabel, Site::ScenePart),
            (DeviationKind::CharsetLabel, Site::TextPart),
            (DeviationKind::ContentIdForm, Site::RootPart),
            (DeviationKind::ContentIdForm, Site::ScenePart),
            (DeviationKind::ContentIdForm, Site::TextPart),
            (DeviationKind::ContentIdForm, Site::MediaPart),
            (DeviationKind::RelatedTypeMissing, Site::Container),
            (DeviationKind::EncodingUndeclared, Site::RootPart),
            (DeviationKind::EncodingUndeclared, Site::ScenePart),
            (DeviationKind::EncodingUndeclared, Site::TextPart),
            (DeviationKind::EncodingUndeclared, Site::MediaPart),
            (DeviationKind::FieldEightBit, Site::ScenePart),
            (DeviationKind::FieldEightBit, Site::TextPart),
            (DeviationKind::FieldEightBit, Site::MediaPart),
            // A scene of the message's own may have it.
            (DeviationKind::SmilStructure, Site::ScenePart),
            // S-29 (c).
            (DeviationKind::PartLengthMismatch, Site::ScenePart),
            (DeviationKind::PartLengthMismatch, Site::TextPart),
            (DeviationKind::PartLengthMismatch, Site::MediaPart),
        ],
        DAMAGE,
    ),
    quirks: DAMAGE,
    content: &MALFORMED_CONTENT,
    rules: malformed_rules,
    ..BASE
};

/// What the interface document does to XML, MIME and SOAP, and where.
const DAMAGE: &[Prescribed] = &[
    // S-01
    (DeviationKind::BlankLineMissing, &["text/xml"]),
    // S-02
    (DeviationKind::QuoteTypographic, &["Envelope", "TransactionID"]),
    // S-05
    (DeviationKind::EndTagBlank, &["ExpiryDate", "ReadReply"]),
    // S-06
    (DeviationKind::EndTagRepeatedStart, &[]),
    // S-07
    (DeviationKind::AttributeSeparator, &["Content"]),
    // S-08
    (DeviationKind::HrefBracketed, &["Content"]),
    (DeviationKind::AttributeLt, &["Content", "img", "text", "audio", "video"]),
    // S-09
    (DeviationKind::TextAfterRoot, &["Envelope"]),
    // S-26
    (DeviationKind::FieldComment, &["Content-ID", "X-SKT-Service-Type"]),
    // S-27
    (DeviationKind::FieldNbsp, &["Content-Disposition"]),
    // S-34
    (DeviationKind::QuoteMissing, &["img"]),
    // S-36
    (DeviationKind::XmlDeclarationBlank, &["xt"]),
];

/// What both sides send, but for submits.
static SENT: Frame = Frame::new(MM7_1_0);
/// A submit and what is inferred after it.
static SUBMIT: Frame = Frame { qualified: true, ..Frame::new(MM7_1_0) };
/// What the commercial network answers [P].
static LIVE_RECEIVED: Frame =
    Frame { declaration: Declaration::Absent, must_understand_first: true, ..Frame::new(MM7_1_0).prefixed("SOAP-ENV") };
/// The interface document's [D].
static SAMPLE: Frame = Frame { declaration: Declaration::Plain, ..Frame::new(MM7_1_0) };
static SAMPLE_SUBMIT: Frame = Frame { qualified: true, declaration: Declaration::Plain, ..Frame::new(MM7_1_0) };

const NO_ECHO: &[Operation] = &[Operation::EchoReq, Operation::EchoRsp];

const BOOL: Format = Format::Bool(BoolForm::Capitalised);
/// T1, with the hour of 24.
const LIVE_TIME: Format = Format::Time(Rfc2822);
/// T4.
const TEST_TIME: Format = Format::Time(Compact);
/// T3.
const MALFORMED_TIME: Format = Format::Time(Rfc2822Sample);
const VERSION: Format = Format::Word { words: VERSIONS, open: false };
const PRIORITY: Format = Format::Word { words: PRIORITIES, open: false };
const MESSAGE_CLASS: Format = Format::Word { words: MESSAGE_CLASSES, open: false };

// --- tables (spec sections 4.2, 4.7, 4.8, 4.9)

const MM7_VERSION: Node = leaf("MM7Version", Slot::Mm7Version, VERSION).mandatory();
const VASP_ID: Node = leaf("VASPID", Slot::VaspId, Format::Text).required();
const VAS_ID: Node = leaf("VASID", Slot::VasId, Format::Text).required();
const BPID: Node = leaf("X-SKT-BPID", Slot::CpId, Format::Text).required().vendor();
const RELAY_BPID: Node = leaf("X-SKT-RELAY-BPID", Slot::RelayId, Format::Text).required().vendor();
const ORIG_BPID: Node = leaf("X-SKT-ORIG-BPID", Slot::OriginCode, Format::Text).vendor();
const SENDER_ADDRESS: Node = leaf("SenderAddress", Slot::Callback, Format::BareNumber).required();

/// The originating operator stands behind this group (S-16).
const LIVE_SENDER: &[Node] = &[VASP_ID, VAS_ID, BPID, ORIG_BPID.read_only(), RELAY_BPID, SENDER_ADDRESS];
/// It stands in it (S-16).
const INSIDE_SENDER: &[Node] = &[VASP_ID, VAS_ID, BPID, ORIG_BPID.required(), RELAY_BPID, SENDER_ADDRESS];

const LIVE_SUBMIT_REQ: &[Node] = &submit_req(&Submit {
    sender: LIVE_SENDER,
    origin: ORIG_BPID.required(),
    recipients: RECIPIENTS,
    service_code: SERVICE_CODE,
    linked_id: LINKED_ID.or_empty(),
    time: LIVE_TIME,
    // Written for every callback number (spec section 12.1).
    alias: ALIAS_OF_EVERY_NUMBER,
});

const TEST_SUBMIT_REQ: &[Node] = &submit_req(&Submit {
    sender: INSIDE_SENDER,
    origin: ORIG_BPID.read_only(),
    recipients: RECIPIENTS,
    service_code: SERVICE_CODE,
    linked_id: LINKED_ID,
    time: TEST_TIME,
    alias: ALIAS,
});

/// Cc, Bcc, ServiceCode and LinkedID stand there empty (S-19).
const MALFORMED_SUBMIT_REQ: &[Node] = &submit_req(&Submit {
    sender: INSIDE_SENDER,
    origin: ORIG_BPID.read_only(),
    recipients: &[
        leaf("To", Slot::To, Format::Addresses).required(),
        leaf("Cc", Slot::Cc, Format::Addresses).or_empty(),
        leaf("Bcc", Slot::Bcc, Format::Addresses).or_empty(),
    ],
    service_code: SERVICE_CODE.or_empty(),
    linked_id: LINKED_ID.or_empty(),
    time: MALFORMED_TIME,
    alias: ALIAS_OF_EVERY_NUMBER,
});

/// In what the dialects' submits differ.
struct Submit {
    sender: &'static [Node],
    origin: Node,
    recipients: &'static [Node],
    service_code: Node,
    linked_id: Node,
    time: Format,
    alias: &'static [Node],
}

const fn submit_req(own: &Submit) -> [Node; 16] {
    [
        MM7_VERSION,
        group("SenderIdentification", own.sender).mandatory(),
        own.origin,
        group("Recipients", own.recipients).mandatory(),
        own.service_code,
        own.linked_id,
        leaf("MessageClass", Slot::MessageClass, MESSAGE_CLASS),
        leaf("TimeStamp", Slot::Timestamp, own.time).required(),
        leaf("ExpiryDate", Slot::Expiry, own.time),
        leaf("DeliveryReport", Slot::DeliveryReport, BOOL),
        leaf("ReadReply", Slot::ReadReply, BOOL),
        leaf("Priority", Slot::Priority, PRIORITY),
        // S-18: before Subject.
        leaf("DistributionIndicator", Slot::Distribution, BOOL),
        // S-17: a wrapper in a namespace of its own.
        group("X-SKT", own.alias).in_namespace("X-SKT", "http://vmg.nate.com:8080/soap/skt-schema.xsd"),
        leaf("Subject", Slot::Subject, Format::Text).required(),
        CONTENT_ELEMENT,
    ]
}

/// S takes one recipient (spec section 3.6); what the message has is written, and more is a violation.
const RECIPIENTS: &[Node] = &[
    leaf("To", Slot::To, Format::Addresses).required(),
    leaf("Cc", Slot::Cc, Format::Addresses),
    leaf("Bcc", Slot::Bcc, Format::Addresses),
];
const SERVICE_CODE: Node = leaf("ServiceCode", Slot::ServiceCode, Format::Text);
const LINKED_ID: Node = leaf("LinkedID", Slot::LinkedId, Format::Text);
const ALIAS: &[Node] = &[leaf("X-SKT-Alias", Slot::Alias, Format::Alias { filled: false }).vendor()];
const ALIAS_OF_EVERY_NUMBER: &[Node] = &[leaf("X-SKT-Alias", Slot::Alias, Format::Alias { filled: true }).vendor()];

const CONTENT_ELEMENT: Node = group(
    "Content",
    &[
        leaf("@allowAdaptations", Slot::Adaptations, BOOL),
        leaf("@href", Slot::ContentHref, Format::Href),
        // S-21
        leaf("@allowAdaptatiions", Slot::Adaptations, BOOL).noting(&[DeviationKind::NameMisspelled]).read_only(),
        // Spec section 4.9.
        leaf("#", Slot::ContentText, Format::Text).noting(&[DeviationKind::ContentInline]).read_only(),
    ],
);

const STATUS_CODE: Node = leaf("StatusCode", Slot::StatusCode, Format::Code).mandatory();
const STATUS_TEXT: Node = leaf("StatusText", Slot::StatusText, Format::Text);
const DETAILS: Node = leaf("Details", Slot::StatusDetails, Format::Text);
/// What S calls `Details` (spec section 4.9).
const DETAIL: Node = leaf("Detail", Slot::StatusDetails, Format::Text).noting(&[DeviationKind::NameMisspelled]);

/// In the order of the schema.
const STATUS: Node = group("Status", STATUS_LEAVES).mandatory();
const STATUS_LEAVES: &[Node] = &[STATUS_CODE, STATUS_TEXT, DETAILS, DETAIL.read_only()];

const FLAT_DETAIL: Node = leaf("Detail", Slot::StatusDetails, Format::Text).noting(FLAT).read_only();

/// Every answer that holds a status and no more.
const ANSWER: &[Node] = &[MM7_VERSION, STATUS, FLAT_CODE, FLAT_TEXT, FLAT_DETAILS, FLAT_DETAIL];

/// The MessageID is there on errors too (S-49).
const SUBMIT_RSP: &[Node] = &[
    MM7_VERSION,
    STATUS,
    leaf("MessageID", Slot::MessageId, Format::Text),
    FLAT_CODE,
    FLAT_TEXT,
    FLAT_DETAILS,
    FLAT_DETAIL,
];

/// A status instead of an MMStatus, a bare sender, the time in CalledNet (S-47). Every other form is read too.
const DELIVERY_REPORT_REQ: &[Node] = &[
    MM7_VERSION,
    leaf("MMSRelayServerID", Slot::RelayServerId, Format::Text),
    leaf("MessageID", Slot::MessageId, Format::Text).mandatory(),
    leaf("Recipient", Slot::Recipient, Format::Address).mandatory(),
    leaf("Sender", Slot::From, Format::BareAddress).mandatory(),
    leaf("CalledNet", Slot::Timestamp, Format::Stamp).vendor(),
    leaf("CalledNet", Slot::CalledNet, Format::NoStamp).vendor(),
    group("Status", STATUS_LEAVES).noting(&[DeviationKind::StatusInReport]).mandatory().or("MMStatus"),
    leaf("MMStatus", Slot::MmStatus, Format::NoDigits { words: DELIVERY_STATUSES }),
    leaf("MMStatus", Slot::StatusCode, Format::Digits).noting(&[DeviationKind::MmStatusNumeric]).read_only(),
    leaf("StatusText", Slot::StatusText, Format::Text).read_only(),
    leaf("Recipients", Slot::Recipient, Format::Address).noting(&[DeviationKind::RecipientElement]).read_only(),
    leaf("TimeStamp", Slot::Timestamp, REPORT_TIME).read_only(),
    leaf("Date", Slot::Timestamp, REPORT_TIME).read_only(),
    FLAT_CODE,
];

const REPORT_TIME: Format = Format::Time(Iso);

const fn deliver_req(time: Format) -> [Node; 10] {
    [
        MM7_VERSION,
        leaf("MMSRelayServerID", Slot::RelayServerId, Format::Text),
        LINKED_ID,
        // S-56
        leaf("Sender", Slot::From, Format::BareAddress).mandatory(),
        group("Recipients", SHORT_CODES),
        leaf("TimeStamp", Slot::Timestamp, time),
        leaf("ReplyChargingID", Slot::ReplyChargingId, Format::Text),
        leaf("Priority", Slot::Priority, PRIORITY),
        leaf("Subject", Slot::Subject, Format::Text),
        CONTENT_ELEMENT,
    ]
}

/// The service that a subscriber wrote to, `#3030` say.
const SHORT_CODES: &[Node] = &[
    leaf("To", Slot::To, Format::Addresses),
    leaf("Cc", Slot::Cc, Format::Addresses),
    leaf("Bcc", Slot::Bcc, Format::Addresses),
];

/// ServiceCode before the status, and `Detail`, empty where there is none (spec section 4.9).
const DELIVER_RSP: &[Node] = &[
    MM7_VERSION,
    SERVICE_CODE,
    group("Status", &[STATUS_CODE, STATUS_TEXT, DETAIL.or_empty(), DETAILS.read_only()]).mandatory(),
    FLAT_CODE,
    FLAT_TEXT,
    FLAT_DETAILS,
    FLAT_DETAIL.or_empty(),
];

// --- inferred from TS 23.140 Rel-5

const fn read_reply_req(time: Format) -> [Node; 10] {
    [
        MM7_VERSION,
        leaf("MMSRelayServerID", Slot::RelayServerId, Format::Text),
        leaf("MessageID", Slot::MessageId, Format::Text).mandatory(),
        leaf("Recipient", Slot::Recipient, Format::Address).mandatory(),
        leaf("Sender", Slot::From, Format::BareAddress).mandatory(),
        leaf("TimeStamp", Slot::Timestamp, time).mandatory(),
        leaf("MMStatus", Slot::MmStatus, Format::NoDigits { words: READ_STATUSES }).mandatory(),
        leaf("MMStatus", Slot::StatusCode, Format::Digits).noting(&[DeviationKind::MmStatusNumeric]),
        leaf("StatusText", Slot::StatusText, Format::Text),
        leaf("Recipients", Slot::Recipient, Format::Address).noting(&[DeviationKind::RecipientElement]).read_only(),
    ]
}

const fn cancel_req(sender: &'static [Node], origin: Node) -> [Node; 4] {
    [
        MM7_VERSION,
        group("SenderIdentification", sender).mandatory(),
        origin,
        leaf("MessageID", Slot::MessageId, Format::Text).mandatory(),
    ]
}

const fn replace_req(sender: &'static [Node], origin: Node, time: Format) -> [Node; 10] {
    [
        MM7_VERSION,
        group("SenderIdentification", sender).mandatory(),
        origin,
        leaf("MessageID", Slot::MessageId, Format::Text).mandatory(),
        SERVICE_CODE,
        leaf("TimeStamp", Slot::Timestamp, time),
        leaf("ReadReply", Slot::ReadReply, BOOL),
        leaf("EarliestDeliveryTime", Slot::EarliestDelivery, time),
        leaf("DistributionIndicator", Slot::Distribution, BOOL),
        CONTENT_ELEMENT,
    ]
}

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

/// S has no such operation; written so that nothing is lost, and listed as not supported.
const ECHO_REQ: &[Node] = &[leaf("Echo", Slot::Echo, Format::Text), leaf("MM7Version", Slot::Mm7Version, VERSION)];

// --- content (spec sections 4.3 to 4.5)

static LIVE_CONTENT: ContentForm = ContentForm {
    container: "multipart/related",
    container_id: None,
    boundary: BoundaryForm::Relay,
    media: MediaForm::Base64,
    kind: Kind::Slides(&Style {
        layout: Layout::Live,
        encoding: "EUC-KR",
        scene_declaration: true,
        lines: true,
        reference: Reference::Bare,
        types: Some(("application/smil", "text/x-sktxt")),
        names: ("smil.smi", "xhtml.xt"),
        guessed_length: false,
        text_element: Tags::of("color1"),
    }),
};

static TEST_CONTENT: ContentForm = ContentForm {
    container: "multipart/related",
    container_id: None,
    boundary: BoundaryForm::Relay,
    media: MediaForm::Base64,
    kind: Kind::Slides(&Style {
        layout: Layout::Test,
        encoding: "EUC-KR",
        scene_declaration: false,
        lines: false,
        reference: Reference::Scheme,
        types: None,
        // S-32: the text document under the extension of SMIL.
        names: ("message.smi", "xhtml.smi"),
        guessed_length: false,
        text_element: Tags::of("text"),
    }),
};

static MALFORMED_CONTENT: ContentForm = ContentForm {
    container: "multipart/related",
    container_id: None,
    // S-23
    boundary: BoundaryForm::Story,
    media: MediaForm::Raw,
    kind: Kind::Slides(&Style {
        layout: Layout::Sample,
        encoding: "ksc5601",
        scene_declaration: false,
        lines: false,
        reference: Reference::Bracketed,
        types: Some(("application/smil", "text/skt-xt")),
        names: ("message.smi", "sample.xt"),
        guessed_length: true,
        text_element: Tags::of("color1"),
    }),
};

// --- status codes (spec section 8.1)

/// Code and what the later relay makes of it in a submit's answer. Never the standard's table: the codes collide.
const CODES: &[CodeRow] = &[
    (1000, Outcome::Success, &[]),
    (2002, Outcome::AccountFault, &[Reason::IdentificationInvalid, Reason::PasswordInvalid, Reason::PasswordExpired]),
    (2003, Outcome::Rejected, &[Reason::OriginCodeInvalid]),
    (2004, Outcome::Rejected, &[Reason::ContentRefused]),
    (2005, Outcome::Rejected, &[Reason::MessageUnknown, Reason::LinkedIdUnknown]),
    (
        2007,
        Outcome::Rejected,
        &[
            Reason::FormatInvalid,
            Reason::ClientError,
            Reason::ValidationFailed,
            Reason::AddressInvalid,
            Reason::VersionUnsupported,
            Reason::TooManyRecipients,
        ],
    ),
    (2101, Outcome::Rejected, &[Reason::ContentInvalid]),
    (2102, Outcome::Rejected, &[Reason::HandsetUnavailable, Reason::HandsetFull]),
    (2103, Outcome::Rejected, &[Reason::HandsetUnsupported]),
    (2104, Outcome::Rejected, &[Reason::ContentTooLarge]),
    (4005, Outcome::Rejected, &[Reason::ServiceError]),
    (4006, Outcome::Retry, &[Reason::ServiceUnavailable]),
    (4007, Outcome::AccountFault, &[Reason::ServiceDenied, Reason::OperationRestricted]),
    (4008, Outcome::Throttled, &[Reason::TrafficExceeded]),
    (4101, Outcome::Retry, &[Reason::ServiceUnavailable]),
];

/// Codes that in a report mean: submit again. Any other that is no success is a failure there.
const REPORT_THROTTLED: &[u32] = &[4006, 4008];

/// S sends no words; those of the standard are read where there is no code.
fn classify(message: &Message) -> Option<Classification> {
    super::classify_code(message, CODES, REPORT_THROTTLED).or_else(|| super::classify_word(message))
}

// --- what S refuses (spec sections 3.6, 4.3)

/// The media types of the interface document.
const MEDIA_TYPES: &[&str] = &["image/jpeg", "image/sis", "application/x-mm-dmf", "audio/sktm", "video/sktm"];

fn live_rules(message: &Message, out: &mut Vec<Violation>) {
    refuse(&LIVE, message, out);
}

fn test_rules(message: &Message, out: &mut Vec<Violation>) {
    refuse(&TEST, message, out);
}

fn malformed_rules(message: &Message, out: &mut Vec<Violation>) {
    refuse(&MALFORMED, message, out);
}

fn refuse(dialect: &Dialect, message: &Message, out: &mut Vec<Violation>) {
    rules::check(dialect, MEDIA_TYPES, "a media type of S", message, out);
    let Message::SubmitReq(submit) = message else { return };
    if submit.sender.relay_id.as_ref().is_some_and(|id| !rules::is_digits(id.as_str(), 4)) {
        let kind = ViolationKind::BadFormat { expected: "four digits" };
        out.push(mm7::violation(Slot::RelayId.path().into(), kind, dialect.id));
    }
    if mm7::expiry_is_far(message) {
        let kind = ViolationKind::BadFormat { expected: "a time within ten years of the message's" };
        out.push(mm7::violation(Slot::Expiry.path().into(), kind, dialect.id));
    }
}
