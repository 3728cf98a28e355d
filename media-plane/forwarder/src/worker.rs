use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use crate::command::{Command, Fingerprint};
use crate::event::Event;

/// What a worker cannot know by itself.
pub struct Config {
    /// Seed of everything random but key material, so that a run can be repeated.
    pub seed: u64,
    /// The process's certificate and private key, shared by all workers.
    pub certificate: dimpl::DtlsCertificate,
}

/// Something happened.
pub enum Input<'a> {
    Datagrams(Received<'a>),
    Command(Command),
    /// The time that [`Output::Timeout`] named has come.
    Timeout,
}

/// One receive of the kernel: datagrams of one sender, all of `stride` bytes, the last perhaps shorter (GRO).
/// The bytes are decrypted in place.
pub struct Received<'a> {
    pub source: SocketAddr,
    /// The local address that it was sent to: answers leave from it.
    pub destination: Option<IpAddr>,
    pub contents: &'a mut [u8],
    pub stride: usize,
}

/// Something to do.
pub enum Output<'a> {
    Datagrams(Run<'a>),
    Event(Event),
    /// Nothing more until then, or until the next input.
    Timeout(Instant),
}

/// One send of the kernel: datagrams to one receiver, all of `segment_size` bytes, the last perhaps shorter (GSO).
/// At most 64 segments and 65,000 bytes.
pub struct Run<'a> {
    pub destination: SocketAddr,
    pub source: Option<IpAddr>,
    pub contents: &'a [u8],
    pub segment_size: usize,
}

pub struct Worker {}

impl Worker {
    pub fn new(_config: Config, _now: Instant) -> Self {
        todo!()
    }

    /// Of the certificate in the configuration, SHA-256, as SDP writes it.
    pub fn fingerprint(&self) -> Fingerprint {
        todo!()
    }

    pub fn handle(&mut self, _now: Instant, _input: Input<'_>) {
        todo!()
    }

    pub fn poll(&mut self, _now: Instant) -> Output<'_> {
        todo!()
    }
}
