//! The scenes that the dialects make of themselves (spec section 4.4).

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::scene::Stage;
use super::{media_id, text_id};
use crate::model::{Content, Media, MediaType};
use crate::xml::WholeTag;

/// The scene that a dialect makes of text and media (spec section 4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Of the later relay [C]: image and text over each other.
    Live,
    /// Of the test service [W early]: the text in the lower fifth, shown behind the images (S-37).
    Test,
    /// Of the interface document [D]: images above, text below, film first.
    Sample,
}

/// What a scene shows.
pub(super) struct Shown<'m> {
    /// The id of the text part, if there is one.
    pub(super) text: Option<Cow<'m, str>>,
    pub(super) media: Vec<ShownMedia<'m>>,
}

/// A part of media in a scene.
pub(super) struct ShownMedia<'m> {
    track: Track,
    pub(super) id: Cow<'m, str>,
    pub(super) name: Option<Cow<'m, str>>,
}

impl<'m> Shown<'m> {
    /// Text and media of a content, their ids and names being what the parts say: `written` gives what is written of one.
    pub(super) fn of(content: &'m Content, written: impl Fn(Cow<'m, str>) -> Cow<'m, str>) -> Self {
        let media = |(index, media): (usize, &'m Media)| ShownMedia {
            track: Track::of(&media.media_type),
            id: written(media_id(media, index).text()),
            name: media.name.as_ref().map(|name| written(name.as_str().into())),
        };
        let text = text_id(content).map(|id| written(id.text()));
        Self { text, media: content.media.iter().enumerate().map(media).collect() }
    }

    /// Whether there are media that have a place in a scene.
    fn has_track(&self) -> bool {
        self.media.iter().any(|media| media.track != Track::None)
    }

    fn on(&self, track: Track) -> impl Iterator<Item = &ShownMedia<'m>> {
        self.media.iter().filter(move |media| media.track == track)
    }
}

/// Which place in a scene media have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Track {
    Image,
    /// A flash-like animation (`application/x-mm-dmf`).
    Flash,
    Audio,
    Video,
    /// None: an icon of the text, or what no scene shows.
    None,
}

impl Track {
    fn of(media_type: &MediaType) -> Self {
        match media_type.essence() {
            "image/sis" => Self::None,
            "application/x-mm-dmf" => Self::Flash,
            essence if essence.starts_with("image/") => Self::Image,
            essence if essence.starts_with("audio/") => Self::Audio,
            essence if essence.starts_with("video/") => Self::Video,
            _ => Self::None,
        }
    }
}

/// Tags as they stand in a canonical form: one behind the other, and each on a line behind the one before it.
pub(super) struct Tags {
    pub(super) together: &'static str,
    pub(super) in_lines: &'static str,
    /// Each by itself.
    each: &'static [&'static str],
}

macro_rules! tags {
    ($($tag:literal)*) => {
        Tags { together: concat!($($tag),*), in_lines: concat!($("\r\n", $tag),*), each: &[$($tag),*] }
    };
}

/// The start tags that the dialects write as they stand here: a reader knows them when it sees them.
static KNOWN: [WholeTag; count(ALL)] = {
    let mut known = [WholeTag::new("<smil>"); count(ALL)];
    let (mut piece, mut next) = (0, 0);
    while piece < ALL.len() {
        let mut tag = 0;
        while tag < ALL[piece].each.len() {
            if is_start(ALL[piece].each[tag]) {
                known[next] = WholeTag::new(ALL[piece].each[tag]);
                next += 1;
            }
            tag += 1;
        }
        piece += 1;
    }
    known
};

/// A bit for each of the letters that their names begin with.
static FIRST_LETTERS: u32 = {
    let (mut letters, mut next) = (0, 0);
    while next < KNOWN.len() {
        letters |= 1 << (KNOWN[next].first_letter() & 31);
        next += 1;
    }
    letters
};

