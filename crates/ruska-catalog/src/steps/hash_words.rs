//! Hashed words: a free text becomes weights of its words, and a few counts.
//!
//! Does: lower-cases, takes runs of letters and digits as words (with `bigrams` also each pair of
//! neighbours), sums ±1 for each in one of 2^bits buckets, replaces a sum s by sign(s)·ln(1 + |s|)
//! and scales the row to length 1. For learners that take sparse blocks, buckets are weighted by
//! ln((1 + n) / (1 + df)) + 1 over the training rows first, and all come out as one block; for the
//! others the buckets that most training rows touch come out as columns. Number of characters and
//! words, and shares of digits, capitals and symbols of all characters, are always added. Wins:
//! topics, spam, titles. Fails: meaning that lies in word order. Cost: O(characters); a text that
//! occurs again costs nothing. Handles: a missing text has no words and NaN counts. Reference:
//! Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009.

use super::support::{Names, OfColumn, replace, strings, validate};
use crate::sound::{ascending, count, ensure};
use ruska_core::{
    Column, Field, FitError, Frame, Kind, Need, PredictError, Preprocessor, RunContext, Space,
    Sparse, Stage, StepInfo, StepInput, StrColumn, TaskMeta, TransformStep, hash,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Names of the counts.
const COUNTS: [&str; 5] = ["length", "words", "digits", "capitals", "symbols"];
/// Logarithm of the number of buckets.
const BITS: RangeInclusive<u32> = 4..=20;
/// Inverse document frequencies of fewer than 2^64 rows.
const IDF: RangeInclusive<f64> = 1.0..=46.0;
/// Texts between two looks at the deadline.
const CHECK_EVERY: usize = 256;

pub(super) struct HashWords;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// Logarithm of the number of buckets, 4..=20; 14 for sparse blocks and 12 for columns if
    /// `None`.
    bits: Option<u32>,
    /// Most columns where the learner takes no sparse blocks.
    columns: usize,
    /// Counts pairs of neighbouring words too.
    bigrams: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self { bits: None, columns: 128, bigrams: false }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Hashed>);

#[derive(Serialize, Deserialize)]
struct Hashed {
    name: String,
    stem: String,
    bits: u32,
    bigrams: bool,
    output: Output,
}

