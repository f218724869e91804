//! L: one plain text, without presentation.

use super::Form;
use super::parts::{Place, Writer};
use crate::model::{Content, Slot, SlotSet};

/// The header field of the text part that holds the fee code.
pub(crate) const FEE_FIELD: &str = "X-Kmms-SVCCODE";

/// What has a place in the parts.
pub(super) const CARRIED: SlotSet =
    SlotSet::of(&[Slot::ContentText, Slot::ContentMedia, Slot::ContentFields, Slot::ContentFeeCode, Slot::TextId]);

/// A fee code or a field without text has an empty text part to stand in.
fn has_text_part(content: &Content) -> bool {
    let id = &content.presentation.text_id;
    content.text.is_some() || content.fee_code.is_some() || !content.fields.is_empty() || id.is_some()
}

/// Whether there is anything to write.
pub(super) fn has_parts(content: &Content) -> bool {
    has_text_part(content) || !content.media.is_empty()
}

/// A text part of vendor fields alone (L-14), then the media.
pub(super) fn write(form: &Form, content: &Content, boundary: &[u8], writer: &mut Writer<'_>) {
    if has_text_part(content) {
        writer.body.delimiter(boundary);
        if let Some(id) = &content.presentation.text_id {
            writer.content_id(Place::Slot(Slot::TextId), id.as_str());
        }
        if let Some(code) = &content.fee_code {
            writer.field(FEE_FIELD, Place::Slot(Slot::ContentFeeCode), code.as_str());
        }
        writer.fields(|name| Place::Field(Slot::ContentFields, name), &content.fields, Some(FEE_FIELD));
        writer.body.begin_body();
        if let Some(text) = &content.text {
            writer.account.text(Place::Slot(Slot::ContentText), text.as_str(), &mut writer.body.out);
        }
        writer.body.end_body();
    }
    for (index, media) in content.media.iter().enumerate() {
        writer.body.delimiter(boundary);
        let id = media.content_id.as_ref();
        writer.media(index, media, id.map(crate::model::ContentId::as_str), form.media);
    }
}
