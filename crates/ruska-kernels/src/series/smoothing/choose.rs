//! Which form: the one with the least corrected information criterion.

use super::Smoothing;
use super::fit::{Fitter, Scaled, model, short};
use super::form::Form;
use crate::{Progress, Stopped};

/// Which forms there are to choose from.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The forms; those that a series does not admit are passed over. Of equals the first is taken.
    pub forms: Vec<Form>,
}

impl Default for Choice {
    /// All forms but the unstable ones: 15.
    fn default() -> Self {
        Self { forms: Form::all().filter(|f| !f.is_unstable()).collect() }
    }
}

/// The best of the forms; simple smoothing where the series admits none.
pub(super) fn choose(
    series: &Scaled,
    choice: &Choice,
    progress: &dyn Progress,
) -> Result<Smoothing, Stopped> {
    let mut fitter = Fitter::new(series, progress);
    let mut best: Option<(Form, Vec<f64>)> = None;
    let mut least = f64::INFINITY;
    for &form in &choice.forms {
        let penalty = series.penalty(form);
        if !series.admits(form) || penalty.is_infinite() {
            continue;
        }
        let (at, value) = fitter.search(form, least - penalty)?;
        if value + penalty < least {
            least = value + penalty;
            best = Some((form, at));
        }
    }
    match best {
        Some((form, at)) => Ok(model(series, form, &at)),
        None if series.admits(Form::SIMPLE) => {
            let (at, _) = fitter.search(Form::SIMPLE, f64::INFINITY)?;
            Ok(model(series, Form::SIMPLE, &at))
        }
        None => Ok(short(series)),
    }
}
