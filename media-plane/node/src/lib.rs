//! The Node addon: converts commands and batches of events, nothing else.
