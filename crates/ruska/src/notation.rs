//! Lengths of time, sizes, delimiters and words of a shell as people write them.

use std::time::Duration;

/// Longest length of time in seconds; some 300 years.
const LONGEST: f64 = 1e10;

/// A length of time: `500ms`, `90s`, `1.5m` or `10min`, `2h`, `180d`, `4w`; a bare number is
/// seconds.
///
/// Fails on anything else, on zero, and on more than 10¹⁰ seconds, saying what is expected.
///
/// ```
/// use std::time::Duration;
/// assert_eq!(ruska::notation::duration("4w"), Ok(Duration::from_secs(28 * 24 * 3600)));
/// assert!(ruska::notation::duration("soon").is_err());
/// ```
pub fn duration(text: &str) -> Result<Duration, String> {
    let seconds = number_and_unit(text).and_then(|(n, unit)| match unit.as_str() {
        "ms" => Some(n / 1000.0),
        "" | "s" => Some(n),
        "m" | "min" => Some(n * 60.0),
        "h" => Some(n * 3600.0),
        "d" => Some(n * 86_400.0),
        "w" => Some(n * 7.0 * 86_400.0),
        _ => None,
    });
    let length = seconds.filter(|s| *s <= LONGEST).map(Duration::from_secs_f64);
    length
        .filter(|length| !length.is_zero())
        .ok_or_else(|| "expected a time such as 90s, 10m, 2h, 180d or 4w".into())
}

/// A number of bytes: `512MiB`, `4GB`, `1g`; a bare number is bytes.
///
/// Fails on anything else, on less than one byte and on 10¹⁸ or more, saying what is expected.
pub fn bytes(text: &str) -> Result<u64, String> {
    let bytes = number_and_unit(text).and_then(|(n, unit)| {
        let scale = match unit.as_str() {
            "" | "b" => 1.0,
            "k" | "kib" => 1024.0,
            "kb" => 1e3,
            "m" | "mib" => 1024f64.powi(2),
            "mb" => 1e6,
            "g" | "gib" => 1024f64.powi(3),
            "gb" => 1e9,
            "t" | "tib" => 1024f64.powi(4),
            "tb" => 1e12,
            _ => return None,
        };
        Some(n * scale)
    });
    let bytes = bytes.filter(|b| *b >= 1.0 && *b < 1e18);
    bytes.map(|b| b as u64).ok_or_else(|| "expected a size such as 512MiB or 4GB".into())
}

/// The byte between fields of a text table: one ASCII character, or `tab`.
///
/// Fails on anything else, saying what is expected.
pub fn delimiter(text: &str) -> Result<u8, String> {
    match (text, text.as_bytes()) {
        ("tab" | "\\t", _) => Ok(b'\t'),
        (_, [byte]) if byte.is_ascii() => Ok(*byte),
        _ => Err("expected one ASCII character or `tab`".into()),
    }
}

/// A text, such as a path, as one word of a shell: in single quotes where it needs them.
///
/// ```
/// assert_eq!(ruska::notation::shell_word("new data.csv"), "'new data.csv'");
/// ```
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-/+=@%:,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn number_and_unit(text: &str) -> Option<(f64, String)> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..split].parse().ok()?;
    Some((number, text[split..].trim().to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_read() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2h"), Ok(Duration::from_hours(2)));
        assert_eq!(duration("180 d"), Ok(Duration::from_hours(180 * 24)));
        assert_eq!(duration("4w"), duration("28d"));
        assert_eq!(bytes("4GiB"), Ok(4 << 30));
        assert_eq!(bytes("500MB"), Ok(500_000_000));
        assert_eq!((delimiter(";"), delimiter("tab")), (Ok(b';'), Ok(b'\t')));
    }

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(shell_word("in/churn-2.csv"), "in/churn-2.csv");
        assert_eq!(shell_word("it's *"), r"'it'\''s *'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn nonsense_is_refused() {
        let huge = "9".repeat(400);
        for text in [
            "soon",
            "-3s",
            "0",
            "",
            "s",
            "1.2.3s",
            "3 fortnights",
            "1e5s",
            "1e-99",
            "0.1ns",
            &huge,
            "٣s",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert!(delimiter("").is_err() && delimiter(";;").is_err() && delimiter("é").is_err());
        assert!(bytes("much").is_err() && bytes("0").is_err() && bytes(&huge).is_err());
    }
}
