//! ICE over TCP (RFC 6544), for networks that let no UDP through: peers connect to us, and each datagram is framed by its
//! length (RFC 4571). A slow path beside the UDP socket, bounded so that it can hurt nobody but its own peers.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use aqlinks_forwarder::{Protocol, Received, Remote, Run};
use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};
use rustc_hash::FxHashMap;
use slab::Slab;
use socket2::{Domain, Socket as RawSocket, Type};

use crate::socket::plain;

/// Connections that nothing was ever sent to: nobody has shown our password on them. The oldest makes room.
const MAX_UNANSWERED: usize = 256;
const MAX_CONNECTIONS: usize = 8_192;
/// For the first check with our password.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// A peer that uses a connection checks every few seconds (RFC 7675).
const SILENCE: Duration = Duration::from_secs(60);
/// How often the two are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// Far above the largest datagram of WebRTC.
const MAX_FRAME: usize = 8_192;
/// What waits for a peer that reads too slowly. Beyond it whole datagrams are dropped, as a full UDP buffer would.
const MAX_WAITING: usize = 128 * 1024;
/// Of the kernel: more would only make media late.
const SEND_BUFFER: usize = 128 * 1024;
/// Read of one connection in one round, so that none keeps the others waiting.
const READ_A_ROUND: usize = 64 * 1024;
const BACKLOG: i32 = 1_024;

/// One listening socket and its connections.
pub(crate) struct TcpSocket {
    listener: TcpListener,
    connections: Slab<Connection>,
    by_remote: FxHashMap<SocketAddr, usize>,
    /// Indices of connections that may have something to read.
    readable: Vec<usize>,
    buffer: Vec<u8>,
    next_look: Instant,
    /// Datagrams that found no room.
    pub(crate) dropped: u64,
}

struct Connection {
    stream: TcpStream,
    remote: SocketAddr,
    local: Option<IpAddr>,
    /// The beginning of a frame.
    incoming: Vec<u8>,
    /// Frames that the kernel has not taken yet.
    outgoing: Vec<u8>,
    opened_at: Instant,
    heard_at: Instant,
    /// Something was sent on it.
    answered: bool,
    /// It stands in `readable`.
    marked: bool,
}

/// The connection is over.
struct Over;

const EMFILE: i32 = 24;
const ENFILE: i32 = 23;

/// Of the listener; connections have those above it.
pub(crate) const LISTENER: Token = Token(16);
const FIRST_CONNECTION: usize = LISTENER.0 + 1;

