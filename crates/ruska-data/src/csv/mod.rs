//! Delimited text: opening a file, reading whole tables.

pub(crate) mod decode;
pub(crate) mod records;
pub(crate) mod sniff;

use crate::builder::{Builder, Built};
use crate::dictionary;
use crate::read::{ReadOptions, Table, infinite, reading};
use crate::source::Input;
use crate::{ReadError, names};
use records::{Record, Records};
use ruska_core::{Finding, FindingCode, Severity};
use std::path::Path;
use std::path::PathBuf;

/// A text file at a record, of which every one has as many fields as there are columns.
pub(crate) struct CsvFile {
    records: Records,
    path: PathBuf,
    /// Usable names of the columns.
    pub(crate) names: Vec<String>,
    /// Whether the names stand in the file.
    pub(crate) header: bool,
    /// Whether the decimal mark is a comma.
    pub(crate) comma: bool,
    /// Per column: surely text.
    text: Vec<bool>,
    findings: Vec<Finding>,
    /// The current record has not been given out yet.
    held: bool,
}

impl CsvFile {
    /// Opens a file and reads its header. A first record with all names `expected` is a header
    /// whatever it looks like.
    pub(crate) fn open(
        input: &Input,
        options: &ReadOptions,
        expected: &[&str],
    ) -> Result<Self, ReadError> {
        let text = decode::open(input)?;
        let sniffed = sniff::sniff(&text.sample, text.whole, input.tabs(), options);
        let path = input.path.clone();
        let mut records = Records::new(path.clone(), text.sample, text.rest, sniffed.dialect);
        if !records.advance()? {
            return Err(ReadError::EmptyFile { path });
        }
        let first = records.record();
        let cells: Vec<String> =
            (0..first.len()).map(|i| dictionary::decode(&first.field(i)).into_owned()).collect();
        let named = |name: &&str| cells.iter().any(|c| c.trim_ascii() == *name);
        let all_named = !expected.is_empty() && expected.iter().all(named);
        let header = options.header.unwrap_or(sniffed.header || all_named);
        let (names, findings) = if header {
            names::tidy(cells)
        } else {
            let names = (1..=cells.len()).map(names::numbered).collect();
            let what = "the first row holds values, so the columns are called c1, c2, …";
            let advice = "if it holds names, say so with `--header yes`";
            (names, vec![reading(Severity::Info, None, 1, what.to_owned(), advice)])
        };
        let (comma, text) = (sniffed.comma, sniffed.text);
        Ok(Self { records, path, names, header, comma, text, findings, held: !header })
    }

    /// Goes to the next row; `false` at the end.
    pub(crate) fn advance(&mut self) -> Result<bool, ReadError> {
        if std::mem::take(&mut self.held) {
            return Ok(true);
        }
        while self.records.advance()? {
            let record = self.records.record();
            let (expected, got) = (self.names.len(), record.len());
            if got == expected {
                return Ok(true);
            }
            let blank = got == 1 && record.field(0).trim_ascii().is_empty();
            if !blank {
                let (path, line) = (self.path.clone(), self.line());
                return Err(ReadError::Ragged { path, line, expected, got });
            }
        }
        Ok(false)
    }

    /// The current row.
    pub(crate) fn record(&self) -> Record<'_> {
        self.records.record()
    }

    /// Line on which the current row starts, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.records.line()
    }
}

