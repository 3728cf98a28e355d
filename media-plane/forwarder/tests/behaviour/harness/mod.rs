//! A worker and its peers in memory, in virtual time.

mod media;
mod peer;

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use aqlinks_forwarder::{
    Command, Config, Event, Handover, Input, Output, Received, Remote, TransportClosed, Worker, WorkerStats,
};
use dimpl::certificate::generate_self_signed_certificate;

pub use media::*;
pub use peer::{Media, Peer, Version};

/// The worker's address, as peers see it.
pub const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 1, 1, 1));

pub struct World {
    pub worker: Worker,
    pub now: Instant,
    pub peers: Vec<Peer>,
    pub events: Vec<Event>,
    /// One way.
    pub latency: Duration,
    /// Of each run sent: destination, segment size, length.
    pub runs: Vec<(SocketAddr, usize, usize)>,
    /// Datagrams that never reach their destination: asked with the receiving peer's index (`None`: the worker).
    pub loses: Loss,
    flying: VecDeque<Flying>,
    requests: u32,
    /// For other workers.
    pub handovers: Vec<(usize, Handover)>,
}

pub type Loss = Box<dyn FnMut(Option<usize>, &[u8]) -> bool>;

struct Flying {
    at: Instant,
    /// To the worker: from this address. Else to it.
    address: SocketAddr,
    to_worker: bool,
    bytes: Vec<u8>,
}

impl World {
    pub fn new() -> Self {
        Self::with_seed(7)
    }

    pub fn with_seed(seed: u64) -> Self {
        let start = Instant::now();
        let certificate = generate_self_signed_certificate().expect("a certificate");
        Self {
            worker: Worker::new(Config { seed, certificate }, start),
            now: start,
            peers: Vec::new(),
            events: Vec::new(),
            latency: Duration::from_millis(2),
            runs: Vec::new(),
            loses: Box::new(|_, _| false),
            flying: VecDeque::new(),
            requests: 0,
            handovers: Vec::new(),
        }
    }

    pub fn command(&mut self, command: Command) {
        self.worker.handle(self.now, Input::Command(command));
    }

    /// A peer whose transport is open.
    pub fn open(&mut self) -> usize {
        self.open_with(Version::V1_2)
    }

    pub fn open_with(&mut self, version: Version) -> usize {
        let transport = self.peers.len() as u32 + 1;
        let peer = Peer::new(transport, version, self.now);
        let (ice_ufrag, ice_pwd) = peer.server.clone();
        self.peers.push(peer);
        self.command(Command::OpenTransport { transport, ice_ufrag, ice_pwd });
        self.peers.len() - 1
    }

    pub fn answer(&mut self, peer: usize) {
        let answer = self.peers[peer].answer();
        self.command(Command::ConnectTransport(answer));
    }

    /// A peer that is connected.
    pub fn join(&mut self) -> usize {
        self.join_with(|_| {})
    }

    pub fn join_with(&mut self, change: impl FnOnce(&mut Peer)) -> usize {
        let peer = self.open();
        change(&mut self.peers[peer]);
        self.answer(peer);
        self.connect(peer);
        peer
    }

    /// Checks, shakes hands.
    pub fn connect(&mut self, peer: usize) {
        let now = self.now;
        self.peers[peer].check(true);
        self.run_ms(10);
        self.peers[peer].start_dtls(now + Duration::from_millis(10));
        self.run_ms(100);
        assert!(self.peers[peer].srtp.is_some(), "peer {peer} is not connected: {:?}", self.peers[peer].dtls_error);
    }

    pub fn run_ms(&mut self, milliseconds: u64) {
        self.run(Duration::from_millis(milliseconds));
    }