impl TcpSocket {
    /// `ip`: `None` for every address of this machine.
    pub(crate) fn bind(ip: Option<IpAddr>, port: u16, now: Instant) -> io::Result<Self> {
        let raw = match ip {
            Some(ip) => listen(SocketAddr::new(ip, port))?,
            None => match listen(SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port)) {
                Err(error) if !matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied) => {
                    listen(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port))?
                }
                result => result?,
            },
        };
        Ok(Self {
            listener: TcpListener::from_std(raw.into()),
            connections: Slab::new(),
            by_remote: FxHashMap::default(),
            readable: Vec::new(),
            buffer: vec![0; READ_A_ROUND],
            next_look: now + LOOK,
            dropped: 0,
        })
    }

    #[cfg(test)]
    pub(crate) fn port(&self) -> u16 {
        self.listener.local_addr().map_or(0, |address| address.port())
    }

    #[cfg(test)]
    pub(crate) fn connections(&self) -> usize {
        self.connections.len()
    }

    pub(crate) fn register(&mut self, registry: &Registry) -> io::Result<()> {
        registry.register(&mut self.listener, LISTENER, Interest::READABLE)
    }

    /// The poller says that one of our tokens is ready.
    pub(crate) fn ready(&mut self, now: Instant, registry: &Registry, event: &Event) {
        if event.token() == LISTENER {
            self.accept(now, registry);
        } else if let Some(index) = event.token().0.checked_sub(FIRST_CONNECTION) {
            self.mark(index);
            if event.is_writable() && self.write(index).is_err() {
                self.close(index);
            }
        }
    }

    /// Hands over what came, datagram by datagram. True: more may wait.
    pub(crate) fn receive(&mut self, now: Instant, mut each: impl FnMut(Received<'_>)) -> bool {
        for index in std::mem::take(&mut self.readable) {
            match self.read(now, index, &mut each) {
                Ok(true) => self.mark(index),
                Ok(false) => {}
                Err(Over) => self.close(index),
            }
        }
        !self.readable.is_empty()
    }

    pub(crate) fn send(&mut self, run: &Run<'_>) {
        let Some(index) = self.by_remote.get(&run.destination.address).copied() else { return };
        let Some(connection) = self.connections.get_mut(index) else { return };
        connection.answered = true;
        for datagram in run.contents.chunks(run.segment_size.max(1)) {
            let Ok(len) = u16::try_from(datagram.len()) else { continue };
            if connection.outgoing.len() + datagram.len() > MAX_WAITING {
                self.dropped += 1;
                continue;
            }
            connection.outgoing.extend_from_slice(&len.to_be_bytes());
            connection.outgoing.extend_from_slice(datagram);
        }
        if self.write(index).is_err() {
            self.close(index);
        }
    }

    /// When [`Self::look`] is due; `None`: there is nothing to look at.
    pub(crate) fn look_at(&self) -> Option<Instant> {
        (!self.connections.is_empty()).then_some(self.next_look)
    }

    /// Closes what nobody showed our password on in time, and what fell silent.
    pub(crate) fn look(&mut self, now: Instant) {
        if now < self.next_look {
            return;
        }
        self.next_look = now + LOOK;
        let over = self.connections.iter().filter(|(_, connection)| {
            let unanswered = !connection.answered && now >= connection.opened_at + ANSWER_WITHIN;
            unanswered || now >= connection.heard_at + SILENCE
        });
        for index in over.map(|(index, _)| index).collect::<Vec<_>>() {
            self.close(index);
        }
    }

    fn accept(&mut self, now: Instant, registry: &Registry) {
        loop {
            let (stream, remote) = match self.listener.accept() {
                Ok(accepted) => accepted,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // Without a free descriptor, those who have shown nothing make room.
                Err(error) if matches!(error.raw_os_error(), Some(EMFILE | ENFILE)) => {
                    if !self.close_oldest_unanswered() {
                        return;
                    }
                    continue;
                }
                Err(_) => continue, // gone before it was accepted
            };
            if self.unanswered() >= MAX_UNANSWERED {
                self.close_oldest_unanswered();
            }
            if self.connections.len() < MAX_CONNECTIONS {
                self.open(now, registry, (stream, plain(remote)));
            }
        }
    }

    fn open(&mut self, now: Instant, registry: &Registry, (mut stream, remote): (TcpStream, SocketAddr)) {
        stream.set_nodelay(true).ok();
        let entry = self.connections.vacant_entry();
        let index = entry.key();
        let interest = Interest::READABLE | Interest::WRITABLE;
        if registry.register(&mut stream, Token(FIRST_CONNECTION + index), interest).is_err() {
            return;
        }
        let local = stream.local_addr().ok().map(|address| plain(address).ip());
        let (incoming, outgoing) = (Vec::new(), Vec::new());
        entry.insert(Connection {
            stream,
            remote,
            local,
            incoming,
            outgoing,
            opened_at: now,
            heard_at: now,
            answered: false,
            marked: false,
        });
        self.by_remote.insert(remote, index);
        self.mark(index);
    }

    fn mark(&mut self, index: usize) {
        if let Some(connection) = self.connections.get_mut(index)
            && !std::mem::replace(&mut connection.marked, true)
        {
            self.readable.push(index);
        }
    }

    /// True: there may be more.
    fn read(&mut self, now: Instant, index: usize, each: &mut impl FnMut(Received<'_>)) -> Result<bool, Over> {
        let Some(connection) = self.connections.get_mut(index) else { return Ok(false) };
        connection.marked = false;
        let len = match connection.stream.read(&mut self.buffer) {
            Ok(0) => return Err(Over),
            Ok(len) => len,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock) => return Ok(false),
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted) => return Ok(true),
            Err(_) => return Err(Over),
        };
        connection.heard_at = now;
        connection.incoming.extend_from_slice(&self.buffer[..len]);
        let mut taken = 0;
        while let Some((head, behind)) = connection.incoming[taken..].split_first_chunk_mut::<2>() {
            let frame = usize::from(u16::from_be_bytes(*head));
            if frame > MAX_FRAME {
                return Err(Over);
            }
            let Some(contents) = behind.get_mut(..frame) else { break };
            if !contents.is_empty() {
                let source = Remote { address: connection.remote, protocol: Protocol::Tcp };
                each(Received { source, destination: connection.local, contents, stride: frame });
            }
            taken += 2 + frame;
        }
        connection.incoming.drain(..taken);
        Ok(true)
    }

    /// Gives the kernel what it takes; the poller says when it takes more.
    fn write(&mut self, index: usize) -> Result<(), Over> {
        let Some(connection) = self.connections.get_mut(index) else { return Ok(()) };
        let mut written = 0;
        while written < connection.outgoing.len() {
            match connection.stream.write(&connection.outgoing[written..]) {
                Ok(0) => return Err(Over),
                Ok(len) => written += len,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(Over),
            }
        }
        connection.outgoing.drain(..written);
        Ok(())
    }

    /// Dropping the stream takes it from the poller.
    fn close(&mut self, index: usize) {
        if let Some(connection) = self.connections.try_remove(index)
            && self.by_remote.get(&connection.remote) == Some(&index)
        {
            self.by_remote.remove(&connection.remote);
        }
    }

    fn unanswered(&self) -> usize {
        self.connections.iter().filter(|(_, connection)| !connection.answered).count()
    }

    /// False: there is none.
    fn close_oldest_unanswered(&mut self) -> bool {
        let unanswered = self.connections.iter().filter(|(_, connection)| !connection.answered);
        let oldest = unanswered.min_by_key(|(_, connection)| connection.opened_at).map(|(index, _)| index);
        if let Some(index) = oldest {
            self.close(index);
        }
        oldest.is_some()
    }
}

fn listen(address: SocketAddr) -> io::Result<RawSocket> {
    let socket = RawSocket::new(Domain::for_address(address), Type::STREAM, None)?;
    if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) {
        socket.set_only_v6(false)?;
    }
    // Connections of a server that ended keep its port for minutes; elsewhere than on Unix this would share it.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_send_buffer_size(SEND_BUFFER).ok(); // accepted ones inherit it
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}
