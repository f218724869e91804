//! Lines of styled text: what the terminal shows, and what the pages are made of.

use std::fmt::Write as _;

use annotate_snippets::renderer::{AnsiColor, Style};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::rows::{Mark, Row, is_plain, width_of};

/// What a stretch of text is, and so how it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The payload, and what is said of it.
    Plain,
    /// Offsets and what frames the payload.
    Gutter,
    /// What of the message stands there.
    Slot,
    /// What the dialect prescribes.
    Expected,
    /// What the dialect does not prescribe.
    Surprise,
    /// Why it cannot be decoded.
    Fatal,
    /// A heading.
    Heading,
}

impl Role {
    /// Every role, with the name that the pages give it.
    pub const ALL: &'static [(Self, &'static str)] = &[
        (Self::Plain, "plain"),
        (Self::Gutter, "gutter"),
        (Self::Slot, "slot"),
        (Self::Expected, "expected"),
        (Self::Surprise, "surprise"),
        (Self::Fatal, "fatal"),
        (Self::Heading, "heading"),
    ];

    const fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Gutter => AnsiColor::BrightBlue.on_default(),
            Self::Slot => AnsiColor::Green.on_default(),
            Self::Expected => AnsiColor::Cyan.on_default(),
            Self::Surprise => AnsiColor::Yellow.on_default().bold(),
            Self::Fatal => AnsiColor::Red.on_default().bold(),
            Self::Heading => Style::new().bold(),
        }
    }
}

/// A stretch of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// How it is shown.
    pub role: Role,
    /// The text.
    pub text: String,
    /// The byte of the file that it speaks of, where a page may lead there.
    pub link: Option<usize>,
}

/// A line of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// What it is made of.
    pub runs: Vec<Run>,
    /// The byte of the file that it shows, where a page may be led to it.
    pub anchor: Option<usize>,
}

impl Line {
    /// A line of one piece.
    pub fn of(role: Role, text: impl Into<String>) -> Self {
        Self::default().with(role, text)
    }

    /// A heading.
    pub fn heading(text: impl Into<String>) -> Self {
        Self::of(Role::Heading, text)
    }

    /// Goes on with this.
    #[must_use]
    pub fn with(mut self, role: Role, text: impl Into<String>) -> Self {
        self.runs.push(Run { role, text: harmless(text.into()), link: None });
        self
    }

    /// Goes on with an offset, aligned to the right.
    #[must_use]
    pub fn with_offset(self, offset: usize, width: usize) -> Self {
        let digits = offset.to_string();
        let pad = " ".repeat(width.saturating_sub(digits.len()));
        let mut line = self.with(Role::Gutter, pad);
        line.runs.push(Run { role: Role::Gutter, text: digits, link: Some(offset) });
        line
    }

    /// Whether a section begins here.
    pub fn is_heading(&self) -> bool {
        matches!(&self.runs[..], [Run { role: Role::Heading, .. }])
    }

    /// The text alone.
    pub fn text(&self) -> String {
        self.runs.iter().map(|run| &*run.text).collect()
    }
}

/// A text in which nothing moves the cursor or the letters around it.
pub fn harmless(text: String) -> String {
    let escaped = |c: char| if is_plain(c) { c.to_string() } else { c.escape_unicode().to_string() };
    if text.chars().all(is_plain) { text } else { text.chars().map(escaped).collect() }
}

/// The lines as text; with the escape sequences of a terminal where it is styled.
pub fn text(lines: &[Line], is_styled: bool) -> String {
    let mut text = String::new();
    for line in lines {
        for Run { role, text: run, .. } in &line.runs {
            let style = if is_styled { role.style() } else { Style::new() };
            // Writing to a String cannot fail.
            let _ = write!(text, "{style}{run}{style:#}");
        }
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
    text
}

/// Text in lines that are no wider than this.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if width_of(line) + 1 + width_of(word) > width {
            lines.push(word.into());
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines
}

/// How rows are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// The columns of the longest offset.
    pub gutter: usize,
    /// The columns of a line.
    pub width: usize,
}

impl Frame {
    /// A frame in which every offset of a file has its place.
    pub fn of(file: &[u8], width: usize) -> Self {
        Self { gutter: file.len().to_string().len().max(6), width }
    }

    /// The columns that the payload has.
    pub fn room(self) -> usize {
        self.width.saturating_sub(self.gutter + 3).max(20)
    }

