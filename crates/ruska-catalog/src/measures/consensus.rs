//! Consensus: the trial on which likelihood and density agree, then the others by several indices.
//!
//! No single index is right for groups of every shape, and their mean rank is not either: on simulated
//! tables it finds the groups no better than k-means does. What does is likelihood, as long as groups are
//! convex. So first comes the mixture of least ICL, the criterion that counts groups rather than normal
//! distributions, which mixtures of the same columns tell alike whatever their settings. Dense groups of another shape it tiles
//! with many components that adjoin; where its usual component is confused with another and a trial of dense
//! regions has at most a third as many groups, of which none is tiny and which leave few rows out, the
//! one of these with the greatest DBCV comes first.
//!
//! One group comes first where the test for one heap does not reject it and ICL gains less than 0.1 a row
//! by several: uniform rows, which no mixture fits well, gain up to 0.03, groups that barely touch 0.2.
//!
//! Behind the first trials stand by their mean rank in silhouette, Calinski–Harabasz, Davies–Bouldin, DBCV,
//! stability and ICL, each among the trials that it says something of, and one group behind all. The score
//! is the place, 1 for the first and 0 for the last, from what the trials of a study have told. A single
//! trial has its silhouette.
//!
//! Reference: Biernacki, Celeux, Govaert, "Assessing a mixture model for clustering with the integrated
//! completed likelihood", IEEE TPAMI 22, 2000; Hennig, "Methods for merging Gaussian mixture components",
//! ADAC 4, 2010 (components that are confused); Arbelaitz et al., "An extensive comparative study of
//! cluster validity indices", Pattern Recognition 46, 2013 (no index is best).

use super::silhouette;
use ruska_core::{
    Loss, Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Trial, Truth,
};

/// See the module.
pub(crate) struct Consensus;

static INFO: MeasureInfo = MeasureInfo {
    id: "consensus",
    summary: "The place among the trials of the study, by likelihood, density and ranks of indices",
    task: TaskKind::Clustering,
    needs: Needs::Groups,
    multiclass: true,
    higher_is_better: true,
    reference: "Biernacki, Celeux, Govaert, Assessing a mixture model for clustering with the integrated completed likelihood, IEEE TPAMI 22, 2000",
};

/// Indices that rank trials, and whether more is better.
const INDICES: [(&str, bool); 6] = [
    ("silhouette", true),
    ("calinski_harabasz", true),
    ("davies_bouldin", false),
    ("dbcv", true),
    ("stability", true),
    ("icl", false),
];
/// The probability up to which one heap is rejected, and the gain of ICL a row by which several groups
/// are found all the same.
const ERROR: f64 = 0.05;
const GAIN: f64 = 0.1;
/// The share of rows taken for another component's from which components adjoin.
const ADJOINING: f64 = 0.01;
/// Components for each dense region from which a mixture tiles it.
const TILES: f64 = 3.0;
/// Most rows outside of dense regions, and fewest in each, as shares of all.
const SPARSE: f64 = 0.1;
const TINY: f64 = 0.03;

impl Measure for Consensus {
    fn info(&self) -> &MeasureInfo {
        &INFO
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        silhouette::score(&INFO, truth, predictions, weights)
    }

    fn beside(&self, trials: &[&Trial]) -> Option<Vec<Loss>> {
        let told = tell(trials);
        let first = first(&told);
        let ranks = mean_ranks(&told);
        let standing = |i: usize| (first != Some(i), !told[i].several(), ranks[i]);
        let mut order: Vec<usize> = (0..told.len()).collect();
        order.sort_by(|&a, &b| {
            let (a, b) = (standing(a), standing(b));
            (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2))
        });
        let last = told.len().saturating_sub(1).max(1) as f64;
        let mut places = vec![0.0; told.len()];
        order.iter().enumerate().for_each(|(place, &i)| places[i] = place as f64 / last);
        places.into_iter().map(Loss::new).collect()
    }
}

/// What a trial has told.
struct Told {
    clusters: f64,
    smallest: f64,
    /// The share of rows outside of dense regions, of those that look for such and put all rows in one.
    sparse: Option<f64>,
    adjoining: f64,
    /// The probability that rows are one heap, of what tells one group.
    heap: Option<f64>,
    indices: [Option<f64>; INDICES.len()],
}

