use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::event::{EventSink, PlaneEvent, WorkerId};

/// Runs a worker to its end. An error or a panic becomes its last event; neither leaves the thread.
pub(crate) fn run_reported(worker: WorkerId, sink: &EventSink, run: impl FnOnce() -> io::Result<()>) {
    let message = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(())) => return,
        Ok(Err(error)) => format!("its socket failed: {error}"),
        Err(panic) => format!("it panicked: {}", reason(panic.as_ref())),
    };
    tracing::error!(worker, message, "a media worker ended");
    sink(worker, vec![PlaneEvent::WorkerFailed { message }]);
}

fn reason(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}
