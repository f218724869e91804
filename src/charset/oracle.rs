//! CP949 and EUC-KR against CPython's codecs `cp949` and `euc_kr`: every two bytes, every character.
//!
//! `tests/oracles/cp949.py` writes the table that is read here, and checks what the table does not say.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use std::collections::BTreeMap;

use super::{Charset, Repertoire, can_encode, choose, decode, encode};
use crate::deviation::{DeviationKind, Flags};

/// What is meant to differ from CPython: the name, how often, and why.
const DIFFERENCES: [(&str, usize, &str); 7] = [
    ("decode: control character", 6_583, "no message holds it: U+FFFD, and a flag (XML 1.0 section 2.2)"),
    ("decode: mark of damage", 1, "U+2592 is what a relay writes for what it could not read: a flag (S-43)"),
    ("euc_kr decode: Hangul filler", 1, "A4D4 is in KS X 1001; CPython keeps it to begin a syllable of eight bytes"),
    ("euc_kr decode: extension", 8_822, "EUC-KR is read as CP949, its superset, with a flag (X-08)"),
    ("cp949 encode: mark of damage", 1, "U+2592 would be read as damage (S-43)"),
    ("euc_kr encode: mark of damage", 1, "U+2592 would be read as damage (S-43)"),
    ("euc_kr encode: syllable of eight bytes", 8_822, "no carrier composes them; they become references (X-08)"),
];

/// Which of CPython's codecs have a pair.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Codecs {
    /// `euc_kr` and `cp949`.
    Both,
    /// `cp949` alone.
    Cp949,
}

type Table = BTreeMap<[u8; 2], (char, Codecs)>;

fn table() -> Table {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/cp949.txt");
    let text = std::fs::read_to_string(path).expect("the table stands beside the sources");
    let mut table = Table::new();
    for line in text.lines() {
        let (pair, rest) = line.split_at(4);
        let [lead, trail] = u16::from_str_radix(pair, 16).expect("a pair").to_be_bytes();
        let (codecs, run) = match rest.split_at(3) {
            (" k ", run) => (Codecs::Both, run),
            (" x ", run) => (Codecs::Cp949, run),
            _ => panic!("{line}"),
        };
        for (trail, c) in (trail..=0xFE).zip(run.chars()) {
            assert!(table.insert([lead, trail], (c, codecs)).is_none(), "{lead:X}{trail:X} stands twice");
        }
    }
    table
}

