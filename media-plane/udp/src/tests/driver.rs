use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use aqlinks_forwarder::{Command, Event, Input, Output, Remote, Run, WorkerStats};

use super::loopbacks;
use crate::driver::{Driver, Sockets};
use crate::event::PlaneEvent;
use crate::inbox::Outbox;
use crate::mind::Mind;
use crate::socket::Socket;
use crate::tcp::TcpSocket;

pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Sends every run back where it came from, answers `collect-stats`, and names the transports that time or a command
/// has ended.
#[derive(Default)]
pub(super) struct Echo {
    runs: VecDeque<(Remote, Option<IpAddr>, Vec<u8>, usize)>,
    sending: Vec<u8>,
    events: VecDeque<Event>,
    /// One event, then.
    alarm: Option<Instant>,
}

impl Mind for Echo {
    fn handle(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Datagrams(run) => {
                self.runs.push_back((run.source, run.destination, run.contents.to_vec(), run.stride));
            }
            Input::Command(Command::CollectStats { request }) => {
                self.events.push_back(Event::Stats { request, stats: WorkerStats::default() });
            }
            Input::Command(Command::UnpublishTrack { track }) => self.events.push_back(Event::TrackStarted { track }),
            Input::Command(command) => panic!("no use for {command:?}"),
            Input::Handover(..) => panic!("no use for what others hand over"),
            Input::Timeout => {
                if self.alarm.take_if(|alarm| *alarm <= now).is_some() {
                    self.events.push_back(Event::TrackStarted { track: 0 });
                }
            }
        }
    }

    fn poll(&mut self, now: Instant) -> Output<'_> {
        if let Some((destination, source, contents, segment_size)) = self.runs.pop_front() {
            self.sending = contents;
            return Output::Datagrams(Run { destination, source, contents: &self.sending, segment_size });
        }
        match self.events.pop_front() {
            Some(event) => Output::Event(event),
            None => Output::Timeout(self.alarm.unwrap_or(now + Duration::from_secs(3_600))),
        }
    }
}

pub(super) struct Running {
    pub port: u16,
    outbox: Option<Outbox>,
    batches: Receiver<Vec<PlaneEvent>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn start(echo: Echo) -> Self {
        Self::start_with(echo, None)
    }

    pub(super) fn start_with(echo: Echo, tcp: Option<TcpSocket>) -> Self {
        let socket = Socket::bind(None, 0).expect("a free port");
        let port = socket.local().port();
        let (sender, batches) = channel();
        let sender = Mutex::new(sender);
        let sink = Arc::new(move |worker, batch| {
            assert_eq!(worker, 0);
            sender.lock().expect("no panic while locked").send(batch).ok();
        });
        let (driver, outbox) = Driver::new(0, echo, Sockets { udp: socket, tcp }, sink).expect("a driver");
        let thread = thread::spawn(move || driver.run().expect("a healthy socket"));
        Self { port, outbox: Some(outbox), batches, thread: Some(thread) }
    }

    fn send(&self, commands: Vec<Command>) {
        self.outbox.as_ref().expect("open").send(commands).expect("room for them");
    }

    fn batch(&self) -> Vec<PlaneEvent> {
        self.batches.recv_timeout(PATIENCE).expect("events")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.outbox = None;
        self.thread.take().expect("not joined yet").join().expect("no panic");
    }
}

fn client(ip: IpAddr) -> UdpSocket {
    let socket = UdpSocket::bind((ip, 0)).expect("a free port");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    socket
}

fn started(track: u32) -> PlaneEvent {
    PlaneEvent::Forwarder(Event::TrackStarted { track })
}

#[test]
fn what_comes_in_goes_out_over_both_families() {
    let running = Running::start(Echo::default());
    for ip in loopbacks() {
        let client = client(ip);
        let server = SocketAddr::new(ip, running.port);
        for round in 0..100_u32 {
            client.send_to(&round.to_be_bytes(), server).expect("sent");
            let mut buffer = [0; 16];
            let (length, source) = client.recv_from(&mut buffer).expect("an answer");
            assert_eq!((&buffer[..length], source), (&round.to_be_bytes()[..], server));
        }
    }
}

#[test]
fn a_burst_is_answered_in_full() {
    let running = Running::start(Echo::default());
    for ip in loopbacks() {
        let client = client(ip);
        let server = SocketAddr::new(ip, running.port);
        for index in 0..100_u8 {
            client.send_to(&[index; 400], server).expect("sent");
        }
        let mut answered = [false; 100];
        for _ in 0..100 {
            let mut buffer = [0; 500];
            let (length, _) = client.recv_from(&mut buffer).expect("an answer");
            assert_eq!(length, 400);
            answered[usize::from(buffer[0])] = true;
        }
        assert_eq!(answered, [true; 100]);
    }
}

#[test]
fn commands_wake_it_and_keep_their_order() {
    let running = Running::start(Echo::default());
    running.send((1..=3).map(|track| Command::UnpublishTrack { track }).collect());
    assert_eq!(running.batch(), [started(1), started(2), started(3)], "one batch in, one batch out");
    running.send(vec![Command::UnpublishTrack { track: 4 }]);
    assert_eq!(running.batch(), [started(4)]);
}

#[test]
fn time_wakes_it() {
    let alarm = Instant::now() + Duration::from_millis(20);
    let running = Running::start(Echo { alarm: Some(alarm), ..Echo::default() });
    assert_eq!(running.batch(), [started(0)]);
    assert!(Instant::now() >= alarm);
}

#[test]
fn what_waits_is_carried_out_before_the_end() {
    let mut running = Running::start(Echo::default());
    for track in 0..100 {
        running.send(vec![Command::UnpublishTrack { track }]);
    }
    running.outbox = None;
    let events: Vec<PlaneEvent> = running.batches.iter().flatten().collect();
    assert_eq!(events, (0..100).map(started).collect::<Vec<_>>());
}

#[test]
fn stats_hold_what_only_the_driver_knows() {
    let running = Running::start(Echo::default());
    let client = client(loopbacks()[0]);
    client.send_to(b"x", SocketAddr::new(loopbacks()[0], running.port)).expect("sent");
    client.recv_from(&mut [0; 4]).expect("an answer");
    running.send(vec![Command::CollectStats { request: 9 }]);
    let batch = running.batch();
    let [PlaneEvent::Forwarder(Event::Stats { request: 9, stats })] = &batch[..] else { panic!("{batch:?}") };
    assert_eq!(stats.send_calls, 1);
    assert!(stats.receive_calls >= 1);
    assert!(stats.cpu_seconds > 0.0 && stats.cpu_seconds < 1.0, "{}", stats.cpu_seconds);
    assert_eq!(stats.dropped.send_buffer_full, 0);
}

#[test]
fn a_full_inbox_refuses_instead_of_growing() {
    // Never run: nothing takes the commands.
    let socket = Socket::bind(None, 0).expect("a free port");
    let (driver, outbox) =
        Driver::new(0, Echo::default(), Sockets { udp: socket, tcp: None }, Arc::new(|_, _| ())).expect("a driver");
    let accepted = (0..100_000).take_while(|_| outbox.send(vec![]).is_ok()).count();
    assert_eq!(accepted, 65_536);
    drop(driver);
}

#[test]
fn a_worker_that_has_ended_ignores_its_commands() {
    let socket = Socket::bind(None, 0).expect("a free port");
    let (driver, outbox) =
        Driver::new(0, Echo::default(), Sockets { udp: socket, tcp: None }, Arc::new(|_, _| ())).expect("a driver");
    drop(driver);
    assert!((0..100_000).all(|_| outbox.send(vec![]).is_ok()));
}
