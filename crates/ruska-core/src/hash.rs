//! Stable 64-bit hashes for seeds and keys; not for security.

/// FNV-1a over bytes, finished by [`mix`].
///
/// Source: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm".
pub fn bytes(data: &[u8]) -> u64 {
    let mut h = 0xcbf2_9ce4_8422_2325u64;
    for &b in data {
        h = (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    }
    mix(h)
}

/// SplitMix64's finaliser: every input bit reaches every output bit.
///
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
pub fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// One seed from several parts; order matters.
pub fn combine(parts: &[u64]) -> u64 {
    parts.iter().fold(0x5275_736b_6121, |h, &p| mix(h ^ mix(p)))
}

/// `most` of the places `0..n`, ascending: one from each of as many equal stretches; all if there
/// are no more.
pub fn spread(n: usize, most: usize) -> impl Iterator<Item = usize> {
    let parts = n.min(most);
    let start = move |i: usize| (i as u128 * n as u128 / parts as u128) as usize;
    let within = move |i: usize| (mix(i as u64) % (start(i + 1) - start(i)) as u64) as usize;
    (0..parts).map(move |i| start(i) + within(i))
}