    /// A row with its offset, and what is under it. `name` stands in the place of an offset where there is none.
    pub fn row(self, row: &Row, name: Option<&str>) -> Vec<Line> {
        let (suffix, further) = self.suffix(row);
        let source = format!("{}{suffix}", row.view.text);
        let drawn = draw(&source, &row.marks);
        let mut lines: Vec<Line> = Vec::new();
        let is_more = |runs: &[Run]| runs.iter().any(|run| !run.text.trim().is_empty());
        for (index, mut runs) in drawn.into_iter().enumerate() {
            let first = index == 0;
            if !first && !is_more(&runs) {
                continue;
            }
            if first && !suffix.is_empty() {
                split_off(&mut runs, &suffix);
            }
            let mut line = Line::default();
            line = match name {
                Some(name) if first => line.with(Role::Gutter, format!("{name:>0$}", self.gutter)),
                None if first && !row.is_decoded => line.with_offset(row.range.start, self.gutter),
                _ => line.with(Role::Gutter, " ".repeat(self.gutter)),
            };
            line.anchor = Some(row.range.start).filter(|_| first && !row.is_decoded);
            let rule = if first && row.is_decoded { " ~ " } else { " | " };
            line.runs.push(Run { role: Role::Gutter, text: rule.into(), link: None });
            line.runs.extend(runs);
            lines.push(line);
        }
        let blank = |rule: &str| Line::of(Role::Gutter, format!("{}{rule}", " ".repeat(self.gutter)));
        lines.extend(further.into_iter().map(|slot| blank(" | ").with(Role::Slot, format!("    {slot}"))));
        let notes = row.marks.iter().filter_map(|mark| mark.note.as_ref());
        for note in notes {
            for (index, text) in wrapped(note, self.room()).into_iter().enumerate() {
                let rule = if index == 0 { " = " } else { "   " };
                lines.push(blank(rule).with(Role::Plain, text));
            }
        }
        lines
    }

    /// What a row says, behind it where there is room, else in lines of their own.
    fn suffix(self, row: &Row) -> (String, Vec<String>) {
        if row.slots.is_empty() {
            return (String::new(), Vec::new());
        }
        let joined = row.slots.join(", ");
        let column = row.view.width.max(self.room() * 2 / 5);
        let gap = " ".repeat(column + 3 - row.view.width);
        if column + 3 + width_of(&joined) <= self.room() {
            return (format!("{gap}{joined}"), Vec::new());
        }
        (String::new(), row.slots.iter().map(|slot| cut(slot, self.room() - 4)).collect())
    }
}

/// A text of at most so many columns.
pub fn cut(text: &str, width: usize) -> String {
    if width_of(text) <= width {
        return text.into();
    }
    let mut cut = String::new();
    for c in text.chars() {
        if width_of(&cut) + width_of(c.encode_utf8(&mut [0; 4])) + 1 > width {
            break;
        }
        cut.push(c);
    }
    cut + "…"
}

/// The last of the runs ends in the suffix, which becomes a run of its own.
fn split_off(runs: &mut Vec<Run>, suffix: &str) {
    if let Some(last) = runs.last_mut()
        && let Some(text) = last.text.strip_suffix(suffix.trim_end())
    {
        last.text = text.into();
        runs.push(Run { role: Role::Slot, text: suffix.trim_end().into(), link: None });
    }
}

/// A source line and what is under it, without gutter, drawn as a compiler draws its diagnostics.
fn draw(source: &str, marks: &[Mark]) -> Vec<Vec<Run>> {
    let worst = marks.iter().map(|mark| mark.role).max().unwrap_or(Role::Plain);
    let snippet =
        Snippet::source(source).line_start(1).fold(false).annotations(marks.iter().map(|mark| annotation(mark, worst)));
    let level = if worst == Role::Fatal { Level::ERROR } else { Level::WARNING };
    let renderer = Renderer::styled()
        .term_width(usize::MAX / 2)
        .hyperlink(false)
        .error(Role::Fatal.style())
        .warning(Role::Surprise.style())
        .context(Role::Expected.style())
        .line_num(Role::Gutter.style());
    let drawn = renderer.render(&[Group::with_level(level).element(snippet)]);
    // A frame's line, then the source, then what is under it, each behind a gutter.
    let lines = drawn.lines().skip(1).map(|line| {
        let mut runs = runs(line);
        let gutter = runs.iter().position(|run| run.role == Role::Gutter && run.text.ends_with('|'));
        runs.drain(..gutter.map_or(0, |gutter| gutter + 1));
        if let Some(first) = runs.first_mut() {
            first.text = first.text.strip_prefix(' ').unwrap_or(&first.text).into();
        }
        runs
    });
    lines.collect()
}

/// Only what is worst is underlined as the compiler's own finding.
fn annotation(mark: &Mark, worst: Role) -> Annotation<'_> {
    let is_worst = mark.role == worst && worst > Role::Expected;
    let kind = if is_worst { AnnotationKind::Primary } else { AnnotationKind::Context };
    kind.span(mark.span.clone()).label(Some(&*mark.label).filter(|label| !label.is_empty()))
}

/// The stretches of a line with escape sequences.
fn runs(line: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut role = Role::Plain;
    let mut codes = String::new();
    for (index, piece) in line.split('\x1b').enumerate() {
        let mut text = piece;
        if index > 0
            && let Some((code, rest)) = piece.strip_prefix('[').and_then(|piece| piece.split_once('m'))
        {
            codes = if code == "0" { String::new() } else { format!("{codes}\x1b[{code}m") };
            let known = Role::ALL.iter().find(|(known, _)| known.style().render().to_string() == codes);
            role = known.map_or(Role::Plain, |(known, _)| *known);
            text = rest;
        }
        match runs.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.role == role => last.text.push_str(text),
            _ => runs.push(Run { role, text: text.into(), link: None }),
        }
    }
    runs
}
