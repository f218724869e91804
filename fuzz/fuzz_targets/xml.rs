//! Documents in each charset that dialects write. The laws are in `src/laws.rs`; what gave no flag is well-formed, and
//! `roxmltree` is the judge of that.
#![no_main]

use libfuzzer_sys::fuzz_target;
use roxmltree::{Document, Error};

fuzz_target!(|input: &[u8]| {
    let clean = tongsa::laws::xml(input);
    if let (true, Ok(text)) = (clean, std::str::from_utf8(input))
        && let Err(error) = Document::parse(text)
        && !is_meant(text, &error)
    {
        panic!("no flag, but {error}");
    }
});

/// Whether the difference is one that `src/xml/oracle.rs` lists and explains.
fn is_meant(text: &str, error: &Error) -> bool {
    // Characters of names, and those that nobody is shown: in comments, instructions, names of namespaces, behind the root.
    let unseen = |c: char| !matches!(c, '\t' | '\n' | '\r' | ' '..='~');
    text.contains(unseen)
        || text.match_indices(':').any(|(at, _)| is_odd_colon(text, at))
        || text.contains("<xml:")
        || matches!(
            error,
            Error::DuplicatedAttribute(..)
                | Error::InvalidXmlPrefixUri(_)
                | Error::UnexpectedXmlUri(_)
                | Error::UnexpectedXmlnsUri(_)
        )
}

/// Whether a colon stands in a tag and outside of quotes, and no name is before it or begins behind it.
fn is_odd_colon(text: &str, at: usize) -> bool {
    let (before, behind) = (&text[..at], &text[at + 1..]);
    let Some(tag) = before.rfind(['<', '>']).map(|tag| &before[tag..]).filter(|tag| tag.starts_with('<')) else {
        return false;
    };
    let quoted = tag.matches(['"', '\'']).count() % 2 == 1;
    let named = tag.ends_with(|c: char| c.is_ascii_alphanumeric() || "_-.".contains(c));
    !quoted && !(named && behind.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
}
