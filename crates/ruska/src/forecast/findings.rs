//! What is odd about series.

use crate::options::Options;
use ruska_core::{Finding, FindingCode, Inferred, Panel, SeriesRows, Severity, Timelines};

/// Values below which a series has hardly a past.
const SHORT: usize = 10;

/// Findings about times, gaps and values of the series of a table.
pub(super) fn findings(
    rows: &SeriesRows,
    grid: &Inferred,
    panel: &Panel,
    lines: &Timelines,
    options: &Options,
) -> Vec<Finding> {
    let time = options.time_column.as_deref();
    let about = |code, severity, column: Option<&str>, (count, what): (usize, String), advice: &str| Finding {
        count,
        examples: vec![],
        code,
        severity,
        column: column.map(str::to_owned),
        what,
        advice: advice.to_owned(),
    };
    let mut found = vec![];
    let n = lines.series();
    let named = |s: usize| match panel.series(s).key {
        "" => "the series".to_owned(),
        name => format!("`{name}`"),
    };
    let mut of_times = |count: usize, what: &str, advice: &str| {
        if count > 0 {
            let what = format!("{} {what}", rows_of(count));
            let (code, severity) = (FindingCode::OddTimes, Severity::Warning);
            found.push(about(code, severity, time, (count, what), advice));
        }
    };
    of_times(rows.undated.len(), "without a time are left out", "");
    of_times(rows.unnamed.len(), "without the name of a series are left out", "");
    of_times(panel.moved.count, "between two periods count as of the nearest", "");
    of_times(panel.left_out.count, "between two periods are left out", "--aggregate takes them in");
    if grid.assumed {
        let what = format!("no series has two times; they are taken to be {}", grid.frequency);
        found.push(about(FindingCode::OddTimes, Severity::Warning, time, (n, what), ""));
    }
    let target = Some(options.target.as_str());
    let gaps = |s: &usize| lines.values[lines.span(*s)].iter().filter(|v| v.is_nan()).count();
    let with_gaps: Vec<usize> = (0..n).filter(|s| gaps(s) > 0).collect();
    if let Some(first) = with_gaps.first() {
        let all: usize = with_gaps.iter().map(gaps).sum();
        let what = format!(
            "{all} values are missing within {} of {n} series, such as {}; they are filled from \
             their neighbours and a season away, and not scored",
            with_gaps.len(),
            named(*first)
        );
        found.push(about(FindingCode::Gaps, Severity::Info, target, (all, what), ""));
    }
    let mut of_series = |which: Vec<usize>, severity, what: &str, advice: &str| {
        if let Some(first) = which.first() {
            let what = format!("{} of {n} series {what}, such as {}", which.len(), named(*first));
            found.push(about(FindingCode::OddSeries, severity, target, (which.len(), what), advice));
        }
    };
    let known = |s: usize| lines.values[lines.span(s)].iter().copied().filter(|v| !v.is_nan());
    let all = || 0..n;
    of_series(
        all().filter(|s| known(*s).count() < SHORT).collect(),
        Severity::Warning,
        "have fewer than 10 values, from which little can be told",
        "",
    );
    let constant = |s: usize| {
        let mut values = known(s);
        let first = values.next();
        first.is_some_and(|a| values.all(|v| v.to_bits() == a.to_bits()))
    };
    let long = |s: &usize| lines.span(*s).len() >= SHORT;
    of_series(all().filter(|s| long(s) && constant(*s)).collect(), Severity::Info, "never change", "");
    let zeros = |s: usize| known(s).take_while(|v| *v == 0.0).count();
    let leading = |s: &usize| !constant(*s) && 2 * zeros(*s) >= lines.span(*s).len() && long(s);
    of_series(
        all().filter(leading).collect(),
        Severity::Warning,
        "are 0 for half of their time or more before they begin",
        "leave these rows out if there was nothing to count yet",
    );
    if let Some(latest) = panel.last() {
        let ended = |s: &usize| panel.series(*s).last() + lines.horizon as i64 <= latest;
        of_series(
            all().filter(ended).collect(),
            Severity::Warning,
            "end a horizon or more before the latest one",
            "each is told from its own end on; leave out what has been given up",
        );
    }
    found
}

fn rows_of(count: usize) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}
