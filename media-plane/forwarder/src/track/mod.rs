//! Published tracks.

mod extensions;
mod key_frame;
mod layer;
mod missing;
mod rates;
mod reception;
mod renumber;
mod ring;
mod tracks;
mod watchers;

use std::time::{Duration, Instant};

pub(crate) use extensions::{ElementList, ForwardedIds, Kept, OWN, Renumbered, audio_level, dependency_descriptor};
pub(crate) use key_frame::KeyFrameRequests;
pub(crate) use layer::{Arrival, Layer};
pub(crate) use missing::Missing;
pub(crate) use rates::{Rates, SPATIAL, TEMPORAL};
pub(crate) use reception::Reception;
pub(crate) use ring::{Facts, Packet, PacketRing};
pub(crate) use tracks::{TrackKey, Tracks};
use watchers::Watchers;

use crate::command::{CodecParameters, Encoding, GroupId, Kind, PublishTrack, TrackId};
use crate::relay::{Destination, WorkerIndex};
use crate::subscription::Subscriber;
use crate::transport::TransportKey;

/// Codecs of one track that are looked at: an offer has a handful.
pub(crate) const MAX_CODECS: usize = 16;
/// A layer that was silent for so long while others were not is dry: whoever watches it is given another one.
const DRY: Duration = Duration::from_millis(400);
/// Between two looks of all viewers at a track of several layers.
const SURVEY: Duration = Duration::from_millis(100);

/// What one participant publishes: one RTP stream or several of the same, kept and numbered for those who receive it.
pub(crate) struct Track {
    pub id: TrackId,
    /// The publisher's.
    pub transport: TransportKey,
    pub kind: Kind,
    pub mid: String,
    /// Who it is heard together with, of a microphone.
    pub group: Option<GroupId>,
    /// The SDP declared the SSRCs: no other is looked for.
    pub declared: bool,
    pub codecs: Vec<CodecParameters>,
    /// Of the publisher's transport; the same for all its tracks (RFC 3550 6.5.1).
    pub cname: String,
    /// One, or those of a simulcast, the smallest first.
    pub layers: Vec<Layer>,
    pub subscribers: Vec<Subscriber>,
    /// Its packets are taken as if they only padded: left out, so that viewers miss nothing.
    pub held: bool,
    pub watchers: Watchers,
    /// It stands in the worker's list of those with packets that are not forwarded yet.
    pub listed: bool,
    /// Other workers that it goes to.
    pub destinations: Vec<Destination>,
    /// The worker that hands it over, if its publisher is not here.
    pub origin: Option<WorkerIndex>,
    heard_at: Option<Instant>,
    /// Since when it is not silent altogether.
    flowing_since: Option<Instant>,
    surveyed_at: Option<Instant>,
}

/// The publisher's last sender report of a layer, its RTP timestamp as the layer counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SenderReportSeen {
    pub ntp: u64,
    pub timestamp: u32,
    pub at: Instant,
}

/// A verified packet of the publisher.
pub(crate) struct Incoming<'a> {
    pub ssrc: u32,
    pub sequence_number: u16,
    /// As the publisher counts.
    pub timestamp: u32,
    pub marker: bool,
    pub codec: u8,
    pub extensions: &'a [u8],
    /// Without padding; empty if there was nothing else.
    pub payload: &'a [u8],
    pub sent: Sent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    OnItsOwn,
    /// By RTX, on an SSRC of its own.
    AsRetransmission,
}

impl Track {
    pub fn new(command: PublishTrack, transport: TransportKey, cname: String, now: Instant) -> Self {
        let mut codecs = command.codecs;
        codecs.truncate(MAX_CODECS);
        let mut layers: Vec<_> =
            command.encodings.iter().take(SPATIAL).map(|encoding| Layer::new(command.kind, encoding)).collect();
        if layers.is_empty() {
            layers.push(Layer::new(command.kind, &Encoding::default()));
        }
        Self {
            id: command.track,
            transport,
            kind: command.kind,
            mid: command.mid,
            group: command.group.filter(|_| command.kind == Kind::Audio),
            declared: command.encodings.iter().any(|encoding| encoding.ssrc.is_some()),
            codecs,
            cname,
            watchers: Watchers::new(layers.len(), now),
            layers,
            subscribers: Vec::new(),
            held: false,
            listed: false,
            destinations: Vec::new(),
            origin: None,
            heard_at: None,
            flowing_since: None,
            surveyed_at: None,
        }
    }

    /// Index of the codec with this payload type, and whether it is its RTX.
    pub fn codec(&self, payload_type: u8) -> Option<(u8, Sent)> {
        self.codecs.iter().zip(0..).find_map(|(codec, index)| {
            if codec.payload_type == payload_type {
                Some((index, Sent::OnItsOwn))
            } else if codec.rtx_payload_type == Some(payload_type) {
                Some((index, Sent::AsRetransmission))
            } else {
                None
            }
        })
    }

    /// The layer that a new stream with this RTP stream id belongs to. A publisher of one stream need not name it.
    pub fn layer_of(&self, rid: Option<&[u8]>) -> Option<u8> {
        let fits = |layer: &Layer| match (layer.rid.as_deref(), rid) {
            (Some(wanted), Some(rid)) => wanted.as_bytes() == rid,
            _ => self.layers.len() == 1,
        };
        self.layers.iter().position(fits).map(|index| index as u8)
    }

    pub fn layer(&self, index: u8) -> Option<&Layer> {
        self.layers.get(usize::from(index))
    }

    /// There is nothing to choose.
    pub fn is_plain(&self) -> bool {
        matches!(self.layers.as_slice(), [only] if only.rates.highest() == (0, 0))
    }

