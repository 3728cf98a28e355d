//! AES-GCM (RFC 7714).

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::key::{KeyError, SessionKey};
use super::{ENCRYPTED, OpenError, RTCP_HEADER_LEN, RTCP_INDEX_LEN, SealError};

pub(super) const TAG_LEN: usize = 16;

pub(super) struct Gcm {
    key: LessSafeKey,
    salt: [u8; NONCE_LEN],
}

impl Gcm {
    pub(super) fn new(session: &SessionKey) -> Result<Self, KeyError> {
        let algorithm = if session.encryption().len() == 32 { &AES_256_GCM } else { &AES_128_GCM };
        let key = UnboundKey::new(algorithm, session.encryption()).map_err(|_| KeyError::Refused)?;
        let mut salt = [0; NONCE_LEN];
        salt.copy_from_slice(&session.salt[..NONCE_LEN]);
        Ok(Self { key: LessSafeKey::new(key), salt })
    }

    pub(super) fn seal_rtp(
        &self,
        index: u64,
        packet: &mut [u8],
        header_len: usize,
        payload: &[u8],
    ) -> Result<(), SealError> {
        let (header, room) = packet.split_at_mut_checked(header_len).ok_or(SealError)?;
        let nonce = self.rtp_nonce(header, index).ok_or(SealError)?;
        let (ciphertext, tag) = room.split_at_mut_checked(payload.len()).ok_or(SealError)?;
        self.key
            .seal_out_of_place_scatter(nonce, Aad::from(&*header), payload, ciphertext, &[], tag)
            .map_err(|_| SealError)
    }

    pub(super) fn seal_rtp_in_place(&self, index: u64, packet: &mut [u8], header_len: usize) -> Result<(), SealError> {
        let (header, room) = packet.split_at_mut_checked(header_len).ok_or(SealError)?;
        let nonce = self.rtp_nonce(header, index).ok_or(SealError)?;
        let (payload, tag) = room.split_last_chunk_mut::<TAG_LEN>().ok_or(SealError)?;
        self.key.seal_in_place_scatter(nonce, Aad::from(&*header), payload, &[], tag).map_err(|_| SealError)
    }

    pub(super) fn open_rtp<'a>(
        &self,
        index: u64,
        packet: &'a mut [u8],
        header_len: usize,
    ) -> Result<&'a mut [u8], OpenError> {
        let (header, body) = packet.split_at_mut_checked(header_len).ok_or(OpenError::Truncated)?;
        let nonce = self.rtp_nonce(header, index).ok_or(OpenError::Truncated)?;
        let (ciphertext, tag) = body.split_last_chunk_mut::<TAG_LEN>().ok_or(OpenError::Truncated)?;
        self.key
            .open_in_place_separate_tag(nonce, Aad::from(&*header), tag, ciphertext)
            .map_err(|_| OpenError::Unauthenticated)
    }

    /// RFC 7714 section 9: header, ciphertext, tag, index; the header and the index are authenticated beside.
    pub(super) fn seal_rtcp(&self, index: u32, buffer: &mut Vec<u8>, start: usize) -> Result<(), SealError> {
        let compound = buffer.get_mut(start..).ok_or(SealError)?;
        let (header, payload) = compound.split_first_chunk_mut::<RTCP_HEADER_LEN>().ok_or(SealError)?;
        let word = (ENCRYPTED | index).to_be_bytes();
        let tag = self
            .key
            .seal_in_place_separate_tag(self.rtcp_nonce(header, index), Aad::from(rtcp_aad(header, word)), payload)
            .map_err(|_| SealError)?;
        buffer.extend_from_slice(tag.as_ref());
        buffer.extend_from_slice(&word);
        Ok(())
    }

    pub(super) fn open_rtcp<'a>(&self, packet: &'a mut [u8]) -> Result<(u32, &'a mut [u8]), OpenError> {
        let (packet, word) = packet.split_last_chunk_mut::<RTCP_INDEX_LEN>().ok_or(OpenError::Truncated)?;
        let index = u32::from_be_bytes(*word);
        let (packet, tag) = packet.split_last_chunk_mut::<TAG_LEN>().ok_or(OpenError::Truncated)?;
        let (header, ciphertext) = packet.split_first_chunk_mut::<RTCP_HEADER_LEN>().ok_or(OpenError::Truncated)?;
        if index & ENCRYPTED == 0 {
            return Err(OpenError::NotEncrypted);
        }
        let index = index & !ENCRYPTED;
        let nonce = self.rtcp_nonce(header, index);
        self.key
            .open_in_place_separate_tag(nonce, Aad::from(rtcp_aad(header, *word)), tag, ciphertext)
            .map_err(|_| OpenError::Unauthenticated)?;
        Ok((index, packet))
    }

    /// RFC 7714 8.1: 16 zeros, SSRC, ROC and sequence number, under the salt. `None` if the header has no SSRC.
    fn rtp_nonce(&self, header: &[u8], index: u64) -> Option<Nonce> {
        let ssrc = header.get(8..12)?;
        let mut nonce = self.salt;
        xor(&mut nonce[2..6], ssrc);
        xor(&mut nonce[6..], &index.to_be_bytes()[2..]);
        Some(Nonce::assume_unique_for_key(nonce))
    }

    /// RFC 7714 9.1: 16 zeros, SSRC, 16 zeros, index, under the salt.
    fn rtcp_nonce(&self, header: &[u8; RTCP_HEADER_LEN], index: u32) -> Nonce {
        let mut nonce = self.salt;
        xor(&mut nonce[2..6], &header[4..]);
        xor(&mut nonce[8..], &index.to_be_bytes());
        Nonce::assume_unique_for_key(nonce)
    }
}

fn rtcp_aad(header: &[u8; RTCP_HEADER_LEN], word: [u8; RTCP_INDEX_LEN]) -> [u8; RTCP_HEADER_LEN + RTCP_INDEX_LEN] {
    let mut aad = [0; RTCP_HEADER_LEN + RTCP_INDEX_LEN];
    aad[..RTCP_HEADER_LEN].copy_from_slice(header);
    aad[RTCP_HEADER_LEN..].copy_from_slice(&word);
    aad
}

fn xor(bytes: &mut [u8], with: &[u8]) {
    bytes.iter_mut().zip(with).for_each(|(byte, with)| *byte ^= with);
}
