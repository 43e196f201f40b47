//! Curves and points over two axes of numbers.

use super::{APART, WIDTH, fitting, open, width};
use ruska::svg::numbers;
use std::fmt::Write;

const HEIGHT: f64 = 320.0;
/// The field: its top with a legend above, its right and its bottom.
const TOP: f64 = 34.0;
const RIGHT: f64 = WIDTH - 10.0;
const BOTTOM: f64 = HEIGHT - 44.0;
/// Most points of a curve that are drawn.
const POINTS: usize = 400;
/// Stretches between the ticks of times.
const DAYS: usize = 4;

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// From point to point.
    Line,
    /// Level up to the next point.
    Steps,
    /// Dashed, as what is compared with.
    Second,
    /// A dot for each point.
    Dots,
    /// What nothing known would give.
    Faint,
    /// Thin, one of many.
    Thin,
}

/// Points in the order in which they are drawn.
pub(crate) struct Curve {
    /// What the legend says; empty for none.
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
    pub(crate) kind: Kind,
}

/// Curves over the same axes.
pub(crate) struct Lines {
    pub(crate) across: String,
    pub(crate) up: String,
    pub(crate) curves: Vec<Curve>,
    /// How numbers of the axes are told: across and up.
    pub(crate) told: (Told, Told),
}

/// How numbers of an axis are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Number,
    /// A share in percent.
    Share,
    /// Milliseconds since 1970 as a day.
    Time,
}

struct Axis {
    from: f64,
    to: f64,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    fn of(values: impl Iterator<Item = f64>, told: Told, most: usize) -> Self {
        let ends = values
            .filter(|v| v.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        let (low, high) = if ends.0 <= ends.1 { ends } else { (0.0, 1.0) };
        if told == Told::Time && low < high {
            let at = |i: usize| low + (high - low) * i as f64 / DAYS as f64;
            let day = |v: f64| ruska::time_text(v as i64).chars().take(10).collect::<String>();
            let ticks = (0..=DAYS).map(|i| (at(i), day(at(i)))).collect();
            return Self { from: low, to: high, ticks };
        }
        let share = told == Told::Share;
        if share && low >= 0.0 && high <= 1.0 && high > 0.4 {
            let tick = |i: u32| (f64::from(i) / 5.0, format!("{} %", 20 * i));
            return Self { from: 0.0, to: 1.0, ticks: (0..=5).map(tick).collect() };
        }
        let factor = if share { 100.0 } else { 1.0 };
        let ((from, to), ticks) = numbers(factor * low, factor * high, most);
        let unit = if share { " %" } else { "" };
        let ticks = ticks.into_iter().map(|(v, text)| (v / factor, text + unit)).collect();
        Self { from: from / factor, to: to / factor, ticks }
    }

    fn part(&self, v: f64) -> f64 {
        ((v - self.from) / (self.to - self.from)).clamp(-0.02, 1.02)
    }
}

impl Lines {
    pub(crate) fn svg(&self) -> String {
        let points = || self.curves.iter().flat_map(|c| &c.points);
        let across = Axis::of(points().map(|p| p.0), self.told.0, 5);
        let up = Axis::of(points().map(|p| p.1), self.told.1, 5);
        let longest = up.ticks.iter().map(|(_, text)| width(text)).fold(0.0, f64::max);
        let left = longest + 12.0;
        let x = |v: f64| left + (RIGHT - left) * across.part(v);
        let y = |v: f64| BOTTOM - (BOTTOM - TOP) * up.part(v);
        let mut svg = open(HEIGHT);
        for (v, text) in &up.ticks {
            let y = y(*v);
            let _ = writeln!(
                svg,
                "<path class=\"rule\" d=\"M{left:.1},{y:.1}H{RIGHT}\"/><text class=\"soft\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
                left - 6.0,
                y + 4.0
            );
        }
        let mut free = f64::NEG_INFINITY;
        for (v, text) in &across.ticks {
            let (x, half) = (x(*v), width(text) / 2.0);
            if x - half > free {
                free = x + half + APART;
                let at = x.clamp(half, WIDTH - half);
                let _ = writeln!(
                    svg,
                    "<text class=\"soft\" x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{text}</text>",
                    BOTTOM + 17.0
                );
            }
        }
        let _ = writeln!(
            svg,
            "<text class=\"soft\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text><text class=\"soft\" x=\"0\" y=\"13\">{}</text>",
            left.midpoint(RIGHT),
            BOTTOM + 36.0,
            fitting(&self.across, RIGHT - left),
            fitting(&self.up, WIDTH * 0.42)
        );
        for curve in &self.curves {
            draw(&mut svg, curve, &x, &y);
        }
        self.legend(&mut svg);
        svg + "</svg>"
    }

