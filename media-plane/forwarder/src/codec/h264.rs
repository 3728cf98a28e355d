//! H.264 (RFC 6184), packetization modes 0 and 1.

use super::PacketInfo;

const IDR: u8 = 5;
const SEQUENCE_PARAMETERS: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

pub(super) fn inspect(payload: &[u8]) -> PacketInfo {
    PacketInfo { key_frame: begins_key_frame(payload).unwrap_or(false), ..PacketInfo::default() }
}

/// A sequence parameter set or an IDR slice begins here: alone, in an aggregate (STAP-A), or as the first fragment
/// (FU-A). `None`: truncated.
fn begins_key_frame(payload: &[u8]) -> Option<bool> {
    let (&indicator, rest) = payload.split_first()?;
    match indicator & 0x1f {
        STAP_A => aggregate_begins_key_frame(rest),
        FU_A => {
            let header = *rest.first()?;
            let starts = header & 0x80 != 0;
            Some(starts && is_key(header))
        }
        _ => Some(is_key(indicator)),
    }
}

fn is_key(nal_header: u8) -> bool {
    matches!(nal_header & 0x1f, IDR | SEQUENCE_PARAMETERS)
}

fn aggregate_begins_key_frame(mut units: &[u8]) -> Option<bool> {
    while !units.is_empty() {
        let (len, rest) = units.split_first_chunk()?;
        let (unit, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
        if is_key(*unit.first()?) {
            return Some(true);
        }
        units = rest;
    }
    Some(false)
}
