//! Numbers that are not written plainly: `1,234,567`, `1.234,5`, `1 234`, `$5`, `12 %`, `3 km`.
//!
//! All distinct values of a column decide together. They must have one unit (a currency or nothing
//! before, a short word or sign or nothing after) and fit one way of marking thousands and
//! decimals. Where two ways fit, a comma stands between thousands, since a file with decimal
//! commas is read as such; a point does in a text column without a unit, which only a file with
//! decimal commas gives, or beside whole numbers below 1000. It fails on numbers with a unit and
//! always three decimals, of which some are whole. Cost O(levels · length); columns without such
//! numbers are left after 20 values.

use super::note::{counted, cut, note, word};
use super::values::{number, used_levels};
use ruska_core::{Column, Finding, FindingCode, Notation, Severity, StrColumn};
use std::collections::BTreeMap;

/// What may stand before a number, longer ones first.
const PREFIXES: [&str; 22] = [
    "US$", "AU$", "CA$", "USD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "Rs.", "R$", "A$", "C$",
    "Rs", "$", "€", "£", "¥", "₹", "₽", "₩",
];
/// Signs that units are made of, besides letters.
const SIGNS: &str = "%‰°²³/$€£¥₹₽₩. ";
/// Longest unit.
const LONGEST: usize = 12;
/// The mark between groups and the decimal mark.
type Marks = (Option<char>, char);
/// The ways of writing numbers, the plain one first.
const MARKS: [Marks; 8] = [
    (None, '.'),
    (Some(','), '.'),
    (Some(' '), '.'),
    (Some('\''), '.'),
    (None, ','),
    (Some('.'), ','),
    (Some(' '), ','),
    (Some('\''), ','),
];

/// What the distinct values of a text column are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Written<'a> {
    /// Plain numbers, or no numbers.
    Plain,
    /// Numbers, all of this notation.
    As(Notation),
    /// Nine in ten are numbers of a notation; these are not.
    Nearly(Vec<&'a str>),
}

/// A number with its unit.
struct Parts<'a> {
    negative: bool,
    unit: (&'a str, &'a str),
    /// Digits and marks, from a digit or a decimal mark to a digit.
    body: &'a str,
}

/// Tells how distinct values write their numbers.
pub(crate) fn written<'a>(levels: &[&'a str]) -> Written<'a> {
    let head = &levels[..levels.len().min(20)];
    if head.iter().filter(|level| parts(level).is_some()).count() * 2 < head.len().max(1) {
        return Written::Plain;
    }
    let all: Vec<Option<Parts<'_>>> = levels.iter().map(|level| parts(level)).collect();
    let mut units: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    all.iter().flatten().for_each(|p| *units.entry(p.unit).or_default() += 1);
    let Some((unit, _)) = units.into_iter().max_by_key(|(_, count)| *count) else {
        return Written::Plain;
    };
    let bodies: Vec<&str> =
        all.iter().flatten().filter(|p| p.unit == unit).map(|p| p.body).collect();
    let (group, decimal) = marks(&bodies, unit == ("", ""));
    let notation =
        Notation { prefix: unit.0.to_owned(), suffix: unit.1.to_owned(), group, decimal };
    if notation_is_plain(&notation) {
        return Written::Plain;
    }
    let spelt = |p: &Parts<'_>| p.unit == unit && fits(p.body, (group, decimal));
    let strays: Vec<&str> = all
        .iter()
        .zip(levels)
        .filter(|(parts, _)| !parts.as_ref().is_some_and(spelt))
        .map(|(_, level)| *level)
        .collect();
    match strays.len() {
        0 => Written::As(notation),
        few if few * 10 <= levels.len() => Written::Nearly(strays),
        _ => Written::Plain,
    }
}

/// The notation of a text column of which every value is a number that is not plainly written.
pub(crate) fn notation(column: &StrColumn) -> Option<Notation> {
    match written(&used_levels(column)) {
        Written::As(notation) => Some(notation),
        _ => None,
    }
}

