//! What is asked first about classes and numbers.

use super::{NAMED, answer, short_score};
use crate::page::Answer;
use crate::study::{Worth, curves, held_out, positive, quality, worth as of_model};
use crate::words::{at, counted, ends, leaning, listed, plain, quoted, said};
use ruska::evaluation::{Errors, Money};
use ruska::notation::shell_word;
use ruska::words::{number, percent, rough};
use ruska::{Curve, Finding, FindingCode, Score, Story};

/// Part of the widest curve's range from which on a column is worth naming.
const WIDE: f64 = 0.1;

/// Which rows are of the class asked about.
pub(super) fn which(story: &Story) -> Option<Answer> {
    let target = quoted(&story.record.target);
    let Some(class) = positive(story) else { return classes(story) };
    let question = format!("Which rows are {target} = {}?", quoted(class));
    story.drivers.as_ref()?;
    let short = match of_model(story) {
        Worth::Nothing => "The columns do not tell.".to_owned(),
        Worth::Something => leanings(story)
            .map_or_else(|| by_name(story), |those| format!("Above all those with {those}.")),
    };
    let by = if story.record.meta.weighted { ", by weight" } else { "" };
    let told = story.held_out.as_ref().and_then(|e| e.curves.as_ref());
    let rates = told.map(|c| {
        let base = quality::base_rate(story).unwrap_or(0.0);
        let tenth = quality::gained(&c.gains, 0.1);
        format!(
            "{} of all rows are{by}. Of the tenth that the model finds most likely, {} are.",
            percent(base),
            percent((10.0 * tenth * base).min(1.0))
        )
    });
    answer(question, short, suspicion(story).into_iter().chain(rates).collect())
}

