//! `docs/message.schema.json` against what serde reads and writes.
//!
//! A validator of JSON Schema from the registry takes longer to build than all of these tests, so the few keywords that
//! the schema has are checked here; one that this does not know is a panic, not a pass.
#![cfg(feature = "serde")]

mod harness;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use harness::messages;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;
use serde_json::{Map, Value, json};
use tongsa::{ChargedParty, Message, MessageClass, MmStatus, Priority};

/// Keywords that assert nothing.
const ANNOTATIONS: [&str; 6] = ["$schema", "$defs", "title", "description", "examples", "contentEncoding"];

/// Keywords that assert something of values of one type, and nothing of others.
const OF_ONE_TYPE: [&str; 9] = [
    "required",
    "properties",
    "additionalProperties",
    "minProperties",
    "maxProperties",
    "items",
    "minimum",
    "maximum",
    "minLength",
];

struct Schema(Value);

impl Schema {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/message.schema.json");
        Self(serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
    }

    /// What a reference means.
    fn at(&self, reference: &Value) -> &Value {
        let pointer = reference.as_str().and_then(|text| text.strip_prefix('#')).expect("a place in this file");
        self.0.pointer(pointer).unwrap_or_else(|| panic!("{reference} is not there"))
    }

    fn check(&self, message: &Value) -> Result<(), String> {
        self.value(&self.0, message, "")
    }

    fn is_valid(&self, message: &Value) -> bool {
        self.check(message).is_ok()
    }

    /// The keywords of one schema that assert something (JSON Schema 2020-12, Core 8 to 10, Validation 6).
    fn value(&self, schema: &Value, value: &Value, path: &str) -> Result<(), String> {
        for (keyword, rule) in schema.as_object().expect("a schema is an object") {
            let count = || rule.as_u64().expect("a count");
            let holds = match (&**keyword, value) {
                ("$ref", _) => {
                    self.value(self.at(rule), value, path)?;
                    true
                }
                ("oneOf", _) => {
                    let one_of = rule.as_array().expect("schemas");
                    let fits: Vec<_> = one_of.iter().map(|one| self.value(one, value, path)).collect();
                    // The one that comes furthest says most, if it is not of another operation.
                    let errors = fits.iter().filter_map(|fit| fit.as_ref().err());
                    let furthest = errors.max_by_key(|error| (!error.ends_with(": const"), error.len()));
                    if let (Some(error), false) = (furthest, fits.contains(&Ok(()))) {
                        return Err(error.clone());
                    }
                    fits.iter().filter(|fit| fit.is_ok()).count() == 1
                }
                ("type", _) => match rule {
                    Value::Array(types) => types.iter().any(|name| is_type(name, value)),
                    name => is_type(name, value),
                },
                ("const", _) => value == rule,
                ("enum", _) => rule.as_array().expect("values").contains(value),
                ("required", Value::Object(object)) => {
                    rule.as_array().expect("keys").iter().all(|key| object.contains_key(key.as_str().expect("a key")))
                }
                ("properties", Value::Object(object)) => {
                    for (key, schema) in rule.as_object().expect("schemas by key") {
                        if let Some(value) = object.get(key) {
                            self.value(schema, value, &format!("{path}.{key}"))?;
                        }
                    }
                    true
                }
                ("additionalProperties", Value::Object(object)) => {
                    let is_known =
                        |key: &str| schema.pointer("/properties").is_some_and(|known| known.get(key).is_some());
                    for (key, value) in object.iter().filter(|(key, _)| !is_known(key)) {
                        if *rule == false {
                            return Err(format!("{path}.{key}: unknown"));
                        }
                        self.value(rule, value, &format!("{path}.{key}"))?;
                    }
                    true
                }
                ("items", Value::Array(items)) => {
                    for (index, item) in items.iter().enumerate() {
                        self.value(rule, item, &format!("{path}[{index}]"))?;
                    }
                    true
                }
                ("minProperties", Value::Object(object)) => object.len() as u64 >= count(),
                ("maxProperties", Value::Object(object)) => object.len() as u64 <= count(),
                ("minimum", Value::Number(number)) => number.as_f64() >= rule.as_f64(),
                ("maximum", Value::Number(number)) => number.as_f64() <= rule.as_f64(),
                ("minLength", Value::String(text)) => text.chars().count() as u64 >= count(),
                (keyword, _) if ANNOTATIONS.contains(&keyword) || OF_ONE_TYPE.contains(&keyword) => true,
                (unknown, _) => panic!("a keyword that this test does not know: {unknown}"),
            };
            if !holds {
                return Err(format!("{path}: {keyword}"));
            }
        }
        Ok(())
    }
}

fn is_type(name: &Value, value: &Value) -> bool {
    match name.as_str().expect("the name of a type") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        unknown => panic!("a type that this test does not know: {unknown}"),
    }
}

