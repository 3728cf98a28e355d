/// Blocks that fit into one report (5 bits).
pub const MAX_REPORT_BLOCKS: usize = 31;

/// What a sender says of its stream (RFC 3550 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderInfo {
    pub ssrc: u32,
    /// NTP time in units of 2^-32 s since 1900.
    pub ntp: u64,
    /// The same moment in the stream's clock.
    pub rtp: u32,
    pub packets: u32,
    pub octets: u32,
}

/// What a receiver says of one stream (RFC 3550 6.4.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReportBlock {
    pub ssrc: u32,
    /// Lost since the last report, in 1/256 of the expected.
    pub fraction_lost: u8,
    /// 24 bits, signed: duplicates make it negative. Clamped on writing.
    pub cumulative_lost: i32,
    pub highest_sequence: u32,
    /// In units of the stream's clock.
    pub jitter: u32,
    /// Middle 32 bits of the NTP time of the last sender report; 0: none yet.
    pub last_sr: u32,
    /// Since that report, in 1/65536 s.
    pub delay_since_last_sr: u32,
}

#[derive(Debug, Clone)]
pub struct SenderReport<'a> {
    pub info: SenderInfo,
    _blocks: &'a [u8],
}

#[derive(Debug, Clone)]
pub struct ReceiverReport<'a> {
    pub ssrc: u32,
    _blocks: &'a [u8],
}

#[derive(Debug, Clone)]
pub struct Bye<'a> {
    _ssrcs: &'a [u8],
}

impl<'a> SenderReport<'a> {
    pub fn blocks(&self) -> impl Iterator<Item = ReportBlock> + use<'a> {
        std::iter::empty()
    }
}

impl<'a> ReceiverReport<'a> {
    pub fn blocks(&self) -> impl Iterator<Item = ReportBlock> + use<'a> {
        std::iter::empty()
    }
}

impl<'a> Bye<'a> {
    pub fn ssrcs(&self) -> impl Iterator<Item = u32> + use<'a> {
        std::iter::empty()
    }
}

/// Blocks behind the [`MAX_REPORT_BLOCKS`]th are left out.
pub fn write_sender_report(_out: &mut Vec<u8>, _info: &SenderInfo, _blocks: &[ReportBlock]) {
    todo!()
}

/// Blocks behind the [`MAX_REPORT_BLOCKS`]th are left out.
pub fn write_receiver_report(_out: &mut Vec<u8>, _ssrc: u32, _blocks: &[ReportBlock]) {
    todo!()
}

/// A source description with one CNAME, cut after 255 bytes.
pub fn write_cname(_out: &mut Vec<u8>, _ssrc: u32, _cname: &str) {
    todo!()
}

/// SSRCs behind the 31st are left out.
pub fn write_bye(_out: &mut Vec<u8>, _ssrcs: &[u32]) {
    todo!()
}
