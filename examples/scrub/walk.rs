//! The walk through a file: header fields, MIME delimiters, markup, text, media.
//!
//! It reads malformed input by what lines and tags look like, keeps what the tables here name, and takes everything else for
//! a secret. Whether it saw what the decoder sees is checked afterwards.

use super::layers;
use super::names::Names;
use super::text::{Rule, scrub};
use super::wire::{self, Charset, Holds, MAGIC, Part, Piece, TYPED_FIELDS, TagKind, Token};

/// Header fields whose values are kept: none says who.
const KEPT_FIELDS: &[&str] = &[
    "content-length",
    "content-transfer-encoding",
    "content-encoding",
    "content-language",
    "mime-version",
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "connection",
    "keep-alive",
    "transfer-encoding",
    "cache-control",
    "pragma",
    "expect",
    "vary",
];

/// Header fields that hold enumerated words, codes or times.
const PLAIN_FIELDS: &[&str] = &[
    "date",
    "expires",
    "last-modified",
    "x-skt-content-usage",
    "x-skt-service-type",
    "x-kmms-redistribution",
    "x-skt-video-attributes",
];

/// Parameters of a media type that say what it is.
const KEPT_PARAMETERS: &[&str] = &["type", "charset", "start-info", "format", "delsp"];

/// Elements that hold enumerated words, codes or times.
const PLAIN_ELEMENTS: &[&str] = &[
    "MM7Version",
    "MessageClass",
    "Priority",
    "DeliveryReport",
    "ReadReply",
    "DistributionIndicator",
    "MMStatus",
    "StatusCode",
    "TimeStamp",
    "ExpiryDate",
    "EarliestDeliveryTime",
    "Date",
    "DateTime",
    "ChargedParty",
    "faultcode",
    "DeliveryCondition",
    "CalledNet",
];

/// Elements whose words of formats are kept, as in a name.
const VALUE_ELEMENTS: &[&str] = &["MMSRelayServerID"];

/// Attributes whose values are kept: namespaces, layout, colours.
const KEPT_ATTRIBUTES: &[&str] = &[
    "mustunderstand",
    "version",
    "encoding",
    "standalone",
    "allowadaptations",
    "allowadaptatiions",
    "begin",
    "dur",
    "end",
    "repeatcount",
    "width",
    "height",
    "left",
    "top",
    "right",
    "bottom",
    "z-index",
    "fit",
    "background-color",
    "backgroundcolor",
    "bgcolor",
    "color",
    "size",
    "align",
    "valign",
    "border",
    "type",
    "valuetype",
    "charset",
    "encodingstyle",
    "schemalocation",
    "nil",
    "displayonly",
    "distributionprotection",
];

/// Whether an element or attribute of this name holds no secret.
pub fn is_plain(name: &str) -> bool {
    PLAIN_ELEMENTS.contains(&name) || KEPT_ATTRIBUTES.contains(&&*name.to_ascii_lowercase())
}

/// Replaces every secret of a `.http` file in its place, or gathers them.
pub fn walk(file: &mut [u8], names: &mut Names) {
    for (range, piece) in wire::pieces(file) {
        let bytes = &mut file[range];
        match piece {
            Piece::StartLine => start_line(bytes, names),
            Piece::Field { name, in_part } => field(bytes, &name, in_part, names),
            Piece::Blank => {}
            Piece::Delimiter { .. } => line(bytes, Rule::Value, names),
            Piece::Content(part) => content(bytes, &part, names),
        }
    }
}

fn line(bytes: &mut [u8], rule: Rule, names: &mut Names) {
    scrub(bytes, Charset::of(bytes, None), rule, false, names);
}

/// Method, version and status code stay.
fn start_line(bytes: &mut [u8], names: &mut Names) {
    let first = bytes.iter().position(|&byte| byte == b' ').unwrap_or(0);
    if bytes.starts_with(b"HTTP/") {
        let status = bytes[first..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b' ').count();
        line(&mut bytes[first + status..], Rule::Value, names);
        return;
    }
    let version = memchr::memmem::rfind(bytes, b" HTTP/").unwrap_or(bytes.len());
    let method = if bytes[..first].iter().all(u8::is_ascii_uppercase) { first } else { 0 };
    line(&mut bytes[method..version.max(method)], Rule::Value, names);
}

