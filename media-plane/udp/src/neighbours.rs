//! The way between workers: what they hand over to one another, in bounded queues that nobody waits at.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use aqlinks_forwarder::Handover;
use mio::Waker;

use crate::event::WorkerId;

/// Handovers that wait for one worker; each is what came in one round of another. At a round a millisecond, the time of
/// a quarter of a second: a worker that is later than that has no use for them.
const CAPACITY: usize = 256;

/// Of one worker, for the others.
#[derive(Clone)]
pub(crate) struct Door {
    sender: SyncSender<(WorkerId, Handover)>,
    waker: Arc<Waker>,
}

/// A worker's own end, and the others' doors.
pub(crate) struct Neighbours {
    receiver: Receiver<(WorkerId, Handover)>,
    own: Door,
    doors: Vec<Door>,
    /// Packets that a neighbour did not take in time.
    pub(crate) dropped: u64,
}

impl Neighbours {
    /// None yet.
    pub(crate) fn new(waker: Arc<Waker>) -> Self {
        let (sender, receiver) = sync_channel(CAPACITY);
        Self { receiver, own: Door { sender, waker }, doors: Vec::new(), dropped: 0 }
    }

    pub(crate) fn door(&self) -> Door {
        self.own.clone()
    }

    /// Doors of all workers, in order; one's own is never used.
    pub(crate) fn meet(&mut self, doors: &[Door]) {
        self.doors = doors.to_vec();
    }

    pub(crate) fn take(&self) -> Option<(WorkerId, Handover)> {
        self.receiver.try_recv().ok()
    }

    pub(crate) fn give(&mut self, from: WorkerId, to: WorkerId, handover: Handover) {
        let Some(door) = self.doors.get(to) else { return };
        match door.sender.try_send((from, handover)) {
            Ok(()) => drop(door.waker.wake()),
            Err(TrySendError::Full((_, handover))) => self.dropped += handover.packets(),
            Err(TrySendError::Disconnected(_)) => {} // it has ended, which was reported
        }
    }
}
