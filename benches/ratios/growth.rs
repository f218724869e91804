//! What a message costs by its size, from 1 KiB to 64 MiB: the exponent, and a picture.

use std::hint::black_box;
use std::path::Path;

use tongsa::{Codec, Config, DialectId, Entity, Media, MediaType, Message, Prose};
use tongsa_benches::rivals::floor;
use tongsa_benches::rounds::Contender;
use tongsa_benches::samples::{declared_binary, noise, submit, wide};
use tongsa_benches::svg::{Series, plot};

use crate::bench::{Arguments, Bench, Figure, Wanted};

/// What there is more and more of.
#[derive(Clone, Copy, PartialEq)]
enum Content {
    Text,
    Base64,
    Binary,
    Recipients,
}

impl Content {
    const ALL: [Self; 4] = [Self::Text, Self::Base64, Self::Binary, Self::Recipients];

    const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Base64 => "an image in base64",
            Self::Binary => "an image in binary",
            Self::Recipients => "recipients",
        }
    }

    /// The largest, as a power of two, to decode and to encode. Recipients take many times more room in memory than on the
    /// wire.
    const fn most(self) -> [u32; 2] {
        if matches!(self, Self::Recipients) { [24, 20] } else { [26, 26] }
    }

    /// A submit of S that is about so many bytes longer.
    fn entity(self, len: usize) -> Entity {
        let Message::SubmitReq(mut submit) = submit(&[]) else { unreachable!("it is one") };
        match self {
            Self::Text => {
                // In EUC-KR two bytes a syllable.
                let text = "안녕하세요 ".repeat(len.div_ceil(11));
                submit.content.text = Some(Prose::new(text).expect("text"));
            }
            Self::Base64 => submit.content.media.push(Media::new(MediaType::JPEG, noise(1, len * 3 / 4))),
            Self::Binary => submit.content.media.push(Media::new(MediaType::JPEG, noise(1, len))),
            Self::Recipients => {}
        }
        let entity = codec(self).encode(&submit.into()).expect("every message can be encoded").entity;
        match self {
            Self::Binary => declared_binary(entity),
            Self::Recipients => repeat(entity, b"<Number>01000000002</Number>", len),
            _ => entity,
        }
    }
}

/// The same with so many bytes more of this piece of it.
fn repeat(entity: Entity, piece: &[u8], len: usize) -> Entity {
    let at = entity.body.windows(piece.len()).position(|bytes| bytes == piece).expect("the piece");
    let body = [&entity.body[..at], &piece.repeat(len.div_ceil(piece.len())), &entity.body[at..]].concat();
    Entity { body: body.into(), ..entity }
}

fn codec(content: Content) -> Box<dyn Codec> {
    let quirks = match content {
        Content::Binary => [tongsa::DeviationKind::EncodingUndeclared].into_iter().collect(),
        _ => tongsa::QuirkSet::EMPTY,
    };
    DialectId::SLive.codec(Config { limits: wide(), quirks, ..Config::default() })
}

/// Names of contenders, and the lengths of their messages.
type Points = Vec<(f64, String)>;

