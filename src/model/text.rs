//! Text that a message may hold: never empty, never a character that no dialect can carry.

#[cfg(feature = "serde")]
use alloc::borrow::Cow;
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use core::fmt;

use smol_str::SmolStr;

/// Why a string cannot stand in a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// Nothing but white space: absent values are `None`, not empty.
    #[error("empty text")]
    Empty,
    /// A C0 control other than TAB, LF and CR, U+FFFE or U+FFFF, which XML 1.0 cannot hold; or a character that
    /// this type excludes.
    #[error("character U+{:04X} at index {index} cannot stand here", u32::from(*character))]
    Character {
        /// The character.
        character: char,
        /// Which character of the string it is, from 0.
        index: usize,
    },
    /// The text does not have the form of the type.
    #[error("expected {0}")]
    Form(&'static str),
}

/// XML 1.0 production `S`: the white space that is trimmed from scalars.
pub(crate) const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// XML 1.0 production `Char`, less what no encoding here needs.
pub(crate) const fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

pub(crate) fn trim(text: &str) -> &str {
    // Mostly there is nothing to trim.
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim_matches(is_blank),
    }
}

/// Whether every character is one that may stand in a message. Most text is told at a glance: it holds no control
/// character and no byte with which U+FFFE and U+FFFF begin.
fn is_clean(text: &str) -> bool {
    let suspect = |byte: u8| byte == 0xEF || byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
    // Without an early end, so that it runs over many bytes at a time.
    !text.bytes().fold(false, |found, byte| found | suspect(byte)) || text.chars().all(is_allowed)
}

/// The first character that may not stand in a message.
fn check(text: &str) -> Result<(), TextError> {
    if is_clean(text) {
        return Ok(());
    }
    match text.chars().enumerate().find(|&(_, c)| !is_allowed(c)) {
        Some((index, character)) => Err(TextError::Character { character, index }),
        None => Ok(()),
    }
}

/// Wire text with what no message holds replaced by U+FFFD. The layers below have done so already and reported it;
/// this keeps the invariant without trusting them.
fn sanitized<'t, T: From<&'t str> + FromIterator<char>>(text: &'t str) -> T {
    if is_clean(text) {
        return text.into();
    }
    text.chars().map(|c| if is_allowed(c) { c } else { '\u{FFFD}' }).collect()
}

/// A type that stands on the wire as one run of text.
pub(crate) trait TextLike: Sized {
    fn as_str(&self) -> &str;
    /// The value of this text, `None` where it is blank.
    fn from_wire(text: &str) -> Option<Self>;
}

