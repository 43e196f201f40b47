//! How often rules let a challenger pass whose true AUC is known: scores are normal within each
//! class, so that a distance d of the classes' means gives the AUC Φ(d/√2) exactly. Champion and
//! challenger err alike, as two models of the same data do.
#![allow(clippy::unwrap_used)]

use super::judge::{Evidence, Side};
use super::rules::Rule;
use ruska::normal;
use ruska::register::Verdict;
use ruska::{Predictions, Rng, SharedTruth, Truth};

/// Retrains of each kind.
const RETRAINS: usize = 200;
/// Rows on which models are compared.
const ROWS: usize = 5000;
/// AUC of the champion.
const CHAMPION: f64 = 0.8;
/// Correlation of the errors of champion and challenger.
const ALIKE: f64 = 0.9;

/// Distance of the classes' means that gives an AUC.
fn distance(auc: f64) -> f64 {
    std::f64::consts::SQRT_2 * normal::quantile(auc)
}

/// A standard normal number from a uniform one.
fn gaussian(rng: &mut Rng) -> f64 {
    let uniform = (rng.below(1 << 30) as f64 + 0.5) / f64::from(1 << 30);
    normal::quantile(uniform)
}

/// Probabilities of the two classes that rank as scores do.
fn predictions(scores: &[f64]) -> Predictions {
    let values = scores.iter().flat_map(|s| {
        let p = 1.0 / (1.0 + (-s).exp());
        [1.0 - p, p]
    });
    Predictions::new(2, values.collect())
}

/// How many of the retrains pass a rule whose challenger has a true AUC.
fn passed(rule: &Rule, auc: f64, seed: u64) -> usize {
    let mut rng = Rng::new(seed);
    let catalog = ruska::builtin();
    let retrain = |_: &usize| {
        let codes: Vec<u32> = (0..ROWS).map(|_| u32::from(rng.below(4) == 0)).collect();
        let (mut champion, mut challenger) = (vec![], vec![]);
        for code in &codes {
            let (common, own) = (gaussian(&mut rng), gaussian(&mut rng));
            let second = ALIKE * common + (1.0 - ALIKE * ALIKE).sqrt() * own;
            champion.push(distance(CHAMPION) * f64::from(*code) + common);
            challenger.push(distance(auc) * f64::from(*code) + second);
        }
        let truth = SharedTruth {
            classes: vec!["no".into(), "yes".into()],
            rows: (0..ROWS as u32).collect(),
            truth: Truth::Classes { codes, n_classes: 2, positive: 1 },
            weights: None,
            missing: 0,
            unknown: 0,
        };
        let sides = [challenger, champion]
            .map(|scores| Side { predictions: predictions(&scores), bytes: 0 });
        let evidence = Evidence { truth: &truth, sides: &sides, times: &Vec::new, table: None };
        evidence.weigh(rule, &catalog).verdict == Verdict::Promote
    };
    (0..RETRAINS).filter(retrain).count()
}

fn rule(text: &str) -> Rule {
    toml::from_str(text).unwrap()
}

#[test]
fn better_is_asked_for_and_given_where_it_is_true() {
    let better = rule("metric = \"auc\"\nrequire = \"better\"");
    let equal = passed(&better, CHAMPION, 1);
    assert!(equal <= RETRAINS / 20, "{equal} of {RETRAINS} equal challengers were promoted");
    let gained = passed(&better, CHAMPION + 0.02, 2);
    assert!(gained >= RETRAINS * 4 / 5, "{gained} of {RETRAINS} better ones were promoted");
    let worse = passed(&better, CHAMPION - 0.02, 3);
    assert_eq!(worse, 0, "of {RETRAINS} worse ones were promoted");
}

#[test]
fn a_margin_is_kept() {
    let better = rule("metric = \"auc\"\nrequire = \"better\"\nmargin = 0.005");
    let by_the_margin = passed(&better, CHAMPION + 0.005, 4);
    assert!(by_the_margin <= RETRAINS / 20, "{by_the_margin}");
    let beyond = passed(&better, CHAMPION + 0.02, 5);
    assert!(beyond >= RETRAINS * 4 / 5, "{beyond}");
}

#[test]
fn not_worse_lets_equals_pass_and_keeps_losses_out() {
    let not_worse = rule("metric = \"auc\"\nrequire = \"not_worse\"\nmargin = 0.015");
    let equal = passed(&not_worse, CHAMPION, 6);
    assert!(equal >= RETRAINS * 9 / 10, "{equal} of {RETRAINS} equal challengers passed");
    let worse = passed(&not_worse, CHAMPION - 0.016, 7);
    assert!(worse <= RETRAINS / 20, "{worse} of {RETRAINS} worse than the margin passed");
    let by_the_margin = passed(&not_worse, CHAMPION - 0.015, 8);
    assert!(by_the_margin <= RETRAINS / 20, "{by_the_margin}");
}

#[test]
fn a_value_that_is_missing_declines() {
    let truth = SharedTruth {
        classes: vec!["no".into(), "yes".into()],
        rows: (0..4).collect(),
        truth: Truth::Classes { codes: vec![0, 0, 0, 0], n_classes: 2, positive: 1 },
        weights: None,
        missing: 0,
        unknown: 0,
    };
    let sides = [(); 2].map(|()| Side { predictions: predictions(&[0.0; 4]), bytes: 0 });
    let evidence = Evidence { truth: &truth, sides: &sides, times: &Vec::new, table: None };
    for text in [
        "metric = \"auc\"\nrequire = \"better\"",
        "metric = \"auc\"\nmin = 0.1",
        "predict_us_per_row = { max = 1e9 }",
    ] {
        let outcome = evidence.weigh(&rule(text), &ruska::builtin());
        assert_eq!((outcome.verdict, outcome.challenger), (Verdict::Decline, None), "{text}");
        assert!(!outcome.reason.is_empty());
    }
}
