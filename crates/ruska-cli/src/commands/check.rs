//! `ruska check`: whether a table keeps a data contract.

use super::fit::finding_line;
use super::{reading, stamp};
use crate::args::CheckData;
use crate::output::{Say, clean, counted, file_name, keep_whole, short, table};
use crate::{Ending, Failure, Usage};
use ruska_ops::contract::{self, Breach, Contract, ContractVerdict};
use serde_json::json;

/// Most things told in the table.
const MOST: usize = 60;
/// Longest name of a file.
const NAME: usize = 40;

/// Checks a table and says no where it breaks the contract.
pub(crate) fn run(args: &CheckData, say: Say) -> Result<Ending, Failure> {
    if args.schema {
        let schema = contract::schema();
        say.result(&(serde_json::to_string_pretty(&schema)? + "\n"), &schema)?;
        return Ok(Ending::Done);
    }
    let (Some(file), Some(source)) = (&args.contract, &args.source) else {
        return Err(Usage("name DATA and --contract FILE.toml".into()).into());
    };
    let contract = Contract::load(file)?;
    let options = reading(&args.reading)?;
    let mut verdict = match ruska::read_table(source, &options).map_err(ruska::Error::from) {
        Ok(data) => {
            data.findings.iter().for_each(|finding| say.note(&finding_line(finding)));
            contract::check(&data, contract.spec(), stamp("").at_ms)?
        }
        Err(error) => match contract::without_rows(&error, contract.spec()) {
            Some(verdict) => verdict,
            None => return Err(error.into()),
        },
    };
    verdict.locate(source, &options);
    let document = json!({
        "data": source,
        "contract": contract.file(),
        "digest": contract.digest(),
        "holds": verdict.holds(),
        "verdict": verdict,
    });
    say.result(&text(&verdict, source, contract.file()), &document)?;
    Ok(if verdict.holds() { Ending::Done } else { Ending::SaidNo })
}

fn text(verdict: &ContractVerdict, source: &str, contract: &str) -> String {
    let ContractVerdict { rows, columns, checks, breaches } = verdict;
    let data = if source == "-" { "standard input" } else { file_name(source) };
    let (data, contract) = (short(data, NAME), clean(contract));
    if verdict.holds() {
        return format!(
            "{data} keeps {contract}: {} on {} × {}\n",
            counted(*checks as u64, "check"),
            counted(*rows as u64, "row"),
            counted(*columns as u64, "column")
        );
    }
    let broken = if breaches.len() == 1 { "1 thing is" } else { "things are" };
    let count = if breaches.len() == 1 { String::new() } else { format!("{} ", breaches.len()) };
    format!(
        "{data} breaks {contract}: {count}{broken} not as expected\n{}",
        self::breaches(verdict)
    )
}

/// What is broken, as a table.
pub(crate) fn breaches(verdict: &ContractVerdict) -> String {
    let mut shown = table(&["column", "check", "what", "rows", "where"]);
    for breach in verdict.breaches.iter().take(MOST) {
        let count = if breach.count == 0 { String::new() } else { breach.count.to_string() };
        shown.add_row([
            short(breach.column.as_deref().unwrap_or("(table)"), 24),
            breach.check.name().replace('_', " "),
            short(&breach.what, 160),
            count,
            places(breach),
        ]);
    }
    keep_whole(&mut shown, [3]);
    match verdict.breaches.len().saturating_sub(MOST) {
        0 => format!("{shown}\n"),
        more => format!("{shown}\n… and {more} more; --json tells all\n"),
    }
}

/// The first lines of a breach: `lines 4, 17, …`.
fn places(breach: &Breach) -> String {
    let rest = if breach.count > breach.rows.len() { ", …" } else { "" };
    let joined = |numbers: Vec<String>| numbers.join(", ");
    if breach.rows.is_empty() {
        return String::new();
    }
    if breach.places.is_empty() {
        let rows = breach.rows.iter().map(usize::to_string).collect();
        return format!("row {}{rest}", joined(rows));
    }
    // `new.csv, line 3` and `new.csv, line 9` are told as `new.csv, line 3, 9`.
    let mut parts: Vec<String> = vec![];
    let mut last = None;
    for place in &breach.places {
        let (before, number) = place.rsplit_once(' ').unwrap_or(("", place));
        match (parts.last_mut(), place.rsplit_once(", ")) {
            (Some(part), _) if last == Some(before) => part.extend([", ", number]),
            (_, Some((file, at))) => parts.push(format!("{}, {at}", short(file, NAME))),
            (_, None) => parts.push(place.clone()),
        }
        last = Some(before);
    }
    format!("{}{rest}", parts.join("; "))
}
