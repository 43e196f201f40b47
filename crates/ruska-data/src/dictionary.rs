//! Distinct texts in order of first appearance, and the rule that tells which of them are missing.

use crate::cell::{self, LITERALS};
use encoding_rs::WINDOWS_1252;
use ruska_core::{Column, MISSING};
use std::borrow::Cow;

/// The text of bytes: UTF-8, or else Windows-1252, which gives every byte a meaning.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// Distinct texts with their codes: an open-addressing table over the list of levels.
#[derive(Default)]
pub(crate) struct Dictionary {
    levels: Vec<String>,
    /// Code plus one, or 0 where free; a power of two long, at most half full.
    slots: Vec<u32>,
    /// Distinct texts that were not UTF-8.
    recoded: usize,
}

impl Dictionary {
    /// The code of a text.
    pub(crate) fn code(&mut self, bytes: &[u8]) -> u32 {
        if self.levels.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let slot = self.find(bytes);
        if self.slots[slot] != 0 {
            return self.slots[slot] - 1;
        }
        match decode(bytes) {
            Cow::Borrowed(text) => self.add(slot, text.to_owned()),
            Cow::Owned(text) => {
                self.recoded += 1;
                let slot = self.find(text.as_bytes());
                match self.slots[slot] {
                    0 => self.add(slot, text),
                    taken => taken - 1,
                }
            }
        }
    }

    fn add(&mut self, slot: usize, text: String) -> u32 {
        self.levels.push(text);
        self.slots[slot] = self.levels.len() as u32;
        self.slots[slot] - 1
    }

    /// The slot that holds the text, or the free one where it belongs.
    fn find(&self, bytes: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash(bytes) as usize & mask;
        while self.slots[slot] != 0
            && self.levels[self.slots[slot] as usize - 1].as_bytes() != bytes
        {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        self.slots = vec![0; (self.slots.len() * 4).max(16)];
        for code in 0..self.levels.len() {
            let slot = self.find(self.levels[code].as_bytes());
            self.slots[slot] = code as u32 + 1;
        }
    }
}

/// Eight bytes at a time by multiplication, finished so that the low bits depend on all.
fn hash(bytes: &[u8]) -> u64 {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    let step = |h: u64, word: u64| (h ^ word).wrapping_mul(K).rotate_left(29);
    let mut chunks = bytes.chunks_exact(8);
    let mut h = bytes.len() as u64;
    for chunk in &mut chunks {
        h = step(h, u64::from_le_bytes(chunk.try_into().expect("chunks are eight bytes long")));
    }
    let tail = chunks.remainder().iter().fold(0u64, |word, &b| (word << 8) | u64::from(b));
    ruska_core::hash::mix(step(h, tail))
}

/// A growing text column.
#[derive(Default)]
pub(crate) struct TextColumn {
    codes: Vec<u32>,
    dictionary: Dictionary,
}

impl TextColumn {
    /// Adds the text of a row; returns whether it is new in this column.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> bool {
        let known = self.dictionary.levels.len();
        let code = self.dictionary.code(bytes);
        self.codes.push(code);
        code as usize == known
    }

    /// Adds a row without a value.
    pub(crate) fn push_missing(&mut self) {
        self.codes.push(MISSING);
    }

    /// Distinct texts that were not UTF-8.
    pub(crate) fn recoded(&self) -> usize {
        self.dictionary.recoded
    }

    /// The column with every text as it stands.
    pub(crate) fn raw(self) -> Column {
        Column::text(self.codes, self.dictionary.levels)
    }

    /// The column with missing tokens told from levels by looking at the whole column.
    pub(crate) fn settled(self) -> Column {
        settle(self.codes, self.dictionary.levels)
    }

    /// The column with missing tokens taken out, except the literals that are known levels.
    pub(crate) fn known(self, literals: Literals) -> Column {
        settle_known(self.codes, self.dictionary.levels, literals)
    }
}

/// Which of the [`LITERALS`] are levels of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Literals([bool; LITERALS.len()]);

impl Literals {
    /// Those among the known levels of a column.
    pub(crate) fn among(levels: &[String]) -> Self {
        Self(LITERALS.map(|literal| levels.iter().any(|l| l.trim_ascii() == literal)))
    }
}

/// Tells missing tokens from levels by looking at the whole column.
pub(crate) fn settle(codes: Vec<u32>, levels: Vec<String>) -> Column {
    let missing = missing_levels(&levels, codes.contains(&MISSING));
    without(codes, levels, &missing)
}

/// Takes missing tokens out, except the literals that are known levels.
pub(crate) fn settle_known(codes: Vec<u32>, levels: Vec<String>, literals: Literals) -> Column {
    let missing = |level: &String| {
        let text = level.trim_ascii().as_bytes();
        cell::is_missing(text) || cell::literal(text).is_some_and(|l| !literals.0[l])
    };
    let missing: Vec<bool> = levels.iter().map(missing).collect();
    without(codes, levels, &missing)
}

