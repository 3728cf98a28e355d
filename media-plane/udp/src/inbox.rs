use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

use aqlinks_forwarder::Command;
use mio::{Registry, Token, Waker};

/// Batches of commands that wait for one worker. Closing a room of thousands sends as many in one go, while the worker may
/// not get a core; one that leaves this many lying has hung.
const CAPACITY: usize = 65_536;

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
    commands: Sender<Vec<Command>>,
    waiting: Arc<AtomicUsize>,
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
    waiting: Arc<AtomicUsize>,
    waker: Arc<Waker>,
}

pub(crate) fn inbox(registry: &Registry, token: Token) -> io::Result<(Outbox, Inbox)> {
    let (sender, commands) = channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let waker = Arc::new(Waker::new(registry, token)?);
    let outbox = Outbox { commands: sender, waiting: waiting.clone(), waker: WakeOnDrop(waker.clone()) };
    Ok((outbox, Inbox { commands, waiting, waker }))
}

pub(crate) enum Taken {
    Commands(Vec<Command>),
    Nothing,
    Closed,
}

impl Outbox {
    /// `Err` when the queue is full. A worker that has ended ignores its commands: its failure was reported already.
    pub(crate) fn send(&self, commands: Vec<Command>) -> Result<(), ()> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= CAPACITY {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(());
        }
        if self.commands.send(commands).is_ok() {
            self.waker.0.wake().ok();
        } else {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

impl Inbox {
    /// Wakes this worker, for whoever has something else for it.
    pub(crate) fn waker(&self) -> Arc<Waker> {
        self.waker.clone()
    }

    pub(crate) fn take(&self) -> Taken {
        match self.commands.try_recv() {
            Ok(commands) => {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                Taken::Commands(commands)
            }
            Err(TryRecvError::Empty) => Taken::Nothing,
            Err(TryRecvError::Disconnected) => Taken::Closed,
        }
    }
}
