//! The container of a model file: header, JSON manifest, binary blocks, checksum.
//!
//! ```text
//! "RUSKA\r\n\x1a" | format u32 | manifest length u64 | manifest JSON | blocks (zstd) | blake3 of all before
//! ```
//! Integers are little-endian. The manifest lists the blocks with their place and sizes.

use ruska_core::LoadError;
use serde::{Deserialize, Serialize};
use std::io::Read;

/// Newest format that is read and the one that is written.
pub const FORMAT: u32 = 1;
const MAGIC: &[u8; 8] = b"RUSKA\r\n\x1a";
const HEADER: usize = 8 + 4 + 8;
const CHECKSUM: usize = 32;
/// No block of a sane model is larger when unpacked.
const LARGEST_BLOCK: u64 = 8 << 30;

/// Where a block lies and how large it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BlockEntry {
    name: String,
    /// From the end of the manifest.
    offset: u64,
    /// Packed bytes.
    length: u64,
    /// Unpacked bytes.
    unpacked: u64,
}

#[derive(Serialize, Deserialize)]
struct Envelope<M> {
    blocks: Vec<BlockEntry>,
    manifest: M,
}

/// Whether bytes begin as a model file does.
pub(crate) fn is_model(start: &[u8]) -> bool {
    start.starts_with(MAGIC)
}

/// Whether there is a file of this name that begins as a model file does.
pub fn is_model_file(path: impl AsRef<std::path::Path>) -> bool {
    use std::io::Read;
    let mut start = vec![];
    let path = path.as_ref();
    let mut read = || std::fs::File::open(path)?.take(MAGIC.len() as u64).read_to_end(&mut start);
    // What is no ordinary file may never end.
    path.is_file() && read().is_ok() && is_model(&start)
}

/// The bytes of a file with a manifest and named blocks. Equal input gives equal bytes.
pub(crate) fn pack<M: Serialize>(manifest: &M, blocks: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut entries = vec![];
    let mut body = vec![];
    for (name, raw) in blocks {
        let packed = zstd::bulk::compress(raw, 3).expect("zstd packs into memory without failing");
        entries.push(BlockEntry {
            name: (*name).to_owned(),
            offset: body.len() as u64,
            length: packed.len() as u64,
            unpacked: raw.len() as u64,
        });
        body.extend(packed);
    }
    let json = serde_json::to_vec(&Envelope { blocks: entries, manifest })
        .expect("a manifest serialises into memory without failing");
    let mut file = Vec::with_capacity(HEADER + json.len() + body.len() + CHECKSUM);
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&FORMAT.to_le_bytes());
    file.extend_from_slice(&(json.len() as u64).to_le_bytes());
    file.extend(json);
    file.extend(body);
    let sum = blake3::hash(&file);
    file.extend_from_slice(sum.as_bytes());
    file
}

/// An opened file: its manifest and its packed blocks.
pub(crate) struct Opened<'a, M> {
    pub(crate) manifest: M,
    entries: Vec<BlockEntry>,
    body: &'a [u8],
}

fn damaged(why: impl Into<String>) -> LoadError {
    LoadError::File(format!("the model file is damaged: {}", why.into()))
}

/// Opens what [`pack`] made. Nothing is allocated by a size the file claims before the checksum
/// and the true length have confirmed it.
pub(crate) fn open<M: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<Opened<'_, M>, LoadError> {
    if bytes.len() < MAGIC.len() || &bytes[..MAGIC.len()] != MAGIC {
        return Err(LoadError::File("this is not a ruska model file".into()));
    }
    if bytes.len() < HEADER + CHECKSUM {
        return Err(damaged(format!("it ends after {} bytes", bytes.len())));
    }
    let word = |at: usize| bytes[at..].first_chunk::<4>().map_or(0, |b| u32::from_le_bytes(*b));
    let format = word(8);
    if format == 0 || format > FORMAT {
        return Err(LoadError::Version { got: format, known: FORMAT });
    }
    let (content, sum) = bytes.split_at(bytes.len() - CHECKSUM);
    if blake3::hash(content).as_bytes() != sum {
        return Err(damaged("its checksum is wrong; copy or download it again"));
    }
    let manifest_length = u64::from(word(12)) | u64::from(word(16)) << 32;
    let rest = &content[HEADER..];
    let length = usize::try_from(manifest_length).ok().filter(|&n| n <= rest.len());
    let (json, body) = rest.split_at(length.ok_or_else(|| damaged("its manifest is cut off"))?);
    let envelope: Envelope<M> =
        serde_json::from_slice(json).map_err(|e| damaged(format!("its manifest: {e}")))?;
    Ok(Opened { manifest: envelope.manifest, entries: envelope.blocks, body })
}

