use super::counter_mode::CounterMode;
use super::gcm::Gcm;
use super::key::{KeyError, SessionKey};
use crate::event::SrtpProfile;

/// A profile's cipher under one session key.
pub(super) enum Cipher {
    Gcm(Gcm),
    CounterMode(Box<CounterMode>),
}

impl Cipher {
    pub(super) fn new(profile: SrtpProfile, session: &SessionKey) -> Result<Self, KeyError> {
        Ok(match profile {
            SrtpProfile::AeadAes256Gcm | SrtpProfile::AeadAes128Gcm => Self::Gcm(Gcm::new(session)?),
            SrtpProfile::Aes128CmSha1_80 => Self::CounterMode(Box::new(CounterMode::new(session)?)),
        })
    }
}
