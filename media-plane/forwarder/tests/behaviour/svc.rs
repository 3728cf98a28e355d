//! Several layers in one stream (SVC), as browsers send VP9 and AV1: which of them pass.

use aqlinks_forwarder::rtp::{Element, Fields};
use aqlinks_forwarder::{
    Codec, CodecParameters, Command, Encoding, Event, HeaderExtensions, Kind, Limits, Subscribe, Target,
};

use crate::forwarding::assert_continuous;
use crate::harness::{Published, Subscribed, VIDEO_PT, VIEWER_VIDEO_PT, World, vp8};

const DESCRIPTOR: u8 = 7;

struct Svc {
    codec: Codec,
    published: Published,
    subscribed: Subscribed,
    number: u16,
    picture: u16,
    answered: usize,
}

fn call(world: &mut World, codec: Codec) -> Svc {
    let extensions = HeaderExtensions { dependency_descriptor: Some(DESCRIPTOR), ..HeaderExtensions::default() };
    let (publisher, viewer) =
        (world.join_with(|peer| peer.extensions = extensions), world.join_with(|peer| peer.extensions = extensions));
    let published = Published { peer: publisher, track: 1, kind: Kind::Video, ssrc: 1_000, rtx_ssrc: 0 };
    let parameters = |payload_type| CodecParameters { codec, ..vp8(payload_type, None) };
    let encoding = Encoding { ssrc: Some(published.ssrc), ..Encoding::default() };
    world.publish_as(published, vec![encoding], vec![parameters(VIDEO_PT)]);
    let subscribed = Subscribed { peer: viewer, ssrc: 5_000, rtx_ssrc: 0 };
    world.command(Command::Subscribe(Subscribe {
        transport: world.peers[viewer].transport,
        subscription: 1,
        track: 1,
        mid: "0".into(),
        ssrc: subscribed.ssrc,
        rtx_ssrc: None,
        codecs: vec![parameters(VIEWER_VIDEO_PT)],
        limits: Limits::default(),
    }));
    Svc { codec, published, subscribed, number: 100, picture: 10, answered: 0 }
}

impl Svc {
    /// Pictures of three spatial layers, a packet each, every other of the higher temporal layer; key pictures when asked.
    fn send(&mut self, world: &mut World, pictures: u16) {
        for _ in 0..pictures {
            let asked = world.key_frame_requests(self.published.peer);
            let key = self.picture == 10 || asked > self.answered;
            self.answered = asked;
            let temporal = if key { 0 } else { self.picture as u8 % 2 };
            for spatial in 0..3 {
                let fields = Fields {
                    padding: false,
                    marker: spatial == 2,
                    payload_type: VIDEO_PT,
                    sequence_number: self.number,
                    timestamp: u32::from(self.picture) * 3_000,
                    ssrc: self.published.ssrc,
                };
                let (payload, descriptor) = match self.codec {
                    Codec::Vp9 => (self.vp9(key, spatial, temporal), Vec::new()),
                    _ => self.av1(key, spatial, temporal),
                };
                let elements = [Element { id: DESCRIPTOR, data: &descriptor }];
                let used = usize::from(!descriptor.is_empty());
                let sealed = world.peers[self.published.peer].seal(&fields, &elements[..used], &payload);
                world.peers[self.published.peer].send(sealed);
                self.number = self.number.wrapping_add(1);
            }
            self.picture += 1;
            world.run_ms(33);
        }
    }

    /// Key SVC: only key pictures are predicted across layers. The layers stand at the end, for the test.
    fn vp9(&self, key: bool, spatial: u8, temporal: u8) -> Vec<u8> {
        let [high, low] = self.picture.to_be_bytes();
        let structure = key && spatial == 0;
        let first = 0xac | if key { 0 } else { 0x40 } | if structure { 0x02 } else { 0 };
        let dependent = u8::from(key && spatial > 0);
        let mut payload = vec![first, 0x80 | high, low, temporal << 5 | 0x10 | spatial << 1 | dependent, 7];
        if structure {
            payload.push(0x50);
            for (width, height) in [(320_u16, 180_u16), (640, 360), (1_280, 720)] {
                payload.extend(width.to_be_bytes());
                payload.extend(height.to_be_bytes());
            }
        }
        payload.extend([0xaa; 50]);
        payload.extend([spatial, temporal]);
        payload
    }

