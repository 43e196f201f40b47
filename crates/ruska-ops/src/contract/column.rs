//! Whether a column keeps its terms.

use super::bounds::by_chance;
use super::spec::{Bound, Case, ColumnTerms};
use super::values::{Values, form, level, present, rows_where};
use super::verdict::{Breach, Check, TOLD};
use ruska::words::{percent, value};
use ruska::{
    Column, Kind, NO_VALUE, masked, parse_time, shown, spelt_number, time_text, value_text,
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Values from which levels occur again.
const MANY: usize = 1000;
/// Values from which not all texts are numbers.
const SOME: usize = 20;

/// A column under its terms.
pub(super) struct Checked<'a> {
    name: &'a str,
    raw: &'a Column,
    terms: &'a ColumnTerms,
    /// Milliseconds since 1970, now.
    now_ms: i64,
    /// What is broken so far.
    pub(super) breaches: Vec<Breach>,
    /// Things that were checked so far.
    pub(super) checks: usize,
}

impl<'a> Checked<'a> {
    /// Checks a column.
    pub(super) fn new(name: &'a str, raw: &'a Column, terms: &'a ColumnTerms, now_ms: i64) -> Self {
        let mut checked = Self { name, raw, terms, now_ms, breaches: vec![], checks: 0 };
        checked.missing();
        match Values::new(raw, terms) {
            Values::Numbers(values, strays) => {
                checked.types(&strays, "no number");
                checked.range(&values);
                checked.usual(&values);
            }
            Values::Times(values, strays) => {
                checked.types(&strays, "no time");
                checked.times(&values);
            }
            Values::Texts => checked.texts(),
        }
        checked.levels();
        checked.unique();
        checked.forms();
        checked
    }

    fn breach(&mut self, check: Check, what: String, rows: &[usize]) {
        self.breaches.push(Breach::by(check, Some(self.name), what, rows));
    }

    /// A value as an example: masked where it may name a person.
    fn example(&self, row: usize, rows: usize) -> String {
        let Some(text) = value_text(self.raw, row) else { return String::new() };
        if self.terms.hides() { masked(&text) } else { shown(&text, rows) }
    }

    fn missing(&mut self) {
        let Some(most) = self.terms.max_missing else { return };
        self.checks += 1;
        let rows: Vec<usize> = (0..self.raw.rows()).filter(|r| self.raw.is_missing(*r)).collect();
        let share = rows.len() as f64 / self.raw.rows().max(1) as f64;
        if share > most && !by_chance(rows.len(), self.raw.rows(), most) {
            let what =
                format!("{} of the rows have no value, at most {}", percent(share), percent(most));
            self.breach(Check::Missing, what, &rows);
        }
    }

    fn types(&mut self, strays: &[usize], expected: &str) {
        self.checks += 1;
        if let Some(first) = strays.first() {
            let what = format!("`{}` is {expected}", self.example(*first, strays.len()));
            self.breach(Check::Type, what, strays);
        }
    }

    /// What the types ask for that any single value fits.
    fn texts(&mut self) {
        let listed = self.terms.levels.is_some();
        match self.terms.kind {
            Some(Kind::Boolean) if !listed => self.labels(),
            Some(Kind::Categorical) if !listed => self.recur(),
            Some(Kind::Text) => self.prose(),
            _ => {}
        }
    }

    /// Whether there are two labels at most: the two of most rows are taken to be right.
    fn labels(&mut self) {
        self.checks += 1;
        let mut labels: BTreeMap<String, usize> = BTreeMap::new();
        for row in present(self.raw) {
            let text = value_text(self.raw, row).unwrap_or_default();
            *labels.entry(level(&text, true)).or_default() += 1;
        }
        if labels.len() <= 2 {
            return;
        }
        let mut often: Vec<(String, usize)> = labels.into_iter().collect();
        often.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let two: Vec<&str> = often.iter().take(2).map(|(label, _)| &**label).collect();
        let rows = rows_where(self.raw, |text| !two.contains(&&*level(text, true)));
        if let Some(first) = rows.first() {
            let example = self.example(*first, rows.len());
            self.breach(Check::Type, format!("`{example}` is a third label"), &rows);
        }
    }

