//! The shapes of an additive model: a picture of each column, and all of them as a table.

use super::drivers::added_up;
use super::is_sensitive;
use crate::chart::{Bar, Curve as Line, Kind, Lines, Told, bars};
use crate::page::{Part, Picture};
use crate::table::{Cell, Table};
use crate::words::{plain, quoted};
use ruska::words::{cut, number, percent, signed};
use ruska::{ShapeFunction, ShapePlace, Story};

/// Columns drawn, and levels drawn of one.
const DRAWN: usize = 6;
const LEVELS: usize = 12;

/// What the model consists of; nothing where it has no shapes, or several scores.
pub(super) fn parts(story: &Story) -> Vec<Part> {
    let told = story.drivers.as_ref().and_then(|d| d.shapes.as_ref());
    let Some(shapes) = told.filter(|s| s.base.len() == 1) else { return vec![] };
    let unit = added_up(shapes.scale, &shapes.classes, &story.record.target);
    let text = format!(
        "The model is additive: {unit} is {} and what each column adds, so these shapes are all of it.",
        plain(shapes.base[0])
    );
    let open = |term: &&ShapeFunction| !term.columns.iter().any(|c| is_sensitive(story, c));
    let terms: Vec<&ShapeFunction> = shapes.terms.iter().filter(open).collect();
    let hidden = shapes.terms.len() - terms.len();
    let mut parts = vec![Part::Heading("The model as shapes".to_owned()), Part::Text(text)];
    if hidden > 0 {
        let what = "Columns that tell people's groups are in the model and not shown.";
        parts.push(Part::Text(what.to_owned()));
    }
    let single = terms.iter().filter(|t| t.columns.len() == 1);
    let drawn: Vec<Picture> = single.take(DRAWN).map(|term| picture(term)).collect();
    if !drawn.is_empty() {
        parts.push(Part::Pictures(drawn));
    }
    parts.push(Part::Table(table(&terms)));
    parts
}

fn adds(place: &ShapePlace) -> f64 {
    place.adds.first().copied().unwrap_or(0.0)
}

fn picture(term: &ShapeFunction) -> Picture {
    let title = quoted(&term.columns[0]);
    let high = term.places.iter().max_by(|a, b| adds(a).total_cmp(&adds(b)));
    let low = term.places.iter().min_by(|a, b| adds(a).total_cmp(&adds(b)));
    let words = high.zip(low).map_or(String::new(), |(high, low)| {
        let end = |p: &ShapePlace| format!("{} ({})", cut(&p.values[0], 40), signed(adds(p)));
        format!("{}: adds most at {}, least at {}.", cut(&term.columns[0], 40), end(high), end(low))
    });
    let points = steps(&term.places);
    if points.is_empty() {
        let mut order: Vec<&ShapePlace> = term.places.iter().collect();
        order.sort_by(|a, b| adds(b).total_cmp(&adds(a)));
        let bar = |place: &&ShapePlace| Bar {
            name: place.values[0].clone(),
            value: adds(place),
            span: None,
            others: vec![],
            text: signed(adds(place)),
        };
        let shown = order.iter().take(LEVELS).map(bar).collect();
        return Picture { words, ..bars(&title, shown, true) };
    }
    let curve = Line { name: String::new(), points, kind: Kind::Steps };
    let svg = Lines {
        across: term.columns[0].clone(),
        up: "adds".to_owned(),
        curves: vec![curve],
        told: (Told::Number, Told::Number),
    };
    Picture { title, words, svg: svg.svg(), wide: false }
}

/// What numbers add, level from cut to cut; the places at the ends, which have no end of their own, are as wide
/// as their neighbours. Nothing for levels.
fn steps(places: &[ShapePlace]) -> Vec<(f64, f64)> {
    let bounded: Vec<&ShapePlace> =
        places.iter().filter(|p| p.above.is_some() || p.up_to.is_some()).collect();
    let cuts: Vec<f64> = bounded.iter().filter_map(|p| p.up_to).collect();
    let (Some(first), Some(last)) = (cuts.first(), cuts.last()) else { return vec![] };
    let width = if cuts.len() > 1 { (last - first) / (cuts.len() - 1) as f64 } else { 1.0 };
    let mut points: Vec<(f64, f64)> =
        bounded.iter().map(|p| (p.above.unwrap_or(first - width), adds(p))).collect();
    if let Some(end) = bounded.last() {
        points.push((end.up_to.unwrap_or(last + width), adds(end)));
    }
    points
}

/// Every place of every shape.
fn table(terms: &[&ShapeFunction]) -> Table {
    let mut table = Table::new(
        "shapes",
        "What each place of each column adds, and how much that differed between fits on other parts of the rows.",
        &["column", "place", "with", "place of it", "share of rows", "adds", "±"],
    );
    let text = |v: Option<&String>| v.map_or(Cell::none(), Cell::text);
    for term in terms {
        for place in &term.places {
            let deviation = place.deviations.first();
            table.row([
                text(term.columns.first()),
                text(place.values.first()),
                text(term.columns.get(1)),
                text(place.values.get(1)),
                Cell::number(place.share, percent(place.share)),
                Cell::number(adds(place), signed(adds(place))),
                deviation.map_or(Cell::none(), |d| Cell::number(*d, number(*d))),
            ]);
        }
    }
    table.drop_empty();
    table
}
