//! Whether a table keeps a contract.
//!
//! Terms of columns are checked one by one over all rows, columns in parallel; oddities are those of
//! the profile, so that a contract and `ruska profile` never disagree. Cost that of the profile plus
//! O(rows) for each term.

use super::bounds::by_chance;
use super::column::Checked;
use super::oddities::{self, OF_COLUMNS};
use super::spec::{ColumnTerms, ContractSpec, Stance, TableTerms};
use super::verdict::{Breach, Check, ContractVerdict};
use crate::Error;
use rayon::prelude::*;
use ruska::words::percent;
use ruska::{Finding, FindingCode, Frame, Kind, ReadTable, masked, repeats, value_text};
use std::collections::BTreeMap;

/// Columns that are not there for which one of a like name is looked for.
const NEAR: usize = 20;

/// Checks a table; `now_ms`, milliseconds since 1970, is what ages and times to come are counted
/// from.
///
/// Fails when the oddities of the table cannot be looked for, as where it has no row.
pub fn check(
    table: &ReadTable,
    contract: &ContractSpec,
    now_ms: i64,
) -> Result<ContractVerdict, Error> {
    let frame = &table.frame;
    let mut verdict =
        ContractVerdict { rows: frame.rows(), columns: frame.width(), checks: 0, breaches: vec![] };
    whole(table, contract, &mut verdict);
    let odd = odd(table, contract)?;
    let columns: Vec<(usize, Vec<Breach>)> = frame
        .fields()
        .par_iter()
        .map(|field| {
            let name = &*field.name;
            let Some(terms) = contract.columns.get(name) else {
                return extra(name, contract, about(&odd, name));
            };
            let mut checked = Checked::new(name, &field.column, terms, now_ms);
            checked.checks += usize::from(contract.table.oddities == Stance::Refuse);
            let (rows, most) = (frame.rows(), contract.table.max_odd);
            let few =
                |count: usize| count as f64 <= most * rows as f64 || by_chance(count, rows, most);
            let new = |f: &&Finding| {
                let few = oddities::of_values(f.code) && few(f.count);
                let told = rows >= oddities::least_rows(f.code, terms);
                told && oddities::of_named(f.code)
                    && !oddities::covers(&terms.known, f.code)
                    && !few
            };
            let told = about(&odd, name).filter(new).map(|f| oddity(name, terms, f, table));
            checked.breaches.extend(told);
            (checked.checks, checked.breaches)
        })
        .collect();
    for (checks, breaches) in columns {
        verdict.checks += checks;
        verdict.breaches.extend(breaches);
    }
    Ok(verdict)
}

/// What a contract says of a table that could be read and has no row: that it breaks `min_rows`. None
/// where the contract asks for no rows, and where the table could not be read.
pub fn without_rows(error: &ruska::Error, contract: &ContractSpec) -> Option<ContractVerdict> {
    contract.table.min_rows.filter(|least| *least > 0 && error.is_without_rows())?;
    let none = ReadTable { frame: Frame::new(vec![]).ok()?, findings: vec![], files: vec![] };
    let mut verdict = ContractVerdict { rows: 0, columns: 0, checks: 0, breaches: vec![] };
    let rows = TableTerms { min_rows: contract.table.min_rows, ..TableTerms::default() };
    whole(&none, &ContractSpec { table: rows, ..ContractSpec::default() }, &mut verdict);
    Some(verdict)
}

/// The findings about a column.
fn about<'a>(findings: &'a [Finding], name: &'a str) -> impl Iterator<Item = &'a Finding> {
    findings.iter().filter(move |f| f.column.as_deref() == Some(name))
}

