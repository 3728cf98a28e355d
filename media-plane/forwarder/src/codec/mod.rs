//! What a forwarder must know of payloads, and no more: where key frames begin, which layer a packet belongs to, and
//! the numbers that must go on when a viewer is given another layer.

mod av1;
mod dependency;
mod h264;
mod vp8;
mod vp9;

pub use dependency::{DependencyDescriptor, MAX_TEMPLATES, Structure, Template};

use crate::command::Codec;

/// Temporal layers that any codec may be given; where all of them may be raised to.
pub const MAX_TEMPORAL: u8 = 7;

/// What one packet says of its frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PacketInfo {
    /// A key frame begins here.
    pub key_frame: bool,
    pub spatial: u8,
    pub temporal: u8,
    /// From this packet on, a viewer that has at least the temporal layer `from` may have those up to `to`.
    pub raises: Raise,
    /// The last packet of its layer's frame.
    pub ends_frame: bool,
    /// Width and height of the picture, where this packet tells.
    pub size: Option<(u16, u16)>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Raise {
    pub from: u8,
    pub to: u8,
}

impl Raise {
    pub const ALL: Self = Self { from: 0, to: MAX_TEMPORAL };
}

/// Of a picture, as its payload descriptor has them; each is a counter that a decoder expects to go on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Numbers {
    /// 15 bits, or 7.
    pub picture_id: Option<u16>,
    /// The newest picture of temporal layer 0.
    pub base_picture: Option<u8>,
    /// Of VP8, 5 bits.
    pub key_index: Option<u8>,
}

/// What is added to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NumberShift {
    pub picture_id: u16,
    pub base_picture: u8,
    pub key_index: u8,
}

/// Where they stand in a payload.
#[derive(Debug, Clone, Copy, Default)]
struct Places {
    picture_id: Option<(usize, bool)>,
    base_picture: Option<usize>,
    key_index: Option<usize>,
}

/// Whether a key frame begins in this (decrypted, unpadded) payload. Always false for audio: it needs none.
pub fn is_key_frame(codec: Codec, payload: &[u8]) -> bool {
    inspect(codec, payload).key_frame
}

/// Reads a payload's descriptor. AV1 and H.264 have their layers in the dependency descriptor.
pub fn inspect(codec: Codec, payload: &[u8]) -> PacketInfo {
    let mut info = match codec {
        Codec::Opus => PacketInfo::default(),
        Codec::Vp8 => vp8::inspect(payload).unwrap_or_default(),
        Codec::Vp9 => vp9::inspect(payload).unwrap_or_default(),
        Codec::H264 => h264::inspect(payload),
        Codec::Av1 => {
            PacketInfo { key_frame: av1::begins_key_frame(payload).unwrap_or(false), ..PacketInfo::default() }
        }
    };
    if info.key_frame {
        info.raises = Raise::ALL;
    }
    info
}

/// The numbers of the picture that this payload belongs to; none for codecs without such.
pub fn numbers(codec: Codec, payload: &[u8]) -> Numbers {
    let places = places(codec, payload);
    let byte = |at: usize| payload.get(at).copied();
    Numbers {
        picture_id: places.picture_id.and_then(|(at, long)| {
            let first = byte(at)?;
            if long { Some(u16::from(first & 0x7f) << 8 | u16::from(byte(at + 1)?)) } else { Some(u16::from(first)) }
        }),
        base_picture: places.base_picture.and_then(byte),
        key_index: places.key_index.and_then(byte).map(|byte| byte & 0x1f),
    }
}

/// Writes the numbers anew, each in its own width. Length and everything else stay.
pub fn shift_numbers(codec: Codec, payload: &mut [u8], shift: &NumberShift) {
    let places = places(codec, payload);
    let before = numbers(codec, payload);
    if let (Some((at, long)), Some(value)) = (places.picture_id, before.picture_id) {
        let [high, low] = value.wrapping_add(shift.picture_id).to_be_bytes();
        if long {
            payload[at] = 0x80 | high & 0x7f;
            payload[at + 1] = low;
        } else {
            payload[at] = low & 0x7f;
        }
    }
    if let (Some(at), Some(value)) = (places.base_picture, before.base_picture) {
        payload[at] = value.wrapping_add(shift.base_picture);
    }
    if let (Some(at), Some(value)) = (places.key_index, before.key_index) {
        payload[at] = payload[at] & 0xe0 | value.wrapping_add(shift.key_index) & 0x1f;
    }
}

/// Whether a picture that is left out must leave no gap in the picture ids: a decoder of VP8 waits for it otherwise.
/// In VP9 the ids say where in the pattern a picture stands, and must stay.
pub fn closes_picture_ids(codec: Codec) -> bool {
    codec == Codec::Vp8
}

fn places(codec: Codec, payload: &[u8]) -> Places {
    match codec {
        Codec::Vp8 => vp8::places(payload).unwrap_or_default(),
        Codec::Vp9 => vp9::places(payload).unwrap_or_default(),
        Codec::Opus | Codec::H264 | Codec::Av1 => Places::default(),
    }
}