/// Reads files that are parts of one table.
pub(crate) fn read(inputs: &[Input], options: &ReadOptions) -> Result<Table, ReadError> {
    let mut reading = Pass::default();
    let mut findings = Vec::new();
    for input in inputs {
        let (file, order) = reading.open(input, inputs, options)?;
        if reading.builders.is_empty() {
            findings.extend_from_slice(&file.findings);
            let new = |text: &bool| if *text { Builder::text() } else { Builder::new(file.comma) };
            let builders = file.text.iter().map(new);
            reading.builders = builders.enumerate().collect();
        }
        reading.rows(file, &order)?;
    }
    if reading.count == 0 {
        return Err(ReadError::NoRows { path: inputs[0].path.clone() });
    }
    let Pass { names, header, builders, count } = reading;
    let mut built: Vec<Option<Built>> = builders.into_iter().map(|(_, b)| b.finish()).collect();
    let again: Vec<usize> = (0..built.len()).filter(|i| built[*i].is_none()).collect();
    if !again.is_empty() {
        let builders = again.iter().map(|i| (*i, Builder::text())).collect();
        let mut second = Pass { names, header, builders, count: 0 };
        for input in inputs {
            let (file, order) = second.open(input, inputs, options)?;
            second.rows(file, &order)?;
        }
        if second.count != count {
            return Err(ReadError::Changed { path: inputs[0].path.clone() });
        }
        for (i, builder) in second.builders {
            built[i] = builder.finish();
        }
        return Ok(finish(second.names, built, findings));
    }
    Ok(finish(names, built, findings))
}

/// One pass over the files.
#[derive(Default)]
struct Pass {
    /// Names of the first file.
    names: Vec<String>,
    /// Whether the first file has a header; the others must be like it.
    header: Option<bool>,
    /// Columns to fill with their places in the first file.
    builders: Vec<(usize, Builder)>,
    count: usize,
}

impl Pass {
    /// Opens a file; gives also, per column of the first file, its place in this one.
    fn open(
        &mut self,
        input: &Input,
        inputs: &[Input],
        options: &ReadOptions,
    ) -> Result<(CsvFile, Vec<usize>), ReadError> {
        let options = ReadOptions { header: self.header.or(options.header), ..options.clone() };
        let file = CsvFile::open(input, &options, &[])?;
        if self.header.is_none() {
            self.header = Some(file.header);
            self.names.clone_from(&file.names);
        }
        let order = order(&self.names, &file.names, &inputs[0].path, &input.path)?;
        Ok((file, order))
    }

    fn rows(&mut self, mut file: CsvFile, order: &[usize]) -> Result<(), ReadError> {
        self.builders.iter_mut().for_each(|(_, b)| b.set_comma(file.comma));
        while file.advance()? {
            let record = file.record();
            for (i, builder) in &mut self.builders {
                builder.push(&record.field(order[*i]));
            }
            self.count += 1;
        }
        Ok(())
    }
}

/// Per name of the first file its place in another one; both must have the same names.
pub(crate) fn order(
    first: &[String],
    second: &[String],
    first_path: &Path,
    second_path: &Path,
) -> Result<Vec<usize>, ReadError> {
    let differ = |column: &String| ReadError::Columns {
        first: first_path.into(),
        second: second_path.into(),
        column: column.clone(),
    };
    if first == second {
        return Ok((0..first.len()).collect());
    }
    if let Some(extra) = second.iter().find(|n| !first.contains(n)) {
        return Err(differ(extra));
    }
    let place = |n: &String| second.iter().position(|s| s == n).ok_or_else(|| differ(n));
    first.iter().map(place).collect()
}

fn finish(names: Vec<String>, built: Vec<Option<Built>>, mut findings: Vec<Finding>) -> Table {
    let (mut columns, mut infinities) = (Vec::with_capacity(names.len()), vec![]);
    for (name, built) in names.into_iter().zip(built) {
        let built = built.expect("a column read as text always finishes");
        if built.infinite > 0 {
            infinities.push((name.clone(), built.infinite));
        }
        if built.recoded > 0 {
            let n = built.recoded;
            let what =
                format!("column `{name}`: {n} texts are not UTF-8; they are read as Windows-1252");
            let advice = "save the file as UTF-8 if letters look wrong";
            let count = built.recoded;
            findings.push(reading(Severity::Info, Some(&name), count, what, advice));
        }
        if built.padded > 0 {
            let (code, n) = (FindingCode::LevelVariants, built.padded);
            let what = format!(
                "column `{name}`: {n} numbers have blanks around them; they are read without"
            );
            let advice = "nothing to do; write them alike where programs read them as text";
            findings
                .push(Finding { code, ..reading(Severity::Info, Some(&name), n, what, advice) });
        }
        columns.push((name, built.column));
    }
    findings.extend(infinite(&infinities));
    Table { columns, findings }
}
