use super::chunk::{Packer, Status};
use super::{FeedbackHeader, MAX_STATUSES, REFERENCE_MASK, REFERENCE_TICKS, TICK_MICROSECONDS, TransportFeedback};
use crate::rtcp::write::{TRANSPORT_FEEDBACK, write_packet, write_words};

/// Bytes of chunks and deltas of one feedback, so that it stays below 1,000 bytes.
const MAX_LEN: usize = 960;

/// A chunk of two bytes tells of at least this many, but for the last one.
const CHUNK_STATUSES: usize = 7;

/// From here on a run of lost packets takes no more room: it is in one chunk.
const LONG_RUN: usize = 14;

/// Appends a feedback about packets `base_sequence`, `base_sequence + 1`, …: each arrived at so many microseconds of any
/// monotonic clock, or (`None`) did not. Returns how many of them it tells of: fewer than all if there are more than fit
/// (some hundreds received, [`MAX_STATUSES`] altogether) or two arrivals are too far apart (8.19 s); call again with the
/// rest. Writes nothing and returns 0 if none of the first [`MAX_STATUSES`] arrived.
pub fn write_transport_feedback(out: &mut Vec<u8>, header: &FeedbackHeader, arrivals: &[Option<u64>]) -> usize {
    let arrivals = &arrivals[..arrivals.len().min(MAX_STATUSES)];
    let Some(first) = arrivals.iter().copied().flatten().next() else { return 0 };
    let reference = first / TICK_MICROSECONDS / REFERENCE_TICKS;
    let told = statuses(arrivals, reference).count();
    write_packet(out, TransportFeedback::FORMAT, TRANSPORT_FEEDBACK, |out| {
        write_words(out, &[header.sender_ssrc, header.media_ssrc]);
        out.extend_from_slice(&header.base_sequence.to_be_bytes());
        // At most MAX_STATUSES.
        out.extend_from_slice(&(told as u16).to_be_bytes());
        let reference_and_count = ((reference & REFERENCE_MASK) as u32) << 8 | u32::from(header.feedback_count);
        write_words(out, &[reference_and_count]);
        let mut packer = Packer::new();
        statuses(arrivals, reference).for_each(|(status, _)| packer.push(status, out));
        packer.finish(out);
        for (status, delta) in statuses(arrivals, reference) {
            match status {
                Status::Lost => {}
                Status::SmallDelta => out.push(delta as u8),
                Status::LargeDelta => out.extend_from_slice(&delta.to_be_bytes()),
            }
        }
    });
    told
}

/// Status and delta of each arrival that fits into one feedback. The first delta counts from the reference and is always
/// small.
fn statuses(arrivals: &[Option<u64>], reference: u64) -> impl Iterator<Item = (Status, i16)> + use<'_> {
    let mut last = reference * REFERENCE_TICKS;
    let mut lost_run = 0;
    // Of chunks and deltas so far, at most; in parts of a byte, so that a status counts for its share of a chunk.
    let mut len = 0;
    arrivals.iter().map_while(move |arrival| {
        let (status, delta) = match arrival {
            None => {
                lost_run += 1;
                (Status::Lost, 0)
            }
            Some(arrival) => {
                let ticks = arrival / TICK_MICROSECONDS;
                let delta = i16::try_from(ticks.wrapping_sub(last) as i64).ok()?;
                (last, lost_run) = (ticks, 0);
                (if (0..=255).contains(&delta) { Status::SmallDelta } else { Status::LargeDelta }, delta)
            }
        };
        if lost_run <= LONG_RUN {
            len += 2 + CHUNK_STATUSES * status.delta_len();
        }
        (len <= CHUNK_STATUSES * MAX_LEN).then_some((status, delta))
    })
}
