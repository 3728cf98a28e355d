//! The call: one worker, people in rooms, their networks, and time that passes only when something happens.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use aqlinks_forwarder::rtcp::{Packet, Packets, write_nack, write_pli, write_receiver_report};
use aqlinks_forwarder::rtp::{Header, is_rtcp};
use aqlinks_forwarder::{
    Command, Config, Encoding, Event, Input, Kind, Output, PublishTrack, Received, Subscribe, Worker,
};
use dimpl::certificate::generate_self_signed_certificate;

use crate::network::Network;
use crate::peer::{Peer, Version};
use crate::person::Person;
use crate::random::Random;
use crate::stream::{Stream, codec};
use crate::viewing::Viewing;

const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 1, 1, 1));
/// Of STUN (RFC 8489 5).
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const ROOMS: u64 = 3;
const PEOPLE: usize = 9;
/// Of one poll: people times what one arrival can cause, generously.
const OUTPUTS: usize = 20_000;

enum Arrival {
    AtWorker {
        from: SocketAddr,
        bytes: Vec<u8>,
    },
    AtPerson {
        transport: u32,
        to: SocketAddr,
        bytes: Vec<u8>,
    },
    /// Of this subscription of a person.
    Media {
        transport: u32,
        ssrc: u32,
        index: u64,
    },
}

#[derive(Default)]
struct Totals {
    joins: u32,
    into_worker: u64,
    rtp_out: u64,
    again: u64,
    nacks: u64,
    key_frames: u64,
}

pub struct Call {
    random: Random,
    start: Instant,
    now: Instant,
    worker: Worker,
    wake: Instant,
    people: Vec<Person>,
    flying: BTreeMap<(Instant, u64), Arrival>,
    flights: u64,
    next_act: Instant,
    last_id: u32,
    totals: Totals,
}

impl Call {
    pub fn new(seed: u64) -> Self {
        let now = Instant::now();
        let certificate = generate_self_signed_certificate().expect("a certificate");
        Self {
            random: Random(seed),
            start: now,
            now,
            worker: Worker::new(Config { seed, certificate }, now),
            wake: now,
            people: Vec::new(),
            flying: BTreeMap::new(),
            flights: 0,
            next_act: now,
            last_id: 0,
            totals: Totals::default(),
        }
    }

    /// When it is, for the message of a failure.
    pub fn at(&self) -> String {
        format!("after {:.3} s", (self.now - self.start).as_secs_f64())
    }

