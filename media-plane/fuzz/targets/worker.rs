//! Datagrams of strangers to a worker with an open transport: none is answered, and no media comes of any.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use aqlinks_forwarder::{Command, Config, Input, Output, Received, Worker};
use dimpl::DtlsCertificate;
use dimpl::certificate::generate_self_signed_certificate;

/// Each datagram is as long as its first byte says; every one comes a little later.
pub fn check(input: &[u8]) {
    static CERTIFICATE: OnceLock<Option<DtlsCertificate>> = OnceLock::new();
    let Some(certificate) = CERTIFICATE.get_or_init(|| generate_self_signed_certificate().ok()) else { return };
    let mut now = Instant::now();
    let mut worker = Worker::new(Config { seed: 1, certificate: certificate.clone() }, now);
    let (ice_ufrag, ice_pwd) = ("ufrag".to_owned(), "a-password-of-22-letters".to_owned());
    worker.handle(now, Input::Command(Command::OpenTransport { transport: 1, ice_ufrag, ice_pwd }));
    let (mut rest, mut count) = (input, 0_u8);
    while let Some((len, after)) = rest.split_first() {
        let (datagram, next) = after.split_at(usize::from(*len).min(after.len()));
        (rest, count) = (next, count.wrapping_add(1));
        let mut contents = datagram.to_vec();
        let (source, stride) = (SocketAddr::from(([192, 0, 2, count % 4], 9)).into(), contents.len().max(1));
        worker.handle(now, Input::Datagrams(Received { source, destination: None, contents: &mut contents, stride }));
        now += Duration::from_millis(1);
        loop {
            match worker.poll(now) {
                // A check with the right ufrag and a wrong password is told so (RFC 8489 9.1.3).
                Output::Datagrams(run) => assert!(run.contents[0] < 4, "media for a stranger"),
                Output::Event(_) | Output::Handover(..) => {}
                Output::Timeout(at) => {
                    assert!(at > now, "the worker would spin");
                    break;
                }
            }
        }
    }
}
