//! Hostile input of any length: what a layer is asked to do most often by the byte.

use bytes::Bytes;
use tongsa::Entity;

/// A piece of hostile input. `{n}` in it is a running number.
pub enum Piece {
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
pub type Frame = fn(&[u8]) -> Entity;

/// Input of which there can be any amount.
pub struct Shape {
    /// `layer: what there is much of`.
    pub name: &'static str,
    frame: Frame,
    pieces: Vec<Piece>,
}

impl Shape {
    /// So many bytes of it, and what stands around them.
    pub fn entity(&self, len: usize) -> Entity {
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

/// Every shape.
pub fn shapes() -> Vec<Shape> {
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
