//! Memory and allocations of hostile input: so many a byte at any size, and a constant where a limit stops it.
//!
//! What is linear in what it allocates is told by counting. The large run goes to 64 MiB, and there what is linear in time
//! shows too: it takes no more of its thread's time by the byte at the greater size.
//! `TONGSA_LARGE=1 cargo test --release --test resources -- --nocapture` takes a quarter of an hour of one core and up to
//! 12 GiB, and prints each shape as it is done; `TONGSA_SHAPE=recipients` chooses shapes by a part of their names. The table
//! of `docs/limits.md` is what the test prints without either.

mod allocations;
#[path = "harness/work.rs"]
mod work;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use allocations::{Usage, measure};
use bytes::Bytes;
use tongsa::{
    Carrier, Config, Decoded, Entity, Limits, Tolerance, TranslateOptions, decode, detect, translate_message,
};

/// A piece of hostile input. `{n}` in it is a running number.
enum Piece {
    /// Stands once.
    Once(&'static str),
    /// Repeated; all of these in a shape share the length asked for.
    Fill(&'static str),
    /// Repeated, a byte that is no text.
    Bytes(u8),
    /// Repeated so often, whatever the length.
    Times(usize, &'static str),
}
use Piece::{Fill, Once, Times};

/// What stands around a shape.
type Frame = fn(&[u8]) -> Entity;

struct Shape {
    name: &'static str,
    frame: Frame,
    pieces: Vec<Piece>,
}

impl Shape {
    fn entity(&self, len: usize) -> Entity {
        let fills = self.pieces.iter().filter(|piece| matches!(piece, Fill(_) | Piece::Bytes(_))).count();
        let share = len / fills.max(1);
        let mut out = Vec::with_capacity(len + 1024);
        for piece in &self.pieces {
            let end = out.len() + share;
            match *piece {
                Once(text) => out.extend_from_slice(text.as_bytes()),
                Times(count, text) => out.extend_from_slice(text.repeat(count).as_bytes()),
                Piece::Bytes(byte) => out.resize(end, byte),
                Fill(text) => match text.split_once("{n}") {
                    None => out.extend_from_slice(text.repeat(share / text.len()).as_bytes()),
                    Some((before, behind)) => {
                        let mut n = 0_usize;
                        while out.len() < end {
                            out.extend_from_slice(
                                format!("{before}{n}{}", behind.replace("{n}", &n.to_string())).as_bytes(),
                            );
                            n += 1;
                        }
                    }
                },
            }
        }
        (self.frame)(&out)
    }
}

const MULTIPART: &str = "multipart/related; type=\"text/xml\"; boundary=\"b\"";
const OPEN: &str = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Header/><e:Body>\
    <m:SubmitReq xmlns:m=\"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-2\">";
const CLOSE: &str = "</m:SubmitReq></e:Body></e:Envelope>";

fn bare(inside: &[u8]) -> Entity {
    Entity::new(inside.to_vec())
}

/// In a SubmitReq.
fn request(inside: &[u8]) -> Entity {
    Entity::new([OPEN.as_bytes(), inside, CLOSE.as_bytes()].concat())
}

/// In its start tag.
fn tag(inside: &[u8]) -> Entity {
    let open = OPEN.strip_suffix('>').expect("a tag");
    Entity::new([open.as_bytes(), b" ", inside, b">", CLOSE.as_bytes()].concat())
}

/// Between the envelope's start tag and its body.
fn envelope(inside: &[u8]) -> Entity {
    let (open, body) = OPEN.split_once("<e:Header/>").expect("a header");
    Entity::new([open.as_bytes(), inside, body.as_bytes(), CLOSE.as_bytes()].concat())
}

/// Behind the delimiter of the second part.
fn part(inside: &[u8]) -> Entity {
    let root = format!("--b\r\nContent-Type: text/xml\r\n\r\n{OPEN}{CLOSE}\r\n--b\r\n");
    Entity::new([root.as_bytes(), inside, b"\r\n--b--\r\n"].concat()).with_header("Content-Type", MULTIPART)
}

/// The entity's Content-Type.
fn content_type(inside: &[u8]) -> Entity {
    let Entity { body, .. } = part(b"");
    Entity::new(body).with_header("Content-Type", inside.to_vec())
}

/// The entity's header, one field a line.
fn header(inside: &[u8]) -> Entity {
    let mut entity = part(b"");
    let inside = Bytes::copy_from_slice(inside);
    let mut at = 0;
    for line in inside.split(|&byte| byte == b'\n') {
        let (name, value) = (at + line.iter().take_while(|&&byte| byte != b':').count(), at + line.len());
        entity = entity.with_header(inside.slice(at..name), inside.slice((name + 1).min(value)..value));
        at += line.len() + 1;
    }
    entity
}

const SMIL: &str = "Content-Type: application/smil\r\n\r\n<smil><head><layout>";
const XT: &str = "Content-Type: text/x-sktxt\r\n\r\n<xt><body><div>";
const HTML: &str = "Content-Type: text/html\r\n\r\n";
const BASE64: &str = "Content-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\r\n";
const QUOTED: &str = "Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";

fn shapes() -> Vec<Shape> {
    fn shape<const N: usize>(name: &'static str, frame: Frame, pieces: [Piece; N]) -> Shape {
        Shape { name, frame, pieces: pieces.into() }
    }
    vec![
        shape("http: fields", header, [Fill("X-A: b\n")]),
        shape("http: fields without a name", header, [Fill(": b\n")]),
        shape("http: fields of many names", header, [Fill("X-{n}: b\n")]),
        shape("http: content types", header, [Fill("Content-Type: a\n")]),
        shape("http: parameters", content_type, [Once(MULTIPART), Fill("; a{n}=b")]),
        shape("http: semicolons", content_type, [Once(MULTIPART), Fill(";")]),
        shape("http: comments", content_type, [Once(MULTIPART), Fill("(")]),
        shape("http: words", content_type, [Once(MULTIPART), Once("; a=b"), Fill(" c")]),
        shape("http: quotes", content_type, [Once(MULTIPART), Fill("; a=\"\\\"")]),
        shape("http: one long boundary", content_type, [Once("multipart/related; boundary="), Fill("b")]),
        shape("mime: parts", part, [Fill("\r\n\r\nx\r\n--b")]),
        shape("mime: parts without anything", part, [Fill("\r\n--b")]),
        shape("mime: parts of many ids", part, [Fill("\r\nContent-ID: <{n}@a>\r\n\r\nx\r\n--b")]),
        shape("mime: parts of one id", part, [Fill("\r\nContent-ID: a\r\n\r\nx\r\n--b")]),
        shape("mime: nested", part, [Fill("Content-Type: multipart/mixed; boundary=c{n}\r\n\r\n--c{n}\r\n")]),
        shape(
            "mime: siblings with a boundary of their own",
            part,
            [Fill("\r\n--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--d\r\n\r\nx\r\n")],
        ),
        shape("mime: look-alikes", part, [Once("\r\n"), Fill("\r\n--bb")]),
        shape("mime: look-alikes with blanks", part, [Once("\r\n"), Fill("\r\n--b x")]),
        shape("mime: undeclared delimiters", part, [Once("\r\n"), Fill("</a>\r\n--12345678\r\n")]),
        shape("mime: dashes", part, [Once("\r\n\r\n"), Fill("-")]),
        shape("mime: empty lines", part, [Fill("\r\n")]),
        shape("mime: one long line", part, [Once("\r\n"), Fill("x")]),
        shape("mime: 8-bit bytes", part, [Once("\r\n"), Piece::Bytes(0xFF)]),
        shape("mime: fields", part, [Fill("X-A: b\r\n")]),
        shape("mime: fields of many names", part, [Fill("X-{n}: b\r\n")]),
        shape("mime: underscores", part, [Fill("X_A: b\r\n")]),
        shape("mime: structured fields", part, [Fill("Content-ID: a\r\n")]),
        shape("mime: lines that are no field", part, [Fill("x\r\nX-A: b\r\n")]),
        shape("mime: one long field", part, [Once("X-A: "), Fill("x")]),
        shape("mime: a folded field", part, [Once("X-A: x"), Fill("\r\n x")]),
        shape("mime: a long name", part, [Fill("x"), Once(": b")]),
        shape("mime: remarks", part, [Once("X-A: "), Fill("<--")]),
        shape("mime: parameters", part, [Once("Content-Type: a/b"), Fill("; a=b"), Once("\r\n\r\n")]),
        shape("mime: semicolons", part, [Once("Content-Type: a/b"), Fill(";"), Once("\r\n\r\n")]),
        shape("mime: file name", part, [Once("Content-Disposition: a; filename*=''"), Fill("%41"), Once("\r\n\r\n")]),
        shape("base64", part, [Once(BASE64), Fill("QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD\r\n")]),
        shape("base64: of nothing", part, [Once(BASE64), Fill("=\r\n")]),
        shape("base64: no line ends", part, [Once(BASE64), Fill("QUJD")]),
        shape("base64: no symbols", part, [Once(BASE64), Fill("*")]),
        shape("base64: runs", part, [Once(BASE64), Fill("QQ==")]),
        shape("quoted-printable", part, [Once(QUOTED), Fill("=B0=A1=\r\n")]),
        shape("quoted-printable: blanks", part, [Once(QUOTED), Fill("= ")]),
        shape("quoted-printable: signs", part, [Once(QUOTED), Fill("=")]),
        shape("xml: angles", bare, [Fill("<")]),
        shape("xml: siblings", bare, [Once("<a>"), Fill("<a/>")]),
        shape("xml: nested", bare, [Fill("<a>")]),
        shape("xml: nested again and again", bare, [Once("<r>"), Fill("<a><b><c><d><e></e></d></c></b></a>")]),
        shape("xml: nested, then elements", bare, [Times(1000, "<a>"), Fill("<b/>")]),
        shape("xml: nested, then stray end tags", bare, [Times(60, "<a>"), Fill("</b>")]),
        shape("xml: nested, then references", bare, [Times(1000, "<a>"), Fill("&x;")]),
        shape(
            "xml: nested and closed, then references",
            bare,
            [Once("<r>"), Times(1000, "<a>"), Times(1000, "</a>"), Fill("&x;")],
        ),
        shape("xml: stray end tags", request, [Fill("</y>")]),
        shape("xml: elements closed by others", request, [Fill("<x>1</y>")]),
        shape("xml: start tags for end tags", request, [Fill("<x><y>1<y></x>")]),
        shape("xml: blanks in end tags", request, [Fill("<x>1</ x>")]),
        shape("xml: attributes", tag, [Fill("a{n}=\"b\" ")]),
        shape("xml: attributes of one name", tag, [Fill("a=\"b\" ")]),
        shape("xml: names without value", tag, [Fill("a ")]),
        shape("xml: semicolons", tag, [Fill("; a=\"b\"")]),
        shape("xml: one long value", tag, [Once("a=\""), Fill("x"), Once("\"")]),
        shape("xml: a value of references", tag, [Once("a=\""), Fill("&#65;"), Once("\"")]),
        shape("xml: a value without end", tag, [Once("a=\""), Fill("x ")]),
        shape("xml: values without quotes", tag, [Fill("a{n}=b ")]),
        shape("xml: values in typographic quotes", tag, [Fill("a{n}=\u{201c}b\u{201d} ")]),
        shape("xml: quotes that close nothing", tag, [Once("a=\""), Fill("\u{201d} ")]),
        shape("xml: namespaces", tag, [Fill("xmlns:a{n}=\"b\" ")]),
        shape("xml: namespaces, shadowed", request, [Times(40, "<x xmlns:p=\"u\">"), Fill("<x xmlns:p=\"u\"/>")]),
        shape("xml: namespaces, nested and shadowed", request, [Fill("<p:x xmlns:p=\"u\">")]),
        shape(
            "xml: a long namespace and many elements",
            request,
            [Once("<x xmlns:p=\""), Fill("u"), Once("\">"), Fill("<p:y>1</p:y>"), Once("</x>")],
        ),
        shape(
            "xml: a namespace of references and many elements",
            request,
            [Once("<x xmlns:p=\""), Fill("&#65;"), Once("\">"), Fill("<p:y>1</p:y>"), Once("</x>")],
        ),
        shape("xml: a long name and many references", request, [Once("<"), Fill("x"), Once(">"), Fill("&y;")]),
        shape(
            "xml: long names and many references",
            request,
            [Times(40, "<xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx>"), Fill("&y;")],
        ),
        shape("xml: comments", request, [Fill("<!---->")]),
        shape("xml: comments with dashes", request, [Fill("<!--a--b-->")]),
        shape("xml: comments without end", request, [Fill("<!--")]),
        shape("xml: instructions", request, [Fill("<?a?>")]),
        shape("xml: instructions without end", request, [Fill("<?a ")]),
        shape("xml: sections", request, [Once("<Subject>"), Fill("<![CDATA[a]]>"), Once("</Subject>")]),
        shape("xml: sections without end", request, [Once("<Subject>"), Fill("<![CDATA[")]),
        shape("xml: ampersands", request, [Once("<Subject>"), Fill("&"), Once("</Subject>")]),
        shape("xml: references", request, [Once("<Subject>"), Fill("&amp;"), Once("</Subject>")]),
        shape("xml: references by number", request, [Once("<Subject>"), Fill("&#65;"), Once("</Subject>")]),
        shape("xml: references to nothing", request, [Once("<Subject>"), Fill("&x;"), Once("</Subject>")]),
        shape("xml: one long reference", request, [Once("<Subject>&"), Fill("x"), Once("</Subject>")]),
        shape("xml: one long text", request, [Once("<Subject>"), Fill("x"), Once("</Subject>")]),
        shape("xml: line ends", request, [Once("<Subject>"), Fill("a\r\n"), Once("</Subject>")]),
        shape("xml: undecodable bytes", request, [Once("<Subject>"), Piece::Bytes(0xFF), Once("</Subject>")]),
        shape("xml: texts undecodable", request, [Fill("<x>\u{fffd}</x>")]),
        shape("xml: blanks before it", bare, [Fill(" "), Once(OPEN), Once(CLOSE)]),
        shape("xml: text behind it", bare, [Once(OPEN), Once(CLOSE), Fill("x")]),
        shape("xml: comments behind it", bare, [Once(OPEN), Once(CLOSE), Fill("<!---->")]),
        shape("soap: entries", envelope, [Fill("<x/>")]),
        shape("soap: header entries", envelope, [Once("<e:Header>"), Fill("<x>1</x>"), Once("</e:Header>")]),
        shape("mm7: unknown elements", request, [Fill("<x>1</x>")]),
        shape("mm7: unknown elements of many names", request, [Fill("<x{n}>1</x{n}>")]),
        shape("mm7: unknown elements, deep", request, [Times(50, "<x>"), Fill("<x>1</x>"), Times(50, "</x>")]),
        shape(
            "mm7: unknown elements in deep names",
            request,
            [Times(40, "<xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx>"), Fill("<x>1</x>")],
        ),
        shape("mm7: unknown elements in a long name", request, [Once("<"), Fill("x"), Once(">"), Fill("<x>1</x>")]),
        shape("mm7: unknown attributes", request, [Fill("<x a=\"1\"/>")]),
        shape("mm7: unknown elements of a namespace", request, [Fill("<x xmlns=\"u:v:w\">1</x>")]),
        shape("mm7: empty elements", request, [Fill("<x/>")]),
        shape("mm7: padded elements", request, [Fill("<x> 1 </x>")]),
        shape("mm7: known elements again", request, [Fill("<Subject>1</Subject>")]),
        shape("mm7: text between", request, [Fill("<x/>a")]),
        shape(
            "mm7: recipients",
            request,
            [Once("<Recipients><To>"), Fill("<Number>1</Number>"), Once("</To></Recipients>")],
        ),
        shape(
            "mm7: lists of recipients",
            request,
            [Once("<Recipients>"), Fill("<To><Number>1</Number></To>"), Once("</Recipients>")],
        ),
        shape("mm7: groups of recipients", request, [Fill("<Recipients><To><Number>1</Number></To></Recipients>")]),
        shape("mm7: a long date", request, [Once("<TimeStamp>"), Fill("2024-08-01T"), Once("</TimeStamp>")]),
        shape("mm7: a date of blanks", request, [Once("<TimeStamp>Mon, 1 "), Fill(" "), Once("Aug</TimeStamp>")]),
        shape("mm7: digits", request, [Once("<TimeStamp>"), Fill("1"), Once("</TimeStamp>")]),
        shape("mm7: a long reference", request, [Once("<Content href=\"cid:"), Fill("<"), Once("\"/>")]),
        shape("text: plain", part, [Once("Content-Type: text/plain\r\n\r\n"), Fill("\u{d55c}")]),
        shape(
            "text: of another charset",
            part,
            [Once("Content-Type: text/plain; charset=big5\r\n\r\n"), Piece::Bytes(0xB0)],
        ),
        shape("html: start tags", part, [Once(HTML), Fill("<B>")]),
        shape("html: end tags", part, [Once(HTML), Fill("</B>")]),
        shape("html: tags around letters", part, [Once(HTML), Fill("<I>a</B>")]),
        shape("html: images", part, [Once(HTML), Fill("<IMG SRC=x>")]),
        shape(
            "html: images and parts",
            part,
            [Once(HTML), Fill("<IMG SRC=x>"), Times(60, "\r\n--b\r\nContent-ID: <a@b>\r\n\r\n")],
        ),
        shape("html: comments without end", part, [Once(HTML), Fill("<!--")]),
        shape("html: titles without end", part, [Once(HTML), Fill("<TITLE>")]),
        shape("html: end tags without end", part, [Once(HTML), Fill("<TITLE></TITLE")]),
        shape("html: quotes without end", part, [Once(HTML), Fill("<B \"")]),
        shape("html: angles", part, [Once(HTML), Fill("<")]),
        shape("html: blanks", part, [Once(HTML), Fill("<B>\n")]),
        shape("html: long attributes", part, [Once(HTML), Once("<IMG"), Fill(" src "), Once(">")]),
        shape("smil: regions", part, [Once(SMIL), Fill("<region id=\"a\"/>")]),
        shape("smil: references", part, [Once(SMIL), Fill("<img src=\"a\"/>")]),
        shape("smil: nested", part, [Once(SMIL), Fill("<par>")]),
        shape("smil: attributes", part, [Once(SMIL), Once("<region"), Fill(" a{n}=\"\""), Once("/>")]),
        shape("smil: text", part, [Once(SMIL), Fill("a<par/>")]),
        shape("smil: names that are none", part, [Once(SMIL), Fill("<a\u{b7}/>")]),
        shape("xt: runs", part, [Once(XT), Fill("<color1>a</color1>")]),
        shape("xt: icons", part, [Once(XT), Fill("<img src=\"a\"/>")]),
        shape("xt: unknown markup", part, [Once(XT), Fill("<x>a</x>")]),
        shape("xt: nested", part, [Once(XT), Fill("<div>")]),
        shape("xt: breaks", part, [Once(XT), Once("<color1>"), Fill("a<br/>")]),
        shape("xt: text", part, [Once(XT), Once("<text>"), Fill("x"), Once("</text></div></body></xt>")]),
    ]
}

/// As far as a caller can raise them, but for the depths, which time is multiplied by.
fn raised() -> Limits {
    let most = usize::MAX >> 1;
    Limits { body: most, parts: most, mime_depth: 64, xml_depth: 1024, fields: most, field_len: most, attributes: most }
}

/// Bytes at once, bytes in all, allocations in all.
type Cost = [f64; 3];

/// What a byte of input may cost, by layer: read by one carrier, and what was read written to two.
const PER_BYTE: &[(&str, Cost, Cost)] = &[
    ("http", [24.0, 40.0, 0.6], [1.0, 1.0, 0.01]),
    ("mime", [110.0, 170.0, 2.0], [200.0, 800.0, 9.0]),
    ("base64", [3.0, 4.0, 0.01], [2.0, 3.0, 0.01]),
    ("quoted-printable", [5.0, 8.0, 0.01], [6.0, 14.0, 0.01]),
    ("xml", [50.0, 500.0, 2.0], [160.0, 250.0, 5.0]),
    ("soap", [60.0, 160.0, 2.5], [90.0, 250.0, 1.0]),
    ("mm7", [110.0, 1200.0, 4.0], [110.0, 300.0, 1.0]),
    ("text", [8.0, 12.0, 0.01], [20.0, 70.0, 1.3]),
    ("html", [15.0, 25.0, 0.01], [70.0, 250.0, 3.0]),
    ("smil", [35.0, 70.0, 0.4], [55.0, 140.0, 1.0]),
    ("xt", [60.0, 120.0, 0.5], [20.0, 65.0, 0.7]),
];

/// What a deviation may cost besides, which has a path; a layer keeps no more than 4,096.
const PER_DEVIATION: Cost = [1200.0, 3000.0, 16.0];

/// What an entity costs that holds nothing.
const BASE: Cost = [24_000.0, 100_000.0, 800.0];

/// How much longer a byte may take at a greater size: what is quadratic takes eight times as long at eight times the size.
const SLOWER: f64 = 5.0;

/// Nanoseconds a byte that can be told from none.
const MEASURABLE: f64 = 5.0;

/// What is done with an input.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    Read(Carrier),
    /// As three carriers read.
    Detect,
    /// The same, and once more.
    Decode,
    /// What was read is written by the same carrier, and by another.
    Write(Carrier),
}

impl Act {
    /// What it may cost by the byte.
    fn allowed(self, shape: &Shape) -> Cost {
        let layer = shape.name.split(':').next().unwrap_or_default();
        let (_, read, write) = PER_BYTE.iter().find(|(known, ..)| *known == layer).expect("a layer");
        match self {
            Self::Read(_) => *read,
            Self::Detect => [read[0], 3.5 * read[1], 3.5 * read[2]],
            Self::Decode => [read[0], 5.5 * read[1], 5.5 * read[2]],
            Self::Write(_) => *write,
        }
    }
}

fn config(limits: Limits) -> Config {
    Config { tolerance: Tolerance::Lenient, limits, ..Config::default() }
}

const CARRIERS: [Carrier; 3] = [Carrier::S, Carrier::K, Carrier::L];

/// An act, what it allocated, and how long it took.
struct Done {
    act: Act,
    usage: Usage,
    spent: Duration,
    deviations: usize,
}

impl Done {
    /// The cost of a byte of the input, all told.
    #[allow(clippy::cast_precision_loss, reason = "a ratio to read")]
    fn whole(&self, len: usize) -> Cost {
        [self.usage.peak, self.usage.total, self.usage.count].map(|cost| cost as f64 / len as f64)
    }

    /// The same without what deviations cost, and an entity that holds nothing.
    #[allow(clippy::cast_precision_loss, reason = "a ratio to read")]
    fn per_byte(&self, len: usize) -> Cost {
        let whole = self.whole(len);
        let besides = |which: usize| PER_DEVIATION[which] * self.deviations as f64 + BASE[which];
        core::array::from_fn(|which| (whole[which] - besides(which) / len as f64).max(0.0))
    }
}

/// What each act allocates; reading by these carriers alone where not `all` is asked for.
fn acts(entity: &Entity, carriers: &[Carrier], all: bool) -> Vec<Done> {
    let config = config(raised());
    let mut done = Vec::new();
    let mut found_by_all = 0;
    let mut messages = Vec::new();
    for &carrier in carriers {
        let codec = carrier.codec(config.clone());
        let (spent, (usage, result)) = work::spent(|| measure(|| codec.decode(entity)));
        let deviations = match &result {
            Ok(decoded) => decoded.deviations.len(),
            Err(error) => error.deviations().len(),
        };
        found_by_all += deviations;
        done.push(Done { act: Act::Read(carrier), usage, spent, deviations });
        messages.extend(result.ok().filter(|_| all).map(|Decoded { message, .. }| (carrier, message)));
    }
    if !all {
        return done;
    }
    let (spent, (usage, _)) = work::spent(|| measure(|| detect(entity, &raised())));
    done.push(Done { act: Act::Detect, usage, spent, deviations: found_by_all });
    let (spent, (usage, _)) = work::spent(|| measure(|| decode(entity, &config)));
    done.push(Done { act: Act::Decode, usage, spent, deviations: 2 * found_by_all });
    for (carrier, message) in messages {
        let other = if carrier == Carrier::S { Carrier::K } else { Carrier::S };
        let (own, other) = (carrier.codec(config.clone()), other.codec(config.clone()));
        let write = || {
            drop(own.encode(&message).expect("an entity"));
            drop(translate_message(&*own, &*other, &message, &TranslateOptions::default()).expect("an entity"));
        };
        let (spent, (usage, ())) = work::spent(|| measure(write));
        done.push(Done { act: Act::Write(carrier), usage, spent, deviations: 0 });
    }
    done
}

/// Calls `check` with each shape that was asked for, on so many threads; what it answers, in the order of the shapes.
fn each<T: Send>(threads: usize, check: impl Fn(&Shape) -> T + Sync) -> Vec<T> {
    let wanted = std::env::var("TONGSA_SHAPE").unwrap_or_default();
    let shapes: Vec<Shape> = shapes().into_iter().filter(|shape| shape.name.contains(&wanted)).collect();
    assert!(!shapes.is_empty(), "no shape has {wanted:?} in its name");
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(shape) = shapes.get(index) else { return done };
            done.push((index, check(shape)));
        }
    };
    let mut done: Vec<(usize, T)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, found)| found).collect()
}

