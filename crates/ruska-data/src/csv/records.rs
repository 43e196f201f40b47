//! Splits text into records and fields as RFC 4180 has it, and knows the line of each record.
//!
//! Fields are slices of the buffer, copied only where quotes must be undone. The `csv` crate
//! splits the same way (a test compares them) but its line numbers miss blank lines and `\r`.

use crate::ReadError;
use crate::csv::decode::broken;
use std::borrow::Cow;
use std::io::Read;
use std::path::PathBuf;

/// Bytes asked for at a time.
const CHUNK: usize = 1 << 18;
/// A record longer than this has lost its closing quote.
const LONGEST: usize = 1 << 26;

/// How fields are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// Between fields.
    pub(crate) delimiter: u8,
    /// Around fields, where there is such a thing.
    pub(crate) quote: Option<u8>,
    /// Whether blanks after a delimiter belong to it.
    pub(crate) skip_space: bool,
}

/// Place of a field in the buffer; with its quotes when they must be undone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    start: usize,
    end: usize,
    quoted: bool,
}

/// The outcome of looking for one record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Scan {
    /// A record ends before `next`; it starts `blank` lines after the start and has `lines` of them.
    Record {
        /// Start of what follows.
        next: usize,
        /// Blank lines before it.
        blank: u64,
        /// Line ends within it, its own included.
        lines: u64,
    },
    /// More bytes are needed.
    Incomplete,
    /// A quote does not close where a field can end, in a record that starts `blank` lines after
    /// the start.
    OpenQuote {
        /// Blank lines before it.
        blank: u64,
    },
    /// There is no further record.
    End,
}

/// Looks for the record that starts at `from`; `last` is whether no bytes follow.
pub(crate) fn scan(
    bytes: &[u8],
    from: usize,
    last: bool,
    dialect: Dialect,
    spans: &mut Vec<Span>,
) -> Scan {
    spans.clear();
    let mut i = from;
    let mut blank = 0;
    while let Some(b'\n' | b'\r') = bytes.get(i) {
        match line_end(bytes, i, last) {
            Some(next) => i = next,
            None => return Scan::Incomplete,
        }
        blank += 1;
    }
    if i == bytes.len() {
        return if last { Scan::End } else { Scan::Incomplete };
    }
    let mut lines = 0;
    loop {
        if dialect.skip_space {
            i += bytes[i..].iter().take_while(|b| **b == b' ').count();
        }
        let opening = i;
        let (mut inner, mut breaks) = (None, 0);
        if dialect.quote.is_some() && bytes.get(i).copied() == dialect.quote {
            match closing_quote(&bytes[i + 1..], bytes[i], last) {
                Some((length, doubled)) => {
                    breaks = count_lines(&bytes[i + 1..i + 1 + length]);
                    inner = Some((i + 1 + length, doubled));
                    i += length + 2;
                }
                None if last => return Scan::OpenQuote { blank },
                None => return Scan::Incomplete,
            }
        }
        let after = i;
        i += bytes[i..]
            .iter()
            .position(|&b| b == dialect.delimiter || b == b'\n' || b == b'\r')
            .unwrap_or(bytes.len() - i);
        if breaks > 0 && (last || i < bytes.len()) && !bytes[after..i].trim_ascii().is_empty() {
            // Lines were swallowed and the quote that ended them opened another field.
            return Scan::OpenQuote { blank };
        }
        lines += breaks;
        spans.push(match inner {
            Some((end, false)) if after == i => Span { start: opening + 1, end, quoted: false },
            Some(_) => Span { start: opening, end: i, quoted: true },
            None => Span { start: opening, end: i, quoted: false },
        });
        match bytes.get(i) {
            None if last => return Scan::Record { next: i, blank, lines },
            None => return Scan::Incomplete,
            Some(&b) if b == dialect.delimiter => i += 1,
            Some(_) => match line_end(bytes, i, last) {
                Some(next) => return Scan::Record { next, blank, lines: lines + 1 },
                None => return Scan::Incomplete,
            },
        }
    }
}

