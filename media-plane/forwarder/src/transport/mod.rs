//! Transports: one ICE and DTLS connection of a participant each, with all that it publishes and receives.

mod allocate;
mod arrivals;
mod bandwidth;
mod dtls;
mod fan_out;
mod feedback;
mod ice;
mod receive;
mod report;
mod serve;
mod srtp;
mod streams;
mod transports;

use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use slab::Slab;

use crate::command::{ConnectTransport, HeaderExtensions, TransportId};
use crate::context::Context;
use crate::event::{Event, TransportClosed, TransportStats};
use crate::identity::{ExpectedFingerprint, Identity};
use crate::outbox::Path;
use crate::random::Random;
use crate::subscription::{Allowance, Departure, Subscription, UsedNumbers, Way};
use crate::timers::Alarm;
use crate::track::{ForwardedIds, TrackKey};

pub(crate) use arrivals::Arrivals;
use bandwidth::Bandwidth;
use dtls::{Keys, Progress, Session};
pub(crate) use ice::{Heard, Ice};
use srtp::Srtp;
use streams::Streams;
pub(crate) use transports::{TransportKey, Transports};

/// DTLS datagrams that came before the peer's fingerprint: a client's hello, perhaps in two, and again.
const MAX_HELD: usize = 4;
/// From the peer's answer to the end of the handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(60);
/// One whose peer is not heard any more (RFC 7675 5.1).
const CONSENT_TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) struct Transport {
    pub id: TransportId,
    pub key: TransportKey,
    pub ice: Ice,
    pub alarm: Alarm,
    /// It stands in the worker's queue.
    pub queued: bool,
    /// Its alarm rang.
    pub rang: bool,
    pub stats: TransportStats,
    pub extensions: HeaderExtensions,
    /// Tracks that it publishes.
    pub tracks: Vec<TrackKey>,
    pub subscriptions: Slab<Subscription>,
    /// Indices of subscriptions whose tracks have something new; each knows of itself that it is there.
    pub pending: Vec<u32>,
    pub used_numbers: UsedNumbers,
    /// SSRCs of subscriptions that ended, to be told.
    pub byes: Vec<u32>,
    /// RFC 3550 6.5.1: the same for all that it publishes.
    pub cname: String,
    security: Security,
    heard_at: Instant,
    ids: ForwardedIds,
    streams: Streams,
    arrivals: Arrivals,
    allowance: Allowance,
    bandwidth: Bandwidth,
    reports_at: Instant,
    /// Of our RTCP where it is about no stream of ours.
    rtcp_ssrc: u32,
    fir_numbers: FxHashMap<u32, u8>,
    #[cfg(test)]
    pub sabotaged: bool,
}

enum Security {
    /// Nobody told us the peer's fingerprint yet.
    Waiting {
        held: Vec<Vec<u8>>,
    },
    Handshake {
        session: Box<Session>,
        until: Instant,
    },
    Established {
        session: Box<Session>,
        srtp: Box<Srtp>,
    },
}

/// A transport ends for this reason.
pub(crate) type Ending = Result<(), TransportClosed>;

impl Transport {
    pub fn new(id: TransportId, key: TransportKey, ice: Ice, now: Instant, random: &mut Random) -> Self {
        Self {
            id,
            key,
            ice,
            alarm: Alarm::default(),
            queued: false,
            rang: false,
            stats: TransportStats { transport: id, ..TransportStats::default() },
            extensions: HeaderExtensions::default(),
            tracks: Vec::new(),
            subscriptions: Slab::new(),
            pending: Vec::new(),
            used_numbers: UsedNumbers::default(),
            byes: Vec::new(),
            cname: format!("{:016x}", random.next()),
            security: Security::Waiting { held: Vec::new() },
            heard_at: now,
            ids: ForwardedIds::default(),
            streams: Streams::default(),
            arrivals: Arrivals::default(),
            allowance: Allowance::new(now),
            bandwidth: Bandwidth::new(now),
            reports_at: now,
            rtcp_ssrc: (random.next() as u32).max(1),
            fir_numbers: FxHashMap::default(),
            #[cfg(test)]
            sabotaged: false,
        }
    }

    /// The peer's side is known: checks of ours and DTLS may begin.
    pub fn connect(&mut self, command: &ConnectTransport, identity: &Identity, cx: &mut Context<'_>) -> Ending {
        self.ice.connect(&command.ice_ufrag, &command.ice_pwd);
        for path in self.ice.paths().collect::<Vec<_>>() {
            self.send_check(&path, cx);
        }
        if self.extensions != command.extensions {
            self.extensions = command.extensions;
            self.ids = ForwardedIds::from(&command.extensions);
            for (_, subscription) in &mut self.subscriptions {
                subscription.forbid_repeating();
            }
        }
        let Security::Waiting { held } = &mut self.security else { return Ok(()) };
        let held = std::mem::take(held);
        let expected = ExpectedFingerprint::new(&command.fingerprint).ok_or(TransportClosed::DtlsFailed)?;
        let session = Session::new(identity, command.dtls_role, expected, cx.now);
        self.security = Security::Handshake { session: Box::new(session), until: cx.now + CONNECT_TIMEOUT };
        self.alarm_at(cx.now + CONNECT_TIMEOUT, cx);
        for datagram in held {
            self.receive_dtls(Some(&datagram), cx)?;
        }
        self.wake_dtls(cx)
    }

    /// An authenticated check came from there.
    pub fn heard(&mut self, path: Path, nominates: bool, cx: &mut Context<'_>) -> Heard {
        self.heard_at = cx.now;
        let heard = self.ice.heard(cx.now, path, nominates);
        self.send_check(&path, cx);
        heard
    }

