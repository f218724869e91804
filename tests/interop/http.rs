use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use proptest::prelude::*;
use tongsa::{Carrier, Config, Entity, Field, HttpError, Operation};

fn entity(start_line: impl Into<Bytes>) -> Entity {
    let mut entity = Entity::new("<a/>");
    entity.start_line = Some(start_line.into());
    entity
}

fn request(start_line: &'static str) -> Result<(Method, Uri, Version), HttpError> {
    let (head, _) = Request::try_from(entity(start_line))?.into_parts();
    Ok((head.method, head.uri, head.version))
}

fn response(start_line: &'static str) -> Result<(StatusCode, Version), HttpError> {
    let response = Response::try_from(entity(start_line))?;
    Ok((response.status(), response.version()))
}

#[test]
fn reads_the_start_lines_of_relays_and_carriers() {
    let post = |uri: &'static str, version| Ok((Method::POST, Uri::from_static(uri), version));
    assert_eq!(request("POST /mmsr41/mm7 HTTP/1.1"), post("/mmsr41/mm7", Version::HTTP_11));
    assert_eq!(request("POST // HTTP/1.0"), post("//", Version::HTTP_10));
    assert_eq!(
        request("POST http://192.0.2.1:8080//a?b HTTP/1.1"),
        post("http://192.0.2.1:8080//a?b", Version::HTTP_11)
    );
    assert_eq!(request("POST /old"), post("/old", Version::HTTP_09));
    assert_eq!(response("HTTP/1.1 200 OK"), Ok((StatusCode::OK, Version::HTTP_11)));
    assert_eq!(
        response("HTTP/1.0 500 Internal Server Error"),
        Ok((StatusCode::INTERNAL_SERVER_ERROR, Version::HTTP_10))
    );
    assert_eq!(response("HTTP/1.1 200"), Ok((StatusCode::OK, Version::HTTP_11)));
}

#[test]
fn refuses_other_start_lines() {
    assert_eq!(Request::try_from(Entity::new("")).unwrap_err(), HttpError::StartLineMissing);
    assert_eq!(Response::try_from(Entity::new("")).unwrap_err(), HttpError::StartLineMissing);
    for (line, expected) in [
        ("HTTP/1.1 200 OK", HttpError::IsResponse),
        ("", HttpError::Method),
        (" / HTTP/1.1", HttpError::Method),
        ("PO\u{e4}ST / HTTP/1.1", HttpError::Method),
        ("POST", HttpError::Target),
        ("POST  HTTP/1.1", HttpError::Target),
        ("POST a|b HTTP/1.1", HttpError::Target),
        ("POST / b HTTP/1.1", HttpError::Version),
        ("POST / HTTP/1.2", HttpError::Version),
        ("POST / ", HttpError::Version),
    ] {
        assert_eq!(request(line), Err(expected), "{line}");
    }
    for (line, expected) in [
        ("POST / HTTP/1.1", HttpError::IsRequest),
        ("", HttpError::IsRequest),
        ("HTTP/1.1", HttpError::StatusCode),
        ("HTTP/1.1  OK", HttpError::StatusCode),
        ("HTTP/1.1 99 Low", HttpError::StatusCode),
        ("HTTP/1.1 2000 High", HttpError::StatusCode),
        ("HTTP/4 200 OK", HttpError::Version),
    ] {
        assert_eq!(response(line), Err(expected), "{line}");
    }
}

#[test]
fn refuses_fields_that_no_header_map_holds_and_says_which() {
    let with = |name: &'static [u8], value: &'static [u8]| {
        Request::try_from(entity("POST / HTTP/1.1").with_header("A", "b").with_header(name, value)).map(|_| ())
    };
    let name = Err(HttpError::FieldName { index: 1 });
    assert_eq!(with(b"\"\"", b"\"\""), name, "X-01");
    assert_eq!((with(b"", b"a"), with(b"a b", b"a"), with(b"\xB0\xA1", b"a")), (name, name, name));
    let value = Err(HttpError::FieldValue { index: 1 });
    assert_eq!((with(b"B", b"a\nb"), with(b"B", b"\0"), with(b"B", b"\x7F")), (value, value, value));
    assert_eq!((with(b"B", b""), with(b"B", b"a\tb"), with(b"B", b"\xB0\xA1")), (Ok(()), Ok(()), Ok(())));

    let mut many = entity("HTTP/1.1 200 OK");
    many.headers = (0..40_000).map(|n| Field { name: format!("x-{n}").into(), value: Bytes::new() }).collect();
    assert_eq!(Response::try_from(many).unwrap_err(), HttpError::Fields);
}

#[test]
fn takes_whatever_the_codecs_write() {
    for carrier in Carrier::ALL {
        let codec = carrier.codec(Config::default());
        for operation in Operation::ALL {
            let entity = codec.encode(&operation.empty()).unwrap().entity;
            let (decoded, names) = (codec.decode(&entity).unwrap(), entity.headers.len());
            let through = if operation.answer().is_some() {
                Entity::from(Request::try_from(entity).unwrap())
            } else {
                Entity::from(Response::try_from(entity).unwrap())
            };
            assert_eq!(through.headers.len(), names);
            let again = codec.decode(&through).unwrap();
            assert_eq!((again.message, again.deviations.len()), (decoded.message, decoded.deviations.len()));
        }
    }
}

