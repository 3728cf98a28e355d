//! Threads, sockets, batches and timers around the forwarder.