    /// One check of ours, so that a full agent need not wait for its next round.
    fn send_check(&mut self, path: &Path, cx: &mut Context<'_>) {
        let effects = &mut *cx.effects;
        let transaction_id = self.key.transaction_id(effects.random.next());
        self.ice.write_check(cx.now, path, transaction_id, &mut effects.scratch);
        if !effects.scratch.is_empty() {
            self.stats.packets_sent += 1;
            self.stats.bytes_sent += effects.scratch.len() as u64;
            effects.outbox.push(path, &effects.scratch);
            effects.scratch.clear();
        }
    }

    /// A DTLS datagram from one of the validated addresses; `None`: time has passed.
    pub fn receive_dtls(&mut self, datagram: Option<&[u8]>, cx: &mut Context<'_>) -> Ending {
        let session = match &mut self.security {
            Security::Waiting { held } => {
                if let Some(datagram) = datagram
                    && held.len() < MAX_HELD
                {
                    held.push(datagram.to_vec());
                }
                return Ok(());
            }
            Security::Handshake { session, .. } | Security::Established { session, .. } => session,
        };
        let Some(path) = self.ice.selected() else { return Ok(()) };
        let (outbox, stats, ice) = (&mut cx.effects.outbox, &mut self.stats, &mut self.ice);
        let progress = session.handle(cx.now, datagram, |datagram| {
            stats.packets_sent += 1;
            stats.bytes_sent += datagram.len() as u64;
            outbox.push(&path, datagram);
            ice.settle();
        });
        if let Some(wake_at) = session.wake_at() {
            cx.effects.timers.schedule(self.key, &mut self.alarm, wake_at);
        }
        match progress {
            Ok(Progress::Going) => Ok(()),
            Ok(Progress::Connected(keys)) => {
                self.establish(*keys, path, cx);
                Ok(())
            }
            Ok(Progress::PeerClosed) => Err(TransportClosed::PeerClosed),
            Err(error) => {
                tracing::debug!(transport = self.id, %error, "DTLS failed");
                cx.effects.counters.dropped.bad_dtls += u64::from(datagram.is_some());
                Err(TransportClosed::DtlsFailed)
            }
        }
    }

    fn establish(&mut self, keys: Keys, path: Path, cx: &mut Context<'_>) {
        let before = std::mem::replace(&mut self.security, Security::Waiting { held: Vec::new() });
        let session = match before {
            Security::Handshake { session, .. } | Security::Established { session, .. } => session,
            Security::Waiting { .. } => return,
        };
        let srtp = Box::new(Srtp::new(keys.opener, keys.sealer));
        self.security = Security::Established { session, srtp };
        self.heard_at = cx.now;
        // Spread over a second, so that transports that were opened together do not report together.
        self.reports_at = cx.now + Duration::from_millis(100 + cx.effects.random.below(900));
        self.alarm_at(self.reports_at, cx);
        for (index, subscription) in &mut self.subscriptions {
            if !std::mem::replace(&mut subscription.pending, true) {
                self.pending.push(index as u32);
            }
        }
        cx.effects.wake.push(self.key);
        cx.effects.events.push_back(Event::TransportConnected {
            transport: self.id,
            remote: path.remote.address,
            protocol: path.remote.protocol,
            dtls_version: keys.version,
            srtp_profile: keys.profile,
        });
    }

    /// Says goodbye to the peer.
    pub fn close(&mut self, cx: &mut Context<'_>) {
        let Some(path) = self.ice.selected() else { return };
        if let Security::Established { session, .. } = &mut self.security {
            session.close(cx.now, |datagram| cx.effects.outbox.push(&path, datagram));
        }
    }

    /// Serves the subscription with the next flush if it wants to hear of one of these layers, a bit each; false: it does
    /// not, or that was to be already.
    pub fn pend(&mut self, index: u32, news: u8) -> bool {
        let subscription = self.subscriptions.get_mut(index as usize).filter(|own| own.interest & news != 0);
        let added = subscription.is_some_and(|subscription| !std::mem::replace(&mut subscription.pending, true));
        if added {
            self.pending.push(index);
        }
        added
    }

    pub fn is_established(&self) -> bool {
        matches!(self.security, Security::Established { .. })
    }

    pub fn alarm_at(&mut self, at: Instant, cx: &mut Context<'_>) {
        cx.effects.timers.schedule(self.key, &mut self.alarm, at);
    }

    /// Keys and address, once media can flow.
    fn srtp(&mut self) -> Option<(&mut Srtp, Path)> {
        match (&mut self.security, self.ice.selected()) {
            (Security::Established { srtp, .. }, Some(path)) => Some((srtp, path)),
            _ => None,
        }
    }

    /// When it is given up if nothing comes. `None`: the peer has not answered our offer, for which there is no deadline:
    /// whoever never does is still in the room by signalling, and costs nothing here.
    pub fn expires_at(&self) -> Option<Instant> {
        match self.security {
            Security::Established { .. } => Some(self.heard_at + CONSENT_TIMEOUT),
            Security::Handshake { until, .. } => Some(until),
            Security::Waiting { .. } => None,
        }
    }
}

/// What sending to a viewer needs of its transport.
fn way<'a>(
    (srtp, path): (&'a Srtp, Path),
    (extensions, ids): (&HeaderExtensions, ForwardedIds),
    departure: Departure<'a>,
) -> Way<'a> {
    Way { path, sealer: &srtp.sealer, ids, mid: extensions.mid, departure, budget: None }
}
