//! SRTP and SRTCP with AES-GCM (RFC 7714), as a client of the benchmark needs it: written apart from the forwarder's,
//! so that the two check one another.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{self, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::digest;
use aws_lc_rs::iv::FixedLength;

pub const TAG_LEN: usize = 16;
const SALT_LEN: usize = 12;
const SRTCP_INDEX_LEN: usize = 4;
const RTCP_HEADER_LEN: usize = 8;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("SRTP: {0}")]
pub struct SrtpError(&'static str);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    Aes128Gcm,
    Aes256Gcm,
}

impl Suite {
    pub fn key_len(self) -> usize {
        match self {
            Suite::Aes128Gcm => 16,
            Suite::Aes256Gcm => 32,
        }
    }

    pub fn salt_len(self) -> usize {
        SALT_LEN
    }
}

/// Master key and salt of one direction.
pub struct Master<'a> {
    pub suite: Suite,
    pub key: &'a [u8],
    pub salt: &'a [u8],
}

/// Session keys of one direction, for both sealing and opening.
pub struct Keys {
    rtp: LessSafeKey,
    rtp_salt: [u8; SALT_LEN],
    rtcp: LessSafeKey,
    rtcp_salt: [u8; SALT_LEN],
}

impl Keys {
    pub fn derive(master: &Master<'_>) -> Result<Self, SrtpError> {
        let Master { suite, key, salt } = master;
        if key.len() != suite.key_len() || salt.len() != SALT_LEN {
            return Err(SrtpError("key or salt of the wrong length"));
        }
        let session = |label| -> Result<_, SrtpError> {
            let mut bytes = [0; 32];
            keystream(master, label, &mut bytes[..suite.key_len()])?;
            let algorithm = if *suite == Suite::Aes128Gcm { &AES_128_GCM } else { &AES_256_GCM };
            let key = UnboundKey::new(algorithm, &bytes[..suite.key_len()]).map_err(|_| SrtpError("key refused"))?;
            Ok(LessSafeKey::new(key))
        };
        let session_salt = |label| -> Result<_, SrtpError> {
            let mut bytes = [0; SALT_LEN];
            keystream(master, label, &mut bytes)?;
            Ok(bytes)
        };
        // Labels of RFC 3711 4.3.1; 1 and 4 are of authentication keys, which GCM has none of.
        Ok(Keys { rtp: session(0)?, rtp_salt: session_salt(2)?, rtcp: session(3)?, rtcp_salt: session_salt(5)? })
    }

    /// Keys that both ends of the bare limit know without a handshake. Secret to nobody.
    pub fn agreed(name: &str) -> Result<Self, SrtpError> {
        let hash = digest::digest(&digest::SHA512, name.as_bytes());
        let (key, rest) = hash.as_ref().split_at(Suite::Aes256Gcm.key_len());
        Keys::derive(&Master { suite: Suite::Aes256Gcm, key, salt: &rest[..SALT_LEN] })
    }

    /// Writes header, sealed payload and tag into `out`, which is exactly that long. `index` is ROC and sequence number.
    pub fn seal_rtp(&self, header: &[u8], payload: &[u8], index: u64, out: &mut [u8]) -> Result<(), SrtpError> {
        let (out_header, rest) = out.split_at_mut(header.len());
        let (out_payload, out_tag) = rest.split_at_mut(payload.len());
        out_header.copy_from_slice(header);
        let nonce = rtp_nonce(&self.rtp_salt, header, index);
        self.rtp
            .seal_out_of_place_scatter(nonce, Aad::from(header), payload, out_payload, &[], out_tag)
            .map_err(|_| SrtpError("cannot seal"))
    }

