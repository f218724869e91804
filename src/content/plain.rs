//! L: one plain text, without presentation.

use alloc::vec::Vec;

use bytes::Bytes;

use super::parts::Writer;
use super::{Form, Output};
use crate::codec::EncodeError;
use crate::mime::{BodyOut, PartOut};
use crate::model::{Content, Slot};

/// The header field of the text part that holds the fee code.
pub(crate) const FEE_FIELD: &str = "X-Kmms-SVCCODE";

/// A text part of vendor fields alone (L-14), then the media.
pub(super) fn write(
    form: &Form,
    content: &Content,
    writer: &mut Writer<'_>,
    output: &mut Output,
) -> Result<(), EncodeError> {
    for slot in [Slot::ContentText, Slot::ContentMedia, Slot::ContentFields, Slot::ContentFeeCode, Slot::TextId] {
        output.carried.insert(slot);
    }
    let id = content.presentation.text_id.as_ref();
    // A fee code or a field without text has an empty text part to stand in.
    if content.text.is_some() || content.fee_code.is_some() || !content.fields.is_empty() || id.is_some() {
        let mut fields = Vec::new();
        if let Some(id) = id {
            fields.push(writer.content_id("content.presentation.text_id".into(), id.as_str())?);
        }
        if let Some(code) = &content.fee_code {
            let value = writer.field("content.fee_code".into(), code.as_str())?;
            fields.extend(value.map(|value| (FEE_FIELD.into(), value)));
        }
        writer.fields("content.fields", &content.fields, Some(FEE_FIELD), &mut fields)?;
        let text = content.text.as_ref().map_or("", |text| text.as_str());
        let text = Bytes::from(writer.text("content.text", text)?);
        output.parts.push(PartOut { fields, body: BodyOut::Bytes(text) });
    }
    for (index, media) in content.media.iter().enumerate() {
        output.parts.push(writer.media(index, media, form.media)?);
    }
    Ok(())
}
