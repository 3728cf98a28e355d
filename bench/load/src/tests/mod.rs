mod formats;
mod ice;
mod meter;
mod sdp;
mod srtp;
