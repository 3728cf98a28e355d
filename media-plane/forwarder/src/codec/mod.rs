//! What a forwarder must know of payloads, and no more.

use crate::command::Codec;

/// Whether a key frame begins in this (decrypted, unpadded) payload. Always false for audio: it needs none.
pub fn is_key_frame(_codec: Codec, _payload: &[u8]) -> bool {
    todo!()
}
