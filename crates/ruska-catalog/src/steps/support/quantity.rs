//! Numbers as people write them inside a text, with the unit behind them.

use serde::{Deserialize, Serialize};

/// A number, or two with a dash between them, and the letters behind it.
#[derive(Debug, PartialEq)]
pub(crate) struct Quantity {
    /// Digits and marks, and whether a minus stands before them.
    numbers: Vec<(bool, String)>,
    unit: String,
}

/// What a unit measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Measure {
    /// Days.
    Time,
    /// Kilograms.
    Mass,
    /// Metres.
    Length,
    /// Thousands, millions, billions; a number without any counts as it is.
    Multiple,
}

impl Measure {
    const ALL: [Self; 4] = [Self::Time, Self::Mass, Self::Length, Self::Multiple];

    /// What most of some units measure, and at least half do, if anything.
    pub(crate) fn of<'a>(units: impl Iterator<Item = &'a str> + Clone) -> Option<Self> {
        let known = |m: Self| units.clone().filter(|u| m.factor(u).is_some()).count();
        let named = |m: Self| units.clone().any(|u| !u.is_empty() && m.factor(u).is_some());
        let all = units.clone().count();
        let measures = Self::ALL.into_iter().filter(|m| named(*m) && 2 * known(*m) >= all);
        // The first of the best.
        measures.rev().max_by_key(|m| known(*m))
    }

    /// How many of the measure's own units a unit is.
    pub(crate) fn factor(self, unit: &str) -> Option<f64> {
        let known = self.exact(unit);
        known.or_else(|| self.exact(unit.strip_suffix('s').filter(|one| one.len() > 1)?))
    }

    fn exact(self, unit: &str) -> Option<f64> {
        let units = match self {
            Self::Time => TIME,
            Self::Mass => MASS,
            Self::Length => LENGTH,
            Self::Multiple => MULTIPLE,
        };
        units.iter().find(|(names, _)| names.contains(&unit)).map(|(_, factor)| *factor)
    }
}

/// Names of units, one number each, and how many of the measure's own they are.
type Units = &'static [(&'static [&'static str], f64)];

const TIME: Units = &[
    (&["s", "sec", "second"], 1.0 / 86_400.0),
    (&["min", "minute"], 1.0 / 1_440.0),
    (&["h", "hr", "hour"], 1.0 / 24.0),
    (&["d", "day"], 1.0),
    (&["w", "wk", "week"], 7.0),
    (&["mo", "mon", "mth", "month"], 365.25 / 12.0),
    (&["y", "yr", "year"], 365.25),
];
const MASS: Units = &[
    (&["mg", "milligram"], 1e-6),
    (&["g", "gr", "gram", "gramme"], 1e-3),
    (&["oz", "ounce"], 0.028_349_523_125),
    (&["lb", "pound"], 0.453_592_37),
    (&["kg", "kilo", "kilogram"], 1.0),
    (&["t", "ton", "tonne"], 1e3),
];
const LENGTH: Units = &[
    (&["mm", "millimetre", "millimeter"], 1e-3),
    (&["cm", "centimetre", "centimeter"], 1e-2),
    (&["in", "inch", "inches"], 0.0254),
    (&["ft", "foot", "feet"], 0.3048),
    (&["yd", "yard"], 0.9144),
    (&["m", "metre", "meter"], 1.0),
    (&["km", "kilometre", "kilometer"], 1e3),
    (&["mi", "mile"], 1_609.344),
];
const MULTIPLE: Units = &[
    (&[""], 1.0),
    (&["k", "thousand"], 1e3),
    (&["m", "mn", "mio", "million"], 1e6),
    (&["b", "bn", "billion"], 1e9),
];

impl Quantity {
    /// The only number of a text, or the only two with a dash between them. Digits that follow a
    /// letter are part of a name.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let mut numbers: Vec<(bool, String)> = vec![];
        let mut end = 0;
        let mut at = 0;
        while let Some(start) = text[at..].find(|c: char| c.is_ascii_digit()).map(|i| at + i) {
            at = start + number_length(&text[start..]);
            let before = &text[..start];
            if before.ends_with(char::is_alphanumeric) {
                continue;
            }
            let dash = numbers.len() == 1 && is_dash(text[end..start].trim());
            if !numbers.is_empty() && !dash {
                return None;
            }
            let outside = before.strip_suffix(['-', '−']);
            let minus = !dash && outside.is_some_and(|b| !b.ends_with(char::is_alphanumeric));
            numbers.push((minus, text[start..at].to_owned()));
            end = at;
        }
        let unit: String =
            text[end..].trim_start().chars().take_while(|c| c.is_alphabetic()).collect();
        (!numbers.is_empty()).then(|| Self { numbers, unit: unit.to_lowercase() })
    }

    /// The letters behind the number, in lower case.
    pub(crate) fn unit(&self) -> &str {
        &self.unit
    }

    /// How many of its numbers can only be read with a comma as decimal mark, less those that can
    /// only be read with a point.
    pub(crate) fn commas(&self) -> i32 {
        self.numbers.iter().map(|(_, digits)| decimal_mark(digits)).sum()
    }

    /// Its number, or the mean of its two, without regard to the unit.
    pub(crate) fn value(&self, comma: bool) -> Option<f64> {
        let number = |(minus, digits): &(bool, String)| {
            let value = read(digits, comma)?;
            Some(if *minus { -value } else { value })
        };
        let numbers = self.numbers.iter().map(number).collect::<Option<Vec<f64>>>()?;
        let mean = numbers.iter().map(|v| v / numbers.len() as f64).sum::<f64>();
        mean.is_finite().then_some(mean)
    }
}

