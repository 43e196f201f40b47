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
//! trial has its silhouette, as far as 1,000 rows tell it.
//!
//! Reference: Biernacki, Celeux, Govaert, "Assessing a mixture model for clustering with the integrated
//! completed likelihood", IEEE TPAMI 22, 2000; Kass, Raftery, "Bayes factors", JASA 90, 1995 (what is
//! clearly worse); Hennig, "Methods for merging Gaussian mixture components", ADAC 4, 2010 (components
//! that are confused); Arbelaitz et al., "An extensive comparative study of cluster validity indices",
//! Pattern Recognition 46, 2013 (no index is best).

use super::silhouette;
use ruska_core::{
    Beside, Loss, Measure, MeasureError, MeasureInfo, Needs, Predictions, StepSpec, TaskKind,
    Trial, Truth,
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
/// Places of two of them.
const DBCV: usize = 3;
const ICL: usize = 5;
/// Rows that tell what a single trial has.
const ASKED: usize = 1000;
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
        silhouette::score(&INFO, ASKED, (truth, predictions, weights))
    }

    fn beside(&self) -> Option<Box<dyn Beside>> {
        Some(Box::new(Trials::default()))
    }
}

/// What trials have told, and how each index ranks them, kept in order as they come: a further trial
/// costs as much as the numbers before it take to be looked through.
#[derive(Default)]
struct Trials {
    /// In the order in which they were taken.
    told: Vec<Told>,
    /// Places in `told`, by the number of the trial.
    by_number: Vec<usize>,
    /// Of each index what it says of trials with several groups, least first as a loss, and their places
    /// in `told`.
    ranked: [Vec<(f64, usize)>; INDICES.len()],
    /// The mixture of the least number, a place in `told`.
    first_mixture: Option<usize>,
}

impl Beside for Trials {
    fn take(&mut self, trial: &Trial) {
        let number = |&at: &usize| self.told[at].number;
        let Err(place) = self.by_number.binary_search_by_key(&trial.number, number) else { return };
        let at = self.told.len();
        self.by_number.insert(place, at);
        self.told.push(Told::of(trial));
        (0..INDICES.len()).filter(|k| *k != ICL).for_each(|k| self.rank(k, at));
        let first = self.first_mixture.map(|first| self.told[first].number);
        if self.told[at].mixture.is_none() || first.is_some_and(|first| first < trial.number) {
            self.compare(at);
        } else {
            self.first_mixture = Some(at);
            self.ranked[ICL].clear();
            (0..=at).for_each(|at| self.compare(at));
        }
    }

    fn losses(&self) -> Vec<(u32, Loss)> {
        let told: Vec<&Told> = self.by_number.iter().map(|&at| &self.told[at]).collect();
        let (first, ranks) = (first(&told), self.mean_ranks());
        let standing =
            |(i, &at): (usize, &usize)| (first != Some(i), !told[i].several(), ranks[at], i);
        let mut order: Vec<_> = self.by_number.iter().enumerate().map(standing).collect();
        order.sort_unstable_by(|a, b| {
            (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)).then(a.3.cmp(&b.3))
        });
        let last = told.len().saturating_sub(1).max(1) as f64;
        let mut places = vec![0.0; told.len()];
        order.iter().enumerate().for_each(|(place, (.., i))| places[*i] = place as f64 / last);
        let losses = told.iter().zip(places);
        losses.filter_map(|(told, place)| Some((told.number, Loss::new(place)?))).collect()
    }
}

impl Trials {
    /// Puts a trial among those that an index says something of.
    fn rank(&mut self, k: usize, at: usize) {
        let told = &self.told[at];
        let Some(v) = told.indices[k].filter(|_| told.several()) else { return };
        let v = if INDICES[k].1 { -v } else { v };
        let ranked = &mut self.ranked[k];
        let place = ranked.partition_point(|(other, _)| other.total_cmp(&v).is_lt());
        ranked.insert(place, (v, at));
    }

    /// Gives a mixture its ICL, which is that of the columns that it is given, so only mixtures after
    /// the same steps as the first one have it.
    fn compare(&mut self, at: usize) {
        let steps = |at: usize| self.told[at].mixture.as_ref().map(|(steps, _)| steps);
        let comparable = steps(at).is_some() && self.first_mixture.and_then(steps) == steps(at);
        let told = &mut self.told[at];
        told.indices[ICL] = told.mixture.as_ref().filter(|_| comparable).map(|(_, icl)| *icl);
        self.rank(ICL, at);
    }

    /// The mean over indices of the place of each trial among those that the index says something of:
    /// 0 for the best, 1 for the worst, equal ones alike; 1 for a trial of which none says anything. In
    /// the order in which they were taken.
    fn mean_ranks(&self) -> Vec<f64> {
        let mut sums = vec![(0.0, 0.0); self.told.len()];
        for ranked in &self.ranked {
            let last = ranked.len().saturating_sub(1).max(1) as f64;
            let mut before = 0.0;
            for equal in ranked.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
                let place = before + (equal.len() - 1) as f64 / 2.0;
                for (_, at) in equal {
                    let (sum, n) = &mut sums[*at];
                    *sum += place / last;
                    *n += 1.0;
                }
                before += equal.len() as f64;
            }
        }
        sums.into_iter().map(|(sum, n)| if n > 0.0 { sum / n } else { 1.0 }).collect()
    }
}

