//! What is asked first, with answers that need no further reading.

use super::{held_out, is_sensitive, positive, quality};
use crate::page::Answer;
use crate::words::{at, counted, ends, gains, leaning, listed, plain, quoted, said};
use ruska::evaluation::Errors;
use ruska::words::{grouped, number, percent, rough};
use ruska::{Curve, SeriesProfile, Severity, Story, TaskKind};

/// Columns named in an answer.
const NAMED: usize = 3;
/// Groups described in an answer.
const GROUPS: usize = 4;

/// The answers of a study of any kind.
pub(super) fn of(story: &Story) -> Vec<Answer> {
    let of_kind = match story.record.meta.kind {
        TaskKind::Classification => vec![which(story), why(story), worth(story), sure(story)],
        TaskKind::Regression => vec![how_much(story), why(story), sure(story), weak(story)],
        TaskKind::Clustering => vec![groups(story), apart(story)],
        TaskKind::Forecasting => vec![ahead(story), made_of(story), ahead_sure(story), hard(story)],
    };
    of_kind.into_iter().chain([next(story)]).flatten().collect()
}

fn answer(
    question: impl Into<String>,
    short: impl Into<String>,
    more: Vec<String>,
) -> Option<Answer> {
    let more = more.into_iter().filter(|line| !line.is_empty()).collect();
    Some(Answer { question: question.into(), short: short.into(), more })
}

/// The curves that may be shown, those that matter most first.
fn curves(story: &Story) -> impl Iterator<Item = &Curve> {
    let curves = story.drivers.iter().flat_map(|d| &d.dependence.curves);
    curves.filter(|curve| !is_sensitive(story, &curve.column))
}

/// Which rows are of the class asked about.
fn which(story: &Story) -> Option<Answer> {
    let target = quoted(&story.record.target);
    let Some(class) = positive(story) else { return classes(story) };
    let question = format!("Which rows are {target} = {}?", quoted(class));
    let leanings: Vec<String> = curves(story).filter_map(leaning).take(NAMED).collect();
    let short = if leanings.is_empty() {
        "None of the columns tells by itself.".to_owned()
    } else {
        format!("Above all those with {}.", listed(&leanings))
    };
    let told = story.held_out.as_ref();
    let rates = told.and_then(|e| e.curves.as_ref()).map(|c| {
        let gains = &c.gains;
        let base = quality::base_rate(story).unwrap_or(0.0);
        let tenth = quality::gained(gains, 0.1);
        format!(
            "{} of all rows are. Of the tenth that the model finds most likely, {} are.",
            percent(base),
            percent((10.0 * tenth * base).min(1.0))
        )
    });
    answer(question, short, rates.into_iter().collect())
}

/// Of several classes: how often the right one is named.
fn classes(story: &Story) -> Option<Answer> {
    let manifest = story.model.as_ref()?.manifest();
    let question = format!("Which {} is a row?", quoted(&story.record.target));
    let right = held_out(story, "accuracy")?;
    let told = story.held_out.as_ref()?;
    let known = told.classes.iter().filter_map(|c| Some((c, c.recall?)));
    let hardest = known.min_by(|a, b| a.1.total_cmp(&b.1));
    let hard = hardest.map(|(class, recall)| {
        format!("Hardest is {}: {} of its rows are found.", quoted(&class.class), percent(recall))
    });
    answer(
        question,
        format!("The right one of {} is named for {}.", manifest.classes.len(), percent(right)),
        hard.into_iter().collect(),
    )
}

/// What drives predictions.
fn why(story: &Story) -> Option<Answer> {
    let drivers = story.drivers.as_ref()?;
    let matter: Vec<String> = if let Some(told) = &drivers.importance {
        told.columns.iter().filter(|c| c.low > 0.0).map(|c| quoted(&c.column)).collect()
    } else {
        let adds = drivers.contributions.columns.iter().filter(|c| c.size > 0.0);
        adds.map(|c| quoted(&c.column)).collect()
    };
    let short = match &matter[..] {
        [] => "No column tells more than chance would.".to_owned(),
        [only] => format!("{only} alone."),
        [most, others @ ..] => {
            format!("{most} most of all, then {}.", listed(&others[..others.len().min(NAMED - 1)]))
        }
    };
    let class = drivers.dependence.class.as_ref();
    let contrast = |curve: &Curve| {
        let (high, low) = ends(curve)?;
        Some(format!(
            "{}: {} at {}, {} at {}.",
            quoted(&curve.column),
            said(high.mean, class),
            at(high),
            said(low.mean, class),
            at(low)
        ))
    };
    let mut more: Vec<String> = curves(story).filter_map(contrast).take(2).collect();
    if let others @ 1.. = matter.len().saturating_sub(NAMED) {
        more.push(format!(
            "{} more than chance.",
            counted(others, "more column") + if others == 1 { " tells" } else { " tell" }
        ));
    }
    answer("Why?", short, more)
}

