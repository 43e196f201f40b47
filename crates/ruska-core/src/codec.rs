//! Binary encoding of model state: MessagePack with field names, floats bit for bit.

use crate::LoadError;
use serde::{Serialize, de::DeserializeOwned};

/// Encodes a state.
pub fn encode<T: Serialize>(state: &T) -> Vec<u8> {
    rmp_serde::to_vec_named(state).expect("state types serialise into memory without failing")
}

/// Decodes a state; `what` names it in the error.
pub fn decode<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, LoadError> {
    rmp_serde::from_slice(bytes)
        .map_err(|e| LoadError::State { what: what.to_owned(), why: e.to_string() })
}

/// Encodes a vector of fixed-size numbers as little-endian bytes: `#[serde(with = "codec::packed")]`.
pub mod packed {
    use serde::{Deserializer, Serializer, de};
    use std::fmt;
    use std::marker::PhantomData;

    /// A number that can be packed.
    pub trait Packed: Copy {
        /// Bytes per number.
        const SIZE: usize;
        /// Appends the number.
        fn put(self, out: &mut Vec<u8>);
        /// Reads the number from exactly `SIZE` bytes.
        fn get(bytes: &[u8]) -> Self;
    }

    macro_rules! packed {
        ($($t:ty)*) => {$(
            impl Packed for $t {
                const SIZE: usize = size_of::<$t>();
                fn put(self, out: &mut Vec<u8>) {
                    out.extend_from_slice(&self.to_le_bytes());
                }
                fn get(bytes: &[u8]) -> Self {
                    Self::from_le_bytes(bytes.try_into().expect("chunks have the size of the number"))
                }
            }
        )*};
    }
    packed!(i8 u8 u16 u32 u64 i32 i64 f32 f64);

    /// Serialises as one byte string.
    pub fn serialize<T: Packed, S: Serializer>(values: &[T], s: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::with_capacity(values.len() * T::SIZE);
        values.iter().for_each(|v| v.put(&mut bytes));
        s.serialize_bytes(&bytes)
    }

    /// Reads what [`serialize`] wrote.
    pub fn deserialize<'de, T: Packed, D: Deserializer<'de>>(d: D) -> Result<Vec<T>, D::Error> {
        struct Visitor<T>(PhantomData<T>);
        impl<'de, T: Packed> de::Visitor<'de> for Visitor<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "bytes in a multiple of {}", T::SIZE)
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Vec<T>, E> {
                if !bytes.len().is_multiple_of(T::SIZE) {
                    return Err(E::invalid_length(bytes.len(), &self));
                }
                Ok(bytes.chunks_exact(T::SIZE).map(T::get).collect())
            }

            fn visit_borrowed_bytes<E: de::Error>(self, bytes: &'de [u8]) -> Result<Vec<T>, E> {
                self.visit_bytes(bytes)
            }

            fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Vec<T>, E> {
                self.visit_bytes(&bytes)
            }
        }
        d.deserialize_bytes(Visitor(PhantomData))
    }
}
