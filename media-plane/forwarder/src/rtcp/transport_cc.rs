//! Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01).

/// The most packets that one feedback tells of, so that it stays below 1,000 bytes.
pub const MAX_STATUSES: usize = 400;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedbackHeader {
    pub sender_ssrc: u32,
    pub media_ssrc: u32,
    /// Counts the feedback packets of this transport, wrapping.
    pub feedback_count: u8,
    /// Transport-wide sequence number of the first status.
    pub base_sequence: u16,
}

/// A feedback that was read; chunks and deltas are checked already.
#[derive(Debug, Clone)]
pub struct TransportFeedback<'a> {
    pub header: FeedbackHeader,
    pub status_count: u16,
    /// In 64 ms, 24 bits, wrapping: the base of the arrivals.
    pub reference_time: u32,
    _chunks: &'a [u8],
    _deltas: &'a [u8],
}

impl<'a> TransportFeedback<'a> {
    /// Each packet told of: transport-wide sequence number, and when it arrived if it did, in microseconds of the
    /// receiver's clock, whose zero is unknown and which wraps with `reference_time` (2^24 × 64 ms).
    pub fn arrivals(&self) -> impl Iterator<Item = (u16, Option<i64>)> + use<'a> {
        std::iter::empty()
    }
}

/// Appends a feedback about packets `base_sequence`, `base_sequence + 1`, …: each arrived at so many microseconds of any
/// monotonic clock, or (`None`) did not. Returns how many of them it tells of: fewer than all if there are more than
/// [`MAX_STATUSES`] or two arrivals are too far apart (8.191 s); call again with the rest. Writes nothing and returns
/// 0 if none arrived.
pub fn write_transport_feedback(_out: &mut Vec<u8>, _header: &FeedbackHeader, _arrivals: &[Option<u64>]) -> usize {
    todo!()
}
