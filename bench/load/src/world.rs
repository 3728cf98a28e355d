//! All clients of a measurement in one thread, and the loop that drives them.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime};

use mio::{Events, Interest, Poll, Token};

use crate::dtls::Identity;
use crate::meter::Meter;
use crate::peer::{Arrival, Peer};
use crate::sdp;
use crate::signalling::{FromServer, Signalling};
use crate::socket::{Inbox, Offload, Socket};

/// How often ICE, DTLS and RTCP look at the clock.
const TICK: Duration = Duration::from_millis(5);
/// For what must happen at all, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Client {
    pub peer: Peer,
    socket: Socket,
    signalling: Option<Signalling>,
}

pub struct World {
    pub meter: Meter,
    poll: Poll,
    clients: Vec<Option<Client>>,
    identity: Identity,
    offload: Offload,
    inbox: Inbox,
    arena: Vec<u8>,
    next_tick: Instant,
}

pub type ClientId = usize;

/// Nanoseconds since 1970.
pub fn since_unix() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

impl World {
    pub fn new(offload: Offload) -> Result<Self, String> {
        Ok(World {
            meter: Meter::default(),
            poll: Poll::new().map_err(text)?,
            clients: Vec::new(),
            identity: Identity::new()?,
            offload,
            inbox: Inbox::new(offload),
            arena: Vec::new(),
            next_tick: Instant::now(),
        })
    }

    /// `signalling`: how its offers come; a client of the bare limit has none.
    pub fn add(&mut self, peer: Peer, mut signalling: Option<Signalling>) -> Result<ClientId, String> {
        let id = self.clients.len();
        let mut socket = Socket::bind(self.offload).map_err(text)?;
        let registry = self.poll.registry();
        registry.register(&mut socket.io, Token(2 * id), Interest::READABLE).map_err(text)?;
        if let Some(stream) = signalling.as_mut().and_then(Signalling::stream) {
            registry.register(stream, Token(2 * id + 1), Interest::READABLE).map_err(text)?;
        }
        self.clients.push(Some(Client { peer, socket, signalling }));
        // What came together with the end of the handshake was read with it, and no event will tell.
        self.hear(id)?;
        Ok(id)
    }

    pub fn peer(&self, id: ClientId) -> Result<&Peer, String> {
        let client = self.clients.get(id).and_then(Option::as_ref);
        client.map(|client| &client.peer).ok_or_else(|| format!("client {id} is gone"))
    }

    /// Sends a datagram as this client.
    pub fn send(&self, id: ClientId, destination: SocketAddr, contents: &[u8]) -> Result<(), String> {
        let Some(Some(client)) = self.clients.get(id) else { return Ok(()) };
        client.socket.send(destination, contents, None).map_err(text)
    }

    pub fn remove(&mut self, id: ClientId) -> Result<(), String> {
        let Some(mut client) = self.clients.get_mut(id).and_then(Option::take) else { return Ok(()) };
        client.peer.close();
        flush(&mut client)?;
        if let Some(signalling) = &mut client.signalling {
            signalling.close();
        }
        Ok(())
    }

    /// Runs until the client has come as far as the condition says.
    pub fn run_until(&mut self, id: ClientId, condition: impl Fn(&Peer) -> bool) -> Result<(), String> {
        let end = Instant::now() + PATIENCE;
        while !condition(self.peer(id)?) {
            if Instant::now() > end {
                return Err(format!("client {id}: {} within {PATIENCE:?}", self.peer(id)?.progress()));
            }
            self.step()?;
        }
        Ok(())
    }

    pub fn run_for(&mut self, time: Duration) -> Result<(), String> {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.step()?;
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), String> {
        let frames = self.clients.iter().flatten().filter_map(|client| client.peer.next_frame());
        let wake = frames.fold(self.next_tick, Instant::min);
        let mut events = Events::with_capacity(256);
        match self.poll.poll(&mut events, Some(wake.saturating_duration_since(Instant::now()))) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(text(error)),
            _ => {}
        }
        for event in &events {
            let Token(token) = event.token();
            let result = if token % 2 == 0 { self.receive(token / 2) } else { self.hear(token / 2) };
            result.map_err(|error| format!("client {}: {error}", token / 2))?;
        }
        self.send_frames()?;
        self.tick()
    }

    fn receive(&mut self, id: ClientId) -> Result<(), String> {
        let Some(Some(client)) = self.clients.get_mut(id) else { return Ok(()) };
        let mut more = true;
        while more {
            let at = Instant::now();
            let Client { peer, socket, .. } = client;
            let meter = &mut self.meter;
            more = self.inbox.receive(socket, |datagram, source, since_unix| {
                peer.handle_packet(datagram, &Arrival { source, at, since_unix }, meter)
            })?;
            peer.advance(&self.identity, at)?;
            flush(client)?;
        }
        Ok(())
    }

    fn hear(&mut self, id: ClientId) -> Result<(), String> {
        let Some(Some(client)) = self.clients.get_mut(id) else { return Ok(()) };
        let Some(signalling) = &mut client.signalling else { return Ok(()) };
        for message in signalling.read()? {
            let now = Instant::now();
            match message {
                FromServer::Offer(offer) => {
                    let answer = client.peer.offer(&offer, &self.identity, now)?;
                    // Pion's checks leave while the application still writes its answer.
                    for (destination, packet) in client.peer.take_outbox() {
                        client.socket.send(destination, &packet, None).map_err(text)?;
                    }
                    signalling.answer(&answer)?;
                }
                FromServer::Candidate(line) => {
                    if let Some(remote) = sdp::candidate(&line) {
                        client.peer.candidate(remote, now);
                    }
                }
                FromServer::Error(error) => return Err(format!("the server answered {error}")),
            }
        }
        flush(client)
    }

    fn send_frames(&mut self) -> Result<(), String> {
        for client in self.clients.iter_mut().flatten() {
            if client.peer.next_frame().is_none_or(|next| next > Instant::now()) {
                continue;
            }
            let stamp = since_unix().as_nanos() as u64;
            if let Some((remote, frame)) = client.peer.frame(stamp, &mut self.arena)? {
                client.socket.send_frame(remote, &frame, self.offload).map_err(text)?;
                self.meter.sent(stamp, frame.count.into());
            }
        }
        Ok(())
    }

    fn tick(&mut self) -> Result<(), String> {
        let now = Instant::now();
        if now < self.next_tick {
            return Ok(());
        }
        self.next_tick = now + TICK;
        for (id, client) in self.clients.iter_mut().enumerate() {
            let Some(client) = client else { continue };
            client.peer.handle_timeout(now, since_unix()).map_err(|error| format!("client {id}: {error}"))?;
            flush(client)?;
        }
        Ok(())
    }
}

fn flush(client: &mut Client) -> Result<(), String> {
    for (destination, packet) in client.peer.take_outbox() {
        client.socket.send(destination, &packet, None).map_err(text)?;
    }
    Ok(())
}

fn text(error: io::Error) -> String {
    error.to_string()
}
