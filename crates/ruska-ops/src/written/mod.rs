//! TOML files that people write, such as jobs and contracts: reading them, and refusing what cannot
//! be used at its line and column with the nearest key.

mod place;
mod words;

pub(crate) use place::Source;
pub(crate) use words::hint;

use crate::Error;
use serde::de::DeserializeOwned;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest file, in bytes: a contract of 10,000 columns has two million.
const LARGEST: u64 = 8 << 20;

/// The bytes of a file, one more than allowed at most, and its folder, absolute.
///
/// Fails when the file cannot be read.
pub(crate) fn bytes(path: &Path) -> Result<(Vec<u8>, PathBuf), Error> {
    let io = |e: std::io::Error| Error::Io { path: path.display().to_string(), why: e.to_string() };
    let mut bytes = vec![];
    fs::File::open(path).map_err(io)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(io)?;
    let absolute = std::path::absolute(path).map_err(io)?;
    Ok((bytes, absolute.parent().unwrap_or(Path::new("/")).to_owned()))
}

/// The text of a file, which `file` names in errors.
///
/// Fails when it is larger than a person writes, or not UTF-8.
pub(crate) fn text<'a>(file: &'a str, bytes: &'a [u8]) -> Result<&'a str, Error> {
    let refuse =
        |text: &str, byte: usize, what: String| Source { file, text }.at(Some(byte..byte), what);
    if bytes.len() as u64 > LARGEST {
        let what = format!("the file is larger than {} MB, which none needs to be", LARGEST >> 20);
        return Err(refuse("", 0, what));
    }
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(body).map_err(|e| {
        let before = String::from_utf8_lossy(&body[..e.valid_up_to()]).into_owned();
        refuse(&before, before.len(), "this is not UTF-8; save the file as UTF-8".to_owned())
    })
}

/// What a file says.
///
/// Fails at its place when a key is unknown, missing, or of another type.
pub(crate) fn parse<T: DeserializeOwned>(source: &Source<'_>) -> Result<T, Error> {
    toml::from_str(source.text)
        .map_err(|e| source.at_reading(e.span(), &words::with_hint(e.message())))
}