/// What deciding by the model is worth.
fn worth(story: &Story) -> Option<Answer> {
    let class = positive(story)?;
    let told = story.held_out.as_ref()?;
    let question = "What is it worth?";
    if let Some(money) = &told.money {
        let best = &money.expected;
        let cut = money.threshold.map_or("nobody".to_owned(), |t| {
            format!("those from a probability of {} on", percent(t))
        });
        let than = |name: &str, v: f64| format!("Deciding for {name} brings {}.", plain(v));
        return answer(
            question,
            format!("{} per 1,000 rows.", plain(best.worth.value)),
            vec![
                format!(
                    "Decide for {cut}: {} of the rows (95 %: {} to {}).",
                    percent(best.share),
                    plain(best.worth.low),
                    plain(best.worth.high)
                ),
                than("everybody", money.all.worth.value)
                    + " "
                    + &than("nobody", money.none.worth.value),
            ],
        );
    }
    let gains = &told.curves.as_ref()?.gains;
    let [tenth, fifth] = [0.1, 0.2].map(|share| quality::gained(gains, share));
    answer(
        question,
        format!("One row in ten finds {} of all {}.", percent(tenth), quoted(class)),
        vec![
            format!(
                "That is {} times as many as one in ten at random. One in five finds {}.",
                number_of_times(10.0 * tenth),
                percent(fifth)
            ),
            "In money: `ruska report --profit tp=100,fp=-20,fn=0,tn=0` with what a hit and a false alarm bring.".to_owned(),
        ],
    )
}

fn number_of_times(times: f64) -> String {
    format!("{times:.1}")
}

/// How far predicted numbers are off.
fn how_much(story: &Story) -> Option<Answer> {
    let target = quoted(&story.record.target);
    let mae = held_out(story, "mae")?;
    let leanings: Vec<String> = curves(story).filter_map(leaning).take(NAMED).collect();
    let mut more = vec![];
    if let Some(mid) = held_out(story, "median_ae") {
        more.push(format!("Half of the rows are off by less than {}.", plain(mid)));
    }
    if let Some((low, high)) = story.held_out.as_ref().and_then(|e| nine_in_ten(e.errors.as_ref()?))
    {
        more.push(format!(
            "Nine in ten are from {} below to {} above what is said.",
            plain(high),
            plain(-low)
        ));
    }
    if !leanings.is_empty() {
        more.push(format!("It is highest with {}.", listed(&leanings)));
    }
    answer(
        format!("How well is {target} told?"),
        format!("Off by {} on average.", plain(mae)),
        more,
    )
}

/// Between which errors, prediction less truth, nine in ten lie, where 0 is between them.
fn nine_in_ten(errors: &Errors) -> Option<(f64, f64)> {
    let at = |share: f64| {
        errors.quantiles.iter().find(|q| (q.share - share).abs() < 1e-9).map(|q| q.error)
    };
    Some((at(0.05)?, at(0.95)?)).filter(|(low, high)| *low < 0.0 && *high > 0.0)
}

/// Where predicted numbers are worst.
fn weak(story: &Story) -> Option<Answer> {
    let errors = story.held_out.as_ref()?.errors.as_ref()?;
    let worst = errors.ranges.iter().max_by(|a, b| a.rmse.total_cmp(&b.rmse))?;
    let range = format!("{} to {}", plain(worst.low), plain(worst.high));
    let large = errors.largest.first().map(|l| {
        format!(
            "The worst {} of the rows make {} of all errors.",
            percent(l.rows),
            percent(l.absolute)
        )
    });
    answer(
        "Where is it weakest?",
        format!("Where it says {range}."),
        [
            Some(format!("There the root of the mean squared error is {}.", plain(worst.rmse))),
            large,
        ]
        .into_iter()
        .flatten()
        .collect(),
    )
}

