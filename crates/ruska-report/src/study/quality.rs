//! How good the model is, on rows that its parts had not seen.

use super::positive;
use crate::chart::{Curve, Grid, Kind, Lines, Told};
use crate::page::{Part, Picture, Section};
use crate::table::{Cell, Table};
use crate::words::{counted, plain, quoted};
use ruska::evaluation::{
    Audit, Calibration, Confusion, Curves, Errors, Gains, Gap, GapMeasure, Money, Operating,
};
use ruska::words::{number, percent, rough};
use ruska::{Evaluation, Story};

/// Classes of which all pairs are drawn.
const CLASSES: usize = 12;

/// Measures and diagnostics.
pub(super) fn section(story: &Story) -> Option<Section> {
    let told = story.held_out.as_ref()?;
    let all = story.record.meta.rows;
    let how = if told.rows < all {
        format!(
            "Of {} {} were kept aside while others were learned from",
            counted(all, "row"),
            told.rows
        )
    } else {
        format!(
            "Each of {} was kept aside once while others were learned from",
            counted(all, "row")
        )
    };
    let by = if story.record.meta.weighted { " Rows count by their weight." } else { "" };
    let mut parts = vec![Part::Text(format!(
        "{how}; this is what was said of them then. Intervals are of 95 % (bootstrap over rows).{by}"
    ))];
    parts.push(Part::Table(scores(story, told)));
    let mut pictures = vec![];
    if let (Some(curves), Some(class)) = (&told.curves, positive(story)) {
        pictures.extend(of_curves(curves, base_rate(story).unwrap_or(0.0), class));
    }
    if let Some(calibration) = &told.calibration {
        pictures.push(reliability(calibration));
    }
    if let Some(confusion) = told.confusion.as_ref().filter(|c| c.classes.len() <= CLASSES) {
        pictures.push(confused(confusion));
    }
    if let Some(errors) = &told.errors {
        pictures.extend(of_errors(errors));
    }
    if let Some(money) = &told.money {
        pictures.push(profit(money));
    }
    parts.push(Part::Pictures(pictures));
    if let Some(thresholds) = &told.thresholds {
        parts.push(Part::Table(operating(&thresholds.table)));
    }
    if !told.classes.is_empty() {
        parts.push(Part::Table(classes(story, told)));
    }
    if let Some(errors) = &told.errors {
        parts.push(Part::Table(ranges(errors)));
    }
    parts.extend(told.fairness.iter().enumerate().flat_map(audit));
    Some(Section { id: "quality", title: "How good it is".to_owned(), parts })
}

/// The share of the positive class.
pub(super) fn base_rate(story: &Story) -> Option<f64> {
    let confusion = story.held_out.as_ref()?.confusion.as_ref()?;
    let place = confusion.classes.iter().position(|c| Some(c.as_str()) == positive(story))?;
    let all: f64 = confusion.counts.iter().flatten().sum();
    Some(confusion.counts.get(place)?.iter().sum::<f64>() / all.max(f64::MIN_POSITIVE))
}

/// The share of the positive class that a share of the rows holds, between the points of the curve.
pub(super) fn gained(gains: &Gains, share: f64) -> f64 {
    let points: Vec<(f64, f64)> = [(0.0, 0.0)]
        .into_iter()
        .chain(gains.share.iter().copied().zip(gains.gain.iter().copied()))
        .collect();
    let within = points.windows(2).find(|w| w[1].0 >= share);
    within.map_or(1.0, |w| {
        let [(a, from), (b, to)] = [w[0], w[1]];
        if b > a { from + (to - from) * (share - a) / (b - a) } else { to }
    })
}

fn scores(story: &Story, told: &Evaluation) -> Table {
    let mut table = Table::new(
        "scores",
        "Measures over all rows held out, together; the first is what the model was chosen by.",
        &["measure", "score", "from", "to", "kept aside at last"],
    );
    for score in &told.scores {
        let last = story.holdout.as_ref().and_then(|(_, scores)| scores.get(&score.metric));
        let cell = |v: f64| Cell::number(v, number(v));
        table.row([
            Cell::text(&score.metric),
            cell(score.value),
            cell(score.low),
            cell(score.high),
            last.map_or(Cell::none(), |v| cell(*v)),
        ]);
    }
    table.drop_empty();
    table
}

