//! The chain: beside each entry of the ledger stands the hash of it and of all before it.
//!
//! ```text
//! hash 0 = 32 zero bytes
//! hash n = BLAKE3("ruska ledger 1\n" · hash n−1 · seq · at_ms
//!                 · actor · subject · name · kind · version · digest · body)
//! ```
//! Numbers are 64 bits, little-endian, in two's complement; a text is its number of bytes as such a
//! number and its UTF-8; what may be missing is a byte 0, or a byte 1 and the value. Texts are
//! hashed as the table holds them, so a check needs to understand no entry.
//!
//! What the chain proves: whoever knows the hash of entry n from elsewhere knows all entries up to
//! n. By itself it shows changes by somebody who does not know of it, no more: whoever can write to
//! the file can hash anew what they made of it. So [`Head`]s are to be kept where those who write
//! to the store cannot, see [`HEADS`].
//!
//! Source: Schneier, Kelsey, "Secure audit logs to support computer forensics", ACM TISSEC 2(2),
//! 1999, section 3, without its forward security: keys on the same machine would add none.

use super::{batch, study};
use crate::database::Fault;
use crate::{Digest, Store, StoreError, store};
use rusqlite::{OptionalExtension, Row, Transaction};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Variable of the environment that names the file to which every change of the ledger appends its
/// head. It is read when a store is opened, so that no caller can leave it out. One file a store: heads
/// of several in one file fit none of them.
pub const HEADS: &str = "RUSKA_AUDIT_HEAD";

/// What precedes everything that is hashed.
const CONTEXT: &[u8] = b"ruska ledger 1\n";

/// The first format with a chain.
const CHAINED: u32 = 3;

/// What format 3 adds for the chain.
pub(crate) const TABLES: &str = "
CREATE TABLE chain (
    seq INTEGER PRIMARY KEY,
    hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER chain_update BEFORE UPDATE ON chain BEGIN SELECT RAISE(ABORT, 'hashes never change'); END;
CREATE TRIGGER chain_delete BEFORE DELETE ON chain BEGIN SELECT RAISE(ABORT, 'hashes never change'); END;
";

/// How far a ledger went, and the hash of all of it: `9 5f2c…` as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Place of its last entry; 0 where there is none, and `None` where only the hash is known.
    pub seq: Option<u64>,
    /// The hash of this entry and all before it.
    pub hash: Digest,
}

impl Head {
    /// Place of the last entry; 0 where it is not known.
    fn place(&self) -> u64 {
        self.seq.unwrap_or(0)
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(seq) = self.seq {
            write!(f, "{seq} ")?;
        }
        write!(f, "{}", self.hash)
    }
}

impl FromStr for Head {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let refuse = || StoreError::BadHead { text: text.chars().take(100).collect() };
        let mut words = text.split_whitespace();
        let (Some(first), second, None) = (words.next(), words.next(), words.next()) else {
            return Err(refuse());
        };
        let (seq, hash) = match second {
            None => (None, first),
            Some(hash) => (Some(first.parse().map_err(|_| refuse())?), hash),
        };
        Ok(Self { seq, hash: hash.parse().map_err(|_| refuse())? })
    }
}

/// What a check of the ledger found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Entries looked at: all, or those before the first that does not fit.
    pub entries: u64,
    /// Hash of these entries, hexadecimal.
    pub hash: String,
    /// Heads from elsewhere that fit.
    pub heads: usize,
    /// The first thing that does not fit.
    pub broken: Option<Break>,
}

/// Where a ledger is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Break {
    /// Place of the first entry that does not fit; `None` where only a hash is missed.
    pub seq: Option<u64>,
    /// What is wrong with it.
    pub why: String,
}

/// A row of the ledger as it is hashed.
struct Link {
    seq: i64,
    at_ms: i64,
    texts: [String; 5],
    version: Option<i64>,
    digest: Option<String>,
}

/// The columns that [`Link::read`] reads, in its order.
const COLUMNS: &str =
    "l.seq, l.at_ms, l.actor, l.subject, l.name, l.kind, l.body, l.version, l.digest";

impl Link {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            at_ms: row.get(1)?,
            texts: [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?],
            version: row.get(7)?,
            digest: row.get(8)?,
        })
    }

    /// The hash of this entry after those before it.
    fn hash(&self, previous: &Digest) -> Digest {
        let mut bytes = CONTEXT.to_vec();
        let text = |bytes: &mut Vec<u8>, text: &str| {
            bytes.extend((text.len() as u64).to_le_bytes());
            bytes.extend(text.as_bytes());
        };
        bytes.extend(previous.bytes());
        bytes.extend(self.seq.to_le_bytes());
        bytes.extend(self.at_ms.to_le_bytes());
        let [actor, subject, name, kind, body] = &self.texts;
        [actor, subject, name, kind].into_iter().for_each(|t| text(&mut bytes, t));
        bytes.push(u8::from(self.version.is_some()));
        bytes.extend(self.version.into_iter().flat_map(i64::to_le_bytes));
        bytes.push(u8::from(self.digest.is_some()));
        self.digest.iter().for_each(|t| text(&mut bytes, t));
        text(&mut bytes, body);
        Digest::of(&bytes)
    }
}