/// Which of a column's distinct texts are missing values.
///
/// Empty, blank, `?`, `NaN`, `null` and `N/A` always are. Of the three literals,
/// * `NA` is a level when all other texts are two capital letters (codes of countries, states);
/// * `None` is a level when the others are at most 20 capitalised words and nothing else in the
///   column is missing (`None`, `Some`, `Many`);
/// * `-` is a level when all others are single signs (`+`, `-`).
fn missing_levels(levels: &[String], gaps: bool) -> Vec<bool> {
    let trimmed: Vec<&str> = levels.iter().map(|l| l.trim_ascii()).collect();
    let mut missing: Vec<bool> = trimmed
        .iter()
        .map(|l| cell::is_missing(l.as_bytes()) || cell::literal(l.as_bytes()).is_some())
        .collect();
    let others: Vec<&str> =
        trimmed.iter().zip(&missing).filter(|(_, m)| !**m).map(|(l, _)| *l).collect();
    let all = |like: fn(&str) -> bool| !others.is_empty() && others.iter().all(|l| like(l));
    let code = |l: &str| l.len() == 2 && l.bytes().all(|b| b.is_ascii_uppercase());
    let word = |l: &str| l.chars().next().is_some_and(char::is_uppercase);
    let sign = |l: &str| l.len() == 1 && l.bytes().all(|b| b.is_ascii_punctuation());
    let only_none = !gaps && trimmed.iter().zip(&missing).all(|(l, m)| !m || *l == LITERALS[1]);
    let kept = [all(code), only_none && others.len() <= 20 && all(word), all(sign)];
    for (level, missing) in trimmed.iter().zip(&mut missing) {
        *missing &= !cell::literal(level.as_bytes()).is_some_and(|l| kept[l]);
    }
    missing
}

/// Takes out the levels marked missing and renumbers the others.
fn without(mut codes: Vec<u32>, levels: Vec<String>, missing: &[bool]) -> Column {
    if !missing.contains(&true) {
        return Column::text(codes, levels);
    }
    let mut next = 0;
    let new: Vec<u32> = missing
        .iter()
        .map(|&gone| {
            next += u32::from(!gone);
            if gone { MISSING } else { next - 1 }
        })
        .collect();
    for code in codes.iter_mut().filter(|c| **c != MISSING) {
        *code = new[*code as usize];
    }
    let levels = levels.into_iter().zip(missing).filter(|(_, gone)| !**gone).map(|(l, _)| l);
    Column::text(codes, levels.collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn missing_of(values: &[&str]) -> Vec<String> {
        let levels: Vec<String> = values.iter().map(ToString::to_string).collect();
        let missing = missing_levels(&levels, false);
        levels.into_iter().zip(missing).filter(|(_, m)| *m).map(|(l, _)| l).collect()
    }

    #[test]
    fn tokens_are_missing_in_text() {
        assert_eq!(missing_of(&["a", "", "?", " ", "NA", "None", "-", "null"]).len(), 7);
        assert_eq!(missing_of(&["a", "nano", "nil", "--", "none"]), Vec::<String>::new());
    }

    #[test]
    fn a_literal_that_looks_like_a_level_stays() {
        assert!(missing_of(&["US", "NA", "DE"]).is_empty());
        assert_eq!(missing_of(&["US", "NA", "Germany"]), ["NA"]);
        assert_eq!(missing_of(&["NA", "", "EU"]), [""]);
        assert_eq!(missing_of(&["NA"]), ["NA"]);
        assert!(missing_of(&["None", "Some", "Many"]).is_empty());
        assert_eq!(missing_of(&["None", "Some", "?"]), ["None", "?"]);
        assert_eq!(missing_of(&["None", "some"]), ["None"]);
        assert!(missing_of(&["+", "-"]).is_empty());
        assert_eq!(missing_of(&["plus", "-"]), ["-"]);
    }

    #[test]
    fn codes_follow_first_appearance_through_growth() {
        let mut column = TextColumn::default();
        for i in 0..5000 {
            column.push((i % 1000).to_string().as_bytes());
        }
        column.push(b"?");
        column.push(b"M\xfcller");
        column.push("Müller".as_bytes());
        assert_eq!(column.recoded(), 1);
        let Column::Str(column) = column.settled() else { panic!("text") };
        assert_eq!(column.levels.len(), 1001);
        assert_eq!(column.get(4321), Some("321"));
        assert_eq!((column.get(5000), column.get(5001)), (None, Some("Müller")));
        assert_eq!(column.codes[5001], column.codes[5002]);
    }
}
