//! [`Entity`] from and to the types of the `http` crate, which axum and hyper share.
//!
//! HTTP libraries change or refuse some of what an [`Entity`] can hold:
//!
//! * A header field whose name is no token cannot be received or sent. That is X-01, a field named by two quotes, in
//!   answers of relays and simulators. [`net`](crate::net) has hyper skip such a field on the way in, so that the message
//!   is read and the field is gone; on the way out it is left out here, and that is logged.
//! * Names arrive in lower case, whatever the case on the wire. No dialect looks at it.
//! * hyper frames messages itself: a Content-Length or Transfer-Encoding of the entity's own is left out.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::Full;
use tongsa::Entity;

/// What was received, as the library takes it. The body is not copied.
pub fn entity(headers: &HeaderMap, body: Bytes) -> Entity {
    let copy = Bytes::copy_from_slice;
    headers.iter().fold(Entity::new(body), |entity, (name, value)| {
        entity.with_header(copy(name.as_str().as_bytes()), copy(value.as_bytes()))
    })
}

/// A POST of this entity.
pub fn request(uri: Uri, entity: &Entity) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(entity.body.clone()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers(entity);
    request
}

/// This entity as an answer, under the status of its status line; 200 where it has none.
pub fn response(entity: &Entity) -> Response<axum::body::Body> {
    let mut response = Response::new(axum::body::Body::from(entity.body.clone()));
    let status = second_word(entity).and_then(|word| StatusCode::from_bytes(word).ok());
    *response.status_mut() = status.unwrap_or(StatusCode::OK);
    *response.headers_mut() = headers(entity);
    response
}

/// Where to send an entity: `base`, and where that names no path, the path of the entity's request line.
pub fn target(base: &Uri, entity: &Entity) -> Uri {
    let path = second_word(entity).filter(|_| base.path() == "/").and_then(|path| path.try_into().ok());
    let mut parts = base.clone().into_parts();
    parts.path_and_query = path.or(parts.path_and_query);
    Uri::from_parts(parts).unwrap_or_else(|_| base.clone())
}

/// The path of a request line, or the code of a status line.
fn second_word(entity: &Entity) -> Option<&[u8]> {
    entity.start_line.as_deref()?.split(|byte| *byte == b' ').nth(1)
}

fn headers(entity: &Entity) -> HeaderMap {
    const FRAMING: [HeaderName; 4] =
        [header::CONNECTION, header::CONTENT_LENGTH, header::HOST, header::TRANSFER_ENCODING];
    let mut headers = HeaderMap::with_capacity(entity.headers.len());
    for (index, field) in entity.headers.iter().enumerate() {
        match (HeaderName::from_bytes(&field.name), HeaderValue::from_bytes(&field.value)) {
            (Ok(name), Ok(value)) if !FRAMING.contains(&name) => {
                headers.append(name, value);
            }
            (Ok(_), Ok(_)) => {}
            _ => tracing::warn!(header = index, "a header field that no HTTP library sends is left out (X-01)"),
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(path: &str) -> Entity {
        let mut entity = Entity::new("<a/>");
        entity.start_line = Some(format!("POST {path} HTTP/1.1").into());
        entity
    }

    #[test]
    fn keeps_fields_and_body_both_ways() {
        let sent = posted("/x").with_header("SOAPAction", "\"\"").with_header("Content-Type", "text/xml");
        let request = request(Uri::from_static("http://127.0.0.1/x"), &sent);
        let received = entity(request.headers(), sent.body.clone());
        assert_eq!(received.header("soapaction"), Some(&b"\"\""[..]));
        assert_eq!(received.header("Content-Type"), Some(&b"text/xml"[..]));
        assert_eq!(received.body.as_ptr(), sent.body.as_ptr(), "a slice, not a copy");
    }

    #[test]
    fn leaves_out_what_http_cannot_carry_and_what_frames_the_message() {
        let sent = posted("/").with_header("\"\"", "\"\"").with_header("Content-Length", "7").with_header("A", "b");
        let names: Vec<_> = headers(&sent).keys().map(ToString::to_string).collect();
        assert_eq!(names, ["a"]);
    }

    #[test]
    fn sends_where_the_configuration_or_else_the_carrier_says() {
        let to = |base: &'static str, path| target(&Uri::from_static(base), &posted(path)).to_string();
        assert_eq!(to("http://192.0.2.1:10001", "/mmsr41/mm7"), "http://192.0.2.1:10001/mmsr41/mm7");
        assert_eq!(to("http://192.0.2.1:10001/", "/mmsr41/mm7"), "http://192.0.2.1:10001/mmsr41/mm7");
        assert_eq!(to("http://192.0.2.1/proxy", "/mmsr41/mm7"), "http://192.0.2.1/proxy");
        let without = target(&Uri::from_static("http://192.0.2.1"), &Entity::new(""));
        assert_eq!(without.to_string(), "http://192.0.2.1/");
    }

    #[test]
    fn answers_under_the_status_of_the_status_line() {
        let mut fault = Entity::new("<a/>");
        fault.start_line = Some("HTTP/1.1 500 Internal Server Error".into());
        assert_eq!(response(&fault).status(), 500);
        assert_eq!(response(&Entity::new("")).status(), 200);
    }
}
