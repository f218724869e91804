//! Documents in each charset that dialects write. The laws are in `src/laws.rs`; what gave no flag is well-formed, and
//! `roxmltree` is the judge of that.
#![no_main]

use libfuzzer_sys::fuzz_target;

/// What XML excludes. Characters are judged where they are asked for: in comments, names and behind the root they are not.
fn is_excluded(c: char) -> bool {
    matches!(c, '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}')
}

fuzz_target!(|input: &[u8]| {
    let clean = tongsa::laws::xml(input);
    if let (true, Ok(text)) = (clean, std::str::from_utf8(input))
        && !text.contains(is_excluded)
        && let Err(error) = roxmltree::Document::parse(text)
    {
        panic!("no flag, but {error}");
    }
});
