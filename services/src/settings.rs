//! The configuration file: TOML, every key known, every value read by its type.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use axum::http::Uri;
use axum::http::uri::Scheme;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _};

use crate::command::Failure;

/// A value that is given by its name: a carrier, a dialect, a tolerance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<T>(pub T);

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

/// Milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct Millis(u64);

impl Millis {
    /// So many.
    pub const fn new(millis: u64) -> Self {
        Self(millis)
    }

    /// The same as a duration.
    pub const fn duration(self) -> Duration {
        Duration::from_millis(self.0)
    }
}

/// Where to post to: `http://host:port`, with or without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url(pub Uri);

impl FromStr for Url {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let uri: Uri = text.parse().map_err(|error| format!("no URL: {text}: {error}"))?;
        if uri.scheme() != Some(&Scheme::HTTP) || uri.host().is_none_or(str::is_empty) {
            return Err(format!("no URL of the form http://host:port/path: {text}"));
        }
        Ok(Self(uri))
    }
}

impl<'de> Deserialize<'de> for Url {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Word::deserialize(deserializer).map(|Word(url)| url)
    }
}

/// The configuration in a file, as `parse` reads it.
pub fn load<T>(file: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Result<T, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| Failure::usage(format!("{file}: {error}")))?;
    parse(&text).map_err(|error| Failure::usage(format!("{file}: {error}")))
}

/// The configuration in a text, or one line that says what is wrong and in which line.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map(|before| format!("line {}: ", before.matches('\n').count() + 1));
        format!("{}{}", line.unwrap_or_default(), error.message().replace('\n', ", "))
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use tongsa::DialectId;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Some {
        url: Option<Url>,
        dialect: Option<Word<DialectId>>,
    }

    fn refused(text: &str) -> String {
        parse::<Some>(text).expect_err(text)
    }

    #[test]
    fn says_in_which_line_it_is_wrong() {
        assert_eq!(refused("\ndialect = \"s-liv\"\n"), "line 2: unknown dialect: s-liv");
        assert!(refused("\n\ncolour = 1\n").starts_with("line 3: unknown field `colour`"));
        assert!(refused("url = [").starts_with("line 1: "));
        let read = parse::<Some>("url = \"http://192.0.2.1:1/x\"\ndialect = \"k\"\n").unwrap();
        assert_eq!(read.dialect, Option::Some(Word(DialectId::K)));
        assert_eq!(read.url.unwrap().0.path(), "/x");
    }

    #[test]
    fn speaks_plain_http_only() {
        for url in ["https://192.0.2.1/", "192.0.2.1:80", "/path", "http://", ""] {
            assert!(url.parse::<Url>().is_err(), "{url}");
        }
    }
}