fn line(name: &str, points: Vec<(f64, f64)>, kind: Kind) -> Curve {
    Curve { name: name.to_owned(), points, kind }
}

fn pairs(x: &[f64], y: &[f64]) -> Vec<(f64, f64)> {
    x.iter().copied().zip(y.iter().copied()).collect()
}

fn picture(title: &str, words: String, lines: &Lines) -> Picture {
    Picture { title: title.to_owned(), words, svg: lines.svg(), wide: false }
}

fn of_curves(curves: &Curves, base: f64, class: &str) -> Vec<Picture> {
    let Curves { roc, precision_recall, gains } = curves;
    let origin = |mut points: Vec<(f64, f64)>| {
        points.insert(0, (0.0, 0.0));
        points
    };
    let mut found = origin(pairs(&gains.share, &gains.gain));
    found.push((1.0, 1.0));
    let [tenth, fifth, half] = [0.1, 0.2, 0.5].map(|share| percent(gained(gains, share)));
    let gain = Lines {
        across: "rows, those most likely first".to_owned(),
        up: format!("found of all {class}"),
        curves: vec![
            line("model", found, Kind::Line),
            line("at random", vec![(0.0, 0.0), (1.0, 1.0)], Kind::Faint),
        ],
        told: (Told::Share, Told::Share),
    };
    let roc_lines = Lines {
        across: "others taken for it".to_owned(),
        up: format!("found of all {class}"),
        curves: vec![
            line("model", pairs(&roc.false_positive_rate, &roc.true_positive_rate), Kind::Line),
            line("at random", vec![(0.0, 0.0), (1.0, 1.0)], Kind::Faint),
        ],
        told: (Told::Share, Told::Share),
    };
    let mut points = pairs(&precision_recall.recall, &precision_recall.precision);
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let precise = Lines {
        across: format!("found of all {class}"),
        up: "right among those found".to_owned(),
        curves: vec![
            line("model", points, Kind::Line),
            line("at random", vec![(0.0, base), (1.0, base)], Kind::Faint),
        ],
        told: (Told::Share, Told::Share),
    };
    let words = format!(
        "The first 10 % of rows hold {tenth} of all {class}, 20 % hold {fifth}, half hold {half}."
    );
    vec![
        picture("What the most likely rows hold", words, &gain),
        picture(
            "Found against false alarms (ROC)",
            "Share of the class found against the share of others taken for it, by threshold."
                .to_owned(),
            &roc_lines,
        ),
        picture(
            "Right against found (precision and recall)",
            format!("Precision by recall; at random it is {}.", percent(base)),
            &precise,
        ),
    ]
}

fn reliability(calibration: &Calibration) -> Picture {
    let bins = &calibration.equal_rows.bins;
    let points: Vec<(f64, f64)> = bins.iter().map(|b| (b.predicted, b.observed)).collect();
    let most = points.iter().flat_map(|(a, b)| [*a, *b]).fold(0.0, f64::max);
    let lines = Lines {
        across: "probability told".to_owned(),
        up: "how often it happened".to_owned(),
        curves: vec![
            line("exact", vec![(0.0, 0.0), (most, most)], Kind::Faint),
            line("tenths of the rows", points, Kind::Dots),
        ],
        told: (Told::Share, Told::Share),
    };
    let words = format!(
        "Probabilities told against how often it happened: off by {:.1} points of 100 on average.",
        100.0 * calibration.equal_rows.expected_error
    );
    picture("Whether probabilities are what they say", words, &lines)
}

fn confused(confusion: &Confusion) -> Picture {
    let Confusion { classes, counts } = confusion;
    let right: f64 = (0..classes.len()).map(|i| counts[i][i]).sum();
    let all: f64 = counts.iter().flatten().sum();
    let of = ("is".to_owned(), "decided as".to_owned());
    let grid = Grid { of, names: classes.clone(), counts: counts.clone() };
    Picture {
        title: "What was decided of which".to_owned(),
        words: format!("Confusion matrix: {} of {} decided rightly.", plain(right), plain(all)),
        svg: grid.svg(),
        wide: false,
    }
}

