use std::io;
use std::thread;
use std::time::Instant;

use aqlinks_forwarder::{Event, Input, Output, WorkerStats};
use cpu_time::ThreadTime;
use mio::{Events, Interest, Poll, Token};

use crate::event::{EventSink, PlaneEvent, WorkerId};
use crate::inbox::{Inbox, Outbox, Taken, inbox};
use crate::mind::Mind;
use crate::rhythm::Rhythm;
use crate::socket::Socket;

const SOCKET: Token = Token(0);
const INBOX: Token = Token(1);

/// One worker's loop: wait, take everything in, give everything out.
pub(crate) struct Driver<M> {
    worker: WorkerId,
    mind: M,
    socket: Socket,
    poll: Poll,
    inbox: Inbox,
    sink: EventSink,
    events: Vec<PlaneEvent>,
}

impl<M: Mind> Driver<M> {
    pub(crate) fn new(worker: WorkerId, mind: M, mut socket: Socket, sink: EventSink) -> io::Result<(Self, Outbox)> {
        let poll = Poll::new()?;
        poll.registry().register(socket.source(), SOCKET, Interest::READABLE)?;
        let (outbox, inbox) = inbox(poll.registry(), INBOX)?;
        Ok((Self { worker, mind, socket, poll, inbox, sink, events: Vec::new() }, outbox))
    }

    /// Until the outbox is dropped or the socket fails.
    pub(crate) fn run(mut self) -> io::Result<()> {
        let cpu = ThreadTime::now();
        let mut ready = Events::with_capacity(4);
        let mut rhythm = Rhythm::new(Instant::now());
        let mut deadline = self.give(&cpu, Instant::now());
        let mut more = false;
        loop {
            match rhythm.rest() {
                _ if more => {}
                Some(until) => thread::sleep(until.min(deadline).saturating_duration_since(Instant::now())),
                None => self.wait(&mut ready, deadline)?,
            }
            let now = Instant::now();
            if now >= deadline {
                self.mind.handle(now, Input::Timeout);
            }
            let open = self.take_commands(now);
            // Asked even when only a timer or a command woke us: it costs one call and never misses a readiness.
            let reception = self.socket.receive(|run| self.mind.handle(now, Input::Datagrams(run)))?;
            more = reception.more;
            rhythm.round(now, reception.any);
            deadline = self.give(&cpu, now);
            if !open {
                return Ok(());
            }
        }
    }

    fn wait(&mut self, ready: &mut Events, deadline: Instant) -> io::Result<()> {
        match self.poll.poll(ready, Some(deadline.saturating_duration_since(Instant::now()))) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => Err(error),
            _ => Ok(()),
        }
    }

    /// Whether more can come.
    fn take_commands(&mut self, now: Instant) -> bool {
        loop {
            match self.inbox.take() {
                Taken::Commands(commands) => {
                    for command in commands {
                        self.mind.handle(now, Input::Command(command));
                    }
                }
                Taken::Nothing => return true,
                Taken::Closed => return false,
            }
        }
    }

    /// Sends what is to be sent, hands over the round's events, and says when time matters next.
    fn give(&mut self, cpu: &ThreadTime, now: Instant) -> Instant {
        let deadline = loop {
            match self.mind.poll(now) {
                Output::Datagrams(run) => self.socket.send(&run),
                Output::Event(Event::Stats { request, stats }) => {
                    let stats = with_counters(stats, &self.socket, cpu);
                    self.events.push(PlaneEvent::Forwarder(Event::Stats { request, stats }));
                }
                Output::Event(event) => self.events.push(PlaneEvent::Forwarder(event)),
                Output::Timeout(at) => break at,
            }
        };
        if !self.events.is_empty() {
            (self.sink)(self.worker, std::mem::take(&mut self.events));
        }
        deadline
    }
}

fn with_counters(mut stats: WorkerStats, socket: &Socket, cpu: &ThreadTime) -> WorkerStats {
    stats.send_calls = socket.counters.send_calls;
    stats.receive_calls = socket.counters.receive_calls;
    stats.cpu_seconds = cpu.elapsed().as_secs_f64();
    stats.dropped.send_buffer_full = socket.counters.send_buffer_full;
    stats
}
