//! The whole measurement, on the bare limit, for a second.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

struct Forwarder(Child);

impl Drop for Forwarder {
    fn drop(&mut self) {
        drop(self.0.stdin.take()); // its sign to end
        let _ = self.0.wait();
    }
}

fn measure(limit_arguments: &[&str], load_arguments: &[&str]) -> serde_json::Value {
    let child = Command::new(env!("CARGO_BIN_EXE_limit"))
        .args(limit_arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("limit starts");
    let mut limit = Forwarder(child);
    let mut line = String::new();
    let stdout = limit.0.stdout.take().expect("a pipe");
    let mut stdout = BufReader::new(stdout); // open until the end: the last line is written then
    stdout.read_line(&mut line).expect("limit says its address");
    let address: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let load = Command::new(env!("CARGO_BIN_EXE_load"))
        .args(["throughput", "--limit", address["address"].as_str().expect("an address")])
        .args(["--watch", &limit.0.id().to_string(), "--warm-up", "0.1"])
        .args(load_arguments)
        .output()
        .expect("load runs");
    drop(limit);
    drop(stdout);
    assert!(load.status.success(), "{}", String::from_utf8_lossy(&load.stderr));
    serde_json::from_slice(&load.stdout).expect("a report")
}

#[test]
fn every_viewer_gets_every_packet() {
    for arguments in [&[][..], &["--no-gso"]] {
        let report = measure(arguments, &["--viewers", "5", "--packets", "4", "--seconds", "0.5"]);
        let number = |name: &str| report[name].as_i64().expect("a number");
        assert!(number("packetsSent") > 0, "{report}");
        assert_eq!(number("packetsReceived"), 5 * number("packetsSent"), "{report}");
        assert_eq!((number("packetsLost"), number("packetsUnverified")), (0, 0), "{report}");
        assert!(report["cpu"]["process"].as_f64().expect("seconds") > 0.0, "{report}");
    }
}
