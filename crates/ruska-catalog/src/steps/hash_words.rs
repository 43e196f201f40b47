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

use super::support::{Counts, IDF, Names, OfColumn, Texts, replace, strings, validate, words};
use crate::sound::{ascending, count, ensure};
use ruska_core::{
    Field, FitError, Frame, Kind, Need, PredictError, Preprocessor, RunContext, Space, Stage,
    StepInfo, StepInput, TaskMeta, TransformStep, hash,
};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Logarithm of the number of buckets.
const BITS: RangeInclusive<u32> = 4..=20;

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

/// What is taken from one text.
struct Words {
    /// Buckets, ascending, with their weights before scaling.
    weights: Vec<(u32, f64)>,
    counts: Counts,
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
) -> Result<Vec<(Hashed, Texts<Words>)>, FitError> {
    let bits = params.bits.unwrap_or(if input.sparse { 14 } else { 12 });
    if !BITS.contains(&bits) {
        let why = format!("`bits` is {bits}, it must be in 4..=20");
        return Err(FitError::Params { id: "hash_words".to_owned(), why });
    }
    let mut names = Names::of(input.x);
    let mut learned = vec![];
    for field in input.x.fields().iter().filter(|f| f.kind == Kind::Text) {
        let column = strings(field)?;
        let texts =
            Texts::of(column, |text| Words::of(text, bits, params.bigrams), || ctx.check())?;
        let (touched, n) = frequencies(&texts, input.rows, bits);
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

/// Training rows that touch each bucket, and training rows with a text.
fn frequencies(texts: &Texts<Words>, rows: &[u32], bits: u32) -> (Vec<u32>, usize) {
    let times = texts.times(rows);
    let mut touched = vec![0u32; 1 << bits];
    for (words, &times) in texts.made().iter().zip(&times) {
        words.weights.iter().for_each(|(bucket, _)| touched[*bucket as usize] += times);
    }
    (touched, times.iter().map(|t| *t as usize).sum())
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
        let mut hashes: Vec<u64> = words(&lower).map(|word| hash::bytes(word.as_bytes())).collect();
        let n_words = hashes.len();
        if bigrams {
            let pairs: Vec<u64> = hashes.windows(2).map(hash::combine).collect();
            hashes.extend(pairs);
        }
        Self { weights: weights(&hashes, bits), counts: Counts::of(text, n_words) }
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

impl Hashed {
    fn fields(&self, texts: &Texts<Words>) -> Vec<Field> {
        let mut fields = match &self.output {
            Output::Block(idf) => {
                let weigh = |words: &Words| words.scaled(|bucket| idf[bucket as usize]);
                let name = format!("{}#*", self.stem);
                vec![Field::new(name, Kind::Numeric, texts.block(idf.len(), weigh))]
            }
            Output::Columns(buckets) => self.columns(texts, buckets),
        };
        fields.extend(Counts::fields(&self.stem, texts, |words| &words.counts));
        fields
    }

    fn columns(&self, texts: &Texts<Words>, buckets: &[u32]) -> Vec<Field> {
        let pick = |words: &Words| -> Vec<(u32, f64)> {
            let place = |(bucket, w)| buckets.binary_search(&bucket).ok().map(|at| (at as u32, w));
            words.scaled(|_| 1.0).into_iter().filter_map(place).collect()
        };
        let field = |(bucket, column): (&u32, _)| {
            let name = format!("{}#{bucket}", self.stem);
            Field::new(name, Kind::Numeric, column)
        };
        buckets.iter().zip(texts.columns(buckets.len(), pick)).map(field).collect()
    }
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        replace(x, &self.0, |i, field| {
            let (state, column) = (&self.0[i], strings(field)?);
            let go_on = || Ok::<_, PredictError>(());
            let words = |text: &str| Words::of(text, state.bits, state.bigrams);
            Ok(state.fields(&Texts::of(column, words, go_on)?))
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
