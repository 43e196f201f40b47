//! Tells the dialect of a text table from its beginning: delimiter, quotes, header, decimal mark.

use crate::cell::{Cell, classify};
use crate::csv::records::{Dialect, Record, Scan, scan};
use crate::read::ReadOptions;

/// Bytes on which delimiters are compared.
const SHORT: usize = 1 << 16;
/// In the order of preference among equals: commas are the likeliest to stand within text.
const DELIMITERS: [u8; 4] = [b'\t', b';', b'|', b','];

/// What the beginning of a file tells.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sniffed {
    /// How to split.
    pub(crate) dialect: Dialect,
    /// Whether the first record holds names.
    pub(crate) header: bool,
    /// Whether the decimal mark is a comma.
    pub(crate) comma: bool,
    /// Per column: some cell of the sample is text, so the column is.
    pub(crate) text: Vec<bool>,
}

/// Looks at a sample; `whole` is whether it is the whole file, `tabs` whether its name says .tsv.
pub(crate) fn sniff(sample: &[u8], whole: bool, tabs: bool, options: &ReadOptions) -> Sniffed {
    let short = if sample.len() > SHORT { &sample[..SHORT] } else { sample };
    let dialect = dialect(short, whole && short.len() == sample.len(), tabs, options);
    let comma = options
        .decimal_comma
        .unwrap_or_else(|| dialect.delimiter != b',' && decimal_comma(sample, whole, dialect));
    let (columns, rows) = columns(sample, whole, dialect, comma);
    let header = options.header.unwrap_or_else(|| header(&columns, rows));
    let text = columns.iter().map(|c| c.texts > 0 || (!header && c.first_is_text())).collect();
    Sniffed { dialect, header, comma, text }
}