fn of_errors(errors: &Errors) -> Vec<Picture> {
    let ranges = &errors.ranges;
    let points: Vec<(f64, f64)> = ranges.iter().map(|r| (r.predicted, r.truth)).collect();
    let ends = points
        .iter()
        .map(|p| p.0)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let fit = Lines {
        across: "predicted".to_owned(),
        up: "true, on average".to_owned(),
        curves: vec![
            line("exact", vec![(ends.0, ends.0), (ends.1, ends.1)], Kind::Faint),
            line("tenths of the rows", points, Kind::Dots),
        ],
        told: (Told::Number, Told::Number),
    };
    let off = Lines {
        across: "rows".to_owned(),
        up: "error".to_owned(),
        curves: vec![line(
            "quantiles of the errors",
            errors.quantiles.iter().map(|q| (q.share, q.error)).collect(),
            Kind::Line,
        )],
        told: (Told::Share, Told::Number),
    };
    let growth = ranges.iter().map(|r| (r.predicted, r.rmse)).collect();
    let grows = Lines {
        across: "predicted".to_owned(),
        up: "error (rmse)".to_owned(),
        curves: vec![line("tenths of the rows", growth, Kind::Dots)],
        told: (Told::Number, Told::Number),
    };
    vec![
        picture(
            "Whether predictions are right on average",
            "Mean truth of rows by what was predicted, in ten ranges.".to_owned(),
            &fit,
        ),
        picture(
            "How errors are spread",
            format!(
                "Quantiles of the errors; mean {}, standard deviation {}.",
                plain(errors.bias),
                plain(errors.deviation)
            ),
            &off,
        ),
        picture(
            "Where errors are large",
            "Root of the mean squared error by what was predicted.".to_owned(),
            &grows,
        ),
    ]
}

fn profit(money: &Money) -> Picture {
    let curve = pairs(&money.curve.share, &money.curve.value);
    let lines = Lines {
        across: "rows decided for, those most likely first".to_owned(),
        up: "worth per 1,000 rows".to_owned(),
        curves: vec![line("", curve, Kind::Line)],
        told: (Told::Share, Told::Number),
    };
    let words = format!(
        "Worth of deciding for the most likely rows; expected at best {} per 1,000 rows.",
        plain(money.expected.worth.value)
    );
    picture("What deciding is worth", words, &lines)
}

fn share(v: Option<f64>) -> Cell {
    v.map_or(Cell::none(), |v| Cell::number(v, format!("{:.1} %", 100.0 * v)))
}

fn operating(points: &[Operating]) -> Table {
    let mut table = Table::new(
        "thresholds",
        "What comes of deciding from a probability on.",
        &[
            "from",
            "decided for",
            "right of these (precision)",
            "found (recall)",
            "others left (specificity)",
            "F1",
        ],
    );
    for point in points {
        table.row([
            share(point.threshold),
            share(Some(point.alerts)),
            share(point.precision),
            share(point.recall),
            share(point.specificity),
            point.f1.map_or(Cell::none(), |v| Cell::number(v, format!("{v:.3}"))),
        ]);
    }
    table
}

fn classes(story: &Story, told: &Evaluation) -> Table {
    let mut table = Table::new(
        "classes",
        "Each class against all others.",
        &[
            "class",
            if story.record.meta.weighted { "weight" } else { "rows" },
            "right of those named (precision)",
            "found (recall)",
            "F1",
            "auc",
        ],
    );
    for class in &told.classes {
        let score = |v: Option<f64>| v.map_or(Cell::none(), |v| Cell::number(v, format!("{v:.3}")));
        table.row([
            Cell::text(&class.class),
            Cell::number(class.support, plain(class.support)),
            share(class.precision),
            share(class.recall),
            score(class.f1),
            score(class.auc),
        ]);
    }
    table
}

