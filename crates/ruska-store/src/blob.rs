//! Content-addressed files: `blobs/ab/cdef…`, named by the BLAKE3 hash of their bytes.
//!
//! A blob is written beside its place and renamed, so that a name never shows half a content, and
//! never changes after that. Equal bytes are kept once.

use crate::StoreError;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The BLAKE3 hash of a content; 64 lower-case hexadecimal digits as text.
///
/// Source: O'Connor, Aumasson, Neves, Wilcox-O'Hearn, "BLAKE3: one function, fast everywhere", 2020.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// What stands for a hash where there is nothing to hash yet.
    pub(crate) const ZERO: Self = Self([0; 32]);

    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The hash itself.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest of what a reader gives, and its number of bytes; memory does not grow with it.
    pub fn of_reader(reader: impl io::Read) -> io::Result<(Self, u64)> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(reader)?;
        Ok((Self(*hasher.finalize().as_bytes()), hasher.count()))
    }
}

impl From<[u8; 32]> for Digest {
    fn from(hash: [u8; 32]) -> Self {
        Self(hash)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Digest {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let digit = |c: u8| match c {
            b'0'..=b'9' => Some(c - b'0'),
            b'a'..=b'f' => Some(c - b'a' + 10),
            _ => None,
        };
        let parse = || {
            let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
            let mut bytes = [0; 32];
            for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
                *byte = digit(pair[0])? << 4 | digit(pair[1])?;
            }
            Some(Self(bytes))
        };
        parse().ok_or_else(|| StoreError::BadDigest { text: text.chars().take(80).collect() })
    }
}

/// What a write that returned survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process, kill -9 included. A power cut may leave the content missing or
    /// damaged, which reading tells. For what can be computed again.
    Process,
    /// A power cut as well, at the price of waiting for the disk (milliseconds).
    PowerCut,
}

/// The blobs of a store.
#[derive(Debug)]
pub(crate) struct Blobs {
    root: PathBuf,
}

impl Blobs {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(crate) fn path(&self, digest: &Digest) -> PathBuf {
        let hex = digest.to_string();
        self.root.join(&hex[..2]).join(&hex[2..])
    }

    /// Keeps the bytes; what is there already is kept as it is, or repaired when it is damaged.
    pub(crate) fn put(&self, bytes: &[u8], lasting: Durability) -> Result<Digest, StoreError> {
        let digest = Digest::of(bytes);
        let path = self.path(&digest);
        let folder = path.parent().unwrap_or(&self.root);
        let kept = fs::read(&path).is_ok_and(|there| there == bytes);
        let written = if kept { Ok(()) } else { write(folder, &path, bytes) };
        let synced = written.and_then(|()| match lasting {
            Durability::Process => Ok(()),
            Durability::PowerCut => sync(folder, &path),
        });
        synced.map(|()| digest).map_err(|e| StoreError::io(&path, &e))
    }

    pub(crate) fn get(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        let path = self.path(digest);
        match fs::read(&path) {
            Ok(bytes) if Digest::of(&bytes) == *digest => Ok(bytes),
            Ok(_) => Err(StoreError::BadBlob { path }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(StoreError::NoBlob { path }),
            Err(e) => Err(StoreError::io(&path, &e)),
        }
    }

    /// Every digest there is a file for, sorted. Other files are passed over.
    pub(crate) fn list(&self) -> Result<Vec<Digest>, StoreError> {
        let entries = |dir: &Path| -> io::Result<Vec<(String, PathBuf)>> {
            let entries = fs::read_dir(dir)?.collect::<io::Result<Vec<_>>>()?;
            let name = |e: &fs::DirEntry| e.file_name().to_string_lossy().into_owned();
            Ok(entries.iter().map(|e| (name(e), e.path())).collect())
        };
        if !self.root.exists() {
            return Ok(vec![]);
        }
        let mut digests = vec![];
        let folders = entries(&self.root).map_err(|e| StoreError::io(&self.root, &e))?;
        for (start, folder) in folders.into_iter().filter(|(_, path)| path.is_dir()) {
            let files = entries(&folder).map_err(|e| StoreError::io(&folder, &e))?;
            digests.extend(
                files.iter().filter_map(|(end, _)| Digest::from_str(&format!("{start}{end}")).ok()),
            );
        }
        digests.sort_unstable();
        Ok(digests)
    }
}

fn write(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    // `make_in` rather than a plain temporary file: the latter is readable by its owner only,
    // and a store may be shared.
    let mut file = tempfile::Builder::new()
        .prefix(".part-")
        .make_in(folder, |path| File::options().write(true).create_new(true).open(path))?;
    file.write_all(bytes)?;
    file.persist(path).map(drop).map_err(|e| e.error)
}

/// Waits until content and name are on the disk.
fn sync(folder: &Path, path: &Path) -> io::Result<()> {
    File::options().write(true).open(path)?.sync_all()?;
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
