//! `ruska env`: the environments and how they differ.

use super::model::percent;
use super::stamp;
use crate::args::{EnvironmentAction, EnvironmentArgs};
use crate::output::{Say, counted, number, short, table};
use crate::{Ending, Failure};
use ruska::Store;
use ruska::register::Role;
use ruska_ops::register::{self, EnvironmentDiff, Standing};
use std::fmt::Write;

/// Does what is asked about environments.
pub(crate) fn run(args: &EnvironmentArgs, say: Say) -> Result<Ending, Failure> {
    match &args.action {
        EnvironmentAction::List { place } => {
            list(&Store::open_existing(&place.store)?.environments()?, say)
        }
        EnvironmentAction::Set { names, actor, place } => {
            let store = Store::open(&place.store)?;
            register::set_environments(&store, names, stamp(&actor.actor))?;
            list(names, say)
        }
        EnvironmentAction::Diff { left, right, place } => {
            let store = Store::open_existing(&place.store)?;
            let diff = register::environment_diff(&store, left, right)?;
            say.result(&text(&diff), &diff)?;
            Ok(Ending::Done)
        }
    }
}

fn list(names: &[String], say: Say) -> Result<Ending, Failure> {
    say.result(&(names.join(" → ") + "\n"), &names)?;
    Ok(Ending::Done)
}

fn text(diff: &EnvironmentDiff) -> String {
    let EnvironmentDiff { left, right, differences, models } = diff;
    if *differences == 0 {
        return format!("{left} and {right} hold the same, {}\n", counted(models.len(), "model"));
    }
    let mut shown = table(&["model", left, right]);
    for model in models.iter().filter(|m| !m.same) {
        shown.add_row([short(&model.name, 30), cell(&model.left), cell(&model.right)]);
    }
    let mut text = format!("{shown}\n");
    let same = models.len() - differences;
    let _ = writeln!(text, "{differences} of {} models differ, {same} are the same", models.len());
    text
}

/// What stands in an environment, a line each.
fn cell(standings: &[Standing]) -> String {
    let one = |s: &Standing| {
        let role = match s.role {
            Role::Champion if s.weight == 1.0 => String::new(),
            Role::Champion => format!(" {}", percent(s.weight)),
            Role::Challenger => format!(" challenger {}", percent(s.weight)),
            Role::Shadow => " shadow".into(),
        };
        let score = s.score.map_or(String::new(), |v| format!(" · {} {}", s.metric, number(v)));
        format!("version {}{role}{score} · {}", s.version, &s.digest[..12])
    };
    let lines: Vec<String> = standings.iter().map(one).collect();
    if lines.is_empty() { "–".into() } else { lines.join("\n") }
}