impl<M> Opened<'_, M> {
    /// The unpacked bytes of a block.
    pub(crate) fn block(&self, name: &str) -> Result<Vec<u8>, LoadError> {
        let entry = self
            .entries
            .iter()
            .find(|e| e.name == name)
            .ok_or_else(|| damaged(format!("block `{name}` is missing")))?;
        let packed = usize::try_from(entry.offset)
            .ok()
            .zip(usize::try_from(entry.length).ok())
            .and_then(|(offset, length)| self.body.get(offset..offset.checked_add(length)?))
            .ok_or_else(|| damaged(format!("block `{name}` lies outside the file")))?;
        if entry.unpacked > LARGEST_BLOCK {
            return Err(damaged(format!("block `{name}` claims {} bytes", entry.unpacked)));
        }
        // Memory grows with what is really unpacked, never with what is claimed.
        let mut raw = vec![];
        let broken = |e: std::io::Error| damaged(format!("block `{name}`: {e}"));
        let decoder = zstd::stream::read::Decoder::new(packed).map_err(broken)?;
        decoder.take(entry.unpacked + 1).read_to_end(&mut raw).map_err(broken)?;
        if raw.len() as u64 != entry.unpacked {
            return Err(damaged(format!("block `{name}` has another size than stated")));
        }
        Ok(raw)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn sample() -> Vec<u8> {
        let blocks = [("pipelines", vec![7u8; 5000]), ("reference", (0..=255).collect())];
        pack(&serde_json::json!({"task": "regression", "rows": 12}), &blocks)
    }

    #[test]
    fn what_was_packed_is_opened() {
        let bytes = sample();
        let opened = open::<serde_json::Value>(&bytes).unwrap();
        assert_eq!(opened.manifest["rows"], 12);
        assert_eq!(opened.block("pipelines").unwrap(), vec![7u8; 5000]);
        assert_eq!(opened.block("reference").unwrap().len(), 256);
        assert!(opened.block("nothing").is_err());
    }

    #[test]
    fn a_newer_format_says_so() {
        let mut bytes = sample();
        bytes[8] = 200;
        let error = open::<serde_json::Value>(&bytes).err().unwrap();
        assert_eq!(error, LoadError::Version { got: 200, known: FORMAT });
    }

    /// Recomputes the checksum, so that damage behind it is met by the parser itself.
    fn resealed(mut bytes: Vec<u8>) -> Vec<u8> {
        let end = bytes.len().saturating_sub(CHECKSUM);
        let sum = *blake3::hash(&bytes[..end]).as_bytes();
        bytes.truncate(end);
        bytes.extend(sum);
        bytes
    }

    proptest! {
        #[test]
        fn damage_is_an_error_and_never_a_panic(at in 0usize..6000, to: u8, cut in 0usize..6000) {
            let mut bytes = sample();
            let n = bytes.len();
            bytes[at % n] = to;
            bytes.truncate(n - cut % n);
            for bytes in [bytes.clone(), resealed(bytes)] {
                if let Ok(opened) = open::<serde_json::Value>(&bytes) {
                    let _ = (opened.block("pipelines"), opened.block("reference"));
                }
            }
        }

        #[test]
        fn any_bytes_are_refused_or_opened(bytes: Vec<u8>) {
            prop_assert!(open::<serde_json::Value>(&bytes).is_err());
        }
    }
}
