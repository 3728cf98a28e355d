use std::io::{self, ErrorKind, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use aqlinks_forwarder::{Received, Run};
use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSocketState};
use socket2::{Domain, Socket as RawSocket, Type};

/// Asked for; the kernel gives at most `net.core.rmem_max`/`wmem_max`. A worker that rests half a millisecond at 1 Gb/s
/// needs 60 kB, but one that the scheduler leaves aside for 20 ms needs 2.5 MB.
const BUFFER_BYTES: usize = 4 << 20;

/// Receives of one call (`recvmmsg`).
const BATCH: usize = if BATCH_SIZE < 32 { BATCH_SIZE } else { 32 };

/// A GRO run is at most 64 kB. Three cache lines more keep the beginnings of the buffers out of one cache set.
const SLOT: usize = 65_536 + 192;

/// Calls of one round, so that answers to the first datagrams do not wait for a flood to end.
const CALLS: usize = 8;

/// One UDP socket, dual-stack where the machine is, that speaks in runs of equal datagrams (GRO, GSO).
/// Outside it IPv4 addresses look like IPv4 addresses.
pub(crate) struct Socket {
    io: mio::net::UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
    /// Whether a run of several datagrams may go in one call (GSO).
    pub(crate) segmentation: bool,
    buffer: Vec<u8>,
    pub(crate) counters: Counters,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counters {
    pub(crate) send_calls: u64,
    pub(crate) receive_calls: u64,
    /// Datagrams that found the kernel's buffer full.
    pub(crate) send_buffer_full: u64,
}

/// What one round of receiving found.
pub(crate) struct Reception {
    pub(crate) any: bool,
    /// More may wait.
    pub(crate) more: bool,
}

impl Socket {
    /// `ip`: `None` for every address of this machine. `port`: 0 for any free one.
    pub(crate) fn bind(ip: Option<IpAddr>, port: u16) -> io::Result<Self> {
        let raw = match ip {
            Some(ip) => bind_to(SocketAddr::new(ip, port))?,
            None => bind_everywhere(port)?,
        };
        raw.set_recv_buffer_size(BUFFER_BYTES).ok();
        raw.set_send_buffer_size(BUFFER_BYTES).ok();
        let std: std::net::UdpSocket = raw.into();
        let state = UdpSocketState::new((&std).into())?;
        let local = std.local_addr()?;
        let segmentation = state.max_gso_segments() > 1;
        tracing::debug!(
            %local,
            receive_buffer = state.recv_buffer_size((&std).into()).unwrap_or_default(),
            send_buffer = state.send_buffer_size((&std).into()).unwrap_or_default(),
            segmentation,
            coalescing = state.gro_segments() > 1,
            "media socket open"
        );
        let buffer = vec![0; BATCH * SLOT];
        Ok(Self {
            io: mio::net::UdpSocket::from_std(std),
            state,
            local,
            segmentation,
            buffer,
            counters: Counters::default(),
        })
    }

    pub(crate) fn local(&self) -> SocketAddr {
        self.local
    }

    pub(crate) fn source(&mut self) -> &mut mio::net::UdpSocket {
        &mut self.io
    }

