//! Transfer encodings, undone for what is inside and done again in the same places (RFC 2045 6).

/// Opens base64, gives its content to `change`, and writes it back symbol by symbol. What is no symbol stays.
pub fn base64(text: &mut [u8], change: impl FnOnce(&mut [u8])) {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let value = |byte: u8| ALPHABET.iter().position(|&symbol| symbol == byte);
    // Padding ends a run of symbols; the next begins at a byte again.
    let mut runs: Vec<Vec<usize>> = vec![Vec::new()];
    for (at, &byte) in text.iter().enumerate() {
        if byte == b'=' {
            runs.push(Vec::new());
        } else if let (Some(_), Some(run)) = (value(byte), runs.last_mut()) {
            run.push(at);
        }
    }
    let bits = |run: &[usize], text: &[u8]| -> Vec<bool> {
        let bits = |&at: &usize| value(text[at]).map(|value| (0..6).rev().map(move |bit| value >> bit & 1 == 1));
        run.iter().filter_map(bits).flatten().collect()
    };
    let opened: Vec<Vec<bool>> = runs.iter().map(|run| bits(run, text)).collect();
    let whole = |bits: &[bool]| bits.len() / 8 * 8;
    let byte = |bits: &[bool]| bits.iter().fold(0, |byte, &bit| byte << 1 | u8::from(bit));
    let mut content: Vec<u8> = opened.iter().flat_map(|bits| bits[..whole(bits)].chunks(8).map(byte)).collect();
    change(&mut content);
    let mut bytes = content.into_iter();
    for (run, old) in runs.iter().zip(&opened) {
        let new = bytes.by_ref().take(old.len() / 8).flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
        let mut bits: Vec<bool> = new.collect();
        // The bits behind the last whole byte.
        bits.extend(&old[whole(old)..]);
        for (&at, bits) in run.iter().zip(bits.chunks(6)) {
            text[at] = ALPHABET[usize::from(byte(bits))];
        }
    }
}

/// Opens quoted-printable, gives its content to `change`, and writes it back: what was escaped stays so.
pub fn quoted_printable(text: &mut [u8], change: impl FnOnce(&mut [u8])) {
    let octet = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    let (mut content, mut places) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let soft = [&b"=\r\n"[..], b"=\n"].into_iter().find(|soft| rest.starts_with(soft));
        let escaped = rest.strip_prefix(b"=").and_then(|rest| octet(rest.get(..2)?));
        at += match (soft, escaped) {
            (Some(soft), _) => soft.len(),
            (None, Some(byte)) => {
                content.push(byte);
                places.push((at, 3));
                3
            }
            (None, None) => {
                content.push(rest[0]);
                places.push((at, 1));
                1
            }
        };
    }
    let old = content.clone();
    change(&mut content);
    for ((&(at, len), byte), _) in places.iter().zip(content).zip(old).filter(|((_, new), old)| new != old) {
        if len == 1 {
            text[at] = byte;
        } else {
            text[at + 1..at + 3].copy_from_slice(format!("{byte:02X}").as_bytes());
        }
    }
}
