//! The contract of `ruska-testkit` over every entry of the catalog, by name: `learners::gbdt::…`.
//!
//! A new entry is one word here; a test compares the words with the catalog.

use ruska_catalog::builtin;
use ruska_core::{Params, TaskKind, Value};
use ruska_testkit::contract::{
    ForecasterCase, LearnerCase, MeasureCase, Role, SplitterCase, StepCase,
};

/// One module of tests per id, and the ids.
macro_rules! under_contract {
    ($contract:ident, [$($id:ident: $case:expr,)+]) => {
        $(mod $id {
            #[allow(unused_imports)]
            use super::*;
            ruska_testkit::$contract!($case);
        })+

        pub(super) const IDS: &[&str] = &[$(stringify!($id)),+];
    };
}

/// A learner with the parameters under which weight is repetition.
fn learner<const N: usize>(id: &str, exact: [(&str, Value); N]) -> LearnerCase {
    let exact: Params = exact.map(|(name, value)| (name.to_owned(), value)).into();
    LearnerCase::new(builtin(), id, exact)
}

mod learners {
    use super::*;

    under_contract!(learner_contract, [
        baseline: learner("baseline", []),
        linear: learner("linear", [("tolerance", 1e-10.into())]),
        elastic_net: learner("elastic_net", [("tolerance", 1e-12.into())]),
        glm: learner("glm", [("tolerance", 1e-10.into())]),
        naive_bayes: learner("naive_bayes", []),
        knn: learner("knn", []),
        lda: learner("lda", []),
        huber: learner("huber", [("tolerance", 1e-8.into())]),
        quantile_linear: learner("quantile_linear", [("tolerance", 1e-9.into())]),
        svm: learner("svm", []),
        tree: learner("tree", []),
        gam: learner("gam", [
            ("early_stop", false.into()),
            ("max_rounds", 50.into()),
            ("bags", 1.into()),
        ]),
        gbdt: learner("gbdt", [
            ("early_stop", false.into()),
            ("max_rounds", 50.into()),
            ("learning_rate", 0.1.into()),
            ("max_leaves", 16.into()),
            ("min_leaf", 5.into()),
        ]),
        gbdt_symmetric: learner("gbdt_symmetric", [
            ("early_stop", false.into()),
            ("max_rounds", 50.into()),
            ("learning_rate", 0.1.into()),
            ("row_share", 1.0.into()),
        ]),
        mlp: learner("mlp", [
            ("early_stop", false.into()),
            ("dropout", 0.0.into()),
            ("epochs", 20.0.into()),
            ("batch", 1000.into()),
        ]),
        random_forest: learner("random_forest", [
            ("trees", 20.into()),
            ("bootstrap", false.into()),
            ("column_share", 1.0.into()),
        ]),
        extra_trees: learner("extra_trees", [("trees", 20.into())]),
        linfa_tree: learner("linfa_tree", []),
        one_cluster: learner("one_cluster", []),
        kmeans: learner("kmeans", [("clusters", 3.into())]),
        gmm: learner("gmm", [("clusters", 3.into())]),
        agglomerative: learner("agglomerative", []),
        hdbscan: learner("hdbscan", []),
        dbscan: learner("dbscan", []),
        kprototypes: learner("kprototypes", [("clusters", 3.into())]),
    ]);
}

mod forecasters {
    use super::*;

    fn forecaster(id: &str) -> ForecasterCase {
        ForecasterCase::new(builtin(), id)
    }

    under_contract!(forecaster_contract, [
        seasonal_naive: forecaster("seasonal_naive"),
        window_average: forecaster("window_average").plain(),
        historic_mean: forecaster("historic_mean").plain(),
        drift: forecaster("drift").plain(),
        naive: forecaster("naive").plain(),
        ses: forecaster("ses"),
        holt: forecaster("holt"),
        damped_trend: forecaster("damped_trend"),
        comb: forecaster("comb"),
        theta: forecaster("theta"),
        ces: forecaster("ces"),
        ets: forecaster("ets"),
        arima: forecaster("arima"),
        croston: forecaster("croston").of_demand(),
        sba: forecaster("sba").of_demand(),
        tsb: forecaster("tsb").of_demand(),
        imapa: forecaster("imapa").of_demand(),
        global_linear: forecaster("global_linear").of_all_series(),
        global_trees: forecaster("global_trees").of_all_series(),
        reduction: forecaster("reduction").of_all_series(),
    ]);
}

