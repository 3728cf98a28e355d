//! Who is who: each address that clients send from has a socket of its own towards the server, as behind a NAT.

use std::net::SocketAddr;
use std::time::Instant;

use crate::control::{Directions, Report};
use crate::link::{Counters, Link};

/// Upstream sockets at once; the one that was silent longest makes room.
pub(crate) const CLIENTS: usize = 1_024;

/// A datagram on its way, and whose it is.
#[derive(Clone)]
pub(crate) struct Datagram {
    pub client: usize,
    pub bytes: Vec<u8>,
}

pub(crate) struct Client<S> {
    /// The relay's port that it sends to.
    pub port: usize,
    pub address: SocketAddr,
    pub upstream: S,
    heard_at: Instant,
    links: Pair,
}

struct Pair {
    up: Link<Datagram>,
    down: Link<Datagram>,
}

impl Pair {
    fn new(directions: &Directions, seed: u64, number: u64) -> Self {
        Self {
            up: Link::new(directions.up.clone(), seed, 2 * number),
            down: Link::new(directions.down.clone(), seed, 2 * number + 1),
        }
    }

    fn set(&mut self, directions: &Directions) {
        self.up.set(directions.up.clone());
        self.down.set(directions.down.clone());
    }

    fn link(&mut self, way: Way) -> &mut Link<Datagram> {
        match way {
            Way::Up => &mut self.up,
            Way::Down => &mut self.down,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

/// `S`: the upstream socket.
pub(crate) struct Mapping<S> {
    seed: u64,
    directions: Directions,
    clients: Vec<Option<Client<S>>>,
    /// Seen so far: a client's chances are its own, whoever else comes.
    count: u64,
    bottleneck: Option<Pair>,
    /// Of clients that made room.
    gone: (Counters, Counters),
}

impl<S> Mapping<S> {
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            directions: Directions::default(),
            clients: Vec::new(),
            count: 0,
            bottleneck: None,
            gone: Default::default(),
        }
    }

    pub fn set(&mut self, directions: Directions, shared: bool) {
        self.directions = directions;
        if !shared {
            self.bottleneck = None;
        } else if self.bottleneck.is_none() {
            self.bottleneck = Some(Pair::new(&self.directions, self.seed, 0));
        }
        let pairs = self.clients.iter_mut().flatten().map(|client| &mut client.links);
        for pair in pairs.chain(&mut self.bottleneck) {
            pair.set(&self.directions);
        }
    }

    pub fn directions(&self) -> &Directions {
        &self.directions
    }

    pub fn is_shared(&self) -> bool {
        self.bottleneck.is_some()
    }

    pub fn find(&self, port: usize, address: SocketAddr) -> Option<usize> {
        let is_it = |client: &Client<S>| client.port == port && client.address == address;
        self.clients.iter().position(|client| client.as_ref().is_some_and(is_it))
    }

    /// Where the next client goes.
    pub fn vacancy(&self) -> usize {
        if let Some(index) = self.clients.iter().position(Option::is_none) {
            return index;
        }
        let silent = self.clients.iter().enumerate().min_by_key(|(_, client)| client.as_ref().map(|it| it.heard_at));
        if self.clients.len() < CLIENTS { self.clients.len() } else { silent.map_or(0, |(index, _)| index) }
    }

    /// The client that had to go, if one had to.
    pub fn insert(
        &mut self,
        index: usize,
        (port, address): (usize, SocketAddr),
        upstream: S,
        now: Instant,
    ) -> Option<Client<S>> {
        self.count += 1;
        let links = Pair::new(&self.directions, self.seed, self.count);
        let client = Client { port, address, upstream, heard_at: now, links };
        if index == self.clients.len() {
            self.clients.push(None);
        }
        let gone = self.clients.get_mut(index)?.replace(client);
        if let Some(client) = &gone {
            self.gone.0 += client.links.up.counters();
            self.gone.1 += client.links.down.counters();
        }
        gone
    }

    pub fn get(&self, index: usize) -> Option<&Client<S>> {
        self.clients.get(index)?.as_ref()
    }

    pub fn push(&mut self, now: Instant, way: Way, client: usize, bytes: &[u8]) {
        let Some(Some(sender)) = self.clients.get_mut(client) else { return };
        sender.heard_at = now;
        let pair = self.bottleneck.as_mut().unwrap_or(&mut sender.links);
        pair.link(way).push(now, bytes.len(), Datagram { client, bytes: bytes.to_vec() });
    }

    /// A datagram whose time has come.
    pub fn pop(&mut self, now: Instant) -> Option<(Way, Datagram)> {
        let pairs = self.clients.iter_mut().flatten().map(|client| &mut client.links);
        for pair in pairs.chain(&mut self.bottleneck) {
            for way in [Way::Up, Way::Down] {
                if let Some(datagram) = pair.link(way).pop(now) {
                    return Some((way, datagram));
                }
            }
        }
        None
    }

    pub fn next(&self) -> Option<Instant> {
        self.pairs().flat_map(|pair| [pair.up.next(), pair.down.next()]).flatten().min()
    }

    pub fn report(&self) -> Report {
        let (up, down) = self.gone;
        let mut report = Report { clients: self.clients.iter().flatten().count(), up, down };
        for pair in self.pairs() {
            report.up += pair.up.counters();
            report.down += pair.down.counters();
        }
        report
    }

    fn pairs(&self) -> impl Iterator<Item = &Pair> {
        self.clients.iter().flatten().map(|client| &client.links).chain(&self.bottleneck)
    }
}
