//! Counts of what was said of what is so, darker where they are more of their line.

use super::{WIDTH, fitting, open, width};
use std::fmt::Write;

/// Side of a cell at most, and at least.
const SIDE: (f64, f64) = (64.0, 26.0);
const HEAD: f64 = 40.0;
/// Most of the width that names take.
const NAMES: f64 = 0.34 * WIDTH;

/// A square of numbers with a name for each line and column.
pub(crate) struct Grid {
    /// What lines and columns are, such as `is` and `predicted`.
    pub(crate) of: (String, String),
    pub(crate) names: Vec<String>,
    /// Line by line.
    pub(crate) counts: Vec<Vec<f64>>,
}

impl Grid {
    pub(crate) fn svg(&self) -> String {
        let n = self.names.len();
        let longest = self.names.iter().map(|n| width(n)).fold(0.0, f64::max);
        let left = longest.clamp(40.0, NAMES) + 8.0;
        let side = ((WIDTH - left) / n.max(1) as f64).clamp(SIDE.1, SIDE.0 * 1.6);
        let tall = side.min(SIDE.0 * 0.7);
        let mut svg = open(HEAD + tall * n as f64 + 4.0);
        let _ = writeln!(
            svg,
            "<text class=\"soft\" x=\"0\" y=\"32\">{}</text><text class=\"soft\" x=\"{left:.1}\" y=\"12\">{}</text>",
            fitting(&self.of.0, left),
            fitting(&self.of.1, WIDTH - left)
        );
        for (i, name) in self.names.iter().enumerate() {
            let (x, y) = (left + side * (i as f64 + 0.5), HEAD + tall * (i as f64 + 0.5));
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"32\" text-anchor=\"middle\">{}</text><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                fitting(name, side - 8.0),
                left - 8.0,
                y + 4.0,
                fitting(name, left - 8.0)
            );
        }
        for (i, line) in self.counts.iter().enumerate() {
            let all: f64 = line.iter().sum();
            for (j, count) in line.iter().enumerate() {
                let share = if all > 0.0 { count / all } else { 0.0 };
                let (x, y) = (left + side * j as f64, HEAD + tall * i as f64);
                // At most a little of the colour, so that the number stays readable on it.
                let _ = writeln!(
                    svg,
                    "<rect class=\"heat\" fill-opacity=\"{:.2}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                    0.04 + 0.3 * share,
                    x + 1.0,
                    y + 1.0,
                    side - 2.0,
                    tall - 2.0,
                    x + side / 2.0,
                    y + tall / 2.0 + 4.0,
                    fitting(&ruska::words::grouped(&format!("{count:.0}")), side)
                );
            }
        }
        svg + "</svg>"
    }
}
