//! The writing half: text alone, or in HTML, and the media.

use alloc::vec::Vec;

use super::super::parts::{self, Account, Place, Writer};
use super::super::{Form, Target};
use super::{CLOSING, HTML_ID, PLAIN_ID, own_frame, own_images, own_opening, scan};
use crate::charset;
use crate::deviation::{DeviationKind, Flags};
use crate::loss::Loss;
use crate::model::{Content, ContentId, HtmlFrame, Slot, SlotSet, Value};

/// What has a place in the parts.
pub(in super::super) const CARRIED: SlotSet = SlotSet::of(&[
    Slot::ContentText,
    Slot::ContentMedia,
    Slot::ContentFields,
    Slot::TextId,
    Slot::TextName,
    Slot::HtmlFrame,
]);

const TEXT: Place<'static> = Place::Slot(Slot::ContentText);
const FRAME: Place<'static> = Place::Slot(Slot::HtmlFrame);

/// What is to be written. Text alone stands beside the root part, in HTML if the message has a frame of its own ([D]);
/// with images it stands in HTML before them, in a multipart [C].
#[derive(Debug)]
pub(in super::super) struct Plan<'m> {
    content: &'m Content,
    /// The text in the message's own frame, and what that costs.
    framed: Option<Framed>,
    /// The text's part; `None` where there is nothing for it to hold.
    text: Option<TextForm>,
}

/// The bytes, if the frame can stay, and its losses.
type Framed = (Option<Vec<u8>>, Account);

/// How the text stands in its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TextForm {
    Plain,
    /// In HTML, the frame being the dialect's own or the message's.
    Html,
}

impl<'m> Plan<'m> {
    pub(in super::super) fn new(content: &'m Content, target: Target) -> Self {
        let framed = content.presentation.frame.as_ref().map(|frame| write_framed(frame, content, target));
        let html = matches!(framed, Some((Some(_), _))) || !content.media.is_empty();
        let text = if html {
            Some(TextForm::Html)
        } else {
            // A field without text has an empty part to stand in.
            let presentation = &content.presentation;
            let id = presentation.text_id.as_ref().is_some_and(|id| id.as_str() != PLAIN_ID);
            let some = content.text.is_some() || !content.fields.is_empty() || id || presentation.text_name.is_some();
            some.then_some(TextForm::Plain)
        };
        Self { content, framed, text }
    }

    /// Whether there is anything to write.
    pub(in super::super) fn has_parts(&self) -> bool {
        self.text.is_some()
    }

    /// Whether the parts stand beside the root part, without a multipart around them.
    pub(in super::super) fn is_flat(&self) -> bool {
        self.content.media.is_empty()
    }

    /// The account of a content of which no part is written.
    pub(in super::super) fn account_for_nothing(&self, account: &mut Account) {
        self.account_for_frame(account);
        self.account_for_id(account);
    }

    fn account_for_frame(&self, account: &mut Account) {
        if let Some((_, found)) = &self.framed {
            account.append(found.clone());
        }
    }

    /// The id that the dialect gives the part of itself is not read back.
    fn account_for_id(&self, account: &mut Account) {
        if let Some(id) = self.content.presentation.text_id.as_ref().filter(|id| id.as_str() == self.own_id()) {
            account.dropped(Place::Slot(Slot::TextId), id.as_str());
        }
    }

