use aqlinks_udp::MediaPlane;
use napi::{Env, Result, Task};

/// Waits for the workers' end on one of Node's own threads.
pub struct Close(pub(crate) Option<MediaPlane>);

impl Task for Close {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> Result<()> {
        drop(self.0.take());
        Ok(())
    }

    fn resolve(&mut self, _env: Env, _output: ()) -> Result<()> {
        Ok(())
    }
}