    /// Whether levels occur again, where there are many values.
    fn recur(&mut self) {
        self.checks += 1;
        let values = present(self.raw).count();
        if values >= MANY && counts(self.raw).len() == values {
            let what = format!("no value occurs twice in {values} rows; levels do");
            self.breach(Check::Type, what, &[]);
        }
    }

    /// Whether some value is neither a number nor a time.
    fn prose(&mut self) {
        self.checks += 1;
        let values = present(self.raw).count();
        let says =
            |text: &str| spelt_number(text, None).is_none() && parse_time(text, false).is_none();
        if values >= SOME && rows_where(self.raw, says).is_empty() {
            let what = format!("all {values} values are numbers or times, none is a text");
            self.breach(Check::Type, what, &[]);
        }
    }

    fn range(&mut self, values: &[f64]) {
        let end = |bound: &Option<Bound>| match bound {
            Some(Bound::Number(number)) => Some(*number),
            _ => None,
        };
        let (min, max) = (end(&self.terms.min), end(&self.terms.max));
        let hides = self.terms.hides();
        let told = |row: usize| if hides { "a value".to_owned() } else { value(values[row]) };
        let (least, most) = (min.unwrap_or(f64::NEG_INFINITY), max.unwrap_or(f64::INFINITY));
        self.within(values.len(), &|row| values[row] < least, |row| {
            format!("{} is less than {}", told(row), value(least))
        });
        self.within(values.len(), &|row| values[row] > most, |row| {
            format!("{} is more than {}", told(row), value(most))
        });
        self.checks += usize::from(min.is_some()) + usize::from(max.is_some());
    }

    /// Tells the rows that lie outside of an end.
    fn within(
        &mut self,
        rows: usize,
        outside: &dyn Fn(usize) -> bool,
        told: impl Fn(usize) -> String,
    ) {
        let found: Vec<usize> = (0..rows).filter(|row| outside(*row)).collect();
        if let Some(first) = found.first() {
            self.breach(Check::Range, told(*first), &found);
        }
    }

    fn usual(&mut self, values: &[f64]) {
        let Some(usual) = self.terms.usual else { return };
        self.checks += 1;
        let known = values.iter().filter(|v| !v.is_nan()).count();
        let distance = |v: f64| (usual.from - v).max(v - usual.to);
        let mut outside: Vec<usize> =
            (0..values.len()).filter(|row| distance(values[*row]) > 0.0).collect();
        let share = 1.0 - outside.len() as f64 / known.max(1) as f64;
        if share < usual.share && !by_chance(outside.len(), known, 1.0 - usual.share) {
            let what = format!(
                "{} of the values lie outside {} … {}, at most {}",
                percent(1.0 - share),
                value(usual.from),
                value(usual.to),
                percent(1.0 - usual.share)
            );
            // Those farthest away tell most.
            outside.sort_by(|a, b| distance(values[*b]).total_cmp(&distance(values[*a])));
            let told = outside.len().min(TOLD);
            outside[..told].sort_unstable();
            self.breach(Check::Usual, what, &outside);
        }
    }

    fn times(&mut self, values: &[i64]) {
        let day_first = self.terms.day_first;
        let end = |bound: &Option<Bound>| match bound {
            Some(Bound::Time(text)) => parse_time(text, day_first),
            _ => None,
        };
        let (min, max) = (end(&self.terms.min), end(&self.terms.max));
        let known = |row: usize| values[row] != NO_VALUE;
        let hides = self.terms.hides();
        let told = |row: usize| if hides { "a time".to_owned() } else { time_text(values[row]) };
        let early = min.unwrap_or(i64::MIN);
        self.within(values.len(), &|row| known(row) && values[row] < early, |row| {
            format!("{} is earlier than {}", told(row), time_text(early))
        });
        let late = max.unwrap_or(i64::MAX);
        self.within(values.len(), &|row| known(row) && values[row] > late, |row| {
            format!("{} is later than {}", told(row), time_text(late))
        });
        self.checks += usize::from(min.is_some()) + usize::from(max.is_some());
        if !self.terms.future {
            self.checks += 1;
            let now = self.now_ms;
            let after: Vec<usize> =
                (0..values.len()).filter(|r| known(*r) && values[*r] > now).collect();
            if let Some(first) = after.first() {
                let what = format!("{} has not come yet", told(*first));
                self.breach(Check::Future, what, &after);
            }
        }
        let Some(most) = &self.terms.max_age else { return };
        self.checks += 1;
        let Ok(allowed) = ruska::notation::duration(most) else { return };
        let newest = values.iter().copied().filter(|v| *v != NO_VALUE).max();
        let too_old = |newest: i64| {
            i128::from(self.now_ms) - i128::from(newest) > allowed.as_millis() as i128
        };
        let what = match newest {
            None => "there is no time at all".to_owned(),
            Some(newest) if too_old(newest) => {
                format!("the newest time is {}, more than {most} ago", time_text(newest))
            }
            Some(_) => return,
        };
        self.breach(Check::Age, what, &[]);
    }

