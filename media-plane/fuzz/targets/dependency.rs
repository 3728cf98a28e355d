//! The dependency descriptor of AV1 (and whoever else uses it).

use aqlinks_forwarder::codec::{DependencyDescriptor, MAX_TEMPLATES, PacketInfo, Structure};

pub fn check(input: &[u8]) {
    let structure = Structure::parse(input);
    assert!(structure.as_ref().is_none_or(|structure| structure.templates().len() <= MAX_TEMPLATES));
    let Some(descriptor) = DependencyDescriptor::parse(input) else { return };
    if let Some(structure) = structure {
        descriptor.inform(&structure, &mut PacketInfo::default());
    }
    let mut shifted = input.to_vec();
    DependencyDescriptor::shift_frame_number(&mut shifted, 7);
    assert!(DependencyDescriptor::parse(&shifted).is_some());
}
