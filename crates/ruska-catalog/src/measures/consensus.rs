//! Consensus: the trial on which likelihood and density agree, then the others by several indices.
//!
//! No single index is right for groups of every shape, and their mean rank is not either: on simulated
//! tables it finds the groups no better than k-means does. What does is likelihood, as long as groups are
//! convex. So first comes the mixture of least ICL, the criterion that counts groups rather than normal
//! distributions, which mixtures of the same columns tell alike whatever their settings; or the one of the
//! fewest groups that is not clearly worse, as the least of many trials is so by chance. Dense groups of
//! another shape it tiles with many components that adjoin; where its usual component is confused with
//! another and a trial of dense regions has at most a third as many groups, of which none is tiny and
//! which leave few rows out, the one of these with the greatest DBCV comes first.
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
//! completed likelihood", IEEE TPAMI 22, 2000; Kass, Raftery, "Bayes factors", JASA 90, 1995 (what is
//! clearly worse); Hennig, "Methods for merging Gaussian mixture components", ADAC 4, 2010 (components
//! that are confused); Arbelaitz et al., "An extensive comparative study of cluster validity indices",
//! Pattern Recognition 46, 2013 (no index is best).

use super::silhouette;
use ruska_core::{
    Loss, Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Trial, Truth,
};

/// See the module.
pub(crate) struct Consensus;