    /// Decrypts in place and gives the payload.
    pub fn open_rtp<'a>(&self, packet: &'a mut [u8], header_len: usize, index: u64) -> Result<&'a [u8], SrtpError> {
        if packet.len() < header_len + TAG_LEN || header_len < 12 {
            return Err(SrtpError("packet too short"));
        }
        let (header, sealed) = packet.split_at_mut(header_len);
        let nonce = rtp_nonce(&self.rtp_salt, header, index);
        match self.rtp.open_in_place(nonce, Aad::from(&*header), sealed) {
            Ok(payload) => Ok(payload),
            Err(_) => Err(SrtpError("packet does not verify")),
        }
    }

    pub fn seal_rtcp(&self, packet: &mut Vec<u8>, index: u32) -> Result<(), SrtpError> {
        if packet.len() < RTCP_HEADER_LEN {
            return Err(SrtpError("RTCP packet too short"));
        }
        let trailer = (index | 0x8000_0000).to_be_bytes();
        let (nonce, aad) = rtcp_nonce_and_aad(&self.rtcp_salt, packet, trailer);
        let tag = self
            .rtcp
            .seal_in_place_separate_tag(nonce, Aad::from(aad), &mut packet[RTCP_HEADER_LEN..])
            .map_err(|_| SrtpError("cannot seal"))?;
        packet.extend_from_slice(tag.as_ref());
        packet.extend_from_slice(&trailer);
        Ok(())
    }

    /// Decrypts in place and gives the compound packet.
    pub fn open_rtcp<'a>(&self, packet: &'a mut [u8]) -> Result<&'a [u8], SrtpError> {
        if packet.len() < RTCP_HEADER_LEN + TAG_LEN + SRTCP_INDEX_LEN {
            return Err(SrtpError("RTCP packet too short"));
        }
        let (body, trailer) = packet.split_at_mut(packet.len() - SRTCP_INDEX_LEN);
        let trailer = [trailer[0], trailer[1], trailer[2], trailer[3]];
        if trailer[0] & 0x80 == 0 {
            return Err(SrtpError("RTCP packet is not encrypted"));
        }
        let (nonce, aad) = rtcp_nonce_and_aad(&self.rtcp_salt, body, trailer);
        self.rtcp
            .open_in_place(nonce, Aad::from(aad), &mut body[RTCP_HEADER_LEN..])
            .map_err(|_| SrtpError("RTCP packet does not verify"))?;
        let len = body.len() - TAG_LEN;
        Ok(&body[..len])
    }
}

/// RFC 3711 4.3.3 with a 96-bit salt (RFC 7714 11): AES in counter mode over zeros, the label in the eighth byte.
fn keystream(master: &Master<'_>, label: u8, out: &mut [u8]) -> Result<(), SrtpError> {
    let mut iv = [0; 16];
    iv[..SALT_LEN].copy_from_slice(master.salt);
    iv[7] ^= label;
    let algorithm = if master.suite == Suite::Aes128Gcm { &cipher::AES_128 } else { &cipher::AES_256 };
    let refused = |_| SrtpError("master key refused");
    let key = UnboundCipherKey::new(algorithm, master.key).map_err(refused)?;
    EncryptingKey::ctr(key)
        .and_then(|key| key.less_safe_encrypt(out, EncryptionContext::Iv128(FixedLength::from(iv))))
        .map_err(refused)?;
    Ok(())
}

/// RFC 7714 8.1.
fn rtp_nonce(salt: &[u8; SALT_LEN], header: &[u8], index: u64) -> Nonce {
    let mut nonce = [0; 12];
    nonce[2..6].copy_from_slice(&header[8..12]);
    nonce[6..12].copy_from_slice(&index.to_be_bytes()[2..]);
    xor(&mut nonce, salt);
    Nonce::assume_unique_for_key(nonce)
}

/// RFC 7714 9.1 and 9.2.
fn rtcp_nonce_and_aad(salt: &[u8; SALT_LEN], packet: &[u8], trailer: [u8; 4]) -> (Nonce, [u8; 12]) {
    let mut nonce = [0; 12];
    nonce[2..6].copy_from_slice(&packet[4..8]);
    nonce[8..12].copy_from_slice(&trailer);
    nonce[8] &= 0x7f;
    xor(&mut nonce, salt);
    let mut aad = [0; 12];
    aad[..8].copy_from_slice(&packet[..8]);
    aad[8..].copy_from_slice(&trailer);
    (Nonce::assume_unique_for_key(nonce), aad)
}

fn xor(nonce: &mut [u8; 12], salt: &[u8; SALT_LEN]) {
    nonce.iter_mut().zip(salt).for_each(|(byte, salt)| *byte ^= salt);
}
