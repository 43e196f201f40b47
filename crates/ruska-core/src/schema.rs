//! What the columns of a file mean; inferred once, stored in the model, applied ever after.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a column's values mean, as far as learners and steps care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Numbers, stored as `Float`.
    Numeric,
    /// Yes or no, stored as `Float` 0 or 1.
    Boolean,
    /// One of some levels, stored as `Str`.
    Categorical,
    /// Points in time, stored as `Time`.
    Time,
    /// Free text, stored as `Str`.
    Text,
    /// A name or number of the row; never a feature.
    Identifier,
    /// Not used.
    Ignored,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Numeric,
        Self::Boolean,
        Self::Categorical,
        Self::Time,
        Self::Text,
        Self::Identifier,
        Self::Ignored,
    ];

    /// The name used in options and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Numeric => "numeric",
            Self::Boolean => "boolean",
            Self::Categorical => "categorical",
            Self::Time => "time",
            Self::Text => "text",
            Self::Identifier => "identifier",
            Self::Ignored => "ignored",
        }
    }
}

/// How a column writes its numbers, where not plainly: `$1,234.50` has the prefix `$`, groups of
/// digits set apart by `,` and the decimal mark `.`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notation {
    /// What stands before every number, such as `$`; may be empty.
    pub prefix: String,
    /// What stands after every number, such as `%` or `km`; may be empty.
    pub suffix: String,
    /// Between groups of three digits: `,`, `.`, `'`, or a blank for blanks of any kind.
    pub group: Option<char>,
    /// The decimal mark: `.` or `,`.
    pub decimal: char,
}

/// The meaning of one column with what is needed to read later files the same way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Meaning {
    /// Numbers; `integer` when every value seen was whole.
    Numeric {
        /// Every value seen was whole.
        integer: bool,
        /// How the numbers are written; `None` where plainly.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        notation: Option<Notation>,
    },
    /// Two labels, compared without regard to case.
    Boolean {
        /// Label of 0.
        no: String,
        /// Label of 1.
        yes: String,
    },
    /// Levels in sorted order; others are unseen.
    Categorical {
        /// The levels known.
        levels: Arc<Vec<String>>,
    },
    /// Points in time.
    Time {
        /// How `3/4/2024` reads: the fourth of March (`false`) or the third of April (`true`).
        day_first: bool,
    },
    /// Free text.
    Text,
    /// Identifies the row.
    Identifier,
    /// Not used, with the reason.
    Ignored {
        /// Why it is not used.
        why: String,
    },
}

impl Meaning {
    /// Numbers written plainly.
    pub fn numeric(integer: bool) -> Self {
        Self::Numeric { integer, notation: None }
    }

    /// The kind without details.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Numeric { .. } => Kind::Numeric,
            Self::Boolean { .. } => Kind::Boolean,
            Self::Categorical { .. } => Kind::Categorical,
            Self::Time { .. } => Kind::Time,
            Self::Text => Kind::Text,
            Self::Identifier => Kind::Identifier,
            Self::Ignored { .. } => Kind::Ignored,
        }
    }

    /// Whether a column of this meaning can be a feature.
    pub fn is_feature(&self) -> bool {
        !matches!(self, Self::Identifier | Self::Ignored { .. })
    }
}

/// A column's name and meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnSchema {
    /// Name in the file.
    pub name: String,
    /// What it means.
    pub meaning: Meaning,
}

/// The meaning of every column of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// In the order of the file.
    pub columns: Vec<ColumnSchema>,
}

impl Schema {
    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<&ColumnSchema> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// The column of a name, to change it.
    pub fn column_mut(&mut self, name: &str) -> Option<&mut ColumnSchema> {
        self.columns.iter_mut().find(|c| c.name == name)
    }
}
