//! A series and what comes next of it as a picture: an SVG file of its own, without scripts, fonts or
//! links.
//!
//! The past is dark, what comes is blue, in bands that are lighter the more they hold. Both colours are told
//! apart by people of any colour vision, and in print.

use super::axis::times;
use super::explanation::{SeriesExplanation, SeriesProfile, Told};
use crate::svg::{escaped, numbers, rules, wrapped};
use crate::words::cut;
use std::fmt::Write;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 456.0;
/// The field of the values: top, right, bottom; its left is where the numbers beside it end.
const TOP: f64 = 112.0;
const RIGHT: f64 = 872.0;
const BOTTOM: f64 = 408.0;
/// Where texts begin.
const MARGIN: f64 = 28.0;
/// Room between the field's sides and the first and last value.
const ROOM: f64 = 8.0;
/// Width of a character of the axes and of the legend.
const CHARACTER: f64 = 6.2;
/// Characters of a line of words, and lines.
const WORDS: (usize, usize) = (140, 2);
/// Ticks of the axis of numbers, or one or two more.
const TICKS: usize = 5;
/// Most values that have a dot each.
const DOTS: usize = 80;
/// Most bands that the legend names.
const NAMED: usize = 6;
/// Magnitude up to which values are drawn where they are.
const LARGEST: f64 = 1e300;
const PAST: &str = "#333333";
/// Blue, as on a screen.
const AHEAD: [u8; 3] = [0x00, 0x72, 0xb2];

/// The picture of a series.
pub(super) fn draw(all: &SeriesExplanation, series: &SeriesProfile) -> String {
    let field = Field::of(series);
    let heading = match series.name.as_str() {
        "" => all.target.clone(),
        name => format!("{name}: {}", all.target),
    };
    let heading = escaped(&cut(&heading, 72));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"Helvetica, Arial, sans-serif\" \
         font-size=\"11\" fill=\"#222222\">\n<title>{heading}</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
         <text x=\"{MARGIN}\" y=\"34\" font-size=\"17\" font-weight=\"bold\">{heading}</text>\n"
    );
    let words = series.words().replace(" %", "\u{a0}%");
    for (i, line) in wrapped(&words, WORDS.0, WORDS.1).iter().enumerate() {
        let y = 54 + 16 * i;
        let _ = writeln!(
            svg,
            "<text x=\"{MARGIN}\" y=\"{y}\" font-size=\"12\" fill=\"#555555\">{}</text>",
            escaped(line)
        );
    }
    let levels = widest_first(&all.levels);
    legend(&mut svg, &levels);
    for (i, (place, _)) in levels.iter().enumerate() {
        band(&mut svg, &field, series, *place, &tint(i, levels.len()));
    }
    axes(&mut svg, &field, all, series);
    let ahead = tint(1, 0);
    let joined = series.last().into_iter();
    let told = series.ahead.iter().map(|told| told.prediction);
    let told = joined.clone().chain(told).collect::<Vec<_>>();
    let begin = series.next - joined.count() as i64;
    line(&mut svg, &field, (begin, &told), &ahead, "2.2");
    line(&mut svg, &field, (series.start, &series.history), PAST, "1.6");
    let points: Vec<f64> = series.ahead.iter().map(|told| told.prediction).collect();
    dots(&mut svg, &field, (series.next, &points), &ahead);
    dots(&mut svg, &field, (series.start, &series.history), PAST);
    svg + "</svg>\n"
}

/// How periods and values become places of the picture.
struct Field {
    /// The first and the last period.
    periods: (i64, i64),
    /// The ends of the axis of numbers, and its ticks.
    range: (f64, f64),
    ticks: Vec<(f64, String)>,
    left: f64,
}

impl Field {
    fn of(series: &SeriesProfile) -> Self {
        let bounds = series.ahead.iter().flat_map(|told| told.bounds.iter().flatten());
        let points = series.ahead.iter().map(|told| &told.prediction);
        let drawn = series.history.iter().chain(points).chain(bounds).filter(|v| v.is_finite());
        let drawn = drawn.map(|v| v.clamp(-LARGEST, LARGEST));
        let (low, high) =
            drawn.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        let (range, ticks) =
            if low <= high { numbers(low, high, TICKS) } else { numbers(0.0, 0.0, 1) };
        let longest = ticks.iter().map(|(_, text)| text.chars().count()).max().unwrap_or(0);
        let last = series.next.saturating_add(series.ahead.len() as i64 - 1);
        Self {
            periods: (series.start, last.max(series.start)),
            range,
            ticks,
            left: MARGIN + CHARACTER * longest as f64 + 8.0,
        }
    }

