//! What of a sentence leaves the machine: names of files, not where they are.

use std::path::Path;

/// Characters that end a path in a sentence.
const ENDS: [char; 11] = ['"', '\'', '`', ',', ';', ':', ')', ']', '>', '|', '\u{201d}'];

/// A sentence in which files in the job's folder are named as the job does, and other absolute paths by their last
/// part.
pub(super) fn without_folders(text: &str, folder: &Path) -> String {
    let folder = folder.display().to_string();
    let folder = folder.trim_end_matches(['/', '\\']);
    let mut told = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let before = told.chars().next_back();
        let begins = before.is_none_or(|c| c.is_whitespace() || "\"'`([<=".contains(c));
        let inside = rest.strip_prefix(folder).filter(|_| begins && !folder.is_empty());
        if let Some(inside) = inside.and_then(|text| text.strip_prefix(['/', '\\'])) {
            let length = inside.find(char::is_whitespace).unwrap_or(inside.len());
            told.push_str(&inside[..length]);
            rest = &inside[length..];
            continue;
        }
        let (path, after) = rest.split_at(if begins { path_length(rest) } else { 0 });
        let name = path.trim_end_matches(['/', '\\', '.']);
        if name.is_empty() {
            told.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        told.push_str(name.rsplit(['/', '\\']).next().unwrap_or_default());
        told.push_str(&path[name.len()..]);
        rest = after;
    }
    told
}

/// Bytes of the absolute path that a text begins with; 0 where it begins with none.
fn path_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let drive = bytes.len() > 2
        && bytes[0].is_ascii_alphabetic()
        && bytes[1] == b':'
        && matches!(bytes[2], b'\\' | b'/');
    let start = match bytes.first() {
        Some(b'/') => 1,
        _ if drive => 3,
        _ if text.starts_with("\\\\") => 2,
        _ => return 0,
    };
    let ends = |c: char| c.is_whitespace() || ENDS.contains(&c);
    start + text[start..].find(ends).unwrap_or(text.len() - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_folder_of_the_machine_is_told() {
        for (text, told) in [
            ("there is no file /srv/jobs/in/a.csv", "there is no file in/a.csv"),
            ("/srv/jobs/job.toml:3:1: unknown key", "job.toml:3:1: unknown key"),
            ("/var/data/2026/x.csv, line 3: no number", "x.csv, line 3: no number"),
            (
                "the data breaks `/etc/c.toml`: (see /a/b.csv)",
                "the data breaks `c.toml`: (see b.csv)",
            ),
            ("no /data/srv/jobs/x.csv", "no x.csv"),
            ("/srv/jobs is a folder", "jobs is a folder"),
            ("glob /data/m*.csv.", "glob m*.csv."),
            ("C:\\data\\x.csv is gone", "x.csv is gone"),
            ("\\\\host\\share\\x.csv is gone", "x.csv is gone"),
            // What is no path stays.
            (
                "auc and/or 3/4 of rows, https://h/p / none",
                "auc and/or 3/4 of rows, https://h/p / none",
            ),
            ("rows 1/2 of /", "rows 1/2 of /"),
            ("", ""),
        ] {
            assert_eq!(without_folders(text, Path::new("/srv/jobs")), told);
        }
    }
}
