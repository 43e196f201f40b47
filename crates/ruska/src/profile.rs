//! Describing a table before anything is learned from it.

use crate::error::Error;
use ruska_core::{Frame, Kind, PredictError, Schema};
use ruska_data::{Profile, ReadTable};
use std::collections::BTreeMap;

/// Meaning, missing values and distribution of every column, and what is odd. With a target, leaks
/// and rare classes are looked for as well.
///
/// Fails when the target cannot be used or a type asked for does not fit.
pub fn profile(
    table: &ReadTable,
    target: Option<&str>,
    types: &BTreeMap<String, Kind>,
) -> Result<Profile, Error> {
    let (schema, inferred) = ruska_data::infer(&table.frame, types)?;
    let target =
        target.map(|name| ruska_data::target(&table.frame, name, None, None)).transpose()?;
    let findings = table.findings.iter().cloned().chain(inferred).collect();
    Ok(ruska_data::profile(&table.frame, &schema, target.as_ref(), findings)?)
}

/// What the columns of a table mean.
///
/// Fails when a type asked for does not fit.
pub fn meanings(table: &ReadTable, types: &BTreeMap<String, Kind>) -> Result<Schema, Error> {
    Ok(ruska_data::infer(&table.frame, types)?.0)
}

/// The columns of a table in the types of what they mean: numbers and booleans as `Float`, points in
/// time as `Time`, levels as `Str`; what identifies rows or tells nothing as it was read.
///
/// Fails when a type asked for does not fit.
pub fn typed(table: &ReadTable, types: &BTreeMap<String, Kind>) -> Result<Frame, Error> {
    let (schema, _) = ruska_data::infer(&table.frame, types)?;
    let names: Vec<&str> = schema.columns.iter().map(|c| c.name.as_str()).collect();
    Ok(ruska_data::apply(&table.frame, &schema, &names)?)
}

/// Some columns of a table in the types of what they mean in another one, whose schema it is.
///
/// Fails when the schema or the table has not one of them, or it holds another type, naming the line.
pub fn typed_as(table: &Frame, schema: &Schema, columns: &[&str]) -> Result<Frame, PredictError> {
    ruska_data::apply(table, schema, columns)
}