/// What a shape costs at several sizes: what is found wrong, and what is to be printed.
#[derive(Default)]
struct Findings {
    wrong: String,
    /// The dearest reading.
    worst: Cost,
    /// Each act's cost at 64 KiB, where what every message costs no longer counts.
    before: Vec<(Act, Cost)>,
    /// Each act's nanoseconds a byte, by size.
    times: Vec<(usize, Act, f64)>,
}

impl Findings {
    fn add(&mut self, shape: &Shape, log: u32, done: &Done) {
        let len = 1 << log;
        let (allowed, cost, whole) = (done.act.allowed(shape), done.per_byte(len), done.whole(len));
        // What is linear costs no more by the byte at a greater size.
        let known = self.before.iter().find(|(act, _)| *act == done.act).map_or(whole, |(_, known)| *known);
        let grows = |which: usize| whole[which] > 1.25 * known[which] + allowed[which] / 50.0;
        if (0..3).any(|which| cost[which] > allowed[which] || grows(which)) {
            let name = shape.name;
            self.wrong += &format!(
                "{name} {:?} at {len}: {cost:.2?} of {allowed:?}, in all {whole:.2?} after {known:.2?}\n",
                done.act
            );
        }
        if log == 16 {
            self.before.push((done.act, whole));
        }
        if matches!(done.act, Act::Read(_)) {
            self.worst = core::array::from_fn(|which| f64::max(self.worst[which], cost[which]));
        }
    }

