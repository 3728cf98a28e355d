//! Replay protection (RFC 3711 3.3.2): a window of the last indices received.

/// Remembers which of the last [`ReplayWindow::LEN`] indices were accepted.
#[derive(Debug, Clone)]
pub struct ReplayWindow {}

impl ReplayWindow {
    /// Packets. Long enough that a retransmission under the original sequence number, a second late, still gets through.
    pub const LEN: u64 = 1024;

    pub fn new() -> Self {
        todo!()
    }

    /// Whether the index is new and not too old.
    pub fn check(&self, _index: u64) -> bool {
        todo!()
    }

    /// Marks an authenticated packet's index; false, and nothing changed, if [`Self::check`] is.
    pub fn accept(&mut self, _index: u64) -> bool {
        todo!()
    }

    pub fn highest(&self) -> Option<u64> {
        todo!()
    }
}

impl Default for ReplayWindow {
    fn default() -> Self {
        Self::new()
    }
}

/// Roll-over counter and replay window of one received SSRC.
#[derive(Debug, Clone, Default)]
pub struct StreamReplay {}

impl StreamReplay {
    /// The index of a packet with this sequence number if it is worth decrypting: `None` if it was received before or
    /// is too old. Changes nothing.
    pub fn index_of(&self, _sequence_number: u16) -> Option<u64> {
        todo!()
    }

    /// After authentication.
    pub fn accept(&mut self, _index: u64) {
        todo!()
    }
}

/// Replay windows of received SRTCP, one for each SSRC that sends (RFC 3711 3.2.3), bounded.
#[derive(Debug, Clone, Default)]
pub struct RtcpReplay {}

impl RtcpReplay {
    /// After authentication: marks the index, or tells with false that it is a replay. `ssrc` is the sender of the
    /// compound's first packet.
    pub fn accept(&mut self, _ssrc: u32, _index: u32) -> bool {
        todo!()
    }
}
