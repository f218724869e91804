//! What became of a request, and what to do about it.

use core::fmt;

use super::slot::{Absent, Field, FieldRefs, Record, Slot};
use super::text::{Code, Text};

/// The status of an answer or report (TS 23.140 section 8.7.8): code and text as they stand on the wire, and what
/// they mean at this carrier.
///
/// `outcome` and `reason` are derived: a decoder fills them from the carrier's own table for the operation
/// (`docs/dialects/`), `encode` ignores them, and equality does not look at them.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
#[non_exhaustive]
pub struct Status {
    /// `StatusCode`, or digits in `MMStatus`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub code: Option<Code>,
    /// `StatusText`. It may contradict the code (L-12): the code decides.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub text: Option<Text>,
    /// `Details`: its text.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub details: Option<Text>,
    /// What it means for the sender.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub outcome: Option<Outcome>,
    /// Why, where it is no success.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub reason: Option<Reason>,
}

impl PartialEq for Status {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code && self.text == other.text && self.details == other.details
    }
}

impl Eq for Status {}

impl Default for Status {
    fn default() -> Self {
        Self::ABSENT
    }
}

impl Status {
    /// A status of this code and text.
    ///
    /// ```
    /// let status = tongsa::Status::new(1000, "Success")?;
    /// assert_eq!(status.code.unwrap().number(), Some(1000));
    /// # Ok::<(), tongsa::TextError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Text::new`], of the text.
    pub fn new(code: u32, text: impl AsRef<str>) -> Result<Self, super::TextError> {
        Ok(Self { code: Some(code.into()), text: Some(Text::new(text)?), ..Self::default() })
    }
}

impl Absent for Status {
    const ABSENT: Self = Self { code: None, text: None, details: None, outcome: None, reason: None };

    fn is_absent(&self) -> bool {
        *self == Self::default() && self.outcome.is_none()
    }
}

impl Record for Status {
    fn gather<'m>(&'m self, fields: &mut FieldRefs<'m>) {
        for slot in [Slot::StatusCode, Slot::StatusText, Slot::StatusDetails] {
            if let Some(value) = self.field(slot).and_then(Field::get) {
                fields.put(slot, value);
            }
        }
    }

    fn field(&self, slot: Slot) -> Option<&dyn Field> {
        match slot {
            Slot::StatusCode => Some(&self.code),
            Slot::StatusText => Some(&self.text),
            Slot::StatusDetails => Some(&self.details),
            _ => None,
        }
    }

    fn field_mut(&mut self, slot: Slot) -> Option<&mut dyn Field> {
        match slot {
            Slot::StatusCode => Some(&mut self.code),
            Slot::StatusText => Some(&mut self.text),
            Slot::StatusDetails => Some(&mut self.details),
            _ => None,
        }
    }
}

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
        #[non_exhaustive]
        pub enum $name { $($(#[$vmeta])* $variant,)* }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in the canonical JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What a status means for the sender.
    Outcome {
        /// Done.
        Success = "success",
        /// Done in part.
        PartialSuccess = "partial_success",
        /// Not done; the same request may succeed later.
        Retry = "retry",
        /// Not done, because too much was sent; wait, then send again.
        Throttled = "throttled",
        /// Not done, because of the account; nothing will succeed until that is mended.
        AccountFault = "account_fault",
        /// Not done, and the same request never will be.
        Rejected = "rejected",
    }
}

impl Reason {
    /// What would have to change for the request to be done.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::ClientError => "something in the request, which the carrier does not name",
            Self::OperationRestricted | Self::ServiceDenied => "the rights of the account",
            Self::AddressInvalid => "the form of an address",
            Self::AddressUnknown => "the recipient: nobody has this address",
            Self::ContentRefused => "the kind or the size of the content",
            Self::ContentTooLarge => "the size of the content",
            Self::ContentInvalid => "the content",
            Self::MessageUnknown => "the message id",
            Self::LinkedIdUnknown => "the linked id",
            Self::FormatInvalid => "the format: compare it with what the dialect writes",
            Self::ServerError | Self::ServiceError | Self::ServiceUnavailable | Self::NetworkError => {
                "the carrier's service"
            }
            Self::NotPossible => "nothing: the message is over",
            Self::MessageRejected => "the message: the carrier will not take it",
            Self::TooManyRecipients => "the number of recipients: one a message",
            Self::IdentificationInvalid => "the account's ids, or the address that it sends from",
            Self::VersionUnsupported => "the MM7 version",
            Self::OperationUnsupported => "the operation",
            Self::ValidationFailed => "a mandatory field, or the XML",
            Self::Overload => "the load on the carrier",
            Self::TrafficExceeded => "how much is sent in a second",
            Self::OriginCodeInvalid => "the originating operator's code",
            Self::RecipientRefused => "the recipient's will",
            Self::PasswordInvalid | Self::PasswordExpired => "the account's password",
            Self::HandsetUnsupported => "the handset: send a text message instead",
            Self::HandsetFull => "the room on the handset",
            Self::HandsetUnavailable => "the handset's state",
            Self::RecipientBarred => "the recipient's subscription",
            Self::Duplicate => "the transaction id, or the recipient: it was there before",
            Self::Spam => "the content, the file names or the callback number: taken for spam",
            Self::NumberPorted => "the carrier: the number has moved",
            Self::Expired => "the expiry: it came before the subscriber did",
            Self::Forwarded => "nothing: the message was sent on",
            Self::Unknown => "nobody knows: the carrier's table does not have the code",
        }
    }
}

