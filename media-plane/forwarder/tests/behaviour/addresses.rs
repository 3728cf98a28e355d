//! Addresses that change, and peers that fall silent.

use std::net::SocketAddr;

use aqlinks_forwarder::{Command, Protocol, Remote, TransportClosed};

use crate::harness::World;

#[test]
fn media_follows_the_peer_to_a_new_address() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let audio = world.publish_audio(publisher, 1);
    let subscribed = world.subscribe(viewer, audio, 1);
    world.send(audio, 1, &[0; 20]);
    world.run_ms(10);
    // A NAT gave it another port; then the publisher too.
    world.peers[viewer].address.set_port(50_000);
    world.peers[viewer].check(true);
    world.run_ms(10);
    assert_eq!(world.peers[viewer].checks.len(), 2, "a new address is checked");
    world.send(audio, 2, &[0; 20]);
    world.run_ms(10);
    world.peers[publisher].address.set_port(50_001);
    world.peers[publisher].check(true);
    world.send(audio, 3, &[0; 20]);
    world.run_ms(10);
    assert_eq!(world.received(subscribed).len(), 3);
    let last = world.runs.iter().rev().find(|(to, ..)| to.ip() == world.peers[viewer].address.ip());
    assert_eq!(last.unwrap().0.port(), 50_000);
}

#[test]
fn media_from_an_address_without_a_check_is_dropped() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let audio = world.publish_audio(publisher, 1);
    let subscribed = world.subscribe(viewer, audio, 1);
    world.peers[publisher].address.set_port(50_001);
    world.send(audio, 3, &[0; 20]);
    world.run_ms(10);
    assert!(world.received(subscribed).is_empty());
    assert_eq!(world.stats().dropped.unknown_address, 1);
}

#[test]
fn many_addresses_of_one_peer_are_bounded() {
    let mut world = World::new();
    let peer = world.join();
    let home = world.peers[peer].address;
    for port in 1_000..2_000 {
        world.peers[peer].address.set_port(port);
        world.peers[peer].check(false);
        world.run_ms(5);
    }
    world.peers[peer].address = home;
    let before = world.stats().dropped.unknown_address;
    for port in 1_000..2_000 {
        world.inject(SocketAddr::new(home.ip(), port), &[0x80; 50]);
    }
    let dropped = world.stats().dropped.unknown_address - before;
    assert_eq!(dropped, 1_000 - 7, "the selected one and seven more are known");
    assert!(world.closed(peer).is_none());
}

#[test]
fn a_new_peer_may_come_from_an_old_ones_address() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let audio = world.publish_audio(publisher, 1);
    world.subscribe(viewer, audio, 1);
    // The page was reloaded: its socket got the same port again.
    let reloaded = world.open();
    world.peers[reloaded].address = world.peers[viewer].address;
    world.peers[viewer].address.set_port(9);
    world.answer(reloaded);
    world.connect(reloaded);
    let subscribed = world.subscribe(reloaded, audio, 2);
    world.send(audio, 1, &[0; 20]);
    world.run_ms(10);
    assert_eq!(world.received(subscribed).len(), 1);
    world.command(Command::CloseTransport { transport: world.peers[viewer].transport });
    world.send(audio, 2, &[0; 20]);
    world.run_ms(10);
    assert_eq!(world.received(subscribed).len(), 2, "the old one's end leaves the address alone");
}

#[test]
fn a_spoofed_address_gets_no_media_however_nominated() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let audio = world.publish_audio(publisher, 1);
    let subscribed = world.subscribe(viewer, audio, 1);
    let victim = SocketAddr::from(([10, 66, 66, 66], 53));
    for number in 0..20 {
        check_from(&mut world, viewer, victim);
        world.send(audio, number, &[0; 20]);
        world.run_ms(250);
    }
    assert_eq!(world.received(subscribed).len(), 20, "media stays where the peer is");
    let at_victim: usize = world.runs.iter().filter(|(to, ..)| *to == victim).map(|(_, _, len)| len).sum();
    assert!(at_victim < 20 * 150, "{at_victim} bytes: more than answers to checks");
}

#[test]
fn a_spoofed_address_gets_no_media_even_from_the_handshake_on() {
    let mut world = World::new();
    let publisher = world.join();
    let audio = world.publish_audio(publisher, 1);
    let viewer = world.open();
    world.answer(viewer);
    let subscribed = world.subscribe(viewer, audio, 1);
    world.peers[viewer].check(true);
    world.run_ms(10);
    let now = world.now;
    world.peers[viewer].start_dtls(now);
    // Hello is there and answered, but nothing more.
    world.run_ms(5);
    let victim = SocketAddr::from(([10, 66, 66, 66], 53));
    check_from(&mut world, viewer, victim);
    world.run_ms(100);
    assert!(world.connected(viewer).is_some());
    world.send(audio, 1, &[0; 20]);
    world.run_ms(10);
    assert_eq!(world.received(subscribed).len(), 1);
}

