//! Which place of the canonical message a stretch of the payload fills: asked of the decoder, never known here.
//!
//! Letters and digits of the stretch are changed, the file is decoded again, and what then differs in the message is what
//! the stretch says.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use bytes::Bytes;
use serde_json::Value;
use tongsa::{Codec, Entity, Limits};

use super::outline::{Document, Elements, Outline};
use super::picture::harmless;
use super::wire::{Charset, Holds};

/// What may be spent to find them, in bytes to decode; a stretch costs as many as [`STRETCH`]. What is left of a large file is
/// shown without.
const COST: usize = 1 << 26;

/// See [`COST`].
const STRETCH: usize = 256;

/// How much of a long stretch is changed: its end.
const CHANGED: usize = 256;

/// More places than a stretch fills.
const FEW: usize = 3;

/// A message by the paths of its values.
type Values = BTreeMap<String, Value>;

/// Something that may say something.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// Where it stands.
    pub range: Range<usize>,
    /// It is of a header: what it says, the message has in the same characters.
    is_literal: bool,
}

/// The stretches of a file that may say something, in order.
pub fn stretches(file: &[u8], outline: &Outline) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    for part in &outline.parts {
        for field in part.fields.iter().filter(|_| !part.delimiter.is_empty()) {
            found.push(Stretch { range: field.essence(file), is_literal: true });
            let says = |name: &[u8]| name.eq_ignore_ascii_case(b"filename") || name.eq_ignore_ascii_case(b"name");
            let parameters = field.parameters(file).into_iter().filter(|parameter| says(&file[parameter.name.clone()]));
            found.extend(parameters.map(|parameter| Stretch { range: parameter.value, is_literal: true }));
        }
        match Document::of(file, part) {
            Some(document) if document.is_verbatim && matches!(document.holds, Holds::Markup(_)) => {
                in_markup(&document, &mut found);
            }
            Some(_) => found.push(Stretch { range: part.content.clone(), is_literal: false }),
            None => {}
        }
    }
    found.retain(|stretch| !file[stretch.range.clone()].trim_ascii().is_empty());
    found.sort_by_key(|stretch| stretch.range.start);
    found
}

fn in_markup(document: &Document<'_>, found: &mut Vec<Stretch>) {
    let elements = Elements::of(&document.bytes, &BTreeSet::new());
    let in_file = |range: &Range<usize>| {
        let range = document.place(range.start)..document.place(range.end);
        Stretch { range, is_literal: false }
    };
    for element in &elements.list {
        for attribute in &element.attributes {
            let name = &document.bytes[attribute.name.clone()];
            if !name.starts_with(b"xmlns") {
                found.push(in_file(&attribute.value));
            }
        }
        found.extend(element.text.iter().map(in_file));
    }
}

/// What each stretch says: the places in the message that it fills, with their values as JSON. Those that were not asked for
/// are not in the list.
pub fn slots(file: &[u8], codec: &dyn Codec, stretches: &[Stretch]) -> Vec<Vec<String>> {
    let Some(message) = values(file, codec) else { return vec![Vec::new(); stretches.len()] };
    let count = COST / (file.len() + STRETCH * stretches.len()).max(1);
    let slots = |Stretch { range, is_literal }: &Stretch| {
        let mut changed = file.to_vec();
        let end = &mut changed[range.clone()];
        let start = end.len().saturating_sub(CHANGED);
        end[start..].iter_mut().for_each(|byte| *byte = other(*byte));
        let Some(other) = values(&changed, codec) else { return Vec::new() };
        named(&message, &other, &file[range.clone()], *is_literal)
    };
    stretches.iter().take(count).map(slots).collect()
}

/// Another letter or digit of the same kind, or another byte of the same rank in UTF-8 and CP949.
fn other(byte: u8) -> u8 {
    match byte {
        b'9' => b'0',
        b'Z' => b'A',
        b'z' => b'a',
        b'0'..=b'8' | b'A'..=b'Y' | b'a'..=b'y' => byte + 1,
        0x81..=0xBF => byte ^ 1,
        _ => byte,
    }
}

fn values(file: &[u8], codec: &dyn Codec) -> Option<Values> {
    let entity = Entity::parse_http(Bytes::copy_from_slice(file), &Limits::default()).ok()?.entity;
    let message = serde_json::to_value(codec.decode(&entity).ok()?.message).ok()?;
    let mut values = Values::new();
    gather(String::new(), message, &mut values);
    Some(values)
}

fn gather(path: String, value: Value, values: &mut Values) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                gather(if path.is_empty() { key } else { format!("{path}.{key}") }, value, values);
            }
        }
        Value::Array(list) => {
            list.into_iter().enumerate().for_each(|(index, value)| gather(format!("{path}[{index}]"), value, values));
        }
        value => _ = values.insert(path, value),
    }
}

/// The places that differ, with what they hold. Of several, those that hold what stands there: a part that is no longer found
/// by its id takes others with it.
fn named(message: &Values, other: &Values, bytes: &[u8], is_literal: bool) -> Vec<String> {
    let said = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let raw = said(&Charset::of(bytes, None).decode(bytes));
    let differing: Vec<_> = message.iter().filter(|(path, value)| other.get(*path) != Some(value)).collect();
    let holds = |(_, value): &&(&String, &Value)| {
        let text = said(&value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        !text.is_empty() && !raw.is_empty() && (raw.contains(&text) || text.contains(&raw))
    };
    let holding: Vec<_> = differing.iter().filter(holds).copied().collect();
    // What takes everything with it says none of it.
    let chosen = if holding.is_empty() && !is_literal && differing.len() <= FEW { differing } else { holding };
    // What the carrier means by its code.
    let is_status = chosen.iter().any(|(path, _)| matches!(&***path, "status.code" | "mm_status"));
    let meant = ["status.outcome", "status.reason"].map(|path| message.get_key_value(path));
    let meant = meant.into_iter().flatten().filter(|_| is_status);
    let all = chosen.into_iter().chain(meant);
    all.map(|(path, value)| harmless(shown(path, value))).collect()
}

fn shown(path: &str, value: &Value) -> String {
    match value {
        Value::String(data) if path.rsplit('.').next() == Some("data") => {
            format!("{path}: {} bytes", data.trim_end_matches('=').len() * 3 / 4)
        }
        value => format!("{path}: {value}"),
    }
}
