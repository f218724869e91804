//! How a cost grows.

/// A message: its length, what it takes, and what that should be in proportion to.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// Bytes.
    pub len: f64,
    /// The time.
    pub time: f64,
    /// The length again, or the time of something else with the same bytes.
    pub least: f64,
}

/// The exponent with which time grows over length; where `least` is another time, that with which it grows over this one,
/// as if this one were linear. The slope of a line through the logarithms, by least squares.
///
/// The first point is the message with next to no content. What it takes is taken off, and only where the rest is as much
/// again does it say more than the noise. No number where there are fewer than three such points.
pub fn exponent(points: &[Point]) -> f64 {
    let Some((first, rest)) = points.split_first() else { return f64::NAN };
    let content = rest.iter().filter(|point| point.time >= 2.0 * first.time);
    let logs: Vec<(f64, f64)> = content
        .map(|point| {
            let over = (point.time - first.time) / (point.least - first.least);
            ((point.len - first.len).ln(), over.ln())
        })
        .collect();
    if logs.len() < 3 {
        return f64::NAN;
    }
    let mean =
        |of: &dyn Fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / logs.iter().map(|_| 1.0).sum::<f64>();
    let (x, y) = (mean(&|point| point.0), mean(&|point| point.1));
    1.0 + mean(&|point| (point.0 - x) * (point.1 - y)) / mean(&|point| (point.0 - x).powi(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lengths of 1 KiB to 64 MiB in an envelope of 3,000 bytes, which takes 5,000.
    fn points(time: impl Fn(f64) -> f64, least: impl Fn(f64) -> f64) -> Vec<Point> {
        let content = (10..=26).step_by(2).map(|log| f64::from(1 << log));
        content.map(|len| Point { len: len + 3000.0, time: 5000.0 + time(len), least: least(len) }).collect()
    }

    #[test]
    fn finds_the_exponent_whatever_the_message_takes_besides() {
        // What is linear is found exactly, the rest as well as a first point with some content allows.
        for (wanted, off) in [(1.0, 1e-9), (0.9, 0.05), (1.1, 0.05), (1.5, 0.1), (2.0, 0.1)] {
            let found = exponent(&points(|len| 0.3 * len.powf(wanted), |len| len));
            assert!((found - wanted).abs() < off, "{found} for {wanted}");
        }
    }

    #[test]
    fn takes_off_what_is_not_linear_in_the_least_either() {
        let slow = |len: f64| len.powf(1.2);
        let found = exponent(&points(|len| 3.0 * slow(len), slow));
        assert!((found - 1.0).abs() < 0.02, "{found}");
    }

    #[test]
    fn is_no_number_of_too_few_points() {
        assert!(exponent(&points(|_| 0.0, |len| len)).is_nan());
        assert!(exponent(&[]).is_nan());
    }
}