/// A column that matters and may tell what nobody knows beforehand.
fn suspicion(story: &Story) -> Option<String> {
    let leaks = |f: &&Finding| f.code == FindingCode::SuspectedLeak;
    let leaks = story.record.findings.iter().filter(leaks).filter_map(|f| f.column.as_deref());
    let first = leaks.into_iter().find(|column| matter(story).contains(column))?;
    Some(format!("Is {} known before the outcome? If not, all of this is void.", quoted(first)))
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

/// The columns that the model goes by, what matters most first.
fn matter(story: &Story) -> Vec<&str> {
    let Some(drivers) = &story.drivers else { return vec![] };
    if let Some(told) = &drivers.importance {
        told.columns.iter().filter(|c| c.low > 0.0).map(|c| c.column.as_str()).collect()
    } else {
        let adds = drivers.contributions.columns.iter().filter(|c| c.size > 0.0);
        adds.map(|c| c.column.as_str()).collect()
    }
}

/// The curves of columns that matter and move predictions, the first ones.
fn telling(story: &Story) -> Vec<Curve> {
    let matter = matter(story);
    let of_those = |c: &Curve| matter.iter().take(NAMED).any(|name| *name == c.column);
    let mut found: Vec<Curve> = curves(story).into_iter().filter(of_those).collect();
    let range = |c: &Curve| ends(c).map_or(0.0, |(high, low)| high.mean - low.mean);
    let widest = found.iter().map(range).fold(0.0, f64::max);
    found.retain(|c| range(c) > 0.0 && range(c) >= WIDE * widest);
    found
}

/// Which values go with high predictions.
fn leanings(story: &Story) -> Option<String> {
    let all: Vec<String> = telling(story).iter().filter_map(leaning).collect();
    (!all.is_empty()).then(|| listed(&all))
}

/// What tells where no few values do.
fn by_name(story: &Story) -> String {
    match matter(story)[..] {
        [] => "No column tells by itself.".to_owned(),
        [first, ..] => format!("That is told by {}.", quoted(first)),
    }
}

/// What drives predictions.
pub(super) fn why(story: &Story) -> Option<Answer> {
    let drivers = story.drivers.as_ref()?;
    if of_model(story) == Worth::Nothing {
        return answer("Why?", "Nothing that lasts on rows it has not seen.", vec![]);
    }
    let matter: Vec<String> = matter(story).into_iter().map(quoted).collect();
    let short = match &matter[..] {
        [] => "It goes by no column.".to_owned(),
        [only] => format!("{only} alone."),
        [most, others @ ..] => {
            format!("{most} most of all, then {}.", listed(&others[..others.len().min(NAMED - 1)]))
        }
    };
    let class = drivers.dependence.class.as_ref();
    let several = story.model.as_ref().is_some_and(|m| m.manifest().classes.len() > 2);
    let of = class.filter(|_| several).map_or(String::new(), |c| format!("{} is ", quoted(c)));
    let contrast = |curve: &Curve| {
        let (high, low) = ends(curve)?;
        Some(format!(
            "{}: {of}{} at {}, {} at {}.",
            quoted(&curve.column),
            said(high.mean, class),
            at(high),
            said(low.mean, class),
            at(low)
        ))
    };
    let mut more: Vec<String> = telling(story).iter().filter_map(contrast).take(2).collect();
    if let others @ 1.. = matter.len().saturating_sub(NAMED) {
        more.push(format!("It goes by {} too.", counted(others, "more column")));
    }
    if drivers.learned_from {
        more.push("Told of the rows it has learned from.".to_owned());
    }
    answer("Why?", short, more)
}

/// What deciding by the model is worth.
pub(super) fn worth(story: &Story) -> Option<Answer> {
    let class = positive(story)?;
    let told = story.held_out.as_ref()?;
    if let Some(money) = &told.money {
        return in_money(money);
    }
    if of_model(story) == Worth::Nothing {
        return answer(
            "What is it worth?",
            "Nothing: it ranks rows no better than chance does.",
            vec![],
        );
    }
    let gains = &told.curves.as_ref()?.gains;
    let [tenth, fifth] = [0.1, 0.2].map(|share| quality::gained(gains, share));
    answer(
        "What is it worth?",
        format!("One row in ten finds {} of all {}.", percent(tenth), quoted(class)),
        vec![
            format!(
                "That is {:.1} times as many as one in ten at random. One in five finds {}.",
                10.0 * tenth,
                percent(fifth)
            ),
            format!(
                "In money: `ruska report {} --html PAGE.html --profit tp=100,fp=-20,fn=0,tn=0`, with what a hit, a \
                 false alarm and a miss bring.",
                shell_word(&story.record.name)
            ),
        ],
    )
}

fn in_money(money: &Money) -> Option<Answer> {
    let best = &money.expected;
    let whom = money.threshold.map_or("Decide for nobody.".to_owned(), |t| {
        let share = percent(best.share);
        format!("Decide for those from a probability of {} on: {share} of the rows.", percent(t))
    });
    let [all, none] = [&money.all, &money.none].map(|d| plain(d.worth.value));
    answer(
        "What is it worth?",
        format!("{} per 1,000 rows.", plain(best.worth.value)),
        vec![
            format!("95 %: {} to {}.", plain(best.worth.low), plain(best.worth.high)),
            whom,
            format!("Deciding for everybody brings {all}, for nobody {none}."),
        ],
    )
}

/// How far predicted numbers are off.
pub(super) fn how_much(story: &Story) -> Option<Answer> {
    let target = quoted(&story.record.target);
    let mae = held_out(story, "mae")?;
    let mut more = vec![];
    if let Some(mid) = held_out(story, "median_ae") {
        more.push(format!("Half of the rows are off by less than {}.", plain(mid)));
    }
    let errors = story.held_out.as_ref().and_then(|e| e.errors.as_ref());
    if let Some((low, high)) = errors.and_then(nine_in_ten) {
        let [below, above] = [high, -low].map(plain);
        more.push(format!("Nine in ten are from {below} below to {above} above what is said."));
    }
    match of_model(story) {
        Worth::Nothing => more.push("The mean of all rows is as good.".to_owned()),
        Worth::Something => {
            more.extend(leanings(story).map(|those| format!("It is highest with {those}.")));
        }
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
pub(super) fn weak(story: &Story) -> Option<Answer> {
    let errors = story.held_out.as_ref()?.errors.as_ref()?;
    let worst = errors.ranges.iter().max_by(|a, b| a.rmse.total_cmp(&b.rmse))?;
    let rmse = format!("There the root of the mean squared error is {}.", plain(worst.rmse));
    let large = errors.largest.first().map(|l| {
        let [rows, errors] = [l.rows, l.absolute].map(percent);
        format!("The worst {rows} of the rows make {errors} of all errors.")
    });
    let range = format!("Where it says {} to {}.", plain(worst.low), plain(worst.high));
    answer("Where is it weakest?", range, [Some(rmse), large].into_iter().flatten().collect())
}

/// How far the figures can be trusted.
pub(super) fn sure(story: &Story) -> Option<Answer> {
    let manifest = story.model.as_ref()?.manifest();
    let metric = &manifest.metric;
    let (score, error) = match &manifest.corrected {
        Some(told) => (told.score, Some(told.standard_error)),
        None => (*manifest.scores.get(metric)?, manifest.standard_error),
    };
    let within = interval(story, metric);
    let spread = error.or_else(|| within.map(|s| (s.high - s.low) / 4.0));
    let error = match (error, within) {
        (Some(error), _) => format!(" ± {}", rough(error)),
        (None, Some(s)) => {
            format!(" ({} to {})", short_score(s.low, spread), short_score(s.high, spread))
        }
        _ => String::new(),
    };
    let mut more = vec![];
    let constant =
        manifest.baseline.map(|b| format!("Knowing nothing of the columns has {}.", number(b)));
    if of_model(story) == Worth::Nothing {
        more.push("That is no better than knowing nothing.".to_owned());
    } else if metric == "auc" {
        let digits = usize::from(score > 0.985);
        let pairs = format!("{:.digits$}", 100.0 * score);
        more.push(format!(
            "Of a row that is and one that is not, it ranks {pairs} of 100 pairs rightly; guessing would 50."
        ));
    } else if let Some(r2) = held_out(story, "r2") {
        more.push(format!("It tells {} of the variance.", percent(r2.max(0.0))));
    } else {
        more.extend(constant);
    }
    if let Some(calibration) = story.held_out.as_ref().and_then(|e| e.calibration.as_ref()) {
        let off = 100.0 * calibration.equal_rows.expected_error;
        more.push(format!("Its probabilities are off by {off:.1} points of 100 on average."));
    }
    more.push(match &story.holdout {
        Some((rows, scores)) if scores.contains_key(metric) => {
            let score = short_score(scores[metric], spread);
            format!("{score} on {rows} rows kept aside to the end.")
        }
        _ => "Told of rows kept from each fit.".to_owned(),
    });
    answer(
        "How sure are we?",
        format!("{metric} {}{error} on new rows.", short_score(score, spread)),
        more,
    )
}

/// The 95 % interval of a measure of rows held out.
fn interval<'a>(story: &'a Story, metric: &str) -> Option<&'a Score> {
    story.held_out.as_ref()?.scores.iter().find(|s| s.metric == metric)
}
