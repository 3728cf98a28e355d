//! VP9 (RFC 9628).

/// By the payload descriptor (4.2): a frame that is not predicted from other pictures begins here, in the lowest spatial
/// layer (higher ones of a key picture are predicted from it only, and look the same otherwise). `None`: truncated.
pub(super) fn begins_key_frame(payload: &[u8]) -> Option<bool> {
    let (&descriptor, mut rest) = payload.split_first()?;
    let has_picture_id = descriptor & 0x80 != 0;
    let inter_predicted = descriptor & 0x40 != 0;
    let has_layer = descriptor & 0x20 != 0;
    let begins_frame = descriptor & 0x08 != 0;
    if inter_predicted || !begins_frame {
        return Some(false);
    }
    if has_picture_id {
        let long = rest.first()? & 0x80 != 0;
        rest = rest.get(if long { 2 } else { 1 }..)?;
    }
    if has_layer {
        let spatial_id = rest.first()? >> 1 & 0x07;
        return Some(spatial_id == 0);
    }
    // An empty payload decodes to nothing, whatever its descriptor says.
    Some(!rest.is_empty())
}