#[test]
fn a_spoofed_check_takes_nobodys_address() {
    let mut world = World::new();
    let (publisher, viewer, attacker) = (world.join(), world.join(), world.join());
    let audio = world.publish_audio(publisher, 1);
    let subscribed = world.subscribe(viewer, audio, 1);
    for number in 0..20 {
        for victim in [publisher, viewer] {
            let address = world.peers[victim].address;
            check_from(&mut world, attacker, address);
        }
        world.send(audio, number, &[0; 20]);
        world.run_ms(250);
    }
    assert_eq!(world.received(subscribed).len(), 20);
}

/// A sound check of the peer, nominating, from an address that it only pretends to have.
fn check_from(world: &mut World, peer: usize, address: SocketAddr) {
    world.peers[peer].check(true);
    for (_, datagram) in world.peers[peer].take_outgoing() {
        world.inject(address, &datagram);
    }
}

#[test]
fn silence_of_30_seconds_ends_a_transport() {
    let mut world = World::new();
    let (silent, checking, publishing) = (world.join(), world.join(), world.join());
    let audio = world.publish_audio(publishing, 1);
    for number in 0..6 {
        world.peers[checking].check(true);
        world.send(audio, number, &[0; 20]);
        world.run_ms(4_900);
    }
    assert_eq!(world.closed(silent), None);
    world.peers[checking].check(true);
    world.send(audio, 6, &[0; 20]);
    world.run_ms(5_000);
    assert_eq!(world.closed(silent), Some(TransportClosed::Timeout));
    assert_eq!((world.closed(checking), world.closed(publishing)), (None, None));
}

#[test]
fn a_transport_that_never_connects_ends_60_seconds_after_the_answer() {
    let mut world = World::new();
    let (unanswered, checking) = (world.open(), world.open());
    world.run_ms(20_000);
    world.answer(checking);
    for _ in 0..59 {
        world.peers[checking].check(true);
        world.run_ms(1_000);
    }
    assert_eq!(world.closed(checking), None);
    world.run_ms(1_100);
    assert_eq!(world.closed(checking), Some(TransportClosed::Timeout));
    world.run_ms(3_600_000);
    assert_eq!(world.closed(unanswered), None);
}

#[test]
fn media_goes_on_through_an_ice_restart_from_another_network() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let audio = world.publish_audio(publisher, 1);
    let subscribed = world.subscribe(viewer, audio, 1);
    world.send(audio, 1, &[0; 20]);
    world.run_ms(10);
    let transport = world.peers[viewer].transport;
    let second = ("second".to_owned(), "second-password-of-the-server".to_owned());
    world.command(Command::RestartIce { transport, ice_ufrag: second.0.clone(), ice_pwd: second.1.clone() });
    // The offer is on its way: the peer still checks with the old password.
    let answers = world.peers[viewer].answers.len();
    world.peers[viewer].check(true);
    world.send(audio, 2, &[0; 20]);
    world.run_ms(10);
    assert_eq!((world.received(subscribed).len(), world.peers[viewer].answers.len()), (2, answers + 1));
    // It answers, from another network and with credentials of its own.
    world.peers[viewer].server = second;
    world.peers[viewer].own = ("renewed".to_owned(), "renewed-password-of-the-peer".to_owned());
    world.peers[viewer].address = SocketAddr::from(([10, 9, 9, 9], 9_999));
    world.answer(viewer);
    world.peers[viewer].check(true);
    world.run_ms(10);
    world.send(audio, 3, &[0; 20]);
    world.run_ms(10);
    assert_eq!(world.received(subscribed).len(), 3);
    assert!(world.closed(viewer).is_none());
}

#[test]
fn after_a_restart_the_old_password_is_refused() {
    let mut world = World::new();
    let peer = world.join();
    let transport = world.peers[peer].transport;
    let first = world.peers[peer].server.clone();
    let second = ("second".to_owned(), "second-password-of-the-server".to_owned());
    world.command(Command::RestartIce { transport, ice_ufrag: second.0.clone(), ice_pwd: second.1.clone() });
    world.peers[peer].server = second;
    world.peers[peer].check(true);
    world.run_ms(10);
    let answers = world.peers[peer].answers.len();
    world.peers[peer].server = first;
    world.peers[peer].check(true);
    world.run_ms(10);
    assert_eq!(world.peers[peer].answers.len(), answers);
    assert_eq!(world.stats().dropped.unknown_address, 1);
}

#[test]
fn the_same_address_over_tcp_is_another_one() {
    let mut world = World::new();
    let peer = world.join();
    let address = world.peers[peer].address;
    let before = world.stats().dropped.unknown_address;
    world.inject_from(Remote { address, protocol: Protocol::Tcp }, &[0x80; 50]);
    assert_eq!(world.stats().dropped.unknown_address, before + 1);
}
