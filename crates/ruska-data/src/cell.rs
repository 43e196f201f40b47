//! What the text of one cell is: missing, a number in canonical form, or text.

/// A cell as a column of numbers sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell {
    /// Empty, or one of the missing tokens.
    Missing,
    /// A whole number that prints back to the same text.
    Int(i64),
    /// A number with a fraction or an exponent, or a negative zero; finite.
    Float(f64),
    /// Digits that are a number only among real numbers: `+5`, or more than an `i64` holds.
    /// Alone they may be an id or a telephone number.
    Odd(f64),
    /// An infinity; learners cannot take it.
    Infinite,
    /// Anything else.
    Text,
}

/// Missing wherever they stand.
const MISSING: [&[u8]; 11] =
    [b"?", b"NaN", b"nan", b"NAN", b"null", b"NULL", b"Null", b"N/A", b"n/a", b"#N/A", b"<NA>"];

/// Missing unless the column's other values make them look like a level.
pub(crate) const LITERALS: [&str; 3] = ["NA", "None", "-"];

/// Whether a trimmed text is missing in every column.
pub(crate) fn is_missing(text: &[u8]) -> bool {
    text.is_empty() || (text.len() <= 4 && MISSING.contains(&text))
}

/// Index into [`LITERALS`] of a trimmed text.
pub(crate) fn literal(text: &[u8]) -> Option<usize> {
    (text.len() <= 4).then(|| LITERALS.iter().position(|l| l.as_bytes() == text)).flatten()
}

/// Classifies a cell; `comma` is whether the decimal mark is a comma. Blanks around do not count.
pub(crate) fn classify(text: &[u8], comma: bool) -> Cell {
    let text = text.trim_ascii();
    match text.first() {
        None => Cell::Missing,
        Some(b'0'..=b'9' | b'+' | b'-' | b'.' | b',') => number(text, comma),
        _ if is_missing(text) || literal(text).is_some() => Cell::Missing,
        _ if is_infinite(text) => Cell::Infinite,
        _ => Cell::Text,
    }
}

fn is_infinite(text: &[u8]) -> bool {
    text.eq_ignore_ascii_case(b"inf") || text.eq_ignore_ascii_case(b"infinity")
}

/// Reads `[sign] digits [mark digits] [e [sign] digits]`; the digits before the mark have no
/// leading zero.
fn number(text: &[u8], comma: bool) -> Cell {
    let mark = if comma { b',' } else { b'.' };
    let (sign, body) = match text[0] {
        sign @ (b'+' | b'-') => (Some(sign), &text[1..]),
        _ => (None, text),
    };
    let whole = digits(body);
    let mut rest = &body[whole..];
    let mut fraction = 0;
    let has_mark = rest.first() == Some(&mark);
    if has_mark {
        fraction = digits(&rest[1..]);
        rest = &rest[1 + fraction..];
    }
    if whole + fraction == 0 {
        return match (text, is_infinite(body)) {
            (b"-", _) => Cell::Missing,
            (_, true) => Cell::Infinite,
            _ => Cell::Text,
        };
    }
    if whole > 1 && body[0] == b'0' {
        return Cell::Text;
    }
    let mut exponent = 0i32;
    let has_exponent = matches!(rest.first(), Some(b'e' | b'E'));
    if has_exponent {
        let (down, text) = match rest.get(1) {
            Some(b'-') => (true, &rest[2..]),
            Some(b'+') => (false, &rest[2..]),
            _ => (false, &rest[1..]),
        };
        let length = digits(text);
        if length == 0 {
            return Cell::Text;
        }
        let size = text[..length]
            .iter()
            .fold(0i32, |n, &d| n.saturating_mul(10).saturating_add(i32::from(d - b'0')));
        exponent = if down { -size } else { size };
        rest = &text[length..];
    }
    if !rest.is_empty() {
        return Cell::Text;
    }
    let negative = sign == Some(b'-');
    if !has_mark && !has_exponent {
        return whole_number(text, body, sign);
    }
    let value = exact(&body[..whole], &body[whole + 1..][..fraction], has_mark, exponent)
        .map_or_else(|| parse(text, mark), |v| if negative { -v } else { v });
    if value.is_finite() { Cell::Float(value) } else { Cell::Infinite }
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}

/// A number of digits only, of which `body` is free of the sign.
fn whole_number(text: &[u8], body: &[u8], sign: Option<u8>) -> Cell {
    let negative = sign == Some(b'-');
    if negative && body == b"0" {
        return Cell::Float(-0.0);
    }
    if body.len() > 18 || sign == Some(b'+') {
        let exact = std::str::from_utf8(text).ok().and_then(|t| t.parse::<i64>().ok());
        return match exact {
            Some(v) if v != i64::MIN && sign != Some(b'+') => Cell::Int(v),
            _ => match parse(text, b'.') {
                v if v.is_finite() => Cell::Odd(v),
                _ => Cell::Text,
            },
        };
    }
    let value = body.iter().fold(0i64, |n, &d| n * 10 + i64::from(d - b'0'));
    Cell::Int(if negative { -value } else { value })
}

