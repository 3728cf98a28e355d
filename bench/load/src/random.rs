//! Randomness that the protocols ask for.

use aws_lc_rs::rand;
use data_encoding::BASE64URL_NOPAD;

pub fn fill(bytes: &mut [u8]) {
    #[expect(clippy::expect_used, reason = "once seeded, long before this runs, the system's generator does not fail")]
    rand::fill(bytes).expect("the system has random numbers");
}

pub fn number() -> u64 {
    let mut bytes = [0; 8];
    fill(&mut bytes);
    u64::from_be_bytes(bytes)
}

/// Letters and digits: ICE allows no others (RFC 8839 5.4).
pub fn text(len: usize) -> String {
    let mut bytes = vec![0; len];
    fill(&mut bytes);
    BASE64URL_NOPAD.encode(&bytes).replace(['-', '_'], "x").chars().take(len).collect()
}
