//! The sockets: one port for clients a media worker of the server, one socket towards the server a client.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token, Waker};

use crate::control::{Control, Directions, Report};
use crate::mapping::{Datagram, Mapping, Way};

const CONTROL: Token = Token(usize::MAX);
/// Tokens of upstream sockets begin here; those below are the ports.
const UPSTREAM: usize = 256;
/// Beyond an Ethernet's, for what loopback lets through.
const MAX_DATAGRAM: usize = 65_536;
/// Ports in a row may be taken.
const TRIES: usize = 50;

#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// In a row, as the server announces those of its workers.
    pub ports: usize,
    pub seed: u64,
}

pub struct Relay {
    poll: Poll,
    fronts: Vec<UdpSocket>,
    to: Vec<SocketAddr>,
    mapping: Mapping<UdpSocket>,
    controls: Receiver<Control>,
    reports: Sender<Report>,
    buffer: Vec<u8>,
    /// Shared with the remote: one that is gone before the poller returns has woken nobody.
    _waker: Arc<Waker>,
}

/// The end that others hold: tells the relay and hears what it has counted. Dropping it ends the relay.
pub struct Remote {
    controls: Option<Sender<Control>>,
    reports: Receiver<Report>,
    waker: Arc<Waker>,
}

impl Remote {
    /// `None`: the relay has ended.
    pub fn tell(&self, control: Control) -> Option<Report> {
        self.controls.as_ref()?.send(control).ok()?;
        self.waker.wake().ok()?;
        self.reports.recv().ok()
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.controls = None;
        self.waker.wake().ok();
    }
}

impl Relay {
    pub fn bind(options: Options) -> io::Result<(Self, Remote)> {
        let mut fronts = ports_in_a_row(options.ports.clamp(1, UPSTREAM))?;
        let poll = Poll::new()?;
        for (index, front) in fronts.iter_mut().enumerate() {
            poll.registry().register(front, Token(index), Interest::READABLE)?;
        }
        let (controls, told) = channel();
        let (reports, heard) = channel();
        let waker = Arc::new(Waker::new(poll.registry(), CONTROL)?);
        let remote = Remote { controls: Some(controls), reports: heard, waker: waker.clone() };
        let (to, mapping, buffer) = (Vec::new(), Mapping::new(options.seed), vec![0; MAX_DATAGRAM]);
        Ok((Self { poll, fronts, to, mapping, controls: told, reports, buffer, _waker: waker }, remote))
    }

    pub fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        self.fronts.iter().map(UdpSocket::local_addr).collect()
    }

    /// Until the remote is dropped.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(256);
        loop {
            let wait = self.mapping.next().map(|at| at.saturating_duration_since(Instant::now()));
            match self.poll.poll(&mut events, wait.map(at_least)) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
            for event in &events {
                match event.token() {
                    CONTROL => {
                        if !self.obey() {
                            return Ok(());
                        }
                    }
                    Token(front) if front < UPSTREAM => self.receive_from_clients(front)?,
                    Token(upstream) => self.receive_from_server(upstream - UPSTREAM),
                }
            }
            let now = Instant::now();
            while let Some((way, datagram)) = self.mapping.pop(now) {
                self.send(way, &datagram);
            }
        }
    }

    /// False: nobody will tell anything any more.
    fn obey(&mut self) -> bool {
        loop {
            match self.controls.try_recv() {
                Ok(control) => {
                    let now = self.mapping.directions().clone();
                    let directions =
                        Directions { up: control.up.unwrap_or(now.up), down: control.down.unwrap_or(now.down) };
                    self.mapping.set(directions, control.shared.unwrap_or(self.mapping.is_shared()));
                    self.to = control.to.unwrap_or(std::mem::take(&mut self.to));
                    self.reports.send(self.mapping.report()).ok();
                }
                Err(std::sync::mpsc::TryRecvError::Empty) => return true,
                Err(std::sync::mpsc::TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn receive_from_clients(&mut self, port: usize) -> io::Result<()> {
        while let Some(Ok((len, address))) = self.fronts.get(port).and_then(|front| received(front, &mut self.buffer)) {
            let now = Instant::now();
            let client = match self.mapping.find(port, address) {
                Some(client) => client,
                None => self.take_in(port, address, now)?,
            };
            self.mapping.push(now, Way::Up, client, &self.buffer[..len]);
        }
        Ok(())
    }

    fn take_in(&mut self, port: usize, address: SocketAddr, now: Instant) -> io::Result<usize> {
        let client = self.mapping.vacancy();
        let mut upstream = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0).into())?;
        self.poll.registry().register(&mut upstream, Token(UPSTREAM + client), Interest::READABLE)?;
        if let Some(mut gone) = self.mapping.insert(client, (port, address), upstream, now) {
            self.poll.registry().deregister(&mut gone.upstream)?;
        }
        Ok(client)
    }

    fn receive_from_server(&mut self, client: usize) {
        while let Some(known) = self.mapping.get(client)
            && let Some(received) = received(&known.upstream, &mut self.buffer)
        {
            // What is not from the server is nobody's; an ICMP message is about something sent earlier.
            let Ok((len, source)) = received else { continue };
            if self.to.get(known.port) == Some(&source) {
                self.mapping.push(Instant::now(), Way::Down, client, &self.buffer[..len]);
            }
        }
    }

    /// A network loses what it cannot deliver.
    fn send(&self, way: Way, Datagram { client, bytes }: &Datagram) {
        let Some(client) = self.mapping.get(*client) else { return };
        match (way, self.to.get(client.port), self.fronts.get(client.port)) {
            (Way::Up, Some(to), _) => client.upstream.send_to(bytes, *to).ok(),
            (Way::Down, _, Some(front)) => front.send_to(bytes, client.address).ok(),
            _ => None,
        };
    }
}

/// `None`: nothing waits.
fn received(socket: &UdpSocket, buffer: &mut [u8]) -> Option<io::Result<(usize, SocketAddr)>> {
    match socket.recv_from(buffer) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        result => Some(result),
    }
}

/// The poller counts in milliseconds and rounds up; waiting for nothing would spin.
fn at_least(wait: Duration) -> Duration {
    wait.max(Duration::from_micros(100))
}

fn ports_in_a_row(count: usize) -> io::Result<Vec<UdpSocket>> {
    let bind = |port| UdpSocket::bind((Ipv4Addr::LOCALHOST, port).into());
    let mut tried = Err(ErrorKind::AddrInUse.into());
    for _ in 0..TRIES {
        let first = bind(0)?;
        let base = first.local_addr()?.port();
        let rest = (1..count).map(|index| match u16::try_from(usize::from(base) + index) {
            Ok(port) => bind(port),
            Err(_) => Err(ErrorKind::AddrInUse.into()),
        });
        tried = std::iter::once(Ok(first)).chain(rest).collect();
        if tried.is_ok() {
            break;
        }
    }
    tried
}