    fn own_id(&self) -> &'static str {
        if self.text == Some(TextForm::Html) { HTML_ID } else { PLAIN_ID }
    }

    pub(in super::super) fn write(&self, form: &Form, boundary: &[u8], writer: &mut Writer<'_>) {
        if let Some(text) = self.text {
            writer.body.delimiter(boundary);
            let head = writer.account.aside(|account| {
                self.write_head(text, &mut Writer { body: writer.body, account });
            });
            self.write_text(writer);
            writer.account.append(head);
        }
        for (index, media) in self.content.media.iter().enumerate() {
            writer.body.delimiter(boundary);
            writer.media(index, media, media.content_id.as_ref().map(ContentId::as_str), form.media);
        }
    }

    fn write_head(&self, text: TextForm, writer: &mut Writer<'_>) {
        let presentation = &self.content.presentation;
        self.account_for_id(writer.account);
        let media_type: &[u8] = match (text, self.is_flat()) {
            (TextForm::Plain, _) => b"text/plain; charset=\"euc-kr\"",
            (TextForm::Html, true) => b"text/html; charset=\"euc-kr\"",
            (TextForm::Html, false) => b"text/html; charset=euc-kr",
        };
        writer.body.field("Content-Type", |out| {
            out.extend_from_slice(media_type);
            if let Some(name) = &presentation.text_name {
                // As a parameter of the type: a Content-Disposition would make the part an attachment.
                out.extend_from_slice(b"; name=");
                writer.account.quoted(Place::Slot(Slot::TextName), name.as_str(), out);
            }
        });
        let id = presentation.text_id.as_ref().map_or(self.own_id(), ContentId::as_str);
        let place = Place::Slot(Slot::TextId);
        if self.is_flat() {
            writer.content_id(place, id);
            writer.constant("Content-Transfer-Encoding", b"8bit");
        } else {
            writer.constant("Content-Transfer-Encoding", b"8bit");
            writer.content_id(place, id);
        }
        writer.fields(|name| Place::Field(Slot::ContentFields, name), &self.content.fields, None);
    }

    fn write_text(&self, writer: &mut Writer<'_>) {
        writer.body.begin_body();
        self.account_for_frame(writer.account);
        let text = self.content.text.as_ref().map_or("", |text| text.as_str());
        let out = &mut writer.body.out;
        match &self.framed {
            Some((Some(page), _)) => out.extend_from_slice(page),
            framed => {
                let images = !self.content.media.is_empty();
                if images {
                    own_opening(&self.content.media, |piece| out.extend_from_slice(piece.as_bytes()));
                }
                let begin = out.len();
                if framed.is_some() {
                    // Its losses are in the frame's account.
                    writer.account.aside(|account| account.text(TEXT, text, out));
                } else {
                    writer.account.text(TEXT, text, out);
                }
                if images {
                    self.cut_images(begin, writer);
                    writer.body.out.extend_from_slice(CLOSING.as_bytes());
                }
            }
        }
        writer.body.end_body();
    }

    /// A text that begins with an IMG of the dialect's own form would have it read as one more image: it is cut off.
    fn cut_images(&self, begin: usize, writer: &mut Writer<'_>) {
        let out = &mut writer.body.out;
        let (_, len) = own_images(&out[begin..], 0);
        if len == 0 {
            return;
        }
        out.drain(begin..begin + len);
        let losses = &mut writer.account.losses;
        losses.retain(|loss| loss.path != Slot::ContentText.path());
        let before = self.content.text.as_ref().map_or("", |text| text.as_str());
        let after =
            charset::decode(&out[begin..], writer.account.target.repertoire.charset(), 0, &mut Flags::default());
        losses.push(parts::loss(Slot::ContentText.path().into(), before, &after, Vec::new()));
    }
}

/// The text in the message's own frame, where the reader finds it there again. A frame that it reads otherwise with
/// the same text is narrowed to that; one in which the text would be another is dropped.
fn write_framed(frame: &HtmlFrame, content: &Content, target: Target) -> Framed {
    let mut account = Account::new(target);
    let mut page = Vec::new();
    let mut text = Vec::new();
    account.text(TEXT, content.text.as_ref().map_or("", |text| text.as_str()), &mut text);
    for (index, side) in [&frame.before, &frame.after].into_iter().enumerate() {
        if index == 1 {
            page.extend_from_slice(&text);
        }
        if let Some(side) = side {
            account.encode(FRAME, side.as_str(), &mut page);
        }
    }
    let charset = target.repertoire.charset();
    let meant = charset::decode(&text, charset, 0, &mut Flags::default());
    let html = scan(&page, content.media.len(), charset);
    let before = Value::HtmlFrame(frame.clone());
    let dropped = html.flags.iter().any(|flag| flag.kind == DeviationKind::MarkupDropped);
    if dropped || html.text != meant || html.frame == own_frame(&content.media) {
        account.losses.push(Loss::dropped(FRAME.path(), before));
        return (None, account);
    }
    if html.frame != *frame {
        account.losses.push(Loss::narrowed(FRAME.path(), before, Value::HtmlFrame(html.frame)));
    }
    (Some(page), account)
}
