//! SRTP and SRTCP that nobody sealed, under each profile.

use aqlinks_forwarder::SrtpProfile;
use aqlinks_forwarder::rtp::Header;
use aqlinks_forwarder::srtp::{MasterKey, Opener, StreamReplay};

pub fn check(packet: &[u8]) {
    for profile in [SrtpProfile::AeadAes256Gcm, SrtpProfile::AeadAes128Gcm, SrtpProfile::Aes128CmSha1_80] {
        let Ok(key) = MasterKey::new(profile, &vec![1; profile.key_len()], &vec![2; profile.salt_len()]) else {
            panic!("lengths")
        };
        let Ok(opener) = Opener::new(&key) else { panic!("key") };
        if let Ok(header) = Header::parse(packet)
            && let Some(index) = StreamReplay::default().index_of(header.fields.sequence_number)
        {
            assert!(opener.open_rtp(index, &mut packet.to_vec(), header.len).is_err());
        }
        assert!(opener.open_rtcp(&mut packet.to_vec()).is_err());
    }
}
