use std::fmt;

use super::INDEX_BITS;
use super::cipher::Cipher;
use super::key::{KeyError, MasterKey};
use crate::event::SrtpProfile;

/// Checks and decrypts what the other side of a transport sends.
pub struct Opener {
    pub(super) profile: SrtpProfile,
    pub(super) rtp: Cipher,
    pub(super) rtcp: Cipher,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("SRTP: too short")]
    Truncated,
    /// Forged, damaged, of another key, or of another roll-over counter.
    #[error("SRTP: authentication failed")]
    Unauthenticated,
    /// An SRTCP packet without the E bit: never sent by a WebRTC peer.
    #[error("SRTP: SRTCP packet is not encrypted")]
    NotEncrypted,
}

impl Opener {
    pub fn new(key: &MasterKey) -> Result<Self, KeyError> {
        Ok(Self {
            profile: key.profile,
            rtp: Cipher::new(key.profile, &key.rtp()?)?,
            rtcp: Cipher::new(key.profile, &key.rtcp()?)?,
        })
    }

    pub fn profile(&self) -> SrtpProfile {
        self.profile
    }

    /// Decrypts in place and returns the payload (padding included). Ask [`super::StreamReplay`] for the index before
    /// and tell it after. On error the packet's payload is garbage.
    pub fn open_rtp<'a>(&self, index: u64, packet: &'a mut [u8], header_len: usize) -> Result<&'a mut [u8], OpenError> {
        if index >> INDEX_BITS != 0 {
            return Err(OpenError::Unauthenticated);
        }
        match &self.rtp {
            Cipher::Gcm(cipher) => cipher.open_rtp(index, packet, header_len),
            Cipher::CounterMode(cipher) => cipher.open_rtp(index, packet, header_len),
        }
    }

    /// Decrypts in place and returns the SRTCP index, for [`super::RtcpReplay`], and the compound packet.
    pub fn open_rtcp<'a>(&self, packet: &'a mut [u8]) -> Result<(u32, &'a mut [u8]), OpenError> {
        match &self.rtcp {
            Cipher::Gcm(cipher) => cipher.open_rtcp(packet),
            Cipher::CounterMode(cipher) => cipher.open_rtcp(packet),
        }
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opener({:?}, …)", self.profile)
    }
}
