//! What the subscriber sees: text and media.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;
use smol_str::SmolStr;

use super::presentation::Presentation;
use super::record;
use super::slot::{Absent, Field, FieldRefs, Record, Slot};
use super::text::{Prose, Text, TextError, TextLike, shown, string_traits, trim};
use crate::deviation::Flags;
use crate::mime;

record! {
    /// The content of a message: meaning, not markup.
    Content {
        /// What the subscriber reads.
        text: Option<Prose> => ContentText,
        /// Images, sound and video, in the order of the parts on the wire.
        media: Vec<Media> => ContentMedia,
        /// `Content/@href`: which part the operation names as its content.
        href: Option<Text> => ContentHref,
        /// L `X-Kmms-SVCCODE` of the text part: the information fee, twelve digits whose first four are the CP's code.
        fee_code: Option<Text> => ContentFeeCode,
        /// Further vendor header fields of the text part.
        fields: PartFields => ContentFields,
        /// How text and media are shown.
        presentation: Presentation => (..),
    }
}

/// One part of media.
///
/// ```
/// let mut image = tongsa::Media::new(tongsa::MediaType::JPEG, b"\xFF\xD8\xFF\xD9".as_slice());
/// image.name = Some(tongsa::Text::new("IMG0001.jpeg")?);
/// assert_eq!(image.media_type.as_str(), "image/jpeg");
/// # Ok::<(), tongsa::TextError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Media {
    /// `Content-Type`; `application/octet-stream` where the wire has none that can be read.
    pub media_type: MediaType,
    /// `Content-ID`, without brackets.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub content_id: Option<ContentId>,
    /// The file name of `Content-Disposition`, else the name parameter of `Content-Type`.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub name: Option<Text>,
    /// Vendor header fields: `X-SKT-Service-Type`, `X-Kmms-redistribution`, `Content-Category`.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "PartFields::is_empty"))]
    pub fields: PartFields,
    /// The bytes, transfer encoding undone: a slice of the input where there was none. Base64 in JSON.
    #[cfg_attr(feature = "serde", serde(with = "base64_bytes"))]
    pub data: Bytes,
}

impl Media {
    /// Media without id, name or fields.
    pub fn new(media_type: MediaType, data: impl Into<Bytes>) -> Self {
        Self { media_type, content_id: None, name: None, fields: PartFields::default(), data: data.into() }
    }
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Media")
            .field("media_type", &self.media_type)
            .field("content_id", &self.content_id)
            .field("name", &self.name)
            .field("fields", &self.fields)
            .field("data", &format_args!("<{} bytes>", self.data.len()))
            .finish()
    }
}

/// The type of one part (RFC 2045 section 5.1): type, subtype, parameters. Never `multipart/…`.
///
/// ```
/// use tongsa::MediaType;
/// let media_type = MediaType::new("Image/JPEG;Name=\"a b\"")?;
/// assert_eq!(media_type.as_str(), "image/jpeg; name=\"a b\"");
/// assert_eq!(media_type.essence(), "image/jpeg");
/// # Ok::<(), tongsa::TextError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MediaType(MediaTypeRepr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum MediaTypeRepr {
    Known(&'static str),
    Other(SmolStr),
}

impl MediaType {
    /// `image/jpeg`: the one image type that all three carriers take.
    pub const JPEG: Self = Self(MediaTypeRepr::Known("image/jpeg"));
    /// `application/octet-stream`: nothing is known of the type.
    pub const OCTET_STREAM: Self = Self(MediaTypeRepr::Known("application/octet-stream"));
    /// `text/plain`.
    pub const PLAIN: Self = Self(MediaTypeRepr::Known("text/plain"));

    const KNOWN: [Self; 3] = [Self::JPEG, Self::OCTET_STREAM, Self::PLAIN];

    /// Reads `type/subtype; name=value`; names are lower-cased, values quoted where they must be.
    ///
    /// # Errors
    /// When it has no such form, or is a multipart.
    pub fn new(text: impl AsRef<str>) -> Result<Self, TextError> {
        let text = Text::new(text)?;
        let parsed = mime::media_type(text.as_str().as_bytes(), 0, &mut Flags::default());
        parsed
            .and_then(|parsed| {
                Self::from_parsed(&parsed.media_type(), |param| Some(String::from_utf8_lossy(&param.value)))
            })
            .ok_or(TextError::Form("type/subtype, and no multipart"))
    }

