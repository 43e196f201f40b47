//! The contract that a clean table suggests.
//!
//! What is written is what holds in the table and would in another sample of its source: shares have
//! the slack of [`bounds`](super::bounds). A rule is suggested only where it is a fact with no
//! exception: keys that never repeat, one form, one case, no time to come.

use super::bounds::{bulk, ceiling, floor, range};
use super::column::{Checked, counts};
use super::oddities::OF_COLUMNS;
use super::spec::{
    Bound, Case, ColumnTerms, ContractSpec, Stance, TableTerms, Usual, VERSION, Written,
};
use super::values::{Values, form};
use super::verdict::{Breach, Check};
use crate::Error;
use rayon::prelude::*;
use ruska::{
    Column, Field, Finding, Frame, Kind, Meaning, NO_VALUE, ReadTable, parse_time, repeats,
    time_text,
};
use std::collections::{BTreeMap, BTreeSet};

/// Rows from which a level is written: fewer may point at a person.
const SEVERAL: usize = 5;
/// Most levels that are listed.
const MOST_LEVELS: usize = 60;
/// Rows and share of the rarest level from which no other is expected.
const SURE: (usize, f64) = (8, 0.01);
/// Distinct values from which numbers have a bulk.
const MANY: usize = 10;
/// Values from which one form or one case of all of them is a rule.
const ENOUGH: usize = 20;
/// Values from which a column says what its next values will be.
const FEW: usize = 10;
/// Rows from which a contract is worth much.
const WORTH: usize = 100;
/// Rows from which halves of a table are looked at too.
const HALVES: u32 = 200;
/// Columns that a caveat names.
const NAMED: usize = 5;
const DAY: i64 = 86_400_000;

/// A contract with the order of its columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// What it says.
    pub contract: ContractSpec,
    /// The columns in the order of the table.
    pub order: Vec<String>,
    /// What it promises less than it seems to, in sentences.
    pub caveats: Vec<String>,
}

/// Suggests a contract for tables like this one. `types` fixes meanings that inference would get
/// wrong, `sensitive` names columns whose values are not to be written, `now_ms` is the present in
/// milliseconds since 1970.
///
/// Fails when the target cannot be used, a type does not fit, or a sensitive column is not there.
pub fn suggest(
    table: &ReadTable,
    target: Option<&str>,
    types: &BTreeMap<String, Kind>,
    sensitive: &BTreeSet<String>,
    now_ms: i64,
) -> Result<Suggestion, Error> {
    let frame = &table.frame;
    if let Some(name) = sensitive.iter().find(|name| frame.field(name).is_none()) {
        let near = ruska::hint(name, frame.fields().iter().map(|f| &*f.name));
        return Err(Error::Refused(format!("there is no column `{name}`{near}")));
    }
    let meanings = ruska::meanings(table, types)?;
    let mut findings = ruska::profile(table, target, types)?.findings;
    findings.extend(of_halves(table, target, types));
    let columns: Vec<(String, ColumnTerms)> = frame
        .fields()
        .par_iter()
        .map(|field| {
            let meaning = meanings.column(&field.name).map(|c| &c.meaning);
            let hidden = sensitive.contains(&*field.name);
            let mut terms = terms(&field.column, meaning, hidden, now_ms);
            terms.known = known(&findings, &field.name);
            (field.name.to_string(), terms)
        })
        .collect();
    let rows = frame.rows();
    let again = repeats(frame).len();
    let contract = ContractSpec {
        contract: VERSION,
        table: TableTerms {
            target: target.map(str::to_owned),
            min_rows: Some((rows / 10).max(1)),
            max_rows: None,
            // Repeats by chance are pairs, whose share grows with the rows.
            max_repeats: Some({
                let share = again as f64 / rows.max(1) as f64;
                (ceiling(again, rows) + share.min(0.05)).min(1.0)
            }),
            extra_columns: Stance::Refuse,
            oddities: Stance::Refuse,
            max_odd: ceiling(0, rows),
        },
        columns: columns.iter().cloned().collect(),
    };
    let caveats = caveats(frame);
    Ok(Suggestion { contract, order: columns.into_iter().map(|(name, _)| name).collect(), caveats })
}

