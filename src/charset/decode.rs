//! Bytes to text.

use alloc::borrow::Cow;
use alloc::string::String;
use core::str;

use encoding_rs::{DecoderResult, EUC_KR, Encoding};
use memchr::memchr2_iter;

use super::{Charset, ascii_len, char_len, is_damage, is_excluded, is_extension, only_char};
use crate::deviation::{DeviationKind, Flags};

/// The charset that a whole part is in: `declared`, unless the bytes cannot be that and are UTF-8 (X-04, K-04).
///
/// Where nothing is declared it is CP949 on the same terms, which is then no conflict. Bytes that are neither stay
/// what was declared; [`decode`] says where they are undecodable. Text in EUC-KR that happens to be UTF-8 too is
/// EUC-KR, because it decodes.
///
/// * `CharsetConflict`, at the first byte that is no ASCII: from there on the text is read otherwise than declared.
/// * `Cp949Extension`, at the first pair outside KS X 1001 under a label of EUC-KR.
pub(crate) fn choose(bytes: &[u8], declared: Option<Charset>, base: usize, flags: &mut Flags) -> Charset {
    let charset = declared.unwrap_or(Charset::Cp949);
    let (ascii, rest) = bytes.split_at(ascii_len(bytes));
    if rest.is_empty() {
        return charset;
    }
    let start = base + ascii.len();
    let walk = match charset {
        Charset::EucKr | Charset::Cp949 => Walk::over(rest, declared == Some(Charset::EucKr)),
        // There is nothing else that it could be.
        Charset::Utf8 => return charset,
        Charset::Other(_) => Walk { decodes: decodes(rest, charset), extension: None },
    };
    if !walk.decodes && Encoding::utf8_valid_up_to(rest) == rest.len() {
        if declared.is_some() {
            flags.push(DeviationKind::CharsetConflict, start);
        }
        return Charset::Utf8;
    }
    if declared == Some(Charset::EucKr)
        && let Some(offset) = walk.extension
    {
        flags.push(DeviationKind::Cp949Extension, start + offset);
    }
    charset
}

/// What bytes are as CP949.
struct Walk {
    /// Every byte is part of a character.
    decodes: bool,
    /// Where the first pair stands that EUC-KR lacks, if that is asked for.
    extension: Option<usize>,
}

impl Walk {
    /// Goes on until both are known.
    fn over(bytes: &[u8], asks_for_extension: bool) -> Self {
        let mut walk = Self { decodes: true, extension: None };
        let mut at = 0;
        while let Some(rest) = bytes.get(at..)
            && (walk.decodes || asks_for_extension && walk.extension.is_none())
        {
            at += match *rest {
                [] => break,
                [lead, trail, ..] if is_full(lead) && is_ks_trail(trail) => 2,
                // A blank between words; or markup, which goes on for longer.
                [byte, next, ..] if byte.is_ascii() => {
                    if next.is_ascii() {
                        Encoding::ascii_valid_up_to(rest)
                    } else {
                        1
                    }
                }
                [byte] if byte.is_ascii() => 1,
                [lead, trail, ..] if is_extension(lead, trail) => {
                    walk.extension.get_or_insert(at);
                    2
                }
                _ => {
                    let len = char_len(rest, Charset::Cp949);
                    walk.decodes = walk.decodes && is_pair(&rest[..len]);
                    len
                }
            };
        }
        walk
    }
}

/// Whether the lead byte makes a character with every trail byte of KS X 1001: rows that have no gap.
const fn is_full(lead: u8) -> bool {
    matches!(lead, 0xA1 | 0xA3 | 0xA4 | 0xA9 | 0xB0..=0xC8 | 0xCA..=0xFD)
}

/// Whether it is a trail byte of KS X 1001.
const fn is_ks_trail(trail: u8) -> bool {
    matches!(trail, 0xA1..=0xFE)
}

