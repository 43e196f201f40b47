//! The contract: what every learner, forecaster, step, measure and splitter of a catalog must hold.
//!
//! Each check is a small function over a case; each table of checks has a macro that makes one
//! `#[test]` per check, so that failures appear by name:
//!
//! ```text
//! mod gbdt {
//!     ruska_testkit::learner_contract!(super::learner_case("gbdt"));
//! }
//! ```

mod compare;
mod forecaster;
mod learner;
mod measure;
mod splitter;
mod step;

pub use forecaster::ForecasterCase;
pub use learner::LearnerCase;
pub use measure::MeasureCase;
pub use splitter::{Role, SplitterCase};
pub use step::StepCase;

use forecaster::{asking, beside, facts, newer, odd, panels, reach, stable};
use learner::{awkward, declared, repeatable, rows, skill, weights};
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use step::{agrees, columns, honest};

/// What a check found: what is wrong, in words.
pub type Outcome = Result<(), String>;

/// A check and its name.
pub type Check<C> = (&'static str, fn(&C) -> Outcome);

/// Damages tried on a state.
const DAMAGES: usize = 300;

/// Returns what is wrong unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        let holds: bool = $condition;
        if !holds {
            return Err(format!($($message)+));
        }
    };
}
use ensure;

/// Runs a check of a table by name.
///
/// Panics with what the check found.
pub fn run<C>(checks: &[Check<C>], name: &str, case: &C) {
    let check = checks.iter().find(|(n, _)| *n == name).expect("the name is one of the table's");
    if let Err(why) = check.1(case) {
        panic!("{name}: {why}");
    }
}

/// Runs something that must not panic. `Ok(Err(_))` is the error it returned.
fn calm<T, E>(what: &str, f: impl FnOnce() -> Result<T, E>) -> Result<Result<T, E>, String> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        format!("{what} panicked: {}", text.unwrap_or("no message"))
    })
}

/// Runs something that must succeed.
fn must<T, E: Display>(what: &str, f: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    calm(what, f)?.map_err(|e| format!("{what} failed: {e}"))
}

/// Whether a name is a snake-case or kebab-case id.
fn is_id(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c))
}

/// Checks the facts that every kind of entry declares.
fn described(id: &str, summary: &str, reference: &str) -> Outcome {
    ensure!(is_id(id), "the id `{id}` is not lower case with `_` or `-`");
    ensure!((10..=120).contains(&summary.len()), "the summary is not one line: `{summary}`");
    ensure!(!summary.contains('\n'), "the summary is not one line: `{summary}`");
    ensure!(!reference.trim().is_empty(), "the reference is empty");
    Ok(())
}

