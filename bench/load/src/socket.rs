//! A client's UDP socket: receives in batches with the kernel's time of arrival, sends single datagrams or GSO runs.

use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr};

use nix::sys::socket::{setsockopt, sockopt};
use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSockRef, UdpSocketState};

use crate::source::Frame;

/// Room for the bursts that come while this process is busy elsewhere.
const RECEIVE_BUFFER: usize = 2 << 20;
const DATAGRAM: usize = 2048;
const GRO_RUN: usize = 65_536;

pub struct Socket {
    pub io: mio::net::UdpSocket,
    state: UdpSocketState,
}

/// How clients use their sockets.
#[derive(Debug, Clone, Copy, Default)]
pub struct Offload {
    /// Clients take many datagrams in one, as behind a network card that coalesces.
    pub gro: bool,
    /// A frame leaves in one send, and a receiver that can takes it in one.
    pub gso: bool,
}

impl Socket {
    pub fn bind(offload: Offload) -> io::Result<Self> {
        let socket = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        if !offload.gro {
            setsockopt(&socket, sockopt::UdpGroSegment, &false)?;
        }
        state.set_recv_buffer_size(UdpSockRef::from(&socket), RECEIVE_BUFFER)?;
        Ok(Socket { io: mio::net::UdpSocket::from_std(socket), state })
    }

    /// A datagram that does not fit the socket's buffer is lost, as on any network.
    pub fn send(&self, destination: SocketAddr, contents: &[u8], segment_size: Option<usize>) -> io::Result<()> {
        let transmit = Transmit { destination, ecn: None, contents, segment_size, src_ip: None };
        match self.state.try_send(UdpSockRef::from(&self.io), &transmit) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()), // the other side is gone
            result => result,
        }
    }

    pub fn send_frame(&self, destination: SocketAddr, frame: &Frame<'_>, offload: Offload) -> io::Result<()> {
        if offload.gso && frame.count > 1 {
            return self.send(destination, frame.packets, Some(frame.stride));
        }
        frame.packets.chunks(frame.stride).try_for_each(|packet| self.send(destination, packet, None))
    }
}

/// Where batches are received; one serves all sockets of a thread.
pub struct Inbox {
    buffers: Vec<Vec<u8>>,
    metas: [RecvMeta; BATCH_SIZE],
}

impl Inbox {
    pub fn new(offload: Offload) -> Self {
        let size = if offload.gro { GRO_RUN } else { DATAGRAM };
        Inbox { buffers: vec![vec![0; size]; BATCH_SIZE], metas: [RecvMeta::default(); BATCH_SIZE] }
    }

    /// Receives once and hands over every datagram with its source and time of arrival (nanoseconds since 1970).
    /// `true`: there may be more.
    pub fn receive(
        &mut self,
        socket: &Socket,
        mut take: impl FnMut(&mut [u8], SocketAddr, u64) -> Result<(), String>,
    ) -> Result<bool, String> {
        let mut slices: Vec<IoSliceMut<'_>> = self.buffers.iter_mut().map(|buffer| IoSliceMut::new(buffer)).collect();
        let count = match socket.state.recv(UdpSockRef::from(&socket.io), &mut slices, &mut self.metas) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(true),
            Err(error) => return Err(format!("cannot receive: {error}")),
        };
        for (meta, buffer) in self.metas[..count].iter().zip(&mut self.buffers) {
            let at = meta.timestamp.unwrap_or_default().as_nanos() as u64;
            for datagram in buffer[..meta.len].chunks_mut(meta.stride.max(1)) {
                take(datagram, meta.addr, at)?;
            }
        }
        Ok(count == BATCH_SIZE)
    }
}
