//! A track that goes to viewers on another worker.

use aqlinks_forwarder::rtcp::{Packet, SenderInfo, write_nack, write_receiver_report, write_sender_report};
use aqlinks_forwarder::rtp::split_osn;
use aqlinks_forwarder::{Command, Encoding, Input, Kind, Limits, ReceiveTrack, Subscribe};

use crate::forwarding::assert_continuous;
use crate::harness::{
    Published, Subscribed, VIDEO_PT, VIDEO_RTX_PT, VIEWER_AUDIO_PT, VIEWER_RTX_PT, VIEWER_VIDEO_PT, World, delta,
    key_frame, opus, vp8,
};

/// Two workers of one process.
struct Workers([World; 2]);

impl Workers {
    fn new() -> Self {
        Self([World::with_seed(1), World::with_seed(2)])
    }

    /// Lets time pass on both, and carries what they hand over.
    fn run_ms(&mut self, milliseconds: u64) {
        for _ in 0..milliseconds {
            for from in 0..2 {
                self.0[from].run_ms(1);
                for (to, handover) in std::mem::take(&mut self.0[from].handovers) {
                    let world = &mut self.0[to];
                    world.worker.handle(world.now, Input::Handover(from, handover));
                }
            }
        }
    }

    /// The track of the first goes to the second.
    fn relay(&mut self, published: Published) {
        let Published { track, kind, ssrc, rtx_ssrc, .. } = published;
        self.0[0].command(Command::RelayTrack { track, to: 1 });
        let video = kind == Kind::Video;
        self.0[1].command(Command::ReceiveTrack(ReceiveTrack {
            track,
            from: 0,
            transport: 1,
            kind,
            group: None,
            encodings: vec![Encoding { ssrc: Some(ssrc), rtx_ssrc: video.then_some(rtx_ssrc), rid: None }],
            codecs: vec![if video { vp8(VIDEO_PT, Some(VIDEO_RTX_PT)) } else { opus(111) }],
        }));
    }

    /// A viewer on the second.
    fn watch(&mut self, published: Published, subscription: u32) -> Subscribed {
        let peer = self.0[1].join();
        let video = published.kind == Kind::Video;
        let ssrc = 500_000 + subscription * 10;
        let transport = self.0[1].peers[peer].transport;
        self.0[1].command(Command::Subscribe(Subscribe {
            transport,
            subscription,
            track: published.track,
            mid: "0".into(),
            ssrc,
            rtx_ssrc: video.then_some(ssrc + 1),
            codecs: vec![if video { vp8(VIEWER_VIDEO_PT, Some(VIEWER_RTX_PT)) } else { opus(VIEWER_AUDIO_PT) }],
            limits: Limits::default(),
        }));
        Subscribed { peer, ssrc, rtx_ssrc: ssrc + 1 }
    }
}

#[test]
fn viewers_of_both_workers_get_the_same_stream() {
    let mut workers = Workers::new();
    let publisher = workers.0[0].join();
    let video = workers.0[0].publish_video(publisher, 1);
    let near = workers.0[0].join();
    let near = workers.0[0].subscribe(near, video, 1);
    workers.relay(video);
    let far = workers.watch(video, 2);
    workers.0[0].send(video, 1, &delta(1));
    workers.run_ms(20);
    assert!(workers.0[0].key_frame_requests(publisher) > 0, "the viewers there wait for a key frame, too");
    workers.0[0].send_frames(video, 2, 50);
    workers.run_ms(20);
    let media = workers.0[1].received(far);
    assert_eq!(media.len(), 51);
    assert_continuous(&media);
    let payloads =
        |media: Vec<&crate::harness::Media>| media.into_iter().map(|packet| packet.payload.clone()).collect::<Vec<_>>();
    assert_eq!(payloads(media), payloads(workers.0[0].received(near)));
}

