//! Parts of content: their header fields, texts and media, with an account of what a header line or the charset lacks.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::Target;
use crate::charset;
use crate::codec::{EncodeError, OnUnmappable};
use crate::deviation::{DeviationKind, Quirks};
use crate::loss::{Loss, LossKind, UnmappableChar};
use crate::mime::{self, BodyOut, PartOut};
use crate::model::{Media, PartFields, Text, Value, push_value};

/// Header fields of a part to write.
pub(super) type Fields = Vec<(Cow<'static, str>, Vec<u8>)>;

/// How media are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MediaForm {
    /// In base64; the vendor's fields last.
    Base64,
    /// As they are, without a transfer encoding, and with a length that is a guess (S-29).
    Raw,
}

/// Writes parts and keeps the account.
pub(super) struct Writer<'q> {
    pub(super) quirks: &'q mut Quirks,
    pub(super) target: Target,
    pub(super) losses: Vec<Loss>,
}

/// What Content-Length says of a part in the carrier's document, whatever its length (S-29).
pub(super) const PLACEHOLDER: &[u8] = b"500";

impl Writer<'_> {
    /// [C]: Content-Type, Content-Transfer-Encoding, Content-ID, Content-Disposition, then the vendor's fields.
    pub(super) fn media(&mut self, index: usize, media: &Media, form: MediaForm) -> Result<PartOut, EncodeError> {
        let path = |field: &str| alloc::format!("content.media[{index}].{field}");
        let mut fields = Vec::new();
        // K-23: an image whose first bytes tell what it is.
        let told = super::sniff(&media.data).as_ref() == Some(&media.media_type);
        if !told || !self.quirks.take(DeviationKind::ContentTypeMissing) {
            let media_type = self.text_of_field(path("media_type"), media.media_type.as_str())?;
            fields.push(("Content-Type".into(), media_type));
        }
        let raw =
            form == MediaForm::Raw || !media.data.is_ascii() && self.quirks.take(DeviationKind::EncodingUndeclared);
        if !raw {
            fields.push(("Content-Transfer-Encoding".into(), b"base64".to_vec()));
        }
        if let Some(id) = &media.content_id {
            fields.push(self.content_id(path("content_id"), id.as_str())?);
        }
        if form == MediaForm::Raw {
            fields.push(("Content-Length".into(), PLACEHOLDER.to_vec()));
        }
        let name = media.name.as_ref().map(Text::as_str);
        fields.push(self.disposition(path("name"), name)?);
        self.fields(&path("fields"), &media.fields, None, &mut fields)?;
        let data = media.data.clone();
        Ok(PartOut { fields, body: if raw { BodyOut::Bytes(data) } else { BodyOut::Base64(data) } })
    }

    pub(super) fn content_id(&mut self, path: String, id: &str) -> Result<(Cow<'static, str>, Vec<u8>), EncodeError> {
        let mut value = b"<".to_vec();
        value.extend(self.text_of_field(path, id)?);
        value.push(b'>');
        Ok(("Content-ID".into(), value))
    }

    pub(super) fn disposition(
        &mut self,
        path: String,
        name: Option<&str>,
    ) -> Result<(Cow<'static, str>, Vec<u8>), EncodeError> {
        let mut disposition = b"attachment".to_vec();
        if let Some(name) = name {
            disposition.extend_from_slice(b"; filename=");
            disposition.extend(self.quoted(path, name)?);
        }
        Ok(("Content-Disposition".into(), disposition))
    }

    /// A parameter's value, always quoted, as the carriers' own software does.
    pub(super) fn quoted(&mut self, path: String, name: &str) -> Result<Vec<u8>, EncodeError> {
        let mut value = String::new();
        push_value(&mut value, &self.one_line(path, name)?);
        if !value.starts_with('"') {
            value = alloc::format!("\"{value}\"");
        }
        let mut quoted = Vec::with_capacity(value.len());
        charset::encode(&value, self.target.repertoire, &mut quoted, |_, _, _| {});
        Ok(quoted)
    }

    pub(super) fn fields(
        &mut self,
        path: &str,
        from: &PartFields,
        taken: Option<&str>,
        fields: &mut Fields,
    ) -> Result<(), EncodeError> {
        for (name, value) in from.iter() {
            let path = alloc::format!("{path}.{name}");
            if taken.is_some_and(|taken| taken.eq_ignore_ascii_case(name.as_str())) {
                self.losses.push(Loss::dropped(path, Value::Text(value.as_str().into())));
            } else if let Some(value) = self.field(path, value.as_str())? {
                fields.push((Cow::Owned(name.as_str().into()), value));
            }
        }
        Ok(())
    }

    /// An unstructured header field; `None` where nothing of it would be read back.
    pub(super) fn field(&mut self, path: String, text: &str) -> Result<Option<Vec<u8>>, EncodeError> {
        let (encoded, chars) = self.encode(&path, text)?;
        let read = mime::field_text_reads_as(&encoded).into_owned();
        if chars.is_empty() && read == encoded {
            return Ok(Some(encoded));
        }
        let after =
            charset::decode(&read, self.target.repertoire.charset(), 0, &mut crate::deviation::Flags::default());
        let after = after.into_owned();
        self.losses.push(loss(path, text, &after, chars));
        Ok((!after.is_empty()).then_some(read))
    }

    /// Text of a structured field, which has no blanks or line ends to lose.
    fn text_of_field(&mut self, path: String, text: &str) -> Result<Vec<u8>, EncodeError> {
        let text = self.one_line(path, text)?;
        let mut out = Vec::with_capacity(text.len());
        charset::encode(&text, self.target.repertoire, &mut out, |_, _, _| {});
        Ok(out)
    }

    /// The text with `?` for what the charset or a header line does not have.
    fn one_line(&mut self, path: String, text: &str) -> Result<String, EncodeError> {
        let lacks = |c: char| matches!(c, '\r' | '\n' | '\t') || !charset::can_encode(c, self.target.repertoire);
        let chars: Vec<UnmappableChar> = text
            .chars()
            .enumerate()
            .filter(|&(_, c)| lacks(c))
            .map(|(index, char)| UnmappableChar { char, index })
            .collect();
        let Some(first) = chars.first() else { return Ok(text.into()) };
        self.refuse(&path, *first)?;
        let after: String = text.chars().map(|c| if lacks(c) { '?' } else { c }).collect();
        self.losses.push(loss(path, text, &after, chars));
        Ok(after)
    }

    pub(super) fn text(&mut self, path: &str, text: &str) -> Result<Vec<u8>, EncodeError> {
        let (encoded, chars) = self.encode(path, text)?;
        if !chars.is_empty() {
            let mut gone = chars.iter().map(|unmappable| unmappable.index).peekable();
            let mut after = String::with_capacity(text.len());
            for (index, c) in text.chars().enumerate() {
                after.push(if gone.next_if_eq(&index).is_some() { '?' } else { c });
            }
            self.losses.push(loss(path.into(), text, &after, chars));
        }
        Ok(encoded)
    }

    /// Bytes with `?` for what the charset does not have, and what that was.
    pub(super) fn encode(&self, path: &str, text: &str) -> Result<(Vec<u8>, Vec<UnmappableChar>), EncodeError> {
        let mut chars = Vec::new();
        let mut out = Vec::with_capacity(text.len());
        charset::encode(text, self.target.repertoire, &mut out, |out, char, index| {
            out.push(b'?');
            chars.push(UnmappableChar { char, index });
        });
        if let Some(first) = chars.first() {
            self.refuse(path, *first)?;
        }
        Ok((out, chars))
    }

    fn refuse(&self, path: &str, first: UnmappableChar) -> Result<(), EncodeError> {
        match self.target.on_unmappable {
            OnUnmappable::CharRefOrReplace => Ok(()),
            OnUnmappable::Refuse => {
                Err(EncodeError::Unmappable { path: path.into(), char: first.char, index: first.index })
            }
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