    pub fn summary(&self) -> String {
        let Totals { joins, into_worker, rtp_out, again, nacks, key_frames } = &self.totals;
        let minutes = (self.now - self.start).as_secs() / 60;
        format!(
            "{minutes} minutes, {joins} joins, {into_worker} datagrams in, {rtp_out} RTP out, {again} again, {nacks} NACKs and {key_frames} key frame requests of viewers"
        )
    }

    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.step(end);
        }
    }

    /// Everyone leaves: nothing is left of anyone.
    pub fn end(&mut self) {
        for transport in self.people.iter().map(|person| person.peer.transport).collect::<Vec<_>>() {
            self.command(Command::CloseTransport { transport });
        }
        self.poll();
        assert!(self.people.is_empty(), "{} people did not end", self.people.len());
        self.command(Command::CollectStats { request: 1 });
        self.poll();
    }

    fn step(&mut self, end: Instant) {
        let ticks = self.people.iter().map(|person| person.next_tick);
        let handshakes =
            self.people.iter().filter(|person| person.peer.dtls.is_some()).filter_map(|person| person.peer.dtls_wake);
        let flying = self.flying.first_key_value().map(|((at, _), _)| *at);
        let next = ticks.chain(handshakes).chain(flying).chain([self.wake, self.next_act]).fold(end, Instant::min);
        self.now = self.now.max(next);
        if self.now >= self.wake {
            self.worker.handle(self.now, Input::Timeout);
        }
        while let Some(entry) = self.flying.first_entry()
            && entry.key().0 <= self.now
        {
            let arrival = entry.remove();
            self.arrive(arrival);
        }
        for at in 0..self.people.len() {
            self.tick(at);
        }
        if self.now >= self.next_act {
            self.next_act = self.now + Duration::from_millis(self.random.below(100..6_000));
            self.act();
        }
        self.poll();
        for person in &self.people {
            person.viewings.iter().for_each(|viewing| viewing.check(self.now));
        }
    }

    fn arrive(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::AtWorker { from, mut bytes } => {
                self.totals.into_worker += 1;
                self.note_arrival(from, &bytes);
                let (source, stride) = (from.into(), bytes.len());
                let received = Received { source, destination: Some(SERVER), contents: &mut bytes, stride };
                self.worker.handle(self.now, Input::Datagrams(received));
            }
            Arrival::AtPerson { transport, to, bytes } => {
                let Some(person) = self.people.iter_mut().find(|person| person.peer.transport == transport) else {
                    return;
                };
                if to != person.peer.address {
                    return; // where they were before
                }
                person.peer.receive(self.now, to, &bytes);
                person.peer.raw.clear();
                self.obey_feedback(transport);
            }
            Arrival::Media { transport, ssrc, index } => {
                let person = self.people.iter_mut().find(|person| person.peer.transport == transport);
                let viewing = person.and_then(|person| person.viewings.iter_mut().find(|viewing| viewing.ssrc == ssrc));
                if let Some(viewing) = viewing {
                    viewing.arrive(index);
                }
            }
        }
    }

    /// A publisher's packet that the worker is about to get: from now on all who watch are owed it.
    fn note_arrival(&mut self, from: SocketAddr, bytes: &[u8]) {
        let Some(publisher) = self.people.iter_mut().find(|person| person.addresses.contains(&from)) else { return };
        if bytes.get(4..8) == Some(&MAGIC_COOKIE) {
            publisher.checked.push(from);
        }
        if bytes[0] >> 6 != 2 || is_rtcp(bytes) || !publisher.established || !publisher.checked.contains(&from) {
            return;
        }
        let header = Header::parse(bytes).expect("sound RTP");
        let known = |stream: &Stream| Some((stream.track, stream.packet_of(&header)?));
        let Some((track, number)) = publisher.streams.iter().find_map(known) else { return };
        let room = publisher.room;
        for person in self.people.iter_mut().filter(|person| person.room == room) {
            for viewing in person.viewings.iter_mut().filter(|viewing| viewing.track == track) {
                viewing.expect(self.now, number);
            }
        }
    }

    /// What a publisher was asked for.
    fn obey_feedback(&mut self, transport: u32) {
        let Some(person) = self.people.iter_mut().find(|person| person.peer.transport == transport) else { return };
        for compound in std::mem::take(&mut person.peer.rtcp) {
            for packet in Packets::new(&compound) {
                match packet.expect("sound RTCP") {
                    Packet::Nack(nack) => {
                        let Some(stream) = person.streams.iter_mut().find(|stream| stream.ssrc == nack.media_ssrc)
                        else {
                            continue;
                        };
                        for (fields, payload) in nack.sequence_numbers().filter_map(|number| stream.again(number)) {
                            let packet = person.peer.seal(&fields, &[], &payload);
                            person.peer.send(packet);
                        }
                    }
                    Packet::Pli { media_ssrc, .. } => {
                        if let Some(stream) = person.streams.iter_mut().find(|stream| stream.ssrc == media_ssrc) {
                            stream.wants_key_frame = true;
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// What a person does by the clock.
    fn tick(&mut self, at: usize) {
        let person = &mut self.people[at];
        if person.peer.dtls_wake.is_some_and(|wake| wake <= self.now) {
            person.peer.drive_dtls(self.now, None);
        }
        if self.now >= person.next_tick {
            person.next_tick = self.now + Duration::from_millis(500);
            if self.now >= person.next_check {
                let answered = !person.peer.answers.is_empty();
                person.peer.check(true);
                person.next_check = self.now + Duration::from_millis(if answered { 4_000 } else { 200 });
                if answered && !person.is_connected() && person.peer.dtls_wake.is_none() {
                    person.peer.start_dtls(self.now);
                }
            }
            if person.is_connected() {
                self.publish_and_ask(at);
            } else {
                person.next_tick = self.now + Duration::from_millis(50);
            }
        }
        let person = &mut self.people[at];
        for (from, bytes) in person.peer.take_outgoing() {
            for time in person.network.carry(&bytes, &mut self.random) {
                self.flights += 1;
                let arrival = Arrival::AtWorker { from, bytes: bytes.clone() };
                self.flying.insert((self.now + time, self.flights), arrival);
            }
        }
    }

    fn publish_and_ask(&mut self, at: usize) {
        let person = &mut self.people[at];
        for stream in &mut person.streams {
            for (fields, payload) in stream.frame(self.now, &mut self.random) {
                let packet = person.peer.seal(&fields, &[], &payload);
                person.peer.send(packet);
            }
            person.next_tick = person.next_tick.min(stream.next());
        }
        for viewing in person.viewings.iter_mut().filter(|viewing| viewing.kind == Kind::Video) {
            let numbers = viewing.nack();
            if !numbers.is_empty() {
                self.totals.nacks += 1;
                person.next_tick = person.next_tick.min(self.now + Duration::from_millis(60));
                person.peer.send_rtcp(|out| {
                    write_receiver_report(out, 1, &[]);
                    write_nack(out, 1, viewing.ssrc, numbers.iter().copied());
                });
            }
            if std::mem::take(&mut viewing.broken) {
                self.totals.key_frames += 1;
                person.peer.send_rtcp(|out| {
                    write_receiver_report(out, 1, &[]);
                    write_pli(out, 1, viewing.ssrc);
                });
            }
        }
        if self.now >= person.next_report {
            person.next_report = self.now + Duration::from_secs(1);
            person.peer.send_rtcp(|out| write_receiver_report(out, 1, &[]));
        }
    }

    /// Everything the worker has to say, until it rests.
    fn poll(&mut self) {
        for _ in 0..OUTPUTS {
            match self.worker.poll(self.now) {
                Output::Datagrams(run) => {
                    assert!(run.contents.len() <= 65_000 && run.contents.len().div_ceil(run.segment_size) <= 64);
                    let to = run.destination.address;
                    let Some(person) = self.people.iter_mut().find(|person| person.addresses.contains(&to)) else {
                        continue;
                    };
                    for bytes in run.contents.chunks(run.segment_size) {
                        let seen = if bytes[0] >> 6 == 2 && !is_rtcp(bytes) && person.is_connected() {
                            self.totals.rtp_out += 1;
                            match person.see_rtp(bytes) {
                                Some(seen) => Some(seen),
                                None => continue,
                            }
                        } else {
                            None
                        };
                        // The keys come with the last flight, which RTP may overtake: the viewer drops it.
                        if seen.is_none() && bytes[0] >> 6 == 2 && !person.is_connected() {
                            continue;
                        }
                        if to != person.peer.address {
                            continue; // where nobody is any more
                        }
                        for time in person.network.carry(bytes, &mut self.random) {
                            self.flights += 1;
                            let transport = person.peer.transport;
                            let arrival = match &seen {
                                Some(seen) => Arrival::Media { transport, ssrc: seen.ssrc, index: seen.index },
                                None => Arrival::AtPerson { transport, to, bytes: bytes.to_vec() },
                            };
                            self.flying.insert((self.now + time, self.flights), arrival);
                        }
                    }
                }
                Output::Event(Event::TransportConnected { transport, .. }) => {
                    let person = self.people.iter_mut().find(|person| person.peer.transport == transport);
                    person.expect("connected, but gone").established = true;
                }
                Output::Event(Event::TransportClosed { transport, .. }) => self.forget(transport),
                Output::Event(Event::Stats { stats, .. }) => {
                    assert!(stats.transports.is_empty());
                    assert_eq!(stats.datagrams_received, self.totals.into_worker);
                    assert_eq!(stats.dropped.unauthenticated, 0);
                    self.totals.again = stats.retransmissions_sent;
                }
                Output::Event(_) | Output::Handover(..) => {}
                Output::Timeout(at) => {
                    assert!(at > self.now, "the worker would spin");
                    self.wake = at;
                    return;
                }
            }
        }
        panic!("the worker never comes to rest");
    }

    /// Its end was told: nobody watches or is watched any more.
    fn forget(&mut self, transport: u32) {
        let Some(at) = self.people.iter().position(|person| person.peer.transport == transport) else { return };
        let gone = self.people.remove(at);
        for stream in &gone.streams {
            self.stop_watching(stream.track);
        }
    }

    fn stop_watching(&mut self, track: u32) {
        for person in &mut self.people {
            let ended = person.viewings.extract_if(.., |viewing| viewing.track == track);
            person.ended_ssrcs.extend(ended.map(|viewing| (viewing.ssrc, viewing.rtx_ssrc)));
        }
    }

    fn command(&mut self, command: Command) {
        self.worker.handle(self.now, Input::Command(command));
    }

    fn new_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }

    /// Something that people do.
    fn act(&mut self) {
        let choices = 0..self.people.len();
        let at = self.random.pick(&choices.collect::<Vec<_>>());
        match (self.random.below(0..100), at) {
            (0..15, _) | (_, None) => self.join(),
            (15..19, Some(at)) => self.leave(at),
            (19..34, Some(at)) => self.publish(at),
            (34..38, Some(at)) => self.unpublish(at),
            (38..70, Some(at)) => self.subscribe(at),
            (70..78, Some(at)) => self.unsubscribe(at),
            (78..88, Some(at)) => self.people[at].network = Network::any(&mut self.random),
            (88..94, Some(at)) => self.move_away(at),
            (_, Some(_)) => self.strangers(),
        }
    }

    fn join(&mut self) {
        if self.people.len() >= PEOPLE {
            return;
        }
        let transport = self.new_id();
        let version = if self.random.percent(50) { Version::V1_2 } else { Version::V1_3 };
        let peer = Peer::new(transport, version, self.now);
        let (ice_ufrag, ice_pwd) = peer.server.clone();
        let answer = peer.answer();
        self.totals.joins += 1;
        self.command(Command::OpenTransport { transport, ice_ufrag, ice_pwd });
        self.command(Command::ConnectTransport(answer));
        let network = Network::any(&mut self.random);
        self.people.push(Person::new(self.random.below(0..ROOMS) as u8, peer, network, self.now));
    }

    /// In order, by the peer, or without a word.
    fn leave(&mut self, at: usize) {
        let person = &mut self.people[at];
        if std::mem::replace(&mut person.leaving, true) {
            return;
        }
        match self.random.below(0..3) {
            0 => {
                let transport = person.peer.transport;
                self.command(Command::CloseTransport { transport });
            }
            1 if person.is_connected() => person.peer.close_dtls(),
            _ => person.network.dead = true,
        }
    }

    fn publish(&mut self, at: usize) {
        if !self.people[at].is_connected() || self.people[at].streams.len() == 3 {
            return;
        }
        let track = self.new_id();
        let kind = if self.random.percent(60) { Kind::Video } else { Kind::Audio };
        let person = &mut self.people[at];
        let stream = Stream::new(self.now, (person.room, track, kind), &mut self.random);
        let video = kind == Kind::Video;
        let encoding =
            Encoding { ssrc: Some(stream.ssrc), rtx_ssrc: video.then_some(stream.rtx_ssrc), ..Encoding::default() };
        person.next_tick = self.now;
        person.streams.push(stream);
        let codecs = vec![codec(kind, if video { (96, Some(97)) } else { (111, None) })];
        let (transport, mid, encodings) = (person.peer.transport, track.to_string(), vec![encoding]);
        let group = (!video).then_some(person.room as u32 + 1);
        self.command(Command::PublishTrack(PublishTrack { transport, track, kind, mid, group, encodings, codecs }));
    }

    fn unpublish(&mut self, at: usize) {
        if self.people[at].streams.is_empty() {
            return;
        }
        let track = self.people[at].streams.remove(0).track;
        self.command(Command::UnpublishTrack { track });
        self.stop_watching(track);
    }

    fn subscribe(&mut self, at: usize) {
        let person = &self.people[at];
        let others = self.people.iter().filter(|other| {
            other.room == person.room && other.peer.transport != person.peer.transport && !other.leaving
        });
        let watched = |track| person.viewings.iter().any(|viewing| viewing.track == track);
        let tracks: Vec<_> = others
            .flat_map(|other| other.streams.iter().map(|stream| (stream.track, stream.kind)))
            .filter(|(track, _)| !watched(*track))
            .collect();
        let Some((track, kind)) = self.random.pick(&tracks) else { return };
        let subscription = self.new_id();
        let with_rtx = kind == Kind::Video && self.random.percent(60);
        let person = &mut self.people[at];
        let reusable = person.ended_ssrcs.iter().position(|(_, rtx)| rtx.is_some() == with_rtx);
        let (ssrc, rtx_ssrc) = match reusable {
            Some(at) if self.random.percent(50) => person.ended_ssrcs.remove(at),
            _ => (1_000_000_000 + 2 * subscription, with_rtx.then_some(1_000_000_001 + 2 * subscription)),
        };
        person.viewings.push(Viewing::new(subscription, (track, kind), (ssrc, rtx_ssrc)));
        let types = if kind == Kind::Video { (100, with_rtx.then_some(101)) } else { (109, None) };
        let transport = person.peer.transport;
        let (mid, codecs) = (subscription.to_string(), vec![codec(kind, types)]);
        self.command(Command::Subscribe(Subscribe {
            transport,
            subscription,
            track,
            mid,
            ssrc,
            rtx_ssrc,
            codecs,
            limits: Default::default(),
        }));
    }

    fn unsubscribe(&mut self, at: usize) {
        if self.people[at].viewings.is_empty() {
            return;
        }
        let gone = self.people[at].viewings.remove(0);
        self.people[at].ended_ssrcs.push((gone.ssrc, gone.rtx_ssrc));
        self.command(Command::Unsubscribe { subscription: gone.subscription });
    }

    /// From Wi-Fi to mobile, or a NAT that forgot.
    fn move_away(&mut self, at: usize) {
        let port = self.random.below(1_024..60_000) as u16;
        let person = &mut self.people[at];
        if !person.is_connected() {
            return;
        }
        person.peer.address.set_port(port);
        person.addresses.push(person.peer.address);
        person.next_check = self.now;
        person.next_tick = self.now;
    }

    /// Datagrams from nowhere, and from where somebody is.
    fn strangers(&mut self) {
        let addresses: Vec<_> = self.people.iter().map(|person| person.peer.address).collect();
        for _ in 0..20 {
            let somewhere = SocketAddr::from(([192, 0, 2, self.random.next() as u8], 9));
            let from = if self.random.percent(50) { self.random.pick(&addresses) } else { None };
            let first = self.random.pick(&[0, 20, 22, 63, 255]).unwrap_or(0);
            let mut bytes = vec![0; self.random.below(1..300) as usize];
            bytes.iter_mut().for_each(|byte| *byte = self.random.next() as u8);
            bytes[0] = first;
            self.flights += 1;
            let arrival = Arrival::AtWorker { from: from.unwrap_or(somewhere), bytes };
            self.flying.insert((self.now, self.flights), arrival);
        }
    }
}
