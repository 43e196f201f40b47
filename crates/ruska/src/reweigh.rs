//! Weights under which a class is as frequent in every group of people.
//!
//! A row of a group and a class gets what both would hold together were they independent, over what they
//! hold. So groups and classes keep their weights, and what a model learns of the group from the class,
//! or from columns that go with it, is less. Scores of the search count rows by these weights too.
//! Reduces differences in how often groups are decided for where what is known of rows differs by group
//! because the class does; it does nothing about errors in the labels. Cost O(n).
//!
//! Reference: Kamiran, Calders, "Data preprocessing techniques for classification without
//! discrimination", Knowledge and Information Systems 33, 2012.

use crate::error::Error;
use crate::evaluation::people;
use ruska_core::{Frame, Target, Task};
use std::collections::BTreeMap;

/// The weights of the rows of a task, by the groups that columns of its table make in combination; a
/// task's own weights count.
///
/// Fails when the target is no class, and when a column is not there or has too many values.
pub(crate) fn reweighed(table: &Frame, columns: &[String], task: &Task) -> Result<Vec<f64>, Error> {
    let Target::Classes { codes, .. } = &task.target else {
        let what = "--reweigh makes classes as frequent in every group; the target holds none";
        return Err(Error::Options(what.to_owned()));
    };
    let groups = people(table, columns)?;
    let given = task.weights.as_ref().map(|w| w.as_slice());
    Ok(independent(codes, &groups, given))
}

fn independent(classes: &[u32], groups: &[u32], given: Option<&[f64]>) -> Vec<f64> {
    let weight = |row: usize| given.map_or(1.0, |weights| weights[row]);
    let mut of_group: BTreeMap<u32, f64> = BTreeMap::new();
    let mut of_class: BTreeMap<u32, f64> = BTreeMap::new();
    let mut of_both: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    let mut all = 0.0;
    for (row, (&class, &group)) in classes.iter().zip(groups).enumerate() {
        let weight = weight(row);
        *of_group.entry(group).or_default() += weight;
        *of_class.entry(class).or_default() += weight;
        *of_both.entry((group, class)).or_default() += weight;
        all += weight;
    }
    let of = |(row, (class, group)): (usize, (&u32, &u32))| {
        let held = all * of_both[&(*group, *class)];
        // Rows without weight have none, whatever the others hold.
        if held > 0.0 { weight(row) * of_group[group] * of_class[class] / held } else { 0.0 }
    };
    classes.iter().zip(groups).enumerate().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::independent;

    /// Groups and classes keep their weights, and every class has the same share in each group.
    #[test]
    fn classes_are_as_frequent_in_every_group() {
        let classes: Vec<u32> = (0..60).map(|i| u32::from(i % 7 < 2 + i % 3)).collect();
        let groups: Vec<u32> = (0..60).map(|i| i % 3).collect();
        let given: Vec<f64> = (0..60).map(|i| f64::from(i % 4)).collect();
        for given in [None, Some(given.as_slice())] {
            let weights = independent(&classes, &groups, given);
            let before = |row: usize| given.map_or(1.0, |given| given[row]);
            let sum = |of: &dyn Fn(usize) -> f64, counts: &dyn Fn(usize) -> bool| {
                (0..60).filter(|row| counts(*row)).map(of).sum::<f64>()
            };
            let after = |row: usize| weights[row];
            let share = sum(&before, &|row| classes[row] == 1) / sum(&before, &|_| true);
            for group in 0..3 {
                let held = sum(&after, &|row| groups[row] == group);
                assert!((held - sum(&before, &|row| groups[row] == group)).abs() < 1e-9);
                let ones = sum(&after, &|row| groups[row] == group && classes[row] == 1);
                assert!((ones / held - share).abs() < 1e-12, "{group}");
            }
        }
    }
}
