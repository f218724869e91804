//! Any bytes give a value or an error, and what was read can be written and read again.
//!
//! The first byte says what the rest is: `0` a bare body, `1` a `.http` file, `2` a multipart whose boundary is `b`.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use tongsa::{Entity, Limits};

#[path = "../../tests/harness/mod.rs"]
mod harness;

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some(entity) = entity(input) else { return Corpus::Reject };
    for &dialect in harness::DIALECTS {
        if let Err(broken) = harness::survives(&harness::codecs(dialect), &entity) {
            panic!("{dialect}: {broken}");
        }
    }
    Corpus::Keep
});

fn entity(input: &[u8]) -> Option<Entity> {
    let (form, rest) = input.split_first()?;
    let rest = rest.to_vec();
    match form % 3 {
        0 => Some(Entity::new(rest)),
        1 => Entity::parse_http(rest.into(), &Limits::default()).ok().map(|file| file.entity),
        _ => Some(Entity::new(rest).with_header("Content-Type", "multipart/related; boundary=b")),
    }
}
