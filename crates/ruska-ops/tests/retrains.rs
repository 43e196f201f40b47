//! How often real retrains pass a rule: models are searched on fresh samples of a known world.
//!
//! `RUSKA_RETRAINS` says how many of each kind; `cargo xtask soak promotions` makes 200.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use ruska::register::Verdict;
use ruska::{AutoMl, Column, Field, Frame, Kind, Model, Rng};
use ruska_ops::compare::{Rival, Rule, judge};

/// Rows learned from, and rows on which models are compared.
const ROWS: usize = 5000;
/// Rows that tell a true AUC; its standard error is about 0.001.
const PROBE: usize = 200_000;

/// A normal number by the sum of twelve uniform ones.
fn normal(rng: &mut Rng) -> f64 {
    (0..12).map(|_| rng.below(1 << 20) as f64 / f64::from(1 << 20)).sum::<f64>() - 6.0
}

/// Rows of the world: `a` tells of `y`, and `b` a little more.
fn sample(rows: usize, seed: u64) -> Frame {
    let mut rng = Rng::new(seed);
    let (mut a, mut b, mut y) = (vec![], vec![], vec![]);
    for _ in 0..rows {
        let (x, z) = (normal(&mut rng), normal(&mut rng));
        let p = 1.0 / (1.0 + (1.0 - 1.2 * x - 0.48 * z).exp());
        let yes = (rng.below(1 << 30) as f64) < p * f64::from(1 << 30);
        y.push(Some(if yes { "yes" } else { "no" }));
        a.push(x);
        b.push(z);
    }
    let field = |name: &str, column| Field::new(name, Kind::Numeric, column);
    Frame::new(vec![
        field("a", Column::float(a)),
        field("b", Column::float(b)),
        field("y", Column::from_strings(y)),
    ])
    .unwrap()
}

/// A model of a fresh sample that may look at `b` or not.
fn train(seed: u64, with_b: bool) -> Model {
    let mut catalog = ruska::builtin();
    catalog.learners.retain(|l| ["baseline", "linear"].contains(&l.info().id));
    let search = AutoMl::classification("y").catalog(catalog).trials(2);
    let mut search = search.metric("auc").seed(seed).workers(2);
    if !with_b {
        search = search.ignore(["b"]);
    }
    search.fit(&sample(ROWS, seed)).unwrap().into_best()
}

fn auc(model: &Model, frame: &Frame) -> f64 {
    let scores = ruska::evaluate(model, frame).unwrap().scores;
    scores.iter().find(|s| s.metric == "auc").unwrap().value
}

/// How many of some retrains are promoted by a rule; each is compared on a fresh sample.
fn promoted(rule: &str, retrains: u64, champion_has_b: bool, challenger_has_b: bool) -> u64 {
    let rules: [Rule; 1] = [toml::from_str(rule).unwrap()];
    let mut count = 0;
    for i in 0..retrains {
        let champion = train(3 * i + 1, champion_has_b);
        let challenger = train(3 * i + 2, challenger_has_b);
        let rival = |label, model| Rival { label, model, bytes: 0 };
        let (new, old) = (rival("new", &challenger), rival("old", &champion));
        let judged = judge(&sample(ROWS, 3 * i + 3), new, Some(old), &rules, 100).unwrap();
        assert!(judged.rows as usize > ROWS * 9 / 10);
        count += u64::from(judged.verdict == Verdict::Promote);
    }
    count
}

#[test]
fn real_retrains_are_promoted_when_they_are_better_and_not_otherwise() {
    let retrains = std::env::var("RUSKA_RETRAINS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let probe = sample(PROBE, 0);
    let gain = auc(&train(1, true), &probe) - auc(&train(1, false), &probe);
    assert!((0.02..0.026).contains(&gain), "the true gain is {gain}");
    let better = "metric = \"auc\"\nrequire = \"better\"";
    let not_worse = "metric = \"auc\"\nrequire = \"not_worse\"\nmargin = 0.015";
    let equal = promoted(better, retrains, true, true);
    let gained = promoted(better, retrains, false, true);
    let worse = promoted(better, retrains, true, false);
    let as_good = promoted(not_worse, retrains, true, true);
    let lost = promoted(not_worse, retrains, true, false);
    println!(
        "of {retrains} retrains, true gain {gain:.4}: better promotes {equal} equal, {gained} better, \
         {worse} worse; not_worse lets {as_good} equal and {lost} worse pass"
    );
    assert!(equal * 20 <= retrains, "{equal} of {retrains} equal challengers were promoted");
    assert!(gained * 5 >= retrains * 4, "{gained} of {retrains} better ones were promoted");
    assert_eq!(worse, 0);
    assert!(as_good * 10 >= retrains * 9, "{as_good} of {retrains} equal ones passed");
    assert!(lost * 20 <= retrains, "{lost} of {retrains} worse than the margin passed");
}
