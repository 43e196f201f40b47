//! What comes next of each series.

use crate::page::{Part, Picture, Section};
use crate::table::{Cell, Table};
use crate::words::{counted, plain, quoted};
use ruska::words::{number, percent, value};
use ruska::{SeriesExplanation, SeriesProfile, Story};

/// Series drawn.
const DRAWN: usize = 8;
/// Series whose values ahead are shown on the page.
const SHOWN: usize = 40;

/// Pictures, values ahead, errors.
pub(super) fn section(story: &Story) -> Option<Section> {
    let told = story.series.as_ref()?;
    let all = told.series.len();
    let mut parts = vec![];
    if all > 1 {
        let drawn = if all > DRAWN {
            format!("{DRAWN} of {all} are drawn")
        } else {
            "All are drawn".to_owned()
        };
        parts.push(Part::Text(format!(
            "{drawn}: the one with the largest error first, then the one with the smallest, the second largest and \
             so on."
        )));
    }
    parts.push(Part::Pictures(told.series.iter().take(DRAWN).map(|s| picture(told, s)).collect()));
    parts.push(Part::Table(ahead(told)));
    if all > 1 {
        parts.push(Part::Table(errors(told)));
    }
    parts.extend(influences(told));
    let title = format!("The next {}", counted(told.horizon, "period"));
    Some(Section { id: "series", title, parts })
}

fn name(told: &SeriesExplanation, series: &SeriesProfile) -> String {
    if series.name.is_empty() { told.target.clone() } else { series.name.clone() }
}

fn picture(told: &SeriesExplanation, series: &SeriesProfile) -> Picture {
    let words = format!("{}: {}", ruska::words::cut(&name(told, series), 40), series.words());
    Picture { title: String::new(), words, svg: told.svg(series), wide: true }
}

fn ahead(told: &SeriesExplanation) -> Table {
    let mut columns = vec!["series".to_owned(), "time".to_owned(), "prediction".to_owned()];
    for level in &told.levels {
        let percent = value(100.0 * level);
        columns.extend([format!("lower {percent} %"), format!("upper {percent} %")]);
    }
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut table = Table::new("forecasts", "What comes next, with bounds.", &columns);
    table.shown = SHOWN;
    let cell = |v: f64| Cell::number(v, plain(v));
    for series in &told.series {
        for period in &series.ahead {
            let bounds = period.bounds.iter().flatten().map(|v| cell(*v));
            let first =
                [Cell::text(name(told, series)), Cell::text(&period.time), cell(period.prediction)];
            table.row(first.into_iter().chain(bounds));
        }
    }
    table
}

fn errors(told: &SeriesExplanation) -> Table {
    let mut table = Table::new(
        "series",
        "How far forecasts usually are off; 1 in the last column is as good as repeating the last season.",
        &["series", "values", "from", "to", "usually off by", "against repeating"],
    );
    let some = |v: Option<f64>, text: fn(f64) -> String| {
        v.map_or(Cell::none(), |v| Cell::number(v, text(v)))
    };
    for series in &told.series {
        table.row([
            Cell::text(name(told, series)),
            Cell::count(series.values),
            Cell::text(&series.from),
            Cell::text(&series.to),
            some(series.usually_off, plain),
            some(series.error, number),
        ]);
    }
    table
}

fn influences(told: &SeriesExplanation) -> Option<Part> {
    let line = |c: &ruska::Influence| {
        let by = c.share.map_or_else(|| plain(c.change), percent);
        format!("{} moves forecasts by {by} from where it is as usual.", quoted(&c.column))
    };
    let lines: Vec<String> = told.covariates.iter().map(line).collect();
    (!lines.is_empty()).then_some(Part::List(lines))
}