fn ranges(errors: &Errors) -> Table {
    let mut table = Table::new(
        "ranges",
        "Errors by what was predicted, in tenths of the rows.",
        &["predicted from", "to", "rows", "true on average", "predicted on average", "rmse"],
    );
    for range in &errors.ranges {
        let cell = |v: f64| Cell::number(v, plain(v));
        table.row([
            cell(range.low),
            cell(range.high),
            Cell::count(range.rows),
            cell(range.truth),
            cell(range.predicted),
            cell(range.rmse),
        ]);
    }
    table
}

/// What is done to groups of people; small groups are told together, as they may be single persons.
fn audit((place, audit): (usize, &Audit)) -> Vec<Part> {
    let by: Vec<String> = audit.columns.iter().map(|c| quoted(c)).collect();
    let by = by.join(" and ");
    let mut table = Table::new(
        &format!("groups-of-people-{}", place + 1),
        format!("What is done to groups by {by}."),
        &["group", "rows", "decided for", "found (TPR)", "false alarms (FPR)", "accuracy", "mae"],
    );
    for group in audit.groups.iter().filter(|group| !group.small) {
        let names: Vec<&str> =
            group.values.iter().map(|v| v.as_deref().unwrap_or("(none)")).collect();
        let rates = &group.rates;
        table.row([
            Cell::text(names.join(", ")),
            Cell::count(group.rows),
            share(rates.selection_rate),
            share(rates.true_positive_rate),
            share(rates.false_positive_rate),
            share(rates.accuracy),
            rates.mae.map_or(Cell::none(), |v| Cell::number(v, plain(v))),
        ]);
    }
    table.drop_empty();
    let small: Vec<usize> = audit.groups.iter().filter(|g| g.small).map(|g| g.rows).collect();
    let aside = (!small.is_empty()).then(|| {
        let (groups, rows) = (counted(small.len(), "group"), counted(small.iter().sum(), "row"));
        Part::Text(format!(
            "{groups} of fewer than 30 rows, {rows} together, are not told one by one."
        ))
    });
    let mut parts = vec![
        Part::Heading(format!("Groups of people by {by}")),
        Part::List(audit.gaps.iter().map(gap).collect()),
        Part::Table(table),
    ];
    parts.extend(aside);
    parts
}

/// How far groups differ, in words.
fn gap(gap: &Gap) -> String {
    let what = match gap.measure {
        GapMeasure::DemographicParity => "the share decided for",
        GapMeasure::EqualizedOdds => "the share found or wrongly taken, whichever differs more",
        GapMeasure::EqualOpportunity => "the share found",
        GapMeasure::Accuracy => "the share rightly predicted",
        GapMeasure::Mae => "the mean absolute error",
    };
    let chance = gap.by_chance.map_or(String::new(), |c| {
        format!("; groups dealt at random would differ by up to {}", rough(c))
    });
    format!(
        "In {what} (`{}`) groups differ by {} (95 %: {} to {}){chance}.",
        gap.measure.name(),
        rough(gap.difference),
        rough(gap.difference_low),
        rough(gap.difference_high)
    )
}

/// Groups of people that differ by more than chance has it, one line a list of columns and measure.
pub(super) fn unfair(story: &Story) -> Vec<String> {
    let audits = story.held_out.iter().flat_map(|told| &told.fairness);
    let beyond = |gap: &&Gap| gap.by_chance.is_some_and(|chance| gap.difference > chance);
    let line = |audit: &Audit| {
        let by: Vec<String> = audit.columns.iter().map(|c| quoted(c)).collect();
        let widest = audit
            .gaps
            .iter()
            .filter(beyond)
            .max_by(|a, b| a.difference.total_cmp(&b.difference))?;
        Some(format!("Groups by {} are not treated alike. {}", by.join(" and "), gap(widest)))
    };
    audits.filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gains_are_read_between_their_points() {
        let gains = Gains { share: vec![0.5, 1.0], gain: vec![0.9, 1.0], lift: vec![1.8, 1.0] };
        assert!((gained(&gains, 0.25) - 0.45).abs() < 1e-12);
        assert!((gained(&gains, 0.75) - 0.95).abs() < 1e-12);
        assert!((gained(&gains, 1.0) - 1.0).abs() < 1e-12);
    }
}
