//! Damaged states: the bytes of a state taken apart, changed in a few places and put together
//! again, so that the damage passes the decoder and meets the entry itself.
//!
//! Lists and byte strings change their length, numbers become odd ones, parts go missing or change
//! places. A quarter of the damages are to single bytes.

use ruska_core::Rng;

/// A part of a MessagePack text.
#[derive(Clone)]
enum Part {
    /// A number, a truth value or nothing, with its mark.
    Plain(Vec<u8>),
    Text(Vec<u8>),
    Bytes(Vec<u8>),
    List(Vec<Part>),
    /// Keys and values in turn.
    Map(Vec<Part>),
}

/// The state with one to three damages; the same for the same draw.
pub fn damaged(state: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut rest = state;
    let whole = Part::read(&mut rest).filter(|_| rest.is_empty());
    let times = 1 + rng.below(3);
    let mut bytes = vec![];
    if let Some(mut whole) = whole.filter(|_| rng.below(4) > 0) {
        for _ in 0..times {
            let at = rng.below(whole.size());
            whole.at(at).damage(rng);
        }
        whole.write(&mut bytes);
    } else {
        bytes.extend(state);
        (0..times).for_each(|_| damage_byte(&mut bytes, rng));
    }
    bytes
}

fn damage_byte(bytes: &mut Vec<u8>, rng: &mut Rng) {
    if bytes.is_empty() {
        return;
    }
    let at = rng.below(bytes.len());
    match rng.below(5) {
        0 => bytes[at] ^= 1 << rng.below(8),
        1 => bytes[at] = [0, 0x7f, 0x80, 0xc0, 0xff][rng.below(5)],
        2 => bytes.truncate(at),
        3 => bytes.insert(at, rng.below(256) as u8),
        _ => {
            bytes.remove(at);
        }
    }
}

