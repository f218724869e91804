//! `X-SKT-Video-Attributes`: what S says of sound and video (S-53).

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

/// The value of S's part field `X-SKT-Video-Attributes` (S-53): title, author, two numbers, two hexadecimal
/// digits, a date. It stands in [`Media::fields`](crate::Media::fields) as it stood on the wire; this reads and writes it.
///
/// Title and author may hold commas, so the value is split from the right, where the last four fields are fixed; of what is
/// left the first comma parts title and author.
///
/// ```
/// use tongsa::VideoAttributes;
/// let attributes: VideoAttributes = "Rain, Kim, Lee, 30, 300000, FF, 2012-02-25".parse()?;
/// assert_eq!(attributes.title, "Rain");
/// assert_eq!(attributes.author, "Kim, Lee");
/// assert_eq!(attributes.numbers, [30, 300_000]);
/// assert_eq!(attributes.to_string(), "Rain, Kim, Lee, 30, 300000, FF, 2012-02-25");
/// # Ok::<(), tongsa::InvalidVideoAttributes>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoAttributes {
    /// The title.
    pub title: String,
    /// Who holds the rights.
    pub author: String,
    /// The two numbers; the interface document does not say what they count.
    pub numbers: [u64; 2],
    /// The two hexadecimal digits.
    pub flags: u8,
    /// The date, `yyyy-MM-dd`.
    pub date: String,
}

/// Not six fields of the kinds that `X-SKT-Video-Attributes` has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no X-SKT-Video-Attributes: {0}")]
pub struct InvalidVideoAttributes(&'static str);

impl FromStr for VideoAttributes {
    type Err = InvalidVideoAttributes;

    fn from_str(text: &str) -> Result<Self, InvalidVideoAttributes> {
        let mut fields = text.rsplitn(5, ',').map(str::trim);
        let mut field = |missing| fields.next().ok_or(InvalidVideoAttributes(missing));
        let date = field("no date")?;
        let flags = field("no hexadecimal digits")?;
        let second = field("no second number")?;
        let first = field("no first number")?;
        let names = field("no title and author")?;
        let (title, author) = names.split_once(',').ok_or(InvalidVideoAttributes("no title and author"))?;
        let is_date = date.len() == 10
            && date.bytes().enumerate().all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() });
        if !is_date {
            return Err(InvalidVideoAttributes("a date that is not yyyy-MM-dd"));
        }
        let number = |text: &str| text.parse().map_err(|_| InvalidVideoAttributes("a number that is none"));
        if flags.len() != 2 {
            return Err(InvalidVideoAttributes("not two hexadecimal digits"));
        }
        Ok(Self {
            title: title.trim().to_string(),
            author: author.trim().to_string(),
            numbers: [number(first)?, number(second)?],
            flags: u8::from_str_radix(flags, 16).map_err(|_| InvalidVideoAttributes("not two hexadecimal digits"))?,
            date: date.to_string(),
        })
    }
}

/// As S writes it: comma and blank between the fields.
impl fmt::Display for VideoAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { title, author, numbers: [first, second], flags, date } = self;
        write!(f, "{title}, {author}, {first}, {second}, {flags:02X}, {date}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_has_not_six_fields_of_their_kinds() {
        for text in [
            "",
            "a",
            "a, b, 1, 2, FF",
            "a, b, 1, 2, FF, 2010-1-1",
            "a, b, x, 2, FF, 2010-01-01",
            "a, 1, 2, FF, 2010-01-01",
        ] {
            assert!(text.parse::<VideoAttributes>().is_err(), "{text}");
        }
        assert_eq!(
            "a, b, 1, 2, F, 2010-01-01".parse::<VideoAttributes>().unwrap_err().to_string(),
            "no X-SKT-Video-Attributes: not two hexadecimal digits"
        );
    }

    #[test]
    fn reads_korean_titles_and_odd_blanks() {
        let attributes: VideoAttributes = "제목,저작권자 ,  10, 1000, 0f,2010-01-01".parse().unwrap();
        assert_eq!(attributes.to_string(), "제목, 저작권자, 10, 1000, 0F, 2010-01-01");
    }
}
