//! `ruska fit`: the search.

use super::dataset::note_changes;
use super::model::entered;
use super::{expected, groups, reading, stamp, types};
use crate::args::{AggregateChoice, Fit, Names, PreferChoice, Switch, TaskChoice};
use crate::commands::isolation::isolated;
use crate::commands::studies::{Extent, leaderboard_table};
use crate::equation;
use crate::output::{Say, clean, counted, number, short, size, value};
use crate::progress::Live;
use crate::{Ending, Failure, Usage};
use ruska::notation::shell_word;
use ruska::register::{ModelVersion, Origin, is_name};
use ruska::{
    Aggregate, AutoMl, Entry, Finding, FindingCode, Model, Options, Outcome, Portfolio, Prefer,
    Severity, Store, StoreError, TaskKind,
};
use ruska_ops::register;
use serde_json::json;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Budget when none is given.
const DEFAULT_TIME: Duration = Duration::from_mins(1);
/// Pipelines shown after a fit.
const SHOWN: usize = 12;

/// The portfolio in a file.
fn portfolio(path: &Path) -> Result<Portfolio, Failure> {
    let wrong =
        |why: String| ruska::Error::Options(format!("--portfolio {}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
    Ok(serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?)
}

/// Runs the search and prints what came of it.
pub(crate) fn run(args: &Fit, say: Say, started: Instant) -> Result<Ending, Failure> {
    if args.target.is_empty() && args.task != TaskChoice::Clustering {
        return Err(Usage("--target COL is missing: which column is to be predicted".into()).into());
    }
    let options = Options {
        target: args.target.clone(),
        task: match args.task {
            TaskChoice::Auto => None,
            TaskChoice::Classification => Some(TaskKind::Classification),
            TaskChoice::Regression => Some(TaskKind::Regression),
            TaskChoice::Clustering => Some(TaskKind::Clustering),
            TaskChoice::Forecasting => Some(TaskKind::Forecasting),
        },
        metric: args.metric.clone(),
        prefer: match args.prefer {
            PreferChoice::Accuracy => Prefer::Accuracy,
            PreferChoice::Simple => Prefer::Simple,
            PreferChoice::Speed => Prefer::Speed,
        },
        max_predict_us: args.max_predict_us,
        until_flat: args.until_flat,
        single: args.ensemble == Switch::Off,
        holdout: args.holdout,
        folds: args.folds.map(|n| n as usize),
        clusters: args.clusters.map(|n| n as usize),
        min_cluster_size: args.min_cluster_size.map(|n| n as usize),
        horizon: args.horizon.map(|n| n as usize),
        series: args.series.clone(),
        aggregate: args.aggregate.map(|how| match how {
            AggregateChoice::Sum => Aggregate::Sum,
            AggregateChoice::Mean => Aggregate::Mean,
        }),
        hierarchy: args.hierarchy.clone(),
        known: Names::all(&args.known),
        past: Names::all(&args.past),
        fixed: Names::all(&args.fixed),
        group: args.group.clone(),
        time_column: args.time_column.clone(),
        weight: args.weight.clone(),
        exposure: args.exposure.clone(),
        ignore: Names::all(&args.ignore),
        sensitive: Names::all(&args.sensitive),
        use_sensitive: args.use_sensitive,
        reweigh: args.reweigh,
        drop_leaks: args.drop_leaks,
        positive: args.positive.clone(),
        types: types(&args.types)?,
        include: args.include.clone(),
        exclude: args.exclude.clone(),
        portfolio: args.portfolio.as_deref().map(portfolio).transpose()?,
        seed: args.seed,
        test: args.test.clone(),
        output: None,
        reading: reading(&args.reading)?,
        rows: None,
    };
    let registering = args.register.as_deref().map(|name| Registering {
        name,
        store: &args.place.store,
        actor: &args.actor.actor,
    });
    if let Some(name) = args.register.as_deref().filter(|name| !is_name(name)) {
        let name = name.chars().take(100).collect();
        let error = StoreError::BadRegisterName { what: "model", name };
        return Err(ruska_ops::Error::from(error).into());
    }
    if !args.plan {
        note_changes(&args.place.store, &args.data, say)?;
    }
    let time = args.time.or_else(|| args.trials.is_none().then_some(DEFAULT_TIME));
    let output = args.output.clone().unwrap_or_else(|| default_output(&args.data));
    let mut search = AutoMl::with_options(options)
        .started(started)
        .output(&output)
        .store(&args.place.store)
        .command(std::env::args());
    if let Some(name) = &args.study {
        search = search.study(name);
    }
    search = budget(search, time, args.trials, args.workers, args.memory);
    let search = isolated(search.data(&args.data), args.isolate)?;
    if args.plan {
        return super::plan::run(&search, say);
    }
    execute(search, say, started, (time, args.trials), &output, registering.as_ref())
}

/// Where the best model is entered.
pub(crate) struct Registering<'a> {
    name: &'a str,
    store: &'a Path,
    actor: &'a str,
}

impl Registering<'_> {
    /// Enters a model and tells its version, and whether that is new.
    fn enter(&self, model: &Model) -> Result<(ModelVersion, bool), Failure> {
        let store = Store::open(self.store)?;
        let (origin, stamp) = (Origin::Registered, stamp(self.actor));
        Ok(register::register(&store, self.name, model, origin, None, stamp)?)
    }
}

