/// Generic NACK (RFC 4585 6.2.1).
#[derive(Debug, Clone)]
pub struct Nack<'a> {
    pub sender_ssrc: u32,
    pub media_ssrc: u32,
    _entries: &'a [u8],
}

impl<'a> Nack<'a> {
    /// The sequence numbers asked for, in the order of the packet.
    pub fn sequence_numbers(&self) -> impl Iterator<Item = u16> + use<'a> {
        std::iter::empty()
    }
}

/// Full intra request (RFC 5104 4.3.1).
#[derive(Debug, Clone)]
pub struct Fir<'a> {
    pub sender_ssrc: u32,
    _entries: &'a [u8],
}

/// Asks the sender of `ssrc` for a key frame, once for each new `sequence_number`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirEntry {
    pub ssrc: u32,
    pub sequence_number: u8,
}

impl<'a> Fir<'a> {
    pub fn entries(&self) -> impl Iterator<Item = FirEntry> + use<'a> {
        std::iter::empty()
    }
}

/// Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03).
#[derive(Debug, Clone)]
pub struct Remb<'a> {
    pub sender_ssrc: u32,
    /// Bits a second.
    pub bitrate: u64,
    _ssrcs: &'a [u8],
}

impl<'a> Remb<'a> {
    pub fn ssrcs(&self) -> impl Iterator<Item = u32> + use<'a> {
        std::iter::empty()
    }
}

/// Asks for these again. In ascending order (with wrap) they take the least room; none: nothing is written.
pub fn write_nack(
    _out: &mut Vec<u8>,
    _sender_ssrc: u32,
    _media_ssrc: u32,
    _sequence_numbers: impl IntoIterator<Item = u16>,
) {
    todo!()
}

pub fn write_pli(_out: &mut Vec<u8>, _sender_ssrc: u32, _media_ssrc: u32) {
    todo!()
}

pub fn write_fir(_out: &mut Vec<u8>, _sender_ssrc: u32, _entries: &[FirEntry]) {
    todo!()
}