macro_rules! scalar {
    ($(#[$meta:meta])* $name:ident, $debug:expr) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(SmolStr);

        impl $name {
            /// The text without the XML white space around it.
            ///
            /// # Errors
            /// When it is empty then, or holds a character that no dialect can carry.
            pub fn new(text: impl AsRef<str>) -> Result<Self, TextError> {
                let text = trim(text.as_ref());
                check(text)?;
                if text.is_empty() { Err(TextError::Empty) } else { Ok(Self(text.into())) }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            #[allow(dead_code, reason = "not every kind of text becomes another")]
            pub(crate) fn into_inner(self) -> SmolStr {
                self.0
            }
        }

        impl TextLike for $name {
            fn as_str(&self) -> &str {
                &self.0
            }

            fn from_wire(text: &str) -> Option<Self> {
                let text = trim(text);
                (!text.is_empty()).then(|| Self(sanitized(text)))
            }
        }

        string_traits!($name, $debug);
    };
}

/// What every text newtype has: `TryFrom<&str>`, `Display`, `AsRef`, its `Debug`, and serde as a string.
macro_rules! string_traits {
    ($name:ident, $debug:expr) => {
        impl TryFrom<&str> for $name {
            type Error = TextError;
            fn try_from(text: &str) -> Result<Self, TextError> {
                Self::new(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let debug: fn(&str, &mut fmt::Formatter<'_>) -> fmt::Result = $debug;
                debug(self.as_str(), f)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <Cow<'de, str>>::deserialize(deserializer)?;
                Self::new(&*text).map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use string_traits;

/// `Debug` of what may be shown.
pub(crate) fn shown(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    fmt::Debug::fmt(text, f)
}

/// `Debug` of a subscriber's data: its length and nothing else, in every build profile.
pub(crate) fn redacted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "<{} characters>", text.chars().count())
}

scalar! {
    /// A scalar of the message: an id, a code, a version. Trimmed, never empty.
    ///
    /// ```
    /// use tongsa::Text;
    /// assert_eq!(Text::new(" 00042\n")?.as_str(), "00042");
    /// assert!(Text::new("  ").is_err(), "an empty value is an absent one");
    /// assert!(Text::new("a\u{1}").is_err(), "XML cannot hold it");
    /// # Ok::<(), tongsa::TextError>(())
    /// ```
    Text, shown
}

scalar! {
    /// A phone number or what stands in its place, as written: digits by convention, not by check. `Debug` redacts it.
    Number, redacted
}

scalar! {
    /// The subject of a message. Trimmed, never empty; `Debug` redacts it.
    Subject, redacted
}

/// What the subscriber reads: verbatim, white space and line ends included. Never empty; `Debug` redacts it.
///
/// ```
/// use tongsa::Prose;
/// assert_eq!(Prose::new(" two\r\nlines ")?.as_str(), " two\r\nlines ");
/// assert_eq!(format!("{:?}", Prose::new("secret")?), "<6 characters>");
/// # Ok::<(), tongsa::TextError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Prose(String);

impl Prose {
    /// The text as it is.
    ///
    /// # Errors
    /// When it is empty, or holds a character that no dialect can carry.
    pub fn new(text: impl AsRef<str>) -> Result<Self, TextError> {
        let text = text.as_ref();
        check(text)?;
        if text.is_empty() { Err(TextError::Empty) } else { Ok(Self(text.to_owned())) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Prose {
    /// [`from_wire`](TextLike::from_wire) of a text that nobody else wants.
    pub(crate) fn from_wire_text(text: String) -> Option<Self> {
        if is_clean(&text) { (!text.is_empty()).then_some(Self(text)) } else { Self::from_wire(&text) }
    }
}

impl TextLike for Prose {
    fn as_str(&self) -> &str {
        &self.0
    }

    fn from_wire(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(sanitized(text)))
    }
}

string_traits!(Prose, redacted);

macro_rules! open_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal,)* } refuses $refused:expr) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$vmeta])* $variant,)*
            /// Any other word, as it stands on the wire. Never one of the above: build it with [`new`](Self::new).
            Other(OtherWord),
        }

        impl $name {
            /// The value of this word, without the white space around it.
            ///
            /// # Errors
            /// When it is empty, or cannot stand here.
            pub fn new(word: impl AsRef<str>) -> Result<Self, TextError> {
                let word = Text::new(word)?;
                let refused: fn(&str) -> Option<TextError> = $refused;
                if let Some(error) = refused(word.as_str()) {
                    return Err(error);
                }
                Ok(Self::from_text(word))
            }

            fn from_text(word: Text) -> Self {
                match word.as_str() {
                    $($word => Self::$variant,)*
                    _ => Self::Other(OtherWord(word)),
                }
            }

            /// The word as the standard spells it, or as it stood.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Other(word) => word.0.as_str(),
                }
            }

            /// Whether the standard's enumeration has it.
            pub const fn is_standard(&self) -> bool {
                !matches!(self, Self::Other(_))
            }
        }

        impl TextLike for $name {
            fn as_str(&self) -> &str {
                Self::as_str(self)
            }

            fn from_wire(text: &str) -> Option<Self> {
                let word = Text::from_wire(text)?;
                let refused: fn(&str) -> Option<TextError> = $refused;
                refused(word.as_str()).is_none().then(|| Self::from_text(word))
            }
        }

        string_traits!($name, shown);
    };
}

/// A word outside an open enumeration. Only the enumerations make one, so that no known word hides in it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OtherWord(Text);

open_enum! {
    /// MessageClass (TS 23.140 section 8.7.1). K writes `GENERAL`, L's document `137` (K-18, L-07).
    ///
    /// ```
    /// use tongsa::MessageClass;
    /// assert_eq!(MessageClass::new("Personal")?, MessageClass::Personal);
    /// assert_eq!(MessageClass::new("137")?.to_string(), "137");
    /// # Ok::<(), tongsa::TextError>(())
    /// ```
    MessageClass {
        /// `Personal`.
        Personal = "Personal",
        /// `Informational`, the standard's default.
        Informational = "Informational",
        /// `Advertisement`.
        Advertisement = "Advertisement",
        /// `Auto`.
        Auto = "Auto",
    } refuses |_| None
}

open_enum! {
    /// Priority (TS 23.140).
    Priority {
        /// `Low`.
        Low = "Low",
        /// `Normal`.
        Normal = "Normal",
        /// `High`.
        High = "High",
    } refuses |_| None
}

