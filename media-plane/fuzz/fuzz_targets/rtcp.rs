#![no_main]

#[path = "../targets/rtcp.rs"]
mod rtcp;

libfuzzer_sys::fuzz_target!(|input: &[u8]| rtcp::check(input));
