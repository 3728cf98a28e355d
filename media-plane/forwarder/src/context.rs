//! What a transport may touch besides itself while it is served.

use std::collections::VecDeque;
use std::time::Instant;

use crate::event::{Dropped, Event};
use crate::outbox::Outbox;
use crate::random::Random;
use crate::relay::Relays;
use crate::subscription::Subscriber;
use crate::timers::Timers;
use crate::track::Tracks;
use crate::transport::TransportKey;

pub(crate) struct Context<'a> {
    pub now: Instant,
    pub tracks: &'a mut Tracks,
    pub effects: &'a mut Effects,
}

/// Where the work's results gather until the driver takes them.
pub(crate) struct Effects {
    pub outbox: Outbox,
    pub events: VecDeque<Event>,
    /// Whose viewers are to be told that the publisher ended the stream.
    pub ended: Vec<Subscriber>,
    pub timers: Timers,
    /// Transports with something to send, in the order of asking; one may be there several times.
    pub wake: Vec<TransportKey>,
    pub counters: Counters,
    pub random: Random,
    pub relays: Relays,
    /// For a datagram in the making; empty between uses.
    pub scratch: Vec<u8>,
}

/// Of the whole worker, since its start.
#[derive(Default)]
pub(crate) struct Counters {
    pub datagrams_received: u64,
    pub bytes_received: u64,
    pub packets_forwarded: u64,
    pub key_frames_requested: u64,
    pub nacks_received: u64,
    pub nacks_sent: u64,
    pub retransmissions_sent: u64,
    pub dropped: Dropped,
}

impl Effects {
    pub fn new(now: Instant, seed: u64) -> Self {
        Self {
            outbox: Outbox::new(),
            events: VecDeque::new(),
            ended: Vec::new(),
            timers: Timers::new(now),
            wake: Vec::new(),
            counters: Counters::default(),
            random: Random::new(seed),
            relays: Relays::default(),
            scratch: Vec::with_capacity(2048),
        }
    }
}
