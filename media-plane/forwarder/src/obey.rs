//! What the control plane asks for, and how things end. A command that names what is gone already is ignored: the two
//! sides may cross.

use std::time::Instant;

use crate::command::{
    Command, ConnectTransport, Limits, PublishTrack, Subscribe, SubscriptionId, TrackId, TransportId,
};
use crate::context::Context;
use crate::event::{Event, TransportClosed, WorkerStats};
use crate::subscription::{Subscriber, Subscription};
use crate::track::{Track, TrackKey};
use crate::transport::{Ice, Transport, TransportKey};
use crate::worker::Worker;

impl Worker {
    pub(crate) fn obey(&mut self, now: Instant, command: Command) {
        match command {
            Command::OpenTransport { transport, ice_ufrag, ice_pwd } => {
                self.open_transport(now, transport, (ice_ufrag, &ice_pwd));
            }
            Command::ConnectTransport(command) => self.connect_transport(now, &command),
            Command::RestartIce { transport, ice_ufrag, ice_pwd } => {
                if let Some(key) = self.transports.find(transport) {
                    self.transports.restart_ice(key, &ice_ufrag, &ice_pwd);
                }
            }
            Command::CloseTransport { transport } => {
                if let Some(key) = self.transports.find(transport) {
                    self.end(now, key, TransportClosed::Closed);
                }
            }
            Command::PublishTrack(command) => self.publish(now, command),
            Command::UnpublishTrack { track } => self.unpublish(track),
            Command::RelayTrack { track, to } => self.relay_track(track, to),
            Command::StopRelaying { track, to } => self.stop_relaying(now, track, to),
            Command::ReceiveTrack(command) => self.receive_track(now, command),
            Command::HoldTrack { track, held } => {
                if let Some(track) = self.tracks.find(track).and_then(|key| self.tracks.get_mut(key)) {
                    track.held = held;
                }
            }
            Command::Subscribe(command) => self.subscribe(now, command),
            Command::ConfigureGroup { group, loudest } => {
                self.tracks.speakers.limit(now, group, loudest.map(usize::from));
            }
            Command::ConfigureSubscription { subscription, limits } => self.configure(now, subscription, limits),
            Command::Unsubscribe { subscription } => self.unsubscribe(now, subscription),
            Command::CollectStats { request } => {
                let stats = self.stats(now);
                self.effects.events.push_back(Event::Stats { request, stats });
            }
        }
    }

    fn open_transport(&mut self, now: Instant, id: TransportId, credentials: (String, &str)) {
        let (ufrag, password) = credentials;
        let random = &mut self.effects.random;
        self.transports.open(id, &ufrag, |key| {
            let ice = Ice::new(ufrag.clone(), password, random.next());
            Transport::new(id, key, ice, now, random)
        });
    }

    fn connect_transport(&mut self, now: Instant, command: &ConnectTransport) {
        let Some(key) = self.transports.find(command.transport) else { return };
        self.serving = Some(key);
        let Some(transport) = self.transports.get_mut(key) else { return };
        let mut cx = Context { now, tracks: &mut self.tracks, effects: &mut self.effects };
        if let Err(reason) = transport.connect(command, &self.identity, &mut cx) {
            self.end(now, key, reason);
        }
    }

    fn publish(&mut self, now: Instant, command: PublishTrack) {
        let Some(key) = self.transports.find(command.transport) else { return };
        let Some(transport) = self.transports.get_mut(key) else { return };
        let track = Track::new(command.clone(), key, transport.cname.clone(), now);
        if let Some(track) = self.tracks.insert(track) {
            transport.publish(track, &command);
        }
    }

    fn unpublish(&mut self, id: TrackId) {
        let Some(key) = self.tracks.find(id) else { return };
        if let Some(track) = self.tracks.get(key)
            && let Some(publisher) = self.transports.get_mut(track.transport)
        {
            publisher.stats.packets_lost += track.lost();
            publisher.unpublish(key, &track.mid);
        }
        self.end_track(key);
    }

