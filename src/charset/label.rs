//! The names of charsets.

use encoding_rs::{EUC_KR, Encoding, UTF_8};

use super::Charset;

/// What a charset's name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    /// The charset named.
    pub(crate) charset: Charset,
    /// The name is one that IANA lists, or an alias there (S-03).
    pub(crate) registered: bool,
}

/// Why a charset's name gives no [`Label`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LabelError {
    /// A charset in which markup cannot be found by its bytes, with its usual name.
    Refused(&'static str),
    /// A name that nobody knows.
    Unknown,
}

/// Names as [`squashed`] leaves them. Most of them `encoding_rs` does not know, or only in one spelling.
const ALIASES: &[(&str, Charset)] = &[
    ("euckr", Charset::EucKr),
    ("cseuckr", Charset::EucKr),
    ("xeuckr", Charset::EucKr),
    ("ksc5601", Charset::EucKr),
    ("ksc56011987", Charset::EucKr),
    ("ksc56011989", Charset::EucKr),
    ("ksc56011992", Charset::EucKr),
    ("csksc56011987", Charset::EucKr),
    ("5601", Charset::EucKr),
    ("ksx1001", Charset::EucKr),
    ("isoir149", Charset::EucKr),
    ("korean", Charset::EucKr),
    ("cp51949", Charset::EucKr),
    ("cp949", Charset::Cp949),
    ("mscp949", Charset::Cp949),
    ("ms949", Charset::Cp949),
    ("windows949", Charset::Cp949),
    ("xwindows949", Charset::Cp949),
    ("uhc", Charset::Cp949),
    ("xuhc", Charset::Cp949),
    ("utf8", Charset::Utf8),
    ("csutf8", Charset::Utf8),
    // US-ASCII, which EUC-KR contains.
    ("ascii", Charset::EucKr),
    ("usascii", Charset::EucKr),
    ("csascii", Charset::EucKr),
    ("ansix341968", Charset::EucKr),
    ("ansix341986", Charset::EucKr),
    ("iso646irv1991", Charset::EucKr),
    ("iso646us", Charset::EucKr),
    ("isoir6", Charset::EucKr),
    ("ibm367", Charset::EucKr),
    ("cp367", Charset::EucKr),
    ("us", Charset::EucKr),
];

/// The spellings among [`ALIASES`] that IANA lists.
const REGISTERED_ALIASES: &[&str] = &[
    "EUC-KR",
    "csEUCKR",
    "KS_C_5601-1987",
    "KS_C_5601-1989",
    "KSC_5601",
    "csKSC56011987",
    "iso-ir-149",
    "korean",
    "UTF-8",
    "csUTF8",
    "US-ASCII",
    "csASCII",
    "ANSI_X3.4-1968",
    "ANSI_X3.4-1986",
    "ISO_646.irv:1991",
    "ISO646-US",
    "iso-ir-6",
    "IBM367",
    "cp367",
    "us",
];

/// How the names begin, squashed, in which ASCII bytes do not stand for ASCII characters; IANA also has them with
/// `cs` before. The longer beginning comes first.
const REFUSED: &[(&str, &str)] = &[
    ("utf16", "UTF-16"),
    ("utf32", "UTF-32"),
    ("utf7", "UTF-7"),
    ("unicode11utf7", "UTF-7"),
    ("ucs2", "UCS-2"),
    ("ucs4", "UCS-4"),
    ("iso10646ucs2", "UCS-2"),
    ("iso10646ucs4", "UCS-4"),
    ("iso2022kr", "ISO-2022-KR"),
    ("iso2022jp", "ISO-2022-JP"),
    ("iso2022cn", "ISO-2022-CN"),
    ("iso2022", "ISO-2022"),
    ("hz", "HZ-GB-2312"),
];

/// Names and beginnings of names that `encoding_rs` knows and IANA does not list.
const UNREGISTERED: &[&str] = &[
    "cn-big5",
    "csisolatin9",
    "dos-874",
    "gb_2312",
    "koi",
    "koi8",
    "koi8-ru",
    "koi8_r",
    "l9",
    "logical",
    "ms932",
    "shift-jis",
    "sjis",
    "sun_eu_greek",
    "unicode11utf8",
    "unicode20utf8",
    "unicode-1-1-utf-8",
    "visual",
];
const UNREGISTERED_BEGINNINGS: &[&str] = &["x-", "iso885", "cp125"];

