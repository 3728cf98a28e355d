//! What a receiver reports of a stream (RFC 3550 6.4 and appendix A).

use std::time::{Duration, Instant};

use crate::rtcp::{ReportBlock, SenderInfo};
use crate::rtp::Unwrapper;

/// Counts one received SSRC.
#[derive(Debug, Default)]
pub(crate) struct Reception {
    numbers: Unwrapper,
    first: Option<u64>,
    received: u64,
    expected_before: u64,
    received_before: u64,
    /// Arrival minus timestamp of the last packet, in units of the stream's clock.
    transit: Option<u32>,
    /// In 1/16 of those units.
    jitter: u32,
    sender_report: Option<(u32, Instant)>,
}

impl Reception {
    /// `arrival`: since any fixed moment.
    pub fn receive(&mut self, sequence_number: u16, timestamp: u32, arrival: Duration, clock_rate: u32) {
        let number = self.numbers.unwrap(sequence_number);
        self.first.get_or_insert(number);
        self.received += 1;
        let ticks = (arrival.as_micros() * u128::from(clock_rate) / 1_000_000) as u32;
        let transit = ticks.wrapping_sub(timestamp);
        if let Some(before) = self.transit.replace(transit) {
            let difference = (transit.wrapping_sub(before) as i32).unsigned_abs();
            self.jitter = self.jitter.saturating_add(difference).saturating_sub((self.jitter + 8) >> 4);
        }
    }

    pub fn sender_report(&mut self, now: Instant, info: &SenderInfo) {
        self.sender_report = Some(((info.ntp >> 16) as u32, now));
    }

    /// Packets that did not come, less those that came twice.
    pub fn lost(&self) -> u64 {
        self.expected().saturating_sub(self.received)
    }

    /// The block about what came since the last one; `None` before the first packet.
    pub fn report(&mut self, now: Instant, ssrc: u32) -> Option<ReportBlock> {
        let newest = self.numbers.newest()?;
        let expected = self.expected();
        let expected_now = expected - self.expected_before;
        let received_now = self.received - self.received_before;
        self.expected_before = expected;
        self.received_before = self.received;
        let lost_now = expected_now.saturating_sub(received_now);
        let (last_sr, since) = match self.sender_report {
            Some((ntp, at)) => (ntp, now.saturating_duration_since(at)),
            None => (0, Duration::ZERO),
        };
        Some(ReportBlock {
            ssrc,
            fraction_lost: (lost_now * 256).checked_div(expected_now).unwrap_or(0).min(255) as u8,
            cumulative_lost: (expected as i64 - self.received as i64).clamp(-0x80_0000, 0x7f_ffff) as i32,
            // The unwrapped numbers begin in the second cycle.
            highest_sequence: newest.wrapping_sub(1 << 16) as u32,
            jitter: self.jitter >> 4,
            last_sr,
            delay_since_last_sr: (since.as_micros() * 65_536 / 1_000_000) as u32,
        })
    }

    fn expected(&self) -> u64 {
        match (self.first, self.numbers.newest()) {
            (Some(first), Some(newest)) => newest.saturating_sub(first) + 1,
            _ => 0,
        }
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test may fail")]
mod tests {
    use super::*;

    fn receive(reception: &mut Reception, numbers: impl IntoIterator<Item = u16>) {
        for number in numbers {
            let at = Duration::from_millis(u64::from(number) * 20);
            reception.receive(number, u32::from(number) * 960, at, 48_000);
        }
    }

    #[test]
    fn loss_is_reported_since_the_last_report_and_in_all() {
        let (mut reception, now) = (Reception::default(), Instant::now());
        receive(&mut reception, [10, 11, 13, 14]);
        let first = reception.report(now, 5).expect("packets came");
        assert_eq!((first.fraction_lost, first.cumulative_lost, first.highest_sequence), (51, 1, 14));
        receive(&mut reception, [15, 16]);
        let second = reception.report(now, 5).expect("packets came");
        assert_eq!((second.fraction_lost, second.cumulative_lost, second.jitter), (0, 1, 0));
    }

    #[test]
    fn the_delay_since_the_last_sender_report_is_told() {
        let (mut reception, now) = (Reception::default(), Instant::now());
        receive(&mut reception, [1]);
        let info = SenderInfo { ssrc: 5, ntp: 0x1111_2222_3333_4444, rtp: 0, packets: 0, octets: 0 };
        reception.sender_report(now, &info);
        let report = reception.report(now + Duration::from_millis(500), 5).expect("a packet came");
        assert_eq!((report.last_sr, report.delay_since_last_sr), (0x2222_3333, 32_768));
    }

    #[test]
    fn late_arrivals_are_jitter() {
        let mut reception = Reception::default();
        for number in 0..100u16 {
            let late = if number % 2 == 0 { 0 } else { 10 };
            let at = Duration::from_millis(u64::from(number) * 20 + late);
            reception.receive(number, u32::from(number) * 960, at, 48_000);
        }
        let jitter = reception.report(Instant::now(), 1).map_or(0, |report| report.jitter);
        assert!((400..=480).contains(&jitter), "{jitter} of 480 ticks between every two packets");
    }
}
