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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read() {
        assert_eq!((share("20%"), share("0.2")), (Ok(0.2), Ok(0.2)));
        assert!(share("1.5").is_err() && share("all").is_err());
    }
}
