//! What a contract may say.

use ruska::{FindingCode, Kind, Notation};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the form of contracts.
pub const VERSION: u32 = 1;

/// What a table is expected to hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractSpec {
    /// Version of the form of this file: 1.
    #[schemars(range(min = 1, max = 1))]
    pub contract: u32,
    /// What is expected of the table as a whole.
    #[serde(default)]
    pub table: TableTerms,
    /// What is expected of each column, by its name.
    #[serde(default)]
    pub columns: BTreeMap<String, ColumnTerms>,
}

/// What is expected of the table as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableTerms {
    /// Column to predict; with it, columns that repeat or tell it are looked for.
    pub target: Option<String>,
    /// Fewest rows.
    pub min_rows: Option<usize>,
    /// Most rows.
    pub max_rows: Option<usize>,
    /// Largest share of rows that equal an earlier one in every column, in [0, 1].
    #[schemars(range(min = 0, max = 1))]
    pub max_repeats: Option<f64>,
    /// Columns that the contract does not name.
    #[serde(default)]
    pub extra_columns: Stance,
    /// Oddities that `ruska profile` tells of columns and that their `known` does not list, such as
    /// broken letters, mixed units or copies of another column.
    #[serde(default)]
    pub oddities: Stance,
    /// Largest share of rows of a column whose values may be odd in a way that is not known of it:
    /// spellings, broken letters, words or numbers for a missing value, other units, outliers; in [0, 1].
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub max_odd: f64,
}

/// What happens to what a contract does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stance {
    /// It may be there.
    #[default]
    Allow,
    /// It breaks the contract.
    Refuse,
}

/// What is expected of a column. What is left out is not checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnTerms {
    /// numeric, boolean, categorical, time, text, identifier or ignored. Every value must be a
    /// number, or a time; of booleans there are two labels at most; every value of an identifier
    /// occurs once; levels that are not listed occur again (looked at from 1000 values on); texts
    /// are not all numbers or times (from 20 values on). What is ignored may be anything.
    #[serde(default, rename = "type")]
    #[schemars(schema_with = "kinds")]
    pub kind: Option<Kind>,
    /// Whether the column must be there.
    #[serde(default = "yes")]
    pub required: bool,
    /// Largest share of rows without a value, in [0, 1].
    #[schemars(range(min = 0, max = 1))]
    pub max_missing: Option<f64>,
    /// Whether every value occurs once; left out, it does with type = "identifier" alone.
    pub unique: Option<bool>,
    /// Least number, or earliest time.
    pub min: Option<Bound>,
    /// Greatest number, or latest time.
    pub max: Option<Bound>,
    /// Where most of the numbers lie.
    pub usual: Option<Usual>,
    /// The levels there are.
    pub levels: Option<Vec<String>>,
    /// Largest share of values that are none of the levels, in [0, 1].
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub max_new: f64,
    /// The form of every value: `A` for a capital, `a` for any other letter, `9` for a digit, all
    /// else as it is.
    pub form: Option<String>,
    /// The case of every letter.
    pub case: Option<Case>,
    /// How long before the check the newest time may lie, such as `30d`.
    pub max_age: Option<String>,
    /// Whether times after the check are allowed.
    #[serde(default = "yes")]
    pub future: bool,
    /// Whether `3/4/2026` is the third of April.
    #[serde(default)]
    pub day_first: bool,
    /// How numbers are written, where not plainly.
    pub written: Option<Written>,
    /// Whether values name or describe people: messages mask them.
    #[serde(default)]
    pub sensitive: bool,
    /// Oddities that `ruska profile` tells of the column and that are as they should be.
    #[serde(default)]
    #[schemars(schema_with = "codes")]
    pub known: Vec<FindingCode>,
}

fn yes() -> bool {
    true
}

impl Default for ColumnTerms {
    fn default() -> Self {
        Self {
            kind: None,
            required: true,
            max_missing: None,
            unique: None,
            min: None,
            max: None,
            usual: None,
            levels: None,
            max_new: 0.0,
            form: None,
            case: None,
            max_age: None,
            future: true,
            day_first: false,
            written: None,
            sensitive: false,
            known: vec![],
        }
    }
}

impl ColumnTerms {
    /// Whether every value must occur once.
    pub(super) fn is_key(&self) -> bool {
        self.unique.unwrap_or(self.kind == Some(Kind::Identifier))
    }

    /// Whether single values are kept out of messages and of the contract.
    pub(super) fn hides(&self) -> bool {
        self.sensitive || matches!(self.kind, Some(Kind::Identifier | Kind::Text))
    }
}

/// An end of a range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Bound {
    /// A number.
    Number(f64),
    /// A time, ISO 8601.
    Time(String),
}

/// Where most of the numbers lie.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Usual {
    /// The least of them.
    pub from: f64,
    /// The greatest of them.
    pub to: f64,
    /// Least share of the numbers that lie between, ends included, in (0, 1].
    #[schemars(range(min = 0, max = 1))]
    pub share: f64,
}

/// The case of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// All are capitals.
    Upper,
    /// None is.
    Lower,
}

/// How numbers are written: `$1,234.50` has the prefix `$`, the group mark `,` and the decimal mark
/// `.`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// What stands before every number.
    #[serde(default)]
    pub prefix: String,
    /// What stands after every number.
    #[serde(default)]
    pub suffix: String,
    /// What stands between groups of three digits.
    pub group: Option<char>,
    /// The decimal mark.
    #[serde(default = "point")]
    pub decimal: char,
}

fn point() -> char {
    '.'
}

impl From<&Written> for Notation {
    fn from(written: &Written) -> Self {
        let Written { prefix, suffix, group, decimal } = written.clone();
        Self { prefix, suffix, group, decimal }
    }
}

impl From<&Notation> for Written {
    fn from(notation: &Notation) -> Self {
        let Notation { prefix, suffix, group, decimal } = notation.clone();
        Self { prefix, suffix, group, decimal }
    }
}

fn kinds(_: &mut SchemaGenerator) -> Schema {
    let names = Kind::ALL.map(|kind| Some(kind.name()));
    let names: Vec<Option<&str>> = names.into_iter().chain([None]).collect();
    json_schema!({"type": ["string", "null"], "enum": names})
}

fn codes(_: &mut SchemaGenerator) -> Schema {
    let codes = super::oddities::OF_COLUMNS;
    json_schema!({"type": "array", "items": {"enum": codes}, "default": []})
}
