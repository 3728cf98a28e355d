#![no_main]

#[path = "../targets/extensions.rs"]
mod extensions;

libfuzzer_sys::fuzz_target!(|input: &[u8]| extensions::check(input));
