//! How long it takes to join: from opening the socket (TCP, WebSocket upgrade, token, offer and answer, ICE, DTLS) to
//! the first packet of media that verifies, while somebody publishes.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::peer::Peer;
use crate::sdp::{Kind, Role};
use crate::signalling::Signalling;
use crate::socket::Offload;
use crate::source::Media;
use crate::token;
use crate::world::World;

/// Between one viewer's end and the next one's beginning, a time that is no multiple of the publisher's 33 ms.
const PAUSE: Duration = Duration::from_millis(47);
const MEDIA: Media = Media { kind: Kind::Video, frames_per_second: 30, packets_per_frame: 4, payload: 1100 };

#[derive(Debug, Clone)]
pub struct Join {
    pub url: String,
    pub secret: String,
    pub room: String,
    pub joins: u32,
}

/// Milliseconds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinReport {
    pub joins: usize,
    pub p50: f64,
    pub p95: f64,
    pub max: f64,
    /// The part of it until DTLS is done; the rest is the wait for the publisher's next packet.
    pub connected_p50: f64,
}

impl Join {
    pub fn run(&self) -> Result<JoinReport, String> {
        let mut world = World::new(Offload::default())?;
        let publish = Role::Publish { kind: MEDIA.kind, ssrc: 0x1000 };
        let publisher =
            world.add(Peer::new(publish, Some(MEDIA), Instant::now()), Some(self.connect("publisher", "host")?))?;
        world.run_until(publisher, Peer::is_connected)?;
        world.run_for(Duration::from_millis(500))?;

        let (mut first_media, mut connected) = (Vec::new(), Vec::new());
        for number in 0..self.joins {
            let begun = Instant::now();
            let signalling = self.connect(&format!("viewer-{number}"), "viewer")?;
            let id = world.add(Peer::new(Role::View, None, begun), Some(signalling))?;
            world.run_until(id, Peer::is_connected)?;
            connected.push(begun.elapsed().as_secs_f64() * 1e3);
            world.run_until(id, |peer| peer.first_media().is_some())?;
            let first = world.peer(id)?.first_media().unwrap_or(begun);
            first_media.push((first - begun).as_secs_f64() * 1e3);
            world.remove(id)?;
            world.run_for(PAUSE)?;
        }
        Ok(JoinReport {
            joins: first_media.len(),
            p50: quantile(&mut first_media, 0.5),
            p95: quantile(&mut first_media, 0.95),
            max: quantile(&mut first_media, 1.0),
            connected_p50: quantile(&mut connected, 0.5),
        })
    }

    fn connect(&self, name: &str, user_type: &str) -> Result<Signalling, String> {
        let token = token::sign(&self.secret, name, &self.room, user_type).map_err(|error| error.to_string())?;
        Signalling::connect(&self.url, &token)
    }
}

/// Of at least one value.
fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (values.len() as f64 * share).ceil() as usize;
    values.get(rank.max(1) - 1).copied().unwrap_or(f64::NAN)
}
