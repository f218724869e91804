//! What the wire could not carry, value by value, so that nothing is lost silently.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::model::slot::Field;
use crate::model::{ContentId, Extension, FieldName, MediaType, Message, Slot, Text, Value};

/// One value that the target cannot say as it stands.
///
/// The paths of one account are disjoint, and [`Message::apply`] with the whole account gives exactly the message
/// that a decoder of the target will read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// Keys of the canonical JSON, joined by dots: `content.media[1].name`.
    pub path: String,
    /// What happened to it.
    pub kind: LossKind,
    /// The value that was to be written.
    pub before: Value,
    /// The value that is read back; absent when nothing is.
    pub after: Option<Value>,
}

/// What happened to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LossKind {
    /// There is no place for it.
    Dropped,
    /// Only its beginning has room.
    Truncated {
        /// How much of it is left, in characters.
        kept: usize,
        /// How much there was, in characters.
        of: usize,
    },
    /// Characters that the target's charset does not have, each replaced by `?`.
    Unmappable {
        /// Each of them with its index in the text, counted in characters from 0.
        chars: Vec<UnmappableChar>,
    },
    /// The same thing said less exactly, or the nearest that the target has: another offset of the same instant, no fraction
    /// of a second, another order, the target's own status code, version or account.
    Narrowed,
}

/// A character that the target's charset does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct UnmappableChar {
    /// The character.
    pub char: char,
    /// Which character of the text it is, from 0.
    pub index: usize,
}

impl LossKind {
    /// The word in the canonical JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::Truncated { .. } => "truncated",
            Self::Unmappable { .. } => "unmappable",
            Self::Narrowed => "narrowed",
        }
    }
}

/// `content.media[1]: dropped`, without the value, which is a subscriber's.
impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.kind.code())?;
        match &self.kind {
            LossKind::Truncated { kept, of } => write!(f, ", {kept} of {of} characters kept"),
            LossKind::Unmappable { chars } => {
                for unmappable in chars {
                    write!(f, " U+{:04X} at {}", u32::from(unmappable.char), unmappable.index)?;
                }
                Ok(())
            }
            LossKind::Dropped | LossKind::Narrowed => Ok(()),
        }
    }
}

/// `{"path": …, "kind": "truncated", "kept": 3, "of": 5, "before": …, "after": …}`
#[cfg(feature = "serde")]
impl serde::Serialize for Loss {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("path", &self.path)?;
        map.serialize_entry("kind", self.kind.code())?;
        match &self.kind {
            LossKind::Truncated { kept, of } => {
                map.serialize_entry("kept", kept)?;
                map.serialize_entry("of", of)?;
            }
            LossKind::Unmappable { chars } => map.serialize_entry("chars", chars)?,
            LossKind::Dropped | LossKind::Narrowed => {}
        }
        map.serialize_entry("before", &self.before)?;
        if let Some(after) = &self.after {
            map.serialize_entry("after", after)?;
        }
        map.end()
    }
}

impl Loss {
    pub(crate) fn dropped(path: impl Into<String>, before: Value) -> Self {
        Self { path: path.into(), kind: LossKind::Dropped, before, after: None }
    }

    pub(crate) fn narrowed(path: impl Into<String>, before: Value, after: Value) -> Self {
        Self { path: path.into(), kind: LossKind::Narrowed, before, after: Some(after) }
    }
}

/// A loss whose path names nothing in the message it is applied to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message has no {0}")]
pub struct NoSuchPath(pub String);

