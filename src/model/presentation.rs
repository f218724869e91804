//! How text and media are shown: what a carrier's presentation says beyond them.

use alloc::vec::Vec;

use super::content::{ContentId, PartFields};
use super::record;
use super::slot::{Absent, Field, FieldRefs, Record, Slot};
use super::text::{Prose, Text};

record! {
    /// How text and media are shown.
    ///
    /// Every dialect with a presentation has one of its own, which the encoder makes from text and media and which the
    /// decoder knows again. Only what differs from it stands here.
    Presentation {
        /// S: the SMIL document in its canonical form (no declaration, namespace or blanks between tags, attributes by name,
        /// references without scheme), where it is another than the dialect's own.
        scene: Option<Prose> => Scene,
        /// S: the `Content-ID` of the SMIL part, where `content.href` names another and it is not the dialect's own.
        scene_id: Option<ContentId> => SceneId,
        /// S: the file name of the SMIL part, where it is not the dialect's own.
        scene_name: Option<Text> => SceneName,
        /// S: the vendor header fields of the SMIL part.
        scene_fields: PartFields => SceneFields,
        /// The `Content-ID` of the text part, where it is not the dialect's own.
        text_id: Option<ContentId> => TextId,
        /// The file name of the text part, where it is not the dialect's own.
        text_name: Option<Text> => TextName,
        /// S: the background of the text, where it is not the dialect's own.
        background: Option<Text> => Background,
        /// S: colours and icons of the text, where there is more than one run of the first colour.
        runs: Vec<Run> => Runs,
        /// K: the HTML around the text, where it is not the dialect's own.
        frame: Option<HtmlFrame> => HtmlFrame,
    }
}

/// A stretch of S's text (`docs/dialects/s.md`). The texts of all runs, joined by LF, are `content.text`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
#[non_exhaustive]
pub enum Run {
    /// Text in one colour.
    Text {
        /// The number of the colour in S's table, from 1, which is black, to 16, which is white.
        #[cfg_attr(feature = "serde", serde(default = "black", skip_serializing_if = "is_black"))]
        color: u8,
        /// How many characters (Unicode scalar values) of the text it is.
        chars: usize,
    },
    /// An icon in the line.
    Icon {
        /// The part of its picture.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        content_id: Option<ContentId>,
        /// The file name, which that part has too.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        name: Option<Text>,
    },
}

impl Run {
    /// Black: the colour of text that has none of its own.
    pub const BLACK: u8 = 1;
}

#[cfg(feature = "serde")]
const fn black() -> u8 {
    Run::BLACK
}

#[cfg(feature = "serde")]
#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
const fn is_black(color: &u8) -> bool {
    *color == Run::BLACK
}

/// The HTML before and after a text of K (K-21), images included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
#[non_exhaustive]
pub struct HtmlFrame {
    /// What stands before the text.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub before: Option<Prose>,
    /// What stands behind it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub after: Option<Prose>,
}
