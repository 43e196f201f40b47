//! Golden files: text that a test makes, compared with the committed one.

use std::path::Path;

/// Set to `1`, it makes [`golden`] write what it would compare.
pub const BLESS: &str = "RUSKA_BLESS";

/// Compares `actual` with the file. Line ends count as `\n` on both sides.
///
/// Panics on the first line that differs and tells how to accept the new text, which is to run
/// the test with `RUSKA_BLESS=1`.
pub fn golden(file: impl AsRef<Path>, actual: &str) {
    let bless = std::env::var_os(BLESS).is_some_and(|v| v == "1");
    if let Err(why) = compare(file.as_ref(), actual, bless) {
        panic!("{why}");
    }
}

fn compare(file: &Path, actual: &str, bless: bool) -> Result<(), String> {
    let actual = actual.replace("\r\n", "\n");
    let place = file.display();
    if bless {
        let folder = file.parent().map_or(Ok(()), std::fs::create_dir_all);
        return folder
            .and_then(|()| std::fs::write(file, &actual))
            .map_err(|e| format!("{place} cannot be written: {e}"));
    }
    let hint = format!("run the test with {BLESS}=1 to accept the new text");
    let expected = std::fs::read_to_string(file)
        .map_err(|e| format!("{place} cannot be read: {e}; {hint}"))?
        .replace("\r\n", "\n");
    if expected == actual {
        return Ok(());
    }
    let (mut old, mut new) = (expected.split('\n'), actual.split('\n'));
    for line in 1.. {
        let (a, b) = (old.next(), new.next());
        if a != b {
            let show = |text: Option<&str>| text.map_or("nothing".to_owned(), |t| format!("{t:?}"));
            return Err(format!(
                "{place}, line {line}: expected {}, got {}; {hint}",
                show(a),
                show(b)
            ));
        }
        if a.is_none() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn blessed_text_compares_equal_and_a_change_is_placed() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("new/board.txt");
        assert!(compare(&file, "a\nb\n", false).unwrap_err().contains("RUSKA_BLESS=1"));
        compare(&file, "a\r\nb\n", true).unwrap();
        compare(&file, "a\nb\r\n", false).unwrap();
        let why = compare(&file, "a\nc\n", false).unwrap_err();
        assert!(why.contains("line 2: expected \"b\", got \"c\""), "{why}");
        let why = compare(&file, "a\nb\n\nmore", false).unwrap_err();
        assert!(why.contains("line 4: expected nothing, got \"more\""), "{why}");
    }
}