impl Part {
    /// The next part; `None` where the text ends early or uses what states never do.
    fn read(rest: &mut &[u8]) -> Option<Self> {
        let mark = *rest.first()?;
        let number = |at: usize, n: usize| {
            let bytes = rest.get(at..at + n)?;
            Some(bytes.iter().fold(0, |sum, b| sum << 8 | usize::from(*b)))
        };
        let small = usize::from(mark);
        let (head, items) = match mark {
            0x80..=0x8f => (1, 2 * (small & 15)),
            0x90..=0x9f => (1, small & 15),
            0xa0..=0xbf => (1, small & 31),
            0xc4 | 0xd9 => (2, number(1, 1)?),
            0xc5 | 0xda | 0xdc => (3, number(1, 2)?),
            0xc6 | 0xdb | 0xdd => (5, number(1, 4)?),
            0xde => (3, 2 * number(1, 2)?),
            0xdf => (5, 2 * number(1, 4)?),
            0..=0x7f | 0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => (0, 1),
            0xcc | 0xd0 => (0, 2),
            0xcd | 0xd1 => (0, 3),
            0xca | 0xce | 0xd2 => (0, 5),
            0xcb | 0xcf | 0xd3 => (0, 9),
            _ => return None,
        };
        *rest = &rest[head..];
        let mut parts = || (0..items).map(|_| Self::read(rest)).collect::<Option<Vec<_>>>();
        Some(match mark {
            0x80..=0x8f | 0xde | 0xdf => Self::Map(parts()?),
            0x90..=0x9f | 0xdc | 0xdd => Self::List(parts()?),
            _ => {
                let bytes = rest.get(..items)?.to_vec();
                *rest = &rest[items..];
                match mark {
                    0xa0..=0xbf | 0xd9..=0xdb => Self::Text(bytes),
                    0xc4..=0xc6 => Self::Bytes(bytes),
                    _ => Self::Plain(bytes),
                }
            }
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut head = |mark: u8, n: usize| {
            out.push(mark);
            out.extend((n as u32).to_be_bytes());
        };
        match self {
            Self::Plain(bytes) => out.extend(bytes),
            Self::Text(bytes) => {
                head(0xdb, bytes.len());
                out.extend(bytes);
            }
            Self::Bytes(bytes) => {
                head(0xc6, bytes.len());
                out.extend(bytes);
            }
            Self::List(parts) => {
                head(0xdd, parts.len());
                parts.iter().for_each(|p| p.write(out));
            }
            Self::Map(parts) => {
                head(0xdf, parts.len() / 2);
                parts.iter().for_each(|p| p.write(out));
            }
        }
    }

    /// The parts within that are to be damaged: all but the keys.
    fn within(&self) -> Box<dyn Iterator<Item = &Self> + '_> {
        match self {
            Self::List(parts) => Box::new(parts.iter()),
            Self::Map(parts) => Box::new(parts.iter().skip(1).step_by(2)),
            _ => Box::new(std::iter::empty()),
        }
    }

    /// Number of parts, this one counted.
    fn size(&self) -> usize {
        1 + self.within().map(Self::size).sum::<usize>()
    }

    /// The part of a number below [`Self::size`].
    fn at(&mut self, number: usize) -> &mut Self {
        let mut left = number;
        let place = self.within().position(|p| {
            let here = (1..=p.size()).contains(&left);
            left -= if here { 0 } else { p.size().min(left) };
            here
        });
        match (self, place) {
            (Self::List(parts), Some(i)) => parts[i].at(left - 1),
            (Self::Map(parts), Some(i)) => parts[2 * i + 1].at(left - 1),
            (this, _) => this,
        }
    }

    fn damage(&mut self, rng: &mut Rng) {
        match self {
            Self::Plain(bytes) => *bytes = odd_number(rng),
            Self::Text(text) => match rng.below(3) {
                0 => text.clear(),
                1 => text.extend(b"x"),
                _ => text.insert(0, b'a' + rng.below(26) as u8),
            },
            Self::Bytes(bytes) => damage_numbers(bytes, rng),
            Self::List(parts) => damage_list(parts, rng),
            Self::Map(parts) => {
                let (a, b) = (rng.below(parts.len().max(1)) | 1, rng.below(parts.len().max(1)) | 1);
                match rng.below(2) {
                    0 if parts.len() > a => {
                        parts.drain(a - 1..=a);
                    }
                    _ if parts.len() > a.max(b) => parts.swap(a, b),
                    _ => {}
                }
            }
        }
    }
}

fn damage_list<T: Clone>(items: &mut Vec<T>, rng: &mut Rng) {
    let n = items.len();
    if n == 0 {
        return;
    }
    let (a, b) = (rng.below(n), rng.below(n));
    match rng.below(5) {
        0 => items.swap(a, b),
        1 => items.insert(b, items[a].clone()),
        2 => items.truncate(a),
        3 => items[b] = items[a].clone(),
        _ => {
            items.remove(a);
        }
    }
}

/// Takes the bytes as numbers of 4, 8 or 16 bytes: their count, order or one of them changes.
fn damage_numbers(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let width = [4, 8, 16][rng.below(3)];
    let mut items: Vec<Vec<u8>> = bytes.chunks(width).map(<[u8]>::to_vec).collect();
    if items.is_empty() || rng.below(8) == 0 {
        items.push(vec![0; width]);
    } else if rng.below(2) == 0 {
        damage_list(&mut items, rng);
    } else {
        let place = rng.below(items.len());
        let odd = odd_bytes(width, rng);
        let n = items[place].len();
        items[place].copy_from_slice(&odd[..n]);
    }
    *bytes = items.concat();
}

const ODD_FLOATS: [f64; 9] =
    [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, 1e308, -1e308, 5e-324, 0.5];

/// A little-endian number of a width, repeated to 16 bytes.
fn odd_bytes(width: usize, rng: &mut Rng) -> Vec<u8> {
    let float = ODD_FLOATS[rng.below(ODD_FLOATS.len())].to_le_bytes();
    let whole = [0, 1, 2, 7, 1 << 16, 1 << 31, u32::MAX - 1, u32::MAX][rng.below(8)].to_le_bytes();
    if width == 4 || rng.below(2) == 0 { whole.repeat(4) } else { float.repeat(2) }
}

fn odd_number(rng: &mut Rng) -> Vec<u8> {
    let marked = |mark: u8, bytes: &[u8]| [&[mark], bytes].concat();
    match rng.below(4) {
        0 => vec![[0xc0, 0xc2, 0xc3, 0, 1, 2, 0x7f, 0xff][rng.below(8)]],
        1 => marked(0xce, &[1 << 31, u32::MAX, 1 << 16, 30][rng.below(4)].to_be_bytes()),
        2 => marked(0xd3, &[i64::MIN, i64::MAX, -1, 3][rng.below(4)].to_be_bytes()),
        _ => marked(0xcb, &ODD_FLOATS[rng.below(ODD_FLOATS.len())].to_be_bytes()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ruska_core::codec;
    use std::collections::{BTreeMap, BTreeSet};

    type State = BTreeMap<String, (Vec<f64>, Option<i64>, String, Vec<Vec<u32>>)>;

    fn state() -> State {
        let value = (vec![1.5, -2.0], Some(-70_000), "ä".repeat(40), vec![vec![], vec![9; 20]]);
        BTreeMap::from([("a".to_owned(), value.clone()), ("long".repeat(99), value)])
    }

    #[test]
    fn what_is_taken_apart_is_put_together_again() {
        let bytes = codec::encode(&state());
        let mut rest = &bytes[..];
        let whole = Part::read(&mut rest).unwrap();
        assert!(rest.is_empty());
        let mut again = vec![];
        whole.write(&mut again);
        assert_eq!(codec::decode::<State>(&again, "state").unwrap(), state());
    }

    #[test]
    fn every_part_is_reached_and_much_damage_decodes() {
        let bytes = codec::encode(&state());
        let whole = Part::read(&mut &bytes[..]).unwrap();
        assert_eq!(whole.size(), 1 + 2 * (1 + 3 + 1 + 1 + 3 + 20));
        let mut copy = whole.clone();
        let places: BTreeSet<usize> =
            (0..whole.size()).map(|at| std::ptr::from_ref(copy.at(at)) as usize).collect();
        assert_eq!(places.len(), whole.size());
        let mut rng = Rng::new(1);
        let decodes = (0..1000)
            .filter(|_| codec::decode::<State>(&damaged(&bytes, &mut rng), "state").is_ok())
            .count();
        assert!(decodes > 100 && decodes < 900, "{decodes}");
    }
}
