//! Parts of content: their header fields, texts and media, with an account of what a header line or the charset lacks.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::Target;
use crate::charset;
use crate::codec::{EncodeError, OnUnmappable};
use crate::deviation::{DeviationKind, Flags};
use crate::loss::{Loss, LossKind, UnmappableChar};
use crate::mime;
use crate::model::{Media, PartFields, Slot, Text, Value};

/// How media are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MediaForm {
    /// In base64; the vendor's fields last.
    Base64,
    /// As they are, without a transfer encoding, and with a length that is a guess (S-29).
    Raw,
}

/// What Content-Length says of a part in the carrier's document, whatever its length (S-29).
pub(super) const PLACEHOLDER: &[u8] = b"500";

/// Where a value stands in the message. It is a text only where there is something to say of the value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'p> {
    /// A field of the message.
    Slot(Slot),
    /// A vendor's header field of this name, in a field of the message.
    Field(Slot, &'p str),
    /// A field of the nth media.
    Media(usize, &'static str),
    /// A vendor's header field of this name, of the nth media.
    MediaField(usize, &'p str),
}

impl Place<'_> {
    pub(crate) fn path(self) -> String {
        match self {
            Self::Slot(slot) => slot.path().into(),
            Self::Field(slot, name) => alloc::format!("{}.{name}", slot.path()),
            Self::Media(index, field) => alloc::format!("content.media[{index}].{field}"),
            Self::MediaField(index, name) => alloc::format!("content.media[{index}].fields.{name}"),
        }
    }
}

/// What is lost on the way to the wire, and what was to be refused instead.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(super) target: Target,
    pub(crate) losses: Vec<Loss>,
    refused: Option<EncodeError>,
}

impl Account {
    pub(crate) const fn new(target: Target) -> Self {
        Self { target, losses: Vec::new(), refused: None }
    }

    /// The losses, or the first character that was to be refused.
    pub(crate) fn close(self) -> Result<Vec<Loss>, EncodeError> {
        self.refused.map_or(Ok(self.losses), Err)
    }

    /// What `write` finds, to be put behind what is found before [`append`](Self::append).
    pub(super) fn aside(&self, write: impl FnOnce(&mut Self)) -> Self {
        let mut aside = Self::new(self.target);
        write(&mut aside);
        aside
    }

    pub(super) fn append(&mut self, other: Self) {
        self.losses.extend(other.losses);
        self.refused = self.refused.take().or(other.refused);
    }

    pub(super) fn dropped(&mut self, place: Place<'_>, before: &str) {
        self.losses.push(Loss::dropped(place.path(), Value::Text(before.into())));
    }

    /// Appends the bytes of a text with `?` for what the charset does not have; the account has what that was.
    pub(super) fn text(&mut self, place: Place<'_>, text: &str, out: &mut Vec<u8>) {
        let chars = self.encode(place, text, out);
        if !chars.is_empty() {
            let mut gone = chars.iter().map(|unmappable| unmappable.index).peekable();
            let mut after = String::with_capacity(text.len());
            for (index, c) in text.chars().enumerate() {
                after.push(if gone.next_if_eq(&index).is_some() { '?' } else { c });
            }
            self.losses.push(loss(place.path(), text, &after, chars));
        }
    }

    /// Appends the bytes of a text with `?` for what the charset does not have, and gives what that was.
    pub(super) fn encode(&mut self, place: Place<'_>, text: &str, out: &mut Vec<u8>) -> Vec<UnmappableChar> {
        let mut chars = Vec::new();
        charset::encode(text, self.target.repertoire, out, |out, char, index| {
            out.push(b'?');
            chars.push(UnmappableChar { char, index });
        });
        self.refuse(place, &chars);
        chars
    }

    fn refuse(&mut self, place: Place<'_>, chars: &[UnmappableChar]) {
        if let (OnUnmappable::Refuse, [UnmappableChar { char, index }, ..]) = (self.target.on_unmappable, chars) {
            let refused = || EncodeError::Unmappable { path: place.path(), char: *char, index: *index };
            self.refused.get_or_insert_with(refused);
        }
    }

