//! `ruska explain`: what drives predictions, the groups of a clustering model, and the series of a
//! forecasting one, for people.

use super::{drivers, reading, refuse_of_forecasts, refuse_without, series};
use crate::args::Explain;
use crate::output::{Say, WIDTH, align_right, counted, file_name, short, table, value, wrapped};
use crate::{Ending, Failure, Usage};
use ruska::{
    ClusterDifference, ClusterProfile, ClusterRules, Contrast, Explanation, Member, TaskKind,
    data_name,
};
use ruska_ops::register::find;
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;

/// Differences shown of a cluster.
const SHOWN: usize = 5;
/// Characters shown of a column's name, and of a level.
const NAME: usize = 28;
const LEVEL: usize = 20;

#[derive(Serialize)]
struct Document<'a> {
    plot: Option<&'a Path>,
    #[serde(flatten)]
    explanation: &'a Explanation,
}

/// Describes groups or series and draws them where that is asked for.
pub(crate) fn run(args: &Explain, say: Say) -> Result<Ending, Failure> {
    let model = find(&args.place.store, &args.model)?.model;
    let groups_or_series =
        !matches!(model.manifest().task, TaskKind::Classification | TaskKind::Regression);
    if groups_or_series {
        let given = [
            ("--rows", !args.rows.is_empty()),
            ("--sample", args.sample.is_some()),
            ("--seed", args.seed.is_some()),
        ];
        refuse_without("a model that predicts a column", &given)?;
    }
    if model.series().is_some() {
        return series::run(args, &model, say);
    }
    refuse_of_forecasts(&[
        ("--horizon", args.horizon.is_some()),
        ("--future", args.future.is_some()),
    ])?;
    if !groups_or_series {
        return drivers::run(args, &model, say);
    }
    let plot = args.plot.as_deref();
    if let Some(plot) = plot {
        check_plot(plot)?;
    }
    let data = ruska::read_table(&args.data, &reading(&args.reading)?)?;
    let explanation = model.explain(&data.frame)?;
    if let Some(plot) = plot {
        let failed =
            |e: std::io::Error| format!("--plot {} cannot be written: {e}", plot.display());
        explanation.save_svg(plot, &heading(&explanation, &args.data)).map_err(failed)?;
    }
    let mut text = text(&explanation, &args.data);
    if let Some(plot) = plot {
        let _ = writeln!(text, "\nthe map is in {}", short(&plot.display().to_string(), 80));
    }
    say.result(&text, &Document { plot, explanation: &explanation })?;
    Ok(Ending::Done)
}

/// Refuses, before any work is done, a name that is not one of a picture.
fn check_plot(plot: &Path) -> Result<(), Failure> {
    let picture = plot.extension().is_some_and(|e| e.eq_ignore_ascii_case("svg"));
    if !picture {
        let what = "--plot draws the groups as one picture; name a file that ends in .svg, got";
        return Err(Usage(format!("{what} `{}`", plot.display())).into());
    }
    match std::fs::metadata(plot) {
        Ok(there) if !there.is_file() => {
            let what = "is there already and is no ordinary file; choose another place";
            Err(format!("--plot {} {what}", plot.display()).into())
        }
        _ => Ok(()),
    }
}

fn heading(explanation: &Explanation, data: &str) -> String {
    format!("{}: {}", data_name(data), counted(explanation.clusters, "cluster"))
}

fn text(explanation: &Explanation, data: &str) -> String {
    let (rows, clusters) = (explanation.rows, explanation.clusters);
    let head = format!(
        "{} of {} in {}",
        counted(rows, "row"),
        file_name(data),
        counted(clusters, "cluster")
    );
    let mut text = short(&head, WIDTH) + "\n";
    let profiles = &explanation.profiles;
    let described = profiles.iter().filter(|p| p.cluster >= 0).count();
    if described < clusters {
        let _ = writeln!(text, "the first {described} are described");
    }
    for profile in profiles {
        text.push('\n');
        text += &cluster(profile);
    }
    if let Some(rules) = &explanation.rules {
        text.push('\n');
        text += &told_apart(rules);
    }
    if !explanation.not_described.is_empty() {
        let names = explanation.not_described.join(", ");
        let line = format!("not described, as free text is not: {names}");
        let _ = write!(text, "\n{}\n", short(&line, WIDTH));
    }
    text
}