open_enum! {
    /// ChargedParty (TS 23.140): who pays.
    ChargedParty {
        /// `Sender`.
        Sender = "Sender",
        /// `Recipient`.
        Recipient = "Recipient",
        /// `Both`.
        Both = "Both",
        /// `Neither`.
        Neither = "Neither",
        /// `ThirdParty` (Rel-6).
        ThirdParty = "ThirdParty",
    } refuses |_| None
}

open_enum! {
    /// MMStatus of a delivery report or read reply: a word (TS 23.140). Digits in its place are a status
    /// code (K-19, L-10) and stand in [`Status::code`](crate::Status); this type refuses them.
    MmStatus {
        /// `Expired`.
        Expired = "Expired",
        /// `Retrieved`.
        Retrieved = "Retrieved",
        /// `Rejected`.
        Rejected = "Rejected",
        /// `Indeterminate`.
        Indeterminate = "Indeterminate",
        /// `Forwarded`.
        Forwarded = "Forwarded",
        /// `Read`, of read replies.
        Read = "Read",
        /// `Deleted`, of read replies.
        Deleted = "Deleted",
    } refuses |word| word.bytes().all(|b| b.is_ascii_digit()).then_some(TextError::Form("a word; digits are a status code"))
}

/// A boolean of the schema, or the text that stands where one belongs (L-07: DistributionIndicator `0000`).
///
/// In JSON a boolean, or a string for what is none.
///
/// ```
/// use tongsa::Flag;
/// assert_eq!(Flag::parse("TRUE")?, Flag::from(true));
/// assert_eq!(Flag::parse("0000")?.as_bool(), None);
/// assert_eq!(Flag::parse("0000")?.to_string(), "0000");
/// # Ok::<(), tongsa::TextError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Flag(FlagRepr);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum FlagRepr {
    Bool(bool),
    /// Never a text that `read_bool` knows.
    Raw(Text),
}

/// Every spelling of a boolean on record (S-15), in any letter case.
pub(crate) fn read_bool(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") || is("1") || is("yes") {
        Some(true)
    } else if is("false") || is("0") || is("no") {
        Some(false)
    } else {
        None
    }
}

impl Flag {
    /// The value of a text: a boolean in any spelling of S-15, else the text itself.
    ///
    /// # Errors
    /// As [`Text::new`].
    pub fn parse(text: impl AsRef<str>) -> Result<Self, TextError> {
        Text::new(text).map(Self::from_text)
    }

    fn from_text(text: Text) -> Self {
        Self(match read_bool(text.as_str()) {
            Some(value) => FlagRepr::Bool(value),
            None => FlagRepr::Raw(text),
        })
    }

    pub(crate) fn from_wire(text: &str) -> Option<Self> {
        Text::from_wire(text).map(Self::from_text)
    }

    /// The boolean, if it is one.
    pub const fn as_bool(&self) -> Option<bool> {
        match self.0 {
            FlagRepr::Bool(value) => Some(value),
            FlagRepr::Raw(_) => None,
        }
    }

    /// The text, if it is no boolean.
    pub fn raw(&self) -> Option<&str> {
        match &self.0 {
            FlagRepr::Bool(_) => None,
            FlagRepr::Raw(text) => Some(text.as_str()),
        }
    }
}

impl From<bool> for Flag {
    fn from(value: bool) -> Self {
        Self(FlagRepr::Bool(value))
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            FlagRepr::Bool(value) => fmt::Display::fmt(value, f),
            FlagRepr::Raw(text) => fmt::Display::fmt(text, f),
        }
    }
}

/// A status code (TS 23.140 section 8.7.8): a positive integer, or the text that stands where one belongs.
///
/// In JSON a number, or a string for what is none.
///
/// ```
/// use tongsa::Code;
/// assert_eq!(Code::parse("6102")?, Code::from(6102));
/// assert_eq!(Code::parse("n/a")?.number(), None);
/// # Ok::<(), tongsa::TextError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Code(CodeRepr);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum CodeRepr {
    Number(u32),
    /// Never a text that `read_number` knows.
    Raw(Text),
}

/// Decimal digits without a leading zero, so that writing the number gives the text again.
pub(crate) fn read_number(text: &str) -> Option<u32> {
    let canonical = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if canonical { text.parse().ok() } else { None }
}

impl Code {
    /// The value of a text: a number, else the text itself.
    ///
    /// # Errors
    /// As [`Text::new`].
    pub fn parse(text: impl AsRef<str>) -> Result<Self, TextError> {
        Text::new(text).map(Self::from_text)
    }

    fn from_text(text: Text) -> Self {
        Self(match read_number(text.as_str()) {
            Some(number) => CodeRepr::Number(number),
            None => CodeRepr::Raw(text),
        })
    }

