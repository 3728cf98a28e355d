//! Reports, CNAME and BYE (RFC 3550 6.4–6.6).

use super::write::{BYE, RECEIVER_REPORT, SENDER_REPORT, SOURCE_DESCRIPTION, words, write_packet, write_words};

/// Blocks that fit into one report (5 bits).
pub const MAX_REPORT_BLOCKS: usize = 31;

const BLOCK_LEN: usize = 24;

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
    blocks: &'a [u8],
}

#[derive(Debug, Clone)]
pub struct ReceiverReport<'a> {
    pub ssrc: u32,
    blocks: &'a [u8],
}

#[derive(Debug, Clone)]
pub struct Bye<'a> {
    ssrcs: &'a [u8],
}

impl<'a> SenderReport<'a> {
    pub(super) fn parse(count: u8, body: &'a [u8]) -> Option<Self> {
        let (head, rest) = body.split_first_chunk::<24>()?;
        let [ssrc, ntp_high, ntp_low, rtp, packets, octets] = six_words(head);
        let ntp = u64::from(ntp_high) << 32 | u64::from(ntp_low);
        Some(Self { info: SenderInfo { ssrc, ntp, rtp, packets, octets }, blocks: counted_blocks(count, rest)? })
    }

    pub fn blocks(&self) -> impl Iterator<Item = ReportBlock> + use<'a> {
        blocks(self.blocks)
    }
}

impl<'a> ReceiverReport<'a> {
    pub(super) fn parse(count: u8, body: &'a [u8]) -> Option<Self> {
        let (ssrc, rest) = body.split_first_chunk()?;
        Some(Self { ssrc: u32::from_be_bytes(*ssrc), blocks: counted_blocks(count, rest)? })
    }

    pub fn blocks(&self) -> impl Iterator<Item = ReportBlock> + use<'a> {
        blocks(self.blocks)
    }
}

impl<'a> Bye<'a> {
    pub(super) fn parse(count: u8, body: &'a [u8]) -> Option<Self> {
        Some(Self { ssrcs: body.get(..4 * usize::from(count))? })
    }

    pub fn ssrcs(&self) -> impl Iterator<Item = u32> + use<'a> {
        words(self.ssrcs)
    }
}

/// What is behind the blocks is a profile's extension, and none is ours.
fn counted_blocks(count: u8, rest: &[u8]) -> Option<&[u8]> {
    rest.get(..BLOCK_LEN * usize::from(count))
}

fn blocks(bytes: &[u8]) -> impl Iterator<Item = ReportBlock> + use<'_> {
    bytes.as_chunks().0.iter().map(ReportBlock::read)
}

fn six_words(bytes: &[u8; 24]) -> [u32; 6] {
    let mut six = [0; 6];
    for (word, value) in six.iter_mut().zip(words(bytes)) {
        *word = value;
    }
    six
}

impl ReportBlock {
    fn read(bytes: &[u8; BLOCK_LEN]) -> Self {
        let [ssrc, lost, highest_sequence, jitter, last_sr, delay_since_last_sr] = six_words(bytes);
        Self {
            ssrc,
            fraction_lost: (lost >> 24) as u8,
            // Shifted up and down again for the sign.
            cumulative_lost: (lost << 8) as i32 >> 8,
            highest_sequence,
            jitter,
            last_sr,
            delay_since_last_sr,
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let cumulative = self.cumulative_lost.clamp(-(1 << 23), (1 << 23) - 1) as u32 & 0x00ff_ffff;
        write_words(
            out,
            &[
                self.ssrc,
                u32::from(self.fraction_lost) << 24 | cumulative,
                self.highest_sequence,
                self.jitter,
                self.last_sr,
                self.delay_since_last_sr,
            ],
        );
    }
}

/// Blocks behind the [`MAX_REPORT_BLOCKS`]th are left out.
pub fn write_sender_report(out: &mut Vec<u8>, info: &SenderInfo, blocks: &[ReportBlock]) {
    let blocks = &blocks[..blocks.len().min(MAX_REPORT_BLOCKS)];
    write_packet(out, blocks.len() as u8, SENDER_REPORT, |out| {
        let SenderInfo { ssrc, ntp, rtp, packets, octets } = *info;
        write_words(out, &[ssrc, (ntp >> 32) as u32, ntp as u32, rtp, packets, octets]);
        blocks.iter().for_each(|block| block.write(out));
    });
}

/// Blocks behind the [`MAX_REPORT_BLOCKS`]th are left out.
pub fn write_receiver_report(out: &mut Vec<u8>, ssrc: u32, blocks: &[ReportBlock]) {
    let blocks = &blocks[..blocks.len().min(MAX_REPORT_BLOCKS)];
    write_packet(out, blocks.len() as u8, RECEIVER_REPORT, |out| {
        write_words(out, &[ssrc]);
        blocks.iter().for_each(|block| block.write(out));
    });
}

/// A source description with one CNAME, cut after 255 bytes.
pub fn write_cname(out: &mut Vec<u8>, ssrc: u32, cname: &str) {
    const CNAME: u8 = 1;
    let cname = &cname.as_bytes()[..cname.len().min(255)];
    write_packet(out, 1, SOURCE_DESCRIPTION, |out| {
        write_words(out, &[ssrc]);
        out.extend_from_slice(&[CNAME, cname.len() as u8]);
        out.extend_from_slice(cname);
        // At least one null ends the chunk (RFC 3550 6.5); the padding to the word is null too.
        out.push(0);
    });
}

/// SSRCs behind the 31st are left out.
pub fn write_bye(out: &mut Vec<u8>, ssrcs: &[u32]) {
    let ssrcs = &ssrcs[..ssrcs.len().min(31)];
    write_packet(out, ssrcs.len() as u8, BYE, |out| write_words(out, ssrcs));
}
