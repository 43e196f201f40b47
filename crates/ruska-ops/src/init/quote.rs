//! Texts of a user within files of other languages.

use ruska::words::is_disruptive;

/// Longest name of a CronJob beside `ruska-`: Kubernetes allows 52 characters, as names of its jobs
/// are longer.
const LONGEST: usize = 46;

/// A text as a string of TOML.
pub(super) fn toml(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A text within backticks of Markdown, on one line.
pub(super) fn markdown(text: &str) -> String {
    let plain = |c: char| {
        if c == '`' {
            '\''
        } else if is_disruptive(c) {
            ' '
        } else {
            c
        }
    };
    text.chars().map(plain).collect()
}

/// A name as Kubernetes wants them (RFC 1123): lower-case letters, digits and dashes.
pub(super) fn slug(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let slug: String = name.chars().map(plain).take(LONGEST).collect();
    slug.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_texts() {
        assert_eq!(markdown("a`b\nc"), "a'b c");
        assert_eq!((slug("Churn_v1.2"), slug("x--")), ("churn-v1-2".into(), "x".into()));
        assert!(slug(&"a".repeat(100)).len() + "ruska-".len() <= 52);
    }
}
