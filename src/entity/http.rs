//! An entity from and to the requests and responses of the crate `http`, which axum, hyper and reqwest share.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use bytes::Bytes;

use super::{Entity, Field};

/// Why an [`Entity`] is not the request or response that was asked for. Feature `http`.
///
/// The crate `http` holds less than an entity can. A field that it does not take is an error, so that none is lost
/// unseen; who can do without such fields takes them out first:
///
/// ```
/// use http::{HeaderName, Request};
/// use tongsa::{Entity, HttpError};
///
/// let mut entity = Entity::new("<a/>").with_header("\"\"", "\"\"").with_header("SOAPAction", "\"\"");
/// entity.start_line = Some("POST /mm7 HTTP/1.1".into());
/// assert_eq!(Request::try_from(entity.clone()).unwrap_err(), HttpError::FieldName { index: 0 });
///
/// entity.headers.retain(|field| HeaderName::from_bytes(&field.name).is_ok());
/// assert_eq!(Request::try_from(entity)?.headers()["soapaction"], "\"\"");
/// # Ok::<(), HttpError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// There is no start line, and nothing is invented in its place.
    #[error("no start line")]
    StartLineMissing,
    /// The start line is a status line, where a request is asked for.
    #[error("a response, where a request is asked for")]
    IsResponse,
    /// The start line is no status line, where a response is asked for.
    #[error("a request, where a response is asked for")]
    IsRequest,
    /// The method is no token (RFC 9110 section 9.1).
    #[error("a request line whose method is no token")]
    Method,
    /// The target is no URI or part of one (RFC 9112 section 3.2).
    #[error("a request line whose target is no URI")]
    Target,
    /// The version is none that the crate `http` knows: 0.9, 1.0, 1.1, 2.0 or 3.0.
    #[error("a start line whose version is unknown")]
    Version,
    /// The status code is none of three digits from 100 on (RFC 9112 section 4).
    #[error("a status line without a status code")]
    StatusCode,
    /// The name of a header field is no token (RFC 9110 section 5.6.2), as that of two quotes (X-01).
    #[error("header field {index} has a name that is no token")]
    FieldName {
        /// Which header field, from 0.
        index: usize,
    },
    /// The value of a header field holds a control character other than TAB (RFC 9110 section 5.5).
    #[error("header field {index} has a control character in its value")]
    FieldValue {
        /// Which header field, from 0.
        index: usize,
    },
    /// There are more header fields than an `http::HeaderMap` holds: some tens of thousands.
    #[error("more header fields than a header map holds")]
    Fields,
}

/// What a server received. Feature `http`.
///
/// Method, URI and version make the start line; the version 0.9 has no place in it. Field values are kept byte by byte,
/// and the body is not copied. Only `extensions` are left behind, which are not of HTTP. What the header map did not
/// keep cannot come back: the letter case of names, which is lower, and the order of fields of different names.
///
/// ```
/// use bytes::Bytes;
/// use http::Request;
/// use tongsa::Entity;
///
/// let request = Request::post("/mm7").header("Content-Type", "text/xml").body(Bytes::from("<a/>"))?;
/// let entity = Entity::from(request);
/// assert_eq!(entity.to_http(), b"POST /mm7 HTTP/1.1\r\ncontent-type: text/xml\r\n\r\n<a/>");
/// # Ok::<(), http::Error>(())
/// ```
impl From<Request<Bytes>> for Entity {
    fn from(request: Request<Bytes>) -> Self {
        let (head, body) = request.into_parts();
        let start_line = match head.version {
            Version::HTTP_09 => format!("{} {}", head.method, head.uri),
            version => format!("{} {} {version:?}", head.method, head.uri),
        };
        from_parts(start_line, &head.headers, body)
    }
}

/// What a client received. Feature `http`.
///
/// As for a request; the status line has the standard's phrase for the code, or none, since a response does not keep
/// the one that was received.
///
/// ```
/// use bytes::Bytes;
/// use http::Response;
/// use tongsa::Entity;
///
/// let response = Response::builder().status(500).header("SOAPAction", "\"\"").body(Bytes::from("<a/>"))?;
/// let entity = Entity::from(response);
/// assert_eq!(entity.to_http(), b"HTTP/1.1 500 Internal Server Error\r\nsoapaction: \"\"\r\n\r\n<a/>");
/// # Ok::<(), http::Error>(())
/// ```
impl From<Response<Bytes>> for Entity {
    fn from(response: Response<Bytes>) -> Self {
        let (head, body) = response.into_parts();
        let reason = head.status.canonical_reason().unwrap_or_default();
        let start_line = format!("{:?} {} {reason}", head.version, head.status.as_str());
        from_parts(start_line, &head.headers, body)
    }
}

