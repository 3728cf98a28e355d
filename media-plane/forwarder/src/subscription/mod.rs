//! Subscriptions: one participant's receipt of one track.

mod reports;
mod resend;

use rustc_hash::FxHashMap;

use crate::command::{Codec, CodecParameters, Subscribe, SubscriptionId};
use crate::outbox::{Outbox, Path};
use crate::random::Random;
use crate::rtp::{Element, Fields, OSN_LEN, write_header, write_osn};
use crate::srtp::{MAX_OVERHEAD, Sealer};
use crate::track::{ElementList, ForwardedIds, MAX_CODECS, Packet, TrackKey};
use crate::transport::TransportKey;

pub(crate) use reports::{Reports, StreamClock};
pub(crate) use resend::{Allowance, Resends};

/// Of a header with every extension.
const MAX_HEADER_LEN: usize = 512;

/// A track's way to one of its subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subscriber {
    pub transport: TransportKey,
    pub index: u32,
}

pub(crate) struct Subscription {
    pub id: SubscriptionId,
    pub track: TrackKey,
    pub ssrc: u32,
    pub phase: Phase,
    /// It stands in its transport's list of those with something new.
    pub pending: bool,
    pub reports: Reports,
    pub resends: Resends,
    mid: String,
    /// By index of the track's codec: the viewer's payload types.
    payload_types: [Option<PayloadTypes>; MAX_CODECS],
    rtx: Option<Rtx>,
    /// The first sequence number; below 2^15, so that a viewer that misses the beginning still guesses the roll-over
    /// counter (RFC 3711 3.3.1).
    first_number: u64,
    /// One above the highest that was sent.
    next_number: u64,
    timestamp_shift: u32,
}

