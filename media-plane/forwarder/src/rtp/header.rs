use super::extension::{Element, Elements, Form};

/// Of a header without CSRCs and extension.
pub const FIXED_HEADER_LEN: usize = 12;

const VERSION: u8 = 2 << 6;
const PADDING: u8 = 1 << 5;
const EXTENSION: u8 = 1 << 4;
const MARKER: u8 = 1 << 7;

/// What a forwarder rewrites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields {
    /// The P bit: the (decrypted) payload ends with padding.
    pub padding: bool,
    pub marker: bool,
    /// 0–127.
    pub payload_type: u8,
    pub sequence_number: u16,
    pub timestamp: u32,
    pub ssrc: u32,
}

/// A header that was read. Offsets are within the packet it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub fields: Fields,
    /// Of the whole header: fixed part, CSRCs, extension.
    pub len: usize,
    /// Form and start of the extension's elements; they end where the header ends.
    extension: Option<(Form, usize)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RtpError {
    #[error("RTP: shorter than its header says")]
    Truncated,
    #[error("RTP: version is not 2")]
    Version,
}

/// The buffer is too small, or an element fits no form of RFC 8285.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("RTP: the header does not fit")]
pub struct NoRoom;

impl Header {
    /// Reads the header of an RTP or SRTP packet. Nothing behind `len` is looked at.
    pub fn parse(packet: &[u8]) -> Result<Self, RtpError> {
        let fixed: &[u8; FIXED_HEADER_LEN] = packet.first_chunk().ok_or(RtpError::Truncated)?;
        let [first, second, s0, s1, t0, t1, t2, t3, i0, i1, i2, i3] = *fixed;
        if first & 0xc0 != VERSION {
            return Err(RtpError::Version);
        }
        let fields = Fields {
            padding: first & PADDING != 0,
            marker: second & MARKER != 0,
            payload_type: second & 0x7f,
            sequence_number: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([i0, i1, i2, i3]),
        };
        let mut len = FIXED_HEADER_LEN + 4 * usize::from(first & 0x0f);
        let mut extension = None;
        if first & EXTENSION != 0 {
            let [p0, p1, l0, l1] = *packet.get(len..).and_then(|rest| rest.first_chunk()).ok_or(RtpError::Truncated)?;
            len += 4;
            extension = Form::of_profile(u16::from_be_bytes([p0, p1])).map(|form| (form, len));
            len += 4 * usize::from(u16::from_be_bytes([l0, l1]));
        }
        if len > packet.len() {
            return Err(RtpError::Truncated);
        }
        Ok(Self { fields, len, extension })
    }

    /// The extension's elements, of either form; none for an unknown profile. `packet` is the one that was parsed.
    pub fn elements<'a>(&self, packet: &'a [u8]) -> Elements<'a> {
        match self.extension {
            Some((form, start)) => Elements::new(form, packet.get(start..self.len).unwrap_or_default()),
            None => Elements::new(Form::OneByte, &[]),
        }
    }

    /// The data of the first element with this id.
    pub fn element<'a>(&self, packet: &'a [u8], id: u8) -> Option<&'a [u8]> {
        self.elements(packet).find(|element| element.id == id).map(|element| element.data)
    }

    /// The decrypted payload without its padding; `None` if the padding is longer than the payload or says that it is
    /// empty (RFC 3550 5.1: it counts itself).
    pub fn without_padding<'a>(&self, payload: &'a [u8]) -> Option<&'a [u8]> {
        if !self.fields.padding {
            return Some(payload);
        }
        match usize::from(*payload.last()?) {
            0 => None,
            padding => payload.len().checked_sub(padding).map(|len| &payload[..len]),
        }
    }
}

/// Writes a header without CSRCs, with these elements (none: no extension), and returns its length. The two-byte form
/// is used only if an element needs it: ids over 14, lengths of 0 or over 16.
pub fn write_header(out: &mut [u8], fields: &Fields, elements: &[Element<'_>]) -> Result<usize, NoRoom> {
    let form = Form::for_elements(elements).ok_or(NoRoom)?;
    let fixed: &mut [u8; FIXED_HEADER_LEN] = out.first_chunk_mut().ok_or(NoRoom)?;
    fixed[0] = VERSION;
    if fields.padding {
        fixed[0] |= PADDING;
    }
    set_marker_and_payload_type(fixed, fields.marker, fields.payload_type);
    set_sequence_number(fixed, fields.sequence_number);
    set_timestamp(fixed, fields.timestamp);
    set_ssrc(fixed, fields.ssrc);
    if elements.is_empty() {
        return Ok(FIXED_HEADER_LEN);
    }
    fixed[0] |= EXTENSION;
    let extension = &mut out[FIXED_HEADER_LEN..];
    let mut len = 4;
    for element in elements {
        len += form.write(element, extension.get_mut(len..).ok_or(NoRoom)?).ok_or(NoRoom)?;
    }
    let padded = len.next_multiple_of(4);
    extension.get_mut(len..padded).ok_or(NoRoom)?.fill(0);
    let words = u16::try_from(padded / 4 - 1).map_err(|_| NoRoom)?;
    extension[..2].copy_from_slice(&form.profile().to_be_bytes());
    extension[2..4].copy_from_slice(&words.to_be_bytes());
    Ok(FIXED_HEADER_LEN + padded)
}

/// The `set_` functions patch a written header; they panic on fewer than [`FIXED_HEADER_LEN`] bytes.
pub fn set_marker_and_payload_type(packet: &mut [u8], marker: bool, payload_type: u8) {
    packet[1] = u8::from(marker) << 7 | payload_type & 0x7f;
}

pub fn set_sequence_number(packet: &mut [u8], sequence_number: u16) {
    packet[2..4].copy_from_slice(&sequence_number.to_be_bytes());
}

pub fn set_timestamp(packet: &mut [u8], timestamp: u32) {
    packet[4..8].copy_from_slice(&timestamp.to_be_bytes());
}

pub fn set_ssrc(packet: &mut [u8], ssrc: u32) {
    packet[8..12].copy_from_slice(&ssrc.to_be_bytes());
}