impl Message {
    /// The message that is read back where these losses were reported: each value replaced by what is left of it.
    ///
    /// ```
    /// use tongsa::{Codec, Config, L, Message, SubmitReq, Text};
    /// let mut submit = SubmitReq::default();
    /// submit.service_type = Some(Text::new("MMSMT1")?);
    /// let message = Message::from(submit);
    /// let encoded = L::new(Config::default()).encode(&message)?;
    /// assert_eq!(encoded.losses[0].to_string(), "service_type: dropped");
    /// assert_eq!(message.apply(&encoded.losses)?, Message::from(SubmitReq::default()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When a path is none of this message's, or a value is not of its field's type: the account is another message's.
    pub fn apply(&self, losses: &[Loss]) -> Result<Self, NoSuchPath> {
        let mut message = self.clone();
        let mut media_gone = Vec::new();
        let mut extensions_gone = Vec::new();
        for loss in losses {
            let refused = || NoSuchPath(loss.path.clone());
            let done = if let Some(slot) = Slot::ALL.iter().copied().find(|slot| slot.path() == loss.path) {
                if let Some(value) = &loss.after {
                    message.set(slot, value.clone())
                } else {
                    message.clear(slot);
                    message.has(slot)
                }
            } else if loss.path == "extensions" {
                set_extensions(message.extensions_mut(), loss.after.as_ref())
            } else if let Some((index, rest)) = indexed(&loss.path, "extensions") {
                extensions_gone.push(index);
                rest.is_empty() && loss.after.is_none() && index < message.extensions().len()
            } else if let Some(name) = loss.path.strip_prefix("content.fields.") {
                message
                    .content_mut()
                    .is_some_and(|content| set_part_field(&mut content.fields, name, loss.after.as_ref()))
            } else if let Some(name) = loss.path.strip_prefix("content.presentation.scene_fields.") {
                message.content_mut().is_some_and(|content| {
                    set_part_field(&mut content.presentation.scene_fields, name, loss.after.as_ref())
                })
            } else if let Some((index, rest)) = indexed(&loss.path, "content.media") {
                if rest.is_empty() && loss.after.is_none() {
                    media_gone.push(index);
                    message.content().is_some_and(|content| index < content.media.len())
                } else {
                    set_media(&mut message, index, rest, loss.after.as_ref())
                }
            } else {
                false
            };
            if !done {
                return Err(refused());
            }
        }
        remove_all(message.extensions_mut(), extensions_gone);
        if let Some(content) = message.content_mut() {
            remove_all(&mut content.media, media_gone);
        }
        Ok(message)
    }
}

/// `name[3].rest` as (3, "rest").
fn indexed<'a>(path: &'a str, name: &str) -> Option<(usize, &'a str)> {
    let (digits, rest) = path.strip_prefix(name)?.strip_prefix('[')?.split_once(']')?;
    Some((digits.parse().ok()?, rest.strip_prefix('.').unwrap_or(rest)))
}

fn remove_all<T>(list: &mut Vec<T>, mut indices: Vec<usize>) {
    indices.sort_unstable();
    indices.dedup();
    for index in indices.into_iter().rev() {
        list.remove(index);
    }
}

fn set_extensions(extensions: &mut Vec<Extension>, after: Option<&Value>) -> bool {
    match after {
        Some(Value::Extensions(list)) => extensions.clone_from(list),
        None => extensions.clear(),
        Some(_) => return false,
    }
    true
}

fn set_part_field(fields: &mut crate::model::PartFields, name: &str, after: Option<&Value>) -> bool {
    match after {
        None => fields.remove(name).is_some(),
        Some(Value::Text(text)) => match (FieldName::new(name), Text::new(text)) {
            (Ok(name), Ok(value)) => {
                fields.insert(name, value);
                true
            }
            _ => false,
        },
        Some(_) => false,
    }
}

fn set_media(message: &mut Message, index: usize, rest: &str, after: Option<&Value>) -> bool {
    let Some(media) = message.content_mut().and_then(|content| content.media.get_mut(index)) else {
        return false;
    };
    let text = match after {
        None => None,
        Some(Value::Text(text)) => Some(text),
        Some(_) => return false,
    };
    match (rest, text) {
        ("name", None) => Field::clear(&mut media.name),
        ("name", Some(text)) => return Field::set(&mut media.name, Value::Text(text.clone())),
        ("content_id", None) => media.content_id = None,
        ("content_id", Some(text)) => {
            media.content_id = ContentId::from_wire(text);
            return media.content_id.is_some();
        }
        ("media_type", Some(text)) => match MediaType::new(text) {
            Ok(media_type) => media.media_type = media_type,
            Err(_) => return false,
        },
        _ => {
            return rest.strip_prefix("fields.").is_some_and(|name| set_part_field(&mut media.fields, name, after));
        }
    }
    true
}