    pub(crate) fn from_wire(text: &str) -> Option<Self> {
        Text::from_wire(text).map(Self::from_text)
    }

    /// The number, if it is one.
    pub const fn number(&self) -> Option<u32> {
        match self.0 {
            CodeRepr::Number(number) => Some(number),
            CodeRepr::Raw(_) => None,
        }
    }

    /// The text, if it is no number.
    pub fn raw(&self) -> Option<&str> {
        match &self.0 {
            CodeRepr::Number(_) => None,
            CodeRepr::Raw(text) => Some(text.as_str()),
        }
    }
}

impl From<u32> for Code {
    fn from(number: u32) -> Self {
        Self(CodeRepr::Number(number))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            CodeRepr::Number(number) => fmt::Display::fmt(number, f),
            CodeRepr::Raw(text) => fmt::Display::fmt(text, f),
        }
    }
}

#[cfg(feature = "serde")]
mod json {
    use super::{Code, CodeRepr, Flag, FlagRepr, TextError};
    use core::fmt;
    use serde::de::{Error, Unexpected, Visitor};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    impl Serialize for Flag {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match &self.0 {
                FlagRepr::Bool(value) => serializer.serialize_bool(*value),
                FlagRepr::Raw(text) => serializer.serialize_str(text.as_str()),
            }
        }
    }

    impl Serialize for Code {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match &self.0 {
                CodeRepr::Number(number) => serializer.serialize_u32(*number),
                CodeRepr::Raw(text) => serializer.serialize_str(text.as_str()),
            }
        }
    }

    /// A native JSON value or a string.
    struct Either<T> {
        expecting: &'static str,
        from_bool: fn(bool) -> Option<T>,
        from_u64: fn(u64) -> Option<T>,
        from_str: fn(&str) -> Result<T, TextError>,
    }

    impl<T> Visitor<'_> for Either<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.expecting)
        }

        fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
            (self.from_bool)(value).ok_or_else(|| E::invalid_type(Unexpected::Bool(value), &self))
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
            (self.from_u64)(value).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(value), &self))
        }

        fn visit_str<E: Error>(self, value: &str) -> Result<T, E> {
            (self.from_str)(value).map_err(E::custom)
        }
    }

    impl<'de> Deserialize<'de> for Flag {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(Either {
                expecting: "a boolean or the text in its place",
                from_bool: |value| Some(Self::from(value)),
                from_u64: |_| None,
                from_str: |text| Self::parse(text),
            })
        }
    }

    impl<'de> Deserialize<'de> for Code {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(Either {
                expecting: "a status code or the text in its place",
                from_bool: |_| None,
                from_u64: |number| u32::try_from(number).ok().map(Self::from),
                from_str: |text| Self::parse(text),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn keeps_inner_white_space_of_a_scalar_and_trims_the_outer() {
        assert_eq!(Text::new("\t a\r\nb \n").unwrap().as_str(), "a\r\nb");
    }

    #[test]
    fn refuses_what_xml_cannot_hold_and_says_where() {
        assert_eq!(Text::new("가\u{FFFF}"), Err(TextError::Character { character: '\u{FFFF}', index: 1 }));
        assert_eq!(Prose::new(""), Err(TextError::Empty));
        assert!(Prose::new(" \r\n\t").is_ok(), "prose is verbatim");
    }

    #[test]
    fn hides_no_known_word_in_an_other() {
        assert!(MmStatus::new("Retrieved").unwrap().is_standard());
        assert!(!MmStatus::new("retrieved").unwrap().is_standard());
        assert!(MmStatus::new("1000").is_err());
        assert_eq!(MmStatus::from_wire("1000"), None);
    }

    #[test]
    fn reads_every_spelling_of_a_boolean() {
        for text in ["true", "True", "TRUE", "1", "Yes"] {
            assert_eq!(Flag::parse(text).unwrap(), true.into());
        }
        assert_eq!(Flag::parse("no").unwrap().as_bool(), Some(false));
        assert_eq!(Flag::parse("0000").unwrap().raw(), Some("0000"));
    }

    #[test]
    fn keeps_a_code_that_a_number_would_not_write_again() {
        assert_eq!(Code::parse("0100").unwrap().raw(), Some("0100"));
        assert_eq!(Code::parse("99999999999").unwrap().raw(), Some("99999999999"));
        assert_eq!(Code::parse("0").unwrap().number(), Some(0));
    }

    #[test]
    fn redacts_numbers_in_debug() {
        assert_eq!(format!("{:?}", Number::new("01000000001").unwrap()), "<11 characters>");
    }
}