/// Whether every byte is part of a character.
pub(crate) fn decodes(bytes: &[u8], charset: Charset) -> bool {
    let mut decoder = charset.encoding().new_decoder_without_bom_handling();
    // The text is not wanted, so each stretch goes where the one before it stood.
    let mut text = [0; 1024];
    let mut rest = bytes;
    loop {
        let (result, read, _) = decoder.decode_to_utf8_without_replacement(rest, &mut text, true);
        match (result, rest.get(read..)) {
            (DecoderResult::OutputFull, Some(after)) => rest = after,
            (result, _) => return result == DecoderResult::InputEmpty,
        }
    }
}

/// Decodes one run of text. It is borrowed where the bytes are the text: ASCII, and UTF-8 under that name.
///
/// A byte order mark is an ordinary character here. At most one flag of each kind, at the first byte concerned:
///
/// * `CharsetUndecodable`: bytes that are no character become U+FFFD.
/// * `CharsetDamaged`: U+FFFD or U+2592 that the bytes themselves say; they stay (S-43).
/// * `ControlCharacter`: C0 controls but TAB, LF and CR, and U+FFFE and U+FFFF, become U+FFFD.
pub(crate) fn decode<'a>(bytes: &'a [u8], charset: Charset, base: usize, flags: &mut Flags) -> Cow<'a, str> {
    if let Some(text) = plain(bytes) {
        return text.into();
    }
    let (text, undecodable) = match charset.encoding().decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => (text, false),
        None => (replacing(bytes, charset), true),
    };
    if !undecodable && !is_suspect(&text) {
        return text;
    }
    flag_suspects(bytes, charset, base, flags);
    if !text.contains(is_excluded) {
        return text;
    }
    text.chars().map(|c| if is_excluded(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Appends what [`decode`] gives. Who has many pieces makes room for all of them first ([`len_max`]).
pub(crate) fn decode_onto(text: &mut String, bytes: &[u8], charset: Charset, base: usize, flags: &mut Flags) {
    if let Some(plain) = plain(bytes) {
        return text.push_str(plain);
    }
    let start = text.len();
    let mut decoder = charset.encoding().new_decoder_without_bom_handling();
    text.reserve(decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or_default());
    let (result, _) = decoder.decode_to_string_without_replacement(bytes, text, true);
    let sound = text.get(start..).is_some_and(|decoded| !is_suspect(decoded));
    if result != DecoderResult::InputEmpty || !sound {
        text.truncate(start);
        text.push_str(&decode(bytes, charset, base, flags));
    }
}

/// The most bytes of text that so many bytes can be.
pub(crate) fn len_max(len: usize, charset: Charset) -> usize {
    let decoder = charset.encoding().new_decoder_without_bom_handling();
    decoder.max_utf8_buffer_length_without_replacement(len).unwrap_or(len)
}

/// The text with U+FFFD for what is no character. Of Korean text each stretch that decodes is decoded by itself, for a decoder
/// is slow to start again behind each byte that it gives up.
fn replacing(bytes: &[u8], charset: Charset) -> Cow<'_, str> {
    let encoding = charset.encoding();
    if !matches!(charset, Charset::EucKr | Charset::Cp949) {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    let mut text = String::with_capacity(bytes.len());
    // `from..at` decodes.
    let (mut from, mut at) = (0, 0);
    while let Some(rest @ [first, ..]) = bytes.get(at..) {
        if first.is_ascii() {
            at += Encoding::ascii_valid_up_to(rest);
            continue;
        }
        let character = &rest[..char_len(rest, charset)];
        let before = from..at;
        at += character.len();
        if !is_pair(character) {
            if !before.is_empty() {
                text.push_str(&encoding.decode_without_bom_handling(&bytes[before]).0);
            }
            text.push(char::REPLACEMENT_CHARACTER);
            from = at;
        }
    }
    text.push_str(&encoding.decode_without_bom_handling(&bytes[from..]).0);
    text.into()
}

/// Whether what [`char_len`] takes for one character, and is no ASCII, is a pair of CP949 that decodes.
fn is_pair(character: &[u8]) -> bool {
    match *character {
        [lead, trail] => is_certain(lead, trail) || only_char(character, EUC_KR).is_ok(),
        _ => false,
    }
}

/// Whether it is a pair of CP949 that decodes, and to nothing that wants a flag: U+2592 stands in a row with gaps.
const fn is_certain(lead: u8, trail: u8) -> bool {
    is_full(lead) && is_ks_trail(trail) || is_extension(lead, trail)
}

/// The text that the bytes are in every charset: ASCII, without control characters and so without line breaks.
pub(crate) fn plain(bytes: &[u8]) -> Option<&str> {
    if is_plain(bytes) { str::from_utf8(bytes).ok() } else { None }
}

/// Whether all is ASCII and nothing a control character. Eight bytes at a time.
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    const HIGH_BITS: u64 = u64::from_ne_bytes([0x80; 8]);
    const BLANKS: u64 = u64::from_ne_bytes([b' '; 8]);
    let (words, rest) = bytes.as_chunks();
    let plain = |word: [u8; 8]| {
        let word = u64::from_ne_bytes(word);
        // What is taken from the first byte below the blank reaches its highest bit.
        (word | word.wrapping_sub(BLANKS)) & HIGH_BITS == 0
    };
    words.iter().all(|&word| plain(word))
        && match bytes.last_chunk() {
            // Some of these for the second time.
            Some(&last) => plain(last),
            None => rest.iter().all(|byte| matches!(byte, b' '..=0x7F)),
        }
}

/// Whether the text holds a character that wants a flag.
fn is_suspect(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Without an early end, so that it runs over many bytes at a time.
    let control = bytes.iter().fold(false, |found, &byte| found | is_excluded(byte.into()));
    control
        || memchr2_iter(0xE2, 0xEF, bytes).any(|offset| {
            let c = text.get(offset..).and_then(|rest| rest.chars().next());
            c.is_some_and(|c| is_damage(c) || is_excluded(c))
        })
}

/// Flags the first of each kind, in the order of their places.
fn flag_suspects(bytes: &[u8], charset: Charset, base: usize, flags: &mut Flags) {
    let mut unseen = [
        Some(DeviationKind::CharsetUndecodable),
        Some(DeviationKind::CharsetDamaged),
        Some(DeviationKind::ControlCharacter),
    ];
    let mut rest = bytes;
    while !rest.is_empty()
        && unseen.iter().any(Option::is_some)
        && let Some((character, after)) = rest.split_at_checked(char_len(rest, charset))
    {
        if let Some(kind) = suspicion(character, charset)
            && let Some(slot) = unseen.iter_mut().find(|slot| **slot == Some(kind))
        {
            *slot = None;
            flags.push(kind, base + (bytes.len() - rest.len()));
        }
        rest = after;
    }
}

/// What is irregular about one character.
fn suspicion(character: &[u8], charset: Charset) -> Option<DeviationKind> {
    if matches!(charset, Charset::EucKr | Charset::Cp949) {
        match character {
            [byte] if !byte.is_ascii() => return Some(DeviationKind::CharsetUndecodable),
            [lead, trail] if is_certain(*lead, *trail) => return None,
            _ => {}
        }
    }
    match only_char(character, charset.encoding()) {
        Err(_) => Some(DeviationKind::CharsetUndecodable),
        Ok(c) if is_damage(c) => Some(DeviationKind::CharsetDamaged),
        Ok(c) if is_excluded(c) => Some(DeviationKind::ControlCharacter),
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use encoding_rs::{BIG5, GB18030, WINDOWS_1252};

    use super::*;
    use DeviationKind::{CharsetConflict, CharsetDamaged, CharsetUndecodable, ControlCharacter, Cp949Extension};

    const EUC_KR: Charset = Charset::EucKr;
    const UTF_8: Charset = Charset::Utf8;

    fn chosen(bytes: &[u8], declared: Option<Charset>) -> (Charset, Vec<(DeviationKind, usize)>) {
        let mut flags = Flags::default();
        let charset = choose(bytes, declared, 100, &mut flags);
        (charset, flags.iter().map(|flag| (flag.kind, flag.offset)).collect())
    }

    fn decoded(bytes: &[u8], charset: Charset) -> (Cow<'_, str>, Vec<(DeviationKind, usize)>) {
        let mut flags = Flags::default();
        let text = decode(bytes, charset, 100, &mut flags);
        (text, flags.iter().map(|flag| (flag.kind, flag.offset)).collect())
    }

    #[test]
    fn knows_the_rows_of_ks_x_1001_that_have_no_gap() {
        assert!(!(0..0xA1).any(is_full));
        for lead in 0xA1..=0xFF_u8 {
            let full = (0xA1..=0xFE_u8).all(|trail| decodes(&[lead, trail], EUC_KR));
            assert_eq!(is_full(lead), full, "{lead:X}");
        }
    }

    #[test]
    fn walks_over_every_two_bytes_as_the_decoder_does() {
        for lead in 0..=0xFF_u8 {
            for trail in 0..=0xFF_u8 {
                for bytes in [&[lead, trail][..], &[lead], &[b'<', lead, trail, b'a'], &[0xB0, lead, trail, 0xA1]] {
                    let walk = Walk::over(bytes, true);
                    assert_eq!(walk.decodes, decodes(bytes, EUC_KR), "{bytes:X?}");
                }
            }
        }
    }

    #[test]
    fn replaces_as_the_decoder_does() {
        let bytes = (0..=0xFF_u8).flat_map(|lead| (0..=0xFF_u8).map(move |trail| [lead, trail]));
        for [lead, trail] in bytes {
            for bytes in [&[lead, trail][..], &[0xB0, 0xA1, lead, trail, 0xB0, 0xA1], &[lead, trail, b'a', 0xFF, lead]]
            {
                let (text, _) = encoding_rs::EUC_KR.decode_without_bom_handling(bytes);
                assert_eq!(replacing(bytes, EUC_KR), text, "{bytes:X?}");
            }
            let pair = [lead, trail];
            if char_len(&pair, EUC_KR) == 2 {
                let kind = match only_char(&pair, encoding_rs::EUC_KR) {
                    Err(_) => Some(CharsetUndecodable),
                    Ok(c) if is_damage(c) => Some(CharsetDamaged),
                    Ok(_) => None,
                };
                assert_eq!(suspicion(&pair, EUC_KR), kind, "{pair:X?}");
            }
            let alone = only_char(&[lead], encoding_rs::EUC_KR).is_err();
            assert_eq!(suspicion(&[lead], EUC_KR) == Some(CharsetUndecodable), alone, "{lead:X}");
        }
    }

    #[test]
    fn tells_plain_ascii_from_all_else() {
        for len in 0..40 {
            let plain = b" ~aZ\x7F09".iter().copied().cycle().take(len).collect::<Vec<_>>();
            assert!(is_plain(&plain), "{len}");
            for at in 0..len {
                for byte in (0..b' ').chain(0x80..=0xFF) {
                    let mut odd = plain.clone();
                    odd[at] = byte;
                    assert!(!is_plain(&odd), "{byte:X} at {at} of {len}");
                }
            }
        }
    }

    #[test]
    fn keeps_what_is_declared_where_all_is_ascii() {
        let other = Charset::Other(WINDOWS_1252);
        for charset in [EUC_KR, Charset::Cp949, UTF_8, other] {
            assert_eq!(chosen(b"<a>1</a>", Some(charset)), (charset, [].into()));
            assert_eq!(chosen(b"", Some(charset)), (charset, [].into()));
        }
        assert_eq!(chosen(b"<a>1</a>", None), (Charset::Cp949, [].into()));
    }

    #[test]
    fn keeps_euc_kr_that_decodes() {
        assert_eq!(chosen(b"<a>\xB0\xA1</a>", Some(EUC_KR)), (EUC_KR, [].into()));
        assert_eq!(chosen(b"<a>\xB0\xA1</a>", None), (Charset::Cp949, [].into()));
    }

    #[test]
    fn keeps_euc_kr_that_is_utf8_too() {
        // U+CE58 in EUC-KR, U+0121 in UTF-8.
        let bytes = b"a \xC4\xA1";
        assert!(decodes(bytes, UTF_8));
        assert_eq!(chosen(bytes, Some(EUC_KR)), (EUC_KR, [].into()));
        assert_eq!(chosen(bytes, None), (Charset::Cp949, [].into()));
        assert_eq!(chosen(bytes, Some(UTF_8)), (UTF_8, [].into()));
    }

    #[test]
    fn reports_utf8_under_a_label_of_euc_kr_at_its_first_8_bit_byte() {
        let bytes = "<a>가나</a>".as_bytes();
        assert_eq!(chosen(bytes, Some(EUC_KR)), (UTF_8, [(CharsetConflict, 103)].into()));
        assert_eq!(chosen(bytes, Some(Charset::Cp949)), (UTF_8, [(CharsetConflict, 103)].into()));
        let other = Charset::Other(encoding_rs::EUC_JP);
        assert_eq!(chosen(bytes, Some(other)), (UTF_8, [(CharsetConflict, 103)].into()));
    }

    #[test]
    fn finds_utf8_without_conflict_where_nothing_is_declared() {
        assert_eq!(chosen("<a>가나</a>".as_bytes(), None), (UTF_8, [].into()));
    }

    #[test]
    fn keeps_what_is_declared_where_the_bytes_are_neither() {
        for charset in [EUC_KR, Charset::Cp949, UTF_8] {
            assert_eq!(chosen(b"ab\xFF\xB0", Some(charset)), (charset, [].into()));
        }
        // A UTF-8 character cut off, and UTF-8 beside EUC-KR.
        let cut = "가나".as_bytes().split_last().map(|(_, rest)| rest).unwrap_or_default();
        assert_eq!(chosen(cut, Some(EUC_KR)).0, EUC_KR);
        let mixed = ["가".as_bytes(), b"\xB0\xA1"].concat();
        assert_eq!(chosen(&mixed, Some(EUC_KR)).0, EUC_KR);
        // EUC-KR under a label of UTF-8 stays undecodable.
        assert_eq!(chosen(b"\xB0\xA1", Some(UTF_8)), (UTF_8, [].into()));
    }

    #[test]
    fn reports_cp949_under_a_label_of_euc_kr_at_its_first_pair() {
        // U+B620 is 8C 63, U+AC02 is 81 41; C6 A1 follows a lead byte that extension pairs have too.
        let bytes = b"<a>\xB0\xA1\xC6\xA1-\x8Cc\x81A</a>";
        assert_eq!(chosen(bytes, Some(EUC_KR)), (EUC_KR, [(Cp949Extension, 108)].into()));
        assert_eq!(chosen(bytes, Some(Charset::Cp949)), (Charset::Cp949, [].into()));
        assert_eq!(chosen(bytes, None), (Charset::Cp949, [].into()));
    }

    #[test]
    fn reports_extension_pairs_beside_undecodable_bytes() {
        // Out of step, A1 'a' would be a pair.
        assert_eq!(chosen(b"\xFE\xA1a", Some(EUC_KR)), (EUC_KR, [].into()));
        let bytes = b"\xFE\xA1a\xFE\xA1\xA1a";
        assert_eq!(chosen(bytes, Some(EUC_KR)), (EUC_KR, [(Cp949Extension, 105)].into()));
    }

    #[test]
    fn borrows_text_that_the_bytes_already_are() {
        for (bytes, charset) in [
            ("a\t\r\n\x7F~".as_bytes(), EUC_KR),
            ("a\t\r\n\x7F~".as_bytes(), Charset::Other(BIG5)),
            ("가나 ⁇ ＆ \u{FEFF}".as_bytes(), UTF_8),
            (b"".as_slice(), UTF_8),
        ] {
            let (text, flags) = decoded(bytes, charset);
            assert!(matches!(text, Cow::Borrowed(_)), "{text:?}");
            assert_eq!((text.as_bytes(), flags), (bytes, [].into()));
        }
    }

    #[test]
    fn keeps_byte_order_marks_as_characters() {
        assert_eq!(decoded(b"\xEF\xBB\xBFa", UTF_8), ("\u{FEFF}a".into(), [].into()));
        let (text, flags) = decoded(b"\xFF\xFEa\0", EUC_KR);
        assert_eq!(text, "\u{FFFD}\u{FFFD}a\u{FFFD}");
        assert_eq!(flags, [(CharsetUndecodable, 100), (ControlCharacter, 103)]);
        // EF BB is a hanja, and BF 'a' a syllable.
        assert_eq!(decoded(b"\xEF\xBB\xBFa", EUC_KR).0.chars().count(), 2);
    }

    #[test]
    fn reports_undecodable_bytes_at_the_first() {
        for (bytes, text, offset) in [
            (b"a\xB0<b".as_slice(), "a\u{FFFD}<b", 101),
            (b"a\xB0\xFFb", "a\u{FFFD}b", 101),
            (b"\xB0\xA1\xB0", "가\u{FFFD}", 102),
            (b"\xB0\xA1\xC9\xA1a\x80", "가\u{FFFD}a\u{FFFD}", 102),
            (b"\xB0\xA1\xB0\xA1\xFF\xB0<", "가가\u{FFFD}\u{FFFD}<", 104),
        ] {
            assert_eq!(decoded(bytes, EUC_KR), (text.into(), [(CharsetUndecodable, offset)].into()), "{bytes:X?}");
        }
        assert_eq!(
            decoded(b"\xEA\xB0\x80\xEA\xB0<", UTF_8),
            ("가\u{FFFD}<".into(), [(CharsetUndecodable, 103)].into())
        );
        assert_eq!(
            decoded(b"a\x81\x30\x81", Charset::Other(GB18030)),
            ("a\u{FFFD}".into(), [(CharsetUndecodable, 101)].into())
        );
    }

    #[test]
    fn reports_damage_that_the_bytes_themselves_say() {
        assert_eq!(decoded(b"\xB0\xA1\xA2\xC6\xA2\xC6", EUC_KR), ("가▒▒".into(), [(CharsetDamaged, 102)].into()));
        let (text, flags) = decoded("가\u{FFFD}▒".as_bytes(), UTF_8);
        assert!(matches!(text, Cow::Borrowed("가\u{FFFD}▒")), "{text:?}");
        assert_eq!(flags, [(CharsetDamaged, 103)]);
        // FFFD in GB18030.
        assert_eq!(
            decoded(b"a\x841\xA47", Charset::Other(GB18030)),
            ("a\u{FFFD}".into(), [(CharsetDamaged, 101)].into())
        );
    }

    #[test]
    fn replaces_control_characters() {
        assert_eq!(
            decoded(b"\xB0\xA1\t\x0B\x1F\r\n\0", EUC_KR),
            ("가\t\u{FFFD}\u{FFFD}\r\n\u{FFFD}".into(), [(ControlCharacter, 103)].into())
        );
        assert_eq!(
            decoded("가\u{FFFF}\u{FFFE}".as_bytes(), UTF_8),
            ("가\u{FFFD}\u{FFFD}".into(), [(ControlCharacter, 103)].into())
        );
    }

    #[test]
    fn reports_each_kind_once_in_the_order_of_their_places() {
        assert_eq!(
            decoded(b"\x01\xA2\xC6\xFF\x02\xA2\xC6\xFF", EUC_KR).1,
            [(ControlCharacter, 100), (CharsetDamaged, 101), (CharsetUndecodable, 103)]
        );
    }

    #[test]
    fn decodes_other_charsets() {
        let latin = Charset::Other(WINDOWS_1252);
        assert_eq!(decoded(b"caf\xE9 \x80", latin), ("café €".into(), [].into()));
    }
}
