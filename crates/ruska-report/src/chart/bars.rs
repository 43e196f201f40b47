//! One line for each thing: a bar from zero or a dot, with an interval where it has one.

use super::{APART, WIDTH, fitting, open, width};
use crate::page::Picture;
use ruska::svg::numbers;
use ruska::words::cut;
use std::fmt::Write;

/// Height of a line, and of the axis below all.
const LINE: f64 = 24.0;
const AXIS: f64 = 26.0;
/// Most of the width that names take.
const NAMES: f64 = 0.42 * WIDTH;
/// Most other values of a line that are drawn.
const OTHERS: usize = 200;

/// Longest name within the words of a picture.
const NAME: usize = 40;

/// A line.
pub(crate) struct Bar {
    /// What it is of.
    pub(crate) name: String,
    /// Its value, finite.
    pub(crate) value: f64,
    /// The ends of its interval.
    pub(crate) span: Option<(f64, f64)>,
    /// Others like it, drawn small.
    pub(crate) others: Vec<f64>,
    /// The value as people read it.
    pub(crate) text: String,
}

/// Lines below each other on one axis.
struct Bars {
    /// From above.
    bars: Vec<Bar>,
    /// Whether bars begin at zero; otherwise values are dots on an axis that holds them.
    from_zero: bool,
}

impl Bars {
    fn svg(&self) -> String {
        let height = LINE * self.bars.len() as f64 + AXIS;
        let mut svg = open(height);
        let left = self.bars.iter().map(|b| width(&b.name)).fold(0.0, f64::max).min(NAMES) + 8.0;
        let right = self.bars.iter().map(|b| width(&b.text)).fold(0.0, f64::max) + 8.0;
        let zero = self.from_zero.then_some(0.0);
        let all = self.bars.iter().flat_map(|b| {
            let span = b.span.iter().flat_map(|(low, high)| [*low, *high]);
            b.others.iter().copied().chain(span).chain([b.value]).collect::<Vec<_>>()
        });
        let all = all.chain(zero).filter(|v| v.is_finite());
        let (low, high) =
            all.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if low > high {
            return svg + "</svg>";
        }
        let room = WIDTH - left - right;
        let ((from, to), ticks) = numbers(low, high, (room / 80.0) as usize);
        let x = |v: f64| left + room * ((v - from) / (to - from)).clamp(0.0, 1.0);
        let bottom = height - AXIS;
        let mut free = f64::NEG_INFINITY;
        for (v, text) in &ticks {
            let at = x(*v);
            let _ = write!(svg, "<path class=\"rule\" d=\"M{at:.1},0V{bottom:.1}\"/>");
            // A tick has its number where there is room for it.
            let half = width(text) / 2.0;
            if at - half > free {
                free = at + half + APART;
                let middle = at.clamp(half, WIDTH - half);
                let _ = writeln!(
                    svg,
                    "<text class=\"soft\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{text}</text>",
                    bottom + 17.0
                );
            }
        }
        for (i, bar) in self.bars.iter().enumerate() {
            self.line(&mut svg, bar, (LINE * (i as f64 + 0.5), left), &x);
        }
        svg + "</svg>"
    }

    fn line(&self, svg: &mut String, bar: &Bar, (y, left): (f64, f64), x: &impl Fn(f64) -> f64) {
        let name = fitting(&bar.name, left - 8.0);
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text><text class=\"soft\" x=\"{WIDTH}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            left - 8.0,
            y + 4.0,
            y + 4.0,
            fitting(&bar.text, WIDTH)
        );
        let at = x(bar.value);
        if self.from_zero {
            let (a, b) = (x(0.0).min(at), x(0.0).max(at));
            let wide = (b - a).max(0.5);
            let _ = writeln!(
                svg,
                "<rect class=\"bar\" x=\"{a:.1}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"12\"/>",
                y - 6.0
            );
        }
        let apart = bar.others.len().div_ceil(OTHERS).max(1);
        for other in bar.others.iter().step_by(apart).filter(|v| v.is_finite()) {
            let _ = write!(
                svg,
                "<circle class=\"small\" cx=\"{:.1}\" cy=\"{y:.1}\" r=\"3\"/>",
                x(*other)
            );
        }
        if let Some((low, high)) = bar.span {
            let (a, b) = (x(low), x(high));
            let _ = writeln!(
                svg,
                "<path class=\"span\" d=\"M{a:.1},{y:.1}H{b:.1}M{a:.1},{:.1}v8M{b:.1},{:.1}v8\"/>",
                y - 4.0,
                y - 4.0
            );
        }
        if !self.from_zero {
            let _ = writeln!(svg, "<circle class=\"dot\" cx=\"{at:.1}\" cy=\"{y:.1}\" r=\"5\"/>");
        }
    }
}

/// A picture of bars, told in words by their names and texts.
pub(crate) fn picture(title: &str, bars: Vec<Bar>, from_zero: bool) -> Picture {
    let line = |b: &Bar| format!("{}: {}", cut(&b.name, NAME), b.text);
    let words = bars.iter().map(line).collect::<Vec<_>>().join("; ");
    Picture { title: title.to_owned(), words, svg: Bars { bars, from_zero }.svg(), wide: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_values() {
        let bar = |name: &str, value: f64| Bar {
            name: name.to_owned(),
            value,
            span: None,
            others: vec![],
            text: value.to_string(),
        };
        let svg =
            Bars { bars: vec![bar("a", 1.0), bar("b", 2.0), bar("c", f64::NAN)], from_zero: true }
                .svg();
        let lengths: Vec<f64> = svg
            .split("<rect class=\"bar\"")
            .skip(1)
            .filter_map(|rect| rect.split("width=\"").nth(1)?.split('"').next()?.parse().ok())
            .collect();
        assert!((lengths[1] / lengths[0] - 2.0).abs() < 0.01, "{svg}");
        let none = Bars { bars: vec![], from_zero: false }.svg();
        assert!(none.starts_with("<svg") && none.ends_with("</svg>"));
    }
}
