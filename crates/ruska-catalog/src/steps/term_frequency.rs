//! Frequencies of terms: a free text becomes shares of its words, of pairs of them or of the runs of
//! characters within them, and a few counts.
//!
//! Does: as `tfidf`, but a term weighs the same however many texts have it. Wins: trees, which see the
//! order of a column's values only, whatever the column's scale: with fewer distinct values they are
//! grown in about half the time to equal losses. Fails: linear models and distances, to which the
//! usual words then are as large as the telling ones. Cost, Handles: as `tfidf`. Reference:
//! scikit-learn's `TfidfVectorizer` with `use_idf=False`; Manning, Raghavan, Schütze, "Introduction to
//! Information Retrieval", 6.2.

use super::support::{TermParams, Terms};
use ruska_core::{
    FitError, Frame, Geometry, Need, Preprocessor, RunContext, Space, Stage, StepInfo, StepInput,
    TaskMeta,
};

pub(super) struct TermFrequency;

impl Preprocessor for TermFrequency {
    type Params = TermParams;
    type State = Terms;
    const INFO: StepInfo = StepInfo {
        id: "term_frequency",
        summary: "free text becomes shares of its terms, and a few counts",
        stage: Stage::Encode,
        closes: &[Need::Text],
        suits: Some(Geometry::Splits),
        reference: "https://nlp.stanford.edu/IR-book/html/htmledition/term-frequency-and-weighting-1.html",
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
        Terms::fit(Self::INFO.id, params, false, &input, ctx)
    }
}
