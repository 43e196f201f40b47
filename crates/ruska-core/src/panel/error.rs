//! Why rows are no series of equal steps.

use thiserror::Error;

/// Two rows of one series and one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// Their series; empty where there is one only.
    pub series: String,
    /// Their time in print.
    pub time: String,
    /// Their rows in the table, from 0; messages count from 1.
    pub rows: [u32; 2],
}

/// Rows cannot be arranged.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PanelError {
    /// No row can be used.
    #[error("no row has a time{}", if *named { " and the name of a series" } else { "" })]
    NoRows {
        /// Whether rows have names of series.
        named: bool,
    },
    /// Rows have the series and the time of another one.
    #[error(
        "{}: {}; {}",
        match count {
            1 => "a row has the series and time of another one".to_owned(),
            n => format!("{n} rows have the series and time of another one"),
        },
        pairs.iter().map(told).collect::<Vec<_>>().join("; "),
        "name the column that tells the series apart, remove rows, or take the sum or the mean"
    )]
    Repeated {
        /// Rows that are too many.
        count: usize,
        /// The first of them with what they repeat, by series and time; at most three.
        pairs: Vec<Repeated>,
    },
    /// A series would be nearly all gaps.
    #[error(
        "{} from {first} to {last}, {steps} steps ({frequency}) for {rows} rows; one of these times may be wrong, or the frequency is too fine",
        match series.as_str() {
            "" => "the series goes".to_owned(),
            name => format!("series `{name}` goes"),
        }
    )]
    TooLong {
        /// Its name; empty where there is one only.
        series: String,
        /// Its first time in print.
        first: String,
        /// Its last time in print.
        last: String,
        /// Steps from one to the other.
        steps: u64,
        /// The frequency in words.
        frequency: String,
        /// Its rows.
        rows: usize,
    },
}

fn told(pair: &Repeated) -> String {
    let [first, second] = pair.rows.map(|row| u64::from(row) + 1);
    let series = match pair.series.as_str() {
        "" => String::new(),
        name => format!("series `{name}`, "),
    };
    format!("rows {first} and {second} ({series}{})", pair.time)
}