/// A row for each content and way, and the picture of all.
pub fn growth(bench: &mut Bench, arguments: &Arguments) {
    let mut series = Vec::new();
    for content in Content::ALL {
        let rows = ["decode", "encode"].map(|way| format!("growth, {way}: {}", content.name()));
        if !rows.iter().any(|what| arguments.want(what)) {
            continue;
        }
        // What takes milliseconds takes turns with its like: the others need many more of them.
        let (mut short, mut long) = (Vec::new(), Vec::new());
        let [mut decoded, mut encoded, mut scanned, mut copied, mut alone] = [const { Points::new() }; 5];
        for log in (10..=content.most()[0]).step_by(2) {
            let contenders = if log <= SHORT { &mut short } else { &mut long };
            let entity = content.entity(1 << log);
            let message = codec(content).decode(&entity).expect("what was written can be read").message;
            assert!(len_of(&message) > 1 << (log - 2), "{} at 2^{log}", content.name());
            let len = body_len(&entity);
            let mut add = |points: &mut Points, what: &str, run: Box<dyn FnMut()>| {
                let id = format!("{what} {log}");
                points.push((len, id.clone()));
                contenders.push(Contender::new(id, run));
            };
            if content == Content::Binary {
                let body = entity.body.clone();
                let scan = move || _ = black_box(floor::scan(black_box(&body), floor::delimiter(&body)));
                add(&mut scanned, "growth, scan", Box::new(scan));
                let body = entity.body.clone();
                add(&mut copied, "growth, copy", Box::new(move || drop(black_box(black_box(&body).to_vec()))));
            }
            if content == Content::Base64 {
                let text = floor::base64(&noise(1, (1 << log) * 3 / 4));
                add(
                    &mut alone,
                    "growth, base64 alone",
                    Box::new(move || drop(black_box(floor::unbase64(black_box(&text))))),
                );
            }
            let (reader, writer) = (codec(content), codec(content));
            add(&mut decoded, &rows[0], Box::new(move || drop(black_box(reader.decode(black_box(&entity))))));
            if log <= content.most()[1] {
                add(&mut encoded, &rows[1], Box::new(move || drop(black_box(writer.encode(black_box(&message))))));
            }
        }
        bench.time_all(short, arguments, 4);
        bench.time_all(long, arguments, 4);
        let wanted = Some(Wanted::Near(1.0, 0.05));
        // Where next to nothing is done with a byte, memory sets the pace, and it is not linear itself.
        for (what, points, floor, against) in [
            (&rows[0], decoded, &scanned, "exponent, beside scan"),
            (&rows[1], encoded, &copied, "exponent, beside a copy"),
        ] {
            let against = if floor.is_empty() { "exponent" } else { against };
            let floor = (0..points.len()).map(|nth| floor.get(nth).map(|(_, id)| id.clone()));
            let figure = points.iter().cloned().zip(floor).map(|((len, of), by)| (len, of, by)).collect();
            bench.row(what, against, Figure::Exponent(figure), wanted);
            series.push((what.trim_start_matches("growth, ").to_owned(), points));
        }
        if !alone.is_empty() {
            let figure = alone.iter().cloned().map(|(len, of)| (len, of, None)).collect();
            bench.row("growth, decode: base64 alone", "exponent", Figure::Exponent(figure), None);
        }
        for (name, points) in [("one memmem scan", scanned), ("one copy", copied)] {
            if !points.is_empty() {
                series.push((name.to_owned(), points));
            }
        }
    }
    draw(bench, series, arguments);
}

/// Up to this power of two a message is small.
const SHORT: u32 = 18;

#[allow(clippy::cast_precision_loss, reason = "a coordinate")]
fn body_len(entity: &Entity) -> f64 {
    entity.body.len() as f64
}

/// Bytes of content, to see that it was read.
fn len_of(message: &Message) -> usize {
    let Message::SubmitReq(submit) = message else { unreachable!("it is one") };
    let text = submit.content.text.as_ref().map_or(0, |text| text.as_str().len());
    let media: usize = submit.content.media.iter().map(|media| media.data.len()).sum();
    let to: usize = submit.recipients.to.iter().map(|address| address.as_str().len()).sum();
    text + media + to
}

/// `growth.svg`, when everything was timed.
fn draw(bench: &Bench, series: Vec<(String, Points)>, arguments: &Arguments) {
    let all = bench.fastest();
    let Some(&ordinary) = all.get("decode s-live/submit fixed") else { return };
    if !arguments.want("growth") || series.len() < 2 * Content::ALL.len() {
        return;
    }
    let series: Vec<Series> = series
        .into_iter()
        .map(|(name, points)| Series {
            name,
            points: points.into_iter().map(|(len, id)| (len, all[&id] / ordinary)).collect(),
        })
        .collect();
    let drawn = plot("bytes on the wire", "time; 1 is the decoding of a submit of 3.1 KB", &series);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("growth.svg");
    if let Err(error) = std::fs::write(&path, drawn) {
        eprintln!("{}: {error}", path.display());
    }
}
