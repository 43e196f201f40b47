//! `ruska profile`: what a table holds and what is odd about it.

use super::report::{check_page, write_page};
use super::{reading, stamp, types};
use crate::args::{Names, Profile as Arguments};
use crate::commands::fit::finding_line;
use crate::output::{Say, file_name, short, table, value};
use crate::{Ending, Failure};
use ruska::{ColumnProfile, Kind, Profile, condense};
use ruska_ops::contract;
use serde_json::json;
use std::fmt::Write;
use std::path::Path;

/// Describes a table.
pub(crate) fn run(args: &Arguments, say: Say) -> Result<Ending, Failure> {
    if let Some(file) = &args.suggest_checks {
        return suggest(args, file, say);
    }
    check_page(&args.page)?;
    let data = ruska::read_table(&args.source, &reading(&args.reading)?)?;
    let profile = ruska::profile(&data, args.target.as_deref(), &types(&args.types)?)?;
    let written = write_page(&args.page, || ruska_report::profile(&profile, &args.source))?;
    say.result(&(text(&profile) + &written), &profile)?;
    Ok(Ending::Done)
}

/// Writes the contract that a table suggests.
fn suggest(args: &Arguments, file: &Path, say: Say) -> Result<Ending, Failure> {
    let data = ruska::read_table(&args.source, &reading(&args.reading)?)?;
    data.findings.iter().for_each(|finding| say.note(&finding_line(finding)));
    let sensitive = Names::all(&args.sensitive).into_iter().collect();
    let (types, now_ms) = (types(&args.types)?, stamp("").at_ms);
    let suggested = contract::suggest(&data, args.target.as_deref(), &types, &sensitive, now_ms)?;
    let toml = contract::toml(&suggested, file_name(&args.source));
    suggested.caveats.iter().for_each(|caveat| say.note(&format!("! {caveat}")));
    if file == Path::new("-") {
        say.result(&toml, &suggested.contract)?;
        return Ok(Ending::Done);
    }
    ruska::write_atomically(file, toml.as_bytes())
        .map_err(|e| format!("{}: cannot be written: {e}", file.display()))?;
    let text = format!(
        "what {} of {} columns hold is in {}; look it over, then: ruska check DATA --contract {}\n",
        file_name(&args.source),
        suggested.order.len(),
        file.display(),
        ruska::notation::shell_word(&file.display().to_string())
    );
    say.result(&text, &json!({"contract": file, "columns": suggested.order.len()}))?;
    Ok(Ending::Done)
}

fn text(profile: &Profile) -> String {
    let mut shown = table(&["column", "type", "missing", "distinct", "values"]);
    for column in &profile.columns {
        let share = 100.0 * column.missing as f64 / profile.rows.max(1) as f64;
        let missing = match column.missing {
            0 => String::new(),
            _ if share < 0.1 => "< 0.1 %".to_owned(),
            _ => format!("{share:.1} %"),
        };
        let name = short(&column.name, 32);
        let name = if column.target { format!("{name} (target)") } else { name };
        let kind = column.kind.name().to_owned();
        shown.add_row([name, kind, missing, column.distinct.to_string(), values(column)]);
    }
    let mut text = format!("{} rows × {} columns\n{shown}\n", profile.rows, profile.columns.len());
    for finding in condense(profile.findings.clone()) {
        let _ = writeln!(text, "{}", finding_line(&finding));
    }
    text
}

/// The distribution in one cell.
fn values(column: &ColumnProfile) -> String {
    if let Some(why) = &column.why {
        return short(why, 46);
    }
    if let (Kind::Boolean, Some(n)) = (column.kind, &column.numbers) {
        return format!("yes in {} %", value(100.0 * n.mean));
    }
    if let Some(n) = &column.numbers {
        let range = format!("{} … {}", value(n.min), value(n.max));
        return format!("{range}, median {}, mean {}", value(n.median), value(n.mean));
    }
    if let Some(t) = &column.times {
        let day = |time: &str| time.strip_suffix("T00:00:00").unwrap_or(time).to_owned();
        return format!("{} … {}", day(&t.first), day(&t.last));
    }
    let total: usize = column.top.iter().map(|c| c.count).sum();
    let top = column.top.iter().take(3).map(|c| format!("{} ({})", short(&c.level, 18), c.count));
    let shown = top.collect::<Vec<_>>().join(", ");
    if column.distinct > 3 && total > 0 { format!("{shown}, …") } else { shown }
}