/// What a trial has told.
struct Told {
    /// Number of the trial.
    number: u32,
    /// Rows that were tested, at least 1.
    rows: f64,
    clusters: f64,
    smallest: f64,
    /// The share of rows outside of dense regions, of those that look for such and put all rows in one.
    sparse: Option<f64>,
    adjoining: f64,
    /// The probability that rows are one heap, of what tells one group.
    heap: Option<f64>,
    /// The steps before a mixture and its ICL.
    mixture: Option<(Vec<StepSpec>, f64)>,
    /// That of ICL only where it compares.
    indices: [Option<f64>; INDICES.len()],
}

impl Told {
    fn of(trial: &Trial) -> Self {
        let noise = trial.score("noise").unwrap_or(0.0);
        // Indices leave noise out, so what is left has to make up for it.
        let index = |id| match (trial.score(id)?, id) {
            (_, "icl") => None,
            (v, "silhouette" | "calinski_harabasz") => Some(v * (1.0 - noise)),
            (v, "davies_bouldin") => Some(v / (1.0 - noise)),
            (v, _) => Some(v),
        };
        let icl = trial.score("icl");
        Self {
            number: trial.number,
            rows: trial.folds.first().map_or(1.0, |f| f64::from(f.rows)),
            clusters: trial.score("clusters").unwrap_or(0.0),
            smallest: trial.score("smallest").unwrap_or(0.0),
            sparse: trial.score("sparse").filter(|_| noise == 0.0),
            adjoining: trial.score("adjoining").unwrap_or(0.0),
            heap: trial.score("heap"),
            mixture: icl.map(|icl| (trial.candidate.steps.clone(), icl)),
            indices: INDICES.map(|(id, _)| index(id)),
        }
    }

    fn several(&self) -> bool {
        self.clusters > 1.0
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
fn first(told: &[&Told]) -> Option<usize> {
    let icl = |several: bool| {
        let such = told.iter().enumerate().filter(move |(_, t)| t.several() == several);
        such.filter_map(|(i, t)| Some((t.indices[ICL]?, i)))
    };
    let least = |several: bool| icl(several).map(|(icl, _)| icl).min_by(f64::total_cmp);
    let best = least(true);
    let gain = least(false).zip(best).map_or(0.0, |(one, several)| one - several);
    let is_heap = |t: &&Told| t.heap.is_some_and(|p_value| p_value > ERROR && gain < GAIN);
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
fn shaped(told: &[&Told], mixture: usize) -> usize {
    let &Told { clusters, adjoining, .. } = told[mixture];
    let all = told.iter().enumerate();
    let tiled = all.filter(|(_, t)| adjoining >= ADJOINING && t.is_tiled_by(clusters));
    // Of equals the earliest.
    let dense = tiled.rev().filter_map(|(i, t)| Some((t.indices[DBCV]?, i)));
    dense.max_by(|a, b| a.0.total_cmp(&b.0)).map_or(mixture, |(_, i)| i)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use ruska_core::{Candidate, Params, Rng, TrialState};
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

    /// The losses of trials that are taken in this order, each with the number of its place.
    fn losses(trials: &[Trial]) -> Vec<Loss> {
        let mut beside = Consensus.beside().unwrap();
        for (number, trial) in (0..).zip(trials) {
            beside.take(&Trial { number, ..trial.clone() });
        }
        beside.losses().into_iter().map(|(_, loss)| loss).collect()
    }

    /// Which trial comes first.
    fn first(trials: &[Trial]) -> usize {
        let losses = losses(trials);
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
        let losses = losses(&all);
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

    #[test]
    fn it_does_not_matter_in_which_order_trials_end() {
        let mut rng = Rng::new(4);
        let mut any = |number: u32| {
            let few = |rng: &mut Rng, n: usize| rng.below(n) as f64;
            let mut told = vec![("clusters", 1.0 + few(&mut rng, 4)), ("noise", 0.0)];
            told.push(("silhouette", few(&mut rng, 5)));
            let ids = ["dbcv", "stability", "sparse", "heap", "icl", "adjoining"];
            told.extend(
                ids.map(|id| (id, few(&mut rng, 3))).iter().filter(|_| !number.is_multiple_of(3)),
            );
            let mut trial = Trial { number, ..trial(&told) };
            let step = StepSpec { step: "pca".to_owned(), params: Params::new() };
            trial.candidate.steps = vec![step; rng.below(2)];
            trial
        };
        let trials: Vec<Trial> = (0..60).map(&mut any).collect();
        let mut order: Vec<usize> = (0..60).collect();
        rng.shuffle(&mut order);
        let mut beside = Consensus.beside().unwrap();
        for (i, at) in order.iter().enumerate() {
            beside.take(&trials[*at]);
            beside.take(&trials[order[i / 2]]);
            let mut so_far: Vec<&Trial> = order[..=i].iter().map(|at| &trials[*at]).collect();
            so_far.sort_by_key(|t| t.number);
            let mut at_once = Consensus.beside().unwrap();
            so_far.into_iter().for_each(|t| at_once.take(t));
            assert_eq!(beside.losses(), at_once.losses());
        }
        assert_eq!(beside.losses().len(), 60);
    }
}