/// What the value of a `charset` parameter, or of an XML declaration's `encoding`, means.
///
/// Letter case and what stands around the name (blanks, quotes) do not count, nor, in the names of Korean charsets
/// and of UTF-8, what separates its letters and digits.
pub(crate) fn label(name: &[u8]) -> Result<Label, LabelError> {
    if let Some(label) = usual(name) {
        return Ok(label);
    }
    let name = trimmed(name);
    if let Some(&(_, charset)) = ALIASES.iter().find(|(alias, _)| squashed(name).eq(alias.bytes())) {
        return Ok(Label { charset, registered: is_one_of(name, REGISTERED_ALIASES) });
    }
    if let Some(&(_, family)) = REFUSED.iter().find(|(beginning, _)| is_of(name, beginning)) {
        return Err(LabelError::Refused(family));
    }
    let encoding = Encoding::for_label_no_replacement(name).ok_or(LabelError::Unknown)?;
    if !encoding.is_ascii_compatible() {
        return Err(LabelError::Refused(encoding.name()));
    }
    let charset = match encoding {
        _ if encoding == EUC_KR => Charset::EucKr,
        _ if encoding == UTF_8 => Charset::Utf8,
        _ => Charset::Other(encoding),
    };
    Ok(Label { charset, registered: !is_unregistered(name) })
}

/// The spellings that nearly every message has, and no other.
fn usual(name: &[u8]) -> Option<Label> {
    let (charset, registered) = match name {
        b"euc-kr" | b"EUC-KR" => (Charset::EucKr, true),
        b"utf-8" | b"UTF-8" => (Charset::Utf8, true),
        b"ksc5601" | b"KSC5601" => (Charset::EucKr, false),
        _ => return None,
    };
    Some(Label { charset, registered })
}

/// The name without what stands around it: every charset's name begins and ends with a letter or digit.
fn trimmed(name: &[u8]) -> &[u8] {
    let Some(start) = name.iter().position(u8::is_ascii_alphanumeric) else {
        return &[];
    };
    let end = name.iter().rposition(u8::is_ascii_alphanumeric).map_or(start, |last| last + 1);
    name.get(start..end).unwrap_or_default()
}

/// The letters, in lower case, and digits of a name.
fn squashed(name: &[u8]) -> impl Iterator<Item = u8> + Clone {
    name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase)
}

fn is_of(name: &[u8], beginning: &str) -> bool {
    let name = squashed(name);
    let unprefixed = name.clone().skip(if name.clone().take(2).eq(*b"cs") { 2 } else { 0 });
    unprefixed.take(beginning.len()).eq(beginning.bytes())
}

fn is_one_of(name: &[u8], names: &[&str]) -> bool {
    names.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(name))
}

