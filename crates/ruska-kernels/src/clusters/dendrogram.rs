//! Which groups became one, in the order of how far they were apart.

use super::in_order;
use super::spanning::Edge;

/// Two groups that become one. Groups 0..n are the rows; merge i makes group n + i.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Merge {
    pub left: u32,
    pub right: u32,
    /// How far they are apart.
    pub height: f64,
    /// Rows of the new group.
    pub size: u32,
}

/// The history of rows that end as one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dendrogram {
    rows: usize,
    /// One less than there are rows, their heights ascending.
    merges: Vec<Merge>,
}

impl Dendrogram {
    /// Single linkage of rows that the edges span: one less than there are rows.
    pub(super) fn single(rows: usize, mut edges: Vec<Edge>) -> Self {
        // Stable, as the order of equal lengths decides which of two equal merges is first.
        edges.sort_by(|a, b| a.length.total_cmp(&b.length));
        let mut sets = Sets::new(2 * rows);
        let mut sizes = vec![1; rows];
        let mut merges = Vec::with_capacity(edges.len());
        for Edge { a, b, length } in edges {
            let (left, right) = (sets.find(a), sets.find(b));
            let (group, size) = (sizes.len() as u32, sizes[left as usize] + sizes[right as usize]);
            sets.put(left, group);
            sets.put(right, group);
            sizes.push(size);
            merges.push(Merge { left, right, height: length, size });
        }
        Self { rows, merges }
    }

    /// From merges whose heights ascend.
    pub(super) fn of_merges(rows: usize, merges: Vec<Merge>) -> Self {
        Self { rows, merges }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How far the groups were apart that became one, ascending: one less than there are rows.
    pub fn heights(&self) -> impl ExactSizeIterator<Item = f64> {
        self.merges.iter().map(|m| m.height)
    }

    /// The merge that made a group; `None` for a row.
    pub(super) fn merge(&self, group: u32) -> Option<&Merge> {
        (group as usize).checked_sub(self.rows).map(|i| &self.merges[i])
    }

    /// How many rows a group has.
    pub(super) fn size(&self, group: u32) -> usize {
        self.merge(group).map_or(1, |m| m.size as usize)
    }

    /// The label of each row when there are `k` ≥ 1 clusters, or as many as rows if these are
    /// fewer.
    pub fn clusters(&self, k: usize) -> Vec<i32> {
        self.after(self.rows.saturating_sub(k.max(1)))
    }

    /// The label of each row when groups less than `height` apart have become one.
    pub fn clusters_below(&self, height: f64) -> Vec<i32> {
        self.after(self.merges.partition_point(|m| m.height < height))
    }

    /// The labels after so many merges.
    fn after(&self, merges: usize) -> Vec<i32> {
        let mut group: Vec<i32> = vec![-1; self.rows + merges];
        let mut count = 0;
        // A merge is told of before those of its parts.
        for i in (0..group.len()).rev() {
            if group[i] < 0 {
                group[i] = count;
                count += 1;
            }
            if let Some(&Merge { left, right, .. }) = self.merge(i as u32) {
                group[left as usize] = group[i];
                group[right as usize] = group[i];
            }
        }
        group.truncate(self.rows);
        in_order(&mut group, None);
        group
    }
}

/// Disjoint sets (Tarjan, "Efficiency of a good but not linear set union algorithm", J. ACM 22,
/// 1975).
pub(super) struct Sets(Vec<u32>);

impl Sets {
    pub(super) fn new(n: usize) -> Self {
        Self((0..n as u32).collect())
    }

    /// Which item stands for the set of `i`.
    pub(super) fn find(&mut self, mut i: u32) -> u32 {
        while self.0[i as usize] != i {
            let above = self.0[self.0[i as usize] as usize];
            self.0[i as usize] = above;
            i = above;
        }
        i
    }

    /// Puts the set that `i` stands for below `above`.
    pub(super) fn put(&mut self, i: u32, above: u32) {
        self.0[i as usize] = above;
    }
}