mod steps {
    use super::*;

    fn step(id: &str) -> StepCase {
        StepCase::new(&builtin(), id)
    }

    under_contract!(step_contract, [
        arithmetic: step("arithmetic"),
        date_differences: step("date_differences"),
        date_parts: step("date_parts"),
        frequency_encode: step("frequency_encode"),
        group_means: step("group_means"),
        hash_words: step("hash_words"),
        numbers_in_text: step("numbers_in_text"),
        one_hot: step("one_hot"),
        ordinal: step("ordinal"),
        rare_levels: step("rare_levels"),
        target_encode: step("target_encode"),
        term_frequency: step("term_frequency"),
        tfidf: step("tfidf"),
        impute: step("impute"),
        standardise: step("standardise"),
        robust_scale: step("robust_scale"),
        min_max: step("min_max"),
        quantile_normal: step("quantile_normal"),
        yeo_johnson: step("yeo_johnson"),
        transform_target: step("transform_target"),
        clip_outliers: step("clip_outliers"),
        pca: step("pca"),
        drop_redundant: step("drop_redundant"),
        select_important: step("select_important"),
    ]);
}

mod measures {
    use super::*;

    fn measure(id: &str) -> MeasureCase {
        MeasureCase::new(&builtin(), id)
    }

    under_contract!(measure_contract, [
        accuracy: measure("accuracy"),
        auc: measure("auc"),
        average_precision: measure("average_precision"),
        balanced_accuracy: measure("balanced_accuracy"),
        bic: measure("bic"),
        brier: measure("brier"),
        calinski_harabasz: measure("calinski_harabasz"),
        consensus: measure("consensus"),
        coverage: measure("coverage"),
        davies_bouldin: measure("davies_bouldin"),
        dbcv: measure("dbcv"),
        f1: measure("f1"),
        gamma_deviance: measure("gamma_deviance"),
        logloss: measure("logloss"),
        mae: measure("mae"),
        mape: measure("mape"),
        mase: measure("mase"),
        mcc: measure("mcc"),
        median_ae: measure("median_ae"),
        msis: measure("msis"),
        owa: measure("owa"),
        poisson_deviance: measure("poisson_deviance"),
        precision: measure("precision"),
        r2: measure("r2"),
        recall: measure("recall"),
        rmse: measure("rmse"),
        rmsle: measure("rmsle"),
        rmsse: measure("rmsse"),
        silhouette: measure("silhouette"),
        smape: measure("smape"),
        stability: measure("stability"),
        wape: measure("wape"),
        wql: measure("wql"),
    ]);
}

mod splitters {
    use super::*;

    fn splitter(id: &str, respects: &'static [Role]) -> SplitterCase {
        SplitterCase::new(&builtin(), id, respects)
    }

    under_contract!(splitter_contract, [
        grouped: splitter("grouped", &[Role::Groups]),
        halves: splitter("halves", &[]),
        holdout: splitter("holdout", &[Role::Classes, Role::Groups, Role::Times]),
        k_fold: splitter("k_fold", &[]),
        rolling_origin: splitter("rolling_origin", &[]),
        repeated: splitter("repeated", &[Role::Classes, Role::Groups]),
        stratified: splitter("stratified", &[Role::Classes]),
        time_ordered: splitter("time_ordered", &[Role::Times]),
    ]);
}

/// Ids of the catalog, in alphabetical order.
fn sorted<'a>(ids: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut ids: Vec<&str> = ids.into_iter().collect();
    ids.sort_unstable();
    ids
}

#[test]
fn every_entry_is_under_contract() {
    let catalog = builtin();
    let listed = |ids: &[&'static str]| sorted(ids.iter().copied());
    let learners = |ahead: bool| {
        let infos = catalog.learners.iter().map(|x| x.info());
        sorted(infos.filter(|i| i.tasks.contains(&TaskKind::Forecasting) == ahead).map(|i| i.id))
    };
    assert_eq!(learners(false), listed(learners::IDS));
    assert_eq!(learners(true), listed(forecasters::IDS));
    assert_eq!(sorted(catalog.steps.iter().map(|x| x.info().id)), listed(steps::IDS));
    assert_eq!(sorted(catalog.measures.iter().map(|x| x.info().id)), listed(measures::IDS));
    assert_eq!(sorted(catalog.splitters.iter().map(|x| x.info().id)), listed(splitters::IDS));
}
