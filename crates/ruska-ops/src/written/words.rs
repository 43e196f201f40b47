//! What the TOML reader says, in words of whoever wrote the file.

/// `; did you mean …?`, or what lists all there is.
pub(crate) fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str>, rest: &str) -> String {
    let near = ruska::hint(word, known);
    if near.is_empty() { format!("; {rest}") } else { near }
}

/// Words of the program in messages of the TOML reader, and what a user calls them.
const WORDS: [(&str, &str); 7] = [
    (
        "data did not match any variant of untagged enum TestPart",
        "expected a share such as 0.2 or a time such as \"30d\"",
    ),
    (
        "data did not match any variant of untagged enum Bound",
        "expected a number or a time such as \"2026-01-31\"",
    ),
    ("expected an array of length 2", "expected two values"),
    ("expected u32", "expected a whole number from 0"),
    ("expected u64", "expected a whole number from 0"),
    ("expected usize", "expected a whole number from 0"),
    ("expected f64", "expected a number"),
];

/// A message of the TOML reader with the nearest valid key or value.
pub(super) fn with_hint(message: &str) -> String {
    let message = message.trim().replace('\n', " ");
    let message: String = message.split('`').map(cut).collect::<Vec<_>>().join("`");
    let message: String = message.chars().take(1000).collect();
    let message = WORDS.iter().fold(message, |text, (of_code, plain)| text.replace(of_code, plain));
    let Some((what, expected)) = message.split_once(", expected ") else { return message };
    let words = |text: &str| -> Vec<String> {
        text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let (named, known) = (words(what), words(expected));
    let what =
        what.replace("unknown field", "unknown key").replace("unknown variant", "unknown value");
    match named.last() {
        Some(word) if !known.is_empty() => {
            let all = known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ");
            let near = known.iter().map(String::as_str);
            format!("{what}{}", hint(word, near, &format!("there are {all}")))
        }
        _ => format!("{what}, expected {expected}"),
    }
}

/// A part of a message, its middle left out where it is long.
fn cut(part: &str) -> String {
    let length = part.chars().count();
    if length <= 120 {
        return part.to_owned();
    }
    let start: String = part.chars().take(60).collect();
    let end: String = part.chars().skip(length - 20).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_nearest_key() {
        let message = "unknown field `metrik`, expected one of `time`, `metric`, `seed`";
        assert_eq!(with_hint(message), "unknown key `metrik`; did you mean `metric`?");
        let message = "unknown field `zebra`, expected `time` or `seed`";
        assert_eq!(with_hint(message), "unknown key `zebra`; there are `time`, `seed`");
        assert_eq!(with_hint("missing field `target`"), "missing field `target`");
    }
}
