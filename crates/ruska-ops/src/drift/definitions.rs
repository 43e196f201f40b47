//! What the measures are, by the names that verdicts use.

use std::collections::BTreeMap;

/// Names and what they stand for.
const ALL: [(&str, &str); 18] = [
    (
        "wasserstein/evidently",
        "area between the two empirical distribution functions in population standard deviations of the \
         reference, at least 0.001; missing and infinite values left out",
    ),
    (
        "wasserstein/quantiles",
        "mean distance between equal quantiles, those from 1/64 to 63/64 that the model keeps, in population \
         standard deviations of its training data",
    ),
    ("ks_distance", "largest difference of the two empirical distribution functions"),
    (
        "ks_distance/quantiles",
        "the same against the 65 quantiles that the model keeps, as small as they allow",
    ),
    (
        "jensenshannon/evidently",
        "square root of the Jensen–Shannon divergence to base e, over levels, or over numpy's Sturges bins of \
         both sides where the reference has more than 20 distinct numbers",
    ),
    (
        "jensenshannon/quantiles",
        "the same over sixteenths of the reference by the model's quantiles",
    ),
    (
        "psi/evidently",
        "population stability index over the same cells; a cell without rows counts as a share of 0.0001, or \
         a millionth of the smallest other share where that is no more than 0.0001",
    ),
    ("psi/quantiles", "the same over sixteenths of the reference by the model's quantiles"),
    ("missing_share_change", "difference of the shares of rows without a value"),
    ("new_level_share", "share of the rows with a level that the reference has not"),
    ("ks/evidently", "p-value of SciPy's ks_2samp: exact up to 10,000 rows, asymptotic above"),
    (
        "ks/quantiles",
        "p-value of the same for the distance that the model's quantiles leave certain",
    ),
    (
        "chi_square/evidently",
        "p-value of SciPy's chisquare of the current counts, those of the reference being expected",
    ),
    ("z/evidently", "p-value of the difference of two proportions, of at most two levels"),
    (
        "p_adjusted",
        "p-values of all columns after Benjamini and Hochberg (1995); no part of the verdict",
    ),
    (
        "by_chance",
        "what samples of one distribution of as many rows stay below, all effects of all columns together \
         with the probability 1 − significance",
    ),
    (
        "weight",
        "share of how far other values of the column, as the reference has them, move the model's predictions \
         on average, over at most 1000 rows",
    ),
    (
        "cbpe/nannyml",
        "each row counts as a row of every class with the probability told of it; right as far as the \
         probabilities hold, blind to concept drift",
    ),
];

/// All of them.
pub(super) fn definitions() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from(ALL)
}
