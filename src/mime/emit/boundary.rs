//! Boundaries: pure functions of what they are to part.

use alloc::collections::BTreeMap;

use memchr::memmem;

use crate::digits::{self, Digits};

/// The shape of a boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BoundaryForm {
    /// `----=_Part_{n}_{10 digits}.{13 digits}`: what the relays' libraries write.
    Relay,
    /// `StoryParts {n} {10 digits}.{13 digits}`, with blanks (S-23): the example of the standard.
    Story,
}

impl BoundaryForm {
    /// What every delimiter of this form begins with, and what stands behind `n`.
    const fn frame(self) -> (&'static str, u8) {
        match self {
            Self::Relay => ("------=_Part_", b'_'),
            Self::Story => ("--StoryParts ", b' '),
        }
    }

    /// The same in three: a byte that is rare in what has no delimiter, and what stands around it.
    const fn rare(self) -> (&'static [u8], u8, &'static [u8]) {
        match self {
            Self::Relay => (b"------=", b'_', b"Part_"),
            Self::Story => (b"--Stor", b'y', b"Parts "),
        }
    }

    /// Whether what begins a delimiter of this form stands in a text.
    pub(super) fn begins_in(self, text: &[u8]) -> bool {
        let (before, rare, behind) = self.rare();
        let is_head = |at: usize| {
            let (head, tail) = text.split_at_checked(at).unwrap_or_default();
            tail.get(1..).is_some_and(|tail| tail.starts_with(behind)) && head.ends_with(before)
        };
        memchr::memchr_iter(rare, text).any(is_head)
    }

    /// As long as the shortest delimiter of this form is.
    const fn len_min(self) -> usize {
        self.frame().0.len() + 1 + TAIL_LEN
    }
}

/// How long what stands behind `n` is.
const TAIL_LEN: usize = 25;

/// Between the words that are looked at of a body in binary. Every delimiter holds one as a whole, and is ASCII.
const STRIDE: usize = 32;
const _: () = assert!(STRIDE + size_of::<u64>() - 1 <= BoundaryForm::Relay.len_min());
const _: () = assert!(STRIDE + size_of::<u64>() - 1 <= BoundaryForm::Story.len_min());

/// The places of the words of a text that may be some of a delimiter.
pub(super) fn suspects(text: &[u8]) -> impl Iterator<Item = usize> {
    const BEYOND_ASCII: u64 = 0x8080_8080_8080_8080;
    let (blocks, rest) = text.as_chunks::<STRIDE>();
    let is_ascii = |block: &[u8]| block.first_chunk().is_some_and(|word| u64::from_le_bytes(*word) & BEYOND_ASCII == 0);
    let last = is_ascii(rest).then_some(blocks.len());
    let suspects = blocks.iter().enumerate().filter(move |(_, block)| is_ascii(*block)).map(|(nth, _)| nth);
    suspects.chain(last).map(|nth| nth * STRIDE)
}

/// Of a text as much as holds the head of every delimiter that holds the word at this place.
pub(super) fn around(text: &[u8], at: usize) -> &[u8] {
    text.get(at.saturating_sub(STRIDE)..text.len().min(at + STRIDE)).unwrap_or_default()
}

/// What a boundary is a function of, made a number. It is to tell messages apart, and to withstand nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Digest(u64);

impl Digest {
    /// Of nothing.
    pub(crate) const EMPTY: Self = Self(0xcbf2_9ce4_8422_2325);

    /// With one more piece.
    pub(crate) fn with(self, piece: &[u8]) -> Self {
        let (blocks, rest) = piece.as_chunks();
        let mut last = [0; 32];
        last.iter_mut().zip(rest).for_each(|(byte, given)| *byte = *given);
        // Two halves, so that no step waits for the one before it alone.
        let mut halves = [mixed(self.0, piece.len() as u64), self.0];
        for block in blocks {
            halves = mixed_in(halves, block);
        }
        let [one, other] = mixed_in(halves, &last);
        Self(mixed(one, other))
    }

    /// What stands behind `n` in the boundary.
    fn tail(self, form: BoundaryForm) -> [u8; TAIL_LEN] {
        let mut tail = [form.frame().1; TAIL_LEN];
        tail[1..11].copy_from_slice(&digits::of_fraction::<10>(self.0));
        tail[11] = b'.';
        tail[12..].copy_from_slice(&digits::of_fraction::<13>(mixed(self.0, 0)));
        tail
    }
}

/// Two numbers made one. The constants have about as many zeros as ones, in no order.
fn mixed(one: u64, other: u64) -> u64 {
    let (high, low) = digits::product(one ^ 0x9E37_79B9_7F4A_7C15, other ^ 0xC2B2_AE3D_27D4_EB4F);
    high ^ low
}

#[inline]
fn mixed_in([one, other]: [u64; 2], block: &[u8; 32]) -> [u64; 2] {
    let word = |index| block.as_chunks().0.get(index).map_or(0, |word| u64::from_le_bytes(*word));
    [mixed(one ^ word(0), word(1)), mixed(other ^ word(2), word(3))]
}

/// A boundary, as long as RFC 2046 section 5.1.1 lets one be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Boundary {
    text: [u8; 70],
    len: usize,
}

impl Boundary {
    pub(crate) fn new(form: BoundaryForm, n: u64, digest: Digest) -> Self {
        let mut boundary = Self { text: [b' '; 70], len: 0 };
        for piece in [&form.frame().0.as_bytes()[2..], Digits::of(n).as_bytes(), &digest.tail(form)] {
            boundary.text[boundary.len..boundary.len + piece.len()].copy_from_slice(piece);
            boundary.len += piece.len();
        }
        boundary
    }

    /// As long as a boundary with that number is.
    pub(crate) fn blank(form: BoundaryForm, n: u64) -> Self {
        Self { text: [b' '; 70], len: form.frame().0.len() - 2 + Digits::of(n).as_bytes().len() + TAIL_LEN }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.text[..self.len]
    }
}

/// The smallest `n` whose delimiter stands in the text only as often as it was written: the 0th so often, no other.
pub(crate) fn free_number(form: BoundaryForm, digest: Digest, text: &[u8], zeroth: usize) -> u64 {
    let (head, tail) = (form.frame().0, digest.tail(form));
    let mut found: BTreeMap<u64, usize> = BTreeMap::new();
    for at in memmem::find_iter(text, head) {
        let behind = &text[at + head.len()..];
        // No number that could be reached has more digits than this.
        let digits = behind.iter().take(20).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, behind) = behind.split_at(digits);
        if behind.starts_with(&tail)
            && let Some(n) = core::str::from_utf8(digits).ok().and_then(crate::model::read_number)
        {
            *found.entry(n.into()).or_default() += 1;
        }
    }
    if found.get(&0).copied().unwrap_or_default() == zeroth {
        return 0;
    }
    // Of more numbers than were found one is free.
    (1..=found.len() as u64 + 1).find(|n| !found.contains_key(n)).unwrap_or_default()
}

/// A boundary whose delimiter occurs in none of `avoid`.
#[cfg(any(test, fuzzing))]
pub(crate) fn boundary(form: BoundaryForm, seed: &[&[u8]], avoid: &[&[u8]]) -> alloc::string::String {
    let digest = seed.iter().fold(Digest::EMPTY, |digest, piece| digest.with(piece));
    // A line break stands in no delimiter.
    let n = free_number(form, digest, &avoid.join(&b'\n'), 0);
    alloc::string::String::from_utf8_lossy(Boundary::new(form, n, digest).as_bytes()).into()
}