#[derive(Serialize, Deserialize)]
enum Output {
    /// Weight of each bucket.
    Block(#[serde(with = "ruska_core::codec::packed")] Vec<f64>),
    /// The buckets that become columns, ascending.
    Columns(#[serde(with = "ruska_core::codec::packed")] Vec<u32>),
}

impl OfColumn for Hashed {
    fn column(&self) -> &str {
        &self.name
    }
}

/// The distinct texts of a column.
struct Texts {
    words: Vec<Words>,
    /// Index into `words` of each row that has a text.
    of_row: Vec<Option<u32>>,
}

/// What is taken from one text.
struct Words {
    /// Buckets, ascending, with their weights before scaling.
    weights: Vec<(u32, f64)>,
    counts: [f64; COUNTS.len()],
}

impl Preprocessor for HashWords {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "hash_words",
        summary: "free text becomes weights of its words and a few counts",
        stage: Stage::Encode,
        closes: &[Need::Text],
        suits: None,
        reference: "https://arxiv.org/abs/0902.2206",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().bool("bigrams", false)
    }

    fn fit(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<State, FitError> {
        Ok(State(learn(params, &input, ctx)?.into_iter().map(|(state, _)| state).collect()))
    }

    fn fit_transform(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<(State, Frame), FitError> {
        let (states, texts): (Vec<_>, Vec<_>) = learn(params, &input, ctx)?.into_iter().unzip();
        let frame = replace(input.x, &states, |i, _| Ok(states[i].fields(&texts[i])))?;
        Ok((State(states), frame))
    }
}

/// The state of each text column, with its words.
fn learn(
    params: &Params,
    input: &StepInput<'_>,
    ctx: &RunContext<'_>,
) -> Result<Vec<(Hashed, Texts)>, FitError> {
    let bits = params.bits.unwrap_or(if input.sparse { 14 } else { 12 });
    if !BITS.contains(&bits) {
        let why = format!("`bits` is {bits}, it must be in 4..=20");
        return Err(FitError::Params { id: "hash_words".to_owned(), why });
    }
    let mut names = Names::of(input.x);
    let mut learned = vec![];
    for field in input.x.fields().iter().filter(|f| f.kind == Kind::Text) {
        let column = strings(field)?;
        let texts = Texts::of(column, bits, params.bigrams, || ctx.check())?;
        let (touched, n) = texts.frequencies(input.rows, bits);
        let output = if input.sparse {
            let idf = |df: &u32| ((1.0 + n as f64) / (1.0 + f64::from(*df))).ln() + 1.0;
            Output::Block(touched.iter().map(idf).collect())
        } else {
            Output::Columns(most_touched(&touched, params.columns))
        };
        let (name, stem) = (field.name.to_string(), names.stem(&field.name));
        learned.push((Hashed { name, stem, bits, bigrams: params.bigrams, output }, texts));
    }
    Ok(learned)
}

impl Texts {
    /// Takes the words of each text; `check` is asked now and then whether to go on.
    fn of<E>(
        column: &StrColumn,
        bits: u32,
        bigrams: bool,
        check: impl Fn() -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut words = vec![];
        let mut seen = HashMap::new();
        let mut of_row = Vec::with_capacity(column.codes.len());
        for (row, &code) in column.codes.iter().enumerate() {
            if row % CHECK_EVERY == 0 {
                check()?;
            }
            of_row.push(column.get(row).map(|text| {
                *seen.entry(code).or_insert_with(|| {
                    words.push(Words::of(text, bits, bigrams));
                    words.len() as u32 - 1
                })
            }));
        }
        Ok(Self { words, of_row })
    }

    /// Training rows that touch each bucket, and training rows with a text.
    fn frequencies(&self, rows: &[u32], bits: u32) -> (Vec<u32>, usize) {
        let mut times = vec![0u32; self.words.len()];
        let texts = rows.iter().filter_map(|&row| self.of_row[row as usize]);
        texts.for_each(|text| times[text as usize] += 1);
        let mut touched = vec![0u32; 1 << bits];
        for (words, &times) in self.words.iter().zip(&times) {
            words.weights.iter().for_each(|(bucket, _)| touched[*bucket as usize] += times);
        }
        (touched, times.iter().map(|t| *t as usize).sum())
    }

    /// What `make` makes of the words of each row, made once for each text.
    fn each_row<T>(&self, make: impl Fn(&Words) -> T, mut take: impl FnMut(usize, &T)) {
        let made: Vec<T> = self.words.iter().map(make).collect();
        for (row, text) in self.of_row.iter().enumerate() {
            if let Some(text) = text {
                take(row, &made[*text as usize]);
            }
        }
    }
}

/// The buckets that most rows touch, ascending.
fn most_touched(touched: &[u32], most: usize) -> Vec<u32> {
    let mut buckets: Vec<u32> =
        (0..touched.len() as u32).filter(|b| touched[*b as usize] > 0).collect();
    buckets.sort_by_key(|b| std::cmp::Reverse(touched[*b as usize]));
    buckets.truncate(most);
    buckets.sort_unstable();
    buckets
}

impl Words {
    fn of(text: &str, bits: u32, bigrams: bool) -> Self {
        let lower = text.to_lowercase();
        let words = || lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let mut hashes: Vec<u64> = words().map(|word| hash::bytes(word.as_bytes())).collect();
        let n_words = hashes.len();
        if bigrams {
            let pairs: Vec<u64> = hashes.windows(2).map(hash::combine).collect();
            hashes.extend(pairs);
        }
        Self { weights: weights(&hashes, bits), counts: counts(text, n_words) }
    }

    /// The weights after `scale`, with length 1.
    fn scaled(&self, scale: impl Fn(u32) -> f64) -> Vec<(u32, f64)> {
        let mut weights: Vec<(u32, f64)> =
            self.weights.iter().map(|&(bucket, w)| (bucket, w * scale(bucket))).collect();
        let length = weights.iter().map(|(_, w)| w * w).sum::<f64>().sqrt();
        weights.iter_mut().for_each(|(_, w)| *w /= length);
        weights
    }
}

/// Sums ±1 by bucket: low bits of a hash choose the bucket, the highest one the sign.
fn weights(hashes: &[u64], bits: u32) -> Vec<(u32, f64)> {
    let cell = |h: &u64| ((h & ((1 << bits) - 1)) as u32, if h >> 63 == 0 { -1.0 } else { 1.0 });
    let mut cells: Vec<(u32, f64)> = hashes.iter().map(cell).collect();
    cells.sort_unstable_by_key(|(bucket, _)| *bucket);
    let sums = cells.chunk_by(|a, b| a.0 == b.0).map(|run| {
        let sum: f64 = run.iter().map(|(_, sign)| sign).sum();
        (run[0].0, sum.signum() * sum.abs().ln_1p())
    });
    sums.filter(|(_, weight)| *weight != 0.0).collect()
}

/// Characters, words, and shares of digits, capitals and symbols of all characters.
fn counts(text: &str, words: usize) -> [f64; COUNTS.len()] {
    let [mut length, mut digits, mut capitals, mut symbols] = [0.0; 4];
    for c in text.chars() {
        length += 1.0;
        digits += f64::from(c.is_numeric());
        capitals += f64::from(c.is_uppercase());
        symbols += f64::from(!c.is_alphanumeric() && !c.is_whitespace());
    }
    let all = f64::max(length, 1.0);
    [length, words as f64, digits / all, capitals / all, symbols / all]
}

impl Hashed {
    fn fields(&self, texts: &Texts) -> Vec<Field> {
        let mut fields = match &self.output {
            Output::Block(idf) => vec![self.block(texts, idf)],
            Output::Columns(buckets) => self.columns(texts, buckets),
        };
        fields.extend(COUNTS.iter().enumerate().map(|(i, name)| {
            let mut values = vec![f64::NAN; texts.of_row.len()];
            texts.each_row(|words| words.counts[i], |row, count| values[row] = *count);
            self.field(&format!(".{name}"), values)
        }));
        fields
    }

    fn field(&self, suffix: &str, values: Vec<f64>) -> Field {
        Field::new(format!("{}{suffix}", self.stem), Kind::Numeric, Column::float(values))
    }

    fn block(&self, texts: &Texts, idf: &[f64]) -> Field {
        let (rows, width) = (texts.of_row.len(), idf.len());
        let mut block = Sparse { width, offsets: vec![0], indices: vec![], values: vec![] };
        let weigh = |words: &Words| words.scaled(|bucket| idf[bucket as usize]);
        texts.each_row(weigh, |row, weights| {
            block.offsets.resize(row + 1, block.indices.len());
            block.indices.extend(weights.iter().map(|(bucket, _)| *bucket));
            block.values.extend(weights.iter().map(|(_, weight)| *weight));
        });
        block.offsets.resize(rows + 1, block.indices.len());
        let name = format!("{}#*", self.stem);
        Field::new(name, Kind::Numeric, Column::Sparse(Arc::new(block)))
    }

    fn columns(&self, texts: &Texts, buckets: &[u32]) -> Vec<Field> {
        let mut columns = vec![vec![0.0; texts.of_row.len()]; buckets.len()];
        let pick = |words: &Words| -> Vec<(usize, f64)> {
            let at = |(bucket, w)| buckets.binary_search(&bucket).ok().map(|column| (column, w));
            words.scaled(|_| 1.0).into_iter().filter_map(at).collect()
        };
        texts.each_row(pick, |row, cells| {
            cells.iter().for_each(|&(column, weight)| columns[column][row] = weight);
        });
        let field = |(bucket, values): (&u32, _)| self.field(&format!("#{bucket}"), values);
        buckets.iter().zip(columns).map(field).collect()
    }
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        replace(x, &self.0, |i, field| {
            let (state, column) = (&self.0[i], strings(field)?);
            let go_on = || Ok::<_, PredictError>(());
            Ok(state.fields(&Texts::of(column, state.bits, state.bigrams, go_on)?))
        })
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |state| {
            ensure(BITS.contains(&state.bits), "the number of buckets is out of range")?;
            match &state.output {
                Output::Block(idf) => {
                    count("weights of buckets", idf.len(), [1 << state.bits, 1])?;
                    let sane = idf.iter().all(|w| IDF.contains(w));
                    ensure(sane, "a weight of a bucket is out of range")
                }
                Output::Columns(buckets) => ascending("buckets", buckets, 1 << state.bits),
            }
        })
    }
}
