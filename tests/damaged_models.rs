//! Damaged model files are refused, or predict without a panic; nothing is allocated by a size that
//! a file only claims. Here the damage is to the file as it lies; what lies behind its compression
//! is damaged in the tests of `Model`. `RUSKA_MUTATIONS` sets how many damages are tried.
#![allow(clippy::unwrap_used)]

use ruska::{Frame, Model, builtin, read};
use std::path::{Path, PathBuf};

struct Words(u64);

impl Words {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/compat")
}

/// Replaces the checksum by that of the content, so that the parser behind it is reached.
fn reseal(bytes: &mut [u8]) {
    let Some(end) = bytes.len().checked_sub(32) else { return };
    let sum = *blake3::hash(&bytes[..end]).as_bytes();
    bytes[end..].copy_from_slice(&sum);
}

fn damage(bytes: &mut Vec<u8>, words: &mut Words) {
    for _ in 0..=words.below(3) {
        let at = words.below(bytes.len());
        match words.below(6) {
            0 => bytes[at] ^= 1 << words.below(8),
            1 => bytes[at] = words.below(256) as u8,
            2 => bytes.truncate(at.max(1)),
            3 => bytes[at] = [0, 0xff, 0x7f, 0x80][words.below(4)],
            4 => {
                let other = words.below(bytes.len());
                bytes.swap(at, other);
            }
            _ => bytes.insert(at, words.below(256) as u8),
        }
    }
}

/// Which of `n` files is damaged: the first one, which is large, now and then only.
fn pick(i: usize, n: usize) -> usize {
    if i.is_multiple_of(20) { 0 } else { 1 + i % (n - 1) }
}

#[test]
fn damaged_files_never_panic() {
    let mutations = std::env::var("RUSKA_MUTATIONS").map_or(1200, |n| n.parse().unwrap());
    let catalog = builtin();
    let table = folder().join("table.csv").display().to_string();
    let table: Frame = read(&table).unwrap().take(&[0, 7, 23]);
    let originals: Vec<Vec<u8>> = ["gbdt", "linear", "tree", "naive_bayes", "elastic_net", "glm"]
        .iter()
        .map(|id| std::fs::read(folder().join(format!("v1-{id}.ruska"))).unwrap())
        .collect();
    let mut words = Words(7);
    let mut opened = 0;
    for i in 0..mutations {
        let mut bytes = originals[pick(i, originals.len())].clone();
        damage(&mut bytes, &mut words);
        if i % 4 > 0 {
            reseal(&mut bytes);
        }
        if let Ok(model) = Model::from_bytes(&bytes, &catalog) {
            opened += 1;
            if let Ok(p) = model.predict(&table) {
                assert_eq!(p.to_frame().rows(), 3);
            }
        }
    }
    assert!(opened < mutations, "some damage is always noticed");
}
