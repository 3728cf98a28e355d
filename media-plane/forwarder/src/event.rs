//! What the control plane is told. Mirrors `MediaEvent` of `server/src/media/media-plane.ts`, which documents each member;
//! the worker's index is added by the driver. With the feature `serde` the two read the same JSON.

use std::net::SocketAddr;

#[cfg(feature = "serde")]
use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::command::{GroupId, SubscriptionId, Target, TrackId, TransportId};
use crate::worker::Protocol;

#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize),
    serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")
)]
pub enum Event {
    TransportConnected {
        transport: TransportId,
        #[cfg_attr(feature = "serde", serde(serialize_with = "ip_and_port"))]
        remote: SocketAddr,
        protocol: Protocol,
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
    LayersWanted {
        track: TrackId,
        layers: Vec<bool>,
    },
    Speakers {
        group: GroupId,
        tracks: Vec<TrackId>,
    },
    SubscriptionChanged {
        subscription: SubscriptionId,
        current: Target,
    },
    /// What the path to a participant carries, in bits a second, is another; told if it is less than would be sent.
    Bandwidth {
        transport: TransportId,
        estimate: f64,
        demand: f64,
    },
    Stats {
        request: u32,
        stats: WorkerStats,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
pub enum DtlsVersion {
    #[cfg_attr(feature = "serde", serde(rename = "1.2"))]
    V1_2,
    #[cfg_attr(feature = "serde", serde(rename = "1.3"))]
    V1_3,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
pub enum SrtpProfile {
    #[cfg_attr(feature = "serde", serde(rename = "AEAD_AES_256_GCM"))]
    AeadAes256Gcm,
    #[cfg_attr(feature = "serde", serde(rename = "AEAD_AES_128_GCM"))]
    AeadAes128Gcm,
    #[cfg_attr(feature = "serde", serde(rename = "AES128_CM_SHA1_80"))]
    Aes128CmSha1_80,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize), serde(rename_all = "kebab-case"))]
pub enum TransportClosed {
    Closed,
    PeerClosed,
    Timeout,
    DtlsFailed,
    Panic,
}

/// Monotonic counters since the worker began.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(Serialize), serde(rename_all = "camelCase"))]
pub struct WorkerStats {
    pub transports: Vec<TransportStats>,
    pub datagrams_received: u64,
    pub datagrams_sent: u64,
    pub bytes_received: u64,
    pub bytes_sent: u64,
    /// The driver's to count: 0 from the forwarder.
    pub send_calls: u64,
    /// The driver's to count: 0 from the forwarder.
    pub receive_calls: u64,
    pub packets_forwarded: u64,
    pub key_frames_requested: u64,
    pub nacks_received: u64,
    pub nacks_sent: u64,
    pub retransmissions_sent: u64,
    /// Of the worker's thread. The driver's to measure: 0 from the forwarder.
    pub cpu_seconds: f64,
    pub dropped: Dropped,
}

/// Datagrams and packets thrown away, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize), serde(rename_all = "camelCase"))]
pub struct Dropped {
    pub unknown_address: u64,
    pub bad_stun: u64,
    pub bad_dtls: u64,
    pub bad_rtp: u64,
    pub bad_rtcp: u64,
    pub unauthenticated: u64,
    pub replayed: u64,
    pub unknown_ssrc: u64,
    /// Packets for another worker that did not take them in time.
    pub relay_full: u64,
    /// Packets that waited too long for a viewer's narrow path.
    pub too_late: u64,
    /// The driver's to count: 0 from the forwarder.
    pub send_buffer_full: u64,
}

#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(Serialize), serde(rename_all = "camelCase"))]
pub struct TransportStats {
    pub transport: TransportId,
    pub packets_received: u64,
    pub packets_sent: u64,
    pub bytes_received: u64,
    pub bytes_sent: u64,
    /// Seconds, from RTCP (RFC 3550 6.4.1); `None` until known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub round_trip_time: Option<f64>,
    pub packets_lost: u64,
    pub remote_packets_lost: u64,
    pub nacks_received: u64,
    pub nacks_sent: u64,
    pub key_frames_requested: u64,
    /// Bits a second that the path to it carries, by its feedback; `None` until known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub estimate: Option<f64>,
    /// Bits a second that would be sent to it if there were no limit.
    pub demand: f64,
}

#[cfg(feature = "serde")]
fn ip_and_port<S: Serializer>(address: &SocketAddr, serializer: S) -> Result<S::Ok, S::Error> {
    let mut fields = serializer.serialize_struct("SocketAddress", 2)?;
    fields.serialize_field("ip", &address.ip())?;
    fields.serialize_field("port", &address.port())?;
    fields.end()
}
