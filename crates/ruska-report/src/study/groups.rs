//! The groups that were found.

use crate::page::{Part, Picture, Section};
use crate::table::{Cell, Table};
use crate::words::{counted, plain, quoted};
use ruska::words::percent;
use ruska::{ClusterDifference, ClusterProfile, ClusterRules, Contrast, Story};

/// Who is in which group, and what tells them apart.
pub(super) fn section(story: &Story) -> Option<Section> {
    let told = story.groups.as_ref()?;
    let heading = counted(told.clusters, "cluster");
    let words = told.profiles.iter().map(|p| p.words.clone()).collect::<Vec<_>>().join(". ");
    let map = Picture {
        title: "Where the groups lie (principal components)".to_owned(),
        words,
        svg: told.svg(&heading),
        wide: true,
    };
    let mut parts = vec![Part::Pictures(vec![map])];
    for profile in &told.profiles {
        let name = if profile.cluster < 0 {
            "In no cluster".to_owned()
        } else {
            format!("Cluster {}", profile.cluster)
        };
        let rows = counted(profile.rows, "row");
        parts.push(Part::Heading(format!("{name}: {rows}, {}", percent(profile.share))));
        let words =
            profile.words.split_once("): ").map_or(profile.words.as_str(), |(_, words)| words);
        parts.push(Part::Text(words.to_owned()));
        if !profile.differences.is_empty() {
            parts.push(Part::Table(differences(profile)));
        }
    }
    parts.extend(told.rules.iter().flat_map(rules));
    if !told.not_described.is_empty() {
        let names: Vec<String> = told.not_described.iter().map(|c| quoted(c)).collect();
        parts
            .push(Part::Text(format!("Not described, as free text is not: {}.", names.join(", "))));
    }
    Some(Section { id: "groups", title: "The groups".to_owned(), parts })
}

fn differences(profile: &ClusterProfile) -> Table {
    let id = if profile.cluster < 0 {
        "group-none".to_owned()
    } else {
        format!("group-{}", profile.cluster)
    };
    let mut table = Table::new(
        &id,
        "In what it differs most; effects of 0.8 and more are large (Cohen's d and h).",
        &["column", "here", "elsewhere", "effect"],
    );
    for difference in &profile.differences {
        table.row(cells(difference));
    }
    table
}

fn cells(difference: &ClusterDifference) -> [Cell; 4] {
    let day = |time: &str| time.chars().take(10).collect::<String>();
    let (name, here, elsewhere) = match &difference.contrast {
        Contrast::Number { mean, mean_elsewhere, .. } => {
            let cell = |v: f64| Cell::number(v, plain(v));
            (difference.column.clone(), cell(*mean), cell(*mean_elsewhere))
        }
        Contrast::Time { mean, mean_elsewhere, .. } => {
            (difference.column.clone(), Cell::text(day(mean)), Cell::text(day(mean_elsewhere)))
        }
        Contrast::Level { level, share, share_elsewhere, .. } => {
            let level = level.as_deref().unwrap_or("(none)");
            let cell = |v: f64| Cell::number(v, percent(v));
            (format!("{} = {level}", difference.column), cell(*share), cell(*share_elsewhere))
        }
    };
    let effect = difference.effect;
    [Cell::text(name), here, elsewhere, Cell::number(effect, format!("{effect:+.2}"))]
}

fn rules(rules: &ClusterRules) -> Vec<Part> {
    let mut parts = vec![Part::Heading("Rules that tell them apart".to_owned())];
    if let (Some(fidelity), Some(balanced)) = (rules.fidelity, rules.balanced) {
        parts.push(Part::Text(format!(
            "Such rules are right for {} of rows that they were not made from ({} on average over groups); calling \
             all one group, for {}.",
            percent(fidelity),
            percent(balanced),
            percent(rules.by_chance)
        )));
    }
    parts.push(Part::List(rules.rules.iter().map(|rule| rule.words.clone()).collect()));
    parts
}
