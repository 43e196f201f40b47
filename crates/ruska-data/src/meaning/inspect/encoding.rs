//! Text that was written in one encoding and read in another.
//!
//! UTF-8 read as Windows-1252 turns each letter beyond ASCII into two or three signs that begin
//! with `Ã`, `Â`, `Ä`, `Å`, `Î`, `Ï`, `Ð`, `Ñ` or `â€` and whose bytes are valid UTF-8 together; the
//! replacement character `�` stands where a decoder gave up. Only those beginnings count, since
//! other pairs occur in honest text (`CAFÉ®`), and of the Greek and Cyrillic ones two in a row.
//! Cost O(length) of the distinct values that are not ASCII.

use super::spelling::Levels;
use super::{Oddity, leave_out, rows_of, weight};
use crate::meaning::note::{masked, shown};
use encoding_rs::WINDOWS_1252;
use ruska_core::{FindingCode, Severity};

/// Whether a text went through the wrong encoding.
fn broken(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return true;
    }
    let bytes: Vec<u8> = text.chars().map(windows_1252).collect();
    let continues = |at: usize| bytes.get(at).is_some_and(|b| (0x80..=0xBF).contains(b));
    let greek_or_cyrillic =
        |at: usize| bytes.get(at).is_some_and(|b| (0xCE..=0xD1).contains(b)) && continues(at + 1);
    (0..bytes.len()).any(|at| match bytes[at] {
        0xC2..=0xC5 => continues(at + 1),
        0xCE..=0xD1 => greek_or_cyrillic(at) && greek_or_cyrillic(at + 2),
        0xE2 => matches!(bytes.get(at + 1), Some(0x80..=0x84)) && continues(at + 2),
        _ => false,
    })
}

/// The byte that Windows-1252 reads as a character; 0 where there is none.
fn windows_1252(c: char) -> u8 {
    match u32::from(c) {
        // Bytes that Windows-1252 leaves open stay control characters.
        code @ 0..=0xFF => code as u8,
        _ => match WINDOWS_1252.encode(c.encode_utf8(&mut [0; 4])) {
            (bytes, _, false) => bytes.first().copied().unwrap_or(0),
            _ => 0,
        },
    }
}

/// What the bytes say when they are read as UTF-8.
fn repaired(text: &str) -> Option<String> {
    let bytes: Vec<u8> = text.chars().map(windows_1252).collect();
    let fixed = String::from_utf8(bytes).ok()?;
    (!fixed.contains('\0')).then_some(fixed)
}

/// Tells broken texts; those of single rows are masked where they may name persons.
pub(super) fn levels(name: &str, levels: &Levels<'_>, shows: bool) -> Option<Oddity> {
    let found: Vec<&(&str, usize)> = levels.used.iter().filter(|(l, _)| broken(l)).collect();
    let count = found.iter().map(|(_, count)| count).sum();
    let show = |(level, count): &&&(&str, usize)| {
        if shows { shown(level, *count) } else { masked(level) }
    };
    let examples: Vec<String> = found.iter().take(3).map(|pair| show(&pair)).collect();
    let meant = found.first().and_then(|(level, _)| repaired(level));
    let meant = meant.filter(|_| shows && found.first().is_some_and(|f| examples[0] == f.0));
    let meant = meant.map_or(String::new(), |meant| format!(", probably `{meant}`"));
    (count > 0).then(|| Oddity {
        code: FindingCode::BrokenEncoding,
        severity: weight(count, levels.rows),
        count,
        what: format!(
            "column `{name}`: letters are broken in {}: `{}`{meant}",
            rows_of(count, levels.rows),
            examples.join("`, `")
        ),
        advice: format!("export the data as UTF-8 again; {}", leave_out(name)),
        examples,
    })
}

/// Tells that the name of a column is broken.
pub(super) fn name(name: &str) -> Option<Oddity> {
    broken(name).then(|| Oddity {
        code: FindingCode::BrokenEncoding,
        severity: Severity::Info,
        count: 1,
        what: format!("the name of column `{name}` has broken letters"),
        advice: "export the data as UTF-8 again".to_owned(),
        examples: vec![],
    })
}
