//! Values as they are typed that only the command line has.

/// `0.2` or `20%`, in (0, 1).
pub(crate) fn share(text: &str) -> Result<f64, String> {
    let share = text.trim().strip_suffix('%').map_or_else(
        || text.trim().parse::<f64>().ok(),
        |percent| percent.trim().parse::<f64>().ok().map(|p| p / 100.0),
    );
    share
        .filter(|s| *s > 0.0 && *s < 1.0)
        .ok_or_else(|| "expected a share such as 0.2 or 20%".into())
}

/// A finite number of at least 0.
pub(crate) fn size(text: &str) -> Result<f64, String> {
    let size = text.trim().parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0);
    size.ok_or_else(|| "expected a number of at least 0".into())
}

/// A finite number above 0.
pub(crate) fn positive(text: &str) -> Result<f64, String> {
    size(text).ok().filter(|n| *n > 0.0).ok_or_else(|| "expected a number above 0".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        assert_eq!((size("0"), size("2.5")), (Ok(0.0), Ok(2.5)));
        assert_eq!(positive("0.5"), Ok(0.5));
        assert!(["0", "-1", "inf"].iter().all(|text| positive(text).is_err()));
        assert!(["-1", "inf", "NaN", "much"].iter().all(|text| size(text).is_err()));
    }

    #[test]
    fn shares_are_read() {
        assert_eq!((share("20%"), share("0.2")), (Ok(0.2), Ok(0.2)));
        assert!(share("1.5").is_err() && share("all").is_err());
    }
}
