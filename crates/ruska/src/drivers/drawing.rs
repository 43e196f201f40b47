//! How predictions go with a column as a picture: an SVG file of its own, without scripts, fonts or links.
//!
//! Single rows are grey, partial dependence is dark, accumulated local effects are a dashed blue line around the
//! same mean.

use super::dependence::Dependence;
use super::effects::Curve;
use crate::svg::{escaped, numbers, rules};
use crate::words::cut;
use ruska_data::time_text;
use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 440.0;
/// The field: top, right, bottom; its left is where the numbers beside it end.
const TOP: f64 = 84.0;
const RIGHT: f64 = 696.0;
const BOTTOM: f64 = 364.0;
const MARGIN: f64 = 24.0;
/// Room between the field's sides and the first and last value.
const ROOM: f64 = 10.0;
/// Width of a character.
const CHARACTER: f64 = 6.2;
/// Ticks of an axis, or one or two more.
const TICKS: usize = 5;
/// Characters of a level below its place.
const LEVEL: usize = 14;
/// Magnitude up to which values are drawn where they are.
const LARGEST: f64 = 1e300;
const MEAN: &str = "#222222";
const LINE: &str = "#9a9a9a";
const EFFECT: &str = "#0072B2";

/// How places of the picture are found.
struct Field {
    left: f64,
    across: (f64, f64),
    up: (f64, f64),
}

impl Field {
    fn x(&self, v: f64) -> f64 {
        let (low, high) = self.across;
        let (left, right) = (self.left + ROOM, RIGHT - ROOM);
        left + (right - left) * ((v - low) / (high - low)).clamp(0.0, 1.0)
    }

    fn y(&self, v: f64) -> f64 {
        let (low, high) = self.up;
        let v = v.clamp(-LARGEST, LARGEST);
        BOTTOM - (BOTTOM - TOP) * ((v - low) / (high - low)).clamp(-0.05, 1.05)
    }
}

/// The picture of a column of what is told.
pub(super) fn draw(told: &Dependence, target: &str, curve: &Curve) -> String {
    let means: Vec<f64> = curve.points.iter().map(|p| p.mean).collect();
    let effects = effects(curve);
    let drawn = curve.lines.iter().flatten().chain(&means).chain(&effects);
    let drawn = drawn.filter(|v| v.is_finite()).map(|v| v.clamp(-LARGEST, LARGEST));
    let (low, high) =
        drawn.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let (up, ticks) = if low <= high { numbers(low, high, TICKS) } else { numbers(0.0, 0.0, 1) };
    let longest = ticks.iter().map(|(_, text)| text.chars().count()).max().unwrap_or(0);
    // The first level is written to the left of its place.
    let least = if curve.levels { MARGIN + CHARACTER * 10.0 } else { 0.0 };
    let left = (MARGIN + CHARACTER * longest as f64 + 8.0).max(least);
    let places: Vec<f64> =
        curve.points.iter().enumerate().map(|(i, p)| p.at.unwrap_or(i as f64)).collect();
    let (first, last) = (places.first().copied(), places.last().copied());
    let across = (first.unwrap_or(0.0), last.unwrap_or(1.0));
    let field = Field { left, across, up };
    let what = match &told.class {
        Some(class) => format!("probability of {target}={class}"),
        None => format!("predicted {target}"),
    };
    let heading = escaped(&cut(&format!("{}: {what}", curve.column), 70));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"Helvetica, Arial, sans-serif\" \
         font-size=\"11\" fill=\"#222222\">\n<title>{heading}</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
         <text x=\"{MARGIN}\" y=\"32\" font-size=\"16\" font-weight=\"bold\">{heading}</text>\n"
    );
    legend(&mut svg, told.rows, curve);
    let ticks = ticks.iter().map(|(value, text)| (field.y(*value), text.as_str()));
    rules(&mut svg, ticks, (left, RIGHT, BOTTOM));
    below(&mut svg, &field, curve);
    for line in &curve.lines {
        trace(&mut svg, &field, &places, line, (LINE, "0.8", " stroke-opacity=\"0.6\""));
    }
    trace(&mut svg, &field, &places, &effects, (EFFECT, "1.8", " stroke-dasharray=\"6 4\""));
    if curve.levels {
        for (place, mean) in places.iter().zip(&means).filter(|(_, v)| !v.is_nan()) {
            let (x, y) = (field.x(*place), field.y(*mean));
            let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"{MEAN}\"/>");
        }
    } else {
        trace(&mut svg, &field, &places, &means, (MEAN, "2.4", ""));
    }
    svg + "</svg>\n"
}

