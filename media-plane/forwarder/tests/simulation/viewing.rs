//! What one person receives of one track, and what must be true of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use aqlinks_forwarder::Kind;

use crate::stream::Content;

/// From the arrival of a packet at the worker to its leaving for a viewer, pacing and all.
const PROMPT: Duration = Duration::from_millis(150);
/// Asked for at most so often.
const REQUESTS: u8 = 8;

pub struct Viewing {
    pub subscription: u32,
    pub track: u32,
    pub kind: Kind,
    pub ssrc: u32,
    pub rtx_ssrc: Option<u32>,
    /// The first packet: index at the viewer, number at the publisher.
    first: Option<(u64, u32)>,
    /// Numbers that must be sent, and since when.
    due: BTreeMap<u32, Instant>,
    sent: BTreeSet<u32>,
    /// At the viewer: newest index, and what is missing below it with the times that it was asked for.
    newest: Option<u64>,
    missing: BTreeMap<u64, u8>,
    pub broken: bool,
}

impl Viewing {
    pub fn new(subscription: u32, (track, kind): (u32, Kind), (ssrc, rtx_ssrc): (u32, Option<u32>)) -> Self {
        Self {
            subscription,
            track,
            kind,
            ssrc,
            rtx_ssrc,
            first: None,
            due: BTreeMap::new(),
            sent: BTreeSet::new(),
            newest: None,
            missing: BTreeMap::new(),
            broken: false,
        }
    }

    /// A packet of the track reached the worker: who watches it gets it.
    pub fn expect(&mut self, now: Instant, number: u32) {
        if self.first.is_some_and(|(_, first)| number >= first) && !self.sent.contains(&number) {
            self.due.insert(number, now);
        }
    }

    /// The worker sent a packet, on its own or by RTX.
    pub fn see_sent(&mut self, index: u64, content: &Content) {
        let (first_index, first_number) = *self.first.get_or_insert_with(|| {
            assert!(self.kind == Kind::Audio || content.begins_key_frame, "a picture begins with a key frame");
            (index, content.number)
        });
        let (place, number) = (index as i64 - first_index as i64, i64::from(content.number) - i64::from(first_number));
        assert_eq!(place, number, "the numbers have a gap or are out of order in subscription {}", self.subscription);
        self.due.remove(&content.number);
        self.sent.insert(content.number);
    }

    /// At every step.
    pub fn check(&self, now: Instant) {
        if let Some((number, since)) = self.due.iter().find(|(_, since)| now > **since + PROMPT) {
            let late = now - *since;
            panic!("subscription {}: packet {number} came {late:?} ago and was not sent", self.subscription);
        }
    }

    /// It reached the viewer.
    pub fn arrive(&mut self, index: u64) {
        let newest = *self.newest.get_or_insert(index);
        if index > newest {
            self.missing.extend((newest + 1..index).map(|lost| (lost, 0)));
            self.newest = Some(index);
        }
        self.missing.remove(&index);
    }

    /// What the viewer asks for now.
    pub fn nack(&mut self) -> Vec<u16> {
        let asked = self.missing.len();
        self.missing.retain(|_, requests| *requests < REQUESTS);
        self.broken |= self.missing.len() < asked;
        for requests in self.missing.values_mut() {
            *requests += 1;
        }
        self.missing.keys().take(50).map(|index| *index as u16).collect()
    }
}
