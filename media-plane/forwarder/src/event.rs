//! What the control plane is told. Mirrors `MediaEvent` of `server/src/media/media-plane.ts`, which documents each member;
//! the worker's index is added by the driver.

use std::net::SocketAddr;

use crate::command::{TrackId, TransportId};

#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    TransportConnected {
        transport: TransportId,
        remote: SocketAddr,
        dtls_version: DtlsVersion,
        srtp_profile: SrtpProfile,
    },
    TransportClosed {
        transport: TransportId,
        reason: TransportClosed,
    },
    TrackStarted {
        track: TrackId,
    },
    Stats {
        request: u32,
        stats: WorkerStats,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DtlsVersion {
    V1_2,
    V1_3,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SrtpProfile {
    AeadAes256Gcm,
    AeadAes128Gcm,
    Aes128CmSha1_80,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportClosed {
    Closed,
    PeerClosed,
    Timeout,
    DtlsFailed,
    Panic,
}

/// Monotonic counters since the worker began. The driver adds its own (`send_calls`, `receive_calls`, `cpu_seconds`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WorkerStats {
    pub transports: Vec<TransportStats>,
    pub datagrams_received: u64,
    pub datagrams_sent: u64,
    pub bytes_received: u64,
    pub bytes_sent: u64,
    pub packets_forwarded: u64,
    pub key_frames_requested: u64,
    pub nacks_received: u64,
    pub nacks_sent: u64,
    pub retransmissions_sent: u64,
    pub dropped: Dropped,
}

/// Datagrams and packets thrown away, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dropped {
    pub unknown_address: u64,
    pub bad_stun: u64,
    pub bad_dtls: u64,
    pub bad_rtp: u64,
    pub bad_rtcp: u64,
    pub unauthenticated: u64,
    pub replayed: u64,
    pub unknown_ssrc: u64,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct TransportStats {
    pub transport: TransportId,
    pub packets_received: u64,
    pub packets_sent: u64,
    pub bytes_received: u64,
    pub bytes_sent: u64,
    /// Seconds, from RTCP (RFC 3550 6.4.1); `None` until known.
    pub round_trip_time: Option<f64>,
    pub packets_lost: u64,
    pub remote_packets_lost: u64,
    pub nacks_received: u64,
    pub nacks_sent: u64,
    pub key_frames_requested: u64,
}
