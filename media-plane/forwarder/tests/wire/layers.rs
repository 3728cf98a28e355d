//! Payload and dependency descriptors: which layer a packet belongs to, and the numbers that are written anew.

use aqlinks_forwarder::Codec;
use aqlinks_forwarder::codec::{
    DependencyDescriptor, NumberShift, Numbers, PacketInfo, Raise, Structure, inspect, numbers, shift_numbers,
};
use proptest::prelude::*;

use crate::hex;

fn info(codec: Codec, payload: &str) -> PacketInfo {
    inspect(codec, &hex(payload))
}

#[test]
fn vp8_tells_its_temporal_layer_and_where_one_may_switch_up() {
    // X and S; I, L and T; a long picture id; TL0PICIDX; TID 2 with Y; then a frame that is no key frame.
    let synced = info(Codec::Vp8, "90 e0 8123 07 a0 01 00 00");
    assert_eq!((synced.temporal, synced.raises, synced.key_frame), (2, Raise { from: 1, to: 2 }, false));
    let dependent = info(Codec::Vp8, "90 e0 8123 07 80 01 00 00");
    assert_eq!((dependent.temporal, dependent.raises), (2, Raise::default()));
    let base = info(Codec::Vp8, "90 e0 8123 07 20 01 00 00");
    assert_eq!((base.temporal, base.raises), (0, Raise::default()), "the base layer raises to nothing");
    let key = info(Codec::Vp8, "90 e0 8123 07 00 10 02 00 9d012a 0005 d002");
    assert_eq!((key.raises, key.size), (Raise::ALL, Some((1_280, 720))));
}

#[test]
fn vp9_tells_both_layers_the_end_of_a_frame_and_sizes() {
    // I, L, B, E; TID 1, U, SID 2; TL0PICIDX.
    let packet = info(Codec::Vp9, "ac 8123 34 09 00");
    assert_eq!((packet.spatial, packet.temporal, packet.ends_frame, packet.raises), (2, 1, true, Raise::ALL));
    // Flexible and predicted, with two differences, the last without its lowest bit.
    let flexible = info(Codec::Vp9, "f8 8123 02 03 04 00");
    assert_eq!((flexible.spatial, flexible.temporal, flexible.key_frame), (1, 0, false));
    // A key picture with a structure of two layers: 320 by 180, 640 by 360.
    let key = info(Codec::Vp9, "aa 8123 00 09 30 0140 00b4 0280 0168 00");
    assert_eq!((key.key_frame, key.size), (true, Some((640, 360))));
}

#[test]
fn numbers_are_found_and_written_in_their_own_width() {
    let mut payload = hex("90 f0 ffff ff 3f 01");
    assert_eq!(
        numbers(Codec::Vp8, &payload),
        Numbers { picture_id: Some(0x7fff), base_picture: Some(0xff), key_index: Some(0x1f) }
    );
    shift_numbers(Codec::Vp8, &mut payload, &NumberShift { picture_id: 2, base_picture: 3, key_index: 4 });
    assert_eq!(payload, hex("90 f0 8001 02 23 01"), "each wraps where its field does, and its neighbours stay");
    let mut short = hex("90 80 7f 01");
    shift_numbers(Codec::Vp8, &mut short, &NumberShift { picture_id: 2, ..NumberShift::default() });
    assert_eq!(short, hex("90 80 01 01"));
    let mut vp9 = hex("ac 8123 34 09 00");
    shift_numbers(Codec::Vp9, &mut vp9, &NumberShift { picture_id: 0xffff, base_picture: 1, key_index: 9 });
    assert_eq!(vp9, hex("ac 8122 34 0a 00"));
}

/// Writes a dependency descriptor as a sender does (AV1 RTP, A.8.2).
#[derive(Default)]
struct Writer {
    bits: Vec<bool>,
}

impl Writer {
    fn put(&mut self, count: usize, value: u32) -> &mut Self {
        self.bits.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
        self
    }

    /// ns(n): 4.10.7 of the AV1 specification.
    fn put_non_symmetric(&mut self, bound: u32, value: u32) -> &mut Self {
        let width = bound.ilog2() as usize + 1;
        let shorter = (1 << width) - bound;
        if value < shorter { self.put(width - 1, value) } else { self.put(width, value + shorter) }
    }

    fn bytes(&self) -> Vec<u8> {
        self.bits
            .chunks(8)
            .map(|bits| bits.iter().zip((0..8).rev()).fold(0, |byte, (bit, at)| byte | u8::from(*bit) << at))
            .collect()
    }
}

/// Layers in the order of templates: spatial, temporal, and the indication for each decode target.
fn structure(offset: u32, templates: &[(u8, u8, &str)], chains: u32, sizes: &[(u16, u16)]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.put(1, 1).put(1, 1).put(6, offset).put(16, 500);
    writer.put(5, 0b10000);
    let targets = templates[0].2.len() as u32;
    writer.put(6, offset).put(5, targets - 1);
    for pair in templates.windows(2) {
        let next = if pair[0].0 != pair[1].0 { 2 } else { u32::from(pair[0].1 != pair[1].1) };
        writer.put(2, next);
    }
    writer.put(2, 3);
    for (_, _, indications) in templates {
        for indication in indications.chars() {
            writer.put(2, "-DSR".find(indication).unwrap() as u32);
        }
    }
    for _ in templates {
        writer.put(1, 1).put(4, 3).put(1, 0);
    }
    writer.put_non_symmetric(targets + 1, chains);
    if chains > 0 {
        for _ in 0..targets {
            writer.put_non_symmetric(chains, chains - 1);
        }
        for _ in templates {
            for _ in 0..chains {
                writer.put(4, 2);
            }
        }
    }
    writer.put(1, u32::from(!sizes.is_empty()));
    for (width, height) in sizes {
        writer.put(16, u32::from(width - 1)).put(16, u32::from(height - 1));
    }
    writer.bytes()
}

