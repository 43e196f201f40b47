//! Groups in the words of the people who use them.

use super::differences::{ClusterDifference, Contrast};
use crate::words::{cut, pair, percent};

/// Columns named in a line.
const NAMED: usize = 4;
/// Longest name of a column in a line.
const LONGEST_NAME: usize = 32;

/// What a group is called.
pub(super) fn title(cluster: i32) -> String {
    if cluster < 0 { "In no cluster".to_owned() } else { format!("Cluster {cluster}") }
}

/// One line on a group: how large it is and what it is known by.
pub(super) fn line(
    cluster: i32,
    share: f64,
    alone: bool,
    differences: &[ClusterDifference],
) -> String {
    let mut named: Vec<&ClusterDifference> = vec![];
    for difference in differences {
        if named.len() < NAMED && named.iter().all(|d| d.column != difference.column) {
            named.push(difference);
        }
    }
    let known_by = match named.len() {
        0 if alone => "all rows, so there is nothing to compare with".to_owned(),
        0 => "differs from the rest in no column alone".to_owned(),
        _ => named.into_iter().map(phrase).collect::<Vec<_>>().join(", "),
    };
    format!("{} ({}): {known_by}", title(cluster), percent(share))
}

/// `high `income` (71,000 against 43,000)`, or the like.
fn phrase(difference: &ClusterDifference) -> String {
    let (name, effect) = (quoted(&difference.column), difference.effect);
    let very = if effect.abs() >= 2.0 {
        "very "
    } else if effect.abs() < 0.8 {
        "rather "
    } else {
        ""
    };
    let (how, sides) = match &difference.contrast {
        Contrast::Number { mean, mean_elsewhere, .. } => {
            let (here, elsewhere) = pair(*mean, *mean_elsewhere);
            (if effect > 0.0 { "high" } else { "low" }, (here, elsewhere))
        }
        Contrast::Time { mean, mean_elsewhere, .. } => {
            let (here, elsewhere) = moments(mean, mean_elsewhere);
            (if effect > 0.0 { "late" } else { "early" }, (here, elsewhere))
        }
        Contrast::Level { level, share, share_elsewhere, .. } => {
            let is = match level {
                Some(level) => format!("{name} = {level}"),
                None => format!("no {name}"),
            };
            let often = match share {
                share if effect > 0.0 && *share >= 0.995 => "always",
                share if effect > 0.0 && *share >= 0.5 => "mostly",
                _ if effect > 0.0 => "more often",
                share if *share < 0.005 => "never",
                share if *share < 0.05 => "hardly ever",
                _ => "less often",
            };
            let (here, elsewhere) = (percent(*share), percent(*share_elsewhere));
            return format!("{often} {is} ({here} against {elsewhere})");
        }
    };
    format!("{very}{how} {name} ({} against {})", sides.0, sides.1)
}

/// A column's name within a line.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", cut(name, LONGEST_NAME))
}

/// Two points in time by their days, or by the minute where that is the same day.
fn moments(a: &str, b: &str) -> (String, String) {
    let day = |time: &str| time.chars().take(10).collect::<String>();
    let minute = |time: &str| time.replacen('T', " ", 1).chars().take(16).collect::<String>();
    if day(a) == day(b) { (minute(a), minute(b)) } else { (day(a), day(b)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_names_read_well() {
        let (a, b) = moments("2024-01-02T03:04:05", "2024-01-02T13:04:05");
        assert_eq!((a.as_str(), b.as_str()), ("2024-01-02 03:04", "2024-01-02 13:04"));
        assert_eq!(quoted(&"x".repeat(40)).chars().count(), LONGEST_NAME + 2);
    }
}
