//! RTP headers (RFC 3550 5.1) with one-byte extensions (RFC 8285 4.2).

pub const FIXED_HEADER_LEN: usize = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub payload_type: u8,
    pub marker: bool,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
}

impl Header {
    /// Appends the header, with the transport-wide sequence number when its extension id is given.
    pub fn write(&self, transport_wide: Option<(u8, u16)>, out: &mut Vec<u8>) {
        let extension = u8::from(transport_wide.is_some()) << 4;
        out.extend_from_slice(&[0x80 | extension, u8::from(self.marker) << 7 | self.payload_type]);
        out.extend_from_slice(&self.sequence.to_be_bytes());
        out.extend_from_slice(&self.timestamp.to_be_bytes());
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        if let Some((id, number)) = transport_wide {
            let number = number.to_be_bytes();
            out.extend_from_slice(&[0xbe, 0xde, 0, 1, id << 4 | 1, number[0], number[1], 0]);
        }
    }
}

/// A header as it came, with where the payload begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parsed {
    pub header: Header,
    pub len: usize,
    pub transport_wide: Option<u16>,
}

/// `None` if it is no RTP packet. `transport_wide_id`: the extension to look for.
pub fn parse(packet: &[u8], transport_wide_id: Option<u8>) -> Option<Parsed> {
    if packet.len() < FIXED_HEADER_LEN || packet[0] >> 6 != 2 {
        return None;
    }
    let mut len = FIXED_HEADER_LEN + 4 * usize::from(packet[0] & 0x0f);
    let mut transport_wide = None;
    if packet[0] & 0x10 != 0 {
        let start = packet.get(len..len + 4)?;
        let words = usize::from(u16::from_be_bytes([start[2], start[3]]));
        let extensions = packet.get(len + 4..len + 4 + 4 * words)?;
        if start[..2] == [0xbe, 0xde] {
            transport_wide = transport_wide_id.and_then(|id| one_byte_extension(extensions, id));
        }
        len += 4 + 4 * words;
    }
    if len > packet.len() {
        return None;
    }
    let header = Header {
        payload_type: packet[1] & 0x7f,
        marker: packet[1] & 0x80 != 0,
        sequence: u16::from_be_bytes([packet[2], packet[3]]),
        timestamp: u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]),
        ssrc: u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]]),
    };
    Some(Parsed { header, len, transport_wide })
}

/// The two bytes of the extension with this id.
fn one_byte_extension(mut rest: &[u8], wanted: u8) -> Option<u16> {
    while let Some((&head, tail)) = rest.split_first() {
        if head == 0 {
            rest = tail; // padding
            continue;
        }
        let (id, len) = (head >> 4, usize::from(head & 0x0f) + 1);
        if id == 15 {
            return None;
        }
        let value = tail.get(..len)?;
        if id == wanted && len == 2 {
            return Some(u16::from_be_bytes([value[0], value[1]]));
        }
        rest = &tail[len..];
    }
    None
}

/// RTCP and RTP share a port: told apart by the second byte (RFC 5761 4).
pub fn is_rtcp(packet: &[u8]) -> bool {
    packet.get(1).is_some_and(|&second| (192..=223).contains(&second))
}

/// Makes 48-bit indices (ROC and sequence number) of sequence numbers that arrive more or less in order (RFC 3711 3.3.1).
#[derive(Debug, Default)]
pub struct Extender {
    highest: Option<u64>,
}

impl Extender {
    pub fn extend(&mut self, sequence: u16) -> u64 {
        let Some(highest) = self.highest else {
            self.highest = Some(sequence.into());
            return sequence.into();
        };
        let ahead = sequence.wrapping_sub(highest as u16) as i16;
        let index = highest.saturating_add_signed(ahead.into());
        self.highest = Some(highest.max(index));
        index
    }
}
