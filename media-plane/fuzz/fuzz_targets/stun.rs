#![no_main]

#[path = "../targets/stun.rs"]
mod stun;

libfuzzer_sys::fuzz_target!(|input: &[u8]| stun::check(input));
