//! The steps of a pipeline. Mandatory is what the task has, minus what the learner takes as it is;
//! the rest is optional.
//!
//! Only what is optional is searched, so no table of "which preprocessing for which model" exists.

use crate::{Catalog, LearnerInfo, Need, Stage, StepInfo, StepSpec, TaskKind, TaskMeta, Value};

/// Most levels of a categorical column that the step closing [`Need::FewLevels`] takes when
/// another step takes the larger ones.
const FEW_LEVELS: i64 = 32;

/// The steps without which the learner cannot meet the task, in the order of [`Need::ALL`].
///
/// Each need that the task has and the learner declares is closed by the first of its
/// [`alternatives`]; a step that closes several needs stands once, at the first of them. Where
/// few and many levels are closed by different steps, the first of the two is given the parameter
/// `max_levels` so that it leaves the larger columns to the other.
///
/// A need that no step closes is left open: the learner refuses such data by name.
pub fn robustify(catalog: &Catalog, learner: &LearnerInfo, meta: &TaskMeta) -> Vec<StepSpec> {
    robustify_with(catalog, learner, meta, |_| 0)
}

/// As [`robustify`], with `pick` choosing among the ids of a need's alternatives by index.
pub fn robustify_with(
    catalog: &Catalog,
    learner: &LearnerInfo,
    meta: &TaskMeta,
    mut pick: impl FnMut(&[&'static str]) -> usize,
) -> Vec<StepSpec> {
    let chosen: Vec<(Need, &str)> = Need::ALL
        .into_iter()
        .filter(|&need| meta.has(need) && learner.needs.contains(&need))
        .filter_map(|need| {
            let options = alternatives(catalog, learner, meta, need);
            let at = if options.len() > 1 { pick(&options) } else { 0 };
            options.get(at).map(|&id| (need, id))
        })
        .collect();
    let mut specs: Vec<StepSpec> = vec![];
    for (_, step) in &chosen {
        if specs.iter().all(|s| s.step != *step) {
            specs.push(StepSpec { step: (*step).to_owned(), params: [].into() });
        }
    }
    let of = |need| chosen.iter().find(|(n, _)| *n == need).map(|(_, id)| *id);
    if let (Some(few), Some(many)) = (of(Need::FewLevels), of(Need::ManyLevels))
        && few != many
        && let Some(spec) = specs.iter_mut().find(|s| s.step == few)
    {
        spec.params.insert("max_levels".to_owned(), Value::Int(FEW_LEVELS));
    }
    specs
}

/// The steps that close a need for a learner, by id, in order of preference: those that suit its
/// [`crate::Geometry`] or every learner.
pub fn alternatives(
    catalog: &Catalog,
    learner: &LearnerInfo,
    meta: &TaskMeta,
    need: Need,
) -> Vec<&'static str> {
    let closes = |step: &StepInfo| step.closes.contains(&need) && suits(step, learner);
    let steps = catalog.steps.iter().filter(|s| closes(s.info()) && s.helps(meta));
    steps.map(|s| s.info().id).collect()
}

fn suits(step: &StepInfo, learner: &LearnerInfo) -> bool {
    step.suits.is_none_or(|geometry| geometry == learner.geometry)
}

/// The steps that close no need but may help a learner with a task, by id, in the order of the
/// catalog. The target of a learner with a bound ([`LearnerInfo::least_target`]) is left alone.
pub fn optional(catalog: &Catalog, learner: &LearnerInfo, meta: &TaskMeta) -> Vec<&'static str> {
    if meta.kind == TaskKind::Forecasting {
        // Rows of series are no rows of their own, which steps take them for.
        return vec![];
    }
    let bent = |stage| stage == Stage::Target && learner.least_target.is_some();
    let steps = catalog.steps.iter().filter(|step| {
        let info = step.info();
        info.closes.is_empty() && suits(info, learner) && !bent(info.stage) && step.helps(meta)
    });
    steps.map(|s| s.info().id).collect()
}

