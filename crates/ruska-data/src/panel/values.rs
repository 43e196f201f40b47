//! What is odd about the values of series.

use super::{PanelColumns, of, told_series};
use crate::meaning::{counted, cut, note, percent};
use ruska_core::{Finding, FindingCode, Frequency, Panel, Series, Severity};

/// Names of series shown.
const SHOWN: usize = 3;
/// Zeros at the beginning that are told.
const ZEROS: usize = 3;

/// Some series, the first of them by name.
#[derive(Default)]
struct Group {
    count: usize,
    names: Vec<String>,
}

impl Group {
    fn add(&mut self, series: &Series<'_>) {
        self.count += 1;
        if self.names.len() < SHOWN && !series.key.is_empty() {
            self.names.push(cut(series.key));
        }
    }

    /// `3 of 10 series`, or `the series` where there is one only.
    fn told(&self, all: usize) -> String {
        match (self.count, all) {
            (_, 1) => "the series".to_owned(),
            (n, all) if n == all => format!("all {}", told_series(n)),
            (n, all) => format!("{n} of {}", told_series(all)),
        }
    }

    /// A finding about these series, where there are any.
    fn finding(
        self,
        code: FindingCode,
        severity: Severity,
        target: &str,
        what: String,
        advice: &str,
    ) -> Option<Finding> {
        let finding = note(code, severity, Some(target), self.count, what, advice.to_owned());
        (self.count > 0).then_some(Finding { examples: self.names, ..finding })
    }
}

/// A run of steps without a value.
#[derive(Default)]
struct Longest {
    length: usize,
    series: String,
    from: i64,
}

#[derive(Default)]
struct Tally {
    steps: usize,
    gaps: usize,
    with_gaps: Group,
    longest: Longest,
    early: Group,
    first_early: Option<(String, i64)>,
    zeros: Group,
    most_zeros: usize,
    empty: Group,
    single: Group,
    short: Group,
    constant: Group,
}

impl Tally {
    fn add(&mut self, series: &Series<'_>, values: &[f64], last: i64, season: usize) {
        self.steps += values.len();
        let known = values.iter().filter(|v| !v.is_nan()).count();
        if known < values.len() {
            self.gaps += values.len() - known;
            self.with_gaps.add(series);
            self.longest_gap(series, values);
        }
        if series.last() < last {
            self.early.add(series);
            if self.first_early.is_none() {
                self.first_early = Some((series.key.to_owned(), series.last()));
            }
        }
        match known {
            0 => return self.empty.add(series),
            1 => return self.single.add(series),
            n if season > 1 && n < 2 * season => self.short.add(series),
            _ => {}
        }
        let mut present = values.iter().filter(|v| !v.is_nan());
        let first = present.next();
        if present.all(|v| Some(v) == first) {
            return self.constant.add(series);
        }
        let zeros = values.iter().filter(|v| !v.is_nan()).take_while(|v| **v == 0.0).count();
        if zeros >= ZEROS && values.iter().all(|v| v.is_nan() || *v >= 0.0) {
            self.zeros.add(series);
            self.most_zeros = self.most_zeros.max(zeros);
        }
    }

    fn longest_gap(&mut self, series: &Series<'_>, values: &[f64]) {
        let mut from = 0;
        for run in values.chunk_by(|a, b| a.is_nan() == b.is_nan()) {
            if run[0].is_nan() && run.len() > self.longest.length {
                let (series, from) = (series.key.to_owned(), series.first + from as i64);
                self.longest = Longest { length: run.len(), series, from };
            }
            from += run.len();
        }
    }
}

/// Gaps, early ends, short, constant and late beginning series.
pub(super) fn findings(panel: &Panel, target: &[f64], columns: PanelColumns<'_>) -> Vec<Finding> {
    let Some(last) = panel.last() else { return vec![] };
    let season = panel.frequency.default_season() as usize;
    let mut tally = Tally::default();
    for series in panel.iter() {
        tally.add(&series, &series.values(target), last, season);
    }
    told(tally, panel, last, columns.target)
}

