//! quick-xml's writer, encoding_rs and mail-builder, by hand: a SubmitReq of S's commercial network. The presentation is
//! a template; no account of what the charset lacks.

use std::borrow::Cow;

use bytes::Bytes;
use encoding_rs::EUC_KR;
use mail_builder::headers::HeaderType;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::{BodyPart, MimePart, make_boundary};
use quick_xml::escape::minimal_escape;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::writer::Writer;

use tongsa::Message;

use super::Refused;
use super::soap::Submit;

/// What there is besides the SOAP part.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// What the subscriber reads.
    pub text: &'a str,
    /// Name and bytes of an image, which go as they are.
    pub image: Option<(&'a str, &'a [u8])>,
}

/// The same with values of its own.
#[derive(Clone, Debug)]
pub struct Owned {
    text: String,
    image: Option<(String, Bytes)>,
}

impl Owned {
    /// Text and first image of a message.
    ///
    /// # Panics
    /// When it has no text, or an image no name.
    pub fn of(message: &Message) -> Self {
        let content = message.content().expect("content");
        let image = content.media.first();
        let image = image.map(|media| (media.name.as_ref().expect("a name").as_str().to_owned(), media.data.clone()));
        Self { text: content.text.as_ref().expect("a text").as_str().to_owned(), image }
    }

    /// What there is to write.
    pub fn borrow(&self) -> Content<'_> {
        Content { text: &self.text, image: self.image.as_ref().map(|(name, data)| (&**name, &data[..])) }
    }
}

/// The header field Content-Type, and the body.
pub fn write(submit: &Submit, content: Content<'_>) -> Result<(String, Vec<u8>), Refused> {
    let soap = soap(submit)?;
    let scene = scene(content.image.map(|(name, _)| name));
    let text = text(content.text);
    let mut parts = Vec::with_capacity(3);
    parts.push(part("application/smil", "<1000000000100000000000>", "smil.smi", euc_kr(&scene), "8bit"));
    parts.push(part("text/x-sktxt", "<1000000000100000000001>", "xhtml.xt", euc_kr(&text), "8bit"));
    if let Some((name, image)) = content.image {
        parts.push(part("image/jpeg", "<1000000000100000000002>", name, Cow::Borrowed(image), "binary"));
    }
    let typed = ContentType::new("multipart/related").attribute("boundary", make_boundary("_"));
    let content_part = MimePart::new(typed, parts);
    let root = MimePart {
        headers: Vec::from([
            raw("Content-Type", "text/xml; charset=euc-kr"),
            raw("Content-ID", "<start_MM7_SOAP>"),
            raw("Content-Transfer-Encoding", "8bit"),
        ]),
        contents: BodyPart::Binary(euc_kr(&soap)),
    };

    // mail-builder folds the outermost Content-Type, which HTTP forbids.
    let boundary = make_boundary("_");
    let header = [
        "multipart/related; boundary=\"",
        &boundary,
        "\"; type=\"text/xml\"; charset=\"EUC-KR\"; start=\"<start_MM7_SOAP>\"",
    ]
    .concat();
    let mut body = Vec::with_capacity(4096 + content.image.map_or(0, |(_, image)| image.len()));
    for (before, part) in [("--", root), ("\r\n--", content_part)] {
        body.extend_from_slice(before.as_bytes());
        body.extend_from_slice(boundary.as_bytes());
        body.extend_from_slice(b"\r\n");
        part.write_part(&mut body);
    }
    body.extend_from_slice(b"\r\n--");
    body.extend_from_slice(boundary.as_bytes());
    body.extend_from_slice(b"--");
    Ok((header, body))
}

/// In XML encoding_rs does the right thing by itself: a character reference for what the charset lacks.
fn euc_kr(text: &str) -> Cow<'_, [u8]> {
    EUC_KR.encode(text).0
}

fn raw<'a>(name: &'static str, value: &'a str) -> (Cow<'a, str>, HeaderType<'a>) {
    (Cow::Borrowed(name), HeaderType::Raw(Raw::new(value)))
}

fn part<'a>(
    media_type: &'static str,
    id: &'static str,
    name: &'a str,
    body: Cow<'a, [u8]>,
    encoding: &'static str,
) -> MimePart<'a> {
    let disposition = ContentType::new("attachment").attribute("filename", name);
    MimePart {
        headers: Vec::from([
            raw("Content-Type", media_type),
            raw("Content-Transfer-Encoding", encoding),
            raw("Content-ID", id),
            ("Content-Disposition".into(), HeaderType::ContentType(disposition)),
            raw("X-SKT-Content-Usage", "0"),
            raw("X-SKT-CIDSID", "1000000000"),
            raw("X-SKT-Service-Type", "0"),
        ]),
        contents: BodyPart::Binary(body),
    }
}

macro_rules! mm7 {
    ($name:literal, $rest:literal) => {
        concat!($name, " xmlns=\"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-0\"", $rest)
    };
}

type Xml = Writer<Vec<u8>>;

