use std::io;
use std::net::{IpAddr, SocketAddr};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use aqlinks_forwarder::{Command, Config, Fingerprint, Worker};
use dimpl::certificate::{CertificateError, generate_self_signed_certificate};

use crate::addresses::announced;
use crate::driver::{Driver, Sockets};
use crate::event::{EventSink, WorkerId};
use crate::failure::run_reported;
use crate::inbox::{Outbox, SendError};
use crate::socket::Socket;
use crate::tcp::TcpSocket;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Threads, each with a UDP port of its own; at least 1.
    pub workers: usize,
    /// Of the first worker; the others follow. 0: any free ports.
    pub port: u16,
    /// The address to receive on. `None`: every address of this machine, IPv4 and IPv6.
    pub bind: Option<IpAddr>,
    /// What clients are told, for a machine behind NAT. Empty: where it receives.
    pub addresses: Vec<IpAddr>,
    /// Takes TCP connections too, on the same ports, for networks that let no UDP through.
    pub tcp: bool,
    /// What clients are told instead of `port`, where a NAT maps it to another one; the other workers' follow.
    pub announced_port: Option<u16>,
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("a media plane needs at least one worker")]
    NoWorkers,
    #[error("{workers} workers from UDP port {port} need ports above 65535: choose a lower port or fewer workers")]
    PortsExceeded { port: u16, workers: usize },
    #[error("UDP port {port} cannot be opened ({source}): free it or choose another one")]
    Bind { port: u16, source: io::Error },
    #[error("TCP port {port} cannot be opened ({source}): free it, choose another one, or switch TCP off")]
    BindTcp { port: u16, source: io::Error },
    #[error("this machine's addresses cannot be listed ({0}): name the ones to announce")]
    Addresses(io::Error),
    #[error("no certificate could be made: {0}")]
    Certificate(#[from] CertificateError),
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    #[error("worker {worker} cannot be started: {source}")]
    Thread { worker: WorkerId, source: io::Error },
}

/// The running workers. Closed when dropped.
pub struct MediaPlane {
    fingerprint: Fingerprint,
    tcp: bool,
    workers: Vec<Running>,
}

struct Running {
    addresses: Vec<SocketAddr>,
    /// `None` once closed.
    outbox: Option<Outbox>,
    thread: Option<JoinHandle<()>>,
}

impl MediaPlane {
    /// Opens every socket before the first thread starts, so that a taken port leaves nothing behind.
    pub fn start(options: &Options, sink: EventSink) -> Result<Self, StartError> {
        let sockets = open(options)?;
        if let Some(port) = options.announced_port.filter(|port| usize::from(*port) + options.workers > 65_536) {
            return Err(StartError::PortsExceeded { port, workers: options.workers });
        }
        let certificate = generate_self_signed_certificate()?;
        let minds = sockets
            .iter()
            .map(|_| {
                Ok(Worker::new(Config { seed: getrandom::u64()?, certificate: certificate.clone() }, Instant::now()))
            })
            .collect::<Result<Vec<_>, StartError>>()?;
        let fingerprint = minds.first().ok_or(StartError::NoWorkers)?.fingerprint();
        let mut plane = Self { fingerprint, tcp: options.tcp, workers: Vec::with_capacity(minds.len()) };
        let mut drivers = Vec::with_capacity(minds.len());
        for (id, (mind, sockets)) in minds.into_iter().zip(sockets).enumerate() {
            let port = options.announced_port.map(|port| port.saturating_add(id as u16));
            let addresses = announced(&options.addresses, port, sockets.udp.local()).map_err(StartError::Addresses)?;
            let driver = Driver::new(id, mind, sockets, sink.clone())
                .map_err(|source| StartError::Thread { worker: id, source })?;
            drivers.push((addresses, driver));
        }
        let doors: Vec<_> = drivers.iter().map(|(_, (driver, _))| driver.door()).collect();
        for (id, (addresses, (mut driver, outbox))) in drivers.into_iter().enumerate() {
            driver.meet(&doors);
            let thread = spawn(id, driver, sink.clone()).map_err(|source| StartError::Thread { worker: id, source })?;
            plane.workers.push(Running { addresses, outbox: Some(outbox), thread: Some(thread) });
        }
        Ok(plane)
    }

    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// The same addresses and ports over TCP.
    pub fn takes_tcp(&self) -> bool {
        self.tcp
    }

    /// What each worker's transports announce.
    pub fn workers(&self) -> impl Iterator<Item = &[SocketAddr]> {
        self.workers.iter().map(|running| running.addresses.as_slice())
    }

    /// Carried out in order. Ignored after [`close`](Self::close), and by a worker that has failed.
    pub fn send(&self, worker: WorkerId, commands: Vec<Command>) -> Result<(), SendError> {
        let running = self.workers.get(worker).ok_or(SendError::NoSuchWorker(worker))?;
        match &running.outbox {
            Some(outbox) => outbox.send(commands).map_err(|()| SendError::Full(worker)),
            None => Ok(()),
        }
    }

    /// Lets every worker carry out what it was sent, then ends them all. Returns when they are gone; no event comes after.
    pub fn close(&mut self) {
        for running in &mut self.workers {
            running.outbox = None;
        }
        for running in &mut self.workers {
            if let Some(thread) = running.thread.take() {
                thread.join().ok(); // a panic was reported already
            }
        }
    }
}

impl Drop for MediaPlane {
    fn drop(&mut self) {
        self.close();
    }
}

fn open(options: &Options) -> Result<Vec<Sockets>, StartError> {
    if options.workers == 0 {
        return Err(StartError::NoWorkers);
    }
    let exceeded = || StartError::PortsExceeded { port: options.port, workers: options.workers };
    let last = u16::try_from(options.workers - 1).map_err(|_| exceeded())?;
    (0..=last)
        .map(|index| {
            let port = match options.port {
                0 => 0,
                base => base.checked_add(index).ok_or_else(exceeded)?,
            };
            open_pair(options, port)
        })
        .collect()
}

/// Of free ports one may be taken for TCP alone.
const TRIES: usize = 16;

fn open_pair(options: &Options, port: u16) -> Result<Sockets, StartError> {
    let mut tries = 0;
    loop {
        let udp = Socket::bind(options.bind, port).map_err(|source| StartError::Bind { port, source })?;
        if !options.tcp {
            return Ok(Sockets { udp, tcp: None });
        }
        let port_of_both = udp.local().port();
        match TcpSocket::bind(options.bind, port_of_both, Instant::now()) {
            Ok(tcp) => return Ok(Sockets { udp, tcp: Some(tcp) }),
            Err(_) if port == 0 && tries < TRIES => tries += 1,
            Err(source) => return Err(StartError::BindTcp { port: port_of_both, source }),
        }
    }
}

fn spawn(id: WorkerId, driver: Driver<Worker>, sink: EventSink) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(format!("aqlinks-media-{id}")).spawn(move || run_reported(id, &sink, || driver.run()))
}