/// Declares a table of checks and the macro that makes a test of each.
macro_rules! checks {
    ($d:tt $(#[$doc:meta])* $table:ident, $contract:ident, $case:ty, [$($module:ident::$check:ident,)+]) => {
        $(#[$doc])*
        pub const $table: &[Check<$case>] =
            &[$((stringify!($check), $module::$check)),+];

        /// One `#[test]` for each check of the table of the same name, over the given case.
        #[macro_export]
        macro_rules! $contract {
            ($d case:expr) => {$(
                #[test]
                fn $check() {
                    let case = $d case;
                    $crate::contract::run($crate::contract::$table, stringify!($check), &case);
                }
            )+};
        }
    };
}

checks!($
    /// What every learner must hold.
    LEARNER_CHECKS, learner_contract, LearnerCase, [
        declared::facts_are_declared,
        declared::space_is_valid,
        declared::cost_is_finite_and_grows,
        declared::unknown_parameters_are_refused,
        declared::points_of_the_space_fit,
        declared::values_outside_the_space_do_not_panic,
        declared::refit_parameters_are_accepted,
        declared::another_task_is_refused,
        skill::defaults_fit,
        skill::mixed_columns_fit,
        skill::beats_the_constant,
        skill::order_of_training_rows_makes_no_other_groups,
        skill::rows_of_the_fit_are_found_where_they_were,
        skill::there_are_no_more_groups_than_distinct_rows,
        skill::sparse_blocks_equal_dense_columns,
        repeatable::equal_seeds_give_equal_models,
        repeatable::cache_changes_nothing,
        repeatable::saved_models_predict_the_same,
        repeatable::damaged_states_are_refused,
        repeatable::stops_when_told,
        repeatable::wraps_up_when_told,
        rows::one_row_equals_the_batch,
        rows::order_of_rows_does_not_matter,
        rows::other_rows_are_not_looked_at,
        rows::other_columns_are_refused_or_harmless,
        weights::weight_is_repetition,
        weights::weights_are_accepted,
        awkward::awkward_columns,
        awkward::one_feature,
        awkward::no_feature,
        awkward::one_and_two_rows,
        awkward::one_class,
        awkward::absent_class,
        awkward::huge_scales,
        awkward::negative_targets,
        awkward::infinities,
        awkward::odd_names,
    ]
);

checks!($
    /// What every forecaster must hold.
    FORECASTER_CHECKS, forecaster_contract, ForecasterCase, [
        facts::forecaster_facts_are_declared,
        facts::forecaster_space_is_valid,
        facts::forecaster_cost_is_finite_and_grows,
        facts::other_tasks_are_refused,
        facts::names_of_no_parameter_are_refused,
        facts::all_of_the_space_fits,
        facts::typed_values_do_not_panic,
        asking::every_step_is_told,
        asking::one_row_equals_all,
        asking::order_of_questions_does_not_matter,
        asking::unknown_series_are_refused,
        asking::known_periods_are_refused,
        asking::columns_of_places_are_needed,
        panels::order_of_series_does_not_matter,
        panels::other_series_do_not_matter,
        panels::periods_only_count_steps,
        reach::it_tells_what_comes,
        reach::errors_are_as_large_as_told,
        reach::further_ahead_is_no_surer,
        stable::seeds_and_threads_change_nothing,
        stable::saved_forecasters_tell_the_same,
        stable::damaged_forecasters_are_refused,
        stable::forecaster_stops_when_told,
        stable::forecaster_wraps_up_when_told,
        newer::newer_values_are_taken_in,
        newer::known_values_do_not_count,
        beside::what_is_known_ahead_helps,
        beside::covariates_go_on,
        newer::newer_values_may_come_in_parts,
        newer::newer_gaps_are_bridged,
        newer::what_was_told_may_come_true,
        odd::constants_go_on,
        odd::zeros_go_on,
        odd::nothing_falls_below_zero,
        odd::few_values_are_enough,
        odd::gaps_are_bridged,
        odd::nothing_known_is_nothing_told,
        odd::units_do_not_matter,
        odd::values_below_zero_are_told,
        odd::wild_values_are_told,
    ]
);

checks!($
    /// What every step must hold.
    STEP_CHECKS, step_contract, StepCase, [
        honest::facts_are_declared,
        honest::space_is_valid,
        honest::unknown_parameters_are_refused,
        honest::points_of_the_space_fit,
        honest::values_outside_the_space_do_not_panic,
        honest::closes_what_it_declares,
        honest::the_target_is_restored,
        honest::equal_seeds_give_equal_states,
        honest::saved_states_transform_the_same,
        honest::damaged_states_are_refused,
        agrees::rows_and_names_are_kept,
        agrees::other_rows_are_not_looked_at,
        agrees::training_agrees_with_prediction,
        agrees::order_of_rows_does_not_matter,
        agrees::one_row_equals_the_batch,
        columns::awkward_columns,
        columns::missing_anywhere,
        columns::unseen_levels,
        columns::other_columns_are_refused_or_harmless,
        columns::few_rows_and_columns,
        columns::huge_scales,
        columns::infinities,
        columns::odd_names,
        columns::sparse_blocks,
    ]
);

checks!($
    /// What every measure must hold.
    MEASURE_CHECKS, measure_contract, MeasureCase, [
        measure::facts_are_declared,
        measure::perfect_is_the_optimum,
        measure::scores_are_finite_and_bounded,
        measure::order_of_rows_does_not_matter,
        measure::weights_of_one_are_none,
        measure::weight_is_repetition,
        measure::row_losses_mean_the_loss,
        measure::row_losses_order_as_the_measure,
        measure::loss_and_score_convert,
        measure::unequal_rows_are_refused,
        measure::not_finite_is_refused,
        measure::another_task_is_refused,
        measure::degenerate_rows_do_not_panic,
    ]
);

checks!($
    /// What every splitter must hold.
    SPLITTER_CHECKS, splitter_contract, SplitterCase, [
        splitter::facts_are_declared,
        splitter::training_and_test_rows_are_disjoint,
        splitter::partition_is_as_declared,
        splitter::seed_decides_the_draw,
        splitter::classes_are_spread_evenly,
        splitter::groups_are_not_divided,
        splitter::time_order_is_kept,
        splitter::roles_it_needs_are_asked_for,
        splitter::too_few_rows_are_refused,
        splitter::senseless_parameters_are_refused,
    ]
);

#[cfg(test)]
mod tests;
