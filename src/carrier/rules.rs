//! What every carrier refuses alike (spec section 3.6).

use alloc::string::String;
use alloc::vec::Vec;

use crate::content::{self, Id, PartId};
use crate::deviation::DeviationKind;
use crate::mm7::{self, Dialect};
use crate::model::{Content, Message};
use crate::violation::{Violation, ViolationKind};

const IMAGES_MAX: usize = 3;
const IMAGE_BYTES_MAX: usize = 102_400;
const RECIPIENTS_MAX: usize = 1;

/// One recipient, an origin code of nine digits, three media of 102,400 bytes and of these types at most, and no
/// Content-ID twice where the dialect does not do so itself.
pub(super) fn check(
    dialect: &Dialect,
    media_types: &[&str],
    expected: &'static str,
    message: &Message,
    out: &mut Vec<Violation>,
) {
    let mut refuse = |path: String, kind| out.push(mm7::violation(path, kind, dialect.id));
    if let Message::SubmitReq(submit) = message {
        let found = submit.recipients.count();
        if found > RECIPIENTS_MAX {
            refuse("recipients".into(), ViolationKind::TooMany { found, allowed: RECIPIENTS_MAX });
        }
        if let Some(code) = &submit.sender.origin_code
            && !is_digits(code.as_str(), 9)
        {
            refuse("sender.origin_code".into(), ViolationKind::BadFormat { expected: "nine digits" });
        }
    }
    let Some(content) = message.content() else { return };
    let found = content.media.len();
    if found > IMAGES_MAX {
        refuse("content.media".into(), ViolationKind::TooMany { found, allowed: IMAGES_MAX });
    }
    for (index, media) in content.media.iter().enumerate() {
        if !media_types.contains(&media.media_type.essence()) {
            let path = alloc::format!("content.media[{index}].media_type");
            refuse(path, ViolationKind::BadFormat { expected });
        }
        let found = media.data.len();
        if found > IMAGE_BYTES_MAX {
            let path = alloc::format!("content.media[{index}].data");
            refuse(path, ViolationKind::TooLarge { found, allowed: IMAGE_BYTES_MAX });
        }
    }
    for path in taken_ids(dialect, content) {
        refuse(path, ViolationKind::BadFormat { expected: "an id that no other part has" });
    }
}

/// Where a Content-ID stands that a part before it has (RFC 2045 section 7), as a field of the message.
fn taken_ids(dialect: &Dialect, content: &Content) -> Vec<String> {
    // Those that a dialect gives of itself are all different.
    if !content::has_given_id(content) {
        return Vec::new();
    }
    let root = Id::Given(dialect.root_id.1.trim_matches(['<', '>']).into());
    let ids = content::part_ids(dialect.content, content, dialect.repertoire);
    let is_taken = |(nth, part): &(usize, PartId<'_>)| {
        let taken = root.is(&part.id) || ids.clone().take(*nth).any(|before| before.id.is(&part.id));
        taken && !dialect.prescribes(DeviationKind::ContentIdDuplicate, part.site)
    };
    ids.clone().enumerate().filter(is_taken).map(|(_, part)| part.place.path()).collect()
}

/// Whether the text is so many digits.
pub(super) fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|b| b.is_ascii_digit())
}
