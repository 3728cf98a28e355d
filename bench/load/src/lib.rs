//! Load generator and bare limit.
