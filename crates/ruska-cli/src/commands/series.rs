//! `ruska explain` of a forecasting model: what series are made of, and pictures of what comes next.

use super::reading;
use crate::args::Explain;
use crate::output::{Say, WIDTH, counted, file_name, short, value, wrapped};
use crate::{Ending, Failure, Usage};
use ruska::{Forecast, Influence, Model, SeriesComponents, SeriesExplanation, SeriesProfile, Told};
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;

/// Series that are told of.
const SHOWN: usize = 6;
/// Characters shown of a series' name.
const NAME: usize = 40;

#[derive(Serialize)]
struct Document<'a> {
    plot: Option<&'a Path>,
    /// The names of the pictures, in the order of the series.
    pictures: Option<&'a [String]>,
    #[serde(flatten)]
    explanation: &'a SeriesExplanation,
}

/// Describes the series and draws them where that is asked for.
pub(super) fn run(args: &Explain, model: &Model, say: Say) -> Result<Ending, Failure> {
    let folder = args.plot.as_deref();
    if let Some(folder) = folder {
        check_folder(folder, "a forecasting model gives a picture of each series")?;
    }
    let options = reading(&args.reading)?;
    let read = |data: &str| ruska::read_table(data, &options).map_err(ruska::Error::from);
    let table = read(&args.data)?.frame;
    let mut forecast = Forecast::new(model)?;
    if let Some(future) = &args.future {
        forecast = forecast.given(read(future)?.frame);
    }
    let horizon = args.horizon.map(|n| n as usize);
    let explanation = forecast.explained(&table, horizon, &args.interval)?;
    let pictures = match folder {
        None => None,
        Some(folder) => Some(explanation.draw(folder).map_err(|e| {
            format!("the pictures cannot be written to --plot {}: {e}", folder.display())
        })?),
    };
    let mut text = head(&explanation, &args.data);
    if let (Some(folder), Some(pictures)) = (folder, &pictures) {
        text += &drawn(&explanation, folder, pictures);
    }
    text += &influences(&explanation);
    for (place, series) in explanation.series.iter().enumerate().take(SHOWN) {
        text += &told(&explanation, place, series);
    }
    if let more @ 1.. = explanation.series.len().saturating_sub(SHOWN) {
        let _ = writeln!(text, "\n… and {more} more series; --json tells all");
    }
    let pictures = pictures.as_deref();
    say.result(&text, &Document { plot: folder, pictures, explanation: &explanation })?;
    Ok(Ending::Done)
}

/// Refuses, before any work is done, what is no folder for pictures.
pub(super) fn check_folder(folder: &Path, gives: &str) -> Result<(), Failure> {
    if folder.extension().is_some_and(|e| e.eq_ignore_ascii_case("svg")) {
        let what = format!("{gives}; --plot names their folder, not a file such as");
        return Err(Usage(format!("{what} `{}`", folder.display())).into());
    }
    match std::fs::metadata(folder) {
        Ok(there) if !there.is_dir() => {
            let what = "is there already and is no folder; choose another place";
            Err(format!("--plot {} {what}", folder.display()).into())
        }
        _ => Ok(()),
    }
}

fn head(explanation: &SeriesExplanation, data: &str) -> String {
    let SeriesExplanation { target, frequency, horizon, series, .. } = explanation;
    let count =
        if series.len() == 1 { "1 series".to_owned() } else { format!("{} series", series.len()) };
    let head = format!(
        "{count} of {}: `{target}`, {frequency}, {} ahead",
        file_name(data),
        counted(*horizon, "period")
    );
    short(&head, WIDTH) + "\n"
}

/// Where the pictures are.
fn drawn(explanation: &SeriesExplanation, folder: &Path, pictures: &[String]) -> String {
    let (all, few) = (explanation.series.len(), pictures.len());
    let [first, .., last] = pictures else {
        let file =
            pictures.first().map_or(String::new(), |name| folder.join(name).display().to_string());
        return format!("picture in {}\n", short(&file, WIDTH - 11));
    };
    let what =
        if few < all { format!("{few} of {all} pictures") } else { format!("{few} pictures") };
    wrapped(
        &format!(
            "{what} in {}: {first} to {last}, the largest error first, then the smallest, the second \
             largest, …",
            short(&folder.display().to_string(), 60)
        ),
        "  ",
    )
}

/// What covariates do, in a sentence.
fn influences(explanation: &SeriesExplanation) -> String {
    let one = |influence: &Influence| {
        let column = short(&influence.column, NAME);
        match influence.share {
            Some(share) => format!("{column} {:.1} %", 100.0 * share),
            None => format!("{column} {}", value(influence.change)),
        }
    };
    let all: Vec<String> = explanation.covariates.iter().map(one).collect();
    if all.is_empty() {
        return String::new();
    }
    let what = "what is known ahead moves forecasts, from where it is as usual, by";
    wrapped(&format!("{what}: {}", all.join(", ")), "  ")
}

/// One series.
fn told(explanation: &SeriesExplanation, place: usize, series: &SeriesProfile) -> String {
    let name = if series.name.is_empty() { &explanation.target } else { &series.name };
    let mut text = format!("\n{:03}  {}", place + 1, short(name, NAME));
    let _ = write!(text, " · {} to {}", series.from, series.to);
    if series.missing > 0 {
        let _ = write!(text, ", {} missing", series.missing);
    }
    let all = explanation.series.iter().filter(|s| s.place.is_some()).count();
    let _ = match series.place {
        Some(1) if all > 1 => write!(text, " · the smallest error of {all}"),
        Some(place) if place == all && all > 1 => write!(text, " · the largest error of {all}"),
        Some(place) if all > 1 => write!(text, " · error {place} of {all}, from the smallest"),
        _ => Ok(()),
    };
    text.push('\n');
    text += &wrapped(&format!("     {}", series.words()), "     ");
    text += &wrapped(&format!("     {}", parts(&series.components)), "     ");
    text + &wrapped(&format!("     {}", ahead(explanation, &series.ahead)), "     ")
}

/// What of the variance is what, and how strong it is.
fn parts(components: &SeriesComponents) -> String {
    let SeriesComponents { trend, seasons, remainder_share, .. } = components;
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let part = |name: &str, share, strength: f64| {
        format!("{name} {} (strength {strength:.2})", percent(share))
    };
    let mut all = vec![part("trend", trend.share, trend.strength)];
    let season =
        |s: &ruska::SeriesSeason| part(&format!("season of {}", s.period), s.share, s.strength);
    all.extend(seasons.iter().map(season));
    all.push(format!("remainder {}", percent(*remainder_share)));
    format!("variance: {}", all.join(", "))
}

/// The first and the last value that are told.
fn ahead(explanation: &SeriesExplanation, ahead: &[Told]) -> String {
    let level = explanation.levels.first();
    let one = |told: &Told| {
        let mut text = format!("{} {}", told.time, value(told.prediction));
        if let (Some(level), Some([low, high])) = (level, told.bounds.first()) {
            let _ =
                write!(text, " ({} %: {} to {})", value(100.0 * level), value(*low), value(*high));
        }
        text
    };
    match ahead {
        [] => String::new(),
        [only] => format!("next: {}", one(only)),
        [first, .., last] => format!("next: {} … {}", one(first), one(last)),
    }
}
