//! Why a payload could not be decoded or a message not be encoded.

use alloc::string::String;

use crate::deviation::DeviationKind;

/// What is wrong with a payload.
///
/// Apart from [`Refused`](Self::Refused), which a looser tolerance may accept, nothing here can be recovered from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The body holds nothing but white space.
    #[error("the body is empty")]
    BodyEmpty,
    /// Something is larger, deeper or more numerous than [`Limits`](crate::Limits) allows.
    #[error("more than {allowed} {what}")]
    LimitExceeded {
        /// What there is too much of, in the plural: `bytes of body`.
        what: &'static str,
        /// The limit.
        allowed: usize,
    },
    /// The body is neither XML nor MIME (X-10: a server's plain error text, say).
    #[error("neither XML nor MIME")]
    NotMm7,
    /// A multipart without a boundary parameter whose first line is no delimiter.
    #[error("a multipart without a boundary, and no delimiter line to take it from")]
    NoBoundary,
    /// A multipart without any part.
    #[error("no root part: the multipart holds no part")]
    NoRootPart,
    /// The root part holds no XML element.
    #[error("no XML element")]
    NoElement,
    /// A document type declaration, which SOAP 1.1 section 3 forbids.
    #[error("a document type declaration")]
    Doctype,
    /// A charset in which markup cannot be found by its bytes (UTF-16, ISO-2022-KR).
    #[error("charset {0} is not supported")]
    CharsetRefused(&'static str),
    /// No SOAP envelope, or none with a body.
    #[error("no SOAP Body element")]
    NoSoapBody,
    /// A SOAP body without an element.
    #[error("an empty SOAP body")]
    NoOperation,
    /// The element in the SOAP body is no MM7 operation of this carrier.
    #[error("unknown operation {0}")]
    UnknownOperation(String),
    /// A deviation that the tolerance in force does not accept.
    #[error("{kind}: {text}", kind = .0, text = .0.summary().trim_end_matches('.'))]
    Refused(DeviationKind),
}

/// A fatal finding as a syntax layer sees it: the byte counts within what that layer was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fatal {
    pub(crate) kind: DecodeErrorKind,
    pub(crate) offset: usize,
    /// The part it is in, where the layer knows.
    pub(crate) path: String,
}

impl Fatal {
    pub(crate) fn new(kind: DecodeErrorKind, offset: usize) -> Self {
        Self { kind, offset, path: String::new() }
    }

    pub(crate) fn within(mut self, path: String) -> Self {
        self.path = path;
        self
    }

    pub(crate) fn limit(what: &'static str, allowed: usize, offset: usize) -> Self {
        Self::new(DecodeErrorKind::LimitExceeded { what, allowed }, offset)
    }
}
