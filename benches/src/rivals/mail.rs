//! mail-parser for MIME, which decodes EUC-KR by encoding_rs; quick-xml for the SOAP part.

use mail_parser::{MessageParser, MimeHeaders, PartType};
use tongsa::Entity;

use super::Refused;
use super::soap::{self, Submit};

/// What it makes of a SubmitReq.
#[derive(Debug)]
pub struct Mail<'a> {
    /// The SOAP part.
    pub submit: Submit,
    /// The message of mail.
    pub message: mail_parser::Message<'a>,
}

/// A parser that reads the header fields of MIME alone.
pub fn parser() -> MessageParser {
    MessageParser::new().with_mime_headers()
}

/// What it takes: header and body in one. Not part of what is timed, though a service would have to do it.
pub fn raw(entity: &Entity) -> Vec<u8> {
    Entity { start_line: None, ..entity.clone() }.to_http()
}

/// Reads a SubmitReq.
pub fn read<'a>(parser: &MessageParser, raw: &'a [u8]) -> Result<Mail<'a>, Refused> {
    let message = parser.parse(raw).ok_or("no message")?;
    let root = message.parts.iter().find(|part| part.is_content_type("text", "xml")).ok_or("no root part")?;
    let PartType::Text(text) = &root.body else { return Err("no text".into()) };
    let submit = soap::read_text(text)?;
    Ok(Mail { submit, message })
}