static INFO: MeasureInfo = MeasureInfo {
    id: "consensus",
    summary: "The place among the trials of the study, by likelihood, density and ranks of indices",
    tasks: &[TaskKind::Clustering],
    needs: Needs::Groups,
    multiclass: false,
    higher_is_better: true,
    reference: "https://doi.org/10.1109/34.865189",
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
const ERROR: f64 = 0.01;
const GAIN: f64 = 0.1;
/// What a criterion has to differ by, over all rows, for very strong evidence.
const CLEAR: f64 = 10.0;
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
    /// Rows that were tested, at least 1.
    rows: f64,
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
            rows: trial.folds.first().map_or(1.0, |f| f64::from(f.rows)),
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
    let icl = |several: bool| {
        let such = told.iter().enumerate().filter(move |(_, t)| t.several() == several);
        such.filter_map(|(i, t)| Some((t.index("icl")?, i)))
    };
    let least = |several: bool| icl(several).map(|(icl, _)| icl).min_by(f64::total_cmp);
    let best = least(true);
    let gain = least(false).zip(best).map_or(0.0, |(one, several)| one - several);
    let is_heap = |t: &Told| t.heap.is_some_and(|p_value| p_value > ERROR && gain < GAIN);
    let heap = told.iter().position(is_heap);
    heap.or_else(|| {
        // Of many trials some are better by chance: the simplest that is not clearly worse.
        let near =
            icl(true).filter(|(icl, i)| (icl - best.unwrap_or(*icl)) * told[*i].rows <= CLEAR);
        let simple = |a: &(f64, usize), b: &(f64, usize)| {
            told[a.1].clusters.total_cmp(&told[b.1].clusters).then(a.0.total_cmp(&b.0))
        };
        Some(shaped(told, near.min_by(simple)?.1))
    })
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use ruska_core::{Candidate, Params, StepSpec, TrialState};
    use ruska_testkit::fold_result;

    /// A trial that has told so.
    fn trial(told: &[(&str, f64)]) -> Trial {
        let mut fold = fold_result(0, 0.5, 10);
        fold.scores = told.iter().map(|(id, v)| ((*id).to_owned(), *v)).collect();
        let candidate = Candidate { steps: vec![], learner: "any".into(), params: Params::new() };
        let (origin, state) = (String::new(), TrialState::Done);
        Trial { number: 0, candidate, origin, state, folds: vec![fold] }
    }

    fn mixture(clusters: f64, icl: f64, adjoining: f64) -> Trial {
        trial(&[("clusters", clusters), ("icl", icl), ("adjoining", adjoining)])
    }

    fn dense(clusters: f64, dbcv: f64, sparse: f64, smallest: f64) -> Trial {
        let told = [("clusters", clusters), ("dbcv", dbcv), ("sparse", sparse)];
        trial(&[&told[..], &[("smallest", smallest)]].concat())
    }

    fn heap(p_value: f64) -> Trial {
        trial(&[("clusters", 1.0), ("heap", p_value)])
    }

    /// Which trial comes first.
    fn first(trials: &[Trial]) -> usize {
        let losses = Consensus.beside(&trials.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!(losses.iter().filter(|l| l.get() == 0.0).count(), 1, "one is first");
        losses.iter().position(|l| l.get() == 0.0).unwrap()
    }

    #[test]
    fn the_mixture_of_least_icl_comes_first() {
        let index = trial(&[("clusters", 9.0), ("silhouette", 0.99), ("dbcv", 0.99)]);
        let all = [heap(0.5), mixture(1.0, 7.0, 0.0), mixture(2.0, 3.0, 0.0), index];
        assert_eq!(first(&all), 2);
        // Where the density is rejected as well.
        assert_eq!(first(&[heap(0.001), mixture(1.0, 2.0, 0.0), mixture(2.0, 3.0, 0.0)]), 2);
        // After other steps it is of other columns.
        let mut other = mixture(5.0, -9.0, 0.0);
        let (step, params) = ("pca".to_owned(), Params::new());
        other.candidate.steps = vec![StepSpec { step, params }];
        assert_eq!(first(&[heap(0.5), mixture(1.0, 7.0, 0.0), mixture(2.0, 3.0, 0.0), other]), 2);
    }

    #[test]
    fn fewer_groups_come_first_unless_they_are_clearly_worse() {
        // Of ten rows, so 1 a row is clear.
        let with = |icl| [heap(0.001), mixture(5.0, 3.0, 0.0), mixture(3.0, icl, 0.0)];
        assert_eq!(first(&with(3.9)), 2);
        assert_eq!(first(&with(4.1)), 1);
        assert_eq!(first(&[mixture(3.0, 3.2, 0.0), mixture(3.0, 3.0, 0.0)]), 1);
    }

    #[test]
    fn one_group_comes_first_only_where_nothing_speaks_for_several() {
        assert_eq!(first(&[heap(0.5)]), 0);
        assert_eq!(first(&[heap(0.5), mixture(1.0, 7.0, 0.0), mixture(2.0, 6.95, 0.0)]), 0);
        assert_eq!(first(&[heap(0.5), mixture(1.0, 7.0, 0.0), mixture(2.0, 6.8, 0.0)]), 2);
        assert_eq!(first(&[heap(0.5), trial(&[("clusters", 2.0), ("silhouette", 0.9)])]), 0);
        assert_eq!(first(&[heap(0.001), trial(&[("clusters", 2.0), ("silhouette", 0.9)])]), 1);
        // Who asks for a number of groups gets them.
        let asked = [trial(&[("clusters", 1.0)]), trial(&[("clusters", 3.0)])];
        assert_eq!(first(&asked), 1);
    }

    #[test]
    fn dense_regions_come_first_where_a_mixture_tiles_them() {
        let tiles =
            |adjoining| [heap(0.001), mixture(9.0, 3.0, adjoining), dense(3.0, 0.4, 0.0, 0.2)];
        assert_eq!(first(&tiles(0.02)), 2);
        assert_eq!(first(&tiles(0.005)), 1, "components are apart");
        for other in [
            dense(4.0, 0.4, 0.0, 0.2),
            dense(3.0, 0.4, 0.2, 0.2),
            dense(3.0, 0.4, 0.0, 0.02),
            trial(&[("clusters", 3.0), ("dbcv", 0.4), ("smallest", 0.2)]),
        ] {
            assert_eq!(first(&[heap(0.001), mixture(9.0, 3.0, 0.02), other]), 1);
        }
        let better = dense(2.0, 0.6, 0.0, 0.3);
        assert_eq!(first(&[&tiles(0.02)[..], &[better]].concat()), 3);
    }

    #[test]
    fn the_others_stand_by_their_mean_rank_and_one_group_behind_all() {
        let of = |silhouette, dbcv| {
            trial(&[("clusters", 2.0), ("silhouette", silhouette), ("dbcv", dbcv)])
        };
        let all = [trial(&[("clusters", 1.0)]), of(0.5, 0.5), of(0.9, 0.4), of(0.8, 0.6)];
        let losses = Consensus.beside(&all.iter().collect::<Vec<_>>()).unwrap();
        let mut order: Vec<usize> = (0..4).collect();
        order.sort_by_key(|&i| losses[i]);
        assert_eq!(order, [3, 2, 1, 0]);
        let mut losses: Vec<f64> = losses.iter().map(|l| l.get()).collect();
        losses.sort_by(f64::total_cmp);
        assert_eq!(losses, [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0]);
    }

    #[test]
    fn rows_left_out_have_to_be_made_up_for() {
        let all = [("clusters", 2.0), ("silhouette", 0.6), ("noise", 0.0)];
        let some = [("clusters", 2.0), ("silhouette", 0.7), ("noise", 0.3)];
        assert_eq!(first(&[trial(&some), trial(&all)]), 1);
    }
}
