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

    /// How often what begins a delimiter of this form stands in a text.
    pub(super) fn count(self, text: &[u8]) -> usize {
        memmem::find_iter(text, self.frame().0).count()
    }
}

/// FNV-1a, 64 bit, of what a boundary is a function of; every piece ends in a byte that no text has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digest(u64);

impl Digest {
    /// Of nothing.
    pub(crate) const EMPTY: Self = Self(0xcbf2_9ce4_8422_2325);

    /// With some more of a piece.
    pub(crate) fn with(self, bytes: &[u8]) -> Self {
        let (chunks, rest) = bytes.as_chunks();
        rest.iter().fold(chunks.iter().fold(self, Self::with_next), |digest, &byte| digest.with_byte(byte))
    }

    /// With the next bytes of a piece.
    pub(crate) fn with_next(self, bytes: &[u8; 16]) -> Self {
        bytes.iter().fold(self, |digest, &byte| digest.with_byte(byte))
    }

    const fn with_byte(self, byte: u8) -> Self {
        Self((self.0 ^ byte as u64).wrapping_mul(0x0100_0000_01b3))
    }

    /// With the end of a piece.
    pub(crate) fn end(self) -> Self {
        self.with(&[0xFF])
    }

    /// What stands behind `n` in the boundary.
    fn tail(self, form: BoundaryForm) -> [u8; 25] {
        let second = self.0.rotate_left(32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut tail = [form.frame().1; 25];
        tail[1..11].copy_from_slice(&digits::padded::<10>(self.0));
        tail[11] = b'.';
        tail[12..].copy_from_slice(&digits::padded::<13>(second));
        tail
    }
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
        Self { text: [b' '; 70], len: form.frame().0.len() - 2 + Digits::of(n).as_bytes().len() + 25 }
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
    let digest = seed.iter().fold(Digest::EMPTY, |digest, piece| digest.with(piece).end());
    // A line break stands in no delimiter.
    let n = free_number(form, digest, &avoid.join(&b'\n'), 0);
    alloc::string::String::from_utf8_lossy(Boundary::new(form, n, digest).as_bytes()).into()
}
