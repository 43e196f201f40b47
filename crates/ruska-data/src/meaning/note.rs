//! One way to write a finding.

use ruska_core::{Finding, FindingCode, Severity};

/// Columns told one by one.
const MOST: usize = 3;
/// Rows from which a value is taken not to point at a person.
const OF_SEVERAL: usize = 5;
/// Longest example.
const LONGEST: usize = 40;

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

/// `3.1 %`; less than a tenth of a percent is told as such.
pub(crate) fn percent(part: usize, whole: usize) -> String {
    let share = 100.0 * part as f64 / whole.max(1) as f64;
    if part > 0 && share < 0.1 { "< 0.1 %".to_owned() } else { format!("{share:.1} %") }
}

/// A value as an example: as it is when several rows have it, else masked, and cut.
pub fn shown(text: &str, rows: usize) -> String {
    if rows < OF_SEVERAL { masked(text) } else { cut(text) }
}

/// The shape of a value: letters become `a` or `A`, digits `9`.
pub fn masked(text: &str) -> String {
    let mask = |c: char| match c {
        c if c.is_numeric() => '9',
        c if c.is_uppercase() => 'A',
        c if c.is_alphabetic() => 'a',
        c => c,
    };
    cut(&text.chars().map(mask).collect::<String>())
}

/// A text of at most 40 characters.
pub(crate) fn cut(text: &str) -> String {
    let mut rest = text.chars();
    let mut out: String = rest.by_ref().take(LONGEST).collect();
    if rest.next().is_some() {
        out.push('…');
    }
    out
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
        FindingCode::AfterPrediction => "are known only after the prediction and are not used",
        FindingCode::SuspectedLeak => "each tell the target almost perfectly",
        FindingCode::HighCardinality => "have very many levels",
        FindingCode::ManyMissing => "have no value in most rows",
        FindingCode::NearConstantColumn => "have one value in nearly all rows",
        FindingCode::NearDuplicateColumns => "are an earlier column on another scale",
        FindingCode::DisguisedMissing => "hold values that may stand for a missing one",
        FindingCode::MixedUnits => "hold numbers in several units",
        FindingCode::MixedTypes => "are nearly all numbers, but not quite, and read as text",
        FindingCode::Outliers => "hold a few values far beyond all others",
        FindingCode::LevelVariants => "write a level in several ways",
        FindingCode::BrokenEncoding => "hold broken letters",
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
