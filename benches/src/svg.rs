//! A picture of lines over two logarithmic axes.

use std::fmt::Write as _;

/// One line.
#[derive(Clone, Debug)]
pub struct Series {
    /// What it is.
    pub name: String,
    /// Its points, all greater than zero.
    pub points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 480.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 230.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 48.0;

/// Told apart with and without colours: every second one is dashed.
const COLOURS: [&str; 5] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#444444"];

/// An SVG document.
pub fn plot(x_name: &str, y_name: &str, series: &[Series]) -> String {
    let points = || series.iter().flat_map(|series| &series.points);
    let (x, y) = (Axis::of(points().map(|point| point.0), 2), Axis::of(points().map(|point| point.1), 10));
    let at_x = |value: f64| LEFT + x.part(value) * (WIDTH - LEFT - RIGHT);
    let at_y = |value: f64| HEIGHT - BOTTOM - y.part(value) * (HEIGHT - TOP - BOTTOM);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    for power in (x.least..=x.most).step_by(4) {
        let at = at_x(2_f64.powi(power));
        let _ = writeln!(out, "<path d=\"M{at:.1} {TOP}V{:.1}\" stroke=\"#dddddd\"/>", HEIGHT - BOTTOM);
        let _ = writeln!(
            out,
            "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            HEIGHT - BOTTOM + 16.0,
            binary(power)
        );
    }
    for power in y.least..=y.most {
        let at = at_y(10_f64.powi(power));
        let _ = writeln!(out, "<path d=\"M{LEFT} {at:.1}H{:.1}\" stroke=\"#dddddd\"/>", WIDTH - RIGHT);
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 6.0,
            at + 4.0,
            10_f64.powi(power)
        );
    }
    for (index, series) in series.iter().enumerate() {
        let colour = COLOURS[index / 2 % COLOURS.len()];
        let dashes = if index % 2 == 1 { " stroke-dasharray=\"5 4\"" } else { "" };
        let path: Vec<String> = series.points.iter().map(|&(x, y)| format!("{:.1} {:.1}", at_x(x), at_y(y))).collect();
        let _ = writeln!(
            out,
            "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\"{dashes}/>",
            path.join("L")
        );
        let at = [20.0, 40.0, 60.0, 80.0, 100.0, 120.0, 140.0, 160.0, 180.0, 200.0][index % 10] + TOP;
        let begin = WIDTH - RIGHT + 14.0;
        let _ = writeln!(
            out,
            "<path d=\"M{begin:.1} {:.1}h26\" stroke=\"{colour}\" stroke-width=\"1.6\"{dashes}/>\
             <text x=\"{:.1}\" y=\"{at:.1}\">{}</text>",
            at - 4.0,
            begin + 32.0,
            series.name
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{x_name}</text>",
        (LEFT + WIDTH - RIGHT) / 2.0,
        HEIGHT - 10.0
    );
    let middle = (TOP + HEIGHT - BOTTOM) / 2.0;
    let _ = writeln!(
        out,
        "<text x=\"14\" y=\"{middle:.1}\" text-anchor=\"middle\" transform=\"rotate(-90 14 {middle:.1})\">{y_name}</text>"
    );
    out.push_str("</svg>\n");
    out
}

/// From one power of the base to another.
struct Axis {
    base: f64,
    least: i32,
    most: i32,
}

impl Axis {
    #[allow(clippy::cast_possible_truncation, reason = "a logarithm")]
    fn of(values: impl Iterator<Item = f64>, base: i32) -> Self {
        let base = f64::from(base);
        let (least, most) =
            values.fold((f64::MAX, f64::MIN), |(least, most), value| (least.min(value), most.max(value)));
        Self { base, least: least.log(base).floor() as i32, most: most.log(base).ceil() as i32 }
    }

    /// Where a value lies, from 0 to 1.
    fn part(&self, value: f64) -> f64 {
        (value.log(self.base) - f64::from(self.least)) / f64::from((self.most - self.least).max(1))
    }
}

/// `64 KiB`
fn binary(power: i32) -> String {
    let unit = ["B", "KiB", "MiB", "GiB"][(power / 10).clamp(0, 3).unsigned_abs() as usize];
    format!("{} {unit}", 2_f64.powi(power - (power / 10).clamp(0, 3) * 10))
}
