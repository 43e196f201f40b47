//! A column of levels: rows of each by its name.

use ruska::{Column, Field, MISSING, UNSEEN, value_text};
use std::collections::BTreeMap;

/// Levels whose rows a model keeps one by one; it counts the others together.
pub(super) const KEPT: usize = 256;

/// Rows by level.
#[derive(Default)]
pub(super) struct Levels {
    /// Rows of each level that has any.
    pub(super) counts: BTreeMap<String, u64>,
    /// Rows of levels of which only their sum is known.
    pub(super) rest: u64,
    /// Those levels, where their number is known.
    pub(super) folded: usize,
    /// What they follow in the order of a schema: by number where all are numbers, otherwise by text.
    pub(super) last: Option<(Option<f64>, String)>,
    /// Rows without a level.
    pub(super) missing: u64,
}

impl Levels {
    /// Of two labels, from 0 and 1; anything else is missing.
    pub(super) fn of_truth(values: &[f64], no: &str, yes: &str) -> Self {
        let [mut zeros, mut ones, mut missing] = [0; 3];
        for v in values {
            match v {
                v if *v == 0.0 => zeros += 1,
                v if *v == 1.0 => ones += 1,
                _ => missing += 1,
            }
        }
        let mut levels = Self { missing, ..Self::default() };
        levels.add(no.to_owned(), zeros);
        levels.add(yes.to_owned(), ones);
        levels
    }

    /// Of codes of known levels; those of others are named as the table has them. With `kept`, levels
    /// from there on are counted together.
    pub(super) fn of_codes(typed: &Field, raw: &Column, kept: Option<usize>) -> Self {
        let Column::Str(column) = &typed.column else { return Self::of_text(raw, &[]) };
        let mut known = vec![0; column.levels.len()];
        let mut levels = Self::default();
        let mut others: BTreeMap<u32, u64> = BTreeMap::new();
        for (row, &code) in column.codes.iter().enumerate() {
            match known.get_mut(code as usize) {
                Some(count) => *count += 1,
                None if code == MISSING => levels.missing += 1,
                None => match raw {
                    // Equal texts have one code, so that each is named once.
                    Column::Str(raw) => *others.entry(raw.codes[row]).or_default() += 1,
                    _ => levels.add(value_text(raw, row).unwrap_or_default(), 1),
                },
            }
        }
        if let Column::Str(raw) = raw {
            for (code, rows) in others {
                let name = raw.levels.get(code as usize).cloned().unwrap_or_default();
                levels.add(name, rows);
            }
        }
        for (place, (level, rows)) in column.levels.iter().zip(known).enumerate() {
            if kept.is_some_and(|kept| place >= kept) {
                levels.rest += rows;
            } else {
                levels.add(level.clone(), rows);
            }
        }
        levels
    }

    /// Of the values as text, which are `labels` where they differ from them in case alone.
    pub(super) fn of_text(raw: &Column, labels: &[&str]) -> Self {
        let mut levels = Self::default();
        let named = |text: String| {
            let same = labels.iter().find(|label| label.eq_ignore_ascii_case(&text));
            same.map_or(text, |label| (*label).to_owned())
        };
        if let Column::Str(column) = raw {
            let mut counts = vec![0u64; column.levels.len()];
            for &code in column.codes.iter() {
                match counts.get_mut(code as usize) {
                    Some(count) => *count += 1,
                    None => levels.missing += u64::from(code == MISSING || code == UNSEEN),
                }
            }
            for (level, rows) in column.levels.iter().zip(counts) {
                levels.add(named(level.clone()), rows);
            }
            return levels;
        }
        for row in 0..raw.rows() {
            match value_text(raw, row) {
                Some(text) => levels.add(named(text), 1),
                None => levels.missing += 1,
            }
        }
        levels
    }

    /// Adds rows of a level.
    pub(super) fn add(&mut self, level: String, rows: u64) {
        if rows > 0 {
            *self.counts.entry(level).or_default() += rows;
        }
    }

    /// Rows with a level.
    pub(super) fn present(&self) -> u64 {
        self.counts.values().sum::<u64>() + self.rest
    }

    /// Rows of both sides by level, in the order of their names, those known by their sum last. Where
    /// this side has such ones they follow those that it names, so new levels that do are among them: each
    /// beside the sum of all those would be a change that there is in any two samples.
    pub(super) fn beside(&self, current: &Self) -> Vec<(f64, f64)> {
        let mut both: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        self.counts.iter().for_each(|(level, rows)| both.entry(level).or_default().0 = *rows);
        let mut rest = current.rest;
        for (level, rows) in &current.counts {
            if !self.counts.contains_key(level) && self.is_beyond(level) {
                rest += rows;
            } else {
                both.entry(level).or_default().1 = *rows;
            }
        }
        let rest = Some((self.rest, rest)).filter(|(a, b)| a + b > 0);
        both.into_values().chain(rest).map(|(a, b)| (a as f64, b as f64)).collect()
    }

    /// Whether a level follows all that `counts` names, where others do.
    fn is_beyond(&self, level: &str) -> bool {
        match &self.last {
            None => false,
            Some((None, last)) => level > last.as_str(),
            // What is no number follows numbers.
            Some((Some(last), _)) => level.parse::<f64>().map_or(true, |n| n > *last),
        }
    }

