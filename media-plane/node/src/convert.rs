use std::net::{IpAddr, SocketAddr};

use aqlinks_forwarder::{Command, Event, Fingerprint};
use aqlinks_udp::{MediaPlane, Options, PlaneEvent, WorkerId};
use serde::{Deserialize, Serialize};

use crate::log::Level;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StartOptions {
    workers: usize,
    port: u16,
    bind: Option<IpAddr>,
    addresses: Vec<IpAddr>,
    #[serde(default)]
    tcp: bool,
    #[serde(default)]
    announced_port: Option<u16>,
    #[serde(default)]
    log_level: Level,
}

pub(crate) fn options(text: &str) -> serde_json::Result<(Options, Level)> {
    let StartOptions { workers, port, bind, addresses, tcp, announced_port, log_level } = serde_json::from_str(text)?;
    Ok((Options { workers, port, bind, addresses, tcp, announced_port }, log_level))
}

pub(crate) fn commands(text: &str) -> serde_json::Result<Vec<Command>> {
    serde_json::from_str(text)
}

#[derive(Serialize)]
struct Description<'a> {
    fingerprint: &'a Fingerprint,
    workers: Vec<Worker>,
}

#[derive(Serialize)]
struct Worker {
    addresses: Vec<Address>,
    tcp: bool,
}

#[derive(Serialize)]
struct Address {
    ip: IpAddr,
    port: u16,
}

pub(crate) fn description(plane: &MediaPlane) -> napi::Result<String> {
    let address = |address: &SocketAddr| Address { ip: address.ip(), port: address.port() };
    text(&Description {
        fingerprint: plane.fingerprint(),
        workers: plane
            .workers()
            .map(|addresses| Worker { addresses: addresses.iter().map(address).collect(), tcp: plane.takes_tcp() })
            .collect(),
    })
}

#[derive(Serialize)]
struct Told<'a> {
    worker: WorkerId,
    #[serde(flatten)]
    what: What<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum What<'a> {
    Forwarder(&'a Event),
    Failed(Failed<'a>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "worker-failed")]
struct Failed<'a> {
    message: &'a str,
}

pub(crate) fn events(batch: &[(WorkerId, PlaneEvent)]) -> napi::Result<String> {
    text(&batch.iter().map(|(worker, event)| Told { worker: *worker, what: what(event) }).collect::<Vec<_>>())
}

fn what(event: &PlaneEvent) -> What<'_> {
    match event {
        PlaneEvent::Forwarder(event) => What::Forwarder(event),
        PlaneEvent::WorkerFailed { message } => What::Failed(Failed { message }),
    }
}

fn text(value: &impl Serialize) -> napi::Result<String> {
    serde_json::to_string(value).map_err(|error| napi::Error::from_reason(error.to_string()))
}
