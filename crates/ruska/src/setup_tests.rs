//! The portfolio that is built in.
#![allow(clippy::unwrap_used)]

use super::*;
use ruska_core::{TaskKind, TaskMeta};
use ruska_search::Kind;
use ruska_testkit::tasks::Recipe;

#[test]
fn every_setting_of_the_portfolio_is_known_to_the_catalog() {
    let portfolio = usual_portfolio();
    let catalog = ruska_catalog::builtin();
    for kind in
        [Kind::Binary, Kind::Multiclass, Kind::Regression, Kind::Clustering, Kind::Forecasting]
    {
        assert!(portfolio.lists.iter().any(|l| l.kind == kind && l.rows == 0));
    }
    let recipes = [Recipe::regression(1), Recipe::multiclass(3, 1), Recipe::clustering(3, 1)];
    let tasks = recipes.map(|recipe| recipe.build());
    let groups = tasks.map(|task| TaskMeta { long_tailed: Some(1), ..task.meta() });
    let ahead = TaskMeta {
        kind: TaskKind::Forecasting,
        n_classes: 0,
        least_target: 1.0,
        series: Some(9),
        seasons: vec![12],
        horizon: Some(6),
        ..groups[0].clone()
    };
    let metas = groups.into_iter().chain([ahead]).collect::<Vec<_>>();
    for setting in portfolio.lists.iter().flat_map(|l| &l.settings) {
        let learner = catalog.learner(&setting.learner).unwrap();
        let meta = metas.iter().find(|meta| learner.info().takes(meta)).unwrap();
        assert!(!learner.info().opt_in, "{}", setting.learner);
        let space = learner.space(meta);
        for name in setting.params.keys() {
            assert!(space.dimensions.iter().any(|d| d.name == *name), "{setting:?}");
        }
        assert!(setting.steps.iter().all(|id| catalog.step(id).is_some()), "{setting:?}");
        let candidate = setting.candidate(&catalog, meta).unwrap();
        assert_eq!(space.check(&candidate.params), Ok(()));
    }
}
