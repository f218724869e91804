//! A short text that is made without an allocation.

/// As long as the longest form of a date-time is, and some more.
const LEN: usize = 40;

/// A text that stands in place. What has no room is left out.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    bytes: [u8; LEN],
    len: usize,
}

impl Line {
    pub(super) const EMPTY: Self = Self { bytes: [0; LEN], len: 0 };

    /// Appends characters of ASCII.
    #[inline]
    pub(super) fn put<const N: usize>(&mut self, ascii: [u8; N]) {
        if let Some(place) = self.bytes.get_mut(self.len..).and_then(<[u8]>::first_chunk_mut) {
            *place = ascii;
            self.len += N;
        }
    }

    /// Appends a text.
    pub(super) fn text(&mut self, text: &str) {
        if let Some(place) = self.bytes.get_mut(self.len..self.len + text.len()) {
            place.copy_from_slice(text.as_bytes());
            self.len += text.len();
        }
    }

    pub(super) fn as_str(&self) -> &str {
        // Whole texts were appended.
        self.bytes.get(..self.len).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}