/// What rows are too few for, and columns without any value.
fn caveats(frame: &Frame) -> Vec<String> {
    let rows = frame.rows();
    let mut caveats = vec![];
    if rows < WORTH {
        let count = if rows == 1 { "one row".to_owned() } else { format!("{rows} rows") };
        caveats.push(format!(
            "a contract from {count} promises little; make it anew from {WORTH} rows or more"
        ));
    }
    let blank = |field: &&Field| field.column.missing() == rows;
    let blank: Vec<String> =
        frame.fields().iter().filter(blank).map(|field| format!("`{}`", field.name)).collect();
    if !blank.is_empty() {
        let more = blank.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named = blank[..blank.len().min(NAMED)].join(", ");
        caveats.push(format!("nothing is promised of columns without any value: {named}{more}"));
    }
    caveats
}

/// What is odd about either half of the rows: columns that are equal but for a row may be equal in
/// the next sample.
fn of_halves(
    table: &ReadTable,
    target: Option<&str>,
    types: &BTreeMap<String, Kind>,
) -> Vec<Finding> {
    let rows = table.frame.rows() as u32;
    let half = |first: u32| {
        let rows: Vec<u32> = (first..rows).step_by(2).collect();
        let part = ReadTable { frame: table.frame.take(&rows), findings: vec![], files: vec![] };
        ruska::profile(&part, target, types).map(|p| p.findings).unwrap_or_default()
    };
    if rows < HALVES { vec![] } else { [half(0), half(1)].concat() }
}

/// The oddities that a column has.
fn known(findings: &[Finding], name: &str) -> Vec<ruska::FindingCode> {
    let of_column = |f: &&Finding| f.column.as_deref() == Some(name);
    let mut codes: Vec<_> = findings.iter().filter(of_column).map(|f| f.code).collect();
    codes.retain(|code| OF_COLUMNS.contains(code));
    codes.sort_unstable_by_key(|code| OF_COLUMNS.iter().position(|c| c == code));
    codes.dedup();
    codes
}

fn terms(raw: &Column, meaning: Option<&Meaning>, hidden: bool, now_ms: i64) -> ColumnTerms {
    let rows = raw.rows();
    let mut terms = ColumnTerms { sensitive: hidden, ..ColumnTerms::default() };
    let missing = raw.missing();
    // A column without any value says nothing of the values it may have.
    if missing == rows {
        return terms;
    }
    let most = ceiling(missing, rows);
    terms.max_missing = (most < 1.0).then_some(most);
    let Some(meaning) = meaning else { return terms };
    // Few values tell numbers from texts, and what may name persons, but no set of labels.
    let few = rows - missing < FEW;
    terms.kind = match meaning.kind() {
        Kind::Ignored => None,
        Kind::Boolean | Kind::Categorical if few => None,
        kind => Some(kind),
    };
    if few {
        terms.unique = matches!(meaning, Meaning::Identifier).then_some(false);
        return noted(terms, meaning);
    }
    match meaning {
        Meaning::Numeric { notation, .. } => {
            terms.written = notation.as_ref().map(Written::from);
            numbers(&mut terms, raw);
        }
        Meaning::Time { day_first } => {
            terms.day_first = *day_first;
            times(&mut terms, raw, now_ms);
        }
        Meaning::Boolean { no, yes } => {
            let is_number = |label: &&String| label.trim().parse::<f64>().is_ok();
            // Counts that happen to be 0 or 1 may be 2 once.
            match [no, yes].iter().copied().filter(is_number).count() {
                2 if hidden => terms.kind = Some(Kind::Numeric),
                _ if hidden => {}
                numbers => {
                    terms.levels = Some(vec![no.clone(), yes.clone()]);
                    terms.max_new = if numbers > 0 { ceiling(0, rows - missing) } else { 0.0 };
                }
            }
        }
        Meaning::Categorical { .. } => levels(&mut terms, raw),
        Meaning::Identifier => {
            let distinct = counts(raw).len();
            terms.unique = Some(distinct == rows - missing);
            if missing == 0 {
                terms.max_missing = Some(0.0);
            }
            forms(&mut terms, raw);
        }
        Meaning::Text | Meaning::Ignored { .. } => {}
    }
    // A type that somebody wants read so and that its values do not keep is not written.
    let texts = matches!(terms.kind, Some(Kind::Boolean | Kind::Categorical | Kind::Text));
    let is_type = |breach: &Breach| breach.check == Check::Type;
    if texts && Checked::new("", raw, &terms, now_ms).breaches.iter().any(is_type) {
        (terms.sensitive, terms.kind) = (terms.hides(), None);
    }
    terms
}

