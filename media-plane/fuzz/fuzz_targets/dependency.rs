#![no_main]

#[path = "../targets/dependency.rs"]
mod dependency;

libfuzzer_sys::fuzz_target!(|input: &[u8]| dependency::check(input));