/// What a client sends. Feature `http`.
///
/// The start line gives method, URI and version; a line without version is of 0.9. The URI is what stands in the line,
/// the path alone as a rule: who sends puts in scheme and host. Fields that frame a message (`Content-Length`, `Host`)
/// are kept as they stand, and a library that writes its own wants them taken out. The header map writes names in lower
/// case and keeps fields of one name in their order; the body is not copied.
///
/// ```
/// use http::{Method, Request};
/// use tongsa::{Codec, Config, L, SubmitReq};
///
/// let encoded = L::new(Config::default()).encode(&SubmitReq::default().into())?;
/// let body = encoded.entity.body.clone();
/// let request = Request::try_from(encoded.entity)?;
/// assert_eq!(request.method(), Method::POST);
/// assert!(request.headers().contains_key("soapaction"));
/// assert_eq!(request.body().as_ptr(), body.as_ptr());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl TryFrom<Entity> for Request<Bytes> {
    type Error = HttpError;

    fn try_from(entity: Entity) -> Result<Self, HttpError> {
        let line = entity.start_line.ok_or(HttpError::StartLineMissing)?;
        if is_status_line(&line) {
            return Err(HttpError::IsResponse);
        }
        let [method, target, version] = words(&line);
        let mut request = Self::new(entity.body);
        *request.method_mut() = Method::from_bytes(method.unwrap_or_default()).map_err(|_| HttpError::Method)?;
        *request.uri_mut() = Uri::try_from(target.unwrap_or_default()).map_err(|_| HttpError::Target)?;
        *request.version_mut() = version.map_or(Ok(Version::HTTP_09), read_version)?;
        *request.headers_mut() = header_map(entity.headers)?;
        Ok(request)
    }
}

/// What a server answers. Feature `http`.
///
/// As for a request; the status line gives version and code, and its phrase has no place in a response.
///
/// ```
/// use http::Response;
/// use tongsa::{Codec, Config, L, RsErrorRsp};
///
/// let encoded = L::new(Config::default()).encode(&RsErrorRsp::default().into())?;
/// let response = Response::try_from(encoded.entity)?;
/// assert_eq!(response.status(), 200);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl TryFrom<Entity> for Response<Bytes> {
    type Error = HttpError;

    fn try_from(entity: Entity) -> Result<Self, HttpError> {
        let line = entity.start_line.ok_or(HttpError::StartLineMissing)?;
        if !is_status_line(&line) {
            return Err(HttpError::IsRequest);
        }
        let [version, code, _reason] = words(&line);
        let mut response = Self::new(entity.body);
        *response.version_mut() = read_version(version.unwrap_or_default())?;
        let status = StatusCode::from_bytes(code.unwrap_or_default()).map_err(|_| HttpError::StatusCode)?;
        *response.status_mut() = status;
        *response.headers_mut() = header_map(entity.headers)?;
        Ok(response)
    }
}

fn is_status_line(line: &[u8]) -> bool {
    line.starts_with(b"HTTP/")
}

/// A start line's three words, RFC 9112 sections 3 and 4; the third may hold blanks.
fn words(line: &[u8]) -> [Option<&[u8]>; 3] {
    let mut words = line.splitn(3, |byte| *byte == b' ');
    core::array::from_fn(|_| words.next())
}

/// `HTTP-version`, as `Debug` of [`Version`] writes it.
fn read_version(text: &[u8]) -> Result<Version, HttpError> {
    match text {
        b"HTTP/0.9" => Ok(Version::HTTP_09),
        b"HTTP/1.0" => Ok(Version::HTTP_10),
        b"HTTP/1.1" => Ok(Version::HTTP_11),
        b"HTTP/2.0" => Ok(Version::HTTP_2),
        b"HTTP/3.0" => Ok(Version::HTTP_3),
        _ => Err(HttpError::Version),
    }
}

fn from_parts(start_line: String, headers: &HeaderMap, body: Bytes) -> Entity {
    let copy = Bytes::copy_from_slice;
    let field =
        |(name, value): (&HeaderName, &HeaderValue)| Field { name: copy(name.as_ref()), value: copy(value.as_ref()) };
    Entity { start_line: Some(start_line.into()), headers: headers.iter().map(field).collect(), body }
}

fn header_map(fields: Vec<Field>) -> Result<HeaderMap, HttpError> {
    let mut headers = HeaderMap::try_with_capacity(fields.len()).map_err(|_| HttpError::Fields)?;
    for (index, Field { name, value }) in fields.into_iter().enumerate() {
        let name = HeaderName::from_bytes(&name).map_err(|_| HttpError::FieldName { index })?;
        let value = HeaderValue::from_maybe_shared(value).map_err(|_| HttpError::FieldValue { index })?;
        headers.try_append(name, value).map_err(|_| HttpError::Fields)?;
    }
    Ok(headers)
}