    fn x(&self, period: f64) -> f64 {
        let (from, to) = (self.periods.0 as f64, self.periods.1 as f64);
        let (left, right) = (self.left + ROOM, RIGHT - ROOM);
        if to > from {
            left + (right - left) * ((period - from) / (to - from)).clamp(0.0, 1.0)
        } else {
            left.midpoint(right)
        }
    }

    fn y(&self, value: f64) -> f64 {
        let (low, high) = self.range;
        let value = value.clamp(-LARGEST, LARGEST);
        BOTTOM - (BOTTOM - TOP) * ((value - low) / (high - low)).clamp(-0.1, 1.1)
    }

    fn place(&self, period: i64, value: f64) -> [f64; 2] {
        [self.x(period as f64), self.y(value)]
    }
}

/// The places of the levels, the one that holds most first.
fn widest_first(levels: &[f64]) -> Vec<(usize, f64)> {
    let mut places: Vec<(usize, f64)> = levels.iter().copied().enumerate().collect();
    places.sort_by(|a, b| b.1.total_cmp(&a.1));
    places
}

/// The colour of the band at a place of so many, from light to dark; that of no band is the colour itself.
fn tint(place: usize, bands: usize) -> String {
    let part = place as f64 / bands.saturating_sub(1).max(1) as f64;
    let white = if bands == 0 { 0.0 } else { 0.84 - 0.24 * part };
    let [r, g, b] = AHEAD.map(|c| (f64::from(c) * (1.0 - white) + 255.0 * white).round() as u8);
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn legend(svg: &mut String, levels: &[(usize, f64)]) {
    let (mut x, y) = (MARGIN, 94.0);
    let mut named = |svg: &mut String, text: &str, mark: &dyn Fn(f64) -> String| {
        let _ = writeln!(svg, "{}<text x=\"{}\" y=\"{y}\">{text}</text>", mark(x), x + 26.0);
        x += 26.0 + CHARACTER * text.chars().count() as f64 + 20.0;
    };
    let stroke = |colour: String| {
        move |x: f64| {
            let (to, y) = (x + 20.0, y - 4.0);
            format!("<path d=\"M{x},{y}H{to}\" stroke=\"{colour}\" stroke-width=\"2.2\"/>")
        }
    };
    named(svg, "past", &stroke(PAST.to_owned()));
    named(svg, "forecast", &stroke(tint(1, 0)));
    for (i, (_, level)) in levels.iter().enumerate().take(NAMED) {
        let colour = tint(i, levels.len());
        let swatch = |x: f64| {
            format!(
                "<rect x=\"{x}\" y=\"{}\" width=\"20\" height=\"12\" fill=\"{colour}\"/>",
                y - 10.0
            )
        };
        named(svg, &format!("{} interval", exactly(*level)), &swatch);
    }
}

/// A share in percent, with as many digits as were asked for.
fn exactly(share: f64) -> String {
    format!("{} %", (share * 1e6).round() / 1e4)
}

/// What lies between the bounds of a level, from the last value on where that is known.
fn band(svg: &mut String, field: &Field, series: &SeriesProfile, level: usize, colour: &str) {
    let known =
        |told: &Told| told.bounds.get(level).copied().filter(|b| b.iter().all(|v| v.is_finite()));
    let last = series.last().map(|v| (series.next - 1, [v, v]));
    let bounds = series.ahead.iter().map(known);
    let bounds: Vec<Option<(i64, [f64; 2])>> = last
        .into_iter()
        .map(Some)
        .chain(bounds.enumerate().map(|(i, b)| b.map(|b| (series.next + i as i64, b))))
        .collect();
    for run in bounds.split(Option::is_none) {
        let run: Vec<(i64, [f64; 2])> = run.iter().flatten().copied().collect();
        let side = |k: usize| -> Vec<[f64; 2]> {
            run.iter().map(|(period, b)| field.place(*period, b[k])).collect()
        };
        let (lower, upper) = (thinned(&side(0)), thinned(&side(1)));
        let outline: Vec<[f64; 2]> = match (&run[..], &lower[..], &upper[..]) {
            ([], ..) => continue,
            // Nothing is ahead but the last value.
            ([(period, _)], ..) if *period < series.next => continue,
            ([_], [[x, low]], [[_, high]]) => {
                vec![[x - 5.0, *low], [x + 5.0, *low], [x + 5.0, *high], [x - 5.0, *high]]
            }
            _ => lower.into_iter().chain(upper.into_iter().rev()).collect(),
        };
        let _ = writeln!(svg, "<path fill=\"{colour}\" d=\"{}z\"/>", path(&outline));
    }
}

/// The axes with their ticks, over the bands and below the lines.
fn axes(svg: &mut String, field: &Field, all: &SeriesExplanation, series: &SeriesProfile) {
    let ticks = field.ticks.iter().map(|(value, text)| (field.y(*value), text.as_str()));
    rules(svg, ticks, (field.left, RIGHT, BOTTOM));
    let end = series.next.saturating_add(series.ahead.len() as i64 - 1).max(series.start);
    for tick in times(all.frequency, series.start, end) {
        let x = field.x(tick.at);
        let longest = tick.of.iter().chain([&tick.label]).map(|t| t.chars().count()).max();
        let half = CHARACTER * longest.unwrap_or(0) as f64 / 2.0;
        let at = x.clamp(half, WIDTH - half);
        let _ = writeln!(
            svg,
            "<path d=\"M{x:.1},{BOTTOM}v5\" stroke=\"#888888\"/><text x=\"{at:.1}\" y=\"{}\" \
             text-anchor=\"middle\">{}</text>",
            BOTTOM + 18.0,
            escaped(&tick.label)
        );
        if let Some(of) = tick.of.filter(|of| !of.is_empty()) {
            let _ = writeln!(
                svg,
                "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\" fill=\"#555555\">{}</text>",
                BOTTOM + 32.0,
                escaped(&of)
            );
        }
    }
}

/// Values from a period on as a line that breaks where one is missing.
fn line(svg: &mut String, field: &Field, values: (i64, &[f64]), colour: &str, width: &str) {
    let d: String = stretches(field, values).iter().map(|run| path(&thinned(run))).collect();
    if !d.is_empty() {
        let _ = writeln!(
            svg,
            "<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" \
             stroke-linejoin=\"round\" d=\"{d}\"/>"
        );
    }
}

/// A dot for each value where there are few, otherwise for those that have none beside them.
fn dots(svg: &mut String, field: &Field, values: (i64, &[f64]), colour: &str) {
    let few = field.periods.1.saturating_sub(field.periods.0) < DOTS as i64;
    let runs = stretches(field, values);
    let shown = runs.iter().filter(|run| few || run.len() == 1).flatten();
    let dot = |[x, y]: &[f64; 2]| {
        format!("M{x:.1},{y:.1}m-2.2,0a2.2,2.2 0 1,0 4.4,0a2.2,2.2 0 1,0 -4.4,0z")
    };
    let d: String = shown.map(dot).collect();
    if !d.is_empty() {
        let _ = writeln!(svg, "<path fill=\"{colour}\" d=\"{d}\"/>");
    }
}

/// The places of values from a period on, parted where one is missing.
fn stretches(field: &Field, (start, values): (i64, &[f64])) -> Vec<Vec<[f64; 2]>> {
    let places: Vec<Option<[f64; 2]>> = values
        .iter()
        .enumerate()
        .map(|(i, v)| v.is_finite().then(|| field.place(start + i as i64, *v)))
        .collect();
    let runs = places.split(Option::is_none).map(|run| run.iter().flatten().copied().collect());
    runs.filter(|run: &Vec<_>| !run.is_empty()).collect()
}

/// The same line with at most four places a pixel: the first, the lowest, the highest and the last.
fn thinned(places: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut kept = vec![];
    for same in places.chunk_by(|a, b| a[0].round() == b[0].round()) {
        if same.len() <= 4 {
            kept.extend(same);
            continue;
        }
        let by_height = |a: &&[f64; 2], b: &&[f64; 2]| a[1].total_cmp(&b[1]);
        let ends = [same.first(), same.iter().min_by(by_height), same.iter().max_by(by_height)];
        kept.extend(ends.into_iter().chain([same.last()]).flatten());
    }
    kept
}

/// Places as a path.
fn path(places: &[[f64; 2]]) -> String {
    let mut d = String::new();
    for (i, [x, y]) in places.iter().enumerate() {
        let _ = write!(d, "{}{x:.1},{y:.1}", if i == 0 { "M" } else { "L" });
    }
    d
}
