use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use aqlinks_forwarder::{Protocol, Remote, Run};
use mio::{Events, Poll};

use super::driver::{Echo, PATIENCE, Running};
use super::loopbacks;
use crate::tcp::TcpSocket;

fn framed(datagram: &[u8]) -> Vec<u8> {
    [&u16::try_from(datagram.len()).expect("short").to_be_bytes(), datagram].concat()
}

fn next(stream: &mut TcpStream) -> Vec<u8> {
    let mut len = [0; 2];
    stream.read_exact(&mut len).expect("a length");
    let mut datagram = vec![0; usize::from(u16::from_be_bytes(len))];
    stream.read_exact(&mut datagram).expect("a datagram");
    datagram
}

fn connect(ip: IpAddr, port: u16) -> TcpStream {
    let stream = TcpStream::connect((ip, port)).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream
}

/// A socket with its poller, looked at by hand: time is what the test says.
struct Bare {
    tcp: TcpSocket,
    poll: Poll,
    received: Vec<(Remote, Vec<u8>)>,
}

impl Bare {
    fn new(now: Instant) -> Self {
        let mut tcp = TcpSocket::bind(Some(Ipv4Addr::LOCALHOST.into()), 0, now).expect("a free port");
        let poll = Poll::new().expect("a poller");
        tcp.register(poll.registry()).expect("registered");
        Self { tcp, poll, received: Vec::new() }
    }

    fn connect(&self) -> TcpStream {
        connect(Ipv4Addr::LOCALHOST.into(), self.tcp.port())
    }

    /// Until it holds.
    fn run(&mut self, now: Instant, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut ready = Events::with_capacity(16);
        while !holds(self) {
            assert!(Instant::now() < deadline, "it never came to hold");
            self.poll.poll(&mut ready, Some(Duration::from_millis(10))).expect("polled");
            for event in &ready {
                self.tcp.ready(now, self.poll.registry(), event);
            }
            let received = &mut self.received;
            while self.tcp.receive(now, |datagram| received.push((datagram.source, datagram.contents.to_vec()))) {}
        }
    }
}

#[test]
fn datagrams_come_and_go_framed_by_their_length() {
    let tcp = TcpSocket::bind(None, 0, Instant::now()).expect("a free port");
    let port = tcp.port();
    let _running = Running::start_with(Echo::default(), Some(tcp));
    for ip in loopbacks() {
        let mut stream = connect(ip, port);
        // Two in one piece; then one in pieces.
        stream.write_all(&[framed(b"first"), framed(b"second")].concat()).expect("sent");
        assert_eq!((next(&mut stream), next(&mut stream)), (b"first".to_vec(), b"second".to_vec()));
        for byte in framed(b"third") {
            stream.write_all(&[byte]).expect("sent");
        }
        assert_eq!(next(&mut stream), b"third");
        for round in 0..200_u32 {
            stream.write_all(&framed(&round.to_be_bytes())).expect("sent");
            assert_eq!(next(&mut stream), round.to_be_bytes());
        }
    }
}

#[test]
fn a_frame_beyond_any_datagram_ends_its_connection() {
    let now = Instant::now();
    let mut bare = Bare::new(now);
    let mut stream = bare.connect();
    bare.run(now, |bare| bare.tcp.connections() == 1);
    stream.write_all(&[0xff, 0xff, 1]).expect("sent");
    bare.run(now, |bare| bare.tcp.connections() == 0);
    assert_eq!(stream.read(&mut [0; 1]).ok(), Some(0));
}

#[test]
fn who_shows_no_password_in_time_is_closed_and_so_is_who_falls_silent() {
    let start = Instant::now();
    let mut bare = Bare::new(start);
    let _silent = bare.connect();
    let mut answered = bare.connect();
    answered.write_all(&framed(b"check")).expect("sent");
    bare.run(start, |bare| bare.tcp.connections() == 2 && bare.received.len() == 1);
    let (destination, _) = bare.received[0];
    bare.tcp.send(&Run { destination, source: None, contents: b"yes", segment_size: 3 });
    assert_eq!(next(&mut answered), b"yes");
    bare.tcp.look(start + Duration::from_secs(9));
    assert_eq!(bare.tcp.connections(), 2);
    bare.tcp.look(start + Duration::from_secs(11));
    assert_eq!(bare.tcp.connections(), 1);
    bare.tcp.look(start + Duration::from_secs(61));
    assert_eq!(bare.tcp.connections(), 0);
}

#[test]
fn a_flood_of_connections_makes_room_for_itself_only() {
    let start = Instant::now();
    let mut bare = Bare::new(start);
    let mut good = bare.connect();
    good.write_all(&framed(b"check")).expect("sent");
    bare.run(start, |bare| bare.received.len() == 1);
    let (destination, _) = bare.received[0];
    bare.tcp.send(&Run { destination, source: None, contents: b"yes", segment_size: 3 });
    let mut flood = Vec::new();
    for count in 1..=400 {
        flood.push(bare.connect());
        bare.run(start, move |bare| bare.tcp.connections() == 1 + count.min(256));
    }
    assert_eq!(next(&mut good), b"yes");
    good.write_all(&framed(b"again")).expect("sent");
    bare.run(start, |bare| bare.received.len() == 2);
}

#[test]
fn a_peer_that_does_not_read_loses_whole_datagrams_and_nothing_else() {
    let start = Instant::now();
    let mut bare = Bare::new(start);
    let mut slow = bare.connect();
    slow.write_all(&framed(b"check")).expect("sent");
    bare.run(start, |bare| bare.received.len() == 1);
    let (destination, _) = bare.received[0];
    assert_eq!(destination.protocol, Protocol::Tcp);
    let mut sent = 0_u64;
    while bare.tcp.dropped == 0 {
        let contents: Vec<u8> = (0..10).flat_map(|index| [(sent + index) as u8; 1_000]).collect();
        bare.tcp.send(&Run { destination, source: None, contents: &contents, segment_size: 1_000 });
        sent += 10;
        assert!(sent < 1_000_000, "what waits has no bound");
    }
    let whole = sent - bare.tcp.dropped;
    let reader = std::thread::spawn(move || {
        for _ in 0..whole {
            let datagram = next(&mut slow);
            assert!(datagram.len() == 1_000 && datagram.iter().all(|byte| *byte == datagram[0]));
        }
    });
    bare.run(start, |_| reader.is_finished());
    reader.join().expect("every datagram whole");
}
