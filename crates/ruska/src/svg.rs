//! What pictures are made of: text that XML holds, and axes of round numbers.

use crate::words::{cut, grouped, is_disruptive};
use std::fmt::Write;

/// Numbers from which on, and below which, powers of ten are written.
const HUGE: f64 = 1e9;
const TINY: f64 = 1e-4;

/// Text as XML and HTML hold it, without what they forbid and without marks that turn the order of other text round.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            // Neither what XML forbids nor what turns round the order of what comes after it.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if is_disruptive(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Text in lines of at most `width` characters, broken at blanks where there are any.
pub(crate) fn wrapped(text: &str, width: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    for word in text.split(' ') {
        let word = cut(word, width);
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = cut(&format!("{last} …"), width);
        }
    }
    lines
}

/// The ends of an axis that holds these numbers, `low` ≤ `high`, both finite and of at most 1e300, and its
/// ticks: multiples of 1, 2 or 5 times a power of ten. Numbers that are nearly equal get an axis around them,
/// and numbers not below 0 one from 0 on where that is not far.
pub fn numbers(low: f64, high: f64, most: usize) -> ((f64, f64), Vec<(f64, String)>) {
    let size = low.abs().max(high.abs());
    let (mut low, mut high) = if size < 1e-290 {
        (0.0, 1.0)
    } else if high - low < 1e-6 * size {
        (low - 0.5 * size, high + 0.5 * size)
    } else {
        (low, high)
    };
    if low > 0.0 && low < 0.4 * high {
        low = 0.0;
    }
    let raw = (high - low) / most.max(1) as f64;
    let base = 10f64.powi(raw.log10().floor() as i32);
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|f| f * base).find(|s| *s >= raw * 0.999);
    let step = step.unwrap_or(10.0 * base);
    let (first, last) = ((low / step + 1e-9).floor(), (high / step - 1e-9).ceil());
    (low, high) = (first * step, last * step);
    let size = low.abs().max(high.abs());
    let count = (last - first) as usize;
    let ticks = (0..=count).map(|i| (first + i as f64) * step);
    ((low, high), ticks.map(|v| (v, number(v, step, size))).collect())
}

/// Draws a faint line at each height with its text to the left, and the line below all.
pub(crate) fn rules<'a>(
    svg: &mut String,
    ticks: impl Iterator<Item = (f64, &'a str)>,
    (left, right, bottom): (f64, f64, f64),
) {
    for (y, text) in ticks {
        let _ = writeln!(
            svg,
            "<path d=\"M{left:.1},{y:.1}H{right}\" stroke=\"#000000\" stroke-opacity=\"0.1\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
            left - 8.0,
            y + 4.0
        );
    }
    let _ = writeln!(svg, "<path d=\"M{left:.1},{bottom}H{right}\" stroke=\"#888888\"/>");
}

/// A multiple of a step on an axis whose numbers have this size.
fn number(v: f64, step: f64, size: f64) -> String {
    let place = (step.log10() + 1e-9).floor() as i32;
    if v == 0.0 {
        "0".to_owned()
    } else if (TINY..HUGE).contains(&size) {
        grouped(&format!("{v:.*}", (-place).max(0) as usize))
    } else {
        let power = (size.log10() + 1e-9).floor() as i32;
        let mantissa = v / step * 10f64.powi(place - power) * (step / 10f64.powi(place));
        format!("{mantissa:.*}e{power}", (power - place).max(0) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(low: f64, high: f64) -> String {
        let (_, ticks) = numbers(low, high, 5);
        ticks.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn numbers_are_round() {
        assert_eq!(written(3.0, 97.0), "0 20 40 60 80 100");
        assert_eq!(written(412.0, 475.0), "400 420 440 460 480");
        assert_eq!(written(-0.3, 0.4), "-0.4 -0.2 0 0.2 0.4");
        assert_eq!(written(12_000.0, 49_000.0), "0 10,000 20,000 30,000 40,000 50,000");
        assert_eq!(written(0.0, 0.0), "0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(written(7.0, 7.0), "0 5 10 15");
        assert_eq!(written(1e12, 28e12), "0 1e13 2e13 3e13");
        assert_eq!(written(2e-12, 9e-12), "0 0.2e-11 0.4e-11 0.6e-11 0.8e-11 1.0e-11");
    }

    #[test]
    fn an_axis_holds_its_numbers_whatever_they_are() {
        for (low, high) in [
            (0.0, 0.0),
            (-1e300, 1e300),
            (1e-300, 2e-300),
            (1e12, 1e12 + 1e-3),
            (-5.0, -4.999),
            (f64::MIN_POSITIVE, f64::MIN_POSITIVE),
        ] {
            let ((from, to), ticks) = numbers(low, high, 5);
            let most = 1e-9 * low.abs().max(high.abs());
            let held = from <= low + most && high <= to + most && from < to;
            assert!(held, "{low} {high}: {from} {to}");
            assert!((2..=12).contains(&ticks.len()), "{low} {high}: {ticks:?}");
            assert!(ticks.iter().all(|(v, text)| v.is_finite() && text.len() < 20), "{ticks:?}");
        }
    }
}