/// Calls `each` on every complete record of the sample; `false` if a quote stays open.
fn for_each(
    sample: &[u8],
    whole: bool,
    dialect: Dialect,
    mut each: impl FnMut(Record<'_>),
) -> bool {
    let mut spans = Vec::new();
    let mut from = 0;
    loop {
        match scan(sample, from, whole, dialect, &mut spans) {
            Scan::Record { next, .. } => {
                each(Record::new(sample, &spans, dialect));
                from = next;
            }
            Scan::OpenQuote { .. } => return false,
            Scan::Incomplete | Scan::End => return true,
        }
    }
}

/// Share of records with as many fields as most, and that number; `None` when the first record
/// is not split at all.
fn evenness(sample: &[u8], whole: bool, dialect: Dialect) -> Option<(f64, usize)> {
    let mut lengths: Vec<usize> = Vec::new();
    let closed = for_each(sample, whole, dialect, |r| lengths.push(r.len()));
    if *lengths.first()? < 2 {
        return None;
    }
    let records = lengths.len() + usize::from(!closed);
    lengths.sort_unstable();
    let most = lengths.chunk_by(|a, b| a == b).max_by_key(|run| run.len())?;
    (most[0] > 1).then(|| (most.len() as f64 / records as f64, most[0]))
}

fn dialect(sample: &[u8], whole: bool, tabs: bool, options: &ReadOptions) -> Dialect {
    let has_quotes = sample.contains(&b'"');
    let promised = tabs && sample.split(|b| *b == b'\n').next().is_some_and(|l| l.contains(&b'\t'));
    let delimiters: &[u8] = match &options.delimiter {
        Some(given) => std::slice::from_ref(given),
        None if promised => b"\t",
        None => &DELIMITERS,
    };
    let mut best: Option<(f64, Dialect)> = None;
    for &delimiter in delimiters {
        let skip_space = delimiter_has_space(sample, delimiter);
        let bare = Dialect { delimiter, quote: None, skip_space };
        let stray = has_quotes && stray_quotes(sample, whole, bare);
        for quote in [Some(b'"'), None].into_iter().take(1 + usize::from(stray)) {
            let dialect = Dialect { quote, ..bare };
            if let Some((share, _)) = evenness(sample, whole, dialect)
                && best.is_none_or(|(most, _)| share > most)
            {
                best = Some((share, dialect));
            }
        }
    }
    let Some((share, mut dialect)) = best else {
        return single_column(sample, whole, options.delimiter);
    };
    if !has_quotes && single_quoted(sample, whole, dialect) {
        let quoted = Dialect { quote: Some(b'\''), ..dialect };
        if evenness(sample, whole, quoted).is_some_and(|(s, _)| s >= share) {
            dialect = quoted;
        }
    }
    dialect
}

/// Whether a blank follows every delimiter below the first line (or in the only line).
fn delimiter_has_space(sample: &[u8], delimiter: u8) -> bool {
    let body = match sample.iter().position(|b| *b == b'\n') {
        Some(end) if end + 1 < sample.len() => &sample[end + 1..],
        _ => sample,
    };
    let mut pairs = body.windows(2).filter(|pair| pair[0] == delimiter).peekable();
    pairs.peek().is_some() && pairs.all(|pair| pair[1] == b' ')
}

/// One column: any delimiter does, except that decimal commas must not be split.
fn single_column(sample: &[u8], whole: bool, given: Option<u8>) -> Dialect {
    let dialect = |delimiter| Dialect { delimiter, quote: Some(b'"'), skip_space: false };
    let semicolon = dialect(given.unwrap_or(b';'));
    let (columns, _) = columns(sample, whole, semicolon, true);
    match columns.as_slice() {
        [only] if only.numbers > 0 && only.texts == 0 => semicolon,
        _ => dialect(given.unwrap_or(b',')),
    }
}

/// Whether most fields that begin with `"` do not end with it, so that it is a mere character.
fn stray_quotes(sample: &[u8], whole: bool, bare: Dialect) -> bool {
    let (mut opened, mut closed) = (0, 0);
    for_each(sample, whole, bare, |r| {
        for field in (0..r.len()).map(|i| r.field(i)).filter(|f| f.starts_with(b"\"")) {
            opened += 1;
            closed += usize::from(field.len() > 1 && field.ends_with(b"\""));
        }
    });
    closed * 2 < opened
}

/// Whether most records have a field within `'`.
fn single_quoted(sample: &[u8], whole: bool, dialect: Dialect) -> bool {
    let (mut records, mut with) = (0, 0);
    for_each(sample, whole, Dialect { quote: None, ..dialect }, |r| {
        records += 1;
        let quoted = |f: &[u8]| f.len() > 1 && f.starts_with(b"'") && f.ends_with(b"'");
        with += usize::from((0..r.len()).any(|i| quoted(&r.field(i))));
    });
    with * 2 > records
}

/// Whether more cells prove a decimal comma than have a decimal point.
fn decimal_comma(sample: &[u8], whole: bool, dialect: Dialect) -> bool {
    let (mut commas, mut points) = (0, 0);
    for_each(sample, whole, dialect, |r| {
        for i in 0..r.len() {
            let field = r.field(i);
            commas += usize::from(proves_comma(field.trim_ascii()));
            points += usize::from(
                field.contains(&b'.') && matches!(classify(&field, false), Cell::Float(_)),
            );
        }
    });
    commas > points
}

/// A number with a comma that cannot be one between thousands: `1,5` and `0,125`, not `1,234`.
fn proves_comma(text: &[u8]) -> bool {
    let Some(comma) = text.iter().position(|b| *b == b',') else { return false };
    let whole = text[..comma].strip_prefix(b"-").unwrap_or(&text[..comma]);
    let thousands = text.len() - comma == 4 && (1..=3).contains(&whole.len()) && whole != b"0";
    !thousands && matches!(classify(text, true), Cell::Float(_))
}

/// What the sample shows of a column.
struct Seen {
    first: Vec<u8>,
    first_cell: Cell,
    /// Cells below the first that are numbers.
    numbers: usize,
    /// Cells below the first that are text.
    texts: usize,
    /// Whether the first cell occurs again below.
    again: bool,
    /// Whether every number below could be a year.
    years: bool,
}

impl Seen {
    fn first_is_text(&self) -> bool {
        self.first_cell == Cell::Text
    }
}

fn year(cell: Cell) -> bool {
    matches!(cell, Cell::Int(1900..=2100))
}

/// Looks at every record as long as the first; gives the columns and the number of records.
fn columns(sample: &[u8], whole: bool, dialect: Dialect, comma: bool) -> (Vec<Seen>, usize) {
    let mut columns: Vec<Seen> = Vec::new();
    let mut rows = 0;
    for_each(sample, whole, dialect, |r| {
        rows += 1;
        if rows == 1 {
            columns = (0..r.len())
                .map(|i| {
                    let first = r.field(i).trim_ascii().to_vec();
                    let first_cell = classify(&first, comma);
                    Seen { first, first_cell, numbers: 0, texts: 0, again: false, years: true }
                })
                .collect();
        } else if r.len() == columns.len() {
            for (i, seen) in columns.iter_mut().enumerate() {
                let field = r.field(i);
                let cell = classify(&field, comma);
                seen.again |= !seen.first.is_empty() && field.trim_ascii() == seen.first;
                match cell {
                    Cell::Text => seen.texts += 1,
                    Cell::Int(_) | Cell::Float(_) | Cell::Odd(_) => {
                        seen.numbers += 1;
                        seen.years &= year(cell);
                    }
                    Cell::Missing | Cell::Infinite => {}
                }
            }
        }
    });
    (columns, rows)
}

/// Whether the first record holds names. Text above numbers says yes, a number above numbers says
/// no (years above other numbers say nothing); in a table of text, a first row of which at least
/// half occurs again in its column says no.
fn header(columns: &[Seen], rows: usize) -> bool {
    let number = |c: &Seen| matches!(c.first_cell, Cell::Int(_) | Cell::Float(_) | Cell::Odd(_));
    if rows == 1 {
        return !columns.iter().any(number);
    }
    let numeric = |c: &&Seen| c.numbers > 0 && c.texts == 0;
    let yes = columns.iter().filter(numeric).filter(|c| c.first_is_text()).count();
    let no = columns
        .iter()
        .filter(numeric)
        .filter(|c| number(c) && (c.years || !year(c.first_cell)))
        .count();
    let again = columns.iter().filter(|c| c.texts > 0 && c.again).count();
    match (yes, no) {
        (0, 0) => again * 2 < columns.len().max(1) || again == 0,
        _ => yes >= no,
    }
}