fn field(bytes: &mut [u8], name: &str, in_part: bool, names: &mut Names) {
    let is_token = |name: &[u8]| name.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let is_part_field = |name: &[u8]| {
        let head = name.get(..2).unwrap_or_default().to_ascii_lowercase();
        head.starts_with(b"x-") || head.starts_with(b"x_") || head.starts_with(b"co")
    };
    let colon = memchr::memchr(b':', bytes)
        .filter(|&colon| !matches!(bytes[0], b' ' | b'\t') && name.len() == bytes[..colon].trim_ascii().len());
    let (own, value) = bytes.split_at_mut(colon.map_or(0, |colon| colon + 1));
    let kept = is_token(own.strip_suffix(b":").unwrap_or_default()) && (!in_part || is_part_field(own));
    line(own, if kept { Rule::Markup } else { Rule::Value }, names);
    if KEPT_FIELDS.contains(&name) {
        line(value, Rule::Markup, names);
    } else if PLAIN_FIELDS.contains(&name) {
        line(value, Rule::Plain, names);
    } else if TYPED_FIELDS.contains(&name) {
        let is_type = |byte: &&u8| byte.is_ascii_alphanumeric() || b"/-+. \t".contains(byte);
        let charset = Charset::of(value, None);
        let typed = if colon.is_some() { value.iter().take_while(is_type).count() } else { 0 };
        let typed = if value.get(typed) == Some(&b'=') { 0 } else { typed };
        line(&mut value[..typed], Rule::Markup, names);
        attributes(&mut value[typed..], b"; \t\r\n", charset, KEPT_PARAMETERS, names);
    } else {
        line(value, Rule::Value, names);
    }
}

/// Names and values: the values of the names that are given stay, and the names.
fn attributes(bytes: &mut [u8], ends: &[u8], charset: Charset, kept: &[&str], names: &mut Names) {
    let mut at = 0;
    for wire::Attribute { name, value } in wire::attributes(bytes, ends) {
        scrub(&mut bytes[at..name.start], charset, Rule::Value, true, names);
        let text = String::from_utf8_lossy(&bytes[name.clone()]).to_ascii_lowercase();
        let local = text.rsplit(':').next().unwrap_or_default();
        let keeps = kept.contains(&local) || text.starts_with("xmlns");
        scrub(&mut bytes[name.clone()], charset, Rule::Markup, false, names);
        at = value.end.max(name.end);
        // `cid` without its colon.
        let has_scheme = bytes[value.clone()].get(..3).is_some_and(|head| head.eq_ignore_ascii_case(b"cid"));
        let start = value.start + if has_scheme { 3 } else { 0 };
        scrub(&mut bytes[start..value.end], charset, if keeps { Rule::Markup } else { Rule::Value }, true, names);
    }
    scrub(&mut bytes[at..], charset, Rule::Value, true, names);
}

fn content(bytes: &mut [u8], part: &Part, names: &mut Names) {
    let inside = Part { encoding: String::new(), ..part.clone() };
    if part.is_base64(bytes) {
        layers::base64(bytes, |content| document(content, &inside, names));
    } else if part.encoding == "quoted-printable" {
        layers::quoted_printable(bytes, |content| document(content, &inside, names));
    } else {
        document(bytes, part, names);
    }
}

/// What a part holds, its transfer encoding undone.
fn document(bytes: &mut [u8], part: &Part, names: &mut Names) {
    match part.holds(bytes) {
        Holds::Media => {
            let magic = MAGIC.iter().find(|magic| bytes.starts_with(magic)).map_or(0, |magic| magic.len());
            names.replace_media(&mut bytes[magic..]);
        }
        Holds::Markup(charset) => markup(bytes, charset, names),
        Holds::Text(charset) => scrub(bytes, charset, Rule::Text, false, names),
    }
}

/// Tags and the text between them. The text behind a start tag is that element's.
fn markup(bytes: &mut [u8], charset: Charset, names: &mut Names) {
    let mut rule = Rule::Text;
    for (range, token) in wire::tokens(bytes) {
        match token {
            Token::Text => scrub(&mut bytes[range], charset, rule, true, names),
            Token::Comment => scrub(&mut bytes[range], charset, Rule::Text, false, names),
            Token::CData => scrub(&mut bytes[range.start + 9..range.end], charset, rule, false, names),
            Token::Tag { name, kind } => {
                let local = String::from_utf8_lossy(&bytes[name.clone()]).into_owned();
                rule = match local.rsplit(':').next().unwrap_or_default() {
                    _ if kind == TagKind::End => Rule::Text,
                    local if PLAIN_ELEMENTS.contains(&local) => Rule::Plain,
                    local if VALUE_ELEMENTS.contains(&local) => Rule::Value,
                    _ => Rule::Text,
                };
                scrub(&mut bytes[range.start..name.end], charset, Rule::Markup, false, names);
                attributes(&mut bytes[name.end..range.end], b" \t\r\n>", charset, KEPT_ATTRIBUTES, names);
            }
        }
    }
}
