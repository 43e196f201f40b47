//! Names and sentences of pages.

use ruska::words::{cut, percent, value};
use ruska::{Curve, CurvePoint};

/// Longest name within a sentence.
const NAME: usize = 40;
/// Part of a curve's range above which both of its ends are high.
const BOTH: f64 = 0.6;

/// A name of data within a sentence, set apart from words.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", cut(&name.replace('`', "'"), NAME))
}

/// So many of something.
pub(crate) fn counted(n: usize, noun: &str) -> String {
    let number = ruska::words::grouped(&n.to_string());
    format!("{number} {noun}{}", if n == 1 { "" } else { "s" })
}

/// Things after each other, the last after `and`.
pub(crate) fn listed(things: &[String]) -> String {
    match things {
        [] => String::new(),
        [only] => only.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// A value with commas in large numbers.
pub(crate) fn plain(v: f64) -> String {
    ruska::words::grouped(&value(v))
}

/// A point of a curve: its number, its day, or its level.
pub(crate) fn at(point: &CurvePoint) -> String {
    match point.at {
        Some(v) if !point.value.contains(':') => plain(v),
        _ => cut(point.value.strip_suffix("T00:00:00").unwrap_or(&point.value), NAME),
    }
}

/// The ends of a curve: where predictions are highest and where they are lowest.
pub(crate) fn ends(curve: &Curve) -> Option<(&CurvePoint, &CurvePoint)> {
    let known = || curve.points.iter().filter(|p| p.mean.is_finite());
    let high = known().max_by(|a, b| a.mean.total_cmp(&b.mean))?;
    let low = known().min_by(|a, b| a.mean.total_cmp(&b.mean))?;
    (high.mean > low.mean).then_some((high, low))
}

/// Which values of a column go with high predictions, in a few words.
pub(crate) fn leaning(curve: &Curve) -> Option<String> {
    let (high, low) = ends(curve)?;
    let name = quoted(&curve.column);
    if curve.levels {
        return Some(format!("{name} = {}", at(high)));
    }
    let place = curve.points.iter().position(|p| p == high)? as f64;
    let part = place / (curve.points.len() - 1).max(1) as f64;
    let (less, more) = if curve.time { ("early", "late") } else { ("low", "high") };
    let (first, last) = (curve.points.first()?.mean, curve.points.last()?.mean);
    // Where both ends are high, what is between is low.
    let both = first.min(last) > low.mean + BOTH * (high.mean - low.mean);
    Some(match part {
        _ if both => format!("{name} far from {}", at(low)),
        p if p >= 0.8 => format!("{more} {name}"),
        p if p <= 0.2 => format!("{less} {name}"),
        _ => format!("{name} around {}", at(high)),
    })
}

/// A predicted number, or a probability in percent.
pub(crate) fn said(v: f64, class: Option<&String>) -> String {
    if class.is_some() { percent(v) } else { plain(v) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(levels: bool, means: &[f64]) -> Curve {
        let point = |(i, mean): (usize, &f64)| CurvePoint {
            value: format!("v{i}"),
            at: (!levels).then_some(10.0 * i as f64),
            mean: *mean,
            accumulated: None,
            rows: None,
        };
        let points = means.iter().enumerate().map(point).collect();
        Curve { column: "x`y".to_owned(), levels, time: false, points, lines: vec![] }
    }

    #[test]
    fn what_goes_with_high_predictions_is_said() {
        let said = |levels, means: &[f64]| leaning(&curve(levels, means));
        assert_eq!(said(true, &[0.1, 0.5]).as_deref(), Some("`x'y` = v1"));
        assert_eq!(said(false, &[0.1, 0.2, 0.5]).as_deref(), Some("high `x'y`"));
        assert_eq!(said(false, &[0.9, 0.4, 0.2]).as_deref(), Some("low `x'y`"));
        assert_eq!(said(false, &[0.1, 0.9, 0.5]).as_deref(), Some("`x'y` around 10"));
        assert_eq!(said(false, &[0.9, 0.1, 0.8]).as_deref(), Some("`x'y` far from 10"));
        assert_eq!(said(false, &[0.5, 0.5]), None);
        assert_eq!(said(false, &[]), None);
    }

    #[test]
    fn lists_read_as_sentences() {
        let names = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
        assert_eq!([0, 1, 2, 3].map(|n| listed(&names(n))), ["", "0", "0 and 1", "0, 1 and 2"]);
        assert_eq!([counted(1, "row"), counted(12_000, "row")], ["1 row", "12,000 rows"]);
    }
}