/// Adds a step where its stage stands, behind those of the same stage.
///
/// A step the catalog does not have goes to the end.
pub fn insert(catalog: &Catalog, steps: &mut Vec<StepSpec>, added: StepSpec) {
    let stage = |spec: &StepSpec| catalog.step(&spec.step).map(|s| s.info().stage);
    let at = stage(&added)
        .and_then(|mine| steps.iter().position(|s| stage(s).is_some_and(|its| its > mine)));
    steps.insert(at.unwrap_or(steps.len()), added);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        FitError, FittedStep, Frame, Geometry, LoadError, Params, RunContext, Space, Step,
        StepInfo, StepInput, TaskKind,
    };
    use std::sync::Arc;

    struct Fake(StepInfo);

    impl Step for Fake {
        fn info(&self) -> &StepInfo {
            &self.0
        }
        fn helps(&self, meta: &TaskMeta) -> bool {
            meta.numeric > 0
        }
        fn space(&self, _: &TaskMeta) -> Space {
            Space::new()
        }
        fn fit_transform(
            &self,
            _: &Params,
            _: StepInput<'_>,
            _: &RunContext<'_>,
        ) -> Result<(Box<dyn FittedStep>, Frame), FitError> {
            Err(FitError::Data("a fake is never fitted".into()))
        }
        fn load(&self, _: &[u8]) -> Result<Box<dyn FittedStep>, LoadError> {
            Err(LoadError::File("a fake is never saved".into()))
        }
    }

    fn catalog(steps: &[(&'static str, &'static [Need], Option<Geometry>)]) -> Catalog {
        let step = |&(id, closes, suits): &(_, &'static [Need], _)| -> Arc<dyn Step> {
            let stage = match closes.first() {
                Some(Missing) => Stage::Fill,
                Some(Scale) => Stage::Scale,
                Some(_) => Stage::Encode,
                None if id == "log" => Stage::Target,
                None => Stage::Shape,
            };
            Arc::new(Fake(StepInfo { id, summary: "", stage, closes, suits, reference: "" }))
        };
        Catalog { steps: steps.iter().map(step).collect(), ..Catalog::default() }
    }

    fn learner(needs: &'static [Need], geometry: Geometry) -> LearnerInfo {
        LearnerInfo {
            id: "fake",
            summary: "",
            tasks: &[TaskKind::Regression],
            needs,
            geometry,
            sparse: false,
            weights: false,
            multiclass: false,
            complexity: 0,
            nondeterministic: None,
            uncooperative: None,
            least_target: None,
            opt_in: false,
            reference: "",
        }
    }

    fn meta(levels: Vec<usize>, text: usize, time: usize) -> TaskMeta {
        TaskMeta {
            kind: TaskKind::Regression,
            rows: 10,
            n_classes: 0,
            numeric: 1,
            levels,
            text,
            time,
            missing_share: 0.0,
            weighted: false,
            least_target: 0.0,
            clusters: None,
            min_cluster_size: None,
            long_tailed: None,
            series: None,
            seasons: vec![],
            horizon: None,
            known: 0,
        }
    }

    fn ids(specs: &[StepSpec]) -> Vec<&str> {
        specs.iter().map(|s| s.step.as_str()).collect()
    }

    use Need::{Dates, FewLevels, ManyLevels, Missing, Scale, Text};

    #[test]
    fn needs_are_closed_in_their_order_whatever_the_order_of_the_catalog() {
        let c = catalog(&[
            ("scale", &[Scale], None),
            ("fill", &[Missing], None),
            ("encode", &[FewLevels, ManyLevels], None),
            ("words", &[Text], None),
            ("dates", &[Dates], None),
        ]);
        let specs = robustify(&c, &learner(&Need::ALL, Geometry::Metric), &meta(vec![3], 1, 1));
        assert_eq!(ids(&specs), ["dates", "words", "encode", "fill", "scale"]);
        assert!(specs.iter().all(|s| s.params.is_empty()));
    }

    #[test]
    fn only_what_the_task_has_and_the_learner_needs_is_closed() {
        let c = catalog(&[("dates", &[Dates], None), ("fill", &[Missing], None)]);
        let all = learner(&Need::ALL, Geometry::Metric);
        assert_eq!(ids(&robustify(&c, &all, &meta(vec![], 0, 0))), ["fill"]);
        assert_eq!(ids(&robustify(&c, &all, &meta(vec![9], 1, 1))), ["dates", "fill"]);
        let hardy = learner(&[], Geometry::Splits);
        assert!(robustify(&c, &hardy, &meta(vec![9], 1, 1)).is_empty());
    }

    #[test]
    fn the_first_step_that_suits_the_geometry_wins() {
        let c = catalog(&[
            ("one_hot", &[FewLevels, ManyLevels], Some(Geometry::Metric)),
            ("ordinal", &[FewLevels, ManyLevels], Some(Geometry::Splits)),
            ("target", &[ManyLevels], None),
        ]);
        let splits = learner(&[FewLevels, ManyLevels], Geometry::Splits);
        let metric = learner(&[FewLevels, ManyLevels], Geometry::Metric);
        assert_eq!(ids(&robustify(&c, &splits, &meta(vec![3], 0, 0))), ["ordinal"]);
        assert_eq!(ids(&robustify(&c, &metric, &meta(vec![3], 0, 0))), ["one_hot"]);
        let meta = meta(vec![3], 1, 0);
        assert_eq!(alternatives(&c, &metric, &meta, ManyLevels), ["one_hot", "target"]);
        assert_eq!(alternatives(&c, &splits, &meta, FewLevels), ["ordinal"]);
    }

    #[test]
    fn few_levels_leave_the_larger_columns_to_the_next_step() {
        let c = catalog(&[("one_hot", &[FewLevels], None), ("target", &[ManyLevels], None)]);
        let both = learner(&[FewLevels, ManyLevels], Geometry::Metric);
        let specs = robustify(&c, &both, &meta(vec![3, 900], 0, 0));
        assert_eq!(ids(&specs), ["one_hot", "target"]);
        assert_eq!(specs[0].params["max_levels"], Value::Int(32));
        assert!(specs[1].params.is_empty());
        let few_only = learner(&[FewLevels], Geometry::Metric);
        assert!(robustify(&c, &few_only, &meta(vec![3], 0, 0))[0].params.is_empty());
    }

    #[test]
    fn optional_steps_stand_where_their_stage_does() {
        let c = catalog(&[
            ("clip", &[], None),
            ("log", &[], None),
            ("rank", &[], Some(Geometry::Splits)),
            ("scale", &[Scale], None),
            ("fill", &[Missing], None),
        ]);
        let mut metric = learner(&[Missing, Scale], Geometry::Metric);
        let meta = meta(vec![], 0, 0);
        assert_eq!(optional(&c, &metric, &meta), ["clip", "log"]);
        let mut steps = robustify(&c, &metric, &meta);
        for id in ["clip", "log", "clip", "unknown"] {
            insert(&c, &mut steps, StepSpec { step: id.into(), params: [].into() });
        }
        assert_eq!(ids(&steps), ["log", "fill", "clip", "clip", "scale", "unknown"]);
        metric.least_target = Some(0.0);
        assert_eq!(optional(&c, &metric, &meta), ["clip"]);
        let none = TaskMeta { numeric: 0, ..meta };
        assert!(optional(&c, &metric, &none).is_empty());
    }
}