/// Three temporal layers, as senders describe them: targets of all, of two and of one layer.
const L1T3: [(u8, u8, &str); 5] = [(0, 0, "SSS"), (0, 0, "SSS"), (0, 1, "RR-"), (0, 1, "SS-"), (0, 2, "D--")];

fn described(template: u8, data: &[u8], structure: &Structure, key_frame: bool) -> PacketInfo {
    let mut mandatory = data[..3].to_vec();
    mandatory[0] = 0xc0 | template;
    let mut info = PacketInfo {
        key_frame,
        raises: if key_frame { Raise::ALL } else { Raise::default() },
        ..PacketInfo::default()
    };
    DependencyDescriptor::parse(&mandatory).unwrap().inform(structure, &mut info);
    info
}

#[test]
fn a_dependency_descriptor_tells_layers_by_templates() {
    for (offset, chains, sizes) in [(0, 0, vec![]), (60, 1, vec![(1_280, 720)]), (5, 3, vec![(640, 360)])] {
        let data = structure(offset, &L1T3, chains, &sizes);
        let structure = Structure::parse(&data).unwrap();
        assert_eq!(structure.templates().len(), 5);
        assert_eq!(structure.size, sizes.last().copied());
        let template = |index: u32| ((offset + index) % 64) as u8;
        let key = described(template(0), &data, &structure, true);
        assert_eq!((key.temporal, key.key_frame, key.size), (0, true, sizes.last().copied()));
        let switching = described(template(3), &data, &structure, false);
        assert_eq!((switching.temporal, switching.raises), (1, Raise { from: 0, to: 2 }));
        let required = described(template(2), &data, &structure, false);
        assert_eq!((required.temporal, required.raises), (1, Raise::default()));
        assert_eq!(described(template(4), &data, &structure, false).temporal, 2);
        assert_eq!(described(template(9), &data, &structure, false), PacketInfo::default(), "of no template");
    }
}

#[test]
fn spatial_layers_begin_again_at_temporal_layer_0_and_only_the_lowest_begins_a_key_frame() {
    let layers = [(0, 0, "SSSS"), (0, 1, "D-D-"), (1, 0, "SS--"), (1, 1, "D---")];
    let data = structure(0, &layers, 2, &[(320, 180), (640, 360)]);
    let structure = Structure::parse(&data).unwrap();
    assert_eq!(structure.size, Some((640, 360)));
    let lower = described(0, &data, &structure, true);
    let upper = described(2, &data, &structure, true);
    assert_eq!((lower.spatial, lower.key_frame, upper.spatial, upper.key_frame), (0, true, 1, false));
    assert!(upper.ends_frame);
    assert_eq!(
        (described(3, &data, &structure, false).spatial, described(3, &data, &structure, false).temporal),
        (1, 1)
    );
}

#[test]
fn what_is_cut_off_is_no_structure() {
    let data = structure(0, &L1T3, 1, &[(1_280, 720)]);
    for len in 0..data.len() {
        assert_eq!(Structure::parse(&data[..len]), None, "{len} of {}", data.len());
    }
    assert_eq!(DependencyDescriptor::parse(&data[..2]), None);
    let mut shifted = data.clone();
    DependencyDescriptor::shift_frame_number(&mut shifted, u16::MAX);
    assert_eq!(DependencyDescriptor::parse(&shifted).unwrap().frame_number, 499);
    assert_eq!(Structure::parse(&shifted), Structure::parse(&data));
    DependencyDescriptor::shift_frame_number(&mut shifted[..2], 1);
}

proptest! {
    #[test]
    fn arbitrary_descriptors_do_not_panic(data in prop::collection::vec(any::<u8>(), 0..80)) {
        if let (Some(descriptor), Some(structure)) = (DependencyDescriptor::parse(&data), Structure::parse(&data)) {
            prop_assert!(structure.templates().len() <= aqlinks_forwarder::codec::MAX_TEMPLATES);
            descriptor.inform(&structure, &mut PacketInfo::default());
        }
    }

    /// Shifting there and back leaves every byte as it was; nothing but the numbers differs between.
    #[test]
    fn numbers_come_back(
        mut payload in prop::collection::vec(any::<u8>(), 0..40),
        shift in (any::<u16>(), any::<u8>(), any::<u8>()),
    ) {
        let (picture_id, base_picture, key_index) = shift;
        let there = NumberShift { picture_id, base_picture, key_index };
        let back = NumberShift {
            picture_id: picture_id.wrapping_neg(),
            base_picture: base_picture.wrapping_neg(),
            key_index: key_index.wrapping_neg(),
        };
        for codec in [Codec::Opus, Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1] {
            let before = payload.clone();
            let (info, known) = (inspect(codec, &payload), numbers(codec, &payload));
            shift_numbers(codec, &mut payload, &there);
            prop_assert_eq!(inspect(codec, &payload), info);
            let written = numbers(codec, &payload);
            let expected = known.base_picture.map(|value| value.wrapping_add(base_picture));
            prop_assert_eq!(written.base_picture, expected);
            shift_numbers(codec, &mut payload, &back);
            prop_assert_eq!(&payload, &before);
        }
    }
}