    fn levels(&mut self) {
        let Some(levels) = &self.terms.levels else { return };
        self.checks += 1;
        let boolean = self.terms.kind == Some(Kind::Boolean);
        let known: HashSet<String> = levels.iter().map(|text| level(text, boolean)).collect();
        let new = rows_where(self.raw, |text| !known.contains(&level(text, boolean)));
        let values = present(self.raw).count();
        let most = self.terms.max_new;
        if new.len() as f64 > most * values as f64 && !by_chance(new.len(), values, most) {
            let first = new.first().map_or(String::new(), |row| self.example(*row, new.len()));
            let limit = if self.terms.max_new > 0.0 {
                let share = new.len() as f64 / values.max(1) as f64;
                format!(
                    " ({} of the values are not, at most {})",
                    percent(share),
                    percent(self.terms.max_new)
                )
            } else {
                String::new()
            };
            self.breach(Check::Levels, format!("`{first}` is none of the levels{limit}"), &new);
        }
    }

    fn unique(&mut self) {
        if !self.terms.is_key() {
            return;
        }
        self.checks += 1;
        let mut seen: HashSet<String> = HashSet::new();
        let mut again =
            |row: &usize| value_text(self.raw, *row).is_some_and(|text| !seen.insert(text));
        let rows: Vec<usize> = (0..self.raw.rows()).filter(&mut again).collect();
        if let Some(first) = rows.first() {
            // Who named the type alone may not know that it asks for this.
            let way = match self.terms.unique {
                Some(_) => "",
                None => " (unless the contract says `unique = false`)",
            };
            let what =
                format!("`{}` occurs again; every value is a key{way}", self.example(*first, 1));
            self.breach(Check::Unique, what, &rows);
        }
    }

    fn forms(&mut self) {
        if let Some(expected) = &self.terms.form {
            self.checks += 1;
            let rows = rows_where(self.raw, |text| form(text) != *expected);
            if let Some(first) = rows.first() {
                let text = value_text(self.raw, *first).unwrap_or_default();
                let what = format!("`{}` is not of the form `{expected}`", masked(&text));
                self.breach(Check::Form, what, &rows);
            }
        }
        if let Some(case) = self.terms.case {
            self.checks += 1;
            let (wrong, expected): (fn(char) -> bool, _) = match case {
                Case::Upper => (char::is_lowercase, "upper"),
                Case::Lower => (char::is_uppercase, "lower"),
            };
            let rows = rows_where(self.raw, |text| text.chars().any(wrong));
            if let Some(first) = rows.first() {
                let example = self.example(*first, rows.len());
                self.breach(Check::Case, format!("`{example}` is not in {expected} case"), &rows);
            }
        }
    }
}

/// How often each value of a column occurs, by its text.
pub(super) fn counts(raw: &Column) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    if let Column::Str(v) = raw {
        let mut of_code = vec![0usize; v.levels.len()];
        v.codes.iter().for_each(|code| {
            if let Some(count) = of_code.get_mut(*code as usize) {
                *count += 1;
            }
        });
        let used = v.levels.iter().cloned().zip(of_code).filter(|(_, n)| *n > 0);
        counts.extend(used);
        return counts;
    }
    for row in 0..raw.rows() {
        if let Some(text) = value_text(raw, row) {
            *counts.entry(text).or_default() += 1;
        }
    }
    counts
}
