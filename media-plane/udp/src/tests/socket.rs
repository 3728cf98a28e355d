use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use aqlinks_forwarder::Run;
use mio::{Events, Interest, Poll, Token};

use super::loopbacks;
use crate::socket::Socket;

/// What one receive of the kernel brought.
#[derive(Debug, PartialEq)]
struct Seen {
    source: SocketAddr,
    destination: Option<IpAddr>,
    contents: Vec<u8>,
    stride: usize,
}

fn receive(socket: &mut Socket, bytes: usize) -> Vec<Seen> {
    let mut poll = Poll::new().expect("a poller");
    poll.registry().register(socket.source(), Token(0), Interest::READABLE).expect("registered");
    let mut events = Events::with_capacity(1);
    let mut seen: Vec<Seen> = Vec::new();
    while seen.iter().map(|run| run.contents.len()).sum::<usize>() < bytes {
        poll.poll(&mut events, Some(Duration::from_secs(5))).expect("polled");
        assert!(!events.is_empty(), "only {seen:?} came");
        let reception = socket.receive(|run| {
            seen.push(Seen {
                source: run.source.address,
                destination: run.destination,
                contents: run.contents.to_vec(),
                stride: run.stride,
            });
        });
        assert!(reception.expect("received").any);
    }
    poll.registry().deregister(socket.source()).expect("deregistered");
    seen
}

fn everywhere() -> Socket {
    Socket::bind(None, 0).expect("a free port")
}

fn at(ip: IpAddr, socket: &Socket) -> SocketAddr {
    SocketAddr::new(ip, socket.local().port())
}

#[test]
fn a_run_is_one_send_and_arrives_whole() {
    for ip in loopbacks() {
        let (mut from, mut to) = (everywhere(), everywhere());
        let contents: Vec<u8> = (0..10 * 1_100 + 57).map(|index| (index / 1_100) as u8).collect();
        from.send(&Run { destination: at(ip, &to).into(), source: Some(ip), contents: &contents, segment_size: 1_100 });
        let seen = receive(&mut to, contents.len());
        assert_eq!(seen.iter().flat_map(|run| run.contents.clone()).collect::<Vec<_>>(), contents);
        for run in &seen {
            assert_eq!((run.source, run.destination), (at(ip, &from), Some(ip)));
        }
        if cfg!(target_os = "linux") {
            assert_eq!(from.counters.send_calls, 1, "GSO over {ip}");
            assert_eq!(seen.iter().map(|run| run.stride).collect::<Vec<_>>(), [1_100], "GRO over {ip}");
        }
    }
}

#[test]
fn a_plain_receiver_gets_datagrams() {
    for ip in loopbacks() {
        let plain = std::net::UdpSocket::bind((ip, 0)).expect("a free port");
        plain.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
        let destination = plain.local_addr().expect("bound");
        everywhere().send(&Run {
            destination: destination.into(),
            source: None,
            contents: b"aaaabbbbcc",
            segment_size: 4,
        });
        let mut buffer = [0; 16];
        for expected in ["aaaa", "bbbb", "cc"] {
            let (length, _) = plain.recv_from(&mut buffer).expect("a datagram");
            assert_eq!(&buffer[..length], expected.as_bytes());
        }
    }
}

#[test]
fn without_segmentation_datagrams_go_one_by_one() {
    let ip = loopbacks()[0];
    let (mut from, mut to) = (everywhere(), everywhere());
    from.segmentation = false;
    from.send(&Run { destination: at(ip, &to).into(), source: None, contents: b"aabbc", segment_size: 2 });
    assert_eq!(from.counters.send_calls, 3);
    let seen: Vec<_> = receive(&mut to, 5).into_iter().flat_map(|run| run.contents).collect();
    assert_eq!(seen, b"aabbc");
}

#[test]
fn an_answer_leaves_from_the_address_that_was_asked() {
    // All of 127/8 is loopback on Linux: the default source would be 127.0.0.1.
    if !cfg!(target_os = "linux") {
        return;
    }
    let asked: IpAddr = "127.8.8.8".parse().expect("an address");
    let (mut server, mut client) = (everywhere(), everywhere());
    client.send(&Run { destination: at(asked, &server).into(), source: None, contents: b"?", segment_size: 1 });
    let question = receive(&mut server, 1).remove(0);
    assert_eq!(question.destination, Some(asked));
    server.send(&Run {
        destination: question.source.into(),
        source: question.destination,
        contents: b"!",
        segment_size: 1,
    });
    assert_eq!(receive(&mut client, 1)[0].source, at(asked, &server));
}

#[test]
fn a_run_that_cannot_be_segmented_does_not_end_segmentation() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let ip = loopbacks()[0];
    let (mut from, mut to) = (everywhere(), everywhere());
    // A broadcast address as the source is refused as EINVAL, run or not.
    let broadcast = Some("255.255.255.255".parse().expect("an address"));
    from.send(&Run { destination: at(ip, &to).into(), source: broadcast, contents: b"aabb", segment_size: 2 });
    let refused = from.counters.send_calls;
    assert_eq!(refused, 3, "the run, then each of its datagrams");
    from.send(&Run { destination: at(ip, &to).into(), source: None, contents: b"ccdd", segment_size: 2 });
    assert_eq!(from.counters.send_calls, refused + 1);
    assert_eq!(receive(&mut to, 4)[0].contents, b"ccdd");
}

#[test]
fn a_taken_port_is_an_error() {
    let taken = everywhere();
    let error = Socket::bind(None, taken.local().port()).err().expect("an error");
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}

#[test]
fn one_address_may_be_chosen() {
    for ip in loopbacks() {
        let socket = Socket::bind(Some(ip), 0).expect("a free port");
        assert_eq!(socket.local().ip(), ip);
        let (mut one, mut other) = (socket, Socket::bind(Some(ip), 0).expect("a free port"));
        let (to, contents) = (other.local(), b"hello");
        one.send(&Run { destination: to.into(), source: Some(ip), contents, segment_size: contents.len() });
        assert_eq!(receive(&mut other, contents.len())[0].source, one.local());
    }
}
