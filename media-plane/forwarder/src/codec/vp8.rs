//! VP8 (RFC 7741).

use super::{PacketInfo, Places, Raise};

/// A payload descriptor (4.2).
struct Descriptor {
    starts_first_partition: bool,
    places: Places,
    /// TID and Y.
    temporal: u8,
    depends_on_base_only: bool,
    len: usize,
}

fn parse(payload: &[u8]) -> Option<Descriptor> {
    let first = *payload.first()?;
    let mut descriptor = Descriptor {
        // S, and partition 0.
        starts_first_partition: first & 0x17 == 0x10,
        places: Places::default(),
        temporal: 0,
        depends_on_base_only: false,
        len: 1,
    };
    if first & 0x80 == 0 {
        return Some(descriptor);
    }
    let present = *payload.get(1)?;
    let (has_picture_id, has_base_picture) = (present & 0x80 != 0, present & 0x40 != 0);
    let (has_layer, has_key_index) = (present & 0x20 != 0, present & 0x10 != 0);
    let mut at = 2;
    if has_picture_id {
        let long = payload.get(at)? & 0x80 != 0;
        descriptor.places.picture_id = Some((at, long));
        at += if long { 2 } else { 1 };
    }
    if has_base_picture {
        descriptor.places.base_picture = Some(at);
        at += 1;
    }
    if has_layer || has_key_index {
        let byte = *payload.get(at)?;
        if has_layer {
            descriptor.temporal = byte >> 6;
            descriptor.depends_on_base_only = byte & 0x20 != 0;
        }
        if has_key_index {
            descriptor.places.key_index = Some(at);
        }
        at += 1;
    }
    // All of it is there, or none of it is believed.
    payload.get(..at)?;
    descriptor.len = at;
    Some(descriptor)
}

/// The first bit of the payload header (4.3), inverse, says key frame; then a start code and the size follow. `None`:
/// truncated.
pub(super) fn inspect(payload: &[u8]) -> Option<PacketInfo> {
    let descriptor = parse(payload)?;
    let header = payload.get(descriptor.len..)?;
    let key_frame = descriptor.starts_first_partition && header.first()? & 0x01 == 0;
    let temporal = descriptor.temporal;
    let raises = match temporal.checked_sub(1) {
        Some(from) if descriptor.depends_on_base_only => Raise { from, to: temporal },
        _ => Raise::default(),
    };
    let size = match header {
        [_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..] if key_frame => {
            Some((u16::from_le_bytes([*w0, *w1]) & 0x3fff, u16::from_le_bytes([*h0, *h1]) & 0x3fff))
        }
        _ => None,
    };
    Some(PacketInfo { key_frame, temporal, raises, size, ..PacketInfo::default() })
}

pub(super) fn places(payload: &[u8]) -> Option<Places> {
    parse(payload).map(|descriptor| descriptor.places)
}
