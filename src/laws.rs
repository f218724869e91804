//! What holds of each syntax layer for any bytes.
//!
//! One set of functions for the property tests of the layers and for the fuzz targets, so that they cannot drift
//! apart. A law that does not hold panics. Nothing of this is in the library as users build it.
#![allow(clippy::missing_panics_doc, reason = "to panic is what they are for")]

use alloc::string::String;
use alloc::vec::Vec;
use std::collections::BTreeSet;

use bytes::Bytes;

use crate::carrier::{k::K, l::L, s::S};
use crate::carrier_id::DialectId;
use crate::charset::{self, Charset, Repertoire};
use crate::codec::{Config, Tolerance};
use crate::datetime::{self, Form, Timestamp};
use crate::deviation::{DeviationKind, Flags, QuirkSet, Quirks};
use crate::entity::Entity;
use crate::limits::Limits;
use crate::location::Space;
use crate::mime::{self, BodyOut, BoundaryForm, PartOut};
use crate::xml::{self, Ahead, Attribute, Document, Element, Inside, Item, Places as _, Stream, Without, Writer};

#[cfg(test)]
#[path = "../tests/harness/work.rs"]
pub(crate) mod work;

/// A fuzz target: it takes any bytes, and panics where a law does not hold.
pub type Target = fn(&[u8]);

/// The fuzz targets over the layers, by their names in `fuzz/`.
pub const TARGETS: &[(&str, Target)] = &[
    ("mime", mime_target),
    ("xml", xml_target),
    ("charset_datetime", charset_datetime_target),
    ("stream", stream_target),
];

/// A length, as many bytes of Content-Type, and then a body; the whole is also a header section.
pub fn mime_target(input: &[u8]) {
    let (len, rest) = input.split_first().map_or((0, input), |(len, rest)| (usize::from(*len), rest));
    let (content_type, body) = rest.split_at(len.min(rest.len()));
    mime(body, content_type);
    entity(input, len);
}

/// A document.
pub fn xml_target(input: &[u8]) {
    xml(input);
}

/// An `.http` file.
pub fn stream_target(input: &[u8]) {
    if let Ok(http) = Entity::parse_http(Bytes::copy_from_slice(input), &Limits::default()) {
        stream(&http.entity);
    }
}

/// Text in every charset, and a time.
pub fn charset_datetime_target(input: &[u8]) {
    charset(input);
    datetime(&String::from_utf8_lossy(input));
    datetime(&charset::decode(input, Charset::Cp949, 0, &mut Flags::default()));
}

/// The charsets that XML is written in, each with what can be written.
pub(crate) const WRITTEN: [(Repertoire, Charset); 3] =
    [(Repertoire::KsX1001, Charset::EucKr), (Repertoire::Cp949, Charset::Cp949), (Repertoire::Utf8, Charset::Utf8)];

/// Charsets that are no variant of their own.
const OTHERS: [&encoding_rs::Encoding; 8] = [
    encoding_rs::WINDOWS_1252,
    encoding_rs::IBM866,
    encoding_rs::WINDOWS_874,
    encoding_rs::GBK,
    encoding_rs::GB18030,
    encoding_rs::BIG5,
    encoding_rs::EUC_JP,
    encoding_rs::SHIFT_JIS,
];

/// Every charset, or one of each sort.
pub(crate) fn charsets() -> impl Iterator<Item = Charset> {
    let own = WRITTEN.into_iter().map(|(_, charset)| charset);
    own.chain(OTHERS.into_iter().map(Charset::Other))
}

