//! Where on the wire something stands: byte offset, and the path a person would follow.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::hash::{Hash, Hasher};

/// The stretch of bytes that an offset counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Space {
    /// The n-th header field of the entity, counted from 0.
    ///
    /// The offset counts as if the field stood as `name: value`, with one colon and one blank: an
    /// offset below the name's length is in the name, the value begins at the name's length plus two.
    Header(usize),
    /// The body of the entity, undecoded.
    Body,
}

/// Names separated by `/`, from the part of the message to the element or header field.
///
/// `part[0]` is the root part, `part[1].part[0]` the first part inside the second. Elements follow from
/// the envelope: `part[0]/Envelope/Body/SubmitReq/TimeStamp`. A message without MIME begins with
/// `Envelope`. The path of a header field ends in its name: `part[1]/Content-ID`.
///
/// The elements of a path, and so the parts, are given in 256 bytes: of more, the outer ones are `…`, because what is
/// deep and has long names would else be said again with each deviation.
#[derive(Clone)]
pub struct Path(Repr);

#[derive(Clone)]
enum Repr {
    Own(Cow<'static, str>),
    /// A stretch of a text that holds the paths of all deviations of one entity.
    Shared {
        paths: Arc<String>,
        start: u32,
        end: u32,
    },
}

impl Path {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Own(text) => text,
            Repr::Shared { paths, start, end } => paths.get(*start as usize..*end as usize).unwrap_or_default(),
        }
    }

    /// Whether the path names nothing closer than the whole entity.
    pub fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }

    /// The stretch of a text that holds many paths.
    pub(crate) fn shared(paths: &Arc<String>, Stretch { start, end }: Stretch) -> Self {
        if start == end { Self::default() } else { Self(Repr::Shared { paths: Arc::clone(paths), start, end }) }
    }
}

/// A stretch of a text that holds the paths of many findings.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stretch {
    start: u32,
    end: u32,
}

impl Stretch {
    /// What has been added to the text since it had this length.
    pub(crate) fn since(start: usize, paths: &str) -> Self {
        match (u32::try_from(start), u32::try_from(paths.len())) {
            (Ok(start), Ok(end)) => Self { start, end },
            // Beyond what a full list of deviations can fill.
            _ => Self::default(),
        }
    }
}

impl Default for Path {
    fn default() -> Self {
        Self(Repr::Own(Cow::Borrowed("")))
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Path {}

impl Hash for Path {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

/// The most bytes that names in a path take.
const NAMES_MAX: usize = 256;

/// Names joined by `separator`, given from the innermost out; what does not fit is `…`.
pub(crate) fn names<'n>(innermost_first: impl Iterator<Item = Cow<'n, [u8]>>, separator: u8) -> String {
    let mut out = String::new();
    push_names(&mut out, innermost_first, separator);
    out
}

/// The same, behind what `out` holds.
pub(crate) fn push_names<'n>(out: &mut String, innermost_first: impl Iterator<Item = Cow<'n, [u8]>>, separator: u8) {
    const MORE: &[u8] = "…".as_bytes();
    // Filled from its end: findings are many, and each path is one allocation.
    let mut text = [separator; MORE.len() + 1 + NAMES_MAX];
    let end = text.len();
    let mut start = end;
    let mut put = |name: &[u8]| {
        let separators = usize::from(start < end);
        start -= separators + name.len();
        text[start..start + name.len()].copy_from_slice(name);
        start
    };
    let mut first = end;
    for name in innermost_first {
        if end - first + 1 + name.len() > NAMES_MAX {
            first = put(MORE);
            break;
        }
        first = put(&name);
    }
    match core::str::from_utf8(&text[first..]) {
        Ok(text) => out.push_str(text),
        Err(_) => out.push_str(&String::from_utf8_lossy(&text[first..])),
    }
}

impl<T: Into<Cow<'static, str>>> From<T> for Path {
    fn from(text: T) -> Self {
        Self(Repr::Own(text.into()))
    }
}

impl AsRef<str> for Path {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// A place in an entity.
///
/// Inside an encoded part (base64, quoted-printable) the offset is that of the part's body, and the path
/// goes on into the decoded content.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Location {
    /// What `offset` counts in.
    pub space: Space,
    /// Bytes from the start of that space, before any decoding.
    pub offset: usize,
    /// Part, element or header field.
    pub path: Path,
}

impl Location {
    /// A place in the body.
    pub fn body(offset: usize, path: impl Into<Path>) -> Self {
        Self { space: Space::Body, offset, path: path.into() }
    }

    /// A place in the n-th header field.
    pub fn header(index: usize, offset: usize, path: impl Into<Path>) -> Self {
        Self { space: Space::Header(index), offset, path: path.into() }
    }
}

/// `byte 12 (part[0]/Envelope)`, `header field 2, byte 3 (Content-Type)`.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Space::Header(index) = self.space {
            write!(f, "header field {index}, ")?;
        }
        write!(f, "byte {}", self.offset)?;
        if self.path.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", self.path)
    }
}