    /// Lets time pass, and everything happen that happens in it.
    pub fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        loop {
            self.collect();
            let deadline = self.poll();
            self.collect();
            let wakes = self.peers.iter().filter_map(|peer| peer.dtls.as_ref().and(peer.dtls_wake));
            let next = wakes.chain(self.flying.front().map(|flying| flying.at)).fold(deadline, Instant::min);
            if next > end {
                self.now = end;
                return;
            }
            self.now = self.now.max(next);
            self.deliver();
            for peer in &mut self.peers {
                if peer.dtls_wake.is_some_and(|at| at <= self.now) {
                    peer.drive_dtls(self.now, None);
                }
            }
            self.worker.handle(self.now, Input::Timeout);
        }
    }

    /// Polls the worker dry and says when it wants to be woken.
    pub fn poll(&mut self) -> Instant {
        for _ in 0..100_000 {
            match self.worker.poll(self.now) {
                Output::Datagrams(run) => {
                    assert!(run.contents.len() <= 65_000 && run.contents.len().div_ceil(run.segment_size) <= 64);
                    self.runs.push((run.destination.address, run.segment_size, run.contents.len()));
                    let datagrams: Vec<_> = run.contents.chunks(run.segment_size).map(<[u8]>::to_vec).collect();
                    let to = run.destination.address;
                    for bytes in datagrams {
                        let receiver = self.peers.iter().position(|peer| peer.address == to);
                        if receiver.is_some() && !(self.loses)(receiver, &bytes) {
                            let at = self.now + self.latency;
                            self.flying.push_back(Flying { at, address: to, to_worker: false, bytes });
                        }
                    }
                }
                Output::Event(event) => self.events.push(event),
                Output::Handover(to, handover) => self.handovers.push((to, handover)),
                Output::Timeout(at) => return at,
            }
        }
        panic!("the worker never comes to rest");
    }

    /// Hands a datagram in as it is.
    pub fn inject(&mut self, source: SocketAddr, datagram: &[u8]) {
        self.inject_from(source.into(), datagram);
    }

    pub fn inject_from(&mut self, source: Remote, datagram: &[u8]) {
        let mut contents = datagram.to_vec();
        let stride = contents.len();
        let received = Received { source, destination: Some(SERVER), contents: &mut contents, stride };
        self.worker.handle(self.now, Input::Datagrams(received));
    }

    fn collect(&mut self) {
        for peer in &mut self.peers {
            for (address, bytes) in peer.take_outgoing() {
                if !(self.loses)(None, &bytes) {
                    let at = self.now + self.latency;
                    self.flying.push_back(Flying { at, address, to_worker: true, bytes });
                }
            }
        }
    }

    /// Everything that has arrived; what came from one address in a row with one size comes as one receive.
    fn deliver(&mut self) {
        while self.flying.front().is_some_and(|flying| flying.at <= self.now) {
            let Some(first) = self.flying.pop_front() else { return };
            if !first.to_worker {
                if let Some(peer) = self.peers.iter_mut().find(|peer| peer.address == first.address) {
                    peer.receive(self.now, first.address, &first.bytes);
                }
                continue;
            }
            let (stride, mut contents) = (first.bytes.len(), first.bytes);
            while let Some(next) = self.flying.front()
                && next.at <= self.now
                && next.to_worker
                && next.address == first.address
                && next.bytes.len() == stride
                && contents.len() < 32 * stride
            {
                contents.extend_from_slice(&next.bytes);
                self.flying.pop_front();
            }
            let received =
                Received { source: first.address.into(), destination: Some(SERVER), contents: &mut contents, stride };
            self.worker.handle(self.now, Input::Datagrams(received));
        }
    }

    pub fn stats(&mut self) -> WorkerStats {
        self.requests += 1;
        let request = self.requests;
        self.command(Command::CollectStats { request });
        self.poll();
        let stats = self.events.iter().rev().find_map(|event| match event {
            Event::Stats { request: answered, stats } if *answered == request => Some(stats.clone()),
            _ => None,
        });
        stats.expect("statistics")
    }

    pub fn closed(&self, peer: usize) -> Option<TransportClosed> {
        let id = self.peers[peer].transport;
        self.events.iter().find_map(|event| match event {
            Event::TransportClosed { transport, reason } if *transport == id => Some(*reason),
            _ => None,
        })
    }

    pub fn connected(&self, peer: usize) -> Option<&Event> {
        let id = self.peers[peer].transport;
        self.events
            .iter()
            .find(|event| matches!(event, Event::TransportConnected { transport, .. } if *transport == id))
    }
}
