//! Sender reports to a viewer, and what its receiver reports say.

use std::time::{Duration, Instant};

use crate::rtcp::{ReportBlock, SenderInfo};
use crate::track::SenderReportSeen;

/// Sender reports that a viewer's answer may still speak of.
const REMEMBERED: usize = 4;

#[derive(Default)]
pub(crate) struct Reports {
    pub packets: u32,
    pub octets: u32,
    pub remote_lost: u64,
    pub round_trip: Option<Duration>,
    /// Middle of the NTP time, and when it was sent.
    sent: [Option<(u32, Instant)>; REMEMBERED],
    next: usize,
}

impl Reports {
    pub fn count(&mut self, payload_len: usize) {
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(payload_len as u32);
    }

    /// No sender report went out yet.
    pub fn is_first(&self) -> bool {
        self.sent[0].is_none()
    }

    /// The publisher's clocks, carried on from its last report to now: so lip-sync is what the publisher made it.
    /// `timestamp` is that report's as the viewer counts.
    pub fn sender_info(&mut self, now: Instant, ssrc: u32, seen: &SenderReportSeen, stream: StreamClock) -> SenderInfo {
        let elapsed = now.saturating_duration_since(seen.at);
        let ntp = seen.ntp.wrapping_add(ntp_of(elapsed));
        let ticks = elapsed.as_nanos() * u128::from(stream.rate) / 1_000_000_000;
        self.sent[self.next] = Some(((ntp >> 16) as u32, now));
        self.next = (self.next + 1) % REMEMBERED;
        let rtp = stream.timestamp.wrapping_add(ticks as u32);
        SenderInfo { ssrc, ntp, rtp, packets: self.packets, octets: self.octets }
    }

    /// The viewer's word on this stream.
    pub fn receiver_report(&mut self, now: Instant, block: &ReportBlock) {
        self.remote_lost = u64::from(block.cumulative_lost.max(0).unsigned_abs());
        let sent = self.sent.iter().flatten().find(|(ntp, _)| block.last_sr != 0 && *ntp == block.last_sr);
        if let Some((_, at)) = sent {
            let held = Duration::from_micros(u64::from(block.delay_since_last_sr) * 1_000_000 / 65_536);
            let round_trip = now.saturating_duration_since(*at).saturating_sub(held);
            self.round_trip = Some(round_trip);
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct StreamClock {
    pub timestamp: u32,
    pub rate: u32,
}

/// In units of 2^-32 s.
fn ntp_of(duration: Duration) -> u64 {
    (duration.as_nanos() * (1 << 32) / 1_000_000_000) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_publishers_clocks_are_carried_on_together() {
        let start = Instant::now();
        let seen = SenderReportSeen { ntp: 7 << 32, timestamp: 1_000, at: start };
        let stream = StreamClock { timestamp: 5_000, rate: 90_000 };
        let info = Reports::default().sender_info(start + Duration::from_millis(500), 9, &seen, stream);
        assert_eq!((info.ntp, info.rtp), ((7 << 32) + (1 << 31), 5_000 + 45_000));
    }

    #[test]
    fn the_round_trip_is_the_answers_time_without_the_viewers_delay() {
        let (mut reports, start) = (Reports::default(), Instant::now());
        let seen = SenderReportSeen { ntp: 0x1_2345_6789, timestamp: 0, at: start };
        let info = reports.sender_info(start, 9, &seen, StreamClock { timestamp: 0, rate: 90_000 });
        let block = ReportBlock {
            ssrc: 9,
            cumulative_lost: 3,
            last_sr: (info.ntp >> 16) as u32,
            delay_since_last_sr: 65_536 / 4,
            ..ReportBlock::default()
        };
        reports.receiver_report(start + Duration::from_millis(300), &block);
        assert_eq!((reports.round_trip, reports.remote_lost), (Some(Duration::from_millis(50)), 3));
    }
}
