//! One test in a process of its own: it counts what the process holds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aqlinks_forwarder::Command;
use aqlinks_udp::{MediaPlane, Options, SendError, StartError};

const OPTIONS: Options =
    Options { workers: 3, port: 0, bind: None, addresses: Vec::new(), tcp: true, announced_port: None };

/// File descriptors and threads. `None` where the system does not list them.
fn held() -> Option<[usize; 2]> {
    let count = |folder| std::fs::read_dir(folder).ok().map(Iterator::count);
    Some([count("/proc/self/fd")?, count("/proc/self/task")?])
}

fn start_and_close() -> Result<(), StartError> {
    let mut plane = MediaPlane::start(&OPTIONS, Arc::new(|_, _| ()))?;
    assert_eq!(plane.workers().count(), 3);
    for worker in 0..3 {
        let open = Command::OpenTransport { transport: 1, ice_ufrag: format!("u{worker}"), ice_pwd: "p".repeat(22) };
        assert_eq!(plane.send(worker, vec![open]), Ok(()));
    }
    assert_eq!(plane.send(3, vec![]), Err(SendError::NoSuchWorker(3)));
    plane.close();
    plane.close();
    assert_eq!(plane.send(0, vec![Command::CloseTransport { transport: 1 }]), Ok(()), "ignored");
    Ok(())
}

#[test]
fn closing_is_prompt_and_leaves_nothing_behind() {
    start_and_close().expect("free ports"); // what the process opens once, it keeps
    let before = held();
    let start = Instant::now();
    for _ in 0..20 {
        start_and_close().expect("free ports");
    }
    let took = start.elapsed() / 20;
    assert_eq!(held(), before);
    assert!(took < Duration::from_millis(250), "{took:?} a time");
}