fn cluster(profile: &ClusterProfile) -> String {
    let mut text = wrapped(&profile.words, "  ");
    if !profile.differences.is_empty() {
        let mut shown =
            table(&["column", "here", "elsewhere", "median", "elsewhere", "lift", "effect"]);
        for difference in profile.differences.iter().take(SHOWN) {
            shown.add_row(cells(difference));
        }
        align_right(&mut shown, 1..7);
        let _ = writeln!(text, "{shown}");
        let more = profile.differences.len().saturating_sub(SHOWN) + profile.more_differences;
        if more > 0 {
            let _ = writeln!(text, "… and {}", counted(more, "more difference"));
        }
    }
    text + &profile.typical.as_ref().map_or(String::new(), typical)
}

fn cells(difference: &ClusterDifference) -> Vec<String> {
    let column = short(&difference.column, NAME);
    let mut cells = match &difference.contrast {
        Contrast::Number { mean, median, mean_elsewhere, median_elsewhere } => {
            let numbers = [mean, mean_elsewhere, median, median_elsewhere].map(|v| value(*v));
            let mut cells = vec![column];
            cells.extend(numbers);
            cells.push(String::new());
            cells
        }
        Contrast::Time { mean, median, mean_elsewhere, median_elsewhere } => {
            let mut cells = vec![column];
            cells.extend([mean, mean_elsewhere, median, median_elsewhere].map(|t| day(t)));
            cells.push(String::new());
            cells
        }
        Contrast::Level { level, share, share_elsewhere, lift } => {
            let level = level.as_ref().map_or("(none)".to_owned(), |l| short(l, LEVEL));
            let percent = |share: f64| format!("{:.1} %", 100.0 * share);
            let name = format!("{column} = {level}");
            let none = String::new();
            let (here, elsewhere) = (percent(*share), percent(*share_elsewhere));
            vec![name, here, elsewhere, none.clone(), none, format!("{lift:.2}")]
        }
    };
    cells.push(format!("{:+.2}", difference.effect));
    cells
}

fn day(time: &str) -> String {
    time.chars().take(10).collect()
}

fn typical(member: &Member) -> String {
    let value = |v: &ruska::MemberValue| {
        let value = v.value.as_deref().map_or(String::from("(none)"), |value| match value {
            time if ruska::parse_time(time, false).is_some() => {
                time.trim_end_matches("T00:00:00").replacen('T', " ", 1)
            }
            other => short(other, LEVEL),
        });
        format!("{} {value}", short(&v.column, NAME))
    };
    let values: Vec<String> = member.values.iter().map(value).collect();
    wrapped(&format!("typical is row {}: {}", member.row, values.join(", ")), "  ")
}

fn told_apart(rules: &ClusterRules) -> String {
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let mut head = "rules that tell them apart".to_owned();
    if let (Some(fidelity), Some(balanced)) = (rules.fidelity, rules.balanced) {
        let _ = write!(
            head,
            "; on rows not learned from, such rules are right for {} ({} on average over clusters; \
             calling all one cluster, for {})",
            percent(fidelity),
            percent(balanced),
            percent(rules.by_chance)
        );
    }
    let mut text = wrapped(&head, "  ");
    for rule in &rules.rules {
        text += &wrapped(&format!("  {}", rule.words), "      ");
    }
    if !rules.without.is_empty() {
        let name = |n: &i32| if *n < 0 { "no cluster".to_owned() } else { n.to_string() };
        let names: Vec<String> = rules.without.iter().map(name).collect();
        text += &wrapped(&format!("no rule leads to {}", names.join(", ")), "  ");
    }
    text
}