    /// The levels that the reference has not, most frequent first, and their rows.
    pub(super) fn new_since(&self, reference: &Self) -> Vec<(&str, u64)> {
        let absent = self.counts.iter().filter(|(level, _)| !reference.counts.contains_key(*level));
        let mut new: Vec<(&str, u64)> =
            absent.map(|(level, rows)| (level.as_str(), *rows)).collect();
        new.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
        new
    }

    /// So many labels, each as often as its rows tell, in the order of their names; missing where a row
    /// has none, or one of which only the sum is known. `None` of no rows.
    pub(super) fn drawn(&self, count: usize) -> Option<Column> {
        let all = self.present() + self.missing;
        let mut sum = 0;
        let end = |(level, rows): (&String, &u64)| {
            sum += rows;
            (sum, level.clone())
        };
        let ends: Vec<(u64, String)> = self.counts.iter().map(end).collect();
        let label = |i: usize| {
            let row = (2 * i as u64 + 1) * all / (2 * count as u64);
            ends.get(ends.partition_point(|(end, _)| *end <= row)).map(|(_, level)| level)
        };
        (all > 0).then(|| Column::from_strings((0..count).map(label)))
    }

    /// The part of all levels that `counts` names, in (0, 1].
    pub(super) fn part_named(&self) -> f64 {
        let named = self.counts.len().max(1) as f64;
        named / (named + self.folded as f64)
    }

    /// Levels of a single row, of those that `counts` names.
    pub(super) fn single(&self) -> u64 {
        self.counts.values().filter(|rows| **rows == 1).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruska::Kind;

    #[test]
    fn unknown_levels_are_named_as_the_table_has_them() {
        let known = vec!["a".to_owned(), "b".to_owned()];
        let typed = Column::text(vec![0, 1, UNSEEN, MISSING, UNSEEN, 1], known);
        let typed = Field::new("x", Kind::Categorical, typed);
        let raw = Column::from_strings([
            Some("a"),
            Some("b"),
            Some("neu 🦀"),
            None,
            Some("neu 🦀"),
            Some("b"),
        ]);
        let levels = Levels::of_codes(&typed, &raw, None);
        let counts: Vec<_> = levels.counts.iter().map(|(l, n)| (l.as_str(), *n)).collect();
        assert_eq!((counts, levels.missing), (vec![("a", 1), ("b", 2), ("neu 🦀", 2)], 1));
        let folded = Levels::of_codes(&typed, &raw, Some(1));
        assert_eq!((folded.rest, folded.present()), (2, 5));
        let before = Levels::of_truth(&[0.0, 1.0, f64::NAN], "a", "b");
        assert_eq!(levels.new_since(&before), [("neu 🦀", 2)]);
        assert_eq!(before.beside(&levels), [(1.0, 1.0), (1.0, 2.0), (0.0, 2.0)]);
        assert_eq!((before.single(), before.missing, before.part_named()), (2, 1, 1.0));
        // What is new goes where the other rare ones are.
        let last = Some((None, "b".to_owned()));
        let before = Levels { rest: 6, folded: 4, last, ..before };
        assert_eq!(before.beside(&levels), [(1.0, 1.0), (1.0, 2.0), (6.0, 2.0)]);
        let mut more = Levels { rest: 1, ..Levels::default() };
        more.add("aa".to_owned(), 3);
        assert_eq!(before.beside(&more), [(1.0, 0.0), (0.0, 3.0), (1.0, 0.0), (6.0, 1.0)]);
        assert!((before.part_named() - 2.0 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn labels_are_drawn_as_often_as_they_are() {
        let mut levels = Levels { missing: 25, rest: 15, ..Levels::default() };
        levels.add("b".to_owned(), 20);
        levels.add("a".to_owned(), 40);
        let drawn = levels.drawn(50).unwrap_or_else(|| panic!("there are rows"));
        let again = Levels::of_text(&drawn, &[]);
        let counts: Vec<_> = again.counts.iter().map(|(l, n)| (l.as_str(), *n)).collect();
        assert_eq!((counts, again.missing), (vec![("a", 20), ("b", 10)], 20));
        assert!(Levels::default().drawn(5).is_none());
    }

    #[test]
    fn numbers_follow_each_other_as_numbers() {
        let mut levels =
            Levels { rest: 5, last: Some((Some(90.0), "90".to_owned())), ..Levels::default() };
        levels.add("90".to_owned(), 4);
        let beyond = ["9", "089", "90", "100", "A"].map(|level| levels.is_beyond(level));
        assert_eq!(beyond, [false, false, false, true, true]);
    }

    #[test]
    fn labels_are_known_in_any_case() {
        let raw = Column::from_strings([Some("YES"), Some("no"), Some("maybe"), None]);
        let levels = Levels::of_text(&raw, &["no", "yes"]);
        assert_eq!(levels.counts.keys().collect::<Vec<_>>(), ["maybe", "no", "yes"]);
        assert_eq!(levels.missing, 1);
    }
}
