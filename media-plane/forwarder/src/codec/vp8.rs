//! VP8 (RFC 7741).

/// The payload descriptor (4.2) says whether the first partition begins here; then the first bit of the payload header
/// (4.3), inverse, says key frame. `None`: truncated.
pub(super) fn begins_key_frame(payload: &[u8]) -> Option<bool> {
    let (&descriptor, mut rest) = payload.split_first()?;
    let extended = descriptor & 0x80 != 0;
    let starts_first_partition = descriptor & 0x17 == 0x10;
    if !starts_first_partition {
        return Some(false);
    }
    if extended {
        let (&present, after) = rest.split_first()?;
        rest = after;
        let has_picture_id = present & 0x80 != 0;
        let has_tl0_picture_index = present & 0x40 != 0;
        let has_layer_or_key_index = present & 0x30 != 0;
        if has_picture_id {
            let long = rest.first()? & 0x80 != 0;
            rest = rest.get(if long { 2 } else { 1 }..)?;
        }
        let others = usize::from(has_tl0_picture_index) + usize::from(has_layer_or_key_index);
        rest = rest.get(others..)?;
    }
    Some(rest.first()? & 0x01 == 0)
}
