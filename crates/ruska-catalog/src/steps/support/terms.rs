//! Weights of the terms of texts, learned on training rows: what `tfidf` and `term_frequency` share.

use super::{Counts, Grams, IDF, Levels, Names, OfColumn, Texts, replace, strings, validate};
use crate::bridge::{Uncut, stopped};
use crate::parameters::at_least;
use crate::sound::{all_finite, count, ensure};
use ruska_core::{
    Field, FitError, Frame, Kind, PredictError, RunContext, Space, StepInput, StrColumn,
    TransformStep,
};
use ruska_kernels::linear::Csr;
use ruska_kernels::svd::right_vectors;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Texts between two looks at the deadline.
const CHECK_EVERY: usize = 4096;
/// Directions where the learner takes no sparse blocks.
const COMPONENTS: usize = 32;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TermParams {
    /// What counts as a term.
    grams: Grams,
    /// Least training texts that have a term of the vocabulary, at least 1.
    min_rows: i64,
    /// Most terms of the vocabulary, at least 1; 20,000 in sparse blocks and 5,000 where they are
    /// projected if `None`.
    max_terms: Option<i64>,
    /// A term that occurs c times counts 1 + ln c instead of c.
    sublinear: bool,
    /// Number of directions, at least 1; a sparse block where the learner takes them and 32
    /// otherwise if `None`.
    components: Option<i64>,
}