    /// What is linear takes no longer by the byte either, but where the caches end: not of 8 MiB after 64 KiB or 1 MiB, nor
    /// of 64 MiB after 8 MiB.
    #[allow(clippy::cast_precision_loss, reason = "a ratio to read")]
    fn add_time(&mut self, shape: &Shape, log: u32, done: &Done) {
        let time = done.spent.as_secs_f64() * 1e9 / (1_usize << log) as f64;
        let smaller = self.times.iter().filter(|(_, act, _)| *act == done.act).map(|(_, _, time)| *time);
        let least = smaller.reduce(f64::min).unwrap_or(time);
        if time > SLOWER * least.max(MEASURABLE) {
            self.wrong +=
                &format!("{} {:?} at {}: {time:.0} ns a byte after {least:.0}\n", shape.name, done.act, 1 << log);
        }
        self.times.push((1 << log, done.act, time));
    }
}

#[test]
fn costs_so_many_bytes_a_byte_whatever_the_size() {
    let large = std::env::var_os("TONGSA_LARGE").is_some();
    let sizes: &[u32] = if large { &[16, 20, 23, 26] } else { &[10, 13, 16, 19] };
    // Beyond these all is not done, and not by every carrier.
    let (all_to, every_to) = if large { (23, 26) } else { (13, 16) };
    let threads = if large { 1 } else { thread::available_parallelism().map_or(1, usize::from) };
    let found = each(threads, |shape| {
        let mut findings = Findings::default();
        for &log in sizes {
            let one = [CARRIERS[shape.name.len() % 3]];
            let carriers = if log <= every_to { &CARRIERS[..] } else { &one };
            for done in acts(&shape.entity(1 << log), carriers, log <= all_to) {
                findings.add(shape, log, &done);
                if large {
                    findings.add_time(shape, log, &done);
                }
            }
        }
        let [peak, total, count] = findings.worst;
        let row = format!("| {} | {peak:.1} | {total:.1} | {count:.2} |\n", shape.name);
        if large {
            print!("{row}{}", findings.wrong);
            for log in sizes {
                let times = findings.times.iter().filter(|(len, ..)| *len == 1 << log);
                let times: Vec<String> = times.map(|(_, act, time)| format!("{act:?} {time:.0}")).collect();
                println!("    at {}: {} ns a byte", 1 << log, times.join(", "));
            }
        }
        (row, findings.wrong)
    });
    let (table, wrong): (String, String) = found.into_iter().unzip();
    println!("{table}");
    assert!(wrong.is_empty(), "{wrong}");
}

