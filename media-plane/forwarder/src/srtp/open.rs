use super::key::{KeyError, MasterKey};
use crate::event::SrtpProfile;

/// Checks and decrypts what the other side of a transport sends.
pub struct Opener {}

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
    pub fn new(_key: &MasterKey) -> Result<Self, KeyError> {
        todo!()
    }

    pub fn profile(&self) -> SrtpProfile {
        todo!()
    }

    /// Decrypts in place and returns the payload (padding included). Ask [`super::StreamReplay`] for the index before
    /// and tell it after. On error the packet's payload is garbage.
    pub fn open_rtp<'a>(
        &self,
        _index: u64,
        _packet: &'a mut [u8],
        _header_len: usize,
    ) -> Result<&'a mut [u8], OpenError> {
        todo!()
    }

    /// Decrypts in place and returns the SRTCP index, for [`super::RtcpReplay`], and the compound packet.
    pub fn open_rtcp<'a>(&self, _packet: &'a mut [u8]) -> Result<(u32, &'a mut [u8]), OpenError> {
        todo!()
    }
}
