//! The RTCP that a client sends: sender and receiver reports (RFC 3550 6.4), transport-wide congestion feedback
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01) every 100 ms, as Pion does.

use std::time::Duration;

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const TRANSPORT_FEEDBACK: u8 = 205;
const TRANSPORT_WIDE: u8 = 15; // FMT

pub struct SenderReport {
    pub ssrc: u32,
    pub since_unix: Duration,
    pub rtp_timestamp: u32,
    pub packets: u32,
    pub octets: u32,
}

impl SenderReport {
    pub fn write(&self) -> Vec<u8> {
        let mut packet = begin(SENDER_REPORT, 0, self.ssrc);
        let seconds = self.since_unix.as_secs() + 2_208_988_800; // NTP counts from 1900
        packet.extend_from_slice(&(seconds as u32).to_be_bytes());
        let fraction = (u64::from(self.since_unix.subsec_nanos()) << 32) / 1_000_000_000;
        packet.extend_from_slice(&(fraction as u32).to_be_bytes());
        for word in [self.rtp_timestamp, self.packets, self.octets] {
            packet.extend_from_slice(&word.to_be_bytes());
        }
        finish(packet)
    }
}

/// One report block: nothing lost, which is what the measurement verifies by itself.
pub fn receiver_report(ours: u32, about: u32, highest_sequence: u32) -> Vec<u8> {
    let mut packet = begin(RECEIVER_REPORT, 1, ours);
    for word in [about, 0, highest_sequence, 0, 0, 0] {
        packet.extend_from_slice(&word.to_be_bytes());
    }
    finish(packet)
}

/// Collects arrivals by transport-wide sequence number until they are reported.
#[derive(Debug, Default)]
pub struct Feedback {
    arrivals: Vec<(u16, u64)>, // sequence number, microseconds of any clock
    count: u8,
}

impl Feedback {
    /// Bounded: what would not fit one report is left out of it.
    pub fn arrived(&mut self, number: u16, microseconds: u64) {
        if self.arrivals.len() < 512 {
            self.arrivals.push((number, microseconds));
        }
    }

    /// `None` if nothing arrived since the last one.
    pub fn write(&mut self, ours: u32, about: u32) -> Option<Vec<u8>> {
        let (&(base, first), &(last, _)) = (self.arrivals.first()?, self.arrivals.last()?);
        let status_count = last.wrapping_sub(base).wrapping_add(1);
        if status_count > 1024 {
            self.arrivals.clear(); // reordered across reports
            return None;
        }
        let mut packet = begin(TRANSPORT_FEEDBACK, TRANSPORT_WIDE, ours);
        packet.extend_from_slice(&about.to_be_bytes());
        packet.extend_from_slice(&base.to_be_bytes());
        packet.extend_from_slice(&status_count.to_be_bytes());
        let reference = first / 64_000; // of 64 ms
        packet.extend_from_slice(&(reference as u32).to_be_bytes()[1..]);
        packet.push(self.count);

        let mut statuses = vec![0_u16; usize::from(status_count).next_multiple_of(7)];
        let mut deltas = Vec::with_capacity(self.arrivals.len());
        let mut previous = reference * 64_000;
        for &(number, at) in &self.arrivals {
            let delta = (at as i64 - previous as i64) / 250; // of 250 µs
            let slot = statuses.get_mut(usize::from(number.wrapping_sub(base)));
            let Some(status) = slot.filter(|status| **status == 0) else { continue };
            match (u8::try_from(delta), i16::try_from(delta)) {
                (Ok(small), _) => {
                    *status = 1;
                    deltas.push(small);
                }
                (_, Ok(large)) => {
                    *status = 2;
                    deltas.extend_from_slice(&large.to_be_bytes());
                }
                _ => continue, // seconds apart: reported as not received
            }
            previous = previous.saturating_add_signed(delta * 250);
        }
        for seven in statuses.chunks(7) {
            let chunk = seven.iter().fold(0b11, |chunk, status| chunk << 2 | status); // two-bit status vector
            packet.extend_from_slice(&chunk.to_be_bytes());
        }
        packet.extend_from_slice(&deltas);
        let padding = packet.len().next_multiple_of(4) - packet.len();
        if padding > 0 {
            packet[0] |= 0x20;
            packet.resize(packet.len() + padding - 1, 0);
            packet.push(padding as u8);
        }
        self.arrivals.clear();
        self.count = self.count.wrapping_add(1);
        Some(finish(packet))
    }
}

fn begin(kind: u8, count: u8, ssrc: u32) -> Vec<u8> {
    let mut packet = vec![0x80 | count, kind, 0, 0];
    packet.extend_from_slice(&ssrc.to_be_bytes());
    packet
}

fn finish(mut packet: Vec<u8>) -> Vec<u8> {
    let words = (packet.len() / 4 - 1) as u16;
    packet[2..4].copy_from_slice(&words.to_be_bytes());
    packet
}