fn read(message: &Value) -> Result<Message, serde_json::Error> {
    serde_json::from_value(message.clone())
}

#[test]
fn holds_for_every_vector_and_example() {
    let schema = Schema::read();
    let examples = ["l-submit.json", "s-submit.json"].map(|name| Path::new("examples/payloads").join(name));
    let vectors = harness::vectors().into_iter().map(|path| path.with_extension("json"));
    let mut count = 0;
    for path in vectors.chain(examples) {
        let mut value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let message =
            if value.get("operation").is_some() { Some(value) } else { value.get_mut("message").map(Value::take) };
        let Some(message) = message else { continue };
        assert_eq!(schema.check(&message), Ok(()), "{}", path.display());
        count += 1;
    }
    assert!(count > 200, "only {count} messages found");
}

/// What serde says that it expects in the place of `X-Unknown`.
fn expected_by_serde(message: &Value) -> BTreeSet<String> {
    let error = read(message).expect_err("nothing has this name").to_string();
    let mut names = error.split('`').skip(1).step_by(2);
    assert_eq!(names.next(), Some("X-Unknown"), "{error}");
    names.map(Into::into).collect()
}

/// A value for which this schema holds.
fn sample(schema: &Schema, of: &Value) -> Value {
    let first = |list: &Value| list.as_array().and_then(|list| list.first()).cloned();
    if let Some(reference) = of.get("$ref") {
        return sample(schema, schema.at(reference));
    }
    if let Some(word) = of.get("const").cloned().or(of.get("enum").and_then(first)) {
        return word;
    }
    let name = first(&of["type"]).unwrap_or_else(|| of["type"].clone());
    match name.as_str().expect("a type") {
        "object" => {
            let mut keys = of.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
            if of.get("minProperties").is_some() {
                keys.extend(of["properties"].as_object().and_then(|known| known.keys().next()).map(|key| json!(key)));
            }
            let keys = keys.iter().filter_map(Value::as_str);
            Value::Object(keys.map(|key| (key.into(), sample(schema, &of["properties"][key]))).collect())
        }
        "array" => json!([]),
        "boolean" => json!(true),
        "integer" => json!(7),
        // Of the form of all texts that have one: a media type, a path, base64.
        _ => json!("ab/c"),
    }
}

/// Walks the schema, with a function that puts a value in the place of a message that the schema is for: the names there
/// are those of serde, and both take and refuse the same.
fn is_what_serde_has(schema: &Schema, of: &Value, message: &dyn Fn(Value) -> Value, used: &mut BTreeSet<String>) {
    let agrees = |value: Value| agrees_with_serde(schema, &message(value)).unwrap();
    values().into_iter().for_each(agrees);
    let of = of.get("$ref").map_or(of, |reference| {
        used.insert(reference.as_str().unwrap().into());
        schema.at(reference)
    });
    if let Some(words) = of.get("enum") {
        let words = words.as_array().unwrap().iter().map(|word| word.as_str().unwrap().into()).collect();
        assert_eq!(expected_by_serde(&message(json!("X-Unknown"))), words);
    }
    if let Some(items) = of.get("items") {
        is_what_serde_has(schema, items, &|item| message(json!([item])), used);
    }
    if let Some(fields) = of.get("additionalProperties").filter(|fields| fields.is_object()) {
        is_what_serde_has(schema, fields, &|value| message(json!({ "X-Any": value })), used);
    }
    if let Some(properties) = of.get("properties").and_then(Value::as_object) {
        let keys: BTreeSet<_> = properties.keys().filter(|key| *key != "operation").cloned().collect();
        assert_eq!(expected_by_serde(&message(json!({ "X-Unknown": 1 }))), keys);
        let known = keys.iter().map(|key| (key.clone(), sample(schema, &properties[key])));
        let full = Value::Object(known.collect());
        for key in &keys {
            agrees(changed(&full, &format!("/{key}"), Change::Remove));
        }
        agrees(sample(schema, of));
        agrees(changed(&sample(schema, of), "", Change::Add(json!(1))));
        agrees(full);
        for (key, property) in properties {
            let value = |value: Value| message(Value::Object(Map::from_iter([(key.clone(), value)])));
            is_what_serde_has(schema, property, &value, used);
        }
    }
}

#[test]
fn is_what_serde_has_at_every_place() {
    let schema = Schema::read();
    let mut used = BTreeSet::new();
    let mut operations = BTreeSet::new();
    for one in schema.0["oneOf"].as_array().unwrap() {
        let operation = schema.at(&one["$ref"])["properties"]["operation"]["const"].as_str().unwrap();
        operations.insert(operation.to_string());
        let message = |mut fields: Value| {
            if let Value::Object(fields) = &mut fields {
                fields.shift_insert(0, "operation".into(), operation.into());
            }
            fields
        };
        agrees_with_serde(&schema, &json!({})).unwrap();
        is_what_serde_has(&schema, one, &message, &mut used);
    }
    assert_eq!(expected_by_serde(&json!({ "operation": "X-Unknown" })), operations);
    let defined = schema.0["$defs"].as_object().unwrap().keys().map(|name| format!("#/$defs/{name}")).collect();
    assert_eq!(used, defined);
}