/// What trials have told. ICL is that of the columns that a mixture is given, so only mixtures after the
/// same steps as the first one have it.
fn tell(trials: &[&Trial]) -> Vec<Told> {
    let first = trials.iter().find(|t| t.score("icl").is_some());
    let steps = first.map(|t| &t.candidate.steps);
    trials.iter().map(|t| Told::of(t, steps == Some(&t.candidate.steps))).collect()
}

impl Told {
    fn of(trial: &Trial, comparable: bool) -> Self {
        let noise = trial.score("noise").unwrap_or(0.0);
        // Indices leave noise out, so what is left has to make up for it.
        let index = |id| match (trial.score(id)?, id) {
            (_, "icl") if !comparable => None,
            (v, "silhouette" | "calinski_harabasz") => Some(v * (1.0 - noise)),
            (v, "davies_bouldin") => Some(v / (1.0 - noise)),
            (v, _) => Some(v),
        };
        Self {
            clusters: trial.score("clusters").unwrap_or(0.0),
            smallest: trial.score("smallest").unwrap_or(0.0),
            sparse: trial.score("sparse").filter(|_| noise == 0.0),
            adjoining: trial.score("adjoining").unwrap_or(0.0),
            heap: trial.score("heap"),
            indices: INDICES.map(|(id, _)| index(id)),
        }
    }

    fn several(&self) -> bool {
        self.clusters > 1.0
    }

    fn index(&self, id: &str) -> Option<f64> {
        let at = INDICES.iter().position(|(index, _)| *index == id)?;
        self.indices[at]
    }

    /// Whether its groups are dense regions that a mixture of so many components tiles.
    fn is_tiled_by(&self, components: f64) -> bool {
        self.sparse.is_some_and(|sparse| sparse <= SPARSE)
            && self.several()
            && self.smallest >= TINY
            && TILES * self.clusters <= components
    }
}

/// The trial that comes first; `None` where no mixture has several groups and one is not the answer.
fn first(told: &[Told]) -> Option<usize> {
    let least = |several: bool| {
        let such = told.iter().enumerate().filter(|(_, t)| t.several() == several);
        let icl = such.filter_map(|(i, t)| Some((t.index("icl")?, i)));
        icl.min_by(|a, b| a.0.total_cmp(&b.0))
    };
    let best = least(true);
    let gain = least(false).zip(best).map_or(0.0, |((one, _), (several, _))| one - several);
    let is_heap = |t: &Told| t.heap.is_some_and(|p_value| p_value > ERROR && gain < GAIN);
    told.iter().position(is_heap).or_else(|| Some(shaped(told, best?.1)))
}

/// The mixture, or the trial of the dense regions that it tiles.
fn shaped(told: &[Told], mixture: usize) -> usize {
    let Told { clusters, adjoining, .. } = told[mixture];
    let all = told.iter().enumerate();
    let tiled = all.filter(|(_, t)| adjoining >= ADJOINING && t.is_tiled_by(clusters));
    // Of equals the earliest.
    let dense = tiled.rev().filter_map(|(i, t)| Some((t.index("dbcv")?, i)));
    dense.max_by(|a, b| a.0.total_cmp(&b.0)).map_or(mixture, |(_, i)| i)
}

/// The mean over indices of the place of each trial among those that the index says something of:
/// 0 for the best, 1 for the worst, equal ones alike; 1 for a trial of which none says anything.
fn mean_ranks(told: &[Told]) -> Vec<f64> {
    let mut ranks: Vec<Vec<f64>> = vec![vec![]; told.len()];
    for (id, more_is_better) in INDICES {
        let sign = if more_is_better { -1.0 } else { 1.0 };
        let several = told.iter().enumerate().filter(|(_, t)| t.several());
        let mut scored: Vec<(f64, usize)> =
            several.filter_map(|(i, t)| Some((sign * t.index(id)?, i))).collect();
        scored.sort_by(|a, b| a.0.total_cmp(&b.0));
        let last = scored.len().saturating_sub(1).max(1) as f64;
        let mut before = 0.0;
        for equal in scored.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
            let place = before + (equal.len() - 1) as f64 / 2.0;
            equal.iter().for_each(|(_, i)| ranks[*i].push(place / last));
            before += equal.len() as f64;
        }
    }
    let mean = |ranks: &Vec<f64>| ranks.iter().sum::<f64>() / ranks.len().max(1) as f64;
    ranks.iter().map(|r| if r.is_empty() { 1.0 } else { mean(r) }).collect()
}