fn is_dash(between: &str) -> bool {
    matches!(between, "-" | "–" | "—" | "to")
}

fn is_mark(c: char) -> bool {
    matches!(c, '.' | ',' | '\'' | '’' | '\u{a0}' | '\u{202f}')
}

/// Bytes of the digits at the start of a text, with the marks between them and an exponent.
fn number_length(text: &str) -> usize {
    let length = digits_length(text);
    let Some(exponent) = text[length..].strip_prefix(['e', 'E']) else { return length };
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    if end == 0 {
        return length;
    }
    text.len() - digits.len() + end
}

fn digits_length(text: &str) -> usize {
    let mut length = 0;
    let mut mark = false;
    for (at, c) in text.char_indices() {
        if c.is_ascii_digit() {
            length = at + 1;
            mark = false;
        } else if !is_mark(c) || mark {
            break;
        } else {
            mark = true;
        }
    }
    length
}

/// A number without its exponent, and that.
fn parts(number: &str) -> (&str, &str) {
    number.split_at(number.find(['e', 'E']).unwrap_or(number.len()))
}

/// The last mark of a number, and where it stands.
fn last_mark(digits: &str) -> Option<(usize, char)> {
    digits.char_indices().rfind(|(_, c)| is_mark(*c))
}

/// 1 where a comma is the decimal mark and no other reading is possible, −1 for a point, else 0.
fn decimal_mark(number: &str) -> i32 {
    let digits = parts(number).0;
    let Some((at, mark)) = last_mark(digits) else { return 0 };
    let sign = match mark {
        ',' => 1,
        '.' => -1,
        _ => return 0,
    };
    let alone = digits.matches(mark).count() == 1;
    let other = digits[..at].contains(is_mark);
    if alone && (other || digits.len() - at != 4) { sign } else { 0 }
}