/// The number that a text spells in a notation. The unit may be left out, unless it is a share:
/// 0.5 may then stand for 50 %.
pub(crate) fn read(notation: &Notation, text: &str) -> Option<f64> {
    let parts = parts(text)?;
    let unit = (notation.prefix.as_str(), notation.suffix.as_str());
    let bare = parts.unit == ("", "") && !is_share(notation);
    if !bare && parts.unit != unit {
        return None;
    }
    let value = value(parts.body, (notation.group, notation.decimal))?;
    Some(if parts.negative { -value } else { value })
}

/// The finite number that a text spells, plainly or in a notation; `None` for other text.
pub fn spelt_number(text: &str, notation: Option<&Notation>) -> Option<f64> {
    match notation {
        None => number(text),
        Some(notation) => read(notation, text),
    }
}

/// Whether the numbers are shares of a hundred or a thousand.
pub(crate) fn is_share(notation: &Notation) -> bool {
    notation.suffix.contains(['%', '‰'])
}

/// The column of numbers that a text column spells; NaN where it has no value.
pub(crate) fn numbers(notation: &Notation, column: &StrColumn) -> Column {
    let known: Vec<f64> =
        column.levels.iter().map(|level| read(notation, level).unwrap_or(f64::NAN)).collect();
    let value = |code: &u32| known.get(*code as usize).copied().unwrap_or(f64::NAN);
    Column::float(column.codes.iter().map(value).collect())
}

/// Whether all values that can be read are whole.
pub(crate) fn all_whole(notation: &Notation, levels: &[&str]) -> bool {
    levels.iter().filter_map(|level| read(notation, level)).all(|value| value.fract() == 0.0)
}

/// Whether values may be numbered names, such as `1001A`: whole numbers that a letter follows.
pub(crate) fn numbers_a_series(notation: &Notation, levels: &[&str]) -> bool {
    let bare = |level: &&str| {
        let number = level.trim().strip_suffix(&notation.suffix).unwrap_or_default();
        !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
    };
    notation.suffix.chars().any(char::is_alphabetic) && levels.iter().all(bare)
}

/// That text is read as numbers, with the longest value as an example.
pub(crate) fn told(name: &str, notation: &Notation, levels: &[&str], way: String) -> Finding {
    let read = |level: &&str| Some((level.trim().to_owned(), read(notation, level)?));
    let longest =
        |(level, _): &(String, f64)| (level.chars().count(), std::cmp::Reverse(level.clone()));
    let example = levels.iter().filter_map(read).max_by_key(longest);
    let such = example
        .map_or(String::new(), |(level, v)| format!(": `{level}` is {}", super::number_text(v)));
    let what = format!("column `{name}` is read as numbers{such}");
    note(FindingCode::Reading, Severity::Info, Some(name), levels.len(), what, way)
}

/// That a column would be numbers but for some values, which stand in so many rows.
pub(crate) fn strays(name: &str, strays: &[&str], rows: usize) -> Finding {
    let examples: Vec<String> = strays.iter().take(3).map(|s| cut(s)).collect();
    let what = format!(
        "column `{name}` is nearly all numbers, but {} in {} not, such as `{}`; it is read as text",
        match strays.len() {
            1 => "1 distinct value is".to_owned(),
            n => format!("{} are", counted(n, "distinct value")),
        },
        counted(rows, "row"),
        examples.join("`, `")
    );
    let advice = format!(
        "empty or correct those cells to have numbers; `--ignore {}` leaves the column out",
        word(name)
    );
    let (code, severity) = (FindingCode::MixedTypes, Severity::Warning);
    Finding { examples, ..note(code, severity, Some(name), rows, what, advice) }
}

fn notation_is_plain(notation: &Notation) -> bool {
    let Notation { prefix, suffix, group, decimal } = notation;
    prefix.is_empty() && suffix.is_empty() && group.is_none() && *decimal == '.'
}

