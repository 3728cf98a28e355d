use serde::Deserialize;
use tracing_subscriber::filter::LevelFilter;

/// Least severe lines to write, in the words of the server's LOG_LEVEL.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Level {
    Trace,
    Debug,
    Info,
    #[default]
    Warn,
    Error,
    Fatal,
    Silent,
}

/// Lines go to standard error at once: they must not wait for a JavaScript that hangs. The first media plane of a process
/// decides on the level.
pub(crate) fn write(level: Level) {
    let level = match level {
        Level::Trace => LevelFilter::TRACE,
        Level::Debug => LevelFilter::DEBUG,
        Level::Info => LevelFilter::INFO,
        Level::Warn => LevelFilter::WARN,
        Level::Error | Level::Fatal => LevelFilter::ERROR,
        Level::Silent => LevelFilter::OFF,
    };
    let lines = tracing_subscriber::fmt().with_max_level(level).with_ansi(false).with_writer(std::io::stderr);
    lines.try_init().ok();
}
