//! Randomness that can be repeated with its seed: for numbers that nobody may foresee who saw the ones before, as those
//! of transactions and SSRCs (RFC 8489 section 5, RFC 3550 8.1). Never for keys.

use aws_lc_rs::digest::{SHA256, digest};

/// SHA-256 of seed and counter.
pub(crate) struct Random {
    seed: u64,
    count: u64,
}

impl Random {
    pub fn new(seed: u64) -> Self {
        Self { seed, count: 0 }
    }

    pub fn next(&mut self) -> u64 {
        self.count += 1;
        let mut input = [0; 16];
        input[..8].copy_from_slice(&self.seed.to_be_bytes());
        input[8..].copy_from_slice(&self.count.to_be_bytes());
        let hash = digest(&SHA256, &input);
        hash.as_ref().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// 0 ≤ number < bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_numbers_and_no_other_seeds() {
        let numbers = |seed| {
            let mut random = Random::new(seed);
            [(); 100].map(|()| random.next())
        };
        assert_eq!(numbers(7), numbers(7));
        assert!(numbers(7).iter().all(|number| !numbers(8).contains(number)));
    }
}
