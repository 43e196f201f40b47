//! What a decision tree says, as nested rules for people.

use crate::Coded;
use serde::Serialize;
use std::fmt;

/// Most levels that are written out.
const MOST_LEVELS: usize = 8;

/// One tree as rules.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rules {
    /// The class, by its code, whose probability the leaves tell; `None` for regression. Where each of
    /// several classes has a tree, probabilities are theirs over the sum of all.
    pub class: Option<u32>,
    /// The root first, children after their parent.
    pub nodes: Vec<RuleNode>,
}

/// A question or an answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleNode {
    /// Share of the training rows that come by, whole weights counted, 0 to 1; `None` where the model
    /// does not tell.
    pub share: Option<f64>,
    /// What is said here.
    pub rule: Rule,
}

/// What a node says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The prediction: a number, or the probability of the class.
    Leaf(f64),
    /// Go to the node `yes` where the test holds, else to the node `no`.
    If {
        /// Name of the column that is looked at.
        column: String,
        /// What is asked of its value.
        test: Test,
        /// Whether a missing value passes.
        missing: bool,
        /// Index of a node.
        yes: usize,
        /// Index of a node.
        no: usize,
    },
}

/// What is asked of a value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// A number is at most so large.
    AtMost(f64),
    /// A level is one of the first; the second are the others, as far as they are known.
    OneOf(Vec<String>, Vec<String>),
}

impl Rules {
    /// Puts levels in the place of the numbers that steps have made of them.
    pub(crate) fn decode(&mut self, coded: &[Coded]) {
        for node in &mut self.nodes {
            let Rule::If { column, test, .. } = &mut node.rule else { continue };
            let Test::AtMost(most) = *test else { continue };
            let Some(coded) = coded.iter().find(|c| c.name == *column) else { continue };
            let (below, above): (Vec<_>, Vec<_>) = coded.levels.iter().partition(|l| l.1 <= most);
            let names =
                |levels: Vec<&(String, f64)>| levels.into_iter().map(|l| l.0.clone()).collect();
            column.clone_from(&coded.of);
            *test = Test::OneOf(names(below), names(above));
        }
    }
}

/// Nested, one line a question or answer, with shares in percent:
/// ```text
/// if age ≤ 30.5 (40.0 %)
///     if city is one of Bern, Rome or missing (25.0 %): 0.75
///     else (15.0 %): 0.5
/// else (60.0 %): 0.125
/// ```
impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nodes to write, last first: how deep, and what leads there.
        let mut stack = vec![(0, 0, String::new())];
        while let Some((at, depth, lead)) = stack.pop() {
            let Some(node) = self.nodes.get(at) else { continue };
            write!(f, "{:1$}{lead}", "", 4 * depth)?;
            if let Some(share) = node.share.filter(|_| !lead.is_empty()) {
                write!(f, " ({:.1} %)", 100.0 * share)?;
            }
            match &node.rule {
                Rule::Leaf(value) if lead.is_empty() => writeln!(f, "{value}")?,
                Rule::Leaf(value) => writeln!(f, ": {value}")?,
                Rule::If { column, test, missing, yes, no } => {
                    let depth = if lead.is_empty() {
                        depth
                    } else {
                        writeln!(f)?;
                        depth + 1
                    };
                    let or = if *missing { " or missing" } else { "" };
                    stack.push((*no, depth, "else".to_owned()));
                    stack.push((*yes, depth, format!("if {column} {test}{or}")));
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, levels) = match self {
            Self::AtMost(most) => return write!(f, "≤ {most}"),
            Self::OneOf(these, others) if (1..these.len()).contains(&others.len()) => {
                ("none", others)
            }
            Self::OneOf(these, _) => ("one", these),
        };
        let named = &levels[..levels.len().min(MOST_LEVELS)];
        write!(f, "is {what} of {}", named.join(", "))?;
        let more = levels.len() - named.len();
        if more > 0 { write!(f, " and {more} more") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(share: f64, rule: Rule) -> RuleNode {
        RuleNode { share: Some(share), rule }
    }

    fn question(column: &str, most: f64, missing: bool, yes: usize) -> Rule {
        let test = Test::AtMost(most);
        Rule::If { column: column.to_owned(), test, missing, yes, no: yes + 1 }
    }

    #[test]
    fn rules_are_written_nested_with_levels_by_name() {
        let mut rules = Rules {
            class: None,
            nodes: vec![
                node(1.0, question("age", 30.5, false, 1)),
                node(0.4, question("city", 1.0, true, 3)),
                node(0.6, Rule::Leaf(2.0)),
                node(0.3, Rule::Leaf(-1.5)),
                node(0.1, Rule::Leaf(4.0)),
            ],
        };
        let levels = [("Bern", 0.0), ("Oslo", 2.0), ("Rome", 1.0), ("Wien", 3.0)];
        let levels = levels.map(|(text, code)| (text.to_owned(), code)).into();
        rules.decode(&[Coded { name: "city".into(), of: "city".into(), levels }]);
        let expected = "\
if age ≤ 30.5 (40.0 %)
    if city is one of Bern, Rome or missing (30.0 %): -1.5
    else (10.0 %): 4
else (60.0 %): 2
";
        assert_eq!(rules.to_string(), expected);
        let leaf = Rules { class: None, nodes: vec![node(1.0, Rule::Leaf(0.5))] };
        assert_eq!(leaf.to_string(), "0.5\n");
    }

    #[test]
    fn the_shorter_list_of_levels_is_written() {
        let names = |n: std::ops::Range<u32>| n.map(|i| format!("l{i}")).collect::<Vec<_>>();
        let test = Test::OneOf(names(0..30), names(30..32));
        assert_eq!(test.to_string(), "is none of l30, l31");
        let test = Test::OneOf(names(0..10), names(10..40));
        assert_eq!(test.to_string(), "is one of l0, l1, l2, l3, l4, l5, l6, l7 and 2 more");
    }
}
