//! By hand, for speed: memmem for the delimiters, httparse for the header fields, encoding_rs and quick-xml for the SOAP
//! part alone. No SMIL, no text of S's own format, no tolerance, no places.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::{memchr, memmem};
use tongsa::Entity;

use super::Refused;
use super::soap::{self, Submit};

/// What it makes of a SubmitReq.
#[derive(Debug)]
pub struct Strict<'a> {
    /// The SOAP part.
    pub submit: Submit,
    /// The bytes of the others, in order: slices of the input where they were not in base64.
    pub parts: Vec<Cow<'a, [u8]>>,
}

/// Reads a SubmitReq of S.
pub fn read(entity: &Entity) -> Result<Strict<'_>, Refused> {
    let media_type = entity.header("Content-Type").ok_or("no Content-Type")?;
    let mut submit = None;
    let mut parts = Vec::with_capacity(4);
    split(&entity.body, boundary(media_type)?, &mut |part| {
        if submit.is_none() {
            let at = memmem::find(part, b"\r\n\r\n").ok_or("no blank line")?;
            submit = Some(soap::read(&part[at + 4..])?);
            return Ok(());
        }
        leaves(part, &mut parts)
    })?;
    Ok(Strict { submit: submit.ok_or("no root part")?, parts })
}

/// The bodies of a part, or of those inside it.
fn leaves<'a>(part: &'a [u8], out: &mut Vec<Cow<'a, [u8]>>) -> Result<(), Refused> {
    let mut fields = [httparse::EMPTY_HEADER; 16];
    match httparse::parse_headers(part, &mut fields) {
        Ok(httparse::Status::Complete((len, fields))) => leaves_of(fields, &part[len..], out),
        Ok(httparse::Status::Partial) => Err("a header without end".into()),
        // httparse refuses folded fields.
        Err(httparse::Error::HeaderName) => {
            let end = memmem::find(part, b"\r\n\r\n").ok_or("no blank line")? + 4;
            let mut header = part[..end].to_vec();
            unfold(&mut header);
            let mut fields = [httparse::EMPTY_HEADER; 16];
            let httparse::Status::Complete((_, fields)) = httparse::parse_headers(&header, &mut fields)? else {
                return Err("a header without end".into());
            };
            leaves_of(fields, &part[end..], out)
        }
        Err(error) => Err(error.into()),
    }
}

fn leaves_of<'a>(fields: &[httparse::Header<'_>], body: &'a [u8], out: &mut Vec<Cow<'a, [u8]>>) -> Result<(), Refused> {
    let find = |name: &str| fields.iter().find(|field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value);
    let media_type = find("Content-Type").unwrap_or_default();
    if media_type.starts_with(b"multipart/") {
        return split(body, boundary(media_type)?, &mut |part| leaves(part, out));
    }
    let base64 = find("Content-Transfer-Encoding").is_some_and(|encoding| encoding.eq_ignore_ascii_case(b"base64"));
    out.push(if base64 { Cow::Owned(unbase64(body)?) } else { Cow::Borrowed(body) });
    Ok(())
}

/// The crate refuses line breaks.
fn unbase64(body: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut text = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = memchr(b'\r', rest) {
        text.extend_from_slice(&rest[..at]);
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    text.extend_from_slice(rest);
    Ok(STANDARD.decode(&text)?)
}

fn unfold(header: &mut [u8]) {
    for at in 2..header.len() {
        if header[at - 1] == b'\n' && matches!(header[at], b' ' | b'\t') {
            header[at - 2..=at].fill(b' ');
        }
    }
}

/// `boundary="…"`
fn boundary(media_type: &[u8]) -> Result<&[u8], Refused> {
    let at = memmem::find(media_type, b"boundary=\"").ok_or("no boundary")? + 10;
    let len = memchr(b'"', &media_type[at..]).ok_or("a boundary without end")?;
    Ok(&media_type[at..at + len])
}

/// Shows what stands between the delimiters, without the line breaks that belong to them.
fn split<'a>(
    body: &'a [u8],
    boundary: &[u8],
    part: &mut dyn FnMut(&'a [u8]) -> Result<(), Refused>,
) -> Result<(), Refused> {
    let mut begin = None;
    for at in memmem::find_iter(body, boundary) {
        if !body[..at].ends_with(b"--") {
            continue;
        }
        if let Some(begin) = begin {
            part(body.get(begin..at.saturating_sub(4)).ok_or("a part without line end")?)?;
        }
        let end = at + boundary.len();
        if body[end..].starts_with(b"--") {
            return Ok(());
        }
        begin = Some(end + 2);
    }
    Err("no close delimiter".into())
}
