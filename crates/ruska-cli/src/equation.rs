//! Equations in one line.

use crate::output::{clean, short, value};
use ruska::{Equation, Link, Term};
use std::fmt::Write;

/// Terms that are written out.
const SHOWN: usize = 8;

/// The equation of a model of a target with these classes, the terms that matter most first; `None`
/// where there is one for each of several classes.
pub(crate) fn line(equation: &Equation, target: &str, classes: &[String]) -> Option<String> {
    let [intercept] = equation.intercepts[..] else { return None };
    let target = clean(&short(target, 40));
    let predicted = match (equation.link, &equation.classes[..]) {
        (Link::Identity, _) => target,
        (Link::Log, _) => format!("ln({target})"),
        (Link::Logit, [class]) => {
            let class = classes.get(*class as usize)?;
            format!("log-odds of {target}={}", clean(&short(class, 40)))
        }
        _ => return None,
    };
    let mut text = format!("{predicted} = {}", value(intercept));
    let terms = equation.by_size();
    for Term { column, coefficients, .. } in terms.iter().take(SHOWN) {
        let coefficient = coefficients.first()?;
        let sign = if *coefficient < 0.0 { '−' } else { '+' };
        let column = clean(&short(column, 40));
        let _ = write!(text, " {sign} {}·{column}", value(coefficient.abs()));
    }
    match terms.len().saturating_sub(SHOWN) {
        0 => {}
        1 => text.push_str(" + one more term"),
        more => {
            let _ = write!(text, " + {more} more terms");
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_greatest_terms_are_written_with_their_signs() {
        let term = |column: &str, c: f64, size| Term {
            column: column.to_owned(),
            coefficients: vec![c],
            size,
        };
        let mut equation = Equation {
            link: Link::Identity,
            classes: vec![],
            intercepts: vec![1.0],
            terms: vec![term("a", -0.5, 1.0), term("b", 2.0, 3.0), term("c", 0.0, 0.0)],
        };
        assert_eq!(line(&equation, "y", &[]).unwrap(), "y = 1 + 2·b − 0.5·a");
        equation.terms.extend((0..8).map(|i| term(&format!("d{i}"), 1.0, 0.1)));
        assert!(line(&equation, "y", &[]).unwrap().ends_with("1·d5 + 2 more terms"));
    }
}