fn told(tally: Tally, panel: &Panel, last: i64, target: &str) -> Vec<Finding> {
    let (all, frequency) = (panel.len(), panel.frequency);
    let time = |index: i64| frequency.format(frequency.time(index));
    let have = |group: &Group| if all == 1 { "has" } else { plural(group.count, "has", "have") };
    let mut findings = vec![gaps(&tally, all, frequency, target)];

    let (early, first) = (tally.early, tally.first_early);
    let what = first.map_or_else(String::new, |(key, index)| {
        let ends = plural(early.count, "ends", "end");
        let (who, when) = (early.told(all), time(last));
        format!("{who} {ends} before {when}: {} at {}", of(&key), time(index))
    });
    let advice = "leave out what is no longer of interest, or add the rows that are not there yet";
    findings.push(early.finding(FindingCode::EarlyEnd, Severity::Info, target, what, advice));

    let what = format!("{} {} no value at all", tally.empty.told(all), have(&tally.empty));
    let (code, advice) = (FindingCode::ShortSeries, "nothing can be forecast from nothing");
    findings.push(tally.empty.finding(code, Severity::Serious, target, what, advice));

    let what = format!("{} {} a single value", tally.single.told(all), have(&tally.single));
    let advice = "a forecast can only repeat it; check that the table has all rows";
    findings.push(tally.single.finding(code, Severity::Warning, target, what, advice));

    let (who, have_few) = (tally.short.told(all), have(&tally.short));
    let what = format!(
        "{who} {have_few} fewer values than two seasons of {season} steps",
        season = frequency.default_season()
    );
    let advice = "a season cannot be learned from them alone; add older rows if there are any";
    findings.push(tally.short.finding(code, Severity::Info, target, what, advice));

    let what =
        format!("{} {} the same value throughout", tally.constant.told(all), have(&tally.constant));
    let advice = "check that the values are measured; otherwise leave these series out";
    let code = FindingCode::ConstantSeries;
    findings.push(tally.constant.finding(code, Severity::Info, target, what, advice));

    let begins = if all == 1 { "begins" } else { plural(tally.zeros.count, "begins", "begin") };
    let (who, most) = (tally.zeros.told(all), tally.most_zeros);
    let up_to = if tally.zeros.count == 1 { "" } else { "up to " };
    let what = format!("{who} {begins} with zeros ({up_to}{most})");
    let advice = "remove the rows if these zeros are from before there was anything to count";
    let code = FindingCode::LeadingZeros;
    findings.push(tally.zeros.finding(code, Severity::Info, target, what, advice));
    findings.into_iter().flatten().collect()
}

fn gaps(tally: &Tally, all: usize, frequency: Frequency, target: &str) -> Option<Finding> {
    if tally.gaps == 0 {
        return None;
    }
    let Longest { length, series, from } = &tally.longest;
    let time = |index: i64| frequency.format(frequency.time(index));
    let run = match length {
        1 => format!("such as {} in {}", time(*from), of(series)),
        n => format!("the most at a time are {n} from {} in {}", time(*from), of(series)),
    };
    let steps = counted(tally.gaps, "step");
    let (share, who) = (percent(tally.gaps, tally.steps), tally.with_gaps.told(all));
    let lack = if tally.gaps == 1 { "has" } else { "have" };
    let what = format!("{steps} ({share}) of {who} {lack} no value and are filled in: {run}");
    let severity = match tally.gaps {
        n if n * 2 > tally.steps => Severity::Serious,
        n if n * 20 > tally.steps => Severity::Warning,
        _ => Severity::Info,
    };
    let advice = if severity == Severity::Serious {
        "name a coarser frequency, or write zeros where nothing happened"
    } else {
        "add the rows that are not there; write zeros where nothing happened"
    };
    let code = FindingCode::TimeGaps;
    let finding = note(code, severity, Some(target), tally.gaps, what, advice.to_owned());
    Some(Finding { examples: tally.with_gaps.names.clone(), ..finding })
}

fn plural(n: usize, one: &'static str, several: &'static str) -> &'static str {
    if n == 1 { one } else { several }
}
