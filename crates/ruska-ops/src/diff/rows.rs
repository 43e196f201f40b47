//! The rows themselves: all of them as a table, and those that change most.

use super::Diff;
use super::changes::Changes;
use super::report::{Drivers, Effect, Quantity, Row, RowValue};
use super::scored::Scored;
use crate::Error;
use ruska::{
    Column, Field, Frame, Kind, MISSING, OutputColumn, PredictionWriter, hint, value_text,
};
use std::sync::Arc;

/// Rows listed at most.
const LARGEST: usize = 10;

/// The rows whose decision changes with the largest change, the first of equals first.
pub(super) fn largest(
    scored: &Scored,
    changes: &Changes,
    table: &Frame,
    drivers: &Drivers,
) -> Vec<Row> {
    let mut rows: Vec<usize> = (0..scored.rows()).filter(|row| changes.changed[*row]).collect();
    rows.sort_by(|a, b| changes.change[*b].abs().total_cmp(&changes.change[*a].abs()));
    rows.truncate(LARGEST);
    let classes = !scored.shared.classes.is_empty();
    let row = |row: usize| {
        let (old, new) = scored.numbers(row);
        let place = scored.shared.rows.binary_search(&(row as u32)).ok();
        let value = |name: &str| RowValue {
            column: name.to_owned(),
            value: table.field(name).and_then(|f| value_text(&f.column, row)),
        };
        Row {
            row: row + 1,
            truth: place.map(|place| scored.truth(place)),
            old: scored.said(&scored.old, row),
            new: scored.said(&scored.new, row),
            old_probability: classes.then_some(old),
            new_probability: classes.then_some(new),
            change: changes.change[row],
            effect: changes.effect[row],
            values: drivers.listed.iter().map(|driver| value(&driver.column)).collect(),
        }
    };
    rows.into_iter().map(row).collect()
}

impl Diff {
    /// Every row of the table that was compared, in its order: `row` from 1, the columns in `keep`
    /// unchanged, `old` and `new` predictions, for classes the probability that changes are of
    /// (`old_proba_<class>` of two classes), `difference`, `changed`, and with a target `effect`.
    ///
    /// Fails when the table lacks a column to keep, or one has the name of another of these.
    pub fn table(&self, table: &Frame, keep: &[String]) -> Result<Frame, Error> {
        let mut fields = vec![];
        let rows = (1..=table.rows() as i64).collect();
        fields.push(Field::new("row", Kind::Identifier, Column::Int(Arc::new(rows))));
        for name in keep {
            fields.push(kept(table, name)?.clone());
        }
        fields.extend(self.predictions());
        let repeated = |(place, field): &(usize, &Field)| {
            fields[..*place].iter().any(|before| before.name == field.name)
        };
        if let Some((_, field)) = fields.iter().enumerate().find(repeated) {
            return Err(Error::Refused(format!(
                "--keep names `{}`, which the output has already; rename the column in the table \
                 or leave it out of --keep",
                field.name
            )));
        }
        Frame::with_rows(fields, table.rows()).map_err(|e| Error::Refused(e.to_string()))
    }

    fn predictions(&self) -> Vec<Field> {
        let Self { scored, changes, .. } = self;
        let rows = || 0..scored.rows();
        let number =
            |name: &str, values: Vec<f64>| Field::new(name, Kind::Numeric, Column::float(values));
        let numbers: (Vec<f64>, Vec<f64>) = rows().map(|row| scored.numbers(row)).unzip();
        let mut fields = vec![];
        if scored.shared.classes.is_empty() {
            fields.extend([number("old", numbers.0), number("new", numbers.1)]);
        } else {
            for (name, of) in [("old", &scored.old), ("new", &scored.new)] {
                let codes = rows().map(|row| of.class(row) as u32).collect();
                let column = Column::text(codes, scored.shared.classes.clone());
                fields.push(Field::new(name, Kind::Categorical, column));
            }
            let proba = match scored.quantity() {
                Quantity::ProbabilityOf(class) => format!("proba_{class}"),
                _ => "proba".to_owned(),
            };
            fields.push(number(&format!("old_{proba}"), numbers.0));
            fields.push(number(&format!("new_{proba}"), numbers.1));
        }
        fields.push(number("difference", changes.change.clone()));
        let changed = changes.changed.iter().map(|c| i8::from(*c)).collect();
        fields.push(Field::new("changed", Kind::Boolean, Column::Bool(Arc::new(changed))));
        if scored.has_target {
            let effects = [Effect::Better, Effect::Worse, Effect::Neither];
            let place = |effect| effects.iter().position(|e| *e == effect).map(|p| p as u32);
            let codes = changes.effect.iter().map(|e| e.and_then(place).unwrap_or(MISSING));
            let levels = effects.map(|effect| effect.name().to_owned()).to_vec();
            let column = Column::text(codes.collect(), levels);
            fields.push(Field::new("effect", Kind::Categorical, column));
        }
        fields
    }
}

/// A column to keep.
fn kept<'a>(table: &'a Frame, name: &str) -> Result<&'a Field, Error> {
    table.field(name).ok_or_else(|| {
        let names = table.fields().iter().map(|field| &*field.name);
        let hint = hint(name, names);
        let column = name.to_owned();
        Error::Ruska(ruska::Error::NoColumn { option: "--keep", column, hint })
    })
}

/// Writes a table of rows: `.csv`, `.csv.gz`, `.tsv`, `.parquet` or `.xlsx`; the file appears whole
/// or not at all.
///
/// Fails when the name tells no format and when the file cannot be written.
pub fn write(output: &str, table: &Frame) -> Result<(), Error> {
    let mut writer = PredictionWriter::create(output, &OutputColumn::of(table)).map_err(failed)?;
    writer.write(table).map_err(failed)?;
    writer.finish().map_err(failed)
}

/// Refuses, before any work is done, an output whose name tells no format and one that would replace
/// a file that is read.
pub fn check_output(output: &str, inputs: &[&str]) -> Result<(), Error> {
    PredictionWriter::check(output).map_err(failed)?;
    let there = std::fs::canonicalize(output).ok();
    let same = |input: &&&str| there.is_some() && std::fs::canonicalize(input).ok() == there;
    match inputs.iter().find(same) {
        None => Ok(()),
        Some(input) => Err(Error::Refused(format!(
            "--output {output} is {input}, which is read; choose another file"
        ))),
    }
}

fn failed(error: impl Into<ruska::Error>) -> Error {
    Error::Ruska(error.into())
}
