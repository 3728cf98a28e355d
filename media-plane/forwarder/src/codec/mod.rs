//! What a forwarder must know of payloads, and no more.

mod av1;
mod h264;
mod vp8;
mod vp9;

use crate::command::Codec;

/// Whether a key frame begins in this (decrypted, unpadded) payload. Always false for audio: it needs none.
pub fn is_key_frame(codec: Codec, payload: &[u8]) -> bool {
    match codec {
        Codec::Opus => false,
        Codec::Vp8 => vp8::begins_key_frame(payload).unwrap_or(false),
        Codec::Vp9 => vp9::begins_key_frame(payload).unwrap_or(false),
        Codec::H264 => h264::begins_key_frame(payload).unwrap_or(false),
        Codec::Av1 => av1::begins_key_frame(payload).unwrap_or(false),
    }
}