/// The terms with how their values are to be read.
fn noted(mut terms: ColumnTerms, meaning: &Meaning) -> ColumnTerms {
    match meaning {
        Meaning::Numeric { notation, .. } => {
            terms.written = notation.as_ref().map(Written::from);
        }
        Meaning::Time { day_first } => terms.day_first = *day_first,
        _ => {}
    }
    terms
}

fn numbers(terms: &mut ColumnTerms, raw: &Column) {
    let Values::Numbers(values, _) = Values::new(raw, terms) else { return };
    let mut sorted: Vec<f64> = values.into_iter().filter(|v| !v.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let distinct = sorted.chunk_by(|a, b| a == b).take(MANY).count();
    if terms.sensitive {
        return;
    }
    let (low, high) = range(&sorted);
    (terms.min, terms.max) = (low.map(Bound::Number), high.map(Bound::Number));
    if let (Some((from, to)), true) = (bulk(&sorted), distinct >= MANY) {
        let within = sorted.iter().filter(|v| (from..=to).contains(*v)).count();
        terms.usual = Some(Usual { from, to, share: floor(within, sorted.len()) });
    }
}

fn times(terms: &mut ColumnTerms, raw: &Column, now_ms: i64) {
    let Values::Times(values, _) = Values::new(raw, terms) else { return };
    let mut sorted: Vec<i64> = values.into_iter().filter(|v| *v != NO_VALUE).collect();
    sorted.sort_unstable();
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else { return };
    let span = (last - first).max(DAY);
    if !terms.sensitive {
        let early = (first - span / 5).div_euclid(DAY) * DAY;
        let day: String = time_text(early).chars().take(10).collect();
        // Before the year 0 no date can be written.
        let written = parse_time(&day, terms.day_first) == Some(early);
        terms.min = written.then_some(Bound::Time(day));
    }
    terms.future = *last > now_ms;
    // Old tables are history; of recent ones the next is expected in twice the time.
    let age = now_ms.saturating_sub(*last);
    if (0..90 * DAY).contains(&age) {
        let days = (2 * age / DAY + 2).max(7);
        terms.max_age = Some(format!("{days}d"));
    }
}

fn levels(terms: &mut ColumnTerms, raw: &Column) {
    let counts = counts(raw);
    let values: usize = counts.values().sum();
    let mut often: Vec<(&String, usize)> =
        counts.iter().map(|(level, n)| (level, *n)).filter(|(_, n)| *n >= SEVERAL).collect();
    if terms.sensitive || often.is_empty() || often.len() > MOST_LEVELS {
        cased(terms, &counts.into_keys().collect::<Vec<_>>());
        return;
    }
    often.sort_unstable();
    let listed: usize = often.iter().map(|(_, n)| n).sum();
    let rarest = often.iter().map(|(_, n)| *n).min().unwrap_or(0);
    let sure = often.len() > 1 && rarest >= SURE.0 && rarest as f64 >= SURE.1 * values as f64;
    let others = values - listed;
    terms.max_new = if others == 0 && sure { 0.0 } else { ceiling(others, values) };
    terms.levels = Some(often.into_iter().map(|(level, _)| level.clone()).collect());
}

/// The form that all values share, and otherwise their case.
fn forms(terms: &mut ColumnTerms, raw: &Column) {
    if !matches!(raw, Column::Str(_)) {
        return;
    }
    let values: Vec<String> = counts(raw).into_keys().collect();
    let forms: BTreeSet<String> = values.iter().take(2000).map(|text| form(text)).collect();
    let one = forms.first().filter(|_| forms.len() == 1 && values.len() >= ENOUGH);
    match one {
        Some(one) if values.iter().all(|text| form(text) == *one) => terms.form = Some(one.clone()),
        _ => cased(terms, &values),
    }
}

/// The case of all values.
fn cased(terms: &mut ColumnTerms, values: &[String]) {
    let letters = |text: &&String| text.chars().any(char::is_alphabetic);
    if values.iter().filter(letters).take(ENOUGH).count() < ENOUGH {
        return;
    }
    let none = |wrong: fn(char) -> bool| values.iter().all(|text| !text.chars().any(wrong));
    terms.case = if none(char::is_lowercase) {
        Some(Case::Upper)
    } else {
        none(char::is_uppercase).then_some(Case::Lower)
    };
}
