//! The fuzz targets over whole messages: each takes any bytes and holds the laws of the harness against them.
//!
//! The first bytes choose, so that a mutation of one byte tries the same payload otherwise; they are digits in the
//! seeds. A law that does not hold panics with the message and what was chosen. `cargo test` replays the saved
//! crashes through the same functions.

#![allow(dead_code, reason = "each user takes its part")]

use tongsa::{
    Account, Carrier, Codec, Config, DeviationKind, DialectId, Entity, Limits, Message, QuirkSet, Tolerance,
    TranslateOptions,
};

use crate::harness::{
    DIALECTS, Law, accounts_for_every_loss, codecs, lenient, obeys_limits, ranks_with_evidence, reports_every_quirk,
    show, survives, translates,
};

/// Whether an input was one of the target's at all.
pub type Taken = bool;

/// A target by its name in `fuzz/`.
pub type Target = fn(&[u8]) -> Taken;

/// The targets of this module.
pub const ALL: &[(&str, Target)] = &[("decode", decode), ("round_trip", round_trip), ("translate", translate)];

/// Payload bytes, by any codec: a form (see [`entity`]), a codec, a tolerance, a set of limits, and then the payload.
///
/// Codecs 0 to 4 are fixed to a dialect, 5 to 7 are the carriers' own, and 8 finds the carrier out.
pub fn decode(input: &[u8]) -> Taken {
    let Some((&[form, codec, tolerance, limits], payload)) = input.split_first_chunk() else { return false };
    let Some(entity) = entity(form, payload) else { return false };
    let tolerance = [Tolerance::Strict, Tolerance::Observed, Tolerance::Lenient][choice(tolerance, 3)];
    let small = small_limits(limits);
    let codec = choice(codec, DIALECTS.len() + Carrier::ALL.len() + 1);
    let made: Box<dyn Fn(Config) -> Box<dyn Codec>> = match (DIALECTS.get(codec), codec.checked_sub(DIALECTS.len())) {
        (Some(&dialect), _) => Box::new(codecs(dialect)),
        (None, Some(carrier @ 0..3)) => Box::new(move |config| Carrier::ALL[carrier].codec(config)),
        _ => {
            hold(ranks_with_evidence(&entity, tolerance), &"detection");
            let Ok(detection) = tongsa::detect(&entity, &Limits::default()) else { return true };
            let carrier = detection.best().carrier;
            Box::new(move |config| carrier.codec(config))
        }
    };
    hold(survives(&*made, &entity), &codec);
    hold(obeys_limits(&*made, &entity, tolerance, small), &(codec, small));
    true
}

/// A message: a dialect, the number of quirks (modulo 8), a byte for each, and then JSON as [`message`] takes it.
pub fn round_trip(input: &[u8]) -> Taken {
    let Some((&[dialect, count], rest)) = input.split_first_chunk() else { return false };
    let Some((places, json)) = rest.split_at_checked(choice(count, 8)) else { return false };
    let Some(message) = message(json) else { return false };
    let dialect = DIALECTS[choice(dialect, DIALECTS.len())];
    let all: Vec<DeviationKind> = QuirkSet::all().iter().collect();
    let quirks: QuirkSet = places.iter().map(|place| all[choice(*place, all.len())]).collect();
    let laws = accounts_for_every_loss(&codecs(dialect), &message)
        .and_then(|()| reports_every_quirk(&codecs(dialect), &message, quirks));
    hold(laws, &(dialect, quirks, show(&message)));
    true
}

/// Payload bytes of one dialect for another: two dialects, whether there is an account, a form (see [`entity`]; 3 is a
/// message as [`message`] takes it), and then the payload.
pub fn translate(input: &[u8]) -> Taken {
    let Some((&[from, to, account, form], payload)) = input.split_first_chunk() else { return false };
    let (from, to) = (DIALECTS[choice(from, DIALECTS.len())], DIALECTS[choice(to, DIALECTS.len())]);
    let mut options = TranslateOptions::default();
    options.account = (choice(account, 2) == 1).then(|| {
        let account = r#"{"vasp_id":"9","vas_id":"8","cp_id":"7","relay_id":"6","billing":"01000000009"}"#;
        serde_json::from_str::<Account>(account).expect("an account")
    });
    let read = if choice(form, 4) == 3 {
        message(payload)
    } else {
        let Some(entity) = entity(form, payload) else { return false };
        read_and_translated(from, to, &entity, &options)
    };
    let Some(message) = read else { return false };
    hold(translates(from, to, &message, &options), &(from, to, show(&message)));
    true
}

/// What the source reads. `tongsa::translate` of the entity is the same as reading it and translating the message.
fn read_and_translated(from: DialectId, to: DialectId, entity: &Entity, options: &TranslateOptions) -> Option<Message> {
    let source = from.codec(lenient());
    let target = to.codec(Config::default());
    let read = source.decode(entity).ok();
    let whole = tongsa::translate(&*source, &*target, entity, options).ok();
    assert_eq!(read.is_some(), whole.is_some(), "{from} to {to}");
    let (read, whole) = (read?, whole?);
    let apart = tongsa::translate_message(&*source, &*target, &read.message, options).expect("it was translated");
    assert_eq!(whole.deviations, read.deviations, "{from} to {to}");
    assert_eq!((&whole.entity, &whole.losses), (&apart.entity, &apart.losses), "{from} to {to}");
    Some(read.message)
}

/// One of `count` by a byte, which is a digit in the seeds.
fn choice(byte: u8, count: usize) -> usize {
    usize::from(byte.wrapping_sub(b'0')) % count
}

fn hold(law: Law, chosen: &dyn std::fmt::Debug) {
    if let Err(broken) = law {
        panic!("{chosen:?}: {broken}");
    }
}

/// The payload as an entity: form 0 is a bare body, 1 an `.http` file, 2 a multipart whose boundary is `b`.
pub fn entity(form: u8, payload: &[u8]) -> Option<Entity> {
    let payload = payload.to_vec();
    match choice(form, 4) {
        0 => Some(Entity::new(payload)),
        1 => Entity::parse_http(payload.into(), &Limits::default()).ok().map(|file| file.entity),
        2 => Some(Entity::new(payload).with_header("Content-Type", "multipart/related; boundary=b")),
        _ => None,
    }
}

/// A message from canonical JSON, or from what the `decode` command prints.
pub fn message(json: &[u8]) -> Option<Message> {
    let mut value: serde_json::Value = serde_json::from_slice(json).ok()?;
    let message = value.get_mut("message").map(serde_json::Value::take);
    serde_json::from_value(message.unwrap_or(value)).ok()
}

/// Limits, of which each bit makes another one small; none for the digit 0.
fn small_limits(choice: u8) -> Limits {
    let mut limits = Limits::default();
    let bit = |bit: u8| choice.wrapping_sub(b'0') >> bit & 1 == 1;
    if bit(0) {
        limits.body = 700;
    }
    if bit(1) {
        limits.parts = 3;
    }
    if bit(2) {
        limits.mime_depth = 1;
    }
    if bit(3) {
        limits.xml_depth = 5;
    }
    if bit(4) {
        limits.fields = 3;
    }
    if bit(5) {
        (limits.field_len, limits.attributes) = (60, 1);
    }
    limits
}
