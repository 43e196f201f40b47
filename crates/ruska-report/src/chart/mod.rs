//! Pictures drawn for pages: SVG without colours of its own, so that the page's style makes them light or dark.

mod bars;
mod grid;
mod lines;

pub(crate) use bars::{Bar, picture as bars};
pub(crate) use grid::Grid;
pub(crate) use lines::{Curve, Kind, Lines, Told};

/// Width of a picture, in its units; texts are 12 high.
const WIDTH: f64 = 480.0;
/// Room between two texts.
const APART: f64 = 8.0;

/// Opens a picture of some height.
fn open(height: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" font-size=\"12\" aria-hidden=\"true\">\n"
    )
}

/// A text of at most so many units, escaped.
fn fitting(text: &str, most: f64) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if width(&line) <= most {
        return ruska::svg::escaped(&line);
    }
    let mut room = most - of('…');
    let kept = line.chars().take_while(|c| {
        room -= of(*c);
        room >= 0.0
    });
    ruska::svg::escaped(&kept.chain(['…']).collect::<String>())
}

/// Units that a text takes in the widest of the usual fonts, or a little less.
fn width(text: &str) -> f64 {
    text.chars().map(of).sum()
}

/// Units of a character.
fn of(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '|' | '\'' | ' ' => 4.2,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 12.0,
        'A'..='Z' | '…' | '<' | '>' | '=' | '+' => 10.0,
        c if c >= '\u{1100}' => 13.0,
        _ => 7.7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_to_their_room() {
        assert_eq!(fitting("abc", 100.0), "abc");
        assert_eq!(fitting("<b>", 100.0), "&lt;b&gt;");
        for text in ["WWWWWWWWWWWW", "iiiiiiiiiiiiiiiiiiii", "日本語日本語日本語", "a\u{202e}b c"]
        {
            for room in [15.0, 40.0, 77.7] {
                let cut = fitting(text, room);
                assert!(width(&cut) <= room, "{cut} in {room}");
            }
        }
    }
}
