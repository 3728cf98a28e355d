//! Subscriptions: one participant's receipt of one track.

mod behind;
mod forward;
mod numbering;
mod repeats;
mod reports;
mod resend;
mod selection;
mod way;

use rustc_hash::FxHashMap;

use crate::codec::shift_numbers;
use crate::command::{Codec, CodecParameters, Subscribe, SubscriptionId};
use crate::outbox::Outbox;
use crate::random::Random;
use crate::rtp::{Fields, OSN_LEN, write_header, write_osn};
use crate::srtp::MAX_OVERHEAD;
use crate::track::{ElementList, MAX_CODECS, Packet, Renumbered, TrackKey};
use crate::transport::TransportKey;

use behind::Behind;
use numbering::{Numbering, Rewrite};
use repeats::Repeats;
use selection::Selection;

pub(crate) use reports::{Reports, StreamClock};
pub(crate) use resend::{Allowance, Resends};
pub(crate) use way::{Departure, Told, Way};

/// Of a header with every extension.
const MAX_HEADER_LEN: usize = 512;
/// Of a packet that holds nothing: as much as its last byte can say.
const PADDING: usize = 255;

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
    pub selection: Selection,
    /// The layers, a bit each, of which it wants to hear when they bring something.
    pub interest: u8,
    mid: String,
    /// By index of the track's codec: the viewer's payload types.
    payload_types: [Option<PayloadTypes>; MAX_CODECS],
    rtx: Option<Rtx>,
    /// The viewer tells of the arrival of its packets (transport-wide).
    pub wide: bool,
    /// Their numbers, where they may be asked for again without RTX.
    repeats: Option<Repeats>,
    numbering: Numbering,
    /// Of the first layer; later ones go on from there.
    timestamp_shift: u32,
    /// The picture that was left out last.
    left_out: Option<u16>,
    behind: Option<Behind>,
    /// Layer and packet before which it must not begin: it was sent some of what came before.
    not_before: Option<(u8, u64)>,
}

/// Where the numbers of an SSRC that this transport used before go on: the keys are the same, so no index may return.
#[derive(Debug, Default)]
pub(crate) struct UsedNumbers(FxHashMap<u32, u64>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// For a key frame, for the first packet, or for leave to go on.
    Waiting,
    /// With the layer of the numbering's current stretch.
    Running,
}

/// A packet of the track and what it is for this viewer.
pub(crate) struct Placed<'a> {
    pub index: u64,
    pub rewrite: Rewrite,
    pub packet: Packet<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PayloadTypes {
    codec: Codec,
    media: u8,
    rtx: Option<u8>,
}