/// XML, in each charset that dialects write: every place lies inside, an element lies in its parent, and what is cut
/// off is flagged. What was read and can be written reads the same again, without a flag.
///
/// `true`: nothing was flagged, and the input is UTF-8. Then it is well-formed.
pub fn xml(input: &[u8]) -> bool {
    let base = 1000;
    let places = base..=base + input.len();
    let mut clean = false;
    for (repertoire, charset) in WRITTEN {
        let mut flags = Flags::default();
        let streamed = as_it_comes(input, base, charset);
        let document = match xml::parse(input, base, charset, &Limits::default(), &mut flags) {
            Ok(document) => document,
            Err(fatal) => {
                assert!(places.contains(&fatal.offset), "{fatal:?}");
                assert_eq!(streamed, None);
                continue;
            }
        };
        if let Some(streamed) = streamed {
            assert_eq!(streamed, as_it_stands(&document, charset, &flags));
        }
        assert!(flags.iter().all(|flag| places.contains(&flag.offset)));
        assert!(document.is_complete() || flags.iter().count() > 0, "cut off, and nothing says so");
        let damaged = check_places(&document, &places, charset);
        let unflagged = flags.iter().count() == 0 && !damaged;
        clean |= unflagged && charset == Charset::Utf8;

        // A cut before the end shows.
        let end = document.end() - base;
        for len in [end / 3, end / 2, end.saturating_sub(1)] {
            let mut flags = Flags::default();
            if let Ok(cut) = xml::parse(&input[..len], base, charset, &Limits::default(), &mut flags) {
                assert!(!document.is_complete() || !cut.is_complete() || flags.iter().count() > 0, "cut at {len}");
            }
        }

        let mut writer = Writer::new(repertoire, Quirks::default(), "");
        writer.declaration("any", true);
        if rewrite(&document.root(), charset, &mut writer) {
            let (written, _) = writer.finish();
            let mut flags = Flags::default();
            let again = xml::parse(&written, 0, charset, &Limits::default(), &mut flags).expect("our own output");
            assert!(again.is_complete());
            assert_eq!(flags.iter().count(), 0, "{}", String::from_utf8_lossy(&written));
            assert_same(&document.root(), &again.root(), charset);
        }
    }
    if let Some((encoding, offset)) = xml::declared_encoding(input) {
        assert_eq!(encoding, &input[offset..offset + encoding.len()]);
    }
    clean
}

/// What is told of a document by either reading: its elements, and what was flagged.
#[derive(Debug, PartialEq)]
pub(crate) struct Told {
    elements: Vec<ToldElement>,
    flags: Vec<(usize, DeviationKind)>,
}

/// What is told of an element; the text where it has no elements.
#[derive(Debug, PartialEq)]
struct ToldElement {
    offset: usize,
    path: String,
    namespace: Option<Vec<u8>>,
    attributes: Vec<(usize, Vec<u8>, String)>,
    text: Option<String>,
    is_blank: bool,
}

fn told<'d>(attributes: impl Iterator<Item = Attribute<'d, 'd>>, charset: Charset) -> Vec<(usize, Vec<u8>, String)> {
    let value = |attribute: &Attribute<'_, '_>| attribute.value(charset, &mut Flags::default()).into_owned();
    attributes.map(|attribute| (attribute.offset(), attribute.local().to_vec(), value(&attribute))).collect()
}

fn sorted(flags: &Flags) -> Vec<(usize, DeviationKind)> {
    let mut flags: Vec<_> = flags.iter().map(|flag| (flag.offset, flag.kind)).collect();
    flags.sort_unstable();
    flags
}

/// The elements of a document as they come, if they all come so.
pub(crate) fn as_it_comes(input: &[u8], base: usize, charset: Charset) -> Option<Told> {
    let (mut arenas, mut flags) = (xml::Arenas::default(), Flags::default());
    let mut stream = Stream::new(&mut arenas, input, base, charset, &Limits::default(), &mut flags)?;
    let mut elements = Vec::new();
    let mut next = stream.root(&xml::Known { names: &[], tags: &[] });
    loop {
        let start = next?;
        let text = matches!(start.inside, Inside::Text(..)).then(|| start.text(charset, &mut Flags::default()));
        elements.push(ToldElement {
            offset: start.offset,
            path: String::new(),
            namespace: start.namespace.map(<[u8]>::to_vec),
            attributes: told(stream.attributes(&start), charset),
            text: text.map(alloc::borrow::Cow::into_owned),
            is_blank: start.is_blank(),
        });
        next = loop {
            if !stream.is_open() {
                break None;
            }
            if let Ahead::Start(tag) = stream.ahead()?
                && stream.repeated_start().is_none()
            {
                break stream.start(xml::name_len(tag));
            }
        };
        if !stream.is_open() && next.is_none() {
            break;
        }
    }
    let outline = stream.finish()?;
    for element in &mut elements {
        outline.push_path_at(element.offset, &mut element.path);
    }
    Some(Told { elements, flags: sorted(outline.flags) })
}