/// How far the figures can be trusted.
fn sure(story: &Story) -> Option<Answer> {
    let manifest = story.model.as_ref()?.manifest();
    let metric = &manifest.metric;
    let (score, error) = match &manifest.corrected {
        Some(told) => (told.score, Some(told.standard_error)),
        None => (*manifest.scores.get(metric)?, manifest.standard_error),
    };
    let spread = error.or_else(|| interval(story, metric).map(|(low, high)| (high - low) / 4.0));
    let error = match (error, interval(story, metric)) {
        (Some(error), _) => format!(" ± {}", rough(error)),
        (None, Some((low, high))) => {
            format!(" ({} to {})", short_score(low, spread), short_score(high, spread))
        }
        _ => String::new(),
    };
    let mut more = vec![];
    if metric == "auc" {
        more.push(format!(
            "Of a row that is and one that is not, it ranks {} of 100 pairs rightly; guessing would 50.",
            (100.0 * score).round()
        ));
    } else if let Some(r2) = held_out(story, "r2") {
        more.push(format!("It tells {} of the variance.", percent(r2.max(0.0))));
    } else if let Some(baseline) = manifest.baseline {
        more.push(format!("A constant has {}.", number(baseline)));
    }
    if let Some(calibration) = story.held_out.as_ref().and_then(|e| e.calibration.as_ref()) {
        let off = 100.0 * calibration.equal_rows.expected_error;
        more.push(format!("Its probabilities are off by {off:.1} points of 100 on average."));
    }
    more.push("Told of rows that it had not seen.".to_owned());
    answer(
        "How sure are we?",
        format!("{metric} {}{error} on new rows.", short_score(score, spread)),
        more,
    )
}

/// The 95 % interval of a score of rows held out.
fn interval(story: &Story, metric: &str) -> Option<(f64, f64)> {
    let scores = &story.held_out.as_ref()?.scores;
    scores.iter().find(|s| s.metric == metric).map(|s| (s.low, s.high))
}

/// A score with the digits that its error leaves.
fn short_score(score: f64, error: Option<f64>) -> String {
    match error.filter(|e| *e > 0.0 && e.is_finite()) {
        Some(e) => {
            let digits = (1 - e.log10().floor() as i32).clamp(0, 12) as usize;
            grouped(&format!("{score:.digits$}"))
        }
        None => number(score),
    }
}

fn groups(story: &Story) -> Option<Answer> {
    let told = story.groups.as_ref()?;
    if told.clusters < 2 {
        let more = told.profiles.first().map(|p| p.words.clone());
        return answer(
            "Which groups are there?",
            "None: the rows look like one heap.",
            more.into_iter().collect(),
        );
    }
    let words =
        told.profiles.iter().filter(|p| p.cluster >= 0).take(GROUPS).map(|p| p.words.clone());
    answer(
        "Which groups are there?",
        format!("{}.", counted(told.clusters, "group")),
        words.collect(),
    )
}

/// How far groups can be trusted.
fn apart(story: &Story) -> Option<Answer> {
    let told = story.groups.as_ref().filter(|told| told.clusters > 1)?;
    let entry = story.leaderboard.entries.iter().find(|e| Some(e.trial) == story.trial)?;
    let stable = entry.scores.get("stability").map(|s| {
        format!("Found again on parts of the rows with an agreement of {s:.2} (1 is the same).")
    });
    let silhouette = entry
        .scores
        .get("silhouette")
        .map(|s| format!("Silhouette {s:.2}: 1 is far apart, 0 is touching."));
    let rules = told
        .rules
        .as_ref()
        .and_then(|r| r.fidelity)
        .map(|f| format!("A few rules tell {} of the rows apart.", percent(f)));
    let short = match entry.scores.get("stability") {
        Some(s) if *s >= 0.8 => "They come out the same again.",
        Some(s) if *s >= 0.5 => "They come out alike again.",
        _ => "Take them as one way to look at the rows.",
    };
    answer("How sure are we?", short, [stable, silhouette, rules].into_iter().flatten().collect())
}

/// What comes next, all series together.
fn ahead(story: &Story) -> Option<Answer> {
    let told = story.series.as_ref()?;
    let horizon = told.horizon;
    let sum = |s: &SeriesProfile| s.ahead.iter().map(|t| t.prediction).sum::<f64>();
    let all: f64 = told.series.iter().map(sum).sum();
    // Against what was as many periods, in whole seasons, before.
    let back = told.season.max(1) * horizon.div_ceil(told.season.max(1));
    let before = |s: &SeriesProfile| {
        let from = s.history.len().checked_sub(back)?;
        let past = s.history.get(from..from + horizon)?;
        past.iter().all(|v| v.is_finite()).then(|| (past.iter().sum::<f64>(), sum(s)))
    };
    let known: Vec<(f64, f64)> = told.series.iter().filter_map(before).collect();
    let (past, next) = known.iter().fold((0.0, 0.0), |(a, b), (past, next)| (a + past, b + next));
    let periods = counted(horizon, "period");
    let change = (past > 0.0 && 2 * known.len() > told.series.len()).then(|| {
        let change = 100.0 * (next / past - 1.0);
        let than =
            if told.season > 1 { "the same periods a season before" } else { "the periods before" };
        let of = if known.len() < told.series.len() { " where those are known" } else { "" };
        format!("{change:+.1} % against {than}{of}.")
    });
    let from = told.series.first().and_then(|s| Some((s.ahead.first()?, s.ahead.last()?)));
    let when = from.map(|(first, last)| format!("From {} to {}.", first.time, last.time));
    let of = if told.series.len() > 1 {
        format!(", {} series together", told.series.len())
    } else {
        String::new()
    };
    answer(
        format!("What comes next of {}?", quoted(&story.record.target)),
        format!("{} over {periods}{of}.", plain(all)),
        [change, when].into_iter().flatten().collect(),
    )
}

