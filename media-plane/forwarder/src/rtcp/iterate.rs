use super::write::{BYE, PAYLOAD_FEEDBACK, RECEIVER_REPORT, SENDER_REPORT, TRANSPORT_FEEDBACK};
use super::{Bye, Fir, Nack, ReceiverReport, Remb, SenderReport, TransportFeedback};

const HEADER_LEN: usize = 4;

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
    rest: &'a [u8],
}

impl<'a> Packets<'a> {
    pub fn new(compound: &'a [u8]) -> Self {
        Self { rest: compound }
    }

    /// Cuts off the next packet: count or format, type, and body without padding.
    fn cut(&mut self) -> Result<(u8, u8, &'a [u8]), RtcpError> {
        let ([first, packet_type, l0, l1], rest) =
            self.rest.split_first_chunk::<HEADER_LEN>().ok_or(RtcpError::Truncated)?;
        if first >> 6 != 2 {
            return Err(RtcpError::Version);
        }
        let len = 4 * usize::from(u16::from_be_bytes([*l0, *l1]));
        let (mut body, rest) = rest.split_at_checked(len).ok_or(RtcpError::Truncated)?;
        self.rest = rest;
        if first & 0x20 != 0 {
            body = without_padding(body).ok_or(RtcpError::Malformed)?;
        }
        Ok((first & 0x1f, *packet_type, body))
    }

    fn parse_next(&mut self) -> Result<Option<Packet<'a>>, RtcpError> {
        let (count, packet_type, body) = self.cut()?;
        let packet = match (packet_type, count) {
            (SENDER_REPORT, _) => SenderReport::parse(count, body).map(Packet::SenderReport),
            (RECEIVER_REPORT, _) => ReceiverReport::parse(count, body).map(Packet::ReceiverReport),
            (BYE, _) => Bye::parse(count, body).map(Packet::Bye),
            (TRANSPORT_FEEDBACK, Nack::FORMAT) => Nack::parse(body).map(Packet::Nack),
            (TRANSPORT_FEEDBACK, TransportFeedback::FORMAT) => {
                TransportFeedback::parse(body).map(Packet::TransportFeedback)
            }
            (PAYLOAD_FEEDBACK, super::feedback::PLI_FORMAT) => {
                super::feedback::ssrcs(body).map(|(sender_ssrc, media_ssrc, _)| Packet::Pli { sender_ssrc, media_ssrc })
            }
            (PAYLOAD_FEEDBACK, Fir::FORMAT) => Fir::parse(body).map(Packet::Fir),
            (PAYLOAD_FEEDBACK, Remb::FORMAT) if Remb::is_one(body) => Remb::parse(body).map(Packet::Remb),
            _ => return Ok(None),
        };
        packet.map(Some).ok_or(RtcpError::Malformed)
    }
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Packet<'a>, RtcpError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            match self.parse_next() {
                Ok(None) => {}
                Ok(Some(packet)) => return Some(Ok(packet)),
                Err(error) => {
                    self.rest = &[];
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

/// The last byte counts the padding, itself included (RFC 3550 6.4.1). It need not be whole words: browsers pad what they
/// tell of arrivals with one to three bytes.
fn without_padding(body: &[u8]) -> Option<&[u8]> {
    match usize::from(*body.last()?) {
        0 => None,
        padding => body.len().checked_sub(padding).map(|len| &body[..len]),
    }
}
