/// An ICE password, ready for MESSAGE-INTEGRITY (short-term credential, HMAC-SHA1).
#[derive(Clone)]
pub struct IntegrityKey {}

impl IntegrityKey {
    pub fn new(_password: &str) -> Self {
        todo!()
    }
}