#[test]
fn gives_the_standard_words_as_examples() {
    let schema = Schema::read();
    let all = |name: &str, is_standard: fn(&str) -> bool| {
        let words = schema.0["$defs"][name]["examples"].as_array().expect(name);
        assert!(words.iter().all(|word| is_standard(word.as_str().unwrap())), "{name}: {words:?}");
    };
    all("message_class", |word| MessageClass::new(word).unwrap().is_standard());
    all("priority", |word| Priority::new(word).unwrap().is_standard());
    all("charged_party", |word| ChargedParty::new(word).unwrap().is_standard());
    all("mm_status", |word| MmStatus::new(word).unwrap().is_standard());
}

#[test]
fn refuses_unknown_keys_wrong_types_and_unknown_operations() {
    let schema = Schema::read();
    let error = |message| schema.check(&message).err();
    let says = |text: &str| Some(text.to_string());
    assert_eq!(error(json!({ "operation": "submit_req", "priority": "Low" })), None);
    assert_eq!(error(json!({ "operation": "submit_req", "colour": 1 })), says(".colour: unknown"));
    assert_eq!(
        error(json!({ "operation": "submit_rsp", "sender": {} })),
        says(".sender: unknown"),
        "of another operation"
    );
    assert_eq!(error(json!({ "operation": "submit_req", "sender": { "vasp_id": 99 } })), says(".sender.vasp_id: type"));
    assert_eq!(error(json!({ "operation": "submit_reqs" })), says(".operation: const"));
    assert_eq!(error(json!({ "priority": "Low" })), says(": required"));
    for no_message in [json!(null), json!([]), json!("submit_req")] {
        assert!(!schema.is_valid(&no_message), "{no_message}");
    }
}

/// Every place of a value, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.into());
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| places(value, &format!("{at}/{key}"), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| places(value, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

/// Values of every type, some of which fit in any place.
fn values() -> Vec<Value> {
    let values = json!([null, true, 7, -1, 300, 1.5, 4_294_967_296_u64, "", "ab/c", [], {}, ["ab/c"], [7], [300], { "X-Unknown": 7 }]);
    values.as_array().cloned().unwrap_or_default()
}

#[derive(Clone, Debug)]
enum Change {
    /// Another value in its place.
    Replace(Value),
    /// Nothing in its place.
    Remove,
    /// In an object, one key more.
    Add(Value),
}

fn change() -> impl Strategy<Value = Change> {
    let value = || prop::sample::select(values());
    prop_oneof![
        4 => value().prop_map(Change::Replace),
        1 => Just(Change::Remove),
        2 => value().prop_map(Change::Add),
    ]
}

fn changed(message: &Value, place: &str, change: Change) -> Value {
    let mut message = message.clone();
    let there = message.pointer_mut(place).expect("one of its places");
    match change {
        Change::Replace(value) => *there = value,
        Change::Add(value) => {
            if let Value::Object(object) = there {
                object.insert("X-Unknown".into(), value);
            }
        }
        Change::Remove => {
            let (parent, key) = place.rsplit_once('/').unwrap_or_default();
            match message.pointer_mut(parent) {
                Some(Value::Object(object)) => drop(object.remove(key)),
                Some(Value::Array(items)) if !key.is_empty() => drop(items.remove(key.parse().expect("an index"))),
                _ => {}
            }
        }
    }
    message
}

/// What is valid is read; what is not is refused, or is not how that message is written.
fn agrees_with_serde(schema: &Schema, value: &Value) -> Result<(), TestCaseError> {
    match (schema.check(value), read(value)) {
        (Ok(()), Err(error)) => Err(TestCaseError::fail(format!("valid, and not read: {error}: {value}"))),
        (Err(error), Ok(message)) if serde_json::to_value(&message).unwrap() == *value => {
            Err(TestCaseError::fail(format!("read and written, and not valid: {error}: {value}")))
        }
        _ => Ok(()),
    }
}

proptest! {
    #[test]
    fn agrees_with_serde_on_messages_and_what_is_nearly_one(
        message in messages::message(),
        changes in prop::collection::vec((any::<Index>(), change()), 20),
    ) {
        let schema = Schema::read();
        let message = serde_json::to_value(&message).unwrap();
        prop_assert_eq!(schema.check(&message), Ok(()));
        let mut found = Vec::new();
        places(&message, "", &mut found);
        for (index, change) in changes {
            agrees_with_serde(&schema, &changed(&message, &found[index.index(found.len())], change))?;
        }
    }
}
