//! A compound packet, everything in it asked for.

use aqlinks_forwarder::rtcp::{MAX_STATUSES, Packet, Packets};

pub fn check(compound: &[u8]) {
    for packet in Packets::new(compound) {
        let Ok(packet) = packet else { return };
        let items = match packet {
            Packet::SenderReport(report) => report.blocks().count(),
            Packet::ReceiverReport(report) => report.blocks().count(),
            Packet::Bye(bye) => bye.ssrcs().count(),
            Packet::Nack(nack) => nack.sequence_numbers().count(),
            Packet::Pli { .. } => 1,
            Packet::Fir(fir) => fir.entries().count(),
            Packet::Remb(remb) => remb.ssrcs().count(),
            Packet::TransportFeedback(feedback) => feedback.arrivals().count(),
        };
        // A NACK's word asks for at most 17 packets.
        assert!(items <= MAX_STATUSES.max(17 * compound.len() / 4));
    }
}
