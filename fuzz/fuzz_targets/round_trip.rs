//! What is written is what is read, but for the losses and the quirks that the encoder tells of.
//!
//! The first byte is how many quirks to write (modulo 8); each of the next ones names a quirk by its place in the list.
//! What follows is a message: canonical JSON, or what the `decode` command prints.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target, fuzzer_mutate};
use serde_json::Value;
use tongsa::{DeviationKind, Message, QuirkSet};

#[path = "../../tests/harness/mod.rs"]
mod harness;

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((quirks, message)) = split(input).and_then(|(places, json)| Some((quirks(places), message(json)?))) else {
        return Corpus::Reject;
    };
    for &dialect in harness::DIALECTS {
        let codecs = harness::codecs(dialect);
        let law = harness::accounts_for_every_loss(&codecs, &message)
            .and_then(|()| harness::reports_every_quirk(&codecs, &message, quirks));
        if let Err(broken) = law {
            let message = serde_json::to_string(&message).unwrap_or_default();
            panic!("{dialect}: {broken}\nmessage {message}\nquirks {quirks:?}");
        }
    }
    Corpus::Keep
});

// Of the bytes of a JSON text few can be changed. Mostly it is the quirks or one text inside that change.
fuzz_mutator!(|data: &mut [u8], len: usize, max_len: usize, seed: u32| {
    let changed = if seed.is_multiple_of(4) { None } else { mutate(&data[..len], seed / 4) };
    let Some(changed) = changed.filter(|changed| changed.len() <= max_len) else {
        return fuzzer_mutate(data, len, max_len);
    };
    data[..changed.len()].copy_from_slice(&changed);
    changed.len()
});

fn split(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (count, rest) = input.split_first()?;
    rest.split_at_checked(usize::from(count % 8))
}

fn quirks(places: &[u8]) -> QuirkSet {
    let all: Vec<DeviationKind> = QuirkSet::all().iter().collect();
    places.iter().map(|place| all[usize::from(*place) % all.len()]).collect()
}

fn message(json: &[u8]) -> Option<Message> {
    let mut value: Value = serde_json::from_slice(json).ok()?;
    let message = value.get_mut("message").map(Value::take);
    serde_json::from_value(message.unwrap_or(value)).ok()
}

fn mutate(input: &[u8], seed: u32) -> Option<Vec<u8>> {
    let (places, json) = split(input)?;
    let (choice, seed) = (seed % 4, usize::try_from(seed / 4).ok()?);
    if choice == 0 {
        let mut places = places.to_vec();
        places.resize(7, 0);
        let len = fuzzer_mutate(&mut places, seed % 8, 7);
        let count = u8::try_from(len).ok()?;
        return Some([&[b'0' + count], &places[..len], json].concat());
    }
    let mut value: Value = serde_json::from_slice(json).ok()?;
    let mut found = Vec::new();
    texts(&mut value, &mut found);
    let text = found.swap_remove(seed.checked_rem(found.len())?);
    let mut bytes = text.as_bytes().to_vec();
    let len = bytes.len();
    bytes.resize(len + 32, 0);
    let len = fuzzer_mutate(&mut bytes, len, len + 32);
    *text = String::from_utf8_lossy(&bytes[..len]).into_owned();
    let json = serde_json::to_vec(&value).ok()?;
    Some([&[b'0' + u8::try_from(places.len()).ok()?], places, &json].concat())
}

fn texts<'v>(value: &'v mut Value, found: &mut Vec<&'v mut String>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(values) => values.iter_mut().for_each(|value| texts(value, found)),
        Value::Object(values) => values.values_mut().for_each(|value| texts(value, found)),
        _ => {}
    }
}
