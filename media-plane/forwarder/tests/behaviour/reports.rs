//! RTCP reports and congestion feedback.

use std::time::Duration;

use aqlinks_forwarder::Command;
use aqlinks_forwarder::HeaderExtensions;
use aqlinks_forwarder::rtcp::{
    Packet, ReportBlock, SenderInfo, write_bye, write_cname, write_receiver_report, write_sender_report,
};
use aqlinks_forwarder::rtp::Element;

use crate::harness::{Published, Subscribed, World, key_frame};

fn sender_report(world: &mut World, published: Published, ntp: u64, rtp: u32) {
    world.peers[published.peer].send_rtcp(|out| {
        let info = SenderInfo { ssrc: published.ssrc, ntp, rtp, packets: 1, octets: 2 };
        write_sender_report(out, &info, &[]);
        write_cname(out, published.ssrc, "theirs");
    });
}

fn sender_reports(world: &World, subscribed: Subscribed) -> Vec<SenderInfo> {
    world.rtcp(subscribed.peer, |packet| match packet {
        Packet::SenderReport(report) if report.info.ssrc == subscribed.ssrc => Some(report.info),
        _ => None,
    })
}

/// RFC 3550 6.5: the CNAME items of a compound, read by hand: the forwarder itself has no use for them.
fn cnames(world: &World, peer: usize) -> Vec<(u32, String)> {
    let mut names = Vec::new();
    for compound in &world.peers[peer].rtcp {
        let mut rest = compound.as_slice();
        while rest.len() >= 4 {
            let len = 4 + 4 * usize::from(u16::from_be_bytes([rest[2], rest[3]]));
            let (packet, after) = rest.split_at(len);
            if packet[1] == 202 {
                let ssrc = u32::from_be_bytes(packet[4..8].try_into().unwrap());
                assert_eq!(packet[8], 1);
                let name = String::from_utf8(packet[10..10 + usize::from(packet[9])].to_vec()).unwrap();
                names.push((ssrc, name));
            }
            rest = after;
        }
    }
    names
}

#[test]
fn lip_sync_survives() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let (video, audio) = (world.publish_video(publisher, 1), world.publish_audio(publisher, 2));
    let subscriptions = [world.subscribe(viewer, video, 1), world.subscribe(viewer, audio, 2)];
    world.send(video, 1, &key_frame(1));
    world.send(audio, 1, &[0; 20]);
    world.run_ms(10);
    // Both clocks at one moment of the publisher's: what it says of them must hold for what the viewer sees.
    let ntp = 1_000 << 32;
    sender_report(&mut world, video, ntp, 3_000 + 90_000);
    sender_report(&mut world, audio, ntp, 3_000 + 48_000);
    world.run_ms(10);
    for (subscription, rate) in subscriptions.into_iter().zip([90_000_u32, 48_000]) {
        let first = world.received(subscription)[0].fields.timestamp;
        let info = sender_reports(&world, subscription)[0];
        // The packet of one second before that moment.
        let seconds = (info.ntp - ntp) as f64 / f64::from(1 << 16) / f64::from(1 << 16);
        let ticks = f64::from(info.rtp.wrapping_sub(first).wrapping_sub(rate));
        assert!((ticks - seconds * f64::from(rate)).abs() < 2.0, "{ticks} ticks in {seconds} s");
        assert_eq!(info.packets, 1);
    }
    world.run_ms(5_000);
    for subscription in subscriptions {
        let reports = sender_reports(&world, subscription);
        assert!((5..=8).contains(&reports.len()), "one at once and one a second: {}", reports.len());
    }
    let mut names: Vec<_> = cnames(&world, viewer).into_iter().filter(|(ssrc, _)| *ssrc >= 500_000).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.iter().map(|(ssrc, _)| *ssrc).collect::<Vec<_>>(), subscriptions.map(|own| own.ssrc));
    assert_eq!(names[0].1, names[1].1);
}

#[test]
fn publishers_are_told_of_their_loss() {
    let mut world = World::new();
    let publisher = world.join();
    let audio = world.publish_audio(publisher, 1);
    for number in (0..400_u16).filter(|number| number % 4 != 3) {
        world.send(audio, number, &[0; 20]);
        world.run_ms(5);
    }
    sender_report(&mut world, audio, 0x1_2222_0000, 0);
    world.run_ms(1_300);
    let blocks = world.rtcp(publisher, |packet| match packet {
        Packet::ReceiverReport(report) => report.blocks().find(|block| block.ssrc == audio.ssrc),
        _ => None,
    });
    let last = blocks.last().unwrap();
    assert_eq!((last.cumulative_lost, last.highest_sequence), (99, 398));
    assert_eq!(last.last_sr, 0x1_2222);
    assert!(last.delay_since_last_sr < 65_536 * 3 / 2);
    assert!((60..=68).contains(&blocks[0].fraction_lost), "a quarter: {}", blocks[0].fraction_lost);
    assert_eq!(world.stats().transports[0].packets_lost, 99);
    world.command(Command::UnpublishTrack { track: 1 });
    assert_eq!(world.stats().transports[0].packets_lost, 99, "counters do not go back");
}