/// Where the numbers of an SSRC that this transport used before go on: the keys are the same, so no index may return.
#[derive(Debug, Default)]
pub(crate) struct UsedNumbers(FxHashMap<u32, u64>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// For a key frame, or for the first packet.
    Waiting,
    Running {
        /// Track sequence numbers before this one are not sent.
        first: u64,
        /// Nor sent again by their own number if they are before this one: their header would be another.
        repeatable: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PayloadTypes {
    media: u8,
    rtx: Option<u8>,
}

struct Rtx {
    ssrc: u32,
    /// Of the next packet.
    index: u64,
}

/// What a subscription needs of its transport to send.
pub(crate) struct Way<'a> {
    pub path: Path,
    pub sealer: &'a Sealer,
    pub ids: ForwardedIds,
    pub mid: Option<u8>,
}

impl Subscription {
    /// `track` with its codecs.
    pub fn new(
        command: Subscribe,
        track: (TrackKey, &[CodecParameters]),
        used: &UsedNumbers,
        random: &mut Random,
    ) -> Self {
        let (track, codecs) = track;
        let mut payload_types = [None; MAX_CODECS];
        for (codec, types) in codecs.iter().zip(&mut payload_types) {
            *types = viewers(codec.codec, &command.codecs);
        }
        let first_number = used.first(command.ssrc, random);
        Self {
            id: command.subscription,
            track,
            ssrc: command.ssrc,
            phase: Phase::Waiting,
            pending: false,
            reports: Reports::default(),
            resends: Resends::default(),
            mid: command.mid,
            payload_types,
            rtx: command.rtx_ssrc.map(|ssrc| Rtx { ssrc, index: used.first(ssrc, random) }),
            first_number,
            next_number: first_number,
            timestamp_shift: random.next() as u32,
        }
    }

    /// Sends a packet of the track under its own number. The same packet, sent again, is the same to the last byte: a
    /// nonce of AES-GCM must never see other plaintext. False: the viewer has no payload type for it, or it is none of
    /// this subscription.
    pub fn send(&mut self, sequence: u64, packet: &Packet<'_>, way: &Way<'_>, outbox: &mut Outbox) -> bool {
        let (Some(index), Some(types)) = (self.index_of(sequence), self.types(packet)) else { return false };
        let fields = Fields {
            padding: false,
            marker: packet.facts.marker,
            payload_type: types.media,
            sequence_number: index as u16,
            timestamp: self.timestamp(packet.facts.timestamp),
            ssrc: self.ssrc,
        };
        let elements = ElementList::new(mid(&self.mid, way), packet.extensions, &way.ids);
        let room = outbox.room(MAX_HEADER_LEN + packet.payload.len() + MAX_OVERHEAD);
        let Ok(header_len) = write_header(&mut room[..MAX_HEADER_LEN], &fields, elements.as_slice()) else {
            return false;
        };
        let len = header_len + packet.payload.len() + way.sealer.profile().tag_len();
        if way.sealer.seal_rtp(index, &mut room[..len], header_len, packet.payload).is_err() {
            return false;
        }
        outbox.send(&way.path, len);
        self.next_number = self.next_number.max(index + 1);
        true
    }

    /// Sends it by RTX (RFC 4588), as a packet of its own. `None`: RTX was not negotiated for it.
    pub fn send_rtx(&mut self, sequence: u64, packet: &Packet<'_>, way: &Way<'_>, outbox: &mut Outbox) -> Option<bool> {
        let payload_type = self.types(packet)?.rtx?;
        let (original, timestamp) = (self.index_of(sequence)?, self.timestamp(packet.facts.timestamp));
        let elements = ElementList::new(mid(&self.mid, way), packet.extensions, &way.ids);
        let rtx = self.rtx.as_mut()?;
        let index = rtx.index;
        rtx.index += 1;
        let fields = Fields {
            padding: false,
            marker: packet.facts.marker,
            payload_type,
            sequence_number: index as u16,
            timestamp,
            ssrc: rtx.ssrc,
        };
        let room = outbox.room(MAX_HEADER_LEN + OSN_LEN + packet.payload.len() + MAX_OVERHEAD);
        let Ok(header_len) = write_header(&mut room[..MAX_HEADER_LEN], &fields, elements.as_slice()) else {
            return Some(false);
        };
        let payload = header_len + OSN_LEN;
        write_osn(&mut room[header_len..payload], original as u16);
        room[payload..payload + packet.payload.len()].copy_from_slice(packet.payload);
        let len = payload + packet.payload.len() + way.sealer.profile().tag_len();
        if way.sealer.seal_rtp_in_place(index, &mut room[..len], header_len).is_err() {
            return Some(false);
        }
        outbox.send(&way.path, len);
        Some(true)
    }

    /// The viewer's header extensions changed: what was sent cannot be repeated as it was.
    pub fn forbid_repeating(&mut self, next: u64) {
        if let Phase::Running { repeatable, .. } = &mut self.phase {
            *repeatable = next;
        }
    }

    /// Whether the packet would be the same to the last byte.
    pub fn may_repeat(&self, sequence: u64) -> bool {
        matches!(self.phase, Phase::Running { repeatable, .. } if sequence >= repeatable)
    }

    /// The track sequence number that the viewer knows under this number, near the newest one; `None` also for one that
    /// is yet to be sent.
    pub fn sequence_of(&self, number: u16, newest: u64) -> Option<u64> {
        let Phase::Running { first, .. } = self.phase else { return None };
        let index = crate::rtp::extend(self.index_of(newest)?, number).filter(|index| *index < self.next_number)?;
        let sequence = (index + first).checked_sub(self.first_number)?;
        (first..=newest).contains(&sequence).then_some(sequence)
    }

    /// Of the track, as the viewer counts.
    pub fn timestamp(&self, timestamp: u32) -> u32 {
        timestamp.wrapping_add(self.timestamp_shift)
    }

    /// The SSRCs that it sends with.
    pub fn ssrcs(&self) -> impl Iterator<Item = u32> + use<> {
        [Some(self.ssrc), self.rtx.as_ref().map(|rtx| rtx.ssrc)].into_iter().flatten()
    }

    /// 48 bits, roll-over counter above the number.
    fn index_of(&self, sequence: u64) -> Option<u64> {
        match self.phase {
            Phase::Running { first, .. } => Some(sequence.checked_sub(first)? + self.first_number),
            Phase::Waiting => None,
        }
    }

    fn types(&self, packet: &Packet<'_>) -> Option<PayloadTypes> {
        self.payload_types.get(usize::from(packet.facts.codec)).copied().flatten()
    }
}

fn mid<'a>(mid: &'a str, way: &Way<'_>) -> Option<Element<'a>> {
    way.mid.map(|id| Element { id, data: mid.as_bytes() })
}

impl UsedNumbers {
    pub fn remember(&mut self, subscription: &Subscription) {
        self.0.insert(subscription.ssrc, subscription.next_number);
        if let Some(rtx) = &subscription.rtx {
            self.0.insert(rtx.ssrc, rtx.index);
        }
    }

    fn first(&self, ssrc: u32, random: &mut Random) -> u64 {
        self.0.get(&ssrc).copied().unwrap_or_else(|| random.below(1 << 15))
    }
}

/// The viewer's payload types of a codec.
fn viewers(codec: Codec, codecs: &[CodecParameters]) -> Option<PayloadTypes> {
    let found = codecs.iter().find(|own| own.codec == codec)?;
    Some(PayloadTypes { media: found.payload_type, rtx: found.rtx_payload_type })
}
