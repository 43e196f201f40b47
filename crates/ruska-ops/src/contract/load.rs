//! Contract files.

use super::spec::{Bound, ColumnTerms, ContractSpec, TableTerms, VERSION};
use crate::Error;
use crate::written::{self, Source};
use ruska::{Kind, parse_time};
use std::path::Path;

/// A contract file that was read and found sound.
#[derive(Clone, Debug, PartialEq)]
pub struct Contract {
    file: String,
    spec: ContractSpec,
    digest: String,
}

impl Contract {
    /// Reads a contract.
    ///
    /// Fails with file, line, column and what would do when anything in it cannot be used.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let (bytes, _) = written::bytes(path)?;
        Self::parse(&path.display().to_string(), &bytes)
    }

    /// The same from bytes; `file` names them in errors.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, Error> {
        let source = Source { file, text: written::text(file, bytes)? };
        let spec: ContractSpec = written::parse(&source)?;
        refuse(&spec, &source)?;
        let digest = ruska::Digest::of(bytes).to_string();
        Ok(Self { file: file.to_owned(), spec, digest })
    }

    /// The file, as it was named.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// What it says.
    pub fn spec(&self) -> &ContractSpec {
        &self.spec
    }

    /// BLAKE3 hash of the file, hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

/// Refuses what the types cannot, at its place.
fn refuse(spec: &ContractSpec, source: &Source<'_>) -> Result<(), Error> {
    if spec.contract != VERSION {
        let what = format!("contracts of version {} are not known; write 1", spec.contract);
        return Err(source.at_key(&["contract"], what));
    }
    table(&spec.table, source)?;
    spec.columns.iter().try_for_each(|(name, terms)| column(name, terms, source))
}

fn table(terms: &TableTerms, source: &Source<'_>) -> Result<(), Error> {
    share(terms.max_repeats, &["table", "max_repeats"], source)?;
    share(Some(terms.max_odd), &["table", "max_odd"], source)?;
    match (terms.min_rows, terms.max_rows) {
        (Some(least), Some(most)) if least > most => {
            Err(source.at_key(&["table", "max_rows"], "is less than `min_rows`"))
        }
        _ => Ok(()),
    }
}

fn share(value: Option<f64>, path: &[&str], source: &Source<'_>) -> Result<(), Error> {
    match value {
        Some(value) if !(0.0..=1.0).contains(&value) => {
            Err(source.at_key(path, format!("{value} is no share between 0 and 1")))
        }
        _ => Ok(()),
    }
}

fn column(name: &str, terms: &ColumnTerms, source: &Source<'_>) -> Result<(), Error> {
    let at = |key: &str, what: String| Err(source.at_key(&["columns", name, key], what));
    share(terms.max_missing, &["columns", name, "max_missing"], source)?;
    share(Some(terms.max_new), &["columns", name, "max_new"], source)?;
    let kind = terms.kind;
    let only = |key: &str, given: bool, kind_of: Kind| {
        if given && kind != Some(kind_of) {
            let what = format!("has a sense with type = \"{}\" alone", kind_of.name());
            return at(key, what);
        }
        Ok(())
    };
    range(name, terms, source)?;
    only("usual", terms.usual.is_some(), Kind::Numeric)?;
    only("written", terms.written.is_some(), Kind::Numeric)?;
    only("max_age", terms.max_age.is_some(), Kind::Time)?;
    only("future", !terms.future, Kind::Time)?;
    only("day_first", terms.day_first, Kind::Time)?;
    if let Some(usual) = terms.usual {
        if !(0.0..=1.0).contains(&usual.share) {
            let path = ["columns", name, "usual", "share"];
            return share(Some(usual.share), &path, source);
        }
        if usual.from.is_nan() || usual.to.is_nan() || usual.from > usual.to {
            return at("usual", "`from` must be a number not above `to`".to_owned());
        }
    }
    if let Some(age) = &terms.max_age
        && let Err(why) = ruska::notation::duration(age)
    {
        return at("max_age", why);
    }
    if terms.max_new > 0.0 && terms.levels.is_none() {
        return at("max_new", "has a sense with `levels` alone".to_owned());
    }
    Ok(())
}

/// Refuses ends of a range that are of another type than the column.
fn range(name: &str, terms: &ColumnTerms, source: &Source<'_>) -> Result<(), Error> {
    let at = |key: &str, what: String| Err(source.at_key(&["columns", name, key], what));
    for (key, bound) in [("min", &terms.min), ("max", &terms.max)] {
        match (bound, terms.kind) {
            (None, _) => {}
            (Some(Bound::Number(number)), Some(Kind::Numeric)) => {
                if number.is_nan() {
                    return at(key, "is no number".to_owned());
                }
            }
            (Some(Bound::Time(text)), Some(Kind::Time)) => {
                if parse_time(text, terms.day_first).is_none() {
                    return at(key, format!("`{text}` is no time; write one such as 2026-01-31"));
                }
            }
            (Some(Bound::Time(text)), Some(Kind::Numeric)) => {
                return at(key, format!("`{text}` is no number"));
            }
            (Some(bound), _) => {
                let kind = match bound {
                    Bound::Number(_) => Kind::Numeric,
                    Bound::Time(_) => Kind::Time,
                };
                return at(key, format!("has a sense with type = \"{}\" alone", kind.name()));
            }
        }
    }
    if let (Some(Bound::Number(least)), Some(Bound::Number(most))) = (&terms.min, &terms.max)
        && least > most
    {
        return at("max", "is less than `min`".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn refused(body: &str) -> String {
        Contract::parse("c.toml", body.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn what_cannot_be_used_is_told_at_its_place() {
        for (body, told) in [
            ("", "c.toml:1:1: missing field `contract`"),
            (
                "contract = 2\n",
                "c.toml:1:12: contract: contracts of version 2 are not known; write 1",
            ),
            (
                "contract = 1\n[columns.a]\nmax_mising = 0.1\n",
                "c.toml:3:1: [columns.a] unknown key `max_mising`; did you mean `max_missing`?",
            ),
            (
                "contract = 1\n[columns.a]\ntype = \"numerc\"\n",
                "c.toml:3:8: [columns.a] type: unknown value `numerc`; did you mean `numeric`?",
            ),
            (
                "contract = 1\n[columns.a]\nmax_missing = 2\n",
                "c.toml:3:15: [columns.a] max_missing: 2 is no share between 0 and 1",
            ),
            (
                "contract = 1\n[columns.a]\nmin = 1\n",
                "c.toml:3:7: [columns.a] min: has a sense with type = \"numeric\" alone",
            ),
            (
                "contract = 1\n[columns.a]\ntype = \"time\"\nmin = \"soon\"\n",
                "c.toml:4:7: [columns.a] min: `soon` is no time; write one such as 2026-01-31",
            ),
            (
                "contract = 1\n[columns.a]\ntype = \"numeric\"\nmin = 3\nmax = 2\n",
                "c.toml:5:7: [columns.a] max: is less than `min`",
            ),
            (
                "contract = 1\n[columns.a]\nknown = [\"outlier\"]\n",
                "c.toml:3:10: [columns.a] known: unknown value `outlier`; did you mean `outliers`?",
            ),
            (
                "contract = 1\n[table]\nmin_rows = 9\nmax_rows = 2\n",
                "c.toml:4:12: [table] max_rows: is less",
            ),
        ] {
            let said = refused(body);
            assert!(said.starts_with(told), "{body}\n{said}");
        }
    }
}
