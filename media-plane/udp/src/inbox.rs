use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};

use aqlinks_forwarder::Command;
use mio::{Registry, Token, Waker};

/// Batches of commands that wait for one worker. The control plane sends one a decision; a worker that leaves this many
/// lying has hung.
const CAPACITY: usize = 1_024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("there is no worker {0}")]
    NoSuchWorker(usize),
    #[error("worker {0} does not take its commands: {CAPACITY} batches wait")]
    Full(usize),
}

/// The control plane's end. Dropping it closes the inbox: the worker carries out what waits, then ends.
pub(crate) struct Outbox {
    /// Declared before the waker, so that it is dropped before the last wake-up.
    commands: SyncSender<Vec<Command>>,
    waker: WakeOnDrop,
}

/// Shared with the inbox: a waker that is gone before the poller returns has woken nobody.
struct WakeOnDrop(Arc<Waker>);

impl Drop for WakeOnDrop {
    fn drop(&mut self) {
        self.0.wake().ok();
    }
}

/// The worker's end.
pub(crate) struct Inbox {
    commands: Receiver<Vec<Command>>,
    _waker: Arc<Waker>,
}

pub(crate) fn inbox(registry: &Registry, token: Token) -> io::Result<(Outbox, Inbox)> {
    let (commands, receiver) = sync_channel(CAPACITY);
    let waker = Arc::new(Waker::new(registry, token)?);
    Ok((Outbox { commands, waker: WakeOnDrop(waker.clone()) }, Inbox { commands: receiver, _waker: waker }))
}

pub(crate) enum Taken {
    Commands(Vec<Command>),
    Nothing,
    Closed,
}

impl Outbox {
    /// `Err` when the queue is full. A worker that has ended ignores its commands: its failure was reported already.
    pub(crate) fn send(&self, commands: Vec<Command>) -> Result<(), ()> {
        match self.commands.try_send(commands) {
            Ok(()) => {
                self.waker.0.wake().ok();
                Ok(())
            }
            Err(TrySendError::Disconnected(_)) => Ok(()),
            Err(TrySendError::Full(_)) => Err(()),
        }
    }
}

impl Inbox {
    pub(crate) fn take(&self) -> Taken {
        match self.commands.try_recv() {
            Ok(commands) => Taken::Commands(commands),
            Err(TryRecvError::Empty) => Taken::Nothing,
            Err(TryRecvError::Disconnected) => Taken::Closed,
        }
    }
}
