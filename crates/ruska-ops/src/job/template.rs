//! File names with a date or a version in them.

use chrono::DateTime;

/// The names that may stand in braces.
const NAMES: [&str; 4] = ["date", "time", "job", "version"];

/// What is filled in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Values<'a> {
    /// Milliseconds since 1970.
    pub(crate) now_ms: i64,
    /// Name of the job.
    pub(crate) job: &'a str,
    /// Version that scores.
    pub(crate) version: u32,
}

/// Fills `{date}` (2026-11-24, UTC), `{time}` (120000), `{job}` and `{version}` in; `{{` and `}}`
/// stand for braces.
///
/// Fails with the character, from 1, at which something else stands in braces, and what to do.
pub(crate) fn fill(template: &str, values: Values<'_>) -> Result<String, (usize, String)> {
    let moment = DateTime::from_timestamp_millis(values.now_ms).unwrap_or_default();
    let mut out = String::new();
    let mut chars = template.char_indices().enumerate().peekable();
    while let Some((place, (byte, c))) = chars.next() {
        let doubled = chars.peek().is_some_and(|(_, (_, next))| *next == c);
        match c {
            '{' | '}' if doubled => {
                chars.next();
                out.push(c);
            }
            '{' => {
                let rest = &template[byte + 1..];
                let name = rest.split('}').next().filter(|name| name.len() < rest.len());
                match name {
                    Some("date") => out += &moment.format("%Y-%m-%d").to_string(),
                    Some("time") => out += &moment.format("%H%M%S").to_string(),
                    Some("job") => out += values.job,
                    Some("version") => out += &values.version.to_string(),
                    _ => return Err((place + 1, unknown(name))),
                }
                let length = name.map_or(0, |name| name.chars().count());
                for _ in 0..=length {
                    chars.next();
                }
            }
            '}' => return Err((place + 1, "`}` without `{`; write `}}` for a brace".into())),
            _ => out.push(c),
        }
    }
    Ok(out)
}

fn unknown(name: Option<&str>) -> String {
    let known = NAMES.map(|n| format!("`{{{n}}}`")).join(", ");
    match name {
        None => "`{` without `}`; write `{{` for a brace".to_owned(),
        Some("") => format!("`{{}}` names nothing; there are {known}"),
        Some(name) => {
            let name: String = name.chars().take(40).collect();
            format!("`{{{name}}}` is not known; there are {known}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: Values<'_> = Values { now_ms: 1_795_521_600_000, job: "churn", version: 3 };

    #[test]
    fn names_are_filled_in() {
        let filled = |template| fill(template, VALUES);
        assert_eq!(filled("out/{job}-{date}.csv"), Ok("out/churn-2026-11-24.csv".into()));
        assert_eq!(filled("é{{x}}{time}v{version}"), Ok("é{x}120000v3".into()));
    }

    #[test]
    fn other_names_are_refused_at_their_place() {
        for (template, place) in [("a{}", 2), ("é{day}", 2), ("{date", 1), ("x}", 2), ("{{}", 3)] {
            assert_eq!(fill(template, VALUES).map_err(|(at, _)| at), Err(place), "{template}");
        }
    }
}