/// What the default limits refuse, and the error. Nothing here depends on how much more of it there is.
const REFUSED: &[(&str, &str)] = &[
    ("http: fields", "more than 128 header fields"),
    ("http: fields without a name", "more than 128 header fields"),
    ("http: parameters", "more than 8192 bytes in a header field"),
    ("http: one long boundary", "more than 8192 bytes in a header field"),
    ("mime: parts", "more than 64 MIME parts"),
    ("mime: parts without anything", "more than 64 MIME parts"),
    ("mime: nested", "more than 16 multiparts inside one another"),
    ("mime: fields", "more than 128 header fields"),
    ("mime: lines that are no field", "more than 128 header fields"),
    ("mime: one long field", "more than 8192 bytes in a header field"),
    ("mime: a folded field", "more than 8192 bytes in a header field"),
    ("mime: semicolons", "more than 8192 bytes in a header field"),
    ("xml: nested", "more than 64 elements inside one another"),
    ("xml: nested, then references", "more than 64 elements inside one another"),
    ("xml: attributes", "more than 1024 attributes of one element"),
    ("xml: attributes of one name", "more than 1024 attributes of one element"),
    ("xml: namespaces", "more than 1024 attributes of one element"),
];

#[test]
fn refuses_early_what_a_limit_is_for() {
    for (name, expected) in REFUSED {
        let shapes = shapes();
        let shape = shapes.iter().find(|shape| shape.name == *name).expect("a shape");
        for carrier in CARRIERS {
            let codec = carrier.codec(config(Limits::default()));
            let [small, large] = [1 << 17, 1 << 22].map(|len| {
                let entity = shape.entity(len);
                let (usage, result) = measure(|| codec.decode(&entity));
                let error = result.map(drop).expect_err(name).to_string();
                assert!(error.starts_with(expected), "{name}: {error}");
                (usage.total, error)
            });
            assert_eq!(small, large, "{carrier} {name}");
            assert!(small.0 < 200_000, "{carrier} {name}: {}", small.0);
        }
    }
    let body = vec![b'<'; (16 << 20) + 1];
    let entity = Entity::new(body);
    let (usage, result) = measure(|| Carrier::L.codec(config(Limits::default())).decode(&entity));
    assert!(result.is_err() && usage.total < 10_000, "{usage:?}");
}

/// A `.http` file: what its header section costs, and what it costs to be refused.
#[test]
fn opens_a_file_at_a_cost_by_the_byte() {
    for (name, piece) in [
        (
            "fields", "A: b
",
        ),
        (
            "folded",
            "A: b
 c
 d
",
        ),
        (
            "names", ":
",
        ),
        (
            "bodies", "
",
        ),
        ("blanks", " "),
        (
            "start lines",
            "POST / HTTP/1.1
",
        ),
    ] {
        for log in [10, 14, 18, 22] {
            let len: usize = 1 << log;
            let file = Bytes::from(format!(
                "HTTP/1.1 200 OK
{}
",
                piece.repeat(len / piece.len())
            ));
            let (usage, _) = measure(|| Entity::parse_http(file.clone(), &raised()).map(drop));
            let cost = Done { act: Act::Detect, usage, spent: Duration::ZERO, deviations: 0 }.per_byte(len);
            assert!(cost[0] < 80.0 && cost[1] < 160.0 && cost[2] < 0.5, "{name} at {len}: {cost:?}");
            let (usage, _) = measure(|| Entity::parse_http(file.clone(), &Limits::default()).map(drop));
            assert!(usage.total < 100_000, "{name} at {len}: {usage:?}");
        }
    }
}
