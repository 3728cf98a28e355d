//! ICE and DTLS.

use aqlinks_forwarder::stun::Role;
use aqlinks_forwarder::{Command, DtlsRole, DtlsVersion, Event, SrtpProfile, TransportClosed};

use crate::harness::{Version, World};

#[test]
fn both_versions_connect_in_both_roles() {
    for (version, expected) in [(Version::V1_2, DtlsVersion::V1_2), (Version::V1_3, DtlsVersion::V1_3)] {
        for role in [DtlsRole::Server, DtlsRole::Client] {
            let mut world = World::new();
            let peer = world.open_with(version);
            world.peers[peer].server_role = role;
            world.answer(peer);
            world.connect(peer);
            let Some(Event::TransportConnected { dtls_version, srtp_profile, remote, .. }) = world.connected(peer)
            else {
                panic!("{version:?} as {role:?}: no event");
            };
            assert_eq!((*dtls_version, *srtp_profile), (expected, SrtpProfile::AeadAes256Gcm));
            assert_eq!(*remote, world.peers[peer].address);
        }
    }
}

#[test]
fn the_first_check_is_answered_and_followed_by_one_of_ours_at_once() {
    let mut world = World::new();
    let peer = world.open();
    world.answer(peer);
    world.peers[peer].check(true);
    world.run(world.latency * 2);
    assert_eq!(world.peers[peer].answers.len(), 1);
    assert_eq!(world.peers[peer].checks.len(), 1);
    for _ in 0..5 {
        world.peers[peer].check(true);
        world.run_ms(300);
    }
    assert_eq!(world.peers[peer].checks.len(), 1, "it was answered: no other is needed");
}

#[test]
fn checks_before_the_answer_are_answered_and_ours_follows_it() {
    let mut world = World::new();
    let peer = world.open();
    world.peers[peer].check(true);
    world.run_ms(10);
    assert_eq!((world.peers[peer].answers.len(), world.peers[peer].checks.len()), (1, 0));
    world.answer(peer);
    world.run_ms(10);
    assert_eq!((world.peers[peer].answers.len(), world.peers[peer].checks.len()), (1, 1));
}

#[test]
fn dtls_before_the_answer_is_held_for_it() {
    for version in [Version::V1_2, Version::V1_3] {
        let mut world = World::new();
        let peer = world.open_with(version);
        world.peers[peer].check(true);
        world.run_ms(10);
        let now = world.now;
        world.peers[peer].start_dtls(now);
        world.run_ms(50);
        assert!(world.connected(peer).is_none());
        world.answer(peer);
        world.run_ms(50);
        assert!(world.connected(peer).is_some(), "without waiting a second for the client's retransmission");
    }
}

#[test]
fn a_certificate_that_was_not_signalled_is_refused() {
    for version in [Version::V1_2, Version::V1_3] {
        for role in [DtlsRole::Server, DtlsRole::Client] {
            let mut world = World::new();
            let peer = world.open_with(version);
            world.peers[peer].server_role = role;
            let mut answer = world.peers[peer].answer();
            let other = if answer.fingerprint.value.starts_with('A') { "B" } else { "A" };
            answer.fingerprint.value.replace_range(..1, other);
            world.command(Command::ConnectTransport(answer));
            world.peers[peer].check(true);
            world.run_ms(10);
            let now = world.now;
            world.peers[peer].start_dtls(now);
            world.run_ms(200);
            assert_eq!(world.closed(peer), Some(TransportClosed::DtlsFailed), "{version:?} as {role:?}");
            assert!(world.connected(peer).is_none());
        }
    }
}

#[test]
fn a_fingerprint_that_is_none_ends_the_transport() {
    let mut world = World::new();
    let peer = world.open();
    let mut answer = world.peers[peer].answer();
    answer.fingerprint.algorithm = "sha-1".into();
    world.command(Command::ConnectTransport(answer));
    world.run_ms(1);
    assert_eq!(world.closed(peer), Some(TransportClosed::DtlsFailed));
}

#[test]
fn nothing_is_answered_before_a_check_with_our_password() {
    let mut world = World::new();
    let peer = world.open();
    world.answer(peer);
    world.peers[peer].server.1 = "not-the-password-of-22-characters".into();
    world.peers[peer].check(true);
    let now = world.now;
    world.peers[peer].start_dtls(now);
    world.peers[peer].send(vec![0x80; 100]);
    world.peers[peer].server.0 = "unknown".into();
    world.peers[peer].check(true);
    world.run_ms(500);
    assert!(world.runs.is_empty(), "{:?}", world.runs);
    let dropped = world.stats().dropped;
    assert_eq!(dropped.bad_stun, 1);
    assert!(dropped.unknown_address >= 3, "{dropped:?}");
}

#[test]
fn a_peer_that_wants_to_be_controlled_is_told_so() {
    let mut world = World::new();
    let peer = world.open();
    world.answer(peer);
    world.peers[peer].check_as(Role::Controlled { tie_breaker: 9 }, false);
    world.run_ms(10);
    assert_eq!(world.peers[peer].errors, [487]);
    assert!(world.peers[peer].answers.is_empty());
}

#[test]
fn lost_handshake_datagrams_are_repeated() {
    for version in [Version::V1_2, Version::V1_3] {
        for seed in 0..8 {
            let mut world = World::new();
            let peer = world.open_with(version);
            world.answer(peer);
            let mut random = fastrand(seed);
            world.loses =
                Box::new(move |_, datagram| matches!(datagram.first(), Some(20..=63)) && random().is_multiple_of(3));
            world.peers[peer].check(true);
            world.run_ms(10);
            let now = world.now;
            world.peers[peer].start_dtls(now);
            world.run_ms(30_000);
            assert!(world.connected(peer).is_some(), "{version:?}, seed {seed}");
        }
    }
}

#[test]
fn the_peers_goodbye_ends_the_transport_and_ours_is_said() {
    for version in [Version::V1_2, Version::V1_3] {
        let mut world = World::new();
        let (leaving, dismissed) = (world.open_with(version), world.open_with(version));
        for peer in [leaving, dismissed] {
            world.answer(peer);
            world.connect(peer);
        }
        world.peers[leaving].close_dtls();
        world.command(Command::CloseTransport { transport: world.peers[dismissed].transport });
        world.run_ms(50);
        assert_eq!(world.closed(leaving), Some(TransportClosed::PeerClosed));
        assert_eq!(world.closed(dismissed), Some(TransportClosed::Closed));
        assert!(world.peers[dismissed].closed, "close_notify");
        assert!(world.stats().transports.is_empty());
    }
}

fn fastrand(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> 8
    }
}
