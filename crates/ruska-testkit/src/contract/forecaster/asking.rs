//! What is told belongs to a series and a period, whatever else is asked.

use super::{ForecasterCase, ask, same, tell};
use crate::contract::{Outcome, calm, ensure, must};
use crate::panels::{Recipe, asked};
use ruska_core::{Frame, PERIOD, PredictError, Rng, SERIES};

/// Every step is told, up to thrice as many as the task asks for; a longer question changes no answer.
pub(in crate::contract) fn every_step_is_told(case: &ForecasterCase) -> Outcome {
    case.each(|panel| {
        let model = case.fit(panel)?;
        let all = panel.ahead(3 * panel.horizon);
        let told = tell(&model, &all)?;
        for steps in [1, panel.horizon] {
            let places = panel.ahead(steps);
            let at = |place| all.iter().position(|other| other == place);
            let rows: Vec<usize> = places.iter().filter_map(at).collect();
            let few = tell(&model, &places)?;
            same(&format!("{steps} steps and more"), &few, &told.pick(&rows))?;
        }
        Ok(())
    })
}

pub(in crate::contract) fn one_row_equals_all(case: &ForecasterCase) -> Outcome {
    case.each(|panel| {
        let model = case.fit(panel)?;
        let places = panel.ahead(panel.horizon + 3);
        let told = tell(&model, &places)?;
        for (row, place) in places.iter().enumerate().step_by(4) {
            same(&format!("row {row} alone"), &tell(&model, &[*place])?, &told.pick(&[row]))?;
        }
        tell(&model, &[]).map(|_| ())
    })
}

pub(in crate::contract) fn order_of_questions_does_not_matter(case: &ForecasterCase) -> Outcome {
    case.each(|panel| {
        let model = case.fit(panel)?;
        let places = panel.ahead(panel.horizon + 3);
        let mut order: Vec<usize> = (0..places.len()).chain([3, 3, 0]).collect();
        Rng::new(1).shuffle(&mut order);
        let shuffled: Vec<_> = order.iter().map(|row| places[*row]).collect();
        let told = tell(&model, &places)?.pick(&order);
        same("shuffled and repeated rows", &tell(&model, &shuffled)?, &told)
    })
}

pub(in crate::contract) fn unknown_series_are_refused(case: &ForecasterCase) -> Outcome {
    let panel = Recipe::new(1).build();
    let model = case.fit(&panel)?;
    for number in [panel.series.len(), 1_000_000] {
        let answer = calm("predict", || ask(&model, &[(0, panel.next[0]), (number, 100)]))?;
        let refused = answer.as_ref().err() == Some(&PredictError::UnknownSeries { number });
        ensure!(refused, "series {number} is told: {answer:?}");
    }
    Ok(())
}

pub(in crate::contract) fn known_periods_are_refused(case: &ForecasterCase) -> Outcome {
    let panel = Recipe::new(1).build();
    let model = case.fit(&panel)?;
    for (number, next) in panel.next.iter().enumerate() {
        for before in [1, 2, 40, 1000] {
            let places = [(number, *next), (number, next - before)];
            let answer = calm("predict", || ask(&model, &places))?;
            let refused = answer.as_ref().err() == Some(&PredictError::NotAhead { number });
            ensure!(refused, "{before} periods before what comes next is told: {answer:?}");
        }
    }
    Ok(())
}

pub(in crate::contract) fn columns_of_places_are_needed(case: &ForecasterCase) -> Outcome {
    let panel = Recipe::new(1).build();
    let model = case.fit(&panel)?;
    let whole = asked(&panel.ahead(2));
    for missing in [SERIES, PERIOD] {
        let fields = whole.fields().iter().filter(|f| f.name.as_ref() != missing);
        let x = must("a frame", || Frame::with_rows(fields.cloned().collect(), whole.rows()))?;
        let answer = calm("predict", || model.predict(&x))?;
        let named =
            matches!(&answer, Err(PredictError::MissingColumn { column }) if column == missing);
        ensure!(named, "without `{missing}` it says {answer:?}");
    }
    Ok(())
}