/// The same from the tree.
fn as_it_stands(document: &Document<'_>, charset: Charset, flags: &Flags) -> Told {
    let mut elements = Vec::new();
    document.walk(|step| {
        let xml::Step::Open(element) = step else { return };
        let text = (!element.has_children()).then(|| element.text(charset, &mut Flags::default()).into_owned());
        elements.push(ToldElement {
            offset: element.offset(),
            path: element.path(),
            namespace: element.namespace().uri().map(<[u8]>::to_vec),
            attributes: told(element.attributes(), charset),
            text,
            is_blank: element.is_blank(),
        });
    });
    Told { elements, flags: sorted(flags) }
}

/// Asks a document everything and checks every place it answers; whether a character of it is damaged.
fn check_places(document: &Document<'_>, places: &core::ops::RangeInclusive<usize>, charset: Charset) -> bool {
    let mut open = Vec::from([document.root()]);
    let mut flags = Flags::default();
    while let Some(element) = open.pop() {
        assert!(places.contains(&element.offset()) && places.contains(&element.end()));
        assert!(element.offset() < element.end());
        assert!((element.offset()..=element.end()).contains(&element.text_offset()));
        assert_eq!(document.path_at(element.offset()), element.path());
        let text = element.text(charset, &mut flags);
        assert!(!element.is_blank() || text.trim().is_empty());
        for attribute in element.attributes() {
            assert!((element.offset()..element.end()).contains(&attribute.offset()));
            assert!((attribute.offset()..=element.end()).contains(&attribute.value_offset()));
            let _ = (attribute.value(charset, &mut flags), element.attribute_namespace(&attribute));
        }
        let mut from = element.offset();
        for child in element.children() {
            assert!(from < child.offset() && child.end() <= element.end());
            from = child.end() - 1;
            open.push(child);
        }
    }
    assert!(flags.iter().all(|flag| places.contains(&flag.offset)));
    flags.iter().count() > 0
}

/// A name that the writer can write and the reader gives back: not reserved, not odd, in ASCII.
fn is_plain_name(name: &[u8]) -> bool {
    let odd = |byte: &u8| !byte.is_ascii_alphanumeric() && *byte != b'_';
    name.first().is_some_and(u8::is_ascii_alphabetic) && !name.iter().any(odd) && !name.starts_with(b"xml")
}

/// Writes an element as it was read, names in ASCII and damage left as it is; whether that could be done.
fn rewrite(element: &Element<'_, '_>, charset: Charset, writer: &mut Writer) -> bool {
    let name = |bytes: &[u8]| is_plain_name(bytes).then(|| String::from_utf8_lossy(bytes).into_owned());
    let Some(tag) = name(element.name()) else { return false };
    writer.start(&tag);
    for attribute in element.attributes() {
        let Some(key) = name(attribute.name()) else { return false };
        writer.attribute(&key, &attribute.value(charset, &mut Flags::default()));
    }
    for item in element.items() {
        match item {
            Item::Text(text) => writer.text(&text.read(charset, &mut Flags::default())),
            // No deeper than the limit on nesting.
            Item::Element(child) => {
                if !rewrite(&child, charset, writer) {
                    return false;
                }
            }
        }
    }
    writer.end();
    true
}

fn assert_same(one: &Element<'_, '_>, other: &Element<'_, '_>, charset: Charset) {
    let flags = &mut Flags::default();
    assert_eq!(one.name(), other.name());
    assert_eq!(one.text(charset, flags), other.text(charset, flags));
    let attributes = |element: &Element<'_, '_>| -> Vec<_> {
        let pair =
            |one: xml::Attribute<'_, '_>| (one.name().to_vec(), one.value(charset, &mut Flags::default()).into_owned());
        element.attributes().map(pair).collect()
    };
    assert_eq!(attributes(one), attributes(other));
    let (children, others): (Vec<_>, Vec<_>) = (one.children().collect(), other.children().collect());
    assert_eq!(children.len(), others.len());
    children.iter().zip(&others).for_each(|(one, other)| assert_same(one, other, charset));
}

