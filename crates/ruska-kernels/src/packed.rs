//! Lists of numbers, and of what is made of them, as one string of little-endian bytes in a model file.

use serde::de::Error;
use serde::{Deserializer, Serializer};

/// What has a fixed number of bytes.
pub(crate) trait Item: Sized {
    const SIZE: usize;
    fn put(&self, out: &mut Vec<u8>);
    fn get(bytes: &[u8]) -> Self;
}

macro_rules! numbers {
    ($($t:ty)*) => {$(
        impl Item for $t {
            const SIZE: usize = size_of::<$t>();
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
            fn get(bytes: &[u8]) -> Self {
                Self::from_le_bytes(bytes.try_into().expect("chunks have the size of the item"))
            }
        }
    )*};
}
numbers!(u32 u64 f32 f64);

pub(crate) fn serialize<T: Item, S: Serializer>(items: &[T], s: S) -> Result<S::Ok, S::Error> {
    let mut bytes = Vec::with_capacity(items.len() * T::SIZE);
    items.iter().for_each(|item| item.put(&mut bytes));
    serde_bytes::serialize(&bytes, s)
}

pub(crate) fn deserialize<'de, T: Item, D: Deserializer<'de>>(d: D) -> Result<Vec<T>, D::Error> {
    let bytes: Vec<u8> = serde_bytes::deserialize(d)?;
    if !bytes.len().is_multiple_of(T::SIZE) {
        return Err(D::Error::invalid_length(bytes.len(), &"a multiple of the item's size"));
    }
    Ok(bytes.chunks_exact(T::SIZE).map(T::get).collect())
}
