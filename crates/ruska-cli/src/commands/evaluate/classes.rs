//! What is said of classes: confusion, decisions, gains, calibration.

use super::{known, share};
use crate::output::{align_right, number, short, table, value};
use ruska::evaluation::{Calibration, ClassMeasures, Confusion, Gains, Operating, Thresholds};
use ruska::{Evaluation, Manifest};
use std::fmt::Write;

/// Classes whose confusion is shown at most, and in detail.
const FEW: usize = 6;
const MANY: usize = 12;
/// Classes listed at most.
const LISTED: usize = 20;
/// Characters of a class.
const NAME: usize = 12;

/// The parts that there are of classes.
pub(super) fn sections(evaluation: &Evaluation, manifest: &Manifest, detail: bool) -> Vec<String> {
    let positive = short(manifest.positive.as_deref().unwrap_or_default(), 20);
    let mut sections = vec![];
    let most = if detail { MANY } else { FEW };
    let confusion = evaluation.confusion.as_ref().filter(|c| c.classes.len() <= most);
    sections.extend(confusion.map(self::confusion));
    if !evaluation.classes.is_empty() {
        sections.push(each(&evaluation.classes, if detail { usize::MAX } else { LISTED }));
    }
    let mut lines = String::new();
    if let Some(thresholds) = &evaluation.thresholds {
        lines += &decisions(thresholds, &positive);
    }
    if let Some(curves) = &evaluation.curves {
        lines += &best_rows(&curves.gains, &positive);
    }
    if let Some(found) = &evaluation.calibration {
        lines += &calibration(found);
    }
    sections.extend(Some(lines).filter(|lines| !lines.is_empty()));
    if detail {
        sections.extend(evaluation.thresholds.as_ref().map(table_of_thresholds));
        sections.extend(evaluation.curves.as_ref().map(|c| table_of_gains(&c.gains)));
        sections.extend(evaluation.calibration.as_ref().map(table_of_calibration));
    }
    sections
}

fn confusion(confusion: &Confusion) -> String {
    let names: Vec<String> = confusion.classes.iter().map(|c| short(c, NAME)).collect();
    let mut header = vec!["truth ↓  predicted →".to_owned()];
    header.extend(names.iter().cloned());
    header.push("right".to_owned());
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut shown = table(&header);
    for (place, (name, counts)) in names.iter().zip(&confusion.counts).enumerate() {
        let all: f64 = counts.iter().sum();
        let mut cells = vec![name.clone()];
        cells.extend(counts.iter().map(|count| value(*count)));
        cells.push(known((all > 0.0).then(|| counts[place] / all), share));
        shown.add_row(cells);
    }
    align_right(&mut shown, 1..header.len());
    format!("{shown}\n")
}

fn each(classes: &[ClassMeasures], most: usize) -> String {
    let mut shown = table(&["class", "rows", "predicted", "precision", "recall", "f1", "auc"]);
    for class in classes.iter().take(most) {
        shown.add_row([
            short(&class.class, 30),
            value(class.support),
            value(class.predicted),
            known(class.precision, share),
            known(class.recall, share),
            known(class.f1, number),
            known(class.auc, number),
        ]);
    }
    align_right(&mut shown, 1..7);
    let more = match classes.len().saturating_sub(most) {
        0 => String::new(),
        more => format!("… and {more} more classes (--detail)\n"),
    };
    format!("{shown}\n{more}")
}

fn decisions(thresholds: &Thresholds, positive: &str) -> String {
    let Thresholds { model, best_f1, .. } = thresholds;
    let said = |at: &Operating| {
        format!("{} precision, {} recall", known(at.precision, share), known(at.recall, share))
    };
    let first = format!(
        "decisions    `{positive}` for {} of the rows: {}, F1 {}",
        share(model.alerts),
        said(model),
        known(model.f1, number),
    );
    let first = short(&first, 100);
    let Some(best_f1) = best_f1 else { return first + "\n" };
    let threshold = best_f1.threshold.map_or(String::new(), value);
    format!(
        "{first}\nbest F1      {} from {threshold} on (found on these rows): {}\n",
        known(best_f1.f1, number),
        said(best_f1),
    )
}

fn best_rows(gains: &Gains, positive: &str) -> String {
    let of = |wanted: f64| {
        let place = gains.share.iter().position(|share| *share == wanted)?;
        Some(format!("{} of `{}`", share(gains.gain[place]), short(positive, 16)))
    };
    let (Some(tenth), Some(fifth)) = (of(0.1), of(0.2)) else { return String::new() };
    format!("gains        the likeliest 10 % of the rows hold {tenth}, 20 % hold {fifth}\n")
}

fn calibration(found: &Calibration) -> String {
    let error = |bins: &ruska::evaluation::CalibrationBins| number(bins.expected_error);
    let mut text = format!(
        "calibration  what is said is off by {} on average (ECE; bins of equal width: {})\n",
        error(&found.equal_rows),
        error(&found.equal_width),
    );
    if let Some(brier) = &found.brier {
        let _ = writeln!(
            text,
            "brier        {:.4} = {:.4} reliability − {:.4} resolution + {:.4} uncertainty {} {:.4} within",
            brier.score,
            brier.reliability,
            brier.resolution,
            brier.uncertainty,
            if brier.within < 0.0 { "−" } else { "+" },
            brier.within.abs(),
        );
    }
    text
}

fn table_of_thresholds(thresholds: &Thresholds) -> String {
    let header = ["threshold", "alerts", "precision", "recall", "f1", "f2", "f0.5"];
    let mut shown = table(&header);
    for at in &thresholds.table {
        shown.add_row([
            at.threshold.map_or(String::new(), value),
            share(at.alerts),
            known(at.precision, share),
            known(at.recall, share),
            known(at.f1, number),
            known(at.f2, number),
            known(at.f05, number),
        ]);
    }
    align_right(&mut shown, 0..7);
    format!("{shown}\n")
}

fn table_of_gains(gains: &Gains) -> String {
    let mut shown = table(&["likeliest rows", "hold of the class", "lift"]);
    for ((rows, gain), lift) in gains.share.iter().zip(&gains.gain).zip(&gains.lift) {
        shown.add_row([share(*rows), share(*gain), value(*lift)]);
    }
    align_right(&mut shown, 0..3);
    format!("{shown}\n")
}

fn table_of_calibration(found: &Calibration) -> String {
    let mut shown = table(&["rows", "said", "happened", "off by"]);
    for bin in &found.equal_rows.bins {
        let off = bin.predicted - bin.observed;
        shown.add_row([
            bin.rows.to_string(),
            share(bin.predicted),
            share(bin.observed),
            format!("{}{}", if off > 0.0 { "+" } else { "" }, share(off)),
        ]);
    }
    align_right(&mut shown, 0..4);
    format!("{shown}\n")
}
