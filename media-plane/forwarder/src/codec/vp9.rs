//! VP9 (RFC 9628).

use super::{PacketInfo, Places, Raise};

/// A payload descriptor (4.2).
struct Descriptor {
    inter_predicted: bool,
    begins_frame: bool,
    ends_frame: bool,
    spatial: u8,
    temporal: u8,
    /// U: nothing behind it needs what came before it of higher temporal layers.
    switches_up: bool,
    /// The size of the highest spatial layer.
    size: Option<(u16, u16)>,
    places: Places,
    len: usize,
}

fn parse(payload: &[u8]) -> Option<Descriptor> {
    let first = *payload.first()?;
    let [has_picture_id, inter_predicted, has_layer, flexible, begins_frame, ends_frame, has_structure] =
        [0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x02].map(|bit| first & bit != 0);
    let mut descriptor = Descriptor {
        inter_predicted,
        begins_frame,
        ends_frame,
        spatial: 0,
        temporal: 0,
        switches_up: false,
        size: None,
        places: Places::default(),
        len: 1,
    };
    let mut at = 1;
    if has_picture_id {
        let long = payload.get(at)? & 0x80 != 0;
        descriptor.places.picture_id = Some((at, long));
        at += if long { 2 } else { 1 };
    }
    if has_layer {
        let byte = *payload.get(at)?;
        descriptor.temporal = byte >> 5;
        descriptor.switches_up = byte & 0x10 != 0;
        descriptor.spatial = byte >> 1 & 0x07;
        at += 1;
        if !flexible {
            descriptor.places.base_picture = Some(at);
            at += 1;
        }
    }
    if flexible && inter_predicted {
        // P_DIFF, at most three, each but the last with its lowest bit set.
        for _ in 0..3 {
            let more = payload.get(at)? & 0x01 != 0;
            at += 1;
            if !more {
                break;
            }
        }
    }
    payload.get(..at)?;
    descriptor.len = at;
    if has_structure {
        descriptor.size = highest_size(&payload[at..]);
    }
    Some(descriptor)
}

/// Of a scalability structure.
fn highest_size(structure: &[u8]) -> Option<(u16, u16)> {
    let (&first, rest) = structure.split_first()?;
    let has_sizes = first & 0x10 != 0;
    let last = rest.get(4 * usize::from(first >> 5)..)?.first_chunk::<4>()?;
    let [w0, w1, h0, h1] = *last;
    has_sizes.then_some((u16::from_be_bytes([w0, w1]), u16::from_be_bytes([h0, h1])))
}

/// A frame that is not predicted from other pictures begins here, in the lowest spatial layer (higher ones of a key
/// picture are predicted from it only, and look the same otherwise). `None`: truncated.
pub(super) fn inspect(payload: &[u8]) -> Option<PacketInfo> {
    let descriptor = parse(payload)?;
    // An empty payload decodes to nothing, whatever its descriptor says.
    let decodes = payload.len() > descriptor.len;
    Some(PacketInfo {
        key_frame: !descriptor.inter_predicted && descriptor.begins_frame && descriptor.spatial == 0 && decodes,
        spatial: descriptor.spatial,
        temporal: descriptor.temporal,
        raises: if descriptor.switches_up { Raise::ALL } else { Raise::default() },
        ends_frame: descriptor.ends_frame,
        size: descriptor.size,
    })
}

pub(super) fn places(payload: &[u8]) -> Option<Places> {
    parse(payload).map(|descriptor| descriptor.places)
}
