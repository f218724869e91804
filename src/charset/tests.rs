//! What the module promises as a whole: exhaustively over CP949, and as laws over arbitrary text and bytes.

use alloc::string::String;
use alloc::vec::Vec;
use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::deviation::Flags;
use crate::laws::charsets;

const REPERTOIRES: [Repertoire; 3] = [Repertoire::KsX1001, Repertoire::Cp949, Repertoire::Utf8];

fn decoded(bytes: &[u8], charset: Charset) -> (String, Vec<(crate::DeviationKind, usize)>) {
    let mut flags = Flags::default();
    let text = decode(bytes, charset, 0, &mut flags).into_owned();
    (text, flags.iter().map(|flag| (flag.kind, flag.offset)).collect())
}

fn encoded(text: &str, repertoire: Repertoire) -> Vec<u8> {
    let mut out = Vec::new();
    encode(text, repertoire, &mut out, |_, c, _| unreachable!("{c:?} is in {repertoire:?}"));
    out
}

/// The pieces that a walk by [`char_len`] gives.
fn walk(bytes: &[u8], charset: Charset) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(char_len(rest, charset));
        assert!(!piece.is_empty(), "no progress in {rest:X?}");
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// What `encoding_rs` itself says of two bytes.
fn reference(pair: [u8; 2]) -> Option<char> {
    let text = EUC_KR.decode_without_bom_handling_and_without_replacement(&pair)?;
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

#[test]
fn agrees_with_encoding_rs_on_every_pair() {
    let (mut pairs, mut ks_x_1001, mut characters) = (0, 0, BTreeSet::new());
    for lead in 0x80..=0xFF {
        for trail in 0..=0xFF {
            let pair = [lead, trail];
            let Some(c) = reference(pair) else {
                assert!(!is_extension(lead, trail), "{pair:X?}");
                continue;
            };
            pairs += 1;
            assert!(characters.insert(c), "{c:?} stands twice");
            let strict = lead >= 0xA1 && trail >= 0xA1;
            ks_x_1001 += usize::from(strict);
            assert_eq!(is_extension(lead, trail), !strict, "{pair:X?}");
            assert_eq!(char_len(&pair, Charset::EucKr), 2, "{pair:X?}");
            assert_eq!(decoded(&pair, Charset::Cp949).0, String::from(c), "{pair:X?}");

            let sound = !is_damage(c);
            assert_eq!(can_encode(c, Repertoire::Cp949), sound, "{c:?}");
            assert_eq!(can_encode(c, Repertoire::KsX1001), sound && strict, "{c:?}");
            if sound {
                assert_eq!(encoded(&String::from(c), Repertoire::Cp949), pair, "{c:?}");
            }
        }
    }
    assert_eq!((pairs, ks_x_1001), (17_048, 8_226));
    for c in ('\u{80}'..=char::MAX).filter(|c| !characters.contains(c)) {
        assert!(!can_encode(c, Repertoire::Cp949), "{c:?}");
        assert!(!can_encode(c, Repertoire::KsX1001), "{c:?}");
    }
    assert!(('가'..='힣').all(|c| can_encode(c, Repertoire::Cp949)));
}

#[test]
fn steps_over_every_two_bytes_as_the_decoder_does() {
    for lead in 0x80..=0xFF_u8 {
        for trail in 0..=0xFF_u8 {
            let bytes = [lead, trail];
            let (text, _) = EUC_KR.decode_without_bom_handling(&bytes);
            assert_eq!(walk(&bytes, Charset::EucKr).len(), text.chars().count(), "{bytes:X?}");
        }
    }
}

#[test]
fn counts_ascii_up_to_the_first_other_byte() {
    for len in 0..200 {
        let ascii = b"a\x7F\0 ".iter().copied().cycle().take(len).collect::<Vec<_>>();
        assert_eq!(ascii_len(&ascii), len);
        for other in [0x80, 0xFF] {
            assert_eq!(ascii_len(&[&ascii[..], &[other], b"a", &[other]].concat()), len);
        }
    }
}

#[test]
fn steps_by_the_length_of_the_character() {
    for (bytes, charset, len) in [
        (b"".as_slice(), Charset::EucKr, 0),
        (b"a\xB0", Charset::EucKr, 1),
        (b"\xB0\xA1<", Charset::EucKr, 2),
        (b"\x81A", Charset::Cp949, 2),
        (b"\xB0<", Charset::EucKr, 1),
        (b"\xB0", Charset::EucKr, 1),
        (b"\xFF\xB0", Charset::EucKr, 1),
        (b"\xC9\xA1", Charset::EucKr, 2),
        ("é<".as_bytes(), Charset::Utf8, 2),
        ("가나".as_bytes(), Charset::Utf8, 3),
        ("😀".as_bytes(), Charset::Utf8, 4),
        (b"\xEA\xB0<", Charset::Utf8, 1),
        (b"\xB0", Charset::Utf8, 1),
        (b"\xE9t\xE9", Charset::Other(encoding_rs::WINDOWS_1252), 1),
        (b"\x81\x30\x81\x30<", Charset::Other(encoding_rs::GB18030), 4),
        (b"\x8F\xB0\xA1<", Charset::Other(encoding_rs::EUC_JP), 3),
        // Two Unicode characters from one pair.
        (b"\x88\x62<", Charset::Other(encoding_rs::BIG5), 2),
    ] {
        assert_eq!(char_len(bytes, charset), len, "{bytes:X?} in {charset:?}");
    }
}

#[test]
fn finds_no_markup_byte_inside_a_character() {
    for charset in charsets() {
        for lead in 0x80..=0xFF_u8 {
            for markup in b"<>&\"'=;/-\r\n\t " {
                for bytes in [[lead, *markup, b'a', b'a'], [lead, 0x30, 0x81, *markup]] {
                    let swallowed = walk(&bytes, charset).iter().any(|piece| piece.len() > 1 && piece.contains(markup));
                    assert!(!swallowed, "{bytes:X?} in {charset:?}");
                }
            }
        }
    }
}

/// Text that a message can hold: the characters of the repertoire but C0 controls other than TAB, LF and CR.
fn text(repertoire: Repertoire) -> impl Strategy<Value = String> {
    let character = prop_oneof![
        3 => proptest::char::range('가', '힣'),
        2 => "[ -~\t\r\n]".prop_map(|text: String| text.chars().next().unwrap_or(' ')),
        1 => proptest::char::range('\u{A1}', '\u{33FF}'),
        1 => proptest::char::range('\u{4E00}', '\u{9FFF}'),
        1 => any::<char>(),
    ];
    proptest::collection::vec(character, 0..40).prop_map(move |characters| {
        let fits = |c: &char| !is_excluded(*c) && can_encode(*c, repertoire);
        characters.into_iter().filter(fits).collect()
    })
}

/// Bytes in which lead bytes, letters, markup and UTF-8 meet.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => any::<u8>().prop_map(|byte| [byte].to_vec()),
        2 => (0x81..=0xFE_u8, 0x41..=0xFE_u8).prop_map(|(lead, trail)| [lead, trail].to_vec()),
        1 => any::<char>().prop_map(|c| String::from(c).into_bytes()),
        1 => "[<>&a-zA-Z0-9]{0,4}".prop_map(String::into_bytes),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn reads_back_what_it_writes(
        (repertoire, text) in proptest::sample::select(&REPERTOIRES[..])
            .prop_flat_map(|repertoire| (Just(repertoire), text(repertoire)))
    ) {
        let bytes = encoded(&text, repertoire);
        let mut flags = Flags::default();
        let charset = repertoire.charset();
        prop_assert_eq!(choose(&bytes, Some(charset), 0, &mut flags), charset);
        prop_assert_eq!(&*decode(&bytes, charset, 0, &mut flags), &text);
        prop_assert_eq!(flags.iter().count(), 0);
        let characters: Vec<_> = walk(&bytes, charset);
        prop_assert_eq!(characters.len(), text.chars().count());
        for (character, c) in characters.into_iter().zip(text.chars()) {
            prop_assert_eq!(only_char(character, charset.encoding()), Ok(c));
        }
    }

    #[test]
    fn reports_cp949_exactly_where_strict_euc_kr_fails(text in text(Repertoire::Cp949)) {
        let bytes = encoded(&text, Repertoire::Cp949);
        let mut flags = Flags::default();
        prop_assert_eq!(choose(&bytes, Some(Charset::EucKr), 7, &mut flags), Charset::EucKr);
        let first = text.chars().position(|c| !can_encode(c, Repertoire::KsX1001));
        let offset = first.map(|index| {
            let before: String = text.chars().take(index).collect();
            7 + encoded(&before, Repertoire::Cp949).len()
        });
        let found: Vec<_> = flags.iter().map(|flag| (flag.kind, flag.offset)).collect();
        let wanted: Vec<_> =
            offset.map(|offset| (crate::DeviationKind::Cp949Extension, offset)).into_iter().collect();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn accounts_for_every_character(text in any::<String>()) {
        for repertoire in REPERTOIRES {
            let mut outside = Vec::new();
            let mut out = Vec::new();
            encode(&text, repertoire, &mut out, |out, c, index| {
                outside.push((c, index));
                out.push(b'?');
            });
            let wanted: Vec<_> = text.chars().enumerate()
                .filter(|(_, c)| !can_encode(*c, repertoire))
                .map(|(index, c)| (c, index))
                .collect();
            prop_assert_eq!(outside, wanted);
            let replaced: String = text.chars()
                .map(|c| if can_encode(c, repertoire) { c } else { '?' })
                .collect();
            let (read, _) = repertoire.charset().encoding().decode_without_bom_handling(&out);
            prop_assert_eq!(read, replaced);
        }
    }

    #[test]
    fn holds_its_laws_for_any_bytes(bytes in bytes()) {
        crate::laws::charset(&bytes);
    }

    #[test]
    fn reads_labels_of_any_bytes(name in proptest::collection::vec(any::<u8>(), 0..40)) {
        let quoted = [b"\"", &name[..], b"\" "].concat();
        prop_assert_eq!(label(&quoted), label(&name));
    }
}

#[test]
fn finds_the_bad_byte_of_a_long_text_wherever_it_stands() {
    for len in 990..1_060 {
        for character in [b"\xB0\xA1".as_slice(), b"a", b"\x81\x30\x81\x30"] {
            let clean = [&b"a".repeat(len)[..], character, &b"\xB0\xA1".repeat(700)].concat();
            let bad = [&clean[..], b"\xFF"].concat();
            for charset in [Charset::EucKr, Charset::Other(encoding_rs::GB18030)] {
                let text = charset.encoding().decode_without_bom_handling(&clean);
                assert_eq!(decodes(&clean, charset), !text.1, "{len} {character:X?}");
                assert!(!decodes(&bad, charset), "{len} {character:X?}");
            }
        }
    }
}