/// How many start tags these are.
const fn count(pieces: &[&Tags]) -> usize {
    let (mut piece, mut count) = (0, 0);
    while piece < pieces.len() {
        let mut tag = 0;
        while tag < pieces[piece].each.len() {
            count += is_start(pieces[piece].each[tag]) as usize;
            tag += 1;
        }
        piece += 1;
    }
    count
}

const fn is_start(tag: &str) -> bool {
    tag.as_bytes()[1] != b'/'
}

/// Those start tags, of which most come in the order of a layout.
#[derive(Default)]
pub(super) struct Expected {
    next: usize,
}

impl Expected {
    /// The start tag behind whose `<` this stands, if it is one of them.
    pub(super) fn tag(&mut self, tag: &[u8]) -> Option<&'static WholeTag> {
        // Those that refer to parts are none of them, and there may be many.
        tag.first().filter(|&&letter| FIRST_LETTERS >> (letter & 31) & 1 == 1)?;
        let (before, behind) = KNOWN.split_at_checked(self.next)?;
        let is = |known: &WholeTag| known.is(tag);
        let found = behind.iter().position(is).map(|at| self.next + at).or_else(|| before.iter().position(is))?;
        self.next = found + 1;
        KNOWN.get(found)
    }
}

impl Layout {
    /// The canonical form of the scene for a content as it was read.
    pub(super) fn own(self, content: &Content) -> String {
        self.canonical(&Shown::of(content, |text| text))
    }

    /// Its canonical form.
    pub(super) fn canonical(self, shown: &Shown<'_>) -> String {
        let mut stage = Stage::canonical();
        self.write(shown, &mut stage);
        // The writer of UTF-8 writes UTF-8.
        String::from_utf8(stage.finish().0).unwrap_or_default()
    }

    /// The scene for these parts.
    pub(super) fn write(self, shown: &Shown<'_>, stage: &mut Stage<'_>) {
        stage.root();
        match self {
            Self::Live => live(shown, stage),
            Self::Test => test(shown, stage),
            Self::Sample => sample(shown, stage),
        }
        stage.tags(&tags!["</body>" "</smil>"]);
    }
}

const REPEATED: (&str, &str) = ("repeatCount", "indefinite");

/// Every piece that stands for itself.
const ALL: &[&Tags] =
    &[&LIVE, &SEQ, &NO_SEQ, &SCROLL, &TEST, &TEST_IMAGES, &TEST_TEXT, &PAR, &NO_PAR, &SAMPLE, &BARE_SEQ];

const LIVE: Tags = tags![
    "<head>"
    "<layout background-color=\"#E7E3E7\">"
    "<root-layout>"
    "<region height=\"100%\" id=\"image\" left=\"0%\" top=\"0%\" width=\"100%\" z-index=\"0\"/>"
    "<region height=\"100%\" id=\"text\" left=\"0%\" top=\"0%\" width=\"100%\" z-index=\"0\"/>"
    "</root-layout>"
    "</layout>"
    "</head>"
    "<body>"
    "<par repeatCount=\"indefinite\">"
];
const PAR: Tags = tags!["<par repeatCount=\"indefinite\">"];
const NO_PAR: Tags = tags!["<par repeatCount=\"indefinite\"/>"];
const SEQ: Tags = tags!["<seq repeatCount=\"indefinite\">"];
const NO_SEQ: Tags = tags!["<seq repeatCount=\"indefinite\"/>"];
const BARE_SEQ: Tags = tags!["<seq>"];

fn live(shown: &Shown<'_>, stage: &mut Stage<'_>) {
    stage.tags(&LIVE);
    if shown.has_track() {
        stage.tags(&SEQ);
        media(shown, stage);
        stage.tags(&tags!["</seq>"]);
    } else {
        stage.tags(&NO_SEQ);
    }
    if let Some(id) = shown.text.as_deref() {
        stage.open_constant("text", [("begin", "0"), ("dur", "indefinite"), ("region", "text"), REPEATED]);
        stage.reference(id);
        stage.tags(&SCROLL);
        stage.close();
    }
    stage.tags(&tags!["</par>"]);
}

