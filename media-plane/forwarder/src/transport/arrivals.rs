//! When a publisher's packets arrived, for transport-wide congestion control feedback.

use std::time::{Duration, Instant};

use crate::rtcp::{FeedbackHeader, write_transport_feedback};
use crate::rtp::extend;

/// The oldest packet that was not told of yet waits at most so long.
const INTERVAL: Duration = Duration::from_millis(50);
/// Enough packets for a feedback of its own.
const ENOUGH: usize = 100;
/// Packets between the oldest and the newest that were not told of; a longer gap is not worth telling.
const MAX_SPAN: u64 = 2_000;

#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    /// Unwrapped transport-wide number of the first entry.
    base: u64,
    /// In microseconds.
    arrivals: Vec<Option<u64>>,
    due_at: Option<Instant>,
    feedback_count: u8,
}

impl Arrivals {
    /// `arrival`: since any fixed moment.
    pub fn receive(&mut self, now: Instant, sequence_number: u16, arrival: Duration) {
        let number = if self.base == 0 {
            self.base = (1 << 16) + u64::from(sequence_number);
            self.base
        } else {
            let newest = self.base + (self.arrivals.len() as u64).saturating_sub(1);
            match extend(newest, sequence_number) {
                Some(number) => number,
                None => return,
            }
        };
        // Earlier ones were told to be lost; the sender has drawn its conclusions.
        let Some(mut at) = number.checked_sub(self.base) else { return };
        if at >= MAX_SPAN {
            self.arrivals.clear();
            self.base = number;
            at = 0;
        }
        let at = at as usize;
        if at >= self.arrivals.len() {
            self.arrivals.resize(at + 1, None);
        }
        self.arrivals[at].get_or_insert(arrival.as_micros() as u64);
        self.due_at.get_or_insert(now + INTERVAL);
    }

    pub fn is_full(&self) -> bool {
        self.arrivals.len() >= ENOUGH
    }

    pub fn next(&self) -> Option<Instant> {
        self.due_at
    }

    pub fn is_due(&self, now: Instant) -> bool {
        self.due_at.is_some_and(|at| at <= now) || (self.is_full() && self.due_at.is_some())
    }

    /// Appends one feedback about as many packets as fit; false: there is nothing (more) to tell.
    pub fn write(&mut self, out: &mut Vec<u8>, sender_ssrc: u32, media_ssrc: u32) -> bool {
        let feedback_count = self.feedback_count;
        let header = FeedbackHeader { sender_ssrc, media_ssrc, feedback_count, base_sequence: self.base as u16 };
        let told = write_transport_feedback(out, &header, &self.arrivals);
        if told == 0 {
            self.due_at = None;
            self.base += self.arrivals.len() as u64;
            self.arrivals.clear();
            return false;
        }
        self.feedback_count = self.feedback_count.wrapping_add(1);
        self.base += told as u64;
        self.arrivals.drain(..told);
        true
    }
}