/// The last link of the chain.
pub(super) fn last(tx: &Transaction<'_>) -> Result<Head, Fault> {
    let mut statement =
        tx.prepare_cached("SELECT seq, hash FROM chain ORDER BY seq DESC LIMIT 1")?;
    let found = statement.query_row([], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, String>(1)?)));
    match found.optional()? {
        None => Ok(Head { seq: Some(0), hash: Digest::ZERO }),
        Some((seq, hash)) => {
            let damaged = |_| Fault::Damaged(format!("the hash of entry {seq} is none"));
            Ok(Head { seq: Some(seq as u64), hash: hash.parse().map_err(damaged)? })
        }
    }
}

/// Refuses to append to a ledger whose chain ends elsewhere than before entry `next`.
pub(crate) fn check_end(tx: &Transaction<'_>, next: u64) -> Result<(), Fault> {
    let seq = last(tx)?.place();
    if seq + 1 == next {
        return Ok(());
    }
    Err(Fault::Damaged(format!(
        "its ledger ends at entry {}, the hashes beside it at entry {seq}, so somebody changed it \
         (`ruska audit verify` tells more)",
        next - 1
    )))
}

/// Refuses to make hashes for a file whose format has none, but which has some: its number was set back, and new
/// hashes would cover what was changed since.
pub(crate) fn refuse_downgraded(tx: &Transaction<'_>, format: u32) -> Result<(), Fault> {
    if !exists(tx)? {
        return Ok(());
    }
    Err(Fault::Damaged(format!(
        "it says that it is of format {format}, and has the hashes of a later one, so somebody changed it; \
         `ruska audit verify` tells more, and a backup from before is as it was"
    )))
}

/// Whether the file has hashes.
fn exists(tx: &Transaction<'_>) -> Result<bool, Fault> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'chain'";
    Ok(tx.prepare_cached(sql)?.exists([])?)
}

/// Hashes the entries that have no hash yet.
pub(crate) fn extend(tx: &Transaction<'_>) -> Result<(), Fault> {
    let head = last(tx)?;
    let (mut seq, mut hash) = (head.place() as i64, head.hash);
    let sql = format!("SELECT {COLUMNS} FROM ledger AS l WHERE l.seq > ?1 ORDER BY l.seq");
    let mut statement = tx.prepare_cached(&sql)?;
    let mut insert = tx.prepare_cached("INSERT INTO chain (seq, hash) VALUES (?1, ?2)")?;
    let mut rows = statement.query([seq])?;
    while let Some(row) = rows.next()? {
        let link = Link::read(row)?;
        seq += 1;
        if link.seq != seq {
            return Err(Fault::Damaged(format!("entry {seq} of its ledger is not there")));
        }
        hash = link.hash(&hash);
        insert.execute((seq, hash.to_string()))?;
    }
    Ok(())
}

/// A file outside the store that learns every head.
pub(crate) struct Witness(Option<(PathBuf, File)>);

impl Witness {
    /// Opens the file, so that nothing is done that it could not be told.
    pub(crate) fn open(path: Option<&PathBuf>) -> Result<Self, StoreError> {
        let Some(path) = path else { return Ok(Self(None)) };
        let file = File::options().append(true).create(true).open(path);
        let file = file.map_err(|e| StoreError::io(path, &e))?;
        Ok(Self(Some((path.clone(), file))))
    }

    /// Appends the head after entries that stand by now.
    pub(crate) fn tell(self, head: Option<Head>) -> Result<(), StoreError> {
        let (Some((path, mut file)), Some(head)) = (self.0, head) else { return Ok(()) };
        let written = file.write_all(format!("{head}\n").as_bytes()).and_then(|()| file.sync_all());
        written.map_err(|e| StoreError::Io {
            path,
            why: format!("what was asked is done, but its head `{head}` could not be written: {e}"),
        })
    }
}

impl Store {
    /// How far the ledger goes, and the hash of all of it, as its chain says.
    pub fn head(&self) -> Result<Head, StoreError> {
        self.database().read(last)
    }

    /// Computes the chain anew from the entries and compares it with the hashes beside them and with
    /// heads that were kept elsewhere. Tells the first entry that does not fit.
    ///
    /// Reads all entries once, in constant memory, and every prediction and outcome that they cover.
    pub fn check_ledger(&self, heads: &[Head]) -> Result<Checked, StoreError> {
        self.database().read(|tx| Check::new(heads).run(tx))
    }