    /// Hands over what waits, run by run, up to a bound.
    pub(crate) fn receive(&mut self, mut each: impl FnMut(Received<'_>)) -> io::Result<Reception> {
        let mut any = false;
        for _ in 0..CALLS {
            let mut slots = self.buffer.chunks_exact_mut(SLOT).map(IoSliceMut::new);
            let mut slots: [IoSliceMut<'_>; BATCH] =
                std::array::from_fn(|_| slots.next().unwrap_or_else(|| IoSliceMut::new(&mut [])));
            let mut metas = [RecvMeta::default(); BATCH];
            self.counters.receive_calls += 1;
            let received = self.io.try_io(|| self.state.recv((&self.io).into(), &mut slots, &mut metas));
            let count = match received {
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Reception { any, more: false }),
                Err(error) if is_about_a_peer(&error) => continue,
                Err(error) => return Err(error),
            };
            any = true;
            for (slot, meta) in slots.iter_mut().zip(&metas[..count]) {
                each(Received {
                    source: plain(meta.addr).into(),
                    destination: meta.dst_ip.map(|ip| ip.to_canonical()),
                    contents: &mut slot[..meta.len],
                    stride: meta.stride,
                });
            }
            // A short batch has emptied the queue; only Windows' readiness must be told so by a refused call.
            if count < BATCH && !cfg!(windows) {
                return Ok(Reception { any, more: false });
            }
        }
        Ok(Reception { any, more: true })
    }

    /// Never blocks: what finds the kernel's buffer full is dropped and counted.
    pub(crate) fn send(&mut self, run: &Run<'_>) {
        let datagrams = run.contents.len().div_ceil(run.segment_size.max(1));
        if datagrams > 1 && !self.segmentation {
            self.send_singly(run);
            return;
        }
        match self.try_send(run, run.contents) {
            Sent::Yes | Sent::Unreachable => {}
            Sent::Full => self.counters.send_buffer_full += datagrams as u64,
            Sent::Refused => {
                // A device without checksum offload refuses segmentation; so does the kernel for a segment above the MTU
                // or a source address that is gone, and then a single datagram fails too.
                if datagrams > 1 && self.send_singly(run) {
                    tracing::warn!(local = %self.local, "segmentation offload is refused here: sending datagrams one by one, which costs twice the CPU");
                    self.segmentation = false;
                }
            }
        }
    }

    /// Whether the first one went.
    fn send_singly(&mut self, run: &Run<'_>) -> bool {
        let mut first = None;
        for datagram in run.contents.chunks(run.segment_size.max(1)) {
            let sent = self.try_send(run, datagram);
            if matches!(sent, Sent::Full) {
                self.counters.send_buffer_full += 1;
            }
            first.get_or_insert(matches!(sent, Sent::Yes));
        }
        first.unwrap_or(false)
    }

    fn try_send(&mut self, run: &Run<'_>, contents: &[u8]) -> Sent {
        self.counters.send_calls += 1;
        let transmit = Transmit {
            destination: self.mapped(run.destination.address),
            ecn: None,
            contents,
            segment_size: (contents.len() > run.segment_size).then_some(run.segment_size),
            src_ip: run.source.and_then(|ip| self.mapped_source(ip)),
        };
        match self.io.try_io(|| self.state.try_send((&self.io).into(), &transmit)) {
            Ok(()) => Sent::Yes,
            Err(error) if is_full(&error) => Sent::Full,
            Err(error) if matches!(error.raw_os_error(), Some(EIO | EINVAL)) => Sent::Refused,
            Err(error) => {
                tracing::trace!(%error, "a datagram could not be sent");
                Sent::Unreachable
            }
        }
    }

    /// As this socket's family writes an address.
    fn mapped(&self, address: SocketAddr) -> SocketAddr {
        match address {
            SocketAddr::V4(v4) if self.local.is_ipv6() => SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port()),
            other => other,
        }
    }

    fn mapped_source(&self, ip: IpAddr) -> Option<IpAddr> {
        match ip {
            // Darwin refuses a mapped source address; the route then chooses it.
            IpAddr::V4(_) if self.local.is_ipv6() && cfg!(target_vendor = "apple") => None,
            IpAddr::V4(v4) if self.local.is_ipv6() => Some(v4.to_ipv6_mapped().into()),
            other => Some(other),
        }
    }
}

enum Sent {
    Yes,
    Full,
    /// Perhaps because it was a run.
    Refused,
    /// No route, too big, a peer's port closed: UDP loses datagrams.
    Unreachable,
}

const EIO: i32 = 5;
const EINVAL: i32 = if cfg!(windows) { 10_022 } else { 22 };

fn is_full(error: &io::Error) -> bool {
    const ENOBUFS: i32 = if cfg!(target_os = "linux") {
        105
    } else if cfg!(windows) {
        10_055
    } else {
        55
    };
    error.kind() == ErrorKind::WouldBlock || error.raw_os_error() == Some(ENOBUFS)
}

/// An ICMP message about something sent earlier, not a fault of the socket.
fn is_about_a_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::Interrupted
    )
}

fn bind_everywhere(port: u16) -> io::Result<RawSocket> {
    match bind_to(SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port)) {
        Err(error) if !matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied) => {
            tracing::info!(%error, "no IPv6 here; media goes over IPv4 alone");
            bind_to(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port))
        }
        result => result,
    }
}

fn bind_to(address: SocketAddr) -> io::Result<RawSocket> {
    let socket = RawSocket::new(Domain::for_address(address), Type::DGRAM, None)?;
    if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) {
        socket.set_only_v6(false)?;
    }
    socket.bind(&address.into())?;
    Ok(socket)
}

/// IPv4 as IPv4; IPv6 without its flow label, which is no part of who the peer is.
pub(crate) fn plain(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V6(mut v6) => match v6.ip().to_ipv4_mapped() {
            Some(v4) => SocketAddr::new(v4.into(), v6.port()),
            None => {
                v6.set_flowinfo(0);
                v6.into()
            }
        },
        v4 => v4,
    }
}
