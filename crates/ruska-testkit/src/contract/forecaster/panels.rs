//! A series is told by its own past: not by its place in the panel, nor by when it was.

use super::{ForecasterCase, alike, same};
use crate::contract::Outcome;

/// Share of the spread by which forecasts of one model of all series may differ where these come in
/// another order.
const ORDER: f64 = 0.5;

pub(in crate::contract) fn order_of_series_does_not_matter(case: &ForecasterCase) -> Outcome {
    case.each(|panel| {
        let order = [2, 0, 3, 1];
        let steps = panel.horizon;
        let rows: Vec<usize> = order.iter().flat_map(|s| s * steps..(s + 1) * steps).collect();
        let told = case.told(panel, steps)?.pick(&rows);
        let other = case.told(&panel.take(&order), steps)?;
        let what = "series in another order";
        if case.global { alike(what, &other, &told, ORDER) } else { same(what, &other, &told) }
    })
}

pub(in crate::contract) fn other_series_do_not_matter(case: &ForecasterCase) -> Outcome {
    if case.global {
        return Ok(());
    }
    case.each(|panel| {
        let (steps, all) = (panel.horizon, case.told(panel, panel.horizon)?);
        for series in 0..panel.series.len() {
            let alone = case.told(&panel.take(&[series]), steps)?;
            let rows: Vec<usize> = (series * steps..(series + 1) * steps).collect();
            same(&format!("series {series} alone"), &alone, &all.pick(&rows))?;
        }
        Ok(())
    })
}

pub(in crate::contract) fn periods_only_count_steps(case: &ForecasterCase) -> Outcome {
    case.each(|panel| {
        let mut later = panel.clone();
        for (series, next) in later.next.iter_mut().enumerate() {
            *next += [1000, -5000, 3, 24_000][series % 4];
        }
        let (told, other) = (case.told(panel, 9)?, case.told(&later, 9)?);
        same("at other periods", &other, &told)
    })
}
