//! From one carrier's entity to another's.

use alloc::vec::Vec;

use crate::codec::{Codec, DecodeError, EncodeError};
use crate::deviation::Deviation;
use crate::entity::Entity;
use crate::loss::Loss;
use crate::model::{Message, Number, Sender, Slot, Text, Value};
use crate::violation::Violation;

/// The VASP's account with a target carrier. It does not cross from another carrier: the caller supplies it.
///
/// In JSON the keys are those of `sender`: `{"vasp_id": "…", "cp_id": "…", "billing": "…"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields, default))]
#[non_exhaustive]
pub struct Account {
    /// The VASP's id.
    pub vasp_id: Option<Text>,
    /// The service's id.
    pub vas_id: Option<Text>,
    /// The content provider's id.
    pub cp_id: Option<Text>,
    /// The relay operator's id.
    pub relay_id: Option<Text>,
    /// The number that is billed.
    pub billing: Option<Number>,
}

/// The slots of an account.
const ACCOUNT: [Slot; 5] = [Slot::VaspId, Slot::VasId, Slot::CpId, Slot::RelayId, Slot::Billing];

impl Account {
    fn apply(&self, sender: &mut Sender) {
        let Self { vasp_id, vas_id, cp_id, relay_id, billing } = self.clone();
        sender.vasp_id = vasp_id.or(sender.vasp_id.take());
        sender.vas_id = vas_id.or(sender.vas_id.take());
        sender.cp_id = cp_id.or(sender.cp_id.take());
        sender.relay_id = relay_id.or(sender.relay_id.take());
        sender.billing = billing.or(sender.billing.take());
    }
}

/// How to translate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TranslateOptions {
    /// The account with the target carrier.
    pub account: Option<Account>,
}

/// An entity of the target, and everything that was tolerated, lost or is going to be refused on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Translated {
    /// What to send.
    pub entity: Entity,
    /// The message as it was written: the source's, with the target's account.
    pub message: Message,
    /// What was tolerated when it was read.
    pub deviations: Vec<Deviation>,
    /// What did not come along.
    pub losses: Vec<Loss>,
    /// What the target will refuse.
    pub violations: Vec<Violation>,
}

/// Why an entity could not be translated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TranslateError {
    /// The source could not be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The target cannot say it.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// Reads an entity of one carrier and writes it for another.
///
/// Within one carrier, account and extensions stay; to another carrier they do not cross, and each of them is a loss.
///
/// ```
/// use tongsa::{translate, Codec, Config, L, Message, SubmitReq, Subject, TranslateOptions};
/// let codec = L::new(Config { tolerance: tongsa::Tolerance::Lenient, ..Config::default() });
/// let mut submit = SubmitReq::default();
/// submit.subject = Some(Subject::new("제목")?);
/// let entity = codec.encode(&submit.into())?.entity;
/// let translated = translate(&codec, &codec, &entity, &TranslateOptions::default())?;
/// assert!(translated.losses.is_empty());
/// assert_eq!(translated.entity, entity);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the source cannot be decoded, or the target's configuration refuses characters it does not have.
pub fn translate(
    from: &dyn Codec,
    to: &dyn Codec,
    entity: &Entity,
    options: &TranslateOptions,
) -> Result<Translated, TranslateError> {
    let decoded = from.decode(entity)?;
    let mut message = decoded.message;
    let mut losses = Vec::new();
    if from.carrier() != to.carrier() {
        leave_behind(&mut message, &mut losses);
    }
    if let (Some(account), Some(sender)) = (&options.account, sender_of(&mut message)) {
        account.apply(sender);
    }
    let encoded = to.encode(&message)?;
    losses.extend(encoded.losses);
    Ok(Translated {
        entity: encoded.entity,
        message,
        deviations: decoded.deviations,
        losses,
        violations: encoded.violations,
    })
}

/// Takes out of a message what belongs to its carrier.
fn leave_behind(message: &mut Message, losses: &mut Vec<Loss>) {
    for slot in ACCOUNT {
        if let Some(value) = message.get(slot).map(crate::model::FieldRef::to_value) {
            message.clear(slot);
            losses.push(Loss::dropped(slot.path(), value));
        }
    }
    for (index, extension) in core::mem::take(message.extensions_mut()).into_iter().enumerate() {
        losses.push(Loss::dropped(alloc::format!("extensions[{index}]"), Value::Extension(extension)));
    }
}

fn sender_of(message: &mut Message) -> Option<&mut Sender> {
    match message {
        Message::SubmitReq(message) => Some(&mut message.sender),
        Message::CancelReq(message) => Some(&mut message.sender),
        Message::ReplaceReq(message) => Some(&mut message.sender),
        _ => None,
    }
}
