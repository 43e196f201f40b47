//! Values as they are typed: times, sizes, shares.

use std::time::Duration;

fn number_and_unit(text: &str) -> Option<(f64, String)> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..split].parse().ok()?;
    Some((number, text[split..].trim().to_ascii_lowercase()))
}

/// `60s`, `1.5m`, `2h`, `500ms`; a bare number is seconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let seconds = number_and_unit(text).and_then(|(n, unit)| match unit.as_str() {
        "ms" => Some(n / 1000.0),
        "" | "s" => Some(n),
        "m" | "min" => Some(n * 60.0),
        "h" => Some(n * 3600.0),
        "d" => Some(n * 86_400.0),
        _ => None,
    });
    let seconds = seconds.filter(|s| *s > 0.0 && *s < 1e9);
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "expected a time such as 90s, 10m or 2h".into())
}

/// `4GiB`, `500MB`, `1g`; a bare number is bytes.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
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

pub(crate) fn share(text: &str) -> Result<f64, String> {
    let share = text.trim().strip_suffix('%').map_or_else(
        || text.trim().parse::<f64>().ok(),
        |percent| percent.trim().parse::<f64>().ok().map(|p| p / 100.0),
    );
    share
        .filter(|s| *s > 0.0 && *s < 1.0)
        .ok_or_else(|| "expected a share such as 0.2 or 20%".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_sizes_and_shares_are_read() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2h"), Ok(Duration::from_hours(2)));
        assert!(duration("soon").is_err() && duration("-3s").is_err() && duration("0").is_err());
        assert_eq!(bytes("4GiB"), Ok(4 << 30));
        assert_eq!(bytes("500MB"), Ok(500_000_000));
        assert!(bytes("much").is_err());
        assert_eq!(share("20%"), Ok(0.2));
        assert!(share("1.5").is_err());
    }
}
