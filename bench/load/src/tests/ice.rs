use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::ice::{Agent, Credentials};
use crate::stun::{self, Check, Message};

const SERVER: ([u8; 4], u16) = ([127, 0, 0, 1], 9);

/// A server's side that answers, and tells whether the check nominated.
fn answer(agent: &mut Agent, password: &str) -> Vec<bool> {
    let mut nominated = Vec::new();
    for (destination, packet) in agent.take_outbox() {
        let Some(Message::Request { transaction }) = stun::read(&packet, password, "") else { continue };
        nominated.push(packet.windows(4).any(|bytes| bytes == [0, 0x25, 0, 0])); // USE-CANDIDATE
        agent.handle_packet(&stun::success(&transaction, destination, password), destination);
    }
    nominated
}

fn agent(now: Instant) -> (Agent, Credentials, Credentials) {
    let (ours, theirs) = (Credentials::random(), Credentials::random());
    (Agent::start(now, ours.clone(), theirs.clone(), &[SERVER.into()]), ours, theirs)
}

#[test]
fn nominates_on_its_next_tick_when_the_server_only_answers() {
    let now = Instant::now();
    let (mut agent, _, theirs) = agent(now);
    assert_eq!(answer(&mut agent, &theirs.password), [false]);
    agent.handle_timeout(now + Duration::from_millis(199));
    assert!(agent.take_outbox().is_empty());
    agent.handle_timeout(now + Duration::from_millis(200));
    assert_eq!(answer(&mut agent, &theirs.password), [true]);
    assert_eq!(agent.selected(), Some(SERVER.into()));
}

#[test]
fn nominates_at_once_when_the_server_checks_too() {
    let now = Instant::now();
    let (mut agent, ours, theirs) = agent(now);
    assert_eq!(answer(&mut agent, &theirs.password), [false]);
    let check = Check {
        transaction: [1; 12],
        username: &format!("{}:{}", ours.ufrag, theirs.ufrag),
        password: &ours.password,
        priority: 1,
        tie_breaker: 1,
        use_candidate: false,
    };
    agent.handle_packet(&check.write(), SERVER.into());
    assert_eq!(answer(&mut agent, &theirs.password), [true]);
    assert_eq!(agent.selected(), Some(SERVER.into()));
}

#[test]
fn ignores_answers_from_elsewhere_and_with_a_wrong_password() {
    let now = Instant::now();
    let (mut agent, _, theirs) = agent(now);
    let elsewhere = SocketAddr::from(([127, 0, 0, 1], 10));
    for (destination, packet) in agent.take_outbox() {
        let Some(Message::Request { transaction }) = stun::read(&packet, &theirs.password, "") else { continue };
        agent.handle_packet(&stun::success(&transaction, destination, &theirs.password), elsewhere);
        agent.handle_packet(&stun::success(&transaction, destination, "wrong"), destination);
    }
    agent.handle_timeout(now + Duration::from_millis(200));
    assert_eq!(answer(&mut agent, &theirs.password), [false], "it still checks");
}
