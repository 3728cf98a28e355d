//! Publishers, many viewers, a window of time: what came through, and what it cost the forwarding process.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::limit::{self, Participant};
use crate::peer::Peer;
use crate::sdp::Role;
use crate::signalling::Signalling;
use crate::socket::Offload;
use crate::source::Media;
use crate::token;
use crate::watch::{Cpu, rss};
use crate::world::{ClientId, World, since_unix};

/// For packets that are under way when the window closes, and for any that come twice.
const DRAIN: Duration = Duration::from_millis(200);
const MAX_DRAIN: Duration = Duration::from_secs(3);
const PUBLISHER_SSRC: u32 = 0x1000;

/// Where the packets go.
#[derive(Debug, Clone)]
pub enum Target {
    Server { url: String, secret: String, room: String },
    Limit { address: SocketAddr },
}

#[derive(Debug, Clone)]
pub struct Throughput {
    pub target: Target,
    pub publishers: u32,
    pub viewers: u32,
    pub media: Media,
    pub warm_up: Duration,
    pub window: Duration,
    pub offload: Offload,
    /// The process that forwards.
    pub watch: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ThroughputReport {
    pub seconds: f64,
    pub packets_sent: u64,
    pub packets_received: u64,
    pub packets_lost: i64,
    pub packets_repeated: u64,
    pub packets_unverified: u64,
    pub latency_p50: Option<f64>,
    pub latency_p99: Option<f64>,
    pub cpu: Cpu,
    pub rss: u64,
    /// Of the load generator itself: near 1, it and not the server was the bottleneck.
    pub load_cpu_share: f64,
}

impl Throughput {
    pub fn run(&self) -> Result<ThroughputReport, String> {
        let mut world = World::new(self.offload)?;
        for number in 0..self.publishers {
            let id = self.publisher(&mut world, number)?;
            world.run_until(id, Peer::is_connected)?;
        }
        for number in 0..self.viewers {
            let id = self.viewer(&mut world, number)?;
            let streams = self.publishers as usize;
            world.run_until(id, |peer| peer.streams() >= streams)?;
        }
        world.run_for(self.warm_up)?;
        self.measure(&mut world)
    }

    fn measure(&self, world: &mut World) -> Result<ThroughputReport, String> {
        let own = std::process::id();
        let (opened, own_before) = (since_unix(), Cpu::of(own)?);
        let before = Cpu::of(self.watch)?;
        world.meter.open(opened.as_nanos() as u64);
        world.run_for(self.window)?;
        let after = Cpu::of(self.watch)?;
        let closed = since_unix();
        world.meter.close(closed.as_nanos() as u64);
        let own_after = Cpu::of(own)?;
        let rss = rss(self.watch)?;
        let late = Instant::now() + MAX_DRAIN;
        let expected = world.meter.totals().sent * self.receivers();
        while world.meter.totals().received < expected && Instant::now() < late {
            world.run_for(DRAIN)?;
        }
        world.run_for(DRAIN)?;

        let totals = world.meter.totals();
        let seconds = (closed - opened).as_secs_f64();
        Ok(ThroughputReport {
            seconds,
            packets_sent: totals.sent,
            packets_received: totals.received,
            packets_lost: expected as i64 - totals.received as i64,
            packets_repeated: totals.repeated,
            packets_unverified: totals.unverified,
            latency_p50: totals.latency_p50,
            latency_p99: totals.latency_p99,
            cpu: after.since(&before),
            rss,
            load_cpu_share: own_after.since(&own_before).process / seconds,
        })
    }

    /// Of each publisher. On a server the others are among them.
    fn receivers(&self) -> u64 {
        match self.target {
            Target::Server { .. } => u64::from(self.viewers + self.publishers - 1),
            Target::Limit { .. } => self.viewers.into(),
        }
    }

    fn publisher(&self, world: &mut World, number: u32) -> Result<ClientId, String> {
        let role = Role::Publish { kind: self.media.kind, ssrc: PUBLISHER_SSRC + number };
        self.join(world, role, &format!("publisher-{number}"), Participant::Publisher)
    }

    fn viewer(&self, world: &mut World, number: u32) -> Result<ClientId, String> {
        self.join(world, Role::View, &format!("viewer-{number}"), Participant::Viewer(number))
    }

    fn join(&self, world: &mut World, role: Role, name: &str, direct: Participant) -> Result<ClientId, String> {
        let now = Instant::now();
        match &self.target {
            Target::Server { url, secret, room } => {
                let user_type = if role == Role::View { "viewer" } else { "host" };
                let token = token::sign(secret, name, room, user_type).map_err(|error| error.to_string())?;
                let peer = Peer::new(role, Some(self.media), now);
                world.add(peer, Some(Signalling::connect(url, &token)?))
            }
            Target::Limit { address } => {
                let session = limit::session(direct)?;
                let id = world.add(Peer::direct(role, Some(self.media), session, *address, now), None)?;
                if let Participant::Viewer(number) = direct {
                    world.send(id, *address, &limit::registration(number))?;
                }
                Ok(id)
            }
        }
    }
}
