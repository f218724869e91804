//! What both services say to people: one event for each loss, violation and surprise, with `code`, `offset` and `path` as
//! fields.
//!
//! Never a value: a loss has the text or the number that was lost, and a log is no place for it. Paths are names of the
//! canonical JSON or of elements.

use tongsa::{DecodeError, DecodeErrorKind, Deviation, Location, Loss, Space, Violation};
use tracing::{info, warn};

/// Every deviation that the dialect does not prescribe.
pub fn surprises<'d>(deviations: impl IntoIterator<Item = &'d Deviation>) {
    for deviation in deviations.into_iter().filter(|deviation| !deviation.expected) {
        let Location { offset, path, space } = &deviation.at;
        let (code, path) = (deviation.kind.code(), path.as_str());
        if let Space::Header(header) = space {
            warn!(code, header, offset, path, "surprise");
        } else {
            warn!(code, offset, path, "surprise");
        }
    }
}

/// What the wire does not hold.
pub fn losses(losses: &[Loss]) {
    for loss in losses {
        info!(code = loss.kind.code(), path = loss.path.as_str(), "loss");
    }
}

/// What the carrier refuses.
pub fn violations(violations: &[Violation]) {
    for violation in violations {
        let (code, required_by) = (violation.kind.code(), violation.required_by.code());
        warn!(code, path = violation.path.as_str(), required_by, "violation");
    }
}

/// What could not be decoded.
pub fn refused(error: &DecodeError) {
    let Location { offset, path, .. } = error.at();
    let code = match error.kind() {
        DecodeErrorKind::Refused(kind) => kind.code(),
        _ => error.reason().as_str(),
    };
    let accepted_under = error.accepted_under().map_or("none", tongsa::Tolerance::code);
    warn!(code, offset, path = path.as_str(), accepted_under, "refused");
}
