use std::time::Instant;

use aqlinks_forwarder::{Input, Output, Worker};

/// What a driver drives. The forwarder's worker is the one that counts; tests of the loop bring their own.
pub(crate) trait Mind: Send + 'static {
    fn handle(&mut self, now: Instant, input: Input<'_>);
    fn poll(&mut self, now: Instant) -> Output<'_>;
}

impl Mind for Worker {
    fn handle(&mut self, now: Instant, input: Input<'_>) {
        Worker::handle(self, now, input);
    }

    fn poll(&mut self, now: Instant) -> Output<'_> {
        Worker::poll(self, now)
    }
}
