//! The wire formats and SRTP, from outside: published vectors, properties over random and hostile bytes, and the stories
//! of streams that lose, reorder and repeat.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod codec;
mod layers;
mod rtcp;
mod rtp;
mod srtp;
mod srtp_streams;
mod stun;
mod transport_cc;

/// The bytes of hexadecimal digits, white space between them ignored.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}
