//! The fuzz targets over their kept corpus, and over mutations of it for a fixed time. A failure writes the input that
//! did it to a file and says where; put it into `media-plane/fuzz/corpus/TARGET`, and it is tried first from then on.
//!
//! `FUZZ_SECONDS` is the time of each target, `FUZZ_SEED` repeats a run.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

#[path = "../../../fuzz/targets/dependency.rs"]
mod dependency;
#[path = "../../../fuzz/targets/extensions.rs"]
mod extensions;
#[path = "../../../fuzz/targets/layers.rs"]
mod layers;
mod mutate;
#[path = "../../../fuzz/targets/rtcp.rs"]
mod rtcp;
#[path = "../../../fuzz/targets/rtp.rs"]
mod rtp;
#[path = "../../../fuzz/targets/srtp_open.rs"]
mod srtp_open;
#[path = "../../../fuzz/targets/stun.rs"]
mod stun;
#[path = "../../../fuzz/targets/worker.rs"]
mod worker;

use std::panic::{catch_unwind, resume_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use mutate::Mutator;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

fn fuzz(target: &str, check: fn(&[u8])) {
    let corpus = corpus(target);
    assert!(!corpus.is_empty());
    let seed = number("FUZZ_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    let end = Instant::now() + Duration::from_secs(number("FUZZ_SECONDS").unwrap_or(2));
    let mut mutator = Mutator::new(seed, &corpus);
    let mut tried = 0_u64;
    for input in &corpus {
        attempt(target, check, input);
    }
    while Instant::now() < end {
        for _ in 0..100 {
            attempt(target, check, &mutator.next());
            tried += 1;
        }
    }
    println!("{target}: {} kept inputs and {tried} new ones of seed {seed}", corpus.len());
}

fn attempt(target: &str, check: fn(&[u8]), input: &[u8]) {
    if let Err(panic) = catch_unwind(|| check(input)) {
        let file = std::env::temp_dir().join(format!("aqlinks-fuzz-{target}-{}", std::process::id()));
        std::fs::write(&file, input).unwrap();
        eprintln!("the target {target} failed on {}: copy it to media-plane/fuzz/corpus/{target}/", file.display());
        resume_unwind(panic);
    }
}

#[test]
fn no_stun_message_confuses_us() {
    fuzz("stun", stun::check);
}

#[test]
fn no_rtp_packet_confuses_us() {
    fuzz("rtp", rtp::check);
}

#[test]
fn no_header_extension_confuses_us() {
    fuzz("extensions", extensions::check);
}

#[test]
fn no_rtcp_packet_confuses_us() {
    fuzz("rtcp", rtcp::check);
}

#[test]
fn nothing_that_nobody_sealed_is_opened() {
    fuzz("srtp_open", srtp_open::check);
}

#[test]
fn no_dependency_descriptor_confuses_us() {
    fuzz("dependency", dependency::check);
}

#[test]
fn no_payload_confuses_the_choice_of_layers() {
    fuzz("layers", layers::check);
}

#[test]
fn strangers_get_nothing_out_of_a_worker() {
    fuzz("worker", worker::check);
}