const SCROLL: Tags = tags!["<param name=\"style\" value=\"scroll\" valuetype=\"data\"/>"];

const TEST: Tags = tags![
    "<head>"
    "<meta content=\"4.0\" name=\"mms_skt_version\"/>"
    "<layout>"
    "<root-layout background-color=\"#FFFFFF\" height=\"377\" width=\"220\">"
];
const TEST_IMAGES: Tags =
    tags!["<region height=\"79%\" id=\"image\" left=\"0%\" top=\"0%\" width=\"100%\" z-index=\"0\"/>"];
const TEST_TEXT: Tags = tags![
    "<region height=\"21%\" id=\"text\" left=\"0%\" top=\"79%\" width=\"100%\" z-index=\"0\"/>"
    "</root-layout>"
    "</layout>"
    "</head>"
    "<body>"
];

fn test(shown: &Shown<'_>, stage: &mut Stage<'_>) {
    stage.tags(&TEST);
    if shown.on(Track::Image).next().is_some() {
        stage.tags(&TEST_IMAGES);
    }
    stage.tags(&TEST_TEXT);
    if shown.has_track() {
        stage.tags(&PAR);
        media(shown, stage);
        stage.tags(&tags!["</par>"]);
    } else {
        stage.tags(&NO_PAR);
    }
    if let Some(id) = shown.text.as_deref() {
        stage.open_constant("text", [("region", "text"), REPEATED]);
        stage.reference(id);
        stage.tags(&SCROLL);
        stage.close();
    }
}

/// Media as the relays show them: in their order, with their file names as ids.
fn media(shown: &Shown<'_>, stage: &mut Stage<'_>) {
    for ShownMedia { track, id, name } in &shown.media {
        let (element, region) = match track {
            Track::Image | Track::Flash => ("img", Some(("region", "image"))),
            Track::Video => ("video", Some(("region", "image"))),
            Track::Audio => ("audio", None),
            Track::None => continue,
        };
        let name = name.as_deref().map(|name| ("id", name));
        stage.open(element, name.into_iter().chain(region));
        stage.reference(id);
        stage.close();
    }
}

const SAMPLE: Tags = tags![
    "<head>"
    "<meta content=\"4.0\" name=\"mms_skt_version\"/>"
    "<layout>"
    "<root-layout background-color=\"#FFFFFF\" height=\"377\" width=\"220\"/>"
    "<region height=\"185\" id=\"image1\" left=\"0\" top=\"0\" width=\"220\" z-index=\"0\"/>"
    "<region height=\"192\" id=\"text1\" left=\"0\" top=\"185\" width=\"220\" z-index=\"0\"/>"
    "<region height=\"377\" id=\"video1\" left=\"0\" top=\"0\" width=\"220\" z-index=\"0\"/>"
    "<region height=\"192\" id=\"flashcon1\" left=\"0\" top=\"0\" width=\"220\" z-index=\"1\"/>"
    "</layout>"
    "</head>"
    "<body>"
    "<seq>"
];