/// Applies budgets that were given.
pub(crate) fn budget(
    mut search: AutoMl,
    time: Option<Duration>,
    trials: Option<u32>,
    workers: Option<u32>,
    memory: Option<u64>,
) -> AutoMl {
    if let Some(time) = time {
        search = search.time(time);
    }
    if let Some(trials) = trials {
        search = search.trials(trials);
    }
    if let Some(workers) = workers {
        search = search.workers(workers as usize);
    }
    if let Some(memory) = memory {
        search = search.memory(memory);
    }
    search
}

/// Runs a search that is set up, with a live line and Ctrl-C, and prints what came of it.
pub(crate) fn execute(
    search: AutoMl,
    say: Say,
    started: Instant,
    budget: (Option<Duration>, Option<u32>),
    output: &Path,
    registering: Option<&Registering<'_>>,
) -> Result<Ending, Failure> {
    let cancel = Arc::new(AtomicBool::new(false));
    stop_on_signal(&cancel)?;
    let mut live = Live::new(say, started, budget);
    let outcome = {
        let search = search
            .cancel(&cancel)
            .on_findings(|table, findings| {
                say.note(table);
                for finding in findings {
                    say.note(&finding_line(finding));
                }
            })
            .on_event(|event| live.event(event));
        search.run()
    };
    live.finish();
    let outcome = outcome?;
    let elapsed = started.elapsed().as_secs_f64();
    let stopped = outcome.why() == "stopped";
    let mut text = summary(&outcome, output, elapsed);
    let mut document = document(&outcome, output, elapsed);
    if let Some(registering) = registering.filter(|_| !stopped) {
        let (version, new) = registering.enter(outcome.best())?;
        text += &entered(registering.name, &version, new);
        document["registered"] =
            json!({"name": registering.name, "version": version.version, "new": new});
    }
    say.result(&text, &document)?;
    if stopped {
        if let Some(registering) = registering {
            let (name, file) = (registering.name, shell_word(&output.display().to_string()));
            say.note(&format!(
                "it is not registered; `ruska model register {name} {file}` does so"
            ));
        }
        say.note("stopped by you; the best model so far is kept, `ruska resume` goes on");
        return Ok(Ending::Stopped);
    }
    Ok(Ending::Done)
}

/// The first signal stops the search in good order, the second the process.
pub(super) fn stop_on_signal(cancel: &Arc<AtomicBool>) -> Result<(), Failure> {
    let cancel = Arc::clone(cancel);
    ctrlc::set_handler(move || {
        if cancel.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    })?;
    Ok(())
}

/// `<data name>.ruska` in the current folder.
pub(crate) fn default_output(data: &str) -> PathBuf {
    PathBuf::from(format!("{}.ruska", ruska::data_name(data)))
}

/// A finding on one or two lines.
pub(crate) fn finding_line(finding: &Finding) -> String {
    let mark = match finding.severity {
        Severity::Info => "·",
        Severity::Warning => "!",
        Severity::Serious => "‼",
    };
    let what = short(&finding.what, 240);
    if finding.advice.is_empty() {
        return format!("  {mark} {what}");
    }
    format!("  {mark} {what} → {}", short(&finding.advice, 240))
}

