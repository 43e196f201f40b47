//! Pictures drawn for pages: SVG without colours of its own, so that the page's style makes them light or dark.

mod bars;
mod grid;
mod lines;

pub(crate) use bars::{Bar, picture as bars};
pub(crate) use grid::Grid;
pub(crate) use lines::{Curve, Kind, Lines, Told};

use ruska::words::cut;

/// Width of a picture and of a character of it, in its units; texts are 12 high.
const WIDTH: f64 = 480.0;
const CHARACTER: f64 = 6.7;

/// Opens a picture of some height.
fn open(height: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" font-size=\"12\" aria-hidden=\"true\">\n"
    )
}

/// A text of at most so many units.
fn fitting(text: &str, width: f64) -> String {
    ruska::svg::escaped(&cut(text, (width / CHARACTER).max(2.0) as usize))
}

/// Units that a text takes.
fn width(text: &str) -> f64 {
    CHARACTER * text.chars().count() as f64
}
