//! What the control plane asks for. Mirrors `Command` of `server/src/media/media-plane.ts`, which documents each member.
//! With the feature `serde` the two read the same JSON.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::relay::WorkerIndex;

pub type TransportId = u32;
pub type TrackId = u32;
pub type SubscriptionId = u32;
/// Tracks that are heard together: a room's.
pub type GroupId = u32;

#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(Deserialize),
    serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)
)]
pub enum Command {
    OpenTransport { transport: TransportId, ice_ufrag: String, ice_pwd: String },
    ConnectTransport(ConnectTransport),
    RestartIce { transport: TransportId, ice_ufrag: String, ice_pwd: String },
    CloseTransport { transport: TransportId },
    PublishTrack(PublishTrack),
    UnpublishTrack { track: TrackId },
    RelayTrack { track: TrackId, to: WorkerIndex },
    StopRelaying { track: TrackId, to: WorkerIndex },
    ReceiveTrack(ReceiveTrack),
    HoldTrack { track: TrackId, held: bool },
    Subscribe(Subscribe),
    ConfigureGroup { group: GroupId, loudest: Option<u16> },
    ConfigureSubscription { subscription: SubscriptionId, limits: Limits },
    Unsubscribe { subscription: SubscriptionId },
    CollectStats { request: u32 },
}

#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(Deserialize), serde(rename_all = "camelCase", deny_unknown_fields))]
pub struct ConnectTransport {
    pub transport: TransportId,
    pub ice_ufrag: String,
    pub ice_pwd: String,
    pub fingerprint: Fingerprint,
    pub dtls_role: DtlsRole,
    pub extensions: HeaderExtensions,
}

#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(Deserialize), serde(rename_all = "camelCase", deny_unknown_fields))]
pub struct PublishTrack {
    pub transport: TransportId,
    pub track: TrackId,
    pub kind: Kind,
    pub mid: String,
    /// Of a microphone.
    pub group: Option<GroupId>,
    pub encodings: Vec<Encoding>,
    pub codecs: Vec<CodecParameters>,
}

#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(Deserialize), serde(rename_all = "camelCase", deny_unknown_fields))]
pub struct Subscribe {
    pub transport: TransportId,
    pub subscription: SubscriptionId,
    pub track: TrackId,
    pub mid: String,
    pub ssrc: u32,
    pub rtx_ssrc: Option<u32>,
    pub codecs: Vec<CodecParameters>,
    #[cfg_attr(feature = "serde", serde(default))]
    pub limits: Limits,
}

/// How much of a track a viewer may have at most, and how dear it is to the viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Deserialize), serde(default, rename_all = "camelCase", deny_unknown_fields))]
pub struct Limits {
    /// The higher, the dearer.
    pub priority: u8,
    pub paused: bool,
    pub max_spatial: u8,
    pub max_temporal: u8,
    /// In pixels of the viewer's screen, as it is shown.
    pub max_width: Option<u16>,
    pub max_height: Option<u16>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            priority: 0,
            paused: false,
            max_spatial: u8::MAX,
            max_temporal: u8::MAX,
            max_width: None,
            max_height: None,
        }
    }
}

/// What of a track a viewer is sent: nothing, or up to these layers, the lowest being 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize), serde(tag = "type", rename_all = "kebab-case"))]
pub enum Target {
    Paused,
    Layer { spatial: u8, temporal: u8 },
}

impl Target {
    pub const ALL: Self = Self::Layer { spatial: u8::MAX, temporal: u8::MAX };
}

#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(Deserialize), serde(rename_all = "camelCase", deny_unknown_fields))]
pub struct ReceiveTrack {
    pub track: TrackId,
    pub from: WorkerIndex,
    pub transport: TransportId,
    pub kind: Kind,
    pub group: Option<GroupId>,
    pub encodings: Vec<Encoding>,
    pub codecs: Vec<CodecParameters>,
}

/// Of a certificate (RFC 8122): `algorithm` as SDP names it, `value` as upper-case hex pairs with colons.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Deserialize, Serialize), serde(rename_all = "camelCase", deny_unknown_fields))]
pub struct Fingerprint {
    pub algorithm: String,
    pub value: String,
}

/// Ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Deserialize), serde(rename_all = "kebab-case"))]
pub enum DtlsRole {
    Client,
    Server,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Deserialize), serde(rename_all = "kebab-case"))]
pub enum Kind {
    Audio,
    Video,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Deserialize), serde(rename_all = "kebab-case"))]
pub enum Codec {
    Opus,
    Vp8,
    Vp9,
    H264,
    Av1,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Deserialize), serde(rename_all = "camelCase", deny_unknown_fields))]
pub struct CodecParameters {
    pub codec: Codec,
    pub payload_type: u8,
    pub rtx_payload_type: Option<u8>,
    pub clock_rate: u32,
    pub nack: bool,
    pub pli: bool,
    pub fir: bool,
    pub transport_cc: bool,
}

/// Ids (1–255) of RTP header extensions (RFC 8285), the same for every track of a transport.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Deserialize), serde(rename_all = "camelCase", deny_unknown_fields))]
pub struct HeaderExtensions {
    pub mid: Option<u8>,
    pub rid: Option<u8>,
    pub repaired_rid: Option<u8>,
    pub transport_wide_cc: Option<u8>,
    pub abs_send_time: Option<u8>,
    pub audio_level: Option<u8>,
    pub video_orientation: Option<u8>,
    pub dependency_descriptor: Option<u8>,
    pub abs_capture_time: Option<u8>,
    pub playout_delay: Option<u8>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Deserialize), serde(rename_all = "camelCase", deny_unknown_fields))]
pub struct Encoding {
    pub ssrc: Option<u32>,
    pub rtx_ssrc: Option<u32>,
    pub rid: Option<String>,
}
