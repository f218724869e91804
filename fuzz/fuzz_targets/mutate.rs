//! Mutations of messages in JSON: of the bytes of a JSON text few can be changed, so mostly it is what stands before it
//! or one text inside that changes.

use libfuzzer_sys::fuzzer_mutate;
use serde_json::Value;

/// Changes the bytes before the first `{`, one text behind it, or any byte.
pub fn mutate(data: &mut [u8], len: usize, max_len: usize, seed: u32) -> usize {
    let changed = if seed.is_multiple_of(4) { None } else { by_structure(&data[..len], seed / 4) };
    let Some(changed) = changed.filter(|changed| changed.len() <= max_len) else {
        return fuzzer_mutate(data, len, max_len);
    };
    data[..changed.len()].copy_from_slice(&changed);
    changed.len()
}

fn by_structure(input: &[u8], seed: u32) -> Option<Vec<u8>> {
    let (before, json) = input.split_at(input.iter().position(|&byte| byte == b'{')?);
    let (choice, seed) = (seed % 4, usize::try_from(seed / 4).ok()?);
    if choice == 0 {
        let mut before = before.to_vec();
        let len = before.len();
        before.resize(len + 2, 0);
        let len = fuzzer_mutate(&mut before, len, len + 2);
        return Some([&before[..len], json].concat());
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
    Some([before, &serde_json::to_vec(&value).ok()?].concat())
}

fn texts<'v>(value: &'v mut Value, found: &mut Vec<&'v mut String>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(values) => values.iter_mut().for_each(|value| texts(value, found)),
        Value::Object(values) => values.values_mut().for_each(|value| texts(value, found)),
        _ => {}
    }
}