    /// The same for the store of a folder as it is: nothing is brought up to date first, which would make the
    /// hashes anew.
    ///
    /// Fails for a store of a format that has no hashes.
    pub fn check_ledger_of(dir: &Path, heads: &[Head]) -> Result<Checked, StoreError> {
        let database = store::existing(dir)?;
        let format = database.check_format()?;
        let mut checked = database.read(|tx| {
            if !exists(tx)? && format >= CHAINED {
                let why = format!(
                    "the file is of format {format} and has no hashes: they were taken out"
                );
                let (entries, hash) = (0, Digest::ZERO.to_string());
                return Ok(Checked {
                    entries,
                    hash,
                    heads: 0,
                    broken: Some(Break { seq: None, why }),
                });
            }
            if !exists(tx)? {
                return Err(
                    StoreError::Unhashed { path: database.path().to_owned(), format }.into()
                );
            }
            Check::new(heads).run(tx)
        })?;
        if checked.broken.is_none() && !database.is_current()? {
            let why = format!(
                "the file says that it is of format {format}, which has no hashes: that was changed"
            );
            checked.broken = Some(Break { seq: None, why });
        }
        Ok(checked)
    }
}

/// A check under way.
struct Check {
    numbered: BTreeMap<u64, Digest>,
    bare: Vec<Digest>,
    seq: u64,
    hash: Digest,
    heads: usize,
}

impl Check {
    fn new(heads: &[Head]) -> Self {
        let numbered = heads.iter().filter_map(|h| Some((h.seq?, h.hash))).collect();
        let bare = heads.iter().filter(|h| h.seq.is_none()).map(|h| h.hash).collect();
        Self { numbered, bare, seq: 0, hash: Digest::ZERO, heads: 0 }
    }

    fn run(mut self, tx: &Transaction<'_>) -> Result<Checked, Fault> {
        let broken = self.look(tx)?;
        Ok(Checked { entries: self.seq, hash: self.hash.to_string(), heads: self.heads, broken })
    }

    fn look(&mut self, tx: &Transaction<'_>) -> Result<Option<Break>, Fault> {
        if let Some(broken) = self.against_heads() {
            return Ok(Some(broken));
        }
        let sql = format!(
            "SELECT {COLUMNS}, c.hash FROM ledger AS l LEFT JOIN chain AS c ON c.seq = l.seq
             ORDER BY l.seq"
        );
        let mut statement = tx.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let at = self.seq + 1;
            let broken = |why: &str| Ok(Some(Break { seq: Some(at), why: why.to_owned() }));
            if row.get::<_, i64>(0)? as u64 != at {
                return broken("is not there");
            }
            let read = Link::read(row).and_then(|link| Ok((link, row.get(9)?)));
            let (link, kept): (Link, Option<String>) = match read {
                Ok(read) => read,
                Err(_) => return broken("cannot be read"),
            };
            let hash = link.hash(&self.hash);
            match kept {
                None => return broken("has no hash: it was put in by something else than ruska"),
                Some(kept) if kept != hash.to_string() => {
                    return broken("does not fit its hash: it, or the hash, was changed");
                }
                Some(_) => {}
            }
            (self.seq, self.hash) = (at, hash);
            if let Some(broken) = self.against_heads() {
                self.seq -= 1;
                return Ok(Some(broken));
            }
        }
        self.against_the_end(tx)
    }

    /// Whether the entries so far are those of a head that was kept of them.
    fn against_heads(&mut self) -> Option<Break> {
        let found = self.bare.len();
        self.bare.retain(|hash| *hash != self.hash);
        self.heads += found - self.bare.len();
        match self.numbered.remove(&self.seq) {
            Some(hash) if hash != self.hash => Some(Break {
                seq: Some(self.seq),
                why: format!(
                    "is not what it was, or one before it is not, when the head {hash} was kept: \
                     history was written anew"
                ),
            }),
            Some(_) => {
                self.heads += 1;
                None
            }
            None => None,
        }
    }

    /// Whether there was more than there is.
    fn against_the_end(&self, tx: &Transaction<'_>) -> Result<Option<Break>, Fault> {
        let hashes = last(tx)?.place();
        let cut = |why: String| Ok(Some(Break { seq: Some(self.seq + 1), why }));
        if hashes > self.seq {
            return cut(format!("is not there, though there are hashes up to entry {hashes}"));
        }
        if let Some((seq, _)) = self.numbered.last_key_value() {
            return cut(format!("is not there, though a head was kept after entry {seq}"));
        }
        if let Some(hash) = self.bare.first() {
            let why = format!(
                "no entry has the hash {hash} that was kept: history was written anew, or its end \
                 was cut off"
            );
            return Ok(Some(Break { seq: None, why }));
        }
        match study::check(tx)? {
            None => batch::check(tx),
            broken => Ok(broken),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Figures of `tests/reference/ledger_chain.py`, which uses another BLAKE3 and no line of this.
    #[test]
    fn hashes_are_those_of_the_definition() {
        let text = include_str!("../../../../tests/reference/ledger_chain.json");
        let figures: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
        let mut hash = Digest::ZERO;
        for figure in &figures {
            let row = &figure["row"];
            let text = |i: usize| row[i].as_str().map(str::to_owned);
            let link = Link {
                seq: row[0].as_i64().unwrap(),
                at_ms: row[1].as_i64().unwrap(),
                texts: [2, 3, 4, 5, 8].map(|i| text(i).unwrap()),
                version: row[6].as_i64(),
                digest: text(7),
            };
            hash = link.hash(&hash);
            assert_eq!(hash.to_string(), figure["hash"].as_str().unwrap());
        }
        assert_eq!(figures.len(), 3);
    }
}
