//! `ruska report`: a study as a page to look at.

use crate::args::{PageFiles, Report};
use crate::output::{Say, clean, counted, short, size, wrapped};
use crate::{Ending, Failure, Usage};
use ruska::{Store, Story, StoryOptions};
use ruska_report::Page;
use serde_json::json;
use std::fmt::Write;

/// Tells a study.
pub(crate) fn run(args: &Report, say: Say) -> Result<Ending, Failure> {
    check_page(&args.page)?;
    let store = Store::open_existing(&args.place.store)?;
    let asked = StoryOptions {
        data: args.table.clone(),
        future: args.future.clone(),
        profit: args.profit.clone(),
    };
    let story = Story::of(&store, args.study.as_deref(), &asked)?;
    let page = ruska_report::report(&story);
    let text = answers(&page);
    let document = say.json.then(|| document(&page));
    let written = write_page(&args.page, || page)?;
    say.result(&(text + &written), &document)?;
    Ok(Ending::Done)
}

/// The answers, in lines.
fn answers(page: &Page) -> String {
    let mut text = wrapped(&page.title, "  ") + &wrapped(&page.subtitle, "  ");
    for answer in &page.answers {
        text.push('\n');
        text += &wrapped(&format!("{} {}", answer.question, answer.short), "  ");
        for line in &answer.more {
            text += &wrapped(&format!("  {line}"), "    ");
        }
    }
    text
}

/// Answers and tables.
fn document(page: &Page) -> serde_json::Value {
    let answers: Vec<_> = page
        .answers
        .iter()
        .map(|a| json!({"question": a.question, "short": a.short, "more": a.more}))
        .collect();
    let table = |t: &ruska_report::Table| {
        let rows: serde_json::Value = serde_json::from_str(&t.json()).unwrap_or_default();
        (t.id.clone(), json!({"caption": t.caption, "rows": rows}))
    };
    let tables: serde_json::Map<_, _> = page.tables().map(table).collect();
    json!({"title": page.title, "subtitle": page.subtitle, "answers": answers, "tables": tables})
}

/// Refuses, before any work is done, a place that a page cannot be written to.
pub(crate) fn check_page(files: &PageFiles) -> Result<(), Failure> {
    let Some(html) = &files.html else { return Ok(()) };
    let named = html
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("html") || e.eq_ignore_ascii_case("htm"));
    if !named {
        let what = format!("--html names a file that ends in .html, got `{}`", html.display());
        return Err(Usage(what).into());
    }
    if std::fs::metadata(html).is_ok_and(|there| !there.is_file()) {
        let what = "is there already and is no ordinary file; choose another place";
        return Err(format!("--html {} {what}", html.display()).into());
    }
    let parent = html.parent().filter(|p| !p.as_os_str().is_empty());
    if let Some(folder) = parent.filter(|folder| !folder.is_dir()) {
        let (html, folder) = (html.display(), folder.display());
        return Err(format!("--html {html}: there is no folder {folder}; make it first").into());
    }
    if let Some(folder) = &files.data
        && std::fs::metadata(folder).is_ok_and(|there| !there.is_dir())
    {
        let what = "is there already and is no folder; choose another place";
        return Err(format!("--data {} {what}", folder.display()).into());
    }
    Ok(())
}

/// Writes a page and its tables where that is asked for, and says so.
pub(crate) fn write_page(
    files: &PageFiles,
    page: impl FnOnce() -> Page,
) -> Result<String, Failure> {
    let Some(html) = &files.html else { return Ok(String::new()) };
    let page = page();
    let failed = |e| format!("--html {} cannot be written: {e}", html.display());
    page.save(html).map_err(failed)?;
    let bytes = std::fs::metadata(html).map_or(0, |m| m.len());
    let mut text = format!(
        "\nthe page is in {} · {}\n",
        short(&clean(&html.display().to_string()), 70),
        size(bytes)
    );
    if let Some(folder) = &files.data {
        let failed = |e| format!("--data {} cannot be written: {e}", folder.display());
        let names = page.save_tables(folder).map_err(failed)?;
        let folder = short(&clean(&folder.display().to_string()), 60);
        let _ = writeln!(text, "{} as CSV and JSON in {folder}", counted(names.len(), "table"));
    }
    Ok(text)
}