/// MIME: parts lie in their parents, every place lies inside, and what lacks its close delimiter is flagged. The
/// content of the leaves, written as parts again, reads the same.
pub fn mime(body: &[u8], content_type: &[u8]) {
    let body = Bytes::copy_from_slice(body);
    let mut flags = Flags::default();
    let media = mime::media_type(content_type, 0, &mut flags);
    assert!(flags.iter().all(|flag| flag.offset <= content_type.len()));
    let mut flags = Flags::default();
    let tree = match mime::parse(&body, media, &Limits::default(), &mut flags) {
        Ok(tree) => tree,
        Err(fatal) => return assert!(fatal.offset <= body.len(), "{fatal:?}"),
    };
    assert!(!tree.part(tree.root(&mut flags)).is_multipart);
    let mut contents = Vec::new();
    for (index, part) in tree.parts().enumerate() {
        assert!(part.parent() < index || index == 0);
        assert!(part.head <= part.body.start || index == 0);
        assert!(part.body.start <= part.body.end && part.body.end <= body.len());
        assert!(tree.part(part.parent()).body.start <= part.head);
        assert!(part.body.end <= tree.part(part.parent()).body.end.max(part.body.start));
        let _ = (part.file_name(), part.content_id());
        let content = mime::decode(&tree, index, &body, &mut flags);
        if !part.is_multipart {
            contents.push((content, part.encoding == mime::Encoding::Base64));
        }
    }
    for flag in flags.iter() {
        assert!(flag.offset <= body.len());
        let _ = tree.path_at(flag.offset);
    }
    assert!(
        tree.parts().count() == 1 || tree.part(0).complete || flags.iter().count() > 0,
        "open, and nothing says so"
    );
    write_parts(&contents);
}

/// Writes the contents as parts, each encoded as it was, and reads them back. An empty part goes first: into a part
/// that is alone the reader looks for those of a boundary that nothing declares.
fn write_parts(contents: &[(Bytes, bool)]) {
    let contents = &[&[(Bytes::new(), false)], contents].concat();
    let part = |(content, base64): &(Bytes, bool)| {
        let encoding = if *base64 { "base64" } else { "binary" };
        let fields = Vec::from([
            ("Content-Type".into(), b"application/octet-stream".to_vec()),
            ("Content-Transfer-Encoding".into(), encoding.into()),
        ]);
        let body = if *base64 { BodyOut::Base64(content.clone()) } else { BodyOut::Bytes(content.clone()) };
        PartOut { fields, body }
    };
    let parts: Vec<_> = contents.iter().map(part).collect();
    let avoid: Vec<&[u8]> = contents.iter().map(|(content, _)| &**content).collect();
    // One part more than what was read may have had.
    let limits = Limits { parts: Limits::default().parts + 1, ..Limits::default() };
    for form in [BoundaryForm::Relay, BoundaryForm::Story] {
        let boundary = mime::boundary(form, &[b"any"], &avoid);
        let body = Bytes::from(mime::emit(&boundary, &parts, &mut Quirks::default()));
        let mut flags = Flags::default();
        let content_type = alloc::format!("multipart/mixed; boundary=\"{boundary}\"");
        let media = mime::media_type(content_type.as_bytes(), 0, &mut flags);
        let tree = mime::parse(&body, media, &limits, &mut flags).expect("our own output");
        let read: Vec<_> = tree.leaves().map(|leaf| mime::decode(&tree, leaf, &body, &mut flags)).collect();
        assert_eq!(read, contents.iter().map(|(content, _)| content.clone()).collect::<Vec<_>>());
        assert_eq!(flags.iter().map(|flag| flag.kind).collect::<Vec<_>>(), []);
    }
}

