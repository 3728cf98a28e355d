use aqlinks_forwarder::Codec;
use aqlinks_forwarder::codec::is_key_frame;
use proptest::prelude::*;

use crate::hex;

fn assert_key_frame(codec: Codec, payload: &str) {
    assert!(is_key_frame(codec, &hex(payload)), "{codec:?} {payload}");
}

fn assert_no_key_frame(codec: Codec, payload: &str) {
    assert!(!is_key_frame(codec, &hex(payload)), "{codec:?} {payload}");
}

#[test]
fn vp8_begins_in_the_first_partition_with_the_inverse_key_bit_clear() {
    // Without an extended descriptor; then a short picture id, a long one, TL0PICIDX, TID, and all of them.
    for descriptor in ["10", "90 80 05", "90 80 8005", "90 40 07", "90 20 00", "90 10 00", "90 f0 8005 07 00"] {
        assert_key_frame(Codec::Vp8, &format!("{descriptor} 10 02 00 9d012a"));
        assert_no_key_frame(Codec::Vp8, &format!("{descriptor} 11 02 00 9d012a"));
        assert_no_key_frame(Codec::Vp8, descriptor);
    }
    // A non-reference frame may be key too; no start of partition, or another partition, is not.
    assert_key_frame(Codec::Vp8, "30 10");
    assert_no_key_frame(Codec::Vp8, "00 10");
    assert_no_key_frame(Codec::Vp8, "11 10");
}

#[test]
fn vp9_begins_unpredicted_in_the_lowest_spatial_layer() {
    assert_key_frame(Codec::Vp9, "08 49");
    assert_key_frame(Codec::Vp9, "88 05 49");
    // With a long picture id and layer indices: TID 0, SID 0; SID 1 of the same picture is not.
    assert_key_frame(Codec::Vp9, "aa 8005 00 05 18");
    assert_no_key_frame(Codec::Vp9, "aa 8005 03 05 18");
    // Predicted; not the beginning; cut off.
    assert_no_key_frame(Codec::Vp9, "48 49");
    assert_no_key_frame(Codec::Vp9, "00 49");
    assert_no_key_frame(Codec::Vp9, "88 80");
    assert_no_key_frame(Codec::Vp9, "08");
}

#[test]
fn h264_begins_with_parameters_or_an_idr_slice() {
    assert_key_frame(Codec::H264, "65 88");
    assert_key_frame(Codec::H264, "67 42e01f");
    assert_no_key_frame(Codec::H264, "41 9a");
    assert_no_key_frame(Codec::H264, "68 ce");
    // STAP-A with parameters and IDR, and one with neither; one that is cut off.
    assert_key_frame(Codec::H264, "78 0002 68ce 0004 6742e01f 0002 6588");
    assert_no_key_frame(Codec::H264, "78 0002 68ce 0002 0600");
    assert_no_key_frame(Codec::H264, "78 0002 68ce 0009 6588");
    assert_no_key_frame(Codec::H264, "78 0000");
    // FU-A: the first fragment only.
    assert_key_frame(Codec::H264, "7c 85 88");
    assert_no_key_frame(Codec::H264, "7c 05 88");
    assert_no_key_frame(Codec::H264, "7c 45 88");
    assert_no_key_frame(Codec::H264, "5c 81 9a");
    assert_no_key_frame(Codec::H264, "7c");
}

#[test]
fn av1_begins_with_a_new_coded_video_sequence() {
    assert_key_frame(Codec::Av1, "18 0a");
    // Without the N bit: a sequence header first, alone (W = 1), with a length (W = 2, W = 0).
    assert_key_frame(Codec::Av1, "10 0a 01");
    assert_key_frame(Codec::Av1, "20 02 0a01 3200");
    assert_key_frame(Codec::Av1, "00 8200 0a01");
    // A frame OBU; a continuation, whatever else it says; nothing.
    assert_no_key_frame(Codec::Av1, "10 32 00");
    assert_no_key_frame(Codec::Av1, "98 0a");
    assert_no_key_frame(Codec::Av1, "18");
    assert_no_key_frame(Codec::Av1, "00 ffffffffffffffffff 0a");
}

#[test]
fn audio_has_no_key_frames() {
    assert_no_key_frame(Codec::Opus, "fc 00");
}

proptest! {
    #[test]
    fn arbitrary_payloads_do_not_panic(payload in prop::collection::vec(any::<u8>(), 0..40)) {
        for codec in [Codec::Opus, Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1] {
            // A key frame is in what is there, not in what was cut off.
            prop_assert!(!is_key_frame(codec, &payload[..payload.len().min(1)]) || codec == Codec::H264);
            let _ = is_key_frame(codec, &payload);
        }
    }
}
