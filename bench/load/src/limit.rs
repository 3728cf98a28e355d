//! The bare limit: the least that any SFU must do for every packet, and nothing else. It decrypts a packet once; for each
//! viewer it writes the header and the sealed payload into an arena and hands the viewer's burst to the kernel in one
//! GSO send. There is no handshake, no RTCP, no cache, no bookkeeping: keys and order of viewers are agreed beforehand.

use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr};

use mio::{Events, Interest, Poll, Token};
use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSockRef, UdpSocketState};

use crate::dtls::Session;
use crate::rtp::{self, Extender};
use crate::srtp::{Keys, TAG_LEN};

const REGISTRATION: &[u8] = b"viewer ";
/// What one UDP send of the kernel may hold.
const RUN_BYTES: usize = 65_000;
const RUN_SEGMENTS: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Participant {
    Publisher,
    Viewer(u32),
}

fn inbound_name(of: Participant) -> String {
    match of {
        Participant::Publisher => "publisher".into(),
        Participant::Viewer(number) => format!("viewer {number}"),
    }
}

/// As the participant sees it.
pub fn session(of: Participant) -> Result<Session, String> {
    let keys = || Keys::agreed(&inbound_name(of)).map_err(|error| error.to_string());
    Ok(Session { outbound: keys()?, inbound: keys()? })
}

/// The datagram by which a viewer makes itself known.
pub fn registration(number: u32) -> Vec<u8> {
    [REGISTRATION, number.to_string().as_bytes()].concat()
}

struct Viewer {
    address: SocketAddr,
    keys: Keys,
}

/// A decrypted packet of the current burst.
struct Packet {
    index: u64,
    header_len: usize,
    bytes: Vec<u8>, // without the tag
}

pub struct Limit {
    poll: Poll,
    socket: mio::net::UdpSocket,
    state: UdpSocketState,
    gso: bool,
    publisher: Keys,
    extender: Extender,
    viewers: Vec<Viewer>,
    burst: Vec<Packet>,
    used: usize, // of the burst: packets are kept to be written again, so that nothing is allocated
    arena: Vec<u8>,
    forwarded: u64,
}

impl Limit {
    pub fn bind(gso: bool) -> Result<Self, String> {
        let socket = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(text)?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket)).map_err(text)?;
        state.set_recv_buffer_size(UdpSockRef::from(&socket), 4 << 20).map_err(text)?;
        let mut socket = mio::net::UdpSocket::from_std(socket);
        let poll = Poll::new().map_err(text)?;
        poll.registry().register(&mut socket, Token(0), Interest::READABLE).map_err(text)?;
        Ok(Limit {
            poll,
            socket,
            state,
            gso,
            publisher: Keys::agreed(&inbound_name(Participant::Publisher)).map_err(|error| error.to_string())?,
            extender: Extender::default(),
            viewers: Vec::new(),
            burst: Vec::new(),
            used: 0,
            arena: Vec::new(),
            forwarded: 0,
        })
    }

    pub fn address(&self) -> Result<SocketAddr, String> {
        self.socket.local_addr().map_err(text)
    }

    pub fn forwarded(&self) -> u64 {
        self.forwarded
    }

    /// Forwards what comes until `done` says so; it is asked at each wake-up, at least every 100 ms.
    pub fn run(&mut self, mut done: impl FnMut(&Limit) -> bool) -> Result<(), String> {
        let mut buffers = vec![vec![0; 1 << 16]; BATCH_SIZE];
        let mut metas = [RecvMeta::default(); BATCH_SIZE];
        let mut events = Events::with_capacity(4);
        while !done(self) {
            match self.poll.poll(&mut events, Some(std::time::Duration::from_millis(100))) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(text(error)),
                _ => {}
            }
            loop {
                let mut slices: Vec<_> = buffers.iter_mut().map(|buffer| IoSliceMut::new(buffer)).collect();
                let count = match self.state.recv(UdpSockRef::from(&self.socket), &mut slices, &mut metas) {
                    Ok(count) => count,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => continue, // a viewer left
                    Err(error) => return Err(text(error)),
                };
                for (meta, buffer) in metas[..count].iter().zip(&mut buffers) {
                    for datagram in buffer[..meta.len].chunks_mut(meta.stride.max(1)) {
                        self.take(datagram, meta.addr)?;
                    }
                }
                self.forward()?;
                if count < BATCH_SIZE {
                    break;
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, datagram: &mut [u8], source: SocketAddr) -> Result<(), String> {
        if let Some(number) = datagram.strip_prefix(REGISTRATION) {
            let number = std::str::from_utf8(number).ok().and_then(|number| number.parse().ok()).unwrap_or(0);
            let keys = Keys::agreed(&inbound_name(Participant::Viewer(number))).map_err(|error| error.to_string())?;
            self.viewers.push(Viewer { address: source, keys });
            return Ok(());
        }
        let Some(parsed) = rtp::parse(datagram, None) else { return Ok(()) };
        let index = self.extender.extend(parsed.header.sequence);
        if self.publisher.open_rtp(datagram, parsed.len, index).is_err() {
            return Ok(());
        }
        if self.used == self.burst.len() {
            self.burst.push(Packet { index, header_len: 0, bytes: Vec::new() });
        }
        let packet = &mut self.burst[self.used];
        packet.index = index;
        packet.header_len = parsed.len;
        packet.bytes.clear();
        packet.bytes.extend_from_slice(&datagram[..datagram.len() - TAG_LEN]);
        self.used += 1;
        Ok(())
    }

    fn forward(&mut self) -> Result<(), String> {
        let burst = &self.burst[..self.used];
        for viewer in &self.viewers {
            let mut run = Run { start: 0, stride: 0, segments: 0 };
            self.arena.clear();
            for packet in burst {
                let len = packet.bytes.len() + TAG_LEN;
                let start = self.arena.len();
                let fits = run.segments < RUN_SEGMENTS && start - run.start + len <= RUN_BYTES && run.stride == len;
                if run.segments > 0 && !(self.gso && fits) {
                    self.send(viewer, &run, start)?;
                    run = Run { start, stride: 0, segments: 0 };
                }
                self.arena.resize(start + len, 0);
                let (header, payload) = packet.bytes.split_at(packet.header_len);
                let sealed = viewer.keys.seal_rtp(header, payload, packet.index, &mut self.arena[start..]);
                sealed.map_err(|error| error.to_string())?;
                run.stride = len;
                run.segments += 1;
            }
            if run.segments > 0 {
                self.send(viewer, &run, self.arena.len())?;
            }
        }
        self.forwarded += (self.used * self.viewers.len()) as u64;
        self.used = 0;
        Ok(())
    }

    fn send(&self, viewer: &Viewer, run: &Run, end: usize) -> Result<(), String> {
        let transmit = Transmit {
            destination: viewer.address,
            ecn: None,
            contents: &self.arena[run.start..end],
            segment_size: (run.segments > 1).then_some(run.stride),
            src_ip: None,
        };
        match self.state.try_send(UdpSockRef::from(&self.socket), &transmit) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()), // this viewer left
            Err(error) => Err(format!("cannot send to a viewer: {error}")),
            Ok(()) => Ok(()),
        }
    }
}

/// Packets of one size in a row of the arena.
struct Run {
    start: usize,
    stride: usize,
    segments: usize,
}

fn text(error: io::Error) -> String {
    error.to_string()
}
