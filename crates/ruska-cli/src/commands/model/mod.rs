//! `ruska model`: versions from lab to production.

pub(crate) mod show;

use super::{replay, stamp};
use crate::args::{Answer, Entering, ModelAction, ModelArgs, Promote, RoleChoice, Withdrawal};
use crate::output::{Say, clean, keep_whole, number, short, table};
use crate::{Ending, Failure};
use ruska::Store;
use ruska::register::{Deployment, ModelVersion, Origin, Role, Stamp, Standing};
use ruska_ops::Error;
use ruska_ops::register::{self, Change, Listed, Promotion, Reference};
use serde_json::json;
use std::fmt::Write;
use std::time::Instant;

/// Does what is asked about models.
pub(crate) fn run(args: &ModelArgs, say: Say, started: Instant) -> Result<Ending, Failure> {
    match &args.action {
        ModelAction::List { name, all, place } => {
            let store = Store::open_existing(&place.store)?;
            list(&register::list(&store, name.as_deref(), *all)?, say)
        }
        ModelAction::Show { model, card, place } => {
            show::run(&Store::open_existing(&place.store)?, model, *card, say)
        }
        ModelAction::Register(entering) => enter(entering, Origin::Registered, say),
        ModelAction::Import(entering) => enter(entering, Origin::Imported, say),
        ModelAction::Promote(args) => promote(args, say),
        ModelAction::Approve(args) => approve(args, say),
        ModelAction::Reject(args) => {
            let Answer { model, reason, actor, place } = args;
            let store = Store::open_existing(&place.store)?;
            let reference = model.parse::<Reference>()?;
            let done = register::reject(&store, &reference, reason, stamp(&actor.actor))?;
            withdrawn(reference.name(), done, "rejected", say)
        }
        ModelAction::Rollback { name, environment, reason, actor, place } => {
            let store = Store::open_existing(&place.store)?;
            let done = register::rollback(&store, name, environment, reason, stamp(&actor.actor))?;
            tell(&done, say)
        }
        ModelAction::Retire(args) => withdraw(args, register::retire, "retired", say),
        ModelAction::Delete(args) => withdraw(args, register::delete, "deleted", say),
        ModelAction::Reproduce { model, again } => replay::reproduce(model, again, say, started),
    }
}

fn list(versions: &[Listed], say: Say) -> Result<Ending, Failure> {
    if versions.is_empty() {
        let text = "no model is registered; `ruska model register NAME FILE` enters one\n";
        say.result(text, &versions)?;
        return Ok(Ending::Done);
    }
    let header = ["model", "stands in", "metric", "score", "pipeline", "registered (UTC)", "by"];
    let mut shown = table(&header);
    for listed in versions {
        let facts = &listed.version.facts;
        shown.add_row([
            short(&format!("{}:{}", listed.name, listed.version.version), 30),
            places(listed),
            facts.metric.clone(),
            listed.score.map_or(String::new(), number),
            short(&facts.pipeline, 30),
            ruska::time_text(listed.at_ms / 1000 * 1000),
            short(&listed.author, 16),
        ]);
    }
    keep_whole(&mut shown, [5]);
    say.result(&format!("{shown}\n"), &versions)?;
    Ok(Ending::Done)
}

/// Where a version stands, in one cell.
pub(super) fn places(listed: &Listed) -> String {
    let word = match &listed.state {
        Standing::Open => None,
        Standing::Rejected(_) => Some("rejected"),
        Standing::Retired(_) => Some("retired"),
        Standing::Deleted(_) => Some("deleted"),
    };
    let mut places: Vec<String> = listed
        .deployments
        .iter()
        .map(|d| match d.role {
            Role::Champion => d.environment.clone(),
            Role::Challenger => format!("{} {}", d.environment, percent(d.weight)),
            Role::Shadow => format!("{} (shadow)", d.environment),
        })
        .collect();
    if places.is_empty() && word.is_none() {
        places.extend(listed.stands_in.first().cloned());
    }
    places.extend(word.map(str::to_owned));
    places.join(", ")
}

/// A share for people.
pub(super) fn percent(share: f64) -> String {
    format!("{} %", crate::output::value((share * 1e6).round() / 1e4))
}