    /// Appends the text of a structured field, which has no blanks or line ends to lose.
    pub(super) fn line(&mut self, place: Place<'_>, text: &str, out: &mut Vec<u8>) {
        if is_printable(text) {
            return out.extend_from_slice(text.as_bytes());
        }
        let after = on_one_line(Cow::Borrowed(text), self.target);
        charset::encode(&after, self.target.repertoire, out, |_, _, _| {});
        if let Cow::Owned(after) = after {
            let lacking = |&(_, c): &(usize, char)| is_lacking(c, self.target);
            let chars = text.chars().enumerate().filter(lacking);
            let chars: Vec<_> = chars.map(|(index, char)| UnmappableChar { char, index }).collect();
            self.refuse(place, &chars);
            self.losses.push(loss(place.path(), text, &after, chars));
        }
    }

    /// Appends a parameter's value, always quoted, as the carriers' own software does.
    pub(super) fn quoted(&mut self, place: Place<'_>, value: &str, out: &mut Vec<u8>) {
        let begin = out.len();
        out.push(b'"');
        self.line(place, value, out);
        // Neither is a byte of a pair.
        let mut at = begin + 1;
        while let Some(found) = memchr::memchr2(b'"', b'\\', &out[at..]) {
            out.insert(at + found, b'\\');
            at += found + 2;
        }
        out.push(b'"');
    }

    /// The bytes of an unstructured header field; `None` where nothing of it would be read back.
    pub(super) fn unstructured<'t>(&mut self, place: Place<'_>, text: &'t str) -> Option<Cow<'t, [u8]>> {
        if is_plain(text) {
            return Some(Cow::Borrowed(text.as_bytes()));
        }
        let mut encoded = Vec::with_capacity(text.len());
        let chars = self.encode(place, text, &mut encoded);
        let read = mime::field_text_reads_as(&encoded).into_owned();
        if chars.is_empty() && read == encoded {
            return Some(Cow::Owned(encoded));
        }
        let after = charset::decode(&read, self.target.repertoire.charset(), 0, &mut Flags::default());
        self.losses.push(loss(place.path(), text, &after, chars));
        (!after.is_empty()).then_some(Cow::Owned(read))
    }
}

/// Whether an unstructured field is read as it is written, in any charset: printable ASCII in which no remark begins, and
/// no blanks around it.
fn is_plain(text: &str) -> bool {
    is_printable_but(text, b"<") && !text.is_empty() && !text.starts_with(' ') && !text.ends_with(' ')
}

/// Whether all of it is ASCII and no control.
fn is_printable(text: &str) -> bool {
    is_printable_but(text, b"")
}

/// The same, and none of these.
#[inline]
fn is_printable_but<const N: usize>(text: &str, others: &[u8; N]) -> bool {
    // Without an early end, so that it runs over many bytes at a time.
    let is_odd = |byte: u8| !matches!(byte, b' '..=b'~') | others.contains(&byte);
    text.bytes().fold(0, |odd, byte| odd | u8::from(is_odd(byte))) == 0
}

/// Whether a header line or the charset does not have the character.
fn is_lacking(c: char, target: Target) -> bool {
    matches!(c, '\r' | '\n' | '\t') || !charset::can_encode(c, target.repertoire)
}

/// The text with `?` for what the charset or a header line does not have.
pub(super) fn on_one_line(text: Cow<'_, str>, target: Target) -> Cow<'_, str> {
    if is_printable(&text) || !text.contains(|c| is_lacking(c, target)) {
        return text;
    }
    Cow::Owned(text.chars().map(|c| if is_lacking(c, target) { '?' } else { c }).collect())
}

/// Writes parts and keeps the account.
pub(super) struct Writer<'w> {
    pub(super) body: &'w mut mime::Writer,
    pub(super) account: &'w mut Account,
}