/// Counts the differences, and fails where they are not those of the list.
#[derive(Default)]
struct Counts(BTreeMap<&'static str, usize>);

impl Counts {
    fn add(&mut self, name: &'static str) {
        *self.0.entry(name).or_default() += 1;
    }

    #[track_caller]
    fn assert_are_those_with(&self, part: &str) {
        let listed = DIFFERENCES.iter().filter(|(name, ..)| name.contains(part)).map(|&(name, count, _)| (name, count));
        assert_eq!(self.0.clone(), listed.collect::<BTreeMap<_, _>>());
    }
}

/// The text of the bytes, and the kinds flagged.
fn read(bytes: &[u8], charset: Charset) -> (String, Vec<DeviationKind>) {
    let mut flags = Flags::default();
    let text = decode(bytes, charset, 0, &mut flags).into_owned();
    (text, flags.iter().map(|flag| flag.kind).collect())
}

/// What CPython reads in two bytes under `cp949`.
fn expected(table: &Table, pair: [u8; 2]) -> Option<String> {
    match table.get(&pair) {
        Some((c, _)) => Some(c.to_string()),
        None => pair.is_ascii().then(|| pair.map(char::from).iter().collect()),
    }
}

#[test]
fn reads_every_two_bytes_as_cpython_does() {
    let table = table();
    assert_eq!(table.len(), 17_048);
    let mut counts = Counts::default();
    for lead in 0..=0xFF {
        for trail in 0..=0xFF {
            let pair = [lead, trail];
            let (text, kinds) = read(&pair, Charset::Cp949);
            assert_eq!(read(&pair, Charset::EucKr), (text.clone(), kinds.clone()), "{pair:X?}");
            let Some(wanted) = expected(&table, pair) else {
                assert!(text.contains('\u{FFFD}'), "{pair:X?}");
                assert!(kinds.contains(&DeviationKind::CharsetUndecodable), "{pair:X?}");
                continue;
            };
            match kinds[..] {
                [] => assert_eq!(text, wanted, "{pair:X?}"),
                [DeviationKind::ControlCharacter] => {
                    let control = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r');
                    let replaced: String = wanted.chars().map(|c| if control(c) { '\u{FFFD}' } else { c }).collect();
                    assert_eq!(text, replaced, "{pair:X?}");
                    counts.add("decode: control character");
                }
                [DeviationKind::CharsetDamaged] => {
                    assert_eq!((&*text, &*wanted), ("▒", "▒"));
                    counts.add("decode: mark of damage");
                }
                _ => panic!("{pair:X?} {kinds:?}"),
            }
        }
    }
    for &(name, count, _) in DIFFERENCES.iter().filter(|(name, ..)| name.starts_with("decode")) {
        assert_eq!(counts.0.get(name), Some(&count), "{name}");
    }
}

#[test]
fn tells_ks_x_1001_from_its_extension_as_cpython_does() {
    let mut counts = Counts::default();
    for (pair, (c, codecs)) in table() {
        let mut flags = Flags::default();
        assert_eq!(choose(&pair, Some(Charset::EucKr), 0, &mut flags), Charset::EucKr);
        let kinds: Vec<_> = flags.iter().map(|flag| flag.kind).collect();
        match (codecs, &kinds[..]) {
            (Codecs::Both, []) => {}
            (Codecs::Cp949, [DeviationKind::Cp949Extension]) => counts.add("euc_kr decode: extension"),
            (Codecs::Cp949, []) if c == '\u{3164}' => counts.add("euc_kr decode: Hangul filler"),
            _ => panic!("{pair:X?} {kinds:?}"),
        }
    }
    counts.assert_are_those_with("euc_kr decode");
}

#[test]
fn writes_every_character_as_cpython_does() {
    let pairs: BTreeMap<char, ([u8; 2], Codecs)> =
        table().into_iter().map(|(pair, (c, codecs))| (c, (pair, codecs))).collect();
    let mut counts = Counts::default();
    for c in '\0'..=char::MAX {
        let found = pairs.get(&c);
        for repertoire in [Repertoire::Cp949, Repertoire::KsX1001] {
            let mut written = Vec::new();
            let mut lacking = false;
            let text = c.to_string();
            let text = &*text;
            encode(text, repertoire, &mut written, |_, _, _| lacking = true);
            assert_eq!(can_encode(c, repertoire), !lacking, "{c:?}");
            let wanted = match found {
                None if c.is_ascii() => Some(text.as_bytes()),
                None => None,
                Some((pair, _)) => Some(&pair[..]),
            };
            match (wanted, found, repertoire) {
                (Some(wanted), _, _) if !lacking => assert_eq!(written, wanted, "{c:?}"),
                (None, _, _) => assert!(lacking, "{c:?} {repertoire:?}"),
                (_, _, Repertoire::Cp949) if c == '▒' => counts.add("cp949 encode: mark of damage"),
                (_, _, Repertoire::KsX1001) if c == '▒' => counts.add("euc_kr encode: mark of damage"),
                (_, Some((_, Codecs::Cp949)), Repertoire::KsX1001) => {
                    counts.add("euc_kr encode: syllable of eight bytes");
                }
                _ => panic!("{c:?} {repertoire:?}"),
            }
            // The filler is in both, whatever CPython's decoder says; nothing else of the extension is in KS X 1001.
            if let Some((_, Codecs::Cp949)) = found
                && repertoire == Repertoire::KsX1001
            {
                assert_eq!(lacking, c != '\u{3164}', "{c:?}");
            }
        }
    }
    counts.assert_are_those_with(" encode");
}

#[test]
fn reads_a_syllable_of_eight_bytes_letter_by_letter() {
    // CPython's `euc_kr` reads one syllable here (KS X 1001 annex 3), its `cp949` these four letters.
    let (text, kinds) = read(b"\xA4\xD4\xA4\xA8\xA4\xC7\xA4\xB1", Charset::EucKr);
    assert_eq!((&*text, &*kinds), ("\u{3164}ㄸㅗㅁ", &[][..]));
}