#[test]
fn a_viewers_report_tells_round_trip_and_loss() {
    let mut world = World::new();
    world.latency = Duration::from_millis(20);
    let (publisher, viewer) = (world.join(), world.join());
    let audio = world.publish_audio(publisher, 1);
    let subscribed = world.subscribe(viewer, audio, 1);
    world.send(audio, 1, &[0; 20]);
    world.run_ms(50);
    sender_report(&mut world, audio, 77 << 32, 0);
    world.run_ms(40);
    let info = sender_reports(&world, subscribed)[0];
    world.run_ms(100);
    world.peers[viewer].send_rtcp(|out| {
        let block = ReportBlock {
            ssrc: subscribed.ssrc,
            cumulative_lost: 5,
            last_sr: (info.ntp >> 16) as u32,
            delay_since_last_sr: 65_536 / 10,
            ..ReportBlock::default()
        };
        write_receiver_report(out, 1, &[block]);
    });
    world.run_ms(50);
    let stats = world.stats().transports[viewer].clone();
    let round_trip = stats.round_trip_time.unwrap();
    assert!((0.038..0.046).contains(&round_trip), "{round_trip}");
    assert_eq!(stats.remote_packets_lost, 5);
    world.command(Command::Unsubscribe { subscription: 1 });
    assert_eq!(world.stats().transports[viewer].remote_packets_lost, 5, "counters do not go back");
}

fn publisher_with_feedback(world: &mut World) -> (usize, Published) {
    let publisher = world.join_with(|peer| {
        peer.extensions = HeaderExtensions { transport_wide_cc: Some(5), ..HeaderExtensions::default() };
    });
    let video = world.publish_video(publisher, 1);
    (publisher, video)
}

#[test]
fn publishers_get_transport_wide_feedback() {
    let mut world = World::new();
    let (publisher, video) = publisher_with_feedback(&mut world);
    for number in 0..1_000_u16 {
        if number % 10 != 7 {
            let wide = number.wrapping_add(65_000).to_be_bytes();
            world.send_with(video, number, &[Element { id: 5, data: &wide }], &key_frame(number));
        }
        world.run_ms(2);
    }
    world.run_ms(200);
    let feedbacks = world.rtcp(publisher, |packet| match packet {
        Packet::TransportFeedback(feedback) => {
            assert_eq!(feedback.header.media_ssrc, video.ssrc);
            Some((feedback.header.feedback_count, feedback.arrivals().collect::<Vec<_>>()))
        }
        _ => None,
    });
    assert!((35..=45).contains(&feedbacks.len()), "every 50 ms: {}", feedbacks.len());
    assert!(feedbacks.iter().zip(0..).all(|((count, _), expected)| *count == expected));
    let told: Vec<_> = feedbacks.into_iter().flat_map(|(_, arrivals)| arrivals).collect();
    let mut last: Option<(u16, i64)> = None;
    for ((number, arrival), sent) in told.iter().zip(0_u16..) {
        assert_eq!(*number, sent.wrapping_add(65_000));
        assert_eq!(arrival.is_none(), sent % 10 == 7);
        if let (Some(arrival), Some((before, at))) = (arrival, last) {
            let elapsed = i64::from(sent - before) * 2_000;
            assert!((arrival - at - elapsed).abs() <= 500, "packet {sent}");
        }
        last = arrival.map(|arrival| (sent, arrival)).or(last);
    }
    assert_eq!(told.len(), 1_000);
}

#[test]
fn what_was_not_negotiated_gets_no_feedback() {
    let mut world = World::new();
    let (publisher, video) = publisher_with_feedback(&mut world);
    world.command(Command::UnpublishTrack { track: 1 });
    let mut codec = crate::harness::vp8(crate::harness::VIDEO_PT, None);
    codec.transport_cc = false;
    let encoding = aqlinks_forwarder::Encoding { ssrc: Some(video.ssrc), ..Default::default() };
    world.publish_as(video, vec![encoding], vec![codec]);
    for number in 0..50_u16 {
        world.send_with(video, number, &[Element { id: 5, data: &number.to_be_bytes() }], &key_frame(number));
        world.run_ms(10);
    }
    let feedbacks = world.rtcp(publisher, |packet| matches!(packet, Packet::TransportFeedback(_)).then_some(()));
    assert!(feedbacks.is_empty());
}

#[test]
fn a_publishers_goodbye_reaches_the_viewers() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let audio = world.publish_audio(publisher, 1);
    let subscribed = world.subscribe(viewer, audio, 1);
    world.send(audio, 1, &[0; 20]);
    world.run_ms(10);
    world.peers[publisher].send_rtcp(|out| {
        write_receiver_report(out, 1, &[]);
        for _ in 0..5 {
            write_bye(out, &[audio.ssrc; 31]);
        }
    });
    world.run_ms(10);
    let byes = world.rtcp(viewer, |packet| match packet {
        Packet::Bye(bye) => Some(bye.ssrcs().collect::<Vec<_>>()),
        _ => None,
    });
    assert_eq!(byes, [vec![subscribed.ssrc]]);
    world.send(audio, 2, &[0; 20]);
    world.run_ms(10);
    assert_eq!(world.received(subscribed).len(), 2, "it may go on");
}
