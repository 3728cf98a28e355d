//! RTCP (RFC 3550), its feedback (RFC 4585, 5104) and transport-wide congestion control feedback.
//!
//! Reading iterates over a compound or reduced-size (RFC 5506) packet without allocation; writing appends to the
//! caller's buffer, one packet a call, so that a compound is several calls.

mod feedback;
mod iterate;
mod report;
mod transport_cc;
mod write;

pub use feedback::{Fir, FirEntry, Nack, Remb, write_fir, write_nack, write_pli};
pub use iterate::{Packet, Packets, RtcpError};
pub use report::{
    Bye, MAX_REPORT_BLOCKS, ReceiverReport, ReportBlock, SenderInfo, SenderReport, write_bye, write_cname,
    write_receiver_report, write_sender_report,
};
pub use transport_cc::{FeedbackHeader, MAX_STATUSES, TransportFeedback, write_transport_feedback};
