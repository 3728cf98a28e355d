//! The last packets of a track, decrypted: what viewers are sent from, first and again.

use crate::codec::Raise;
use crate::command::Kind;

/// Packets and bytes kept. The bytes are touched only as they are used; with 3 Mbit/s of video they last 2.8 s, with
/// 32 kbit/s of audio 16 s.
const VIDEO: (usize, usize) = (1024, 1024 * 1024);
const AUDIO: (usize, usize) = (256, 64 * 1024);

/// Two rings: of entries, found by the track's sequence number, and of the bytes they point to.
pub(crate) struct PacketRing {
    entries: Box<[Entry]>,
    bytes: Box<[u8]>,
    /// Bytes ever written, with those skipped at the end of the ring because a packet lies in one piece.
    written: u64,
}

/// What a packet's header says that every viewer gets, whatever its own numbers are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The publisher's, shifted if it changed streams.
    pub timestamp: u32,
    pub marker: bool,
    /// Index into the track's codecs.
    pub codec: u8,
    /// A key frame begins here.
    pub key_frame: bool,
    /// The last packet of its layer's frame.
    pub ends_frame: bool,
    /// Within its RTP stream.
    pub spatial: u8,
    pub temporal: u8,
    pub raises: Raise,
}

#[derive(Clone, Copy)]
struct Entry {
    sequence: u64,
    position: u64,
    extensions_len: u16,
    payload_len: u16,
    facts: Facts,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Packet<'a> {
    pub facts: Facts,
    /// Forwarded header extensions in our own form: see `extensions.rs`.
    pub extensions: &'a [u8],
    /// Without padding.
    pub payload: &'a [u8],
}

const EMPTY: u64 = u64::MAX;

impl PacketRing {
    pub fn new(kind: Kind) -> Self {
        let (entries, bytes) = match kind {
            Kind::Video => VIDEO,
            Kind::Audio => AUDIO,
        };
        let empty = Entry { sequence: EMPTY, position: 0, extensions_len: 0, payload_len: 0, facts: Facts::default() };
        Self { entries: vec![empty; entries].into(), bytes: vec![0; bytes].into(), written: 0 }
    }

    /// Keeps a packet. False, and nothing changed, if one of this or a later round is in its place: a sequence number is
    /// kept once, so what was sent under it once is what it will ever be.
    pub fn insert(&mut self, sequence: u64, packet: &Packet<'_>) -> bool {
        let slot = self.slot(sequence);
        let held = self.entries[slot].sequence;
        if held != EMPTY && held >= sequence {
            return false;
        }
        let len = packet.extensions.len() + packet.payload.len();
        let (Ok(extensions_len), Ok(payload_len)) =
            (u16::try_from(packet.extensions.len()), u16::try_from(packet.payload.len()))
        else {
            return false;
        };
        let Some(position) = self.reserve(len) else { return false };
        let start = self.offset(position);
        let (extensions, payload) = self.bytes[start..start + len].split_at_mut(packet.extensions.len());
        extensions.copy_from_slice(packet.extensions);
        payload.copy_from_slice(packet.payload);
        self.entries[slot] = Entry { sequence, position, extensions_len, payload_len, facts: packet.facts };
        true
    }

    pub fn get(&self, sequence: u64) -> Option<Packet<'_>> {
        let entry = &self.entries[self.slot(sequence)];
        if entry.sequence != sequence || self.written - entry.position > self.bytes.len() as u64 {
            return None;
        }
        let start = self.offset(entry.position);
        let payload = start + usize::from(entry.extensions_len);
        Some(Packet {
            facts: entry.facts,
            extensions: &self.bytes[start..payload],
            payload: &self.bytes[payload..payload + usize::from(entry.payload_len)],
        })
    }

    /// Sequence numbers further back than this are gone.
    pub fn len(&self) -> u64 {
        self.entries.len() as u64
    }

    fn slot(&self, sequence: u64) -> usize {
        sequence as usize & (self.entries.len() - 1)
    }

    fn offset(&self, position: u64) -> usize {
        position as usize & (self.bytes.len() - 1)
    }

    fn reserve(&mut self, len: usize) -> Option<u64> {
        if len > self.bytes.len() / 4 {
            return None;
        }
        let offset = self.offset(self.written);
        if offset + len > self.bytes.len() {
            self.written += (self.bytes.len() - offset) as u64;
        }
        let position = self.written;
        self.written += len as u64;
        Some(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(payload: &[u8]) -> Packet<'_> {
        Packet {
            facts: Facts { timestamp: 7, marker: true, codec: 1, ..Facts::default() },
            extensions: &[1, 2, 3],
            payload,
        }
    }

    #[test]
    fn a_packet_comes_back_as_it_was_kept() {
        let mut ring = PacketRing::new(Kind::Audio);
        assert!(ring.insert(65_536, &packet(&[9; 100])));
        assert_eq!(ring.get(65_536), Some(packet(&[9; 100])));
        assert_eq!(ring.get(65_536 + 256), None);
    }

    #[test]
    fn a_sequence_number_is_kept_once() {
        let mut ring = PacketRing::new(Kind::Audio);
        assert!(ring.insert(1000, &packet(&[1])));
        assert!(!ring.insert(1000, &packet(&[2])));
        assert!(ring.insert(1256, &packet(&[3])));
        assert!(!ring.insert(1000, &packet(&[4])));
        assert_eq!(ring.get(1256), Some(packet(&[3])));
    }

    #[test]
    fn overwritten_bytes_are_never_given_out() {
        let mut ring = PacketRing::new(Kind::Audio);
        let content = |sequence: u64| vec![sequence as u8; 1000 + (sequence % 7) as usize];
        for sequence in 0..500 {
            assert!(ring.insert(sequence, &packet(&content(sequence))));
            let mut kept = 0;
            for older in 0..=sequence {
                if let Some(found) = ring.get(older) {
                    assert_eq!(found.payload, content(older));
                    kept += 1;
                }
            }
            assert!(kept >= sequence.min(50), "{kept} packets of 1 kB in 64 kB");
        }
    }
}
