//! Weighted terms: a free text becomes weights of its words, of pairs of them or of the runs of
//! characters within them, and a few counts.
//!
//! Does: lower-cases; terms are runs of letters and digits (`words`), these and each two neighbours
//! (`pairs`), or all 3 to 5 characters in a row of a word with a blank on either side (`chars`).
//! Those that enough training texts have make the vocabulary, the most frequent ones where there are
//! too many. A term that occurs c times weighs (1 + ln c)·(ln((1 + n) / (1 + df)) + 1), with n
//! training texts of which df have it, and a row is scaled to length 1. For learners that take
//! sparse blocks, the weights come out as one; for the others, or if `components` is given, they are
//! projected onto the directions in which the training rows stretch most, if there are fewer than
//! terms. Number of characters and words, and shares of digits, capitals and symbols of all
//! characters, are always added.
//! Wins: topics, spam, titles; `chars`: names, misspellings, words that are put together. Fails:
//! meaning that lies in word order. Cost: O(characters · log terms); a text that occurs again costs
//! nothing; directions: O(components · (words + terms · components)). Handles: a missing text has no
//! terms and NaN counts; unknown terms are left out. Reference: scikit-learn's `TfidfVectorizer` and
//! `TruncatedSVD`; Manning, Raghavan, Schütze, "Introduction to Information Retrieval", 6.4.

use super::support::{TermParams, Terms};
use ruska_core::{
    FitError, Frame, Need, Preprocessor, RunContext, Space, Stage, StepInfo, StepInput, TaskMeta,
};

pub(super) struct Tfidf;

impl Preprocessor for Tfidf {
    type Params = TermParams;
    type State = Terms;
    const INFO: StepInfo = StepInfo {
        id: "tfidf",
        summary: "free text becomes weights of the terms that tell texts apart, and a few counts",
        stage: Stage::Encode,
        closes: &[Need::Text],
        suits: None,
        reference: "https://scikit-learn.org/stable/modules/feature_extraction.html#text-feature-extraction",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        TermParams::space()
    }

    fn fit(
        &self,
        params: &TermParams,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<Terms, FitError> {
        Ok(self.fit_transform(params, input, ctx)?.0)
    }

    fn fit_transform(
        &self,
        params: &TermParams,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<(Terms, Frame), FitError> {
        Terms::fit(Self::INFO.id, params, true, &input, ctx)
    }
}