    /// The type as parsed from a header field. `value` gives the value of a parameter as text, or leaves it out.
    pub(crate) fn from_parsed(
        parsed: &mime::MediaType<'_>,
        value: impl for<'p> Fn(&'p mime::Param<'_>) -> Option<Cow<'p, str>>,
    ) -> Option<Self> {
        if parsed.is_multipart() {
            return None;
        }
        let mut with_params: Option<String> = None;
        for param in parsed.params {
            let Some(value) = value(param) else { continue };
            if value.chars().any(char::is_control) {
                return None;
            }
            let text = with_params.get_or_insert_with(|| parsed.essence());
            text.push_str("; ");
            param.write_name(text);
            text.push('=');
            push_value(text, &value);
        }
        let known = || Self::KNOWN.into_iter().find(|known| parsed.is(known.as_str()));
        let other = |text: String| Self(MediaTypeRepr::Other(text.into()));
        Some(match with_params {
            Some(text) => other(text),
            None => known().unwrap_or_else(|| other(parsed.essence())),
        })
    }

    /// The type as text, parameters included.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            MediaTypeRepr::Known(text) => text,
            MediaTypeRepr::Other(text) => text,
        }
    }

    /// `type/subtype`, in lower case.
    pub fn essence(&self) -> &str {
        let text = self.as_str();
        text.split_once(';').map_or(text, |(essence, _)| essence)
    }

    /// Whether it is a kind of text.
    pub fn is_text(&self) -> bool {
        self.essence().starts_with("text/")
    }
}

