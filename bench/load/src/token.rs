//! Tokens of the bench's own participants (RFC 7519, HS256).

use std::time::{Duration, SystemTime};

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;

const LIFETIME: Duration = Duration::from_secs(3600);

#[derive(Serialize)]
struct Claims<'a> {
    user_id: &'a str,
    room: &'a str,
    user_type: &'a str,
    exp: u64,
}

pub fn sign(secret: &str, user_id: &str, room: &str, user_type: &str) -> Result<String, serde_json::Error> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let claims = Claims { user_id, room, user_type, exp: (now + LIFETIME).as_secs() };
    let header = BASE64URL_NOPAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let body = BASE64URL_NOPAD.encode(&serde_json::to_vec(&claims)?);
    let signed = format!("{header}.{body}");
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    Ok(format!("{signed}.{}", BASE64URL_NOPAD.encode(hmac::sign(&key, signed.as_bytes()).as_ref())))
}