fn enter(args: &Entering, origin: Origin, say: Say) -> Result<Ending, Failure> {
    let store = Store::open(&args.place.store)?;
    let stamp = stamp(&args.actor.actor);
    let (version, new) = register::register_file(&store, &args.name, &args.file, origin, stamp)?;
    let text = entered(&args.name, &version, new);
    say.result(&text, &json!({"name": args.name, "new": new, "version": version}))?;
    Ok(Ending::Done)
}

/// One line about a version that was entered.
pub(crate) fn entered(name: &str, version: &ModelVersion, new: bool) -> String {
    let (number, digest) = (version.version, &version.digest[..12]);
    if new {
        let dataset = version.dataset.as_ref();
        let learned =
            dataset.map_or(String::new(), |(name, v)| format!(" · learned from {name}:{v}"));
        format!("{name}:{number} is registered · {digest}{learned}\n")
    } else {
        format!("{name}:{number} holds these bytes already · {digest}\n")
    }
}

fn promote(args: &Promote, say: Say) -> Result<Ending, Failure> {
    let store = Store::open_existing(&args.place.store)?;
    let role = match args.role {
        RoleChoice::Champion => Role::Champion,
        RoleChoice::Challenger => Role::Challenger,
        RoleChoice::Shadow => Role::Shadow,
    };
    let (environment, reason, weight) = (args.environment.as_str(), &args.reason, args.weight);
    let promotion = Promotion { environment, role, weight, reason };
    let stamp = stamp(&args.actor.actor);
    tell(&register::promote(&store, &args.model.parse()?, &promotion, stamp)?, say)
}

fn tell(change: &Change, say: Say) -> Result<Ending, Failure> {
    let (name, environment) = (&change.name, &change.environment);
    let version = change.version;
    let mut text = if change.changed {
        format!("{environment}: {}", standing(name, &change.deployments))
    } else {
        format!("{name}:{version} stands in {environment} already; nothing changed")
    };
    if change.changed && !change.before.is_empty() {
        let _ = write!(text, " · before: {}", standing(name, &change.before));
    }
    text.push('\n');
    say.result(&text, change)?;
    Ok(Ending::Done)
}

/// The deployments of an environment on one line.
pub(super) fn standing(name: &str, deployments: &[Deployment]) -> String {
    let one = |d: &Deployment| match d.role {
        Role::Champion if d.weight == 1.0 => format!("{name}:{}", d.version),
        Role::Champion => format!("{name}:{} {}", d.version, percent(d.weight)),
        Role::Challenger => format!("{name}:{} challenger {}", d.version, percent(d.weight)),
        Role::Shadow => format!("{name}:{} shadow", d.version),
    };
    deployments.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn approve(args: &Answer, say: Say) -> Result<Ending, Failure> {
    let store = Store::open_existing(&args.place.store)?;
    let stamp = stamp(&args.actor.actor);
    let done = register::approve(&store, &args.model.parse()?, &args.reason, stamp)?;
    let (name, version) = (&done.name, done.version);
    let mut text = format!("{name}:{version} is approved and stands in {}", done.environment);
    if let Some(replaced) = done.replaced {
        let _ = write!(text, " in place of {name}:{replaced}");
    }
    text.push('\n');
    if done.decided && done.compared_with != done.replaced {
        let than = |v: Option<u32>| v.map_or("none".to_owned(), |v| format!("{name}:{v}"));
        let (then, now) = (than(done.compared_with), than(done.replaced));
        say.note(&format!("! it was compared with {then}, but replaced {now}"));
    }
    say.result(&text, &done)?;
    Ok(Ending::Done)
}

fn withdraw(
    args: &Withdrawal,
    act: impl Fn(&Store, &Reference, &str, Stamp<'_>) -> Result<(u32, bool), Error>,
    what: &str,
    say: Say,
) -> Result<Ending, Failure> {
    let store = Store::open_existing(&args.place.store)?;
    let reference = args.model.parse::<Reference>()?;
    let done = act(&store, &reference, &args.reason, stamp(&args.actor.actor))?;
    withdrawn(reference.name(), done, what, say)
}

fn withdrawn(
    name: &str,
    (version, changed): (u32, bool),
    what: &str,
    say: Say,
) -> Result<Ending, Failure> {
    let already = if changed { "" } else { " already; nothing changed" };
    let text = clean(&format!("{name}:{version} is {what}{already}\n"));
    let document = json!({"name": name, "version": version, "state": what, "changed": changed});
    say.result(&text, &document)?;
    Ok(Ending::Done)
}