impl Writer<'_> {
    /// [C]: Content-Type, Content-Transfer-Encoding, Content-ID, Content-Disposition, then the vendor's fields.
    pub(super) fn media(&mut self, index: usize, media: &Media, id: Option<&str>, form: MediaForm) {
        // K-23: an image whose first bytes tell what it is.
        let told = || super::sniff(&media.data).as_ref() == Some(&media.media_type);
        if !self.takes(DeviationKind::ContentTypeMissing, told) {
            let place = Place::Media(index, "media_type");
            self.body.field("Content-Type", |out| self.account.line(place, media.media_type.as_str(), out));
        }
        let raw = form == MediaForm::Raw || self.takes(DeviationKind::EncodingUndeclared, || !media.data.is_ascii());
        if !raw {
            self.constant("Content-Transfer-Encoding", b"base64");
        }
        if let Some(id) = id {
            self.content_id(Place::Media(index, "content_id"), id);
        }
        if form == MediaForm::Raw {
            self.constant("Content-Length", PLACEHOLDER);
        }
        self.disposition(Place::Media(index, "name"), media.name.as_ref().map(Text::as_str));
        self.fields(|name| Place::MediaField(index, name), &media.fields, None);
        if raw {
            self.body.verbatim(&media.data);
        } else {
            self.body.base64(&media.data);
        }
    }

    /// Whether a quirk is wanted where there is occasion for it.
    pub(super) fn takes(&mut self, kind: DeviationKind, occasion: impl FnOnce() -> bool) -> bool {
        self.body.quirks.wanted.contains(kind) && occasion() && self.body.quirks.take(kind)
    }

    pub(super) fn constant(&mut self, name: &str, value: &[u8]) {
        self.body.constant(name, [value]);
    }

    pub(super) fn content_id(&mut self, place: Place<'_>, id: &str) {
        if is_printable(id) {
            return self.body.constant("Content-ID", [b"<", id.as_bytes(), b">"]);
        }
        self.body.field("Content-ID", |out| {
            out.push(b'<');
            self.account.line(place, id, out);
            out.push(b'>');
        });
    }

    pub(super) fn disposition(&mut self, place: Place<'_>, name: Option<&str>) {
        if let Some(name) = name.filter(|name| is_printable_but(name, b"\"\\")) {
            return self.body.constant("Content-Disposition", [b"attachment; filename=\"", name.as_bytes(), b"\""]);
        }
        self.body.field("Content-Disposition", |out| {
            out.extend_from_slice(b"attachment");
            if let Some(name) = name {
                out.extend_from_slice(b"; filename=");
                self.account.quoted(place, name, out);
            }
        });
    }

    /// The vendor's fields, but for one that has a value of its own in the message.
    pub(super) fn fields<'p>(
        &mut self,
        place: impl Fn(&'p str) -> Place<'p>,
        from: &'p PartFields,
        taken: Option<&str>,
    ) {
        for (name, value) in from.iter() {
            let (name, value) = (name.as_str(), value.as_str());
            if taken.is_some_and(|taken| taken.eq_ignore_ascii_case(name)) {
                self.account.dropped(place(name), value);
            } else {
                self.field(name, place(name), value);
            }
        }
    }

    /// An unstructured header field, if anything of it is read back.
    pub(super) fn field(&mut self, name: &str, place: Place<'_>, text: &str) {
        match self.account.unstructured(place, text) {
            Some(Cow::Borrowed(plain)) => self.constant(name, plain),
            Some(Cow::Owned(value)) => self.body.field(name, |out| out.extend_from_slice(&value)),
            None => {}
        }
    }
}

/// The loss of a text: what is missing tells its kind.
pub(super) fn loss(path: String, before: &str, after: &str, chars: Vec<UnmappableChar>) -> Loss {
    let kind = if after.is_empty() {
        LossKind::Dropped
    } else if !chars.is_empty() {
        LossKind::Unmappable { chars }
    } else if before.starts_with(after) {
        LossKind::Truncated { kept: after.chars().count(), of: before.chars().count() }
    } else {
        LossKind::Narrowed
    };
    let after = (!after.is_empty()).then(|| Value::Text(after.into()));
    Loss { path, kind, before: Value::Text(before.into()), after }
}
