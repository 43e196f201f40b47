//! Heads of the ledger that were kept elsewhere: one a line, as `ruska audit head` tells them.

use crate::Error;
use ruska::register::Head;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Largest file of heads, in bytes; a million heads fit.
const LARGEST: u64 = 1 << 27;

/// The heads of a text: one a line; empty lines and such that begin with `#` are passed over.
///
/// Fails with the line that is no head, and where there is none.
pub fn parse_heads(file: &str, text: &str) -> Result<Vec<Head>, Error> {
    let mut heads = vec![];
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            let bad = |why| Error::Io { path: format!("{file}:{number}"), why: format!("{why}") };
            heads.push(line.parse::<Head>().map_err(bad)?);
        }
    }
    if heads.is_empty() {
        return Err(Error::Io { path: file.to_owned(), why: "holds no head of a ledger".into() });
    }
    Ok(heads)
}

/// The heads of a file.
pub fn read_heads(path: &Path) -> Result<Vec<Head>, Error> {
    let file = path.display().to_string();
    let io = |e: std::io::Error| Error::Io { path: file.clone(), why: e.to_string() };
    let mut text = String::new();
    File::open(path).map_err(io)?.take(LARGEST + 1).read_to_string(&mut text).map_err(io)?;
    if text.len() as u64 > LARGEST {
        let why = format!("is larger than {} MB, which no file of heads is", LARGEST >> 20);
        return Err(Error::Io { path: file, why });
    }
    parse_heads(&file, &text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn heads_are_read_line_by_line() {
        let hash = "5f".repeat(32);
        let text = format!("# kept by cron\n3 {hash}\n\n  {hash}\n");
        let heads = parse_heads("heads", &text).unwrap();
        assert_eq!(heads.iter().map(|h| h.seq).collect::<Vec<_>>(), [Some(3), None]);
        assert!(heads.iter().all(|h| h.hash.to_string() == hash));
        for bad in ["", "# nothing\n", "3\n", &format!("3 {hash} 4"), &format!("-3 {hash}")] {
            assert!(parse_heads("heads", bad).is_err(), "{bad}");
        }
        let error = parse_heads("heads", &format!("{hash}\nx\n")).unwrap_err().to_string();
        assert!(error.starts_with("heads:2: \"x\" is no head"), "{error}");
    }
}