struct Rtx {
    ssrc: u32,
    /// Of the next packet.
    index: u64,
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
        // Below 2^15, so that a viewer that misses the beginning still guesses the roll-over counter (RFC 3711 3.3.1).
        let numbering = Numbering::new(used.first(command.ssrc, random));
        let wide = command.codecs.iter().any(|codec| codec.transport_cc);
        let repeats = wide && command.rtx_ssrc.is_none() && command.codecs.iter().any(|codec| codec.nack);
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
            selection: Selection::new(command.limits),
            interest: u8::MAX,
            wide,
            repeats: repeats.then(Repeats::default),
            numbering,
            timestamp_shift: random.next() as u32,
            left_out: None,
            behind: None,
            not_before: None,
        }
    }

    /// Sends a packet under its number. The same packet, sent again, is the same to the last byte: a nonce of AES-GCM must
    /// never see other plaintext. False: the viewer has no payload type for it.
    pub fn send(&mut self, placed: &Placed<'_>, way: &Way<'_>, outbox: &mut Outbox) -> bool {
        let Placed { index, rewrite, packet } = placed;
        let Some(types) = self.types(packet) else { return false };
        let fields = self.fields(placed, types.media, self.ssrc, *index);
        let again = self.repeats.as_ref().and_then(|repeats| repeats.number_of(*index));
        let told = again.map_or_else(|| way.departure.next(self.wide), Told::number);
        let room = outbox.room(MAX_HEADER_LEN + packet.payload.len() + MAX_OVERHEAD);
        let Some(header_len) = self.write_header(room, &fields, placed, (way, &told)) else { return false };
        let len = header_len + packet.payload.len() + way.sealer.profile().tag_len();
        let sealed = if rewrite.shifts_numbers() {
            self.write_payload(&mut room[header_len..header_len + packet.payload.len()], placed);
            way.sealer.seal_rtp_in_place(*index, &mut room[..len], header_len)
        } else {
            way.sealer.seal_rtp(*index, &mut room[..len], header_len, packet.payload)
        };
        if sealed.is_err() {
            return false;
        }
        outbox.send(&way.path, len);
        way.spend(len);
        if again.is_none() {
            way.departure.sent(told, len);
            if let (Some(repeats), Told::Number(number, _)) = (&mut self.repeats, told) {
                repeats.keep(*index, number);
            }
        }
        self.numbering.sent(*index);
        true
    }

    /// Sends it by RTX (RFC 4588), as a packet of its own. `None`: RTX was not negotiated for it.
    pub fn send_rtx(&mut self, placed: &Placed<'_>, way: &Way<'_>, outbox: &mut Outbox) -> Option<bool> {
        let packet = &placed.packet;
        let payload_type = self.types(packet)?.rtx?;
        let rtx = self.rtx.as_mut()?;
        let (index, ssrc) = (rtx.index, rtx.ssrc);
        rtx.index += 1;
        let fields = self.fields(placed, payload_type, ssrc, index);
        let room = outbox.room(MAX_HEADER_LEN + OSN_LEN + packet.payload.len() + MAX_OVERHEAD);
        let told = way.departure.next(self.wide);
        let Some(header_len) = self.write_header(room, &fields, placed, (way, &told)) else { return Some(false) };
        let payload = header_len + OSN_LEN;
        write_osn(&mut room[header_len..payload], placed.index as u16);
        self.write_payload(&mut room[payload..payload + packet.payload.len()], placed);
        let len = payload + packet.payload.len() + way.sealer.profile().tag_len();
        if way.sealer.seal_rtp_in_place(index, &mut room[..len], header_len).is_err() {
            return Some(false);
        }
        outbox.send(&way.path, len);
        way.departure.sent(told, len);
        Some(true)
    }

    /// Whether packets that hold nothing can be sent: on the RTX stream, so that no number of the media is used up.
    pub fn may_pad(&self) -> bool {
        self.wide && self.rtx.is_some() && self.rtx_payload_type().is_some()
    }

    /// Sends one, and says how long it was (RFC 3550 5.1: padding counts itself).
    pub fn send_padding(&mut self, way: &Way<'_>, outbox: &mut Outbox) -> Option<usize> {
        let payload_type = self.rtx_payload_type()?;
        let rtx = self.rtx.as_mut()?;
        let fields = Fields {
            padding: true,
            marker: false,
            payload_type,
            sequence_number: rtx.index as u16,
            timestamp: self.timestamp_shift,
            ssrc: rtx.ssrc,
        };
        let index = rtx.index;
        rtx.index += 1;
        let told = way.departure.next(self.wide);
        let room = outbox.room(MAX_HEADER_LEN + PADDING + MAX_OVERHEAD);
        let elements = ElementList::new(way.own(&self.mid, &told), &[], &way.ids);
        let header_len = write_header(&mut room[..MAX_HEADER_LEN], &fields, elements.as_slice()).ok()?;
        let payload = header_len + PADDING;
        room[header_len..payload].fill(0);
        room[payload - 1] = PADDING as u8;
        let len = payload + way.sealer.profile().tag_len();
        way.sealer.seal_rtp_in_place(index, &mut room[..len], header_len).ok()?;
        outbox.send(&way.path, len);
        way.departure.sent(told, len);
        Some(len)
    }

    fn rtx_payload_type(&self) -> Option<u8> {
        self.payload_types.iter().flatten().find_map(|types| types.rtx)
    }

    #[inline]
    fn fields(&self, placed: &Placed<'_>, payload_type: u8, ssrc: u32, index: u64) -> Fields {
        let (facts, rewrite) = (&placed.packet.facts, &placed.rewrite);
        Fields {
            padding: false,
            // Where higher layers of the picture are left out, it ends earlier.
            marker: facts.marker || (facts.ends_frame && facts.spatial == rewrite.spatial),
            payload_type,
            sequence_number: index as u16,
            timestamp: facts.timestamp.wrapping_add(rewrite.timestamp),
            ssrc,
        }
    }

    #[inline]
    fn write_header(
        &self,
        room: &mut [u8],
        fields: &Fields,
        placed: &Placed<'_>,
        (way, told): (&Way<'_>, &Told),
    ) -> Option<usize> {
        let room = &mut room[..MAX_HEADER_LEN];
        let (kept, own) = (placed.packet.extensions, way.own(&self.mid, told));
        if placed.rewrite.frame_number == 0 {
            return write_header(room, fields, ElementList::new(own, kept, &way.ids).as_slice()).ok();
        }
        self.write_renumbered(room, fields, placed, (way, told))
    }

    #[cold]
    fn write_renumbered(
        &self,
        room: &mut [u8],
        fields: &Fields,
        placed: &Placed<'_>,
        (way, told): (&Way<'_>, &Told),
    ) -> Option<usize> {
        let renumbered = Renumbered::new(placed.packet.extensions, placed.rewrite.frame_number);
        let own = way.own(&self.mid, told);
        write_header(room, fields, ElementList::new(own, renumbered.as_bytes(), &way.ids).as_slice()).ok()
    }

    fn write_payload(&self, room: &mut [u8], placed: &Placed<'_>) {
        room.copy_from_slice(placed.packet.payload);
        if placed.rewrite.shifts_numbers()
            && let Some(codec) = self.payload_types.get(usize::from(placed.packet.facts.codec)).copied().flatten()
        {
            shift_numbers(codec.codec, room, &placed.rewrite.numbers);
        }
    }

    /// The viewer's header extensions changed: what was sent cannot be repeated as it was.
    pub fn forbid_repeating(&mut self) {
        self.numbering.forbid_repeating();
    }

    /// The SSRCs that it sends with.
    pub fn ssrcs(&self) -> impl Iterator<Item = u32> + use<> {
        [Some(self.ssrc), self.rtx.as_ref().map(|rtx| rtx.ssrc)].into_iter().flatten()
    }

    fn types(&self, packet: &Packet<'_>) -> Option<PayloadTypes> {
        self.payload_types.get(usize::from(packet.facts.codec)).copied().flatten()
    }
}

impl UsedNumbers {
    pub fn remember(&mut self, subscription: &Subscription) {
        self.0.insert(subscription.ssrc, subscription.numbering.unused());
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
    Some(PayloadTypes { codec, media: found.payload_type, rtx: found.rtx_payload_type })
}
