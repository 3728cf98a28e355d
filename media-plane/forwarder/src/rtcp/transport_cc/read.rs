use super::chunk::{Chunk, Status};
use super::{FeedbackHeader, MAX_STATUSES, REFERENCE_TICKS, TICK_MICROSECONDS};
use crate::rtcp::feedback;

/// A feedback that was read; chunks and deltas are checked already.
#[derive(Debug, Clone)]
pub struct TransportFeedback<'a> {
    pub header: FeedbackHeader,
    pub status_count: u16,
    /// In 64 ms, 24 bits, wrapping: the base of the arrivals.
    pub reference_time: u32,
    chunks: &'a [u8],
    deltas: &'a [u8],
}

impl<'a> TransportFeedback<'a> {
    pub(in crate::rtcp) const FORMAT: u8 = 15;

    pub(in crate::rtcp) fn parse(body: &'a [u8]) -> Option<Self> {
        let (sender_ssrc, media_ssrc, rest) = feedback::ssrcs(body)?;
        let ([b0, b1, c0, c1, r0, r1, r2, feedback_count], rest) = rest.split_first_chunk()?;
        let base_sequence = u16::from_be_bytes([*b0, *b1]);
        let status_count = u16::from_be_bytes([*c0, *c1]);
        let (chunks_len, deltas_len) = measure(rest, status_count)?;
        Some(Self {
            header: FeedbackHeader { sender_ssrc, media_ssrc, feedback_count: *feedback_count, base_sequence },
            status_count,
            reference_time: u32::from_be_bytes([0, *r0, *r1, *r2]),
            chunks: &rest[..chunks_len],
            deltas: rest[chunks_len..].get(..deltas_len)?,
        })
    }

    /// Each packet told of: transport-wide sequence number, and when it arrived if it did, in microseconds of the
    /// receiver's clock, whose zero is unknown and which wraps with `reference_time` (2^24 × 64 ms).
    pub fn arrivals(&self) -> impl Iterator<Item = (u16, Option<i64>)> + use<'a> {
        let base_sequence = self.header.base_sequence;
        let mut ticks = i64::from(self.reference_time) * REFERENCE_TICKS as i64;
        let mut deltas = self.deltas;
        statuses(self.chunks, self.status_count).enumerate().map(move |(offset, status)| {
            let sequence_number = base_sequence.wrapping_add(offset as u16);
            let delta = status.and_then(|status| take_delta(status, &mut deltas));
            let arrival = delta.map(|delta| {
                ticks += delta;
                ticks * TICK_MICROSECONDS as i64
            });
            (sequence_number, arrival)
        })
    }
}

/// Bytes of the chunks and of the deltas that `status_count` takes; `None` if chunks are missing, there is nothing told
/// or too much, or a symbol is reserved.
fn measure(rest: &[u8], status_count: u16) -> Option<(usize, usize)> {
    if status_count == 0 || usize::from(status_count) > MAX_STATUSES {
        return None;
    }
    let mut chunks_len = 0;
    let mut deltas_len = 0;
    let mut missing = status_count;
    while missing > 0 {
        let mut chunk = Chunk::read(*rest.get(chunks_len..)?.first_chunk()?);
        chunks_len += 2;
        while missing > 0 && !chunk.is_empty() {
            deltas_len += chunk.next_status()?.delta_len();
            missing -= 1;
        }
    }
    Some((chunks_len, deltas_len))
}

/// The statuses of checked chunks.
fn statuses(chunks: &[u8], status_count: u16) -> impl Iterator<Item = Option<Status>> + use<'_> {
    let mut words = chunks.as_chunks().0.iter();
    let mut chunk = Chunk::EMPTY;
    (0..status_count).map(move |_| {
        while chunk.is_empty() {
            chunk = Chunk::read(*words.next()?);
        }
        chunk.next_status()
    })
}

fn take_delta(status: Status, deltas: &mut &[u8]) -> Option<i64> {
    match status {
        Status::Lost => None,
        Status::SmallDelta => {
            let (delta, rest) = deltas.split_first()?;
            *deltas = rest;
            Some(i64::from(*delta))
        }
        Status::LargeDelta => {
            let (delta, rest) = deltas.split_first_chunk()?;
            *deltas = rest;
            Some(i64::from(i16::from_be_bytes(*delta)))
        }
    }
}
