//! MESSAGE-INTEGRITY (RFC 8489 14.5) and FINGERPRINT (14.7).

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;

use super::attribute::{ATTRIBUTE_HEADER_LEN, HEADER_LEN};

pub(super) const INTEGRITY_LEN: usize = 20;
pub(super) const FINGERPRINT_LEN: usize = 4;

/// An ICE password, ready for MESSAGE-INTEGRITY (short-term credential, HMAC-SHA1).
#[derive(Clone)]
pub struct IntegrityKey(hmac::Key);

impl IntegrityKey {
    pub fn new(password: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()))
    }

    /// The HMAC of a message up to, not including, the attribute, which begins at `message.len()`. The length in the
    /// header counts as if the attribute were the last.
    pub(super) fn sign(&self, message: &[u8]) -> [u8; INTEGRITY_LEN] {
        let length = message.len() + ATTRIBUTE_HEADER_LEN + INTEGRITY_LEN - HEADER_LEN;
        let mut context = hmac::Context::with_key(&self.0);
        context.update(&message[..2]);
        // A message is a datagram: its length fits.
        context.update(&(length as u16).to_be_bytes());
        context.update(&message[4..]);
        let mut integrity = [0; INTEGRITY_LEN];
        integrity.copy_from_slice(context.sign().as_ref());
        integrity
    }

    pub(super) fn verify(&self, message: &[u8], integrity: &[u8]) -> bool {
        verify_slices_are_equal(&self.sign(message), integrity).is_ok()
    }
}

impl fmt::Debug for IntegrityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IntegrityKey(…)")
    }
}

/// Of a message up to, not including, the attribute; the length in its header counts the attribute already.
pub(super) fn fingerprint(message: &[u8]) -> u32 {
    const MASK: u32 = 0x5354_554e;
    crc32(message) ^ MASK
}

/// CRC-32 of ITU V.42 (reflected polynomial).
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = crc32_table();
    !bytes.iter().fold(!0, |crc, byte| TABLE[((crc ^ u32::from(*byte)) & 0xff) as usize] ^ (crc >> 8))
}

const fn crc32_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}
