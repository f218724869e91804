//! Content without presentation: one plain text and media, each a part.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::charset::{self, Repertoire};
use crate::codec::{EncodeError, OnUnmappable};
use crate::deviation::{DeviationKind, Quirks};
use crate::loss::{Loss, LossKind, UnmappableChar};
use crate::mime::{self, BodyOut, PartOut};
use crate::model::{Content, Media, PartFields, Slot, SlotSet, Value, push_value};

/// How a dialect writes its content parts.
#[derive(Debug)]
pub(crate) struct Form {
    /// The type of the multipart around them.
    pub(crate) container: &'static str,
    /// Its Content-ID, brackets included.
    pub(crate) container_id: Option<&'static str>,
    /// The header field of the text part that holds the fee code.
    pub(crate) fee_field: Option<&'static str>,
}

/// The parts of the content, and what writing them cost.
#[derive(Debug, Default)]
pub(crate) struct Output {
    pub(crate) parts: Vec<PartOut>,
    /// The slots that have a place here.
    pub(crate) carried: SlotSet,
    pub(crate) losses: Vec<Loss>,
    /// The bodies written as they are, for the check of boundaries.
    pub(crate) verbatim: Vec<Bytes>,
}

struct Writer<'q> {
    quirks: &'q mut Quirks,
    repertoire: Repertoire,
    on_unmappable: OnUnmappable,
    losses: Vec<Loss>,
}

/// The content as parts; none where there is nothing to say.
pub(crate) fn write(
    form: &Form,
    content: &Content,
    repertoire: Repertoire,
    on_unmappable: OnUnmappable,
    quirks: &mut Quirks,
) -> Result<Output, EncodeError> {
    let mut writer = Writer { quirks, repertoire, on_unmappable, losses: Vec::new() };
    let mut output = Output::default();
    let slots = [Slot::ContentText, Slot::ContentMedia, Slot::ContentFields];
    for slot in slots {
        output.carried.insert(slot);
    }
    if form.fee_field.is_some() {
        output.carried.insert(Slot::ContentFeeCode);
    }
    let fee_code = content.fee_code.as_ref().filter(|_| form.fee_field.is_some());
    // A fee code or a field without text has an empty text part to stand in.
    if content.text.is_some() || fee_code.is_some() || !content.fields.is_empty() {
        let mut fields = Vec::new();
        if let (Some(name), Some(code)) = (form.fee_field, fee_code) {
            let value = writer.field("content.fee_code".into(), code.as_str())?;
            fields.extend(value.map(|value| (Cow::Borrowed(name), value)));
        }
        writer.fields("content.fields", &content.fields, form.fee_field, &mut fields)?;
        let text = content.text.as_ref().map_or("", |text| text.as_str());
        let text = Bytes::from(writer.text("content.text", text)?);
        output.parts.push(PartOut { fields, body: BodyOut::Bytes(text) });
    }
    for (index, media) in content.media.iter().enumerate() {
        output.parts.push(writer.media(index, media)?);
    }
    let verbatim = |part: &PartOut| match &part.body {
        BodyOut::Bytes(bytes) => Some(bytes.clone()),
        // In base64 no boundary can stand.
        BodyOut::Base64(_) | BodyOut::Parts { .. } => None,
    };
    output.verbatim = output.parts.iter().filter_map(verbatim).collect();
    output.losses = writer.losses;
    Ok(output)
}

