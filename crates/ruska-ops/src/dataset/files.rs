//! Where the bytes of a dataset are, and their hash.

use crate::Error;
use rayon::prelude::*;
use ruska::Digest;
use std::fs::File;
use std::path::{Component, Path, PathBuf};

/// The bytes of some files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    /// BLAKE3 hash, hexadecimal.
    pub(super) digest: String,
    /// Their number.
    pub(super) bytes: u64,
}

/// The content of files in the order of their rows. Of one file it is the hash of its bytes, as
/// `b3sum` prints it; of several the hash of their hashes, 32 bytes each. Names do not enter.
///
/// Fails when a file cannot be read.
pub(super) fn content(files: &[PathBuf]) -> Result<Content, Error> {
    let read = |path: &PathBuf| {
        let io = |e: std::io::Error| Error::Io {
            path: path.display().to_string(),
            why: format!("cannot be read: {e}"),
        };
        Digest::of_reader(File::open(path).map_err(io)?).map_err(io)
    };
    let read: Vec<(Digest, u64)> = files.par_iter().map(read).collect::<Result<_, Error>>()?;
    let bytes = read.iter().map(|(_, bytes)| bytes).sum();
    let digest = match read.as_slice() {
        [(one, _)] => *one,
        all => Digest::of(&all.iter().flat_map(|(digest, _)| *digest.bytes()).collect::<Vec<_>>()),
    };
    Ok(Content { digest: digest.to_string(), bytes })
}

/// A source as it is registered: absolute, without `.` and, where that leads to the same place,
/// without `..`. Links stay, so that `latest.csv` is the same source whatever it links to.
pub(super) fn place(source: &str) -> String {
    let Ok(absolute) = std::path::absolute(source) else { return source.to_owned() };
    let mut folded = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::ParentDir => drop(folded.pop()),
            other => folded.push(other),
        }
    }
    // Behind a link `..` may lead elsewhere.
    let real = |path: &Path| path.canonicalize().ok();
    let same = real(&folded) == real(&absolute);
    if same { folded } else { absolute }.display().to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;

    #[test]
    fn one_place_has_one_name() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join("a/t.csv"), "x\n1\n").unwrap();
        let at = |text: &str| place(root.join(text).to_str().unwrap());
        let file = root.join("a/t.csv").display().to_string();
        for text in ["a/t.csv", "a/./t.csv", "a/b/../t.csv", "a//t.csv"] {
            assert_eq!(at(text), file, "{text}");
        }
        assert_eq!(at("a/"), at("a"));
        assert_eq!(at("a/b/../*.csv"), at("a/*.csv"));
        assert_eq!(at("none/../gone.csv"), at("gone.csv"));
        assert!(Path::new(&place("t.csv")).is_absolute());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_keeps_its_name_and_leads_where_it_leads() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("x/deep")).unwrap();
        fs::write(root.join("x/t.csv"), "a\n1\n").unwrap();
        fs::write(root.join("t.csv"), "b\n2\n").unwrap();
        std::os::unix::fs::symlink(root.join("x/deep"), root.join("link")).unwrap();
        let through = root.join("link/../t.csv").display().to_string();
        assert_eq!(place(&through), through, "it is not root/t.csv");
        assert_eq!(fs::read_to_string(&through).unwrap(), "a\n1\n");
        let link = root.join("link").display().to_string();
        assert_eq!(place(&link), link);
    }
}
