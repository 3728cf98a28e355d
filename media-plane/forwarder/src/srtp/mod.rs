//! SRTP and SRTCP (RFC 3711, 7714) on keys without per-stream state.
//!
//! Roll-over counters, replay windows and SRTCP indices belong to the caller, who has a place for each stream anyhow:
//! so nothing is looked up here and nothing is allocated per packet. `index` of RTP is 48 bits, ROC above the sequence
//! number.
//!
//! **A nonce must never protect two different packets**: seal each index of an SSRC once, or byte-identically.

mod cipher;
mod counter_mode;
mod gcm;
mod key;
mod open;
mod replay;
mod seal;
#[cfg(test)]
mod vectors;

pub use key::{KeyError, MasterKey};
pub use open::{OpenError, Opener};
pub use replay::{ReplayWindow, RtcpReplay, StreamReplay};
pub use seal::{SealError, Sealer};

use crate::event::SrtpProfile;

/// The most that sealing adds to a packet, RTP or RTCP: 16 bytes tag, 4 bytes index.
pub const MAX_OVERHEAD: usize = 20;

/// Of an SRTP index: ROC and sequence number.
const INDEX_BITS: u32 = 48;

/// What of an SRTCP packet is never encrypted: first word and SSRC (RFC 3711 3.4).
const RTCP_HEADER_LEN: usize = 8;

/// The E bit of the word that carries the SRTCP index.
const ENCRYPTED: u32 = 1 << 31;
const RTCP_INDEX_LEN: usize = 4;

impl SrtpProfile {
    /// Bytes of the master key.
    pub const fn key_len(self) -> usize {
        match self {
            Self::AeadAes256Gcm => 32,
            Self::AeadAes128Gcm | Self::Aes128CmSha1_80 => 16,
        }
    }

    /// Bytes of the master salt.
    pub const fn salt_len(self) -> usize {
        match self {
            Self::AeadAes256Gcm | Self::AeadAes128Gcm => 12,
            Self::Aes128CmSha1_80 => 14,
        }
    }

    /// Bytes that sealing adds to an RTP packet.
    pub const fn tag_len(self) -> usize {
        match self {
            Self::AeadAes256Gcm | Self::AeadAes128Gcm => gcm::TAG_LEN,
            Self::Aes128CmSha1_80 => counter_mode::TAG_LEN,
        }
    }

    /// Bytes that sealing adds to an RTCP packet.
    pub const fn rtcp_overhead(self) -> usize {
        self.tag_len() + RTCP_INDEX_LEN
    }
}