impl Writer<'_> {
    /// [C]: Content-Type, Content-Transfer-Encoding, Content-ID, Content-Disposition, then the vendor's fields.
    fn media(&mut self, index: usize, media: &Media) -> Result<PartOut, EncodeError> {
        let path = |field: &str| alloc::format!("content.media[{index}].{field}");
        let mut fields = Vec::new();
        // K-23: an image whose first bytes tell what it is.
        let told = super::sniff(&media.data).as_ref() == Some(&media.media_type);
        if !told || !self.quirks.take(DeviationKind::ContentTypeMissing) {
            let media_type = self.text_of_field(path("media_type"), media.media_type.as_str())?;
            fields.push(("Content-Type".into(), media_type));
        }
        let raw = !media.data.is_ascii() && self.quirks.take(DeviationKind::EncodingUndeclared);
        if !raw {
            fields.push(("Content-Transfer-Encoding".into(), b"base64".to_vec()));
        }
        if let Some(id) = &media.content_id {
            let mut value = b"<".to_vec();
            value.extend(self.text_of_field(path("content_id"), id.as_str())?);
            value.push(b'>');
            fields.push(("Content-ID".into(), value));
        }
        let mut disposition = b"attachment".to_vec();
        if let Some(name) = &media.name {
            let mut quoted = String::new();
            push_value(&mut quoted, &self.one_line(path("name"), name.as_str())?);
            disposition.extend_from_slice(b"; filename=");
            // Always quoted, as the carriers' own software does.
            if quoted.starts_with('"') {
                charset::encode(&quoted, self.repertoire, &mut disposition, |_, _, _| {});
            } else {
                disposition.push(b'"');
                disposition.extend_from_slice(quoted.as_bytes());
                disposition.push(b'"');
            }
        }
        fields.push(("Content-Disposition".into(), disposition));
        self.fields(&path("fields"), &media.fields, None, &mut fields)?;
        let data = media.data.clone();
        Ok(PartOut { fields, body: if raw { BodyOut::Bytes(data) } else { BodyOut::Base64(data) } })
    }

    fn fields(
        &mut self,
        path: &str,
        from: &PartFields,
        taken: Option<&str>,
        fields: &mut Vec<(Cow<'static, str>, Vec<u8>)>,
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
    fn field(&mut self, path: String, text: &str) -> Result<Option<Vec<u8>>, EncodeError> {
        let (encoded, chars) = self.encode(&path, text)?;
        let read = mime::field_text_reads_as(&encoded).into_owned();
        if chars.is_empty() && read == encoded {
            return Ok(Some(encoded));
        }
        let after = charset::decode(&read, self.repertoire.charset(), 0, &mut crate::deviation::Flags::default());
        let after = after.into_owned();
        self.losses.push(loss(path, text, &after, chars));
        Ok((!after.is_empty()).then_some(read))
    }

    /// Text of a structured field, which has no blanks or line ends to lose.
    fn text_of_field(&mut self, path: String, text: &str) -> Result<Vec<u8>, EncodeError> {
        let text = self.one_line(path, text)?;
        let mut out = Vec::with_capacity(text.len());
        charset::encode(&text, self.repertoire, &mut out, |_, _, _| {});
        Ok(out)
    }

    /// The text with `?` for what the charset or a header line does not have.
    fn one_line(&mut self, path: String, text: &str) -> Result<String, EncodeError> {
        let lacks = |c: char| matches!(c, '\r' | '\n' | '\t') || !charset::can_encode(c, self.repertoire);
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

    fn text(&mut self, path: &str, text: &str) -> Result<Vec<u8>, EncodeError> {
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
    fn encode(&self, path: &str, text: &str) -> Result<(Vec<u8>, Vec<UnmappableChar>), EncodeError> {
        let mut chars = Vec::new();
        let mut out = Vec::with_capacity(text.len());
        charset::encode(text, self.repertoire, &mut out, |out, char, index| {
            out.push(b'?');
            chars.push(UnmappableChar { char, index });
        });
        if let Some(first) = chars.first() {
            self.refuse(path, *first)?;
        }
        Ok((out, chars))
    }

    fn refuse(&self, path: &str, first: UnmappableChar) -> Result<(), EncodeError> {
        match self.on_unmappable {
            OnUnmappable::CharRefOrReplace => Ok(()),
            OnUnmappable::Refuse => {
                Err(EncodeError::Unmappable { path: path.into(), char: first.char, index: first.index })
            }
        }
    }
}

/// The loss of a text: what is missing tells its kind.
fn loss(path: String, before: &str, after: &str, chars: Vec<UnmappableChar>) -> Loss {
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
