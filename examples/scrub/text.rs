//! Runs of text: bytes to characters and back, and the words in them.

use super::names::{Names, is_said};
use super::wire::Charset;

/// Which words stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// None.
    Text,
    /// In a name, a reference or an address: those of formats, see [`FORMAT`].
    Value,
    /// In what is enumerated or a time: also the words of [`ENUMERATED`], and digits as dates and codes have them.
    Plain,
    /// All but long numbers.
    Markup,
}

/// Words of formats: they say nothing of anybody, and readers look at them.
const FORMAT: &[&str] = &[
    "cid",
    "http",
    "https",
    "HTTP",
    "mm7",
    "xml",
    "start",
    "MM7",
    "SOAP",
    "LGT",
    "OK",
    "jpg",
    "jpeg",
    "JPG",
    "JPEG",
    "gif",
    "GIF",
    "png",
    "PNG",
    "smi",
    "smil",
    "xt",
    "txt",
    "html",
    "xhtml",
    "htm",
    "sis",
    "mid",
    "mmf",
    "k3g",
    "skm",
    "dmf",
    "text",
    "image",
    "mms",
    "skt",
    "version",
    "style",
    "scroll",
    "multipart",
    "related",
    "mixed",
    "attachment",
    "inline",
    "nbsp",
];

/// Enumerated words, and those of dates. Letter case does not count.
const ENUMERATED: &[&str] = &[
    "true",
    "false",
    "yes",
    "no",
    "personal",
    "advertisement",
    "informational",
    "auto",
    "low",
    "normal",
    "high",
    "sender",
    "recipient",
    "both",
    "neither",
    "thirdparty",
    "expired",
    "retrieved",
    "rejected",
    "indeterminate",
    "forwarded",
    "deferred",
    "unrecognised",
    "unrecognized",
    "deleted",
    "read",
    "client",
    "server",
    "env",
    "soap",
    "soapenv",
    "transactionid",
    "versionmismatch",
    "mustunderstand",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
    "gmt",
    "utc",
    "kst",
    "am",
    "pm",
    "t",
    "z",
    "p",
    "pt",
    "d",
    "h",
    "m",
    "s",
    "y",
    "w",
    "dt",
];

/// The characters of Korean dates.
const KOREAN_DATES: &str = "년월일시분초요오전후화수목금토";

/// Whether a word is one of formats, and so none of a secret.
pub fn is_format(word: &str) -> bool {
    FORMAT.contains(&word)
}

/// A run of digits this long is a number wherever it stands, and a word of its own.
const NUMBER: usize = 9;

impl Rule {
    fn keeps(self, word: &[char]) -> bool {
        let is_number = word.len() >= NUMBER && word.iter().all(char::is_ascii_digit);
        let text = || word.iter().collect::<String>();
        match self {
            Self::Text => false,
            Self::Value => FORMAT.contains(&&*text()),
            Self::Plain => word.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()).all(|run| {
                let text = || run.iter().collect::<String>();
                let is_digits = run[0].is_ascii_digit() && matches!(run.len(), 1..=6 | 8 | 14);
                is_digits
                    || run.iter().all(|&c| KOREAN_DATES.contains(c))
                    || ENUMERATED.contains(&&*text().to_ascii_lowercase())
            }),
            Self::Markup => !is_number,
        }
    }
}

/// A character and where it stands.
struct Unit {
    c: Option<char>,
    start: usize,
    end: usize,
    /// The digits of a character reference, and their base.
    reference: Option<(usize, usize, u32)>,
}

/// Replaces the words of a run of text in its place. In markup, references are the characters they mean.
pub fn scrub(bytes: &mut [u8], charset: Charset, rule: Rule, in_markup: bool, names: &mut Names) {
    let units = units(bytes, charset, in_markup);
    let said = |unit: &Unit| unit.c.is_some_and(is_said);
    for run in units.chunk_by(|a, b| said(a) == said(b)).filter(|run| said(&run[0])) {
        for word in words(run) {
            let original: Vec<char> = word.iter().filter_map(|unit| unit.c).collect();
            if rule.keeps(&original) {
                continue;
            }
            for (unit, c) in word.iter().zip(names.replace(&original)) {
                match unit.reference {
                    None => charset.write(c, &mut bytes[unit.start..unit.end]),
                    Some((start, end, base)) => write_reference(c, unit, &mut bytes[start..end], base, names),
                }
            }
        }
    }
}

/// The words in a run of letters and digits: long numbers are words of their own.
fn words(run: &[Unit]) -> Vec<&[Unit]> {
    let is_digit = |unit: &Unit| unit.c.is_some_and(|c| c.is_ascii_digit());
    let mut words = Vec::new();
    let (mut start, mut at) = (0, 0);
    for piece in run.chunk_by(|a, b| is_digit(a) == is_digit(b)) {
        if is_digit(&piece[0]) && piece.len() >= NUMBER {
            words.extend([&run[start..at], piece]);
            start = at + piece.len();
        }
        at += piece.len();
    }
    words.push(&run[start..]);
    words.retain(|word| !word.is_empty());
    words
}

fn units(bytes: &[u8], charset: Charset, in_markup: bool) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let unit = reference(bytes, at).filter(|_| in_markup).unwrap_or_else(|| {
            let (len, c) = charset.first(&bytes[at..]);
            Unit { c, start: at, end: at + len, reference: None }
        });
        at = unit.end;
        units.push(unit);
    }
    units
}

/// XML 1.0 4.1: a reference to a character, or one of the entities that say nothing.
fn reference(bytes: &[u8], at: usize) -> Option<Unit> {
    let rest = bytes[at..].strip_prefix(b"&")?;
    let len = rest.iter().take(12).position(|&byte| byte == b';')?;
    let name = std::str::from_utf8(&rest[..len]).ok()?;
    let unit = |c, reference| Some(Unit { c, start: at, end: at + len + 2, reference });
    if ["amp", "lt", "gt", "quot", "apos", "nbsp"].contains(&name) {
        return unit(None, None);
    }
    let number = name.strip_prefix('#')?;
    let (digits, base) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    let c = char::from_u32(u32::from_str_radix(digits, base).ok()?)?;
    let end = at + 1 + len;
    unit(Some(c), Some((end - digits.len(), end, base)))
}

/// Writes a reference in as many digits as there are.
fn write_reference(c: char, unit: &Unit, digits: &mut [u8], base: u32, names: &Names) {
    let width = digits.len();
    let written =
        |c: char| if base == 16 { format!("{:0width$X}", u32::from(c)) } else { format!("{:0width$}", u32::from(c)) };
    let fits = |c: char| written(c).len() == width;
    let original = unit.c.unwrap_or(c);
    let c = if fits(c) { c } else { names.replace_char(original, fits) };
    if c != original {
        digits.copy_from_slice(written(c).as_bytes());
    }
}