fn made_of(story: &Story) -> Option<Answer> {
    let told = story.series.as_ref()?;
    let first = told.series.iter().max_by_key(|s| s.values)?;
    let mut more: Vec<String> = told
        .covariates
        .iter()
        .take(NAMED)
        .filter_map(|c| {
            Some(format!("{} moves forecasts by {}.", quoted(&c.column), percent(c.share?)))
        })
        .collect();
    if told.series.len() > 1 {
        more.insert(0, format!("So of {}; each series is told below.", quoted(&first.name)));
    }
    answer("Why?", first.components.words.clone(), more)
}

fn ahead_sure(story: &Story) -> Option<Answer> {
    let manifest = story.model.as_ref()?.manifest();
    let metric = &manifest.metric;
    let score = *manifest.scores.get(metric)?;
    let naive = manifest.baseline.filter(|b| *b > 0.0);
    let short = naive.map_or(format!("{metric} {score:.3}."), |naive| {
        let less = 1.0 - score / naive;
        match less {
            l if l >= 0.01 => {
                format!("Errors are {} smaller than repeating the last season.", percent(l))
            }
            l if l <= -0.01 => {
                format!("Errors are {} larger than repeating the last season.", percent(-l))
            }
            _ => "Errors are those of repeating the last season.".to_owned(),
        }
    });
    let held = story.model.as_ref().and_then(|m| m.series()).and_then(|s| s.held);
    let held = held.map(|h| format!("80 % intervals held {} of what came.", percent(h)));
    let told = format!("{metric} {score:.3} over {} of the past.", counted(folds(story), "origin"));
    answer("How sure are we?", short, [Some(told), held].into_iter().flatten().collect())
}

fn folds(story: &Story) -> usize {
    let entry = story.leaderboard.entries.iter().find(|e| Some(e.trial) == story.trial);
    entry.map_or(0, |e| e.folds)
}

fn hard(story: &Story) -> Option<Answer> {
    let told = story.series.as_ref().filter(|told| told.series.len() > 1)?;
    let known = || told.series.iter().filter_map(|s| Some((s, s.usually_off?, s.error?)));
    let worst = known().max_by(|a, b| a.2.total_cmp(&b.2))?;
    let best = known().min_by(|a, b| a.2.total_cmp(&b.2))?;
    answer(
        "Where is it weakest?",
        format!("{}: usually off by {}.", quoted(&worst.0.name), plain(worst.1)),
        vec![
            format!("That is {:.2} of what repeating the last season is off by.", worst.2),
            format!("Best is {}: {} ({:.2}).", quoted(&best.0.name), plain(best.1), best.2),
        ],
    )
}

/// What to do.
fn next(story: &Story) -> Option<Answer> {
    let serious = story.record.findings.iter().filter(|f| f.severity == Severity::Serious);
    let warned: Vec<String> = serious.map(|f| f.what.clone()).collect();
    let mut more = gains(&story.outlook, &story.record.metric);
    let short = match warned.first() {
        Some(what) => {
            more.insert(0, what.clone());
            "Look at the warnings of the data first."
        }
        None if story.model.is_none() => "Make a model: `ruska resume`.",
        None => match story.record.meta.kind {
            TaskKind::Clustering => "Give the groups names, and see which is worth what.",
            TaskKind::Forecasting => "Plan with the bounds, not with the middle alone.",
            TaskKind::Regression => "Use it on new rows, with intervals.",
            TaskKind::Classification if positive(story).is_some() => {
                "Score new rows and begin with the most likely."
            }
            TaskKind::Classification => "Use it on new rows.",
        },
    };
    more.push("The commands are at the end of this page.".to_owned());
    answer("What to do next?", short, more)
}