/// A number of digits and marks. A mark that occurs alone is the decimal one, unless three digits
/// follow and the column's decimal mark is another; what stands before it sets groups of three apart.
fn read(number: &str, comma: bool) -> Option<f64> {
    let (digits, exponent) = parts(number);
    let own = if comma { ',' } else { '.' };
    let decimal = last_mark(digits).filter(|&(at, mark)| {
        let alone = digits.matches(mark).count() == 1;
        let other = digits[..at].contains(is_mark);
        alone && matches!(mark, ',' | '.') && (mark == own || other || digits.len() - at != 4)
    });
    let (whole, fraction) = match decimal {
        Some((at, _)) => (&digits[..at], &digits[at + 1..]),
        None => (digits, ""),
    };
    let groups: Vec<&str> = whole.split(is_mark).collect();
    let mut marks = whole.chars().filter(|c| is_mark(*c));
    let first = marks.next();
    let grouped = groups.len() == 1
        || ((1..=3).contains(&groups[0].len())
            && groups[1..].iter().all(|group| group.len() == 3)
            && marks.all(|mark| Some(mark) == first));
    let plain = format!("{}.{fraction}0{exponent}", groups.concat());
    plain.parse().ok().filter(|v: &f64| grouped && v.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, comma: bool) -> Option<f64> {
        Quantity::of(text)?.value(comma)
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (text, expected) in [
            ("2 years", Some(2.0)),
            ("€1,200", Some(1200.0)),
            ("35%", Some(35.0)),
            ("3kg", Some(3.0)),
            ("1.234,56", Some(1234.56)),
            ("1,234.56 m", Some(1234.56)),
            ("1'234'567", Some(1_234_567.0)),
            ("1\u{202f}234", Some(1234.0)),
            ("about 0.5", Some(0.5)),
            ("0,5", Some(0.5)),
            ("1.234", Some(1.234)),
            ("-4 °C", Some(-4.0)),
            ("(−4)", Some(-4.0)),
            ("5-7", Some(6.0)),
            ("5 – 8 days", Some(6.5)),
            ("5 to 7", Some(6.0)),
            ("no. 7.", Some(7.0)),
            ("model B12", None),
            ("B12 from 3", Some(3.0)),
            ("1 and 2", None),
            ("1-2-3", None),
            ("1e5", Some(1e5)),
            ("2.5E-3 kg", Some(2.5e-3)),
            ("1e5kg", Some(1e5)),
            ("3e", Some(3.0)),
            ("1e999", None),
            ("12.05.2020", None),
            ("1,23,456", None),
            ("none", None),
            ("", None),
        ] {
            assert_eq!(value(text, false), expected, "{text}");
        }
        assert_eq!(value("1.234", true), Some(1234.0));
        assert_eq!(value("1,234", true), Some(1.234));
        assert_eq!(value("1.5", true), Some(1.5));
        assert_eq!(value(&"9".repeat(400), false), None);
    }

    #[test]
    fn what_is_written_tells_the_decimal_mark() {
        let votes = |text: &str| Quantity::of(text).map(|q| q.commas());
        assert_eq!(
            ["1.234,56", "0,5", "1,234", "1.234", "1.5", "12", "2,5-3,5"].map(votes),
            [1, 1, 0, 0, -1, 0, 2].map(Some)
        );
    }

    #[test]
    fn units_are_known_by_what_they_measure() {
        let unit = |text| Quantity::of(text).map(|q| q.unit);
        let of_texts = ["30s", "1e5kg", "1E5 kg", "3 euros"].map(unit);
        assert_eq!(of_texts, ["s", "kg", "kg", "euros"].map(|u| Some(u.to_owned())));
        let of = |units: &[&'static str]| Measure::of(units.iter().copied());
        assert_eq!(of(&["years", "month", "weeks"]), Some(Measure::Time));
        assert_eq!(of(&["kg", "g", "persons"]), Some(Measure::Mass));
        assert_eq!(of(&["m", "m"]), Some(Measure::Length));
        assert_eq!(of(&["m", "k", ""]), Some(Measure::Multiple));
        assert_eq!(of(&["", ""]), None);
        assert_eq!(of(&["persons", "rooms", "kg"]), None);
        assert_eq!(of(&[]), None);
        assert_eq!(Measure::Time.factor("weeks"), Some(7.0));
        assert_eq!(Measure::Time.factor("s"), Some(1.0 / 86_400.0));
        assert_eq!(Measure::Time.factor(""), None);
    }
}