impl Default for TermParams {
    fn default() -> Self {
        let (grams, max_terms, components) = (Grams::Words, None, None);
        Self { grams, min_rows: 2, max_terms, sublinear: true, components }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Terms(Vec<Weighted>);

#[derive(Serialize, Deserialize)]
struct Weighted {
    name: String,
    stem: String,
    grams: Grams,
    sublinear: bool,
    terms: Levels,
    /// Inverse document frequency of each term, or ones.
    #[serde(with = "ruska_core::codec::packed")]
    idf: Vec<f64>,
    output: Output,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Output {
    /// A sparse block of the terms.
    Block,
    /// A column a term.
    Columns,
    /// A column a direction.
    Directions(Axes),
}

/// Directions in the space of terms.
#[derive(Serialize, Deserialize)]
struct Axes {
    count: usize,
    /// Term after term, one number a direction.
    #[serde(with = "ruska_core::codec::packed")]
    cells: Vec<f64>,
}

/// What is taken from one text: each term and how often it occurs, and the counts.
struct Occurrences {
    times: Vec<(u32, f64)>,
    counts: Counts,
}

impl OfColumn for Weighted {
    fn column(&self) -> &str {
        &self.name
    }
}

impl TermParams {
    /// What there is to search.
    pub(crate) fn space() -> Space {
        Space::new()
            .choice("grams", &["words", "pairs", "chars"], "words")
            .log_int("min_rows", 1, 20, 2)
    }
}

impl Terms {
    /// Learns the terms of a frame's text columns and transforms it. `step` is the id in errors;
    /// where not `idf`, every term has weight 1.
    pub(crate) fn fit(
        step: &str,
        params: &TermParams,
        idf: bool,
        input: &StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<(Self, Frame), FitError> {
        let learned = learn(step, params, idf, input, ctx)?;
        let (states, texts): (Vec<_>, Vec<_>) = learned.into_iter().unzip();
        ctx.check()?;
        let frame = replace(input.x, &states, |i, _| Ok(states[i].fields(&texts[i])))?;
        Ok((Self(states), frame))
    }
}

/// The state of each text column, with its terms.
fn learn(
    step: &str,
    params: &TermParams,
    idf: bool,
    input: &StepInput<'_>,
    ctx: &RunContext<'_>,
) -> Result<Vec<(Weighted, Texts<Occurrences>)>, FitError> {
    let least = |name, value| at_least(step, name, value, 1);
    let min_rows = least("min_rows", params.min_rows)?;
    let components = params.components.map(|k| least("components", k)).transpose()?;
    let components = components.or((!input.sparse).then_some(COMPONENTS));
    let usual = if components.is_none() { 20_000 } else { 5_000 };
    let max_terms = least("max_terms", params.max_terms.unwrap_or(usual))?;
    let mut names = Names::of(input.x);
    let mut learned = vec![];
    for field in input.x.fields().iter().filter(|f| f.kind == Kind::Text) {
        let (found, texts) = Found::of(strings(field)?, params.grams, ctx)?;
        let rows = found.rows(&texts, input.rows, ctx)?;
        let vocabulary = found.vocabulary(&rows, min_rows, max_terms);
        ctx.check()?;
        let n = texts.times(input.rows).iter().map(|t| *t as usize).sum::<usize>();
        let rarity = |df: &u32| ((1.0 + n as f64) / (1.0 + f64::from(*df))).ln() + 1.0;
        let weight = |df: &u32| if idf { rarity(df) } else { 1.0 };
        let mut state = Weighted {
            name: field.name.to_string(),
            stem: names.stem(&field.name),
            grams: params.grams,
            sublinear: params.sublinear,
            idf: vocabulary.rows.iter().map(weight).collect(),
            terms: vocabulary.terms,
            output: if components.is_none() { Output::Block } else { Output::Columns },
        };
        let place = |(id, times): (u32, f64)| Some((vocabulary.place[id as usize]?, times));
        let texts = texts.map(|Occurrences { times, counts }| {
            let mut times: Vec<_> = times.into_iter().filter_map(place).collect();
            times.sort_unstable_by_key(|(term, _)| *term);
            Occurrences { times, counts }
        });
        ctx.check()?;
        if let Some(components) = components.filter(|most| *most < state.terms.len()) {
            let axes = state.directions(&texts, input.rows, components, ctx)?;
            state.output = Output::Directions(axes);
        }
        learned.push((state, texts));
    }
    Ok(learned)
}

/// The terms of a column in the order of first appearance.
struct Found(Vec<String>);

/// The terms that are kept.
struct Vocabulary {
    terms: Levels,
    /// Training rows that have each of them.
    rows: Vec<u32>,
    /// Place among them of each term that was found.
    place: Vec<Option<u32>>,
}

impl Found {
    fn of(
        column: &StrColumn,
        grams: Grams,
        ctx: &RunContext<'_>,
    ) -> Result<(Self, Texts<Occurrences>), FitError> {
        let mut ids: HashMap<String, u32> = HashMap::new();
        let mut found = vec![];
        let mut id = |term: &str| {
            if let Some(&id) = ids.get(term) {
                return Some(id);
            }
            let id = found.len() as u32;
            ids.insert(term.to_owned(), id);
            found.push(term.to_owned());
            Some(id)
        };
        let texts =
            Texts::of(column, |text| Occurrences::of(text, grams, &mut id), || ctx.check())?;
        Ok((Self(found), texts))
    }

    /// How many training rows have each of the terms.
    fn rows(
        &self,
        texts: &Texts<Occurrences>,
        train: &[u32],
        ctx: &RunContext<'_>,
    ) -> Result<Vec<u32>, FitError> {
        let mut rows = vec![0; self.0.len()];
        let times = texts.times(train);
        for (terms, times) in texts.made().chunks(CHECK_EVERY).zip(times.chunks(CHECK_EVERY)) {
            ctx.check()?;
            for (terms, times) in terms.iter().zip(times) {
                terms.times.iter().for_each(|(id, _)| rows[*id as usize] += times);
            }
        }
        Ok(rows)
    }

    /// The terms of at least so many training rows, the most frequent of them.
    fn vocabulary(mut self, rows: &[u32], min_rows: usize, max_terms: usize) -> Vocabulary {
        let mut kept: Vec<u32> =
            (0..rows.len() as u32).filter(|id| rows[*id as usize] as usize >= min_rows).collect();
        let text = |id: &u32| &self.0[*id as usize];
        let frequent = |id: &u32| std::cmp::Reverse(rows[*id as usize]);
        if kept.len() > max_terms {
            kept.select_nth_unstable_by(max_terms, |a, b| {
                frequent(a).cmp(&frequent(b)).then_with(|| text(a).cmp(text(b)))
            });
            kept.truncate(max_terms);
        }
        kept.sort_unstable_by(|a, b| text(a).cmp(text(b)));
        let mut place = vec![None; rows.len()];
        for (at, &id) in kept.iter().enumerate() {
            place[id as usize] = Some(at as u32);
        }
        let rows = kept.iter().map(|&id| rows[id as usize]).collect();
        let texts = kept.iter().map(|&id| std::mem::take(&mut self.0[id as usize])).collect();
        Vocabulary { terms: Levels::sorted(texts), rows, place }
    }
}

impl Occurrences {
    /// The terms of a text that `id` knows, ascending.
    fn of(text: &str, grams: Grams, mut id: impl FnMut(&str) -> Option<u32>) -> Self {
        let mut ids = vec![];
        let words = grams.each(&text.to_lowercase(), |term| ids.extend(id(term)));
        ids.sort_unstable();
        let times = ids.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as f64)).collect();
        Self { times, counts: Counts::of(text, words) }
    }
}

impl Weighted {
    /// The weights of a text's terms, with length 1.
    fn weights(&self, terms: &Occurrences) -> Vec<(u32, f64)> {
        let tf = |times: f64| if self.sublinear { 1.0 + times.ln() } else { times };
        let weight = |&(term, times): &(u32, f64)| (term, tf(times) * self.idf[term as usize]);
        let mut weights: Vec<(u32, f64)> = terms.times.iter().map(weight).collect();
        let length = weights.iter().map(|(_, w)| w * w).sum::<f64>().sqrt();
        weights.iter_mut().for_each(|(_, w)| *w /= length);
        weights
    }

    /// The directions in which the training rows stretch most. A text counts as often as it occurs:
    /// scaled by a root it adds as much to the products that decide.
    fn directions(
        &self,
        texts: &Texts<Occurrences>,
        rows: &[u32],
        components: usize,
        ctx: &RunContext<'_>,
    ) -> Result<Axes, FitError> {
        let mut matrix = Csr { width: self.idf.len(), offsets: vec![0], ..Csr::default() };
        for (terms, times) in texts.made().iter().zip(texts.times(rows)) {
            if times > 0 {
                let weights = self.weights(terms);
                let scale = f64::from(times).sqrt();
                matrix.indices.extend(weights.iter().map(|(term, _)| *term));
                matrix.values.extend(weights.iter().map(|(_, weight)| weight * scale));
                matrix.offsets.push(matrix.indices.len());
            }
        }
        ctx.check()?;
        let found = right_vectors(&matrix, components, ctx.seed(), &Uncut(ctx));
        let found = found.map_err(|s| stopped(ctx, s))?;
        Ok(Axes { count: found.values.len(), cells: found.vectors })
    }

    fn fields(&self, texts: &Texts<Occurrences>) -> Vec<Field> {
        let weigh = |terms: &Occurrences| self.weights(terms);
        let columns = match &self.output {
            Output::Block => vec![texts.block(self.idf.len(), weigh)],
            Output::Columns => texts.columns(self.idf.len(), weigh),
            Output::Directions(axes) => {
                texts.columns(axes.count, |terms| axes.project(&self.weights(terms)))
            }
        };
        let title = |i: usize| match &self.output {
            Output::Block => format!("{}#*", self.stem),
            Output::Columns => format!("{}#{}", self.stem, self.terms.texts()[i]),
            Output::Directions(_) => format!("{}#{i}", self.stem),
        };
        let field = |(i, column)| Field::new(title(i), Kind::Numeric, column);
        let mut fields: Vec<Field> = columns.into_iter().enumerate().map(field).collect();
        fields.extend(Counts::fields(&self.stem, texts, |terms| &terms.counts));
        fields
    }
}

impl Axes {
    fn project(&self, weights: &[(u32, f64)]) -> Vec<(u32, f64)> {
        let mut at = vec![0.0; self.count];
        for &(term, weight) in weights {
            let cells = &self.cells[term as usize * self.count..][..self.count];
            at.iter_mut().zip(cells).for_each(|(at, cell)| *at += weight * cell);
        }
        (0..).zip(at).collect()
    }
}

impl TransformStep for Terms {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        replace(x, &self.0, |i, field| {
            let state = &self.0[i];
            let terms =
                |text: &str| Occurrences::of(text, state.grams, |term| state.terms.find(term));
            let go_on = || Ok::<_, PredictError>(());
            Ok(state.fields(&Texts::of(strings(field)?, terms, go_on)?))
        })
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |state| {
            state.terms.validate()?;
            count("weights of terms", state.idf.len(), [state.terms.len(), 1])?;
            let sane = state.idf.iter().all(|w| IDF.contains(w));
            ensure(sane, "a weight of a term is out of range")?;
            let Output::Directions(axes) = &state.output else { return Ok(()) };
            count("parts of directions", axes.cells.len(), [state.terms.len(), axes.count])?;
            all_finite("directions", &axes.cells)
        })
    }
}