/// The position after the line end at `i`, or `None` when a `\n` may yet follow the `\r`.
fn line_end(bytes: &[u8], i: usize, last: bool) -> Option<usize> {
    match (bytes[i], bytes.get(i + 1)) {
        (b'\r', Some(b'\n')) => Some(i + 2),
        (b'\r', None) if !last => None,
        _ => Some(i + 1),
    }
}

/// Length of the text before the closing quote and whether it holds doubled quotes.
fn closing_quote(text: &[u8], quote: u8, last: bool) -> Option<(usize, bool)> {
    let mut doubled = false;
    let mut i = 0;
    loop {
        i += text[i..].iter().position(|&b| b == quote)?;
        match text.get(i + 1) {
            Some(&next) if next == quote => {
                doubled = true;
                i += 2;
            }
            None if !last => return None,
            _ => return Some((i, doubled)),
        }
    }
}

/// Line ends of a text: `\n`, `\r\n` or `\r`.
fn count_lines(text: &[u8]) -> u64 {
    let lone = |i: usize| text[i] == b'\r' && text.get(i + 1) != Some(&b'\n');
    (0..text.len()).filter(|&i| text[i] == b'\n' || lone(i)).count() as u64
}

/// One record of the text.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    bytes: &'a [u8],
    spans: &'a [Span],
    quote: u8,
}

impl<'a> Record<'a> {
    /// A record found by [`scan`].
    pub(crate) fn new(bytes: &'a [u8], spans: &'a [Span], dialect: Dialect) -> Self {
        Self { bytes, spans, quote: dialect.quote.unwrap_or(b'"') }
    }

    /// Number of fields.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The text of a field, quotes undone.
    pub(crate) fn field(&self, i: usize) -> Cow<'a, [u8]> {
        let span = self.spans[i];
        let text = &self.bytes[span.start..span.end];
        if span.quoted { Cow::Owned(unquote(text, self.quote)) } else { Cow::Borrowed(text) }
    }
}

/// Undoes the quotes of a field that opens with one; text after the closing one is kept.
fn unquote(text: &[u8], quote: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut i = 1;
    while i < text.len() {
        if text[i] != quote {
            out.push(text[i]);
        } else if text.get(i + 1) == Some(&quote) {
            out.push(quote);
            i += 1;
        } else {
            out.extend_from_slice(&text[i + 1..]);
            break;
        }
        i += 1;
    }
    out
}

/// The records of a file, one at a time, in memory that does not grow with the file.
pub(crate) struct Records {
    input: Box<dyn Read + Send>,
    path: PathBuf,
    dialect: Dialect,
    buffer: Vec<u8>,
    /// End of the current record in the buffer.
    from: usize,
    ended: bool,
    spans: Vec<Span>,
    /// Line on which the current record starts.
    line: u64,
    /// Line on which the next one starts, blank lines aside.
    next_line: u64,
}

impl Records {
    /// Records of `sample` followed by what `input` gives.
    pub(crate) fn new(
        path: PathBuf,
        sample: Vec<u8>,
        input: Box<dyn Read + Send>,
        dialect: Dialect,
    ) -> Self {
        let (spans, ended) = (Vec::new(), false);
        Self { input, path, dialect, buffer: sample, from: 0, ended, spans, line: 0, next_line: 1 }
    }

    /// Goes to the next record; `false` at the end.
    pub(crate) fn advance(&mut self) -> Result<bool, ReadError> {
        loop {
            match scan(&self.buffer, self.from, self.ended, self.dialect, &mut self.spans) {
                Scan::Record { next, blank, lines } => {
                    self.from = next;
                    self.line = self.next_line + blank;
                    self.next_line = self.line + lines;
                    return Ok(true);
                }
                Scan::End => return Ok(false),
                Scan::OpenQuote { blank } => return Err(self.open_quote(blank)),
                Scan::Incomplete if self.buffer.len() - self.from > LONGEST => {
                    return Err(self.open_quote(0));
                }
                Scan::Incomplete => self.refill()?,
            }
        }
    }

