//! Payload descriptors of every codec, and the dependency descriptor. What is shifted and shifted back is as it was.

use aqlinks_forwarder::Codec;
use aqlinks_forwarder::codec::{
    DependencyDescriptor, MAX_TEMPLATES, NumberShift, PacketInfo, Structure, inspect, numbers, shift_numbers,
};

pub fn check(input: &[u8]) {
    let Some((&[high, low, base_picture, key_index], payload)) = input.split_first_chunk() else { return };
    let picture_id = u16::from_be_bytes([high, low]);
    let there = NumberShift { picture_id, base_picture, key_index };
    let back = NumberShift {
        picture_id: picture_id.wrapping_neg(),
        base_picture: base_picture.wrapping_neg(),
        key_index: key_index.wrapping_neg(),
    };
    for codec in [Codec::Opus, Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1] {
        let mut written = payload.to_vec();
        shift_numbers(codec, &mut written, &there);
        assert_eq!(inspect(codec, &written), inspect(codec, payload));
        shift_numbers(codec, &mut written, &back);
        assert_eq!(written, payload);
        assert_eq!(numbers(codec, &written), numbers(codec, payload));
    }
    if let Some(descriptor) = DependencyDescriptor::parse(payload)
        && let Some(structure) = Structure::parse(payload)
    {
        assert!((1..=MAX_TEMPLATES).contains(&structure.templates().len()));
        descriptor.inform(&structure, &mut PacketInfo::default());
    }
}
