//! The answer in words.

use crate::output::{clean, short, signed, value};
use ruska_ops::diff::{Measured, Money, Quantity, Report, ThresholdSource, Values};
use std::fmt::Write;

/// Which decisions change, and whether for the better.
pub(super) fn headline(report: &Report) -> String {
    let (rows, numbers) = (report.rows, report.task == ruska::TaskKind::Regression);
    let of = if numbers { "predictions" } else { "decisions" };
    let beyond = report.threshold.map_or(String::new(), |t| {
        if t.value > 0.0 { format!(" by more than {}", value(t.value)) } else { String::new() }
    });
    if report.changed == 0 {
        let same =
            if report.spread.largest == 0.0 { "; the two models predict the same" } else { "" };
        return format!("new changes none of {rows} {of}{beyond}{same}\n");
    }
    let head =
        format!("new changes {} of {rows} {of}{beyond} ({})", report.changed, share(report.share));
    let Some(labels) = report.labels.as_ref().filter(|labels| labels.rows > 0) else {
        return head + "\n";
    };
    let (better, worse) =
        if numbers { ("nearer the truth", "further") } else { ("for the better", "for the worse") };
    let mut parts =
        vec![format!("{} {better}", labels.better), format!("{} {worse}", labels.worse)];
    let neither = labels.changed - labels.better - labels.worse;
    if neither > 0 {
        parts.push(format!("{neither} {}", if numbers { "as far" } else { "as wrong as before" }));
    }
    let unlabelled = report.changed - labels.changed;
    if unlabelled > 0 {
        parts.push(format!("{unlabelled} of unknown truth"));
    }
    let (line, parts) = (format!("{head}: "), parts.join(", "));
    let fits = line.chars().count() + parts.chars().count() <= 100;
    let gap = if fits { "" } else { "\n  " };
    format!("{}{gap}{parts}\n", if fits { &line } else { line.trim_end() })
}

/// What that is worth, by the first metric and in money.
pub(super) fn worth(report: &Report) -> Vec<String> {
    let metric = report.metrics.first().map(measured);
    metric.into_iter().chain(report.money.as_ref().map(money)).collect()
}

fn measured(m: &Measured) -> String {
    let from_to = format!("{} → {}", value(m.old), value(m.new));
    format!("{} {from_to}: {}", m.metric, by(m.gain, m.low, m.high))
}

fn money(m: &Money) -> String {
    let from_to = format!("{} → {} per 1,000 rows", value(m.old), value(m.new));
    format!("{} {from_to}: {}", m.kind, by(m.gain, m.low, m.high))
}

/// `better by 0.0061 (95 %: 0.0011 … 0.0113)`, or the like.
fn by(gain: f64, low: Option<f64>, high: Option<f64>) -> String {
    let interval = match (low, high) {
        (Some(low), Some(high)) if gain == 0.0 && low == 0.0 && high == 0.0 => String::new(),
        (Some(low), Some(high)) => {
            // Told from the side that the words take.
            let (low, high) = if gain < 0.0 { (0.0 - high, 0.0 - low) } else { (low, high) };
            let chance = if low <= 0.0 && high >= 0.0 { ", which may be chance" } else { "" };
            format!(" (95 %: {} … {}){chance}", value(low), value(high))
        }
        _ => " (no interval: too few rows)".to_owned(),
    };
    let word = if gain > 0.0 {
        format!("better by {}", value(gain))
    } else if gain < 0.0 {
        format!("worse by {}", value(-gain))
    } else {
        "the same".to_owned()
    };
    format!("{word}{interval}")
}

/// What is known of the truth, for the line about rows.
pub(super) fn labels(report: &Report) -> String {
    let target = &report.target;
    let Some(labels) = &report.labels else {
        return format!(" · without `{target}`, so better and worse are not told");
    };
    let mut text = match labels.rows {
        0 => format!(" · `{target}` is empty, so better and worse are not told"),
        rows if rows == report.rows => format!(" · all with `{target}`"),
        rows => format!(" · {rows} with `{target}`"),
    };
    if labels.unknown > 0 {
        let _ = write!(text, " · {} with a class that neither model knows", labels.unknown);
    }
    if let Some(weight) = &labels.weight {
        let _ = write!(text, " · metrics weighted by `{weight}`");
    }
    text
}

