//! Numbers, shares and names as people read them.

/// A number with a sensible number of digits.
pub fn number(v: f64) -> String {
    let size = v.abs();
    if size == 0.0 {
        "0".into()
    } else if !(1e-4..1e7).contains(&size) {
        format!("{v:.3e}")
    } else if size < 10.0 {
        format!("{v:.5}")
    } else if size < 1000.0 {
        format!("{v:.3}")
    } else {
        format!("{v:.1}")
    }
}

/// A number that is not known well: two significant digits, without a power of ten.
pub fn rough(v: f64) -> String {
    if v == 0.0 {
        return "0".into();
    }
    let digits = (1 - v.abs().log10().floor() as i32).clamp(0, 12) as usize;
    format!("{v:.digits$}")
}

/// A value from data: four significant digits, whole numbers whole.
pub fn value(v: f64) -> String {
    if v.fract() == 0.0 && v.abs() < 1e9 {
        return format!("{v:.0}");
    }
    if !(1e-4..1e9).contains(&v.abs()) {
        return format!("{v:.3e}");
    }
    let digits = (3 - v.abs().log10().floor() as i32).clamp(0, 8) as usize;
    let text = format!("{v:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

/// A number with its sign.
pub fn signed(v: f64) -> String {
    if v > 0.0 { format!("+{}", value(v)) } else { value(v) }
}

/// A share for people: whole percents but near 0 and 100.
pub fn percent(share: f64) -> String {
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
pub fn pair(a: f64, b: f64) -> (String, String) {
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
pub fn grouped(text: &str) -> String {
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

/// Seconds for people.
pub fn seconds(s: f64) -> String {
    if s < 0.0995 {
        format!("{s:.3}")
    } else if s < 9.95 {
        format!("{s:.2}")
    } else {
        format!("{s:.1}")
    }
}

/// Bytes for people.
pub fn size(bytes: u64) -> String {
    let b = bytes as f64;
    if b < 1024.0 {
        format!("{b:.0} B")
    } else if b < 1024.0 * 1024.0 {
        format!("{:.0} kB", b / 1024.0)
    } else {
        format!("{:.1} MB", b / 1024.0 / 1024.0)
    }
}

/// The file or folder that a path names, without the folders it is in.
pub fn file_name(path: &str) -> &str {
    path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Whether a character does something to the text around it wherever it is shown: control
/// characters, line and paragraph separators, and what turns round the order of other text
/// (embeddings, overrides and isolates of the bidirectional algorithm, UAX #9). Who shows a name
/// from a file puts something else in its place.
pub fn is_disruptive(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text of at most `width` characters on one line.
pub fn cut(text: &str, width: usize) -> String {
    let line = text.chars().map(|c| if is_disruptive(c) { ' ' } else { c });
    if text.chars().count() <= width {
        return line.collect();
    }
    line.take(width.saturating_sub(1)).chain(['…']).collect()
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
    fn values_read_well() {
        assert_eq!(
            [0.0, 0.0004, 0.004, 0.382, 0.994, 0.9999, 1.0].map(percent),
            ["0 %", "< 0.1 %", "0.4 %", "38 %", "99.4 %", "> 99.9 %", "100 %"]
        );
        assert_eq!(number(0.912_345_678), "0.91235");
        assert_eq!(number(49_427.358), "49427.4");
        assert_eq!(number(1e-9), "1.000e-9");
        assert_eq!([value(18.0), value(0.614_333), value(857.122)], ["18", "0.6143", "857.1"]);
        assert_eq!(seconds(0.0123), "0.012");
        assert_eq!(size(2_097_152), "2.0 MB");
        assert_eq!(["/a/b.csv", "c:\\d\\", "-"].map(file_name), ["b.csv", "d", "-"]);
    }
}