/// The correctly rounded value where mantissa and power of ten are both exact as `f64`.
///
/// Source: Clinger, "How to read floating point numbers accurately", PLDI 1990, the fast path.
fn exact(whole: &[u8], fraction: &[u8], has_mark: bool, exponent: i32) -> Option<f64> {
    const POWERS: [f64; 23] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];
    let fraction = if has_mark { fraction } else { &[] };
    if whole.len() + fraction.len() > 15 {
        return None;
    }
    let mantissa =
        whole.iter().chain(fraction).fold(0u64, |n, &d| n * 10 + u64::from(d - b'0')) as f64;
    let power = exponent.checked_sub(fraction.len() as i32)?;
    let scale = *POWERS.get(power.unsigned_abs() as usize)?;
    Some(if power < 0 { mantissa / scale } else { mantissa * scale })
}

/// The standard parser, for what the fast path leaves; infinite on overflow.
fn parse(text: &[u8], mark: u8) -> f64 {
    let text: String = text.iter().map(|&b| if b == mark { '.' } else { char::from(b) }).collect();
    text.parse().expect("the grammar checked is a part of the standard one")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    fn point(text: &str) -> Cell {
        classify(text.as_bytes(), false)
    }

    #[test]
    fn canonical_whole_numbers_only() {
        assert_eq!(point("0"), Cell::Int(0));
        assert_eq!(point(" -12 "), Cell::Int(-12));
        assert_eq!(point("1234567890123456789"), Cell::Int(1_234_567_890_123_456_789));
        assert_eq!(point("9223372036854775807"), Cell::Int(i64::MAX));
        assert!(matches!(point("9223372036854775808"), Cell::Odd(_)));
        assert!(matches!(point("-9223372036854775808"), Cell::Odd(_)));
        assert_eq!(point("+5"), Cell::Odd(5.0));
        for text in ["007", "00", "-01", "1,234", "1 000", "12a", "0x1F", "1e", "--1", "+", "e5"] {
            assert_eq!(point(text), Cell::Text, "{text}");
        }
    }

    #[test]
    fn real_numbers() {
        assert_eq!(point("1.50"), Cell::Float(1.5));
        assert_eq!(point("+0.3"), Cell::Float(0.3));
        assert_eq!(point(".5"), Cell::Float(0.5));
        assert_eq!(point("5."), Cell::Float(5.0));
        assert_eq!(point("1e5"), Cell::Float(1e5));
        assert_eq!(point("-2.5E-3"), Cell::Float(-2.5e-3));
        assert_eq!(point("1e999"), Cell::Infinite);
        assert_eq!(point("1e-999"), Cell::Float(0.0));
        assert_eq!(point("1e99999999999"), Cell::Infinite);
        assert_eq!(point("01.5"), Cell::Text);
        assert_eq!(point("1.2.3"), Cell::Text);
        assert_eq!(point("."), Cell::Text);
        assert!(matches!(point("-0"), Cell::Float(v) if v == 0.0 && v.is_sign_negative()));
        assert_eq!(classify(b"1,50", true), Cell::Float(1.5));
        assert_eq!(classify(b"-,5", true), Cell::Float(-0.5));
        assert_eq!(classify(b"1.50", true), Cell::Text);
    }

    #[test]
    fn missing_and_infinite() {
        for text in ["", "  ", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?", "-", "#N/A"]
        {
            assert_eq!(point(text), Cell::Missing, "{text}");
        }
        for text in ["inf", "-inf", "+Inf", "Infinity", "-INFINITY"] {
            assert_eq!(point(text), Cell::Infinite, "{text}");
        }
        assert_eq!(point("--"), Cell::Text);
        assert_eq!(point("information"), Cell::Text);
    }

    proptest! {
        #[test]
        fn any_float_reads_back_exactly(bits: u64, style in 0..3) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            let text = match style {
                0 => format!("{value:?}"),
                1 => format!("{value:e}"),
                _ => format!("{value:.6}"),
            };
            let expected: f64 = text.parse().unwrap();
            match point(&text) {
                Cell::Float(v) | Cell::Odd(v) => prop_assert_eq!(v.to_bits(), expected.to_bits()),
                Cell::Int(v) => prop_assert_eq!(v.to_string(), text),
                other => prop_assert!(false, "{} is {:?}", text, other),
            }
        }

        #[test]
        fn any_whole_number_reads_back_exactly(value: i64) {
            prop_assume!(value != i64::MIN);
            prop_assert_eq!(point(&value.to_string()), Cell::Int(value));
        }
    }
}
