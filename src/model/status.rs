//! What became of a request, and what to do about it.

use core::fmt;

use super::slot::{Absent, Field, Record, Slot};
use super::text::{Code, Text};

/// The status of an answer or report (TS 23.140 section 8.7.8): code and text as they stand on the wire, and what
/// they mean at this carrier.
///
/// `outcome` and `reason` are derived: a decoder fills them from the carrier's own table for the operation (spec
/// section 8), `encode` ignores them, and equality does not look at them.
#[derive(Clone, Debug, Default)]
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

impl Status {
    /// A status of this code and text.
    ///
    /// ```
    /// let status = tongsa::Status::new(1000, "Success")?;
    /// assert_eq!(status.code.unwrap().number(), Some(1000));
    /// # Ok::<(), tongsa::TextError>(())
    /// ```
    pub fn new(code: u32, text: impl AsRef<str>) -> Result<Self, super::TextError> {
        Ok(Self { code: Some(code.into()), text: Some(Text::new(text)?), ..Self::default() })
    }
}

impl Absent for Status {
    fn is_absent(&self) -> bool {
        *self == Self::default() && self.outcome.is_none()
    }
}

impl Record for Status {
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
