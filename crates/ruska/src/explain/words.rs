//! Groups in the words of the people who use them.

use super::differences::{ClusterDifference, Contrast};

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

/// A text of at most `width` characters on one line.
pub(crate) fn cut(text: &str, width: usize) -> String {
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    if text.chars().count() <= width {
        return line.collect();
    }
    line.take(width.saturating_sub(1)).chain(['…']).collect()
}

/// A share for people: whole percents but near 0 and 100.
pub(crate) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    match percent {
        p if p > 0.0 && p < 0.1 => "< 0.1 %".to_owned(),
        p if p < 100.0 && p > 99.9 => "> 99.9 %".to_owned(),
        p if (0.1..0.95).contains(&p) || (p > 99.0 && p < 100.0) => format!("{p:.1} %"),
        p => format!("{p:.0} %"),
    }
}

/// Two numbers with as few digits as show what they are and how far apart: two each, but that the
/// small one of two is told no finer than a thousandth of the large one, and two of their difference.
pub(crate) fn pair(a: f64, b: f64) -> (String, String) {
    let place = |v: f64| v.abs().log10().floor() as i32 - 1;
    let sizes = [a, b].into_iter().filter(|v| *v != 0.0 && v.is_finite()).map(place);
    let (Some(finest), Some(coarsest)) = (sizes.clone().min(), sizes.max()) else {
        return (rounded(a, 0), rounded(b, 0));
    };
    let apart = if a == b { coarsest } else { place(a - b).max(coarsest - 6) };
    let place = apart.min(finest.max(coarsest - 2));
    (rounded(a, place), rounded(b, place))
}

/// A number rounded to a multiple of 10^`place`.
fn rounded(v: f64, place: i32) -> String {
    if v.abs() >= 1e15 || (v != 0.0 && place < -9) {
        return format!("{v:.1e}");
    }
    if place <= 0 {
        return grouped(&format!("{v:.*}", place.unsigned_abs() as usize));
    }
    let unit = 10f64.powi(place);
    grouped(&format!("{:.0}", (v / unit).round() * unit))
}

/// A written number with commas between groups of three digits, from 10,000 on.
pub(crate) fn grouped(text: &str) -> String {
    let text = if text.trim_start_matches('-').chars().all(|c| "0.".contains(c)) {
        text.trim_start_matches('-')
    } else {
        text
    };
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    if whole.len() < 5 {
        return text.to_owned();
    }
    let first = (whole.len() - 1) % 3 + 1;
    let mut out = format!("{sign}{}", &whole[..first]);
    for at in (first..whole.len()).step_by(3) {
        out += ",";
        out += &whole[at..at + 3];
    }
    out + fraction
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
    fn numbers_have_the_digits_that_tell_them_apart() {
        let both = |a, b| {
            let (a, b) = pair(a, b);
            format!("{a} {b}")
        };
        assert_eq!(both(71_234.5, 43_111.2), "71,000 43,000");
        assert_eq!(both(29.31, 46.02), "29 46");
        assert_eq!(both(312.4, 41.3), "312 41");
        assert_eq!(both(0.512, 0.208), "0.51 0.21");
        assert_eq!(both(1999.31, 2003.12), "1999.3 2003.1");
        assert_eq!(both(-0.001, 1.0), "-0.001 1.000");
        assert_eq!(both(0.0, 0.0), "0 0");
        assert_eq!(both(-1_234_567.0, 0.0), "-1,200,000 0");
        assert_eq!(both(3e-20, 1e-20), "3.0e-20 1.0e-20");
    }

    #[test]
    fn shares_and_days_read_well() {
        assert_eq!(
            [0.0, 0.0004, 0.004, 0.382, 0.994, 0.9999, 1.0].map(percent),
            ["0 %", "< 0.1 %", "0.4 %", "38 %", "99.4 %", "> 99.9 %", "100 %"]
        );
        let (a, b) = moments("2024-01-02T03:04:05", "2024-01-02T13:04:05");
        assert_eq!((a.as_str(), b.as_str()), ("2024-01-02 03:04", "2024-01-02 13:04"));
        assert_eq!(quoted(&"x".repeat(40)).chars().count(), LONGEST_NAME + 2);
    }
}
