//! Feedback about a stream: NACK and PLI (RFC 4585), FIR (RFC 5104), REMB.

use super::write::{MAX_ENTRIES, PAYLOAD_FEEDBACK, TRANSPORT_FEEDBACK, words, write_packet, write_words};

pub(super) const PLI_FORMAT: u8 = 1;

/// Sender's SSRC, media SSRC and what follows (RFC 4585 6.1).
pub(super) fn ssrcs(body: &[u8]) -> Option<(u32, u32, &[u8])> {
    let ([s0, s1, s2, s3, m0, m1, m2, m3], rest) = body.split_first_chunk()?;
    Some((u32::from_be_bytes([*s0, *s1, *s2, *s3]), u32::from_be_bytes([*m0, *m1, *m2, *m3]), rest))
}

/// Generic NACK (RFC 4585 6.2.1).
#[derive(Debug, Clone)]
pub struct Nack<'a> {
    pub sender_ssrc: u32,
    pub media_ssrc: u32,
    entries: &'a [u8],
}

impl<'a> Nack<'a> {
    pub(super) const FORMAT: u8 = 1;

    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        let (sender_ssrc, media_ssrc, entries) = ssrcs(body)?;
        Some(Self { sender_ssrc, media_ssrc, entries })
    }

    /// The sequence numbers asked for, in the order of the packet.
    pub fn sequence_numbers(&self) -> impl Iterator<Item = u16> + use<'a> {
        words(self.entries).flat_map(|entry| {
            let (first, following) = ((entry >> 16) as u16, entry as u16);
            let asked = move |bit: &u16| *bit == 0 || following >> (bit - 1) & 1 == 1;
            (0..=16).filter(asked).map(move |bit| first.wrapping_add(bit))
        })
    }
}

/// Full intra request (RFC 5104 4.3.1).
#[derive(Debug, Clone)]
pub struct Fir<'a> {
    pub sender_ssrc: u32,
    entries: &'a [u8],
}

/// Asks the sender of `ssrc` for a key frame, once for each new `sequence_number`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirEntry {
    pub ssrc: u32,
    pub sequence_number: u8,
}

impl<'a> Fir<'a> {
    pub(super) const FORMAT: u8 = 4;

    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        let (sender_ssrc, _, entries) = ssrcs(body)?;
        Some(Self { sender_ssrc, entries })
    }

    pub fn entries(&self) -> impl Iterator<Item = FirEntry> + use<'a> {
        self.entries.as_chunks().0.iter().map(|[s0, s1, s2, s3, sequence_number, _, _, _]| FirEntry {
            ssrc: u32::from_be_bytes([*s0, *s1, *s2, *s3]),
            sequence_number: *sequence_number,
        })
    }
}

/// Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03).
#[derive(Debug, Clone)]
pub struct Remb<'a> {
    pub sender_ssrc: u32,
    /// Bits a second.
    pub bitrate: u64,
    ssrcs: &'a [u8],
}

impl<'a> Remb<'a> {
    /// Of all application layer feedback.
    pub(super) const FORMAT: u8 = 15;

    pub(super) fn is_one(body: &[u8]) -> bool {
        body.get(8..12) == Some(b"REMB")
    }

    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        let (sender_ssrc, _, rest) = ssrcs(body)?;
        let ([_, _, _, _, count, b0, b1, b2], rest) = rest.split_first_chunk()?;
        let exponent = u32::from(b0 >> 2);
        let mantissa = u64::from(u32::from_be_bytes([0, b0 & 0x03, *b1, *b2]));
        // 18 bits moved by up to 63: what does not fit is "no limit".
        let bitrate = if mantissa.leading_zeros() >= exponent { mantissa << exponent } else { u64::MAX };
        Some(Self { sender_ssrc, bitrate, ssrcs: rest.get(..4 * usize::from(*count))? })
    }

    pub fn ssrcs(&self) -> impl Iterator<Item = u32> + use<'a> {
        words(self.ssrcs)
    }
}

/// Asks for these again. In ascending order (with wrap) they take the least room; none: nothing is written. What
/// exceeds some 250 entries is left out, for the next time.
pub fn write_nack(
    out: &mut Vec<u8>,
    sender_ssrc: u32,
    media_ssrc: u32,
    sequence_numbers: impl IntoIterator<Item = u16>,
) {
    let mut sequence_numbers = sequence_numbers.into_iter();
    let Some(mut first) = sequence_numbers.next() else { return };
    write_packet(out, Nack::FORMAT, TRANSPORT_FEEDBACK, |out| {
        write_words(out, &[sender_ssrc, media_ssrc]);
        let mut following = 0_u16;
        let mut entries = 1;
        for number in sequence_numbers {
            match number.wrapping_sub(first) {
                0 => {}
                behind @ 1..=16 => following |= 1 << (behind - 1),
                _ if entries == MAX_ENTRIES => break,
                _ => {
                    write_words(out, &[u32::from(first) << 16 | u32::from(following)]);
                    (first, following) = (number, 0);
                    entries += 1;
                }
            }
        }
        write_words(out, &[u32::from(first) << 16 | u32::from(following)]);
    });
}

pub fn write_pli(out: &mut Vec<u8>, sender_ssrc: u32, media_ssrc: u32) {
    write_packet(out, PLI_FORMAT, PAYLOAD_FEEDBACK, |out| write_words(out, &[sender_ssrc, media_ssrc]));
}

/// Entries behind the 125th are left out. The media SSRC in front is 0 (RFC 5104 4.3.1.2).
pub fn write_fir(out: &mut Vec<u8>, sender_ssrc: u32, entries: &[FirEntry]) {
    write_packet(out, Fir::FORMAT, PAYLOAD_FEEDBACK, |out| {
        write_words(out, &[sender_ssrc, 0]);
        for entry in entries.iter().take(MAX_ENTRIES / 2) {
            write_words(out, &[entry.ssrc, u32::from(entry.sequence_number) << 24]);
        }
    });
}
