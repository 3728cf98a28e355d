use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::command::{Command, Fingerprint};
use crate::context::{Context, Effects};
use crate::event::{Event, TransportClosed};
use crate::identity::Identity;
use crate::relay::{Handover, WorkerIndex};
use crate::track::{TrackKey, Tracks};
use crate::transport::{Transport, TransportKey, Transports};

/// With nothing to wait for.
const IDLE: Duration = Duration::from_secs(3_600);

/// What a worker cannot know by itself.
pub struct Config {
    /// Seed of everything random but key material, so that a run can be repeated.
    pub seed: u64,
    /// The process's certificate and private key, shared by all workers.
    pub certificate: dimpl::DtlsCertificate,
}

/// How datagrams travel: by themselves, or framed in a TCP connection that the peer opened (RFC 6544, RFC 4571).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Protocol {
    Udp,
    Tcp,
}

/// Where a peer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Remote {
    pub address: SocketAddr,
    pub protocol: Protocol,
}

/// Over UDP.
impl From<SocketAddr> for Remote {
    fn from(address: SocketAddr) -> Self {
        Self { address, protocol: Protocol::Udp }
    }
}

/// Something happened.
pub enum Input<'a> {
    Datagrams(Received<'a>),
    Command(Command),
    /// From the worker of this index.
    Handover(WorkerIndex, Handover),
    /// The time that [`Output::Timeout`] named has come.
    Timeout,
}

/// One receive of the kernel: datagrams of one sender, all of `stride` bytes, the last perhaps shorter (GRO).
/// The bytes are decrypted in place.
pub struct Received<'a> {
    pub source: Remote,
    /// The local address that it was sent to: answers leave from it.
    pub destination: Option<IpAddr>,
    pub contents: &'a mut [u8],
    pub stride: usize,
}

/// Something to do.
pub enum Output<'a> {
    Datagrams(Run<'a>),
    Event(Event),
    /// For the worker of this index.
    Handover(WorkerIndex, Handover),
    /// Nothing more until then, or until the next input.
    Timeout(Instant),
}

/// One send of the kernel: datagrams to one receiver, all of `segment_size` bytes, the last perhaps shorter (GSO).
/// At most 64 segments and 65,000 bytes.
pub struct Run<'a> {
    pub destination: Remote,
    pub source: Option<IpAddr>,
    pub contents: &'a [u8],
    pub segment_size: usize,
}

/// Transports, tracks and subscriptions that live on one thread. See the crate's documentation.
pub struct Worker {
    pub(crate) start: Instant,
    pub(crate) identity: Identity,
    pub(crate) transports: Transports,
    pub(crate) tracks: Tracks,
    pub(crate) effects: Effects,
    /// Transports that are served one after another, and how many of them were.
    queue: Vec<TransportKey>,
    served: usize,
    /// Tracks whose new packets are being sent.
    flushing: Vec<TrackKey>,
    /// Whose service goes on: it ends if that panics.
    pub(crate) serving: Option<TransportKey>,
}

impl Worker {
    pub fn new(config: Config, now: Instant) -> Self {
        Self {
            start: now,
            identity: Identity::new(config.certificate),
            transports: Transports::default(),
            tracks: Tracks::default(),
            effects: Effects::new(now, config.seed),
            queue: Vec::new(),
            served: 0,
            flushing: Vec::new(),
            serving: None,
        }
    }

    /// Of the certificate in the configuration, SHA-256, as SDP writes it.
    pub fn fingerprint(&self) -> Fingerprint {
        self.identity.fingerprint()
    }

