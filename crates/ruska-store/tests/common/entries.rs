//! Made-up versions, decisions and deployments.

use ruska_core::Corrected;
use ruska_store::register::{
    DatasetVersion, Decision, Deployment, Entry, ModelFacts, ModelVersion, Origin, Role, Verdict,
};
use std::collections::BTreeMap;

pub fn version(score: f64) -> ModelVersion {
    let facts = ModelFacts {
        task: "classification".into(),
        target: "churned".into(),
        classes: vec!["no".into(), "yes".into()],
        pipeline: "gbdt".into(),
        metric: "auc".into(),
        scores: BTreeMap::from([("auc".into(), score)]),
        standard_error: Some(f64::MIN_POSITIVE),
        corrected: Some(Corrected {
            score,
            standard_error: 0.01,
            optimism: 0.0,
            trials: 3,
            resamples: 100,
            rows: None,
        }),
        baseline: None,
        seed: u64::MAX,
        rows: 4,
        data: "00".into(),
        split: "00".into(),
        cutoff_ms: Some(i64::MIN),
        signature: vec![],
        ruska: "0.1.0".into(),
    };
    let (study, dataset) = (None, Some(("churn".into(), 1)));
    ModelVersion {
        version: 0,
        digest: String::new(),
        bytes: 0,
        origin: Origin::Registered,
        study,
        dataset,
        facts,
    }
}

pub fn dataset(digest: &str) -> DatasetVersion {
    DatasetVersion {
        version: 0,
        source: "/data/churn.csv".into(),
        reading: BTreeMap::from([("header".into(), "no".into())]),
        digest: digest.into(),
        bytes: 10,
        rows: 2,
        fingerprint: "00".into(),
        columns: vec![],
    }
}

pub fn decision(challenger: u32) -> Decision {
    Decision {
        environment: "test".into(),
        challenger,
        champion: challenger.checked_sub(1).filter(|v| *v > 0),
        rows: 100,
        left_out: BTreeMap::new(),
        data: "00".into(),
        rules: vec![],
        verdict: Verdict::Promote,
        reason: "better".into(),
        run: None,
    }
}

pub fn deployed(environment: &str, version: u32, decision: Option<u64>) -> Entry {
    let deployments = vec![Deployment { version, weight: 1.0, role: Role::Champion }];
    Entry::Deployed {
        environment: environment.into(),
        deployments,
        reason: String::new(),
        decision,
    }
}
