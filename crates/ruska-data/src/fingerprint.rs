//! What tells one table from another.

use blake3::Hasher;
use ruska_core::{Column, Frame};

/// A hash over names, types and values; the file's name and format do not enter.
///
/// The same columns and rows in the same order give the same 64 hexadecimal digits.
///
/// ```
/// use ruska_core::{Column, Field, Frame, Kind};
/// let frame = |v| Frame::new(vec![Field::new("x", Kind::Numeric, Column::float(vec![v]))]).unwrap();
/// assert_eq!(ruska_data::fingerprint(&frame(1.0)), ruska_data::fingerprint(&frame(1.0)));
/// assert_ne!(ruska_data::fingerprint(&frame(1.0)), ruska_data::fingerprint(&frame(2.0)));
/// ```
pub fn fingerprint(frame: &Frame) -> String {
    let mut hasher = Hasher::new();
    length(&mut hasher, frame.rows());
    length(&mut hasher, frame.fields().len());
    for field in frame.fields() {
        text(&mut hasher, &field.name);
        column(&mut hasher, &field.column);
    }
    hasher.finalize().to_hex().to_string()
}

fn column(hasher: &mut Hasher, column: &Column) {
    match column {
        Column::Bool(v) => {
            hasher.update(b"bool");
            numbers(hasher, v, i8::to_le_bytes);
        }
        Column::Int(v) => {
            hasher.update(b"int");
            numbers(hasher, v, i64::to_le_bytes);
        }
        Column::Time(v) => {
            hasher.update(b"time");
            numbers(hasher, v, i64::to_le_bytes);
        }
        Column::Float(v) => {
            hasher.update(b"float");
            numbers(hasher, v, f64_bytes);
        }
        Column::Str(v) => {
            hasher.update(b"str");
            length(hasher, v.levels.len());
            v.levels.iter().for_each(|level| text(hasher, level));
            numbers(hasher, &v.codes, u32::to_le_bytes);
        }
        Column::Sparse(v) => {
            hasher.update(b"sparse");
            length(hasher, v.width);
            v.offsets.iter().for_each(|&o| length(hasher, o));
            numbers(hasher, &v.indices, u32::to_le_bytes);
            numbers(hasher, &v.values, f64_bytes);
        }
    }
}

/// All NaNs mean the same: missing.
fn f64_bytes(value: f64) -> [u8; 8] {
    if value.is_nan() { f64::NAN.to_le_bytes() } else { value.to_le_bytes() }
}

fn length(hasher: &mut Hasher, n: usize) {
    hasher.update(&(n as u64).to_le_bytes());
}

fn text(hasher: &mut Hasher, text: &str) {
    length(hasher, text.len());
    hasher.update(text.as_bytes());
}

fn numbers<T: Copy, const N: usize>(hasher: &mut Hasher, values: &[T], bytes: fn(T) -> [u8; N]) {
    let mut buffer = Vec::with_capacity(N << 13);
    for chunk in values.chunks(1 << 13) {
        buffer.clear();
        chunk.iter().for_each(|&v| buffer.extend_from_slice(&bytes(v)));
        hasher.update(&buffer);
    }
}