    fn open_quote(&self, blank: u64) -> ReadError {
        ReadError::OpenQuote { path: self.path.clone(), line: self.next_line + blank }
    }

    /// Drops what was read and asks for at least as much as is left, so that a long record is
    /// scanned a bounded number of times per byte.
    fn refill(&mut self) -> Result<(), ReadError> {
        self.buffer.drain(..self.from);
        self.from = 0;
        let kept = self.buffer.len();
        self.buffer.resize(kept + kept.max(CHUNK), 0);
        let mut filled = kept;
        while filled < self.buffer.len() {
            match self.input.read(&mut self.buffer[filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(n) => filled += n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(broken(&self.path, &e)),
            }
        }
        self.buffer.truncate(filled);
        Ok(())
    }

    /// The current record.
    pub(crate) fn record(&self) -> Record<'_> {
        Record::new(&self.buffer, &self.spans, self.dialect)
    }

    /// Line on which the current record starts, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    const COMMA: Dialect = Dialect { delimiter: b',', quote: Some(b'"'), skip_space: false };

    /// The line and the fields of a record.
    type Row = (u64, Vec<Vec<u8>>);

    fn records(text: &[u8], step: usize) -> Result<Vec<Row>, ReadError> {
        struct Slow(std::io::Cursor<Vec<u8>>, usize);
        impl Read for Slow {
            fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
                let n = out.len().min(self.1);
                self.0.read(&mut out[..n])
            }
        }
        let input = Slow(std::io::Cursor::new(text.to_vec()), step);
        let mut records = Records::new("t.csv".into(), Vec::new(), Box::new(input), COMMA);
        let mut out = Vec::new();
        while records.advance()? {
            let record = records.record();
            let fields = (0..record.len()).map(|i| record.field(i).into_owned()).collect();
            out.push((records.line(), fields));
        }
        Ok(out)
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let text = b"a,b\r\n\r\n1,\"x\r\ny\"\r\n2,z\r\n\n\r3,\"\"\"q\"\"\"\n4,";
        let got = records(text, 3).unwrap();
        let lines: Vec<u64> = got.iter().map(|r| r.0).collect();
        assert_eq!(lines, [1, 3, 5, 8, 9]);
        assert_eq!(got[1].1, [b"1".to_vec(), b"x\r\ny".to_vec()]);
        assert_eq!(got[3].1[1], b"\"q\"");
        assert_eq!(got[4].1, [b"4".to_vec(), b"".to_vec()]);
    }

    #[test]
    fn an_open_quote_is_an_error_with_its_line() {
        let error = records(b"a,b\n1,2\n\n3,\"x\n4,5\n", 100).unwrap_err();
        assert_eq!(error, ReadError::OpenQuote { path: "t.csv".into(), line: 4 });
    }

    #[test]
    fn a_record_longer_than_the_buffer() {
        let mut text = b"a,\"".to_vec();
        text.extend(std::iter::repeat_n(b'x', 3 * CHUNK));
        text.extend(b"\"\nb,c\n");
        let got = records(&text, 100_000).unwrap();
        assert_eq!(got[0].1[1].len(), 3 * CHUNK);
        assert_eq!(got[1].1, [b"b".to_vec(), b"c".to_vec()]);
    }

    proptest! {
        #[test]
        fn splits_as_the_csv_crate_does(text in "[ab,\"\n\r ]{0,40}", step in 1usize..8) {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(text.as_bytes());
            let expected: Vec<Vec<Vec<u8>>> = reader
                .byte_records()
                .map(|r| r.unwrap().iter().map(<[u8]>::to_vec).collect())
                .collect();
            match records(text.as_bytes(), step) {
                Ok(got) => {
                    let got: Vec<_> = got.into_iter().map(|r| r.1).collect();
                    prop_assert_eq!(got, expected);
                }
                Err(error) => {
                    let open = matches!(error, ReadError::OpenQuote { .. });
                    prop_assert!(open, "{}", error);
                }
            }
        }
    }
}