/// Text of any bytes, in every charset: it is what `encoding_rs` gives but for what no message can hold, each kind of
/// damage is flagged where it first stands, steps add up to the whole, and clean text is written as it was read.
pub fn charset(bytes: &[u8]) {
    for charset in charsets() {
        let mut flags = Flags::default();
        let text = charset::decode(bytes, charset, 0, &mut flags).into_owned();
        assert!(!text.contains(charset::is_excluded), "{text:?}");
        let (reference, undecodable) = charset.encoding().decode_without_bom_handling(bytes);
        let replaced = |c| if charset::is_excluded(c) { char::REPLACEMENT_CHARACTER } else { c };
        assert_eq!(text, reference.chars().map(replaced).collect::<String>());
        assert_eq!(charset::decodes(bytes, charset), !undecodable);
        let found: Vec<_> = flags.iter().map(|flag| (flag.kind, flag.offset)).collect();
        let kinds: BTreeSet<_> = found.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds.len(), found.len(), "one of a kind: {found:?}");
        assert_eq!(kinds.contains(&DeviationKind::CharsetUndecodable), undecodable);
        assert!(found.is_sorted_by_key(|(_, offset)| *offset));
        assert_eq!(found.is_empty(), !text.contains(charset::is_damage), "{text:?}");
        if let Some((_, offset)) = found.first() {
            let (clean, rest) = bytes.split_at(*offset);
            assert_eq!(damage(clean, charset), 0);
            assert_eq!(damage(&rest[..charset::char_len(rest, charset)], charset), 1);
        }

        let mut walked = String::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(charset::char_len(rest, charset));
            assert!(!piece.is_empty(), "no progress in {rest:X?}");
            walked += &charset::decode(piece, charset, 0, &mut Flags::default());
            rest = after;
        }
        // In UTF-8 several bytes that are no character may give one U+FFFD.
        assert!(walked == text || charset == Charset::Utf8 && undecodable);

        for declared in [Some(charset), None] {
            let mut flags = Flags::default();
            let chosen = charset::choose(bytes, declared, 0, &mut flags);
            let assumed = declared.unwrap_or(Charset::Cp949);
            let utf8 = !charset::decodes(bytes, assumed) && charset::decodes(bytes, Charset::Utf8);
            assert_eq!(chosen, if utf8 { Charset::Utf8 } else { assumed });
            let conflicts = flags.iter().filter(|flag| flag.kind == DeviationKind::CharsetConflict).count();
            assert_eq!(conflicts, usize::from(utf8 && declared.is_some()));
            assert!(flags.iter().count() <= 1 && flags.iter().all(|flag| flag.offset < bytes.len()));
        }

        if found.is_empty()
            && let Some((repertoire, _)) = WRITTEN.into_iter().find(|(_, written)| *written == charset)
        {
            let mut out = Vec::new();
            let mut whole = true;
            charset::encode(&text, repertoire, &mut out, |_, c, _| {
                assert!(!charset::can_encode(c, repertoire));
                whole = false;
            });
            assert!(!whole || out == bytes, "{text:?}");
        }
    }
    let quoted = [b"\"", bytes, b"\" "].concat();
    assert_eq!(charset::label(&quoted), charset::label(bytes));
}

/// How many kinds of damage the bytes show.
fn damage(bytes: &[u8], charset: Charset) -> usize {
    let mut flags = Flags::default();
    charset::decode(bytes, charset, 0, &mut flags);
    flags.iter().count()
}

/// A time in any text: its own text reads as the same value; in each form that can say it, it reads back as it was or
/// as the form says it is narrowed, with the flags that the form and its quirk announce.
pub fn datetime(text: &str) {
    let mut flags = Flags::default();
    let value = datetime::read(text, &mut flags);
    assert_eq!(value, Timestamp::parse(text));
    assert!(flags.iter().all(|flag| text.is_char_boundary(flag.offset)));
    let Some(value) = value else { return };
    let unreadable = value.raw().is_some();
    assert_eq!(flags.iter().any(|flag| flag.kind == DeviationKind::ValueUnreadable), unreadable);
    let mut again = Flags::default();
    assert_eq!(datetime::read(&alloc::string::ToString::to_string(&value), &mut again).as_ref(), Some(&value));
    assert_eq!(again.iter().count(), usize::from(unreadable));
    for form in Form::ALL {
        for wanted in [QuirkSet::EMPTY, QuirkSet::all()] {
            writes_time(&value, form, wanted);
        }
    }
}

