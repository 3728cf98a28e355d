//! The load generator. Each command runs one measurement and prints its report as one line of JSON.

use std::process::ExitCode;
use std::time::Duration;

use aqlinks_load::{Cpu, Join, Kind, MIN_PAYLOAD, Media, Offload, Target, Throughput, rss};
use lexopt::prelude::*;

const USAGE: &str = "\
load throughput (--url WS_URL | --limit ADDRESS) --watch PID [--publishers 1] [--viewers 100] [--kind video|audio]
                [--fps 30] [--packets 20] [--payload 1100] [--seconds 10] [--warm-up 1] [--gro] [--publisher-gso]
load join --url WS_URL [--joins 50]
load idle --watch PID [--seconds 10] [--warm-up 1]

--watch   the process that forwards: its CPU time and memory are reported
--packets of each frame, back to back; --payload: bytes of each
Servers are joined with tokens signed with JWT_SECRET of the environment.";

fn main() -> ExitCode {
    match run() {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Arguments {
    url: Option<String>,
    limit: Option<String>,
    room: String,
    watch: Option<u32>,
    publishers: u32,
    viewers: u32,
    media: Media,
    seconds: f64,
    warm_up: f64,
    joins: u32,
    offload: Offload,
}

fn run() -> Result<String, String> {
    let (command, arguments) = parse().map_err(|error| format!("{error}\n\n{USAGE}"))?;
    let json = match command.as_str() {
        "throughput" => serde_json::to_string(&throughput(arguments)?.run()?),
        "join" => serde_json::to_string(&join(arguments)?.run()?),
        "idle" => serde_json::to_string(&idle(&arguments)?),
        other => return Err(format!("no command {other:?}\n\n{USAGE}")),
    };
    json.map_err(|error| error.to_string())
}

fn throughput(arguments: Arguments) -> Result<Throughput, String> {
    let target = match (&arguments.url, &arguments.limit) {
        (Some(url), None) => Target::Server { url: url.clone(), secret: secret()?, room: arguments.room.clone() },
        (None, Some(address)) => {
            Target::Limit { address: address.parse().map_err(|_| format!("{address} is no address with a port"))? }
        }
        _ => return Err(format!("give either --url or --limit\n\n{USAGE}")),
    };
    let media = arguments.media;
    if media.payload < MIN_PAYLOAD || media.frames_per_second == 0 || media.packets_per_frame == 0 {
        return Err(format!("--payload must be at least {MIN_PAYLOAD}, --fps and --packets at least 1"));
    }
    if media.packets_per_frame > 50 || media.payload > 1200 {
        return Err("--packets must be at most 50 and --payload at most 1200".into());
    }
    Ok(Throughput {
        target,
        publishers: arguments.publishers,
        viewers: arguments.viewers,
        media,
        warm_up: Duration::from_secs_f64(arguments.warm_up),
        window: Duration::from_secs_f64(arguments.seconds),
        offload: arguments.offload,
        watch: arguments.watch.ok_or("give --watch: the process whose CPU time counts")?,
    })
}

fn join(arguments: Arguments) -> Result<Join, String> {
    let url = arguments.url.ok_or("give --url: the WebSocket address of the server")?;
    Ok(Join { url, secret: secret()?, room: arguments.room, joins: arguments.joins })
}

fn idle(arguments: &Arguments) -> Result<serde_json::Value, String> {
    let watch = arguments.watch.ok_or("give --watch: the process whose CPU time counts")?;
    std::thread::sleep(Duration::from_secs_f64(arguments.warm_up));
    let before = Cpu::of(watch)?;
    std::thread::sleep(Duration::from_secs_f64(arguments.seconds));
    let cpu = Cpu::of(watch)?.since(&before);
    Ok(serde_json::json!({ "seconds": arguments.seconds, "cpu": cpu, "rss": rss(watch)? }))
}

fn secret() -> Result<String, String> {
    std::env::var("JWT_SECRET").map_err(|_| "set JWT_SECRET to the secret of the server".into())
}

fn parse() -> Result<(String, Arguments), lexopt::Error> {
    let media = Media { kind: Kind::Video, frames_per_second: 30, packets_per_frame: 20, payload: 1100 };
    let mut arguments = Arguments {
        url: None,
        limit: None,
        room: "bench".into(),
        watch: None,
        publishers: 1,
        viewers: 100,
        media,
        seconds: 10.0,
        warm_up: 1.0,
        joins: 50,
        offload: Offload::default(),
    };
    let mut command = String::new();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("url") => arguments.url = Some(parser.value()?.string()?),
            Long("limit") => arguments.limit = Some(parser.value()?.string()?),
            Long("room") => arguments.room = parser.value()?.string()?,
            Long("watch") => arguments.watch = Some(parser.value()?.parse()?),
            Long("publishers") => arguments.publishers = parser.value()?.parse()?,
            Long("viewers") => arguments.viewers = parser.value()?.parse()?,
            Long("kind") => arguments.media.kind = kind(&parser.value()?.string()?)?,
            Long("fps") => arguments.media.frames_per_second = parser.value()?.parse()?,
            Long("packets") => arguments.media.packets_per_frame = parser.value()?.parse()?,
            Long("payload") => arguments.media.payload = parser.value()?.parse()?,
            Long("seconds") => arguments.seconds = seconds(&parser.value()?.string()?)?,
            Long("warm-up") => arguments.warm_up = seconds(&parser.value()?.string()?)?,
            Long("joins") => arguments.joins = parser.value()?.parse()?,
            Long("gro") => arguments.offload.gro = true,
            Long("publisher-gso") => arguments.offload.gso = true,
            Value(value) if command.is_empty() => command = value.string()?,
            other => return Err(other.unexpected()),
        }
    }
    Ok((command, arguments))
}

fn kind(word: &str) -> Result<Kind, lexopt::Error> {
    match word {
        "audio" => Ok(Kind::Audio),
        "video" => Ok(Kind::Video),
        other => Err(format!("--kind is audio or video, not {other}").into()),
    }
}

fn seconds(word: &str) -> Result<f64, lexopt::Error> {
    let seconds: f64 = word.parse().map_err(|_| format!("{word} is no number of seconds"))?;
    if (0.0..=3600.0).contains(&seconds) { Ok(seconds) } else { Err("seconds must be from 0 to 3600".into()) }
}