/// The marks that fit most bodies.
fn marks(bodies: &[&str], bare: bool) -> Marks {
    let used = |group: Option<char>| {
        group.is_some_and(|g| bodies.iter().any(|b| b.contains(|c| same(c, g))))
    };
    let fitting = |marks: Marks| bodies.iter().filter(|b| fits(b, marks)).count();
    let small = || bodies.iter().any(|b| b.len() <= 3 && b.bytes().all(|b| b.is_ascii_digit()));
    let ways = MARKS.map(|m| if m.0.is_none() || used(m.0) { fitting(m) } else { 0 });
    let most = ways.into_iter().max().unwrap_or(0);
    let mut best = MARKS.into_iter().zip(ways).filter(|(_, n)| *n == most).map(|(m, _)| m);
    let first = best.next().unwrap_or((None, '.'));
    let grouped = std::iter::once(first).chain(best).find(|m| match m.0 {
        Some('.') => bare || small(),
        other => other.is_some(),
    });
    grouped.unwrap_or(first)
}

/// Whether a character is the mark, of which there are several looks.
fn same(c: char, mark: char) -> bool {
    match mark {
        ' ' => matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}'),
        '\'' => matches!(c, '\'' | '\u{2019}'),
        mark => c == mark,
    }
}

fn parts(text: &str) -> Option<Parts<'_>> {
    let (minus, rest) = signed(text.trim());
    let prefix = PREFIXES.into_iter().find(|p| rest.starts_with(p)).unwrap_or_default();
    let (prefix, rest) = rest.split_at(prefix.len());
    let (other_minus, rest) = match minus {
        None => signed(rest.trim_start()),
        Some(_) => (None, rest.trim_start()),
    };
    let mark = |c: char| matches!(c, '.' | ',') || same(c, ' ') || same(c, '\'');
    let run = rest.find(|c: char| !c.is_ascii_digit() && !mark(c)).unwrap_or(rest.len());
    let end = rest[..run].rfind(|c: char| c.is_ascii_digit())? + 1;
    let (body, suffix) = (&rest[..end], rest[end..].trim());
    let starts = body.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    let unit_like = |c: char| c.is_alphabetic() || SIGNS.contains(c);
    let unit = suffix.is_empty()
        || (suffix.chars().count() <= LONGEST
            && suffix.chars().all(unit_like)
            && suffix.chars().any(|c| !". /".contains(c)));
    let negative = minus.or(other_minus).unwrap_or(false);
    (starts && unit).then_some(Parts { negative, unit: (prefix, suffix), body })
}

/// A leading sign (whether it is a minus) and the rest.
fn signed(text: &str) -> (Option<bool>, &str) {
    match text.chars().next() {
        Some(c @ ('-' | '\u{2212}' | '+')) => (Some(c != '+'), &text[c.len_utf8()..]),
        _ => (None, text),
    }
}

/// The number of digits and marks.
fn value(body: &str, (group, decimal): Marks) -> Option<f64> {
    if !fits(body, (group, decimal)) {
        return None;
    }
    let plain = |c: char| match c {
        c if c == decimal => Some('.'),
        c => c.is_ascii_digit().then_some(c),
    };
    number(&body.chars().filter_map(plain).collect::<String>())
}

/// Whether whole numbers have no leading zero and groups three digits.
fn fits(body: &str, (group, decimal): Marks) -> bool {
    let (whole, fraction) = match body.split_once(decimal) {
        Some((_, "")) => return false,
        Some((whole, fraction)) => (whole, fraction),
        None => (body, ""),
    };
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split(|c| group.is_some_and(|g| same(c, g)));
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let leads = match (first.len(), rest.is_empty()) {
        (0, true) => !fraction.is_empty(),
        (1, true) => true,
        (_, true) => !first.starts_with('0'),
        (n, false) => (1..=3).contains(&n) && !first.starts_with('0'),
    };
    let threes = rest.iter().all(|g| g.len() == 3 && all_digits(g));
    leads && threes && all_digits(first) && all_digits(fraction)
}

#[cfg(test)]
#[path = "notation_tests.rs"]
mod tests;
