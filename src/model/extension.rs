//! What a carrier sends beyond its interface document, kept so that it can be written back.

#[cfg(feature = "serde")]
use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use super::text::{Text, TextError, is_allowed, redacted, shown, string_traits};

/// An element or attribute that no table knows: one entry a leaf, in document order.
///
/// Written back, after the known siblings, on the same carrier; translation to another drops it and says so.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Extension {
    /// Where it stands.
    pub path: ExtensionPath,
    /// Its namespace, where that is another than its known siblings have.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub ns: Option<Text>,
    /// Its text, trimmed.
    pub value: Text,
}

impl Extension {
    /// An extension in the namespace of its known siblings.
    ///
    /// ```
    /// let extension = tongsa::Extension::new("SenderIdentification/Region", "02")?;
    /// assert_eq!(extension.path.as_str(), "SenderIdentification/Region");
    /// # Ok::<(), tongsa::TextError>(())
    /// ```
    ///
    /// # Errors
    /// As [`ExtensionPath::new`] and [`Text::new`].
    pub fn new(path: impl AsRef<str>, value: impl AsRef<str>) -> Result<Self, TextError> {
        Ok(Self { path: ExtensionPath::new(path)?, ns: None, value: Text::new(value)? })
    }

    /// The same in another namespace.
    #[must_use]
    pub fn with_ns(mut self, ns: Text) -> Self {
        self.ns = Some(ns);
        self
    }
}

impl fmt::Debug for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: ", self.path)?;
        redacted(self.value.as_str(), f)
    }
}

/// The place of an extension, relative to the operation: `A`, `A/B`, `A/@b`, `A[2]/B`.
///
/// Segments are local names. `[n]` says that the element is the n-th of its name among its siblings, from 2 on;
/// the first has none. A path that begins with `/` is relative to the SOAP header: `/Trace`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ExtensionPath(String);

/// One segment of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment<'a> {
    pub(crate) name: &'a str,
    /// The n-th of its name, from 1.
    pub(crate) nth: usize,
    pub(crate) attribute: bool,
}

/// The largest `n` of `[n]`.
pub(crate) const NTH_MAX: usize = 999;
/// The most segments of a path: as deep as XML may be by default.
const DEPTH_MAX: usize = 60;
/// The most bytes of a path: every extension has its own.
pub(crate) const PATH_LEN_MAX: usize = 256;

const FORM: TextError = TextError::Form("a path of names such as A/B, A[2]/B or A/@b, in 256 bytes");

pub(crate) fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || (!c.is_ascii() && is_allowed(c)))
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') || (!c.is_ascii() && is_allowed(c)))
}

impl ExtensionPath {
    /// A path of names, relative to the operation: `A/B`, `A[2]/B` or `A/@b`.
    ///
    /// # Errors
    /// When it is no path of names, or has more than 256 bytes.
    pub fn new(path: impl AsRef<str>) -> Result<Self, TextError> {
        Self::of(path.as_ref().into())
    }

    /// [`new`](Self::new) of a path that nobody else wants.
    pub(crate) fn of(path: String) -> Result<Self, TextError> {
        if path.len() > PATH_LEN_MAX {
            return Err(FORM);
        }
        let relative = path.strip_prefix('/').unwrap_or(&path);
        let (above, last) = match relative.rsplit_once('/') {
            Some((above, last)) => (Some(above), last),
            None => (None, relative),
        };
        let is_element = |text| parse_segment(text).is_some_and(|segment| !segment.attribute);
        let depth = above.map_or(Some(0), |above| {
            plain_depth(above).or_else(|| above.split('/').all(is_element).then(|| above.split('/').count()))
        });
        let last = parse_segment(last).ok_or(FORM)?;
        if depth.is_none_or(|depth| depth >= DEPTH_MAX) || (last.attribute && last.name == "xmlns") {
            return Err(FORM);
        }
        Ok(Self(path))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it stands in the SOAP header.
    pub(crate) fn in_header(&self) -> bool {
        self.0.starts_with('/')
    }

    pub(crate) fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        self.0.strip_prefix('/').unwrap_or(&self.0).split('/').filter_map(parse_segment)
    }
}

/// How many names a path has that are ASCII alone, as nearly all are; told in one pass.
fn plain_depth(path: &str) -> Option<usize> {
    let (mut depth, mut starts) = (1, true);
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => starts = false,
            b'0'..=b'9' | b'-' | b'.' if !starts => {}
            b'/' if !starts => {
                depth += 1;
                starts = true;
            }
            _ => return None,
        }
    }
    (!starts).then_some(depth)
}

/// `name`, `name[n]` with n from 2, `@name`.
fn parse_segment(text: &str) -> Option<Segment<'_>> {
    let (name, nth, attribute) = if let Some(name) = text.strip_prefix('@') {
        (name, 1, true)
    } else if let Some((name, rest)) = text.split_once('[') {
        let digits = rest.strip_suffix(']')?;
        let nth = super::text::read_number(digits)? as usize;
        if !(2..=NTH_MAX).contains(&nth) {
            return None;
        }
        (name, nth, false)
    } else {
        (text, 1, false)
    };
    is_name(name).then_some(Segment { name, nth, attribute })
}

string_traits!(ExtensionPath, shown);

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn refuses_what_is_no_path_of_names() {
        for path in ["", "/", "A/", "A//B", "A/@b/C", "A[1]", "A[0]", "A[02]", "A[x]", "1A", "A B", "A/@xmlns", "a:b"] {
            assert_eq!(ExtensionPath::new(path), Err(FORM), "{path}");
        }
    }

    #[test]
    fn has_as_many_segments_as_xml_has_levels() {
        for name in ["A", "a-1.b", "이름", "A[2]"] {
            let path = |depth: usize| alloc::vec![name; depth].join("/");
            assert!(ExtensionPath::new(path(DEPTH_MAX)).is_ok() || path(DEPTH_MAX).len() > PATH_LEN_MAX, "{name}");
            assert_eq!(ExtensionPath::new(path(DEPTH_MAX + 1)), Err(FORM), "{name}");
        }
    }

    #[test]
    fn keeps_the_parts_of_a_path() {
        let path = ExtensionPath::new("A[2]/이름/@b").unwrap();
        let segments: Vec<_> = path.segments().collect();
        assert_eq!(segments[0], Segment { name: "A", nth: 2, attribute: false });
        assert_eq!(segments[1].name, "이름");
        assert!(segments[2].attribute);
        assert!(ExtensionPath::new("/Trace").unwrap().in_header());
    }
}
