//! The picture as a page to send, and as a drawing for a document. Both stand alone: no script, nothing from elsewhere.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar as _;

use super::picture::{Line, Role, Run};
use super::rows::width_of;

/// The colours of the roles, light and dark; the first are those of the paper.
const COLOURS: [(&str, &str, &str); 8] = [
    ("paper", "#ffffff", "#14171c"),
    ("plain", "#1f2328", "#e6e9ee"),
    ("gutter", "#79818c", "#7b8694"),
    ("slot", "#0a6b2d", "#6fce8a"),
    ("expected", "#0b63a5", "#6cb6ee"),
    ("surprise", "#a34d00", "#ffb454"),
    ("fatal", "#c4121f", "#ff7b72"),
    ("heading", "#1f2328", "#ffffff"),
];

/// One page of HTML, which is XML too.
pub fn html(title: &str, lines: &[Line]) -> String {
    let anchors: BTreeSet<usize> = lines.iter().filter_map(|line| line.anchor).collect();
    let mut page = format!(
        "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width\"/>\n<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n",
        escaped(title),
        style(),
    );
    let mut used = BTreeSet::new();
    let mut is_open = false;
    for line in lines {
        if line.is_heading() {
            page += if is_open { "</pre>\n" } else { "" };
            let level = if is_open { "h2" } else { "h1" };
            // Writing to a String cannot fail.
            let _ = writeln!(page, "<{level}>{}</{level}>\n<pre>", escaped(&line.text()));
            is_open = true;
            continue;
        }
        let is_flagged = line.anchor.filter(|at| used.insert(*at));
        let mut text: String = line.runs.iter().map(|run| html_run(run, line.anchor.is_none(), &anchors)).collect();
        if let Some(at) = is_flagged {
            text = format!("<span id=\"b{at}\">{text}</span>");
        }
        page += &text;
        page.push('\n');
    }
    page += if is_open { "</pre>\n" } else { "" };
    page + "</body>\n</html>\n"
}

fn style() -> String {
    let variables = |dark: bool| -> String {
        let colour =
            |(name, light, night): &(&str, &str, &str)| format!("--{name}:{};", if dark { night } else { light });
        COLOURS.iter().map(colour).collect()
    };
    let class = |(name, ..): &(&str, &str, &str)| format!(".{name}{{color:var(--{name})}}\n");
    let classes: String = COLOURS[1..].iter().map(class).collect();
    format!(
        ":root{{color-scheme:light dark;{}}}\n@media (prefers-color-scheme:dark){{:root{{{}}}}}\n\
         body{{background:var(--paper);color:var(--plain);margin:2rem auto;max-width:84rem;padding:0 1rem;\
         font:15px/1.5 system-ui,sans-serif}}\n\
         h1{{font-size:1.3rem}}\nh2{{font-size:1.05rem;margin:1.6rem 0 .4rem;border-bottom:1px solid var(--gutter)}}\n\
         pre{{font:13px/1.45 ui-monospace,Menlo,Consolas,\"DejaVu Sans Mono\",monospace;margin:0;overflow-x:auto}}\n\
         pre b{{display:inline-block;width:2ch;font-weight:inherit;overflow:hidden;vertical-align:bottom}}\n\
         a{{color:inherit}}\n:target{{background:color-mix(in srgb,var(--surprise) 25%,transparent)}}\n{classes}\
         .surprise,.fatal{{font-weight:bold}}\n",
        variables(false),
        variables(true),
    )
}

fn html_run(run: &Run, is_list: bool, anchors: &BTreeSet<usize>) -> String {
    // Letters of two columns in a box of two columns, so that what is under them stays there in every font.
    let boxed = |c: char| {
        let text = escaped(c.encode_utf8(&mut [0; 4]));
        if c.width() == Some(2) { format!("<b>{text}</b>") } else { text }
    };
    let mut text: String = run.text.chars().map(boxed).collect();
    if let Some(at) = run.link.filter(|_| is_list)
        && let Some(row) = anchors.range(..=at).next_back()
    {
        text = format!("<a href=\"#b{row}\">{text}</a>");
    }
    if run.role == Role::Plain { text } else { format!("<span class=\"{}\">{text}</span>", name(run.role)) }
}

fn name(role: Role) -> &'static str {
    Role::ALL.iter().find(|(known, _)| *known == role).map_or("plain", |(_, name)| name)
}

/// What text is in HTML, SVG and their attributes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// How many lines a drawing has: it shows how the picture begins.
const DRAWN: usize = 64;

/// The size of a character in the drawing.
const CELL: (f64, f64) = (8.4, 19.0);

/// One drawing, as of a terminal, of how the picture begins; light or dark as the reader has it.
pub fn svg(title: &str, lines: &[Line]) -> String {
    let mut drawn = lines[..lines.len().min(DRAWN)].to_vec();
    drawn.extend((lines.len() > DRAWN).then(|| Line::of(Role::Gutter, "…")));
    let lines = &drawn;
    let columns = lines.iter().map(|line| width_of(&line.text())).max().unwrap_or(0);
    let (width, height) = (scaled(columns, CELL.0) + 40.0, scaled(lines.len(), CELL.1) + 36.0);
    let styles = |dark: bool| -> String {
        let style =
            |(name, light, night): &(&str, &str, &str)| format!(".{name}{{fill:{}}}", if dark { night } else { light });
        COLOURS.iter().map(style).collect()
    };
    let mut drawing = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" role=\"img\">\n<title>{}</title>\n<style>\n\
         text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace;white-space:pre}}\n\
         {}\n.surprise,.fatal,.heading{{font-weight:bold}}\n.edge{{fill:none;stroke:#79818c;stroke-opacity:.5}}\n\
         @media (prefers-color-scheme:dark){{{}}}\n</style>\n\
         <rect class=\"paper\" width=\"100%\" height=\"100%\" rx=\"8\"/>\n\
         <rect class=\"edge\" x=\".5\" y=\".5\" width=\"{:.0}\" height=\"{:.0}\" rx=\"8\"/>\n",
        escaped(title),
        styles(false),
        styles(true),
        width - 1.0,
        height - 1.0,
    );
    for (index, line) in lines.iter().enumerate() {
        let y = scaled(index, CELL.1) + 32.0;
        let mut column = 0;
        for run in &line.runs {
            // Wide letters and others apart, each run set to the columns that it takes, whatever the font has.
            let chars: Vec<char> = run.text.chars().collect();
            for piece in chars.chunk_by(|a, b| (a.width() == Some(2)) == (b.width() == Some(2))) {
                let text: String = piece.iter().collect();
                let columns = width_of(&text);
                if !text.trim().is_empty() {
                    let head = text.len() - text.trim_start_matches(' ').len();
                    let x = scaled(column + head, CELL.0) + 20.0;
                    let length = scaled(width_of(text.trim()), CELL.0);
                    // Writing to a String cannot fail.
                    let _ = writeln!(
                        drawing,
                        "<text class=\"{}\" x=\"{x:.1}\" y=\"{y:.0}\" textLength=\"{length:.1}\" \
                         lengthAdjust=\"spacingAndGlyphs\">{}</text>",
                        name(run.role),
                        escaped(text.trim()),
                    );
                }
                column += columns;
            }
        }
    }
    drawing + "</svg>\n"
}

fn scaled(count: usize, size: f64) -> f64 {
    // A drawing has fewer cells than a float has whole numbers.
    u32::try_from(count).map_or(f64::MAX, f64::from) * size
}