fn soap(submit: &Submit) -> Result<String, Refused> {
    let mut xml = Writer::new(Vec::with_capacity(2048));
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("euc-kr"), None)))?;
    xml.write_event(start("env:Envelope xmlns:env=\"http://schemas.xmlsoap.org/soap/envelope/\"", 12))?;
    xml.write_event(start("env:Header", 10))?;
    xml.write_event(start(mm7!("TransactionID", " env:mustUnderstand=\"1\""), 13))?;
    xml.write_event(Event::Text(BytesText::new(&submit.transaction_id)))?;
    end(&mut xml, "TransactionID")?;
    end(&mut xml, "env:Header")?;
    xml.write_event(start("env:Body", 8))?;
    xml.write_event(start(mm7!("SubmitReq", ""), 9))?;
    leaf(&mut xml, "MM7Version", &submit.version)?;
    xml.write_event(start("SenderIdentification", 20))?;
    leaf(&mut xml, "VASPID", &submit.vasp_id)?;
    leaf(&mut xml, "VASID", &submit.vas_id)?;
    leaf(&mut xml, "X-SKT-BPID", &submit.cp_id)?;
    leaf(&mut xml, "X-SKT-RELAY-BPID", &submit.relay_id)?;
    leaf(&mut xml, "SenderAddress", &submit.callback)?;
    end(&mut xml, "SenderIdentification")?;
    leaf(&mut xml, "X-SKT-ORIG-BPID", &submit.origin_code)?;
    xml.write_event(start("Recipients", 10))?;
    xml.write_event(start("To", 2))?;
    leaf(&mut xml, "Number", &submit.recipient)?;
    end(&mut xml, "To")?;
    end(&mut xml, "Recipients")?;
    leaf(&mut xml, "MessageClass", &submit.class)?;
    leaf(&mut xml, "TimeStamp", &submit.timestamp)?;
    leaf(&mut xml, "ExpiryDate", &submit.expiry)?;
    leaf(&mut xml, "DeliveryReport", &submit.delivery_report)?;
    leaf(&mut xml, "ReadReply", &submit.read_reply)?;
    leaf(&mut xml, "Priority", &submit.priority)?;
    leaf(&mut xml, "DistributionIndicator", &submit.distribution)?;
    xml.write_event(start("X-SKT:X-SKT xmlns:X-SKT=\"http://vmg.nate.com:8080/soap/skt-schema.xsd\"", 11))?;
    leaf(&mut xml, "X-SKT-Alias", &submit.alias)?;
    end(&mut xml, "X-SKT:X-SKT")?;
    leaf(&mut xml, "Subject", &submit.subject)?;
    let content = [("allowAdaptations", submit.adaptations.as_str()), ("href", submit.href.as_str())];
    xml.write_event(Event::Empty(BytesStart::new("Content").with_attributes(content)))?;
    end(&mut xml, "SubmitReq")?;
    end(&mut xml, "env:Body")?;
    end(&mut xml, "env:Envelope")?;
    Ok(String::from_utf8(xml.into_inner())?)
}

/// A start tag with what stands in it as it is, and the length of its name.
fn start(tag: &str, name_len: usize) -> Event<'_> {
    Event::Start(BytesStart::from_content(tag, name_len))
}

fn end(xml: &mut Xml, name: &str) -> Result<(), Refused> {
    Ok(xml.write_event(Event::End(BytesEnd::new(name)))?)
}

fn leaf(xml: &mut Xml, name: &str, text: &str) -> Result<(), Refused> {
    xml.write_event(start(name, name.len()))?;
    xml.write_event(Event::Text(BytesText::new(text)))?;
    end(xml, name)
}

fn scene(image: Option<&str>) -> String {
    let mut scene = String::with_capacity(1024);
    scene.push_str(
        "<?xml version=\"1.0\" encoding=\"EUC-KR\"?>\r\n\
         <smil xmlns=\"http://www.w3.org/2001/SMIL20/Language\">\r\n\
         <head>\r\n<layout background-color=\"#E7E3E7\">\r\n<root-layout>\r\n\
         <region height=\"100%\" id=\"image\" left=\"0%\" top=\"0%\" width=\"100%\" z-index=\"0\"/>\r\n\
         <region height=\"100%\" id=\"text\" left=\"0%\" top=\"0%\" width=\"100%\" z-index=\"0\"/>\r\n\
         </root-layout>\r\n</layout>\r\n</head>\r\n<body>\r\n<par repeatCount=\"indefinite\">\r\n",
    );
    if let Some(name) = image {
        scene.push_str("<seq repeatCount=\"indefinite\">\r\n<img id=\"");
        scene.push_str(&minimal_escape(name));
        scene.push_str("\" region=\"image\" src=\"1000000000100000000002\"/>\r\n</seq>\r\n");
    } else {
        scene.push_str("<seq repeatCount=\"indefinite\"/>\r\n");
    }
    scene.push_str(
        "<text begin=\"0\" dur=\"indefinite\" region=\"text\" repeatCount=\"indefinite\" \
         src=\"1000000000100000000001\">\r\n\
         <param name=\"style\" value=\"scroll\" valuetype=\"data\"/>\r\n</text>\r\n</par>\r\n</body>\r\n</smil>",
    );
    scene
}

fn text(text: &str) -> String {
    let mut xt = String::with_capacity(256 + text.len());
    xt.push_str(
        "<?xml version=\"1.0\" encoding=\"EUC-KR\"?>\r\n<xt xmlns=\"http://www.w3.org/1999/xhtml\">\r\n<head/>\r\n\
         <body bgcolor=\"#FFFFFF\">\r\n<div>\r\n<color1>",
    );
    xt.push_str(&minimal_escape(text));
    xt.push_str("</color1>\r\n</div>\r\n</body>\r\n</xt>");
    xt
}
