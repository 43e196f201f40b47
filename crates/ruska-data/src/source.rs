//! From what the user names (a file, a folder, a pattern, `-`) to the files to read.

use crate::ReadError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Delimited text, perhaps compressed.
    Text,
    /// Apache Parquet.
    Parquet,
    /// A sheet of an Excel workbook.
    Sheet,
}

impl Format {
    fn of(path: &Path) -> Option<Self> {
        let texts = [".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz"];
        match () {
            () if ends_with(path, &texts) => Some(Self::Text),
            () if ends_with(path, &[".parquet"]) => Some(Self::Parquet),
            () if ends_with(path, &[".xlsx"]) => Some(Self::Sheet),
            () => None,
        }
    }
}

/// Whether a file's name ends in one of the endings, in whatever case.
pub(crate) fn ends_with(path: &Path, endings: &[&str]) -> bool {
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    endings.iter().any(|ending| name.ends_with(ending))
}

/// A file to read.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    /// Where it is; `-` for standard input.
    pub(crate) path: PathBuf,
    /// How it is read.
    pub(crate) format: Format,
    /// What standard input gave, where it must be read twice.
    pub(crate) spooled: Option<Arc<[u8]>>,
}

impl Input {
    fn new(path: PathBuf, format: Format) -> Self {
        Self { path, format, spooled: None }
    }

    /// Whether the name promises tabs.
    pub(crate) fn tabs(&self) -> bool {
        ends_with(&self.path, &[".tsv", ".tsv.gz"])
    }
}

/// The files a source stands for: at least one, all of one format, sorted by name.
pub(crate) fn resolve(source: &str) -> Result<Vec<Input>, ReadError> {
    let path = PathBuf::from(source);
    if source == "-" {
        return Ok(vec![Input::new(path, Format::Text)]);
    }
    if path.is_dir() {
        return several(&path, in_folder(&path)?);
    }
    if !path.exists() {
        if !source.contains(['*', '?', '[']) {
            return Err(ReadError::NotFound { path });
        }
        let matching = glob::glob(source)
            .map_err(|e| ReadError::Io { path: path.clone(), why: e.to_string() })?
            .filter_map(Result::ok)
            .filter(|p| p.is_file())
            .collect();
        return several(&path, matching);
    }
    match Format::of(&path) {
        Some(format) => Ok(vec![Input::new(path, format)]),
        None => Err(ReadError::UnknownFormat { path }),
    }
}

/// The files that a source stands for, in the order in which [`crate::read`] takes them; none where
/// nothing is there. Standard input is the one file `-`.
///
/// Fails when it stands for files that no reader takes together.
pub fn files(source: &str) -> Result<Vec<PathBuf>, ReadError> {
    match resolve(source) {
        Ok(inputs) => Ok(inputs.into_iter().map(|input| input.path).collect()),
        Err(ReadError::NotFound { .. } | ReadError::NoFiles { .. }) => Ok(vec![]),
        Err(other) => Err(other),
    }
}

fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let failed = |e: std::io::Error| ReadError::Io { path: folder.into(), why: e.to_string() };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if !hidden && path.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}

/// Those of the paths that can be read; files of unknown endings beside them are left alone.
fn several(asked: &Path, mut paths: Vec<PathBuf>) -> Result<Vec<Input>, ReadError> {
    paths.sort();
    let inputs: Vec<Input> = paths
        .into_iter()
        .filter_map(|path| Format::of(&path).map(|format| Input::new(path, format)))
        .collect();
    let Some(first) = inputs.first() else {
        return Err(ReadError::NoFiles { path: asked.into() });
    };
    match inputs.iter().find(|i| i.format != first.format) {
        Some(other) => {
            Err(ReadError::MixedKinds { first: first.path.clone(), second: other.path.clone() })
        }
        None => Ok(inputs),
    }
}
