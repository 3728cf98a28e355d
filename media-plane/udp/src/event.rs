use std::sync::Arc;

use aqlinks_forwarder::Event;

/// Index of a worker, from 0.
pub type WorkerId = usize;

#[derive(Debug, Clone, PartialEq)]
pub enum PlaneEvent {
    Forwarder(Event),
    /// The worker's thread cannot go on; everything on it is lost.
    WorkerFailed {
        message: String,
    },
}

/// Takes the events of one round of a worker, in order. Called on the worker's thread: it must neither block nor panic.
pub type EventSink = Arc<dyn Fn(WorkerId, Vec<PlaneEvent>) + Send + Sync>;
