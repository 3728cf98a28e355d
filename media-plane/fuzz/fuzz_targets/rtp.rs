#![no_main]

#[path = "../targets/rtp.rs"]
mod rtp;

libfuzzer_sys::fuzz_target!(|input: &[u8]| rtp::check(input));
