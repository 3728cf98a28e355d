#![no_main]

#[path = "../targets/worker.rs"]
mod worker;

libfuzzer_sys::fuzz_target!(|input: &[u8]| worker::check(input));