/// Fields with names that repeat, in lower and upper case; values of any bytes that HTTP takes.
fn fields() -> impl Strategy<Value = Vec<(&'static str, Vec<u8>)>> {
    let name =
        prop::sample::select(vec!["Content-Type", "SOAPAction", "soapaction", "X-A", "x-a", "Host", "Set-Cookie"]);
    let byte = prop_oneof![Just(b'\t'), b' '..=b'~', 0x80_u8..];
    prop::collection::vec((name, prop::collection::vec(byte, 0..12)), 0..12)
}

fn header_map() -> impl Strategy<Value = HeaderMap> {
    fields().prop_map(|fields| {
        let pair = |(name, value): &(&str, Vec<u8>)| {
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_bytes(value).unwrap())
        };
        let mut headers = HeaderMap::new();
        fields.iter().map(pair).for_each(|(name, value)| {
            headers.append(name, value);
        });
        headers
    })
}

fn version() -> impl Strategy<Value = Version> {
    prop::sample::select(vec![Version::HTTP_09, Version::HTTP_10, Version::HTTP_11, Version::HTTP_2, Version::HTTP_3])
}

fn uri() -> impl Strategy<Value = Uri> {
    let host =
        prop::option::of(prop::sample::select(vec!["http://192.0.2.1", "https://mms.example:8080", "HTTP://u@h"]));
    let path = "(/[a-zA-Z0-9%._~;=-]{0,6}){0,3}";
    let query = prop::option::of("[a-z0-9=&?/]{0,8}");
    let any_other = prop::sample::select(vec!["*", "h:80", "h"]).prop_map(Uri::from_static);
    let usual = (host, path, query).prop_filter_map("no URI", |(host, path, query)| {
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        Uri::try_from(format!("{}{path}{query}", host.unwrap_or_default())).ok()
    });
    prop_oneof![8 => usual, 1 => any_other]
}

/// The fields by name in lower case, each with its values in order.
fn by_name(fields: &[Field]) -> Vec<(Vec<u8>, Vec<Bytes>)> {
    let mut names: Vec<(Vec<u8>, Vec<Bytes>)> = Vec::new();
    for field in fields {
        let name = field.name.to_ascii_lowercase();
        match names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(field.value.clone()),
            None => names.push((name, vec![field.value.clone()])),
        }
    }
    names.sort();
    names
}

proptest! {
    #[test]
    fn a_request_comes_back_as_it_was(
        method in "[A-Z]{1,8}|[a-z!#$%&'*+.^_`|~-]{1,6}",
        uri in uri(),
        version in version(),
        headers in header_map(),
        body: Vec<u8>,
    ) {
        let body = Bytes::from(body);
        let mut request = Request::new(body.clone());
        *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
        *request.uri_mut() = uri.clone();
        *request.version_mut() = version;
        *request.headers_mut() = headers.clone();
        let entity = Entity::from(request);
        prop_assert_eq!(entity.body.as_ptr(), body.as_ptr());
        let back = Request::try_from(entity).unwrap();
        prop_assert_eq!(back.body().as_ptr(), body.as_ptr());
        prop_assert_eq!((back.method().as_str(), back.uri(), back.version()), (&*method, &uri, version));
        prop_assert_eq!((back.headers(), back.body()), (&headers, &body));
    }

    #[test]
    fn a_response_comes_back_as_it_was(
        code in 100_u16..1000,
        version in version(),
        headers in header_map(),
        body: Vec<u8>,
    ) {
        let body = Bytes::from(body);
        let mut response = Response::new(body.clone());
        *response.status_mut() = StatusCode::from_u16(code).unwrap();
        *response.version_mut() = version;
        *response.headers_mut() = headers.clone();
        let back = Response::try_from(Entity::from(response)).unwrap();
        prop_assert_eq!((back.status().as_u16(), back.version(), back.headers()), (code, version, &headers));
        prop_assert_eq!(back.body().as_ptr(), body.as_ptr());
    }

    #[test]
    fn an_entity_comes_back_but_for_case_and_the_order_of_names(fields in fields(), body: Vec<u8>) {
        let mut given = Entity::new(body);
        given.start_line = Some("POST /mm7 HTTP/1.1".into());
        for (name, value) in fields {
            given = given.with_header(name, value);
        }
        let back = Entity::from(Request::try_from(given.clone()).unwrap());
        prop_assert_eq!(by_name(&back.headers), by_name(&given.headers));
        prop_assert_eq!((back.start_line, back.body), (given.start_line, given.body));
    }

    #[test]
    fn nothing_panics(start_line: Option<Vec<u8>>, name: Vec<u8>, value: Vec<u8>) {
        let mut entity = Entity::default().with_header(name, value);
        entity.start_line = start_line.map(Bytes::from);
        prop_assert!(Request::try_from(entity.clone()).is_err() || Response::try_from(entity).is_err());
    }
}
