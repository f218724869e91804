//! From one carrier's entity to another's.

use alloc::string::String;
use alloc::vec::Vec;

use crate::carrier_id::Carrier;
use crate::codec::{Codec, DecodeError, EncodeError, Encoded};
use crate::deviation::Deviation;
use crate::entity::Entity;
use crate::loss::Loss;
use crate::model::{Code, FieldRef, Message, Number, Slot, Text, Value};
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
    fn get(&self, slot: Slot) -> Option<Value> {
        let text = match slot {
            Slot::VaspId => self.vasp_id.as_ref().map(Text::as_str),
            Slot::VasId => self.vas_id.as_ref().map(Text::as_str),
            Slot::CpId => self.cp_id.as_ref().map(Text::as_str),
            Slot::RelayId => self.relay_id.as_ref().map(Text::as_str),
            Slot::Billing => self.billing.as_ref().map(Number::as_str),
            _ => None,
        };
        text.map(|text| Value::Text(text.into()))
    }
}

/// How to translate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TranslateOptions {
    /// The account with the target carrier.
    pub account: Option<Account>,
}

/// An entity of the target, and everything that was tolerated, lost, put in or is going to be refused on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Translated {
    /// What to send.
    pub entity: Entity,
    /// The message as it was written: what of the source's has a meaning for the target, with the target's account.
    pub message: Message,
    /// What was tolerated when it was read.
    pub deviations: Vec<Deviation>,
    /// What did not come along. [`Message::apply`] with these, on the source's message, and then what was
    /// [supplied](Self::supplied), gives the message that the target's decoder will read.
    pub losses: Vec<Loss>,
    /// What the source did not have: fields of the account, and the code for a word in MMStatus.
    pub supplied: Vec<Supplied>,
    /// What the target will refuse.
    pub violations: Vec<Violation>,
}

/// A value that the source did not have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Supplied {
    /// Keys of the canonical JSON, joined by dots.
    pub path: String,
    /// The value.
    pub value: Value,
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

/// Reads an entity of one carrier and writes it for another: [`translate_message`] of what `from` decodes.
///
/// ```
/// use tongsa::{translate, Carrier, Config, DialectId, Message, SubmitReq, Subject, TranslateOptions};
/// let mut submit = SubmitReq::default();
/// submit.subject = Some(Subject::new("제목")?);
/// let entity = DialectId::STest.codec(Config::default()).encode(&submit.into())?.entity;
/// let (s, live) = (Carrier::S.codec(Config { tolerance: tongsa::Tolerance::Lenient, ..Config::default() }),
///                  DialectId::SLive.codec(Config::default()));
/// let translated = translate(&*s, &*live, &entity, &TranslateOptions::default())?;
/// assert!(translated.losses.is_empty());
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
    let mut decoded = from.decode(entity)?;
    let written = cross(from, to, &mut decoded.message, options)?;
    Ok(translated(decoded.message, decoded.deviations, written))
}

/// Writes a message of one carrier for another, with an account of everything that changed on the way.
///
/// Within one carrier everything stays that the target's dialect can say. To another carrier do not cross: the account,
/// the extensions, the vendor's header fields of parts, the Content-IDs and the presentation, which the target makes of
/// its own. A status code becomes the target's nearest (with the original in the loss), MMStatus a code where the target
/// has only codes, MM7Version the target's. Each of these is a [`Loss`]; nothing is invented but what
/// [`TranslateOptions::account`] supplies.
///
/// ```
/// use tongsa::{translate_message, Carrier, Config, Message, Status, SubmitRsp, TranslateOptions};
/// let mut answer = SubmitRsp::default();
/// answer.status = Status::new(4008, "Exceed Max Trans")?;
/// let (s, k) = (Carrier::S.codec(Config::default()), Carrier::K.codec(Config::default()));
/// let translated = translate_message(&*s, &*k, &answer.into(), &TranslateOptions::default())?;
/// assert_eq!(translated.message.status().unwrap().code.as_ref().unwrap().number(), Some(4202));
/// assert_eq!(translated.losses[0].to_string(), "status.code: narrowed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the target's configuration refuses characters it does not have.
pub fn translate_message(
    from: &dyn Codec,
    to: &dyn Codec,
    message: &Message,
    options: &TranslateOptions,
) -> Result<Translated, EncodeError> {
    let mut message = message.clone();
    let written = cross(from, to, &mut message, options)?;
    Ok(translated(message, Vec::new(), written))
}

fn translated(
    message: Message,
    deviations: Vec<Deviation>,
    (encoded, supplied): (Encoded, Vec<Supplied>),
) -> Translated {
    let Encoded { entity, losses, violations, .. } = encoded;
    Translated { entity, message, deviations, losses, supplied, violations }
}