    fn subscribe(&mut self, now: Instant, command: Subscribe) {
        // Two streams under one SSRC would seal different packets with one nonce.
        if command.rtx_ssrc == Some(command.ssrc) {
            return;
        }
        let (Some(transport), Some(track_key)) =
            (self.transports.find(command.transport), self.tracks.find(command.track))
        else {
            return;
        };
        let (Some(viewer), Some(track)) = (self.transports.get_mut(transport), self.tracks.get_mut(track_key)) else {
            return;
        };
        let random = &mut self.effects.random;
        let subscription = Subscription::new(command, (track_key, &track.codecs), &viewer.used_numbers, random);
        let established = viewer.is_established();
        let Some(subscriber) = self.transports.subscribe(transport, subscription) else { return };
        track.subscribers.push(subscriber);
        self.steer(now, subscriber);
        if established && let Some(viewer) = self.transports.get_mut(transport) {
            viewer.pend(subscriber.index, u8::MAX);
            self.effects.wake.push(transport);
        }
    }

    /// What a viewer may have has changed.
    fn configure(&mut self, now: Instant, id: SubscriptionId, limits: Limits) {
        let Some(subscriber) = self.transports.find_subscription(id) else { return };
        let Some(viewer) = self.transports.get_mut(subscriber.transport) else { return };
        if let Some(subscription) = viewer.subscriptions.get_mut(subscriber.index as usize) {
            subscription.selection.limit(limits);
            self.steer(now, subscriber);
        }
    }

    fn steer(&mut self, now: Instant, subscriber: Subscriber) {
        let Some(viewer) = self.transports.get_mut(subscriber.transport) else { return };
        let Some(subscription) = viewer.subscriptions.get_mut(subscriber.index as usize) else { return };
        if let Some(track) = self.tracks.get_mut(subscription.track) {
            subscription.turn_to(track, now, &mut self.effects);
        }
    }

    fn unsubscribe(&mut self, now: Instant, id: SubscriptionId) {
        let Some(subscriber) = self.transports.find_subscription(id) else { return };
        if let Some(subscription) = self.transports.unsubscribe(subscriber) {
            self.effects.wake.push(subscriber.transport);
            if let Some(track) = self.tracks.get_mut(subscription.track) {
                track.subscribers.retain(|other| *other != subscriber);
                if track.watchers.change(now, subscription.selection.watched, None) {
                    self.effects.wake.push(track.transport);
                }
            }
        }
    }

    /// A transport and all that it published and received.
    pub(crate) fn end(&mut self, now: Instant, key: TransportKey, reason: TransportClosed) {
        let Some(mut transport) = self.transports.remove(key) else { return };
        if reason == TransportClosed::Closed {
            transport.close(&mut Context { now, tracks: &mut self.tracks, effects: &mut self.effects });
        }
        for (index, subscription) in &transport.subscriptions {
            self.transports.forget_subscription(subscription.id);
            if let Some(track) = self.tracks.get_mut(subscription.track) {
                track.subscribers.retain(|other| other.transport != key || other.index != index as u32);
                if track.watchers.change(now, subscription.selection.watched, None) {
                    self.effects.wake.push(track.transport);
                }
            }
        }
        for track in transport.tracks.drain(..) {
            self.end_track(track);
        }
        self.effects.events.push_back(Event::TransportClosed { transport: transport.id, reason });
    }

    /// A track and its subscriptions.
    fn end_track(&mut self, key: TrackKey) {
        let Some(track) = self.tracks.remove(key) else { return };
        for subscriber in track.subscribers {
            if self.transports.unsubscribe(subscriber).is_some() {
                self.effects.wake.push(subscriber.transport);
            }
        }
    }

    fn stats(&mut self, now: Instant) -> WorkerStats {
        let (tracks, effects) = (&self.tracks, &self.effects);
        let transports = self.transports.iter_mut().map(|transport| {
            let published = transport.tracks.iter().filter_map(|key| tracks.get(*key));
            let received = transport.subscriptions.iter().map(|(_, subscription)| subscription.reports.remote_lost);
            // On top of those that ended.
            let mut stats = transport.stats.clone();
            stats.packets_lost += published.map(|track| track.lost()).sum::<u64>();
            stats.remote_packets_lost += received.sum::<u64>();
            (stats.estimate, stats.demand) = transport.bandwidth_stats(now);
            stats
        });
        let counters = &effects.counters;
        WorkerStats {
            transports: transports.collect(),
            datagrams_received: counters.datagrams_received,
            datagrams_sent: effects.outbox.datagrams,
            bytes_received: counters.bytes_received,
            bytes_sent: effects.outbox.bytes,
            packets_forwarded: counters.packets_forwarded,
            key_frames_requested: counters.key_frames_requested,
            nacks_received: counters.nacks_received,
            nacks_sent: counters.nacks_sent,
            retransmissions_sent: counters.retransmissions_sent,
            dropped: counters.dropped,
            ..WorkerStats::default()
        }
    }
}