/// RFC 2045 `value := token / quoted-string`.
fn push_value(out: &mut String, value: &str) {
    let is_token =
        !value.is_empty() && value.bytes().all(|b| b.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&b));
    if is_token {
        out.push_str(value);
        return;
    }
    out.push('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}

string_traits!(MediaType, shown);

/// A `Content-ID` (RFC 2045 section 7) without its brackets. Opaque: carriers write no `left@right` (K-06, S-40).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ContentId(SmolStr);

impl ContentId {
    /// The id, given without its brackets.
    ///
    /// # Errors
    /// When it holds angle brackets, line breaks, tabs or no-break spaces, which a header field would not give back.
    pub fn new(text: impl AsRef<str>) -> Result<Self, TextError> {
        let text = Text::new(text)?;
        if Self::is_remark(text.as_str()) {
            return Err(TextError::Form("a Content-ID that does not begin like a remark"));
        }
        match text.as_str().chars().enumerate().find(|&(_, c)| !Self::allows(c)) {
            Some((index, character)) => Err(TextError::Character { character, index }),
            None => Ok(Self(text.into_inner())),
        }
    }

    /// `<--` and `<!--` behind a value are remarks (S-26), so no id begins so.
    fn is_remark(id: &str) -> bool {
        id.starts_with("--") || id.starts_with("!--")
    }

    const fn allows(c: char) -> bool {
        !matches!(c, '<' | '>' | '\r' | '\n' | '\t' | '\u{A0}')
    }

    pub(crate) fn from_wire(text: &str) -> Option<Self> {
        let id = trim(text);
        let id: SmolStr =
            if id.chars().all(Self::allows) { id.into() } else { id.chars().filter(|&c| Self::allows(c)).collect() };
        if Self::is_remark(&id) {
            return None;
        }
        Text::from_wire(&id).map(|id| Self(id.into_inner()))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TextLike for ContentId {
    fn as_str(&self) -> &str {
        &self.0
    }

    fn from_wire(text: &str) -> Option<Self> {
        Self::from_wire(text)
    }
}

string_traits!(ContentId, shown);

/// The name of a vendor header field: a token (RFC 9110 section 5.6.2), hyphens for underscores (L-16), and none of
/// the fields that the codec writes itself.
///
/// Names are equal without regard to letter case.
#[derive(Clone)]
pub struct FieldName(SmolStr);

/// The fields that have a place of their own in the model, or none in it.
const RESERVED: [&str; 5] =
    ["Content-Type", "Content-Transfer-Encoding", "Content-ID", "Content-Disposition", "Content-Length"];

/// A byte of `token`, RFC 9110 section 5.6.2, but for the underscore: as in RFC 2045, without the braces.
const fn is_token_of_http(byte: u8) -> bool {
    mime::is_token(byte) && !matches!(byte, b'_' | b'{' | b'}')
}

impl FieldName {
    /// The name of a vendor's field.
    ///
    /// # Errors
    /// When it is no token (RFC 9110 section 5.6.2), or the name of a field that the codec itself writes.
    pub fn new(text: impl AsRef<str>) -> Result<Self, TextError> {
        let name = text.as_ref();
        let name =
            if name.bytes().any(|byte| byte == b'_') { SmolStr::from(name.replace('_', "-")) } else { name.into() };
        let is_token = !name.is_empty() && name.bytes().all(is_token_of_http);
        if !is_token {
            return Err(TextError::Form("a header field's name"));
        }
        if Self::is_reserved(&name) {
            return Err(TextError::Form("a vendor's header field, not one of the message's structure"));
        }
        Ok(Self(name))
    }

    /// Whether the codec itself reads and writes the field.
    pub(crate) fn is_reserved(name: &str) -> bool {
        let same = |a: u8, b: u8| a.eq_ignore_ascii_case(&b) || (a == b'-' && b == b'_');
        RESERVED
            .iter()
            .any(|reserved| reserved.len() == name.len() && reserved.bytes().zip(name.bytes()).all(|(a, b)| same(a, b)))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for FieldName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for FieldName {}

string_traits!(FieldName, shown);

/// The vendor header fields of one part: each name once, in order.
///
/// ```
/// use tongsa::{FieldName, PartFields, Text};
/// let mut fields = PartFields::default();
/// fields.insert(FieldName::new("X_Kmms_redistribution")?, Text::new("TRUE")?);
/// assert_eq!(fields.get("x-kmms-redistribution").unwrap().as_str(), "TRUE");
/// # Ok::<(), tongsa::TextError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PartFields(Vec<(FieldName, Text)>);

impl PartFields {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a field, by name.
    pub fn get(&self, name: &str) -> Option<&Text> {
        self.0.iter().find(|(known, _)| known.as_str().eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Sets a field, in its place if the name is there, else at the end.
    pub fn insert(&mut self, name: FieldName, value: Text) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, place)) => *place = value,
            None => self.0.push((name, value)),
        }
    }

    /// Adds a field whose name is not there.
    pub(crate) fn push_new(&mut self, name: FieldName, value: Text) {
        self.0.push((name, value));
    }

    /// Takes a field out.
    pub fn remove(&mut self, name: &str) -> Option<Text> {
        let index = self.0.iter().position(|(known, _)| known.as_str().eq_ignore_ascii_case(name))?;
        Some(self.0.remove(index).1)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&FieldName, &Text)> {
        self.0.iter().map(|(name, value)| (name, value))
    }
}

impl Absent for PartFields {
    const ABSENT: Self = Self(Vec::new());

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl fmt::Debug for PartFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for PartFields {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for PartFields {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = PartFields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("header fields by name")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<PartFields, A::Error> {
                let mut fields = PartFields::default();
                while let Some((name, value)) = map.next_entry::<FieldName, Text>()? {
                    if fields.get(name.as_str()).is_some() {
                        return Err(serde::de::Error::custom(format_args!("{name} stands twice")));
                    }
                    fields.insert(name, value);
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(Visitor)
    }
}

#[cfg(feature = "serde")]
mod base64_bytes {
    use super::{Bytes, Cow};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(data: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(data))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        STANDARD.decode(&*text).map(Bytes::from).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn refuses_a_multipart_as_the_type_of_media() {
        assert!(MediaType::new("multipart/mixed; boundary=x").is_err());
        assert!(MediaType::new("jpeg").is_err());
    }

    #[test]
    fn writes_a_media_type_that_reads_back() {
        for text in ["image/jpeg", "text/plain; charset=utf-8", "a/b; c=\"d \\\" \\\\ e\""] {
            let once = MediaType::new(text).unwrap();
            assert_eq!(MediaType::new(once.as_str()).unwrap(), once, "{text}");
        }
    }

    #[test]
    fn refuses_names_that_the_codec_writes_itself() {
        assert!(FieldName::new("content-id").is_err());
        assert!(FieldName::new("Content_Type").is_err());
        assert!(FieldName::new("a:b").is_err());
        assert_eq!(FieldName::new("X_A").unwrap().as_str(), "X-A");
    }

    #[test]
    fn redacts_media_in_debug() {
        let media = Media::new(MediaType::JPEG, b"secret".as_slice());
        assert!(format!("{media:?}").contains("<6 bytes>"));
        assert!(!format!("{media:?}").contains("secret"));
    }
}
