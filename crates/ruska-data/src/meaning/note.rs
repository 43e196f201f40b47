//! One way to write a finding.

use ruska_core::{Finding, FindingCode, Severity};

/// Columns told one by one.
const MOST: usize = 3;

/// A finding about a column (or the table), without examples.
pub(crate) fn note(
    code: FindingCode,
    severity: Severity,
    column: Option<&str>,
    count: usize,
    what: String,
    advice: String,
) -> Finding {
    let column = column.map(str::to_owned);
    Finding { code, severity, column, count, what, advice, examples: vec![] }
}

/// A column name as a word of the shell within a list option.
pub(crate) fn word(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-/+@%:".contains(c);
    if !name.is_empty() && name.chars().all(plain) {
        return name.to_owned();
    }
    let quoted = if name.trim() != name || name.contains([',', '"']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    };
    format!("'{}'", quoted.replace('\'', "'\\''"))
}

/// `1 row`, `2 rows`.
pub(crate) fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// Findings for display: where more than three columns share a code, one finding names them all.
/// The joint finding has no column, counts columns and gives the first names as examples.
pub fn condense(findings: Vec<Finding>) -> Vec<Finding> {
    let many = |code: FindingCode| {
        findings.iter().filter(|f| f.code == code && f.column.is_some()).count() > MOST
    };
    let mut out: Vec<Finding> = vec![];
    for finding in &findings {
        let Some(column) = finding.column.clone().filter(|_| many(finding.code)) else {
            out.push(finding.clone());
            continue;
        };
        let Some(phrase) = joint(finding.code) else {
            out.push(finding.clone());
            continue;
        };
        match out.iter_mut().find(|f| f.code == finding.code && f.column.is_none()) {
            Some(all) => {
                all.count += 1;
                all.severity = all.severity.max(finding.severity);
                if all.examples.len() < MOST {
                    all.examples.push(column);
                }
                let named: Vec<String> = all.examples.iter().map(|c| format!("`{c}`")).collect();
                all.what = format!("{} columns {phrase}: {}, …", all.count, named.join(", "));
            }
            None => {
                out.push(Finding {
                    column: None,
                    count: 1,
                    examples: vec![column],
                    ..finding.clone()
                });
            }
        }
    }
    out
}

/// What several columns of a finding share; `None` where each is told on its own.
fn joint(code: FindingCode) -> Option<&'static str> {
    Some(match code {
        FindingCode::ConstantColumn => "have the same value in every row and are not used",
        FindingCode::AllMissing => "have no value in any row and are not used",
        FindingCode::Identifier => "identify rows and are not used",
        FindingCode::DuplicateColumns => "equal an earlier column and are not used",
        FindingCode::TargetCopy => "repeat the target and are not used",
        FindingCode::SuspectedLeak => "each tell the target almost perfectly",
        FindingCode::HighCardinality => "have very many levels",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_words() {
        assert_eq!(word("tenure_2"), "tenure_2");
        assert_eq!(word("Größe (m²)"), "'Größe (m²)'");
        assert_eq!(word("a,b"), "'\"a,b\"'");
        assert_eq!(word("it's 6\""), "'\"it'\\''s 6\"\"\"'");
    }

    #[test]
    fn many_columns_become_one_finding() {
        let about = |name: &str| {
            let (code, severity) = (FindingCode::ConstantColumn, Severity::Info);
            note(code, severity, Some(name), 9, format!("{name} is constant"), String::new())
        };
        let three: Vec<Finding> = ["a", "b", "c"].map(about).to_vec();
        assert_eq!(condense(three.clone()), three);
        let five: Vec<Finding> = ["a", "b", "c", "d", "e"].map(about).to_vec();
        let one = condense(five);
        assert_eq!((one.len(), one[0].count, one[0].column.as_deref()), (1, 5, None));
        let what = "5 columns have the same value in every row and are not used: `a`, `b`, `c`, …";
        assert_eq!(one[0].what, what);
    }
}
