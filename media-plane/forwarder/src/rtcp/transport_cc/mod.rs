//! Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01).

mod chunk;
mod read;
mod write;

pub use read::TransportFeedback;
pub use write::write_transport_feedback;

/// The most packets that one feedback tells of; one that is said to tell of more is malformed.
pub const MAX_STATUSES: usize = 1 << 13;

/// Arrivals are told in 250 µs, the reference in 64 ms of 24 bits.
const TICK_MICROSECONDS: u64 = 250;
const REFERENCE_TICKS: u64 = 64_000 / TICK_MICROSECONDS;
const REFERENCE_MASK: u64 = 0x00ff_ffff;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedbackHeader {
    pub sender_ssrc: u32,
    pub media_ssrc: u32,
    /// Counts the feedback packets of this transport, wrapping.
    pub feedback_count: u8,
    /// Transport-wide sequence number of the first status.
    pub base_sequence: u16,
}
