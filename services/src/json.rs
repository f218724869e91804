//! What both services say to programs: messages, deviations and errors as JSON.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tongsa::{Deviation, Operation, Space};

/// A value of this type from JSON, or one line that says what is wrong and where: the line and column of what is no JSON,
/// else the keys down to what does not fit, joined by dots.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    let value: Value = serde_json::from_slice(json).map_err(|error| format!("no JSON: {error}"))?;
    from_value(value)
}

/// The message of an operation from its canonical JSON.
///
/// The tag is looked at first and by itself, so that an error further down still knows its place.
///
/// ```
/// use tongsa::{Operation, SubmitReq};
/// use tongsa_services::json::message;
///
/// let value = serde_json::json!({ "operation": "submit_req", "sender": { "vasp_id": 99 } });
/// let error = message::<SubmitReq>(value, Operation::SubmitReq).unwrap_err();
/// assert!(error.starts_with("sender.vasp_id: invalid type: integer `99`"), "{error}");
/// ```
pub fn message<T: DeserializeOwned>(mut value: Value, operation: Operation) -> Result<T, String> {
    let object = value.as_object_mut().ok_or("no message: a JSON object is wanted")?;
    match object.remove("operation") {
        Some(Value::String(tag)) if tag == operation.code() => from_value(value),
        Some(tag) => Err(format!("operation: {tag} is not taken here, \"{operation}\" is")),
        None => Err(format!("operation: missing; \"{operation}\" is wanted")),
    }
}

fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_path_to_error::deserialize(value).map_err(|error| match error.path().to_string().as_str() {
        "." => error.inner().to_string(),
        path => format!("{path}: {}", error.inner()),
    })
}

/// A deviation as the commands print it; one in a header field has its index.
pub fn deviation(deviation: &Deviation) -> Value {
    let mut value = json!({
        "code": deviation.kind.code(),
        "catalogue": deviation.kind.catalogue(),
        "offset": deviation.at.offset,
        "path": deviation.at.path.as_str(),
        "expected": deviation.expected,
    });
    if let Space::Header(index) = deviation.at.space {
        value["header"] = index.into();
    }
    value
}

/// An error as both services answer it: an HTTP status and `{"error": "…"}`, one line.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    error: String,
}

impl Problem {
    /// This error under this status.
    pub fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into() }
    }

    /// What is wrong.
    pub fn error(&self) -> &str {
        &self.error
    }

    /// The sender's error, 400.
    pub fn bad_request(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    /// Something that is not there, 404.
    pub fn not_found(error: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.error }))).into_response()
    }
}

#[cfg(test)]
mod tests {
    use tongsa::SubmitReq;

    use super::*;

    fn refused(json: &str) -> String {
        let value = read::<Value>(json.as_bytes());
        value.and_then(|value| message::<SubmitReq>(value, Operation::SubmitReq)).map(|_| ()).expect_err(json)
    }

    #[test]
    fn says_where_it_is_no_message() {
        for (json, expected) in [
            ("{\"operation\": ", "no JSON: EOF while parsing a value at line 1 column 14"),
            ("[]", "no message: a JSON object is wanted"),
            ("{}", "operation: missing; \"submit_req\" is wanted"),
            (r#"{"operation": "deliver_req"}"#, "operation: \"deliver_req\" is not taken here, \"submit_req\" is"),
        ] {
            assert_eq!(refused(json), expected);
        }
        for (json, path) in [
            (r#"{"operation": "submit_req", "colour": 1}"#, "colour: unknown field"),
            (r#"{"operation": "submit_req", "subject": ""}"#, "subject: "),
            (
                r#"{"operation": "submit_req", "recipients": {"to": [{"number": "1"}, {"no": "2"}]}}"#,
                "recipients.to[1]",
            ),
            (
                r#"{"operation": "submit_req", "content": {"media": [{"media_type": "image/jpeg", "data": "?"}]}}"#,
                "content.media[0].data: ",
            ),
        ] {
            let error = refused(json);
            assert!(error.starts_with(path) && !error.contains('\n'), "{error}");
        }
    }
}
