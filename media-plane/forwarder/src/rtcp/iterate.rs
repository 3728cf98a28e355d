use super::{Bye, Fir, Nack, ReceiverReport, Remb, SenderReport, TransportFeedback};

/// A packet of a compound. The types that a forwarder has no use for (SDES, APP, XR, …) are skipped.
#[derive(Debug, Clone)]
pub enum Packet<'a> {
    SenderReport(SenderReport<'a>),
    ReceiverReport(ReceiverReport<'a>),
    Bye(Bye<'a>),
    Nack(Nack<'a>),
    /// Picture loss indication (RFC 4585 6.3.1).
    Pli {
        sender_ssrc: u32,
        media_ssrc: u32,
    },
    Fir(Fir<'a>),
    Remb(Remb<'a>),
    TransportFeedback(TransportFeedback<'a>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RtcpError {
    #[error("RTCP: shorter than its header says")]
    Truncated,
    #[error("RTCP: version is not 2")]
    Version,
    #[error("RTCP: malformed packet")]
    Malformed,
}

/// Iterates over the packets of a (decrypted) compound; after an error it ends. What was given out before it is sound.
#[derive(Debug, Clone)]
pub struct Packets<'a> {
    _rest: &'a [u8],
}

impl<'a> Packets<'a> {
    pub fn new(_compound: &'a [u8]) -> Self {
        todo!()
    }
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Packet<'a>, RtcpError>;

    fn next(&mut self) -> Option<Self::Item> {
        todo!()
    }
}
