//! What is asked first about what comes next.

use super::{NAMED, answer};
use crate::page::Answer;
use crate::words::{counted, plain, quoted};
use ruska::words::percent;
use ruska::{SeriesExplanation, SeriesProfile, Story};

/// What comes next, all series together: amounts are added up, of what may be below zero the mean is told.
pub(super) fn what(story: &Story) -> Option<Answer> {
    let told = story.series.as_ref()?;
    let periods = told.series.iter().map(|s| s.ahead.len()).sum::<usize>();
    let values = || told.series.iter().flat_map(|s| s.ahead.iter().map(|t| t.prediction));
    let amounts = values().all(|v| v >= 0.0)
        && told.series.iter().all(|s| s.history.iter().all(|v| v.is_nan() || *v >= 0.0));
    let all: f64 = values().sum();
    let of = match told.series.len() {
        1 => String::new(),
        n => format!(", {n} series together"),
    };
    let horizon = counted(told.horizon, "period");
    let short = if amounts {
        format!("{} over {horizon}{of}.", plain(all))
    } else {
        format!("{} on average over {horizon}.", plain(all / periods.max(1) as f64))
    };
    let change = change(told).filter(|_| amounts);
    let from = told.series.first().and_then(|s| Some((s.ahead.first()?, s.ahead.last()?)));
    let when = from.map(|(first, last)| format!("From {} to {}.", first.time, last.time));
    let question = format!("What comes next of {}?", quoted(&story.record.target));
    answer(question, short, [change, when].into_iter().flatten().collect())
}

/// How much more or less that is than as many periods, whole seasons before.
fn change(told: &SeriesExplanation) -> Option<String> {
    let (season, horizon) = (told.season.max(1), told.horizon);
    let back = season * horizon.div_ceil(season);
    let both = |s: &SeriesProfile| {
        let from = s.history.len().checked_sub(back)?;
        let past = s.history.get(from..from + horizon)?;
        let next: f64 = s.ahead.iter().map(|t| t.prediction).sum();
        past.iter().all(|v| v.is_finite()).then(|| (past.iter().sum::<f64>(), next))
    };
    let known: Vec<(f64, f64)> = told.series.iter().filter_map(both).collect();
    let (past, next) = known.iter().fold((0.0, 0.0), |(a, b), (past, next)| (a + past, b + next));
    if past <= 0.0 || 2 * known.len() <= told.series.len() {
        return None;
    }
    let than = match (told.season, back / season) {
        (..=1, _) => "as many periods before".to_owned(),
        (_, 1) => "the same periods a season before".to_owned(),
        (_, seasons) => format!("the same periods {seasons} seasons before"),
    };
    let of = if known.len() < told.series.len() { " where those are known" } else { "" };
    Some(format!("{:+.1} % against {than}{of}.", 100.0 * (next / past - 1.0)))
}

/// What the longest series is made of, and what columns do.
pub(super) fn why(story: &Story) -> Option<Answer> {
    let told = story.series.as_ref()?;
    let first = told.series.iter().max_by_key(|s| s.values)?;
    let moves = told.covariates.iter().take(NAMED).filter_map(|c| {
        Some(format!("{} moves forecasts by {}.", quoted(&c.column), percent(c.share?)))
    });
    let mut more: Vec<String> = moves.collect();
    if told.series.len() > 1 {
        more.insert(0, format!("So of {}; each series is told below.", quoted(&first.name)));
    }
    answer("Why?", first.components.words.clone(), more)
}

/// How far forecasts can be trusted.
pub(super) fn sure(story: &Story) -> Option<Answer> {
    let model = story.model.as_ref()?;
    let (manifest, series) = (model.manifest(), model.series()?);
    let metric = &manifest.metric;
    let score = *manifest.scores.get(metric)?;
    let last = if series.season > 1 { "the last season" } else { "the last value" };
    let naive = manifest.baseline.filter(|b| *b > 0.0);
    let short = naive.map_or(format!("{metric} {score:.3}."), |naive| match 1.0 - score / naive {
        l if l >= 0.01 => format!("Errors were {} smaller than of repeating {last}.", percent(l)),
        l if l <= -0.01 => format!("Errors were {} larger than of repeating {last}.", percent(-l)),
        _ => format!("Errors were those of repeating {last}."),
    });
    let entry = story.leaderboard.entries.iter().find(|e| Some(e.trial) == story.trial);
    let origins = entry.map_or(0, |e| e.folds);
    let told = format!("{metric} {score:.3}, told from {} in the past.", counted(origins, "point"));
    let held = series.held.map(|h| format!("80 % intervals held {} of what came.", percent(h)));
    answer("How sure are we?", short, [Some(told), held].into_iter().flatten().collect())
}

/// Which series is hardest.
pub(super) fn weak(story: &Story) -> Option<Answer> {
    let told = story.series.as_ref().filter(|told| told.series.len() > 1)?;
    let known = || told.series.iter().filter_map(|s| Some((s, s.usually_off?, s.error?)));
    let worst = known().max_by(|a, b| a.2.total_cmp(&b.2))?;
    let best = known().min_by(|a, b| a.2.total_cmp(&b.2))?;
    let before = if told.season > 1 { "that a season before" } else { "the one before" };
    answer(
        "Where is it weakest?",
        format!("{}: usually off by {}.", quoted(&worst.0.name), plain(worst.1)),
        vec![
            format!(
                "That is {:.2} times what a value of it usually differs from {before}.",
                worst.2
            ),
            format!("Best is {}: {} ({:.2} times).", quoted(&best.0.name), plain(best.1), best.2),
        ],
    )
}
