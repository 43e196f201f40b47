//! From the bytes of a file to text: decompression, byte order marks, UTF-16.
//!
//! Without a mark the text is UTF-8 or, cell by cell, Windows-1252 (a superset of Latin-1):
//! see [`crate::dictionary::decode`].

use crate::ReadError;
use crate::source::Input;
use encoding_rs::{Decoder, UTF_16BE, UTF_16LE};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, Cursor, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

/// Bytes looked at to tell encoding, dialect and header.
const SAMPLE: usize = 1 << 20;
/// A larger share of control characters than one in this many is not text.
const CONTROLS: usize = 20;

/// An opened text file.
pub(crate) struct Text {
    /// Its beginning, without a byte order mark.
    pub(crate) sample: Vec<u8>,
    /// Whether the sample is all of it.
    pub(crate) whole: bool,
    /// What follows.
    pub(crate) rest: Box<dyn Read + Send>,
}

/// Opens a file and looks at its beginning.
pub(crate) fn open(input: &Input) -> Result<Text, ReadError> {
    let path = input.path.as_path();
    let raw: Box<dyn Read + Send> = match &input.spooled {
        Some(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
        None if path == Path::new("-") => Box::new(io::stdin()),
        None => Box::new(File::open(path).map_err(|e| broken(path, &e))?),
    };
    let mut text = peek(path, raw)?;
    if text.sample.starts_with(&[0x1f, 0x8b]) {
        text = peek(path, Box::new(MultiGzDecoder::new(text.joined())))?;
    }
    let utf16 = match text.sample.as_slice() {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        _ => None,
    };
    if let Some(encoding) = utf16 {
        let decoder = encoding.new_decoder_with_bom_removal();
        text = peek(path, Box::new(Utf16::new(text.joined(), decoder)))?;
    } else if text.sample.starts_with(b"\xef\xbb\xbf") {
        text.sample.drain(..3);
    }
    if looks_binary(&text.sample) {
        return Err(ReadError::NotText { path: path.into(), hint: hint(&text.sample) });
    }
    Ok(text)
}

/// The typed error of a failed read: a broken stream or a refusing system.
pub(crate) fn broken(path: &Path, error: &io::Error) -> ReadError {
    let why = error.to_string();
    match error.kind() {
        ErrorKind::NotFound => ReadError::NotFound { path: path.into() },
        ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
            ReadError::Damaged { path: path.into(), what: "compressed file", why }
        }
        _ => ReadError::Io { path: path.into(), why },
    }
}

impl Text {
    fn joined(self) -> impl Read + Send {
        Cursor::new(self.sample).chain(self.rest)
    }
}

fn peek(path: &Path, mut rest: Box<dyn Read + Send>) -> Result<Text, ReadError> {
    let mut sample = Vec::new();
    rest.by_ref().take(SAMPLE as u64).read_to_end(&mut sample).map_err(|e| broken(path, &e))?;
    let whole = sample.len() < SAMPLE;
    Ok(Text { sample, whole, rest })
}

fn looks_binary(sample: &[u8]) -> bool {
    let control = |b: &&u8| matches!(**b, 0..=8 | 11 | 14..=31 | 127);
    let controls = sample.iter().filter(control).count();
    sample.contains(&0) || controls * CONTROLS > sample.len()
}

fn hint(sample: &[u8]) -> &'static str {
    match sample {
        [b'P', b'A', b'R', b'1', ..] => "; it looks like Parquet: name it .parquet",
        [b'P', b'K', 3, 4, ..] => {
            "; it looks like Excel or a zip archive: name it .xlsx or unpack it"
        }
        _ => "; it holds bytes that no text has",
    }
}

/// UTF-16 as UTF-8.
struct Utf16<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    taken: usize,
    ended: bool,
}

impl<R: Read> Utf16<R> {
    fn new(input: R, decoder: Decoder) -> Self {
        Self { input, decoder, raw: vec![0; 1 << 16], text: Vec::new(), taken: 0, ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let n = self.input.read(&mut self.raw)?;
        self.ended = n == 0;
        let room = self.decoder.max_utf8_buffer_length(n).ok_or(ErrorKind::OutOfMemory)?;
        self.text.resize(room, 0);
        let (_, _, written, _) =
            self.decoder.decode_to_utf8(&self.raw[..n], &mut self.text, self.ended);
        self.text.truncate(written);
        self.taken = 0;
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.text.len() && !self.ended {
            self.refill()?;
        }
        let n = out.len().min(self.text.len() - self.taken);
        out[..n].copy_from_slice(&self.text[self.taken..][..n]);
        self.taken += n;
        Ok(n)
    }
}
