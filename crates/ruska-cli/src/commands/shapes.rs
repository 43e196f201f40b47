//! The shapes of an additive model, in lines.

use crate::output::{counted, short, signed, value, wrapped};
use ruska::{ShapeFunction, ShapeFunctions, ShapePlace};

/// Columns and pairs shown, places shown of a column and of a pair.
const TERMS: usize = 8;
const PLACES: usize = 6;
const OF_PAIR: usize = 2;
/// Characters shown of a column's name, and of a value.
const NAME: usize = 30;
const VALUE: usize = 24;

/// What each column adds to `unit`; nothing where there are several scores.
pub(super) fn told(shapes: &ShapeFunctions, unit: &str) -> String {
    let [base] = shapes.base[..] else { return String::new() };
    let head = format!(
        "as shapes, which are all of it: {unit} is {} and what each column adds",
        value(base)
    );
    let mut text = format!("\n{}", wrapped(&head, "  "));
    for term in shapes.terms.iter().take(TERMS) {
        text += &wrapped(&line(term), "      ");
    }
    match shapes.terms.len().saturating_sub(TERMS) {
        0 => text,
        more => {
            let what = if more == 1 { "column or pair" } else { "columns or pairs" };
            text + &wrapped(&format!("  … and {more} more {what}; --json tells all"), "  ")
        }
    }
}

fn line(term: &ShapeFunction) -> String {
    let place = |place: &ShapePlace| {
        let values: Vec<String> = place.values.iter().map(|v| short(v, VALUE)).collect();
        let adds = place.adds.first().copied().unwrap_or(0.0);
        format!("{} {}", values.join(" with "), signed(adds))
    };
    let names: Vec<String> = term.columns.iter().map(|c| short(c, NAME)).collect();
    if names.len() > 1 {
        let mut order: Vec<&ShapePlace> = term.places.iter().collect();
        let adds = |p: &ShapePlace| p.adds.first().copied().unwrap_or(0.0);
        order.sort_by(|a, b| adds(b).total_cmp(&adds(a)));
        order.dedup_by(|a, b| a.adds == b.adds);
        let ends = order.iter().take(OF_PAIR / 2).chain(order.iter().rev().take(OF_PAIR / 2));
        let ends: Vec<String> = ends.map(|p| place(p)).collect();
        return format!("  {}: from {}", names.join(" with "), ends.join(" to "));
    }
    let mut shown: Vec<String> = few(&term.places).into_iter().map(place).collect();
    if let more @ 1.. = term.places.len() - shown.len() {
        shown.push(format!("and {} between", counted(more, "place")));
    }
    format!("  {}: {}", names[0], shown.join(", "))
}

/// The first, the last and places between, at equal steps of the rows.
fn few(places: &[ShapePlace]) -> Vec<&ShapePlace> {
    if places.len() <= PLACES {
        return places.iter().collect();
    }
    let (mut below, mut chosen) = (0.0, vec![]);
    for (at, place) in places.iter().enumerate() {
        let until = below + place.share;
        let step = |share: f64| (share * (PLACES - 1) as f64).floor();
        if at == 0 || at + 1 == places.len() || step(until) > step(below) {
            chosen.push(place);
        }
        below = until;
    }
    while chosen.len() > PLACES {
        chosen.remove(chosen.len() - 2);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_shown_and_places_of_many_rows() {
        let place = |at: i32| ShapePlace {
            values: vec![at.to_string()],
            above: None,
            up_to: None,
            share: 0.02,
            adds: vec![0.5],
            deviations: vec![],
        };
        let places: Vec<ShapePlace> = (0..50).map(place).collect();
        let shown = few(&places);
        assert!((4..=PLACES).contains(&shown.len()), "{}", shown.len());
        let ends = [0, shown.len() - 1].map(|i| shown[i].values[0].as_str());
        assert_eq!(ends, ["0", "49"]);
        assert_eq!(few(&places[..3]).len(), 3);
    }
}
