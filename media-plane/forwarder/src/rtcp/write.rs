//! The common header.