/// Rows, repeats, and columns that are not there.
fn whole(table: &ReadTable, contract: &ContractSpec, verdict: &mut ContractVerdict) {
    let (frame, terms) = (&table.frame, &contract.table);
    let rows = frame.rows();
    for (limit, wrong, word) in [
        (terms.min_rows, terms.min_rows.is_some_and(|least| rows < least), "at least"),
        (terms.max_rows, terms.max_rows.is_some_and(|most| rows > most), "at most"),
    ] {
        verdict.checks += usize::from(limit.is_some());
        if let (Some(limit), true) = (limit, wrong) {
            let rows = if rows == 1 { "is 1 row".into() } else { format!("are {rows} rows") };
            let what = format!("there {rows}, expected {word} {limit}");
            verdict.breaches.push(Breach::plain(Check::Rows, None, what));
        }
    }
    if let Some(most) = terms.max_repeats {
        verdict.checks += 1;
        let again = repeats(frame);
        let share = again.len() as f64 / rows.max(1) as f64;
        if share > most && !by_chance(again.len(), rows, most) {
            let what = format!(
                "{} of the rows repeat an earlier one, at most {}",
                percent(share),
                percent(most)
            );
            verdict.breaches.push(Breach::by(Check::Repeats, None, what, &again));
        }
    }
    let names = frame.fields().iter().map(|field| &*field.name);
    let strange: Vec<&str> = names.filter(|name| !contract.columns.contains_key(*name)).collect();
    let mut looked = 0;
    for (name, _) in contract.columns.iter().filter(|(_, terms)| terms.required) {
        verdict.checks += 1;
        if frame.field(name).is_none() {
            // Of another table no column is there, and comparing all names with all takes long.
            looked += 1;
            let strange = if looked > NEAR { &[][..] } else { &strange[..] };
            let near = ruska::closest(name, strange.iter().copied());
            let near = near.first().map_or(String::new(), |n| format!("; there is `{n}`"));
            let what = format!("the column is not there{near}");
            verdict.breaches.push(Breach::plain(Check::MissingColumn, Some(name), what));
        }
    }
}

/// What is odd about the table, read as the contract says; nothing where oddities are allowed and no
/// column is unexpected.
fn odd(table: &ReadTable, contract: &ContractSpec) -> Result<Vec<Finding>, Error> {
    if contract.table.oddities == Stance::Allow && contract.table.extra_columns == Stance::Allow {
        return Ok(vec![]);
    }
    // What any value fits is read as the contract says; whether the others fit is what is asked.
    let fixed = |(name, terms): (&String, &ColumnTerms)| match terms.kind {
        Some(kind @ (Kind::Categorical | Kind::Text | Kind::Identifier | Kind::Ignored))
            if table.frame.field(name).is_some() =>
        {
            Some((name.clone(), kind))
        }
        _ => None,
    };
    let types: BTreeMap<String, Kind> = contract.columns.iter().filter_map(fixed).collect();
    let target = contract.table.target.as_deref();
    let target = target.filter(|name| table.frame.field(name).is_some());
    let found = match ruska::profile(table, target, &types) {
        // A target that cannot be learned from is told by its own terms.
        Err(_) if target.is_some() => ruska::profile(table, None, &types)?,
        found => found?,
    };
    Ok(found.findings.into_iter().filter(|f| OF_COLUMNS.contains(&f.code)).collect())
}

/// A column that the contract does not name, with what is odd about it.
fn extra<'a>(
    name: &str,
    contract: &ContractSpec,
    odd: impl Iterator<Item = &'a Finding>,
) -> (usize, Vec<Breach>) {
    let terms = &contract.table;
    let mut breaches = vec![];
    if terms.extra_columns == Stance::Refuse {
        let what = "the contract names no such column".to_owned();
        breaches.push(Breach::plain(Check::ExtraColumn, Some(name), what));
    }
    let refused = terms.extra_columns == Stance::Refuse || terms.oddities == Stance::Refuse;
    if refused {
        breaches.extend(odd.map(|f| Breach::plain(Check::Oddity(f.code), Some(name), told(f))));
    }
    (usize::from(refused), breaches)
}

/// What is odd, without texts of single rows, which may name persons.
fn told(finding: &Finding) -> String {
    if !matches!(finding.code, FindingCode::MixedTypes | FindingCode::BrokenEncoding) {
        return finding.what.clone();
    }
    let examples = finding.examples.iter().filter(|example| !example.is_empty());
    examples.fold(finding.what.clone(), |what, example| what.replace(example, &masked(example)))
}

/// An oddity of a column that the contract names, with the rows of its examples.
fn oddity(name: &str, terms: &ColumnTerms, finding: &Finding, table: &ReadTable) -> Breach {
    let check = Check::Oddity(finding.code);
    // Of spellings the first is the usual one.
    let usual = usize::from(finding.code == FindingCode::LevelVariants);
    let examples: Vec<&String> = finding.examples.iter().skip(usual).collect();
    let rows: Vec<usize> = match table.frame.field(name) {
        Some(field) if !examples.is_empty() => {
            let is_example = |row: &usize| {
                value_text(&field.column, *row).is_some_and(|text| examples.contains(&&text))
            };
            (0..table.frame.rows()).filter(is_example).collect()
        }
        _ => vec![],
    };
    let what = if terms.sensitive {
        format!("{} such values, which are not shown", finding.count)
    } else {
        told(finding)
    };
    Breach { count: finding.count, ..Breach::by(check, Some(name), what, &rows) }
}
