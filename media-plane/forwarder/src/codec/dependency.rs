//! The dependency descriptor (AV1 RTP, appendix A): a header extension that says of any codec's frame which layer it is
//! and where a viewer may be given more of them.

use super::{PacketInfo, Raise};

/// The specification's bound.
pub const MAX_TEMPLATES: usize = 64;
const MAX_DECODE_TARGETS: usize = 32;
const MAX_SPATIAL: u8 = 4;
/// Decode target indication: whoever has this frame may go on with the target's.
const SWITCH: u32 = 2;
const NOT_PRESENT: u32 = 0;
/// Of the part that every packet has.
const MANDATORY_LEN: usize = 3;

/// What every packet says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DependencyDescriptor {
    pub starts_frame: bool,
    pub ends_frame: bool,
    template_id: u8,
    pub frame_number: u16,
}

/// The layers of a stream, as its last key frame described them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Structure {
    offset: u8,
    templates: Vec<Template>,
    /// Of the highest spatial layer.
    pub size: Option<(u16, u16)>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Template {
    pub spatial: u8,
    pub temporal: u8,
    /// The highest temporal layer that may begin with this frame.
    raises_to: u8,
}

impl DependencyDescriptor {
    /// `None`: truncated.
    pub fn parse(data: &[u8]) -> Option<Self> {
        let [flags, high, low] = *data.first_chunk()?;
        Some(Self {
            starts_frame: flags & 0x80 != 0,
            ends_frame: flags & 0x40 != 0,
            template_id: flags & 0x3f,
            frame_number: u16::from_be_bytes([high, low]),
        })
    }

    /// Adds to the frame number, in place.
    pub fn shift_frame_number(data: &mut [u8], shift: u16) {
        if let [_, high, low, ..] = data {
            [*high, *low] = u16::from_be_bytes([*high, *low]).wrapping_add(shift).to_be_bytes();
        }
    }

    /// Adds to `info` what the descriptor says of its packet.
    pub fn inform(&self, structure: &Structure, info: &mut PacketInfo) {
        let index = self.template_id.wrapping_sub(structure.offset) & 0x3f;
        let Some(template) = structure.templates.get(usize::from(index)) else { return };
        (info.spatial, info.temporal, info.ends_frame) = (template.spatial, template.temporal, self.ends_frame);
        // Only the lowest layer's part of a key picture begins it.
        info.key_frame &= template.spatial == 0;
        info.size = info.size.or(structure.size.filter(|_| info.key_frame));
        if !info.key_frame && template.raises_to > 0 {
            info.raises = Raise { from: 0, to: template.raises_to };
        }
    }
}

impl Structure {
    /// `None`: this descriptor has none, as all but those of key frames, or it is malformed.
    pub fn parse(data: &[u8]) -> Option<Self> {
        if data.len() <= MANDATORY_LEN {
            return None;
        }
        let mut bits = Bits { data, at: MANDATORY_LEN * 8 };
        let present = bits.flag()?;
        bits.read(4)?; // active decode targets, custom DTIs, fdiffs and chains: behind the structure
        if !present {
            return None;
        }
        let offset = bits.read(6)? as u8;
        let targets = bits.read(5)? as usize + 1;
        let mut templates = read_layers(&mut bits)?;
        read_indications(&mut bits, &mut templates, targets)?;
        skip_frame_differences(&mut bits, templates.len())?;
        skip_chains(&mut bits, templates.len(), targets)?;
        let size = read_sizes(&mut bits, &templates)?;
        Some(Self { offset, templates, size })
    }

    pub fn templates(&self) -> &[Template] {
        &self.templates
    }
}

fn read_layers(bits: &mut Bits<'_>) -> Option<Vec<Template>> {
    let (mut spatial, mut temporal, mut templates) = (0, 0, Vec::new());
    loop {
        templates.push(Template { spatial, temporal, raises_to: 0 });
        match bits.read(2)? {
            0 => {}
            1 => temporal += 1,
            2 => (spatial, temporal) = (spatial + 1, 0),
            _ => return Some(templates),
        }
        if templates.len() == MAX_TEMPLATES || spatial >= MAX_SPATIAL {
            return None;
        }
    }
}

/// A decode target's layers are the highest of the templates that it contains.
fn read_indications(bits: &mut Bits<'_>, templates: &mut [Template], targets: usize) -> Option<()> {
    let mut highest = [(0, 0); MAX_DECODE_TARGETS];
    let mut switches = [0_u32; MAX_TEMPLATES];
    for (template, switches) in templates.iter().zip(&mut switches) {
        for (target, highest) in highest.iter_mut().enumerate().take(targets) {
            let indication = bits.read(2)?;
            if indication == SWITCH {
                *switches |= 1 << target;
            }
            if indication != NOT_PRESENT {
                *highest = (highest.0.max(template.spatial), highest.1.max(template.temporal));
            }
        }
    }
    for (template, switches) in templates.iter_mut().zip(switches) {
        for (target, (spatial, temporal)) in highest.iter().enumerate().take(targets) {
            if switches & 1 << target != 0 && *spatial == template.spatial {
                template.raises_to = template.raises_to.max(*temporal);
            }
        }
    }
    Some(())
}

fn skip_frame_differences(bits: &mut Bits<'_>, templates: usize) -> Option<()> {
    for _ in 0..templates {
        while bits.flag()? {
            bits.read(4)?;
        }
    }
    Some(())
}

fn skip_chains(bits: &mut Bits<'_>, templates: usize, targets: usize) -> Option<()> {
    let chains = bits.non_symmetric(targets as u32 + 1)?;
    if chains == 0 {
        return Some(());
    }
    for _ in 0..targets {
        bits.non_symmetric(chains)?;
    }
    for _ in 0..templates as u32 * chains {
        bits.read(4)?;
    }
    Some(())
}

fn read_sizes(bits: &mut Bits<'_>, templates: &[Template]) -> Option<Option<(u16, u16)>> {
    if !bits.flag()? {
        return Some(None);
    }
    let layers = templates.iter().map(|template| template.spatial).max().unwrap_or(0) + 1;
    let mut size = None;
    for _ in 0..layers {
        let (width, height) = (bits.read(16)?, bits.read(16)?);
        size = Some(((width as u16).saturating_add(1), (height as u16).saturating_add(1)));
    }
    Some(size)
}

struct Bits<'a> {
    data: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn read(&mut self, count: usize) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.data.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    fn flag(&mut self) -> Option<bool> {
        self.read(1).map(|bit| bit == 1)
    }

    /// ns(n) of the AV1 specification (4.10.7): a value below `bound` in as few bits as can be.
    fn non_symmetric(&mut self, bound: u32) -> Option<u32> {
        let width = u32::BITS - bound.leading_zeros();
        let shorter = (1 << width) - bound;
        let value = self.read(width as usize - 1)?;
        if value < shorter { Some(value) } else { Some((value << 1 | self.read(1)?) - shorter) }
    }
}
