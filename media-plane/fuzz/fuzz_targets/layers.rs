#![no_main]

#[path = "../targets/layers.rs"]
mod layers;

libfuzzer_sys::fuzz_target!(|input: &[u8]| layers::check(input));