    /// Templates by spatial and temporal layer; the structure comes with key pictures.
    fn av1(&self, key: bool, spatial: u8, temporal: u8) -> (Vec<u8>, Vec<u8>) {
        let frame = self.picture * 3 + u16::from(spatial);
        let template = spatial * 2 + temporal;
        let mut descriptor = vec![0xc0 | template];
        descriptor.extend(frame.to_be_bytes());
        if key && spatial == 0 {
            // Written by hand after the specification: 6 templates, 1 decode target, no differences, no chains, no sizes.
            let bits = [
                "10000", "000000", "00000", // structure; offset; one decode target
                "01", "10", "01", "10", "01", "11", // layers: t, s, t, s, t, end
                "11", "01", "11", "01", "11", "01",     // required and discardable
                "000000", // frame differences
                "0",      // chains
                "0",      // sizes
            ];
            let bits: Vec<u8> = bits.concat().bytes().map(|bit| bit - b'0').collect();
            descriptor.extend(
                bits.chunks(8).map(|bits| bits.iter().zip((0..8).rev()).fold(0, |byte, (bit, at)| byte | bit << at)),
            );
        }
        let aggregation = if key && spatial == 0 { 0x18 } else { 0x10 };
        let mut payload = vec![aggregation, 0x32];
        payload.extend([0xaa; 50]);
        payload.extend([spatial, temporal]);
        (payload, descriptor)
    }

    /// Spatial and temporal layer, and marker, of the packets that came since.
    fn came(&self, world: &World, since: usize) -> Vec<(u8, u8, bool)> {
        let media = world.received(self.subscribed);
        assert_continuous(&media);
        let layers = |payload: &[u8]| (payload[payload.len() - 2], payload[payload.len() - 1]);
        let came = media[since..].iter().map(|media| (layers(&media.payload), media.fields.marker));
        came.map(|((spatial, temporal), marker)| (spatial, temporal, marker)).collect()
    }
}

fn limit(world: &mut World, limits: Limits) {
    world.command(Command::ConfigureSubscription { subscription: 1, limits });
}

#[test]
fn spatial_layers_of_one_stream_are_left_out_at_pictures_and_come_back_at_key_pictures() {
    for codec in [Codec::Vp9, Codec::Av1] {
        let mut world = World::new();
        let mut svc = call(&mut world, codec);
        svc.send(&mut world, 20);
        let all = svc.came(&world, 0).len();
        assert_eq!(all, 60, "{codec:?}");
        limit(&mut world, Limits { max_width: Some(600), max_height: Some(337), ..Limits::default() });
        svc.send(&mut world, 20);
        let came = svc.came(&world, all);
        assert_eq!(came.len(), 40, "{codec:?}: two of three, from the next picture on");
        for (spatial, _, marker) in &came {
            assert_eq!(
                (*spatial == 1, *spatial < 2),
                (*marker, true),
                "{codec:?}: the picture ends with what is sent of it"
            );
        }
        let before = world.received(svc.subscribed).len();
        let asked = world.key_frame_requests(svc.published.peer);
        limit(&mut world, Limits::default());
        svc.send(&mut world, 20);
        assert_eq!(world.key_frame_requests(svc.published.peer), asked + 1, "{codec:?}");
        let came = svc.came(&world, before);
        let first = came.iter().position(|(spatial, ..)| *spatial == 2).unwrap();
        assert_eq!(came[first].1, 0, "{codec:?}: a key picture");
        assert!(came[first - 2..].chunks(3).all(|picture| picture.len() == 3 && picture[2].0 == 2 && picture[2].2));
        assert!(came[..first - 2].iter().all(|(spatial, _, marker)| *marker == (*spatial == 1) || *spatial == 0));
        let changes = world.events.iter().filter_map(|event| match event {
            Event::SubscriptionChanged { current: Target::Layer { spatial, .. }, .. } => Some(*spatial),
            _ => None,
        });
        let mut changes: Vec<_> = changes.collect();
        changes.dedup();
        assert!(changes.ends_with(&[2, 1, 2]), "{codec:?} {changes:?}");
    }
}

#[test]
fn temporal_layers_go_before_spatial_ones() {
    for codec in [Codec::Vp9, Codec::Av1] {
        let mut world = World::new();
        let mut svc = call(&mut world, codec);
        svc.send(&mut world, 20);
        let all = svc.came(&world, 0).len();
        limit(&mut world, Limits { max_temporal: 0, ..Limits::default() });
        svc.send(&mut world, 20);
        let came = svc.came(&world, all);
        assert!(
            (28..=33).contains(&came.len()) && came.iter().skip(3).all(|(_, temporal, _)| *temporal == 0),
            "{codec:?}"
        );
        assert!(came.iter().all(|(spatial, _, marker)| *marker == (*spatial == 2)));
    }
}
