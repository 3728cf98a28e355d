#![no_main]

#[path = "../targets/srtp_open.rs"]
mod srtp_open;

libfuzzer_sys::fuzz_target!(|input: &[u8]| srtp_open::check(input));