/// The law of [`datetime`](fn@datetime) for one value, form and set of quirks.
pub(crate) fn writes_time(value: &Timestamp, form: Form, wanted: QuirkSet) {
    let mut quirks = Quirks::new(wanted, &[]);
    let written = datetime::write(value, form, &mut quirks);
    assert_eq!(written.is_some(), datetime::can_write(value, form));
    let Some(written) = written else {
        // In a form without an offset the time of Korea is outside the calendar.
        let year = value.date_time().map(|value| value.year());
        return assert!(year == Some(1) || year == Some(9999));
    };
    assert_ne!(written.reads_as.as_ref(), Some(value), "a narrowing that narrows nothing");
    let mut flags = Flags::default();
    let back = datetime::read(&written.text, &mut flags);
    let kinds: BTreeSet<_> = flags.iter().map(|flag| flag.kind).collect();
    let expected: BTreeSet<_> = match (value.date_time(), value.raw()) {
        (Some(_), _) => form.flags().iter().copied().chain(quirks.written.iter()).collect(),
        (None, Some(_)) => [DeviationKind::ValueUnreadable].into(),
        (None, None) => BTreeSet::new(),
    };
    if form == Form::Rfc2822Sample {
        // Whether its blank and its weekday are odd depends on the day.
        assert!(kinds.is_subset(&expected), "{kinds:?} in {}", &*written.text);
    } else {
        assert_eq!(kinds, expected, "{}", &*written.text);
    }
    assert!(quirks.written.iter().count() <= 1);
    assert!(quirks.written.iter().all(|kind| wanted.contains(kind)));
    let reads_as = written.reads_as.unwrap_or_else(|| value.clone());
    assert_eq!(back.as_ref(), Some(&reads_as));
    if let (Some(given), Some(said)) = (value.date_time(), reads_as.date_time()) {
        assert_eq!(given.unix_seconds(), said.unix_seconds());
    }
}

/// An `.http` file: every place lies in it, and what was read is written and read the same.
pub fn entity(file: &[u8], offset: usize) {
    let file = Bytes::copy_from_slice(file);
    let http = match Entity::parse_http(file.clone(), &Limits::default()) {
        Ok(http) => http,
        Err(error) => return assert!(error.offset() <= file.len(), "{error}"),
    };
    for space in (0..http.entity.headers.len()).map(Space::Header).chain([Space::Body]) {
        assert!(http.file_offset(space, offset) <= file.len());
    }
    // A bare CR inside a line would be written as a blank.
    let all = http.entity.headers.iter().flat_map(|field| [&field.name, &field.value]);
    if !all.chain(&http.entity.start_line).any(|text| text.contains(&b'\r')) {
        let again = Entity::parse_http(http.entity.to_http().into(), &Limits::default());
        assert_eq!(again.map(|again| again.entity), Ok(http.entity));
    }
}

