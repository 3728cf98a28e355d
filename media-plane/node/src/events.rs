use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use aqlinks_udp::{EventSink, PlaneEvent, WorkerId};
use napi::Status;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode, UnknownReturnValue};

use crate::convert;

/// Takes no value: called, it hands JavaScript everything that waits.
type Wake = ThreadsafeFunction<(), UnknownReturnValue, String, Status, false>;

/// Events on their way to JavaScript: the workers push, JavaScript is woken once and takes them all.
///
/// What waits is bounded by what was asked for: two events a transport, one a track, one a `collect-stats`.
#[derive(Clone)]
pub(crate) struct Events {
    waiting: Waiting,
    /// `None` once closed. While it is there, Node's event loop goes on.
    wake: Arc<RwLock<Option<Wake>>>,
}

type Waiting = Arc<Mutex<Vec<(WorkerId, PlaneEvent)>>>;

impl Events {
    pub(crate) fn to(listener: &Function<'_, String, UnknownReturnValue>) -> napi::Result<Self> {
        let waiting = Waiting::default();
        let taken = waiting.clone();
        let wake = listener.build_threadsafe_function::<()>().build_callback(move |_| {
            let batch = std::mem::take(&mut *lock(&taken));
            convert::events(&batch)
        })?;
        Ok(Self { waiting, wake: Arc::new(RwLock::new(Some(wake))) })
    }

    pub(crate) fn sink(&self) -> EventSink {
        let events = self.clone();
        Arc::new(move |worker, batch| events.push(worker, batch))
    }

    fn push(&self, worker: WorkerId, batch: Vec<PlaneEvent>) {
        let wake = self.wake.read().unwrap_or_else(PoisonError::into_inner);
        let Some(wake) = wake.as_ref() else { return };
        let mut waiting = lock(&self.waiting);
        let first = waiting.is_empty();
        waiting.extend(batch.into_iter().map(|event| (worker, event)));
        drop(waiting);
        if first {
            wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    /// From now on nothing is taken and JavaScript is told nothing but, at most, one empty batch.
    pub(crate) fn close(&self) {
        self.wake.write().unwrap_or_else(PoisonError::into_inner).take();
        lock(&self.waiting).clear();
    }
}

fn lock(waiting: &Mutex<Vec<(WorkerId, PlaneEvent)>>) -> MutexGuard<'_, Vec<(WorkerId, PlaneEvent)>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}