/// Accumulated local effects around the mean of the partial dependence; none of levels.
fn effects(curve: &Curve) -> Vec<f64> {
    let n = curve.points.len().max(1) as f64;
    let mean = curve.points.iter().map(|p| p.mean).sum::<f64>() / n;
    curve.points.iter().filter_map(|p| p.accumulated).map(|effect| mean + effect).collect()
}

fn legend(svg: &mut String, rows: usize, curve: &Curve) {
    let mut x = MARGIN;
    let single = format!("{} single rows", curve.lines.len());
    let mean = format!("mean of {rows} rows (partial dependence)");
    let mut named = vec![(LINE, "", single), (MEAN, "", mean)];
    if !curve.levels {
        named.push((EFFECT, " stroke-dasharray=\"6 4\"", "accumulated local effects".to_owned()));
    }
    for (colour, dashes, text) in named {
        let _ = writeln!(
            svg,
            "<path d=\"M{x:.1},54h20\" stroke=\"{colour}\" stroke-width=\"2\"{dashes}/>\
             <text x=\"{:.1}\" y=\"58\">{text}</text>",
            x + 26.0
        );
        x += 26.0 + CHARACTER * text.chars().count() as f64 + 18.0;
    }
}

/// What is below the axis: numbers, days, or levels.
fn below(svg: &mut String, field: &Field, curve: &Curve) {
    let (low, high) = field.across;
    if curve.levels {
        for (i, point) in curve.points.iter().enumerate() {
            let (x, y) = (field.x(i as f64), BOTTOM + 14.0);
            let _ = writeln!(
                svg,
                "<text transform=\"translate({x:.1} {y}) rotate(-30)\" text-anchor=\"end\">{}</text>",
                escaped(&cut(&point.value, LEVEL))
            );
        }
        return;
    }
    let ticks: Vec<(f64, String)> = if curve.time {
        let at = |i: i32| low + (high - low) * f64::from(i) / 4.0;
        (0..5).map(|i| (at(i), time_text(at(i) as i64).chars().take(10).collect())).collect()
    } else {
        let within = |(v, _): &(f64, String)| (low..=high).contains(v);
        numbers(low, high, TICKS).1.into_iter().filter(within).collect()
    };
    for (value, text) in ticks {
        let x = field.x(value);
        let _ = writeln!(
            svg,
            "<path d=\"M{x:.1},{BOTTOM}v5\" stroke=\"#888888\"/><text x=\"{x:.1}\" y=\"{}\" \
             text-anchor=\"middle\">{}</text>",
            BOTTOM + 18.0,
            escaped(&text)
        );
    }
    // Where the values of the curve are.
    let mut marks = String::new();
    for at in curve.points.iter().filter_map(|p| p.at) {
        let _ = write!(marks, "M{:.1},{}v4", field.x(at), BOTTOM - 4.0);
    }
    let _ = writeln!(svg, "<path d=\"{marks}\" stroke=\"#888888\"/>");
}

fn trace(
    svg: &mut String,
    field: &Field,
    places: &[f64],
    values: &[f64],
    (colour, width, more): (&str, &str, &str),
) {
    let mut d = String::new();
    for (place, value) in places.iter().zip(values).filter(|(_, v)| !v.is_nan()) {
        let (x, y) = (field.x(*place), field.y(*value));
        let _ = write!(d, "{}{x:.1},{y:.1}", if d.is_empty() { "M" } else { "L" });
    }
    if !d.is_empty() {
        let _ = writeln!(
            svg,
            "<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"{more} d=\"{d}\"/>"
        );
    }
}