fn is_unregistered(name: &[u8]) -> bool {
    let begins = |beginning: &&str| {
        name.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning.as_bytes()))
    };
    UNREGISTERED_BEGINNINGS.iter().any(begins) || is_one_of(name, UNREGISTERED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Result<(Charset, bool), LabelError> {
        label(name.as_bytes()).map(|label| (label.charset, label.registered))
    }

    #[test]
    fn knows_the_registered_names_of_korean() {
        for name in [
            "euc-kr",
            "EUC-KR",
            "csEUCKR",
            "ks_c_5601-1987",
            "KS_C_5601-1989",
            "ksc_5601",
            "csKSC56011987",
            "iso-ir-149",
            "korean",
        ] {
            assert_eq!(named(name), Ok((Charset::EucKr, true)), "{name}");
        }
    }

    #[test]
    fn tells_unregistered_names_of_korean_apart() {
        for name in
            ["ksc5601", "KSC5601", "ks_c_5601", "ks-c-5601-1987", "ksc5601-1987", "euckr", "euc_kr", "EUC KR", "5601"]
        {
            assert_eq!(named(name), Ok((Charset::EucKr, false)), "{name}");
        }
        for name in ["cp949", "MS949", "ms_949", "uhc", "windows-949", "x-windows-949", "CP-949"] {
            assert_eq!(named(name), Ok((Charset::Cp949, false)), "{name}");
        }
    }

    #[test]
    fn knows_utf8() {
        assert_eq!(named("UTF-8"), Ok((Charset::Utf8, true)));
        assert_eq!(named("csUTF8"), Ok((Charset::Utf8, true)));
        for name in ["utf8", "utf:8", "utf_8", "UTF 8", "unicode-1-1-utf-8", "x-unicode20utf8"] {
            assert_eq!(named(name), Ok((Charset::Utf8, false)), "{name}");
        }
    }

    #[test]
    fn reads_ascii_as_the_korean_that_contains_it() {
        assert_eq!(named("us-ascii"), Ok((Charset::EucKr, true)));
        assert_eq!(named("ANSI_X3.4-1968"), Ok((Charset::EucKr, true)));
        assert_eq!(named("ascii"), Ok((Charset::EucKr, false)));
    }

    #[test]
    fn ignores_what_stands_around_a_name() {
        for name in [" euc-kr\t", "\"euc-kr\"", "'euc-kr'", "\" euc-kr \"", "\u{201C}euc-kr\u{201D}"] {
            assert_eq!(named(name), Ok((Charset::EucKr, true)), "{name}");
        }
        assert_eq!(named("\" latin1\""), Ok((Charset::Other(encoding_rs::WINDOWS_1252), true)));
    }

    #[test]
    fn knows_the_charsets_of_encoding_rs() {
        for (name, encoding, registered) in [
            ("ISO-8859-1", encoding_rs::WINDOWS_1252, true),
            ("iso8859-1", encoding_rs::WINDOWS_1252, false),
            ("windows-1252", encoding_rs::WINDOWS_1252, true),
            ("CP1252", encoding_rs::WINDOWS_1252, false),
            ("X-CP1252", encoding_rs::WINDOWS_1252, false),
            ("gb2312", encoding_rs::GBK, true),
            ("gb18030", encoding_rs::GB18030, true),
            ("Big5", encoding_rs::BIG5, true),
            ("Shift_JIS", encoding_rs::SHIFT_JIS, true),
            ("shift-jis", encoding_rs::SHIFT_JIS, false),
            ("koi8-r", encoding_rs::KOI8_R, true),
            ("koi8", encoding_rs::KOI8_R, false),
        ] {
            assert_eq!(named(name), Ok((Charset::Other(encoding), registered)), "{name}");
        }
    }

    #[test]
    fn refuses_charsets_whose_markup_bytes_cannot_be_found() {
        for (name, family) in [
            ("utf-16", "UTF-16"),
            ("UTF-16LE", "UTF-16"),
            ("utf16be", "UTF-16"),
            ("csUTF16", "UTF-16"),
            ("utf-32", "UTF-32"),
            ("UTF-32BE", "UTF-32"),
            ("ucs-2", "UCS-2"),
            ("UCS4", "UCS-4"),
            ("csUCS4", "UCS-4"),
            ("ISO-10646-UCS-2", "UCS-2"),
            ("iso-2022-kr", "ISO-2022-KR"),
            ("csISO2022KR", "ISO-2022-KR"),
            ("iso-2022-jp-2", "ISO-2022-JP"),
            ("iso-2022-cn-ext", "ISO-2022-CN"),
            ("iso-2022-int-1", "ISO-2022"),
            ("utf-7", "UTF-7"),
            ("unicode-1-1-utf-7", "UTF-7"),
            ("hz-gb-2312", "HZ-GB-2312"),
            ("hz", "HZ-GB-2312"),
            ("unicode", "UTF-16LE"),
            ("csUnicode", "UTF-16LE"),
            ("unicodeFFFE", "UTF-16BE"),
        ] {
            assert_eq!(label(name.as_bytes()), Err(LabelError::Refused(family)), "{name}");
        }
    }

    #[test]
    fn reports_names_that_nobody_knows() {
        for name in ["", " ", "\"\"", "euc", "euc-kr2", "xeuc-kr-1", "949", "replacement", "한글"] {
            assert_eq!(label(name.as_bytes()), Err(LabelError::Unknown), "{name}");
        }
    }

    #[test]
    fn usual_spellings_mean_what_they_mean_in_quotes() {
        for name in ["euc-kr", "EUC-KR", "utf-8", "UTF-8", "ksc5601", "KSC5601"] {
            let usual = usual(name.as_bytes()).expect("a usual spelling");
            let quoted = ["'", name, "'"].concat();
            assert_eq!(label(quoted.as_bytes()), Ok(usual), "{name}");
        }
    }

    #[test]
    fn squashed_aliases_are_spelled_as_squashing_leaves_them() {
        for (alias, _) in ALIASES {
            assert!(squashed(alias.as_bytes()).eq(alias.bytes()), "{alias}");
        }
        for (beginning, _) in REFUSED {
            assert!(squashed(beginning.as_bytes()).eq(beginning.bytes()), "{beginning}");
        }
        for name in REGISTERED_ALIASES {
            assert!(named(name).is_ok_and(|(_, registered)| registered), "{name}");
        }
        for name in UNREGISTERED {
            assert!(named(name).is_ok_and(|(_, registered)| !registered), "{name}");
        }
    }
}
