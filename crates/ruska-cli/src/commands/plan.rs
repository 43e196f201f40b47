//! `ruska fit --plan`: what would be tried.

use super::fit::finding_line;
use crate::output::{Say, size, table, value};
use crate::{Ending, Failure};
use ruska::{AutoMl, Plan};
use std::fmt::Write;

/// Sets the search up and prints what it would try.
pub(crate) fn run(search: &AutoMl, say: Say) -> Result<Ending, Failure> {
    let plan = search.plan()?;
    say.note(&plan.introduction);
    for finding in &plan.findings {
        say.note(&finding_line(finding));
    }
    say.result(&text(&plan), &plan)?;
    Ok(Ending::Done)
}

fn text(plan: &Plan) -> String {
    let mut shown = table(&["", "from", "pipeline", "seconds", "memory", "by then", ""]);
    let mut passed = 0.0;
    let mut reached = 0;
    for (at, planned) in plan.first.iter().enumerate() {
        let seconds = if planned.fits { planned.seconds } else { 0.0 };
        passed += seconds / plan.workers as f64;
        let late = plan.seconds.is_some_and(|most| passed > most);
        let beyond = plan.trials.is_some_and(|most| at >= most as usize);
        let note = match (planned.fits, late || beyond) {
            (false, _) => "not run: it needs more memory than a worker has",
            (true, true) => "beyond the budget",
            (true, false) => "",
        };
        reached += usize::from(note.is_empty());
        shown.add_row([
            (at + 1).to_string(),
            planned.origin.to_owned(),
            planned.candidate.title(),
            value(planned.seconds),
            size(planned.bytes as u64),
            value(passed),
            note.to_owned(),
        ]);
    }
    let folds = match plan.folds {
        1 => "a part kept aside".to_owned(),
        folds => format!("{folds} folds ({})", plan.splitter),
    };
    let workers = plan.workers;
    let mut text = format!("{shown}\n\nEach is tried on {folds}, {workers} at once. ");
    let _ = match (plan.trials, plan.seconds) {
        (Some(trials), _) if reached == trials as usize => {
            writeln!(
                text,
                "The budget of {trials} trials ends with the last that is not beyond it."
            )
        }
        _ if reached < plan.first.len() => {
            writeln!(text, "About {reached} of these {} fit into the budget.", plan.first.len())
        }
        _ => writeln!(text, "After these, steps from the best of them until the budget is used."),
    };
    text + "Seconds are declared ones, for one core of a recent machine; a search measures its own, \
            stops what\nis beaten after a fold, and passes over what would not end in time.\n"
}