    pub fn is_layered(&self) -> bool {
        self.layers.len() > 1
    }

    /// Takes a packet of one of its layers in. `since_start`: its arrival, since any fixed moment.
    pub fn receive(&mut self, now: Instant, since_start: Duration, index: u8, packet: &Incoming<'_>) -> Arrival {
        let codec = self.codecs[usize::from(packet.codec)];
        let started = self.is_started();
        let Some(layer) = self.layers.get_mut(usize::from(index)) else { return Arrival::default() };
        let mut arrival = layer.receive(now, since_start, packet, &codec);
        arrival.first &= !started;
        if self.is_layered() {
            let silent = self.heard_at.is_none_or(|at| now.saturating_duration_since(at) > DRY);
            if silent {
                self.flowing_since = Some(now);
            }
            self.heard_at = Some(now);
        }
        arrival
    }

    /// Whether a layer can be counted on: it is not silent while others are not.
    pub fn is_live(&self, index: u8, now: Instant) -> bool {
        let recent = |at: Option<Instant>| at.is_some_and(|at| now.saturating_duration_since(at) <= DRY);
        self.layer(index)
            .is_some_and(|layer| recent(layer.heard_at()) || (layer.heard_at().is_some() && recent(self.flowing_since)))
    }

    /// The layers with something new as a bit each; now and then all of them, so that viewers see which are dry.
    pub fn news(&mut self, now: Instant) -> u8 {
        if !self.is_layered() {
            return u8::MAX;
        }
        if self.surveyed_at.is_none_or(|at| now.saturating_duration_since(at) >= SURVEY) {
            self.surveyed_at = Some(now);
            return u8::MAX;
        }
        let fresh = self.layers.iter().zip(0..).filter(|(layer, _)| !layer.fresh.is_empty());
        fresh.fold(0, |news, (_, index)| news | 1 << index)
    }

    /// Every viewer has what came: it is not new any more.
    pub fn flushed(&mut self) {
        self.listed = false;
        for layer in &mut self.layers {
            layer.flushed();
        }
    }

    /// The publisher said so of every stream that it sends.
    pub fn has_ended(&self) -> bool {
        self.layers.iter().all(Layer::has_ended)
    }

    fn is_started(&self) -> bool {
        self.layers.iter().any(|layer| layer.ssrc().is_some())
    }

    pub fn lost(&self) -> u64 {
        self.layers.iter().map(Layer::lost).sum()
    }

    pub fn clock_rate(&self) -> u32 {
        self.codecs.first().map_or(90_000, |codec| codec.clock_rate)
    }

    /// Bits per second of each layer alone: of a simulcast each is a picture of its own, of one stream the layers add up.
    pub fn rates(&self, now: Instant) -> Rates {
        match self.layers.as_slice() {
            [only] => only.rates.rates(now),
            layers => {
                let mut rates = Rates::default();
                for (rate, layer) in rates.iter_mut().zip(layers) {
                    let [all, ..] = layer.rates.rates(now);
                    *rate = all;
                }
                rates
            }
        }
    }

    /// As [`Self::rates`], but those of a simulcast that nobody watches, and that the publisher does not send therefore, as
    /// they were when it did.
    pub fn expected_rates(&self, now: Instant) -> Rates {
        let mut rates = self.rates(now);
        if self.is_layered() {
            for (rate, layer) in rates.iter_mut().zip(&self.layers) {
                if rate.iter().all(|rate| *rate == 0) {
                    [*rate, ..] = layer.rates.last();
                }
            }
        }
        rates
    }

    /// The most of any of its streams.
    pub fn temporal_layers(&self) -> u8 {
        self.layers.iter().map(|layer| layer.rates.highest().1 + 1).max().unwrap_or(1)
    }

    /// Spatial layers, in one stream or several.
    pub fn spatial_layers(&self) -> u8 {
        match self.layers.as_slice() {
            [only] => only.rates.highest().0 + 1,
            layers => layers.len() as u8,
        }
    }

    /// Of a spatial layer, as far as it is known: a simulcast's layers told themselves, those of one stream halve.
    pub fn size(&self, spatial: u8) -> Option<(u16, u16)> {
        match self.layers.as_slice() {
            [only] => {
                let halvings = self.spatial_layers().saturating_sub(1).saturating_sub(spatial);
                only.size.map(|(width, height)| (width >> halvings, height >> halvings))
            }
            layers => layers.get(usize::from(spatial))?.size,
        }
    }

    /// What a layer's timestamp is in the clock of another: by the publisher's reports of both, else by their arrival.
    pub fn translate(&self, timestamp: u32, from: u8, to: u8, now: Instant) -> Option<u32> {
        let (from, to) = (self.layer(from)?, self.layer(to)?);
        let (newest, at) = to.newest_timestamp()?;
        let elapsed = now.saturating_duration_since(at).as_micros() * u128::from(self.clock_rate()) / 1_000_000;
        let by_arrival = newest.wrapping_add(elapsed as u32);
        let reported = match (&from.sender_report, &to.sender_report) {
            (Some(from), Some(to)) => {
                let apart = (i128::from(from.ntp.wrapping_sub(to.ntp) as i64) * i128::from(self.clock_rate())) >> 32;
                let since_report = timestamp.wrapping_sub(from.timestamp);
                Some(to.timestamp.wrapping_add(since_report).wrapping_add(apart as u32))
            }
            _ => None,
        };
        // A report that is more than a second off is not of the same clock.
        let believable =
            |reported: &u32| (reported.wrapping_sub(by_arrival) as i32).unsigned_abs() <= self.clock_rate();
        Some(reported.filter(believable).unwrap_or(by_arrival))
    }
}