#[test]
fn a_viewer_there_asks_there_for_what_it_lost_and_here_for_a_key_frame() {
    let mut workers = Workers::new();
    let publisher = workers.0[0].join();
    let video = workers.0[0].publish_video(publisher, 1);
    workers.relay(video);
    let far = workers.watch(video, 1);
    workers.0[0].send_frames(video, 1, 20);
    workers.run_ms(20);
    let lost = workers.0[1].received(far)[5].clone();
    workers.0[1].peers[far.peer].send_rtcp(|out| {
        write_receiver_report(out, 1, &[]);
        write_nack(out, 1, far.ssrc, [lost.fields.sequence_number]);
    });
    workers.run_ms(20);
    let again = workers.0[1].received_rtx(far);
    assert_eq!(split_osn(&again[0].payload).unwrap(), (lost.fields.sequence_number, lost.payload.as_slice()));
    assert!(workers.0[0].nacked(publisher).is_empty());

    workers.run_ms(1_000);
    let before = workers.0[0].key_frame_requests(publisher);
    workers.0[1].peers[far.peer].send_rtcp(|out| {
        write_receiver_report(out, 1, &[]);
        aqlinks_forwarder::rtcp::write_pli(out, 1, far.ssrc);
    });
    workers.run_ms(20);
    assert_eq!(workers.0[0].key_frame_requests(publisher), before + 1);
}

#[test]
fn what_the_publisher_lost_is_asked_for_once_and_comes_to_both() {
    let mut workers = Workers::new();
    let publisher = workers.0[0].join();
    let video = workers.0[0].publish_video(publisher, 1);
    workers.relay(video);
    let far = workers.watch(video, 1);
    workers.0[0].send(video, 1, &key_frame(1));
    workers.0[0].send(video, 3, &delta(3));
    workers.run_ms(30);
    assert_eq!(workers.0[0].nacked(publisher), [2]);
    workers.0[0].send_rtx(video, 1, 2, &delta(2));
    workers.run_ms(20);
    let mut media = workers.0[1].received(far);
    media.sort_by_key(|packet| packet.fields.sequence_number);
    assert_eq!(media.iter().map(|packet| packet.payload[3]).collect::<Vec<_>>(), [1, 2, 3]);
    assert_continuous(&media);
}

#[test]
fn the_publishers_clock_is_known_there() {
    let mut workers = Workers::new();
    let publisher = workers.0[0].join();
    let audio = workers.0[0].publish_audio(publisher, 1);
    workers.relay(audio);
    let far = workers.watch(audio, 1);
    workers.0[0].send(audio, 1, &[0; 20]);
    let info = SenderInfo { ssrc: audio.ssrc, ntp: 77 << 32, rtp: 3_000, packets: 1, octets: 20 };
    workers.0[0].peers[publisher].send_rtcp(|out| write_sender_report(out, &info, &[]));
    workers.run_ms(20);
    workers.0[0].send(audio, 2, &[0; 20]);
    workers.run_ms(20);
    let reports = workers.0[1].rtcp(far.peer, |packet| match packet {
        Packet::SenderReport(report) => Some(report.info.ssrc),
        _ => None,
    });
    assert_eq!(reports, [far.ssrc]);
}

#[test]
fn nothing_goes_there_any_more_once_it_was_stopped_or_has_ended() {
    let mut workers = Workers::new();
    let publisher = workers.0[0].join();
    let (one, two) = (workers.0[0].publish_audio(publisher, 1), workers.0[0].publish_audio(publisher, 2));
    workers.relay(one);
    workers.relay(two);
    let (first, second) = (workers.watch(one, 1), workers.watch(two, 2));
    let talk = |workers: &mut Workers, number| {
        workers.0[0].send(one, number, &[0; 20]);
        workers.0[0].send(two, number, &[0; 20]);
        workers.run_ms(20);
    };
    talk(&mut workers, 1);
    workers.0[0].command(Command::StopRelaying { track: 1, to: 1 });
    workers.0[1].command(Command::UnpublishTrack { track: 1 });
    talk(&mut workers, 2);
    assert_eq!((workers.0[1].received(first).len(), workers.0[1].received(second).len()), (1, 2));
    workers.0[0].command(Command::CloseTransport { transport: workers.0[0].peers[publisher].transport });
    workers.run_ms(20);
    workers.0[1].command(Command::UnpublishTrack { track: 2 });
    workers.run_ms(20);
    assert!(workers.0[0].handovers.is_empty() && workers.0[1].handovers.is_empty());
    assert_eq!(workers.0[1].stats().transports.len(), 2, "the viewers there stay");
}