fn summary(outcome: &Outcome, output: &Path, elapsed: f64) -> String {
    let manifest = outcome.best().manifest();
    let metric = &manifest.metric;
    let ahead = manifest.task == TaskKind::Forecasting;
    let groups = outcome.chosen().filter(|_| manifest.task == TaskKind::Clustering);
    let first = groups.and_then(|chosen| groups::none_found(outcome.leaderboard(), chosen));
    let mut text = first.as_ref().map_or(String::new(), |none| format!("{none}\n\n"));
    text += &leaderboard_table(outcome.leaderboard(), Extent::BestOfEach(SHOWN));
    if let Some(chosen) = groups {
        let found = first.map_or_else(|| groups::found(chosen), |_| "no clusters".to_owned());
        let _ = writeln!(text, "\nfound   {found}");
    } else if let Some(best) = outcome.leaderboard().best() {
        let plain = if ahead { "seasonal naive" } else { "a constant" };
        let constant =
            manifest.baseline.map_or(String::new(), |b| format!(", {plain} has {}", number(b)));
        let _ = writeln!(text, "\nbest    {}{constant}", scored(best, metric));
    }
    let other = outcome.chosen().filter(|e| e.rank != Some(1));
    if let Some(chosen) = other {
        let why = if chosen.simplest {
            "simpler, within one standard error of the best"
        } else {
            "faster, as was asked for"
        };
        let _ = writeln!(text, "chosen  {}, {why}", scored(chosen, metric));
    }
    if !manifest.members.is_empty() {
        let score = manifest.scores.get(metric).copied().map_or(String::new(), number);
        let error = manifest.standard_error.map_or(String::new(), |e| format!(" ± {}", number(e)));
        let _ = writeln!(text, "blend   {} · {metric} {score}{error}", manifest.title());
    }
    if let Some(held) = outcome.best().series().and_then(|s| s.held) {
        let held = 100.0 * held;
        let _ = writeln!(
            text,
            "bounds  80 % intervals held {held:.0} % of what came after the last origin"
        );
    }
    if let Some(corrected) = manifest.corrected {
        let _ = writeln!(text, "expect  {}", expected(corrected, metric));
    }
    let more = outcome.outlook().words(metric);
    if !more.is_empty() {
        let _ = writeln!(text, "more    {}", more.join("; "));
    }
    if let Some((rows, scores)) = outcome.holdout() {
        let score = scores.get(metric).map_or("undefined".into(), |s| number(*s));
        let known = outcome.findings().iter().find(|f| f.code == FindingCode::KnownTestRows);
        let what = known.map_or("that nothing was learned or chosen from".to_owned(), |finding| {
            format!("of which {} are learned from as well", finding.count)
        });
        let _ = writeln!(text, "at last {metric} {score} on {rows} rows {what}");
    }
    let bytes = std::fs::metadata(output).map_or(0, |m| m.len());
    let folds = outcome.chosen().map_or(0, |e| e.folds);
    let made = match manifest.refits() {
        _ if groups.is_some() => "fitted on all rows".to_owned(),
        (0, _) if ahead => "fitted up to the last origin, with what came since".to_owned(),
        (0, 1) if folds == 1 => "fitted without the part kept aside".to_owned(),
        (0, all) => format!("mean of {} fold models", folds * all),
        (refits, all) if refits < all => format!("{refits} of {all} fitted again on all rows"),
        _ => "fitted again on all rows".to_owned(),
    };
    let speed = outcome.predict_us().map_or(String::new(), |us| format!(" · {} µs/row", value(us)));
    let _ = writeln!(text, "model   {} · {}{speed} · {made}", output.display(), size(bytes));
    if let Some(most) = outcome.too_slow() {
        let why = if manifest.refits().0 < manifest.refits().1 {
            "there was no time to fit it again on all rows, which is faster than the mean of fold models"
        } else {
            "nothing better is as fast"
        };
        let most = value(most);
        let _ = writeln!(text, "slow    more than the {most} µs/row of --max-predict-us: {why}");
    }
    let equation = outcome.best().equation();
    if let Some(line) =
        equation.and_then(|e| equation::line(&e, &manifest.target, &manifest.classes))
    {
        let _ = writeln!(text, "is      {line}");
    }
    let entries = &outcome.leaderboard().entries;
    let ranked = entries.iter().filter(|e| e.rank.is_some()).count();
    let trials = counted(entries.len(), "trial");
    let scored = format!(", {ranked} with a score");
    let scored = if ranked < entries.len() { scored } else { String::new() };
    let study = clean(outcome.study());
    let flat = if outcome.why() == "flat" { " · more trials would bring only noise" } else { "" };
    let _ = writeln!(text, "study   {study} · {trials}{scored} · {elapsed:.1} s{flat}");
    let model = shell_word(&output.display().to_string());
    if groups.is_some() {
        let data = outcome.data().map_or("DATA.csv".to_owned(), |data| shell_word(&near(data)));
        let _ = writeln!(text, "why     ruska explain {model} {data} --plot map.svg");
    }
    let what = match outcome.best().series() {
        Some(series) if !series.known().is_empty() => "--future KNOWN.csv --output forecasts.csv",
        Some(_) => "--interval 0.8,0.95 --output forecasts.csv",
        None => "NEW_DATA.csv --output predictions.csv",
    };
    let page = shell_word(&output.with_extension("html").display().to_string());
    let study = shell_word(outcome.study());
    let _ = writeln!(text, "page    ruska report {study} --html {page}");
    let _ = writeln!(text, "next    ruska predict {model} {what}");
    text
}

/// A path as it is from here, where it lies below the current folder.
fn near(path: &str) -> String {
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| Path::new(path).strip_prefix(here).ok());
    below.map_or(path.to_owned(), |below| below.display().to_string())
}

/// A pipeline and its score.
fn scored(entry: &Entry, metric: &str) -> String {
    let score = entry.score.map_or(String::new(), number);
    let error = entry.standard_error.map_or(String::new(), |e| format!(" ± {}", number(e)));
    format!("{} · {metric} {score}{error}", entry.pipeline)
}

fn document(outcome: &Outcome, output: &Path, elapsed: f64) -> serde_json::Value {
    json!({
        "study": outcome.study(),
        "model": output.display().to_string(),
        "ended": outcome.why(),
        "seconds": elapsed,
        "findings": outcome.findings(),
        "leaderboard": outcome.leaderboard(),
        "chosen": outcome.chosen().map(|e| e.trial),
        "holdout": outcome.holdout().map(|(rows, scores)| json!({"rows": rows, "scores": scores})),
        "outlook": outcome.outlook(),
        "predict_us": outcome.predict_us(),
        "too_slow": outcome.too_slow().is_some(),
        "equation": outcome.best().equation(),
        "manifest": outcome.best().manifest(),
    })
}
