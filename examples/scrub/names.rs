//! Invented words for original ones: of the same length and class character by character, the same for the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use encoding_rs::EUC_KR;

/// How often another word is drawn where one will not do.
const DRAWS: u32 = 256;

/// The words of one file, and what stands for each of them.
///
/// They are gathered in a first walk, so that in the second no original is invented for another.
#[derive(Debug)]
pub struct Names {
    key: [u8; 32],
    /// Another round draws other words.
    round: u32,
    gathering: bool,
    originals: BTreeSet<Vec<char>>,
    given: BTreeMap<Vec<char>, Vec<char>>,
    taken: BTreeSet<Vec<char>>,
}

impl Names {
    /// No words yet; the first walk gathers them. The key may be any text.
    pub fn new(key: &str, round: u32) -> Self {
        Self {
            key: blake3::derive_key("tongsa scrub 1", key.as_bytes()),
            round,
            gathering: true,
            originals: BTreeSet::new(),
            given: BTreeMap::new(),
            taken: BTreeSet::new(),
        }
    }

    /// All words are known: from now on they are replaced.
    pub fn start(&mut self) {
        self.gathering = false;
    }

    /// The words that were gathered.
    pub fn originals(&self) -> &BTreeSet<Vec<char>> {
        &self.originals
    }

    /// Whether two texts of the decoder's say the same, but for words that stand for others: a path can hold what was no
    /// name in the file.
    pub fn are_same(&self, old: &str, new: &str) -> bool {
        let words = |text: &str| -> Vec<Vec<char>> {
            let chars: Vec<char> = text.chars().collect();
            chars.chunk_by(|a, b| is_said(*a) == is_said(*b)).map(<[char]>::to_vec).collect()
        };
        let (old, new) = (words(old), words(new));
        let is_same = |(old, new): (&Vec<char>, &Vec<char>)| old == new || self.given.get(old) == Some(new);
        old.len() == new.len() && old.iter().zip(&new).all(is_same)
    }

    /// What stands for a word; while words are gathered, the word.
    pub fn replace(&mut self, word: &[char]) -> Vec<char> {
        if self.gathering {
            self.originals.insert(word.to_vec());
            return word.to_vec();
        }
        if let Some(known) = self.given.get(word) {
            return known.clone();
        }
        let fits =
            |drawn: &Vec<char>| drawn != word && !self.taken.contains(drawn) && (is_mobile(word) || !is_mobile(drawn));
        let draws = || (0..DRAWS).map(|draw| self.draw(word, draw));
        // Of short words there may be no other left.
        let distinct =
            draws().find(|drawn| fits(drawn) && !self.originals.contains(drawn)).or_else(|| draws().find(fits));
        let chosen = distinct.unwrap_or_else(|| self.draw(word, 0));
        self.taken.insert(chosen.clone());
        self.given.insert(word.to_vec(), chosen.clone());
        chosen
    }

    fn draw(&self, word: &[char], draw: u32) -> Vec<char> {
        let text: String = word.iter().collect();
        let mut stream = self.stream("word", &[&draw.to_le_bytes(), text.as_bytes()]);
        let kept = if is_mobile(word) { MOBILE.len() } else { 0 };
        let mut drawn: Vec<char> = MOBILE.chars().take(kept).collect();
        for &c in &word[kept..] {
            let pool = pool(c);
            drawn.push(pool[number(&mut stream, pool.len())]);
        }
        drawn
    }

    /// One character for another where a word's will not fit: of those for which `fits` holds.
    pub fn replace_char(&self, c: char, fits: impl Fn(char) -> bool) -> char {
        let pool: Vec<char> = pool(c).iter().copied().filter(|&other| other != c && fits(other)).collect();
        let mut stream = self.stream("char", &[&u32::from(c).to_le_bytes()]);
        if pool.is_empty() || self.gathering { c } else { pool[number(&mut stream, pool.len())] }
    }

    /// Replaces media: letters and digits by such, controls by controls, 8-bit bytes by such. What lines and delimiters are
    /// made of stays and does not come in. While words are gathered, nothing happens.
    pub fn replace_media(&self, bytes: &mut [u8]) {
        const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        if self.gathering {
            return;
        }
        let mut stream = self.stream("media", &[bytes]);
        for byte in bytes {
            let drawn = number(&mut stream, usize::MAX);
            let low = drawn.to_le_bytes()[0];
            *byte = match *byte {
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => ALPHANUMERIC[drawn % ALPHANUMERIC.len()],
                0..=8 | 14..=31 => 14 + low % 18,
                128.. => low | 128,
                kept => kept,
            };
        }
    }

    /// Numbers that depend on the key, the round, and what they are for.
    fn stream(&self, purpose: &str, inputs: &[&[u8]]) -> blake3::OutputReader {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(purpose.as_bytes()).update(&self.round.to_le_bytes());
        inputs.iter().for_each(|input| {
            hasher.update(input);
        });
        hasher.finalize_xof()
    }
}

/// A number below `count`, which is not 0.
fn number(stream: &mut blake3::OutputReader, count: usize) -> usize {
    let mut bytes = [0; 8];
    stream.fill(&mut bytes);
    usize::try_from(u64::from_le_bytes(bytes) % count as u64).expect("less than a usize")
}

/// How every invented mobile number begins; four digits follow.
const MOBILE: &str = "0100000";

/// A mobile number of eleven digits.
pub fn is_mobile(word: &[char]) -> bool {
    word.len() == 11 && word.starts_with(&['0', '1', '0']) && word.iter().all(char::is_ascii_digit)
}

/// What a character has in common with those that may stand for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Class {
    utf8_len: usize,
    /// Bytes in CP949, and whether KS X 1001 has it; none where CP949 lacks it.
    euc_kr: Option<bool>,
    is_numeric: bool,
    is_lower: bool,
    is_upper: bool,
    block: (u32, u32),
}

impl Class {
    fn of(c: char) -> Self {
        let block = match u32::from(c) {
            0..=0x7F => (0, 0x7F),
            0xAC00..=0xD7A3 => (0xAC00, 0xD7A3),
            0x4E00..=0x9FFF => (0x4E00, 0x9FFF),
            other => (other & !0x3F, other | 0x3F),
        };
        let mut utf8 = [0; 4];
        let (euc_kr, _, unmappable) = EUC_KR.encode(c.encode_utf8(&mut utf8));
        Self {
            utf8_len: c.len_utf8(),
            euc_kr: (!unmappable).then(|| euc_kr.iter().all(|&byte| byte >= 0xA1)),
            is_numeric: c.is_numeric(),
            is_lower: c.is_lowercase(),
            is_upper: c.is_uppercase(),
            block,
        }
    }
}

/// Whether a character says something: punctuation, blanks and signs stay.
pub fn is_said(c: char) -> bool {
    c.is_alphanumeric() || (u32::from(c) >= 0x1_0000 && c != '\u{10FFFF}')
}

/// The characters of the same class.
fn pool(c: char) -> Arc<[char]> {
    static POOLS: Mutex<BTreeMap<Class, Arc<[char]>>> = Mutex::new(BTreeMap::new());
    let class = Class::of(c);
    // A thread that panicked has at most left a pool out.
    let mut pools = POOLS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let fill = || {
        let of_block = (class.block.0..=class.block.1).filter_map(char::from_u32);
        of_block.filter(|&other| is_said(other) && Class::of(other) == class).collect()
    };
    pools.entry(class).or_insert_with(fill).clone()
}