/// Which model may have learned from the rows, if one has: it looks better there than it is.
pub(super) fn learned(report: &Report) -> Option<String> {
    let labels = report.labels.as_ref()?;
    let of = |side: &str, rows: Option<usize>| {
        rows.filter(|rows| *rows > 0).map(|rows| format!("{side} from {rows}"))
    };
    let sides = [of("old", labels.learned.old), of("new", labels.learned.new)];
    let sides: Vec<String> = sides.into_iter().flatten().collect();
    let of = format!("of these {} rows, where a model looks better than it is", labels.rows);
    (!sides.is_empty()).then(|| format!("{} {of}", sides.join(", ")))
}

/// Lines about the distribution of the change.
pub(super) fn changes(report: &Report) -> Vec<(&'static str, String)> {
    let spread = &report.spread;
    let of = match &report.quantity {
        Quantity::ProbabilityOf(class) => format!("probability of `{}`", short(class, 30)),
        Quantity::ProbabilityOfOldClass => "probability of the class that old predicts".to_owned(),
        Quantity::Prediction => "prediction".to_owned(),
    };
    let mean = format!(
        "{of}: {} on average, by {} in size, at most {} (row {})",
        signed(spread.mean),
        value(spread.mean_absolute),
        signed(spread.largest),
        spread.largest_row
    );
    let shown =
        spread.quantiles.iter().filter(|q| [0.05, 0.25, 0.5, 0.75, 0.95].contains(&q.share));
    let quantiles: Vec<String> =
        shown.map(|q| format!("{} % {}", value(100.0 * q.share), signed(q.value))).collect();
    let mut lines = vec![("change", mean), ("quantiles", quantiles.join(" · "))];
    if let Some(relative) = &report.relative {
        let (half, most) = (share(relative.median), share(relative.most));
        let text =
            format!("half move by at most {half} of the old prediction, 95 in 100 by {most}");
        lines.push(("relative", text));
    }
    if let Some(threshold) = &report.threshold {
        let why = match threshold.source {
            ThresholdSource::Given => "as given",
            ThresholdSource::OldErrors => "the median size of old's out-of-fold errors",
            ThresholdSource::TargetSpread => {
                "a tenth of the target's standard deviation in old's training"
            }
        };
        let beyond = format!("a decision changes beyond {}, {why}", value(threshold.value));
        lines.push(("threshold", beyond));
    }
    lines
}

/// Values of a column, at most `width` characters.
pub(super) fn values(of: &Values, width: usize) -> String {
    let text = match of {
        Values::Among { levels, missing, unseen } => {
            let mut parts: Vec<String> = levels.clone();
            parts.extend(missing.then(|| "no value".to_owned()));
            parts.extend(unseen.then(|| "unknown in training".to_owned()));
            parts.join(", ")
        }
        Values::Between { low, high } => range(low.map(value), high.map(value)),
        Values::Times { from, to } => {
            // A day begins at midnight, which need not be said.
            let day = |time: &String| time.strip_suffix("T00:00:00").unwrap_or(time).to_owned();
            range(from.as_ref().map(day), to.as_ref().map(day))
        }
    };
    short(&clean(&text), width)
}

fn range(low: Option<String>, high: Option<String>) -> String {
    match (low, high) {
        (Some(low), Some(high)) if low == high => low,
        (Some(low), Some(high)) => format!("{low} … {high}"),
        (Some(low), None) => format!("≥ {low}"),
        (None, Some(high)) => format!("≤ {high}"),
        (None, None) => "any value".to_owned(),
    }
}

/// A share for people, a digit after the point.
pub(super) fn share(share: f64) -> String {
    let percent = 100.0 * share;
    if percent > 0.0 && percent < 0.05 { "< 0.1 %".to_owned() } else { format!("{percent:.1} %") }
}
