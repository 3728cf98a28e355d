use std::io;
use std::sync::{Arc, Mutex};

use crate::event::{EventSink, PlaneEvent};
use crate::failure::run_reported;

fn reported(run: impl FnOnce() -> io::Result<()>) -> Vec<(usize, Vec<PlaneEvent>)> {
    let events = Arc::new(Mutex::new(Vec::new()));
    let sink: EventSink = {
        let events = events.clone();
        Arc::new(move |worker, batch| events.lock().expect("no panic while locked").push((worker, batch)))
    };
    run_reported(3, &sink, run);
    events.lock().expect("no panic while locked").clone()
}

fn failed(message: &str) -> Vec<(usize, Vec<PlaneEvent>)> {
    vec![(3, vec![PlaneEvent::WorkerFailed { message: message.into() }])]
}

#[test]
fn an_end_as_asked_is_no_event() {
    assert_eq!(reported(|| Ok(())), vec![]);
}

#[test]
fn a_dead_socket_is_the_last_event() {
    assert_eq!(reported(|| Err(io::Error::other("gone"))), failed("its socket failed: gone"));
}

#[test]
fn a_panic_is_the_last_event_and_goes_no_further() {
    assert_eq!(reported(|| panic!("plain")), failed("it panicked: plain"));
    assert_eq!(reported(|| panic!("with {}", 7)), failed("it panicked: with 7"));
    assert_eq!(reported(|| std::panic::panic_any(7)), failed("it panicked: without a message"));
}
