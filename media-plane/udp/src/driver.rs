use std::io;
use std::thread;
use std::time::{Duration, Instant};

use aqlinks_forwarder::{Event, Input, Output, Protocol, Run, WorkerStats};
use cpu_time::ThreadTime;
use mio::{Events, Interest, Poll, Registry, Token};

use crate::event::{EventSink, PlaneEvent, WorkerId};
use crate::inbox::{Inbox, Outbox, Taken, inbox};
use crate::mind::Mind;
use crate::neighbours::{Door, Neighbours};
use crate::rhythm::Rhythm;
use crate::socket::Socket;
use crate::tcp::TcpSocket;

const SOCKET: Token = Token(0);
const INBOX: Token = Token(1);
/// Taken in one round, so that neighbours' floods keep nobody waiting.
const HANDOVERS: usize = 64;

/// One worker's loop: wait, take everything in, give everything out.
pub(crate) struct Driver<M> {
    worker: WorkerId,
    mind: M,
    sockets: Sockets,
    poll: Poll,
    inbox: Inbox,
    neighbours: Neighbours,
    sink: EventSink,
    events: Vec<PlaneEvent>,
}

/// What one worker receives on and sends with.
pub(crate) struct Sockets {
    pub(crate) udp: Socket,
    pub(crate) tcp: Option<TcpSocket>,
}

impl Sockets {
    fn register(&mut self, registry: &Registry) -> io::Result<()> {
        registry.register(self.udp.source(), SOCKET, Interest::READABLE)?;
        self.tcp.as_mut().map_or(Ok(()), |tcp| tcp.register(registry))
    }

    fn send(&mut self, run: &Run<'_>) {
        match (run.destination.protocol, &mut self.tcp) {
            (Protocol::Udp, _) => self.udp.send(run),
            (Protocol::Tcp, Some(tcp)) => tcp.send(run),
            (Protocol::Tcp, None) => {}
        }
    }
}

impl<M: Mind> Driver<M> {
    pub(crate) fn new(worker: WorkerId, mind: M, mut sockets: Sockets, sink: EventSink) -> io::Result<(Self, Outbox)> {
        let poll = Poll::new()?;
        sockets.register(poll.registry())?;
        let (outbox, inbox) = inbox(poll.registry(), INBOX)?;
        let neighbours = Neighbours::new(inbox.waker());
        Ok((Self { worker, mind, sockets, poll, inbox, neighbours, sink, events: Vec::new() }, outbox))
    }

    /// Where other workers hand over.
    pub(crate) fn door(&self) -> Door {
        self.neighbours.door()
    }

    /// Doors of all workers, in order.
    pub(crate) fn meet(&mut self, doors: &[Door]) {
        self.neighbours.meet(doors);
    }

    /// Until the outbox is dropped or the socket fails.
    pub(crate) fn run(mut self) -> io::Result<()> {
        let cpu = ThreadTime::now();
        let mut ready = Events::with_capacity(64);
        let mut rhythm = Rhythm::new(Instant::now());
        let mut deadline = self.give(&cpu, Instant::now());
        let mut more = false;
        loop {
            match rhythm.rest() {
                _ if more => self.wait(&mut ready, None)?,
                Some(until) => {
                    thread::sleep(until.min(deadline).saturating_duration_since(Instant::now()));
                    self.wait(&mut ready, None)?;
                }
                None => self.wait(&mut ready, Some(deadline))?,
            }
            let now = Instant::now();
            if now >= deadline {
                self.mind.handle(now, Input::Timeout);
            }
            let open = self.take_commands(now);
            let handed_over = self.take_handovers(now);
            // Asked even when only a timer or a command woke us: it costs one call and never misses a readiness.
            let reception = self.sockets.udp.receive(|run| self.mind.handle(now, Input::Datagrams(run)))?;
            more = reception.more | self.receive_tcp(now, &ready) | (handed_over == HANDOVERS);
            rhythm.round(now, reception.any || handed_over > 0);
            deadline = self.give(&cpu, now);
            if !open {
                return Ok(());
            }
        }
    }

    /// Until something is ready or the deadline; `None`: only asks what is ready, and not even that without TCP.
    fn wait(&mut self, ready: &mut Events, deadline: Option<Instant>) -> io::Result<()> {
        if deadline.is_none() && self.sockets.tcp.is_none() {
            return Ok(());
        }
        let timeout = deadline.map_or(Duration::ZERO, |at| at.saturating_duration_since(Instant::now()));
        match self.poll.poll(ready, Some(timeout)) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => Err(error),
            _ => Ok(()),
        }
    }

    /// True: more may wait.
    fn receive_tcp(&mut self, now: Instant, ready: &Events) -> bool {
        let Some(tcp) = &mut self.sockets.tcp else { return false };
        for event in ready {
            tcp.ready(now, self.poll.registry(), event);
        }
        tcp.look(now);
        tcp.receive(now, |datagram| self.mind.handle(now, Input::Datagrams(datagram)))
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

    /// How many there were.
    fn take_handovers(&mut self, now: Instant) -> usize {
        let mut count = 0;
        for _ in 0..HANDOVERS {
            let Some((from, handover)) = self.neighbours.take() else { break };
            self.mind.handle(now, Input::Handover(from, handover));
            count += 1;
        }
        count
    }

    /// Sends what is to be sent, hands over the round's events, and says when time matters next.
    fn give(&mut self, cpu: &ThreadTime, now: Instant) -> Instant {
        let deadline = loop {
            match self.mind.poll(now) {
                Output::Datagrams(run) => self.sockets.send(&run),
                Output::Event(Event::Stats { request, stats }) => {
                    let mut stats = with_counters(stats, &self.sockets, cpu);
                    stats.dropped.relay_full += self.neighbours.dropped;
                    self.events.push(PlaneEvent::Forwarder(Event::Stats { request, stats }));
                }
                Output::Event(event) => self.events.push(PlaneEvent::Forwarder(event)),
                Output::Handover(to, handover) => self.neighbours.give(self.worker, to, handover),
                Output::Timeout(at) => break at,
            }
        };
        if !self.events.is_empty() {
            (self.sink)(self.worker, std::mem::take(&mut self.events));
        }
        match self.sockets.tcp.as_ref().and_then(TcpSocket::look_at) {
            Some(at) => deadline.min(at),
            None => deadline,
        }
    }
}

fn with_counters(mut stats: WorkerStats, Sockets { udp, tcp }: &Sockets, cpu: &ThreadTime) -> WorkerStats {
    stats.send_calls = udp.counters.send_calls;
    stats.receive_calls = udp.counters.receive_calls;
    stats.cpu_seconds = cpu.elapsed().as_secs_f64();
    stats.dropped.send_buffer_full = udp.counters.send_buffer_full + tcp.as_ref().map_or(0, |tcp| tcp.dropped);
    stats
}