words! {
    /// Why a request was not done.
    Reason {
        /// The client made an error that is not named.
        ClientError = "client_error",
        /// The operation is not allowed to this client.
        OperationRestricted = "operation_restricted",
        /// An address is malformed.
        AddressInvalid = "address_invalid",
        /// Nobody has this address.
        AddressUnknown = "address_unknown",
        /// The content is of a kind or size that is not taken.
        ContentRefused = "content_refused",
        /// The content is larger than is taken.
        ContentTooLarge = "content_too_large",
        /// The content is invalid.
        ContentInvalid = "content_invalid",
        /// No message has this id.
        MessageUnknown = "message_unknown",
        /// No message has this linked id.
        LinkedIdUnknown = "linked_id_unknown",
        /// The request does not follow the interface document.
        FormatInvalid = "format_invalid",
        /// The server failed.
        ServerError = "server_error",
        /// The message is no longer valid, cancelled or processed.
        NotPossible = "not_possible",
        /// The server will not take the message.
        MessageRejected = "message_rejected",
        /// More recipients than are taken.
        TooManyRecipients = "too_many_recipients",
        /// The service failed.
        ServiceError = "service_error",
        /// The client is not who it says.
        IdentificationInvalid = "identification_invalid",
        /// The MM7 version is not spoken.
        VersionUnsupported = "version_unsupported",
        /// The operation is not known.
        OperationUnsupported = "operation_unsupported",
        /// Something mandatory is missing, or the XML cannot be parsed.
        ValidationFailed = "validation_failed",
        /// The service does not answer for now.
        ServiceUnavailable = "service_unavailable",
        /// The client has no permission.
        ServiceDenied = "service_denied",
        /// The server is overloaded.
        Overload = "overload",
        /// More was sent than the allotment.
        TrafficExceeded = "traffic_exceeded",
        /// The originating operator's code is malformed or unknown.
        OriginCodeInvalid = "origin_code_invalid",
        /// The recipient refuses messages, or this one.
        RecipientRefused = "recipient_refused",
        /// The account's password is wrong.
        PasswordInvalid = "password_invalid",
        /// The account's password has expired.
        PasswordExpired = "password_expired",
        /// The handset cannot take multimedia messages.
        HandsetUnsupported = "handset_unsupported",
        /// The handset has no room for the message.
        HandsetFull = "handset_full",
        /// The handset failed, or did not answer in time.
        HandsetUnavailable = "handset_unavailable",
        /// The recipient's subscription does not allow it: suspended, or not of age.
        RecipientBarred = "recipient_barred",
        /// The same message or recipient was there before.
        Duplicate = "duplicate",
        /// Taken for spam.
        Spam = "spam",
        /// The network behind the server failed.
        NetworkError = "network_error",
        /// The number has moved to another carrier.
        NumberPorted = "number_ported",
        /// The message expired before it was retrieved.
        Expired = "expired",
        /// The message was sent on; nothing is known of its further way.
        Forwarded = "forwarded",
        /// The carrier's table does not have this code.
        Unknown = "unknown",
    }
}