fn sample(shown: &Shown<'_>, stage: &mut Stage<'_>) {
    stage.tags(&SAMPLE);
    for (n, film) in shown.on(Track::Video).enumerate() {
        sample_media(stage, "video", ("mc_video", n), "media", [Some(("region", "video1")), None], film);
    }
    let images = shown.on(Track::Image).next().is_some();
    let others = shown.on(Track::Flash).chain(shown.on(Track::Audio)).next().is_some();
    if !images && !others && shown.text.is_none() {
        stage.tags(&NO_PAR);
        stage.tags(&tags!["</seq>"]);
        return;
    }
    stage.tags(&PAR);
    if images {
        stage.tags(&SEQ);
        for (n, image) in shown.on(Track::Image).enumerate() {
            sample_media(stage, "img", ("mc_image", n + 1), "5", [Some(("region", "image1")), None], image);
        }
        stage.tags(&tags!["</seq>"]);
    }
    if let Some(id) = shown.text.as_deref() {
        stage.open_constant("text", [("begin", "0"), ("dur", "15"), ("id", "mc_text"), ("region", "text1"), REPEATED]);
        stage.reference(id);
        stage.attribute("style", "normal");
        stage.close();
    }
    if others {
        stage.tags(&BARE_SEQ);
        for (n, flash) in shown.on(Track::Flash).enumerate() {
            sample_media(stage, "img", ("mc_flashcon", n), "media", [Some(("region", "flashcon1")), None], flash);
        }
        for (n, audio) in shown.on(Track::Audio).enumerate() {
            sample_media(stage, "audio", ("mc_audio", n), "media", [None, Some(REPEATED)], audio);
        }
        stage.tags(&tags!["</seq>"]);
    }
    stage.tags(&tags!["</par>" "</seq>"]);
}

/// Media as the interface document shows them: the n-th with such an id, for so long, where and how often.
fn sample_media(
    stage: &mut Stage<'_>,
    element: &'static str,
    (id, n): (&str, usize),
    duration: &'static str,
    place: [Option<(&'static str, &'static str)>; 2],
    media: &ShownMedia<'_>,
) {
    let id = if n == 0 { Cow::Borrowed(id) } else { Cow::Owned(alloc::format!("{id}{n}")) };
    let shape = [("begin", "0"), ("dur", duration), ("id", &*id)];
    stage.open(element, shape.into_iter().chain(place.into_iter().flatten()));
    stage.reference(&media.id);
    stage.close();
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::string::String;

    use super::*;

    /// The start tags of every scene that a dialect makes of itself, but those that refer to a part.
    fn own_tags() -> BTreeSet<String> {
        let tracks = [Track::Image, Track::Flash, Track::Audio, Track::Video];
        let mut tags = BTreeSet::new();
        for shown in 0..1 << (tracks.len() + 1) {
            let is_shown = |nth: usize| shown >> nth & 1 == 1;
            let media = (0..tracks.len()).filter(|&nth| is_shown(nth));
            let media = media.map(|nth| ShownMedia { track: tracks[nth], id: "a".into(), name: None }).collect();
            let shown = Shown { text: is_shown(tracks.len()).then(|| "b".into()), media };
            for layout in [Layout::Live, Layout::Test, Layout::Sample] {
                let scene = layout.canonical(&shown);
                let start = scene.split_inclusive('>').filter(|tag| is_start(tag) && !tag.contains(" src="));
                tags.extend(start.map(String::from));
            }
        }
        tags.remove("<smil>");
        tags
    }

    #[test]
    fn knows_the_tags_of_every_layout() {
        let own = own_tags();
        let mut found = BTreeSet::new();
        for tag in &own {
            let known = Expected::default().tag(&tag.as_bytes()[1..]).unwrap_or_else(|| panic!("{tag} is not known"));
            assert!(tag.as_bytes()[1..].starts_with(known.inside()), "{tag}");
            found.insert(known.inside());
        }
        let all: BTreeSet<_> = KNOWN.iter().map(WholeTag::inside).collect();
        assert_eq!(found, all);
    }

    #[test]
    fn knows_no_other_tags() {
        for tag in ["img src=\"a\"/>", "seq >", "seq", "seqs>", "region>", "", ">", "/seq>", "\u{1}head>"] {
            assert!(Expected::default().tag(tag.as_bytes()).is_none(), "{tag}");
        }
        let mut expected = Expected::default();
        for tag in ["seq>", "head>", "body>", "layout>", "head>"] {
            assert!(expected.tag(tag.as_bytes()).is_some(), "{tag} in any order");
        }
    }
}