/// Makes the target's message of a source's, and writes it: with all losses on the way, and what was supplied. The message
/// is large and stays where it is.
fn cross(
    from: &dyn Codec,
    to: &dyn Codec,
    message: &mut Message,
    options: &TranslateOptions,
) -> Result<(Encoded, Vec<Supplied>), EncodeError> {
    let mut crossing = Crossing { message, losses: Vec::new(), supplied: Vec::new() };
    let crosses = from.carrier() != to.carrier();
    if crosses {
        // As many as a submit of S mostly has.
        crossing.losses.reserve(16);
        crossing.leave_content_behind();
        crossing.leave_extensions_behind();
        crossing.change_version(to);
        crossing.change_status(from, to);
    }
    for slot in ACCOUNT {
        if !crossing.message.has(slot) {
            continue;
        }
        match options.account.as_ref().and_then(|account| account.get(slot)) {
            Some(value) => crossing.put(slot, value),
            None if crosses => crossing.drop(slot),
            None => {}
        }
    }
    let mut encoded = to.encode(crossing.message)?;
    crossing.settle(encoded.losses);
    encoded.losses = crossing.losses;
    Ok((encoded, crossing.supplied))
}

/// A message on its way, and its account so far.
struct Crossing<'m> {
    message: &'m mut Message,
    losses: Vec<Loss>,
    supplied: Vec<Supplied>,
}

impl Crossing<'_> {
    fn value(&self, slot: Slot) -> Option<Value> {
        self.message.get(slot).map(FieldRef::to_value)
    }

    fn drop(&mut self, slot: Slot) {
        if let Some(value) = self.message.take(slot) {
            self.losses.push(Loss::dropped(slot.path(), value));
        }
    }

    fn put(&mut self, slot: Slot, value: Value) {
        let before = self.value(slot);
        if before.as_ref() == Some(&value) {
            return;
        }
        match &value {
            Value::Text(text) => self.message.set_text(slot, text),
            other => self.message.set(slot, other.clone()),
        };
        match before {
            Some(before) => self.losses.push(Loss::narrowed(slot.path(), before, value)),
            None => self.supplied.push(Supplied { path: slot.path().into(), value }),
        }
    }

    /// What of the content has a meaning for its carrier alone.
    fn leave_content_behind(&mut self) {
        const OWN: [Slot; 11] = [
            Slot::ContentHref,
            Slot::ContentFields,
            Slot::Scene,
            Slot::SceneId,
            Slot::SceneName,
            Slot::SceneFields,
            Slot::TextId,
            Slot::TextName,
            Slot::Background,
            Slot::Runs,
            Slot::HtmlFrame,
        ];
        OWN.into_iter().for_each(|slot| self.drop(slot));
        let Some(content) = self.message.content_mut() else { return };
        for (index, media) in content.media.iter_mut().enumerate() {
            let text = |text: &str| Value::Text(text.into());
            if let Some(id) = media.content_id.take() {
                self.losses.push(Loss::dropped(alloc::format!("content.media[{index}].content_id"), text(id.as_str())));
            }
            for (name, value) in core::mem::take(&mut media.fields).iter() {
                let path = alloc::format!("content.media[{index}].fields.{name}");
                self.losses.push(Loss::dropped(path, text(value.as_str())));
            }
        }
    }

    fn leave_extensions_behind(&mut self) {
        for (index, extension) in core::mem::take(self.message.extensions_mut()).into_iter().enumerate() {
            self.losses.push(Loss::dropped(alloc::format!("extensions[{index}]"), Value::Extension(extension)));
        }
    }

    fn change_version(&mut self, to: &dyn Codec) {
        if self.message.get(Slot::Mm7Version).is_some() {
            self.put(Slot::Mm7Version, Value::Text(to.version().into()));
        }
    }

    /// Carriers use the same codes for other things, so a code goes through its meaning (spec section 8).
    fn change_status(&mut self, from: &dyn Codec, to: &dyn Codec) {
        let Some((outcome, reason)) = from.classify(self.message) else { return };
        let code = match self.message.get(Slot::StatusCode) {
            Some(FieldRef::Code(code)) => code.number(),
            _ => None,
        };
        let nearest = to.nearest_code(outcome, reason);
        let as_value = |code: u32| Code::from_wire(&alloc::format!("{code}")).map(Value::Code);
        if let (Some(_), Some(value)) = (code, as_value(nearest)) {
            self.put(Slot::StatusCode, value);
        }
        // L alone reads words in a report (spec sections 4.8, 5.7, 6.6).
        let word = matches!(&*self.message, Message::DeliveryReportReq(report) if report.mm_status.is_some());
        if word && to.carrier() != Carrier::L {
            self.drop(Slot::MmStatus);
            if let (None, Some(value)) = (self.message.get(Slot::StatusCode), as_value(nearest)) {
                self.put(Slot::StatusCode, value);
            }
        }
    }

    /// Joins what the target's wire cannot hold to what did not cross: of one path there is one loss.
    fn settle(&mut self, losses: Vec<Loss>) {
        for loss in losses {
            if let Some(at) = self.supplied.iter().position(|supplied| supplied.path == loss.path) {
                match &loss.after {
                    Some(after) => self.supplied[at].value = after.clone(),
                    None => {
                        self.supplied.remove(at);
                    }
                }
                self.losses.push(loss);
            } else if let Some(known) = self.losses.iter_mut().find(|known| known.path == loss.path) {
                known.kind = loss.kind;
                known.after = loss.after;
            } else {
                self.losses.push(loss);
            }
        }
    }
}
