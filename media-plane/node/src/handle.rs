use std::fmt::Display;

use aqlinks_udp::MediaPlane;
use napi::bindgen_prelude::{AsyncTask, Function};
use napi::threadsafe_function::UnknownReturnValue;
use napi::{Env, Error, Result, Status};
use napi_derive::napi;

use crate::close::Close;
use crate::events::Events;
use crate::{convert, log};

/// The running media plane. Its workers end with it.
#[napi]
pub struct Handle {
    description: String,
    events: Events,
    /// `None` once closed.
    plane: Option<MediaPlane>,
}

/// Opens the sockets and starts the workers.
#[napi]
pub fn start(env: Env, options: String, on_events: Function<'_, String, UnknownReturnValue>) -> Result<Handle> {
    let (options, level) = convert::options(&options).map_err(|error| type_error(&env, "options", error))?;
    log::write(level);
    let events = Events::to(&on_events)?;
    let plane = MediaPlane::start(&options, events.sink()).map_err(|error| {
        events.close();
        Error::from_reason(error.to_string())
    })?;
    Ok(Handle { description: convert::description(&plane)?, events, plane: Some(plane) })
}

#[napi]
impl Handle {
    /// `{ fingerprint, workers: [{ addresses }] }`
    #[napi(getter)]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// All of the commands are understood, or none is carried out.
    #[napi]
    pub fn send(&self, env: Env, worker: u32, commands: String) -> Result<()> {
        let Some(plane) = &self.plane else { return Ok(()) };
        let commands = convert::commands(&commands).map_err(|error| type_error(&env, "commands", error))?;
        plane.send(worker as usize, commands).map_err(|error| Error::from_reason(error.to_string()))
    }

    /// Resolves when the workers are gone; no events come from here on.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn close(&mut self) -> AsyncTask<Close> {
        self.events.close();
        AsyncTask::new(Close(self.plane.take()))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.events.close();
    }
}

fn type_error(env: &Env, what: &str, error: impl Display) -> Error {
    match env.throw_type_error(&format!("the media plane does not understand its {what}: {error}"), None) {
        Ok(()) => Error::from_status(Status::PendingException),
        Err(error) => error,
    }
}
