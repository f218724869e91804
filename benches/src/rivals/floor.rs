//! What the same bytes cost at the least.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;

/// One search of a body for a delimiter: how often it stands there.
pub fn scan(body: &[u8], delimiter: &[u8]) -> usize {
    memmem::find_iter(body, delimiter).count()
}

/// The outermost delimiter of a body; in a bare one, what would be.
pub fn delimiter(body: &[u8]) -> &[u8] {
    let line = body.split(|&byte| byte == b'\r').next().unwrap_or_default();
    if line.starts_with(b"--") { line } else { b"------=_Part_0_" }
}

/// A copy into room that is there.
pub fn copy(body: &[u8], room: &mut [u8]) {
    room.copy_from_slice(body);
}

/// Base64 without line breaks.
pub fn base64(image: &[u8]) -> String {
    STANDARD.encode(image)
}

/// The bytes of base64 without line breaks.
///
/// # Panics
/// When it is none.
pub fn unbase64(text: &str) -> Vec<u8> {
    STANDARD.decode(text).expect("base64 without line breaks")
}