    /// The names of the curves, from the right.
    fn legend(&self, svg: &mut String) {
        let mut end = WIDTH;
        for curve in self.curves.iter().rev().filter(|c| !c.name.is_empty()) {
            let from = end - width(&curve.name);
            if from < WIDTH * 0.45 {
                break;
            }
            let _ = writeln!(
                svg,
                "<text class=\"soft\" x=\"{from:.1}\" y=\"13\">{}</text>",
                fitting(&curve.name, WIDTH)
            );
            let mark = from - 20.0;
            let _ = match curve.kind {
                Kind::Dots => {
                    writeln!(
                        svg,
                        "<circle class=\"dot\" cx=\"{:.1}\" cy=\"9\" r=\"3.5\"/>",
                        mark + 12.0
                    )
                }
                kind => writeln!(svg, "<path class=\"{}\" d=\"M{mark:.1},9h16\"/>", class(kind)),
            };
            end = mark - 10.0;
        }
    }
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Line | Kind::Steps | Kind::Dots => "line",
        Kind::Second => "second",
        Kind::Faint => "faint",
        Kind::Thin => "thin",
    }
}

fn draw(svg: &mut String, curve: &Curve, x: &impl Fn(f64) -> f64, y: &impl Fn(f64) -> f64) {
    let apart = curve.points.len().div_ceil(POINTS).max(1);
    let last = curve.points.len().saturating_sub(1);
    let shown = curve.points.iter().enumerate().filter(|(i, _)| i % apart == 0 || *i == last);
    let shown = shown.map(|(_, p)| *p).filter(|p| p.0.is_finite() && p.1.is_finite());
    let places: Vec<(f64, f64)> = shown.map(|(a, b)| (x(a), y(b))).collect();
    if curve.kind == Kind::Dots {
        for (x, y) in places {
            let _ = write!(svg, "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>");
        }
        return;
    }
    let mut d = String::new();
    for (i, (x, y)) in places.iter().enumerate() {
        let _ = match (i, curve.kind) {
            (0, _) => write!(d, "M{x:.1},{y:.1}"),
            (_, Kind::Steps) => write!(d, "H{x:.1}V{y:.1}"),
            _ => write!(d, "L{x:.1},{y:.1}"),
        };
    }
    let _ = writeln!(svg, "<path class=\"{}\" d=\"{d}\"/>", class(curve.kind));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_points_give_a_picture() {
        for points in
            [vec![], vec![(0.0, 0.0)], vec![(f64::NAN, 1.0)], vec![(1e300, -1e300), (0.0, 1e300)]]
        {
            let curve = |kind| Curve { name: "<a>".to_owned(), points: points.clone(), kind };
            let curves =
                [Kind::Line, Kind::Steps, Kind::Second, Kind::Dots, Kind::Faint, Kind::Thin]
                    .map(curve);
            let lines = Lines {
                across: "<x>".to_owned(),
                up: "y".to_owned(),
                curves: curves.into(),
                told: (Told::Share, Told::Time),
            };
            let svg = lines.svg();
            assert!(
                svg.ends_with("</svg>") && !svg.contains("NaN") && !svg.contains("<a>"),
                "{svg}"
            );
        }
    }

    #[test]
    fn shares_are_told_in_percent() {
        let axis = Axis::of([0.0, 0.9].into_iter(), Told::Share, 5);
        assert_eq!(axis.ticks.last().map(|(_, t)| t.as_str()), Some("100 %"));
        let axis = Axis::of([0.01, 0.05].into_iter(), Told::Share, 5);
        assert!(
            axis.ticks.iter().all(|(v, t)| t.ends_with(" %") && *v <= 0.06),
            "{:?}",
            axis.ticks
        );
    }
}