/// What is read from elements as they come is what is read from the tree: message, deviations and errors.
pub fn stream(entity: &Entity) {
    let both = |config: Config| {
        let codecs = (S::new(config.clone()), K::new(config.clone()), L::new(config.clone()));
        let [one, other] = [Without::Nothing, Without::Streams].map(|without| {
            let of_others = config
                .dialect
                .is_none()
                .then(|| (codecs.1.decode_without(without, entity), codecs.2.decode_without(without, entity)));
            (codecs.0.decode_without(without, entity), of_others)
        });
        assert_eq!(one, other, "{config:?}");
    };
    for tolerance in [Tolerance::Lenient, Tolerance::Strict] {
        for dialect in [None, Some(DialectId::STest), Some(DialectId::SMalformed)] {
            both(Config { dialect, tolerance, ..Config::default() });
        }
    }
    for (xml_depth, attributes) in [(4, 64), (64, 1)] {
        let limits = Limits { xml_depth, attributes, ..Limits::default() };
        both(Config { limits, tolerance: Tolerance::Lenient, ..Config::default() });
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::string::ToString as _;
    use std::vec::Vec;

    use bytes::Bytes;

    use super::{Config, DialectId, Entity, K, L, Limits, S, Tolerance, Without};
    use crate::tape::{Tape, for_any_tape};

    /// Every `.http` file below a folder; none where there is no such folder.
    fn files(folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                found.extend(files(&path));
            } else if path.extension().is_some_and(|extension| extension == "http" || extension == "txt") {
                found.push(path);
            }
        }
        found.sort();
        found
    }

    fn here(path: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
    }

    fn payloads() -> Vec<Vec<u8>> {
        let folders = ["tests/vectors", "tests/wire", "examples/payloads", "../shared/captures"];
        let files: Vec<_> = folders.iter().flat_map(|folder| files(&here(folder))).collect();
        assert!(files.len() > 600, "{} files", files.len());
        files.iter().map(|file| fs::read(file).expect("a file")).collect()
    }

    #[test]
    fn a_stream_gives_what_the_tree_does() {
        payloads().iter().for_each(|payload| super::stream_target(payload));
    }

    /// Bytes that mean something, and some that do not.
    const ODD: &[&[u8]] = &[
        b"<",
        b">",
        b"</",
        b"/>",
        b"\"",
        b"'",
        b" ",
        b"&",
        b";",
        b"]]>",
        b"=",
        b"<!-- -->",
        b"<![CDATA[x]]>",
        b"<a>",
        b"<a/>",
        b"</a>",
        b"<?a?>",
        b"&#32;",
        b"&amp;",
        b":",
        b"x",
        b"\r\n",
        b"\xA1\xB0",
        b"\xFF",
        b" xmlns=''",
        b" xmlns:a=\"b\"",
        b" a:b=\"c\"",
        b"<To>",
        b"<Number>",
        b"<x>1</x>",
        b"<x> 1</x><x>2</x>",
        b"<!DOCTYPE a>",
    ];

    /// A number up to `len`.
    fn place(tape: &mut Tape<'_>, len: usize) -> usize {
        usize::try_from(tape.number() % (len as u64 + 1)).expect("no more than a length")
    }

    /// The same of payloads that were damaged: a piece is put in, taken out, said twice or moved.
    #[test]
    fn a_stream_gives_what_the_tree_does_of_damaged_payloads() {
        let payloads = payloads();
        for_any_tape(12, 40, |tape| {
            let mut payload = payloads[place(tape, payloads.len() - 1)].clone();
            for _ in 0..=tape.below(3) {
                let mut at = |len: usize| place(tape, len);
                let (from, len) = (at(payload.len()), at(40));
                let end = payload.len().min(from + len);
                match at(3) {
                    0 => drop(payload.drain(from..end)),
                    1 => {
                        let again = payload[from..end].to_vec();
                        payload.splice(from..from, again);
                    }
                    2 => {
                        let piece: Vec<u8> = payload.drain(from..end).collect();
                        let to = at(payload.len());
                        payload.splice(to..to, piece);
                    }
                    _ => {
                        let piece = ODD[at(ODD.len() - 1)];
                        payload.splice(from..from, piece.iter().copied());
                    }
                }
            }
            super::stream_target(&payload);
        });
    }

    /// What the dialects write needs no tree: else the tests of streams would say nothing.
    #[test]
    fn what_the_dialects_write_comes_as_expected() {
        let mut count = 0;
        for dialect in DialectId::ALL.iter().copied() {
            for file in files(&here("tests/wire").join(dialect.to_string())) {
                let name = file.file_stem().and_then(|name| name.to_str()).expect("a name");
                if name.ends_with("-quirks") {
                    continue;
                }
                let bytes = Bytes::from(fs::read(&file).expect("a file"));
                let entity = Entity::parse_http(bytes, &Limits::default()).expect("a message").entity;
                let config = Config { dialect: Some(dialect), tolerance: Tolerance::Lenient, ..Config::default() };
                let decoded = match dialect {
                    DialectId::K => K::new(config).decode_without(Without::Trees, &entity),
                    DialectId::L => L::new(config).decode_without(Without::Trees, &entity),
                    _ => S::new(config).decode_without(Without::Trees, &entity),
                };
                assert_eq!(decoded.as_ref().err(), None, "{}", file.display());
                count += 1;
            }
        }
        assert!(count > 200, "{count} files");
    }

    /// What the fuzzer once broke a law with: every input in `tests/crashes/<target>` through its target again.
    #[test]
    fn hold_for_every_saved_crash() {
        let mut count = 0;
        for (name, target) in super::TARGETS {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crashes").join(name);
            for file in fs::read_dir(&folder).into_iter().flatten() {
                let path = file.expect("a readable folder").path();
                println!("{}", path.display());
                target(&fs::read(&path).expect("a file"));
                count += 1;
            }
        }
        assert!(count > 0, "no saved crash found");
    }
}
