//! What counts as a term of a text.

use super::texts::words;
use serde::{Deserialize, Serialize};

/// Characters in a row that make a term.
const CHARS: std::ops::RangeInclusive<usize> = 3..=5;

/// Which parts of a text are its terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Grams {
    /// Runs of letters and digits.
    Words,
    /// These, and each two neighbours.
    Pairs,
    /// 3 to 5 characters in a row of a word with a blank on either side; words are what blanks set
    /// apart, and a word that is shorter is one term.
    Chars,
}

impl Grams {
    /// Calls `take` with each term of a text in lower case, and counts its words.
    pub(crate) fn each(self, lower: &str, mut take: impl FnMut(&str)) -> usize {
        let mut count = 0;
        let mut pair = String::new();
        let mut last = "";
        for word in words(lower) {
            count += 1;
            if self != Self::Chars {
                take(word);
            }
            if self == Self::Pairs && !last.is_empty() {
                pair.clear();
                pair.extend([last, " ", word]);
                take(&pair);
            }
            last = word;
        }
        if self == Self::Chars {
            lower.split_whitespace().for_each(|word| runs(word, &mut take));
        }
        count
    }
}

/// The runs of characters of a word between blanks.
fn runs(word: &str, take: &mut impl FnMut(&str)) {
    let padded = format!(" {word} ");
    let mut starts: Vec<usize> = padded.char_indices().map(|(at, _)| at).collect();
    starts.push(padded.len());
    let length = starts.len() - 1;
    for size in CHARS {
        if size >= length {
            return take(&padded);
        }
        (0..=length - size).for_each(|at| take(&padded[starts[at]..starts[at + size]]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(grams: Grams, text: &str) -> (Vec<String>, usize) {
        let mut terms = vec![];
        let words = grams.each(text, |term| terms.push(term.to_owned()));
        (terms, words)
    }

    #[test]
    fn words_pairs_and_runs() {
        let all = |terms: &[&str], words| (terms.iter().map(|t| (*t).to_owned()).collect(), words);
        assert_eq!(terms(Grams::Words, "win £9, now!"), all(&["win", "9", "now"], 3));
        assert_eq!(terms(Grams::Pairs, "a b-c"), all(&["a", "b", "a b", "c", "b c"], 3));
        assert_eq!(
            terms(Grams::Chars, "é! ok"),
            all(&[" é!", "é! ", " é! ", " ok", "ok ", " ok "], 2)
        );
        assert_eq!(terms(Grams::Chars, "a"), all(&[" a "], 1));
        assert_eq!(terms(Grams::Chars, " \t"), all(&[], 0));
    }
}
