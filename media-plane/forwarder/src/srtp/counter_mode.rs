//! AES in counter mode with HMAC-SHA1, tags of 80 bits (RFC 3711).
//!
//! The cipher is the crates `aes` and `ctr`, which `dimpl` brings anyhow: aws-lc-rs offers counter mode only with a key
//! schedule and an allocation a packet.

use aes::Aes128Enc;
use aes::cipher::{InnerIvInit, KeyInit, StreamCipher};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use ctr::{Ctr128BE, CtrCore};

use super::key::{KeyError, SALT_LEN, SessionKey};
use super::{ENCRYPTED, OpenError, RTCP_HEADER_LEN, RTCP_INDEX_LEN, SealError};

pub(super) const TAG_LEN: usize = 10;

pub(super) struct CounterMode {
    cipher: Aes128Enc,
    authentication: hmac::Key,
    salt: [u8; SALT_LEN],
}

impl CounterMode {
    pub(super) fn new(session: &SessionKey) -> Result<Self, KeyError> {
        Ok(Self {
            cipher: Aes128Enc::new_from_slice(session.encryption()).map_err(|_| KeyError::Refused)?,
            authentication: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &*session.authentication),
            salt: session.salt,
        })
    }

    pub(super) fn seal_rtp(
        &self,
        index: u64,
        packet: &mut [u8],
        header_len: usize,
        payload: &[u8],
    ) -> Result<(), SealError> {
        let (authenticated, tag) = packet.split_last_chunk_mut().ok_or(SealError)?;
        let (header, ciphertext) = authenticated.split_at_mut_checked(header_len).ok_or(SealError)?;
        let mut keystream = self.keystream(header.get(8..12), index).ok_or(SealError)?;
        // Fails if the lengths differ.
        keystream.try_apply_keystream_b2b(payload, ciphertext).map_err(|_| SealError)?;
        *tag = self.rtp_tag(authenticated, index);
        Ok(())
    }

    pub(super) fn seal_rtp_in_place(&self, index: u64, packet: &mut [u8], header_len: usize) -> Result<(), SealError> {
        let (authenticated, tag) = packet.split_last_chunk_mut().ok_or(SealError)?;
        let (header, payload) = authenticated.split_at_mut_checked(header_len).ok_or(SealError)?;
        self.keystream(header.get(8..12), index).ok_or(SealError)?.apply_keystream(payload);
        *tag = self.rtp_tag(authenticated, index);
        Ok(())
    }

    pub(super) fn open_rtp<'a>(
        &self,
        index: u64,
        packet: &'a mut [u8],
        header_len: usize,
    ) -> Result<&'a mut [u8], OpenError> {
        let (authenticated, tag) = packet.split_last_chunk_mut::<TAG_LEN>().ok_or(OpenError::Truncated)?;
        let expected = self.rtp_tag(authenticated, index);
        verify_slices_are_equal(&expected, tag).map_err(|_| OpenError::Unauthenticated)?;
        let (header, payload) = authenticated.split_at_mut_checked(header_len).ok_or(OpenError::Truncated)?;
        self.keystream(header.get(8..12), index).ok_or(OpenError::Truncated)?.apply_keystream(payload);
        Ok(payload)
    }

    /// RFC 3711 3.4: header, ciphertext, index, tag; everything in front of the tag is authenticated.
    pub(super) fn seal_rtcp(&self, index: u32, buffer: &mut Vec<u8>, start: usize) -> Result<(), SealError> {
        let compound = buffer.get_mut(start..).ok_or(SealError)?;
        let (header, payload) = compound.split_first_chunk_mut::<RTCP_HEADER_LEN>().ok_or(SealError)?;
        self.keystream(header.get(4..), u64::from(index)).ok_or(SealError)?.apply_keystream(payload);
        buffer.extend_from_slice(&(ENCRYPTED | index).to_be_bytes());
        let tag = truncated(hmac::sign(&self.authentication, &buffer[start..]));
        buffer.extend_from_slice(&tag);
        Ok(())
    }

    pub(super) fn open_rtcp<'a>(&self, packet: &'a mut [u8]) -> Result<(u32, &'a mut [u8]), OpenError> {
        let (authenticated, tag) = packet.split_last_chunk_mut::<TAG_LEN>().ok_or(OpenError::Truncated)?;
        let expected = truncated(hmac::sign(&self.authentication, authenticated));
        verify_slices_are_equal(&expected, tag).map_err(|_| OpenError::Unauthenticated)?;
        let (compound, word) = authenticated.split_last_chunk_mut::<RTCP_INDEX_LEN>().ok_or(OpenError::Truncated)?;
        let index = u32::from_be_bytes(*word);
        if index & ENCRYPTED == 0 {
            return Err(OpenError::NotEncrypted);
        }
        let index = index & !ENCRYPTED;
        let (header, payload) = compound.split_first_chunk_mut::<RTCP_HEADER_LEN>().ok_or(OpenError::Truncated)?;
        self.keystream(header.get(4..), u64::from(index)).ok_or(OpenError::Truncated)?.apply_keystream(payload);
        Ok((index, compound))
    }

    /// RFC 3711 4.1.1: SSRC and index under the salt, then 16 bits of counter.
    fn keystream(&self, ssrc: Option<&[u8]>, index: u64) -> Option<Ctr128BE<&Aes128Enc>> {
        let ssrc = u32::from_be_bytes(ssrc?.try_into().ok()?);
        let mut salt = [0; 16];
        salt[..SALT_LEN].copy_from_slice(&self.salt);
        let start = u128::from_be_bytes(salt) ^ u128::from(ssrc) << 64 ^ u128::from(index) << 16;
        Some(Ctr128BE::from_core(CtrCore::inner_iv_init(&self.cipher, &start.to_be_bytes().into())))
    }

    /// RFC 3711 4.2: of the packet and its roll-over counter.
    fn rtp_tag(&self, authenticated: &[u8], index: u64) -> [u8; TAG_LEN] {
        let mut context = hmac::Context::with_key(&self.authentication);
        context.update(authenticated);
        context.update(&((index >> 16) as u32).to_be_bytes());
        truncated(context.sign())
    }
}

fn truncated(tag: hmac::Tag) -> [u8; TAG_LEN] {
    let mut first = [0; TAG_LEN];
    first.copy_from_slice(&tag.as_ref()[..TAG_LEN]);
    first
}