    /// Takes what happened. Nothing is built for the viewers before [`Self::poll`]: hand in all that waits first.
    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        // A flush that was left in the middle is finished first: its packets are not the next one's.
        while self.serve_next(now) {}
        self.contained(now, |worker| match input {
            Input::Datagrams(received) => worker.receive(now, received),
            Input::Command(command) => worker.obey(now, command),
            Input::Handover(from, handover) => worker.take_over(now, from, handover),
            Input::Timeout => {}
        });
    }

    /// Gives what is to be done, until it says [`Output::Timeout`].
    pub fn poll(&mut self, now: Instant) -> Output<'_> {
        loop {
            if self.effects.outbox.has_run() {
                break;
            }
            if let Some(event) = self.effects.events.pop_front() {
                return Output::Event(event);
            }
            // Before the viewers here, so that those there are served meanwhile.
            if let Some((to, handover)) = self.effects.relays.take() {
                return Output::Handover(to, handover);
            }
            if !self.serve_next(now) && !self.gather(now) && !self.effects.relays.is_pending() {
                let deadlines = [self.effects.timers.next(), self.effects.relays.next()];
                return Output::Timeout(deadlines.into_iter().flatten().min().unwrap_or(now + IDLE));
            }
        }
        match self.effects.outbox.take() {
            Some(run) => Output::Datagrams(run),
            None => Output::Timeout(now),
        }
    }

    /// Runs a service; a panic in it ends the transport that was served, and nothing else.
    pub(crate) fn contained(&mut self, now: Instant, service: impl FnOnce(&mut Self)) {
        let panicked = catch_unwind(AssertUnwindSafe(|| service(self))).is_err();
        let serving = self.serving.take();
        if panicked {
            self.effects.scratch.clear();
            if let Some(key) = serving {
                self.end(now, key, TransportClosed::Panic);
            }
        }
    }

    /// Serves the next transport of the queue; false: there is none.
    fn serve_next(&mut self, now: Instant) -> bool {
        let Some(key) = self.queue.get(self.served).copied() else {
            self.finish_flush();
            return false;
        };
        self.served += 1;
        self.contained(now, |worker| {
            let Some(transport) = worker.transports.get_mut(key) else { return };
            transport.queued = false;
            worker.serving = Some(key);
            let mut cx = Context { now, tracks: &mut worker.tracks, effects: &mut worker.effects };
            if let Err(reason) = transport.serve(&mut cx) {
                worker.end(now, key, reason);
            }
        });
        true
    }

    /// Every viewer has what came: it is not new any more.
    fn finish_flush(&mut self) {
        self.queue.clear();
        self.served = 0;
        for key in self.flushing.drain(..) {
            if let Some(track) = self.tracks.get_mut(key) {
                track.flushed();
            }
        }
    }

    /// Fills the queue with the transports that have something to send; false: none has.
    fn gather(&mut self, now: Instant) -> bool {
        while let Some((step, key)) = self.effects.timers.pop(now) {
            if let Some(transport) = self.transports.get_mut(key)
                && transport.alarm.ring(step)
            {
                transport.rang = true;
                self.effects.wake.push(key);
            }
        }
        for subscriber in self.effects.ended.drain(..) {
            if let Some(transport) = self.transports.get_mut(subscriber.transport)
                && let Some(subscription) = transport.subscriptions.get(subscriber.index as usize)
            {
                transport.byes.push(subscription.ssrc);
                self.effects.wake.push(subscriber.transport);
            }
        }
        self.flushing.append(&mut self.tracks.fresh);
        for key in &self.flushing {
            let Some(track) = self.tracks.get_mut(*key) else { continue };
            let news = track.news(now);
            for subscriber in &track.subscribers {
                let Some(transport) = self.transports.get_mut(subscriber.transport) else { continue };
                if transport.is_established() && transport.pend(subscriber.index, news) {
                    enqueue(transport, &mut self.queue);
                }
            }
        }
        for key in self.effects.wake.drain(..) {
            if let Some(transport) = self.transports.get_mut(key) {
                enqueue(transport, &mut self.queue);
            } else if key == TransportKey::ELSEWHERE {
                self.effects.relays.wake();
            }
        }
        self.want_of_others(now);
        !self.queue.is_empty() || !self.flushing.is_empty()
    }
}

fn enqueue(transport: &mut Transport, queue: &mut Vec<TransportKey>) {
    if !std::mem::replace(&mut transport.queued, true) {
        queue.push(transport.key);
    }
}
